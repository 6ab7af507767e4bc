"""What may not stand together, as sets of values: the rules of the gate, for a whole domain at once.

Every constraint is a box: one set of values for each of a few variables. A state that lies in the
box is incompatible, unknown, or told with a warning.
"""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.knowledge.compatibility import (
    Cell,
    Conditions,
    CurrentRelease,
    Matrix,
    Product,
    Release,
    Requirement,
    Row,
)
from helm_compat.knowledge.product import Source
from helm_compat.knowledge.ranges import Range, shown
from helm_compat.knowledge.versions import Version, base, compare, days_between, read
from helm_compat.planner.domain import Value, Variable, where
from helm_compat.planner.tables import full

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from helm_compat.knowledge.planning import WrittenAs

    Parts = tuple[tuple[int, int], ...]
    Choice = dict[str, int]

DERIVED = "derived from the releases that the vendor ships together; no matrix is published"


class Constraint(NamedTuple):
    """A box of values, what it means for a state, and the fact behind it.

    `verdict` is incompatible, unknown or warning. `fact` is a sentence of the source in our words;
    `id` names the row or matrix; `reason` is what else is said of it.
    """

    parts: Parts
    verdict: str
    rule: str
    id: str
    fact: str
    reason: str
    evidence: tuple[Source, ...]


class Masks:
    """Which values of the variables lie in a range, each range looked at once."""

    def __init__(self, variables: Sequence[Variable]) -> None:
        self.variables = variables
        self._known: dict[tuple[int, Range], dict[str, int]] = {}

    def split(self, variable: int, limits: Range) -> dict[str, int]:
        """Masks of the values below, inside and above a range, and of lines partly inside."""
        key = variable, limits
        if key not in self._known:
            masks = {"below": 0, "inside": 0, "above": 0, "partly": 0}
            for number, value in enumerate(self.variables[variable].values):
                # A release that cannot be read may be inside or not.
                masks[where(limits, value) if value.low else "partly"] |= 1 << number
            self._known[key] = masks
        return self._known[key]

    def inside(self, variable: int, limits: Range | None) -> int:
        """The mask of the values inside; None holds every value."""
        if limits is None:
            return full(len(self.variables[variable].values))
        return self.split(variable, limits)["inside"]

    def of(self, component: str) -> list[int]:
        """The variables of a component."""
        return [n for n, v in enumerate(self.variables) if v.component == component]

    def choices(self, components: Sequence[str]) -> Iterator[Choice]:
        """Every choice of one variable for each component that belong together."""
        chosen: list[Choice] = [{}]
        for name in dict.fromkeys(components):
            chosen = [
                {**choice, name: number}
                for choice in chosen
                for number in self.of(name)
                if self._meets(number, choice.values())
            ]
        yield from chosen

    def _meets(self, number: int, others: Iterable[int]) -> bool:
        mine = self.variables[number]
        for other in others:
            theirs = self.variables[other]
            if {"operator", "platform"} & {mine.role, theirs.role}:
                continue
            if mine.owner and theirs.owner and mine.owner != theirs.owner:
                return False
        return True


def state_constraints(
    product: Product, masks: Masks, written_as: WrittenAs | None
) -> Iterator[Constraint]:
    """Everything that the gate says of a state, without its objects' fields."""
    for matrix in product.matrices:
        for number in masks.of(matrix.of):
            yield from _matrix(product, masks, matrix, number)
    for requirement in product.requirements:
        yield from _requirement(product, masks, requirement)
    for rule in product.current:
        for choice in masks.choices((rule.operator, rule.operand)):
            yield from _current(product, masks, rule, choice)
    for number, variable in enumerate(masks.variables):
        yield from _newer(product, number, variable)
    if written_as:
        yield from _written(masks, written_as)


def start_of(row: Row) -> tuple[bool, object]:
    """Where a row stands among those of its matrix."""
    lower = row.key.lower
    return lower is not None, lower and lower.cut


def _matrix(product: Product, masks: Masks, matrix: Matrix, key: int) -> Iterator[Constraint]:
    variable = masks.variables[key]
    newest = max(matrix.rows, key=start_of)
    left = full(len(variable.values))
    cells = dict.fromkeys(name for row in matrix.rows for name in row.cells)
    for row in matrix.rows:
        values = masks.inside(key, row.key)
        left &= ~values
        for name in cells if values else ():
            cell = row.cells.get(name)
            for choice in masks.choices((matrix.of, name)) if cell else ():
                if cell and choice[matrix.of] == key:
                    yield from _cell(
                        product,
                        masks,
                        matrix,
                        (row, cell),
                        (key, values, choice[name]),
                        row is newest,
                    )
    if left:
        yield Constraint(
            ((key, left),),
            "unknown",
            "unknown-version",
            matrix.id,
            _rows_of(matrix),
            "",
            newest.evidence,
        )


