"""The search against all states: small random problems, with every kind of rule there is."""

from __future__ import annotations

from heapq import heappop, heappush

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helm_compat.planner.search import Search
from helm_compat.planner.tables import (
    OUTSIDE,
    STEP,
    WEIGHT,
    Nogood,
    Passing,
    Price,
    State,
    Tables,
    Trace,
    bits,
    broken,
    full,
    holds,
)

Parts = tuple[tuple[int, int], ...]


# --- The oracle: states one by one, without sets, bounds or memory of failures ---


def unexcused(tables: Tables, state: State) -> tuple[set[int], set[int]]:
    """The hard nogoods that count in a state, and what has to change next in a passing one."""
    wrong = {n for n in broken(tables, state) if not tables.nogoods[n].soft}
    stays = set()
    for passing in tables.passings:
        if holds(passing.parts, state) and wrong & passing.excused:
            wrong -= passing.excused
            stays.add(passing.stays)
    return wrong, stays


def soft(tables: Tables, state: State) -> set[int]:
    return {n for n in broken(tables, state) if tables.nogoods[n].soft}


def changes(tables: Tables, state: State) -> list[dict[int, int]]:
    """Every step that edges, couples and traces have, whatever comes of it."""
    found: list[dict[int, int]] = []
    for variables, tuples in tables.couples:
        for values in tuples:
            change = {v: b for v, b in zip(variables, values) if state[v] != b}
            if len(change) > 1:
                found.append(change)
    for variable in range(len(state)):
        for target in bits(tables.edges[variable][state[variable]]):
            own = [t for t in tables.traces if t.variable == variable]
            if all(holds(t.parts, state) for t in own):
                found.append({variable: target})
    return [c for c in found if all(tables.edges[v][state[v]] >> b & 1 for v, b in c.items())]


def steps(tables: Tables, state: State) -> list[tuple[tuple[int, ...], State, int]]:
    """The steps that are allowed: what changes, the state behind, the cost."""
    result = []
    stays = unexcused(tables, state)[1]
    for change in changes(tables, state):
        if stays and set(change) != stays:
            continue
        values = [change.get(v, old) for v, old in enumerate(state)]
        for trace in tables.traces:
            if set(trace.changes) & set(change) and holds(trace.parts, values):
                values[trace.variable] = 1
        after = tuple(values)
        wrong, staying = unexcused(tables, after)
        if wrong or staying & set(change) or soft(tables, after) - soft(tables, state):
            continue
        cost = tables.step
        for variable, target in change.items():
            for price in tables.prices[variable]:
                if price.source >> state[variable] & 1 and price.target >> target & 1:
                    cost += price.cost
        result.append((tuple(sorted(change)), after, cost))
    return result


def is_goal(tables: Tables, state: State) -> bool:
    reached = all(goal >> value & 1 for goal, value in zip(tables.goals, state))
    return reached and not any(unexcused(tables, state)) and not soft(tables, state)


def costs(tables: Tables) -> dict[State, int]:
    """The least cost from every state to the goal, by relaxing until nothing changes."""
    edges: dict[State, list[tuple[State, int]]] = {}
    todo = [tables.start]
    while todo:
        state = todo.pop()
        if state not in edges:
            edges[state] = [(after, cost) for _, after, cost in steps(tables, state)]
            todo += [after for after, _ in edges[state]]
    before: dict[State, list[tuple[State, int]]] = {}
    for state, targets in edges.items():
        for after, cost in targets:
            before.setdefault(after, []).append((state, cost))
    best: dict[State, int] = {}
    heap = [(0, state) for state in edges if is_goal(tables, state)]
    heap.sort()
    while heap:
        cost, state = heappop(heap)
        if state in best:
            continue
        best[state] = cost
        for other, more in before.get(state, ()):
            if other not in best:
                heappush(heap, (cost + more, other))
    return best


def first_way(tables: Tables, best: dict[State, int]) -> list[State] | None:
    """Of the cheapest ways the first, as the documentation defines it."""
    state, way = tables.start, []
    if state not in best:
        return None
    while not is_goal(tables, state):
        fitting = [
            (rank(tables, state, changed, after), after)
            for changed, after, cost in steps(tables, state)
            if after in best and best[after] + cost == best[state]
        ]
        state = min(fitting)[1]
        way.append(state)
    return way


def rank(
    tables: Tables, state: State, changed: tuple[int, ...], after: State
) -> tuple[int, int, int, tuple[int, ...]]:
    mild = any(holds(n.parts, after) and any(v in changed for v, _ in n.parts) for n in tables.mild)
    return min(changed), -len(changed), int(mild), tuple(-after[v] for v in changed)


