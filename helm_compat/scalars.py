"""From the decoded value of a scalar back to the text that it was written with.

A value that is itself YAML is edited where it stands: an edit of the value becomes an edit of the
text, inside the block or the quotes, and everything around it stays.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from helm_compat.edits import Edit
from helm_compat.nodes import Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# libyaml's line breaks; it hands the last two on as they are and turns the others into \n.
_break = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_more_breaks = re.compile("(?:[ \t]*(?:\r\n|[\r\n\x85\u2028\u2029]))*[ \t]*")
_special = {
    "": _break,
    "'": re.compile(f"''|{_break.pattern}"),
    '"': re.compile(
        r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|\r\n|[^xuU])|" + _break.pattern
    ),
}
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f",
    "r": "\r", "e": "\x1b", " ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85",
    "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
_plain_safe = re.compile(
    r"(?!\.\.\.\Z)[A-Za-z0-9_./](?:[A-Za-z0-9_./@:+-]*[A-Za-z0-9_./@+-])?", re.ASCII
)
_plain_unsafe = re.compile(f":(?:[ \t]|$)|[ \t]#|[\\[\\]{{}},]|{_break.pattern}")


class Piece(NamedTuple):
    """Decoded characters and the span of the text that they were written with.

    `fixed` says that the span holds a line break: it cannot be edited as characters can.
    """

    value: str
    start: int
    end: int
    fixed: bool = False


class SourceMap:
    """Where each code point of a scalar's value stands in the text."""

    __slots__ = ("_empty", "_ends", "_fixed", "_newline", "_starts", "_style")

    def __init__(self, node: Scalar, pieces: list[Piece], newline: str) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._fixed: set[int] = set()
        for value, start, end, fixed in pieces:
            if fixed:
                self._fixed.update(range(len(self._starts), len(self._starts) + len(value)))
            if len(value) == end - start:
                self._starts += range(start, end)
                self._ends += range(start + 1, end + 1)
            else:
                self._starts += [start] * len(value)
                self._ends += [end] * len(value)
        self._style = node.style
        self._newline = newline
        self._empty = node.content + (node.style in ("'", '"'))

    def position(self, index: int) -> int:
        """The place in the text where the code point `index` of the value is written."""
        if index < len(self._starts):
            return self._starts[index]
        return self._ends[-1] if self._ends else self._empty

    def edit(self, edit: Edit) -> Edit | None:
        """The edit of the text that makes this edit of the value, or None if none can."""
        new = self._encode(edit.new)
        if new is None or not self._fixed.isdisjoint(range(edit.start, edit.end)):
            return None
        if self._splits(edit.start) or self._splits(edit.end):
            return None
        if not self._starts and self._style not in ("'", '"'):
            return None
        start = self.position(edit.start)
        end = self._ends[edit.end - 1] if edit.end > edit.start else start
        return Edit(start, end, new)

    def _splits(self, index: int) -> bool:
        """Whether an index falls between characters that are written as one."""
        if not 0 < index < len(self._starts):
            # Before a first break there is no line yet that text could stand on.
            return index == 0 and 0 in self._fixed and self._style in ("|", ">")
        return self._starts[index - 1] == self._starts[index]

    def _encode(self, new: str) -> str | None:
        if self._style == '"':
            return new.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        if self._style == "|":
            return new.replace("\n", self._newline)
        if _break.search(new):
            return None
        if self._style == "'":
            return new.replace("'", "''")
        return new if self._style == ">" or not _plain_unsafe.search(new) else None


def source_map(text: str, node: Scalar) -> SourceMap | None:
    """Map a scalar's value to its text, or None where the two cannot be brought together."""
    if node.style in ("|", ">"):
        return _block_map(text, node)
    quoted = 1 if node.style else 0
    start, end = node.content + quoted, node.end - quoted
    pieces = list(_flow_pieces(text, start, end, node.style))
    if "".join(piece.value for piece in pieces) != node.value:
        return None
    return SourceMap(node, pieces, "\n")


def is_plain_safe(text: str) -> bool:
    """Whether a text without white space is sure to stand as a plain scalar, in any context."""
    return bool(_plain_safe.fullmatch(text))


