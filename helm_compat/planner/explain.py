"""Why a step is there and where it stands: what would break without it, later or earlier."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.knowledge.planning import API, NO_EFFECT
from helm_compat.knowledge.product import Source
from helm_compat.planner.constraints import Constraint
from helm_compat.planner.domain import held
from helm_compat.planner.moves import crossed
from helm_compat.planner.problem import Problem, refuse
from helm_compat.planner.search import Step
from helm_compat.planner.tables import State, holds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Reason(NamedTuple):
    """One reason of a step; `kind` is goal, needed, stop, later, passing, mark or order.

    `step` is the one that needs it, or the one that comes first; 1-based, 0 for none.
    """

    kind: str
    text: str
    rule: str = ""
    id: str = ""
    evidence: tuple[Source, ...] = ()
    step: int = 0


class Task(NamedTuple):
    """What has to be done by hand, or has to be known, `before` a step, `after` it or with it."""

    when: str
    text: str
    hint: str
    id: str
    evidence: tuple[Source, ...]


def reasons(problem: Problem, steps: Sequence[Step], number: int) -> list[Reason]:
    """The reasons of one step of a way, `number` is 0-based; the gravest first."""
    explainer = _Explainer(problem, steps, number)
    found = [
        *explainer.goals(),
        *explainer.needed(),
        *explainer.stops(),
        *explainer.later(),
        *explainer.passing(),
        *explainer.marks(),
        *explainer.orders(),
    ]
    return list({reason.text: reason for reason in found}.values())


class _Explainer:
    def __init__(self, problem: Problem, steps: Sequence[Step], number: int) -> None:
        self._problem = problem
        self._steps = steps
        self._number = number
        self._states = [problem.tables.start, *(step.state for step in steps)]
        self._before, self._after = self._states[number], self._states[number + 1]
        self._variables = steps[number].variables

    def _name(self, variable: int, state: State) -> str:
        found = self._problem.variables[variable]
        return f"{found.name} {found.values[state[variable]].text}"

    def _next(self, variable: int) -> int | None:
        """The next step that changes a variable, 0-based."""
        later = range(self._number + 1, len(self._steps))
        return next((n for n in later if variable in self._steps[n].variables), None)

    def _broken(self, state: State) -> list[Constraint]:
        """What a state breaks that the start did not break already, passing states apart."""
        problem = self._problem
        found = [c for c in problem.said(state) if c.verdict != "warning"]
        for passing in problem.tables.passings:
            if holds(passing.parts, state):
                excused = {problem.constraints[problem.numbers[n]] for n in passing.excused}
                found = [c for c in found if c not in excused]
        return found

    def goals(self) -> Iterator[Reason]:
        """What is asked for itself."""
        for variable in self._variables:
            if variable in self._problem.goals and self._next(variable) is None:
                yield Reason("goal", f"{self._name(variable, self._after)} is asked for")

    def needed(self) -> Iterator[Reason]:
        """The first later step that could not be without this one."""
        last = min((n for v in self._variables if (n := self._next(v)) is not None), default=None)
        end = len(self._steps) if last is None else last
        for later in range(self._number + 1, end):
            state = list(self._states[later + 1])
            for variable in self._variables:
                state[variable] = self._before[variable]
            broken = self._broken(tuple(state))
            for constraint in broken:
                yield _reason("needed", constraint.fact, constraint, later + 1)
            if broken:
                return

    def stops(self) -> Iterator[Reason]:
        """Why the variable does not go on at once to where it goes next."""
        for variable in self._variables:
            target = self._next(variable)
            if target is None:
                continue
            value = self._states[target + 1][variable]
            refused = self._problem.refused(variable, self._before[variable], value)
            for one in refused:
                yield Reason("stop", one.fact, one.rule, one.id, one.evidence)
            if refused:
                continue
            state = list(self._after)
            state[variable] = value
            text = self._problem.variables[variable].values[value].text
            for constraint in self._broken(tuple(state)):
                yield _reason("stop", f"not {text} at once: {constraint.fact}", constraint)

    def later(self) -> Iterator[Reason]:
        """The step before which it could not be made."""
        for earlier in range(self._number - 1, -1, -1):
            if set(self._steps[earlier].variables) & set(self._variables):
                return
            state = list(self._states[earlier])
            for variable in self._variables:
                state[variable] = self._after[variable]
            broken = self._broken(tuple(state))
            for constraint in broken:
                yield _reason("later", constraint.fact, constraint, earlier + 1)
            if broken:
                return

    def passing(self) -> Iterator[Reason]:
        """The documented state that a step enters or leaves."""
        problem = self._problem
        for place, transient in enumerate(problem.product.transients):
            if place >= len(problem.tables.passings):
                return
            passing = problem.tables.passings[place]
            inside = [
                holds(passing.parts, state) and bool(self._unexcused(state, passing.excused))
                for state in (self._before, self._after)
            ]
            if inside[0] == inside[1]:
                continue
            name = problem.variables[passing.stays].name
            words = "ends" if inside[0] else f"{name} follows in the very next step, which ends"
            text = f"{words} a documented passing state: {transient.fact.message}"
            yield Reason(
                "passing", text, transient.fact.rule, transient.fact.id, transient.fact.evidence
            )

    def _unexcused(self, state: State, excused: Iterable[int]) -> list[int]:
        nogoods = self._problem.tables.nogoods
        return [n for n in excused if holds(nogoods[n].parts, state)]

    def marks(self) -> Iterator[Reason]:
        """What a step leaves behind for a later one."""
        for trace in self._problem.tables.traces:
            left = self._after[trace.variable] > self._before[trace.variable]
            mark = next(
                m
                for m in self._problem.planning.marks
                if m.fact.id == self._problem.variables[trace.variable].component
            )
            if left:
                text = f"the {mark.title} that a later step needs: {mark.fact.message}"
                yield Reason("mark", text, mark.fact.rule, mark.fact.id, mark.fact.evidence)

    def orders(self) -> Iterator[Reason]:
        """The documented order around a release that the way enters."""
        problem = self._problem
        for order in problem.planning.orders:
            for main, variable in enumerate(problem.variables):
                if variable.component != order.component:
                    continue
                entered = next(
                    (
                        n
                        for n, step in enumerate(self._steps)
                        if main in step.variables
                        and held(order.to, variable.values[step.state[main]])
                        and not held(order.to, variable.values[self._states[n][main]])
                    ),
                    None,
                )
                names = {problem.variables[v].component for v in self._variables}
                near = entered is not None and self._number <= entered + 1
                if near and names & set(order.order):
                    yield Reason(
                        "order",
                        order.fact.message,
                        order.fact.rule,
                        order.fact.id,
                        order.fact.evidence,
                    )


def _reason(kind: str, text: str, constraint: Constraint, step: int = 0) -> Reason:
    reason = f" ({constraint.reason})" if constraint.reason else ""
    return Reason(
        kind, f"{text}{reason}", constraint.rule, constraint.id, constraint.evidence, step
    )


def directly(problem: Problem, steps: Sequence[Step]) -> list[Reason]:
    """Why the goals are not reached by one step each, right at the start."""
    start, end = problem.tables.start, steps[-1].state
    found = []
    for number in problem.goals:
        variable = problem.variables[number]
        own = [step for step in steps if number in step.variables]
        if not own or own == list(steps[:1]):
            continue
        texts = [variable.values[state[number]].text for state in (start, end)]
        words = f"{variable.name} {texts[0]} → {texts[1]}"
        refused = problem.refused(number, start[number], end[number])
        found += [Reason("direct", f"{words}: {r.fact}", r.rule, r.id, r.evidence) for r in refused]
        if refused:
            continue
        state = list(start)
        state[number] = end[number]
        before = set(problem.said(start))
        for constraint in problem.said(tuple(state)):
            if constraint.verdict != "warning" and constraint not in before:
                found.append(_reason("direct", f"{words}: {constraint.fact}", constraint))
    return found


def cautions(problem: Problem, before: State, step: Step) -> list[Reason]:
    """What is only allowed because the user allows it: steps back, steps that no page states."""
    found = []
    for number in step.variables:
        variable = problem.variables[number]
        if variable.role in ("mark", "api"):
            continue
        values = variable.values[before[number]], variable.values[step.state[number]]
        strict = problem.allowed._replace(downgrades=frozenset(), inferred=False)
        for refused in refuse(problem.product, problem.planning, variable, values, strict):
            found.append(
                Reason("warning", refused.fact, refused.rule, refused.id, refused.evidence)
            )
    return found


def tasks(problem: Problem, before: State, step: Step) -> list[Task]:
    """What the crossings of a step ask for, and the fields that the release behind it rejects."""
    found = []
    for number in step.variables:
        variable = problem.variables[number]
        if variable.role == "mark":
            mark = next(m for m in problem.planning.marks if m.fact.id == variable.component)
            found.append(
                Task("before", mark.fact.message, mark.fact.hint, mark.fact.id, mark.fact.evidence)
            )
            continue
        if variable.component == API:
            continue
        values = variable.values[before[number]], variable.values[step.state[number]]
        for row in crossed(problem.product, variable, *values):
            if row.fact.id not in {
                order.fact.id.removesuffix("-order") for order in problem.planning.orders
            }:
                when = problem.planning.effects.get(row.fact.id, NO_EFFECT).task or "with"
                found.append(
                    Task(when, row.fact.message, row.fact.hint, row.fact.id, row.fact.evidence)
                )
        for field in problem.product.fields:
            wanted = field.needs.get(variable.component)
            if wanted and field.use and held(wanted, values[0]) and not held(wanted, values[1]):
                path = ".".join(segment.key for segment in field.test.path)
                text = f"where {path} is set, replace it by {field.use}: {field.fact.message}"
                found.append(Task("before", text, "", field.fact.id, field.fact.evidence))
    return found


def restarts(problem: Problem, before: State, step: Step) -> tuple[list[str], list[str]]:
    """The components that a step restarts, and those whose data move."""
    present = {v.component for v in problem.variables}
    restarted, moved = [], []
    for number in step.variables:
        variable = problem.variables[number]
        if variable.role in ("operand", "companion", "platform"):
            restarted.append(variable.name)
        if variable.role == "mark":
            mark = next(m for m in problem.planning.marks if m.fact.id == variable.component)
            restarted += [name for name in mark.changes[:1] if name in present]
        if variable.component == API or variable.role == "mark":
            continue
        values = variable.values[before[number]], variable.values[step.state[number]]
        for row in crossed(problem.product, variable, *values):
            effect = problem.planning.effects.get(row.fact.id, NO_EFFECT)
            restarted += [name for name in effect.restarts if name in present]
            moved += [name for name in effect.moves_data if name in present]
    return list(dict.fromkeys(restarted)), list(dict.fromkeys(moved))
