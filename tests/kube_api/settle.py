"""What controllers would do: ReplicaSets, pods and a status for Deployments and StatefulSets."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from .defaults import complete, stamp
from .objects import Object, copy, encode, look, meta
from .store import Key, Store, Stored
from .writes import Writer

Images = Mapping[str, str]


def settle(writer: Writer, image_ids: Images) -> None:
    """Bring pods and statuses to what the workloads ask for; nothing changes the second time."""
    for stored in writer.store.family(("apps", "deployments")):
        _deployment(writer, stored, image_ids)
    for stored in writer.store.family(("apps", "statefulsets")):
        workload = stored.value()
        count = _replicas(workload)
        names = [f"{stored.key.name}-{index}" for index in range(count)]
        _pods(writer, workload, names, {}, image_ids)
        _finish(
            writer.store,
            workload,
            _counts(count) | {"currentReplicas": count, "updatedReplicas": count},
        )


def _deployment(writer: Writer, stored: Stored, image_ids: Images) -> None:
    workload = stored.value()
    count = _replicas(workload)
    current = _replica_set(writer, workload, count)
    for item in writer.store.family(("apps", "replicasets"), stored.key.namespace):
        replica_set = item.value()
        if stored.uid not in item.owners:
            continue
        wanted = count if item.key == current else 0
        replica_set["spec"]["replicas"] = wanted
        digest = meta(replica_set)["labels"]["pod-template-hash"]
        names = [f"{item.key.name}-{_suffix(item.key.name, index)}" for index in range(wanted)]
        _pods(writer, replica_set, names, {"pod-template-hash": digest}, image_ids)
        _finish(writer.store, replica_set, _counts(wanted))
    available = {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"}
    progress = {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}
    status = _counts(count) | {"updatedReplicas": count, "conditions": [available, progress]}
    _finish(writer.store, workload, status)


def _replica_set(writer: Writer, workload: Object, count: int) -> Key:
    template = copy(workload["spec"]["template"])
    digest = hashlib.sha256(encode(template)).hexdigest()[:10]
    labels = {**(look(template, "metadata.labels") or {}), "pod-template-hash": digest}
    meta(template)["labels"] = labels
    name = f"{meta(workload)['name']}-{digest}"
    replica_set = {
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": _owned(workload, name, labels),
        "spec": {
            "replicas": count,
            "selector": {"matchLabels": labels},
            "template": template,
        },
    }
    key = Key("apps", "replicasets", meta(workload)["namespace"], name)
    if writer.store.find(key) is None:
        _put(writer.store, replica_set, None)
    return key


def _pods(
    writer: Writer, owner: Object, names: list[str], labels: Images, image_ids: Images
) -> None:
    store, namespace = writer.store, meta(owner)["namespace"]
    for item in store.family(("", "pods"), namespace):
        if meta(owner)["uid"] in item.owners and item.key.name not in names:
            writer.remove(item)
    template = owner["spec"]["template"]
    for name in names:
        own_labels = {**(look(template, "metadata.labels") or {}), **labels}
        metadata = _owned(owner, name, own_labels)
        metadata["annotations"] = copy(look(template, "metadata.annotations") or {})
        spec = copy(template.get("spec") or {})
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
        pod["status"] = pod_status(spec, image_ids)
        former = store.find(Key("", "pods", namespace, name))
        _put(store, pod, former)


def pod_status(spec: Object, image_ids: Images) -> Object:
    """The status of a running pod of this spec; `image_ids` gives an image's imageID."""
    kinds = ("initContainers", "containers")
    states = {
        kind: [_state(container, image_ids, kind) for container in spec.get(kind) or []]
        for kind in kinds
    }
    conditions = ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    return {
        "phase": "Running",
        "conditions": [{"type": kind, "status": "True"} for kind in conditions],
        "containerStatuses": states["containers"],
        **({"initContainerStatuses": states[kinds[0]]} if states[kinds[0]] else {}),
    }


def _state(container: Object, image_ids: Images, kind: str) -> Object:
    image = container.get("image", "")
    running: Object = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
    ended: Object = {"terminated": {"exitCode": 0, "reason": "Completed"}}
    return {
        "name": container["name"],
        "image": image,
        "imageID": image_ids.get(image) or _image_id(image),
        "ready": True,
        "restartCount": 0,
        "started": kind == "containers",
        "state": running if kind == "containers" else ended,
    }


def _image_id(image: str) -> str:
    """The repository with the image's digest; without one a digest made of the reference."""
    name, _, digest = image.partition("@")
    folder, slash, last = name.rpartition("/")
    digest = digest or "sha256:" + hashlib.sha256(image.encode()).hexdigest()
    return f"{folder}{slash}{last.partition(':')[0]}@{digest}"


def _suffix(name: str, index: int) -> str:
    return hashlib.sha256(f"{name}/{index}".encode()).hexdigest()[:5]


def _replicas(workload: Object) -> int:
    count = look(workload, "spec.replicas")
    return 1 if count is None else int(count)


def _counts(count: int) -> Object:
    """Counts of a settled workload; as in the real server, those of 0 are left out."""
    names = ("readyReplicas", "availableReplicas")
    return {"replicas": count, **(dict.fromkeys(names, count) if count else {})}


def _owned(owner: Object, name: str, labels: Mapping[str, str]) -> Object:
    reference = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": meta(owner)["name"],
        "uid": meta(owner)["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
    return {
        "name": name,
        "namespace": meta(owner)["namespace"],
        "labels": dict(labels),
        "ownerReferences": [reference],
    }


def _finish(store: Store, workload: Object, status: Object) -> None:
    former = store.find(_key(store, workload))
    status["observedGeneration"] = meta(workload).get("generation", 1)
    workload["status"] = status
    _put(store, workload, former)


def _put(store: Store, target: Object, former: Stored | None) -> None:
    resource = store.resource_of(target)
    before = former.value() if former is not None else None
    complete(resource, target, run_jobs=False)
    stamp(resource, target, before)
    if resource.generation and "status" in target:
        target["status"]["observedGeneration"] = meta(target)["generation"]
    if before is not None:
        meta(target)["resourceVersion"] = meta(before)["resourceVersion"]
    if target != before:
        store.put(resource, target)


def _key(store: Store, target: Object) -> Key:
    metadata = meta(target)
    return Key(*store.resource_of(target).family, metadata["namespace"], metadata["name"])
