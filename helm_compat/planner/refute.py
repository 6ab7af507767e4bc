"""Why there is no way: a derivation from facts with sources, and the least that would make one."""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

from helm_compat.errors import UsageError
from helm_compat.knowledge.product import Source
from helm_compat.planner.constraints import Constraint
from helm_compat.planner.problem import Problem, build_problem
from helm_compat.planner.search import Search
from helm_compat.planner.tables import STEP, bits, broken, holds
from helm_compat.planner.wishes import Wishes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# A derivation of more lines explains nothing.
_LINES = 8


class Line(NamedTuple):
    """One conclusion of a derivation: `because` of facts, `so`."""

    because: tuple[str, ...]
    so: str
    evidence: tuple[Source, ...]


class Relaxation(NamedTuple):
    """A smallest set of wishes to give up, as options, and how many steps the way then has."""

    wishes: tuple[str, ...]
    steps: int


class Blocked(NamedTuple):
    """Why there is no way. `kind` is start, unknown or path.

    Each line of the derivation rests on facts and on the lines before it.
    """

    kind: str
    lines: tuple[Line, ...]
    relax: tuple[Relaxation, ...]


def start_problems(problem: Problem) -> list[Constraint]:
    """What the state at the start breaks; nothing where it may be unsupported."""
    if problem.wishes.unsupported_start:
        return (
            []
            if all(v.values[0].low or v.role in ("api", "mark") for v in problem.variables)
            else _unread(problem)
        )
    start = problem.tables.start
    excused: set[int] = set()
    for passing in problem.tables.passings:
        if holds(passing.parts, start):
            excused |= passing.excused
    wrong = [n for n in broken(problem.tables, start) if n not in excused]
    return _unread(problem) + [problem.constraints[problem.numbers[n]] for n in wrong]


def _unread(problem: Problem) -> list[Constraint]:
    return [
        Constraint(
            ((n, 1),),
            "unknown",
            "unreadable-version",
            "",
            f"{v.values[0].text!r} names no release of {v.name}",
            "",
            (),
        )
        for n, v in enumerate(problem.variables)
        if v.role not in ("api", "mark") and not v.values[0].low
    ]


def refute(problem: Problem) -> Blocked:
    """The derivation, and the smallest relaxations, each of which was planned anew."""
    wrong = start_problems(problem)
    if wrong:
        lines = [_start_line(problem, constraint) for constraint in wrong]
        kind = "unknown" if all(c.verdict == "unknown" for c in wrong) else "start"
        lines += _unknown_goals(problem)
    else:
        lines = _unknown_goals(problem)
        kind = "unknown" if lines else "path"
        lines = lines or _lost_goals(problem) or _goals_apart(problem)
        lines = lines or _steps_closed(problem) or _dead_end(problem)
    return Blocked(kind, tuple(lines[:_LINES]), tuple(relaxations(problem)))


def _state_words(problem: Problem, constraint: Constraint) -> str:
    start = problem.tables.start
    return " with ".join(
        f"{problem.variables[v].name} {problem.variables[v].values[start[v]].text}"
        for v, _ in constraint.parts
    )


def _start_line(problem: Problem, constraint: Constraint) -> Line:
    words = _state_words(problem, constraint)
    verdict = "not known to be supported" if constraint.verdict == "unknown" else "not supported"
    if constraint.rule == "unreadable-version":
        verdict = "not known"
    reason = (constraint.reason,) if constraint.reason else ()
    return Line(
        (constraint.fact, *reason), f"{words}, where it begins, is {verdict}", constraint.evidence
    )


def _unknown_goals(problem: Problem) -> list[Line]:
    """Goals of which every release is unknown by itself."""
    lines = []
    for number in problem.goals:
        variable, goal = problem.variables[number], problem.tables.goals[number]
        unknown = [
            c
            for c in problem.constraints
            if c.verdict == "unknown" and len(c.parts) == 1 and c.parts[0][0] == number
        ]
        covered = 0
        for constraint in unknown:
            covered |= constraint.parts[0][1]
        if goal and not goal & ~covered:
            words = f"{variable.name} {_wished(problem, number)} is unknown"
            so = f"{words}, and nothing unknown is crossed or targeted"
            lines.append(Line(_facts(unknown), so, _evidence(unknown)))
    return lines


