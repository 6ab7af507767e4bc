"""The gate: all that a render holds and all that is installed → findings and components."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.findings import SEVERITIES, Finding
from helm_compat.gate.collect import Collected
from helm_compat.gate.instance import Instance
from helm_compat.gate.scene import Scene
from helm_compat.gate.state import State, operators_from_annotations, overlay
from helm_compat.knowledge.compatibility import Product, Products
from helm_compat.knowledge.detections import Detections
from helm_compat.knowledge.ranges import shown


class Gate(NamedTuple):
    """What the gate is given: the products, what is installed, how unknowns are taken.

    `namespace` is that of the release, for objects that name none.
    """

    products: Products
    marks: Detections
    installed: tuple[Instance, ...]
    policy: dict[str, str]
    namespace: str = ""


class Judgement(NamedTuple):
    """What the gate found: the components after the render, and what is to say of them."""

    instances: tuple[Instance, ...]
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> str:
        """compatible, unknown or incompatible; the gravest that any finding says."""
        verdicts = {finding.verdict for finding in self.findings if not finding.suppressed}
        return next((v for v in ("incompatible", "unknown") if v in verdicts), "compatible")


def judge(collected: Collected, gate: Gate, *, assumed: bool = False) -> Judgement:
    """Judge every product that the render touches.

    `assumed` says that the products are in use even where no component shows it.
    """
    if not collected.products:
        return Judgement((), ())
    # Most charts hold nothing of any product.
    from helm_compat.gate.rules import judge_scene

    instances: list[Instance] = []
    findings: list[Finding] = []
    for name in sorted(collected.products):
        state = _state(gate.products[name], collected, gate.installed)
        instances += state.instances
        findings += judge_scene(Scene(state, gate.policy, assumed=assumed), collected)
    return Judgement(tuple(instances), tuple(sorted(_joined(findings), key=_order)))


def _state(product: Product, collected: Collected, installed: tuple[Instance, ...]) -> State:
    rendered = [i for i in collected.instances if i.product == product.name]
    seen_here = [seen for seen in collected.annotations if seen.mark.owner.product == product.name]
    annotated = [seen.instance for seen in seen_here if seen.mark.must_equal]
    known = any(
        i.product == product.name and product.role(i.component) == "operator" for i in installed
    )
    rendered = operators_from_annotations(product, rendered, annotated, installed=known)
    hints = [seen.instance for seen in seen_here if not seen.mark.must_equal]
    rendered = [_hinted(_bounded(product, i, collected), hints) for i in rendered]
    return overlay(product, installed, rendered)


def _hinted(instance: Instance, hints: list[Instance]) -> Instance:
    """An instance without a release, with what its definitions hint at."""
    if instance.version:
        return instance
    clues = {
        f"the CustomResourceDefinitions are of {hint.written}"
        for hint in hints
        if hint.component == instance.component
    }
    return instance._replace(clues=(*instance.clues, *sorted(clues)))


def _bounded(product: Product, instance: Instance, collected: Collected) -> Instance:
    """An instance without a release, with the range that its definitions leave for it."""
    if instance.version:
        return instance
    for seen in collected.groups:
        if seen.mark.owner == (instance.product, instance.component):
            bounds = product.components[instance.component].range(seen.mark.says)
            clue = f"{seen.crd.name} is defined, so it is {shown(bounds)}" if bounds else ""
            return instance._replace(bounds=bounds, clues=(*instance.clues, clue))
    return instance


def _joined(findings: list[Finding]) -> list[Finding]:
    """Findings that say the same of one place as one: with all reasons, as grave as the gravest."""
    joined: dict[object, Finding] = {}
    for finding in findings:
        key = finding.rule, finding.message, finding.at
        first = joined.setdefault(key, finding)
        if first is not finding:
            joined[key] = first._replace(
                severity=min(first.severity, finding.severity, key=SEVERITIES.index),
                evidence=tuple(dict.fromkeys((*first.evidence, *finding.evidence))),
                notes=tuple(dict.fromkeys((*first.notes, *finding.notes))),
                hint=first.hint or finding.hint,
                verdict=first.verdict or finding.verdict,
            )
    return list(joined.values())


def _order(finding: Finding) -> tuple[int, str, str]:
    return SEVERITIES.index(finding.severity), finding.rule, finding.message
