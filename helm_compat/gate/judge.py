"""The gate: all that a render holds and all that is installed → findings and components."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.findings import SEVERITIES, Finding
from helm_compat.gate.clues import with_clues
from helm_compat.gate.collect import Collected
from helm_compat.gate.instance import Instance
from helm_compat.gate.known import NOTHING_KNOWN, Surroundings
from helm_compat.gate.scene import Scene
from helm_compat.gate.state import State, overlay
from helm_compat.knowledge.compatibility import Product, Products
from helm_compat.knowledge.detections import Detections


class Gate(NamedTuple):
    """What the gate is given: the products, what is installed, how unknowns are taken.

    `namespace` is that of the release, for objects that name none. `known` is what the cluster,
    or the lock file of one, says beside its instances.
    """

    products: Products
    marks: Detections
    installed: tuple[Instance, ...]
    policy: dict[str, str]
    namespace: str = ""
    known: Surroundings = NOTHING_KNOWN


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
        state = _state(gate.products[name], collected, gate)
        instances += state.instances
        scene = Scene(state, gate.policy, assumed=assumed, known=gate.known)
        findings += judge_scene(scene, collected)
    return Judgement(tuple(instances), tuple(sorted(_joined(findings), key=_order)))


def _state(product: Product, collected: Collected, gate: Gate) -> State:
    installed = gate.installed
    known = any(
        i.product == product.name and product.role(i.component) == "operator" for i in installed
    )
    rendered = with_clues(product, collected, installed=known)
    return overlay(product, installed, rendered, complete=gate.known.lists(product.name))


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
