"""The formats of a lint's result, and where each goes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from helm_compat.errors import UsageError
from helm_compat.knowledge.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FORMATS = ("text", "concise", "json", "sarif", "junit", "github", "gitlab", "markdown")


class Output(NamedTuple):
    """One format, and the file for it; an empty one is standard output."""

    format: str
    file: str


def read_outputs(given: Sequence[str]) -> list[Output]:
    """Read `FORMAT[=FILE]`, text by default; raises UsageError."""
    outputs = []
    for text in given or ("text",):
        name, equals, file = text.partition("=")
        if name not in FORMATS:
            raise UsageError(
                f"--output: there is no format {name!r}", hint=did_you_mean(name, FORMATS)
            )
        if equals and not file:
            raise UsageError(f"--output {text}: wants a file behind the =")
        outputs.append(Output(name, file))
    if sum(not output.file for output in outputs) > 1:
        raise UsageError(
            "--output: only one format can go to standard output",
            hint="Give the others a file, as in -o sarif=lint.sarif.",
        )
    files = [os.path.realpath(output.file) for output in outputs if output.file]
    if len(set(files)) < len(files):
        raise UsageError("--output: one file is named for two formats")
    return outputs


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
