"""Adds keys and items to the collections of a text, in the style that stands there."""

from __future__ import annotations

import re

from helm_compat.edits import Edit
from helm_compat.images.changes import Addition, quoted
from helm_compat.images.tree import Unit
from helm_compat.nodes import Mapping, Node, Scalar, Sequence

_own_line = re.compile(r" *(?:- +)*")


class CannotAdd(ValueError):
    """Nothing can be added where the text is written like this; the message says why."""


class Adder:
    """Makes additions to one text: whole lines in block style, JSON in JSON."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._json = any(_is_json(unit.text, root) for root in unit.roots)

    def insert(self, node: Mapping, key: str, value: object) -> Addition:
        """Put a key first into a mapping; raises CannotAdd."""
        if node.flow:
            json = self._wants_json(node)
            text = f"{_flow(key, json)}: {_flow(value, json)}"
            return self._into_flow(node, "{", text, [key, value])
        return self._on_own_lines(node, node.children[0].start, _block(key, value), [key, value])

    def prepend(self, node: Sequence, item: object) -> Addition:
        """Put an item first into a list; raises CannotAdd."""
        if node.flow:
            return self._into_flow(node, "[", _flow(item, self._wants_json(node)), [item])
        dash = self._unit.text.rindex("-", node.start, node.children[0].start)
        return self._on_own_lines(node, dash, [_item(item)], [item])

    def replace(self, node: Node, data: object) -> Addition:
        """Put a value in place of a null; raises CannotAdd."""
        if type(node) is not Scalar:
            raise CannotAdd("it is an alias")
        space = "" if node.end > node.content else " "
        new = space + _flow(data, self._wants_json(node))
        return self._checked(Addition(self._unit, node, Edit(node.content, node.end, new), data))

    def _into_flow(
        self, node: Mapping | Sequence, bracket: str, text: str, data: object
    ) -> Addition:
        at = self._unit.text.index(bracket, node.start) + 1
        new = f"{text}, " if node.children else text
        return self._checked(Addition(self._unit, node, Edit(at, at, new), data))

    def _on_own_lines(
        self, node: Mapping | Sequence, at: int, lines: list[str], data: object
    ) -> Addition:
        text = self._unit.text
        start = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
        if not _own_line.fullmatch(text, start, at):
            raise CannotAdd("its lines are written in a way that cannot be added to")
        newline = "\r\n" if "\r\n" in text else "\n"
        indent = " " * (at - start)
        above = self._above_comments(start) if node not in self._unit.roots else at
        if above < at and not text[start:at].strip(" "):
            new = "".join(f"{indent}{line}{newline}" for line in lines)
            return self._checked(Addition(self._unit, node, Edit(above, above, new), data))
        new = (newline + indent).join([*lines, ""])
        return self._checked(Addition(self._unit, node, Edit(at, at, new), data))

    def _above_comments(self, line_start: int) -> int:
        """The start of the first comment line right above a line, so that comments keep theirs."""
        text = self._unit.text
        while line_start:
            above = text.rfind("\n", 0, line_start - 1) + 1
            line = text[above:line_start].strip()
            if line and not line.startswith("#"):
                break
            line_start = above
        return line_start

    def _wants_json(self, node: Node) -> bool:
        """Whether what is added to a node has to be JSON, as what stands around it is."""
        # The key stands before the colon, with quotes around it in JSON.
        before = self._unit.text[max(0, node.start - 80) : node.start].rstrip().removesuffix(":")
        return self._json or _has_quoted_keys(node) or before.rstrip().endswith('"')

    def _checked(self, addition: Addition) -> Addition:
        if self._unit.outer and self._unit.outward([addition.edit]) is None:
            raise CannotAdd("the string that holds it cannot take another line")
        return addition


def _has_quoted_keys(node: Node) -> bool:
    """Whether the first key of a mapping, or of a list's first item, is written as in JSON."""
    while isinstance(node, (Mapping, Sequence)):
        if not node.children:
            return False
        node = node.children[0]
    return isinstance(node, Scalar) and node.style == '"'


def _is_json(text: str, root: Node) -> bool:
    """Whether a root is written as JSON, so that all that is added must be JSON."""
    if not isinstance(root, (Mapping, Sequence)) or not root.flow:
        return False
    return text[root.start + 1 : root.end].lstrip()[:1] in ('"', "{", "[")


def _flow(data: object, json_style: bool) -> str:
    if isinstance(data, dict):
        return (
            "{"
            + ", ".join(f"{_flow(k, json_style)}: {_flow(v, json_style)}" for k, v in data.items())
            + "}"
        )
    if isinstance(data, list):
        return "[" + ", ".join(_flow(item, json_style) for item in data) + "]"
    return f'"{data}"' if json_style else quoted(str(data))


def _block(key: str, value: object) -> list[str]:
    """The lines of a block mapping of one key, indented by two and its lists not at all."""
    if isinstance(value, str):
        return [f"{key}: {quoted(value)}"]
    if isinstance(value, list):
        return [f"{key}:", *map(_item, value)]
    assert isinstance(value, dict)
    inner = [line for k, v in value.items() for line in _block(k, v)]
    return [f"{key}:", *(f"  {line}" for line in inner)]


def _item(item: object) -> str:
    """A list item on a line of its own."""
    return f"- {_flow(item, False).strip('{}')}"
