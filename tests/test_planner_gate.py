"""The planner's states against the gate's verdicts: what one allows, the other calls compatible."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helm_compat.cli.check import check_versions
from helm_compat.gate.judge import Gate
from helm_compat.knowledge.builtin import read_products
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.detections import build_detections
from helm_compat.knowledge.planning import build_planning
from helm_compat.planner.domain import Value
from helm_compat.planner.problem import Problem, build_problem
from helm_compat.planner.wishes import Said, Wishes

DATA = read_products()
PRODUCTS = Products(DATA)
GATE = Gate(PRODUCTS, build_detections(DATA), (), {})

# Something to begin with, from which every release can be asked for.
STARTS = {
    "aerospike": "operator=4.0.2 database=6.0.0.0 backup-service=3.0.0 init=2.2.6 kubernetes=1.25",
    "kubeairunway": "controller=0.3.1 kaito=0.4.5 dynamo=0.7.1 kuberay=1.3.0 kubernetes=1.28",
    "minio-aistor": "operator=RELEASE.2026-03-18T17-36-17Z"
    " object-store=RELEASE.2026-03-17T21-25-16Z kubernetes=1.28",
    "nvidia-aistore": "operator=2.2.0 aisnode=3.27 init=3.27 kubernetes=1.30",
}
# Releases that no file lists: above, below and between what is known, and other spellings.
MORE = {
    "operator": ["0.1.0", "2.6.0", "3.9.0", "4.6.0", "5.0.0"],
    "controller": ["0.1.5", "0.2.0", "0.9.0"],
    "kaito": ["0.2.0", "0.3.5", "1.0.0"],
    "dynamo": ["0.0.1", "0.1.0", "2.0.0"],
    "kuberay": ["1.0.0", "1.1.0", "1.1.9"],
    "database": ["4.9.0.2", "6.1.0.47", "7.3.0.0", "8.1.3.0", "8.1.2.0_1", "9.0.0.0"],
    "backup-service": ["2.5.0", "3.0.9", "3.5.7", "4.0.0"],
    "aisnode": ["3.20", "3.28.1", "4.0.5", "4.4", "5.1"],
    "init": ["1.2.0", "2.0", "4.1", "5.0"],
    "object-store": ["RELEASE.2025-01-01T00-00-00Z", "RELEASE.2026-08-01T00-00-00Z"],
    "kubernetes": ["1.15", "1.26.3", "1.36", "1.31.4-eks-1", "2.0"],
}
DATES = [
    "RELEASE.2025-01-01T00-00-00Z",
    "RELEASE.2026-05-01T00-00-00Z",
    "RELEASE.2026-09-01T00-00-00Z",
]


@cache
def problem(name: str, components: frozenset[str], more: tuple[tuple[str, str], ...]) -> Problem:
    """A problem whose domains have all releases, and one more for each component."""
    said = [text.partition("=") for text in STARTS[name].split()]
    start = tuple(Said(c, dict(more).get(c, v), c) for c, _, v in said if c in components)
    goals = (Said(start[0].name, "any", "goal"),)
    wishes = Wishes(start, goals, downgrades=frozenset(components))
    return build_problem(
        PRODUCTS[name], build_planning(PRODUCTS.data(name), PRODUCTS[name]), wishes
    )


def written(value: Value) -> str:
    """A release of a line, which stands for all of them."""
    if not value.is_line:
        return value.text
    assert value.low, "a line has releases"
    return ".".join(map(str, value.low.key.numbers))


def verdict_of(found: Problem, state: list[int]) -> str:
    verdicts = {constraint.verdict for constraint in found.said(state)} - {"warning"}
    return next((v for v in ("incompatible", "unknown") if v in verdicts), "compatible")


@st.composite
def states(draw: st.DrawFn, name: str) -> tuple[list[str], str]:
    """Versions as `check` takes them, and what the planner says of them."""
    said = [text.partition("=")[0] for text in STARTS[name].split()]
    components = frozenset([said[0], *draw(st.lists(st.sampled_from(said[1:]), unique=True))])
    more = []
    for component in sorted(components):
        known = DATES if name == "minio-aistor" and component == "operator" else MORE[component]
        if draw(st.booleans()):
            more.append((component, draw(st.sampled_from(known))))
    found = problem(name, components, tuple(more))
    state = [draw(st.integers(0, len(v.values) - 1)) for v in found.variables]
    for number, variable in enumerate(found.variables):
        if variable.role == "mark":
            state[number] = 1
        if variable.component == "api":
            # The gate sees API versions in objects, of which there are none here.
            state[number] = len(variable.values) - 1
    versions = [
        f"{v.component}={written(v.values[s])}"
        for v, s in zip(found.variables, state)
        if v.role != "mark" and v.component != "api"
    ]
    numbers = [n for n, v in enumerate(found.variables) if v.component == "api"]
    kept = [c for c in found.constraints if not {v for v, _ in c.parts} & set(numbers)]
    return versions, verdict_of(found._replace(constraints=tuple(kept)), state)


SEEN: dict[str, Counter[str]] = {name: Counter() for name in STARTS}


@pytest.mark.parametrize("name", STARTS)
def test_planner_and_gate_agree(name: str) -> None:
    @settings(max_examples=400, deadline=None)
    @given(states(name))
    def agree(drawn: tuple[list[str], str]) -> None:
        versions, verdict = drawn
        SEEN[name][verdict] += 1
        assert check_versions(name, versions, GATE, {}).verdict == verdict, versions

    agree()
    # The one row of KubeAIRunway is for no release, and AIStor has few that nobody judges.
    wanted = {"kubeairunway": {"unknown"}, "minio-aistor": {"compatible", "incompatible"}}
    assert wanted.get(name, {"compatible", "unknown", "incompatible"}) <= set(SEEN[name])


def test_every_product_is_compared() -> None:
    assert sorted(STARTS) == PRODUCTS.names
