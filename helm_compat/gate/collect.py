"""From documents to components: what a render holds of the products, and the objects to judge."""

from __future__ import annotations

import re
from typing import NamedTuple

from helm_compat.findings import At, Excerpt, Locator
from helm_compat.gate.crds import Annotation, Crd, read_crds
from helm_compat.gate.instance import Instance
from helm_compat.gate.known import AnnotationSeen
from helm_compat.images.candidates import is_crd
from helm_compat.images.reference import InvalidReference, Reference, parse
from helm_compat.images.sites import Site, written_at
from helm_compat.images.tree import (
    Object,
    Steps,
    Unit,
    children,
    field,
    label,
    lookup,
    objects,
    path_text,
    text_of,
    walk,
)
from helm_compat.knowledge.compatibility import Component, Products
from helm_compat.knowledge.detections import Detections, GroupMark, ImageMark, Owner
from helm_compat.nodes import Alias, Limits, Mapping, Node, Sequence, resolve
from helm_compat.stream import Document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Item(NamedTuple):
    """One object that is judged: who it is, its tree, and how to tell places in it."""

    object: Object
    root: Mapping
    steps: Steps
    unit: Unit
    place: Locator

    def mark(
        self, node: Node, steps: Steps, start: int = 0, width: int = 0
    ) -> tuple[At, Excerpt | None]:
        """The place of a scalar, or of `width` code points of its value from `start` on."""
        offset = written_at(self.unit, node, start)
        last = start + (width or len(text_of(node)) - start) - 1
        end = written_at(self.unit, node, max(last, 0)) + 1
        if type(node) is Alias:
            end = offset + node.end - node.start
        return (
            self.place.at(offset, path_text(steps), self.object),
            self.place.excerpt(offset, end - offset),
        )

    def whole(self) -> tuple[At, Excerpt | None]:
        """The place of the object as a whole."""
        start = self.unit.offset(self.root.start)
        return self.place.at(start, "", self.object), self.place.excerpt(start, 1)


class Definition(NamedTuple):
    """A CustomResourceDefinition whose versions matter, and where it stands in the render."""

    crd: Crd
    at: At | None
    excerpt: Excerpt | None


class GroupSeen(NamedTuple):
    """What the group of a CustomResourceDefinition says of a component's release."""

    mark: GroupMark
    crd: Crd


class Collected(NamedTuple):
    """All that a render holds for the gate."""

    products: set[str]
    instances: list[Instance]
    items: list[Item]
    definitions: list[Definition]
    annotations: list[AnnotationSeen]
    groups: list[GroupSeen]


