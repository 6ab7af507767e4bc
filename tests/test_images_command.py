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
from command import make_command
from jsonschema import Draft202012Validator
from registry import Registry, image, index, needs

from helm_compat.report.copy_commands import TOOLS

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

    if result.stdout.startswith("{"):
        errors = Draft202012Validator(schema).iter_errors(json.loads(result.stdout))
        assert [error.message for error in errors] == []
    else:
        # The arguments of a case stand behind ours, and the last word counts.
        assert any(word in TOOLS for word in arguments) or result.exit == "2"


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    # A link to nothing: a file without permissions can be read by root all the same.
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "a.yaml").symlink_to(tmp_path / "gone.yaml")

    result = images(tmp_path, "manifests")

    assert result == Result(
        "",
        f"error: manifests/a.yaml: this symbolic link leads to '{tmp_path / 'gone.yaml'}', which is"
        " not there\n  Remove or mend it.\n",
        "2",
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
        "error: manifests/again: this symbolic link leads back to 'manifests', so that there is no"
        " end\n  Remove it, or name the folders that are wanted.\n",
        "2",
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


def test_the_commands_of_skopeo_copy(tmp_path: Path) -> None:
    skopeo = needs("skopeo")
    command = make_command(tmp_path / "command")
    with Registry(tmp_path / "a") as source, Registry(tmp_path / "b") as target:
        digest = source.push("shop/web:1", index("web"))
        alone = source.push("shop/alone", image("alone"))
        source.push("shop/plain:1", image("plain"))
        names = (f"web:1@{digest}", f"alone@{alone}", "plain:1")
        containers = [{"image": f"{source.address}/shop/{name}"} for name in names]
        pod = {"kind": "Pod", "spec": {"containers": containers}}
        arguments = ("images", "-", "-o", "skopeo", f"--registry={target.address}/m")
        said = command.run(*arguments, stdin=json.dumps(pod).encode())
        insecure = (
            f'[[registry]]\nlocation="{r.address}"\ninsecure=true\n' for r in (source, target)
        )
        config = command.folder / "home" / ".config" / "containers" / "registries.conf"
        config.parent.mkdir(parents=True)
        config.write_text("".join(insecure), encoding="utf-8")
        variables = {"PATH": f"{os.path.dirname(skopeo)}:{os.defpath}"}
        subprocess.run(
            ["/bin/sh", "-e"],
            input=said.out,
            env=command.environment(variables),
            stdout=subprocess.DEVNULL,
            check=True,
        )
        found = [target.digest(f"m/shop/{n}") for n in ("web:1", f"alone@{alone}", "plain:1")]
    assert found == [digest, alone, image("plain").digest]


def test_the_images_of_a_chart(helm4: Path, tmp_path: Path) -> None:
    command = make_command(tmp_path)
    chart = ROOT / "testdata" / "charts" / "operator"
    variables = {"HELM_BIN": str(helm4)}
    said = command.run("images", str(chart), "--unique", "-o", "json", variables=variables)
    assert (said.status, said.err) == (0, "")
    listed = json.loads(said.out)["unique"]
    found = {each["source"].split("/")[-1].split(":")[0]: each["optional"] for each in listed}
    assert found == {
        "kes-sidecar": False,
        "kes": True,
        "mc": False,
        "minio-sidecar": False,
        "minio": False,
        "operator": False,
    }
