"""Several streams of manifests as one state: what lint looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from helm_compat.edits import apply_bytes
from helm_compat.findings import Finding, Locator
from helm_compat.images.found import Found
from helm_compat.images.tree import Unit
from helm_compat.outcome import Image, Settings
from helm_compat.run import Run
from helm_compat.sources.chart import Chart
from helm_compat.stream import check, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helm_compat.gate.instance import Instance


class Stream(NamedTuple):
    """The manifests of one input under the name that messages give it, and its chart."""

    name: str
    data: bytes
    chart: Chart | None = None


class Visited(NamedTuple):
    """One parsed document: its stream, its tree, what was found in it, and how to tell places.

    Documents that can hold neither an image nor anything that is judged are not parsed.
    """

    stream: Stream
    unit: Unit
    found: Found
    place: Locator


class State(NamedTuple):
    """All inputs together, as the post-renderer would leave them.

    `images` and `findings` are those of a render, the gate's included; `documents` counts all
    documents of the streams, those that were not parsed too.
    """

    settings: Settings
    streams: tuple[Stream, ...]
    visited: tuple[Visited, ...]
    images: tuple[Image, ...]
    findings: tuple[Finding, ...]
    components: tuple[Instance, ...]
    documents: dict[str, int]


def inspect(streams: Sequence[Stream], settings: Settings) -> State:
    """Find, judge and (without writing anything) relocate what several streams hold together.

    Raises InputError for a stream that cannot be read.
    """
    run = Run(settings, "")
    visited: list[Visited] = []
    documents = {}
    pairs = []
    for stream in streams:
        check(stream.data, file=stream.name, max_bytes=settings.max_bytes)

        def visit(unit: Unit, found: Found, place: Locator, stream: Stream = stream) -> None:
            visited.append(Visited(stream, unit, found, place))

        run.start(stream.name, visit)
        before = split(stream.data)
        documents[stream.name] = len(before)
        for document in before:
            parsed = len(visited)
            run.take(document)
            if not stream.chart and len(visited) == parsed:
                # Helm has read what it made of a chart; nobody has read these.
                run.read(document)
        output = apply_bytes(stream.data, run.edits) if run.edits else stream.data
        pairs.append((stream.name, before, split(output) if run.edits else before))
    run.staying()
    for name, before, after in pairs:
        run.start(name)
        run.leftovers(before, after)
    run.unnamed()
    components = run.judge()
    return State(
        settings,
        tuple(streams),
        tuple(visited),
        tuple(run.images),
        tuple(run.findings),
        components,
        documents,
    )
