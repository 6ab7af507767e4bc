"""Kubernetes objects in trees of nodes: identity, fields with merge keys resolved, field paths."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from helm_compat.edits import Edit
from helm_compat.nodes import Mapping, Node, Resolved, Scalar, Sequence, resolve
from helm_compat.scalars import SourceMap, source_map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from helm_compat.knowledge.paths import Path

_plain_key = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)

# A field path while the tree is walked: the path above and one more label. It becomes text only
# for the few places that are reported.
Steps: TypeAlias = "tuple[()] | tuple[Steps, str]"


class Unit:
    """One text of YAML: a document, or a string inside one that is YAML itself.

    `outer` and `node` are the unit and the scalar that hold it; both are None for a document.
    """

    __slots__ = ("_map", "_mapped", "node", "outer", "roots", "text")

    def __init__(
        self,
        text: str,
        roots: list[Resolved],
        outer: Unit | None = None,
        node: Scalar | None = None,
    ) -> None:
        self.text = text
        self.roots = roots
        self.outer = outer
        self.node = node
        self._map: SourceMap | None = None
        self._mapped = False

    @property
    def source_map(self) -> SourceMap | None:
        """How this unit's text stands in the outer unit's, or None where that cannot be told."""
        if not self._mapped and self.outer and self.node:
            self._map = source_map(self.outer.text, self.node)
            self._mapped = True
        return self._map

    def offset(self, position: int) -> int:
        """Turn a position in this text into one in the document's text, as near as can be told."""
        if not self.outer or not self.node:
            return position
        mapping = self.source_map
        return self.outer.offset(mapping.position(position) if mapping else self.node.content)

    def outward(self, edits: list[Edit]) -> list[Edit] | None:
        """Turn edits of this text into edits of the outer unit's text, or None if one cannot be."""
        if not edits:
            return []
        mapping = self.source_map
        result = [mapping.edit(edit) if mapping else None for edit in edits]
        return None if None in result else [edit for edit in result if edit]


class Object(NamedTuple):
    """Which Kubernetes object a place belongs to; empty strings where nothing is said."""

    api_version: str
    kind: str
    namespace: str
    name: str

    @property
    def group(self) -> str:
        """The API group, empty for the core group."""
        group, slash, _ = self.api_version.partition("/")
        return group if slash else ""

    def __str__(self) -> str:
        return "/".join(filter(None, (self.kind, self.namespace, self.name))) or "a document"


NOBODY = Object("", "", "", "")


def identify(root: Mapping) -> Object:
    """Read who an object is."""
    metadata = field(root, "metadata")
    api_version = text_of(field(root, "apiVersion"))
    kind = text_of(field(root, "kind"))
    if type(metadata) is not Mapping:
        return Object(api_version, kind, "", "")
    name = text_of(field(metadata, "name")) or text_of(field(metadata, "generateName"))
    return Object(api_version, kind, text_of(field(metadata, "namespace")), name)


def objects(unit: Unit, above: Steps) -> Iterator[tuple[Object, Mapping, Steps]]:
    """Every object of a unit, those inside a `kind: List` instead of the list around them."""
    for root in unit.roots:
        if type(root) is Mapping:
            yield from objects_of(root, above)


def objects_of(root: Mapping, steps: Steps) -> Iterator[tuple[Object, Mapping, Steps]]:
    """The object that a mapping is, or those that it lists."""
    found = identify(root)
    items = field(root, "items") if found.kind.endswith("List") else None
    if type(items) is not Sequence or field(root, "spec") is not None:
        yield found, root, steps
        return
    for index, item in enumerate(items.children):
        item = resolve(item)
        if type(item) is Mapping:
            below: Steps = ((steps, ".items"), f"[{index}]")
            for inner, node, at in objects_of(item, below):
                # The items of a DeploymentList need not say that they are Deployments.
                kind = inner.kind or found.kind.removesuffix("List")
                version = inner.api_version or found.api_version
                yield inner._replace(kind=kind, api_version=version), node, at


