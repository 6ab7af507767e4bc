"""`helm-compat lint` as a command: options, outputs, exit status, and inputs that are bad."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from command import PYTHON, ROOT, Command, Said, make_command
from jsonschema import Draft202012Validator
from test_formats import SCHEMA as SARIF
from test_formats import VALIDATOR as SARIF_VALIDATOR

from helm_compat.cli.lint_output import FORMATS
from helm_compat.config_values import ADJUSTABLE

Data = dict[str, Any]

CHARTS = ROOT / "testdata" / "charts"
VALIDATOR = Draft202012Validator(json.loads((ROOT / "schemas/lint.schema.json").read_bytes()))

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: web, image: "nginx:latest"}
"""
BAD = POD.replace("nginx:latest", "nginx:sha256:00")
CLEAN = POD.replace("nginx:latest", f"nginx@sha256:{'0' * 64}")
DATABASE = """\
apiVersion: asdb.aerospike.com/v1
kind: AerospikeCluster
metadata: {name: orders}
spec: {image: "aerospike/aerospike-server-enterprise:8.1.2.0"}
"""
OPERATOR = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: operator}
spec:
  template:
    spec:
      containers:
      - {name: manager, image: "aerospike/aerospike-kubernetes-operator:4.4.1"}
"""
MANIFESTS = {"pod": POD, "bad": BAD, "clean": CLEAN, "database": DATABASE, "operator": OPERATOR}

FLOATING = """\
warning[floating-tag]: docker.io/library/nginx:latest names no release
  --> pod.yaml:6:31
      Pod web spec.containers[0].image
6 |   - {name: web, image: "nginx:latest"}
  |                               ^^^^^^
   = help: Name a release, or add the digest of the image that is meant.

