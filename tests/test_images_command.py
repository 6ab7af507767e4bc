"""`helm-compat images`: whole output, errors and exit status, each case a folder of testdata/images.

A case has a folder `in`, from which the command runs, `args` (one argument a line), sometimes
`stdin`, and what is expected: `stdout`, `stderr` and `exit`, left out where empty or 0.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "testdata" / "images"
CASES = sorted(path for path in FOLDER.iterdir() if path.is_dir())
FILES = {"args", "exit", "in", "stderr", "stdin", "stdout"}

cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


class Result(NamedTuple):
    """What a command printed, and its exit status."""

    stdout: str
    stderr: str
    exit: str


def images(folder: Path, *arguments: str, stdin: bytes = b"") -> Result:
    """Run the command as a user does, from a folder and without anything in the environment."""
    done = subprocess.run(
        [sys.executable, "-m", "helm_compat", "images", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": os.defpath},
        input=stdin,
        capture_output=True,
        check=False,
    )
    return Result(done.stdout.decode(), done.stderr.decode(), str(done.returncode))


def text(case: Path, name: str, default: str = "") -> str:
    file = case / name
    return file.read_bytes().decode() if file.exists() else default


@cases
def test_case(case: Path) -> None:
    arguments = text(case, "args").splitlines()

    result = images(case / "in", *arguments, stdin=text(case, "stdin").encode())

    assert result == Result(
        text(case, "stdout"), text(case, "stderr"), text(case, "exit", "0").strip()
    )


def test_every_case_is_whole() -> None:
    odd = {
        case.name: sorted(path.name for path in case.iterdir())
        for case in CASES
        if not {"args", "in"} <= {path.name for path in case.iterdir()} <= FILES
    }

    assert odd == {}


@cases
def test_json_is_what_the_schema_says(case: Path) -> None:
    schema = json.loads((ROOT / "schemas" / "images.schema.json").read_bytes())
    arguments = text(case, "args").splitlines()

    result = images(case / "in", "--output=json", *arguments, stdin=text(case, "stdin").encode())

    if result.stdout:
        errors = Draft202012Validator(schema).iter_errors(json.loads(result.stdout))
        assert [error.message for error in errors] == []
    else:
        assert result.exit == "2"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    # A link to nothing: a file without permissions can be read by root all the same.
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "a.yaml").symlink_to(tmp_path / "gone.yaml")

    result = images(tmp_path, "manifests")

    assert result == Result(
        "", "error: manifests/a.yaml: cannot be read: No such file or directory\n", "2"
    )


def test_links_between_folders_are_not_followed_for_ever(tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "again").symlink_to(tmp_path / "manifests")
    (tmp_path / "manifests" / "pod.yaml").write_text(
        "kind: Pod\nspec: {containers: [{image: nginx}]}\n", encoding="utf-8"
    )

    result = images(tmp_path, "manifests")

    assert result == Result(
        "IMAGE                    SITE  PLACE                    OBJECT  PATH\n"
        "docker.io/library/nginx  pod   manifests/pod.yaml:2:29  Pod     spec.containers[0].image\n",
        "",
        "0",
    )


def test_standard_output_that_is_closed_early(tmp_path: Path) -> None:
    pods = "kind: Pod\nspec: {containers: [{image: nginx}]}\n---\n" * 5000
    (tmp_path / "pods.yaml").write_text(pods, encoding="utf-8")
    command = [sys.executable, "-m", "helm_compat", "images", "pods.yaml"]

    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": os.defpath},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        first = running.stdout.readline()
        running.stdout.close()
        errors = running.stderr.read()
        status = running.wait()

    assert (first, errors, status) == (
        b"IMAGE                    SITE  PLACE               OBJECT  PATH\n",
        b"",
        0,
    )
