"""What a render imports: it runs inside every upgrade, and each module costs time there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Each is large, or brings many others with it.
HEAVY = {
    "argparse", "click", "dataclasses", "difflib", "http", "importlib.metadata",
    "importlib.resources", "inspect", "jsonschema", "logging", "pathlib", "pkg_resources", "rich",
    "ruamel", "shlex", "subprocess", "tempfile", "typing_extensions", "unittest", "urllib",
}  # fmt: skip

# Written out, so that a new import on this way is a decision.
NEEDED = [
    "helm_compat",
    "helm_compat.catalogue",
    "helm_compat.cli",
    "helm_compat.cli.gate_settings",
    "helm_compat.cli.options",
    "helm_compat.cli.product_settings",
    "helm_compat.cli.render",
    "helm_compat.cli.settings",
    "helm_compat.cli.streams",
    "helm_compat.config",
    "helm_compat.edits",
    "helm_compat.errors",
    "helm_compat.findings",
    "helm_compat.gate",
    "helm_compat.gate.clues",
    "helm_compat.gate.collect",
    "helm_compat.gate.crds",
    "helm_compat.gate.instance",
    "helm_compat.gate.judge",
    "helm_compat.gate.known",
    "helm_compat.gate.scene",
    "helm_compat.gate.state",
    "helm_compat.images",
    "helm_compat.images.candidates",
    "helm_compat.images.changes",
    "helm_compat.images.complete",
    "helm_compat.images.found",
    "helm_compat.images.hazards",
    "helm_compat.images.leftovers",
    "helm_compat.images.reference",
    "helm_compat.images.relocate",
    "helm_compat.images.search",
    "helm_compat.images.sites",
    "helm_compat.images.splits",
    "helm_compat.images.tree",
    "helm_compat.images.verify",
    "helm_compat.judge",
    "helm_compat.knowledge",
    "helm_compat.knowledge.builtin",
    "helm_compat.knowledge.compatibility",
    "helm_compat.knowledge.data",
    "helm_compat.knowledge.detections",
    "helm_compat.knowledge.paths",
    "helm_compat.knowledge.product",
    "helm_compat.knowledge.ranges",
    "helm_compat.knowledge.versions",
    "helm_compat.knowledge.words",
    "helm_compat.libyaml",
    "helm_compat.nodes",
    "helm_compat.outcome",
    "helm_compat.printable",
    "helm_compat.refusal",
    "helm_compat.render",
    "helm_compat.report",
    "helm_compat.report.data",
    "helm_compat.report.keep",
    "helm_compat.report.text",
    "helm_compat.run",
    "helm_compat.scalars",
    "helm_compat.stream",
    "helm_compat.writing",
]

# The rules, only for a render that holds something of a product.
JUDGING = [
    "helm_compat.gate.matrix",
    "helm_compat.gate.mixtures",
    "helm_compat.gate.objects",
    "helm_compat.gate.releases",
    "helm_compat.gate.requirements",
    "helm_compat.gate.rules",
    "helm_compat.gate.settle",
    "helm_compat.gate.transitions",
    "helm_compat.gate.unknowns",
]

# What the interpreter itself brings before the first line of ours is not counted.
PROGRAM = """
import os, sys
before = set(sys.modules)
# A render leaves without winding up, and what it imported would be lost.
os._exit = sys.exit
from helm_compat.cli import main
try:
    main(["render", *sys.argv[1:]])
except SystemExit as done:
    status = done.code
print(status, *sorted(set(sys.modules) - before), sep="\\n", file=sys.stderr)
"""

# Of NEEDED, what judges versions: nothing of it is there where they are not judged.
# What is installed has to be read where somebody says it.
INSTALLED = [
    "helm_compat.cli.installed_settings",
    "helm_compat.gate.installed",
    "helm_compat.lock_file",
]

GATE = [
    "helm_compat.cli.gate_settings",
    *(module for module in NEEDED if module.startswith("helm_compat.gate")),
    "helm_compat.knowledge.compatibility",
    "helm_compat.knowledge.detections",
    "helm_compat.knowledge.ranges",
    "helm_compat.knowledge.versions",
]

POD = b"""\
kind: Pod
spec:
  containers:
  - image: nginx:1
"""
MOVED = POD.replace(b"nginx", b"registry.example.com/library/nginx")
CLUSTER = b"""\
apiVersion: asdb.aerospike.com/v1
kind: AerospikeCluster
spec:
  image: aerospike/aerospike-server-enterprise:8.1.2.0
"""


def imported(arguments: list[str], home: Path, stdin: bytes = POD) -> tuple[int, bytes, set[str]]:
    """Run a render: its exit status, its output, and the modules that it imported."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "--quiet", *arguments],
        input=stdin,
        capture_output=True,
        check=True,
        cwd=home,
        env={"HOME": str(home), "HELM_CACHE_HOME": str(home), "PYTHONPATH": str(ROOT)},
    )
    status, *modules = done.stderr.decode().splitlines()
    return int(status), done.stdout, set(modules)


def ours(modules: set[str]) -> set[str]:
    """The modules of this package."""
    return {module for module in modules if module.partition(".")[0] == "helm_compat"}


def heavy(modules: set[str]) -> set[str]:
    """What should not be there."""
    return HEAVY & (modules | {module.partition(".")[0] for module in modules})


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        pytest.param(["--registry", "registry.example.com"], MOVED, id="registry"),
        pytest.param(["--map", "docker.io=registry.example.com"], MOVED, id="map"),
        pytest.param([], POD, id="nothing to do"),
    ],
)
def test_a_render_imports_what_it_needs(
    arguments: list[str], output: bytes, tmp_path: Path
) -> None:
    status, written, modules = imported(arguments, tmp_path)
    assert (status, written) == (0, output)
    assert ours(modules) == set(NEEDED)
    assert heavy(modules) == set()


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        pytest.param([], [], id="nothing is said to be installed"),
        pytest.param(["--installed", "aerospike/operator=4.4.0"], INSTALLED, id="installed"),
    ],
)
def test_a_render_with_a_product_imports_the_rules(
    arguments: list[str], more: list[str], tmp_path: Path
) -> None:
    status, written, modules = imported(arguments, tmp_path, CLUSTER)
    assert (status, written) == (0, CLUSTER)
    assert ours(modules) == {*NEEDED, *JUDGING, *more}
    assert heavy(modules) == set()


@pytest.mark.parametrize(
    "stdin", [pytest.param(POD, id="no product"), pytest.param(CLUSTER, id="product")]
)
def test_a_render_without_the_gate_imports_nothing_of_it(stdin: bytes, tmp_path: Path) -> None:
    status, written, modules = imported(["--no-gate"], tmp_path, stdin)
    assert (status, written) == (0, stdin)
    assert ours(modules) == {*NEEDED} - {*GATE}


def test_what_is_heavy_would_be_seen(tmp_path: Path) -> None:
    # --diff is the one option here that may load more.
    status, _, modules = imported(["--registry", "registry.example.com", "--diff"], tmp_path)
    assert (status, sorted(ours(modules) - set(NEEDED))) == (0, ["helm_compat.report.diff"])