"""
HIDDEN = " (-v shows what is only to know)"
COUNTS = f"1 warning, 1 to know in 1 input, 1 document{HIDDEN}; not checked: 0\n"
CONCISE = """\
pod.yaml:6:31: warning[floating-tag] docker.io/library/nginx:latest names no release
pod.yaml:6:31: info[missing-digest] docker.io/library/nginx:latest has no digest
1 warning, 1 to know in 1 input
"""


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """A world whose working directory holds some manifests, and no Helm."""
    made = make_command(tmp_path)
    for name, text in MANIFESTS.items():
        (made.work / f"{name}.yaml").write_text(text, "utf-8")
    return made


def lint(command: Command, *arguments: str, **variables: str) -> Said:
    return command.run("lint", *arguments, variables=variables)


def data_of(
    command: Command,
    *arguments: str,
    status: int = 0,
    variables: Mapping[str, str] | None = None,
) -> Data:
    """The result as data, which fits the schema."""
    said = lint(command, "--output=json", *arguments, **(variables or {}))
    assert said.status == status, said.err
    data: Data = json.loads(said.out)
    assert [error.json_path for error in VALIDATOR.iter_errors(data)] == []
    return data


def told(data: Data) -> list[str]:
    """Rule and severity of every finding, or why it is suppressed."""
    return [f"{f['rule']}: {f.get('suppressed') or f['severity']}" for f in data["findings"]]


def write(command: Command, name: str, text: str) -> None:
    path = command.work / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


# --- Exit status ---


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param("clean.yaml", 0, id="nothing found"),
        pytest.param("clean.yaml --fail-on=info", 0, id="nothing found, at any level"),
        pytest.param("pod.yaml", 0, id="warning"),
        pytest.param("pod.yaml --fail-on warning", 1, id="warning that fails"),
        pytest.param("pod.yaml --ignore floating --fail-on warning", 0, id="info"),
        pytest.param("pod.yaml --ignore floating --fail-on info", 1, id="info that fails"),
        pytest.param("bad.yaml", 1, id="error"),
        pytest.param("bad.yaml --fail-on never", 0, id="error that never fails"),
        pytest.param("bad.yaml --exit-zero", 0, id="error, and zero"),
        pytest.param("bad.yaml --exit-zero --fail-on info", 0, id="zero wins"),
        pytest.param("pod.yaml bad.yaml", 1, id="several, one with an error"),
        pytest.param("bad.yaml gone.yaml", 2, id="error and failure"),
        pytest.param("clean.yaml gone.yaml --exit-zero", 2, id="failure, and zero"),
        pytest.param("clean.yaml gone.yaml --fail-on never", 2, id="failure that never fails"),
        pytest.param("clean.yaml mine/chart", 3, id="no helm"),
        pytest.param("gone.yaml mine/chart", 3, id="the gravest failure"),
        pytest.param("database.yaml", 0, id="what cannot be judged warns"),
        pytest.param("database.yaml --on-unknown error", 1, id="what cannot be judged fails"),
        pytest.param("database.yaml --on-unknown ignore --fail-on warning", 0, id="is ignored"),
        pytest.param("database.yaml --no-gate --fail-on warning", 0, id="versions not judged"),
    ],
)  # fmt: skip
def test_exit_status(arguments: str, status: int, command: Command) -> None:
    assert lint(command, *arguments.split()).status == status


def test_severity_of_the_environment(command: Command) -> None:
    assert lint(command, "pod.yaml", HELM_COMPAT_FAIL_ON="warning").status == 1
    assert lint(command, "pod.yaml", "--fail-on=never", HELM_COMPAT_FAIL_ON="info").status == 0


# --- What is wrong with the command line ---


KNOWN = ", ".join(ADJUSTABLE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            "", "Missing argument 'INPUT...'.\n  helm-compat lint --help shows what there is.",
            id="nothing to check",
        ),
        pytest.param(
            "pod.yaml --fail-on bogus",
            "Invalid value for '--fail-on': 'bogus' is not one of"
            " 'error', 'warning', 'info', 'never'.\n"
            "  helm-compat lint --help shows what there is.",
            id="unknown level",
        ),
        pytest.param(
            "pod.yaml -o jsn",
            "--output: there is no format 'jsn'\n  Did you mean 'json'?",
            id="misspelt format",
        ),
        pytest.param(
            "pod.yaml -o html=out.html",
            "--output: there is no format 'html'\n"
            "  Known: concise, github, gitlab, json, junit, markdown, sarif, text.",
            id="unknown format",
        ),
        pytest.param(
            "pod.yaml -o json=", "--output json=: wants a file behind the =", id="no file"
        ),
        pytest.param(
            "pod.yaml -o json -o concise",
            "--output: only one format can go to standard output\n"
            "  Give the others a file, as in -o sarif=lint.sarif.",
            id="two formats to standard output",
        ),
        pytest.param(
            "pod.yaml -o json -o json",
            "--output: only one format can go to standard output\n"
            "  Give the others a file, as in -o sarif=lint.sarif.",
            id="one format twice",
        ),
        pytest.param(
            "pod.yaml -o json=a -o sarif=./a",
            "--output: one file is named for two formats",
            id="one file twice",
        ),
        pytest.param(
            "pod.yaml --select floatin-tag",
            "--select: unknown rule 'floatin-tag'\n  Did you mean 'floating-tag'?",
            id="misspelt rule",
        ),
        pytest.param(
            "pod.yaml --ignore bogus",
            f"--ignore: unknown rule 'bogus'\n  Known: {KNOWN}.",
            id="unknown rule",
        ),
        pytest.param(
            "pod.yaml --select check-not-made",
            "--select: check-not-made is no finding of lint but the end of it\n"
            "  Leave out the input that cannot be checked.",
            id="rule that is a failure",
        ),
        pytest.param(
            "pod.yaml --jobs 0", "--jobs wants a whole number above 0, not '0'", id="no jobs"
        ),
        pytest.param(
            "pod.yaml --jobs many", "--jobs wants a whole number above 0, not 'many'", id="jobs"
        ),
        pytest.param(
            "pod.yaml --timeout 5m", "--timeout wants a number of seconds, not '5m'", id="time"
        ),
        pytest.param(
            "pod.yaml --kube-version new",
            "--kube-version new: 'new' is no version of Kubernetes\n"
            "  Versions are written as 1.31.",
            id="Kubernetes",
        ),
        pytest.param(
            "pod.yaml --installed bogus=1",
            "--installed bogus=1: wants PRODUCT/COMPONENT=VERSION\n"
            "  As in --installed aerospike/operator=4.4.0.",
            id="installed",
        ),
        pytest.param(
            "- --values -",
            "standard input can be read once: either as an input or as values",
            id="standard input for two",
        ),
        pytest.param(
            "- -", "standard input can be read once: either as an input or as values", id="twice"
        ),
        pytest.param(
            "pod.yaml --baseline gone.json",
            "gone.json: cannot read the baseline: No such file or directory\n"
            "  helm compat lint --write-baseline writes this file.",
            id="no baseline",
        ),
        pytest.param(
            "pod.yaml --baseline pod.yaml",
            "pod.yaml:1:1: unknown key 'apiVersion' in a baseline."
            " Did you mean 'version'?\n"
            "  helm compat lint --write-baseline writes this file.",
            id="no baseline but a pod",
        ),
        pytest.param(
            "pod.yaml --config gone.yaml",
            "gone.yaml: cannot read the configuration: No such file or directory",
            id="no configuration",
        ),
    ],
)  # fmt: skip
def test_wrong_arguments(arguments: str, message: str, command: Command) -> None:
    """Nothing is checked then, and nothing is written."""
    assert lint(command, *arguments.split()) == Said(2, b"", f"error: {message}\n")
    assert {path.stem for path in command.work.iterdir()} == {*MANIFESTS}


def test_an_empty_input(command: Command) -> None:
    message = "error: an input is an empty text\n  Is a variable of the caller not set?\n"
    assert lint(command, "pod.yaml", "") == Said(2, b"", message)


# --- Outputs ---


def test_text(command: Command) -> None:
    assert lint(command, "pod.yaml") == Said(0, (FLOATING + COUNTS).encode(), "")
    assert lint(command, "pod.yaml", "-o", "text") == Said(0, (FLOATING + COUNTS).encode(), "")


def test_text_with_all_that_is_only_good_to_know(command: Command) -> None:
    digest = FLOATING.replace("warning[floating-tag]", "info[missing-digest]")
    digest = digest.replace("names no release", "has no digest")
    help_ = "Write nginx:latest@sha256:… of the image that was tested."
    digest = re.sub("help: .*", f"help: {help_}", digest)
    counts = COUNTS.replace(HIDDEN, "")
    for option in ("-v", "--verbose"):
        said = lint(command, "pod.yaml", option)
        assert said == Said(0, (FLOATING + digest + counts).encode(), "")


def test_concise(command: Command) -> None:
    assert lint(command, "pod.yaml", "-o", "concise") == Said(0, CONCISE.encode(), "")


def test_nothing_found(command: Command) -> None:
    counts = b"no findings in 1 input, 1 document; not checked: 0\n"
    assert lint(command, "clean.yaml") == Said(0, counts, "")


def test_several_outputs(command: Command) -> None:
    """Each file holds what the format writes to standard output."""
    files = [f"--output={name}=out.{name}" for name in FORMATS]
    alone = {name: lint(command, "pod.yaml", "gone.yaml", f"-o{name}").out for name in FORMATS}
    said = lint(command, "pod.yaml", "gone.yaml", *files)
    assert (said.status, said.out) == (2, b"")
    assert {name: (command.work / f"out.{name}").read_bytes() for name in FORMATS} == alone
    said = lint(command, "pod.yaml", "gone.yaml", *files[1:], "-o", "text")
    assert said.out == alone["text"]


def test_outputs_of_the_environment(command: Command) -> None:
    said = lint(command, "pod.yaml", HELM_COMPAT_OUTPUT="concise,json=a.json")
    assert said == Said(0, CONCISE.encode(), "")
    assert json.loads((command.work / "a.json").read_bytes()) == data_of(command, "pod.yaml")


def test_an_output_takes_the_place_of_an_old_one(command: Command) -> None:
    write(command, "out.txt", "old\n" * 100)
    assert lint(command, "pod.yaml", "-o", "concise=out.txt") == Said(0, b"", "")
    assert (command.work / "out.txt").read_text("utf-8") == CONCISE


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        pytest.param("gone/out.json", "No such file or directory", id="no folder"),
        pytest.param("folder", "Is a directory", id="a folder"),
        pytest.param("pod.yaml/out.json", "Not a directory", id="below a file"),
    ],
)
def test_an_output_that_cannot_be_written(file: str, reason: str, command: Command) -> None:
    """The others are written all the same, and nothing is left behind."""
    (command.work / "folder").mkdir()
    before = sorted(command.work.iterdir())
    said = lint(command, "bad.yaml", "-o", f"json={file}", "-o", "concise=out.txt", "-o", "text")
    assert (said.status, said.err) == (2, f"error: {file}: cannot write: {reason}\n")
    assert said.out.startswith(b"error[malformed-reference]")
    assert sorted(command.work.iterdir()) == sorted([*before, command.work / "out.txt"])


def test_standard_output_that_is_full(command: Command) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PYTHON, "lint", "pod.yaml"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=command.environment(),
            cwd=command.work,
            check=False,
        )
    message = b"error: standard output was closed before everything was written: "
    assert (done.returncode, done.stderr[: len(message)]) == (2, message)


def test_json_is_what_the_schema_says(command: Command) -> None:
    """data_of holds every result of this file against it; this one against what is left out."""
    data = data_of(command, "pod.yaml", "gone.yaml", status=2)
    entries = [
        {"name": "pod.yaml", "kind": "manifests", "documents": 1, "checked": True},
        {"name": "gone.yaml", "kind": "manifests", "documents": 0, "checked": False,
         "reason": f"gone.yaml: {ABSENT}"},
    ]  # fmt: skip
    assert data["inputs"] == entries
    wrong: list[Data] = [
        {"summary": {**data["summary"], "notChecked": -1}},
        {"inputs": [{**entries[0], "checked": False}]},
        {"inputs": [{**entries[1], "checked": True}]},
        {"inputs": [{**entries[0], "kind": "folder"}]},
        {"inputs": []},
        {"findings": [{**data["findings"][0], "place": ""}]},
        {"findings": [{k: v for k, v in data["findings"][0].items() if k != "place"}]},
        {"findings": [{**data["findings"][0], "place": "helm"}]},
        {"more": 1},
    ]
    for changes in wrong:
        assert list(VALIDATOR.iter_errors({**data, **changes})) != [], changes


def test_the_schema_shares_its_definitions_with_that_of_reports() -> None:
    schema = json.loads((ROOT / "schemas/lint.schema.json").read_bytes())
    reports = json.loads((ROOT / "schemas/report.schema.json").read_bytes())
    mine = schema["$defs"]
    finding = mine.pop("finding")
    assert finding.pop("required") == [*reports["$defs"]["finding"].pop("required"), "place"]
    del finding["properties"]["place"], finding["if"], finding["then"], finding["else"]
    del mine["input"]
    assert finding == reports["$defs"].pop("finding")
    assert mine == reports["$defs"]


def test_sarif_is_valid(command: Command) -> None:
    assert SARIF["$schema"] == "http://json-schema.org/draft-04/schema#"
    said = lint(command, "pod.yaml", "bad.yaml", "gone.yaml", "-o", "sarif")
    assert [error.json_path for error in SARIF_VALIDATOR.iter_errors(json.loads(said.out))] == []


# --- Colour, and the bar ---


RED = "\x1b[1;33mwarning[floating-tag]\x1b[0m"


@pytest.mark.parametrize(
    ("arguments", "variables", "coloured"),
    [
        pytest.param((), {}, False, id="no terminal"),
        pytest.param(("--color=always",), {}, True, id="always"),
        pytest.param(("--color=always", "--color=never"), {}, False, id="never"),
        pytest.param(("--color=always",), {"NO_COLOR": "1"}, False, id="NO_COLOR wins"),
        pytest.param(("--color=always",), {"NO_COLOR": ""}, True, id="empty NO_COLOR"),
        pytest.param((), {"HELM_COMPAT_COLOR": "always"}, True, id="variable"),
        pytest.param((), {"HELM_COLOR": "always"}, True, id="Helm's variable"),
    ],
)
def test_colour(
    arguments: tuple[str, ...], variables: dict[str, str], coloured: bool, command: Command
) -> None:
    text = FLOATING.replace("warning[floating-tag]", RED) if coloured else FLOATING
    assert lint(command, "pod.yaml", *arguments, **variables) == Said(
        0, (text + COUNTS).encode(), ""
    )


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "text"])
def test_only_text_is_coloured(name: str, command: Command) -> None:
    assert b"\x1b" not in lint(command, "pod.yaml", "-o", name, "--color=always").out


def on_terminal(
    command: Command, *arguments: str, both: bool = True, **variables: str
) -> tuple[int, str, str]:
    """Status, what a terminal shows, and standard output where that is none (`both`)."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [*PYTHON, "lint", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=terminal if both else subprocess.PIPE,
        stderr=terminal,
        env=command.environment({"TERM": "xterm", **variables}),
        cwd=command.work,
    )
    os.close(terminal)
    shown = b""
    while True:
        try:
            piece = os.read(controller, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(controller)
    out, _ = process.communicate()
    return process.returncode, shown.decode().replace("\r\n", "\n"), (out or b"").decode()


def test_a_terminal_is_coloured(command: Command) -> None:
    text = FLOATING.replace("warning[floating-tag]", RED)
    assert on_terminal(command, "pod.yaml") == (0, text + COUNTS, "")
    assert on_terminal(command, "pod.yaml", NO_COLOR="1") == (0, FLOATING + COUNTS, "")
    assert on_terminal(command, "pod.yaml", both=False) == (0, "", FLOATING + COUNTS)


def test_a_file_is_not_coloured_on_a_terminal(command: Command) -> None:
    assert on_terminal(command, "pod.yaml", "-o", "text=out.txt") == (0, "", "")
    assert (command.work / "out.txt").read_text("utf-8") == FLOATING + COUNTS


def test_the_bar_is_for_terminals(command: Command) -> None:
    status, shown, out = on_terminal(command, "pod.yaml", "clean.yaml", both=False)
    assert (status, out) == (0, FLOATING + COUNTS.replace("1 input, 1", "2 inputs, 2"
        ).replace("document ", "documents "))  # fmt: skip
    assert "linting" in shown
    assert "100%" in shown
    assert lint(command, "pod.yaml", "clean.yaml").err == ""


def test_one_input_needs_no_bar(command: Command) -> None:
    assert on_terminal(command, "clean.yaml", both=False)[1] == ""


def test_a_failure_is_told_once_on_a_terminal(command: Command) -> None:
    status, shown, _ = on_terminal(command, "gone.yaml")
    assert (status, shown.count("there is no such file")) == (2, 1)
    status, shown, _ = on_terminal(command, "gone.yaml", "-o", "text=out.txt")
    assert (status, shown) == (2, f"error: gone.yaml: {ABSENT}\n")
    status, shown, out = on_terminal(command, "gone.yaml", both=False)
    assert (status, shown.count(ABSENT), out.count(ABSENT)) == (2, 1, 1)


# --- Which rules ---


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param("", ["floating-tag", "missing-digest"], id="all"),
        pytest.param("--select floating-tag", ["floating-tag"], id="one"),
        pytest.param("--select floating", ["floating-tag"], id="by the first word"),
        pytest.param("--select mixed", [], id="others"),
        pytest.param("--select mixed,missing", ["missing-digest"], id="by commas"),
        pytest.param(
            "--select floating --select missing", ["floating-tag", "missing-digest"], id="twice"
        ),
        pytest.param("--ignore floating-tag", ["missing-digest"], id="ignored"),
        pytest.param("--ignore floating,missing", [], id="all ignored"),
        pytest.param("--select missing --ignore missing-digest", [], id="ignored wins"),
    ],
)
def test_rules(arguments: str, expected: list[str], command: Command) -> None:
    data = data_of(command, "pod.yaml", *arguments.split())
    assert [finding["rule"] for finding in data["findings"]] == expected


