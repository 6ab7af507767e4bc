"""Which values stand together: the nogoods of a problem, arranged for a search.

Some variables are *committed*: the search knows their values. Of all others it keeps the set of
values that they can have, which is exact because each nogood speaks of one of them at most.
"""

from __future__ import annotations

from helm_compat.planner.tables import Tables, bits, full, holds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Sets = tuple[int, ...]


def committed_variables(tables: Tables) -> tuple[int, ...]:
    """The main variable, all whose steps depend on each other, and what covers the nogoods."""
    found = {tables.main}
    for passing in tables.passings:
        found |= {variable for variable, _ in passing.parts} | {passing.stays}
    for trace in tables.traces:
        found |= {trace.variable, *trace.changes, *(v for v, _ in trace.parts)}
    for variables, _ in tables.couples:
        found.update(variables)
    open_scopes = {frozenset(v for v, _ in nogood.parts) for nogood in tables.nogoods}
    while True:
        counts: dict[int, int] = {}
        for scope in open_scopes:
            if len(scope - found) > 1:
                for variable in scope - found:
                    counts[variable] = counts.get(variable, 0) + 1
        if not counts:
            return tuple(sorted(found))
        found.add(max(counts, key=lambda variable: (counts[variable], -variable)))


class Relation:
    """The nogoods of a problem, by the values of the committed variables."""

    def __init__(self, tables: Tables, committed: Sequence[int]) -> None:
        self.committed = tuple(committed)
        self.free = tuple(v for v in range(len(tables.sizes)) if v not in committed)
        self._tables = tables
        self._place = {variable: n for n, variable in enumerate(self.committed)}
        self._free = {variable: n for n, variable in enumerate(self.free)}
        self._pairs: dict[int, list[list[int]]] = {}
        self._common = [full(tables.sizes[v]) for v in self.free]
        self._alone: dict[int, int] = {}
        self._others: list[tuple[int, tuple[tuple[int, int], ...], int, int]] = []
        self._soft: list[tuple[tuple[tuple[int, int], ...], int, int]] = []
        self._known: dict[Sets, tuple[Sets, int] | None] = {}
        for number, nogood in enumerate(tables.nogoods):
            self._add(number, nogood.parts, soft=nogood.soft)

    def _add(self, number: int, parts: tuple[tuple[int, int], ...], *, soft: bool) -> None:
        bound = tuple((self._place[v], mask) for v, mask in parts if v in self._place)
        loose = [(self._free[v], mask) for v, mask in parts if v in self._free]
        assert len(loose) < 2, "the committed variables cover every nogood"
        place, mask = loose[0] if loose else (-1, 0)
        if soft:
            self._soft.append((bound, place, mask))
        elif not bound:
            self._common[place] &= ~mask
        elif loose and len(bound) == 1:
            variable, values = bound[0]
            rows = self._pairs.setdefault(variable, [])
            if not rows:
                size = self._tables.sizes[self.committed[variable]]
                rows += [[0] * len(self.free) for _ in range(size)]
            for value in bits(values):
                rows[value][place] |= mask
        elif len(bound) == 1 and not self._excusable(number):
            self._alone[bound[0][0]] = self._alone.get(bound[0][0], 0) | bound[0][1]
        else:
            self._others.append((number, bound, place, mask))

    def _excusable(self, number: int) -> bool:
        return any(number in passing.excused for passing in self._tables.passings)

    def allowed(self, values: Sets) -> tuple[Sets, int] | None:
        """What each free variable may be beside committed values; None where these cannot stand.

        The number behind it is the variable that the next step has to change, or -1.
        """
        if values not in self._known:
            self._known[values] = self._allowed(values)
        return self._known[values]

    def _allowed(self, values: Sets) -> tuple[Sets, int] | None:
        for place, mask in self._alone.items():
            if mask >> values[place] & 1:
                return None
        masks = list(self._common)
        for place, rows in self._pairs.items():
            for n, bad in enumerate(rows[values[place]]):
                masks[n] &= ~bad
        stays = -1
        for number, bound, place, mask in self._others:
            if not _hold(bound, values):
                continue
            if place >= 0:
                masks[place] &= ~mask
                continue
            passing = self._passing(number, values)
            if passing < 0:
                return None
            stays = passing
        return (tuple(masks), stays) if all(masks) else None

    def _passing(self, number: int, values: Sets) -> int:
        for passing in self._tables.passings:
            parts = [(self._place[v], mask) for v, mask in passing.parts]
            if number in passing.excused and holds(parts, values):
                return passing.stays
        return -1

    def through(self, before: Sets, after: Sets) -> Sets | None:
        """What each free variable may be while committed values change; None where none may."""
        found = self.allowed(after)
        if not found or not self._soft:
            return found and found[0]
        left = list(found[0])
        for bound, place, mask in self._soft:
            if not _hold(bound, after) or _hold(bound, before):
                continue
            if place < 0:
                return None
            left[place] &= ~mask
        return tuple(left)

    def moved(self, values: Sets, place: int, source: int, targets: int) -> int:
        """The targets that a free variable may go to from one of its values, `source`."""
        found = self.allowed(values)
        assert found, "the committed values stand"
        targets &= found[0][place]
        for bound, at, mask in self._soft:
            if at == place and not mask >> source & 1 and _hold(bound, values):
                targets &= ~mask
        return targets

    def clean(self, values: Sets) -> Sets | None:
        """What each free variable may be at the goal, where nothing from the start may go on."""
        found = self.allowed(values)
        if not found or found[1] >= 0:
            return None
        left = list(found[0])
        for bound, place, mask in self._soft:
            if _hold(bound, values):
                if place < 0:
                    return None
                left[place] &= ~mask
        return tuple(left)

    def pair(self, main: int, variable: int) -> list[int]:
        """For each value of the main variable what another may be, by nogoods on these two alone.

        Passing states and what may go on from the start are allowed: it is a bound, not a rule.
        """
        tables = self._tables
        rows = [full(tables.sizes[variable])] * tables.sizes[main]
        for number, nogood in enumerate(tables.nogoods):
            if nogood.soft or self._excusable(number):
                continue
            scope = dict(nogood.parts)
            if not set(scope) <= {main, variable}:
                continue
            bad = scope.get(variable, full(tables.sizes[variable]))
            for value in bits(scope.get(main, full(tables.sizes[main]))):
                rows[value] &= ~bad
        return rows


def _hold(bound: Sequence[tuple[int, int]], values: Sets) -> bool:
    """Whether committed values lie in all masks."""
    return all(mask >> values[place] & 1 for place, mask in bound)
