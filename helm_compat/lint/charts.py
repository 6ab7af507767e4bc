"""Chart.yaml with its places, and the rule on the Kubernetes that it allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from helm_compat.findings import At, Excerpt, Finding, Locator
from helm_compat.images.sites import written_at
from helm_compat.images.tree import NOBODY, Unit, field
from helm_compat.knowledge.compatibility import Product
from helm_compat.knowledge.product import Source
from helm_compat.knowledge.ranges import Range, shown
from helm_compat.knowledge.versions import Version, read
from helm_compat.lint.constraints import Constraint, read_constraint
from helm_compat.lint.inspect import State
from helm_compat.nodes import Mapping, Node, Resolved, Scalar
from helm_compat.nodes import parse as parse_text
from helm_compat.sources.chart import CHART_FILE, Chart
from helm_compat.stream import Document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from helm_compat.gate.instance import Instance

_KUBERNETES = "kubernetes"
# The first minor release that is tried, and how many behind the newest that is known.
_OLDEST = 16
_AHEAD = 2
# More than any minor release has had.
_LAST_PATCH = 99


class ChartFile:
    """Chart.yaml with its places."""

    def __init__(self, chart: Chart, state: State) -> None:
        text = (chart.text(CHART_FILE) or "").removeprefix("\ufeff")
        self.limits = state.settings.scope.limits
        self.unit = Unit(text, parse_text(text, self.limits))
        self._place = Locator(chart.file(CHART_FILE), Document(0, 0, 1, b""), text)

    def value(self, *names: str) -> Resolved | None:
        """The value that some keys lead to."""
        node: Resolved | None = self.unit.roots[0] if self.unit.roots else None
        for name in names:
            node = field(node, name) if type(node) is Mapping else None
        return node

    def mark(self, unit: Unit, node: Node, path: str) -> tuple[At, Excerpt | None]:
        """The place of a scalar as a whole, or where a collection begins."""
        offset = written_at(unit, node, 0)
        width = 1
        if type(node) is Scalar:
            width = written_at(unit, node, max(len(node.value) - 1, 0)) + 1 - offset
        return self._place.at(offset, path, NOBODY), self._place.excerpt(offset, width)


class _Need(NamedTuple):
    """The releases of Kubernetes that something needs, and who says so."""

    range: Range
    evidence: tuple[Source, ...]


def wide_kube_versions(state: State) -> Iterator[Finding]:
    """Charts whose kubeVersion allows a Kubernetes that is too old for what they render."""
    gate = state.settings.gate
    if not gate:
        return
    rendered: dict[str, list[Instance]] = {}
    for instance in state.components:
        if instance.at and instance.rendered:
            rendered.setdefault(instance.at.file, []).append(instance)
    for stream in state.streams:
        if not stream.chart or not stream.chart.kube_version.value:
            continue
        constraint = read_constraint(stream.chart.kube_version.value)
        told = set()
        for instance in rendered.get(stream.name, ()) if constraint else ():
            key = instance.product, instance.component, instance.written
            if key not in told and constraint:
                told.add(key)
                product = gate.products[instance.product]
                yield from _wide(state, stream.chart, constraint, product, instance)


def _wide(
    state: State, chart: Chart, constraint: Constraint, product: Product, instance: Instance
) -> Iterator[Finding]:
    needs = list(_needs(product, instance))
    broken: dict[Version, list[_Need]] = {}
    for version in _allowed(constraint, product):
        below = [need for need in needs if need.range.position(version) == "below"]
        if below:
            broken[version] = below
    if not broken:
        return
    all_of_them = {id(need): need for below in broken.values() for need in below}
    strictest = max(all_of_them.values(), key=_least)
    title = f"{product.components[instance.component].title} {instance.written}".rstrip()
    file = ChartFile(chart, state)
    node = file.value("kubeVersion")
    assert node, "the chart has been read with it"
    at, excerpt = file.mark(file.unit, node, "kubeVersion")
    text = chart.kube_version.value
    yield Finding(
        "wide-kube-version",
        "warning",
        f"{text!r} allows Kubernetes {_minors(broken)}, older than {title} needs",
        at,
        tuple(dict.fromkeys(s for need in all_of_them.values() for s in need.evidence)),
        f"Let it begin with {_as_constraint(strictest.range)}: the -0 takes vendors' builds too.",
        (f"{instance.component} {instance.written} needs kubernetes {shown(strictest.range)}",),
        excerpt,
    )


def _needs(product: Product, instance: Instance) -> Iterator[_Need]:
    """What the release asks of Kubernetes: its row of a matrix, and what is required beside."""
    component, version = instance.component, instance.version
    for matrix in product.matrices:
        for row in matrix.rows if matrix.of == component and version else ():
            cell = row.cells.get(_KUBERNETES)
            if cell and cell.range and version and row.key.holds(version):
                yield _Need(cell.range, row.evidence)
    for requirement in product.requirements:
        wanted = requirement.needs.get(_KUBERNETES)
        if wanted and requirement.fact.severity == "error" and [*requirement.when] == [component]:
            when = requirement.when[component]
            if not when or (version and when.holds(version)):
                yield _Need(wanted, requirement.fact.evidence)


def _allowed(constraint: Constraint, product: Product) -> Iterator[Version]:
    """The releases that a constraint allows, tried out for every minor release."""
    named = constraint.patches
    patches = sorted({0, _LAST_PATCH, *(p + step for p in named for step in (-1, 0, 1))} - {-1})
    for minor in range(_OLDEST, _newest(product) + _AHEAD + 1):
        for patch in patches:
            version = read(_KUBERNETES, f"1.{minor}.{patch}")
            if version and constraint.allows((1, minor, patch)):
                yield version


def _newest(product: Product) -> int:
    """The newest minor release of Kubernetes that the product names."""
    cells = (row.cells.get(_KUBERNETES) for matrix in product.matrices for row in matrix.rows)
    needs = (requirement.needs.get(_KUBERNETES) for requirement in product.requirements)
    ranges = [*(cell.range for cell in cells if cell), *needs]
    bounds = [end for r in ranges if r for end in (r.lower, r.upper) if end]
    return max((end.cut.key.numbers[1] for end in bounds), default=_OLDEST)


def _least(need: _Need) -> tuple[int, ...]:
    return need.range.lower.cut.key.numbers if need.range.lower else ()


def _minors(versions: Iterable[Version]) -> str:
    """Minor releases in words: `1.19 to 1.22`."""
    found = sorted({version.key.numbers[1] for version in versions})
    if len(found) > 2 and found[-1] - found[0] == len(found) - 1:
        return f"1.{found[0]} to 1.{found[-1]}"
    names = [f"1.{minor}" for minor in found]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _as_constraint(limits: Range) -> str:
    assert limits.lower, "without a lower end nothing is below it"
    numbers = (*limits.lower.cut.key.numbers, 0, 0)[:3]
    return f">={'.'.join(map(str, numbers))}-0"
