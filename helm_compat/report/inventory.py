"""An inventory for people, as a table, and for programs, as plain data."""

from __future__ import annotations

from helm_compat.inventory.components import Component, Inventory, Running
from helm_compat.inventory.snapshot import Release
from helm_compat.printable import printable
from helm_compat.report.data import SCHEMA_VERSION
from helm_compat.report.table import aligned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def inventory_data(inventory: Inventory) -> dict[str, Any]:
    """The inventory in the shape of `schemas/inventory.schema.json`."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "cluster": inventory.cluster,
        "kubernetes": inventory.kubernetes or None,
        "components": [_component(component) for component in inventory.components],
        "crds": [
            {
                "name": definition.name,
                "served": list(definition.served),
                "stored": list(definition.stored),
                "annotations": [f"{key}={value}" for key, value in definition.annotations],
                "release": _release(definition.release),
            }
            for definition in inventory.definitions
        ],
        "notChecked": [
            {
                "what": gap.what,
                "why": gap.why,
                "components": sorted("/".join(filter(None, owner)) for owner in gap.owners),
            }
            for gap in inventory.gaps
        ],
    }


def _component(component: Component) -> dict[str, Any]:
    wanted = component.wanted
    return {
        "product": wanted.product,
        "component": wanted.component,
        "version": wanted.written if wanted.version else None,
        "image": wanted.image or None,
        "namespace": wanted.object.namespace,
        "object": f"{wanted.object.kind}/{wanted.object.name}",
        "path": component.path,
        "watches": list(wanted.watches) if wanted.watches is not None else None,
        "running": [running._asdict() for running in component.running],
        "release": _release(component.release),
    }


def _release(release: Release) -> dict[str, Any] | None:
    return release._asdict() if release.name else None


def inventory_table(inventory: Inventory, *, wide: bool = False) -> str:
    """The inventory as kubectl would print it; `wide` tells the fields that were read too."""
    return "".join(f"{printable(line)}\n" for line in _lines(inventory, wide=wide))


def _lines(inventory: Inventory, *, wide: bool) -> Iterator[str]:
    kubernetes = f"Kubernetes {inventory.kubernetes}" if inventory.kubernetes else ""
    cluster = f"cluster {inventory.cluster}" if inventory.cluster else "cluster"
    yield ", ".join(filter(None, (cluster, kubernetes)))
    yield ""
    if inventory.components:
        head = ["COMPONENT", "VERSION", "RUNNING", "OBJECT", "RELEASE", "READ FROM"]
        rows = [head, *map(_row, inventory.components)]
        yield from aligned(rows if wide else [row[:-1] for row in rows])
    else:
        yield "no component of a known product"
    if inventory.definitions:
        yield ""
        rows = [
            [d.name, ",".join(d.served), ",".join(d.stored), _owned_by(d.release)]
            for d in inventory.definitions
        ]
        yield from aligned([["CRD", "SERVED", "STORED", "RELEASE"], *rows])
    if inventory.gaps:
        yield ""
        yield "not checked:"
        for gap in inventory.gaps:
            yield f"  {gap.what}: {gap.why}"


def _row(component: Component) -> list[str]:
    wanted = component.wanted
    return [
        f"{wanted.product}/{wanted.component}",
        (wanted.written if wanted.version else "") or "unknown",
        _running(component),
        str(wanted.object),
        _owned_by(component.release),
        component.path,
    ]


def _running(component: Component) -> str:
    """How many pods run what is wanted; where others run too, each version with its number."""
    if not component.running:
        return "-"
    if not component.behind:
        pods = sum(running.pods for running in component.running)
        ready = sum(running.ready for running in component.running)
        return f"{ready}/{pods}" if pods else "as wanted"
    return ", ".join(map(_version, component.running))


def _version(running: Running) -> str:
    return (
        f"{running.version} ({running.ready}/{running.pods})" if running.pods else running.version
    )


def _owned_by(release: Release) -> str:
    if not release.name:
        return "-"
    chart = f" ({release.chart}-{release.version} #{release.revision})" if release.chart else ""
    return f"{release.namespace}/{release.name}{chart}"
