"""Real Helms against a cluster: operator and operand in releases of their own, through the gate."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import fleet
import pytest
from cluster import TOKEN
from conftest import find_tool
from kube_api import KubeApi
from real_helm import Completed
from test_helm import CHARTS, World, make_world, newest

CONTEXT = ("--cluster", "--kube-context=prod")


@dataclass(frozen=True)
class Place:
    """One Helm with our plugin and kubectl, and the cluster that it works on."""

    world: World
    api: KubeApi

    def upgrade(self, name: str, chart: str, namespace: str, *values: str) -> Completed:
        """`helm upgrade --install` through our post-renderer, which asks the cluster."""
        given = [f"--post-renderer-args={argument}" for argument in CONTEXT]
        where = (f"--namespace={namespace}", "--create-namespace", "--post-renderer=compat-render")
        words = ("upgrade", "--install", name, str(CHARTS / chart), *where, *given)
        return self.world.helm.run(*words, *values)

    def succeeds(self, *words: str) -> list[str]:
        """The messages of an upgrade that is let through."""
        done = self.upgrade(*words)
        assert done.returncode == 0, done.stderr.decode()
        self.api.settle()
        report = newest(self.world)
        return [f["message"] for f in report["findings"] if f["rule"] != "unseen-hooks"]

    def refused(self, *words: str) -> str:
        """What is shown of an upgrade that is refused: our lines; the cluster stays as it was."""
        before = self.api.snapshot()
        done = self.upgrade(*words)
        assert (done.returncode, done.stdout) == (1, b"")
        assert self.api.snapshot() == before
        text = done.stderr.decode()
        program = self.world.helm.home / "bin" / "compat-render"
        head, tail = {
            3: (
                "Error: UPGRADE FAILED: error while running post render on files: error while"
                f" running command {program}. error output:\n",
                ": exit status 1\n",
            ),
            4: (
                "Error: UPGRADE FAILED: YAML parse error on \n",
                ": error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into"
                " Go struct field .apiVersion of type string\n",
            ),
        }[self.world.major]
        assert text.startswith(f"{head}helm-compat refused this render:\n")
        assert text.endswith(tail)
        kept = f"The whole report: helm compat report {max(self.world.reports.iterdir())}"
        ours = text.removeprefix(f"{head}helm-compat refused this render:\n").removesuffix(tail)
        assert ours.splitlines()[-1] == kept
        # Helm 3 leaves room for all sources, and for how to suppress it.
        lines = [
            line
            for line in ours.splitlines()[:-2]
            if not line.startswith(("   = source: ", "   = suppress: "))
        ]
        return "".join(f"{line}\n" for line in lines)

    def inventory(self) -> dict[str, Any]:
        """What the plugin's `inventory` prints as JSON."""
        found = json.loads(self.world.helm.output("compat", "inventory", "-o", "json"))
        assert isinstance(found, dict)
        return found

    def rows(self) -> list[tuple[str, str, str]]:
        """Component, version and release of each row."""
        return [
            (f"{c['component']} {c['object']}", c["version"], shown(c["release"]))
            for c in self.inventory()["components"]
        ]


def shown(release: dict[str, Any]) -> str:
    return "{namespace}/{name} {chart}-{version} {revision}".format(**release)


@pytest.fixture(params=[3, 4], ids=["Helm 3", "Helm 4"])
def place(request: pytest.FixtureRequest, bare_path: str, tmp_path: Path) -> Iterator[Place]:
    """Each Helm with the kubectl of its time."""
    folder = f"helm{request.param}"
    world = make_world(tmp_path / "world", request.param, find_tool(folder, "helm"), bare_path)
    (world.helm.home / "bin" / "kubectl").symlink_to(find_tool(folder, "kubectl"))
    with KubeApi(TOKEN) as api:
        config = api.kubeconfig(tmp_path / "config")
        helm = replace(world.helm, variables={"KUBECONFIG": str(config)})
        yield Place(replace(world, helm=helm), api)


def server(release: str) -> str:
    image = "objectStore.image.repository=quay.io/minio/aistor/minio,objectStore.image.tag"
    return f"--set={image}=RELEASE.{release}"


def operator(release: str) -> str:
    return f"--set=images.operator.tag=RELEASE.{release}"


