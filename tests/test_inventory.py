"""What is read of a cluster and made of it: pages, fields, what runs, and what the gate is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import fleet
import pytest
from cluster import Cluster, open_cluster

from helm_compat.cli.installed_settings import Layer, read_sources
from helm_compat.config import NO_CONFIG, Config
from helm_compat.errors import Place
from helm_compat.gate.installed import read_version
from helm_compat.gate.instance import Instance
from helm_compat.gate.known import EVERY_PLATFORM, Gap, Surroundings
from helm_compat.images.tree import Object
from helm_compat.inventory.objects import controller, values_at
from helm_compat.knowledge.builtin import read_products
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.detections import Owner, build_detections
from helm_compat.knowledge.paths import parse_path


@pytest.fixture
def cluster(tmp_path: Path, kubectl: Path) -> Iterator[Cluster]:
    """An empty one with the definitions of all products."""
    with open_cluster(tmp_path, kubectl) as cluster:
        fleet.add_definitions(cluster.api)
        yield cluster


def running(cluster: Cluster) -> dict[str, list[tuple[str, int, int]]]:
    """By object: what runs, in how many pods, and how many of them are ready."""
    said = cluster.run("inventory", "-o", "json")
    assert (said.status, said.err) == (0, "")
    return {
        component["object"]: [(r["version"], r["pods"], r["ready"]) for r in component["running"]]
        for component in json.loads(said.out)["components"]
    }


# --- Pages ---


@pytest.mark.parametrize("expired", [0, 1], ids=["all in time", "the list expires"])
def test_pages(expired: int, cluster: Cluster) -> None:
    fleet.add_cluster(cluster.api, "prod", "orders", "8.1.2.0", size=1001)
    cluster.api.settle()
    cluster.api.expire_continue(expired)
    assert running(cluster) == {"AerospikeCluster/orders": [("8.1.2.0", 1001, 1001)]}
    pods = [path for path in cluster.asked() if path.startswith("/api/v1/namespaces/prod/pods")]
    paged = [("limit=500" in path, "continue=" in path) for path in pods]
    first, next_page, whole = (True, False), (True, True), (False, False)
    assert paged == ([first, next_page, whole] if expired else [first, next_page, next_page])


def test_many_racks_are_asked_for_at_once(cluster: Cluster) -> None:
    """One question for the namespace instead of one for each StatefulSet."""
    for rack in range(6):
        fleet.add_cluster(cluster.api, "prod", "orders", "8.1.2.0", rack=rack)
    cluster.api.settle()
    assert running(cluster) == {"AerospikeCluster/orders": [("8.1.2.0", 18, 18)]}
    pods = [path for path in cluster.asked() if "/pods" in path]
    assert pods == ["/api/v1/namespaces/prod/pods?limit=500"]


def test_only_what_products_name_is_asked_for(cluster: Cluster) -> None:
    fleet.add_others(cluster.api)
    cluster.api.settle()
    assert running(cluster) == {}
    foreign = ("/api/v1/", "cert-manager", "/apis/apps/v1/replicasets")
    assert [path for path in cluster.asked() if path.startswith(foreign)] == []
    assert {request.method for request in cluster.api.requests} == {"GET"}


# --- What runs ---


def test_status_tells_what_runs_where_no_pod_is_seen(cluster: Cluster) -> None:
    """An operator that makes pods by itself, of which nobody knows."""
    item = fleet.resource("AerospikeCluster", "prod", "orders", image=f"{fleet.AEROSPIKE}:8.1.2.0")
    pods = {f"orders-{n}": {"image": f"{fleet.AEROSPIKE}:8.1.{n}.0"} for n in (1, 2)}
    cluster.api.add({**item, "status": {"pods": pods}})
    assert running(cluster) == {"AerospikeCluster/orders": [("8.1.1.0", 0, 0), ("8.1.2.0", 0, 0)]}


def test_pods_without_statefulsets_of_which_is_known(cluster: Cluster) -> None:
    """Where StatefulSets may not be read, pods that name their custom resource still count."""
    fleet.add_cluster(cluster.api, "prod", "orders", "8.1.2.0")
    owner = fleet.reference_to(cluster.api.get("AerospikeCluster", "prod", "orders"))
    image = f"{fleet.AEROSPIKE}:8.1.1.0"
    cluster.api.add(fleet.pod("prod", "own", image, ownerReferences=[owner]))
    cluster.api.forbid("statefulsets", "apps")
    said = cluster.run("inventory", "-o", "json")
    (found,) = json.loads(said.out)["components"]
    assert [(r["version"], r["pods"]) for r in found["running"]] == [("8.1.1.0", 1)]


def test_image_of_the_same_name_in_another_registry_runs(cluster: Cluster) -> None:
    """While it moves to the private registry a component is one and the same."""
    fleet.add_cluster(cluster.api, "prod", "orders", "8.1.2.0")
    cluster.api.settle()
    moved = f"{fleet.REGISTRY}/aerospike/aerospike-server-enterprise:8.1.2.0"
    fleet.run_other_image(cluster.api, "prod", "orders-0-0", moved)
    fleet.run_other_image(cluster.api, "prod", "orders-0-1", "docker.io/library/busybox:1")
    found = running(cluster)["AerospikeCluster/orders"]
    assert found == [("8.1.2.0", 1, 1), ("8.1.2.0", 1, 1)]


# --- What the gate is told: what is wanted, and what still runs ---


def judge(cluster: Cluster, version: str) -> tuple[int, str]:
    """A render of prod/orders at a version; all that is said of it."""
    image = f"{fleet.AEROSPIKE}:{version}"
    item = fleet.resource("AerospikeCluster", "prod", "orders", image=image)
    said = cluster.run(
        *("render", "--cluster", "--kube-context=prod"), stdin=json.dumps(item).encode()
    )
    return said.status, said.err


def test_operator_that_is_not_rolled_out(cluster: Cluster) -> None:
    """It is wanted in the new release and still runs in the old one, which refuses the database."""
    cluster.api.add(fleet.deployment("operators", "ako", f"{fleet.AKO}:4.4.1"))
    cluster.api.settle()
    assert judge(cluster, "8.1.2.0") == (0, "helm-compat: 0 of 1 image relocated\n")
    (name,) = fleet.pods_of(cluster.api, "operators", "ako-")
    fleet.run_other_image(cluster.api, "operators", name, f"{fleet.AKO}:3.4.1")
    _, said = judge(cluster, "8.1.2.0")
    assert said.startswith(
        "warning[incompatible-versions]: Aerospike Database 8.1.2.0 is newer than"
        " Aerospike Kubernetes Operator 3.4.1 supports\n"
    )
    for note in (
        "operator 3.4.1: installed, Deployment operators/ako (1 pod), cluster prod",
        "which operator serves it is not known: operator 3.4.1 or operator 4.4.1",
    ):
        assert f"   = {note}\n" in said


def test_database_that_is_not_rolled_out(cluster: Cluster) -> None:
    """A step is judged from what is wanted, and from what still runs."""
    cluster.api.add(fleet.deployment("operators", "ako", f"{fleet.AKO}:4.4.1"))
    fleet.add_cluster(cluster.api, "prod", "orders", "7.2.0.10")
    cluster.api.settle()
    assert judge(cluster, "7.2.0.11")[0] == 0
    fleet.run_other_image(cluster.api, "prod", "orders-0-2", f"{fleet.AEROSPIKE}:8.1.2.0")
    _, said = judge(cluster, "7.2.0.11")
    assert said.startswith("warning[disruptive-change]: Aerospike Database 8.1.2.0 to 7.2.0.11: ")
    still = "database 8.1.2.0: installed, AerospikeCluster prod/orders (1 pod), cluster prod"
    assert f"   = {still}\n" in said
    # To render what is wanted already changes nothing.
    assert judge(cluster, "7.2.0.10") == (0, "helm-compat: 0 of 1 image relocated\n")


# --- Precedence: flag, configuration, cluster, lock file ---

PRODUCTS = Products(read_products())
MARKS = build_detections(read_products())
LOCK = """\
version: 1
installed:
  cluster: old
  kubernetes: v1.29.0
  components:
  - {product: aerospike, component: operator, version: 4.0.0, namespace: a, object: Deployment/x}
  - {product: aerospike, component: database, version: 7.0.0.0, namespace: a, object: A/x}
  crds: [{name: a.b, served: [v1]}]
  not-checked: [{what: secrets, why: none, components: [minio-aistor/operator]}]
