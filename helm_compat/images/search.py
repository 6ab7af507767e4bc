"""The search for image sites: what is known of an object's kind, and what any object may hold."""

from __future__ import annotations

import re

from helm_compat.images import splits
from helm_compat.images.complete import PUBLIC_REGISTRIES, TAGGED, is_image_name
from helm_compat.images.found import BUILT_IN, POLICIES, Found, Scope, Text
from helm_compat.images.sites import Collector, Context
from helm_compat.images.splits import Divided
from helm_compat.images.tree import (
    Object,
    Steps,
    Unit,
    children,
    descend,
    entries,
    label,
    objects,
    text_of,
)
from helm_compat.knowledge.product import Kind, Split
from helm_compat.nodes import InvalidText, Mapping, Node, Scalar, Sequence, parse, resolve

CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
MAX_EMBEDDING = 32

_flag = re.compile(r"(--?[A-Za-z][A-Za-z0-9._-]*)=(.*)", re.DOTALL)


def find(unit: Unit, scope: Scope) -> Found:
    """Find every image site of a document, in the order of the text."""
    collector = Collector(scope.registries)
    texts: list[Text] = []
    pending = [Text(unit, (), 0, None)]
    while pending:
        text = pending.pop()
        texts.append(text)
        for found, root, steps in objects(text.unit, text.above):
            owner = text.owner or found
            search = _Search(scope, collector, Context(text.unit, owner), text.depth)
            search.object(found, root, steps)
            pending += search.inside
        for item in text.unit.roots:
            if text.owner and type(item) is Sequence:
                search = _Search(scope, collector, Context(text.unit, text.owner), text.depth)
                search.visit(item, text.above, loose=True)
                pending += search.inside
    collector.sites.sort(key=lambda site: site.offset)
    collector.problems.sort(key=lambda problem: problem.offset)
    return Found(collector.sites, collector.problems, texts)


def may_hold_image(value: str, registries: frozenset[str]) -> bool:
    """Whether a string can be or hold a reference; a no is certain."""
    lower = value.lower()
    if any(word in lower for word in ("image", "registry", "://", "\\")):
        return True
    return any(f"{host}/" in lower for host in PUBLIC_REGISTRIES | registries) or bool(
        TAGGED.search(value)
    )


