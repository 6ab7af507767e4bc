"""Findings: what a run has to say, with its place, its evidence and what to do."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.images.tree import Object
from helm_compat.knowledge.product import Source
from helm_compat.stream import Document, Lines

SEVERITIES = ("error", "warning", "info")


class At(NamedTuple):
    """A place in the input: file, the template that Helm names, 1-based line and column, field."""

    file: str
    template: str
    line: int
    column: int
    path: str
    object: Object

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column}"
        return f"{text} ({self.template})" if self.template else text


class Locator:
    """Turns positions in the text of one document into places in the input."""

    def __init__(self, file: str, document: Document, text: str) -> None:
        self._file = file
        self._first_line = document.line
        self._template = document.template
        self._lines = Lines(text)

    def at(self, offset: int, path: str, owner: Object) -> At:
        """The place of a code point; `path` is the field there."""
        line, column = self._lines.place(offset)
        line += self._first_line
        return At(self._file, self._template, line, column + 1, path, owner)


class Finding(NamedTuple):
    """One thing to know; `rule` names the bad pattern, `at` is None for the run as a whole."""

    rule: str
    severity: str
    message: str
    at: At | None = None
    evidence: tuple[Source, ...] = ()
    hint: str = ""


def at_least(findings: list[Finding], level: str) -> list[Finding]:
    """The findings that are at or above a level, the most severe first; `never` gives none."""
    if level == "never":
        return []
    wanted = SEVERITIES[: SEVERITIES.index(level) + 1]
    return sorted((f for f in findings if f.severity in wanted), key=_rank)


def _rank(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)
