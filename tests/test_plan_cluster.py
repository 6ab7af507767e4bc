"""Plans that begin at what is in the cluster."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fleet
import pytest
import yaml
from cluster import Cluster, open_cluster
from command import ROOT, Said

STORE = "RELEASE.2026-05-04T23-02-27Z"


@pytest.fixture
def families(tmp_path: Path, kubectl: Path) -> Iterator[Cluster]:
    """A cluster with all four families."""
    with open_cluster(tmp_path, kubectl) as cluster:
        fleet.four_families(cluster.api)
        yield cluster


def plan(cluster: Cluster, *words: str) -> tuple[Said, dict[str, Any]]:
    """A plan from the cluster; nothing where there is none."""
    said = cluster.run("plan", *words, "--cluster", "-o", "json")
    return said, json.loads(said.out) if said.out else {}


def test_start_is_what_is_installed(families: Cluster) -> None:
    said, data = plan(families, "minio-aistor", "--to", f"object-store={STORE}")
    assert (said.status, said.err) == (0, "")
    assert {each["component"]: each["version"] for each in data["start"]} == {
        "kubernetes": "v1.31.4",
        "object-store": fleet.RELEASE,
        "operator": fleet.RELEASE,
    }
    assert [each["component"] for each in data["steps"]] == ["operator", "object-store"]


def test_nothing_to_do(families: Cluster) -> None:
    said, data = plan(families, "nvidia-aistore", "--to", "aisnode=4.9")
    assert (said.status, data["steps"]) == (0, [])


@pytest.mark.parametrize(
    ("stored", "api"),
    [
        pytest.param(("v1",), "asdb.aerospike.com/v1", id="all in one version"),
        pytest.param(("v1beta1", "v1"), "asdb.aerospike.com/v1beta1", id="perhaps in the older"),
    ],
)
def test_api_version_is_that_of_the_stored_objects(
    stored: tuple[str, ...], api: str, tmp_path: Path, kubectl: Path
) -> None:
    with open_cluster(tmp_path, kubectl) as cluster:
        names = ("aerospikeclusters", "AerospikeCluster", "v1", "v1beta1")
        cluster.api.add(
            fleet.definition(*names, stored=stored),
            fleet.deployment("operators", "ako", f"{fleet.AKO}:3.4.1"),
        )
        fleet.add_cluster(cluster.api, "prod", "orders", "7.2.0.10")
        cluster.api.settle()
        # Kubernetes 1.31 is above what is stated for this operator.
        flags = ("--to", "operator=4.0.2", "--installed", "kubernetes=1.30")
        said, data = plan(cluster, "aerospike", *flags)
    assert said.status == 0
    start = {each["component"]: each["version"] for each in data["start"]}
    # Where objects are in the newest version already, nothing of it is left to plan.
    assert start.get("api", "asdb.aerospike.com/v1") == api
    assert ("api" in [each["component"] for each in data["steps"]]) == (len(stored) > 1)


def test_rollout_that_has_not_ended(tmp_path: Path, kubectl: Path) -> None:
    with open_cluster(tmp_path, kubectl) as cluster:
        fleet.half_way(cluster.api)
        said, data = plan(cluster, "aerospike", "--to", "operator=4.5.0")
    assert (said.status, data) == (3, {})
    assert re.fullmatch(
        r"error: \S+ is on its way: both \S+ and \S+ run\n"
        r"  Let it come to its end first: helm compat status tells what is left\.\n",
        said.err,
    )


@pytest.mark.parametrize("resource", ["deployments", "pods"])
def test_what_could_not_be_looked_up_is_no_start(resource: str, families: Cluster) -> None:
    families.api.forbid(resource, "apps" if resource == "deployments" else "")
    said, data = plan(families, "minio-aistor", "--to", f"object-store={STORE}")
    assert (said.status, data) == (3, {})
    assert said.err.startswith("error: what is installed is not known as a whole: ")


def test_resumed_from_the_cluster(families: Cluster) -> None:
    goal = ("minio-aistor", "--to", f"object-store={STORE}")
    said, first = plan(families, *goal)
    (families.work / "plan.json").write_bytes(said.out)
    step = first["steps"][0]
    image = f"{fleet.AISTOR}/operator:{step['to']}"
    families.api.add(fleet.deployment("aistor", "object-store-operator", image))
    families.api.settle()
    said, data = plan(families, "--resume", "plan.json")
    assert [each["component"] for each in data["steps"]] == ["object-store"]
    said = families.run("plan", "verify", "plan.json", "--cluster")
    words = "plan.json: still right by what is known and installed; 1 of 2 steps done\n"
    assert said == Said(0, words.encode(), "")


# --- The rights that the page asks for ---


def allowed(rules: list[dict[str, Any]], path: str) -> bool:
    """Whether a role allows to read a path of the API."""
    found = re.fullmatch(
        r"/(?:api|apis/(?P<group>[^/]+))/v[^/]+(?:/namespaces/[^/]+)?/(?P<kind>[^/?]+)(?:/(?P<name>[^?]+))?",
        path.partition("?")[0],
    )
    if not found:
        # Everybody may ask for the version of the server.
        return path == "/version"
    verb = "get" if found["name"] else "list"
    return any(
        (found["group"] or "") in rule["apiGroups"]
        and found["kind"] in rule["resources"]
        and verb in rule["verbs"]
        and (found["name"] in rule.get("resourceNames", [found["name"]]))
        for rule in rules
    )


def test_role_of_the_page_is_enough_and_not_more(families: Cluster) -> None:
    page = (ROOT / "docs" / "inventory.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?kind: ClusterRole\n.*?)```", page, re.DOTALL)
    rules = yaml.safe_load(text)["rules"]
    assert families.run("inventory").status == 0
    asked = families.asked()
    assert [path for path in asked if not allowed(rules, path)] == []
    for rule in rules:
        for name in rule["resources"]:
            less = [{**r, "resources": [n for n in r["resources"] if n != name]} for r in rules]
            assert [path for path in asked if not allowed(less, path)], name
