"""Render charts through the real Helm 3 and Helm 4, show what moved, and what is refused.

Needs the programs that `make tools` fetches and an environment with helm-compat; `make demo` sees
to both. Everything happens in a temporary home. Exits with 1 when anything is not as it should be.
"""

# ruff: noqa: T201 (a demo talks to a person)

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".cache" / "tools"
CHARTS = ROOT / "testdata" / "charts"
REGISTRY = "registry.example.com:5000/mirror"
COLLISION = (
    "--map=quay.io/minio/aistor/kes=registry.example.com:5000/keys",
    "--map=quay.io/minio/aistor/kes-sidecar=registry.example.com:5000/keys",
)


@dataclass(frozen=True)
class Helm:
    """One Helm with an environment in which it finds the post-renderer."""

    binary: Path
    environment: dict[str, str]
    version: str
    hands_over_hooks: bool


@dataclass(frozen=True)
class Case:
    """A chart with the number of images that its templates hold and that its hooks hold."""

    chart: str
    values: tuple[str, ...]
    images: int
    hook_images: int


# A database that the operator which is said to be installed does not support.
DATABASE = Case("aerospike", (), images=1, hook_images=0)
INSTALLED = ("--installed", "aerospike/operator=3.4.1")
CASES = (
    Case("operator", (), images=8, hook_images=1),
    Case("objectstore", ("ci/repositories-values.yaml",), images=1, hook_images=0),
)


class UnexpectedError(Exception):
    """Something in the demo was not as it should be."""


def main() -> int:
    """Run the demo and return the exit status."""
    with tempfile.TemporaryDirectory() as name:
        try:
            helms = [make_helm3(Path(name)), make_helm4(Path(name))]
            for case in CASES:
                show_case(case, helms, Path(name))
            for helm in helms:
                show_misfit(helm)
            show_refusal(helms[-1], Path(name))
        except UnexpectedError as error:
            print(f"\nnot as expected: {error}", file=sys.stderr)
            return 1
    print("\nAll as expected.")
    return 0


def make_helm3(home: Path) -> Helm:
    """Helm 3 takes any program on PATH as a post-renderer: here the console script."""
    scripts = Path(sys.executable).parent
    if not (scripts / "compat-render").exists():
        raise UnexpectedError(f"{scripts} holds no compat-render: install helm-compat first")
    path = f"{scripts}{os.pathsep}{os.defpath}"
    return make_helm(TOOLS / "helm3" / "helm", {"HOME": f"{home}", "PATH": path}, hooks=False)


def make_helm4(home: Path) -> Helm:
    """Helm 4 wants a plugin. Ours gets this Python instead of an environment of its own."""
    plugin = home / "helm-compat"
    for folder in ("bin", "scripts", "plugins"):
        shutil.copytree(ROOT / folder, plugin / folder)
    python = plugin / ".plugin-env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (plugin / ".plugin-env" / "complete").touch()
    installed = home / "plugins"
    installed.mkdir()
    (installed / "compat-render").symlink_to(plugin / "plugins" / "compat-render")
    environment = {"HOME": f"{home}", "PATH": os.defpath, "HELM_PLUGINS": f"{installed}"}
    return make_helm(TOOLS / "helm4" / "helm", environment, hooks=True)


def make_helm(binary: Path, environment: dict[str, str], *, hooks: bool) -> Helm:
    """Ask a Helm for its version, which also shows that it runs."""
    if not binary.exists():
        raise UnexpectedError(f"{binary} is missing: `make tools` fetches it")
    command = [f"{binary}", "version", "--template", "{{.Version}}"]
    answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return Helm(binary, environment, answer.stdout.strip(), hooks)


def show_case(case: Case, helms: list[Helm], folder: Path) -> None:
    """Render one chart with each Helm, check it, and print what became of its images."""
    print(f"\nChart {case.chart}\n")
    images: list[dict[str, Any]] = []
    for helm in helms:
        images = render_checked(case, helm, folder)
        print(f"  Helm {helm.version.removeprefix('v'):8}relocated: {len(images)}")
        if case.hook_images and not helm.hands_over_hooks:
            print(f"{'':15}in hooks, which it hands to no post-renderer: {case.hook_images}")
    print()
    print_images(images)


