"""Folders below a folder: symbolic links are followed, and a loop of them is found."""

from __future__ import annotations

import errno
import os
import stat
from typing import NamedTuple

from helm_compat.errors import InputError, Place
from helm_compat.sources.files import unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Visit(NamedTuple):
    """A folder and the names in it, in order; names taken out of `folders` are not visited."""

    path: str
    folders: list[str]
    files: list[str]


def walk(top: str) -> Iterator[Visit | InputError]:
    """Visit a folder and all below it, each one once; in place of what cannot be, the reason."""
    # Each with its real path, and the same of all folders above it on the way that was taken.
    waiting: list[tuple[str, str, dict[str, str]]] = [(top, os.path.realpath(top), {})]
    seen: set[str] = set()
    while waiting:
        folder, here, above = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        above = {**above, here: folder}
        visit = Visit(folder, [], [])
        inside: dict[str, str] = {}
        try:
            with os.scandir(folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield unreadable(folder, error)
            continue
        for entry in found:
            try:
                mode = entry.stat().st_mode
            except OSError as error:
                yield bad_path(entry.path, error)
                continue
            if stat.S_ISDIR(mode):
                # Only a link can lead elsewhere than straight down.
                is_link = entry.is_symlink()
                real = os.path.realpath(entry.path) if is_link else f"{here}/{entry.name}"
                if real in above:
                    yield _loop(entry.path, above[real])
                    continue
                visit.folders.append(entry.name)
                inside[entry.name] = real
            elif stat.S_ISREG(mode):
                visit.files.append(entry.name)
        yield visit
        below = [(os.path.join(folder, name), inside[name], above) for name in visit.folders]
        waiting += reversed(below)


def bad_path(path: str, error: OSError) -> InputError:
    """The failure for a path of which the system cannot say what it is."""
    if error.errno == errno.ELOOP:
        return InputError(
            "this symbolic link leads to itself", place=Place(path), hint="Remove or mend it."
        )
    if error.errno == errno.ENOENT and os.path.islink(path):
        return InputError(
            f"this symbolic link leads to {os.readlink(path)!r}, which is not there",
            place=Place(path),
            hint="Remove or mend it.",
        )
    return unreadable(path, error)


def _loop(path: str, folder: str) -> InputError:
    return InputError(
        f"this symbolic link leads back to {folder!r}, so that there is no end",
        place=Place(path),
        hint="Remove it, or name the folders that are wanted.",
    )
