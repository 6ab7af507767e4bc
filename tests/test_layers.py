"""The modules stand in one line, and each imports only from those above it."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "helm_compat"

# From the top: what knows nothing of the others comes first, what the user runs comes last.
LAYERS = [
    "helm_compat",
    "catalogue",
    "errors",
    "writing",
    "schema_files",
    "edits",
    "stream",
    "libyaml",
    "nodes",
    "scalars",
    "knowledge",
    "knowledge.paths",
    "knowledge.data",
    "knowledge.words",
    "knowledge.versions",
    "knowledge.ranges",
    "knowledge.product",
    "knowledge.compatibility",
    "knowledge.planning",
    "knowledge.detections",
    "knowledge.builtin",
    "knowledge.schema",
    "knowledge.semantics",
    "knowledge.product_file",
    "images",
    "images.reference",
    "images.complete",
    "images.relocate",
    "images.splits",
    "images.tree",
    "images.hazards",
    "images.sites",
    "images.found",
    "images.search",
    "images.candidates",
    "images.leftovers",
    "images.changes",
    "images.additions",
    "images.pull_secrets",
    "images.verify",
    "findings",
    "gate",
    "gate.instance",
    "gate.crds",
    "gate.known",
    "gate.state",
    "gate.scene",
    "gate.collect",
    "gate.clues",
    "gate.matrix",
    "gate.requirements",
    "gate.releases",
    "gate.objects",
    "gate.transitions",
    "gate.mixtures",
    "gate.unknowns",
    "gate.settle",
    "gate.rules",
    "gate.judge",
    "gate.installed",
    "planner",
    "planner.tables",
    "planner.relation",
    "planner.bounds",
    "planner.search",
    "planner.wishes",
    "planner.domain",
    "planner.constraints",
    "planner.moves",
    "planner.problem",
    "planner.explain",
    "planner.refute",
    "planner.plan",
    "suppress",
    "config",
    "config_values",
    "config_file",
    "lock_file",
    "lock_write",
    "judge",
    "outcome",
    "run",
    "render",
    "sources",
    "sources.files",
    "sources.walk",
    "sources.chart",
    "sources.values",
    "sources.helm",
    "sources.inputs",
    "sources.guard",
    "sources.kubectl",
    "sources.kube_api",
    "inventory",
    "inventory.objects",
    "inventory.snapshot",
    "inventory.components",
    "inventory.lock",
    "inventory.rollout",
    "sources.cluster",
    "sources.credentials",
    "sources.registry",
    "sources.skopeo",
    "mirror",
    "mirror.wanted",
    "mirror.verify",
    "mirror.plan",
    "mirror.platform",
    "mirror.copy",
    "mirror.layout",
    "mirror.archive",
    "lint",
    "lint.inspect",
    "lint.template",
    "lint.values_tree",
    "lint.places",
    "lint.constraints",
    "lint.ignore_words",
    "lint.ignores",
    "lint.comments",
    "lint.fields",
    "lint.images",
    "lint.secrets",
    "lint.charts",
    "lint.image_lists",
    "lint.values_traps",
    "lint.values",
    "lint.checks",
    "lint.group",
    "printable",
    "refusal",
    "report",
    "report.text",
    "report.data",
    "report.keep",
    "report.table",
    "report.images",
    "report.diff",
    "report.inventory",
    "report.rollout",
    "report.verify",
    "report.mirror",
    "report.copy_commands",
    "report.columns",
    "report.matrix",
    "report.matrix_words",
    "report.matrix_text",
    "report.concise",
    "report.fingerprint",
    "report.sarif",
    "report.junit",
    "report.github",
    "report.gitlab",
    "report.markdown",
    "report.plan_data",
    "report.plan_text",
    "report.plan_markdown",
    "report.plan_shell",
    "lint.baseline",
    "lint.control",
    "cli.streams",
    "cli.options",
    "cli.product_settings",
    "cli.installed_settings",
    "cli.cluster_settings",
    "cli.gate_settings",
    "cli.pin_settings",
    "cli.settings",
    "cli.outputs",
    "cli.chart_options",
    "cli.registry_settings",
    "cli.gather",
    "cli.verify_render",
    "cli.render",
    "cli.glue",
    "cli.check",
    "cli.explain",
    "cli.inventory",
    "cli.images",
    "cli.verify",
    "cli.mirror",
    "cli.matrix",
    "cli.lint_work",
    "cli.lint_output",
    "cli.lint",
    "cli.plan_work",
    "cli.plan",
    "cli.ask",
    "cli.app",
    "cli",
    "__main__",
]


def name_of(path: Path, package: Path) -> str:
    """A module's name inside the package; the package itself goes by its own."""
    parts = path.relative_to(package).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or package.name


