"""Findings as JUnit XML: a suite for each input, a test case for each rule and object."""

from __future__ import annotations

from xml.etree import ElementTree

from helm_compat.findings import SEVERITIES
from helm_compat.printable import printable
from helm_compat.report.concise import explained, one_line, owner_of, place_of, tidy, unchecked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Data = dict[str, Any]
    Element = ElementTree.Element[str]

# The suite of findings that belong to no single input.
ALL_INPUTS = "all inputs"


def junit_text(data: Data, fail_on: str) -> str:
    """`fail_on` is the level from which a finding is a failure: a severity, or never.

    A finding below it is told in the output of a test case that passes.
    """
    failing = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on in SEVERITIES else ()
    names = list(dict.fromkeys(entry["name"] for entry in data["inputs"]))
    suites: dict[str, list[Data]] = {name: [] for name in names}
    for finding in data["findings"]:
        suites.setdefault(_input_of(finding, names), []).append(finding)
    missing = {entry["file"]: entry["message"] for entry in unchecked(data)}

    root = ElementTree.Element("testsuites", {"name": data["tool"]["name"]})
    for name, findings in suites.items():
        suite = ElementTree.SubElement(root, "testsuite", {"name": one_line(name)})
        if name in missing:
            _case(suite, "check-not-made", name)
            _outcome(suite[0], "error", "check-not-made", missing[name])
        for (rule, what), group in _groups(findings).items():
            case = _case(suite, f"{rule} {what}".strip(), group[0].get("file", ""))
            _fill(case, group, failing)
        if not len(suite):
            _case(suite, "no findings", name)
        _count(suite)
    _count(root)
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _input_of(finding: Data, names: list[str]) -> str:
    """The input that a finding's file is, or lies in: the nearest one."""
    if len(names) == 1:
        return names[0]
    inside = f"{tidy(finding['file'])}/" if "file" in finding else ""
    holding = [name for name in names if inside.startswith(f"{tidy(name)}/")]
    return max(holding, key=lambda name: len(tidy(name)), default=ALL_INPUTS)


def _groups(findings: list[Data]) -> dict[tuple[str, str], list[Data]]:
    """Findings by rule and object: readers take test cases of one name for one test."""
    groups: dict[tuple[str, str], list[Data]] = {}
    for finding in findings:
        what = owner_of(finding) or finding.get("file", "")
        groups.setdefault((finding["rule"], what), []).append(finding)
    return groups


def _case(suite: Element, name: str, file: str) -> Element:
    attributes = {"name": one_line(name), "classname": suite.attrib["name"]}
    attributes |= {"file": one_line(tidy(file))} if file else {}
    return ElementTree.SubElement(suite, "testcase", attributes)


def _fill(case: Element, group: list[Data], failing: tuple[str, ...]) -> None:
    told = [finding for finding in group if not finding.get("suppressed")]
    failures = [finding for finding in told if finding["severity"] in failing]
    if failures:
        worst = min(failures, key=lambda finding: SEVERITIES.index(finding["severity"]))
        text = "\n\n".join(map(_told, failures))
        _outcome(case, "failure", worst["severity"], worst["message"], text)
    elif not told:
        _outcome(case, "skipped", "", "\n".join(finding["suppressed"] for finding in group))
    others = [f for f in group if f.get("suppressed") or f["severity"] not in failing]
    if others:
        output = ElementTree.SubElement(case, "system-out")
        output.text = "\n\n".join(map(_told, others))


def _told(finding: Data) -> str:
    lines = (f"{finding['severity']}: {explained(finding)}", place_of(finding), finding.get("path"))
    return printable("\n".join(filter(None, lines)))


def _outcome(case: Element, outcome: str, kind: str, message: str, text: str = "") -> None:
    attributes = {"message": printable(message), **({"type": kind} if kind else {})}
    ElementTree.SubElement(case, outcome, attributes).text = text or None


def _count(element: Element) -> None:
    outcomes = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    for key, tag in outcomes.items():
        element.set(key, str(sum(1 for _ in element.iter(tag))))
