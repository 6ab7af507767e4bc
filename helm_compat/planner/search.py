"""The exact search: the cheapest way from the start to the goal, and of equal ones the first.

A node holds the values of the committed variables and, of each free one, all values that it can
have at that cost. It leads to another node by a change of committed variables, before which free
ones move where they have to: moving later what can be moved later loses nothing. A way is looked
for within a budget that grows; what was found to be too little is kept. Nothing is estimated: the
bounds are never too much.
"""

from __future__ import annotations

from helm_compat.planner.bounds import NEVER, Bounds
from helm_compat.planner.relation import Relation, committed_variables
from helm_compat.planner.tables import State, Tables, bits, cost_of, divided, holds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Sets = tuple[int, ...]
    Node = tuple[Sets, Sets]
    Levels = tuple[tuple[int, int], ...]
    Change = tuple[tuple[int, int], ...]
    Order = Callable[[State], tuple[int, ...]]


class Step:
    """One step of a way: the variables that change in it, and the state behind it."""

    __slots__ = ("cost", "state", "variables")

    def __init__(self, variables: tuple[int, ...], state: State, cost: int) -> None:
        self.variables = variables
        self.state = state
        self.cost = cost


class Search:
    """A search in one problem."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._relation = Relation(tables, committed_variables(tables))
        self._bounds = Bounds(tables, self._relation)
        self._committed, self._free = self._relation.committed, self._relation.free
        self._places = {variable: n for n, variable in enumerate(self._committed)}
        self._main = self._places[tables.main]
        self._failed: dict[Sets, list[tuple[Sets, int]]] = {}
        self._reached: dict[Sets, list[tuple[Sets, int]]] = {}
        self._known: dict[tuple[Sets, int, int], Levels] = {}

    def is_possible(self) -> bool:
        """Whether there is any way at all."""
        return self._connects(self._node(self._tables.start))

    def reachable(self) -> list[int]:
        """The values of each variable that some way from the start comes to."""
        found = list(self._by_variable(self._node(self._tables.start)))
        todo, seen = [self._node(self._tables.start)], set()
        while todo:
            node = todo.pop()
            if node in seen:
                continue
            seen.add(node)
            for variable, mask in enumerate(self._by_variable(node)):
                found[variable] |= mask
            for place, mask in enumerate(node[1]):
                for _, more in self._levels(node[0], place, mask):
                    found[self._free[place]] |= more
            todo += [child for _, child in self._nodes(node, NEVER + NEVER)]
        return found

    def cost(self) -> int | None:
        """The least cost of a way, or None where there is none."""
        node = self._node(self._tables.start)
        budget = self._bound(node)
        if budget >= NEVER or not self._connects(node):
            return None
        while (least := self._least(node, budget)) > budget:
            budget = least
        return budget

    def way(self, order: Order, *, newest: bool = True) -> list[Step] | None:
        """The first of the cheapest ways, or None where there is none.

        At each step the variables are asked in their `order`, and each for its newest value first,
        or its oldest: with others that change in the same step before alone, and into a state
        without anything mild before others.
        """
        left = self.cost()
        if left is None:
            return None
        state, steps = self._tables.start, []
        while not self._is_goal(state):
            step = self._first(state, order(state), left, newest=newest)
            steps.append(step)
            state, left = step.state, left - step.cost
        return steps

    def _first(self, state: State, order: tuple[int, ...], left: int, *, newest: bool) -> Step:
        """The first step in order behind which the goal is within the cost that is left."""
        children = list(self._children(self._node(state)))
        for variable in order:
            mine = []
            for cost, node in children:
                changed = self._changed_in(state, node)
                if cost <= left and min(changed, key=order.index) == variable:
                    mine += [(changed, cost, part) for part in self._parts(node, changed)]
            # Of a committed variable the first that is found is the one: each node is one value.
            mine.sort(key=lambda entry: self._rank(entry[0], entry[2], newest=newest))
            found: list[tuple[tuple[int, ...], Step]] = []
            for changed, cost, part in mine:
                after = self._narrowed(part, left - cost, newest=newest)
                if after:
                    step = Step(changed, after, cost)
                    found.append((self._rank(changed, self._node(after), newest=newest), step))
                    if variable in self._committed:
                        break
            if found:
                return min(found, key=lambda entry: entry[0])[1]
        raise AssertionError("a way of this cost was found before")

    def _parts(self, node: Node, changed: tuple[int, ...]) -> Iterator[Node]:
        """A node divided into its states without and with something mild."""
        committed, sets = node
        places = [self._free.index(v) for v in changed if v in self._free]
        if not places:
            yield node
            return
        (place,) = places
        mild = 0
        values = [mask.bit_length() - 1 for mask in self._by_variable(node)]
        for nogood in self._tables.mild:
            parts = dict(nogood.parts)
            own = parts.pop(changed[0], 0)
            if own and holds(tuple(parts.items()), values):
                mild |= own
        for mask in (sets[place] & ~mild, sets[place] & mild):
            if mask:
                yield committed, (*sets[:place], mask, *sets[place + 1 :])

    def _rank(self, changed: tuple[int, ...], node: Node, *, newest: bool) -> tuple[int, ...]:
        """Where a step stands among those of one variable."""
        sets = self._by_variable(node)
        values = [mask.bit_length() - 1 for mask in sets]
        mild = any(
            holds(nogood.parts, values) and any(v in changed for v, _ in nogood.parts)
            for nogood in self._tables.mild
        )
        return (-len(changed), int(mild), *(-values[v] if newest else values[v] for v in changed))

    def _changed_in(self, state: State, node: Node) -> tuple[int, ...]:
        """The variables that a step changes, without what it only leaves behind."""
        sets = self._by_variable(node)
        changed = tuple(v for v, mask in enumerate(sets) if not mask >> state[v] & 1)
        traced = {trace.variable for trace in self._tables.traces}
        return tuple(v for v in changed if v not in traced) or changed

    def _narrowed(self, node: Node, budget: int, *, newest: bool) -> State | None:
        """The state of a node with the newest value, or the oldest, that is within the budget."""
        if self._least(node, budget) > budget:
            return None
        committed, sets = node
        for place, mask in enumerate(sets):
            while mask & (mask - 1):
                values = list(bits(mask))
                late = sum(1 << value for value in values[len(values) // 2 :])
                first, second = (late, mask & ~late) if newest else (mask & ~late, late)
                kept = (*sets[:place], first, *sets[place + 1 :])
                mask = first if self._least((committed, kept), budget) <= budget else second
                sets = (*sets[:place], mask, *sets[place + 1 :])
        values = [mask.bit_length() - 1 for mask in self._by_variable((committed, sets))]
        return tuple(values)

    # --- Nodes ---

    def _node(self, state: State) -> Node:
        return tuple(state[v] for v in self._committed), tuple(1 << state[v] for v in self._free)

    def _by_variable(self, node: Node) -> list[int]:
        sets = [0] * len(self._tables.sizes)
        for variable, value in zip(self._committed, node[0]):
            sets[variable] = 1 << value
        for variable, mask in zip(self._free, node[1]):
            sets[variable] = mask
        return sets

    def _bound(self, node: Node) -> int:
        return self._bounds.of(node[0][self._main], self._by_variable(node))

    def _is_goal(self, state: State) -> bool:
        return not self._rest(self._node(state))

    def _rest(self, node: Node) -> int:
        """The cost of bringing the free variables to their goals where the others are at theirs."""
        committed, sets = node
        for variable, value in zip(self._committed, committed):
            if not self._tables.goals[variable] >> value & 1:
                return NEVER
        clean = self._relation.clean(committed)
        if clean is None:
            return NEVER
        total = 0
        for place, variable in enumerate(self._free):
            goal = self._tables.goals[variable] & clean[place]
            levels = self._levels(committed, place, sets[place])
            total += next((cost for cost, mask in levels if mask & goal), NEVER)
            if total >= NEVER:
                return NEVER
        return total

    # --- Costs ---

    def _within(self, state: State, budget: int) -> bool:
        return self._least(self._node(state), budget) <= budget

    def _least(self, node: Node, budget: int) -> int:
        """A cost that is enough and within the budget, else a bound above it that is not enough."""
        bound = max(self._bound(node), self._learned(node))
        if bound > budget:
            return bound
        committed, sets = node
        for known, enough in self._reached.get(committed, ()):
            if enough <= budget and all(a & b == a for a, b in zip(known, sets)):
                return enough
        children: list[tuple[int, int, int, Node]] = []
        least = self._rest(node)
        if least <= budget:
            self._reached.setdefault(committed, []).append((sets, least))
            return least
        for cost, child in self._nodes(node, budget):
            bound = cost + self._bound(child) if cost <= budget else cost
            if bound > budget:
                least = min(least, bound)
            else:
                children.append((bound, len(children), cost, child))
        children.sort()
        for _, _, cost, child in children:
            found = cost + self._least(child, budget - cost)
            if found <= budget:
                self._reached.setdefault(committed, []).append((sets, found))
                return found
            least = min(least, found)
        self._failed.setdefault(committed, []).append((sets, least))
        return least

    def _learned(self, node: Node) -> int:
        """What was found to be too little for a node that holds all states of this one."""
        found = 0
        for known, least in self._failed.get(node[0], ()):
            if least > found and all(a & b == a for a, b in zip(node[1], known)):
                found = least
        return found

    def _connects(self, start: Node) -> bool:
        """Whether the goal can be reached at all, at whatever cost."""
        todo = [start]
        seen: dict[Sets, list[Sets]] = {}
        while todo:
            node = todo.pop()
            if self._rest(node) < NEVER:
                return True
            committed, sets = node
            known = seen.setdefault(committed, [])
            if any(all(a & b == a for a, b in zip(sets, other)) for other in known):
                continue
            known.append(sets)
            children = [(self._bound(child), child) for _, child in self._nodes(node, NEVER)]
            children = [(bound, child) for bound, child in children if bound < NEVER]
            children.sort(key=lambda pair: -pair[0])
            todo += [child for _, child in children]
        return False

    # --- Changes of committed variables ---

    def _nodes(self, node: Node, budget: int) -> Iterator[tuple[int, Node]]:
        """The nodes behind one change of committed variables, with what it costs to get there.

        What is beyond the budget may come with its bound as the cost.
        """
        committed, sets = node
        found = self._relation.allowed(committed)
        assert found, "the committed values stand"
        left = [self._levels(committed, n, mask) for n, mask in enumerate(sets)]
        for change, cost in self._changes(committed):
            variables = [v for v, _ in change]
            if found[1] >= 0 and variables != [found[1]]:
                continue
            after = self._changed(committed, change)
            bound = cost + self._bounds.main[after[self._main]]
            if bound > budget:
                if bound < NEVER:
                    yield bound, (after, sets)
                continue
            through = self._relation.through(committed, after)
            if through is not None and self._enters(after, variables):
                for more, states in self._moved(after, left, through):
                    yield cost + more, (after, states)

    def _moved(
        self, after: Sets, levels: list[Levels], through: Sets
    ) -> Iterator[tuple[int, Sets]]:
        """The sets with which free variables go through a change, with the cost of each."""
        ways: list[tuple[int, Sets]] = [(0, ())]
        for place, (options, mask) in enumerate(zip(levels, through)):
            kept = self._kept(after, place, options, mask)
            ways = [(cost + more, (*sets, s)) for cost, sets in ways for more, s in kept]
        yield from ways

    def _kept(self, after: Sets, place: int, options: Levels, through: int) -> Levels:
        """The sets of one free variable without what it can still become behind the change."""
        kept: list[tuple[int, int]] = []
        for cost, mask in options:
            mask &= through
            for before, other in kept:
                for more, later in self._levels(after, place, other):
                    if before + more <= cost:
                        mask &= ~later
            if mask:
                kept.append((cost, mask))
        return tuple(kept)

    def _levels(self, committed: Sets, place: int, sources: int) -> Levels:
        """What a free variable can become beside committed values, by its least cost."""
        key = committed, place, sources
        if key not in self._known:
            self._known[key] = self._count(committed, place, sources)
        return self._known[key]

    def _count(self, committed: Sets, place: int, sources: int) -> Levels:
        found = self._relation.allowed(committed)
        assert found, "the committed values stand"
        if found[1] >= 0:
            return ((0, sources),)
        levels, seen = [], 0
        pending = {0: sources}
        while pending:
            cost = min(pending)
            new = pending.pop(cost) & ~seen
            if not new:
                continue
            seen |= new
            levels.append((cost, new))
            for more, targets in self._targets(committed, place, self._free[place], new):
                if targets & ~seen:
                    pending[cost + more] = pending.get(cost + more, 0) | targets & ~seen
        return tuple(levels)

    # --- Single steps ---

    def _children(self, node: Node) -> Iterator[tuple[int, Node]]:
        committed, sets = node
        found = self._relation.allowed(committed)
        stays = found[1] if found else -1
        for change, cost in self._changes(committed):
            variables = [v for v, _ in change]
            if stays >= 0 and variables != [stays]:
                continue
            after = self._changed(committed, change)
            through = self._relation.through(committed, after)
            if through is None or not self._enters(after, variables):
                continue
            left = tuple(a & b for a, b in zip(sets, through))
            if all(left):
                yield cost, (after, left)
        if stays >= 0:
            return
        for place, variable in enumerate(self._free):
            for cost, targets in self._targets(committed, place, variable, sets[place]):
                yield cost, (committed, (*sets[:place], targets, *sets[place + 1 :]))

    def _changed(self, committed: Sets, change: Change) -> Sets:
        """Committed values behind a change, with what it leaves behind."""
        values = list(committed)
        for variable, value in change:
            values[self._places[variable]] = value
        changed = [variable for variable, _ in change]
        for trace in self._tables.traces:
            parts = [(self._places[v], mask) for v, mask in trace.parts]
            if any(v in trace.changes for v in changed) and holds(parts, values):
                values[self._places[trace.variable]] = 1
        return tuple(values)

    def _enters(self, after: Sets, variables: list[int]) -> bool:
        """Whether a change does not itself change what has to stay in the state behind it."""
        found = self._relation.allowed(after)
        return found is not None and (found[1] < 0 or found[1] not in variables)

    def _changes(self, committed: Sets) -> Iterator[tuple[Change, int]]:
        """The steps of committed variables: of several together, and of each alone."""
        tables = self._tables
        for variables, tuples in tables.couples:
            now = [committed[self._places[v]] for v in variables]
            for values in tuples:
                change = tuple(
                    (v, value) for v, value, old in zip(variables, values, now) if value != old
                )
                if len(change) < 2 or not all(
                    tables.edges[v][old] >> value & 1
                    for v, value, old in zip(variables, values, now)
                    if value != old
                ):
                    continue
                yield change, self._price(change, committed)
        for place, variable in enumerate(self._committed):
            value = committed[place]
            for target in bits(tables.edges[variable][value]):
                if self._may_trace(variable, committed):
                    change = ((variable, target),)
                    yield change, self._price(change, committed)

    def _may_trace(self, variable: int, committed: Sets) -> bool:
        for trace in self._tables.traces:
            parts = [(self._places[v], mask) for v, mask in trace.parts]
            if trace.variable == variable and not holds(parts, committed):
                return False
        return True

    def _price(self, change: Change, committed: Sets) -> int:
        return self._tables.step + sum(
            cost_of(self._tables, v, committed[self._places[v]], value) for v, value in change
        )

    def _targets(
        self, committed: Sets, place: int, variable: int, sources: int
    ) -> list[tuple[int, int]]:
        """Where a free variable can go in one step, by the cost of it."""
        found: dict[int, int] = {}
        edges = self._tables.edges[variable]
        priced = bool(self._tables.prices[variable])
        for source in bits(sources):
            targets = self._relation.moved(committed, place, source, edges[source])
            if not priced:
                found[0] = found.get(0, 0) | targets
                continue
            for cost, part in divided(self._tables, variable, source, targets):
                found[cost] = found.get(cost, 0) | part
        return [(self._tables.step + c, mask) for c, mask in sorted(found.items()) if mask]
