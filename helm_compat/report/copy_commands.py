"""A plan of copies in the languages of other tools: skopeo, crane, oras, regsync."""

from __future__ import annotations

import shlex

from helm_compat.mirror.plan import Job
from helm_compat.printable import printable
from helm_compat.report.mirror import left_out_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TOOLS = ("skopeo", "regsync", "crane", "oras")

# Each copies an index with all of its platforms, and keeps the digests.
_COMMANDS = {
    "skopeo": "skopeo copy --all --preserve-digests {} {}",
    "crane": "crane copy {} {}",
    "oras": "oras cp {} {}",
}


def copy_commands(jobs: Sequence[Job], tool: str, left_out: int) -> str:
    """One command for each image, or the file for regsync; what is not copied is a comment."""
    copied = [job for job in jobs if job.source and job.push and not job.problem]
    noun = "image" if len(copied) == 1 else "images"
    lines = [f"# {len(copied)} {noun} for the private registry, listed by helm-compat."]
    if tool == "regsync":
        lines.append("# regsync once --config THIS_FILE copies them.")
        lines += ["version: 1", "sync:" if copied else "sync: []"]
        for job in copied:
            lines += _entry(job)
    else:
        lines.append("# sh -e stops at the first that fails; helm compat mirror goes on.")
        lines += [_command(job, tool) for job in copied]
    lines += _not_copied(jobs, left_out)
    return "".join(f"{printable(line)}\n" for line in lines)


def _command(job: Job, tool: str) -> str:
    source, target = _source(job), job.push
    if tool == "skopeo":
        source, target = f"docker://{source}", f"docker://{target}"
    elif tool == "oras":
        # It puts by digest what has no tag, and takes no digest for a target.
        target = target.partition("@")[0]
    return _COMMANDS[tool].format(shlex.quote(source), shlex.quote(target))


def _entry(job: Job) -> Iterator[str]:
    yield f'  - source: "{_source(job)}"'
    yield f'    target: "{job.push}"'
    yield "    type: image"


def _source(job: Job) -> str:
    """The source by its digest alone where it has one: tag and digest at once skopeo refuses."""
    assert job.source
    return str(job.source._replace(tag="") if job.source.digest else job.source)


def _not_copied(jobs: Sequence[Job], left_out: int) -> Iterator[str]:
    for job in jobs:
        name = job.wanted.name
        if job.problem:
            yield f"# not copied: {name}: {job.problem}"
        elif not job.source:
            yield f"# in the private registry already: {name}"
        elif not job.push:
            yield f"# not relocated: {name}"
    if left_out:
        yield f"# {left_out_text(left_out)}"
