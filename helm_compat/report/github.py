"""Findings as workflow commands of GitHub Actions, which shows them beside the lines.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from helm_compat.printable import printable
from helm_compat.report.concise import exact, explained, tidy, unchecked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}
_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = {**_MESSAGE, **str.maketrans({":": "%3A", ",": "%2C"})}


def github_text(data: dict[str, Any]) -> str:
    """One command a line: for each finding that is not suppressed, and each unchecked input."""
    told = [finding for finding in data["findings"] if not finding.get("suppressed")]
    return "".join(f"{_command(finding)}\n" for finding in [*told, *unchecked(data)])


def _command(finding: dict[str, Any]) -> str:
    properties: dict[str, object] = {}
    if "file" in finding:
        properties["file"] = tidy(finding["file"])
    if exact(finding):
        properties |= {"line": finding["line"], "col": finding["column"]}
        if "excerpt" in finding:
            properties["endColumn"] = finding["column"] + finding["excerpt"]["width"]
    properties["title"] = finding["rule"]
    written = ",".join(
        f"{key}={printable(str(value)).translate(_PROPERTY)}" for key, value in properties.items()
    )
    message = explained(finding).translate(_MESSAGE)
    return f"::{_COMMANDS[finding['severity']]} {written}::{message}"