def test_aistor(place: Place) -> None:
    """Two charts: neither render shows the other, the cluster does."""
    old, new = "2025-08-19T17-53-00Z", "2026-02-09T03-12-43Z"
    first, then = "2025-08-13T17-08-54Z", "2026-03-12T15-15-27Z"
    minio = f",images.minio.tag=RELEASE.{first}"
    assert place.succeeds("aistor", "operator", "aistor", operator(old) + minio) == []
    assert place.succeeds("store", "objectstore", "tenant", server(first)) == []
    three = [f"operator Deployment/{n}" for n in ("adminjob-operator", "object-store-operator")]
    three.append("operator Deployment/object-store-webhook")
    chart, store = "aistor/aistor operator-0.1.0", "object-store ObjectStore/primary-object-store"
    assert place.rows() == [
        (store, f"RELEASE.{first}", "tenant/store objectstore-0.1.0 1"),
        *((name, f"RELEASE.{old}", f"{chart} 1") for name in three),
    ]

    assert (
        place.refused("store", "objectstore", "tenant", server(then))
        == f"""\
error[incompatible-versions]: AIStor Object Store RELEASE.{then} is newer than AIStor Operator RELEASE.{old} was made for
  --> <stdin>:21:38 (objectstore/templates/object-store.yaml)
      ObjectStore tenant/primary-object-store spec.image
21 |   image: "quay.io/minio/aistor/minio:RELEASE.{then}"
   |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = when it was released, operator RELEASE.{new} was the current one
   = a later operator had been out for 147 days (30 are tolerated)
   = operator RELEASE.{old}: installed, Deployment aistor/adminjob-operator, cluster prod
   = object-store RELEASE.{then}: in this render, ObjectStore/tenant/primary-object-store
   = derived from the releases that the vendor ships together; no matrix is published
   = help: Upgrade AIStor Operator to RELEASE.{new} or later (chart aistor-operator 5.4.0) first.
"""
    )

    place.succeeds("aistor", "operator", "aistor", operator(new) + minio)
    place.succeeds("store", "objectstore", "tenant", server(then))
    assert place.rows() == [
        (store, f"RELEASE.{then}", "tenant/store objectstore-0.1.0 2"),
        *((name, f"RELEASE.{new}", f"{chart} 2") for name in three),
    ]


def test_aistor_store_without_an_image(place: Place) -> None:
    """Its release stands in the ConfigMap of another release of Helm."""
    first, then = "2025-08-13T17-08-54Z", "2026-03-12T15-15-27Z"
    images = operator("2025-08-19T17-53-00Z") + ",images.minio.tag=RELEASE."
    place.succeeds("aistor", "operator", "aistor", images + first)
    assert place.succeeds("store", "objectstore", "tenant") == []
    newer = place.upgrade("aistor", "operator", "aistor", images + then)
    assert newer.returncode == 1
    assert b"is newer than AIStor Operator" in newer.stderr


def test_aerospike(place: Place) -> None:
    """Databases wait for their operator, and that goes by the required stops."""
    deployment = "Deployment operators/ako-aerospike-operator, cluster prod"
    place.succeeds("ako", "aerospike-operator", "operators", "--set=operatorImage.tag=3.4.1")
    assert place.succeeds("orders", "aerospike", "prod", "--set=image.tag=7.2.0.10") == []

    assert (
        place.refused("orders", "aerospike", "prod", "--set=image.tag=8.1.2.0")
        == f"""\
error[incompatible-versions]: Aerospike Database 8.1.2.0 is newer than Aerospike Kubernetes Operator 3.4.1 supports
  --> <stdin>:16:48 (aerospike/templates/clusters.yaml)
      AerospikeCluster prod/profiles spec.image
16 |   image: aerospike/aerospike-server-enterprise:8.1.2.0
   |                                                ^^^^^^^
   = operator 3.4.1 supports database 4.9.0.3 to 7.2.x
   = operator 3.4.1: installed, {deployment}
   = database 8.1.2.0: in this render, AerospikeCluster/prod/profiles
   = database 8.1.2.0 fits operator 4.4.x and 4.5.x
   = help: Upgrade Aerospike Kubernetes Operator to 4.4.x or 4.5.x first.
   = help: helm compat matrix aerospike shows what fits.
"""
    )
    jump = place.refused("ako", "aerospike-operator", "operators", "--set=operatorImage.tag=4.4.1")
    assert jump.splitlines()[0] == (
        "error[skipped-stop]: Aerospike Kubernetes Operator 3.4.1 to 4.4.1 skips required stops"
    )
    assert f"   = operator 3.4.1: installed, {deployment}\n" in jump

    for version in ("4.0.2", "4.1.2", "4.2.0", "4.3.0", "4.4.1"):
        tag = f"--set=operatorImage.tag={version}"
        place.succeeds("ako", "aerospike-operator", "operators", tag)
    place.succeeds("orders", "aerospike", "prod", "--set=image.tag=8.1.2.0")
    assert place.rows() == [
        ("database AerospikeCluster/profiles", "8.1.2.0", "prod/orders aerospike-0.1.0 2"),
        (
            "operator Deployment/ako-aerospike-operator",
            "4.4.1",
            "operators/ako aerospike-operator-0.1.0 6",
        ),
    ]
    old = place.refused("ako", "aerospike-operator", "operators", "--set=operatorImage.tag=3.4.1")
    assert "Aerospike Database 8.1.2.0 is newer than" in old


