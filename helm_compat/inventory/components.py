"""From what was read of a cluster to its components, each with what is wanted and what runs."""

from __future__ import annotations

import json
from typing import NamedTuple

from helm_compat.findings import Locator
from helm_compat.gate.clues import with_clues
from helm_compat.gate.collect import Collected, Collector
from helm_compat.gate.installed import read_version
from helm_compat.gate.instance import Instance, is_equal
from helm_compat.gate.known import Gap
from helm_compat.gate.state import filled, order
from helm_compat.images.found import Scope
from helm_compat.images.search import find
from helm_compat.images.tree import Object, Unit
from helm_compat.inventory.objects import (
    Key,
    containers,
    helm_release,
    identity,
    key_of,
    last_name,
    metadata,
    owned_pods,
    values_at,
)
from helm_compat.inventory.snapshot import Release, Snapshot
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.detections import Detections, FieldMark
from helm_compat.knowledge.paths import Path
from helm_compat.nodes import parse as parse_text
from helm_compat.stream import Document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

NO_RELEASE = Release("", "")


class Running(NamedTuple):
    """One image that some pods of a component run; `pods` is 0 where only the status tells it."""

    image: str
    version: str
    pods: int
    ready: int


class Component(NamedTuple):
    """One component in the cluster: what is wanted, what runs, and the release that owns it.

    `wanted` is read from `path` of its object.
    """

    wanted: Instance
    path: str
    running: tuple[Running, ...]
    release: Release

    @property
    def behind(self) -> tuple[Running, ...]:
        """What runs and is not what is wanted."""
        return tuple(r for r in self.running if r.version != self.wanted.written)


class Definition(NamedTuple):
    """A CustomResourceDefinition: the versions that it serves, and those that objects may be in.

    `annotations` are those that name a release of a product, sorted.
    """

    name: str
    served: tuple[str, ...]
    stored: tuple[str, ...]
    release: Release
    annotations: tuple[tuple[str, str], ...] = ()


class Inventory(NamedTuple):
    """What is installed in one cluster, sorted; `gaps` is what could not be looked up.

    `namespaces` are those that alone were asked for, if any. `defaults` are the releases that
    operators give to objects which name no image, each with the object that says so.
    """

    cluster: str
    kubernetes: str
    components: tuple[Component, ...]
    definitions: tuple[Definition, ...]
    gaps: tuple[Gap, ...]
    namespaces: tuple[str, ...] = ()
    defaults: tuple[Instance, ...] = ()


def take_inventory(
    snapshot: Snapshot, marks: Detections, products: Products, scope: Scope
) -> Inventory:
    """Find the components of all products in what was read of a cluster."""
    return _Reader(snapshot, marks, products, scope).inventory()


