"""An inventory as the `installed` section of `compat.lock.yaml`, and what has changed since."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.gate.instance import Instance
from helm_compat.gate.known import Gap
from helm_compat.gate.state import order
from helm_compat.inventory.components import NO_RELEASE, Component, Inventory
from helm_compat.knowledge.detections import Owner
from helm_compat.lock_file import UNKNOWN_VERSION, Lock, LockedComponent
from helm_compat.lock_write import with_section, yaml_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def lock_text(
    inventory: Inventory,
    before: str,
    *,
    written: str,
    owners: Iterable[Owner] = (),
    path: str = "",
) -> str:
    """The whole lock file with the section of this inventory in the place of the former.

    `before` is what the file holds, empty for a new one; all but the section stays as it is.
    `owners` are all components that there may be where it was not looked.
    Raises UsageError where the section cannot be told from the rest.
    """
    return with_section(before, "installed", _lines(inventory, written, owners), path=path)


def drift(lock: Lock, inventory: Inventory) -> list[str]:
    """What the cluster has and the lock file says differently, in sentences of a line."""
    asked = inventory.namespaces
    locked = [_locked(e) for e in lock.components if not asked or e.owner.namespace in ("", *asked)]
    found = [_found(c) for c in (*inventory.components, *map(_default, inventory.defaults))]
    lines = list(_changes(locked, found))
    if lock.kubernetes and inventory.kubernetes and lock.kubernetes != inventory.kubernetes:
        lines.append(f"kubernetes: {lock.kubernetes} → {inventory.kubernetes}")
    served = {crd.name: crd.served for crd in lock.crds}
    now = {definition.name: definition.served for definition in inventory.definitions}
    for name in sorted(served.keys() | now.keys()) if lock.crds else ():
        if served.get(name) != now.get(name):
            before, after = (_versions(each.get(name)) for each in (served, now))
            lines.append(f"CustomResourceDefinition {name}: {before} → {after}")
    return lines


def _versions(served: Sequence[str] | None) -> str:
    return "not there" if served is None else ", ".join(served) or "serves nothing"


class _Entry(NamedTuple):
    """A component as both sides have it, in texts that are compared and shown."""

    name: str
    place: str
    version: str
    running: tuple[str, ...]
    watches: tuple[str, ...]

    def __str__(self) -> str:
        words = [f"runs {', '.join(self.running)}"] if self.running else []
        words += [f"watches {', '.join(self.watches)}"] if self.watches else []
        return f"{self.version} ({'; '.join(words)})" if words else self.version


def _locked(entry: LockedComponent) -> _Entry:
    owner = entry.owner
    place = "/".join(filter(None, (owner.kind, owner.namespace, owner.name)))
    running, watches = sorted(entry.running), sorted(entry.watches)
    return _Entry(entry.name, place, entry.version, tuple(running), tuple(watches))


def _found(component: Component) -> _Entry:
    wanted = component.wanted
    owner = wanted.object
    return _Entry(
        f"{wanted.product}/{wanted.component}",
        "/".join(filter(None, (owner.kind, owner.namespace, owner.name))),
        _version(wanted),
        tuple(sorted({running.version for running in component.behind})),
        tuple(sorted(wanted.watches or ())),
    )


def _changes(before: Iterable[_Entry], after: Iterable[_Entry]) -> Iterator[str]:
    old: dict[tuple[str, str], list[_Entry]] = {}
    new: dict[tuple[str, str], list[_Entry]] = {}
    for entries, there in ((before, old), (after, new)):
        for entry in entries:
            there.setdefault((entry.name, entry.place), []).append(entry)
    for key in sorted(old.keys() | new.keys()):
        was, now = (sorted(each.get(key, [])) for each in (old, new))
        if was != now:
            yield f"{' '.join(key)}: {_shown(was)} → {_shown(now)}"


def _shown(entries: Sequence[_Entry]) -> str:
    return ", ".join(map(str, entries)) or "not installed"


def _version(wanted: Instance) -> str:
    return wanted.written or UNKNOWN_VERSION


def _lines(inventory: Inventory, written: str, owners: Iterable[Owner]) -> Iterator[str]:
    yield "installed:"
    if inventory.cluster:
        yield f"  cluster: {yaml_text(inventory.cluster)}"
    yield f"  written: {written}"
    if inventory.kubernetes:
        yield f"  kubernetes: {yaml_text(inventory.kubernetes)}"
    components = [*inventory.components, *map(_default, inventory.defaults)]
    yield "  components:" + ("" if components else " []")
    for component in sorted(components, key=_order):
        wanted = component.wanted
        yield from _item(
            product=wanted.product,
            component=wanted.component,
            version=_version(wanted),
            image=wanted.image,
            namespace=wanted.object.namespace,
            object=f"{wanted.object.kind}/{wanted.object.name}",
            running=sorted({running.version for running in component.behind}),
            watches=sorted(wanted.watches or ()),
        )
    yield from _listed("crds", inventory.definitions)
    for definition in inventory.definitions:
        yield from _item(
            name=definition.name,
            served=definition.served,
            stored=definition.stored,
            annotations=[f"{key}={value}" for key, value in definition.annotations],
        )
    gaps = [*inventory.gaps]
    if inventory.namespaces:
        others = f"other namespaces than {', '.join(inventory.namespaces)}"
        gaps.append(Gap(others, "not asked for", frozenset(owners)))
    yield from _listed("not-checked", gaps)
    for gap in gaps:
        names = sorted("/".join(filter(None, owner)) for owner in gap.owners)
        key = "running_of" if gap.partial else "components"
        yield from _item(what=gap.what, why=gap.why, **{key: names})


def _default(instance: Instance) -> Component:
    return Component(instance, "", (), NO_RELEASE)


def _order(component: Component) -> tuple[str, ...]:
    return component.wanted.product, *order(component.wanted)


def _listed(key: str, entries: Sequence[object]) -> Iterator[str]:
    if entries:
        yield f"  {key}:"


def _item(**values: str | Sequence[str]) -> Iterator[str]:
    """One item of a list: a line for each value that is not empty."""
    dash = "- "
    for key, value in values.items():
        if value:
            shown = (
                yaml_text(value)
                if isinstance(value, str)
                else f"[{', '.join(map(yaml_text, value))}]"
            )
            yield f"  {dash}{key.replace('_', '-')}: {shown}"
            dash = "  "
