"""`helm-compat explain` and `helm-compat rules`: what the rules are, from their manual pages."""

from __future__ import annotations

import difflib
from typing import Any

from helm_compat.catalogue import RULES, read_page, severity, summary
from helm_compat.errors import UsageError
from helm_compat.report.data import SCHEMA_VERSION
from helm_compat.report.table import aligned


def explain_rule(rule: str) -> str:
    """The manual page of a rule; raises UsageError for a rule that there is not."""
    if rule not in RULES:
        near = difflib.get_close_matches(rule, RULES, 1)
        hint = f"Did you mean {near[0]!r}?" if near else "helm-compat rules lists all rules."
        raise UsageError(f"there is no rule {rule!r}", hint=hint)
    return read_page(rule)


def rule_data(rule: str) -> dict[str, Any]:
    """A rule with its page, as data; raises UsageError for a rule that there is not."""
    page = explain_rule(rule)
    return {"schemaVersion": SCHEMA_VERSION, **_entry(rule, page), "page": page}


def rules_data() -> dict[str, Any]:
    """All rules in the order of their names, as data."""
    return {"schemaVersion": SCHEMA_VERSION, "rules": _entries()}


def rules_table() -> str:
    """One line for each rule, with aligned columns."""
    rows = [("RULE", "SEVERITY", "SUMMARY"), *(tuple(entry.values()) for entry in _entries())]
    return "".join(f"{line}\n" for line in aligned(rows))


def _entries() -> list[dict[str, str]]:
    return [_entry(rule, read_page(rule)) for rule in RULES]


def _entry(rule: str, page: str) -> dict[str, str]:
    return {"rule": rule, "severity": severity(page), "summary": summary(page)}