class _Reader:
    def __init__(
        self, snapshot: Snapshot, marks: Detections, products: Products, scope: Scope
    ) -> None:
        self._snapshot = snapshot
        self._marks = marks
        self._products = products
        self._scope = scope
        self._items = {key_of(item): item for item in self._all()}
        self._pods = owned_pods(snapshot.pods, snapshot.owned)

    def inventory(self) -> Inventory:
        collected = self._collected()
        found: list[Component] = []
        defaults: list[Instance] = []
        for name in sorted(collected.products):
            instances = with_clues(self._products[name], collected, installed=True)
            gives = sorted((i for i in instances if i.default), key=order)
            defaults += map(self._live, gives)
            found += [self._component(filled(i, gives)) for i in instances if not i.default]
        return Inventory(
            self._snapshot.cluster,
            self._snapshot.kubernetes,
            tuple(sorted(dict.fromkeys(found), key=_order)),
            tuple(sorted(map(self._definition, self._snapshot.definitions))),
            self._snapshot.gaps,
            self._snapshot.namespaces,
            tuple(dict.fromkeys(defaults)),
        )

    def _all(self) -> Iterator[dict[str, Any]]:
        yield from self._snapshot.workloads
        for items in self._snapshot.resources.values():
            yield from items

    def _collected(self) -> Collected:
        """What the gate would find in manifests of the same objects."""
        collector = Collector(self._marks, self._products, self._scope.limits)
        for number, item in enumerate(self._snapshot.definitions):
            collector.definitions(_document(number, _definition_alone(item)), "")
        for number, item in enumerate((*self._snapshot.workloads, *self._snapshot.config_maps)):
            document = _document(number, _manifest(item))
            text = document.data.decode()
            unit = Unit(text, parse_text(text, self._scope.limits))
            collector.document(unit, find(unit, self._scope).sites, Locator("", document, text))
        collected = collector.collected
        for kind, items in self._snapshot.resources.items():
            for mark in self._marks.fields.get(kind, ()):
                collected.products.add(mark.owner.product)
                collected.instances.extend(
                    instance for item in items for instance in self._resource(mark, item)
                )
        return collected

    def _resource(self, mark: FieldMark, item: dict[str, Any]) -> Iterator[Instance]:
        """The component that a field of a custom resource names."""
        product = self._products[mark.owner.product]
        component = product.components[mark.owner.component]
        texts = [value for value in values_at(item, mark.path) if value and isinstance(value, str)]
        for text in texts:
            yield read_version(
                product, component, text, "", owner=identity(item), strict=False, image=True
            )
        if not texts and component.role == "operand":
            yield Instance(*mark.owner, None, "absent", "", identity(item))

    # --- One component: what runs, and whose it is ---

    def _component(self, instance: Instance) -> Component:
        owner = instance.object
        key = Key(owner.kind, owner.namespace, owner.name)
        item = self._items.get(key, {})
        mark = self._mark(instance)
        path = _read_from(instance, mark)
        running = self._of_pods(instance, self._pods.get(key, ()))
        if not running and mark:
            running = self._of_status(instance, item, mark)
        name = helm_release(item)
        release = self._snapshot.releases.get(name, NO_RELEASE)
        return Component(self._live(instance), path, running, release)

    def _live(self, instance: Instance) -> Instance:
        """An instance that says where in the cluster it was read."""
        origin = f"{_shown(instance.object)}, {_cluster(self._snapshot.cluster)}"
        return instance._replace(origin=origin, at=None, excerpt=None, live=True)

    def _mark(self, instance: Instance) -> FieldMark | None:
        kind = instance.object.group, instance.object.kind
        marks = self._marks.fields.get(kind, ())
        return next((m for m in marks if m.owner == (instance.product, instance.component)), None)

    def _of_pods(self, instance: Instance, pods: Iterable[dict[str, Any]]) -> tuple[Running, ...]:
        """The images of the pods' containers that are of the same repository as what is wanted."""
        counts: dict[str, list[int]] = {}
        name = last_name(instance.image)
        for pod in pods:
            ready = _ready(pod)
            for container in containers(pod.get("spec") or {}):
                image = container.get("image", "")
                if name and last_name(image) == name:
                    count = counts.setdefault(image, [0, 0])
                    count[0] += 1
                    count[1] += container.get("name") in ready
                    break
        return tuple(
            Running(image, self._written(instance, image), *count)
            for image, count in sorted(counts.items())
        )

    def _of_status(
        self, instance: Instance, item: dict[str, Any], mark: FieldMark
    ) -> tuple[Running, ...]:
        for path in mark.running:
            images = sorted({str(value) for value in values_at(item, path) if value})
            if images:
                return tuple(Running(i, self._written(instance, i), 0, 0) for i in images)
        return ()

    def _written(self, instance: Instance, image: str) -> str:
        product = self._products[instance.product]
        component = product.components[instance.component]
        return read_version(product, component, image, "", strict=False, image=True).written

    def _definition(self, item: dict[str, Any]) -> Definition:
        versions = (item.get("spec") or {}).get("versions") or ()
        annotations = metadata(item).get("annotations") or {}
        keys = {mark.key for mark in self._marks.annotations}
        stored = (item.get("status") or {}).get("storedVersions") or ()
        return Definition(
            metadata(item).get("name", ""),
            tuple(v.get("name", "") for v in versions if v.get("served")),
            tuple(stored),
            self._snapshot.releases.get(helm_release(item), NO_RELEASE),
            tuple((k, str(v)) for k, v in sorted(annotations.items()) if k in keys),
        )