def modules(package: Path) -> dict[str, Path]:
    return {name_of(path, package): path for path in sorted(package.rglob("*.py"))}


def imports(package: Path) -> dict[str, set[str]]:
    """What each module imports from the package: anywhere in it, for types too."""
    known = modules(package)
    return {name: set(_imported(path, package, known)) for name, path in known.items()}


def _imported(path: Path, package: Path, known: dict[str, Path]) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are written in full"
            # What is imported may be a module of that name, or something in it.
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            if name.partition(".")[0] == package.name:
                inside = name.partition(".")[2]
                found.append(inside if inside in known else inside.rpartition(".")[0])
    return [name or package.name for name in found]


def wrong(layers: list[str], found: dict[str, set[str]]) -> list[str]:
    """What is not as the list of layers says, in words."""
    place = {name: number for number, name in enumerate(layers)}
    problems = [f"{name} is in no layer" for name in sorted(found.keys() - place.keys())]
    problems += [f"{name} does not exist" for name in sorted(place.keys() - found.keys())]
    problems += [
        f"{name} is listed twice" for name in sorted({n for n in layers if layers.count(n) > 1})
    ]
    for name in sorted(found.keys() & place.keys()):
        below = [other for other in found[name] if place.get(other, -1) >= place[name]]
        problems += [f"{name} imports {other}, which stands below it" for other in sorted(below)]
    return problems


def test_every_module_imports_only_from_above() -> None:
    assert wrong(LAYERS, imports(PACKAGE)) == []


def test_the_imports_make_no_cycle() -> None:
    order = list(TopologicalSorter(imports(PACKAGE)).static_order())
    assert sorted(order) == sorted(LAYERS)


# The test itself: what it has to notice, in packages made for it.
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"a": "", "b": "from p.a import x"}, [], id="import from above"),
        pytest.param({"a": "", "b": "import p.a"}, [], id="whole module from above"),
        pytest.param({"a": "import os", "b": "from typing import x"}, [], id="other packages"),
        pytest.param({"a": "from p import x", "b": ""}, [], id="from the package itself"),
        pytest.param(
            {"a": "from p.b import x", "b": ""}, ["a imports b, which stands below it"], id="down"
        ),
        pytest.param(
            {"a": "from p import b", "b": ""}, ["a imports b, which stands below it"], id="a module"
        ),
        pytest.param(
            {"a": "import p.b as c", "b": ""},
            ["a imports b, which stands below it"],
            id="as a name",
        ),
        pytest.param(
            {"a": "def f():\n    from p.b import x", "b": ""},
            ["a imports b, which stands below it"],
            id="inside a function",
        ),
        pytest.param(
            {"a": "if TYPE_CHECKING:\n    from p.b import x", "b": ""},
            ["a imports b, which stands below it"],
            id="for types",
        ),
        pytest.param(
            {"a": "", "b": "", "c": ""}, ["c is in no layer"], id="module without a layer"
        ),
        pytest.param({"a": ""}, ["b does not exist"], id="layer without a module"),
    ],
)
def test_what_is_noticed(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    package = tmp_path / "p"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    for name, text in files.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    assert wrong(["p", "a", "b"], imports(package)) == expected


def test_a_cycle_is_noticed(tmp_path: Path) -> None:
    package = tmp_path / "p"
    package.mkdir()
    (package / "a.py").write_text("from p.b import x", encoding="utf-8")
    (package / "b.py").write_text("from p import a", encoding="utf-8")
    with pytest.raises(CycleError) as caught:
        list(TopologicalSorter(imports(package)).static_order())
    assert set(caught.value.args[1]) == {"a", "b"}
