"""One section of a lock file in the place of the former; every other byte stays as it is."""

from __future__ import annotations

import re

from helm_compat.errors import Place, UsageError
from helm_compat.images.tree import text_of
from helm_compat.nodes import Limits, Mapping, Node, Sequence, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_BOM = "\ufeff"
_line = re.compile(r"[^\n]*(?:\n|\Z)")
# Comments that are indented belong to what stands above them; those at the margin to what follows.
_comments = re.compile(r"(?:(?:[ \t]*\r?\n)*[ \t]+#[^\n]*(?:\n|\Z))*")


def with_section(text: str, key: str, section: str, path: str = "") -> str:
    """A text of valid YAML with `section` where the key at the margin stands, else at its end.

    The lines of `section` get the line ends of the text. Raises UsageError for a text that does
    not have its keys below each other.
    """
    mark = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    if "\r\n" in text:
        section = section.replace("\n", "\r\n")
    roots = parse(text, Limits(depth=50))
    root = roots[0] if roots else None
    if root is None:
        return f"{mark}{_ended(text, section)}{section}"
    if type(root) is not Mapping or root.flow or _column(text, root.start):
        _refuse(key, path)
    end = _after(text, root)
    start = end
    for name, value in root.pairs:
        if text_of(name) == key:
            if _column(text, name.start):
                _refuse(key, path)
            start, end = name.start, _after(text, value)
    return f"{mark}{_ended(text[:start], section)}{section}{text[end:]}"


def _refuse(key: str, path: str) -> NoReturn:
    raise UsageError(
        f"the section `{key}` cannot be written: the keys do not stand below each other, at the margin",
        place=Place(path),
        hint="Remove the file, or write its keys in lines of their own.",
    )


def _ended(text: str, section: str) -> str:
    """The text before a section, with an end to its last line."""
    if not text or text.endswith("\n"):
        return text
    return f"{text}\r\n" if "\r\n" in section else f"{text}\n"


def _column(text: str, offset: int) -> int:
    return offset - text.rfind("\n", 0, offset) - 1


def _after(text: str, node: Node) -> int:
    """Where the line behind a node begins, and behind the comments that belong to it."""
    end = _last(node)
    # A block scalar ends where the next line begins.
    if not text[:end].endswith("\n"):
        end = _found(_line, text, end)
    return _found(_comments, text, end)


def _found(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.match(text, start)
    assert found, "it matches nothing too"
    return found.end()


def _last(node: Node) -> int:
    """Where a node ends; the end of a collection in block style is that of its last child."""
    if isinstance(node, (Mapping, Sequence)) and not node.flow and node.children:
        return max(map(_last, node.children))
    return node.end
