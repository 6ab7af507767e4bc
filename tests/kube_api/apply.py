"""Server-side apply: merge what a manager wants, and take away what it wants no longer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .objects import Object, copy, meta, now
from .patches import is_merged, is_set, item_key, position
from .status import StatusError

# What identifies the object, or is the server's own, is nobody's field.
_OWN_HEAD = ("apiVersion", "kind")
_OWN_METADATA = (
    "name",
    "namespace",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "managedFields",
)


def apply(live: Object | None, wanted: Object, manager: str, *, force: bool, lists: bool) -> Object:
    """The live object after `manager` applied `wanted`; with `lists`, lists merge by their keys.

    Raises StatusError (409) where another manager applied another value, unless forced.
    """
    wanted = _without_null(wanted)
    meta(wanted).pop("managedFields", None)
    entries = list(meta(live or {}).get("managedFields") or [])
    former = [item for item in entries if _is_ours(item, manager)]
    others = [item for item in entries if not _is_ours(item, manager)]
    fields = _fields_of(wanted, lists=lists)
    if live is not None and not force:
        _refuse_conflicts(live, wanted, fields, others)
    merged = copy(live or {})
    for entry in former:
        foreign = [item.get("fieldsV1") or {} for item in others]
        _remove_dropped(merged, entry.get("fieldsV1") or {}, fields, foreign)
    merged = _merge(merged, wanted, lists=lists)
    entry = {
        "manager": manager,
        "operation": "Apply",
        "apiVersion": wanted.get("apiVersion"),
        "time": now(),
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }
    if former and former[0].get("fieldsV1") == fields:
        entry["time"] = former[0].get("time")  # nothing new was applied
    meta(merged)["managedFields"] = [*others, entry]
    result: Object = merged
    return result


def _is_ours(entry: Object, manager: str) -> bool:
    return entry.get("manager") == manager and entry.get("operation") == "Apply"


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_null(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    return value


def _merge(live: Any, wanted: Any, name: str = "", *, lists: bool) -> Any:
    if isinstance(wanted, dict) and isinstance(live, dict):
        merged = dict(live)
        for member, value in wanted.items():
            merged[member] = _merge(merged.get(member), value, member, lists=lists)
        return merged
    if not isinstance(wanted, list) or not isinstance(live, list):
        return copy(wanted)
    if is_set(name):
        return live + [item for item in wanted if item not in live]
    if not lists or not is_merged(name, wanted):
        return copy(wanted)
    items = list(live)
    for item in wanted:
        place = position(items, name, item)
        former = items[place] if place < len(items) else None
        items[place : place + 1] = [_merge(former, item, lists=lists)]
    return items


def _fields_of(wanted: Object, *, lists: bool) -> Object:
    own = {name: value for name, value in wanted.items() if name not in _OWN_HEAD}
    metadata = meta(wanted)
    own["metadata"] = {name: metadata[name] for name in metadata if name not in _OWN_METADATA}
    if not own["metadata"]:
        del own["metadata"]
    return _field_set(own, lists=lists)


def _field_set(value: Any, name: str = "", *, lists: bool) -> Object:
    if isinstance(value, dict):
        return {f"f:{key}": _field_set(item, key, lists=lists) for key, item in value.items()}
    if not isinstance(value, list):
        return {}
    if is_set(name):
        return {f"v:{json.dumps(item)}": {} for item in value}
    if not lists or not is_merged(name, value):
        return {}
    return {
        "k:" + json.dumps(item_key(name, item), separators=(",", ":"), sort_keys=True): {
            ".": {},
            **_field_set(item, lists=lists),
        }
        for item in value
    }


def _remove_dropped(live: Any, former: Object, fields: Object, others: list[Object]) -> None:
    for step, below in former.items():
        if step == "." or _find(live, step) is None:
            continue
        foreign = [other[step] for other in others if step in other]
        if step in fields or foreign:
            inner = _find(live, step)
            _remove_dropped(inner, below, fields.get(step, {}), foreign)
        elif isinstance(live, dict):
            del live[step[2:]]
        else:
            live.remove(_find(live, step))


def _find(live: Any, step: str) -> Any:
    """What stands one step below: `f:member`, `k:{key}` in a list, `v:value` in a set."""
    if step.startswith("f:"):
        return live.get(step[2:]) if isinstance(live, dict) else None
    if not isinstance(live, list):
        return None
    wanted = json.loads(step[2:])
    if step.startswith("v:"):
        return wanted if wanted in live else None
    return next((item for item in live if _has_key(item, wanted)), None)


def _has_key(item: Any, wanted: Object) -> bool:
    defaults = {"protocol": "TCP"}
    return isinstance(item, dict) and all(
        item.get(name, defaults.get(name)) == value for name, value in wanted.items()
    )


def _refuse_conflicts(live: Object, wanted: Object, fields: Object, others: list[Object]) -> None:
    found = [
        f'conflict with "{other.get("manager")}": {path}'
        for other in others
        for path in _conflicts(live, wanted, fields, other.get("fieldsV1") or {})
    ]
    if found:
        noun = "conflict" if len(found) == 1 else "conflicts"
        message = f"Apply failed with {len(found)} {noun}: " + ", ".join(found)
        raise StatusError(409, message)


def _conflicts(
    live: Any, wanted: Any, fields: Object, other: Object, path: str = ""
) -> Iterator[str]:
    for step in fields:
        if step == "." or step not in other:
            continue
        here, there = _find(live, step), _find(wanted, step)
        below = path + (f".{step[2:]}" if step.startswith("f:") else f"[{step[2:]}]")
        if fields[step] and other[step]:
            yield from _conflicts(here, there, fields[step], other[step], below)
        elif here != there:
            yield below
