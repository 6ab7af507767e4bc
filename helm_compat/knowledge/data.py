"""Plain data (dicts, lists, strings, numbers, booleans, None) from a YAML text of our formats."""

from __future__ import annotations

import re

from helm_compat.nodes import InvalidText, Limits, Mapping, Node, Scalar, parse, resolve

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_WORDS: dict[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}

# Dates and versions stay strings: a file of facts must not change 4.10 into 4.1.


def plain(node: Node) -> object:
    """Turn a tree into plain data; raises InvalidText for a key that is no string or stands twice."""
    node = resolve(node)
    if isinstance(node, Scalar):
        return _scalar(node)
    if not isinstance(node, Mapping):
        return [plain(child) for child in node.children]
    result: dict[str, object] = {}
    for key, value in node.pairs:
        key = resolve(key)
        if type(key) is not Scalar:
            raise InvalidText("a key must be a string", key.start)
        if key.value in result:
            raise InvalidText(f"the key {key.value!r} stands twice", key.start)
        result[key.value] = plain(value)
    return result


def load(text: str) -> object:
    """Read the only document of a text; raises InvalidText."""
    roots = parse(text, Limits())
    if len(roots) > 1:
        raise InvalidText("more than one document", roots[1].start)
    return plain(roots[0]) if roots else None


def _scalar(node: Scalar) -> object:
    if node.style or node.tag:
        return node.value
    if node.value in _WORDS:
        return _WORDS[node.value]
    return int(node.value) if _INTEGER.fullmatch(node.value) else node.value
