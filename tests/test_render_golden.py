"""Whole renders, each a folder of testdata/render: input, arguments, output, report.

A case has `input.yaml`, `args` (one argument a line), `expected.json` (the images and findings of
the report), `expected.yaml` where the output is not the input, and sometimes `.helm-compat.yaml`
or `compat.lock.yaml`.
`python tests/update_golden.py CASE…` writes the expected files of cases; what it writes is read
before it is committed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from helm_compat.cli.options import RENDER, read_arguments
from helm_compat.cli.settings import resolve_settings
from helm_compat.edits import apply_bytes, inverse
from helm_compat.outcome import Outcome, Settings
from helm_compat.render import render
from helm_compat.report.data import report_data
from helm_compat.report.diff import diff_text

FOLDER = Path(__file__).parent.parent / "testdata" / "render"
CASES = sorted(path for path in FOLDER.iterdir() if path.is_dir())
OPTIONAL = {"expected.yaml", ".helm-compat.yaml", "compat.lock.yaml"}
FILES = {"args", "expected.json", "input.yaml", *OPTIONAL}

cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def settings_of(case: Path) -> Settings:
    """What the case's arguments and configuration file ask for."""
    arguments = (case / "args").read_text(encoding="utf-8").splitlines()
    return resolve_settings(RENDER, read_arguments(RENDER, arguments), {}, str(case)).settings


def run(case: Path) -> Outcome:
    """Render the input of a case."""
    return render((case / "input.yaml").read_bytes(), settings_of(case), file="<stdin>")


def said(case: Path, outcome: Outcome) -> dict[str, list[dict[str, Any]]]:
    """What a report says that differs from case to case; a configuration is named without folder."""
    data = report_data(outcome.images, outcome.findings, "")
    for finding in data["findings"]:
        finding["message"] = finding["message"].replace(f"{case}/", "")
    return {key: data[key] for key in ("images", "findings")}


def wanted_output(case: Path) -> bytes:
    """The expected output: the input where no other is given."""
    expected = case / "expected.yaml"
    return (expected if expected.exists() else case / "input.yaml").read_bytes()


def test_every_case_is_whole() -> None:
    odd = {
        case.name: sorted(path.name for path in case.iterdir())
        for case in CASES
        if not FILES - OPTIONAL <= {path.name for path in case.iterdir()} <= FILES
    }

    assert odd == {}


def test_an_expected_output_differs_from_its_input() -> None:
    # One that is equal would hide that the case is one of those that must not change.
    same = [
        case.name
        for case in CASES
        if (case / "expected.yaml").exists()
        and (case / "expected.yaml").read_bytes() == (case / "input.yaml").read_bytes()
    ]

    assert same == []


@cases
def test_output(case: Path) -> None:
    outcome = run(case)

    assert outcome.output.decode() == wanted_output(case).decode()


@cases
def test_report(case: Path) -> None:
    outcome = run(case)

    assert said(case, outcome) == json.loads((case / "expected.json").read_text(encoding="utf-8"))


@cases
def test_undo(case: Path) -> None:
    data = (case / "input.yaml").read_bytes()

    outcome = run(case)

    assert apply_bytes(data, outcome.edits) == outcome.output
    assert apply_bytes(outcome.output, inverse(data, outcome.edits)) == data


@cases
def test_second_run_changes_nothing(case: Path) -> None:
    first = run(case)

    second = render(first.output, settings_of(case), file="<stdin>")

    assert (second.edits, second.output) == ([], first.output)
    assert [image for image in second.images if image.moved] == []


@cases
def test_listing_finds_the_same_images_and_changes_nothing(case: Path) -> None:
    data = (case / "input.yaml").read_bytes()
    settings = settings_of(case)

    listed = render(
        data, settings._replace(relocation=None, pull_secret="", pins=None), file="<stdin>"
    )

    assert (listed.edits, listed.findings) == ([], [])
    assert listed.output == data
    assert listed.images == [image._replace(target="") for image in run(case).images]


@cases
def test_no_password_is_told(case: Path) -> None:
    # Every Secret of the cases holds the same one.
    outcome = run(case)

    diff = diff_text((case / "input.yaml").read_bytes(), outcome.edits, outcome.secrets)

    told = json.dumps(said(case, outcome)) + diff
    assert re.findall(".*hunter2.*", told) == []
