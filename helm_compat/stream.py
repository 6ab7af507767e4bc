"""A stream of manifests as documents: pieces of the input bytes, cut but not yet parsed."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from helm_compat.errors import InputError, Place

BOM = b"\xef\xbb\xbf"

# `---` opens and `...` closes a document where it stands at the start of a line before white
# space or the end. https://yaml.org/spec/1.2.2/#912-document-markers
_marker = re.compile(rb"\n(---|\.\.\.)(?=[ \t\r\n]|\Z)")
_first_marker = re.compile(rb"(---|\.\.\.)(?=[ \t\r\n]|\Z)")
_directives = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*%")

# Helm 3 names the template in a comment, Helm 4 in an annotation that it removes afterwards.
_source_comment = re.compile(rb"^# Source: ([^\r\n]+)", re.MULTILINE)
_file_annotation = re.compile(
    rb"""postrenderer\.helm\.sh/postrender-filename["']?\s*:\s*(?:'([^']*)'|"([^"]*)"|([^"'\s,}]+))"""
)


class Document(NamedTuple):
    """One document of a stream.

    `number` counts from 0, `start` is the 0-based byte offset of `data` in the stream, `line` the
    1-based line on which it begins. `data` holds the `---` and the comments too: all documents
    joined, after a byte order mark if there is one, are the stream.
    """

    number: int
    start: int
    line: int
    data: bytes

    @property
    def template(self) -> str:
        """The chart's template file as Helm names it, or an empty string."""
        found = _source_comment.search(self.data) or _file_annotation.search(self.data)
        name = found[found.lastindex or 0] if found else b""
        return name.strip().decode(errors="replace")


def check(data: bytes, *, file: str, max_bytes: int) -> None:
    """Refuse a stream that is too large or not UTF-8; raises InputError with the place."""
    if len(data) > max_bytes:
        raise InputError(
            f"the input has {len(data)} bytes, more than the limit of {max_bytes}",
            place=Place(file),
            hint="Raise the limit with --max-bytes or limits.max-bytes if this is intended.",
        )
    if data.isascii():
        return
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line_start = data.rfind(b"\n", 0, error.start) + 1
        before = data[line_start : error.start].decode("utf-8", "replace").lstrip("\ufeff")
        place = Place(file, data.count(b"\n", 0, error.start) + 1, len(before) + 1)
        raise InputError(
            f"not UTF-8: byte 0x{data[error.start]:02x} ({error.reason})",
            place=place,
            hint="Kubernetes manifests are UTF-8; convert the file or chart that this comes from.",
        ) from error


def split(data: bytes) -> list[Document]:
    """Cut a stream at its document markers, in order; an empty stream has no documents."""
    start = len(BOM) if data.startswith(BOM) else 0
    documents: list[Document] = []
    line = 1
    for cut in [*_cuts(data, start), len(data)]:
        if cut > start:
            documents.append(Document(len(documents), start, line, data[start:cut]))
            line += data.count(b"\n", start, cut)
            start = cut
    return documents


def _cuts(data: bytes, start: int) -> list[int]:
    cuts: list[int] = []
    first = _first_marker.match(data, start)
    markers = [(first.start(), first[1])] if first else []
    markers += [(found.start(1), found[1]) for found in _marker.finditer(data, start)]
    begin = start
    for position, marker in markers:
        if marker == b"...":
            newline = data.find(b"\n", position)
            begin = len(data) if newline < 0 else newline + 1
            cuts.append(begin)
        else:
            # Directives belong to the document that their `---` opens.
            if not _directives.match(data, begin, position):
                cuts.append(position)
            begin = position
    return cuts


class Lines:
    """The lines of a text, found once: a document may be asked for many places."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(self, offset: int) -> tuple[int, int]:
        """The 0-based line and column of a code point of the text."""
        line = bisect_right(self._starts, offset) - 1
        return line, offset - self._starts[line]
