"""An archive of images for a site without a network: a layout and what its images are called.

Beside `index.json`, which every tool for OCI layouts reads, stands our own `images.json` with
sources, targets and digests.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from helm_compat.errors import CompatError, InputError, Place, UsageError
from helm_compat.images.reference import InvalidReference, parse
from helm_compat.mirror.copy import source_digest, target_digest
from helm_compat.mirror.layout import Broken, Layout
from helm_compat.mirror.plan import Job
from helm_compat.mirror.platform import Platform
from helm_compat.sources.registry import NotThere, Registry
from helm_compat.sources.skopeo import CopyFailed, Skopeo
from helm_compat.writing import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

LAYOUT = "oci-layout"
INDEX = "index.json"
IMAGES = "images.json"
_WORK = ".work"
_VERSION = "1.0.0"
_NAME = "org.opencontainers.image.ref.name"


class Entry(NamedTuple):
    """One image of an archive: the normalised source, the target of then, and the digest."""

    source: str
    target: str
    digest: str


def read_archive(folder: Path) -> list[Entry]:
    """What an archive says it holds; raises InputError."""
    layout = _json(folder / LAYOUT)
    if layout.get("imageLayoutVersion") != _VERSION:
        raise InputError(f"no OCI image layout of version {_VERSION}", place=_place(folder, LAYOUT))
    data = _json(folder / IMAGES)
    if data.get("schemaVersion") != 1:
        raise InputError("this release reads version 1", place=_place(folder, IMAGES))
    try:
        entries = [_entry(item) for item in data["images"]]
        listed = {
            (str(item["annotations"][_NAME]), str(item["digest"]))
            for item in _json(folder / INDEX)["manifests"]
        }
    except (KeyError, TypeError, AttributeError) as error:
        message = "its images stand there in no known form"
        raise InputError(message, place=_place(folder, IMAGES)) from error
    except InvalidReference as error:
        raise InputError(f"a source is no image: {error}", place=_place(folder, IMAGES)) from error
    if listed != {(entry.source, entry.digest) for entry in entries}:
        raise InputError(f"it lists other images than {IMAGES}", place=_place(folder, INDEX))
    return entries


@contextmanager
def open_archive(folder: Path) -> Iterator[Layout]:
    """Make or open an archive to write into; raises UsageError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / LAYOUT).exists() and any(folder.iterdir()):
            raise UsageError(
                "this folder holds something else than an archive",
                place=Place(str(folder)),
                hint="Name an archive, an empty folder, or none that is there.",
            )
        write_whole(str(folder / LAYOUT), json.dumps({"imageLayoutVersion": _VERSION}) + "\n")
        with open(folder / ".lock", "wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                message = "another run writes into this archive"
                raise UsageError(message, place=Place(str(folder))) from error
            # What a killed run has left is no part of the archive.
            shutil.rmtree(folder / _WORK, ignore_errors=True)
            (folder / _WORK).mkdir()
            try:
                yield Layout(folder)
            finally:
                shutil.rmtree(folder / _WORK, ignore_errors=True)
    except OSError as error:
        message = f"cannot write the archive: {error.strerror}"
        raise CompatError(message, place=Place(str(folder))) from error


def write_index(layout: Layout, entries: Iterable[Entry]) -> None:
    """Write what the archive holds: these images, and those of former runs, each whole file."""
    folder = layout.folder
    before = read_archive(folder) if (folder / IMAGES).exists() else []
    found = {entry.source: entry for entry in (*before, *entries)}
    kept = [entry for _, entry in sorted(found.items()) if layout.holds(entry.digest)]
    manifests, images = [], []
    for entry in kept:
        blob = layout.blob(entry.digest)
        described = {"mediaType": blob.kind, "digest": blob.digest, "size": blob.size}
        manifests.append({**described, "annotations": {_NAME: entry.source}})
        images.append({"source": entry.source, "target": entry.target or None, **described})
    index = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": manifests,
    }
    # A run that is killed between the two is seen by the difference, and made good by the next.
    for name, data in ((INDEX, index), (IMAGES, {"schemaVersion": 1, "images": images})):
        write_whole(str(folder / name), json.dumps(data, indent=2) + "\n")


class ToArchive:
    """From the sources' registries into an archive."""

    def __init__(
        self,
        registry: Registry,
        skopeo: Skopeo | None,
        layout: Layout,
        platform: Platform | None,
    ) -> None:
        self._registry = registry
        self._skopeo = skopeo
        self._layout = layout
        self._platform = platform
        self._lock = threading.Lock()

    def expected(self, job: Job) -> str:
        """The digest of the source, or of its image for the platform."""
        assert job.source
        return source_digest(self._registry, job.source, self._platform)

    def there(self, job: Job, digest: str) -> str:
        """The digest, where the archive has the whole image."""
        return digest if self._layout.holds(digest) else ""

    def copy(self, job: Job, digest: str) -> None:
        """Copy into a folder of its own first, then move in what has the right content."""
        assert job.source
        assert self._skopeo
        try:
            with tempfile.TemporaryDirectory(dir=self._layout.folder / _WORK) as folder:
                # dir: keeps Docker's manifests as they are; oci: would convert them.
                self._skopeo.copy(job.source._replace(tag="", digest=digest), Path(folder))
                with self._lock:
                    self._layout.take(Path(folder), digest)
        except OSError as error:
            message = f"cannot write the archive: {error.strerror}"
            raise CopyFailed(message, again=False) from error


class FromArchive:
    """From an archive to the private registry."""

    def __init__(
        self, entries: Iterable[Entry], registry: Registry, skopeo: Skopeo | None, layout: Layout
    ) -> None:
        self._digests = {entry.source: entry.digest for entry in entries}
        self._registry = registry
        self._skopeo = skopeo
        self._layout = layout
        self._broken: dict[str, Broken] = {}

    def check(self, jobs: Sequence[Job], workers: int) -> None:
        """Read everything that is wanted, before anything is pushed."""
        digests = {self._digests.get(job.wanted.source, "") for job in jobs} - {""}

        def check(digest: str) -> None:
            try:
                self._layout.check(digest)
            except Broken as error:
                self._broken[digest] = error

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(check, sorted(digests)))

    def expected(self, job: Job) -> str:
        """The digest in the archive, all of which was found to be right."""
        if not job.source:
            assert job.target
            return self._registry.digest(job.target)
        digest = self._digests.get(job.wanted.source)
        if not digest:
            raise NotThere("the archive does not have it")
        if digest in self._broken:
            raise self._broken[digest]
        return digest

    def there(self, job: Job, digest: str) -> str:
        """The digest of the target."""
        assert job.target
        if not job.source:
            return digest
        return target_digest(self._registry, job.target)

    def copy(self, job: Job, digest: str) -> None:
        """Push from a folder of links, which may be elsewhere: the archive may not be writable."""
        assert self._skopeo
        with tempfile.TemporaryDirectory(prefix="helm-compat-") as folder:
            self._layout.unfold(digest, Path(folder))
            self._skopeo.copy(Path(folder), parse(job.push))


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise InputError(
            f"this is no archive of images: there is no {path.name}",
            place=Place(str(path.parent)),
            hint="helm compat mirror --to-archive makes one.",
        ) from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise InputError(f"cannot be read: {reason}", place=Place(str(path))) from error
    if not isinstance(data, dict):
        raise InputError("it is no JSON object", place=Place(str(path)))
    return data


def _entry(item: dict[str, Any]) -> Entry:
    return Entry(str(parse(str(item["source"]))), str(item["target"] or ""), str(item["digest"]))


def _place(folder: Path, name: str) -> Place:
    return Place(str(folder / name))
