"""What makes a finding the same one as before, so that a baseline survives edits around it."""

from __future__ import annotations

import hashlib
import json
import re

from helm_compat.report.concise import tidy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_index = re.compile(r"\[\d+\]")


def fingerprints(findings: list[dict[str, Any]]) -> list[str]:
    """SHA-256 in hex for each finding of one result, in their order; no two are equal.

    It is made of the rule, the object, the field without list indexes, the template or else the
    file, and the text that is meant. Line numbers and the message, which a new release may word
    anew, are not in it; the message is where nothing in the input is meant. What is equal in all
    of that is counted.
    """
    seen: dict[str, int] = {}
    found = []
    for finding in findings:
        key = json.dumps(_parts(finding))
        seen[key] = seen.get(key, 0) + 1
        found.append(hashlib.sha256(f"{key}{seen[key]}".encode()).hexdigest())
    return found


def _parts(finding: dict[str, Any]) -> list[str]:
    owner = finding.get("document", {})
    return [
        finding["rule"],
        *(owner.get(key, "") for key in ("kind", "namespace", "name")),
        _index.sub("[]", finding.get("path", "")),
        tidy(finding.get("template") or finding.get("file", "")),
        _meant(finding),
    ]


def _meant(finding: dict[str, Any]) -> str:
    excerpt = finding.get("excerpt")
    if not excerpt:
        return str(finding["message"])
    start = excerpt["column"] - 1
    return str(excerpt["text"][start : start + excerpt["width"]])
