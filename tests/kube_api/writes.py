"""Create, update, patch, apply and delete, with the checks that the real server makes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from .apply import apply
from .defaults import complete, stamp
from .objects import Object, copy, look, meta, now
from .patches import json_patch, merge_patch, strategic_merge
from .resources import CRD, NAMESPACE, Resource, storage_version
from .status import StatusError, already_exists, conflict, not_found
from .store import Key, Store, Stored, pack


class Target(NamedTuple):
    """Which object a request is about; the name is empty for a whole collection."""

    resource: Resource
    namespace: str
    name: str
    subresource: str = ""

    @property
    def key(self) -> Key:
        """Where the object stands."""
        return Key(*self.resource.family, self.namespace, self.name)


class Options(NamedTuple):
    """How a writer wants it."""

    dry_run: bool = False
    manager: str = "unknown"
    force: bool = False
    orphan: bool = False


@dataclass
class Writer:
    """Writes to the store as the API does; every method raises StatusError for a refusal."""

    store: Store
    run_jobs: bool = True

    def create(self, target: Target, wanted: Object, options: Options) -> Stored:
        """A new object; `metadata.generateName` is honoured."""
        metadata = _checked(target, wanted)
        if not metadata.get("name") and metadata.get("generateName"):
            metadata["name"] = metadata["generateName"] + uuid.uuid4().hex[:5]
        name = metadata.get("name")
        if not name:
            message = f"{target.resource.kind} is invalid: metadata.name: Required value"
            raise StatusError(422, message + ": name or generateName is required")
        target = target._replace(name=name)
        self._check_namespace(target)
        if self.store.find(target.key) is not None:
            raise already_exists(target.resource, name)
        if target.resource.status:
            wanted.pop("status", None)
        metadata.pop("uid", None)
        return self._write(target.resource, wanted, None, options)

    def update(self, target: Target, wanted: Object, options: Options) -> Stored:
        """The object replaced as a whole, or only its status."""
        metadata = _checked(target, wanted)
        former = self.existing(target)
        version = metadata.get("resourceVersion")
        if version and version != meta(former)["resourceVersion"]:
            raise conflict(target.resource, target.name)
        metadata["name"] = target.name
        if not metadata.get("managedFields") and meta(former).get("managedFields"):
            metadata["managedFields"] = meta(former)["managedFields"]
        return self._write(target.resource, _allowed(target, former, wanted), former, options)

    def patch(self, target: Target, kind: str, patch: Any, options: Options) -> Stored:
        """The object patched; `kind` is the media type after `application/`."""
        if kind == "apply-patch+yaml":
            return self._apply(target, patch, options)
        former = self.existing(target)
        change = _PATCHES.get(kind)
        if change is None or (kind.startswith("strategic") and target.resource.custom):
            raise StatusError(415, "the body of the request was in an unknown format")
        return self.update(target, change(copy(former), patch), options)

    def _apply(self, target: Target, wanted: Object, options: Options) -> Stored:
        _checked(target, wanted)
        meta(wanted).setdefault("name", target.name)
        stored = self.store.find(target.key)
        former = stored.value(target.resource.api_version) if stored is not None else None
        if former is None:
            self._check_namespace(target)
        if former is None and target.subresource:
            raise not_found(target.resource, target.name)
        lists = not target.resource.custom
        merged = apply(former, wanted, options.manager, force=options.force, lists=lists)
        if former is not None:
            merged = _allowed(target, former, merged)
        return self._write(target.resource, merged, former, options)

    def delete(self, target: Target, options: Options) -> Stored:
        """The object taken away; with finalizers it is only marked."""
        stored = self.store.find(target.key)
        if stored is None:
            raise not_found(target.resource, target.name)
        if options.dry_run:
            return stored
        if look(stored.value(), "metadata.finalizers"):
            marked = stored.value()
            meta(marked).setdefault("deletionTimestamp", now())
            if meta(marked) == look(stored.value(), "metadata"):
                return stored
            return self.store.put(target.resource, marked)
        self.remove(stored, orphan=options.orphan)
        return stored

    def remove(self, stored: Stored, *, orphan: bool = False) -> None:
        """Take the object away, with what it contained, defined or (unless `orphan`) owned."""
        definition = stored.value() if stored.key[:2] == CRD.family else {}
        family = (look(definition, "spec.group"), look(definition, "spec.names.plural"))
        for item in list(self.store.all(lambda key: key[:2] == family)):
            self.store.delete(item.key)
        self.store.delete(stored.key)
        if stored.key[:2] == NAMESPACE.family:
            for item in list(self.store.all(lambda key: key.namespace == stored.key.name)):
                self.store.delete(item.key)
        if not orphan:
            for item in [item for item in self.store.all() if stored.uid in item.owners]:
                self.remove(item)

    def existing(self, target: Target) -> Object:
        """A new dict of the object in the asked version."""
        stored = self.store.find(target.key)
        if stored is None:
            raise not_found(target.resource, target.name)
        return stored.value(target.resource.api_version)

    def _check_namespace(self, target: Target) -> None:
        place = Key(*NAMESPACE.family, "", target.namespace)
        if target.namespace and self.store.find(place) is None:
            raise not_found(NAMESPACE, target.namespace)

    def _write(
        self, resource: Resource, wanted: Object, former: Object | None, options: Options
    ) -> Stored:
        wanted["apiVersion"], wanted["kind"] = resource.api_version, resource.kind
        # A job runs once: it stays complete, and another write of it starts none.
        complete(resource, wanted, run_jobs=self.run_jobs and former is None)
        stamp(resource, wanted, former)
        kept = self._storage(resource)
        if former is not None:
            meta(wanted)["resourceVersion"] = meta(former)["resourceVersion"]
            if wanted == former:
                return pack(kept, wanted)
        if options.dry_run:
            meta(wanted).setdefault("resourceVersion", "")
            return pack(kept, wanted)
        stored = self.store.put(kept, wanted)
        if meta(wanted).get("deletionTimestamp") and not meta(wanted).get("finalizers"):
            self.remove(stored)
        return stored

    def _storage(self, resource: Resource) -> Resource:
        if not resource.custom:
            return resource
        key = Key(*CRD.family, "", f"{resource.plural}.{resource.group}")
        definition = self.store.find(key)
        assert definition is not None
        version = storage_version(definition.value())
        return self.store.resource(resource.group, version, resource.plural) or resource


_PATCHES: dict[str, Callable[[Any, Any], Any]] = {
    "json-patch+json": json_patch,
    "merge-patch+json": merge_patch,
    "strategic-merge-patch+json": strategic_merge,
}


def _checked(target: Target, wanted: Any) -> Object:
    """The metadata of a body that fits the request's path."""
    resource = target.resource
    if not isinstance(wanted, dict):
        raise StatusError(400, "the body of the request is no object")
    for name, right in (("kind", resource.kind), ("apiVersion", resource.api_version)):
        if wanted.get(name, right) != right:
            message = (
                f"{resource.kind} in version {resource.version!r} cannot be handled as a "
                f"{resource.kind}: {name} is {wanted[name]!r}, not {right!r}"
            )
            raise StatusError(400, message)
    metadata = meta(wanted)
    if not resource.namespaced:
        metadata.pop("namespace", None)
    elif metadata.setdefault("namespace", target.namespace) != target.namespace:
        message = (
            "the namespace of the provided object does not match the namespace sent on the request"
        )
        raise StatusError(400, message)
    if target.name and metadata.setdefault("name", target.name) != target.name:
        message = (
            f"the name of the object ({metadata['name']}) does not match the name on the URL "
            f"({target.name})"
        )
        raise StatusError(400, message)
    return metadata


def _allowed(target: Target, former: Object, wanted: Object) -> Object:
    """What a write may change: only the status, or all but the status."""
    if target.subresource == "status":
        changed = copy(former)
        changed["status"] = wanted.get("status") or {}
        result: Object = changed
        return result
    if target.resource.status:
        wanted.pop("status", None)
        if "status" in former:
            wanted["status"] = copy(former["status"])
    return wanted
