"""Images in a folder: an OCI image layout, in which every file is named by its digest.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import NamedTuple

from helm_compat.errors import CompatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_digest = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_PIECE = 1 << 20
_LARGEST_MANIFEST = 4 << 20
# https://github.com/containers/image/blob/main/docs/containers-transports.5.md: `dir:`
_VERSION = "Directory Transport Version: 1.1\n"
_MANIFEST = ".manifest.json"


class Broken(CompatError):
    """A file of an archive is missing or not what its name says."""

    exit_status = 1


class Blob(NamedTuple):
    """A part of an image; `kind` is its media type."""

    digest: str
    size: int
    kind: str


def hash_file(path: Path) -> str:
    """The digest of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            found.update(piece)
    return f"sha256:{found.hexdigest()}"


class Layout:
    """The blobs of an archive."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """The file of a digest; raises Broken for what is no sha256 digest."""
        if not _digest.fullmatch(digest):
            raise Broken(f"{digest!r} is no sha256 digest")
        return self.folder / "blobs" / "sha256" / digest.partition(":")[2]

    def holds(self, digest: str) -> bool:
        """Whether an image is there with all of its parts, each of its size."""
        try:
            return all(os.path.getsize(self.path(b.digest)) == b.size for b in self.parts(digest))
        except (OSError, Broken):
            return False

    def check(self, digest: str) -> None:
        """Read all parts of an image; raises Broken for the first that is not what it should be."""
        if hash_file(self._there(digest)) != digest:
            raise Broken(f"{digest} in the archive has other content than its name says")
        for blob in self.parts(digest):
            path = self._there(blob.digest)
            size = path.stat().st_size
            if size != blob.size:
                raise Broken(f"{blob.digest} in the archive has {size} bytes, not {blob.size}")
            if hash_file(path) != blob.digest:
                message = f"{blob.digest} in the archive has other content than its name says"
                raise Broken(message)

    def blob(self, digest: str) -> Blob:
        """What the index of an archive says of an image."""
        path = self.path(digest)
        return Blob(digest, path.stat().st_size, str(self._read(digest).get("mediaType", "")))

    def parts(self, digest: str) -> Iterator[Blob]:
        """What an image or index consists of, at any depth."""
        manifest = self._read(digest)
        for entry in manifest.get("manifests", ()):
            part = _blob(entry)
            yield part
            yield from self.parts(part.digest)
        for entry in (manifest.get("config"), *manifest.get("layers", ())):
            # Layers that only their vendor may hand out stand in no archive.
            if entry and not entry.get("urls"):
                yield _blob(entry)

    def take(self, folder: Path, digest: str) -> None:
        """Move an image in from a folder of skopeo's, each file under the digest that it has.

        The manifest comes last: what is broken off before is not taken for whole.
        """
        files = [path for path in sorted(folder.iterdir()) if path.name != "version"]
        self.path(digest).parent.mkdir(parents=True, exist_ok=True)
        for path in sorted(files, key=_rank):
            found = hash_file(path)
            name = path.name.removesuffix(_MANIFEST)
            wanted = digest if path.name == "manifest.json" else f"sha256:{name}"
            if found != wanted:
                raise Broken(f"skopeo wrote {wanted} with other content: it is {found}")
            os.replace(path, self.path(found))

    def unfold(self, digest: str, folder: Path) -> None:
        """Make an image a folder of skopeo's, by links."""
        (folder / "version").write_text(_VERSION, encoding="utf-8")
        (folder / "manifest.json").symlink_to(self.path(digest).absolute())
        for part in self.parts(digest):
            name = part.digest.partition(":")[2]
            is_manifest = "manifest" in part.kind or "index" in part.kind
            link = folder / (f"{name}{_MANIFEST}" if is_manifest else name)
            if not link.is_symlink():
                link.symlink_to(self.path(part.digest).absolute())

    def _there(self, digest: str) -> Path:
        path = self.path(digest)
        if not path.is_file():
            raise Broken(f"{digest} is not in the archive")
        return path

    def _read(self, digest: str) -> dict[str, Any]:
        try:
            with self.path(digest).open("rb") as file:
                data = json.loads(file.read(_LARGEST_MANIFEST))
        except (OSError, ValueError) as error:
            raise Broken(f"{digest} in the archive is no manifest") from error
        if not isinstance(data, dict):
            raise Broken(f"{digest} in the archive is no manifest")
        return data


def _rank(path: Path) -> int:
    """Layers before manifests, and the index, or the only manifest, last."""
    return 2 if path.name == "manifest.json" else int(path.name.endswith(_MANIFEST))


def _blob(entry: Any) -> Blob:
    try:
        return Blob(str(entry["digest"]), int(entry["size"]), str(entry.get("mediaType", "")))
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise Broken("a manifest in the archive names its parts in no known form") from error
