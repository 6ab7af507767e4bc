"""Where a finding can be mended: the line of a manifest, of a template or of a values file.

Nothing is guessed: what could stand in two places stays where Helm wrote it.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from helm_compat.errors import InputError
from helm_compat.findings import At, Excerpt, Finding, Locator
from helm_compat.lint.template import Template
from helm_compat.lint.values_tree import Value, is_secret, masked, read_values, secrets
from helm_compat.nodes import Scalar
from helm_compat.sources.chart import CHART_FILE, Chart
from helm_compat.stream import Document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from helm_compat.lint.inspect import State

WHOLE_FILE = Document(0, 0, 1, b"")
VALUES_FILE = "values.yaml"

_last_field = re.compile(r"([\w-]+)'?\]?(?:\[\d+\])*\Z")


class Placed(NamedTuple):
    """A finding and the kind of its place.

    `place` is `manifest`, `template`, `values`, `rendered` (the file is the template, line and
    column are those of what Helm made of the chart) or `chart`; empty for the run as a whole.
    `rendered` is where it stood in the stream that was checked, None where it stood in none.
    `comment` names the comment that suppresses it or that it speaks of.
    """

    finding: Finding
    place: str
    rendered: At | None = None
    comment: str = ""


def place(finding: Finding, state: State, values: Sequence[tuple[str, str]]) -> Placed:
    """Find the place of a finding of a state.

    `values` are the names and texts of the user's values files, in the order of the command line.
    """
    at = finding.at
    if not at:
        return Placed(finding, "")
    stream = next((stream for stream in state.streams if stream.name == at.file), None)
    if not stream:
        return Placed(finding, "chart" if os.path.basename(at.file) == CHART_FILE else "values")
    if not stream.chart:
        return Placed(finding, "manifest", at)
    found = [
        *_in_template(finding, at, stream.chart),
        *_in_values(finding, at, stream.chart, values),
    ]
    if len(found) != 1:
        there = at._replace(file=template_file(stream.chart, at.template))
        return Placed(finding._replace(at=there), "rendered", at)
    kind, there, excerpt = found[0]
    return Placed(finding._replace(at=there, excerpt=excerpt), kind, at)


def path_in_chart(template: str) -> str:
    """The path of a template in its chart: Helm's name for it begins with the chart's."""
    return template.partition("/")[2]


def template_file(chart: Chart, name: str) -> str:
    """The file of a template by the name that Helm gives it, as the user knows it."""
    inside = path_in_chart(name)
    # Whoever renders a chart writes what he likes into `# Source:`.
    outside = not inside or ".." in inside.split("/")
    return chart.path if outside else chart.file(inside)


def template_of(chart: Chart, name: str) -> Template | None:
    """The template that Helm gives a name, None if its file cannot be read."""
    text = chart_text(chart, path_in_chart(name))
    return None if text is None else _template(text, verbatim="templates" not in name.split("/"))


def chart_text(chart: Chart, name: str) -> str | None:
    """The text of a file of a chart, None if it cannot be read."""
    try:
        text = chart.text(name) if name else None
    except InputError:
        return None
    return None if text is None else text.removeprefix("\ufeff")


class ValuesText:
    """A values file; raises InputError for one that cannot be read."""

    def __init__(self, name: str, text: str) -> None:
        documents = read_values(text, name)
        self._text = text
        self._scalars: dict[str, list[tuple[Value, Scalar]]] = {}
        for values in documents:
            for value in values.all:
                if isinstance(value.node, Scalar) and not is_secret(value.path):
                    self._scalars.setdefault(value.node.value, []).append((value, value.node))
        # Beside a value there may be a secret on one line.
        self.shown = masked(text, secrets(documents).values())
        self.locator = Locator(name, WHOLE_FILE, self.shown)

    def longest(self, line: str, column: int, width: int, above: tuple[str, ...]) -> str:
        """The longest value that stands in a rendered line around a part of it; empty for none.

        `app:1` is not made with the `1` of something else. `column` is 0-based; `above` are the
        keys of the chart's values.
        """
        longest = ""
        for text, found in self._scalars.items():
            longer = len(text) > len(longest) and _around(text, line, column, width) >= 0
            if longer and any(_reaches(value, above) for value, _ in found):
                longest = text
        return longest

    def says(self, whole: str, inside: int, path: str, above: tuple[str, ...]) -> Iterator[int]:
        """Where a value stands, once each: the code point `inside` it of the file's text."""
        last = _last_field.search(path)
        known = set()
        for value, node in self._scalars.get(whole, ()):
            offset = self._text.find(whole, node.content, node.end)
            # A truth or a small number stands everywhere: it says something under its own key.
            says = node.is_string or "." in whole or (last and value.path[-1] == last[1])
            if offset >= 0 and offset not in known and _reaches(value, above) and says:
                known.add(offset)
                yield offset + inside


