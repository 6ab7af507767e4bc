"""Lower bounds on the cost that is left: each variable beside the main one alone.

There are two, and the greater counts. In one, the steps of a variable are counted with those of
the main one free, and those of the main one with all others free. In the other, each variable
pays its share of the steps that the main one makes for it. No step is counted more than once.
"""

from __future__ import annotations

from helm_compat.planner.relation import Relation
from helm_compat.planner.tables import Tables, bits, cost_of, divided, full

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Levels = tuple[tuple[int, int], ...]

NEVER = 1 << 62


class Bounds:
    """The least cost from any state to the goal, or less."""

    def __init__(self, tables: Tables, relation: Relation) -> None:
        self._tables = tables
        self._main = tables.main
        traced = {trace.variable for trace in tables.traces}
        together = [set(variables) for variables, _ in tables.couples]
        # What can change in one step with the main variable has no bound of its own.
        beside = {v for group in together if tables.main in group for v in group}
        others = [v for v in range(len(tables.sizes)) if v not in {tables.main, *traced, *beside}]
        self._rows = {v: relation.pair(tables.main, v) for v in others}
        self._edges = {v: _Edges(tables, v) for v in [tables.main, *others]}
        self.main = self._main_costs()
        self._groups: list[tuple[int, ...]] = []
        for v in others:
            group = set().union(*(g for g in together if v in g)) or {v}
            members = tuple(sorted(group & set(others)))
            if members not in self._groups:
                self._groups.append(members)
        share = tables.step // max(len(self._groups), 1)
        self._alone = {v: self._count(v, 0) for v in others}
        self._shared = {v: self._count(v, share) for v in others if len(self._groups) > 2}

    def of(self, main: int, sets: Sequence[int]) -> int:
        """The bound for a value of the main variable and sets of values of all others.

        `sets` are by variable; NEVER where the goal cannot be reached.
        """
        alone, shared = self.main[main], 0
        for group in self._groups:
            alone += max(_least(self._alone[v][main], sets[v]) for v in group)
            if alone >= NEVER:
                return NEVER
            if self._shared:
                shared += max(_least(self._shared[v][main], sets[v]) for v in group)
        return max(alone, shared)

    def _main_costs(self) -> list[int]:
        """The cheapest way of the main variable to its goal where the others can go with it."""
        tables, main = self._tables, self._main
        size = tables.sizes[main]
        rows = list(self._rows.values())
        before: list[list[int]] = [[] for _ in range(size)]
        for a in range(size):
            for b in bits(tables.edges[main][a]):
                if all(row[a] & row[b] for row in rows):
                    before[b].append(a)
        best = [NEVER] * size
        for value in bits(tables.goals[main]):
            if all(row[value] & tables.goals[v] for v, row in self._rows.items()):
                best[value] = 0
        todo = {value for value in range(size) if not best[value]}
        while todo:
            value = min(todo, key=lambda v: best[v])
            todo.remove(value)
            for a in before[value]:
                cost = best[value] + self._edges[main].cost(a, value)
                if cost < best[a]:
                    best[a] = cost
                    todo.add(a)
        return best

    def _count(self, variable: int, share: int) -> list[Levels]:
        """For each value of the main variable: costs, and the values that they are enough for.

        `share` is what a step of the main variable costs this one.
        """
        tables, row = self._tables, self._rows[variable]
        size = tables.sizes[self._main]
        reached = [0] * size
        levels: list[list[tuple[int, int]]] = [[] for _ in reached]
        goal = tables.goals[self._main]
        ends = [tables.goals[variable] & row[m] if goal >> m & 1 else 0 for m in range(size)]
        pending = {0: ends}
        while pending:
            cost = min(pending)
            new = [mask & ~old for mask, old in zip(pending.pop(cost), reached)]
            if not share:
                new = self._carried(new, row, reached)
            if not any(new):
                continue
            for m, mask in enumerate(new):
                if mask:
                    reached[m] |= mask
                    levels[m].append((cost, reached[m]))
            more = self._stepped(variable, new, row, reached)
            if share:
                more.append((share, self._edges[self._main].carry(new)))
            for added, masks in more:
                known = pending.get(cost + added)
                left = [mask & row[m] & ~reached[m] for m, mask in enumerate(masks)]
                if any(left):
                    pending[cost + added] = [a | b for a, b in zip(known, left)] if known else left
        return [tuple(level) for level in levels]

    def _carried(self, new: list[int], row: list[int], reached: list[int]) -> list[int]:
        """The values that get there when the main variable changes as it likes."""
        found, added = list(new), new
        while any(added):
            more = self._edges[self._main].carry(added)
            added = [mask & row[m] & ~reached[m] & ~found[m] for m, mask in enumerate(more)]
            found = [a | b for a, b in zip(found, added)]
        return found

    def _stepped(
        self, variable: int, new: list[int], row: list[int], reached: list[int]
    ) -> list[tuple[int, list[int]]]:
        """The values that get there by one more step of the variable, by its cost."""
        known: dict[int, list[tuple[int, int]]] = {}
        result: dict[int, list[int]] = {}
        for m, mask in enumerate(new):
            if not mask:
                continue
            if mask not in known:
                known[mask] = self._edges[variable].into(mask)
            for cost, sources in known[mask]:
                left = sources & row[m] & ~reached[m]
                if left:
                    result.setdefault(cost, [0] * len(new))[m] |= left
        return list(result.items())


def _least(levels: Levels, values: int) -> int:
    for cost, mask in levels:
        if mask & values:
            return cost
    return NEVER


class _Edges:
    """The steps of a variable backward, and what each costs."""

    def __init__(self, tables: Tables, variable: int) -> None:
        self._tables = tables
        self._variable = variable
        self._edges = tables.edges[variable]
        size = tables.sizes[variable]
        whole = full(size)
        fixed = [p for p in tables.prices[variable] if p.source & p.target & whole == whole]
        # What every step costs, where they all cost the same.
        self._always = tables.step + sum(price.cost for price in fixed)
        self._uniform = len(fixed) == len(tables.prices[variable])
        # Where every step up is open, most of the work is not needed.
        self._up = all(e == whole & ~full(a + 1) for a, e in enumerate(self._edges))

    def cost(self, before: int, after: int) -> int:
        """What one step costs."""
        if self._uniform:
            return self._always
        return self._tables.step + cost_of(self._tables, self._variable, before, after)

    def into(self, targets: int) -> list[tuple[int, int]]:
        """Costs with the values from which a step of that cost leads into a mask."""
        if self._up and self._uniform:
            return [(self._always, full(targets.bit_length() - 1))]
        found: dict[int, int] = {}
        for source, edges in enumerate(self._edges):
            reach = edges & targets
            if not reach:
                continue
            least = self._always
            if not self._uniform:
                parts = divided(self._tables, self._variable, source, reach)
                least = self._tables.step + parts[0][0]
            found[least] = found.get(least, 0) | 1 << source
        return sorted(found.items())

    def carry(self, masks: list[int]) -> list[int]:
        """What stands at the targets of the steps from each value, joined."""
        found = [0] * len(masks)
        if self._up:
            joined = 0
            for value in range(len(masks) - 1, -1, -1):
                found[value] = joined
                joined |= masks[value]
            return found
        for value, edges in enumerate(self._edges):
            for target in bits(edges):
                found[value] |= masks[target]
        return found