def render_checked(case: Case, helm: Helm, folder: Path) -> list[dict[str, Any]]:
    """Render one chart and return the images of the report, or raise UnexpectedError."""
    report = folder / "report.json"
    answer = template(helm, case, "--registry", REGISTRY, "--report", f"{report}")
    if answer.returncode:
        raise UnexpectedError(
            f"Helm {helm.version} could not render {case.chart}:\n{answer.stderr}"
        )
    images: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["images"]
    expected = case.images + case.hook_images * helm.hands_over_hooks
    moved = [image for image in images if image["target"].startswith(f"{REGISTRY}/")]
    if len(images) != expected or len(moved) != expected:
        raise UnexpectedError(
            f"Helm {helm.version}, {case.chart}: {len(moved)} of {len(images)} images moved,"
            f" not {expected} of {expected}"
        )
    stay = 0 if helm.hands_over_hooks else case.hook_images
    left = find_public_images(answer.stdout)
    if len(left) != stay:
        lines = "\n".join(left)
        raise UnexpectedError(
            f"Helm {helm.version}, {case.chart}: public images {len(left)}, not {stay}:\n{lines}"
        )
    return images


def find_public_images(manifests: str) -> list[str]:
    """Return the lines that still pull from quay.io; comments and descriptions pull nothing."""
    return [
        line
        for line in manifests.splitlines()
        if "quay.io" in line and not re.match(r"\s*(#|description:)", line)
    ]


def template(helm: Helm, case: Case, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `helm template` with our post-renderer and arguments for it."""
    chart = CHARTS / case.chart
    command = [f"{helm.binary}", "template", "demo", f"{chart}", "--namespace", "aistor"]
    for values in case.values:
        command += ["--values", f"{chart / values}"]
    command += ["--post-renderer", "compat-render"]
    for argument in arguments:
        command += ["--post-renderer-args", argument]
    return subprocess.run(
        command, env=helm.environment, capture_output=True, encoding="utf-8", check=False
    )


def print_images(images: list[dict[str, Any]]) -> None:
    """Print every reference once, with what it became and the places that hold it."""
    places: dict[tuple[str, str], list[str]] = {}
    for image in images:
        document = image["document"]
        place = f"{document['kind']} {document['name']} {image['path']}"
        places.setdefault((image["normalized"], image["target"]), []).append(place)
    for (source, target), holders in places.items():
        name, suffix = split_suffix(source)
        new_name, new_suffix = split_suffix(target)
        if new_suffix != suffix:
            raise UnexpectedError(f"{source} became {target}: its tag or digest changed")
        print(f"  {name}\n    -> {new_name}\n       {suffix}")
        for holder in holders:
            print(f"       {holder}")


def split_suffix(reference: str) -> tuple[str, str]:
    """Split `name:tag@digest` in its name and the rest, which keeps its first sign."""
    found = re.search(r"(:[^/@]*)?(@.*)?$", reference)
    start = found.start() if found else len(reference)
    return reference[:start], reference[start:]


def show_misfit(helm: Helm) -> None:
    """Render a database for an operator that is too old for it, and print Helm's answer."""
    print(f"\nA database too new for its operator, Helm {helm.version.removeprefix('v')}\n")
    print_refusal(helm, template(helm, DATABASE, *INSTALLED), "incompatible-versions")
    newer = template(helm, DATABASE, "--installed", "aerospike/operator=4.4.1")
    if newer.returncode:
        raise UnexpectedError(f"Helm {helm.version} refuses what fits:\n{newer.stderr}")
    print("  with operator 4.4.1 it passes")


def show_refusal(helm: Helm, folder: Path) -> None:
    """Render with two rules that put two images in one place, and print Helm's answer."""
    report = folder / "refusal.json"
    answer = template(helm, CASES[0], *COLLISION, "--report", f"{report}")
    print(f"\nTwo rules that put two images in one place, Helm {helm.version.removeprefix('v')}\n")
    print_refusal(helm, answer, "registry.example.com:5000/keys")


def print_refusal(helm: Helm, answer: subprocess.CompletedProcess[str], reason: str) -> None:
    """Print what a refused render says, which must name the reason."""
    for line in answer.stderr.rstrip().splitlines():
        print(f"  | {line}".rstrip())
    print(f"\n  exit status {answer.returncode}, {len(answer.stdout)} bytes of manifests")
    if answer.returncode == 0 or answer.stdout:
        raise UnexpectedError(f"Helm {helm.version} did not refuse")
    if reason not in answer.stderr:
        raise UnexpectedError(f"Helm {helm.version} does not say why it refuses")


if __name__ == "__main__":
    sys.exit(main())