class Collector:
    """Takes in one document after the other.

    `namespace` is that of the release, for the objects that name none.
    """

    def __init__(
        self, marks: Detections, products: Products, limits: Limits, namespace: str = ""
    ) -> None:
        self.collected = Collected(set(), [], [], [], [], [])
        self._marks = marks
        self._products = products
        self._limits = limits
        self._namespace = namespace
        kinds = {kind for _, kind in (*marks.kinds, *marks.fields)} | marks.any_kind.keys()
        words = "|".join(sorted(map(re.escape, kinds)))
        self._words = re.compile(words.encode()) if words else None
        keys = {mark.key for mark in marks.annotations} | marks.crds.keys() | marks.groups.keys()
        self._keys = tuple(key.encode() for key in sorted(keys))

    def wants(self, data: bytes) -> bool:
        """Whether a document that holds no image has to be parsed for the gate."""
        return bool(self._words and self._words.search(data))

    def definitions(self, document: Document, file: str) -> None:
        """Take in the CustomResourceDefinitions of a document; raises InvalidText."""
        data = document.data
        if b"CustomResourceDefinition" not in data:
            return
        if is_crd(data) and not any(key in data for key in self._keys):
            return
        text = data.decode()
        place = Locator(file, document, text)
        for crd in read_crds(data, text, self._limits, served=frozenset(self._marks.crds)):
            self._definition(crd, place)

    def _definition(self, crd: Crd, place: Locator) -> None:
        owner = Object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", crd.name)
        if crd.is_beside_secret:
            place.hide()
        if crd.name in self._marks.crds:
            self.collected.products.update(self._marks.crds[crd.name])
            at = place.at(crd.offset, path_text(crd.path), owner)
            self.collected.definitions.append(Definition(crd, at, place.excerpt(crd.offset, 1)))
        groups = [GroupSeen(group, crd) for group in self._marks.groups.get(crd.group, ())]
        self.collected.groups.extend(groups)
        for mark in self._marks.annotations:
            seen = crd.annotations.get(mark.key)
            if seen and mark.group == crd.group:
                self.collected.products.add(mark.owner.product)
                self.collected.annotations.append(
                    AnnotationSeen(mark, self._annotated(mark.owner, seen, owner, place))
                )

    def document(self, unit: Unit, sites: list[Site], place: Locator) -> None:
        """Take in the objects of a document and the images that were found in it."""
        found = list(objects(unit, ()))
        if any(owner.kind == "Secret" for owner, _, _ in found):
            place.hide()
        here: dict[Object, Item] = {}
        for owner, root, steps in found:
            named = owner._replace(namespace=owner.namespace or self._namespace)
            item = here[owner] = Item(named, root, steps, unit, place)
            kinds = self._marks.kinds.get((owner.group, owner.kind), ())
            products = {*kinds, *self._marks.any_kind.get(owner.group, ())}
            if products:
                self.collected.products.update(products)
                self.collected.items.append(item)
            self._fields(item)
        for site in sites:
            if site.object in here:
                self._site(site, here[site.object])

    def _fields(self, item: Item) -> None:
        for mark in self._marks.fields.get((item.object.group, item.object.kind), ()):
            nodes = [
                (node, steps)
                for node, steps in lookup(item.root, mark.path, item.steps)
                if text_of(node)
            ]
            component = self._component(mark.owner)
            for node, steps in nodes:
                self._add(_read(mark.owner, component, item, node, steps, text_of(node)))
            if not nodes and component.role == "operand":
                at, excerpt = item.whole()
                self._add(Instance(*mark.owner, None, "absent", "", item.object, "", at, excerpt))

    def _site(self, site: Site, item: Item) -> None:
        inside = site.path.removeprefix(path_text(item.steps)).removeprefix(".")
        for default in self._marks.defaults.get(site.object.name, ()):
            if site.object.kind == "ConfigMap" and inside == default.path:
                found = self._from_site(default.owner, site, item)
                self._add(found._replace(default=True))
        if site.site != "pod" or not _is_running(site):
            return
        path = site.reference.path.split("/")
        for mark in self._marks.images.get(path[-1], ()):
            if tuple(path[-len(mark.names) :]) == mark.names:
                found = self._from_site(mark.owner, site, item)
                found = self._otherwise(mark, found, item)
                if self._component(mark.owner).role == "operator" and mark.watches:
                    found = found._replace(watches=_watched(item.root, mark.watches))
                self._add(found)

    def _from_site(self, owner: Owner, site: Site, item: Item) -> Instance:
        part = site.parts[0]
        tag = site.reference.tag
        whole = len(site.parts) == 1 and site.text in text_of(part.node)
        start = part.end + 1 if tag and whole else part.start
        width = len(tag) if tag and whole else part.end - part.start
        inner = item._replace(unit=site.unit)
        at, excerpt = inner.mark(part.node, (), start, width)
        return _instance(
            owner,
            self._component(owner),
            site.reference,
            site.text,
            item.object,
            at._replace(path=site.path),
            excerpt,
        )

    def _otherwise(self, mark: ImageMark, found: Instance, item: Item) -> Instance:
        """The same with the release from another place, where the tag does not tell it."""
        if found.version:
            return found
        found = found._replace(clues=tuple(_clues(mark, item)))
        component = self._component(mark.owner)
        for value, node, steps in _other_places(mark, item):
            version = component.read(value)
            if version:
                at, excerpt = item.mark(node, steps, len(text_of(node)) - len(value))
                return found._replace(
                    version=version, problem="", written=value, at=at, excerpt=excerpt
                )
        return found

    def _annotated(self, owner: Owner, seen: Annotation, crd: Object, place: Locator) -> Instance:
        version = self._component(owner).read(seen.value)
        return Instance(
            *owner,
            version,
            "" if version else "unreadable",
            seen.value,
            crd,
            at=place.at(seen.offset, path_text(seen.path), crd),
            excerpt=place.excerpt(seen.offset, len(seen.value)),
        )

    def _add(self, instance: Instance) -> None:
        self.collected.products.add(instance.product)
        self.collected.instances.append(instance)

    def _component(self, owner: Owner) -> Component:
        return self._products[owner.product].components[owner.component]


