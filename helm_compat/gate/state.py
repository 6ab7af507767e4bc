"""State: what is installed, overlaid by what the render installs, for one product."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.gate.instance import Instance, is_equal, same_object
from helm_compat.knowledge.compatibility import Product

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class State(NamedTuple):
    """One product: what is installed, what there is after the render, and what takes whose place.

    `changes` are pairs of the instance before and the one after. `complete` says that all that is
    installed is known.
    """

    product: Product
    before: tuple[Instance, ...]
    instances: tuple[Instance, ...]
    changes: tuple[tuple[Instance, Instance], ...]
    complete: bool = False

    def is_new(self, instance: Instance) -> bool:
        """Whether an instance is surely not installed yet: only a whole list tells that."""
        others = ("operator", "platform")
        installed = [i for i in self.before if self.product.role(i.component) not in others]
        return self.complete and not any(same_object(i, instance) for i in installed)


def overlay(
    product: Product,
    installed: Iterable[Instance],
    rendered: Iterable[Instance],
    *,
    complete: bool = False,
) -> State:
    """Put what is rendered over what is installed, all of it where that is `complete`.

    The order of what is given does not matter.
    """
    before = sorted((i for i in installed if i.product == product.name), key=order)
    after = sorted((i for i in rendered if i.product == product.name), key=order)
    gives = [i for i in (*after, *before) if i.default or not (i.is_named or i.rendered)]
    # What an installed operator gives by default is no object that runs.
    before = [i for i in before if not i.default]
    after = _once(product, [filled(instance, gives) for instance in after])
    changes = list(_changes(before, [i for i in after if not i.default]))
    replaced = {id(old) for old, _ in changes}
    # Of one object there may be what is wanted and what still runs: both go.
    objects = {(old.component, old.object) for old, _ in changes if old.is_named}
    staying = [
        old
        for old in before
        if id(old) not in replaced and (old.component, old.object) not in objects
    ]
    staying = _once(product, staying)
    return State(product, tuple(before), tuple(staying + after), tuple(changes), complete)


def filled(instance: Instance, gives: list[Instance]) -> Instance:
    """An object that names no image has the release that its operator gives to all such."""
    if instance.problem != "absent":
        return instance
    for other in gives:
        if other.component == instance.component and other.version:
            return instance._replace(
                version=other.version,
                problem="",
                written=other.written,
                at=other.at or instance.at,
                excerpt=other.excerpt,
                image=other.image,
            )
    return instance


def _changes(before: list[Instance], after: list[Instance]) -> Iterator[tuple[Instance, Instance]]:
    """Each rendered instance with the installed one whose place it takes.

    One that is known by name takes its own place. Of others it takes that of one of its own
    release, else that which is nearest below: nobody is refused for a step that need not be made.
    """
    installed: dict[object, list[Instance]] = {}
    for old in before:
        installed.setdefault(_key(old), []).append(old)
    taken: set[int] = set()
    late = []
    for new in after:
        unnamed = installed.get((new.component, "", ""), [])
        named = [old for old in installed.get(_key(new), []) if same_object(old, new)]
        exact = [old for old in named if old.object.namespace == new.object.namespace != ""]
        candidates = (exact or named or unnamed) if new.is_named else [*unnamed]
        same = [old for old in candidates if old.version == new.version or is_equal(old, new)]
        if same:
            taken.update(id(old) for old in same)
            yield same[0], new
        elif candidates:
            late.append((new, candidates))
    for new, candidates in late:
        free = [old for old in candidates if id(old) not in taken]
        if free:
            yield from ((old, new) for old in _siblings(_nearest(free, new), free))


def _siblings(old: Instance, candidates: list[Instance]) -> list[Instance]:
    """One instance, and others of its object: what is wanted, and what still runs."""
    found = {old.written: old}
    for other in candidates:
        if other.is_named and other.object == old.object:
            found.setdefault(other.written, other)
    return list(found.values())


def _key(instance: Instance) -> tuple[str, str, str]:
    return instance.component, instance.object.kind, instance.object.name


def _nearest(candidates: list[Instance], new: Instance) -> Instance:
    """The newest that is not newer, else the oldest."""
    known = {c.version.key: c for c in candidates if c.version}
    if not known or not new.version:
        return candidates[0]
    below = [key for key in known if key <= new.version.key]
    return known[max(below) if below else min(known)]


def _once(product: Product, instances: list[Instance]) -> list[Instance]:
    """One of the operator's Deployments stands for all of its release in a namespace."""
    seen = set()
    kept = []
    for instance in instances:
        key: object = instance
        if product.role(instance.component) == "operator" and instance.version:
            namespace = instance.object.namespace
            key = instance.component, instance.version.key, namespace, instance.watches
        if key not in seen:
            seen.add(key)
            kept.append(instance)
    return kept


def order(instance: Instance) -> tuple[str, ...]:
    """Where an instance stands among others, whatever order they come in."""
    owner = instance.object
    return (
        instance.component,
        owner.namespace,
        owner.kind,
        owner.name,
        instance.written,
        instance.origin,
        instance.at.path if instance.at else "",
    )