def entries(mapping: Mapping) -> Iterator[tuple[str, Node]]:
    """Keys and values, each duplicate too; then what merge keys add to them.

    A key that is no scalar is left out. https://yaml.org/type/merge.html
    """
    merges = []
    own = set()
    for key, value in mapping.pairs:
        key = resolve(key)
        if type(key) is not Scalar:
            continue
        if key.value == "<<" and not key.style:
            merges.append(value)
        else:
            own.add(key.value)
            yield key.value, value
    for merged in merges:
        for name, value in _merged(merged):
            if name not in own:
                yield name, value


def _merged(node: Node) -> Iterator[tuple[str, Node]]:
    node = resolve(node)
    if type(node) is Mapping:
        yield from entries(node)
    elif type(node) is Sequence:
        for child in node.children:
            yield from _merged(child)


def field(mapping: Mapping, name: str) -> Resolved | None:
    """The value of a key: the last one of duplicates, as Kubernetes reads them."""
    node = entry(mapping, name)
    return None if node is None else resolve(node)


def entry(mapping: Mapping, name: str) -> Node | None:
    """The value of a key as it is written, perhaps an alias: the last one of duplicates."""
    found = None
    merged = None
    for key, value in mapping.pairs:
        key = resolve(key)
        if type(key) is not Scalar:
            continue
        if key.value == name:
            found = value
        elif key.value == "<<" and not key.style:
            merged = next((v for k, v in _merged(value) if k == name), merged)
    return merged if found is None else found


def text_of(node: Node | None) -> str:
    """The value of a scalar; an empty string for anything else."""
    if node is None:
        return ""
    node = resolve(node)
    return node.value if type(node) is Scalar else ""


def descend(node: Node, path: Path, steps: Steps) -> Iterator[tuple[Node, Steps]]:
    """Every node that a path leads to, with the field path of each."""
    if not path:
        yield node, steps
        return
    segment, rest = path[0], path[1:]
    target = resolve(node)
    if segment.key == "**":
        for below_node, below in walk(target, steps):
            yield from descend(below_node, rest, below)
    elif type(target) is Mapping:
        for key, value in entries(target):
            if key == segment.key:
                for child, below in _each(value, segment.each, (steps, label(key))):
                    yield from descend(child, rest, below)


def lookup(node: Node, path: Path, steps: Steps) -> Iterator[tuple[Node, Steps]]:
    """Every node that a path leads to as Kubernetes reads it: of duplicate keys one."""
    if not path:
        yield node, steps
        return
    segment, rest = path[0], path[1:]
    target = resolve(node)
    if segment.key == "**":
        yield from descend(node, path, steps)
    elif type(target) is Mapping:
        value = entry(target, segment.key)
        for child, below in (
            _each(value, segment.each, (steps, label(segment.key))) if value else ()
        ):
            yield from lookup(child, rest, below)


def walk(node: Node, steps: Steps) -> Iterator[tuple[Node, Steps]]:
    """A node and everything below it, in the order of the text; each collection once."""
    pending = [(node, steps)]
    visited = set()
    while pending:
        found, at = pending.pop()
        target = resolve(found)
        if type(target) is Scalar:
            yield found, at
        elif id(target) not in visited:
            visited.add(id(target))
            yield found, at
            pending += reversed(list(children(target, at)))


def _each(node: Node, each: str, steps: Steps) -> Iterator[tuple[Node, Steps]]:
    if not each:
        yield node, steps
        return
    target = resolve(node)
    if type(target) is (Sequence if each.startswith("[]") else Mapping):
        for child, below in children(target, steps):
            yield from _each(child, each[2:], below)


def children(node: Resolved, steps: Steps) -> Iterator[tuple[Node, Steps]]:
    """The values of a mapping or the items of a sequence; nothing below a scalar."""
    if type(node) is Mapping:
        for key, value in entries(node):
            yield value, (steps, label(key))
    elif type(node) is Sequence:
        for index, item in enumerate(node.children):
            yield item, (steps, f"[{index}]")


def label(key: str) -> str:
    """A key as a part of a field path."""
    return f".{key}" if _plain_key.fullmatch(key) else f"['{key}']"


def path_text(steps: Steps) -> str:
    """Write a field path as kubectl does; `#` leads into an embedded document."""
    labels: list[str] = []
    while steps:
        steps, last = steps
        labels.append(last)
    return "".join(reversed(labels)).replace("#.", "#").removeprefix(".")