def _lost_goals(problem: Problem) -> list[Line]:
    """Goals without a release: older than what is there, left out, or none that is known."""
    lines = []
    for number in problem.goals:
        if problem.tables.goals[number]:
            continue
        variable, wished = problem.variables[number], _wished(problem, number)
        fact = f"no release of {variable.name} that is known, and not left out, is {wished}"
        lost = Line((fact,), f"{variable.name} {wished} cannot be the goal", ())
        lines.append(_older_goal(problem, number) or lost)
    return lines


def _older_goal(problem: Problem, number: int) -> Line | None:
    """That a goal is older than what is there, in the words of the product's file."""
    variable, limits = problem.variables[number], problem.goals[number]
    start = variable.values[problem.tables.start[number]]
    if not limits or not limits.upper or not start.low or start.low.key < limits.upper.cut.key:
        return None
    if limits.holds(start.low):
        return None
    rows = [r for r in problem.product.downgrades if r.component == variable.component]
    facts = tuple(r.fact.message for r in rows if r.fact.message)
    words = f"{variable.name} {start.text} to {_wished(problem, number)} is a downgrade"
    evidence = tuple(e for r in rows for e in r.fact.evidence)
    return Line(facts, f"{words}, which is not allowed", evidence)


def _wished(problem: Problem, number: int) -> str:
    variable = problem.variables[number]
    said = [s.text for s in problem.wishes.goals if s.name in (variable.name, variable.component)]
    return " and ".join(said)


def _goals_apart(problem: Problem) -> list[Line]:
    """Two goals that no releases meet together."""
    lines = []
    fixed = [n for n in range(len(problem.variables)) if n in problem.goals or _is_kept(problem, n)]
    for a, b in combinations(fixed, 2):
        mine = [
            c
            for c in problem.constraints
            if c.verdict != "warning" and {v for v, _ in c.parts} <= {a, b}
        ]
        masks = {
            n: problem.tables.goals[n] if n in problem.goals else 1 << problem.tables.start[n]
            for n in (a, b)
        }
        used = _covering(mine, a, b, masks)
        if used:
            names = " with ".join(
                f"{problem.variables[n].name} {_wished(problem, n) if n in problem.goals else problem.variables[n].values[problem.tables.start[n]].text}"
                for n in (a, b)
            )
            verdict = "unknown" if any(c.verdict == "unknown" for c in used) else "not supported"
            lines.append(Line(_facts(used), f"{names} is {verdict}", _evidence(used)))
    return lines


def _is_kept(problem: Problem, number: int) -> bool:
    return not any(problem.tables.edges[number]) and problem.variables[number].role != "mark"


def _covering(
    constraints: Sequence[Constraint], a: int, b: int, masks: dict[int, int]
) -> list[Constraint]:
    """Constraints that leave no pair of the values; none where a pair is left."""
    used: dict[Constraint, None] = {}
    for x in bits(masks[a]):
        for y in bits(masks[b]):
            values = {a: x, b: y}
            hit = next(
                (c for c in constraints if all(m >> values[v] & 1 for v, m in c.parts)), None
            )
            if hit is None:
                return []
            used[hit] = None
    return list(used)


def _facts(used: Sequence[Constraint]) -> tuple[str, ...]:
    texts = [f"{c.fact}{f' ({c.reason})' if c.reason else ''}" for c in used]
    return tuple(dict.fromkeys(texts))


def _evidence(used: Sequence[Constraint]) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(source for c in used for source in c.evidence))


def _steps_closed(problem: Problem) -> list[Line]:
    """Where every way ends, why nothing leads on from there, and what that means for the goal."""
    reached = Search(problem.tables).reachable()
    main = problem.tables.main
    name = problem.variables[main]
    lines = [*_goal_steps(problem)]
    here = list(bits(reached[main]))
    beyond: dict[str, tuple[Source, ...]] = {}
    last = -1
    for target in range(problem.tables.sizes[main]):
        if reached[main] >> target & 1:
            continue
        sources = [a for a in here if problem.tables.edges[main][a] >> target & 1]
        used = _why_closed(problem, reached, sources, target) if sources else []
        if used:
            so = f"nothing leads from {name.name} {name.values[sources[-1]].text} to {name.values[target].text}"
            lines.append(Line(_facts(used), so, _evidence(used)))
            last = target
        elif not sources and target > here[-1] and not beyond:
            for refused in problem.refused(main, here[-1], target):
                beyond[refused.fact] = refused.evidence
    if beyond and last >= 0:
        evidence = tuple(dict.fromkeys(e for found in beyond.values() for e in found))
        so = f"no way goes beyond {name.name} {name.values[here[-1]].text}"
        lines.append(Line(tuple(beyond), so, evidence))
    return [*lines, *_goals_out_of_reach(problem, reached)]


