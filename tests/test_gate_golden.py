"""Whole verdicts, each a folder of testdata/gate: what is rendered, what is said of it, the report.

A case has `input.yaml` and `args` (one argument a line), sometimes `.helm-compat.yaml` and
`compat.lock.yaml`, and what is expected: `status`, `expected.txt` (all of stderr, with REPORT for
the path of the kept report) and `expected.json` (the components and findings of that report).
`python tests/test_gate_golden.py CASE…` writes the expected files of cases; what it writes is read
before it is committed.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from command import ROOT, make_command
from jsonschema import Draft202012Validator

from helm_compat.catalogue import GATE_RULES
from helm_compat.cli.options import RENDER, read_arguments
from helm_compat.cli.settings import resolve_settings
from helm_compat.outcome import Settings
from helm_compat.render import render
from helm_compat.report.data import report_data

FOLDER = ROOT / "testdata" / "gate"
CASES = sorted(path for path in FOLDER.iterdir() if path.is_dir())
CONFIGURATION = {".helm-compat.yaml", "compat.lock.yaml"}
FILES = {"args", "expected.json", "expected.txt", "input.yaml", "status", *CONFIGURATION}
# What Secrets of the cases hold.
SECRET = "hunter2"
SCHEMA = json.loads((ROOT / "schemas" / "report.schema.json").read_text(encoding="utf-8"))

Report = dict[str, list[dict[str, Any]]]


class Result(NamedTuple):
    """What a render of a case gives; `out` is empty for a refusal and else the input."""

    status: str
    text: str
    report: Report
    out: bytes


def run(case: Path, folder: Path) -> Result:
    """Render a case as a user does, in a folder that holds its configuration and nothing else."""
    command = make_command(folder)
    for name in CONFIGURATION:
        if (case / name).exists():
            shutil.copy(case / name, command.work)
    data = (case / "input.yaml").read_bytes()
    said = command.run("render", *arguments(case), stdin=data)
    (kept,) = command.reports.iterdir()
    text = said.err.replace(f"{kept}", "REPORT").replace(f"{command.work}/", "")
    whole = json.loads(kept.read_text(encoding="utf-8").replace(f"{command.work}/", ""))
    Draft202012Validator(SCHEMA).validate(whole)
    report = {key: whole[key] for key in ("components", "findings")}
    return Result(f"{said.status}", text, report, said.out)


def arguments(case: Path) -> list[str]:
    return (case / "args").read_text(encoding="utf-8").splitlines()


def status_of(case: Path) -> str:
    """The expected exit status, empty for a case that has none yet."""
    file = case / "status"
    return file.read_text(encoding="utf-8").strip() if file.exists() else ""


def expected(case: Path) -> Result:
    """What the files of a case say."""
    status = status_of(case)
    return Result(
        status,
        (case / "expected.txt").read_text(encoding="utf-8"),
        json.loads((case / "expected.json").read_text(encoding="utf-8")),
        (case / "input.yaml").read_bytes() if status == "0" else b"",
    )


cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
# Where the settings are at fault, nothing is judged.
judged = pytest.mark.parametrize(
    "case",
    [case for case in CASES if status_of(case) in ("0", "1")],
    ids=lambda case: case.name,
)


def test_every_case_is_whole() -> None:
    odd = {
        case.name: sorted(path.name for path in case.iterdir())
        for case in CASES
        if not FILES - CONFIGURATION <= {path.name for path in case.iterdir()} <= FILES
    }

    assert odd == {}


def test_every_rule_of_the_gate_has_a_case() -> None:
    found = {finding["rule"] for case in CASES for finding in expected(case).report["findings"]}

    assert set(GATE_RULES) - found == set()


@cases
def test_case(case: Path, tmp_path: Path) -> None:
    assert run(case, tmp_path) == expected(case)


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if SECRET in (case / "input.yaml").read_text(encoding="utf-8")],
    ids=lambda case: case.name,
)
@pytest.mark.parametrize(
    "more", [(), ("--verbose", "--color=always"), ("--diff", "--registry=r.io")]
)
def test_no_secret_is_shown(case: Path, more: tuple[str, ...], tmp_path: Path) -> None:
    """Neither on a terminal nor in the kept report, whether the render is refused or not."""
    command = make_command(tmp_path)
    for words in ((), ("--fail-on=never",)):
        data = (case / "input.yaml").read_bytes()
        said = command.run("render", *arguments(case), *more, *words, stdin=data)
        assert said.status == (0 if words else 1)
        assert SECRET not in said.err
        for kept in command.reports.iterdir():
            assert SECRET not in kept.read_text(encoding="utf-8")


# --- The verdict does not depend on how the documents come ---


def documents(case: Path) -> list[str]:
    """The documents of a case, each with the line that begins it."""
    text = (case / "input.yaml").read_text(encoding="utf-8")
    return re.findall(r"(?ms)^---\n.*?(?=^---\n|\Z)", text)


def settings_of(case: Path) -> Settings:
    flags = read_arguments(RENDER, arguments(case))
    return resolve_settings(RENDER, flags, {}, str(case), gated=True).settings


def verdict(texts: tuple[str, ...], settings: Settings) -> list[str]:
    """All that is said, but for the lines that it stands on."""
    outcome = render("".join(texts).encode(), settings, file="<stdin>")
    data = report_data(outcome.images, outcome.findings, "")
    return sorted(json.dumps({**finding, "line": 0}) for finding in data["findings"])


@judged
def test_order_of_documents(case: Path) -> None:
    settings, texts = settings_of(case), documents(case)
    assert "".join(texts) == (case / "input.yaml").read_text(encoding="utf-8")

    verdicts = [verdict(order, settings) for order in permutations(texts)]

    assert verdicts == [verdicts[0]] * len(verdicts)


def is_hook(document: str) -> bool:
    return "helm.sh/hook:" in document


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if any(map(is_hook, documents(case)))],
    ids=lambda case: case.name,
)
def test_hooks_in_a_call_of_their_own(case: Path) -> None:
    """Helm 3 sends no hooks, and users of Helm's Go packages can send them by themselves."""
    settings, texts = settings_of(case), documents(case)
    hooks = tuple(text for text in texts if is_hook(text))
    others = tuple(text for text in texts if not is_hook(text))

    apart = verdict(hooks, settings) + verdict(others, settings)

    assert sorted(apart) == verdict((*hooks, *others), settings)


def update(case: Path) -> None:
    """Write what a case gives now; this takes what the program does for what it should do."""
    with tempfile.TemporaryDirectory() as folder:
        result = run(case, Path(folder))
    lines = []
    for key, records in result.report.items():
        # One record a line, so that a difference shows the finding that it speaks of.
        body = ",\n".join(f"    {json.dumps(record, ensure_ascii=False)}" for record in records)
        lines.append(f'  "{key}": [\n{body}\n  ]' if records else f'  "{key}": []')
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (case / "expected.json").write_text(text, encoding="utf-8")
    (case / "expected.txt").write_text(result.text, encoding="utf-8")
    (case / "status").write_text(f"{result.status}\n", encoding="utf-8")


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(__doc__)
    for name in sys.argv[1:]:
        update(FOLDER / name)
