"""The formats of lint: whole outputs for one rich result, and that no text breaks any of them."""

from __future__ import annotations

import copy
import json
import os
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import pytest
from command import ROOT
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from helm_compat.catalogue import RULES, read_page
from helm_compat.printable import printable
from helm_compat.report.concise import concise_text, counts, explained, tidy, unchecked
from helm_compat.report.fingerprint import fingerprints
from helm_compat.report.github import github_text
from helm_compat.report.gitlab import gitlab_text
from helm_compat.report.junit import junit_text
from helm_compat.report.markdown import LIMIT, markdown_text
from helm_compat.report.sarif import sarif_text

Data = dict[str, Any]

FOLDER = ROOT / "testdata" / "formats"
RESULT: Data = json.loads((FOLDER / "result.json").read_bytes())
SCHEMA: Data = json.loads((ROOT / ".cache/tools/sarif/sarif-2.1.0.json").read_bytes())
VALIDATOR = Draft4Validator(SCHEMA)


def page(rule: str) -> str:
    """A manual page for the golden file, which does not change with the real ones."""
    return (
        f"# {rule}\n\nSomething is {rule}.\n\nSeverity: by fact\n\n## What it does\n\n"
        f"Looks for\n{rule}.\n\nAnd more.\n\n## Why it is bad\n\nIt fails.\n"
    )


FORMATS: dict[str, Callable[[Data], str]] = {
    "concise.txt": concise_text,
    "github.txt": github_text,
    "gitlab.json": gitlab_text,
    "junit.xml": lambda data: junit_text(data, "warning"),
    "markdown.md": markdown_text,
    "sarif.json": lambda data: sarif_text(data, page),
}


def result(*findings: Data, inputs: tuple[str, ...] = ("chart",)) -> Data:
    """A result with these findings, and inputs that were all checked."""
    told = [finding for finding in findings if not finding.get("suppressed")]
    severities = [finding["severity"] for finding in told]
    return {
        "schemaVersion": 1,
        "tool": {"name": "helm-compat", "version": "1.2.3"},
        "inputs": [
            {"name": name, "kind": "chart", "documents": 1, "checked": True} for name in inputs
        ],
        "summary": {
            **{level: severities.count(level) for level in ("error", "warning", "info")},
            "suppressed": len(findings) - len(told),
            "notChecked": 0,
        },
        "findings": list(findings),
        "images": [],
        "components": [],
    }


def finding(**changes: Any) -> Data:
    """A finding of a template; a key that is None is left out."""
    whole = {
        "rule": "floating-tag",
        "severity": "error",
        "message": "nginx names no release",
        "path": "spec.containers[0].image",
        "line": 7,
        "column": 12,
        "file": "chart/templates/pod.yaml",
        "place": "template",
        "document": {"apiVersion": "v1", "kind": "Pod", "namespace": "web", "name": "proxy"},
        "evidence": [],
        "hint": "",
        "notes": [],
        "excerpt": {"text": "    image: nginx", "column": 12, "width": 5},
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


NOWHERE = dict.fromkeys(("path", "line", "column", "file", "place", "document", "excerpt"))


# --- Whole outputs ---


@pytest.mark.parametrize("name", FORMATS)
def test_whole_output(name: str) -> None:
    assert FORMATS[name](RESULT).encode() == (FOLDER / name).read_bytes()


@pytest.mark.parametrize("name", FORMATS)
def test_the_result_is_not_changed(name: str) -> None:
    data = copy.deepcopy(RESULT)
    FORMATS[name](data)
    assert data == RESULT


def test_the_result_has_everything() -> None:
    findings = RESULT["findings"]
    assert {f["severity"] for f in findings} == {"error", "warning", "info"}
    assert {f.get("place") for f in findings} == {
        "manifest", "template", "values", "rendered", "chart", None,
    }  # fmt: skip
    assert {f["severity"] for f in findings if "suppressed" in f} == {"error", "info"}
    assert {entry["kind"] for entry in RESULT["inputs"]} == {"chart", "manifests", "values"}
    assert {entry["checked"] for entry in RESULT["inputs"]} == {True, False}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("concise.txt", "no findings in 1 input\n", id="concise"),
        pytest.param("github.txt", "", id="github"),
        pytest.param("gitlab.json", "[]\n", id="gitlab"),
        pytest.param(
            "junit.xml",
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<testsuites name="helm-compat" tests="1" failures="0" errors="0" skipped="0">\n'
            '  <testsuite name="chart" tests="1" failures="0" errors="0" skipped="0">\n'
            '    <testcase name="no findings" classname="chart" file="chart" />\n'
            "  </testsuite>\n"
            "</testsuites>\n",
            id="junit",
        ),
        pytest.param(
            "markdown.md", "**helm-compat**: no findings in 1 input\n", id="markdown"
        ),
    ],
)  # fmt: skip
def test_nothing_found(name: str, text: str) -> None:
    assert FORMATS[name](result()) == text