def test_operator_that_watches_elsewhere(place: Place) -> None:
    """Of several operators the one counts whose namespaces hold the cluster."""
    for name, version in (("prod", "4.4.1"), ("legacy", "3.4.1")):
        values = f"--set=operatorImage.tag={version},watchNamespaces={name}"
        place.succeeds(name, "aerospike-operator", f"ako-{name}", values)
    new, old = "--set=image.tag=8.1.2.0", "--set=image.tag=7.2.0.10"
    assert place.succeeds("orders", "aerospike", "prod", new) == []
    assert place.succeeds("orders", "aerospike", "legacy", old) == []
    assert "operator 3.4.1: installed, Deployment ako-legacy/" in place.refused(
        "orders", "aerospike", "legacy", new
    )
    messages = place.succeeds("orders", "aerospike", "stage", new)
    assert messages == [
        "Aerospike Database 8.1.2.0 cannot be judged: no release of its operator is known"
    ]


# --- Our commands under Helm ---


def test_helm_says_which_cluster(place: Place) -> None:
    helm = place.world.helm
    place.api.add(fleet.deployment("operators", "ako", f"{fleet.AKO}:4.4.1"))
    assert helm.output("--kube-context", "prod", "compat", "inventory").startswith("cluster prod,")
    other = helm.run("--kube-context", "stage", "compat", "inventory")
    assert other.returncode != 0
    assert other.stderr.startswith(
        b'error: kubectl cannot be used: context "stage" does not exist\n'
    )
    config = helm.variables["KUBECONFIG"]
    found = helm.output(
        *("--kubeconfig", config, "compat", "inventory"), variables={"KUBECONFIG": "/none"}
    )
    assert found.startswith("cluster prod,")


@pytest.mark.parametrize("way", ["flags", "variables"])
def test_helm_says_how_to_get_there(way: str, place: Place, tmp_path: Path) -> None:
    """Server, token and authority, with no kubeconfig at all."""
    authority = tmp_path / "authority"
    authority.write_bytes(place.api.certificate)
    given = {"apiserver": place.api.url, "token": TOKEN, "ca-file": str(authority)}
    flags = [f"--kube-{name}={value}" for name, value in given.items()]
    names = {"apiserver": "APISERVER", "token": "TOKEN", "ca-file": "CAFILE"}
    variables = {f"HELM_KUBE{names[name]}": value for name, value in given.items()}
    done = place.world.helm.run(
        *(flags if way == "flags" else ()),
        *("compat", "inventory", "-o", "json"),
        variables={"KUBECONFIG": "/none", **(variables if way == "variables" else {})},
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["kubernetes"] == "v1.31.4"
    assert TOKEN.encode() not in done.stdout + done.stderr


def test_status_after_an_upgrade(place: Place) -> None:
    place.succeeds("ako", "aerospike-operator", "operators")
    words = ("compat", "status", "--expect=aerospike/operator=4.4.1")
    assert place.world.helm.output(*words) == "nothing is left to do: 1 component, 2 pods\n"
    late = place.world.helm.run("compat", "status", "--expect=aerospike/operator=4.5.0")
    assert late.returncode != 0
    assert late.stdout.decode() == (
        "Deployment operators/ako-aerospike-operator\n"
        "  wants 4.4.1, not 4.5.0\n"
        "\n"
        "1 object not done; looked at 1 component, 2 pods\n"
    )


def test_lock_file_stands_for_the_cluster(place: Place, tmp_path: Path) -> None:
    """Written by the plugin, and read by a render that is told of no cluster."""
    helm = place.world.helm
    place.succeeds("ako", "aerospike-operator", "operators", "--set=operatorImage.tag=3.4.1")
    helm.output("compat", "inventory", "--write", "compat.lock.yaml")
    assert helm.run("compat", "inventory", "--check", "compat.lock.yaml").returncode == 0
    template = ("template", "orders", CHARTS / "aerospike", "--post-renderer", "compat-render")
    refused = helm.run(*template)
    assert refused.returncode == 1
    assert (
        b"   = operator 3.4.1: installed, says compat.lock.yaml:"
        b"7, Deployment/operators/ako-aerospike-operator, cluster prod\n"
    ) in refused.stderr
    place.succeeds("ako", "aerospike-operator", "operators", "--set=operatorImage.tag=4.0.2")
    drift = helm.run("compat", "inventory", "--check", "compat.lock.yaml")
    assert drift.returncode != 0
    assert drift.stdout.decode() == (
        "aerospike/operator Deployment/operators/ako-aerospike-operator: 3.4.1 → 4.0.2\n"
    )
