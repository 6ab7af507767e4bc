"""JSON patch, JSON merge patch, and strategic merge patch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .objects import Object, copy
from .status import StatusError

# By which members the items of a list are told apart; where none is named, a list is one value.
_KEYS: dict[str, tuple[str, ...]] = {
    "containers": ("name",),
    "initContainers": ("name",),
    "ephemeralContainers": ("name",),
    "env": ("name",),
    "volumes": ("name",),
    "imagePullSecrets": ("name",),
    "secrets": ("name",),
    "webhooks": ("name",),
    "volumeMounts": ("mountPath",),
    "volumeDevices": ("devicePath",),
    "hostAliases": ("ip",),
    "conditions": ("type",),
    "ownerReferences": ("uid",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
}
_SETS = ("finalizers",)


def item_key(name: str, item: object) -> Object | None:
    """What tells the item apart in the list called `name`; None where nothing does."""
    if not isinstance(item, dict):
        return None
    members = _KEYS.get(name, ())
    if name == "ports":
        members = ("containerPort",) if "containerPort" in item else ("port",)
    if not members or any(member not in item for member in members):
        return None
    key = {member: item[member] for member in members}
    if name == "ports":
        key["protocol"] = item.get("protocol", "TCP")
    return key


def is_merged(name: str, items: Sequence[object]) -> bool:
    """Whether a list called `name` is merged item by item."""
    return bool(items) and all(item_key(name, item) is not None for item in items)


def is_set(name: str) -> bool:
    """Whether a list called `name` is a set of strings."""
    return name in _SETS


def merge_patch(target: Any, patch: Any) -> Any:
    """The target with a JSON merge patch (RFC 7396) applied."""
    if not isinstance(patch, dict):
        return copy(patch)
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def strategic_merge(target: Any, patch: Any, name: str = "") -> Any:
    """The target with a strategic merge patch applied; `name` is that of the member it is in."""
    if isinstance(patch, list):
        return _strategic_list(target if isinstance(target, list) else [], patch, name)
    if not isinstance(patch, dict):
        return patch
    if patch.get("$patch") == "delete":
        return {}
    if patch.get("$patch") == "replace" or not isinstance(target, dict):
        target = {}
    merged = dict(target)
    for member, value in patch.items():
        _strategic_member(merged, member, value)
    if "$retainKeys" in patch:
        merged = {key: merged[key] for key in merged if key in patch["$retainKeys"]}
    return merged


def _strategic_member(merged: Object, member: str, value: Any) -> None:
    if member.startswith("$deleteFromPrimitiveList/"):
        name = member.partition("/")[2]
        merged[name] = [item for item in merged.get(name) or [] if item not in value]
    elif member.startswith("$"):
        pass  # $setElementOrder says only how to sort; $patch and $retainKeys are done above
    elif value is None:
        merged.pop(member, None)
    else:
        merged[member] = strategic_merge(merged.get(member), value, member)


def _strategic_list(target: list[Any], patch: list[Any], name: str) -> list[Any]:
    directives = [item.get("$patch") for item in patch if isinstance(item, dict)]
    changes = [item for item in patch if item != {"$patch": "replace"}]
    if "replace" in directives:
        return [strategic_merge(None, item) for item in changes]
    if is_set(name):
        return target + [item for item in changes if item not in target]
    if not is_merged(name, changes):
        return [strategic_merge(None, item) for item in changes]
    merged = list(target)
    for item in changes:
        place = position(merged, name, item)
        if item.get("$patch") == "delete":
            del merged[place : place + 1]
        elif place < len(merged):
            merged[place] = strategic_merge(merged[place], item)
        else:
            merged.append(strategic_merge(None, item))
    return merged


def position(items: Sequence[object], name: str, wanted: object) -> int:
    """The index of the item with the same key as `wanted`; past the end where there is none."""
    key = item_key(name, wanted)
    for index, item in enumerate(items):
        if item_key(name, item) == key:
            return index
    return len(items)


def json_patch(target: Any, operations: list[Object]) -> Any:
    """The target with a JSON patch (RFC 6902) applied; raises StatusError where it does not fit."""
    document = {"": copy(target)}
    for operation in operations:
        try:
            _operate(document, operation)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            message = f"the server rejected our request due to an error in our request: {error}"
            raise StatusError(422, message) from error
    return document[""]


def _operate(document: Object, operation: Object) -> None:
    name, path = operation["op"], operation["path"]
    if name in ("move", "copy"):
        value = copy(_at(document, operation["from"]))
        if name == "move":
            _remove(document, operation["from"])
        _add(document, path, value)
    elif name == "add":
        _add(document, path, operation["value"])
    elif name == "remove":
        _remove(document, path)
    elif name == "replace":
        _remove(document, path)
        _add(document, path, operation["value"])
    elif name == "test":
        if _at(document, path) != operation["value"]:
            raise ValueError(f"testing value {path} failed")
    else:
        raise ValueError(f"unexpected kind: {name}")


def _steps(path: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")]


def _at(document: Any, path: str) -> Any:
    for step in _steps(path):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def _parent(document: Any, path: str) -> tuple[Any, str]:
    *above, last = path.split("/")
    return (_at(document, "/".join(above)) if above else document), _steps(last)[0]


def _add(document: Any, path: str, value: Any) -> None:
    parent, last = _parent(document, path)
    if isinstance(parent, list):
        parent.insert(len(parent) if last == "-" else int(last), value)
    else:
        parent[last] = value


def _remove(document: Any, path: str) -> None:
    parent, last = _parent(document, path)
    del parent[int(last) if isinstance(parent, list) else last]