def test_nothing_found_as_sarif() -> None:
    (run,) = json.loads(sarif_text(result()))["runs"]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


# --- The counts ---


@pytest.mark.parametrize(
    ("summary", "inputs", "text"),
    [
        pytest.param({}, 1, "no findings in 1 input", id="nothing"),
        pytest.param({"error": 1}, 2, "1 error in 2 inputs", id="one error"),
        pytest.param(
            {"warning": 2, "info": 1, "suppressed": 3},
            2,
            "2 warnings, 1 to know, 3 suppressed in 2 inputs",
            id="the others",
        ),
        pytest.param(
            {"notChecked": 1}, 2, "no findings in 2 inputs, 1 not checked", id="never just clean"
        ),
    ],
)
def test_counts(summary: dict[str, int], inputs: int, text: str) -> None:
    data = result(inputs=("chart",) * inputs)
    data["summary"] |= summary
    assert counts(data) == text


# --- SARIF ---


def test_golden_sarif_is_valid() -> None:
    assert list(VALIDATOR.iter_errors(json.loads((FOLDER / "sarif.json").read_bytes()))) == []


def test_the_schema_notices() -> None:
    """The schema is the real one: what does not belong into a log is refused."""
    log = json.loads((FOLDER / "sarif.json").read_bytes())
    log["runs"][0]["results"][0]["level"] = "info"
    log["runs"][0]["results"][1]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    log["runs"][0]["columnkind"] = "unicodeCodePoints"
    paths = {error.json_path for error in VALIDATOR.iter_errors(log)}
    assert paths == {
        "$.runs[0]",
        "$.runs[0].results[0].level",
        "$.runs[0].results[1].locations[0].physicalLocation.region.startLine",
    }


def test_every_manual_page_is_a_rule_of_sarif() -> None:
    log = json.loads(sarif_text(result(*(finding(rule=rule) for rule in RULES))))
    assert list(VALIDATOR.iter_errors(log)) == []
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(RULES)
    assert [entry["ruleIndex"] for entry in run["results"]] == list(range(len(RULES)))
    for rule in rules:
        text = rule["fullDescription"]["text"]
        assert re.fullmatch(r"[A-Z3].*[.:]", text), rule["id"]
        assert rule["help"]["text"] == read_page(rule["id"])
    assert {rule["defaultConfiguration"]["level"] for rule in rules} == {"error", "warning", "note"}


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        pytest.param("a/b.yaml", "a/b.yaml", id="plain"),
        pytest.param("./a//b.yaml", "a/b.yaml", id="untidy"),
        pytest.param("../a.yaml", "../a.yaml", id="above"),
        pytest.param("ü 1%#?.yaml", "%C3%BC%201%25%23%3F.yaml", id="escaped"),
        pytest.param("a:b.yaml", "a%3Ab.yaml", id="no scheme"),
        pytest.param("<stdin>", "%3Cstdin%3E", id="standard input"),
        pytest.param("/srv/a b.yaml", "file:///srv/a%20b.yaml", id="absolute"),
        pytest.param("//srv/a.yaml", "file:///srv/a.yaml", id="no host"),
        pytest.param("oci://r.io:5000/a b", "oci://r.io:5000/a%20b", id="address"),
        pytest.param(os.fsdecode(b"a\xff.yaml"), "a%FF.yaml", id="not UTF-8"),
    ],
)
def test_uri(file: str, uri: str) -> None:
    assert sarif_location(finding(file=file))["artifactLocation"] == {"uri": uri}


