"""`helm-compat check`: the verdict on versions that are typed by hand."""

from __future__ import annotations

from helm_compat.errors import UsageError
from helm_compat.findings import rank, with_severity
from helm_compat.gate.collect import Collected
from helm_compat.gate.installed import find_component, find_product, read_version
from helm_compat.gate.judge import Gate, Judgement, judge
from helm_compat.report.data import SCHEMA_VERSION, findings_data
from helm_compat.report.text import finding_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


def check_versions(
    name: str, versions: Sequence[str], gate: Gate, severities: dict[str, str]
) -> Judgement:
    """Judge one product at the versions of `COMPONENT=VERSION` arguments; raises UsageError.

    What the configuration says is installed does not count: only what was typed does.
    """
    product = find_product(gate.products, name)
    instances = []
    for text in versions:
        component, equals, version = text.partition("=")
        if not equals or not version:
            raise UsageError(
                f"{text!r}: wants COMPONENT=VERSION",
                hint=f"Components of {product.name}: {', '.join(product.components)}.",
            )
        found = find_component(product, component)
        instances.append(read_version(product, found, version, ""))
    collected = Collected({product.name}, instances, [], [], [], [])
    judged = judge(collected, gate._replace(installed=()), assumed=True)
    findings = [with_severity(finding, severities) for finding in judged.findings]
    return judged._replace(findings=tuple(sorted(findings, key=rank)))


def check_data(judged: Judgement) -> dict[str, Any]:
    """The verdict in the shape of `schemas/check.schema.json`."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "verdict": judged.verdict,
        "findings": findings_data(list(judged.findings)),
    }


def check_text(judged: Judgement, *, colour: bool) -> str:
    """The findings, and the verdict in the last line."""
    lines: list[str] = []
    for finding in findings_data(list(judged.findings)):
        lines += [*finding_lines(finding, colour=colour), ""]
    versions = ", ".join(f"{i.component} {i.written}" for i in judged.instances)
    return "\n".join([*lines, f"{judged.verdict}: {versions}"]) + "\n"
