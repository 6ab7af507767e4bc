"""The rule on the images that a chart lists for Artifact Hub.

Source: https://artifacthub.io/docs/topics/annotations/helm
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from helm_compat.findings import At, Excerpt, Finding
from helm_compat.images.reference import InvalidReference, Reference, parse
from helm_compat.images.tree import Unit, field, label
from helm_compat.lint.charts import ChartFile
from helm_compat.lint.images import Use, uses
from helm_compat.lint.inspect import State
from helm_compat.nodes import InvalidText, Mapping, Resolved, Scalar, Sequence, resolve
from helm_compat.nodes import parse as parse_text

if TYPE_CHECKING:
    from collections.abc import Iterator

IMAGES = "artifacthub.io/images"
_PATH = f"annotations{label(IMAGES)}"


class _Listed(NamedTuple):
    """One image of the annotation, and its place."""

    reference: Reference
    at: At
    excerpt: Excerpt | None


class _Rendered(NamedTuple):
    """One image of the chart; `is_part` says that more may be added to it elsewhere."""

    reference: Reference
    is_part: bool
    at: At


def image_lists_that_differ(state: State) -> Iterator[Finding]:
    """Charts whose annotation lists other images than they render."""
    listing = [s for s in state.streams if s.chart and IMAGES in s.chart.annotations]
    if not listing:
        return
    rendered: dict[str, list[_Rendered]] = {}
    for use in uses(state):
        if use.site.reference.path:
            name = use.visited.stream.name
            rendered.setdefault(name, []).append(_rendered(use))
    for stream in listing:
        if stream.chart:
            file = ChartFile(stream.chart, state)
            yield from _differing(file, rendered.get(stream.name, []))


def _rendered(use: Use) -> _Rendered:
    reference = use.site.reference
    is_whole = use.site.site in ("pod", "image-volume") and not use.is_tagged_elsewhere
    return _Rendered(reference, not (is_whole or reference.suffix), use.image.at)


def _differing(file: ChartFile, rendered: list[_Rendered]) -> Iterator[Finding]:
    pairs = list(_texts(file.value("annotations")))
    key, node = next((key, node) for key, node in reversed(pairs) if key.value == IMAGES)
    here = file.mark(file.unit, key, _PATH)
    try:
        inner = Unit(node.value, parse_text(node.value, file.limits), file.unit, node)
    except InvalidText:
        inner = Unit(node.value, [], file.unit, node)
    items = _items(inner)
    if items is None:
        message = f"{IMAGES} is no list of {{name, image}}"
        hint = "Write a list such as: [{name: web, image: registry.example.com/web:1}]"
        yield _finding(message, file.mark(file.unit, node, _PATH), hint)
        return
    listed: dict[str, list[_Listed]] = {}
    for number, item in enumerate(items):
        there = file.mark(inner, item, f"{_PATH}#[{number}].image")
        try:
            reference = parse(item.value)
        except InvalidReference as error:
            message = f"{item.value!r} in {IMAGES} is no image reference: {error}"
            yield _finding(message, there)
            continue
        listed.setdefault(reference.name, []).append(_Listed(reference, *there))
    used: dict[str, list[_Rendered]] = {}
    for image in rendered:
        used.setdefault(image.reference.name, []).append(image)
    for name in {**listed, **used}:
        yield from _compared(listed.get(name, []), used.get(name, []), here)


def _texts(node: Resolved | None) -> Iterator[tuple[Scalar, Scalar]]:
    """The keys of a mapping that hold text, each with it."""
    for written, value in node.pairs if type(node) is Mapping else ():
        key, text = resolve(written), resolve(value)
        if type(key) is Scalar and type(text) is Scalar:
            yield key, text


def _items(unit: Unit) -> list[Scalar] | None:
    """The images that the annotation lists; None where it is no such list."""
    root = unit.roots[0] if unit.roots else None
    if type(root) is not Sequence:
        return None
    found = []
    for child in root.children:
        item = resolve(child)
        image = field(item, "image") if type(item) is Mapping else None
        if type(image) is not Scalar:
            return None
        found.append(image)
    return found


def _compared(
    listed: list[_Listed], rendered: list[_Rendered], here: tuple[At, Excerpt | None]
) -> Iterator[Finding]:
    """What is listed and what is rendered of one name."""
    extra = [one for one in listed if not any(_fits(one.reference, other) for other in rendered)]
    names = ", ".join(dict.fromkeys(str(other.reference) for other in rendered))
    for one in extra:
        message = f"{one.reference} is listed, and the chart renders {names or 'no such image'}"
        yield _finding(message, (one.at, one.excerpt))
    if extra and rendered:
        return
    told = set()
    for other in rendered:
        name = str(other.reference)
        known = name in told or any(_fits(one.reference, other) for one in listed)
        if not known and not other.is_part:
            told.add(name)
            message = f"the chart renders {name}, which {IMAGES} does not list"
            yield _finding(message, here)._replace(notes=(f"{name}: {other.at}",))


def _fits(listed: Reference, rendered: _Rendered) -> bool:
    """Whether one image of a name is another; what only one of them says does not matter."""
    reference = rendered.reference
    if listed.digest and reference.digest:
        return listed.digest == reference.digest
    one, other = (r.tag or ("" if r.digest else "latest") for r in (listed, reference))
    return rendered.is_part or not one or not other or one == other


def _finding(
    message: str,
    place: tuple[At, Excerpt | None],
    hint: str = "Correct the list; given other values, the chart may render other images.",
) -> Finding:
    at, excerpt = place
    return Finding("image-list-differs", "warning", message, at, hint=hint, excerpt=excerpt)