def sarif_location(entry: Data) -> Data:
    (run,) = json.loads(sarif_text(result(entry), page))["runs"]
    place: Data = run["results"][0]["locations"][0]["physicalLocation"]
    return place


@pytest.mark.parametrize(
    ("entry", "region"),
    [
        pytest.param(
            finding(), {"startLine": 7, "startColumn": 12, "endColumn": 17}, id="excerpt"
        ),
        pytest.param(finding(excerpt=None), {"startLine": 7, "startColumn": 12}, id="no excerpt"),
        pytest.param(finding(place="rendered"), {"startLine": 1}, id="line of another text"),
        pytest.param(finding(**NOWHERE), {"startLine": 1}, id="no place"),
    ],
)  # fmt: skip
def test_region(entry: Data, region: Data) -> None:
    assert sarif_location(entry)["region"] == region


def test_a_finding_of_the_whole_run_names_the_first_input() -> None:
    assert sarif_location(finding(**NOWHERE))["artifactLocation"] == {"uri": "chart"}


@pytest.mark.parametrize(
    ("message", "text"),
    [
        pytest.param("{TAG} and {}", "{TAG} and {}", id="braces"),
        pytest.param("{0} {12}", "{{0}} {{12}}", id="placeholder"),
        pytest.param("[a](b) c[0] (d)", "[a] (b) c[0] (d)", id="link"),
    ],
)
def test_sarif_message(message: str, text: str) -> None:
    (run,) = json.loads(sarif_text(result(finding(message=message)), page))["runs"]
    assert run["results"][0]["message"] == {"text": text}


# --- JUnit ---


def outcomes(xml: str) -> dict[str, dict[str, str]]:
    """The outcome of each test case of each suite."""
    root = ElementTree.fromstring(xml)
    return {
        suite.attrib["name"]: {
            case.attrib["name"]: "+".join(child.tag for child in case) or "passed"
            for case in suite
        }
        for suite in root
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fail_on", "wanted"),
    [
        pytest.param("never", ["system-out", "system-out", "system-out"], id="never"),
        pytest.param("error", ["failure", "system-out", "system-out"], id="error"),
        pytest.param("warning", ["failure", "failure", "system-out"], id="warning"),
        pytest.param("info", ["failure", "failure", "failure"], id="info"),
    ],
)
def test_fail_level(fail_on: str, wanted: list[str]) -> None:
    levels = ("error", "warning", "info")
    data = result(*(finding(rule=level, severity=level) for level in levels))
    names = [f"{level} Pod/web/proxy" for level in levels]
    assert outcomes(junit_text(data, fail_on)) == {"chart": dict(zip(names, wanted))}


def test_findings_of_one_rule_and_object_are_one_test() -> None:
    data = result(
        finding(),
        finding(severity="warning", line=9),
        finding(line=11, suppressed="known"),
        finding(rule="missing-digest", suppressed="known"),
    )
    assert outcomes(junit_text(data, "error")) == {
        "chart": {
            "floating-tag Pod/web/proxy": "failure+system-out",
            "missing-digest Pod/web/proxy": "skipped+system-out",
        }
    }


@pytest.mark.parametrize(
    ("file", "suite"),
    [
        pytest.param("a/b.yaml", "a", id="in a folder"),
        pytest.param("a/charts/b/c.yaml", "./a/charts/b/", id="the nearest folder"),
        pytest.param("./c.yaml", "c.yaml", id="the file itself"),
        pytest.param("ab/c.yaml", "all inputs", id="only the same beginning"),
        pytest.param(None, "all inputs", id="no place"),
    ],
)
def test_suite_of_a_finding(file: str | None, suite: str) -> None:
    names = ("a", "./a/charts/b/", "c.yaml")
    found = outcomes(junit_text(result(finding(file=file), inputs=names), "error"))
    assert [name for name, cases in found.items() if "no findings" not in cases] == [suite]
    assert list(found)[:3] == list(names)


