"""The files of a chart, read from its folder or its archive when they are asked for.

An archive is never unpacked to disk, and one that would write outside of its folder is refused,
as Helm refuses it.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import tarfile
import zlib

from helm_compat.errors import InputError, Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

ARCHIVES = (".tgz", ".tar.gz")

# Helm's own limit of bytes: https://github.com/advisories/GHSA-4hfp-h4cw-hj8p
MAX_BYTES = 100 << 20
MAX_FILES = 20_000

_HOSTILE = "A chart never holds such a thing: do not unpack it, and ask where it comes from."


def read_file(path: str, *, shown: str = "") -> bytes:
    """The content of a file; raises InputError. `shown` is its name if not its path."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise unreadable(shown or path, error) from error


def unreadable(shown: str, error: OSError) -> InputError:
    """The failure for a file or folder that the system does not let us read."""
    return InputError(
        f"cannot be read: {error.strerror}",
        place=Place(shown),
        hint="See what stands there, and whether you may read it.",
    )


class _Files:
    """Files by their paths in the chart, and those of the charts packed in its `charts/`."""

    __slots__ = ("_packed",)

    def __init__(self) -> None:
        self._packed: dict[str, Archive] | None = None

    def own(self, name: str) -> bytes | None:
        """The content of a file that is not packed once more, None if there is none."""
        raise NotImplementedError

    def packed_names(self) -> list[str]:
        """The archives in `charts/`."""
        raise NotImplementedError

    def read(self, name: str) -> bytes | None:
        """The content of a file, None if there is none; raises InputError if it cannot be read.

        A file of a chart that is packed in `charts/` goes by `charts/NAME/…`, as Helm has it.
        """
        # Such names are taken from rendered text too, in which a chart may write what it likes.
        if _is_outside(name):
            return None
        data = self.own(name)
        if data is None and name.startswith("charts/"):
            folder, _, rest = name.removeprefix("charts/").partition("/")
            packed = self._archives().get(folder) if rest else None
            data = packed.read(rest) if packed else None
        return data

    def _archives(self) -> dict[str, Archive]:
        """The packed charts by the names of their folders; helm complains of those with faults."""
        if self._packed is None:
            self._packed = {}
            for name in self.packed_names():
                try:
                    archive = Archive(self.own(name) or b"", name)
                    self._packed[archive.root] = archive
                except InputError:
                    continue
        return self._packed


class Folder(_Files):
    """The files of a chart that is a folder."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def __reduce__(self) -> tuple[type[Folder], tuple[str]]:
        return Folder, (self._path,)

    def own(self, name: str) -> bytes | None:
        path = os.path.join(self._path, name)
        return read_file(path) if os.path.isfile(path) else None

    def packed_names(self) -> list[str]:
        try:
            names = sorted(os.listdir(os.path.join(self._path, "charts")))
        except OSError:
            return []
        return [f"charts/{name}" for name in names if name.endswith(ARCHIVES)]


class Archive(_Files):
    """The files of a chart that is packed; the first use raises InputError if it is not sound."""

    __slots__ = ("_content", "_data", "_root", "_shown")

    def __init__(self, data: bytes, shown: str) -> None:
        super().__init__()
        self._data = data
        self._shown = shown
        self._root = ""
        self._content: dict[str, bytes] | None = None

    def __reduce__(self) -> tuple[type[Archive], tuple[bytes, str]]:
        # What is packed is small; it is unpacked again where it is needed.
        return Archive, (self._data, self._shown)

    @property
    def root(self) -> str:
        """The name of the folder that is packed."""
        self._unpacked()
        return self._root

    def own(self, name: str) -> bytes | None:
        return self._unpacked().get(name)

    def packed_names(self) -> list[str]:
        names = [name for name in self._unpacked() if name.count("/") == 1]
        return sorted(n for n in names if n.startswith("charts/") and n.endswith(ARCHIVES))

    def _unpacked(self) -> dict[str, bytes]:
        if self._content is None:
            place = Place(self._shown)
            content: dict[str, bytes] = {}
            try:
                for name, data in _unpack(self._data, place):
                    # Helm drops the first folder, whatever its name is.
                    root, _, inside = name.partition("/")
                    self._root = self._root or root
                    content[inside] = data
            except (OSError, EOFError, zlib.error, tarfile.TarError, ValueError) as error:
                # ValueError: what tarfile makes of headers that hold nonsense.
                raise InputError(
                    f"this archive is broken: {error}",
                    place=place,
                    hint="A chart's archive is a tar file in gzip, as helm package makes it.",
                ) from error
            self._content = content
        return self._content


def _unpack(data: bytes, place: Place) -> Iterator[tuple[str, bytes]]:
    """The files of an archive with their names; raises InputError for what is hostile."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
        content = packed.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _too_large(place)
    total = 0
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for number, member in enumerate(archive):
            # A sparse file says that it is larger than what is stored of it.
            total += member.size
            if total > MAX_BYTES or number == MAX_FILES:
                raise _too_large(place)
            problem = _problem(member)
            if problem:
                message = f"this archive holds {member.name!r}, {problem}"
                raise InputError(message, place=place, hint=_HOSTILE)
            file = archive.extractfile(member) if member.isreg() else None
            if file:
                yield member.name.replace("\\", "/"), file.read()


def _too_large(place: Place) -> InputError:
    return InputError(
        f"this archive holds more than {MAX_BYTES >> 20} MiB or {MAX_FILES} files",
        place=place,
        hint="Leave out what is not needed with .helmignore, and pack it anew.",
    )


def _problem(member: tarfile.TarInfo) -> str:
    """What is wrong with a member of an archive, in words; empty if nothing is."""
    if _is_outside(member.name):
        return "a path that leads out of the chart"
    if member.issym() or member.islnk():
        beside = "" if member.islnk() else os.path.dirname(member.name)
        target = os.path.normpath(os.path.join(beside, member.linkname.replace("\\", "/")))
        return f"a link out of the chart, to {member.linkname!r}" if _is_outside(target) else ""
    return "" if member.isreg() or member.isdir() else "which is neither a file nor a folder"


def _is_outside(name: str) -> bool:
    """Whether a path leads out of its folder, on any system."""
    return bool(re.match(r"[/\\]|[A-Za-z]:", name)) or ".." in re.split(r"[/\\]", name)
