"""Findings as one line each, as editors and problem matchers read them, with the counts below.

What the other formats of `lint` share stands here too: the words of a finding, and its place.
"""

from __future__ import annotations

import posixpath
import re

from helm_compat.printable import printable
from helm_compat.report.text import count_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_address = re.compile(r"[a-z][a-z0-9+.-]*://")


def concise_text(data: dict[str, Any]) -> str:
    """`file:line:column: severity[rule] message`, a line each; then the counts.

    A place in what Helm made of a template has no line in a file: its line stands at the end.
    """
    told = [finding for finding in data["findings"] if not finding.get("suppressed")]
    lines = [_line(finding) for finding in [*told, *unchecked(data)]]
    return "".join(f"{line}\n" for line in [*lines, counts(data)])


def counts(data: dict[str, Any]) -> str:
    """How many findings there are in how many inputs, and how much was not checked."""
    inputs = len(data["inputs"])
    missing = data["summary"]["notChecked"]
    line = f"{count_line(data) or 'no findings'} in {inputs} input{'' if inputs == 1 else 's'}"
    return f"{line}, {missing} not checked" if missing else line


def unchecked(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The inputs that could not be checked, in the shape of findings."""
    return [
        {
            "rule": "check-not-made",
            "severity": "error",
            "message": entry["reason"],
            "file": entry["name"],
            "evidence": [],
            "hint": "",
            "notes": [],
        }
        for entry in data["inputs"]
        if not entry["checked"]
    ]


def exact(finding: dict[str, Any]) -> bool:
    """Whether line and column are those of the file itself, not of what Helm made of it."""
    return "line" in finding and finding.get("place") != "rendered"


def file_of(finding: dict[str, Any], data: dict[str, Any]) -> str:
    """The file of a finding; the first input for one that speaks of the run as a whole.

    Formats that want a file for each finding refuse the whole report without one.
    """
    return tidy(finding.get("file") or data["inputs"][0]["name"])


def tidy(name: str) -> str:
    """A file name without `./` and `//`, as the forges compare it; addresses stay."""
    return name if _address.match(name) else posixpath.normpath(name)


def owner_of(finding: dict[str, Any]) -> str:
    """Kind/namespace/name of the object that a finding is about, empty where there is none."""
    owner = finding.get("document", {})
    return "/".join(filter(None, (owner.get(key) for key in ("kind", "namespace", "name"))))


def place_of(finding: dict[str, Any]) -> str:
    """file:line:column; the file alone where the line is not one of its own."""
    keys = ("file", "line", "column") if exact(finding) else ("file",)
    return ":".join(str(finding[key]) for key in keys if key in finding)


def reasons(finding: dict[str, Any]) -> list[str]:
    """What stands below the message: notes, sources, and what to do."""
    lines = list(finding["notes"])
    if "line" in finding and not exact(finding):
        lines.append(f"It stands on line {finding['line']} of the rendered template.")
    lines += [f"Source: {e['source']} (read {e['read']})" for e in finding["evidence"]]
    lines += [f"Help: {finding['hint']}"] if finding["hint"] else []
    return [printable(line) for line in lines]


def explained(finding: dict[str, Any]) -> str:
    """A finding in full, for where its place is told by other means."""
    return "\n".join([printable(finding["message"]), *reasons(finding)])


def one_line(text: str) -> str:
    """Printable text with its line breaks made spaces."""
    return " ".join(line.strip() for line in printable(text).split("\n"))


def _line(finding: dict[str, Any]) -> str:
    text = f"{finding['severity']}[{finding['rule']}] {one_line(finding['message'])}"
    place = one_line(place_of(finding))
    inside = "line" in finding and not exact(finding)
    end = f" (line {finding['line']} as rendered)" if inside else ""
    return f"{place}: {text}{end}" if place else text
