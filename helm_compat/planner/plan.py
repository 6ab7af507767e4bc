"""The answer: the steps in their order with the reasons of each, or why there is no way."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.knowledge.planning import API
from helm_compat.planner.constraints import Constraint
from helm_compat.planner.domain import held
from helm_compat.planner.explain import Reason, Task, cautions, directly, reasons, restarts, tasks
from helm_compat.planner.problem import Problem
from helm_compat.planner.refute import Blocked, refute, start_problems
from helm_compat.planner.search import Search, Step
from helm_compat.planner.tables import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_ROLES = ("operator", "api", "companion", "operand", "platform", "mark")


class Change(NamedTuple):
    """One component of a step: its name in the problem, and its release before and after."""

    name: str
    component: str
    before: str
    after: str
    is_line: bool
    chart: str


class Move(NamedTuple):
    """One step of a plan: what changes in it, why, and what it does.

    `warnings` are the rules that only warn of the state behind it.
    """

    changes: tuple[Change, ...]
    reasons: tuple[Reason, ...]
    tasks: tuple[Task, ...]
    restarts: tuple[str, ...]
    moves_data: tuple[str, ...]
    warnings: tuple[Reason, ...]


class Plan(NamedTuple):
    """A plan, or the proof that there is none: `blocked` is None where there is one.

    `directly` says why one step for each goal is not enough, `risks` what is not supported at
    the start, where the user allows that.
    """

    problem: Problem
    moves: tuple[Move, ...]
    blocked: Blocked | None
    directly: tuple[Reason, ...] = ()
    risks: tuple[Reason, ...] = ()


def make_plan(problem: Problem) -> Plan:
    """Find the way that is wished for, and explain it, or why there is none."""
    if start_problems(problem):
        return Plan(problem, (), refute(problem))
    found = Search(problem.tables).way(order_of(problem), newest=not problem.wishes.oldest)
    if found is None:
        return Plan(problem, (), refute(problem))
    states = [problem.tables.start, *(step.state for step in found)]
    moves = tuple(_move(problem, found, n, states[n]) for n in range(len(found)))
    why = tuple(directly(problem, found)) if found else ()
    risks = problem.said(problem.tables.start) if problem.wishes.unsupported_start else []
    told = tuple(_told(c) for c in risks if c.verdict != "warning")
    return Plan(problem, moves, None, why, told)


def order_of(problem: Problem) -> Callable[[State], tuple[int, ...]]:
    """Which variable is asked first for a step of equal cost.

    The operator, then what is documented to come before the release that it goes to, then the API
    version, companions, operands and the platform.
    """
    variables = problem.variables
    plain = sorted(range(len(variables)), key=lambda n: (_ROLES.index(variables[n].role), n))

    def order(state: State) -> tuple[int, ...]:
        for row in problem.planning.orders:
            for number, variable in enumerate(variables):
                behind = variable.component == row.component and held(
                    row.to, variable.values[state[number]]
                )
                if variable.component == row.component and not behind:
                    places = {name: place for place, name in enumerate(row.order)}
                    return tuple(
                        sorted(
                            plain,
                            key=lambda n: (
                                variables[n].role != "operator",
                                places.get(variables[n].component, len(places)),
                            ),
                        )
                    )
        return tuple(plain)

    return order


def _move(problem: Problem, steps: list[Step], number: int, before: State) -> Move:
    step = steps[number]
    restarted, moved = restarts(problem, before, step)
    known = set(problem.said(before, "warning"))
    warnings = [c for c in problem.said(step.state, "warning") if c not in known]
    return Move(
        tuple(_change(problem, v, before, step.state) for v in step.variables),
        tuple(reasons(problem, steps, number)),
        tuple(tasks(problem, before, step)),
        tuple(restarted),
        tuple(moved),
        tuple(cautions(problem, before, step))
        + tuple(_told(constraint) for constraint in warnings),
    )


def _told(constraint: Constraint) -> Reason:
    reason = f": {constraint.reason}" if constraint.reason else ""
    return Reason(
        "warning",
        f"{constraint.fact}{reason}",
        constraint.rule,
        constraint.id,
        constraint.evidence,
    )


def _change(problem: Problem, number: int, before: State, after: State) -> Change:
    variable = problem.variables[number]
    value = variable.values[after[number]]
    chart = ""
    delivery = problem.planning.deliveries.get(variable.component)
    if delivery and variable.component != API and not delivery.keeps_chart:
        named = f"{delivery.chart} {value.text}" if delivery.chart else ""
        chart = delivery.charts.get(value.text, named)
    if delivery and delivery.keeps_chart:
        chart = delivery.chart
    return Change(
        variable.name,
        variable.component,
        variable.values[before[number]].text,
        value.text,
        value.is_line,
        chart,
    )
