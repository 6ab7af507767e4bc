"""Any question has an answer: a way that holds, or facts against it and wishes that help."""

from __future__ import annotations

import json
from functools import cache

from command import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from helm_compat.errors import UsageError
from helm_compat.knowledge.builtin import read_products
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.planning import Planning, build_planning
from helm_compat.planner.plan import Plan, make_plan
from helm_compat.planner.problem import build_problem
from helm_compat.planner.wishes import Said, Wishes
from helm_compat.report.plan_data import plan_data
from helm_compat.report.plan_markdown import plan_markdown, plan_mermaid
from helm_compat.report.plan_shell import plan_shell
from helm_compat.report.plan_text import plan_text

SCHEMA = Draft202012Validator(json.loads((ROOT / "schemas" / "plan.schema.json").read_bytes()))
PRODUCTS = Products(read_products())
VERSIONS = {
    "database": ["5.6", "5.7", "6.4", "7.2", "8.0.0", "8.1.0.4", "8.1.2", "8.1", "9.0", "6.1.0.50"],
    "kubernetes": ["1.16", "1.22", "1.23", "1.28.3", "1.30", "1.31", "1.33", "1.35", "1.36"],
    "init": ["1.2.0", "2.2.6", "2.5.3", "3.23", "3.27", "3.28", "4.1", "4.9"],
    "sidecar": ["RELEASE.2026-04-11T08-21-39Z", "RELEASE.2026-05-11T08-21-39Z"],
    "kes": ["RELEASE.2026-04-13T20-11-36Z"],
    "api": ["v1", "v1beta1", "v1alpha1"],
}


@cache
def planning(name: str) -> Planning:
    return build_planning(PRODUCTS.data(name), PRODUCTS[name])


def versions(name: str, component: str) -> list[str]:
    if component == "object-store":
        shipped = [version.text for version in planning(name).shipped[component]]
        return [*shipped, "RELEASE.2026-09-01T00-00-00Z"]
    known = [r.version.text for r in PRODUCTS[name].components[component].releases]
    return known or VERSIONS[component]


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, Wishes]:
    name = draw(st.sampled_from(PRODUCTS.names))
    components = PRODUCTS[name].components
    operator = next(c for c, found in components.items() if found.role == "operator")
    others = [c for c in components if c != operator]
    have = [operator, *draw(st.lists(st.sampled_from(others), unique=True))]

    def said(component: str, flag: str, sign: str = "") -> Said:
        text = draw(st.sampled_from(versions(name, component)))
        return Said(component, f"{sign}{text}", f"{flag} {component}={sign}{text}")

    def some() -> list[str]:
        return draw(st.lists(st.sampled_from(have), max_size=2, unique=True))

    start = [said(component, "--from") for component in have]
    if name == "aerospike" and draw(st.booleans()):
        start.append(Said("api", draw(st.sampled_from(VERSIONS["api"])), "--from api"))
    goals = draw(st.lists(st.sampled_from(have), min_size=1, max_size=3, unique=True))
    return name, Wishes(
        tuple(start),
        tuple(said(component, "--to") for component in goals),
        tuple(said(c, "--pin", draw(st.sampled_from(["<=", ">="]))) for c in some()),
        tuple(said(c, "--prefer") for c in some()),
        frozenset(some()),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
    )


@settings(max_examples=60, deadline=None)
@given(questions())
def test_every_question_is_answered(question: tuple[str, Wishes]) -> None:
    name, wishes = question
    try:
        problem = build_problem(PRODUCTS[name], planning(name), wishes)
    except UsageError:
        return
    plan = make_plan(problem)
    data = plan_data(plan)
    assert [error.message for error in SCHEMA.iter_errors(data)] == []
    for text in (plan_text(data, colour=False), plan_markdown(data), plan_mermaid(data)):
        assert text.endswith("\n")
    assert plan_shell(plan, data, PRODUCTS.data(name), "r.example.com").startswith("#!/bin/sh\n")
    check_way(plan)
    check_relaxations(name, plan)


def check_way(plan: Plan) -> None:
    """Each step begins where the one before ended, and nothing moves against what is allowed."""
    here = {
        v.name: v.values[value].text
        for v, value in zip(plan.problem.variables, plan.problem.tables.start)
    }
    for move in plan.moves:
        for change in move.changes:
            assert here[change.name] == change.before != change.after
            here[change.name] = change.after
    if plan.blocked:
        return
    for number in plan.problem.goals:
        variable = plan.problem.variables[number]
        reached = next(n for n, v in enumerate(variable.values) if v.text == here[variable.name])
        assert plan.problem.tables.goals[number] >> reached & 1


def check_relaxations(name: str, plan: Plan) -> None:
    """Every single wish that is named makes a way of as many steps when it is given up."""
    for relaxation in plan.blocked.relax if plan.blocked else ():
        wishes = plan.problem.wishes._replace(restarts_first=False)
        for text in relaxation.wishes:
            option, _, what = text.partition(" ")
            if option == "without":
                wishes = wishes._replace(
                    goals=tuple(s for s in wishes.goals if s.origin != what),
                    pins=tuple(s for s in wishes.pins if s.origin != what),
                )
            elif option == "--allow-downgrade":
                wishes = wishes._replace(downgrades=wishes.downgrades | {what})
            elif option == "--allow-inferred":
                wishes = wishes._replace(inferred=True)
            else:
                assert option == "--allow-unsupported-start"
                wishes = wishes._replace(unsupported_start=True)
        other = make_plan(build_problem(PRODUCTS[name], planning(name), wishes))
        assert (other.blocked, len(other.moves)) == (None, relaxation.steps)