def _rows_of(matrix: Matrix) -> str:
    """Which releases a matrix speaks of, where it does not speak of one."""
    first, last = (shown(edge(matrix.rows, key=start_of).key) for edge in (min, max))
    if len(matrix.rows) == 1:
        return f"the only row of the matrix {matrix.id!r} is for {matrix.of} {first}"
    return f"no row of the matrix {matrix.id!r}, {matrix.of} {first} up to {last}, is for it"


def _cell(
    product: Product,
    masks: Masks,
    matrix: Matrix,
    at: tuple[Row, Cell],
    box: tuple[int, int, int],
    newest: bool,
) -> Iterator[Constraint]:
    (row, cell), (key, values, other) = at, box
    name = masks.variables[other].component
    fact = _says(product, matrix.of, row, name, cell)
    split = masks.split(other, cell.range) if cell.range else {"none": masks.inside(other, None)}
    if cell.stated and cell.range:
        inside = split["inside"] & ~masks.inside(other, cell.stated)
        yield from _box(
            ((key, values), (other, inside)),
            "warning",
            "unstated-version",
            matrix.id,
            fact,
            row.evidence,
            "a patch release above the last one stated",
        )
    for side in ("none", "below", "above", "partly"):
        bad = split.get(side, 0)
        open_above = side == "above" and (newest or product.role(name) == "platform")
        verdict = "unknown" if open_above or side == "partly" else "incompatible"
        rule = "unknown-version" if verdict == "unknown" else "incompatible-versions"
        keys = values
        for elsewhere in matrix.others:
            other_cell = elsewhere.cells.get(name)
            same = keys & masks.inside(key, elsewhere.key)
            if bad and same and other_cell and other_cell.range:
                allowed = bad & masks.inside(other, other_cell.range)
                reason = "by one of two sources only, and not by the one that counts"
                evidence = (*row.evidence, *elsewhere.evidence)
                yield from _box(
                    ((key, same), (other, allowed)),
                    "warning",
                    "unstated-version",
                    matrix.id,
                    fact,
                    evidence,
                    reason,
                )
                yield from _box(
                    ((key, same), (other, bad & ~allowed)),
                    verdict,
                    rule,
                    matrix.id,
                    fact,
                    row.evidence,
                )
                keys &= ~same
        yield from _box(((key, keys), (other, bad)), verdict, rule, matrix.id, fact, row.evidence)


def _box(
    parts: Parts,
    verdict: str,
    rule: str,
    name: str,
    fact: str,
    evidence: tuple[Source, ...],
    reason: str = "",
) -> Iterator[Constraint]:
    if all(mask for _, mask in parts):
        yield Constraint(parts, verdict, rule, name, fact, reason, evidence)


def _says(product: Product, of: str, row: Row, name: str, cell: Cell) -> str:
    head = f"{of} {shown(row.key)}"
    if cell.range is None:
        return f"{head} supports no {name}"
    verb = "needs" if product.role(name) == "operator" else "supports"
    return f"{head} {verb} {name} {shown(cell.stated or cell.range)}"


def _requirement(product: Product, masks: Masks, row: Requirement) -> Iterator[Constraint]:
    if row.new_only:
        return
    verdict = "incompatible" if row.fact.severity == "error" else "warning"
    # The product is in use: that some component is there needs no proof.
    when: Conditions = {n: wanted for n, wanted in row.when.items() if wanted or masks.of(n)}
    words = " with ".join(_named(name, wanted) for name, wanted in row.when.items())
    verb = "needs" if verdict == "incompatible" else "asks for"
    for name, wanted in row.needs.items():
        fact = f"{words or product.title} {verb} {_named(name, wanted)}"
        for choice in masks.choices([*when, name]) if wanted else ():
            bad = masks.inside(choice[name], None) & ~masks.inside(choice[name], wanted)
            parts = [(choice[n], masks.inside(choice[n], w)) for n, w in when.items()]
            joined = _joined([*parts, (choice[name], bad)])
            yield from _box(
                joined,
                verdict,
                row.fact.rule,
                row.fact.id,
                fact,
                row.fact.evidence,
                row.fact.message,
            )
    if row.equal:
        fact = f"{words} wants one version of {' and '.join(row.equal)}"
        for choice in masks.choices([*when, *row.equal]):
            parts = [(choice[n], masks.inside(choice[n], w)) for n, w in when.items()]
            first, *rest = (choice[name] for name in row.equal)
            for other in rest:
                for number, value in enumerate(masks.variables[first].values):
                    bad = differing(value, masks.variables[other].values)
                    joined = _joined([*parts, (first, 1 << number), (other, bad)])
                    yield from _box(
                        joined,
                        verdict,
                        row.fact.rule,
                        row.fact.id,
                        fact,
                        row.fact.evidence,
                        row.fact.message,
                    )


