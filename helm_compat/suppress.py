"""Suppressions: findings that a user has judged, each with a reason and a day on which it ends."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.errors import Place
from helm_compat.findings import Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Suppression(NamedTuple):
    """One entry of the configuration: a rule, a glob of `Kind/namespace/name`, why, until when.

    `until` is the last day on which it holds, year-month-day, or empty.
    """

    rule: str
    resource: str
    reason: str
    until: str
    place: Place


def suppress(
    findings: Sequence[Finding], suppressions: Sequence[Suppression], *, today: str
) -> list[Finding]:
    """Mark what is suppressed, and report entries that are expired or that nothing needed.

    `today` is year-month-day.
    """
    used: set[Suppression] = set()
    result = []
    valid = [s for s in suppressions if not s.until or s.until >= today]
    for finding in findings:
        entry = next((s for s in valid if _concerns(s, finding)), None)
        if entry:
            used.add(entry)
            finding = finding._replace(suppressed=entry.reason)
        result.append(finding)
    for entry in suppressions:
        what = f"{entry.place}: the suppression of {entry.rule} for {entry.resource}"
        if entry not in valid:
            message = f"{what} ended on {entry.until}"
            hint = "Look at the case again, then give it a new day or remove it."
            result.append(Finding("expired-suppression", "warning", message, hint=hint))
        elif entry not in used:
            hint = "Remove it: what it was for is no longer found."
            result.append(
                Finding("unused-suppression", "warning", f"{what} was not needed", hint=hint)
            )
    return result


def resource_of(finding: Finding) -> str:
    """The object of a finding as suppressions name it; empty where there is none."""
    owner = finding.at.object if finding.at else None
    if not owner or not owner.name:
        return ""
    return "/".join(part for part in (owner.kind, owner.namespace, owner.name) if part)


def _concerns(entry: Suppression, finding: Finding) -> bool:
    from fnmatch import fnmatchcase

    if entry.rule != finding.rule:
        return False
    resource = resource_of(finding)
    if fnmatchcase(resource, entry.resource):
        return True
    # Manifests need not say their namespace: Helm gives it to the cluster only.
    kind, _, rest = entry.resource.partition("/")
    namespace, slash, name = rest.partition("/")
    unsaid = finding.at is not None and not finding.at.object.namespace
    return bool(slash and namespace) and unsaid and fnmatchcase(resource, f"{kind}/{name}")