def installed(inventory: Inventory, products: Products) -> tuple[Instance, ...]:
    """What the gate is to take for installed: what is wanted, and what runs still beside it.

    Behind them stands what operators give by default.
    """
    found = []
    for component in inventory.components:
        wanted = component.wanted
        found.append(wanted)
        product = products[wanted.product]
        for running in component.behind:
            text, kind = running.image, product.components[wanted.component]
            other = read_version(product, kind, text, "", strict=False, image=True)
            if is_equal(wanted, other):
                continue
            pods = f" ({running.pods} pod{'s' * (running.pods != 1)})" if running.pods else ""
            origin = wanted.origin.replace(",", f"{pods},", 1) if pods else wanted.origin
            found.append(
                wanted._replace(
                    version=other.version,
                    problem=other.problem,
                    written=other.written,
                    image=text,
                    origin=origin,
                )
            )
    return (*found, *inventory.defaults)


def _document(number: int, manifest: dict[str, Any]) -> Document:
    # YAML 1.2 reads JSON, but a line feed inside a key or a string is an escape in both.
    return Document(number, 0, 1, json.dumps(manifest, ensure_ascii=False).encode())


def _manifest(item: dict[str, Any]) -> dict[str, Any]:
    """An object as it would stand in a manifest: without what the server adds."""
    kept = {key: value for key, value in item.items() if key in ("apiVersion", "kind", "data")}
    names = ("name", "namespace", "labels")
    kept["metadata"] = {key: v for key, v in metadata(item).items() if key in names}
    if "spec" in item:
        kept["spec"] = item["spec"]
    return kept


def _definition_alone(item: dict[str, Any]) -> dict[str, Any]:
    """A CustomResourceDefinition without its schemas."""
    spec = item.get("spec") or {}
    versions = [
        {key: v.get(key) for key in ("name", "served", "storage")}
        for v in spec.get("versions") or ()
    ]
    found = metadata(item)
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": found.get("name", ""), "annotations": found.get("annotations") or {}},
        "spec": {"group": spec.get("group", ""), "versions": versions},
    }


def _ready(pod: dict[str, Any]) -> set[str]:
    status = pod.get("status") or {}
    return {
        entry.get("name", "")
        for key in ("containerStatuses", "initContainerStatuses")
        for entry in status.get(key) or ()
        if entry.get("ready")
    }


def _read_from(instance: Instance, mark: FieldMark | None) -> str:
    """The field that told what is wanted; with the object where that is another one."""
    if not instance.at:
        return _path_text(mark.path) if mark else ""
    other = instance.at.object
    if other.name == instance.object.name and other.kind == instance.object.kind:
        return instance.at.path
    return f"{other.kind}/{other.name} {instance.at.path}"


def _path_text(path: Path) -> str:
    return ".".join(f"{segment.key}{segment.each}" for segment in path)


def _shown(owner: Object) -> str:
    name = "/".join(filter(None, (owner.namespace, owner.name)))
    return f"{owner.kind} {name}"


def _cluster(name: str) -> str:
    return f"cluster {name}" if name else "the cluster"


def _order(component: Component) -> tuple[str, ...]:
    wanted = component.wanted
    owner = wanted.object
    return (
        wanted.product,
        wanted.component,
        owner.namespace,
        owner.kind,
        owner.name,
        component.path,
        wanted.written,
    )
