"""One values file as Helm reads it: merge keys resolved, nulls taken out, each value with its path.

Helm's YAML is 1.1, where `yes` and `on` are booleans; a null takes the chart's default away.
"""

from __future__ import annotations

import re
from copy import copy
from fnmatch import fnmatchcase
from typing import NamedTuple

from helm_compat.errors import InputError, place_in
from helm_compat.images.tree import label
from helm_compat.nodes import (
    InvalidText,
    Limits,
    Mapping,
    Node,
    Resolved,
    Scalar,
    Sequence,
    parse,
    resolve,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Path = tuple[str, ...]

_LIMITS = Limits(depth=100, alias_nodes=100_000)
_TRUE = re.compile(r"y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON")
_FALSE = re.compile(r"n|N|no|No|NO|false|False|FALSE|off|Off|OFF")
_NULL = re.compile(r"|~|null|Null|NULL")
# A key of which the value is secret wherever it stands.
_SECRET_KEY = re.compile(
    r"^secret$|(?:password|passwd|token|credentials?|licen[cs]e|(?:secret|access|api|private)[-_]?key)$",
    re.IGNORECASE,
)
# Places of values that are secret, or can be: a template or an environment variable holds any.
_SECRET_PLACES = (
    ("*", "kes", "configuration"),
    ("extraResources",),
)


class Value(NamedTuple):
    """A value that Helm hands to the templates; `key` is None for an item of a list."""

    path: Path
    key: Scalar | None
    node: Resolved

    @property
    def place(self) -> int:
        """Where it is written, 0-based in code points: its key, or the item itself."""
        return self.key.start if self.key else self.node.start

    @property
    def text(self) -> str:
        """A string's value; empty for anything else."""
        return self.node.value if isinstance(self.node, Scalar) and self.node.is_string else ""


class Values:
    """One document of a values file; `root` is its tree and `all` every value in it."""

    def __init__(self, root: Mapping) -> None:
        self.all: list[Value] = []
        # How a boolean was written that the tree holds in one way, by its offset.
        self.written: dict[int, str] = {}
        self.root = copy(root)
        self._fill(self.root, root, ())

    def matching(self, *pattern: str) -> Iterator[Value]:
        """The values whose path fits labels of which each may be a glob."""
        return (value for value in self.all if fits(value.path, pattern))

    def get(self, *path: str) -> Value | None:
        """The value at a path."""
        return next((value for value in self.all if value.path == path), None)

    def is_set(self, *path: str) -> bool:
        """Whether a template would take the value at a path for true."""
        value = self.get(*path)
        if not value:
            return False
        if isinstance(value.node, Scalar):
            return bool(value.node.style and value.node.value) or value.node.value not in (
                "",
                "false",
                "0",
            )
        return bool(value.node.children)

    def _fill(self, made: Mapping | Sequence, node: Mapping | Sequence, path: Path) -> None:
        """Give a copy of a collection the values that Helm takes from it."""
        made.children = []
        if isinstance(node, Mapping):
            for key, value in _pairs(node):
                target = resolve(value)
                if not _is_null(target):
                    made.children += [key, self._value(target, key, (*path, key.value))]
            return
        for index, child in enumerate(node.children):
            made.children.append(self._value(resolve(child), None, (*path, f"[{index}]")))

    def _value(self, node: Resolved, key: Scalar | None, path: Path) -> Resolved:
        made = self._scalar(node) if isinstance(node, Scalar) else copy(node)
        self.all.append(Value(path, key, made))
        if not isinstance(node, Scalar) and not isinstance(made, Scalar):
            self._fill(made, node, path)
        return made

    def _scalar(self, node: Scalar) -> Scalar:
        made = copy(node)
        if not node.style and not node.tag:
            word = "true" if _TRUE.fullmatch(node.value) else ""
            word = "false" if _FALSE.fullmatch(node.value) else word
            if word:
                made.value = word
                self.written[node.start] = node.value
        return made


def read_values(text: str, file: str) -> list[Values]:
    """Read the documents of a values file, of which one is usual; an empty one is left out.

    Raises InputError, with the place, for a syntax error, for a key that stands twice or is no
    text, and for a document that is no mapping.
    """
    try:
        roots = parse(text, _LIMITS)
        for root in roots:
            _check_keys(root)
            if not isinstance(root, Mapping) and not _is_null(root):
                raise InvalidText("values are a mapping of keys", root.start)
    except InvalidText as error:
        raise InputError(error.message, place=place_in(file, text, error.offset)) from error
    return [Values(root) for root in roots if isinstance(root, Mapping)]


def fits(path: Path, pattern: Path) -> bool:
    """Whether a path has the labels of a pattern, of which each may be a glob."""
    return len(path) == len(pattern) and all(map(fnmatchcase, path, pattern))


def path_text(path: Path) -> str:
    """A path as kubectl writes it."""
    parts = (part if part[:1] == "[" else label(part) for part in path)
    return "".join(parts).removeprefix(".")


def is_secret(path: Path) -> bool:
    """Whether no report may show what stands at a path."""
    if any(fits(path[: len(place)], place) for place in _SECRET_PLACES):
        return True
    if path[-1:] == ("value",) and len(path) > 2 and path[-3].lower().endswith("env"):
        return True
    return any(_SECRET_KEY.search(part) for part in path)


def secrets(documents: list[Values]) -> dict[int, Scalar]:
    """The scalars of a file that no report may show, by their offsets.

    A scalar behind an anchor is one if any of its places is.
    """
    return {
        value.node.start: value.node
        for values in documents
        for value in values.all
        if isinstance(value.node, Scalar) and is_secret(value.path)
    }


def masked(text: str, hidden: Iterable[Scalar]) -> str:
    """The text with an asterisk for each code point of some scalars; lines and columns stay."""
    pieces = list(text)
    for node in hidden:
        for offset in range(node.content, node.end):
            if not pieces[offset].isspace():
                pieces[offset] = "*"
    return "".join(pieces)


def _is_null(node: Resolved) -> bool:
    plain = isinstance(node, Scalar) and not node.style and not node.tag
    return plain and bool(_NULL.fullmatch(node.value))  # type: ignore[union-attr]  # a scalar


def _pairs(node: Mapping) -> list[tuple[Scalar, Node]]:
    """A mapping's keys and values, and behind them what its merge keys add."""
    own: dict[str, tuple[Scalar, Node]] = {}
    merged: list[tuple[Scalar, Node]] = []
    for key, value in node.pairs:
        key = resolve(key)
        assert isinstance(key, Scalar)  # _check_keys has seen to it
        if key.value == "<<" and not key.style:
            target = resolve(value)
            sources = target.children if isinstance(target, Sequence) else [target]
            for source in map(resolve, sources):
                merged += _pairs(source) if isinstance(source, Mapping) else []
        else:
            own[key.value] = (key, value)
    for key, value in merged:
        own.setdefault(key.value, (key, value))
    return list(own.values())


def _check_keys(root: Resolved) -> None:
    """Raise InvalidText for the first key of a tree that stands twice or is no text."""
    pending: list[Node] = [root]
    seen: set[int] = set()
    faults: list[tuple[int, str]] = []
    while pending:
        node = resolve(pending.pop())
        if isinstance(node, Scalar) or id(node) in seen:
            continue
        seen.add(id(node))
        pending += node.children
        names: set[str] = set()
        for key, _ in node.pairs if isinstance(node, Mapping) else ():
            key = resolve(key)
            if not isinstance(key, Scalar):
                faults.append((key.start, "a key must be text"))
            elif key.value in names:
                faults.append((key.start, f"the key {key.value!r} stands twice"))
            else:
                names.add(key.value)
    if faults:
        offset, message = min(faults)
        raise InvalidText(message, offset)
