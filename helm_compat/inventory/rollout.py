"""What is left of a rollout: pods with other images than they should have, and objects not done."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.images.reference import InvalidReference, parse
from helm_compat.images.relocate import Relocation
from helm_compat.inventory.components import Component, Inventory
from helm_compat.inventory.objects import (
    Key,
    containers,
    controller,
    identity,
    key_of,
    last_name,
    metadata,
    owned_pods,
)
from helm_compat.inventory.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Left(NamedTuple):
    """One thing that is not as it should be.

    `pod`, `container` and `image` are empty where it is the object as a whole. `rule` is one of
    behind, foreign-registry, waiting, not-seen, not-updated, no-pods, unexpected.
    """

    component: str
    namespace: str
    object: str
    pod: str
    container: str
    image: str
    rule: str
    message: str


class Rollout(NamedTuple):
    """What is left, and the number of pods that were looked at."""

    left: tuple[Left, ...]
    pods: int


def judge_rollout(
    snapshot: Snapshot,
    inventory: Inventory,
    relocation: Relocation | None,
    expected: dict[tuple[str, str], str],
) -> Rollout:
    """Compare the pods of every component with what its object wants, and with the registry.

    `expected` are versions by product and component that the objects themselves must want.
    """
    pods = owned_pods(snapshot.pods, snapshot.owned)
    items = {
        key_of(item): item
        for items in (snapshot.workloads, *snapshot.resources.values())
        for item in items
    }
    workloads = _workloads(snapshot)
    left: list[Left] = []
    seen: set[Key] = set()
    judged: set[str] = set()
    count = 0
    for component in inventory.components:
        owner = component.wanted.object
        key = Key(owner.kind, owner.namespace, owner.name)
        about = _About(component, relocation)
        left += about.expected(expected)
        mine = pods.get(key, [])
        for pod in mine:
            left += about.behind(pod)
        if key in seen:
            continue
        seen.add(key)
        made = workloads.get(key, [])
        left += about.object(items.get(key, {}), made)
        if not mine and owner.namespace not in snapshot.hidden and not any(map(_is_off, made)):
            left.append(about.without_pods())
        for pod in mine:
            name = f"{owner.namespace}/{identity(pod).name}"
            if name not in judged:
                judged.add(name)
                count += 1
                left += about.pod(pod)
    return Rollout(tuple(sorted(left)), count)


def _workloads(snapshot: Snapshot) -> dict[Key, list[dict[str, Any]]]:
    """The Deployments and StatefulSets of each object; a workload's own is itself."""
    found = {key_of(item): [item] for item in snapshot.workloads}
    for item in snapshot.owned:
        owner = controller(item)
        if owner:
            found.setdefault(owner, []).append(item)
    return found


class _About:
    """What is to say of one component."""

    def __init__(self, component: Component, relocation: Relocation | None) -> None:
        wanted = component.wanted
        self._wanted = wanted
        self._relocation = relocation
        self._left = Left(
            f"{wanted.product}/{wanted.component}",
            wanted.object.namespace,
            f"{wanted.object.kind}/{wanted.object.name}",
            *("",) * 5,
        )

    def expected(self, versions: dict[tuple[str, str], str]) -> Iterator[Left]:
        """The object asks for another version than the one that is expected of it."""
        version = versions.get((self._wanted.product, self._wanted.component))
        if version and version != self._wanted.written:
            has = self._wanted.written or "no version"
            yield self._left._replace(rule="unexpected", message=f"wants {has}, not {version}")

    def behind(self, pod: dict[str, Any]) -> Iterator[Left]:
        """A pod's container that is the component's own, and has another version."""
        name = last_name(self._wanted.image)
        for container in containers(pod.get("spec") or {}):
            image = str(container.get("image", ""))
            if name and last_name(image) == name and _tag(image) != _tag(self._wanted.image):
                message = f"wanted is {self._wanted.written}"
                yield self._in(pod, container, rule="behind", message=message)

    def pod(self, pod: dict[str, Any]) -> Iterator[Left]:
        """Any container of a pod that has its image from elsewhere, or does not come up."""
        waiting = dict(_waiting(pod))
        for container in containers(pod.get("spec") or {}):
            target = self._target(str(container.get("image", "")))
            if target:
                message = f"is to come from {target}"
                yield self._in(pod, container, rule="foreign-registry", message=message)
            why = waiting.get(container.get("name", ""))
            if why:
                yield self._in(pod, container, rule="waiting", message=why)

    def without_pods(self) -> Left:
        """An object that has no pods at all."""
        return self._left._replace(rule="no-pods", message="has no pods")

    def object(self, item: dict[str, Any], workloads: list[dict[str, Any]]) -> Iterator[Left]:
        """An object whose controller, or that of its workloads, has more to do."""
        for each in [item, *(workload for workload in workloads if workload is not item)]:
            status, spec = each.get("status") or {}, each.get("spec") or {}
            observed = status.get("observedGeneration")
            newest = metadata(each).get("generation")
            name = "" if each is item else f"{identity(each).kind}/{identity(each).name}: "
            if isinstance(observed, int) and isinstance(newest, int) and observed < newest:
                message = f"{name}its controller has not seen the last change"
                yield self._left._replace(rule="not-seen", message=message)
            if each.get("kind") in ("Deployment", "StatefulSet"):
                replicas = spec.get("replicas", 1)
                updated = status.get("updatedReplicas", 0)
                if updated < replicas:
                    message = f"{name}{updated} of {replicas} pods are made from the last change"
                    yield self._left._replace(rule="not-updated", message=message)

    def _in(self, pod: dict[str, Any], container: dict[str, Any], **values: str) -> Left:
        return self._left._replace(
            pod=identity(pod).name,
            container=str(container.get("name", "")),
            image=str(container.get("image", "")),
            **values,
        )

    def _target(self, image: str) -> str:
        """Where the private registry has an image that comes from elsewhere."""
        if not self._relocation:
            return ""
        try:
            reference = parse(image)
        except InvalidReference:
            return ""
        rule = self._relocation.rule_for(reference)
        return f"{rule.move(reference)}{reference.suffix}" if rule else ""


def _is_off(workload: dict[str, Any]) -> bool:
    return bool((workload.get("spec") or {}).get("replicas", 1) == 0)


def _tag(image: str) -> str:
    try:
        reference = parse(image)
    except InvalidReference:
        return image
    return reference.tag or reference.digest


def _waiting(pod: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Each container that cannot start, and why Kubernetes says so."""
    status = pod.get("status") or {}
    for key in ("initContainerStatuses", "containerStatuses"):
        for entry in status.get(key) or ():
            waiting = (entry.get("state") or {}).get("waiting") or {}
            reason = waiting.get("reason", "")
            # A pod that is only just coming up says one of these.
            if reason and reason not in ("ContainerCreating", "PodInitializing"):
                message = waiting.get("message", "")
                yield entry.get("name", ""), f"{reason}: {message}" if message else reason
