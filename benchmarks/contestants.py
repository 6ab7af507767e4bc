"""The commands that are measured side by side, and what they need around them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import Command, measure

ROOT = Path(__file__).resolve().parent.parent
REGISTRY = "registry.example.com:5000/mirror"

RENDER = "helm-compat render"
UNGATED = "helm-compat render --no-gate"
KUSTOMIZE = "kubectl kustomize"
RUAMEL = "ruamel.yaml round trip"
HELM4_CAT = "helm 4, cat"
HELM4_OURS = "helm 4, compat-render"
HELM3_CAT = "helm 3, cat"
HELM3_OURS = "helm 3, compat-render"

OURS = (sys.executable, "-m", "helm_compat", "render", "--registry", REGISTRY)
CAT_PLUGIN = """\
apiVersion: v1
type: postrenderer/v1
runtime: subprocess
name: cat
version: 0.1.0
runtimeConfig:
  platformCommand:
    - command: cat
"""
CHART = "apiVersion: v2\nname: literal\nversion: 0.1.0\n"
ROUND_TRIP = """
import sys
from ruamel.yaml import YAML
yaml = YAML(typ="rt")
yaml.preserve_quotes = True
yaml.dump_all(list(yaml.load_all(sys.stdin.buffer)), sys.stdout.buffer)
"""


@dataclass(frozen=True)
class Tools:
    """The programs, the environment for all of them, and the plugin folder for Helm 4 alone."""

    helm3: Path
    helm4: Path
    kubectl: Path
    environment: dict[str, str]
    plugins: Path


def make_environment(home: Path) -> dict[str, str]:
    """Give the commands a home of their own, with our console scripts on PATH for Helm 3."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"
    return {"HOME": f"{home}", "PATH": path}


def make_plugins(home: Path) -> Path:
    """Make a folder with two post-renderer plugins, which Helm 3 must never see."""
    plugins = home / "helm4-plugins"
    (plugins / "cat").mkdir(parents=True)
    (plugins / "cat" / "plugin.yaml").write_text(CAT_PLUGIN, encoding="utf-8")
    (plugins / "compat-render").symlink_to(copy_plugin(home) / "plugins" / "compat-render")
    return plugins


def copy_plugin(home: Path) -> Path:
    """Copy our plugin and give it this Python instead of an environment of its own."""
    plugin = home / "helm-compat"
    for folder in ("bin", "scripts", "plugins"):
        shutil.copytree(ROOT / folder, plugin / folder)
    python = plugin / ".plugin-env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (plugin / ".plugin-env" / "complete").touch()
    return plugin


def find_images(source: Path, tools: Tools, folder: Path) -> list[dict[str, Any]]:
    """Return the images that our render finds. Raises CommandFailedError."""
    report = folder / "report.json"
    words = (*OURS, "--report", f"{report}")
    measure(Command(RENDER, words, tools.environment, folder, source), folder / "output.yaml")
    images: list[dict[str, Any]] = json.loads(report.read_text(encoding="utf-8"))["images"]
    return images


def list_commands(
    source: Path, images: list[dict[str, Any]], tools: Tools, folder: Path
) -> list[Command]:
    """Make what the commands read and list them; the slow round trip is not among them."""
    make_kustomization(source, images, folder)
    make_chart(source, folder / "chart")

    environment = tools.environment
    environment4 = {**environment, "HELM_PLUGINS": f"{tools.plugins}"}
    helm3 = (f"{tools.helm3}", "template", "demo", "chart", "--post-renderer")
    helm4 = (f"{tools.helm4}", *helm3[1:])
    ours = ("compat-render", "--post-renderer-args=--registry", f"--post-renderer-args={REGISTRY}")
    return [
        Command(RENDER, OURS, environment, folder, source),
        Command(UNGATED, (*OURS, "--no-gate"), environment, folder, source),
        Command(KUSTOMIZE, (f"{tools.kubectl}", "kustomize", "."), environment, folder),
        Command(HELM4_CAT, (*helm4, "cat"), environment4, folder),
        Command(HELM4_OURS, (*helm4, *ours), environment4, folder),
        Command(HELM3_CAT, (*helm3, "cat"), environment, folder),
        Command(HELM3_OURS, (*helm3, *ours), environment, folder),
    ]


def make_round_trip(source: Path, tools: Tools, folder: Path) -> Command:
    """Load and dump with ruamel.yaml, which changes no image."""
    words = (sys.executable, "-c", ROUND_TRIP)
    return Command(RUAMEL, words, tools.environment, folder, source)


def make_kustomization(source: Path, images: list[dict[str, Any]], folder: Path) -> None:
    """Ask kustomize for the same new names; JSON is YAML."""
    names = {cut_suffix(image["reference"]): cut_suffix(image["target"]) for image in images}
    kustomization = {
        "resources": [source.name],
        "images": [{"name": old, "newName": new} for old, new in names.items()],
    }
    (folder / "kustomization.yaml").write_text(json.dumps(kustomization), encoding="utf-8")


def cut_suffix(reference: str) -> str:
    """Return a reference without tag and digest."""
    name = reference.partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return folder + slash + last.partition(":")[0]


def make_chart(source: Path, chart: Path) -> None:
    """Make a chart whose only template hands out the file as it is."""
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text(CHART, encoding="utf-8")
    shutil.copyfile(source, chart / "input.yaml")
    template = '{{ .Files.Get "input.yaml" }}\n'
    (chart / "templates" / "all.yaml").write_text(template, encoding="utf-8")