def _dead_end(problem: Problem) -> list[Line]:
    """What stays broken at the start, and what the first steps would break."""
    start = problem.tables.start
    broken_now = [c for c in problem.said(start) if c.verdict != "warning"]
    lines = []
    if broken_now:
        so = "the start is not supported, and no steps repair it"
        lines.append(Line(_facts(broken_now), so, _evidence(broken_now)))
    first: list[Constraint] = []
    for number in range(len(problem.variables)):
        for value in bits(problem.tables.edges[number][start[number]]):
            after = (*start[:number], value, *start[number + 1 :])
            found = [c for c in problem.said(after) if c.verdict != "warning"]
            first += [c for c in found if c not in broken_now and c not in first]
    facts = _facts(first)[:4] or ("nothing may change",)
    lines.append(Line(facts, "no steps lead to the goal", _evidence(first[:4])))
    return lines


def _goals_out_of_reach(problem: Problem, reached: Sequence[int]) -> Iterator[Line]:
    """Goals that no release of the main variable fits that a way comes to."""
    main = problem.tables.main
    name = problem.variables[main]
    bad = [c for c in problem.constraints if c.verdict != "warning"]
    pins = [said for said in problem.wishes.pins if said.name in (name.name, name.component)]
    for number in problem.goals:
        mine = [c for c in bad if {v for v, _ in c.parts} <= {main, number}]
        masks = {main: reached[main], number: problem.tables.goals[number]}
        used = _covering(mine, main, number, masks) if number != main else []
        if used:
            newest = [
                c
                for c in used
                if dict(c.parts).get(main, 0) >> (reached[main].bit_length() - 1) & 1
            ]
            facts = _facts(newest or used)[:2]
            kept = tuple(f"you keep {name.name} to {said.text}" for said in pins)
            variable = problem.variables[number]
            so = f"{variable.name} {_wished(problem, number)} fits no {name.name} that can be reached"
            yield Line((*facts, *kept), so, _evidence(newest or used))


def _goal_steps(problem: Problem) -> Iterator[Line]:
    """Goals that the steps of their own variable never come to."""
    for number in problem.goals:
        variable, goal = problem.variables[number], problem.tables.goals[number]
        seen = todo = 1 << problem.tables.start[number]
        while todo:
            new = 0
            for value in bits(todo):
                new |= problem.tables.edges[number][value]
            todo, seen = new & ~seen, seen | new
        if seen & goal:
            continue
        facts: dict[str, tuple[Source, ...]] = {}
        ahead = list(range(seen.bit_length(), goal.bit_length())) or list(bits(goal))
        for target in (*ahead[:1], *(v for v in ahead if goal >> v & 1)):
            for source in bits(seen):
                for refused in problem.refused(number, source, target):
                    if refused.rule != "same":
                        facts.setdefault(refused.fact, refused.evidence)
        evidence = tuple(dict.fromkeys(e for found in facts.values() for e in found))
        so = f"no step leads {variable.name} to {_wished(problem, number)}"
        yield Line(tuple(facts)[:3], so, evidence)


def _why_closed(
    problem: Problem, reached: Sequence[int], sources: Sequence[int], target: int
) -> list[Constraint]:
    """The constraints of the nearest source and of the target that exclude each other."""
    main = problem.tables.main
    bad = [c for c in problem.constraints if c.verdict != "warning"]
    alone = [
        c
        for c in bad
        if len(c.parts) == 1 and c.parts[0][0] == main and c.parts[0][1] >> target & 1
    ]
    if alone:
        return alone
    source = sources[-1]
    for number in range(len(problem.variables)):
        if number == main:
            continue
        left, used = reached[number], []
        for value in (source, target):
            for constraint in bad:
                parts = dict(constraint.parts)
                if (
                    set(parts) == {main, number}
                    and parts[main] >> value & 1
                    and left & parts[number]
                ):
                    left &= ~parts[number]
                    used.append(constraint)
        if not left:
            return used
    return []


