"""Findings: what a run has to say, with its place, its evidence and what to do."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.images.tree import Object
from helm_compat.knowledge.product import Source
from helm_compat.stream import Document, Lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

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


class Excerpt(NamedTuple):
    """A line of the input, or what is near on a long one, and what is meant on it.

    `column` is 1-based in `text`; it and `width` are code points.
    """

    text: str
    column: int
    width: int


# Of a line so much before what is meant is kept, and so much in all.
BEFORE = 120
LENGTH = 240


class Locator:
    """Turns positions in the text of one document into places in the input."""

    def __init__(self, file: str, document: Document, text: str) -> None:
        self._file = file
        self._first_line = document.line
        self._template = document.template
        self._text = text
        self._known: Lines | None = None
        self._hidden = False

    @property
    def _lines(self) -> Lines:
        # Nothing is said of most documents.
        self._known = self._known or Lines(self._text)
        return self._known

    def hide(self) -> None:
        """Give no excerpts from now on: the document holds a Secret, whose text nobody is shown."""
        self._hidden = True

    def at(self, offset: int, path: str, owner: Object) -> At:
        """The place of a code point; `path` is the field there."""
        line, column = self._lines.place(offset)
        line += self._first_line
        return At(self._file, self._template, line, column + 1, path, owner)

    def excerpt(self, offset: int, width: int) -> Excerpt | None:
        """The line of a code point, with the part of it that `width` code points make."""
        if self._hidden:
            return None
        _, column = self._lines.place(offset)
        start = max(offset - column, offset - BEFORE)
        end = self._text.find("\n", offset)
        line = self._text[start : len(self._text) if end < 0 else end].rstrip("\r")[:LENGTH]
        return Excerpt(line, offset - start + 1, max(1, min(width, len(line) - offset + start)))


class Finding(NamedTuple):
    """One thing to know; `rule` names the bad pattern, `at` is None for the run as a whole.

    `notes` are facts that explain it, `verdict` what it means for the versions (incompatible,
    unknown, or empty), `suppressed` the reason why the user wants to hear no more of it.
    `between` is the operator and the object that do not fit each other, where it speaks of such.
    """

    rule: str
    severity: str
    message: str
    at: At | None = None
    evidence: tuple[Source, ...] = ()
    hint: str = ""
    notes: tuple[str, ...] = ()
    excerpt: Excerpt | None = None
    verdict: str = ""
    suppressed: str = ""
    between: tuple[object, Object] | None = None


def with_severity(finding: Finding, severities: Mapping[str, str]) -> Finding:
    """A finding with the severity that the user gives its rule."""
    # A URL or a label that names a registry pulls nothing: nothing makes it an error.
    if finding.rule == "leftover-image" and finding.severity == "info":
        return finding
    return finding._replace(severity=severities.get(finding.rule, finding.severity))


def at_least(findings: list[Finding], level: str) -> list[Finding]:
    """The findings that are at or above a level, the most severe first; `never` gives none.

    What is suppressed is at no level.
    """
    if level == "never":
        return []
    wanted = SEVERITIES[: SEVERITIES.index(level) + 1]
    return sorted((f for f in findings if f.severity in wanted and not f.suppressed), key=rank)


def rank(finding: Finding) -> int:
    """The place of a finding's severity, 0 for the gravest."""
    return SEVERITIES.index(finding.severity)
