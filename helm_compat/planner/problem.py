"""From a product and wishes to a problem in numbers: domains, constraints, steps, costs, goals."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.errors import UsageError
from helm_compat.gate.installed import find_component, read_version
from helm_compat.knowledge.compatibility import Component, Product
from helm_compat.knowledge.planning import API, Planning
from helm_compat.knowledge.ranges import InvalidRange, Range, shown
from helm_compat.knowledge.versions import compare
from helm_compat.planner.constraints import Constraint, Masks, state_constraints
from helm_compat.planner.domain import (
    Value,
    Variable,
    compressed,
    held,
    limits_of,
    named,
    ordered,
    places,
    read_range,
    read_value,
)
from helm_compat.planner.moves import Allowed, Refused, prices, refusals, written_refusal
from helm_compat.planner.tables import (
    OUTSIDE,
    STEP,
    WEIGHT,
    Nogood,
    Passing,
    Price,
    Tables,
    Trace,
    broken,
    full,
)
from helm_compat.planner.wishes import Said, Wishes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PLATFORM = "kubernetes"
# Where restarts count first, one outweighs so many steps; without an end to it, a way that may
# go back and forth for nothing would be followed for too long.
RESTART = 128 * WEIGHT
_MARKED = (Value("not there", None, None), Value("there", None, None))


class Problem(NamedTuple):
    """One question about one product.

    `constraints` are those of the states, warnings included; `numbers` are those that the
    nogoods of the tables were made of. `goals` are the ranges, by variable. `guessed` says that the
    API version at the start was not told.
    """

    product: Product
    planning: Planning
    wishes: Wishes
    variables: tuple[Variable, ...]
    constraints: tuple[Constraint, ...]
    numbers: tuple[int, ...]
    tables: Tables
    goals: dict[int, Range | None]
    allowed: Allowed
    guessed: bool

    def refused(self, variable: int, before: int, after: int) -> list[Refused]:
        """Why one step of one variable is none; empty where it is one."""
        found = self.variables[variable]
        step = found.values[before], found.values[after]
        return refuse(self.product, self.planning, found, step, self.allowed)

    def said(self, state: Sequence[int], verdict: str = "") -> list[Constraint]:
        """What is said of a state, passing states apart: all, or what has one verdict."""
        return [
            c
            for c in self.constraints
            if (not verdict or c.verdict == verdict)
            and all(mask >> state[v] & 1 for v, mask in c.parts)
        ]


def refuse(
    product: Product,
    planning: Planning,
    variable: Variable,
    step: tuple[Value, Value],
    allowed: Allowed,
) -> list[Refused]:
    """Why a variable of any kind cannot go from one value to another; empty where it can."""
    if variable.role == "mark":
        return []
    if variable.component == API:
        refused = written_refusal(planning, step)
        return [refused] if refused else []
    return refusals(product, planning, variable, step, allowed)


def build_problem(product: Product, planning: Planning, wishes: Wishes) -> Problem:
    """Read what is wished; raises UsageError for what cannot be."""
    return _Builder(product, planning, wishes).problem()


class _Builder:
    def __init__(self, product: Product, planning: Planning, wishes: Wishes) -> None:
        self._product = product
        self._planning = planning
        self._wishes = wishes
        self._limits = {name: limits_of(product, name) for name in product.components}
        self._numbers = {
            name: places(component, self._limits[name])
            for name, component in product.components.items()
        }
        self._ranges = {
            said: self._range(said) for said in (*wishes.goals, *wishes.pins, *wishes.preferred)
        }
        self._starts = {said.name: self._start(said) for said in wishes.start}

    def problem(self) -> Problem:
        self._check()
        pins = self._pins()
        goals = self._goals(pins)
        variables = [*self._components(goals, pins)]
        written, guessed = self._written(variables)
        variables += written
        variables += [
            Variable(mark.fact.id, mark.fact.id, mark.title, "mark", _MARKED)
            for mark in self._planning.marks
            if any(v.component in mark.changes for v in variables)
            and all(name in {v.component for v in variables} for name in mark.needed)
        ]
        masks = Masks(variables)
        constraints = [*state_constraints(self._product, masks, self._planning.written_as)]
        constraints += self._needed(masks)
        allowed = Allowed(self._wishes.downgrades, self._wishes.inferred, pins)
        bad = tuple(n for n, c in enumerate(constraints) if c.verdict != "warning")
        mild = tuple(Nogood(c.parts) for c in constraints if c.verdict == "warning")
        tables = self._tables(variables, [constraints[n] for n in bad], masks, allowed, goals)
        by_number = {n: goals[v.name] for n, v in enumerate(variables) if v.name in goals}
        return Problem(
            self._product,
            self._planning,
            self._wishes,
            tuple(variables),
            tuple(constraints),
            bad,
            tables._replace(mild=mild),
            by_number,
            allowed,
            guessed,
        )

    # --- Wishes ---

    def _component(self, said: Said) -> Component:
        return find_component(self._product, said.component, origin=said.origin)

    def _is_api(self, said: Said) -> bool:
        return said.component == API and self._planning.written_as is not None

    def _range(self, said: Said) -> Range | None:
        if self._is_api(said):
            return None
        component = self._component(said)
        if not said.text:
            raise UsageError(f"{said.origin}: wants COMPONENT=VERSION")
        try:
            return read_range(component, said.text, self._numbers[component.name])
        except InvalidRange as error:
            raise UsageError(
                f"{said.origin}: {error}",
                hint="Give a release, a line such as 8.1, or terms such as '>=4.4.0 <5'.",
            ) from error

    def _start(self, said: Said) -> Value:
        if self._is_api(said):
            return self._api_value(said)
        component = self._component(said)
        value = read_value(component, said.text, self._numbers[component.name])
        if value:
            return value
        found = read_version(self._product, component, said.text, said.origin)
        if not found.version:
            return Value(found.written, None, None)
        return Value(found.version.text, found.version, found.version)

    def _api_value(self, said: Said) -> Value:
        assert self._planning.written_as, "asked before"
        known = [f"{api.group}/{api.version}" for api in self._planning.written_as.versions]
        fitting = [name for name in known if said.text in (name, name.rpartition("/")[2])]
        if len(fitting) != 1:
            raise UsageError(
                f"{said.origin}: {said.text!r} is no API version of {self._planning.written_as.title}",
                hint=f"Known: {', '.join(known)}.",
            )
        return Value(fitting[0], None, None)

    def _check(self) -> None:
        """Everything that is named is said to be there, once."""
        names = [said.name for said in self._wishes.start]
        for said in self._wishes.start:
            if names.count(said.name) > 1:
                raise UsageError(
                    f"{said.origin}: {said.name} is there with several releases",
                    hint=f"Name the objects apart: --from {said.component}@NAMESPACE/NAME=VERSION",
                )
        operator = next(
            (c.name for c in self._product.components.values() if c.role == "operator"), ""
        )
        components = {said.component for said in self._wishes.start}
        if operator and operator not in components:
            raise UsageError(
                f"the release of {self._product.components[operator].title} is not known",
                hint=f"Say what is installed: --from {operator}=VERSION",
            )
        for said in (*self._wishes.goals, *self._wishes.pins, *self._wishes.preferred):
            if self._is_api(said) or said.name in names or said.name in components:
                continue
            raise UsageError(
                f"{said.origin}: {said.name} is not among what is installed",
                hint=f"Say what is installed: --from {said.name}=VERSION",
            )

    def _pins(self) -> dict[str, Range]:
        pins: dict[str, Range] = {}
        for said in self._wishes.pins:
            limits = self._ranges[said]
            assert limits, f"{said.name} has releases"
            pins[said.name] = self._both(pins.get(said.name), limits, said)
        return pins

    def _both(self, first: Range | None, second: Range, said: Said) -> Range:
        from helm_compat.knowledge.ranges import parse_range

        if not first:
            return second
        component = self._product.components[said.component]
        text = f"{_terms(first)} {_terms(second)}".strip() or "any"
        try:
            return parse_range(component.scheme, text, tags=component.tags)
        except InvalidRange as error:
            raise UsageError(
                f"{said.origin}: contradicts what else is wished: no {said.name} is both"
                f" {shown(first)} and {shown(second)}"
            ) from error

    def _goals(self, pins: dict[str, Range]) -> dict[str, Range | None]:
        goals: dict[str, Range | None] = {}
        for said in self._wishes.goals:
            limits = self._ranges[said]
            for name in self._starts if limits else ():
                if limits and said.name in (name, name.partition("@")[0]):
                    known = goals.get(name)
                    goals[name] = self._both(known, limits, said)
                    pin = pins.get(name) or pins.get(said.component)
                    if pin:
                        self._both(pin, limits, said)
            if not limits:
                goals[API] = None
        return goals

    # --- Domains ---

    def _components(self, goals: dict[str, Range | None], pins: dict[str, Range]) -> list[Variable]:
        operands = {rule.operand for rule in self._product.current}
        current = operands | {rule.operator for rule in self._product.current}
        equal = {name for row in self._product.requirements for name in row.equal}
        found = []
        for name, start in self._starts.items():
            if name == API:
                continue
            component = self._product.components[name.partition("@")[0]]
            values = self._values(component, start, equal)
            goal = goals.get(name)
            values += self._wished(component, goal, values)
            pin = pins.get(name) or pins.get(component.name)
            down = component.name in self._wishes.downgrades
            kept = [
                value
                for value in ordered([v for v in [start, *values] if v.low])
                if start.low
                and value.low
                and (value.low.key >= start.low.key or down)
                and (not pin or held(pin, value))
            ]
            start = next(
                (
                    v
                    for v in kept
                    if v.low
                    and start.low
                    and (v.low.key, v.high and v.high.key)
                    == (start.low.key, start.high and start.high.key)
                ),
                start,
            )
            if component.name not in current | equal:
                limits = [*self._limits[component.name], *self._own(component.name)]
                kept = [*compressed(kept, limits, [start], newest=not self._wishes.oldest)]
            if start.low and start not in kept:
                kept = [*ordered([*kept, start])]
            found.append(
                Variable(
                    name, component.name, component.title, component.role, tuple(kept) or (start,)
                )
            )
        return found

    def _own(self, component: str) -> list[Range]:
        """The ranges that wishes and plans have for a component."""
        planning = self._planning
        found = [r for said, r in self._ranges.items() if r and said.component == component]
        for point in planning.waypoints:
            found += [point.to, point.source_range] if point.component == component else []
        for mark in planning.marks:
            found += [r for r in (mark.within.get(component), mark.needed.get(component)) if r]
        found += [order.to for order in planning.orders if order.component == component]
        return found

    def _values(self, component: Component, start: Value, equal: set[str]) -> list[Value]:
        if component.releases:
            return [Value(r.version.text, r.version, r.version) for r in component.releases]
        if component.name in equal:
            partners = [
                n
                for row in self._product.requirements
                if component.name in row.equal
                for n in row.equal
            ]
            values = [
                Value(r.version.text, r.version, r.version)
                for name in partners
                for r in self._product.components[name].releases
            ]
            return [v for v in values if component.read(v.text)]
        cells = [
            cell.range
            for matrix in self._product.matrices
            for row in (*matrix.rows, *matrix.others)
            for name, cell in row.cells.items()
            if name == component.name and cell.range
        ]
        shipped = self._planning.shipped.get(component.name, ())
        return [
            *named(component, cells, self._numbers[component.name]),
            *(Value(version.text, version, version) for version in shipped),
        ]

    def _wished(self, component: Component, goal: Range | None, known: list[Value]) -> list[Value]:
        """The release that is wished itself, where no known one is inside."""
        if not goal or any(held(goal, value) for value in known):
            limit = goal.lower.limit if goal and goal.lower else ""
            exact = goal and goal.upper and goal.upper.limit == limit and not limit.endswith(".x")
            if not exact:
                return []
        ends = named(component, [goal] if goal else [], self._numbers[component.name])
        if goal and goal.lower and goal.lower.limit.endswith(".x"):
            value = read_value(component, goal.lower.limit, self._numbers[component.name])
            ends += [value] if value and not any(held(goal, v) for v in known) else []
        return [value for value in ends if goal and held(goal, value)]

    def _written(self, variables: Sequence[Variable]) -> tuple[list[Variable], bool]:
        """The API version as a variable, and whether its value at the start is a guess."""
        written = self._planning.written_as
        if not written:
            return [], False
        values = tuple(Value(f"{api.group}/{api.version}", None, None) for api in written.versions)
        start, guessed = self._starts.get(API), False
        if not start:
            start = self._served(variables, values)
            if not start or start.text == values[-1].text:
                return [], False
            self._starts[API] = start
            guessed = True
        return [Variable(API, API, written.title, "api", values)], guessed

    def _served(self, variables: Sequence[Variable], values: Sequence[Value]) -> Value | None:
        """The oldest API version that the operator at the start serves."""
        assert self._planning.written_as, "asked before"
        for api, value in zip(self._planning.written_as.versions, values):
            operators = [v for v in variables if v.component == api.component]
            starts = [self._starts[v.name] for v in operators]
            if starts and all(start.low and held(api.served_by, start) for start in starts):
                return value
        return None

    # --- Tables ---

    def _needed(self, masks: Masks) -> list[Constraint]:
        """What needs a mark that is not there."""
        found = []
        for mark in self._planning.marks:
            for number in masks.of(mark.fact.id):
                for choice in masks.choices(list(mark.needed)):
                    parts = [
                        (choice[n], masks.inside(choice[n], r)) for n, r in mark.needed.items()
                    ]
                    words = " and ".join(f"{n} {shown(r)}" for n, r in mark.needed.items() if r)
                    fact = f"{words} needs {mark.title}: {mark.fact.message}"
                    found.append(
                        Constraint(
                            (*parts, (number, 1)),
                            "incompatible",
                            mark.fact.rule,
                            mark.fact.id,
                            fact,
                            "",
                            mark.fact.evidence,
                        )
                    )
        return [c for c in found if all(mask for _, mask in c.parts)]

    def _tables(
        self,
        variables: Sequence[Variable],
        constraints: Sequence[Constraint],
        masks: Masks,
        allowed: Allowed,
        goals: dict[str, Range | None],
    ) -> Tables:
        present = frozenset(v.component for v in variables)
        passings = self._passings(masks, constraints)
        start = tuple(self._index(v, masks) for v in variables)
        plain = Tables(
            tuple(len(v.values) for v in variables),
            start,
            tuple(self._goal(n, v, masks, goals) for n, v in enumerate(variables)),
            tuple(Nogood(c.parts) for c in constraints),
            tuple(self._edges(v, allowed) for v in variables),
            tuple(self._prices(v, present) for v in variables),
            self._couples(masks),
            passings,
            self._traces(masks),
            next((n for n, v in enumerate(variables) if v.role == "operator"), 0),
            WEIGHT if self._wishes.restarts_first else STEP,
        )
        if not self._wishes.unsupported_start:
            return plain
        wrong = set(broken(plain, start))
        soft = tuple(n._replace(soft=i in wrong) for i, n in enumerate(plain.nogoods))
        return plain._replace(nogoods=soft)

    def _index(self, variable: Variable, masks: Masks) -> int:
        if variable.role != "mark":
            return variable.place(self._starts[variable.name])
        mark = next(m for m in self._planning.marks if m.fact.id == variable.component)
        # Where a release runs that needs it, it was left behind.
        return int(
            all(
                r is None or held(r, self._starts[v.name])
                for name, r in mark.needed.items()
                for v in masks.variables
                if v.component == name
            )
        )

    def _goal(
        self, number: int, variable: Variable, masks: Masks, goals: dict[str, Range | None]
    ) -> int:
        if variable.name not in goals:
            return full(len(variable.values))
        limits = goals[variable.name]
        if limits:
            return masks.inside(number, limits)
        said = next(s for s in self._wishes.goals if s.component == API)
        return 1 << variable.place(self._api_value(said))

    def _edges(self, variable: Variable, allowed: Allowed) -> tuple[int, ...]:
        if variable.role == "mark":
            return (2, 0)
        values = variable.values
        if any(not v.low for v in values) and variable.component != API:
            return (0,) * len(values)
        return tuple(
            sum(
                1 << b
                for b, after in enumerate(values)
                if a != b
                and not refuse(self._product, self._planning, variable, (before, after), allowed)
            )
            for a, before in enumerate(values)
        )

    def _prices(self, variable: Variable, present: frozenset[str]) -> tuple[Price, ...]:
        weight = RESTART if self._wishes.restarts_first else WEIGHT
        if variable.role == "mark":
            # The spec of what is marked changes, which rolls it.
            return (Price(weight, 3, 3),)
        if variable.component == API or not variable.values[0].low:
            return ()
        names = (variable.name, variable.component)
        preferred = next((self._ranges[s] for s in self._wishes.preferred if s.name in names), None)
        units = weight, OUTSIDE
        return prices(self._product, self._planning, variable, present, units, preferred)

    def _couples(
        self, masks: Masks
    ) -> tuple[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]], ...]:
        """Components that are upgraded together, with the values that are one version."""
        found: dict[tuple[int, ...], tuple[tuple[int, ...], ...]] = {}
        for row in self._product.requirements:
            for choice in masks.choices(row.equal) if row.equal else ():
                numbers = tuple(choice[name] for name in row.equal)
                domains = [masks.variables[n].values for n in numbers]
                tuples = []
                for place, value in enumerate(domains[0]):
                    others = [_equal(value, domain) for domain in domains[1:]]
                    if all(other >= 0 for other in others):
                        tuples.append((place, *others))
                found[numbers] = tuple(tuples)
        return tuple(found.items())

    def _passings(self, masks: Masks, constraints: Sequence[Constraint]) -> tuple[Passing, ...]:
        found = []
        for transient in self._product.transients:
            for choice in masks.choices(list(transient.when)):
                parts = tuple(
                    (choice[n], masks.inside(choice[n], r)) for n, r in transient.when.items()
                )
                scope = set(choice.values())
                # Unknown is never passed, and what speaks of fewer components is no such state.
                excused = frozenset(
                    number
                    for number, c in enumerate(constraints)
                    if c.verdict == "incompatible" and scope == {v for v, _ in c.parts}
                )
                found.append(Passing(parts, choice[transient.stays], excused))
        return tuple(p for p in found if all(mask for _, mask in p.parts))

    def _traces(self, masks: Masks) -> tuple[Trace, ...]:
        found = []
        for mark in self._planning.marks:
            for number in masks.of(mark.fact.id):
                changes = tuple(n for name in mark.changes for n in masks.of(name))
                for choice in masks.choices(list(mark.within)):
                    parts = tuple(
                        (choice[n], masks.inside(choice[n], r)) for n, r in mark.within.items()
                    )
                    found.append(Trace(number, changes, parts))
        return tuple(found)


def _terms(limits: Range) -> str:
    return "" if limits.text == "any" else limits.text


def _equal(value: Value, others: Sequence[Value]) -> int:
    for place, other in enumerate(others):
        if value.low and other.low and compare(value.low, other.low) == 0:
            return place
    return -1
