"""The report of a run as plain data, in the shape of `schemas/report.schema.json`."""

from __future__ import annotations

from helm_compat import __version__
from helm_compat.findings import SEVERITIES, At, Finding
from helm_compat.outcome import Image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from helm_compat.gate.instance import Instance
    from helm_compat.lint.places import Placed

SCHEMA_VERSION = 1


def report_data(
    images: list[Image],
    findings: list[Finding],
    diff: str,
    components: Iterable[Instance] = (),
) -> dict[str, Any]:
    """The whole report of a render."""
    data: dict[str, Any] = {
        "schemaVersion": SCHEMA_VERSION,
        "tool": {"name": "helm-compat", "version": __version__},
        "summary": summary_data(findings),
        "findings": findings_data(findings),
        "images": [image_data(image) for image in images],
        "components": [_component(instance) for instance in components],
    }
    return data | ({"diff": diff} if diff else {})


def summary_data(findings: list[Finding]) -> dict[str, int]:
    """How many findings there are of each severity, and how many are suppressed."""
    told = [finding for finding in findings if not finding.suppressed]
    counts = {s: sum(f.severity == s for f in told) for s in SEVERITIES}
    return {**counts, "suppressed": len(findings) - len(told)}


def findings_data(findings: list[Finding]) -> list[dict[str, Any]]:
    """Findings as every report of ours writes them."""
    return [_finding(finding) for finding in findings]


def _component(instance: Instance) -> dict[str, Any]:
    return {
        "product": instance.product,
        "component": instance.component,
        "version": instance.written if instance.version else None,
        "origin": instance.origin or "render",
        "namespace": instance.object.namespace,
        "object": "/".join(filter(None, (instance.object.kind, instance.object.name))),
    }


def lint_data(
    inputs: list[dict[str, Any]],
    findings: Iterable[Placed],
    images: Iterable[Image],
    components: Iterable[Instance],
) -> dict[str, Any]:
    """The whole result of a lint, in the shape of `schemas/lint.schema.json`.

    What was not checked are inputs, and findings that say that nobody can tell.
    """
    placed = list(findings)
    told = [item.finding for item in placed]
    unknown = sum(f.verdict == "unknown" and not f.suppressed for f in told)
    missing = sum(not entry["checked"] for entry in inputs)
    return {
        "schemaVersion": SCHEMA_VERSION,
        "tool": {"name": "helm-compat", "version": __version__},
        "inputs": inputs,
        "summary": {**summary_data(told), "notChecked": missing + unknown},
        "findings": [{**_finding(item.finding), "place": item.place} for item in placed],
        "images": [image_data(image) for image in images],
        "components": [_component(instance) for instance in components],
    }


def image_data(image: Image) -> dict[str, Any]:
    """One image with its place, as every report of ours writes it."""
    return {
        "reference": image.written,
        "normalized": image.normalized,
        "target": image.target or None,
        "site": image.site,
        **_at(image.at),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        **(_at(finding.at) if finding.at else {}),
        "evidence": [{"source": s.where, "read": s.read} for s in finding.evidence],
        "hint": finding.hint,
        "notes": list(finding.notes),
        **({"excerpt": finding.excerpt._asdict()} if finding.excerpt else {}),
        **({"suppressed": finding.suppressed} if finding.suppressed else {}),
    }


def _at(at: At) -> dict[str, Any]:
    template = {"template": at.template} if at.template else {}
    return {
        "path": at.path,
        "line": at.line,
        "column": at.column,
        "file": at.file,
        **template,
        "document": {
            "apiVersion": at.object.api_version,
            "kind": at.object.kind,
            "namespace": at.object.namespace,
            "name": at.object.name,
        },
    }