"""
DATABASE, OPERATOR = Owner("aerospike", "database"), Owner("aerospike", "operator")


def live(component: str, version: str) -> Instance:
    product = PRODUCTS["aerospike"]
    owner = Object("", "Deployment", "live", component)
    return read_version(product, product.components[component], version, "cluster", owner=owner)


def read(
    folder: Path,
    *flags: str,
    config: Config = NO_CONFIG,
    cluster: Layer | None = None,
    lock: str = LOCK,
) -> tuple[list[str], Surroundings]:
    """Component, version and where it was read, of Aerospike."""
    path = folder / "compat.lock.yaml"
    path.write_text(lock, encoding="utf-8")
    layer = read_sources({"installed": flags}, config, cluster, str(path), PRODUCTS, MARKS)
    found = [i for i in layer.instances if i.product == "aerospike"]
    return [
        f"{i.component} {i.written} {re.split('[:,]', i.origin)[0]}" for i in found
    ], layer.known


FROM_LOCK = [
    "operator 4.0.0 compat.lock.yaml",
    "database 7.0.0.0 compat.lock.yaml",
    "kubernetes v1.29.0 compat.lock.yaml",
]


def seen(*gaps: Gap, complete: bool = True, instances: tuple[Instance, ...] = ()) -> Layer:
    return Layer(instances, Surroundings("cluster prod", complete, (), gaps))


def test_flag_wins_over_the_configuration_and_that_over_the_cluster(tmp_path: Path) -> None:
    place = Place(".helm-compat.yaml", 1)
    config = NO_CONFIG._replace(
        values={
            "installed": [("aerospike/operator", "4.2.0", place), ("kubernetes", "1.30", place)]
        }
    )
    cluster = seen(instances=(live("operator", "4.3.0"), live("database", "8.0.0.0")))
    found, known = read(tmp_path, "aerospike/operator=4.1.0", config=config, cluster=cluster)
    assert found == [
        "operator 4.1.0 --installed",
        "kubernetes 1.30 .helm-compat.yaml",
        "database 8.0.0.0 cluster",
    ]
    assert (known.source, known.complete) == ("cluster prod", True)


def test_cluster_that_lists_nothing_wins_over_the_lock_file(tmp_path: Path) -> None:
    assert read(tmp_path, cluster=seen())[0] == []
    assert read(tmp_path)[0] == FROM_LOCK


@pytest.mark.parametrize(
    ("gaps", "expected"),
    [
        pytest.param([Gap("a", "b", frozenset({OPERATOR}))], FROM_LOCK[:1], id="operator"),
        pytest.param([Gap("a", "b", frozenset({DATABASE}))], FROM_LOCK[1:2], id="database"),
        pytest.param([Gap("a", "b", frozenset({EVERY_PLATFORM}))], FROM_LOCK[2:], id="version"),
        pytest.param([Gap("a", "b")], [], id="gap that says nothing of components"),
    ],
)
def test_gaps_of_the_cluster_are_filled_from_the_lock_file(
    gaps: list[Gap], expected: list[str], tmp_path: Path
) -> None:
    found, known = read(tmp_path, cluster=seen(*gaps))
    assert (found, known.gaps) == (expected, tuple(gaps))


def test_cluster_that_cannot_be_read_leaves_all_to_the_lock_file(tmp_path: Path) -> None:
    gap = Gap("the cluster", "gone", frozenset({EVERY_PLATFORM}))
    found, known = read(tmp_path, cluster=seen(gap, complete=False))
    assert found == FROM_LOCK
    assert known.source == "compat.lock.yaml, cluster old"
    assert [g.what for g in known.gaps] == ["the cluster", "secrets"]
    assert [crd.name for crd in known.definitions] == ["a.b"]


def test_broken_lock_file_does_not_matter_beside_a_whole_list(tmp_path: Path) -> None:
    assert read(tmp_path, cluster=seen(), lock="version: 9\n")[0] == []


# --- Fields of objects ---

ITEM = {
    "spec": {
        "image": "a",
        "list": [{"image": "b"}, {"image": "c"}, {}, 5, None],
        "map": {"x": {"image": "d"}, "y": {"other": "e"}},
        "null": None,
    }
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("spec.image", ["a"]),
        ("spec.list[].image", ["b", "c"]),
        ("spec.map{}.image", ["d"]),
        ("**.image", ["a", "b", "c", "d"]),
        ("spec.null", []),
        ("spec.null.image", []),
        ("spec.image.image", []),
        ("spec.image[]", []),
        ("spec.list{}", []),
        ("spec.map[]", []),
        ("status.image", []),
    ],
)
def test_values_at(path: str, expected: list[str]) -> None:
    assert list(values_at(ITEM, parse_path(path))) == expected


@pytest.mark.parametrize("item", [None, 5, "spec", [], {}, {"spec": None}, {"spec": "image"}])
def test_values_of_what_is_no_object(item: object) -> None:
    assert list(values_at(item, parse_path("spec.image"))) == []


def reference(kind: str, name: str, *, manages: bool = True) -> dict[str, object]:
    return {"kind": kind, "name": name, "controller": manages}


@pytest.mark.parametrize(
    ("references", "labels", "expected"),
    [
        pytest.param(None, {}, None, id="nothing"),
        pytest.param(
            [reference("Node", "a", manages=False)], {}, None, id="owner that manages not"
        ),
        pytest.param([reference("Job", "a")], {}, ("Job", "n", "a"), id="another kind"),
        pytest.param(
            [reference("Node", "a", manages=False), reference("StatefulSet", "b")],
            {},
            ("StatefulSet", "n", "b"),
            id="the one of two that manages",
        ),
        pytest.param(
            [reference("ReplicaSet", "web-5d4")],
            {"pod-template-hash": "5d4"},
            ("Deployment", "n", "web"),
            id="Deployment",
        ),
        pytest.param(
            [reference("ReplicaSet", "web-5d4")],
            {"pod-template-hash": "d4"},
            ("ReplicaSet", "n", "web-5d4"),
            id="ReplicaSet by itself, with the label of another",
        ),
        pytest.param(
            [reference("ReplicaSet", "web")], {}, ("ReplicaSet", "n", "web"), id="without a label"
        ),
    ],
)
def test_controller(
    references: object, labels: dict[str, str], expected: tuple[str, str, str] | None
) -> None:
    metadata = {"namespace": "n", "name": "p", "labels": labels, "ownerReferences": references}
    assert controller({"metadata": metadata}) == expected


# --- The lock file, written and checked by the command ---


@pytest.fixture
def operated(cluster: Cluster) -> Cluster:
    """A cluster with one operator."""
    cluster.api.add(fleet.deployment("operators", "ako", f"{fleet.AKO}:4.4.1"))
    cluster.api.settle()
    return cluster


WRITE = ("inventory", "--write", "compat.lock.yaml")
CHECK = ("inventory", "--check", "compat.lock.yaml")


def test_lock_file_is_written_once(operated: Cluster) -> None:
    path = operated.work / "compat.lock.yaml"
    assert operated.run(*WRITE) == (0, b"", "compat.lock.yaml: 1 component written\n")
    written = path.read_bytes()
    assert operated.run(*WRITE) == (0, b"", "compat.lock.yaml says so already\n")
    assert path.read_bytes() == written
    assert operated.run(*CHECK) == (0, b"", "cluster prod is as compat.lock.yaml says\n")


def test_byte_order_mark_and_line_ends_stay(operated: Cluster) -> None:
    path = operated.work / "compat.lock.yaml"
    path.write_bytes(b"\xef\xbb\xbfversion: 1\r\nimages: {a: b}\r\n")
    assert operated.run(*WRITE).status == 0
    written = path.read_bytes()
    assert written.startswith(b"\xef\xbb\xbfversion: 1\r\nimages: {a: b}\r\ninstalled:\r\n")
    assert written.count(b"\n") == written.count(b"\r\n")
    assert operated.run(*CHECK).status == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "version: 2\n",
            "compat.lock.yaml:1:10: this release reads lock files of version 1\n"
            "  helm compat inventory writes this file; edit it in the same form.",
            id="another version",
        ),
        pytest.param(
            "version: 1\ninstalled: {components: {a: b}}\n",
            "compat.lock.yaml:2:25: components is a list\n"
            "  helm compat inventory writes this file; edit it in the same form.",
            id="edited by hand",
        ),
        pytest.param(
            "{version: 1}\n",
            "compat.lock.yaml: the section `installed` cannot be written: the keys do not stand"
            " below each other, at the margin\n"
            "  Remove the file, or write its keys in lines of their own.",
            id="flow",
        ),
    ],
)
def test_lock_file_that_is_not_replaced(text: str, message: str, operated: Cluster) -> None:
    path = operated.work / "compat.lock.yaml"
    path.write_text(text, encoding="utf-8")
    said = operated.run(*WRITE)
    assert (said.status, said.out) == (2, b"")
    assert said.err.replace(f"{operated.work}/", "") == f"error: {message}\n"
    assert path.read_text(encoding="utf-8") == text


def test_check_of_another_state(operated: Cluster) -> None:
    operated.run(*WRITE)
    operated.api.add(fleet.deployment("operators", "ako", f"{fleet.AKO}:4.5.0"))
    drift = b"aerospike/operator Deployment/operators/ako: 4.4.1 \xe2\x86\x92 4.5.0"
    # The old pod still runs.
    assert operated.run(*CHECK) == (1, drift + b" (runs 4.4.1)\n", "")
    operated.api.settle()
    assert operated.run(*CHECK) == (1, drift + b"\n", "")


def test_check_that_could_not_be_made(operated: Cluster) -> None:
    """A gap is no drift, and no agreement either."""
    operated.run(*WRITE)
    operated.api.forbid("aerospikeclusters", "asdb.aerospike.com")
    said = operated.run(*CHECK)
    assert (said.status, said.out) == (3, b"")
    assert said.err.startswith(
        "error: the cluster could not be compared with compat.lock.yaml:"
        " AerospikeCluster (asdb.aerospike.com): aerospikeclusters"
    )


def test_check_of_a_file_that_is_not_there(operated: Cluster) -> None:
    message = "error: compat.lock.yaml: cannot read the lock file: No such file or directory\n"
    assert operated.run(*CHECK) == (2, b"", message)