def _around(text: str, line: str, column: int, width: int) -> int:
    """Where in a text the part of a line begins that it stands around; -1 where it does not."""
    start = line.find(text, max(0, column + width - len(text)))
    return column - start if 0 <= start <= column else -1


def _reaches(value: Value, above: tuple[str, ...]) -> bool:
    """Whether a value reaches the chart whose values have these keys above them."""
    return value.path[: len(above)] == above or value.path[0] == "global"


@lru_cache(maxsize=256)
def read_values_text(name: str, text: str) -> ValuesText | None:
    """A values file with its places, None if it cannot be read."""
    try:
        return ValuesText(name, text)
    except InputError:
        return None


@lru_cache(maxsize=256)
def _template(text: str, *, verbatim: bool) -> Template:
    return Template(text, verbatim=verbatim)


@lru_cache(maxsize=256)
def _locator(file: str, text: str) -> Locator:
    return Locator(file, WHOLE_FILE, text)


def _in_template(
    finding: Finding, at: At, chart: Chart
) -> Iterator[tuple[str, At, Excerpt | None]]:
    template = template_of(chart, at.template)
    if not template or not finding.excerpt:
        return
    locator = _locator(template_file(chart, at.template), template.text)
    cut = at.column != finding.excerpt.column
    for offset in template.could_be(finding.excerpt, cut=cut):
        there = locator.at(offset, at.path, at.object)._replace(template=at.template)
        yield "template", there, locator.excerpt(offset, finding.excerpt.width)


def _in_values(
    finding: Finding, at: At, chart: Chart, values: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, At, Excerpt | None]]:
    """The places in the file that counts most of those that have the value."""
    wanted = _meant(finding)
    if not finding.excerpt or not wanted.strip():
        return
    line, column = finding.excerpt.text, finding.excerpt.column - 1
    files = []
    for file, above in _values_files(at.template, chart, values):
        if not file:
            # Whether it has the value is not known.
            return
        files.append((file, above))
    found = [file.longest(line, column, len(wanted), above) for file, above in files]
    whole = max(found, key=len, default="")
    inside = _around(whole, line, column, len(wanted)) if whole else 0
    for file, above in files if whole else ():
        offsets = list(file.says(whole, inside, at.path, above))
        for offset in offsets:
            there = file.locator.at(offset, at.path, at.object)._replace(template=at.template)
            yield "values", there, file.locator.excerpt(offset, len(wanted))
        if offsets:
            return


def _values_files(
    template: str, chart: Chart, values: Sequence[tuple[str, str]]
) -> Iterator[tuple[ValuesText | None, tuple[str, ...]]]:
    """The values files of a template, what counts most first.

    Beside each the keys below which a chart inside the chart finds its values.
    """
    charts = _charts(template)
    for name, text in reversed(values):
        yield read_values_text(name, text.removeprefix("\ufeff")), charts
    for depth in range(len(charts) + 1):
        folder = "".join(f"charts/{name}/" for name in charts[:depth])
        inside = f"{folder}{VALUES_FILE}"
        own = chart_text(chart, inside)
        if own is not None:
            yield read_values_text(chart.file(inside), own), charts[depth:]


def _meant(finding: Finding) -> str:
    """The text that a finding is about, as it is written; empty where none is shown."""
    if not finding.excerpt:
        return ""
    start = finding.excerpt.column - 1
    return finding.excerpt.text[start : start + finding.excerpt.width]


def _charts(template: str) -> tuple[str, ...]:
    """The charts inside the chart that lead to a template, by the names that Helm gives them."""
    parts = path_in_chart(template).split("/")
    names = []
    while parts[0] == "charts" and len(parts) > 2:
        names.append(parts[1])
        parts = parts[2:]
    return tuple(names)