def _named(component: str, wanted: Range | None) -> str:
    return f"{component} {shown(wanted)}" if wanted else f"any {component}"


def _joined(parts: list[tuple[int, int]]) -> Parts:
    """Parts of which each variable has one."""
    found: dict[int, int] = {}
    for variable, mask in parts:
        found[variable] = found.get(variable, mask) & mask
    return tuple(found.items())


def differing(value: Value, others: Sequence[Value]) -> int:
    """The mask of the values that are another version."""
    mask = 0
    for number, other in enumerate(others):
        if not value.low or not other.low or compare(value.low, other.low):
            mask |= 1 << number
    return mask


def _newer(product: Product, number: int, variable: Variable) -> Iterator[Constraint]:
    component = product.components.get(variable.component)
    newest = component.newest if component else None
    if not component or not newest:
        return
    bad = _mask(variable, lambda v: (compare(v.high, newest) or 0) > 0 if v.high else False)
    evidence = [r.evidence for r in component.releases if compare(r.version, newest) == 0]
    fact = f"the newest {variable.component} known is {newest.text}"
    yield from _box(
        ((number, bad),),
        "unknown",
        "unknown-version",
        "newest",
        fact,
        evidence[-1] if evidence else (),
    )


def _mask(variable: Variable, test: Callable[[Value], bool]) -> int:
    return sum(1 << number for number, value in enumerate(variable.values) if test(value))


def _written(masks: Masks, written_as: WrittenAs) -> Iterator[Constraint]:
    """Releases that do not serve the API version that objects are written in."""
    for number in masks.of("api"):
        for place, value in enumerate(masks.variables[number].values):
            api = next(a for a in written_as.versions if f"{a.group}/{a.version}" == value.text)
            fact = f"{value.text} is served by {api.component} {shown(api.served_by)}"
            for other in masks.of(api.component):
                bad = masks.inside(other, None) & ~masks.inside(other, api.served_by)
                yield from _box(
                    ((other, bad), (number, 1 << place)),
                    "incompatible",
                    api.fact.rule,
                    api.fact.id,
                    fact,
                    api.fact.evidence,
                    api.fact.message,
                )


def _current(
    product: Product, masks: Masks, rule: CurrentRelease, choice: Choice
) -> Iterator[Constraint]:
    """The operator must have been current when the operand was released."""
    releases = product.components[rule.operator].releases
    until = read("release-date", f"{rule.known_until}T23-59-59Z")
    operator, operand = choice[rule.operator], choice[rule.operand]
    for number, value in enumerate(masks.variables[operator].values):
        found: dict[tuple[str, str], int] = {}
        for place, other in enumerate(masks.variables[operand].values):
            assert until, "the checks of product files let no other day pass"
            if not value.low or not other.low:
                continue
            judged = _judged(rule, releases, base(value.low), base(other.low), until)
            if judged[0]:
                found[judged] = found.get(judged, 0) | 1 << place
        for (verdict, fact), mask in found.items():
            name = {"incompatible": "incompatible-versions", "unknown": "unknown-version"}
            text = f"{rule.operator} {value.text} {fact}"
            yield from _box(
                ((operator, 1 << number), (operand, mask)),
                verdict,
                name.get(verdict, "outdated-operand"),
                rule.fact.id,
                text,
                rule.fact.evidence,
                DERIVED,
            )


def _judged(
    rule: CurrentRelease,
    releases: tuple[Release, ...],
    operator: Version,
    operand: Version,
    until: Version,
) -> tuple[str, str]:
    out = [r for r in releases if operator.key < r.version.key <= operand.key]
    if out:
        days = days_between(out[0].version, operand)
        fact = f"was not the current one any more when it was released: {out[-1].version.text} was"
        return ("warning" if days <= rule.grace else "incompatible"), fact
    if operand.key > until.key:
        return "unknown", f"may have a successor: what is known ends on {rule.known_until}"
    shipped = [r for r in releases if r.oldest_operand and r.version.key <= operator.key]
    oldest = shipped[-1].oldest_operand if shipped else None
    if operand.key <= operator.key and oldest and oldest.key > operand.key:
        return "warning", f"never shipped with {rule.operand} before {oldest.text}"
    return "", ""
