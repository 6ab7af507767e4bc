"""Findings as SARIF 2.1.0, for code scanning and editors.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
import re
from urllib.parse import quote

from helm_compat.catalogue import read_page, severity, summary
from helm_compat.printable import printable
from helm_compat.report.concise import exact, explained, file_of, owner_of, tidy, unchecked
from helm_compat.report.fingerprint import fingerprints

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Data = dict[str, Any]

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_LEVELS = {"error": "error", "warning": "warning", "info": "note"}
_placeholder = re.compile(r"\{(\d+)\}")


def sarif_text(data: Data, page: Callable[[str], str] = read_page) -> str:
    """One run with the rules that occur; `page` gives the manual page of a rule."""
    rules = sorted({finding["rule"] for finding in data["findings"]})
    missing = unchecked(data)
    run = {
        "tool": {
            "driver": {
                "name": data["tool"]["name"],
                "version": data["tool"]["version"],
                "rules": [_rule(rule, page(rule)) for rule in rules],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not missing,
                "toolExecutionNotifications": [_notification(entry) for entry in missing],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, mark, rules.index(finding["rule"]), data)
            for finding, mark in zip(data["findings"], fingerprints(data["findings"]))
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: str, page: str) -> Data:
    what = page.partition("## What it does\n\n")[2].partition("\n\n")[0]
    return {
        "id": rule,
        "shortDescription": {"text": summary(page)},
        "fullDescription": {"text": " ".join(what.split("\n"))},
        "help": {"text": page, "markdown": page},
        # `by fact`: the default of the standard, and each result has its own.
        "defaultConfiguration": {"level": _LEVELS.get(severity(page), "warning")},
    }


def _result(finding: Data, mark: str, index: int, data: Data) -> Data:
    reason = finding.get("suppressed")
    suppression = {"kind": "external", "justification": printable(reason)} if reason else None
    return {
        "ruleId": finding["rule"],
        "ruleIndex": index,
        "level": _LEVELS[finding["severity"]],
        "message": {"text": _message(explained(finding))},
        "locations": [_location(finding, data)],
        "partialFingerprints": {"findingHash/v1": mark},
        # Without the array it would be unknown whether a result is suppressed.
        "suppressions": [suppression] if suppression else [],
    }


def _message(text: str) -> str:
    """Text in which nothing reads as a placeholder or as a link (3.11.5 and 3.11.6).

    The standard wants every brace doubled. What shows messages as they are would show both, and
    only a number between braces means anything.
    """
    return _placeholder.sub(r"{{\1}}", text).replace("](", "] (")


def _location(finding: Data, data: Data) -> Data:
    place = {
        "artifactLocation": {"uri": _uri(file_of(finding, data))},
        "region": _region(finding),
    }
    logical = _logical(finding)
    return {"physicalLocation": place, **({"logicalLocations": [logical]} if logical else {})}


def _region(finding: Data) -> Data:
    if not exact(finding):
        # The file as a whole would have no region, but code scanning wants a line.
        return {"startLine": 1}
    column = finding["column"]
    end = {"endColumn": column + finding["excerpt"]["width"]} if "excerpt" in finding else {}
    return {"startLine": finding["line"], "startColumn": column, **end}


def _logical(finding: Data) -> Data:
    """The field, or the object where no field is meant; empty where neither is known."""
    owner, path = printable(owner_of(finding)), printable(finding.get("path", ""))
    if path:
        full = "/".join(filter(None, (owner, path)))
        return {"name": path, "fullyQualifiedName": full, "kind": "property"}
    return {"name": owner.rpartition("/")[2], "fullyQualifiedName": owner} if owner else {}


def _notification(entry: Data) -> Data:
    location = {"physicalLocation": {"artifactLocation": {"uri": _uri(tidy(entry["file"]))}}}
    return {
        "descriptor": {"id": entry["rule"]},
        "level": "error",
        "message": {"text": _message(explained(entry))},
        "locations": [location],
    }


def _uri(name: str) -> str:
    """A file name or address as a URI reference; names that are no text keep their bytes."""
    if "://" in name:
        return quote(name, safe="/:@", errors="surrogateescape")
    if name.startswith("/"):
        return "file:///" + quote(name.lstrip("/"), errors="surrogateescape")
    return quote(name, errors="surrogateescape")