def test_the_only_input_has_all_findings() -> None:
    data = result(finding(file="aistor/templates/a.yaml"), inputs=("oci://r.io/aistor",))
    assert list(outcomes(junit_text(data, "error"))) == ["oci://r.io/aistor"]


# --- GitHub ---


@pytest.mark.parametrize(
    ("entry", "command"),
    [
        pytest.param(
            finding(),
            "::error file=chart/templates/pod.yaml,line=7,col=12,endColumn=17,"
            "title=floating-tag::nginx names no release",
            id="error",
        ),
        pytest.param(
            finding(severity="warning", excerpt=None, file="./a:b,c%.yaml", message="a: b, 5%\nc"),
            "::warning file=a%3Ab%2Cc%25.yaml,line=7,col=12,title=floating-tag::a: b, 5%25%0Ac",
            id="escaped",
        ),
        pytest.param(
            finding(severity="info", place="rendered"),
            "::notice file=chart/templates/pod.yaml,title=floating-tag::nginx names no release"
            "%0AIt stands on line 7 of the rendered template.",
            id="line of another text",
        ),
        pytest.param(
            finding(**NOWHERE), "::error title=floating-tag::nginx names no release", id="no place"
        ),
    ],
)
def test_github(entry: Data, command: str) -> None:
    assert github_text(result(entry)) == f"{command}\n"


def test_github_does_not_tell_what_is_suppressed() -> None:
    assert github_text(result(finding(suppressed="known"))) == ""


# --- Fingerprints ---

WEB = {"apiVersion": "v1", "kind": "Pod", "namespace": "web", "name": "web"}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"line": 99, "column": 3}, id="moved"),
        pytest.param({"message": "another wording", "notes": ["a"], "hint": "b"}, id="reworded"),
        pytest.param({"severity": "info"}, id="other severity"),
        pytest.param({"suppressed": "baseline"}, id="suppressed"),
        pytest.param({"path": "spec.containers[3].image"}, id="other index of a list"),
        pytest.param({"file": "./chart//templates/pod.yaml"}, id="file named in another way"),
        pytest.param(
            {"excerpt": {"text": "- image: nginx # web", "column": 10, "width": 5}}, id="line edited"
        ),
    ],
)  # fmt: skip
def test_same_finding(changes: Data) -> None:
    assert fingerprints([finding(**changes)]) == fingerprints([finding()])


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"rule": "missing-digest"}, id="other rule"),
        pytest.param({"document": WEB}, id="other object"),
        pytest.param({"path": "spec.initContainers[0].image"}, id="other field"),
        pytest.param({"template": "web.yaml"}, id="other template"),
        pytest.param({"template": None}, id="file instead of the template"),
        pytest.param(
            {"excerpt": {"text": "    image: httpd", "column": 12, "width": 5}}, id="other text"
        ),
        pytest.param({"excerpt": None}, id="nothing meant"),
    ],
)  # fmt: skip
def test_other_finding(changes: Data) -> None:
    base = finding(template="pod.yaml")
    assert fingerprints([finding(**{"template": "pod.yaml", **changes})]) != fingerprints([base])


def test_the_file_matters_where_no_template_is_known() -> None:
    files = ("a.yaml", "b.yaml")
    plain, chart = (
        {mark for file in files for mark in fingerprints([finding(file=file, template=template)])}
        for template in (None, "pod.yaml")
    )
    assert (len(plain), len(chart)) == (2, 1)


def test_equal_findings_are_counted() -> None:
    three = fingerprints([finding(line=line) for line in (1, 2, 3)])
    assert len(set(three)) == 3
    # Whichever of them is repaired, the others are known.
    assert fingerprints([finding(line=3)]) == three[:1]


