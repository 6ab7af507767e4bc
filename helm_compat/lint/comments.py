"""Suppressions that stand beside what they are about.

In manifests, templates, values files and Chart.yaml as a comment on the line of a finding or
alone above it, `# helm-compat: ignore[RULE, …] until=2026-12-31 reason=why`; in templates also
between `{{/*` and `*/}}`; on an object as the annotation `helm-compat/ignore`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from helm_compat.findings import Finding
from helm_compat.lint.ignores import EXPIRED, UNUSED, Ignore, find_ignores
from helm_compat.lint.places import Placed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from helm_compat.lint.inspect import State


def apply_comments(
    placed: Sequence[Placed], state: State, values: Sequence[tuple[str, str]], *, today: str
) -> list[Placed]:
    """Mark what comments suppress, and report those that do not count or that nothing needed.

    `values` are the names and texts of the user's values files, `today` is year-month-day.
    """
    ignores = list(find_ignores(state, values))
    valid = [ignore for ignore in ignores if not _is_over(ignore, today)]
    used: set[str] = set()
    result = []
    for item in placed:
        rule = item.finding.rule
        # What is said of suppressions is for whoever wrote them.
        judged = rule not in (UNUSED, EXPIRED)
        mine = [i for i in valid if judged and rule in i.words.rules and i.concerns(item)]
        if mine:
            used.update(ignore.about(rule) for ignore in mine)
            reason = item.finding.suppressed or mine[0].words.reason
            item = item._replace(
                finding=item.finding._replace(suppressed=reason),
                comment=item.comment or mine[0].about(rule),
            )
        result.append(item)
    reports: dict[str, Placed] = {}
    for ignore in ignores:
        for report in _reports(ignore, used, today) if ignore.told else ():
            # What Helm wrote twice has its say once.
            reports.setdefault(report.comment, report)
    return [*result, *(report for report in reports.values() if report not in result)]


def _is_over(ignore: Ignore, today: str) -> bool:
    return bool(ignore.words.until) and ignore.words.until < today


def _reports(ignore: Ignore, used: set[str], today: str) -> Iterator[Placed]:
    """What is to be said of one comment."""
    for message, hint in ignore.words.faults:
        yield _report(ignore, UNUSED, message, hint, message)
    for rule in ignore.words.rules:
        if _is_over(ignore, today):
            message = f"the suppression of {rule} ended on {ignore.words.until}"
            hint = "Look at the case again, then give it a new day or remove it."
            yield _report(ignore, EXPIRED, message, hint, rule)
        elif ignore.about(rule) not in used:
            where = "on its line" if ignore.line else "in this object"
            hint = f"Remove it: what it was for is not found {where}."
            yield _report(ignore, UNUSED, f"the suppression of {rule} was not needed", hint, rule)


def _report(ignore: Ignore, rule: str, message: str, hint: str, about: str) -> Placed:
    at, excerpt = ignore.spot.finding.at, ignore.spot.finding.excerpt
    finding = Finding(rule, "warning", message, at, hint=hint, excerpt=excerpt)
    return ignore.spot._replace(finding=finding, comment=ignore.about(about))
