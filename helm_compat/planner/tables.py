"""The problem of a plan as numbers: variables with small domains, and sets of values as bits.

A value is its place in its variable's domain, oldest first; a mask is an integer with a bit for
each value of one domain. Nothing here knows of products.
"""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

State = tuple[int, ...]

# One step outweighs all disruption, and one disruption all releases outside of what is preferred.
STEP, WEIGHT, OUTSIDE = 1 << 40, 1 << 20, 1


class Nogood(NamedTuple):
    """Values that may not stand together: one out of each mask, by variable.

    A `soft` one holds in the state at the start, and may until a step ends it.
    """

    parts: tuple[tuple[int, int], ...]
    soft: bool = False


class Price(NamedTuple):
    """What a step of a variable costs more when it leads from one mask to another."""

    cost: int
    source: int
    target: int


class Passing(NamedTuple):
    """A documented state outside of the rules: where `parts` hold, `excused` nogoods do not count.

    It is entered while `stays` stays, and left by a step of `stays`, the very next one.
    """

    parts: tuple[tuple[int, int], ...]
    stays: int
    excused: frozenset[int]


class Trace(NamedTuple):
    """A variable that a step of one of `changes` turns from 0 to 1 while `parts` hold.

    While they hold it can be turned by a step of its own, too.
    """

    variable: int
    changes: tuple[int, ...]
    parts: tuple[tuple[int, int], ...]


class Tables(NamedTuple):
    """One problem.

    `edges[v][a]` is the mask of values that a step of variable v can lead to from a. `couples`
    are variables that may change in one step, with the tuples of values that they then have.
    `prices[v]` add to `step`, the cost of one step. `main` is the variable that most others depend on. What is `mild` is
    rather avoided where the costs are equal.
    """

    sizes: tuple[int, ...]
    start: State
    goals: tuple[int, ...]
    nogoods: tuple[Nogood, ...]
    edges: tuple[tuple[int, ...], ...]
    prices: tuple[tuple[Price, ...], ...]
    couples: tuple[tuple[tuple[int, ...], tuple[tuple[int, ...], ...]], ...]
    passings: tuple[Passing, ...]
    traces: tuple[Trace, ...]
    main: int
    step: int = STEP
    mild: tuple[Nogood, ...] = ()


def bits(mask: int) -> Iterator[int]:
    """The values of a mask, oldest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def full(size: int) -> int:
    """The mask of a whole domain."""
    return (1 << size) - 1


def holds(parts: Sequence[tuple[int, int]], state: Sequence[int]) -> bool:
    """Whether a state lies in all masks."""
    return all(mask >> state[variable] & 1 for variable, mask in parts)


def cost_of(tables: Tables, variable: int, before: int, after: int) -> int:
    """The cost of changing one variable, without that of the step itself."""
    return sum(
        price.cost
        for price in tables.prices[variable]
        if price.source >> before & 1 and price.target >> after & 1
    )


def divided(tables: Tables, variable: int, before: int, targets: int) -> list[tuple[int, int]]:
    """Targets of a step by what it costs, without the step itself, the cheapest first."""
    parts = {0: targets}
    for price in tables.prices[variable]:
        if not price.source >> before & 1:
            continue
        found: dict[int, int] = {}
        for cost, mask in parts.items():
            for more, part in ((price.cost, mask & price.target), (0, mask & ~price.target)):
                if part:
                    found[cost + more] = found.get(cost + more, 0) | part
        parts = found
    return sorted((cost, mask) for cost, mask in parts.items() if mask)


def broken(tables: Tables, state: State) -> list[int]:
    """The nogoods that a state breaks, passing states apart."""
    return [n for n, nogood in enumerate(tables.nogoods) if holds(nogood.parts, state)]