# --- Problems ---


@st.composite
def problems(draw: st.DrawFn) -> Tables:
    count = draw(st.integers(1, 4))
    sizes = tuple(draw(st.integers(1, 5)) for _ in range(count))
    traces: tuple[Trace, ...] = ()
    if count > 2 and draw(st.booleans()):
        sizes = (*sizes[:-1], 2)
        traces = (Trace(count - 1, (1,), ((0, draw(st.integers(0, full(sizes[0])))),)),)

    def mask(variable: int, least: int = 1) -> int:
        return draw(st.integers(least, full(sizes[variable])))

    def parts(least: int = 1) -> Parts:
        some = draw(st.lists(st.integers(0, count - 1), min_size=least, max_size=3, unique=True))
        return tuple((v, mask(v)) for v in sorted(some))

    edges: list[tuple[int, ...]] = []
    for v, size in enumerate(sizes):
        kind = draw(st.sampled_from(["up", "any", "some"]))
        if traces and v == count - 1:
            edges.append((2, 0))
        elif kind == "some":
            edges.append(tuple(mask(v, 0) & ~(1 << a) for a in range(size)))
        else:
            low = [full(a + 1) if kind == "up" else 1 << a for a in range(size)]
            edges.append(tuple(full(size) & ~kept for kept in low))
    prices = tuple(
        tuple(
            Price(draw(st.sampled_from([WEIGHT, 2 * WEIGHT, OUTSIDE])), mask(v), mask(v))
            for _ in range(draw(st.integers(0, 2)))
        )
        for v in range(count)
    )
    nogoods = [Nogood(parts()) for _ in range(draw(st.integers(0, 6)))]
    couples: list[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]] = []
    if count > 1 and draw(st.booleans()):
        tuples = tuple((n, n) for n in range(min(sizes[:2])))
        couples.append(((0, 1), tuples))
    passings = []
    if count > 1 and draw(st.booleans()):
        box = parts(2)
        nogoods.append(Nogood(box))
        passings.append(Passing(box, box[-1][0], frozenset([len(nogoods) - 1])))
    start = tuple(draw(st.integers(0, size - 1)) for size in sizes)
    if draw(st.booleans()):
        nogoods = [n._replace(soft=holds(n.parts, start)) for n in nogoods]
        passings = []
    else:
        nogoods = [
            n
            for i, n in enumerate(nogoods)
            if not holds(n.parts, start) or any(i in p.excused for p in passings)
        ]
        passings = [
            p._replace(excused=frozenset([len(nogoods) - 1]))
            for p in passings
            if nogoods and nogoods[-1].parts == p.parts
        ]
    goals = tuple(mask(v) if draw(st.booleans()) else full(s) for v, s in enumerate(sizes))
    mild = tuple(Nogood(parts()) for _ in range(draw(st.integers(0, 2))))
    return Tables(
        sizes, start, goals, tuple(nogoods), tuple(edges), prices, tuple(couples),
        tuple(passings), traces, draw(st.integers(0, count - 1 - len(traces))),
        draw(st.sampled_from([STEP, STEP, WEIGHT // 2])), mild,
    )  # fmt: skip


@settings(max_examples=1000, deadline=None)
@given(problems())
def test_search_finds_what_all_states_hold(tables: Tables) -> None:
    best = costs(tables)
    search = Search(tables)
    assert search.is_possible() == (tables.start in best)
    assert search.cost() == best.get(tables.start)
    way = search.way(lambda state: tuple(range(len(state))))
    states = None if way is None else [step.state for step in way]
    assert states == first_way(tables, best)
    if way is not None:
        assert sum(step.cost for step in way) == best[tables.start]


def test_oldest_is_the_mirror_of_newest() -> None:
    tables = ladder(steps=1)
    ways = [Search(tables).way(lambda state: (0, 1), newest=newest) for newest in (True, False)]
    assert [[step.state for step in way or ()] for way in ways] == [[(4, 0)], [(2, 0)]]


def ladder(steps: int) -> Tables:
    """A variable that has to come to 2 or later, and another that need not change."""
    up = tuple(full(5) & ~full(a + 1) for a in range(5))
    return Tables((5, 5), (0, 0), (0b11100, full(5)), (), (up, up), ((), ()), (), (), (), 0, steps)


@pytest.mark.parametrize(
    ("goal", "cost"),
    [pytest.param(0b1, 0, id="there already"), pytest.param(0, None, id="no such value")],
)
def test_ends(goal: int, cost: int | None) -> None:
    tables = ladder(STEP)._replace(goals=(goal, full(5)))
    assert Search(tables).cost() == cost