class _Search:
    """The search of one object; `inside` collects the texts that its strings turn out to be."""

    def __init__(self, scope: Scope, collector: Collector, context: Context, depth: int) -> None:
        self.inside: list[Text] = []
        self._scope = scope
        self._to = collector
        self._context = context
        self._depth = depth
        self._pending: list[tuple[Node, Steps, bool, str]] = []
        self._visited: set[tuple[int, str, bool]] = set()

    def object(self, found: Object, root: Mapping, steps: Steps) -> None:
        """All sites of one object, those first that its kind is known for."""
        if found.kind == "CustomResourceDefinition":
            self._schemas(root, steps)
            return
        if found.group.endswith(POLICIES):
            return
        self._known_fields(root, steps, (found.group, found.kind))
        loose = self._depth > 0 or found.group not in BUILT_IN
        strings = (
            {"ConfigMap": "data", "Secret": "stringData"}.get(found.kind) if not found.group else ""
        )
        for name, value in entries(root):
            below = (steps, label(name))
            if strings:
                if name == strings:
                    self._strings(value, below)
            elif name not in ("metadata", "status"):
                self._pair(name, value, below, loose=loose)
        self._drain()

    def visit(self, node: Node, steps: Steps, *, loose: bool) -> None:
        """Search everything below a node; `loose` also trusts keys that are named for an image."""
        self._pending.append((node, steps, loose, ""))
        self._drain()

    def _drain(self) -> None:
        while self._pending:
            written, steps, loose, under = self._pending.pop()
            node = resolve(written)
            if type(node) is Scalar:
                if self._depth:
                    self._embedded(written, node, steps, named=is_image_name(under))
                continue
            key = id(node), under, loose
            if key in self._visited:
                continue
            self._visited.add(key)
            if type(node) is Mapping:
                for name, value in entries(node):
                    if name not in ("metadata", "annotations", "labels"):
                        self._pair(name, value, (steps, label(name)), loose=loose)
            else:
                self._pending += [(c, below, loose, under) for c, below in children(node, steps)]

    def _known_fields(self, root: Mapping, steps: Steps, kind: Kind) -> None:
        knowledge = self._scope.knowledge
        fields = self._scope.fields.get(kind, ()) + knowledge.image_fields.get(kind, ())
        for image_field in fields:
            for node, at in descend(root, image_field.path, steps):
                self._to.known(
                    self._context, node, at, "custom-resource", scheme=image_field.scheme
                )
        for split in knowledge.split_fields.get(kind, ()):
            for node, at in descend(root, split.path or (), steps):
                node = resolve(node)
                if type(node) is Mapping:
                    parts = dict(entries(node))
                    self._split(split, parts, {name: (at, label(name)) for name in parts})

    def _pair(self, name: str, value: Node, steps: Steps, *, loose: bool) -> None:
        """One key of a mapping, by what keys of that name hold."""
        node = resolve(value)
        if type(node) is Sequence:
            self._list(name, node, steps, loose=loose)
        elif loose and type(node) is Mapping:
            self._map(name, node, steps)
        elif loose and is_image_name(name):
            self._to.maybe(self._context, value, steps, "custom-resource", named=True)
        self._pending.append((value, steps, loose, name))

    def _list(self, name: str, node: Sequence, steps: Steps, *, loose: bool) -> None:
        if name in CONTAINERS:
            self._images(node, steps, (".image",), "pod")
        elif name.lower().endswith("volumes"):
            self._images(node, steps, (".image", ".reference"), "image-volume")
        elif name.lower().endswith("env"):
            self._environment(node, steps)
        elif name in ("args", "command"):
            self._arguments(node, steps)
        elif loose and is_image_name(name):
            for child, below in children(node, steps):
                self._to.maybe(self._context, child, below, "custom-resource", named=True)

    def _images(self, items: Sequence, steps: Steps, labels: tuple[str, ...], site: str) -> None:
        """The known image field of every item of a list."""
        nodes = list(children(items, steps))
        for wanted in labels:
            nodes = [
                (value, (below, wanted))
                for item, below in nodes
                for name, value in _entries(item)
                if f".{name}" == wanted
            ]
        for node, at in nodes:
            self._to.known(self._context, node, at, site)

    def _environment(self, items: Sequence, steps: Steps) -> None:
        """Environment variables: whole values, and references divided over several of them."""
        variables: list[tuple[str, Node, Steps]] = []
        for item, below in children(items, steps):
            fields = dict(_entries(item))
            name = text_of(fields.get("name"))
            if name and "value" in fields:
                variables.append((name, fields["value"], (below, ".value")))
        nodes = {name: node for name, node, _ in variables}
        places = {name: at for name, _, at in variables}
        for split in self._scope.knowledge.split_environments:
            self._split(split, nodes, places)
        for name, node, at in variables:
            self._to.maybe(self._context, node, at, "env", named=is_image_name(name))

    def _arguments(self, items: Sequence, steps: Steps) -> None:
        """`--x-image=REF`, `--x-image REF`, and arguments that are whole references."""
        flag = ""
        for item, at in children(items, steps):
            value = text_of(item)
            found = _flag.fullmatch(value)
            if found:
                named = is_image_name(found[1])
                self._to.maybe(self._context, item, at, "args", named=named, start=found.start(2))
                flag = ""
            elif value.startswith("-"):
                flag = value
            else:
                self._to.maybe(self._context, item, at, "args", named=is_image_name(flag))
                flag = ""

    def _map(self, name: str, node: Mapping, steps: Steps) -> None:
        """A map of registry, repository, tag and digest."""
        fields = {key: value for key, value in entries(node) if type(resolve(value)) is Scalar}
        parts = {}
        for role, keys in splits.MAP_KEYS.items():
            key = next((key for key in keys if text_of(fields.get(key))), None)
            if key:
                parts[role] = fields[key]
        values = {role: text_of(value) for role, value in parts.items()}
        if not splits.is_map(values, named=is_image_name(name)):
            return
        divided = Divided(values.get("registry"), None, values["name"], None, ("", "", ""))
        written = {role: node for role, node in parts.items() if role in ("registry", "name")}
        self._to.divided(self._context, divided, written, splits.map_suffix(values), steps)

    def _split(self, split: Split, nodes: dict[str, Node], places: dict[str, Steps]) -> None:
        """A reference that a product divides over named scalars."""
        divided = splits.gather(split, {name: text_of(node) for name, node in nodes.items()})
        if divided:
            names = {role: name for role, name in split.roles if name in nodes}
            parts = {role: nodes[name] for role, name in names.items()}
            self._to.divided(self._context, divided, parts, "", places[next(iter(names.values()))])

    def _schemas(self, root: Mapping, steps: Steps) -> None:
        """`default:` values in the schemas of a CustomResourceDefinition; nothing else in one."""
        pending: list[tuple[Node, Steps, str]] = [(root, steps, "schema")]
        visited = set()
        while pending:
            written, at, inside = pending.pop()
            node = resolve(written)
            if type(node) is Scalar:
                if inside == "default":
                    self._to.maybe(self._context, written, at, "crd-default", named=False)
            elif (id(node), inside) not in visited:
                visited.add((id(node), inside))
                for child, below in children(node, at):
                    step = below[1] if below else ""
                    pending.append((child, below, _inside_schema(inside, step)))

    def _strings(self, value: Node, steps: Steps) -> None:
        """The values of a ConfigMap's `data` or of a Secret's `stringData`."""
        for name, child in _entries(value):
            node = resolve(child)
            if type(node) is Scalar:
                self._embedded(child, node, (steps, label(name)), named=is_image_name(name))

    def _embedded(self, written: Node, node: Scalar, steps: Steps, *, named: bool) -> None:
        """A string: one reference, or YAML or JSON with references in it, or neither."""
        value = node.value
        if not may_hold_image(value, self._scope.registries):
            return
        if not any(c in value for c in "\n{[ "):
            self._to.maybe(self._context, written, steps, "embedded", named=named)
            return
        key = id(node), "#", True
        if self._depth >= MAX_EMBEDDING or key in self._visited:
            return
        self._visited.add(key)
        try:
            roots = parse(value, self._scope.limits)
        except InvalidText:
            # A script, or a format that is not ours: what it names is for the leftovers to say.
            return
        if any(type(root) is not Scalar for root in roots):
            inner = Unit(value, roots, self._context.unit, node)
            self.inside.append(Text(inner, (steps, "#"), self._depth + 1, self._context.object))


def _inside_schema(inside: str, step: str) -> str:
    """What the child of a schema is: a schema, its properties, or its default and all below.

    Below `properties` a name is a field's, not one of the schema's keywords.
    """
    if inside == "default":
        return inside
    return {".default": "default", ".properties": "properties"}.get(
        step if inside == "schema" else "", "schema"
    )


def _entries(node: Node) -> list[tuple[str, Node]]:
    node = resolve(node)
    return list(entries(node)) if type(node) is Mapping else []
