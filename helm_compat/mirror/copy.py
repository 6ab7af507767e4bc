"""Copies all images of a plan, several at once; what is there already is left alone."""

from __future__ import annotations

import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import NamedTuple

from helm_compat.errors import CompatError
from helm_compat.images.reference import Reference, parse
from helm_compat.mirror.plan import Job
from helm_compat.mirror.platform import NoPlatform, Platform, select_platform
from helm_compat.sources.registry import NotThere, Refused, Registry
from helm_compat.sources.skopeo import CopyFailed, Skopeo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    class Way(Protocol):
        """From where to where images are copied."""

        def expected(self, job: Job) -> str:
            """The digest that the copy must have; raises NotThere and Refused."""

        def there(self, job: Job, digest: str) -> str:
            """The digest of what is there already, empty for nothing."""

        def copy(self, job: Job, digest: str) -> None:
            """Copy the image of this digest; raises CopyFailed."""


# What may become of an image, the gravest first.
STATES = ("not-checked", "missing", "failed", "would-copy", "copied", "there", "stays")
BAD = STATES[:3]


class Done(NamedTuple):
    """What became of one image.

    `state` is one of STATES, `digest` that of the copy, `message` says why it is bad.
    """

    job: Job
    state: str
    digest: str = ""
    message: str = ""


class Pace(NamedTuple):
    """How many copies are made at once, how often one is tried again, and when first (seconds)."""

    workers: int = 4
    retries: int = 3
    first_pause: float = 1
    longest_pause: float = 30


class Direct:
    """From the source's registry to that of the target, or for what has no source nowhere."""

    def __init__(self, registry: Registry, skopeo: Skopeo | None, platform: Platform | None):
        self._registry = registry
        self._skopeo = skopeo
        self._platform = platform

    def expected(self, job: Job) -> str:
        """The digest of the source, or of its image for the platform."""
        if not job.source:
            assert job.target
            return self._registry.digest(job.target)
        return source_digest(self._registry, job.source, self._platform)

    def there(self, job: Job, digest: str) -> str:
        """The digest of the target."""
        assert job.target
        if not job.source:
            return digest
        return target_digest(self._registry, job.target)

    def copy(self, job: Job, digest: str) -> None:
        """Copy by digest, so that a tag that moves meanwhile does no harm."""
        assert job.source
        assert self._skopeo
        source = job.source._replace(tag="", digest=digest)
        self._skopeo.copy(source, parse(job.push))


def target_digest(registry: Registry, target: Reference) -> str:
    """The digest of a target, empty where it is not there yet; raises Refused."""
    try:
        return registry.digest(target)
    except NotThere:
        return ""
    except Refused as error:
        # Some registries do not admit that a repository is not there; a copy will tell.
        if error.status in (401, 403):
            return ""
        raise


def source_digest(registry: Registry, source: Reference, platform: Platform | None) -> str:
    """The digest to copy; raises NotThere, Refused and NoPlatform."""
    if not platform:
        return source.digest or registry.digest(source)
    digest = select_platform(registry.manifest(source), platform)
    if digest and source.digest:
        raise NoPlatform(
            f"its digest is that of an index, which the image for {platform} alone does not have:"
            " copy it without --platform"
        )
    return digest or source.digest or registry.digest(source)


def mirror_images(
    jobs: Sequence[Job],
    way: Way,
    pace: Pace,
    *,
    dry_run: bool = False,
    tell: Callable[[Done], object] = lambda done: None,
    end: Callable[[], object] = lambda: None,
) -> list[Done]:
    """Copy what is not there, and tell of each image when it is done; the result in their order.

    `end` ends what is running when we are interrupted.
    """
    stopped = threading.Event()

    def work(job: Job) -> Done:
        return _done(job, way, pace, stopped, dry_run=dry_run)

    with ThreadPoolExecutor(max(pace.workers, 1)) as pool:
        futures = [pool.submit(work, job) for job in jobs]
        try:
            running = {*futures}
            while running:
                ready, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ready:
                    tell(future.result())
        except BaseException:
            stopped.set()
            end()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [future.result() for future in futures]


def _done(job: Job, way: Way, pace: Pace, stopped: threading.Event, *, dry_run: bool) -> Done:
    if job.problem:
        return Done(job, "failed", message=job.problem)
    if not job.push:
        return Done(job, "stays")
    digest = ""
    try:
        digest = way.expected(job)
        if way.there(job, digest) == digest:
            return Done(job, "there", digest)
        if dry_run:
            return Done(job, "would-copy", digest)
        _copy(job, way, digest, pace, stopped)
        found = way.there(job, digest)
    except NotThere as error:
        return Done(job, "missing", digest, why(error, job))
    except Refused as error:
        return Done(job, "not-checked", digest, why(error, job))
    except CompatError as error:
        return Done(job, "failed", digest, why(error, job))
    if found != digest:
        has = f"has {found}" if found else "has nothing"
        return Done(job, "failed", digest, f"after the copy the target {has}, not {digest}")
    return Done(job, "copied", digest)


def _copy(job: Job, way: Way, digest: str, pace: Pace, stopped: threading.Event) -> None:
    """Copy, and where it may help try again after pauses that double."""
    for attempt in range(pace.retries + 1):
        try:
            way.copy(job, digest)
            return
        except CopyFailed as error:
            if not error.again or attempt == pace.retries:
                if attempt:
                    error.message += f" (tried {attempt + 1} times)"
                raise
        pause = min(pace.first_pause * 2**attempt, pace.longest_pause)
        if stopped.wait(pause):
            raise CopyFailed("interrupted", again=False)


def why(error: CompatError, job: Job) -> str:
    """The reason, with the side that it speaks of in the place of the image."""
    message = f"{error.place}: {error.message}" if error.place else error.message
    for side, name in (("source", job.source), ("target", job.target)):
        if name and message.startswith(f"{name}: "):
            return f"{side}: {message.removeprefix(f'{name}: ')}"
    return message
