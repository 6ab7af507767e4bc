"""Requirements beside the matrices: what a release needs of another, and what must be equal."""

from __future__ import annotations

from helm_compat.findings import Finding
from helm_compat.gate.instance import Instance
from helm_compat.gate.scene import Combination, Scene, finding, misfit, short
from helm_compat.knowledge.compatibility import Requirement
from helm_compat.knowledge.ranges import Range, shown
from helm_compat.knowledge.versions import compare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def judge_requirements(scene: Scene) -> Iterator[Finding]:
    """Every requirement of the product against every combination of instances that it speaks of."""
    for requirement in scene.state.product.requirements:
        when = requirement.when
        if scene.assumed:
            # The product is in use: that some component is there needs no proof.
            when = {n: wanted for n, wanted in when.items() if wanted or scene.of(n)}
        if requirement.equal:
            names = [*when, *(n for n in requirement.equal if n not in when)]
            for chosen in scene.combinations(names):
                if scene.holds(when, chosen):
                    yield from _equal(scene, requirement, chosen)
        for name, wanted in requirement.needs.items():
            for chosen in scene.combinations(list({**when, name: wanted})):
                if scene.holds(when, chosen):
                    yield from _needs(scene, requirement, name, chosen)


def _needs(
    scene: Scene, requirement: Requirement, name: str, chosen: Combination
) -> Iterator[Finding]:
    wanted, instance = requirement.needs[name], chosen[name]
    if not wanted or not instance.version or wanted.holds(instance.version):
        return
    fact = requirement.fact
    if requirement.new_only and any(new is instance for _, new in scene.state.changes):
        return
    if requirement.new_only and not scene.state.is_new(instance):
        # What is there already may stay; whether it is, nobody has said.
        fact = fact._replace(severity="warning")
    if scene.transient(chosen):
        return
    others = [other for key, other in chosen.items() if key != name]
    whose = " with ".join(map(scene.named, others)) or scene.state.product.title
    verb = "needs" if requirement.fact.severity == "error" else "asks for"
    stated = f"{' with '.join(map(short, others)) or 'it'} {verb} {name} {shown(wanted)}"
    reason = fact.message
    yield finding(
        fact._replace(message=""),
        _misfit(scene, requirement, instance, whose),
        scene.subject((instance, *others)),
        notes=(stated, *([reason] if reason else []), *scene.where((*others, instance))),
        between=scene.between([instance, *others]),
        hint=hint_for(scene, chosen, name, wanted),
    )


def _misfit(scene: Scene, requirement: Requirement, instance: Instance, whose: str) -> str:
    wanted = requirement.needs[instance.component]
    assert wanted, "the caller asks for a range"
    assert instance.version, "the caller asks for instances with a version only"
    position = wanted.position(instance.version)
    text = misfit(scene.named(instance), whose, position)
    if requirement.fact.severity == "error":
        return text
    # What is only recommended is needed by nobody.
    return f"{text.rpartition(' ')[0]} asks for"


def hint_for(scene: Scene, chosen: Combination, name: str, wanted: Range) -> str:
    """What to do for a component that is outside the range that the others need."""
    instance = chosen[name]
    assert instance.version, "the caller asks for instances with a version only"
    title = scene.title(name)
    if wanted.position(instance.version) == "above":
        others = [scene.title(key) for key in chosen if key != name]
        return f"Upgrade {' and '.join(others) or 'the others'} first, or keep {title} {shown(wanted)}."
    return scene.upgrade(instance, shown(wanted))


def _equal(scene: Scene, requirement: Requirement, chosen: Combination) -> Iterator[Finding]:
    first, *rest = (chosen[name] for name in requirement.equal)
    for other in rest:
        if not first.version or not other.version or not compare(first.version, other.version):
            continue
        yield finding(
            requirement.fact,
            f"{scene.named(other)} differs from {scene.named(first)}",
            scene.subject((other, first)),
            notes=scene.where(chosen.values()),
            between=scene.between(list(chosen.values())),
            hint=f"Set both to one version: {scene.title(first.component)} and"
            f" {scene.title(other.component)} are upgraded together.",
        )
