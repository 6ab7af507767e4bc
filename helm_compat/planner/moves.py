"""Which steps there are: upgrades and their stops, downgrades, pins, and what a step costs."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.knowledge.compatibility import Crossing, Product, Upgrade
from helm_compat.knowledge.planning import NO_EFFECT, Planning
from helm_compat.knowledge.product import Source
from helm_compat.knowledge.ranges import Range, shown
from helm_compat.knowledge.versions import compare
from helm_compat.planner.domain import Value, Variable, held, where
from helm_compat.planner.tables import Price, full

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Refused(NamedTuple):
    """Why a step of one variable is none: the fact, its sources, and what would allow it."""

    rule: str
    id: str
    fact: str
    evidence: tuple[Source, ...]
    allow: str = ""


class Allowed(NamedTuple):
    """What the user allows of steps, and the ranges that a component keeps to."""

    downgrades: frozenset[str]
    inferred: bool
    pins: dict[str, Range]


def is_newer(a: Value, b: Value) -> bool:
    """Whether every release of the first is newer than every one of the second."""
    return bool(a.low and b.high and a.low.key > b.high.key)


def refusals(
    product: Product,
    planning: Planning,
    variable: Variable,
    step: tuple[Value, Value],
    allowed: Allowed,
) -> list[Refused]:
    """Why a component cannot go from one value to another in one step; empty where it can."""
    before, after = step
    pin = allowed.pins.get(variable.name) or allowed.pins.get(variable.component)
    if pin and not held(pin, after):
        fact = f"you keep {variable.name} to {shown(pin)}"
        return [Refused("pin", "pin", fact, (), f"--pin {variable.name}")]
    if not is_newer(after, before):
        if not is_newer(before, after):
            fact = f"{after.text} is not surely newer than {before.text}"
            return [Refused("same", "same", fact, ())]
        back = _downgrade(product, variable, step, allowed)
        return [back] if back else []
    found = (
        _upgrade(product.upgrades, variable, step, allowed),
        _stop(product, variable, step),
        _waypoint(planning, variable, step),
    )
    return [one for one in found if one]


def _downgrade(
    product: Product, variable: Variable, step: tuple[Value, Value], allowed: Allowed
) -> Refused | None:
    before, after = step
    rows = [row for row in product.downgrades if row.component == variable.component]
    words = f"{variable.name} {before.text} to {after.text} is a downgrade"
    for row in rows:
        fact = f"{words}: {row.fact.message}"
        if row.fact.severity == "error":
            return Refused("downgrade", row.fact.id, fact, row.fact.evidence)
        if variable.component not in allowed.downgrades:
            allow = f"--allow-downgrade {variable.component}"
            return Refused("downgrade", row.fact.id, fact, row.fact.evidence, allow)
    if variable.component in allowed.downgrades:
        return None
    return Refused("downgrade", "", words, (), f"--allow-downgrade {variable.component}")


def _upgrade(
    upgrades: tuple[Upgrade, ...],
    variable: Variable,
    step: tuple[Value, Value],
    allowed: Allowed,
) -> Refused | None:
    before, after = step
    rows = [r for r in upgrades if r.component == variable.component and held(r.to, after)]
    steps = [row for row in rows if not row.described]
    if not steps or any(held(row.to, before) for row in steps):
        return None
    starting = [r for r in rows if r.source_range and held(r.source_range, before)]
    if any(allowed.inferred or not (r.inferred or r.described) for r in starting):
        return None
    row = steps[0]
    head = f"{variable.component} {shown(row.to)}"
    allow = "--allow-inferred" if starting else ""
    if row.source_range is None:
        fact = f"there is no way in place to {head}"
        fact += f": {row.fact.message}" if row.fact.message else ""
    elif row.inferred and starting:
        fact = f"no page states the step to {head}, only those beside it"
    else:
        fact = f"{head} is entered from {variable.component} {shown(row.source_range)}"
    return Refused("skipped-stop", row.fact.id, fact, row.fact.evidence, allow)


def _stop(product: Product, variable: Variable, step: tuple[Value, Value]) -> Refused | None:
    for stops in product.stops:
        for line in stops.lines if stops.component == variable.component else ():
            sides = {where(line, value) for value in step}
            if sides == {"below", "above"}:
                fact = f"{variable.component} may not go over {line.text} without a stop there"
                return Refused("skipped-stop", "", fact, stops.fact.evidence)
    return None


def _waypoint(planning: Planning, variable: Variable, step: tuple[Value, Value]) -> Refused | None:
    before, after = step
    for row in planning.waypoints:
        mine = row.component == variable.component
        if mine and held(row.to, after) and not held(row.to, before):
            if held(row.source_range, before):
                continue
            fact = f"{row.component} {shown(row.to)} is entered from {shown(row.source_range)}: {row.fact.message}"
            return Refused("skipped-stop", row.fact.id, fact, row.fact.evidence)
    return None


def written_refusal(planning: Planning, step: tuple[Value, Value]) -> Refused | None:
    """Why objects cannot be written in another API version in one step; None where they can."""
    assert planning.written_as, "only objects are written in API versions"
    before, after = step
    names = [f"{api.group}/{api.version}" for api in planning.written_as.versions]
    api = planning.written_as.versions[names.index(before.text)]
    if names.index(after.text) <= names.index(before.text):
        fact = f"{after.text} is older than {before.text}"
        return Refused("downgrade", api.fact.id, fact, api.fact.evidence)
    if api.use != after.text:
        fact = f"objects of {before.text} are not carried over to {after.text}"
        return Refused("no-conversion", api.fact.id, fact, api.fact.evidence)
    return None


def crossed(product: Product, variable: Variable, before: Value, after: Value) -> list[Crossing]:
    """What a step crosses."""
    return [
        row
        for row in product.crossings
        if row.component == variable.component and _crosses(row, before, after)
    ]


def _crosses(row: Crossing, before: Value, after: Value) -> bool:
    assert before.low, "only releases are crossed"
    assert after.low, "only releases are crossed"
    if (row.before and not held(row.before, before)) or (row.after and not held(row.after, after)):
        return False
    up = is_newer(after, before)
    right = row.direction == "both" or (row.direction == "up") == up
    if not row.at:
        return right
    behind = [(compare(value.low, row.at) or 0) >= 0 for value in (before, after) if value.low]
    return right and behind[0] != behind[1]


def prices(
    product: Product,
    planning: Planning,
    variable: Variable,
    present: frozenset[str],
    units: tuple[int, int],
    preferred: Range | None,
) -> tuple[Price, ...]:
    """What steps of a variable cost besides: restarts and moved data, and what is not preferred.

    `units` are the cost of one restart, or of data that move, and of one release that is not
    preferred.
    """
    everything = full(len(variable.values))
    found = []
    if variable.role in ("operand", "companion", "platform"):
        found.append(Price(units[0], everything, everything))
    for row in product.crossings:
        if row.component == variable.component:
            weight = disruption(row, planning, present)
            if weight:
                found += [
                    Price(weight * units[0], source, target)
                    for source, target in _sides(row, variable)
                ]
    if preferred:
        outside = sum(
            1 << n for n, value in enumerate(variable.values) if not held(preferred, value)
        )
        found += [Price(units[1], everything, outside)] if outside else []
    return tuple(found)


def disruption(row: Crossing, planning: Planning, present: frozenset[str]) -> int:
    """How many components restart, and how many have data that move, where a release is crossed."""
    effect = planning.effects.get(row.fact.id, NO_EFFECT)
    return sum(name in present for name in (*effect.restarts, *effect.moves_data))


def _sides(row: Crossing, variable: Variable) -> Iterator[tuple[int, int]]:
    """Masks of the values before and after a crossing, in each direction that counts."""
    sides: dict[int, int] = {}
    for number, value in enumerate(variable.values):
        targets = sum(
            1 << place
            for place, other in enumerate(variable.values)
            if place != number and _crosses(row, value, other)
        )
        if targets:
            sides[targets] = sides.get(targets, 0) | 1 << number
    for targets, sources in sides.items():
        yield sources, targets
