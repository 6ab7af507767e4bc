"""The report of a run as plain data, in the shape of `schemas/report.schema.json`."""

from __future__ import annotations

from helm_compat import __version__
from helm_compat.findings import SEVERITIES, At, Finding
from helm_compat.render import Image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SCHEMA_VERSION = 1


def report_data(images: list[Image], findings: list[Finding], diff: str) -> dict[str, Any]:
    """The whole report of a render."""
    data: dict[str, Any] = {
        "schemaVersion": SCHEMA_VERSION,
        "tool": {"name": "helm-compat", "version": __version__},
        "summary": {s: sum(f.severity == s for f in findings) for s in SEVERITIES},
        "findings": [_finding(finding) for finding in findings],
        "images": [_image(image) for image in images],
        "components": [],
    }
    return data | ({"diff": diff} if diff else {})


def images_data(images: list[Image]) -> dict[str, Any]:
    """The list of images alone, in the shape of `schemas/images.schema.json`."""
    return {"schemaVersion": SCHEMA_VERSION, "images": [_image(image) for image in images]}


def _image(image: Image) -> dict[str, Any]:
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