def test_rules_of_the_environment(command: Command) -> None:
    data = data_of(
        command, "pod.yaml", variables={"HELM_COMPAT_IGNORE": "floating-tag,missing-digest"}
    )
    assert data["findings"] == []


# --- Configuration, comments, annotations ---


def test_severities_of_the_configuration(command: Command) -> None:
    write(
        command,
        ".helm-compat.yaml",
        "policy:\n  rules: {floating-tag: error, missing-digest: warning}\n",
    )
    data = data_of(command, "pod.yaml", status=1)
    assert told(data) == ["floating-tag: error", "missing-digest: warning"]
    assert data["summary"] == summary(error=1, warning=1)


def summary(**counts: int) -> dict[str, int]:
    names = ("error", "warning", "info", "suppressed", "notChecked")
    return {name: counts.get(name, 0) for name in names}


def test_the_level_of_the_configuration(command: Command) -> None:
    write(command, "strict.yaml", "policy: {fail-on: warning}\n")
    assert lint(command, "pod.yaml", "--config=strict.yaml").status == 1
    assert lint(command, "pod.yaml", "--config=strict.yaml", "--fail-on=error").status == 0


def test_suppressions_of_the_configuration(command: Command) -> None:
    write(
        command,
        ".helm-compat.yaml",
        """\
suppress:
  - {rule: floating-tag, resource: Pod/web, reason: only a demo}
  - {rule: missing-digest, resource: Pod/web, reason: later, until: 2020-01-31}
  - {rule: mixed-tags, resource: "*", reason: none}
""",
    )
    data = data_of(command, "pod.yaml")
    assert told(data) == [
        "expired-suppression: warning",
        "unused-suppression: warning",
        "floating-tag: only a demo",
        "missing-digest: info",
    ]
    assert data["summary"] == summary(warning=2, info=1, suppressed=1)
    assert [finding["place"] for finding in data["findings"]] == [""] * 2 + ["manifest"] * 2


