"""What the user wants to hear of the findings of a lint, and how loud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helm_compat.catalogue import FAILURES
from helm_compat.config_values import ADJUSTABLE
from helm_compat.errors import UsageError
from helm_compat.findings import rank, with_severity
from helm_compat.knowledge.words import did_you_mean
from helm_compat.lint.ignores import UNUSED
from helm_compat.lint.places import Placed
from helm_compat.suppress import Suppression, suppress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def settle(
    placed: Sequence[Placed],
    *,
    select: Sequence[str],
    ignore: Sequence[str],
    severities: Mapping[str, str],
    suppressions: Sequence[Suppression],
    today: str,
    complete: bool = True,
) -> list[Placed]:
    """Apply the configuration's suppressions and severities, then take the rules that are asked for.

    The gravest come first, then by file and line. `today` is year-month-day; `complete` says that
    all inputs were checked: else no suppression is called unused. Raises UsageError for a name of
    no rule.
    """
    selected, ignored = read_rules(select, "--select"), read_rules(ignore, "--ignore")
    result = _needed(placed)
    findings = suppress([item.finding for item in result], suppressions, today=today)
    result = [
        *(item._replace(finding=finding) for item, finding in zip(result, findings)),
        *(Placed(f, "") for f in findings[len(result) :] if complete or f.rule != UNUSED),
    ]
    chosen = [
        item._replace(finding=with_severity(item.finding, severities))
        for item in result
        if (not select or item.finding.rule in selected) and item.finding.rule not in ignored
    ]
    return sorted(chosen, key=_order)


def _order(item: Placed) -> tuple[int, str, int, int]:
    at = item.finding.at
    return rank(item.finding), at.file if at else "", at.line if at else 0, at.column if at else 0


def read_rules(words: Sequence[str], origin: str) -> frozenset[str]:
    """The rules that words name: each a rule, or the first words of some, as `mixed` of mixed-tags.

    `origin` is the flag. Raises UsageError.
    """
    rules: set[str] = set()
    for word in words:
        found = [rule for rule in ADJUSTABLE if rule == word or rule.startswith(f"{word}-")]
        if word in FAILURES:
            raise UsageError(
                f"{origin}: {word} is no finding of lint but the end of it",
                hint="Leave out the input that cannot be checked.",
            )
        if not found:
            hint = did_you_mean(word, ADJUSTABLE)
            raise UsageError(f"{origin}: unknown rule {word!r}", hint=hint)
        rules.update(found)
    return frozenset(rules)


def _needed(placed: Sequence[Placed]) -> list[Placed]:
    """Each finding once, and no report of a comment that another state needed.

    Charts share values files.
    """
    used = {item.comment for item in placed if item.finding.suppressed and item.comment}
    said: set[str] = set()
    shared: set[Placed] = set()
    result = []
    for item in placed:
        if item.place == "values" and not item.rendered:
            if item in shared:
                continue
            shared.add(item)
        if item.comment and not item.finding.suppressed:
            if item.comment in said or (item.finding.rule == UNUSED and item.comment in used):
                continue
            said.add(item.comment)
        result.append(item)
    return result
