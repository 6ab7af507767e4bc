"""What a comment or an annotation says that suppresses findings."""

from __future__ import annotations

import re
from typing import NamedTuple

from helm_compat.config_values import ADJUSTABLE
from helm_compat.knowledge.words import did_you_mean

# A prefix is a DNS subdomain, which one label is; helm.sh and kubernetes.io are not ours.
# https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
ANNOTATION = "helm-compat/ignore"

_FORM = "until=2026-12-31 reason=WHY"

_ignore = re.compile(r"ignore\[([^\]]*)\](?:\s+(.*))?", re.DOTALL)
_annotated = re.compile(r"(.*?)(?:(?<!\S)((?:until|reason)=.*))?", re.DOTALL)
_reason = re.compile(r"(?<!\S)reason=(.*?)(\suntil=\S*)?\s*\Z", re.DOTALL)
_day = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", re.ASCII)


class Words(NamedTuple):
    """What a comment says; without rules it does not count, and `faults` (message, hint) say why."""

    rules: tuple[str, ...] = ()
    reason: str = ""
    until: str = ""
    faults: tuple[tuple[str, str], ...] = ()


def read_comment(text: str) -> Words:
    """Read what stands behind `helm-compat:`."""
    found = _ignore.fullmatch(text.strip())
    if not found:
        hint = f"Write helm-compat: ignore[RULE] {_FORM}."
        return Words(faults=(("this comment for helm-compat is not understood", hint),))
    return _read(found[1], found[2] or "", f"Write ignore[RULE] {_FORM}.")


def read_annotation(text: str) -> Words:
    """Read the value of the annotation."""
    found = _annotated.fullmatch(text.strip())
    assert found, "it fits any text"
    return _read(found[1], found[2] or "", f"Write {ANNOTATION}: RULE {_FORM}.")


def _read(names: str, rest: str, hint: str) -> Words:
    rules = tuple(dict.fromkeys(re.findall(r"[^\s,]+", names)))
    found = _reason.search(rest)
    reason = found[1].strip() if found else ""
    if len(reason) > 1 and reason[0] == reason[-1] and reason[0] in "\"'":
        reason = reason[1:-1].strip()
    words = rest[: found.start()].split() if found else rest.split()
    words += (found[2] or "").split() if found else []
    days = [word.removeprefix("until=") for word in words if word.startswith("until=")]
    other = [word for word in words if not word.startswith("until=")]
    fault = ""
    if not rules:
        fault = "this suppression names no rule"
    elif not reason:
        fault = f"the suppression of {', '.join(rules)} gives no reason, so it does not count"
    elif other or len(days) > 1:
        fault = f"{(other or words)[-1]!r} is not understood, so this suppression does not count"
    elif days and not _day.fullmatch(days[0]):
        fault = f"{days[0]!r} is no day, so this suppression does not count"
        hint = "Days are written as 2026-12-31."
    if fault:
        return Words(faults=((fault, hint),))
    unknown = [rule for rule in rules if rule not in ADJUSTABLE]
    faults = tuple((f"unknown rule {rule!r}", did_you_mean(rule, ADJUSTABLE)) for rule in unknown)
    known = tuple(rule for rule in rules if rule in ADJUSTABLE)
    return Words(known, reason, "".join(days), faults)
