"""The suppressions that inputs hold: comments and annotations, each with what it is for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from helm_compat.findings import Finding, Locator
from helm_compat.images.sites import written_at
from helm_compat.images.tree import NOBODY, Object, Steps, field, label, objects, path_text
from helm_compat.lint.ignore_words import ANNOTATION, Words, read_annotation, read_comment
from helm_compat.lint.places import (
    VALUES_FILE,
    WHOLE_FILE,
    Placed,
    chart_text,
    path_in_chart,
    place,
    read_values_text,
    template_file,
    template_of,
)
from helm_compat.nodes import Mapping, Scalar
from helm_compat.sources.chart import CHART_FILE, Chart
from helm_compat.stream import Document, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from helm_compat.lint.inspect import State, Stream, Visited

UNUSED, EXPIRED = "unused-suppression", "expired-suppression"

_MARK = "helm-compat:"

_comment = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*helm-compat:[ \t]*([^\r\n]*)", re.MULTILINE)
_in_braces = r"\{\{(?:-\s+)?/\*\s*%s\s*\*/(?:\s+-)?\}\}"
_template_comment = re.compile(_in_braces % r"(?:#\s*)?helm-compat:\s*(.*?)", re.DOTALL)
_no_content = re.compile(rf"\s*(?:{_in_braces % '.*?'}\s*)*(?:#.*)?")
_chart_folder = re.compile("(?:charts/[^/]+/)*")
_secret = re.compile(r"""kind["']?\s*:\s*["']?Secret\b""")


class Ignore(NamedTuple):
    """One comment or annotation: what it says, where it stands, and what it is for.

    That is a line, of the rendered stream if `rendered` or else of a file, or with line 0 the
    object `owner` of the stream. What has one `key` is one comment: Helm writes some of them more
    than once. `told` says whether it is reported when nothing needs it.
    """

    words: Words
    spot: Placed
    key: str
    file: str
    line: int = 0
    owner: Object = NOBODY
    rendered: bool = True
    told: bool = True

    def concerns(self, placed: Placed) -> bool:
        """Whether it is for the place of a finding."""
        at = placed.rendered if self.rendered else placed.finding.at
        if not at or at.file != self.file:
            return False
        if self.line:
            return at.line == self.line
        # Manifests need not say their namespace; the gate adds that of the release.
        namespaces = {at.object.namespace, self.owner.namespace} - {""}
        same = (at.object.kind, at.object.name) == (self.owner.kind, self.owner.name)
        return same and len(namespaces) < 2

    def about(self, what: str) -> str:
        """The name of what it says of one rule."""
        return f"{self.key}: {what}"


def find_ignores(state: State, values: Sequence[tuple[str, str]]) -> Iterator[Ignore]:
    """Every comment and annotation of a state and of the values files that the user gives."""
    for stream in state.streams:
        documents = split(stream.data)
        yield from _of_stream(stream, documents, state, values)
        if stream.chart:
            names = list(dict.fromkeys(d.template for d in documents if d.template))
            yield from _of_templates(stream, stream.chart, documents, names)
            yield from _of_chart(stream.chart, names, told=not values)
    for visited in state.visited:
        yield from _of_objects(visited, state, values)
    if any(stream.chart for stream in state.streams):
        for name, text in values:
            yield from _of_values(name, text, told=True)


def _of_stream(
    stream: Stream,
    documents: list[Document],
    state: State,
    values: Sequence[tuple[str, str]],
) -> Iterator[Ignore]:
    for document in documents:
        if _MARK.encode() not in document.data:
            continue
        text = document.data.decode()
        locator = Locator(stream.name, document, text)
        if _secret.search(text):
            locator.hide()
        for found, row in _comments(text):
            spot = place(_at(locator, found), state, values)
            where = document.template if stream.chart else str(document.line + row)
            key = f"{stream.name} {where} {found[1].strip()}"
            words = read_comment(found[1])
            yield Ignore(words, spot, key, stream.name, document.line + row)


def _of_templates(
    stream: Stream, chart: Chart, documents: list[Document], names: list[str]
) -> Iterator[Ignore]:
    """Comments of the rendered templates.

    A YAML comment is reported where Helm wrote it, if it did.
    """
    for name in names:
        template = None
        if _MARK in (chart_text(chart, path_in_chart(name)) or ""):
            template = template_of(chart, name)
        if not template:
            continue
        file, text = template_file(chart, name), template.text
        locator = Locator(file, WHOLE_FILE, text)
        if _secret.search(text):
            locator.hide()
        written = "".join(d.data.decode() for d in documents if d.template == name)
        for found, row in [*_comments(text), *_comments(text, _template_comment)]:
            braces = found.re is _template_comment
            if not braces and template.action_at(found.start()):
                continue
            finding = _at(locator, found)
            assert finding.at
            yield Ignore(
                read_comment(found[1]),
                Placed(finding._replace(at=finding.at._replace(template=name)), "template"),
                f"{stream.name} {name} {found[1].strip()}",
                file,
                row + 1,
                rendered=False,
                # It may be for lines that these values leave out.
                told=braces and template.is_written(_offset(text, row), written),
            )


def _of_chart(chart: Chart, names: list[str], *, told: bool) -> Iterator[Ignore]:
    """Comments of Chart.yaml and of the chart's own values, which others may take the place of."""
    folders = dict.fromkeys(_folder(name) for name in ["", *names])
    for folder in folders:
        inside = f"{folder}{VALUES_FILE}"
        yield from _of_values(chart.file(inside), chart_text(chart, inside) or "", told=told)
    text = chart_text(chart, CHART_FILE) or ""
    file = chart.file(CHART_FILE)
    yield from _of_file(file, text, Locator(file, WHOLE_FILE, text), "chart", told=True)


def _of_values(name: str, text: str, *, told: bool) -> Iterator[Ignore]:
    text = text.removeprefix("\ufeff")
    file = read_values_text(name, text) if _MARK in text else None
    if file:
        yield from _of_file(name, text, file.locator, "values", told=told)


def _of_file(file: str, text: str, locator: Locator, kind: str, *, told: bool) -> Iterator[Ignore]:
    for found, row in _comments(text):
        key = f"{file} {row} {found[1].strip()}"
        spot = Placed(_at(locator, found), kind)
        words = read_comment(found[1])
        yield Ignore(words, spot, key, file, row + 1, rendered=False, told=told)


def _of_objects(
    visited: Visited, state: State, values: Sequence[tuple[str, str]]
) -> Iterator[Ignore]:
    if ANNOTATION not in visited.unit.text:
        return
    for owner, root, steps in objects(visited.unit, ()):
        metadata = field(root, "metadata")
        annotations = field(metadata, "annotations") if type(metadata) is Mapping else None
        node = field(annotations, ANNOTATION) if type(annotations) is Mapping else None
        if type(node) is not Scalar or not owner.name:
            continue
        below: Steps = (((steps, ".metadata"), ".annotations"), label(ANNOTATION))
        offset = written_at(visited.unit, node, 0)
        at = visited.place.at(offset, path_text(below), owner)
        excerpt = visited.place.excerpt(offset, len(node.value))
        spot = place(Finding(UNUSED, "warning", "", at, excerpt=excerpt), state, values)
        name = visited.stream.name
        yield Ignore(
            read_annotation(node.value), spot, f"{name} {owner} {node.value}", name, owner=owner
        )


def _comments(
    text: str, pattern: re.Pattern[str] = _comment
) -> Iterator[tuple[re.Match[str], int]]:
    """Each comment, and the 0-based number of the line that it is for.

    One that stands alone is for the next line that has content.
    """
    lines = text.split("\n")
    for found in pattern.finditer(text):
        first, last = (text.count("\n", 0, offset) for offset in found.span())
        before = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        after = text[found.end() :].partition("\n")[0]
        if before.strip() or after.strip():
            yield found, last if after.strip() else first
            continue
        below = range(last + 1, len(lines))
        yield found, next((row for row in below if not _no_content.fullmatch(lines[row])), last)


def _at(locator: Locator, found: re.Match[str]) -> Finding:
    """A finding that says nothing yet, at a comment."""
    at = locator.at(found.start(), "", NOBODY)
    width = len(found[0].rstrip().partition("\n")[0])
    return Finding(UNUSED, "warning", "", at, excerpt=locator.excerpt(found.start(), width))


def _offset(text: str, row: int) -> int:
    position = 0
    for _ in range(row):
        position = text.index("\n", position) + 1
    return position


def _folder(template: str) -> str:
    """The folder in the chart of the chart that a template is of."""
    found = _chart_folder.match(path_in_chart(template))
    return found[0] if found else ""
