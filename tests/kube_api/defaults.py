"""What a Kubernetes API server adds to an object that is written."""

from __future__ import annotations

import base64
import uuid

from .objects import Object, copy, look, meta, now
from .resources import CRD, NAMESPACE, Resource, storage_version
from .status import StatusError

# What no writer changes.
_SYSTEM = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "selfLink")


def stamp(resource: Resource, target: Object, former: Object | None) -> None:
    """Give the object its uid, creationTimestamp and generation, as `former` has them or new."""
    metadata = meta(target)
    if former is not None:
        for name in _SYSTEM:
            metadata.pop(name, None)
            if name in meta(former):
                metadata[name] = meta(former)[name]
    metadata["uid"] = metadata.get("uid") or str(uuid.uuid4())
    metadata["creationTimestamp"] = metadata.get("creationTimestamp") or now()
    if resource.generation:
        if former is not None and wanted(former) != wanted(target):
            metadata["generation"] = metadata.get("generation", 1) + 1
        metadata.setdefault("generation", 1)
    if not metadata.get("managedFields"):
        metadata.pop("managedFields", None)


def wanted(target: Object) -> Object:
    """What counts for metadata.generation: all but metadata and status."""
    skipped = ("apiVersion", "kind", "metadata", "status")
    return {name: value for name, value in target.items() if name not in skipped}


def complete(resource: Resource, target: Object, *, run_jobs: bool) -> None:
    """Fill in the few defaults that clients of this project rely on."""
    kind = resource.kind
    if kind == "Secret":
        _secret(target)
    elif kind == NAMESPACE.kind:
        target.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
        target.setdefault("status", {"phase": "Active"})
        meta(target).setdefault("labels", {})["kubernetes.io/metadata.name"] = meta(target)["name"]
    elif kind == "Pod":
        ends = run_jobs and look(target, "spec.restartPolicy") == "Never"
        target.setdefault("status", {"phase": "Succeeded" if ends else "Pending"})
    elif kind in ("Deployment", "StatefulSet", "ReplicaSet"):
        target.setdefault("spec", {}).setdefault("replicas", 1)
    elif kind == "Job" and run_jobs:
        target.setdefault("status", _done())
    elif resource == CRD:
        _definition(target)


def _secret(target: Object) -> None:
    target.setdefault("type", "Opaque")
    plain = target.pop("stringData", None) or {}
    for name, value in plain.items():
        encoded = base64.b64encode(str(value).encode()).decode()
        target.setdefault("data", {})[name] = encoded


def _done() -> Object:
    moment = now()
    condition = {"type": "Complete", "status": "True", "lastTransitionTime": moment}
    return {
        "succeeded": 1,
        "startTime": moment,
        "completionTime": moment,
        "conditions": [condition],
    }


def _definition(target: Object) -> None:
    names = target["spec"]["names"]
    names.setdefault("singular", names["kind"].lower())
    names.setdefault("listKind", names["kind"] + "List")
    try:
        version = storage_version(target)
    except ValueError as error:
        raise StatusError(422, f"CustomResourceDefinition is invalid: {error}") from error
    status = target.setdefault("status", {})
    stored = status.setdefault("storedVersions", [])
    if version not in stored:
        stored.append(version)
    status["acceptedNames"] = copy(names)
    if not status.get("conditions"):
        kinds = (("NamesAccepted", "NoConflicts"), ("Established", "InitialNamesAccepted"))
        status["conditions"] = [
            {"type": kind, "status": "True", "reason": reason, "lastTransitionTime": now()}
            for kind, reason in kinds
        ]
