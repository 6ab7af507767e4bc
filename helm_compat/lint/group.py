"""One state from its inputs to what is to be said of it: all that a worker does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from helm_compat.findings import Finding
from helm_compat.lint.checks import CHECKS, Options
from helm_compat.lint.comments import apply_comments
from helm_compat.lint.inspect import State, Stream, inspect
from helm_compat.lint.places import Placed, place
from helm_compat.lint.values import lint_values
from helm_compat.outcome import Image, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from helm_compat.gate.instance import Instance
    from helm_compat.sources.inputs import Loaded

# What lint says in words of its own.
REPLACED = ("invalid-reference", "templated-reference", "unseen-hooks")


class Values(NamedTuple):
    """A values file of the user's: its name and its text."""

    name: str
    text: str


class Checked(NamedTuple):
    """What came of one state; `documents` counts those of each input."""

    documents: dict[str, int]
    findings: tuple[Placed, ...]
    images: tuple[Image, ...]
    components: tuple[Instance, ...]


def check_group(
    loaded: Sequence[Loaded], settings: Settings, options: Options, values: Sequence[Values]
) -> Checked:
    """Judge inputs that are one state; raises InputError for a stream that cannot be read."""
    streams = [Stream(item.name, item.data, item.chart) for item in loaded]
    state = inspect(streams, settings)
    findings = [finding for finding in state.findings if finding.rule not in REPLACED]
    for check in CHECKS:
        findings += check(state, options)
    findings += _values(state, values)
    # What is no reference need not be called one that stays, too.
    malformed = {finding.at for finding in findings if finding.rule == "malformed-reference"}
    findings = [f for f in findings if f.rule != "leftover-image" or f.at not in malformed]
    names = tuple(f"in {stream.name}" for stream in streams[:3])
    # What has no place of its own is of the state as a whole.
    findings = [f if f.at else f._replace(notes=(*f.notes, *names)) for f in findings]
    placed = [place(finding._replace(between=None), state, values) for finding in findings]
    return Checked(
        state.documents,
        tuple(apply_comments(placed, state, values, today=options.today)),
        state.images,
        state.components,
    )


def _values(state: State, values: Sequence[Values]) -> Iterator[Finding]:
    """The user's values files against every chart that they are given to."""
    said = set()
    for stream in state.streams:
        if not stream.chart:
            continue
        for file in values:
            name, version = stream.chart.name.value, stream.chart.version.value
            for finding in lint_values(file.text, file.name, name, version):
                if finding not in said:
                    said.add(finding)
                    yield finding
