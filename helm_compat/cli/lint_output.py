"""The formats of a lint's result, and where each goes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FORMATS = ("text", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown")


def render_output(
    name: str, data: dict[str, Any], *, colour: bool, fail_on: str, verbose: bool
) -> str:
    """A result in one of FORMATS."""
    if name == "json":
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    if name == "text":
        from helm_compat.report.text import lint_text

        return lint_text(data, colour=colour, verbose=verbose)
    if name == "junit":
        from helm_compat.report.junit import junit_text

        return junit_text(data, fail_on)
    return _writer(name)(data)


def _writer(name: str) -> Callable[[dict[str, Any]], str]:
    # Each format is loaded when it is asked for.
    if name == "concise":
        from helm_compat.report.concise import concise_text

        return concise_text
    if name == "sarif":
        from helm_compat.report.sarif import sarif_text

        return sarif_text
    if name == "github":
        from helm_compat.report.github import github_text

        return github_text
    if name == "gitlab":
        from helm_compat.report.gitlab import gitlab_text

        return gitlab_text
    from helm_compat.report.markdown import markdown_text

    return markdown_text
