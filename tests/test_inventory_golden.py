"""Whole outputs of `inventory` and `status`, each a folder of testdata/inventory or testdata/status.

A case of `inventory` is named as one of the clusters of fleet.py, and holds its output in all
forms, and the lock file (with TIME for the time). One of `status` has `cluster` (a name of those),
`args` (one argument a line) and what is expected. `python tests/test_inventory_golden.py CASE…`
writes the expected files, of all cases with `--all`; what it writes is read before it is committed.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cluster import Cluster, open_cluster
from command import ROOT
from conftest import find_tool
from fleet import CLUSTERS
from jsonschema import Draft202012Validator

FOLDER = ROOT / "testdata" / "inventory"
STATUS = ROOT / "testdata" / "status"
CASES = sorted(path.name for path in STATUS.iterdir() if path.is_dir())

TABLES = {"table": "table.txt", "wide": "wide.txt", "json": "result.json", "yaml": "result.yaml"}
LOCK = "compat.lock.yaml"
_time = re.compile(r"^(  written: )\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", re.MULTILINE)

Texts = dict[str, str]


def validate(name: str, document: Any) -> None:
    """Hold a document against one of our schemas."""
    schema = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_bytes())
    Draft202012Validator(schema).validate(document)


def list_forms(cluster: Cluster) -> Texts:
    """The inventory in all its forms, by file name."""
    texts = {}
    for form, name in TABLES.items():
        said = cluster.run("inventory", "-o", form)
        assert (said.status, said.err) == (0, "")
        texts[name] = said.out.decode()
    said = cluster.run("inventory", "--write", LOCK)
    assert (said.status, said.out) == (0, b"")
    text, times = _time.subn(r"\1TIME", (cluster.work / LOCK).read_text(encoding="utf-8"))
    assert times == 1
    return {**texts, LOCK: text}


def list_left(cluster: Cluster, case: Path) -> Texts:
    """What `status` says of a case, by file name."""
    arguments = (case / "args").read_text(encoding="utf-8").splitlines()
    said = cluster.run("status", *arguments)
    data = cluster.run("status", *arguments, "-o", "json")
    assert data.status == said.status
    texts = {"text.txt": said.out.decode(), "result.json": data.out.decode()}
    return {**texts, "exit": f"{said.status}\n", "stderr.txt": said.err}


def read(folder: Path, names: Texts) -> Texts:
    return {name: (folder / name).read_text(encoding="utf-8") for name in names}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clusters")


@pytest.fixture(scope="module", params=sorted(CLUSTERS))
def cluster(request: pytest.FixtureRequest, kubectl: Path, folder: Path) -> Iterator[Cluster]:
    """Each cluster in turn; nothing that reads it changes it."""
    with open_cluster(folder / request.param, kubectl) as cluster:
        CLUSTERS[request.param](cluster.api)
        yield cluster


@pytest.fixture
def case(request: pytest.FixtureRequest, cluster: Cluster) -> str:
    """The name of the cluster."""
    return cluster.command.folder.parent.name


def test_every_cluster_has_its_files() -> None:
    found = {path.name: sorted(file.name for file in path.iterdir()) for path in FOLDER.iterdir()}
    assert found == {name: sorted([*TABLES.values(), LOCK]) for name in CLUSTERS}


def test_every_case_of_status_has_its_files() -> None:
    names = ["args", "cluster", "exit", "result.json", "stderr.txt", "text.txt"]
    found = {name: sorted(file.name for file in (STATUS / name).iterdir()) for name in CASES}
    assert found == dict.fromkeys(CASES, names)


def test_inventory(cluster: Cluster, case: str) -> None:
    texts = list_forms(cluster)
    assert texts == read(FOLDER / case, texts)
    result = json.loads(texts["result.json"])
    assert yaml.safe_load(texts["result.yaml"]) == result
    validate("inventory", result)
    # For editors YAML 1.2 counts, in which a time is a text.
    validate("lock", yaml.load(texts[LOCK], yaml.BaseLoader))


def test_lock_file_says_what_the_cluster_says(cluster: Cluster, case: str) -> None:
    text = (FOLDER / case / LOCK).read_text(encoding="utf-8")
    (cluster.work / LOCK).write_text(text, encoding="utf-8")
    said = cluster.run("inventory", "--check", LOCK)
    assert said == (0, b"", f"cluster prod is as {LOCK} says\n")


def test_status(cluster: Cluster, case: str) -> None:
    cases = [name for name in CASES if (STATUS / name / "cluster").read_text() == f"{case}\n"]
    assert cases
    for name in cases:
        texts = list_left(cluster, STATUS / name)
        assert texts == read(STATUS / name, texts)
        validate("status", json.loads(texts["result.json"]))


def update(name: str) -> None:
    """Write what a case gives now; this takes what the program does for what it should do."""
    status = STATUS / name
    of = (status / "cluster").read_text(encoding="utf-8").strip() if name in CASES else name
    kubectl = find_tool("helm4", "kubectl")
    with tempfile.TemporaryDirectory() as folder, open_cluster(Path(folder), kubectl) as cluster:
        CLUSTERS[of](cluster.api)
        found = {}
        if name in CASES:
            found[status] = list_left(cluster, status)
        if name in CLUSTERS:
            found[FOLDER / name] = list_forms(cluster)
    for target, texts in found.items():
        target.mkdir(exist_ok=True)
        for file, text in texts.items():
            (target / file).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if not sys.argv[1:]:
        sys.exit(__doc__)
    for wanted in sorted({*CLUSTERS, *CASES}) if sys.argv[1:] == ["--all"] else sys.argv[1:]:
        update(wanted)
