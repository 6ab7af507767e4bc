"""The tables of `kubectl get`."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

from .objects import Object, look
from .resources import Resource

_COLUMNS = {
    "Pod": "Ready Status Restarts",
    "Deployment": "Ready Up-to-date Available",
    "ReplicaSet": "Desired Current Ready",
    "StatefulSet": "Ready",
    "Secret": "Type Data",
    "ConfigMap": "Data",
    "Namespace": "Status",
}


def columns(resource: Resource) -> list[Object]:
    """The column definitions: Name, those of the kind, Age."""
    if resource.columns:
        own = [
            _column(item["name"], item.get("type", "string"), item.get("priority", 0))
            for item in resource.columns
        ]
        return [_column("Name"), *own]
    own = [_column(name) for name in _COLUMNS.get(resource.kind, "").split()]
    return [_column("Name"), *own, _column("Age")]


def _column(name: str, kind: str = "string", priority: int = 0) -> Object:
    return {
        "name": name,
        "type": kind,
        "format": "name" if name == "Name" else "",
        "description": "",
        "priority": priority,
    }


def row(resource: Resource, target: Object) -> list[Any]:
    """The cells of one object, in the order of the columns."""
    name = look(target, "metadata.name")
    if resource.columns:
        return [name, *(_custom_cell(item, target) for item in resource.columns)]
    return [name, *_cells(resource.kind, target), _age(look(target, "metadata.creationTimestamp"))]


def _custom_cell(column: Object, target: Object) -> Any:
    path = re.sub(r"\[.*?\]", "", column["jsonPath"]).lstrip(".")
    value = look(target, path)
    return _age(value) if column.get("type") == "date" else value


def _cells(kind: str, target: Object) -> list[Any]:
    def number(path: str) -> Any:
        return look(target, path) or 0

    if kind == "Pod":
        states = look(target, "status.containerStatuses") or []
        total = len(look(target, "spec.containers") or [])
        ready = sum(bool(state.get("ready")) for state in states)
        restarts = sum(state.get("restartCount", 0) for state in states)
        return [f"{ready}/{total}", look(target, "status.phase") or "Unknown", str(restarts)]
    if kind in ("Deployment", "StatefulSet"):
        ready_of = f"{number('status.readyReplicas')}/{number('spec.replicas')}"
        counts = [number("status.updatedReplicas"), number("status.availableReplicas")]
        return [ready_of, *map(str, counts)] if kind == "Deployment" else [ready_of]
    paths = {
        "ReplicaSet": ("spec.replicas", "status.replicas", "status.readyReplicas"),
    }
    if kind in paths:
        return [str(number(path)) for path in paths[kind]]
    simple = {
        "Secret": [look(target, "type"), str(len(target.get("data") or {}))],
        "ConfigMap": [str(len(target.get("data") or {}))],
        "Namespace": [look(target, "status.phase")],
    }
    return simple.get(kind, [])


def _age(moment: Any) -> str:
    try:
        then = datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    except (ValueError, TypeError):
        return "<unknown>"
    seconds = int((datetime.now(timezone.utc) - then).total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
