"""What is to be copied from where to where, and what cannot be, before anything is asked."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.images.reference import InvalidReference, Reference, parse
from helm_compat.mirror.wanted import Wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Job(NamedTuple):
    """One image to be copied; what has no source is only looked for, what has no target stays.

    `push` is the name under which the copy is put: of a reference with a tag and a digest, which
    skopeo does not take, that with the tag, unless another image has the tag. `problem` says why
    nothing can be done.
    """

    wanted: Wanted
    source: Reference | None = None
    target: Reference | None = None
    push: str = ""
    problem: str = ""


def plan_jobs(images: Iterable[Wanted]) -> list[Job]:
    """A job for each image, in their order."""
    read = [_read(wanted) for wanted in images]
    tagged: dict[str, Job] = {}
    # A plain tag is what its reference needs; with a digest the tag is only good to have.
    for job in sorted(read, key=_has_digest):
        if job.target and job.target.tag:
            tagged.setdefault(f"{job.target.name}:{job.target.tag}", job)
    return [_pushed(job, tagged) for job in read]


def plan_archive(images: Iterable[Wanted]) -> list[Job]:
    """A job for each image that is to be put into an archive, whatever its target."""
    read = [_read(wanted) for wanted in images]
    return [job._replace(push=job.wanted.source) if job.source else job for job in read]


def _read(wanted: Wanted) -> Job:
    try:
        return Job(
            wanted,
            parse(wanted.source) if wanted.source else None,
            parse(wanted.target) if wanted.target else None,
        )
    except InvalidReference as error:
        return Job(wanted, problem=f"its name cannot be used: {error}")


def _has_digest(job: Job) -> bool:
    return bool(job.target and job.target.digest)


def _pushed(job: Job, tagged: dict[str, Job]) -> Job:
    if not job.target:
        return job
    name, tag, digest = job.target.name, f"{job.target.name}:{job.target.tag}", job.target.digest
    other = tagged.get(tag, job)
    if digest:
        return job._replace(push=tag if job.target.tag and other == job else f"{name}@{digest}")
    if other != job and other.wanted.source and job.wanted.source:
        problem = f"{other.wanted.source} would be put in the same place"
        return job._replace(problem=problem)
    return job._replace(push=tag)
