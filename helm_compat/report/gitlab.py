"""Findings as a Code Quality report, which GitLab shows in merge requests.

https://docs.gitlab.com/ci/testing/code_quality/
"""

from __future__ import annotations

import json

from helm_compat.printable import printable
from helm_compat.report.concise import exact, file_of, unchecked
from helm_compat.report.fingerprint import fingerprints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SEVERITIES = {"error": "major", "warning": "minor", "info": "info"}


def gitlab_text(data: dict[str, Any]) -> str:
    """An array with each finding that is not suppressed, and each unchecked input."""
    findings = [*data["findings"], *unchecked(data)]
    issues = [
        {
            "description": printable(finding["message"]),
            "check_name": finding["rule"],
            "fingerprint": mark,
            "severity": _SEVERITIES[finding["severity"]],
            "location": {
                "path": printable(file_of(finding, data)),
                # A line is wanted even where only the file is known.
                "lines": {"begin": finding["line"] if exact(finding) else 1},
            },
        }
        for finding, mark in zip(findings, fingerprints(findings))
        if not finding.get("suppressed")
    ]
    return json.dumps(issues, indent=2, ensure_ascii=False) + "\n"
