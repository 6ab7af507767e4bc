"""Whole plans, each a folder of testdata/plan, in every output.

A case has `args` (one argument a line), sometimes `.helm-compat.yaml`, `compat.lock.yaml` and
other files that it reads, and what is expected: `status`, `stderr`, and a file for each output.
`python tests/test_plan_golden.py NAME…` writes what is expected; read it before you commit it.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from command import ROOT, make_command
from jsonschema import Draft202012Validator

from helm_compat import __version__

FOLDER = ROOT / "testdata" / "plan"
CASES = sorted(path for path in FOLDER.iterdir() if path.is_dir())
SCHEMA = Draft202012Validator(json.loads((ROOT / "schemas" / "plan.schema.json").read_bytes()))
OUTPUTS = {
    "text": "expected.txt",
    "json": "expected.json",
    "markdown": "expected.md",
    "mermaid": "expected.mmd",
    "shell": "expected.sh",
}
EXPECTED = {"args", "status", "stderr", *OUTPUTS.values()}


def made(case: Path, folder: Path) -> dict[str, str]:
    """What a case gives: each expected file with its text."""
    command = make_command(folder)
    for file in case.iterdir():
        if file.name not in EXPECTED:
            shutil.copy(file, command.work / file.name)
    arguments = (case / "args").read_text("utf-8").splitlines()
    found = {}
    said = command.run("plan", *arguments)
    found["status"] = f"{said.status}\n"
    if said.err:
        found["stderr"] = said.err
    if said.out:
        found["expected.txt"] = said.out.decode()
    if said.err or "verify" in arguments:
        return found
    for form in list(OUTPUTS)[1:]:
        again = command.run("plan", *arguments, "-o", form)
        assert (again.status, again.err) == (said.status, "")
        text = again.out.decode().replace(f"helm-compat {__version__}", "helm-compat VERSION")
        found[OUTPUTS[form]] = text.replace(f'"version": "{__version__}"', '"version": "VERSION"')
    return found


def written(case: Path) -> dict[str, str]:
    """What a case expects."""
    names = EXPECTED - {"args"}
    return {n: (case / n).read_text("utf-8") for n in names if (case / n).exists()}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_plan(case: Path, tmp_path: Path) -> None:
    assert made(case, tmp_path / "run") == written(case)


plans = [case for case in CASES if (case / "expected.json").exists()]
each = pytest.mark.parametrize("case", plans, ids=lambda case: case.name)


@each
def test_data_is_valid(case: Path) -> None:
    data = json.loads((case / "expected.json").read_bytes())
    assert [error.message for error in SCHEMA.iter_errors(data)] == []


@each
def test_text_fits_a_terminal(case: Path) -> None:
    lines = (case / "expected.txt").read_text("utf-8").splitlines()
    # An address stays in one piece.
    assert [line for line in lines if len(line) > 80 and "https://" not in line] == []


@each
@pytest.mark.parametrize("shell", ["sh", "dash"])
def test_runbook_is_a_script(case: Path, shell: str) -> None:
    done = subprocess.run(
        [shell, "-n", str(case / "expected.sh")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@each
def test_every_step_has_a_reason_with_a_source(case: Path) -> None:
    """What is asked for needs none; all else is somebody's fact."""
    for step in json.loads((case / "expected.json").read_bytes())["steps"]:
        assert step["why"], step["component"]
        sourced = [why for why in step["why"] if why["evidence"]]
        assert sourced or {why["kind"] for why in step["why"]} == {"goal"}


def test_cases_have_what_shows_each_output() -> None:
    """A word of each form, so that no file is of another one."""
    words = {"expected.md": "### ", "expected.mmd": "flowchart TD", "expected.sh": "#!/bin/sh\n"}
    for case in plans:
        for name, word in words.items():
            assert re.match(re.escape(word), (case / name).read_text("utf-8"))


if __name__ == "__main__":
    for name in sys.argv[1:] or [case.name for case in CASES]:
        with TemporaryDirectory() as scratch:
            found = made(FOLDER / name, Path(scratch) / "run")
        for file in EXPECTED - {"args"}:
            (FOLDER / name / file).unlink(missing_ok=True)
        for file, text in found.items():
            (FOLDER / name / file).write_text(text, encoding="utf-8")
