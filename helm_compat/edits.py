"""Edits of a text and of a stream of bytes: collected first, spliced once, and undoable."""

from __future__ import annotations

import itertools
from typing import NamedTuple, TypeVar


class Edit(NamedTuple):
    """Replace the code points `start` to `end` (0-based, end excluded) of a text by `new`."""

    start: int
    end: int
    new: str


class ByteEdit(NamedTuple):
    """Replace the bytes `start` to `end` (0-based, end excluded) of a stream by `new`."""

    start: int
    end: int
    new: bytes


_E = TypeVar("_E", Edit, ByteEdit)


class OverlappingEdits(ValueError):
    """Two edits touch the same place, so that their order would decide the result."""


def apply(text: str, edits: list[Edit]) -> str:
    """Return the text with all edits made; their order in the list does not matter."""
    pieces: list[str] = []
    position = 0
    for edit in _in_order(edits, "code point"):
        pieces += (text[position : edit.start], edit.new)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)


def apply_bytes(data: bytes, edits: list[ByteEdit]) -> bytes:
    """Return the bytes with all edits made; their order in the list does not matter."""
    pieces: list[bytes] = []
    position = 0
    for edit in _in_order(edits, "byte"):
        pieces += (data[position : edit.start], edit.new)
        position = edit.end
    pieces.append(data[position:])
    return b"".join(pieces)


def to_bytes(text: str, edits: list[Edit], base: int) -> list[ByteEdit]:
    """Turn edits of a text into edits of the stream in which its UTF-8 form starts at `base`."""
    if text.isascii():
        return [ByteEdit(base + e.start, base + e.end, e.new.encode()) for e in sorted(edits)]
    result = []
    known, offset = 0, base
    for edit in sorted(edits):
        start = offset + len(text[known : edit.start].encode())
        end = start + len(text[edit.start : edit.end].encode())
        result.append(ByteEdit(start, end, edit.new.encode()))
        known, offset = edit.end, end
    return result


def inverse(data: bytes, edits: list[ByteEdit]) -> list[ByteEdit]:
    """Return the edits that turn the result of `apply_bytes(data, edits)` back into `data`."""
    result: list[ByteEdit] = []
    shift = 0
    for edit in sorted(edits):
        start = edit.start + shift
        old = data[edit.start : edit.end]
        if result and result[-1].end == start and not edit.new:
            # Neighbours that were deleted come back together, at one place.
            result[-1] = result[-1]._replace(new=result[-1].new + old)
        else:
            result.append(ByteEdit(start, start + len(edit.new), old))
        shift += len(edit.new) - (edit.end - edit.start)
    return result


def _in_order(edits: list[_E], unit: str) -> list[_E]:
    ordered = sorted(edits)
    for before, edit in itertools.pairwise(ordered):
        if edit.start < before.end or edit[:2] == before[:2]:
            raise OverlappingEdits(f"two edits overlap at {unit} {edit.start}")
    return ordered
