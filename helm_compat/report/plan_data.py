"""A plan as plain data, in the shape of `schemas/plan.schema.json`."""

from __future__ import annotations

from helm_compat import __version__
from helm_compat.knowledge.ranges import shown
from helm_compat.report.data import SCHEMA_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from helm_compat.knowledge.product import Source
    from helm_compat.planner.explain import Reason, Task
    from helm_compat.planner.plan import Move, Plan
    from helm_compat.planner.refute import Blocked
    from helm_compat.planner.wishes import Said, Wishes

    Data = dict[str, Any]


def plan_data(plan: Plan) -> Data:
    """A plan with what it was asked for, so that it can be checked and resumed."""
    problem = plan.problem
    steps = [entry for number, move in enumerate(plan.moves, 1) for entry in _entries(number, move)]
    return {
        "schemaVersion": SCHEMA_VERSION,
        "tool": {"name": "helm-compat", "version": __version__},
        "product": problem.product.name,
        "title": problem.product.title,
        "wishes": wishes_data(problem.wishes),
        "start": [
            {
                "component": variable.name,
                "version": variable.values[value].text,
                "guessed": variable.role == "api" and problem.guessed,
            }
            for variable, value in zip(problem.variables, problem.tables.start)
            if variable.role != "mark"
        ],
        "goal": [
            {
                "component": problem.variables[number].name,
                "wants": shown(limits).removeprefix("exactly ")
                if limits
                else _api_goal(problem.wishes),
            }
            for number, limits in problem.goals.items()
        ],
        "summary": {
            "steps": len(plan.moves),
            "restarts": sum(len(move.restarts) for move in plan.moves),
            "dataMovements": sum(len(move.moves_data) for move in plan.moves),
        },
        "risks": [_reason(reason) for reason in plan.risks],
        "notDirectly": [_reason(reason) for reason in plan.directly],
        "steps": steps,
        "blocked": _blocked(plan.blocked) if plan.blocked else None,
    }


def wishes_data(wishes: Wishes) -> Data:
    """What was asked for, in the words of the command line."""
    return {
        "from": _said(wishes.start),
        "to": _said(wishes.goals),
        "pin": _said(wishes.pins),
        "prefer": [
            *(["restarts"] if wishes.restarts_first else []),
            *(["oldest"] if wishes.oldest else []),
            *_said(wishes.preferred),
        ],
        "allowDowngrade": sorted(wishes.downgrades),
        "allowInferred": wishes.inferred,
        "allowUnsupportedStart": wishes.unsupported_start,
    }


def _api_goal(wishes: Wishes) -> str:
    return next(said.text for said in wishes.goals if said.component == "api")


def _said(entries: Iterable[Said]) -> list[str]:
    return [f"{said.name}={said.text}" for said in entries]


def _entries(number: int, move: Move) -> list[Data]:
    """One entry for each component of a step; those of one step have one group."""
    group = str(number) if len(move.changes) > 1 else None
    return [
        {
            "step": number,
            "component": change.name,
            "from": change.before,
            "to": change.after,
            "line": change.is_line,
            "group": group,
            "chart": change.chart or None,
            "why": [_reason(reason) for reason in move.reasons],
            "tasks": [_task(task) for task in move.tasks],
            "restarts": list(move.restarts),
            "movesData": list(move.moves_data),
            "warnings": [_reason(reason) for reason in move.warnings],
        }
        for change in move.changes
    ]


def _reason(reason: Reason) -> Data:
    return {
        "kind": reason.kind,
        "text": reason.text,
        "rule": reason.rule or None,
        "id": reason.id or None,
        "step": reason.step or None,
        "evidence": _evidence(reason.evidence),
    }


def _task(task: Task) -> Data:
    return {
        "when": task.when,
        "text": task.text,
        "hint": task.hint,
        "id": task.id or None,
        "evidence": _evidence(task.evidence),
    }


def _blocked(blocked: Blocked) -> Data:
    return {
        "kind": blocked.kind,
        "reasons": [
            {
                "because": list(line.because),
                "so": line.so,
                "evidence": _evidence(line.evidence),
            }
            for line in blocked.lines
        ],
        "relax": [
            {"wishes": list(relaxation.wishes), "steps": relaxation.steps}
            for relaxation in blocked.relax
        ],
    }


def _evidence(sources: Iterable[Source]) -> list[Data]:
    return [{"source": source.where, "read": source.read} for source in sources]
