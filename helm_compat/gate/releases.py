"""The derived rule of products that publish no matrix: was the operator current?

The operator must have been the current one when the operand was released. Base times are
compared: what marks a hotfix or a candidate does not count here.
"""

from __future__ import annotations

from helm_compat.findings import Finding
from helm_compat.gate.instance import Instance
from helm_compat.gate.scene import Scene, finding
from helm_compat.knowledge.compatibility import CurrentRelease, Release
from helm_compat.knowledge.versions import Version, base, compare, days_between, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

DERIVED = "derived from the releases that the vendor ships together; no matrix is published"


def judge_releases(scene: Scene) -> Iterator[Finding]:
    """Every operand against the operator that manages it."""
    for rule in scene.state.product.current:
        for chosen in scene.combinations([rule.operator, rule.operand]):
            operator, operand = chosen[rule.operator], chosen[rule.operand]
            if operator.version and operand.version:
                yield from _judge(
                    scene, rule, (operator, operand), operator.version, operand.version
                )


def _judge(
    scene: Scene,
    rule: CurrentRelease,
    pair: tuple[Instance, Instance],
    operator: Version,
    operand: Version,
) -> Iterator[Finding]:
    releases = scene.state.product.components[rule.operator].releases
    operator, operand = base(operator), base(operand)
    out = [
        r for r in releases if _is_later(r.version, operator) and not _is_later(r.version, operand)
    ]
    if out:
        yield _outdated(scene, rule, pair, out, days_between(out[0].version, operand))
    elif not _is_known(rule, operand):
        message = (
            f"{scene.named(pair[1])} is newer than what is known, which ends on {rule.known_until}"
        )
        found = scene.unknown("newer", "unknown-version", message, scene.subject(pair))
        yield found._replace(notes=_notes(scene, pair), evidence=rule.fact.evidence)
    elif not _is_later(operand, operator):
        yield from _older(scene, rule, pair, operator, operand)


def _older(
    scene: Scene,
    rule: CurrentRelease,
    pair: tuple[Instance, Instance],
    operator: Version,
    operand: Version,
) -> Iterator[Finding]:
    """The operator may be ahead: that is the documented order, but an upgrade is to be finished."""
    releases = scene.state.product.components[rule.operator].releases
    shipped = [r for r in releases if r.oldest_operand and not _is_later(r.version, operator)]
    oldest = shipped[-1].oldest_operand if shipped else None
    if not oldest or not _is_later(oldest, operand):
        return
    fact = rule.fact._replace(rule="outdated-operand", severity="warning", message="")
    yield finding(
        fact,
        f"{scene.named(pair[1])} is older than anything that shipped with {scene.named(pair[0])}",
        scene.subject(pair),
        notes=(f"the oldest that shipped with it is {oldest.text}", *_notes(scene, pair)),
        hint=f"Finish the upgrade: take {scene.title(rule.operand)} to {oldest.text} or later.",
    )


def _outdated(
    scene: Scene,
    rule: CurrentRelease,
    pair: tuple[Instance, Instance],
    out: list[Release],
    days: float,
) -> Finding:
    """A later operator was already out when the operand was released."""
    operator, operand = pair
    current = out[-1]
    known = operand.version and _is_known(rule, base(operand.version))
    was = "the current one" if known else "out already, the last one known"
    fact = rule.fact._replace(message="")
    if days <= rule.grace:
        fact = fact._replace(severity="warning")
    hint = scene.upgrade(operator, f"{current.version.text} or later{_chart(scene, rule, current)}")
    return finding(
        fact,
        f"{scene.named(operand)} is newer than {scene.named(operator)} was made for",
        scene.subject(pair),
        notes=(
            f"when it was released, operator {current.version.text} was {was}",
            f"a later operator had been out for {_whole(days)} days ({rule.grace} are tolerated)",
            *_notes(scene, pair),
        ),
        hint=hint,
        between=scene.between(pair),
    )


def _whole(days: float) -> int:
    """Days, a day that has begun included."""
    return -int(-days // 1)


def _is_known(rule: CurrentRelease, operand: Version) -> bool:
    """Whether an operand's base release is no later than the day that knowledge ends on."""
    return not _is_later(operand, read("release-date", f"{rule.known_until}T23-59-59Z"))


def _chart(scene: Scene, rule: CurrentRelease, current: Release) -> str:
    """The chart that carries a release, or the first one behind it."""
    if current.charts:
        return f" (chart {current.charts[-1]})"
    releases = scene.state.product.components[rule.operator].releases
    for release in releases:
        if release.charts and _is_later(release.version, current.version):
            return f" (no chart carries it; {release.charts[0]} is the first behind it)"
    return ""


def _notes(scene: Scene, pair: tuple[Instance, Instance]) -> tuple[str, ...]:
    return (*scene.where(pair), DERIVED)


def _is_later(a: Version, b: Version | None) -> bool:
    order = compare(a, b) if b else None
    return order is not None and order > 0