def _flow_pieces(text: str, start: int, end: int, style: str) -> Iterator[Piece]:
    """Plain and quoted scalars: escapes, and line breaks that fold.

    https://yaml.org/spec/1.2.2/#73-flow-scalar-styles
    """
    position = start
    while position < end:
        found = _special[style].search(text, position, end)
        if not found:
            yield Piece(text[position:end], position, end)
            return
        before = text[position : found.start()]
        if _break.fullmatch(found[0]):
            before = before.rstrip(" \t")
        if before:
            yield Piece(before, position, position + len(before))
        here = position + len(before)
        if found[0] == "''":
            position = found.end()
            yield Piece("'", here, position)
        elif found[0].startswith("\\"):
            value, position = _unescape(text, found, end)
            yield Piece(value, here, position, fixed=_break.search(found[0]) is not None)
        else:
            position = _end_of_breaks(text, found.end(), end)
            yield Piece(_folded(text[here:position]), here, position, fixed=True)


def _end_of_breaks(text: str, position: int, end: int) -> int:
    found = _more_breaks.match(text, position, end)
    return found.end() if found else position


def _unescape(text: str, found: re.Match[str], end: int) -> tuple[str, int]:
    body = found[0][1:]
    if body[0] in "xuU" and len(body) > 1:
        code = int(body[1:], 16)
        if 0xD800 <= code < 0xE000:
            # Half a pair, see `nodes.parse`.
            return "\ufffd", found.end()
        return chr(code), found.end()
    if _break.fullmatch(body):
        # An escaped line break joins the lines; only further, empty lines count.
        stop = _end_of_breaks(text, found.end(), end)
        return "".join(map(_as_value, _break.findall(text, found.end(), stop))), stop
    return _ESCAPES.get(body, ""), found.end()


def _folded(written: str) -> str:
    """A single break is a space; of several, the first is dropped."""
    first, *more = map(_as_value, _break.findall(written))
    if first == "\n":
        return "".join(more) or " "
    return "".join((first, *more))


def _as_value(line_break: str) -> str:
    return line_break if line_break in "\u2028\u2029" else "\n"


def _block_map(text: str, node: Scalar) -> SourceMap | None:
    """Literal and folded scalars: the indentation is stripped from every line.

    https://yaml.org/spec/1.2.2/#81-block-scalar-styles
    """
    header = _break.search(text, node.content, node.end)
    if not header:
        return None if node.value else SourceMap(node, [], "\n")
    lines = list(_lines(text, header.end(), node.end))
    indent = _indentation(text, lines, node.value)
    pieces = _block_pieces(text, lines, node.value, indent, folded=node.style == ">")
    if pieces is None:
        return None
    return SourceMap(node, pieces, text[header.start() : header.end()] + " " * indent)


def _indentation(text: str, lines: list[tuple[int, int, int]], value: str) -> int:
    """How many spaces are stripped: what the first line has more of than the value's."""
    written = next((text[a:b] for a, b, _ in lines if text[a:b].strip(" ")), None)
    if written is None:
        # Only spaces: with an indentation indicator some of them are the value's.
        longest = max((b - a for a, b, _ in lines), default=0)
        return longest - max(map(len, _break.split(value)))
    first = next((line for line in _break.split(value) if line.strip(" ")), "")
    return _leading(written) - _leading(first)


def _leading(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Start, end and start of the next line, for each line."""
    while start < end:
        found = _break.search(text, start, end)
        stop, following = (found.start(), found.end()) if found else (end, end)
        yield start, stop, following
        start = following


def _block_pieces(
    text: str, lines: list[tuple[int, int, int]], value: str, indent: int, *, folded: bool
) -> list[Piece] | None:
    pieces = []
    cursor = 0
    for number, (start, stop, following) in enumerate(lines):
        content = min(start + indent, stop)
        written = text[content:stop]
        if text[start:content].strip(" ") or not value.startswith(written, cursor):
            # What follows the value, comments say, belongs to no line of it.
            break
        if written:
            pieces.append(Piece(written, content, stop))
            cursor += len(written)
        after = value[cursor : cursor + 1]
        kept = after in ("\n", "\u2028", "\u2029") and after != ""
        if folded and after == " " and number + 1 < len(lines):
            next_start = lines[number + 1][0] + indent
            kept = text[next_start : next_start + 1] not in ("", " ", "\t")
        if kept:
            pieces.append(Piece(after, stop, following, fixed=True))
            cursor += 1
    return pieces if cursor == len(value) else None