def test_fingerprint_stays() -> None:
    """Baselines hold it: it changes only with the name of the fingerprint in SARIF."""
    assert fingerprints([finding()]) == [
        "75874d61134f6533822b5fdb214ee952140c68b74fe25a37ab5c06239525e7d6"
    ]


# --- Any text ---

_odd = st.sampled_from("\n\r\t\x00\x1b\x85\u2028\u202e\ufffe\udc80|`<>&%:,;[](){}@#*_~\\-=\"'$! 1a")
_text = st.text(st.one_of(_odd, st.characters()), min_size=1, max_size=12)
# What Python makes of the bytes of a file name.
_name = st.one_of(
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=12),
    st.binary(min_size=1, max_size=8).map(lambda name: os.fsdecode(name.replace(b"\0", b"0"))),
)
_number = st.integers(1, 99)
_place = st.fixed_dictionaries(
    {
        "path": _text,
        "line": _number,
        "column": _number,
        "file": _name,
        "place": st.sampled_from(["manifest", "template", "values", "rendered", "chart"]),
        "document": st.fixed_dictionaries(
            dict.fromkeys(("apiVersion", "kind", "namespace", "name"), st.just("") | _text)
        ),
    },
    optional={
        "template": _text,
        "excerpt": st.fixed_dictionaries({"text": _text, "column": _number, "width": _number}),
    },
)
_finding = st.builds(
    lambda base, place: {**base, **place},
    st.fixed_dictionaries(
        {
            "rule": st.sampled_from(["floating-tag", "downgrade"]),
            "severity": st.sampled_from(["error", "warning", "info"]),
            "message": _text,
            "evidence": st.lists(st.builds(lambda s: {"source": s, "read": "2026-01-02"}, _text)),
            "hint": st.just("") | _text,
            "notes": st.lists(_text, max_size=2),
        },
        optional={"suppressed": _text},
    ),
    st.just({}) | _place,
)
_input = st.builds(
    lambda name, reason: {
        "name": name,
        "kind": "chart",
        "documents": 1,
        "checked": reason is None,
        **({} if reason is None else {"reason": reason}),
    },
    _name,
    st.none() | _text,
)


@st.composite
def _results(draw: st.DrawFn) -> Data:
    data = result(*draw(st.lists(_finding, max_size=4)))
    data["inputs"] = draw(st.lists(_input, min_size=1, max_size=3))
    data["summary"]["notChecked"] = len(unchecked(data))
    return data


def told(data: Data) -> list[Data]:
    """What most formats tell: findings that are not suppressed, and unchecked inputs."""
    return [*(f for f in data["findings"] if not f.get("suppressed")), *unchecked(data)]


@given(_results(), st.sampled_from(["error", "warning", "info", "never"]))
def test_every_format_can_be_written(data: Data, fail_on: str) -> None:
    """As UTF-8, and without anything that a terminal would obey."""
    for name, form in FORMATS.items():
        text = junit_text(data, fail_on) if name == "junit.xml" else form(data)
        assert text.encode().decode() == text
        assert printable(text) == text


@given(_results())
def test_concise_has_one_line_each(data: Data) -> None:
    lines = concise_text(data).splitlines()
    assert len(lines) == len(told(data)) + 1
    for line, entry in zip(lines, told(data)):
        assert f"{entry['severity']}[{entry['rule']}] " in line


