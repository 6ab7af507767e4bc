"""Kubernetes objects as the API gives them: plain dictionaries, and what is asked of them."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.images.reference import InvalidReference, parse
from helm_compat.images.tree import Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from helm_compat.knowledge.paths import Path

# The annotations that Helm puts on what it installs: pkg/action/validate.go in helm/helm.
_RELEASE = "meta.helm.sh/release-name"
_RELEASE_NAMESPACE = "meta.helm.sh/release-namespace"

# What Kubernetes calls the hash of a Deployment's template, in the names of its ReplicaSets.
_TEMPLATE_HASH = "pod-template-hash"


class Key(NamedTuple):
    """Which object of a cluster: its kind, namespace and name."""

    kind: str
    namespace: str
    name: str


def metadata(item: dict[str, Any]) -> dict[str, Any]:
    """The metadata of an object."""
    found = item.get("metadata")
    return found if isinstance(found, dict) else {}


def identity(item: dict[str, Any]) -> Object:
    """Which object it is."""
    found = metadata(item)
    return Object(
        item.get("apiVersion", ""),
        item.get("kind", ""),
        found.get("namespace", ""),
        found.get("name", ""),
    )


def key_of(item: dict[str, Any]) -> Key:
    """Kind, namespace and name of an object."""
    owner = identity(item)
    return Key(owner.kind, owner.namespace, owner.name)


def helm_release(item: dict[str, Any]) -> tuple[str, str]:
    """Namespace and name of the Helm release that an object belongs to; empty where to none."""
    found = metadata(item).get("annotations") or {}
    return found.get(_RELEASE_NAMESPACE, ""), found.get(_RELEASE, "")


def controller(item: dict[str, Any]) -> Key | None:
    """The object that manages this one; the Deployment itself where it is a ReplicaSet of one."""
    found = metadata(item)
    for reference in found.get("ownerReferences") or ():
        if not reference.get("controller"):
            continue
        kind, name = reference.get("kind", ""), reference.get("name", "")
        suffix = (found.get("labels") or {}).get(_TEMPLATE_HASH, "")
        if kind == "ReplicaSet" and suffix and name.endswith(f"-{suffix}"):
            kind, name = "Deployment", name.removesuffix(f"-{suffix}")
        return Key(kind, found.get("namespace", ""), name)
    return None


def pod_template(item: dict[str, Any]) -> dict[str, Any]:
    """The pod spec of a Deployment or StatefulSet."""
    spec = ((item.get("spec") or {}).get("template") or {}).get("spec")
    return spec if isinstance(spec, dict) else {}


def containers(spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The containers of a pod spec, those that run first before the others."""
    for name in ("containers", "initContainers"):
        yield from spec.get(name) or ()


def owned_pods(
    pods: Iterable[dict[str, Any]], owned: Iterable[dict[str, Any]]
) -> dict[Key, list[dict[str, Any]]]:
    """The pods by the object that they belong to in the end.

    `owned` are the workloads that custom resources manage.
    """
    parents = {key_of(item): controller(item) for item in owned}
    found: dict[Key, list[dict[str, Any]]] = {}
    for pod in pods:
        owner = controller(pod)
        if owner:
            found.setdefault(parents.get(owner) or owner, []).append(pod)
    return found


def last_name(image: object) -> str:
    """The last component of an image's repository; empty for what is no reference."""
    try:
        return parse(str(image)).path.rpartition("/")[2]
    except InvalidReference:
        return ""


def values_at(item: object, path: Path) -> Iterator[object]:
    """What stands at a field path; `[]`, `{}` and `**` lead to several."""
    if not path:
        yield item
        return
    segment, rest = path[0], path[1:]
    if segment.key == "**":
        yield from values_at(item, rest)
        for value in _children(item):
            yield from values_at(value, path)
        return
    found = item.get(segment.key) if isinstance(item, dict) else None
    below: list[object] = [] if found is None else [found]
    for each in range(len(segment.each) // 2):
        wanted = list if segment.each[2 * each] == "[" else dict
        below = [
            inner for value in below if isinstance(value, wanted) for inner in _children(value)
        ]
    for value in below:
        yield from values_at(value, rest)


def _children(item: object) -> list[object]:
    if isinstance(item, dict):
        return list(item.values())
    return item if isinstance(item, list) else []