# --- Relaxations ---


def relaxations(problem: Problem) -> Iterator[Relaxation]:
    """The smallest sets of wishes without which there is a way, each tried."""
    candidates = list(_candidates(problem))
    found = []
    for text, wishes in candidates:
        steps = _steps(problem, wishes)
        if steps is not None:
            found.append(Relaxation((text,), steps))
    if not found and len(candidates) > 1:
        found = _together(problem, candidates)
    if not found:
        for text, wishes in _last_candidates(problem):
            steps = _steps(problem, wishes)
            found += [Relaxation((text,), steps)] if steps is not None else []
    yield from found


def _together(problem: Problem, candidates: list[tuple[str, Wishes]]) -> list[Relaxation]:
    """One smallest set of several, by leaving out what is not needed."""
    kept = candidates
    if not _leads(problem, _joined(problem.wishes, kept)):
        return []
    for candidate in candidates:
        fewer = [other for other in kept if other is not candidate]
        if fewer and _leads(problem, _joined(problem.wishes, fewer)):
            kept = fewer
    steps = _steps(problem, _joined(problem.wishes, kept))
    assert steps is not None, "it was tried just now"
    return [Relaxation(tuple(text for text, _ in kept), steps)]


def _joined(wishes: Wishes, candidates: Sequence[tuple[str, Wishes]]) -> Wishes:
    """What is left when several wishes are given up at once."""
    goals = [s for s in wishes.goals if all(s in other.goals for _, other in candidates)]
    pins = [s for s in wishes.pins if all(s in other.pins for _, other in candidates)]
    return wishes._replace(
        goals=tuple(goals),
        pins=tuple(pins),
        downgrades=frozenset().union(*(other.downgrades for _, other in candidates)),
        inferred=any(other.inferred for _, other in candidates),
        unsupported_start=any(other.unsupported_start for _, other in candidates),
    )


def _leads(problem: Problem, wishes: Wishes) -> bool:
    """Whether there is a way for other wishes."""
    search = _search(problem, wishes)
    return search is not None and search.is_possible()


def _steps(problem: Problem, wishes: Wishes) -> int | None:
    """The number of steps that other wishes take; None where there is no way."""
    search = _search(problem, wishes)
    cost = search.cost() if search else None
    return None if cost is None else cost // STEP


def _search(problem: Problem, wishes: Wishes) -> Search | None:
    """The search for other wishes; None where they cannot be, or not from where it begins."""
    wishes = wishes._replace(restarts_first=False)
    try:
        other = build_problem(problem.product, problem.planning, wishes)
    except UsageError:
        return None
    return None if start_problems(other) else Search(other.tables)


def _candidates(problem: Problem) -> Iterator[tuple[str, Wishes]]:
    """Each wish that could be given up, in words, and the wishes without it."""
    wishes = problem.wishes
    if not wishes.unsupported_start and start_problems(problem):
        yield "--allow-unsupported-start", wishes._replace(unsupported_start=True)
    weak = any(row.inferred or row.described for row in problem.product.upgrades)
    if not wishes.inferred and weak:
        yield "--allow-inferred", wishes._replace(inferred=True)
    for number, variable in enumerate(problem.variables):
        goal = problem.tables.goals[number]
        start = 1 << problem.tables.start[number]
        older = variable.role != "mark" and number in problem.goals and not goal & ~(start - 1)
        if older and variable.component not in wishes.downgrades:
            allowed = wishes.downgrades | {variable.component}
            yield f"--allow-downgrade {variable.component}", wishes._replace(downgrades=allowed)
    for said in wishes.pins:
        left = tuple(other for other in wishes.pins if other is not said)
        yield f"without {said.origin}", wishes._replace(pins=left)
    for said in wishes.goals if len(wishes.goals) > 1 else ():
        left = tuple(other for other in wishes.goals if other is not said)
        yield f"without {said.origin}", wishes._replace(goals=left)


def _last_candidates(problem: Problem) -> Iterator[tuple[str, Wishes]]:
    """What is hardly ever wanted: another platform."""
    wishes = problem.wishes
    for name in sorted({v.component for v in problem.variables if v.role == "platform"}):
        if name not in wishes.downgrades:
            allowed = wishes.downgrades | {name}
            yield f"--allow-downgrade {name}", wishes._replace(downgrades=allowed)