def test_no_suppression_is_unused_where_an_input_failed(command: Command) -> None:
    """What could not be checked may need it."""
    entry = "{rule: mixed-tags, resource: '*', reason: none}"
    write(command, ".helm-compat.yaml", f"suppress: [{entry}]\n")
    assert told(data_of(command, "clean.yaml")) == ["unused-suppression: warning"]
    assert told(data_of(command, "clean.yaml", "gone.yaml", status=2)) == []


COMMENTED = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: a
    image: nginx:latest  # helm-compat: ignore[floating-tag, missing-digest] reason=a demo
  - name: b
    # helm-compat: ignore[missing-digest] until=2999-12-31 reason=not yet
    image: httpd:2
  - name: c
    # helm-compat: ignore[missing-digest] until=2020-12-31 reason=not yet
    image: redis:7
  - name: d
    # helm-compat: ignore[mixed-tags] reason=why not
    # helm-compat: ignore[missing-digest]
    image: caddy:2
"""


def test_comments(command: Command) -> None:
    write(command, "web.yaml", COMMENTED)
    data = data_of(command, "web.yaml")
    assert [f"{f['line']} {words}" for f, words in zip(data["findings"], told(data))] == [
        "8 floating-tag: a demo",
        "13 expired-suppression: warning",
        "16 unused-suppression: warning",
        "17 unused-suppression: warning",
        "8 missing-digest: a demo",
        "11 missing-digest: not yet",
        "14 missing-digest: info",
        "18 missing-digest: info",
    ]
    assert data["summary"] == summary(warning=3, info=2, suppressed=3)


def test_an_annotation(command: Command) -> None:
    noted = POD.replace(
        "{name: web}",
        "{name: web, annotations: {helm-compat/ignore: 'floating-tag reason=a demo'}}",
    )
    write(command, "web.yaml", noted)
    assert told(data_of(command, "web.yaml")) == ["floating-tag: a demo", "missing-digest: info"]


@pytest.mark.parametrize("name", ["text", "concise", "github", "gitlab"])
def test_what_is_suppressed_is_not_shown(name: str, command: Command) -> None:
    write(command, "web.yaml", COMMENTED)
    assert b"a demo" not in lint(command, "web.yaml", "-v", "-o", name).out


# --- Baselines ---


def test_a_baseline(command: Command) -> None:
    """What was there is told no more; what is new, and what is gone, is told."""
    said = lint(command, "pod.yaml", "bad.yaml", "--write-baseline=known.json")
    assert (said.status, said.err) == (0, "")
    known = json.loads((command.work / "known.json").read_bytes())
    assert [(entry["rule"], entry["file"]) for entry in known["findings"]] == [
        ("floating-tag", "pod.yaml"),
        ("malformed-reference", "bad.yaml"),
        ("missing-digest", "pod.yaml"),
    ]

    again = ("pod.yaml", "bad.yaml", "--baseline=known.json", "--fail-on=info")
    data = data_of(command, *again)
    assert {f["suppressed"] for f in data["findings"]} == {"in the baseline"}
    assert data["summary"] == summary(suppressed=3)

    write(command, "pod.yaml", "# moved\n\n" + POD.replace("nginx:latest", "nginx:1.27"))
    data = data_of(command, *again, status=1)
    assert told(data) == [
        "malformed-reference: in the baseline",
        "missing-digest: info",
        "unused-suppression: info",
    ]
    assert data["findings"][2]["message"] == "known.json: 2 of 3 entries are no longer found"


def test_a_baseline_survives_edits_around(command: Command) -> None:
    lint(command, "pod.yaml", "--write-baseline=known.json")
    write(command, "pod.yaml", f"# moved\n---\n{CLEAN}---\n{POD}")
    assert data_of(command, "pod.yaml", "--baseline=known.json")["summary"] == summary(suppressed=2)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param(("--select=floating-tag",), 0, id="some rules"),
        pytest.param(("--ignore=missing-digest",), 0, id="without some rules"),
        pytest.param(("gone.yaml",), 2, id="an input that is not checked"),
    ],
)
def test_nothing_is_gone_that_was_not_looked_for(
    arguments: tuple[str, ...], status: int, command: Command
) -> None:
    lint(command, "pod.yaml", "bad.yaml", "--write-baseline=known.json")
    data = data_of(command, "pod.yaml", *arguments, "--baseline=known.json", status=status)
    assert "unused-suppression: info" not in told(data)
    assert "unused-suppression: info" in told(data_of(command, "pod.yaml", "--baseline=known.json"))


def test_a_baseline_is_written_anew(command: Command) -> None:
    """With both options all is written that is there now, known or not."""
    lint(command, "pod.yaml", "bad.yaml", "--write-baseline=known.json")
    both = ("--baseline=known.json", "--write-baseline=known.json")
    assert told(data_of(command, "pod.yaml", *both)) == [
        "floating-tag: warning",
        "missing-digest: info",
    ]
    known = json.loads((command.work / "known.json").read_bytes())
    assert [entry["rule"] for entry in known["findings"]] == ["floating-tag", "missing-digest"]


def test_a_baseline_that_cannot_be_written(command: Command) -> None:
    message = "error: gone/known.json: cannot write the baseline: No such file or directory\n"
    said = lint(command, "pod.yaml", "--write-baseline=gone/known.json")
    assert said == Said(2, b"", message)


# --- What was not checked ---


def test_what_cannot_be_judged_is_counted(command: Command) -> None:
    data = data_of(command, "database.yaml", "clean.yaml")
    assert data["summary"] == summary(warning=1, info=1, notChecked=1)
    data = data_of(command, "database.yaml", "gone.yaml", status=2)
    assert data["summary"] == summary(warning=1, info=1, notChecked=2)
    data = data_of(command, "database.yaml", "--on-unknown=ignore")
    assert data["summary"] == summary(info=2, notChecked=1)


@pytest.mark.parametrize(
    ("name", "end"),
    [
        pytest.param("text", "no findings in 1 input, 1 document; not checked: 1\n", id="text"),
        pytest.param("concise", "no findings in 2 inputs, 1 not checked\n", id="concise"),
    ],
)
def test_a_failure_is_counted(name: str, end: str, command: Command) -> None:
    said = lint(command, "clean.yaml", "gone.yaml", "-o", name)
    assert said.out.decode().endswith(end)


# --- Relocation ---


def test_images_are_judged_where_they_go(command: Command) -> None:
    words = ("pod.yaml", "--registry=registry.example.com/mirror")
    data = data_of(command, *words)
    assert told(data) == ["floating-tag: warning", "missing-digest: info"]
    assert data["images"][0]["target"] == "registry.example.com/mirror/library/nginx:latest"

    data = data_of(command, *words, "--no-relocate", status=1)
    assert told(data) == [
        "foreign-registry: error",
        "floating-tag: warning",
        "missing-digest: info",
    ]
    assert data["images"][0]["target"] is None


def test_a_registry_that_needs_a_secret(command: Command) -> None:
    write(command, "ours.yaml", CLEAN.replace("nginx@", "registry.example.com/nginx@"))
    words = ("ours.yaml", "--registry=registry.example.com", "--image-pull-secret=regcred")
    assert told(data_of(command, *words)) == []
    assert told(data_of(command, *words, "--no-relocate")) == ["missing-pull-secret: warning"]


# --- Bad inputs: each with its message, and the others are linted all the same ---

ABSENT = (
    "there is no such file or folder\n"
    "  Give charts, manifest files, folders of them, REPOSITORY/CHART, oci://… or -."
)
LONG = f"{'x' * 300}.yaml"


def make_archive(path: Path, *names: str) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            data = b"apiVersion: v2\nname: evil\nversion: 1.0.0\n"
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


def make_nothing(work: Path) -> None:
    (work / "empty" / ".hidden").mkdir(parents=True)
    (work / "empty" / "README.md").touch()


def make_half_a_chart(work: Path) -> None:
    (work / "half" / "templates").mkdir(parents=True)
    (work / "half" / "values.yaml").touch()


def make_loop(work: Path) -> None:
    (work / "folder" / "below").mkdir(parents=True)
    (work / "folder" / "below" / "up").symlink_to("..")


BAD_INPUTS = [
    pytest.param(lambda _: None, "gone.yaml", f"gone.yaml: {ABSENT}", id="file that is not there"),
    pytest.param(lambda _: None, "./gone", f"./gone: {ABSENT}", id="folder that is not there"),
    pytest.param(
        make_nothing,
        "empty",
        "empty: this folder holds no charts and no manifests\n"
        "  Manifests end in .yaml, .yml, .json, packed charts in .tgz or .tar.gz;"
        " a chart's folder has Chart.yaml.",
        id="empty folder",
    ),
    pytest.param(
        make_half_a_chart,
        "half",
        "half: this is no chart: it has no Chart.yaml\n"
        "  Chart.yaml stands at the top of a chart, in an archive in its only folder.",
        id="chart without Chart.yaml",
    ),
    pytest.param(
        lambda work: (work / "broken.tgz").write_bytes(b"no archive"),
        "broken.tgz",
        "broken.tgz: this archive is broken: Not a gzipped file (b'no')\n"
        "  A chart's archive is a tar file in gzip, as helm package makes it.",
        id="broken archive",
    ),
    pytest.param(
        lambda work: make_archive(work / "evil.tgz", "evil/Chart.yaml", "evil/../../x"),
        "evil.tgz",
        "evil.tgz: this archive holds 'evil/../../x', a path that leads out of the chart\n"
        "  A chart never holds such a thing: do not unpack it, and ask where it comes from.",
        id="archive with .. in a name",
    ),
    pytest.param(
        lambda work: make_archive(work / "bare.tgz", "bare/values.yaml"),
        "bare.tgz",
        "bare.tgz: this is no chart: it has no Chart.yaml\n"
        "  Chart.yaml stands at the top of a chart, in an archive in its only folder.",
        id="archive without Chart.yaml",
    ),
    pytest.param(
        lambda work: (work / "loop.yaml").symlink_to("loop.yaml"),
        "loop.yaml",
        "loop.yaml: this symbolic link leads to itself\n  Remove or mend it.",
        id="link to itself",
    ),
    pytest.param(
        lambda work: (work / "lost.yaml").symlink_to("gone.yaml"),
        "lost.yaml",
        "lost.yaml: this symbolic link leads to 'gone.yaml', which is not there\n"
        "  Remove or mend it.",
        id="link to nothing",
    ),
    pytest.param(
        make_loop,
        "folder",
        "folder/below/up: this symbolic link leads back to 'folder', so that there is no end\n"
        "  Remove it, or name the folders that are wanted.",
        id="loop of links",
    ),
    pytest.param(
        lambda _: None,
        LONG,
        f"{LONG}: cannot be read: File name too long\n"
        "  See what stands there, and whether you may read it.",
        id="unreadable file",
    ),
    pytest.param(
        lambda work: (work / "half.yaml").write_text("kind: Pod\nspec: {image: [\n", "utf-8"),
        "half.yaml",
        "half.yaml:3:1: did not find expected node content while parsing a flow node",
        id="manifest with a fault",
    ),
    pytest.param(
        lambda work: (work / "none.yaml").write_text("kind: Pod\nspec: {a: [", "utf-8"),
        "none.yaml",
        "none.yaml:2:12: did not find expected node content while parsing a flow node",
        id="manifest with a fault and no image",
    ),
    pytest.param(
        lambda work: (work / "latin.yaml").write_bytes(b"kind: Pod\nname: caf\xe9\n"),
        "latin.yaml",
        "latin.yaml:2:10: not UTF-8: byte 0xe9 (invalid continuation byte)\n"
        "  Kubernetes manifests are UTF-8; convert the file or chart that this comes from.",
        id="manifest in another encoding",
    ),
    pytest.param(
        lambda work: shutil.copytree(CHARTS / "kaito", work / "kaito"),
        "kaito/Chart.yaml",
        "kaito/Chart.yaml: this is a part of a chart, not manifests\n"
        "  Give the chart's folder: kaito",
        id="Chart.yaml of a chart",
    ),
    pytest.param(
        lambda _: None,
        "-",
        "<stdin>: standard input is empty\n"
        "  See whether the command that should have written to it failed.",
        id="empty standard input",
    ),
]


@pytest.mark.parametrize(("make", "name", "reason"), BAD_INPUTS)
def test_bad_input(
    make: Callable[[Path], object], name: str, reason: str, command: Command
) -> None:
    make(command.work)
    assert lint(command, name) == Said(
        2, f"not checked: {reason}\n\nnothing was checked\n".encode(), f"error: {reason}\n"
    )

    data = data_of(command, name, "pod.yaml", "--exit-zero", status=2)
    assert told(data) == ["floating-tag: warning", "missing-digest: info"]
    assert data["summary"] == summary(warning=1, info=1, notChecked=1)
    (entry,) = (entry for entry in data["inputs"] if not entry["checked"])
    assert (entry["reason"], entry["documents"]) == (reason, 0)


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_folder_is_never_clean(name: str, command: Command) -> None:
    make_nothing(command.work)
    said = lint(command, "empty", "clean.yaml", "-o", name, "--exit-zero")
    assert said.status == 2
    assert b"this folder holds no charts and no manifests" in said.out


def test_a_folder_with_one_bad_file(command: Command) -> None:
    write(command, "all/a.yaml", POD)
    write(command, "all/b.yaml", "image: [\n")
    write(command, "all/c.yaml", BAD)
    data = data_of(command, "all", status=2)
    assert [(entry["name"], entry["checked"]) for entry in data["inputs"]] == [
        ("all/a.yaml", True),
        ("all/b.yaml", False),
        ("all/c.yaml", True),
    ]
    assert [finding["file"] for finding in data["findings"]] == [
        "all/c.yaml", "all/a.yaml", "all/a.yaml",
    ]  # fmt: skip


# --- Charts: values that are bad, and no helm ---


@pytest.fixture
def charts(command: Command, helm4: Path) -> dict[str, str]:
    """The variables with which charts can be rendered."""
    shutil.copytree(CHARTS / "kaito", command.work / "kaito")
    return {"HELM_BIN": str(helm4)}


FAULTS = [
    pytest.param(
        "a: [\n",
        ["2:1: did not find expected node content while parsing a flow node\n"
         "  Correct the YAML there."],
        id="syntax",
    ),
    pytest.param(
        "a: 1\nb: {c: 1, c: 2}\na: 2\n",
        ["2:11: the key 'c' stands twice\n  Helm takes the last without a word.",
         "3:1: the key 'a' stands twice\n  Helm takes the last without a word."],
        id="keys that stand twice",
    ),
    pytest.param(
        "- a\n",
        ["1:1: values are a mapping of keys\n  Helm merges it with the chart's own."],
        id="no mapping",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "faults"), FAULTS)
def test_values_with_faults(
    text: str, faults: list[str], command: Command, charts: dict[str, str]
) -> None:
    """No chart is judged without its values; manifests are."""
    write(command, "v.yaml", text)
    reasons = [f"v.yaml:{fault}" for fault in faults]
    data = data_of(command, "kaito", "pod.yaml", "--values=v.yaml", status=2, variables=charts)
    assert data["inputs"] == [
        {"name": "kaito", "kind": "chart", "documents": 0, "checked": False,
         "reason": "kaito: there is a fault in a values file"},
        {"name": "pod.yaml", "kind": "manifests", "documents": 1, "checked": True},
        {"name": "v.yaml", "kind": "values", "documents": 0, "checked": False,
         "reason": "\n".join(reasons)},
    ]  # fmt: skip
    assert data["summary"] == summary(warning=1, info=1, notChecked=2)
    said = lint(command, "kaito", "pod.yaml", "-fv.yaml", **charts)
    assert said.err == "".join(f"error: {reason}\n" for reason in reasons)


def test_values_that_are_not_there(command: Command, charts: dict[str, str]) -> None:
    data = data_of(command, "kaito", "pod.yaml", "--values=v.yaml", status=2, variables=charts)
    assert [entry["checked"] for entry in data["inputs"]] == [False, True, False]
    assert data["inputs"][2]["reason"] == (
        "v.yaml: cannot be read: No such file or directory\n"
        "  See what stands there, and whether you may read it."
    )


def test_values_are_inputs_too(command: Command, charts: dict[str, str]) -> None:
    write(command, "a.yaml", "a: 1\n")
    write(command, "b.yaml", "b: 1\n")
    words = ("kaito", "pod.yaml", "-f", "a.yaml,b.yaml", "-f", "a.yaml")
    assert data_of(command, *words, variables=charts)["inputs"] == [
        {"name": "kaito", "kind": "chart", "documents": 1, "checked": True},
        {"name": "pod.yaml", "kind": "manifests", "documents": 1, "checked": True},
        {"name": "a.yaml", "kind": "values", "documents": 1, "checked": True},
        {"name": "b.yaml", "kind": "values", "documents": 1, "checked": True},
    ]


def test_comments_in_values(command: Command, charts: dict[str, str]) -> None:
    write(command, "shop/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    write(command, "shop/templates/pod.yaml", POD.replace('"nginx:latest"', "{{ .Values.one }}"))
    values = "# helm-compat: ignore[floating-tag] reason=a demo\none: redis\n"
    write(command, "shop/values.yaml", values)
    assert told(data_of(command, "shop", variables=charts)) == [
        "floating-tag: a demo",
        "missing-digest: info",
    ]
    write(command, "mine.yaml", "one: nginx\n")
    assert told(data_of(command, "shop", "-f", "mine.yaml", variables=charts)) == [
        "floating-tag: warning",
        "missing-digest: info",
    ]


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        pytest.param(
            {},
            "there is no helm to render charts with\n"
            "  Put helm on PATH or name it in HELM_BIN; or give rendered manifests instead.",
            id="none on PATH",
        ),
        pytest.param(
            {"HELM_BIN": "/gone/helm"},
            "HELM_BIN names no program: '/gone/helm'\n"
            "  Name the helm to use, or unset it to use the one on PATH.",
            id="wrong name",
        ),
    ],
)
def test_no_helm(variables: dict[str, str], reason: str, command: Command, bare_path: str) -> None:
    """Manifests need none."""
    shutil.copytree(CHARTS / "kaito", command.work / "kaito")
    said = lint(command, "kaito", "pod.yaml", PATH=bare_path, **variables)
    text = f"{FLOATING}not checked: kaito: {reason}\n\n{COUNTS.replace('checked: 0', 'checked: 1')}"
    assert said == Said(3, text.encode(), f"error: kaito: {reason}\n")


# --- The environment beside the flags ---


def test_kubernetes_of_the_environment(command: Command) -> None:
    """It is judged as that of the flag is."""
    message = "Kubernetes 1.20 is older than Aerospike Kubernetes Operator 4.4.1 needs"
    words = ("operator.yaml", "--select=incompatible")
    variables = {"HELM_COMPAT_KUBE_VERSION": "1.20"}
    for data in (
        data_of(command, *words, status=1, variables=variables),
        data_of(command, *words, "--kube-version=1.20", status=1),
    ):
        assert [finding["message"] for finding in data["findings"]] == [message]
    assert data_of(command, *words, "--kube-version=v1.31.2")["findings"] == []
    flags = ("--kube-version=1.31", "--installed=kubernetes=1.20")
    assert data_of(command, *words, *flags, variables=variables)["findings"] == []


def test_kubernetes_beside_what_is_installed(command: Command) -> None:
    """What the environment says of other components stays."""
    variables = {"HELM_COMPAT_INSTALLED": "aerospike/operator=3.4.1"}
    for words in ((), ("--kube-version=1.31",)):
        data = data_of(command, "database.yaml", *words, status=1, variables=variables)
        assert data["summary"]["error"] == 1


def test_kubernetes_wins_over_the_configuration(command: Command) -> None:
    write(command, ".helm-compat.yaml", "installed: {kubernetes: '1.20'}\n")
    assert data_of(command, "operator.yaml", status=1)["summary"]["error"] == 1
    assert data_of(command, "operator.yaml", "--kube-version=1.31")["summary"]["error"] == 0


# --- The order of inputs ---


def test_the_order_of_inputs_on_disk(command: Command) -> None:
    names = [f"all/{name}.yaml" for name in ("c", "a", "b")]
    for name in names:
        write(command, name, POD.replace("web}", f"{Path(name).stem}}}"))
    data = data_of(command, "all")
    assert [entry["name"] for entry in data["inputs"]] == sorted(names)
    assert [
        finding["file"] for finding in data["findings"] if finding["severity"] == "warning"
    ] == (sorted(names))


def test_the_order_of_inputs_given(command: Command) -> None:
    data = data_of(command, "pod.yaml", "clean.yaml", "./pod.yaml", "bad.yaml", status=1)
    assert [entry["name"] for entry in data["inputs"]] == ["pod.yaml", "clean.yaml", "bad.yaml"]
