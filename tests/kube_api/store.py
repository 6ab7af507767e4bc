"""The objects of the cluster, kept as JSON bytes so that a list only has to join them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from .objects import Object, decode, encode, look
from .resources import BUILT_IN, CRD, Resource, custom_resources


class Key(NamedTuple):
    """Where an object stands; a cluster's own object has an empty namespace."""

    group: str
    plural: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of one object, as it is sent."""

    key: Key
    api_version: str
    kind: str
    body: bytes  # all but apiVersion and kind
    metadata: bytes
    labels: dict[str, str]
    fields: dict[str, str]  # what a fieldSelector may ask
    uid: str
    owners: tuple[str, ...]

    def value(self, api_version: str = "") -> Object:
        """A new dict of the object, in the asked version."""
        head = {"apiVersion": api_version or self.api_version, "kind": self.kind}
        body: Object = decode(self.body)
        return head | body

    def whole(self, api_version: str) -> bytes:
        """The object's JSON with `apiVersion` and `kind`."""
        return encode({"apiVersion": api_version, "kind": self.kind})[:-1] + b"," + self.body[1:]


class Event(NamedTuple):
    """A change that a watch tells of."""

    version: int
    kind: str  # ADDED, MODIFIED, DELETED
    stored: Stored


@dataclass
class Store:
    """All objects; a caller that reads and then writes holds `lock` over both."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    version: int = 1
    events: list[Event] = field(default_factory=list)
    # What was left of a list after its first page, so that all its pages are of one moment.
    pages: dict[tuple[str, ...], list[Stored]] = field(default_factory=dict)
    _objects: dict[tuple[str, str], dict[Key, Stored]] = field(default_factory=dict)
    _resources: dict[tuple[str, str, str], Resource] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know the resources that are built in."""
        self.changed = threading.Condition(self.lock)
        self._know_resources()

    @property
    def resources(self) -> list[Resource]:
        """Everything that is served."""
        return list(self._resources.values())

    def resource(self, group: str, version: str, plural: str) -> Resource | None:
        """The served resource of that name, if there is one."""
        return self._resources.get((group, version, plural))

    def resource_of(self, target: Object) -> Resource:
        """The resource of an object's apiVersion and kind; raises ValueError if none serves it."""
        api_version, kind = target.get("apiVersion"), target.get("kind")
        for resource in self._resources.values():
            if resource.kind == kind and resource.api_version == api_version:
                return resource
        raise ValueError(f"nothing serves {api_version} {kind}; add its CRD first")

    def find(self, key: Key) -> Stored | None:
        """The object at a key, if there is one."""
        return self._objects.get(key[:2], {}).get(key)

    def all(self, matches: Callable[[Key], bool] = lambda key: True) -> Iterator[Stored]:
        """All objects whose key matches, in order of group, resource, namespace, name."""
        for family in sorted(self._objects):
            for key in sorted(self._objects[family]):
                if matches(key):
                    yield self._objects[family][key]

    def family(self, family: tuple[str, str], namespace: str = "") -> list[Stored]:
        """One resource's objects in order of their keys, of one namespace or of all."""
        objects = self._objects.get(family, {})
        return [objects[key] for key in sorted(objects) if namespace in ("", key.namespace)]

    def since(self, version: int) -> list[Event]:
        """The changes after a version, oldest first."""
        recent = takewhile(lambda event: event.version > version, reversed(self.events))
        return list(recent)[::-1]

    def put(self, resource: Resource, target: Object) -> Stored:
        """Store the object under a new resourceVersion, which `target` gets too."""
        with self.lock:
            self.version += 1
            target["metadata"]["resourceVersion"] = str(self.version)
            stored = pack(resource, target)
            objects = self._objects.setdefault(resource.family, {})
            kind = "MODIFIED" if stored.key in objects else "ADDED"
            objects[stored.key] = stored
            self._tell(kind, stored)
            return stored

    def delete(self, key: Key) -> Stored | None:
        """Take one object away and return it, if it was there."""
        with self.lock:
            stored = self._objects.get(key[:2], {}).pop(key, None)
            if stored is not None:
                self.version += 1
                self._tell("DELETED", stored)
            return stored

    def _tell(self, kind: str, stored: Stored) -> None:
        if stored.key[:2] == CRD.family:
            self._know_resources()
        self.events.append(Event(self.version, kind, stored))
        self.changed.notify_all()

    def _know_resources(self) -> None:
        known = list(BUILT_IN)
        for crd in self.family(CRD.family):
            known += custom_resources(crd.value())
        self._resources = {(item.group, item.version, item.plural): item for item in known}


def pack(resource: Resource, target: Object) -> Stored:
    """The object as it is stored and sent."""
    metadata = target["metadata"]
    namespace = metadata.get("namespace", "") if resource.namespaced else ""
    head = ("apiVersion", "kind", "metadata")
    rest = encode({name: value for name, value in target.items() if name not in head})
    encoded = encode(metadata)
    comma = b"," if rest != b"{}" else b""
    fields = {name: _text(look(target, name)) for name in resource.fields}
    owners = metadata.get("ownerReferences") or ()
    return Stored(
        Key(*resource.family, namespace, metadata["name"]),
        resource.api_version,
        resource.kind,
        b'{"metadata":' + encoded + comma + rest[1:],
        encoded,
        dict(metadata.get("labels") or {}),
        {"metadata.name": metadata["name"], "metadata.namespace": namespace, **fields},
        metadata.get("uid", ""),
        tuple(owner.get("uid", "") for owner in owners),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)
