"""The rule on fields that a custom resource has and its definition does not know.

Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/,
"Field pruning", and `pkg/apiserver/schema/pruning` of k8s.io/apiextensions-apiserver.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from helm_compat.findings import Finding, Locator
from helm_compat.images.sites import written_at
from helm_compat.images.tree import (
    NOBODY,
    Object,
    Steps,
    Unit,
    entries,
    field,
    label,
    objects,
    path_text,
    text_of,
)
from helm_compat.knowledge.words import did_you_mean
from helm_compat.lint.inspect import State, Stream, Visited
from helm_compat.nodes import InvalidText, Limits, Mapping, Node, Scalar, Sequence, parse, resolve
from helm_compat.stream import Document, split

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARK = b"CustomResourceDefinition"
# What a definition surely says of the group and the kind, and an object of its own group.
_groups = re.compile(rb"""group["']?[ \t]*:[ \t]*["']?([A-Za-z0-9.-]+)""")
_kinds = re.compile(rb"""kind["']?[ \t]*:[ \t]*["']?([A-Za-z0-9]+)""")
_apis = re.compile(rb"""apiVersion["']?[ \t]*:[ \t]*["']?([A-Za-z0-9.-]+)/""")

# What every object has, whatever its schema says.
_EVERY_OBJECT = ("apiVersion", "kind", "metadata")
_TRUE = ("true", "yes", "on", "y")
_NEAR = "Did you mean "
# Among more names than this none that is near is looked for: it would take too long.
_MANY = 300
_DROPPED = (
    "Kubernetes drops it without a word: remove it, or install the definition of a release that"
    " has it."
)

_Api = tuple[str, str]


class _Text(NamedTuple):
    """A document as it stands in its stream."""

    stream: Stream
    document: Document


class _Resource(NamedTuple):
    """A custom resource: who it is, its tree, and how to tell places in it."""

    owner: Object
    root: Mapping
    steps: Steps
    unit: Unit
    place: Locator


class _Field(NamedTuple):
    """A field that is not known, and the names that are known beside it."""

    key: Scalar
    steps: Steps
    known: tuple[str, ...]


def unknown_fields(state: State) -> Iterator[Finding]:
    """Fields of custom resources that no definition of their version in the state knows.

    Definitions are parsed only where a resource of theirs is there.
    """
    texts = [_Text(stream, document) for stream in state.streams for document in split(stream.data)]
    definitions = [text for text in texts if _MARK in text.document.data]
    if not definitions:
        return
    limits = state.settings.scope.limits
    groups = {group for text in definitions for group in _groups.findall(text.document.data)}
    # A document is told by its stream and the line on which it begins.
    parsed = {(v.stream.name, v.place.at(0, "", NOBODY).line): v for v in state.visited}
    resources: list[_Resource] = []
    for text in texts:
        if not groups.isdisjoint(_apis.findall(text.document.data)):
            visited = parsed.get((text.stream.name, text.document.line))
            resources += _resources(text, visited, limits)
    kinds = {resource.owner.kind.encode() for resource in resources}
    schemas: dict[_Api, list[_Comparison]] = {}
    for text in definitions:
        if not kinds.isdisjoint(_kinds.findall(text.document.data)):
            for api, schema in _schemas(text, limits):
                schemas.setdefault(api, []).append(schema)
    for resource in resources:
        api = resource.owner.api_version, resource.owner.kind
        yield from _judge(resource, schemas.get(api, []))


def _resources(text: _Text, visited: Visited | None, limits: Limits) -> list[_Resource]:
    """The objects of a document that may have a definition; none where it cannot be read."""
    unit, place = _parsed(text, limits) if visited is None else (visited.unit, visited.place)
    if not unit:
        return []
    try:
        found = list(objects(unit, ()))
    except RecursionError:
        # Anchors that merge each other; such a text is reported where it is read for its images.
        return []
    if any(owner.kind == "Secret" for owner, _, _ in found):
        place.hide()
    return [
        _Resource(owner, root, steps, unit, place)
        for owner, root, steps in found
        if owner.group and owner.kind != _MARK.decode()
    ]


def _parsed(text: _Text, limits: Limits) -> tuple[Unit | None, Locator]:
    """A document that nothing else had to read."""
    decoded = text.document.data.decode()
    place = Locator(text.stream.name, text.document, decoded)
    try:
        return Unit(decoded, parse(decoded, limits)), place
    except InvalidText:
        return None, place


def _schemas(text: _Text, limits: Limits) -> Iterator[tuple[_Api, _Comparison]]:
    """What a document defines: the served versions whose unknown fields are dropped."""
    unit, place = _parsed(text, limits)
    for owner, root, _ in objects(unit, ()) if unit else ():
        spec = field(root, "spec")
        if owner.kind != _MARK.decode() or type(spec) is not Mapping:
            continue
        names, versions = field(spec, "names"), field(spec, "versions")
        kind = text_of(field(names, "kind")) if type(names) is Mapping else ""
        where = str(place.at(root.start, "", owner))
        old = owner.api_version.endswith("/v1beta1")
        # In v1beta1 all fields are kept unless it says otherwise.
        keeps = text_of(field(spec, "preserveUnknownFields")).lower()
        if keeps in _TRUE or (old and not keeps):
            continue
        for version in versions.children if type(versions) is Sequence else ():
            version = resolve(version)
            if type(version) is Mapping and _is_true(version, "served"):
                holder = field(version, "schema") or (field(spec, "validation") if old else None)
                schema = field(holder, "openAPIV3Schema") if type(holder) is Mapping else None
                api_version = f"{text_of(field(spec, 'group'))}/{text_of(field(version, 'name'))}"
                if type(schema) is Mapping:
                    yield (api_version, kind), _Comparison(schema, where)


def _judge(resource: _Resource, schemas: list[_Comparison]) -> Iterator[Finding]:
    """One resource against its definition; of several it is enough that one knows a field."""
    if not schemas:
        return
    first, *others = schemas
    found = first.unknown(resource)
    for other in others if found else ():
        also = other.unknown(resource)
        found = {start: unknown for start, unknown in found.items() if start in also}
    for _, unknown in sorted(found.items()):
        yield _finding(resource, unknown, first.where)


def _finding(resource: _Resource, unknown: _Field, where: str) -> Finding:
    owner, unit = resource.owner, resource.unit
    offset = written_at(unit, unknown.key, 0)
    width = written_at(unit, unknown.key, max(len(unknown.key.value) - 1, 0)) + 1 - offset
    path = path_text(unknown.steps)
    few = len(unknown.known) <= _MANY
    near = did_you_mean(unknown.key.value, unknown.known) if few else ""
    return Finding(
        "unknown-field",
        "warning",
        f"{path} is no field of {owner.kind} {owner.api_version}",
        resource.place.at(offset, path, owner),
        hint=near if near.startswith(_NEAR) else _DROPPED,
        notes=(f"defined at {where}",),
        excerpt=resource.place.excerpt(offset, width),
    )


class _Level(NamedTuple):
    """What a schema says of the keys of a mapping.

    `rest` is the schema of all keys that have none of their own; `is_open` says that any key may
    stand there, `is_object` that it is an object of Kubernetes with what each of them has.
    """

    properties: dict[str, Mapping]
    rest: Mapping | None
    is_open: bool
    is_object: bool


class _Comparison:
    """A schema while resources are held against it; `where` is the place of its definition."""

    def __init__(self, schema: Mapping, where: str) -> None:
        self.where = where
        self._root = _level(schema)._replace(is_object=True)
        self._levels: dict[int, _Level] = {}
        self._pending: list[tuple[Node, Mapping, Steps]] = []
        self._found: dict[int, _Field] = {}

    def unknown(self, resource: _Resource) -> dict[int, _Field]:
        """The unknown fields by where they stand; nothing below one is looked at."""
        self._found = {}
        self._mapping(resource.root, self._root, resource.steps)
        visited = set()
        while self._pending:
            written, schema, steps = self._pending.pop()
            node = resolve(written)
            if (id(node), id(schema)) in visited:
                continue
            visited.add((id(node), id(schema)))
            if type(node) is Sequence:
                items = field(schema, "items")
                if type(items) is Mapping:
                    for index, child in enumerate(node.children):
                        self._pending.append((child, items, (steps, f"[{index}]")))
            elif type(node) is Mapping:
                level = self._levels.get(id(schema)) or _level(schema)
                self._levels[id(schema)] = level
                self._mapping(node, level, steps)
        return self._found

    def _mapping(self, node: Mapping, level: _Level, steps: Steps) -> None:
        for key, value in _keys(node):
            name = key.value
            inside = (steps, label(name))
            schema = level.properties.get(name, level.rest)
            if level.is_object and name in _EVERY_OBJECT:
                continue
            if schema is not None:
                self._pending.append((value, schema, inside))
            elif not level.is_open:
                self._found[key.start] = _Field(key, inside, tuple(level.properties))


def _level(schema: Mapping) -> _Level:
    properties, rest = field(schema, "properties"), field(schema, "additionalProperties")
    named = dict(entries(properties)) if type(properties) is Mapping else {}
    known = {
        name: target for name, node in named.items() if type(target := resolve(node)) is Mapping
    }
    says_nothing = field(schema, "type") is None and not known
    is_open = (
        says_nothing
        or _is_true(schema, "x-kubernetes-preserve-unknown-fields")
        or text_of(field(schema, "type")) not in ("", "object")
        or _is_true(schema, "additionalProperties")
    )
    is_object = _is_true(schema, "x-kubernetes-embedded-resource")
    return _Level(known, rest if type(rest) is Mapping else None, is_open, is_object)


def _keys(mapping: Mapping) -> Iterator[tuple[Scalar, Node]]:
    """The keys of a mapping with their values, those of merge keys last; each name once."""
    seen: set[str] = set()
    visited: set[int] = set()
    pending: list[Node] = [mapping]
    while pending:
        node = resolve(pending.pop())
        if id(node) in visited:
            continue
        visited.add(id(node))
        if type(node) is Sequence:
            pending += reversed(node.children)
        for key, value in node.pairs if type(node) is Mapping else ():
            name = resolve(key)
            if type(name) is Scalar and name.value == "<<" and not name.style:
                pending.append(value)
            elif type(name) is Scalar and name.value not in seen:
                seen.add(name.value)
                yield name, value


def _is_true(mapping: Mapping, name: str) -> bool:
    return text_of(field(mapping, name)).lower() in _TRUE