def _read(
    owner: Owner, component: Component, item: Item, node: Node, steps: Steps, text: str
) -> Instance:
    """The component that a field names by its image."""
    try:
        reference = parse(text)
    except InvalidReference:
        at, excerpt = item.mark(node, steps)
        return Instance(*owner, None, "unreadable", text, item.object, "", at, excerpt, text)
    start = reference.name_length + 1 if reference.tag else 0
    at, excerpt = item.mark(node, steps, start, len(reference.tag))
    return _instance(owner, component, reference, text, item.object, at, excerpt)


def _instance(
    owner: Owner,
    component: Component,
    reference: Reference,
    text: str,
    found: Object,
    at: At,
    excerpt: Excerpt | None,
) -> Instance:
    version = component.read(reference.tag) if reference.tag else None
    problem = "" if version else _problem(reference)
    written = reference.tag or text
    return Instance(*owner, version, problem, written, found, "", at, excerpt, text)


def _is_running(site: Site) -> bool:
    """Whether an image runs as long as its object is there: no init container and no Job."""
    if site.object.kind in ("Job", "CronJob", "DaemonSet"):
        return False
    return bool(re.search(r"(?:\.|\A)containers\[\d+\]\.image\Z", site.path))


def _problem(reference: Reference) -> str:
    if not reference.tag:
        return "digest" if reference.digest else "untagged"
    return "latest" if reference.tag == "latest" else "unreadable"


def _other_places(mark: ImageMark, item: Item) -> Iterator[tuple[str, Node, Steps]]:
    """A label of the object, and an argument of its containers, that name a release."""
    metadata = field(item.root, "metadata")
    labels = field(metadata, "labels") if mark.label and type(metadata) is Mapping else None
    if type(labels) is Mapping:
        named = field(labels, mark.label)
        if named is not None:
            above: Steps = (((item.steps, ".metadata"), ".labels"), label(mark.label))
            yield text_of(named), named, above
    for node, steps in walk(item.root, item.steps) if mark.argument else ():
        flag, equals, value = text_of(node).partition("=")
        if equals and flag == mark.argument:
            yield value, node, steps
        elif type(resolve(node)) is Sequence:
            yield from _following(mark.argument, list(children(resolve(node), steps)))


def _following(flag: str, items: list[tuple[Node, Steps]]) -> Iterator[tuple[str, Node, Steps]]:
    """What stands behind a flag in a list of arguments."""
    for number, (node, steps) in enumerate(items):
        if number and text_of(items[number - 1][0]) == flag:
            yield text_of(node), node, steps


def _clues(mark: ImageMark, item: Item) -> Iterator[str]:
    """What the default image of a release says of an operator that does not say it itself."""
    for name, node in _variables(item.root) if mark.clue else ():
        tag = text_of(node).rpartition(":")[2]
        release = dict(mark.clue_releases).get(tag)
        if name == mark.clue and release:
            yield f"{mark.clue} is {text_of(node)}, the default of {mark.owner.component} {release}"


def _variables(root: Mapping) -> Iterator[tuple[str, Node]]:
    """Environment variables, wherever they stand: name and value."""
    for node, _ in walk(root, ()):
        node = resolve(node)
        if type(node) is Mapping and (value := field(node, "value")) is not None:
            yield text_of(field(node, "name")), value


def _watched(root: Mapping, variable: str) -> tuple[str, ...] | None:
    """The namespaces that an environment variable lists; None where it lists none."""
    for name, node in _variables(root):
        if name == variable:
            names = text_of(node).split(",")
            return tuple(name.strip() for name in names if name.strip()) or None
    return None