@given(_results())
def test_sarif_is_valid(data: Data) -> None:
    log = json.loads(sarif_text(data, page))
    assert list(VALIDATOR.iter_errors(log)) == []
    (run,) = log["runs"]
    for entry, written in zip(data["findings"], run["results"], strict=True):
        rule = run["tool"]["driver"]["rules"][written["ruleIndex"]]
        assert (written["ruleId"], rule["id"]) == (entry["rule"],) * 2
        assert [s["justification"] for s in written["suppressions"]] == [
            printable(entry[key]) for key in ["suppressed"] if key in entry
        ]
        uri = written["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"([a-z0-9+.-]+://)?([A-Za-z0-9._~/:@-]|%[0-9A-F]{2})+", uri)
        file = os.fsencode(tidy(entry.get("file", data["inputs"][0]["name"])))
        assert unquote_to_bytes(uri.removeprefix("file://")) == re.sub(rb"^//", b"/", file)
    notifications = run["invocations"][0]["toolExecutionNotifications"]
    assert len(notifications) == len(unchecked(data))


@given(_results(), st.sampled_from(["error", "warning", "info", "never"]))
def test_junit_can_be_read(data: Data, fail_on: str) -> None:
    root = ElementTree.fromstring(junit_text(data, fail_on).encode())
    assert len({suite.attrib["name"] for suite in root}) <= len(root)
    for element in (root, *root):
        for key, tag in (
            ("tests", "testcase"), ("failures", "failure"),
            ("errors", "error"), ("skipped", "skipped"),
        ):  # fmt: skip
            assert element.attrib[key] == str(len(list(element.iter(tag))))
    names = {entry["name"] for entry in data["inputs"]}
    assert len(root) in (len(names), len(names) + 1)
    assert int(root.attrib["errors"]) == len({entry["file"] for entry in unchecked(data)})
    written = "\n".join(root.itertext())
    for entry in data["findings"]:
        assert explained(entry) in written


@given(_results())
def test_github_can_be_read(data: Data) -> None:
    lines = re.split("\r\n|\r|\n", github_text(data))
    assert lines.pop() == ""
    for line, entry in zip(lines, told(data), strict=True):
        found = re.fullmatch("::(error|warning|notice) ([^:]*)::(.*)", line)
        assert found
        properties = dict(part.split("=", 1) for part in found[2].split(","))
        assert unescaped(properties["title"]) == entry["rule"]
        assert unescaped(properties.get("file", "")) == (
            printable(tidy(entry["file"])) if "file" in entry else ""
        )
        assert unescaped(found[3]) == explained(entry)


def unescaped(text: str) -> str:
    """What the runner makes of a value."""
    for code, character in {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}.items():
        text = text.replace(code, character)
    return text


@given(_results())
def test_gitlab_can_be_read(data: Data) -> None:
    issues = json.loads(gitlab_text(data))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    for issue, entry in zip(issues, told(data), strict=True):
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major")
        assert (issue["check_name"], issue["description"]) == (
            entry["rule"], printable(entry["message"]),
        )  # fmt: skip
        assert issue["location"]["lines"]["begin"] >= 1
        assert issue["location"]["path"]


@given(st.lists(_finding, max_size=5))
def test_no_two_fingerprints_are_equal(findings: list[Data]) -> None:
    marks = fingerprints(findings)
    assert len(set(marks)) == len(marks) == len(findings)
    assert all(re.fullmatch("[0-9a-f]{64}", mark) for mark in marks)


# --- Markdown ---

_TAGS = {"details", "summary", "code", "br"}
_fence = re.compile(r"^(`{3,})text\n(.*)\n( *\^+)\n\1$", re.MULTILINE)


class Shown(HTMLParser):
    """The tags of a text, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert attrs == []
        self.tags.add(tag)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read_markdown(text: str) -> Shown:
    """What a reader sees of the text outside of code blocks."""
    bare = re.sub(r"<(https?://[^\s<>]+)>", r"\1", _fence.sub("", text))
    shown = Shown()
    for line in bare.splitlines(keepends=True):
        # The line of the summary is HTML, in which a backslash is one.
        escapes = "(?!)" if line.startswith("<summary>") else r"\\([!-/:-@\[-`{-~])"
        shown.feed(re.sub(escapes, lambda found: f"&#{ord(found[1])};", line))
    shown.close()
    return shown


@given(_results())
def test_markdown_has_no_tags_but_ours(data: Data) -> None:
    shown = read_markdown(markdown_text(data))
    assert shown.open == []
    assert shown.tags <= _TAGS


@given(_results())
def test_markdown_shows_every_message(data: Data) -> None:
    written = "".join(read_markdown(markdown_text(data)).text.split())
    for entry in told(data):
        assert "".join(printable(entry["message"]).split()) in written


@given(_results())
def test_markdown_has_one_row_a_finding(data: Data) -> None:
    text = markdown_text(data)
    rows = [line for line in _fence.sub("", text).split("\n") if line.startswith("| ")]
    findings = [f for f in data["findings"] if not f.get("suppressed")]
    assert len(rows) == (len(findings) + 2 if findings else 0)
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows} <= {5}
    excerpts = [f["excerpt"] for f in findings if "excerpt" in f]
    assert [len(fence[3]) for fence in _fence.finditer(text)] == [
        excerpt["column"] + excerpt["width"] - 1 for excerpt in excerpts
    ]
    assert text.count("<details>\n") == len(findings) + (len(findings) < len(data["findings"]))


@pytest.mark.parametrize(
    ("message", "cell"),
    [
        pytest.param("a | `b`", r"a \| \`b\`", id="end of a cell, and code"),
        pytest.param("<img src=x>&lt;", "&lt;img src=x>&amp;lt;", id="HTML"),
        pytest.param("[a](b)", r"\[a\](b)", id="link"),
        pytest.param("ask @acme, see #12", "ask @<!-- -->acme, see #<!-- -->12", id="mention"),
        pytest.param("web@ # 1", "web@ # 1", id="no mention"),
        pytest.param("- item", r"\- item", id="item of a list"),
        pytest.param(" - item", r"\- item", id="item of a list, indented"),
        pytest.param("12. item", r"12\. item", id="number of a list"),
        pytest.param("one\ntwo", "one<br>two", id="lines"),
        pytest.param(
            "see https://example.com/a_b?c=1#d.", "see <https://example.com/a_b?c=1#d>.",
            id="address",
        ),
        pytest.param("https://a.b/|x", r"<https://a.b/>\|x", id="odd address"),
    ],
)  # fmt: skip
def test_cell(message: str, cell: str) -> None:
    row = markdown_text(result(finding(message=message))).split("\n")[4]
    assert row == f"| error | floating-tag | <code>chart/templates/pod.yaml:7:12</code> | {cell} |"


@pytest.mark.parametrize(
    ("text", "block"),
    [
        pytest.param("  a: b", "```text\n  a: b\n     ^\n```\n", id="plain"),
        pytest.param("\ta:\tb", "```text\n a: b\n     ^\n```\n", id="tabs are one column"),
        pytest.param("a: ```b", "````text\na: ```b\n     ^\n````\n", id="fence inside"),
        pytest.param("a: `b`", "```text\na: `b`\n     ^\n```\n", id="code inside"),
        pytest.param("a\n```\nb", "````text\na ``` b\n     ^\n````\n", id="never a second line"),
        pytest.param("a: \x1b[1m", "```text\na: \ufffd[1m\n     ^\n```\n", id="control character"),
    ],
)  # fmt: skip
def test_excerpt(text: str, block: str) -> None:
    entry = finding(excerpt={"text": text, "column": 6, "width": 1})
    written = markdown_text(result(entry)).partition("</summary>")[2]
    assert written.partition("</code>\n\n")[2] == f"{block}\n</details>\n"


def test_a_comment_has_room_for_some() -> None:
    data = result(*[finding(message="long " * 20)] * 900, *[finding(suppressed="x" * 99)] * 400)
    data["inputs"] = [{**data["inputs"][0], "checked": False, "reason": "no " * 50}] * 200
    text = markdown_text(data)
    assert 50_000 < len(text) < LIMIT
    left = [int(number) for number in re.findall(r"^(\d+) more: no room here\.$", text, re.M)]
    shown = [
        text.count("- **not checked:** "),
        text.count("| error | floating-tag | "),
        text.count("<summary>error"),
        text.count("- floating-tag "),
    ]
    assert [sum(pair) for pair in zip(shown, left)] == [200, 900, 900, 400]
    assert min(shown) > 10
    assert read_markdown(text).open == []


def main() -> None:
    """Write the expected files."""
    for name, form in FORMATS.items():
        Path(FOLDER, name).write_bytes(form(RESULT).encode())


if __name__ == "__main__":
    main()
