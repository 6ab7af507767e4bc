"""From before to after: steps that are not supported, and what a step does to what runs."""

from __future__ import annotations

from helm_compat.findings import Finding
from helm_compat.gate.collect import Item
from helm_compat.gate.instance import Instance
from helm_compat.gate.scene import Scene, finding
from helm_compat.images.tree import lookup
from helm_compat.knowledge.compatibility import Crossing, Editions, Stops, Upgrade
from helm_compat.knowledge.versions import Version, compare, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

Step = tuple[Instance, Instance]


def judge_transitions(scene: Scene, items: list[Item]) -> Iterator[Finding]:
    """Every instance of the render that takes the place of an installed one."""
    product = scene.state.product
    for step in scene.state.changes:
        old, new = step
        for editions in product.editions:
            yield from _edition(scene, editions, step)
        if not old.version or not new.version:
            continue
        order = compare(new.version, old.version)
        if order and order < 0:
            yield from _downgrade(scene, step)
        elif order:
            yield from _upgrade(scene, step, old.version, new.version)
        for stops in product.stops:
            yield from _stops(scene, stops, step, old.version, new.version)
        for crossing in product.crossings:
            yield from _crossing(scene, crossing, step, items)


def _downgrade(scene: Scene, step: Step) -> Iterator[Finding]:
    old, new = step
    for row in scene.state.product.downgrades:
        if row.component == new.component:
            yield finding(
                row.fact,
                f"{scene.named(new)} would replace the newer {old.written}",
                new,
                notes=scene.where(step),
                hint=f"Keep {old.written} or take a later release.",
            )


def _upgrade(scene: Scene, step: Step, before: Version, after: Version) -> Iterator[Finding]:
    rows = [
        row
        for row in scene.state.product.upgrades
        if row.component == step[1].component and row.to.holds(after)
    ]
    steps = [row for row in rows if not row.described]
    if not steps or any(row.to.holds(before) or _starts(row, before) for row in steps):
        return
    way = [*stops_on_the_way(scene.state.product.upgrades, steps[0], before), step[1].written]
    described = [row for row in rows if row.described and _starts(row, before)]
    yield _skipped(scene, step, described[0] if described else steps[0], way)


def _starts(row: Upgrade, before: Version) -> bool:
    return bool(row.source_range and row.source_range.holds(before))


def _skipped(scene: Scene, step: Step, row: Upgrade, way: list[str]) -> Finding:
    old, new = step
    if row.described:
        message = (
            f"{scene.title(new.component)} {old.written} to {new.written} is more than one step"
        )
        hint = f"Step by step it is {' → '.join([old.written, *way])}."
    elif row.source_range is None:
        message = f"there is no way in place from {scene.named(old)} to {new.written}"
        hint = "Install it beside the old one, and move over what runs."
    else:
        message = (
            f"{scene.title(new.component)} {old.written} to {new.written} skips required stops"
        )
        hint = f"Upgrade step by step: {' → '.join([old.written, *way])}."
    notes = scene.where(step)
    if row.inferred:
        notes = (
            *notes,
            "inferred: the pages describe each step, none says that none may be skipped",
        )
    return finding(row.fact, message, new, notes=notes, hint=hint)


def stops_on_the_way(upgrades: tuple[Upgrade, ...], row: Upgrade, before: Version) -> list[str]:
    """The stops from a release up to a row's line, the first one first."""
    way: list[str] = []
    while row.stop and row.stop not in way and not _starts(row, before):
        way.insert(0, row.stop)
        version = _stop_version(row)
        following = [
            r
            for r in upgrades
            if r.component == row.component and not r.described and version and r.to.holds(version)
        ]
        if not following or following[0].to.holds(before):
            break
        row = following[0]
    return way


def _stop_version(row: Upgrade) -> Version | None:
    first = ".0" if row.stop.endswith(".x") else ""
    return read(row.to.scheme, row.stop.removesuffix(".x") + first)


def _stops(
    scene: Scene, stops: Stops, step: Step, before: Version, after: Version
) -> Iterator[Finding]:
    if stops.component != step[1].component:
        return
    low, high = sorted((before, after), key=lambda version: version.key)
    for line in stops.lines:
        if line.position(low) == "below" and line.position(high) == "above":
            message = f"{scene.title(stops.component)} may not go from {before.text} to {after.text} without a stop at {line.text}"
            hint = f"Stop at a release of {line.text}."
            yield finding(stops.fact, message, step[1], notes=scene.where(step), hint=hint)


def _crossing(scene: Scene, row: Crossing, step: Step, items: list[Item]) -> Iterator[Finding]:
    old, new = step
    if row.component != new.component or not _crosses(row, step):
        return
    if row.within:
        chosen = {name: found[0] for name in row.within if (found := scene.of(name))}
        if not scene.holds(row.within, {**chosen, new.component: new}):
            return
    if row.field and not any(_has_field(row, item, new) for item in items):
        return
    message = f"{scene.title(new.component)} {old.written} to {new.written}"
    yield finding(row.fact, message, new, notes=scene.where(step))


def _crosses(row: Crossing, step: Step) -> bool:
    old, new = step[0].version, step[1].version
    if not old or not new:
        return False
    if row.before and not row.before.holds(old):
        return False
    if row.after and not row.after.holds(new):
        return False
    if not row.at:
        # Without a release to cross, any change between the two ranges counts.
        return bool(compare(old, new)) and _direction(row, up=old.key < new.key)
    behind = [(compare(version, row.at) or 0) >= 0 for version in (old, new)]
    return behind[0] != behind[1] and _direction(row, up=behind[1])


def _direction(row: Crossing, *, up: bool) -> bool:
    return row.direction == "both" or (row.direction == "up") == up


def _has_field(row: Crossing, item: Item, new: Instance) -> bool:
    assert row.field, "the caller asks for rows with a field only"
    kind, path = row.field
    owner = item.object
    return (
        kind == (owner.group, owner.kind)
        and (owner == new.object or not new.is_named)
        and any(True for _ in lookup(item.root, path, item.steps))
    )


def _edition(scene: Scene, editions: Editions, step: Step) -> Iterator[Finding]:
    old, new = step
    if editions.component != new.component or not old.image or not new.image:
        return
    before, after = (_edition_of(editions, image.image) for image in step)
    if before and after and before != after:
        message = f"{scene.title(new.component)} would change from {before.title()} to {after.title()} Edition"
        yield finding(editions.fact, message, new, notes=scene.where(step))


def _edition_of(editions: Editions, image: str) -> str:
    lower = image.lower()
    return next((edition for edition, word in editions.words if word in lower), "")
