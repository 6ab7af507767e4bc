"""Sections of `compat.lock.yaml`: each is written anew, and every other byte stays as it is."""

from __future__ import annotations

import re

from helm_compat.errors import Place, UsageError
from helm_compat.images.tree import text_of
from helm_compat.lock_file import VERSION, read_images
from helm_compat.nodes import Limits, Mapping, Node, Sequence, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as Map
    from typing import NoReturn

_BOM = "\ufeff"
_plain = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@-]*(?::[A-Za-z0-9_./@-]+)*", re.ASCII)
_words = ("true", "false", "yes", "no", "on", "off", "null", "y", "n")
_line = re.compile(r"[^\n]*(?:\n|\Z)")
# Comments that are indented belong to what stands above them; those at the margin to what follows.
_comments = re.compile(r"(?:(?:[ \t]*\r?\n)*[ \t]+#[^\n]*(?:\n|\Z))*")


def with_section(before: str, key: str, lines: Iterable[str], *, path: str = "") -> str:
    """A lock file with these lines in the place of the section `key`, or behind all others.

    `before` is what the file holds, which has been read as one, or empty for a new one; the lines
    get its line ends. Raises UsageError where its keys do not stand below each other.
    """
    section = "".join(f"{line}\n" for line in lines)
    if not before.strip(f"{_BOM} \t\r\n"):
        return f"version: {VERSION}\n{section}"
    return _replaced(before, key, section, path)


def _replaced(text: str, key: str, section: str, path: str) -> str:
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


def with_images(before: str, digests: Map[str, str], *, path: str) -> str:
    """A lock file with these digests by normalised references; those of others stay.

    `path` is the file that holds `before`. Raises UsageError.
    """
    kept = read_images(path) if before.strip() else {}
    entries = sorted({**kept, **digests}.items())
    lines = [f"  {yaml_text(name)}: {digest}" for name, digest in entries]
    lines = ["images:", *lines] if lines else ["images: {}"]
    return with_section(before, "images", lines, path=path)


def yaml_text(value: str) -> str:
    """A string in YAML: plain where it can be nothing but a string."""
    if _plain.fullmatch(value) and value.lower() not in _words:
        return value
    escaped = "".join(_escaped(character) for character in value)
    return f'"{escaped}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08x}"


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
