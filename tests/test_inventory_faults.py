"""What goes wrong between us and a cluster: rights, credentials, servers, kubectl, our own end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fleet
import pytest
from cluster import TOKEN, Cluster, open_cluster
from command import Said
from conftest import find_tool

Fault = Callable[[Cluster], object]


@pytest.fixture
def cluster(tmp_path: Path, kubectl: Path) -> Iterator[Cluster]:
    """Aerospike: two operators, two clusters, a backup service."""
    with open_cluster(tmp_path, kubectl) as cluster:
        fleet.add_definitions(cluster.api)
        fleet.add_aerospike(cluster.api)
        cluster.api.settle()
        yield cluster


@pytest.fixture
def families(tmp_path: Path, kubectl: Path) -> Iterator[Cluster]:
    """All four families."""
    with open_cluster(tmp_path, kubectl) as cluster:
        fleet.four_families(cluster.api)
        yield cluster


def forbid(resource: str, group: str = "", verb: str | None = None) -> Fault:
    return lambda cluster: cluster.api.forbid(resource, group, verb=verb)


def fail(path: str, status: int, **options: Any) -> Fault:
    return lambda cluster: cluster.api.fail(path, status, **options)


def forbidden(resource: str, scope: str = "at the cluster scope", verb: str = "list") -> str:
    plural, _, group = resource.partition(".")
    return (
        f'{resource} is forbidden: User "test" cannot {verb} resource "{plural}"'
        f' in API group "{group}" {scope}'
    )


def gaps(cluster: Cluster) -> dict[str, str]:
    """What the inventory did not check, and why; everything else went well."""
    said = cluster.run("inventory", "-o", "json")
    assert said.status == 0, said.err
    found = json.loads(said.out)["notChecked"]
    assert said.err == "".join(f"not checked: {gap['what']}: {gap['why']}\n" for gap in found)
    return {gap["what"]: gap["why"] for gap in found}


# --- Rights that are missing: told by name, and the gate knows that it does not know ---

ORDERS = fleet.resource("AerospikeCluster", "prod", "orders", image=f"{fleet.AEROSPIKE}:8.1.2.0")
NEW = fleet.resource("AerospikeCluster", "prod", "new", image=f"{fleet.AEROSPIKE}:8.1.2.0")
NIGHTLY = fleet.resource(
    "AerospikeBackupService", "backup", "nightly", "v1beta1", image=f"{fleet.BACKUP}:3.4.0"
)
PRIMARY = fleet.resource("ObjectStore", "tenant", "primary", pools=[])
AIS = fleet.resource(
    *("AIStore", "ais", "ais", "v1beta1"),
    nodeImage=f"{fleet.AISTORE}/aisnode:v4.9",
    initImage=f"{fleet.AISTORE}/ais-init:v4.9",
)
KAITO = fleet.deployment("kaito", "workspace", "mcr.microsoft.com/aks/kaito/workspace:0.10.0")

LISTED = "could not be looked up: "


def judge(cluster: Cluster, item: fleet.Object, *arguments: str) -> tuple[int, list[str]]:
    """The exit status and the messages of a render of one object, judged by the cluster."""
    report = cluster.work / "report.json"
    words = ("render", "--cluster", "--kube-context=prod", f"--report={report}", *arguments)
    said = cluster.run(*words, stdin=b"---\n" + json.dumps(item).encode())
    return said.status, [f["message"] for f in json.loads(report.read_bytes())["findings"]]


NOTHING_HIDDEN = [
    pytest.param(ORDERS, id="Aerospike"),
    pytest.param(NIGHTLY, id="backup service"),
    pytest.param(PRIMARY, id="AIStor"),
    pytest.param(AIS, id="AIStore"),
]


@pytest.mark.parametrize("item", NOTHING_HIDDEN)
def test_with_all_rights_it_is_compatible(families: Cluster, item: fleet.Object) -> None:
    assert gaps(families) == {}
    assert judge(families, item, "--on-unknown=error") == (0, [])


DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
NO_RIGHTS = [
    # What is missing, what is told by name, why, and a render that it makes unknown.
    pytest.param(
        forbid("customresourcedefinitions", "apiextensions.k8s.io"),
        "CustomResourceDefinitions",
        forbidden(DEFINITIONS),
        KAITO,
        id="definitions",
    ),
    pytest.param(
        forbid("customresourcedefinitions", "apiextensions.k8s.io", "get"),
        "CustomResourceDefinition aerospikeclusters.asdb.aerospike.com",
        f'{DEFINITIONS} "aerospikeclusters.asdb.aerospike.com"'
        + forbidden(DEFINITIONS, verb="get").removeprefix(DEFINITIONS),
        ORDERS,
        id="one definition",
    ),
    pytest.param(
        forbid("deployments", "apps"),
        "Deployments",
        forbidden("deployments.apps"),
        ORDERS,
        id="Deployments",
    ),
    pytest.param(
        forbid("statefulsets", "apps"),
        "StatefulSets",
        forbidden("statefulsets.apps"),
        AIS,
        id="StatefulSets",
    ),
    pytest.param(
        forbid("aerospikeclusters", "asdb.aerospike.com"),
        "AerospikeCluster (asdb.aerospike.com)",
        forbidden("aerospikeclusters.asdb.aerospike.com"),
        ORDERS,
        id="AerospikeClusters",
    ),
    pytest.param(
        forbid("aerospikebackupservices", "asdb.aerospike.com"),
        "AerospikeBackupService (asdb.aerospike.com)",
        forbidden("aerospikebackupservices.asdb.aerospike.com"),
        NIGHTLY,
        id="backup services",
    ),
    pytest.param(
        forbid("objectstores", "aistor.min.io"),
        "ObjectStore (aistor.min.io)",
        forbidden("objectstores.aistor.min.io"),
        PRIMARY,
        id="object stores",
    ),
    pytest.param(
        forbid("aistores", "ais.nvidia.com"),
        "AIStore (ais.nvidia.com)",
        forbidden("aistores.ais.nvidia.com"),
        AIS,
        id="AIStores",
    ),
    pytest.param(
        forbid("configmaps"),
        "ConfigMap aistor/object-store-operator",
        'configmaps "object-store-operator"'
        + forbidden("configmaps", 'in the namespace "aistor"', "get").removeprefix("configmaps"),
        PRIMARY,
        id="ConfigMaps",
    ),
    pytest.param(
        forbid("pods"),
        "pods in namespace prod",
        forbidden("pods", 'in the namespace "prod"'),
        ORDERS,
        id="pods",
    ),
    pytest.param(
        fail("^/version", 403),
        "the version of Kubernetes",
        "an error on the server has prevented the request",
        ORDERS,
        id="version",
    ),
]


@pytest.mark.parametrize(("fault", "what", "why", "item"), NO_RIGHTS)
def test_missing_right(
    fault: Fault, what: str, why: str, item: fleet.Object, families: Cluster
) -> None:
    fault(families)
    found = gaps(families)
    assert found[what] == why
    table = families.run("inventory")
    assert f"  {what}: {why}\n" in table.out.decode().partition("\nnot checked:\n")[2]
    assert families.run("inventory", "--on-unknown=error").status == 1

    status, messages = judge(families, item, "--on-unknown=error")
    assert (status, f"{what} {LISTED}{why}" in messages) == (1, True)
    assert judge(families, item)[0] == 0


def test_only_what_was_not_checked_is_unknown(families: Cluster) -> None:
    """A right that one product wants says nothing of the others."""
    families.api.forbid("objectstores", "aistor.min.io")
    for item in (ORDERS, NIGHTLY, AIS):
        assert judge(families, item, "--on-unknown=error") == (0, [])


def test_releases_of_helm_may_not_be_read(cluster: Cluster) -> None:
    """They name the owner, and decide nothing; the gate does not even ask for them."""
    cluster.api.forbid("secrets")
    why = forbidden("secrets", 'in the namespace "operators"')
    assert gaps(cluster) == {"Helm releases in namespace operators": why}
    cluster.api.requests.clear()
    assert judge(cluster, ORDERS, "--on-unknown=error") == (0, [])
    assert not any("secrets" in path for path in cluster.asked())


def test_nothing_is_taken_for_new_where_others_are_hidden(tmp_path: Path, kubectl: Path) -> None:
    """An old operator cannot deploy a new cluster with such an init image, but has old ones."""
    images = {"nodeImage": "aistorage/aisnode:v3.25", "initImage": "aistorage/ais-init:v1.2.0"}
    item = fleet.resource("AIStore", "ais", "ais", "v1beta1", **images)
    with open_cluster(tmp_path, kubectl) as cluster:
        fleet.add_definitions(cluster.api)
        cluster.api.add(fleet.deployment("ais", "operator", "aistorage/ais-operator:v1.6.0"))
        cluster.api.settle()
        assert judge(cluster, item)[0] == 1
        cluster.api.add(item)
        assert judge(cluster, item)[0] == 0
        cluster.api.remove("AIStore", "ais", "ais")
        cluster.api.forbid("aistores", "ais.nvidia.com")
        assert judge(cluster, item)[0] == 0


def test_rights_in_one_namespace_alone(families: Cluster) -> None:
    """Then the kinds that there are come from discovery, which everybody may read."""
    api = families.api
    for resource, group in (
        ("customresourcedefinitions", "apiextensions.k8s.io"),
        ("deployments", "apps"),
        ("statefulsets", "apps"),
        ("aerospikeclusters", "asdb.aerospike.com"),
        ("aerospikebackupservices", "asdb.aerospike.com"),
        ("objectstores", "aistor.min.io"),
        ("aistores", "ais.nvidia.com"),
    ):
        api.forbid(resource, group, namespace="")
    said = families.run("inventory", "--only-namespace=legacy", "-o", "json")
    assert said.status == 0
    found = json.loads(said.out)
    assert [(c["component"], c["version"]) for c in found["components"]] == [
        ("database", "7.2.0.10"),
        ("operator", "3.4.1"),
    ]
    assert [gap["what"] for gap in found["notChecked"]] == ["CustomResourceDefinitions"]
    said = families.run("inventory", "-o", "json")
    whole = [gap["what"] for gap in json.loads(said.out)["notChecked"]]
    assert whole == [
        "Deployments",
        "StatefulSets",
        "CustomResourceDefinitions",
        "AIStore (ais.nvidia.com)",
        "ObjectStore (aistor.min.io)",
        "AerospikeBackupService (asdb.aerospike.com)",
        "AerospikeCluster (asdb.aerospike.com)",
    ]


@pytest.mark.parametrize("path", ["/apis/asdb.aerospike.com", "/apis/asdb.aerospike.com/v1"])
def test_discovery_that_fails(path: str, cluster: Cluster) -> None:
    """Where the definitions may not be read, nothing else tells that a kind is there."""
    cluster.api.forbid("customresourcedefinitions", "apiextensions.k8s.io")
    cluster.api.fail(f"{path}$", 503)
    why = "the server is currently unable to handle the request"
    assert gaps(cluster)["the kinds of asdb.aerospike.com"] == why
    messages = judge(cluster, ORDERS)[1]
    assert f"the kinds of asdb.aerospike.com {LISTED}{why}" in messages


def test_definition_that_is_not_installed(tmp_path: Path, kubectl: Path) -> None:
    """No kind, no objects: nothing is wrong, and nothing is asked for."""
    with open_cluster(tmp_path, kubectl) as cluster:
        cluster.api.add(fleet.deployment("operators", "ako", f"{fleet.AKO}:4.4.1"))
        cluster.api.settle()
        assert gaps(cluster) == {}
        assert not any("asdb.aerospike.com" in path for path in cluster.asked())
        assert judge(cluster, ORDERS, "--on-unknown=error") == (0, [])


# --- Servers that answer badly: a gap for one kind, exit 3 where nothing can be known ---

BUSY = "the server is currently unable to handle the request"
KIND = "AerospikeCluster (asdb.aerospike.com)"
PATH = "/v1/aerospikeclusters"
ANSWERS = [
    pytest.param(
        fail(PATH, 500), "Internal error occurred: etcdserver: request timed out", id="500"
    ),
    pytest.param(fail(PATH, 503), BUSY, id="503"),
    pytest.param(
        fail(PATH, 429), "Too many requests, please try again later.", id="429 without a time"
    ),
    pytest.param(fail(PATH, 410), "an error on the server has prevented the request", id="410"),
    pytest.param(fail(PATH, 404, body=b"{}"), "{}", id="404 without a message"),
    pytest.param(
        fail(PATH, 403, body=b'{"message": "no\\u001b[31m"}'), "no\x1b[31m", id="control codes"
    ),
    pytest.param(fail(PATH, 400, body=b""), "HTTP status 400", id="nothing said"),
]


@pytest.mark.parametrize(("fault", "why"), ANSWERS)
def test_one_kind_is_not_answered(fault: Fault, why: str, cluster: Cluster) -> None:
    fault(cluster)
    said = cluster.run("inventory", "-o", "json")
    assert said.status == 0
    found = {gap["what"]: gap["why"] for gap in json.loads(said.out)["notChecked"]}
    assert found == {KIND: why}
    assert "\x1b" not in said.err + cluster.run("inventory").out.decode()
    assert judge(cluster, NEW, "--on-unknown=error")[0] == 1


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(fail(PATH, 410, times=1), id="410"),
        pytest.param(fail(PATH, 429, times=1, headers={"Retry-After": "0"}), id="429"),
        pytest.param(fail(PATH, 503, times=2, headers={"Retry-After": "0"}), id="503 twice"),
        pytest.param(fail(PATH, 200, times=1, body=b'{"items": null}'), id="null"),
    ],
)
def test_what_passes(fault: Fault, cluster: Cluster) -> None:
    fault(cluster)
    assert gaps(cluster) == {}


def error(*lines: str) -> str:
    return "error: " + "\n  ".join(lines) + "\n"


SAME = "kubectl get namespaces asks the same cluster."
EXPIRED = "The credentials have expired, or were never good here: kubectl get namespaces tells."
SERVERS = [
    pytest.param(
        fail("/apis/apps/v1", 401),
        (),
        error("cluster prod does not know us: Unauthorized", EXPIRED),
        id="401",
    ),
    pytest.param(
        lambda cluster: cluster.api.drop("/v1/deployments"),
        (),
        error("cluster prod broke off its answer to /apis/apps/v1/deployments", SAME),
        id="broken off",
    ),
    pytest.param(
        fail("^/version", 200, body=b"<html>hello"),
        (),
        error(
            "cluster prod answers /version with no JSON object",
            "Is the server that of Kubernetes?",
        ),
        id="no JSON",
    ),
    pytest.param(
        fail("^/version", 200, body=b"[]"),
        (),
        error(
            "cluster prod answers /version with no JSON object",
            "Is the server that of Kubernetes?",
        ),
        id="no object",
    ),
    pytest.param(
        lambda cluster: cluster.api.delay(PATH, 60),
        ("--cluster-timeout=1",),
        error(
            "cluster prod did not answer in 1 second",
            "The last question was /apis/asdb.aerospike.com/v1/aerospikeclusters;"
            " --cluster-timeout gives it more time.",
        ),
        id="slow",
    ),
    pytest.param(
        fail(PATH, 429, headers={"Retry-After": "1"}),
        ("--cluster-timeout=2",),
        error(
            "cluster prod did not answer in 2 seconds",
            "The last question was /apis/asdb.aerospike.com/v1/aerospikeclusters;"
            " --cluster-timeout gives it more time.",
        ),
        id="always busy",
    ),
]


@pytest.mark.parametrize(("fault", "arguments", "message"), SERVERS)
def test_nothing_can_be_known(
    fault: Fault, arguments: tuple[str, ...], message: str, cluster: Cluster
) -> None:
    fault(cluster)
    assert cluster.run("inventory", *arguments) == (3, b"", message)
    assert cluster.run("status", *arguments) == (3, b"", message)
    rendered = cluster.run(
        "render", "--cluster", "--kube-context=prod", *arguments, stdin=b"a: b\n"
    )
    assert rendered == (3, b"", f"helm-compat refused this render:\n{message}")


def test_answer_that_trickles_in(cluster: Cluster) -> None:
    """The limit is for all together, not for each piece."""
    start = time.monotonic()
    cluster.api.delay("/", 0.4)
    said = cluster.run("inventory", "--cluster-timeout=1")
    assert said.status == 3
    assert said.err.startswith("error: cluster prod did not answer in 1 second\n")
    assert time.monotonic() - start < 10


def test_server_that_is_gone(cluster: Cluster) -> None:
    cluster.api.stop()
    address = cluster.api.url.removeprefix("https://")
    message = error(
        f"cluster prod cannot be reached: dial tcp {address}: connect: connection refused", SAME
    )
    assert cluster.run("inventory") == (3, b"", message)


def test_auto_goes_on_without_a_cluster(cluster: Cluster) -> None:
    """And never calls that compatible."""
    cluster.api.stop()
    words = ("render", "--cluster=auto", "--kube-context=prod")
    item = json.dumps(ORDERS).encode()
    said = cluster.run(*words, stdin=item)
    assert (said.status, said.out) == (0, item)
    assert said.err.splitlines()[-1] == "helm-compat: 0 of 1 image relocated, 2 warnings"
    assert "the cluster could not be looked up: cluster prod cannot be reached" in said.err
    assert cluster.run(*words, "--on-unknown=error", stdin=item).status == 1


# --- kubectl, and what it is told ---


def test_no_kubectl(cluster: Cluster, tmp_path: Path) -> None:
    message = error(
        "there is no kubectl to read the cluster with",
        "Put kubectl on PATH; or go without the cluster, with a compat.lock.yaml.",
    )
    said = cluster.run("inventory", variables={"PATH": str(tmp_path)})
    assert said == (3, b"", message)


def test_unknown_context(cluster: Cluster) -> None:
    message = error(
        'kubectl cannot be used: context "stage" does not exist',
        "kubectl config get-contexts lists those there are.",
    )
    assert cluster.run("inventory", "--kube-context=stage") == (3, b"", message)


def test_kubeconfig_that_is_not_there(cluster: Cluster) -> None:
    message = error("--kubeconfig /none: there is no such file")
    assert cluster.run("inventory", "--kubeconfig=/none") == (2, b"", message)


def test_kubeconfig_that_cannot_be_read(cluster: Cluster, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("a: [b", encoding="utf-8")
    said = cluster.run("inventory", f"--kubeconfig={broken}")
    assert (said.status, said.out) == (3, b"")
    assert said.err.startswith(
        f'error: kubectl cannot be used: error loading config file "{broken}"'
    )


def test_render_never_guesses_the_context(cluster: Cluster) -> None:
    """Helm's own is no help: another was given to Helm by a flag, and nobody tells us."""
    message = (
        "helm-compat refused this render:\n"
        "error: which cluster to read is not known: Helm tells its context to no post-renderer\n"
        "  Say it once more: --kube-context NAME, or kube-context in .helm-compat.yaml;"
        " . is the current one of kubectl.\n"
    )
    said = cluster.run("render", "--cluster", variables={"HELM_KUBECONTEXT": "prod"})
    assert said == (2, b"", message)
    assert cluster.api.requests == []


PROGRAMS = [
    pytest.param("echo hello", "kubectl cannot be used: hello", id="nonsense"),
    pytest.param("exit 3", "kubectl cannot be used: it ended and said nothing", id="silence"),
    pytest.param("exec sleep 600", "kubectl was not ready in 1 second", id="hangs"),
    pytest.param("printf Start; exec sleep 600", "kubectl was not ready in 1 second", id="half"),
    pytest.param(
        "echo 'Starting to serve on x'",
        "cluster prod broke off its answer to /",
        id="nothing listens",
    ),
]


@pytest.mark.parametrize(("script", "message"), PROGRAMS)
def test_kubectl_that_is_none(script: str, message: str, cluster: Cluster) -> None:
    replace_kubectl(cluster, f"[ $1 = config ] && {{ echo prod; exit; }}\n{script}\n")
    said = cluster.run("inventory", "--cluster-timeout=1")
    assert (said.status, said.out) == (3, b"")
    assert said.err.startswith(f"error: {message}")


def test_kubectl_that_hangs_over_the_name_of_the_context(cluster: Cluster) -> None:
    kubectl = find_tool("helm4", "kubectl")
    replace_kubectl(cluster, f'[ $1 = config ] && exec sleep 600\nexec {kubectl} "$@"\n')
    message = error("kubectl was not ready in 1 second")
    assert cluster.run("inventory", "--cluster-timeout=1") == (3, b"", message)


def replace_kubectl(cluster: Cluster, script: str) -> None:
    """Put a shell script in the place of kubectl."""
    program = shutil.which("kubectl", path=cluster.variables["PATH"])
    assert program
    Path(program).unlink()
    Path(program).write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    Path(program).chmod(0o755)


def with_plugin(cluster: Cluster, tmp_path: Path, script: str) -> Said:
    """The inventory with an exec plugin for credentials, as the clouds have them."""
    plugin = tmp_path / "plugin"
    plugin.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    plugin.chmod(0o755)
    config = json.loads(Path(cluster.variables["KUBECONFIG"]).read_bytes())
    version = "client.authentication.k8s.io/v1"
    command = {"apiVersion": version, "command": str(plugin), "interactiveMode": "Never"}
    config["users"][0]["user"] = {"exec": command}
    path = tmp_path / "exec"
    path.write_text(json.dumps(config), encoding="utf-8")
    return cluster.run("inventory", "-o", "json", f"--kubeconfig={path}")


def test_exec_plugin(cluster: Cluster, tmp_path: Path) -> None:
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": TOKEN},
    }
    said = with_plugin(cluster, tmp_path, f"echo '{json.dumps(credential)}'\n")
    assert (said.status, said.err) == (0, "")
    assert len(json.loads(said.out)["components"]) == 5


def test_exec_plugin_that_fails(cluster: Cluster, tmp_path: Path) -> None:
    said = with_plugin(cluster, tmp_path, "echo 'log in first' >&2\nexit 1\n")
    why = f"getting credentials: exec: executable {tmp_path}/plugin failed with exit code 1"
    assert said == (3, b"", error(f"cluster prod cannot be reached: {why}", SAME))


@pytest.mark.parametrize("text", ["1s", "0", "-1", "1.5", "٣"])
def test_time_limit_that_is_none(text: str, cluster: Cluster) -> None:
    said = cluster.run("inventory", "--cluster-timeout", text)
    message = error(f"--cluster-timeout wants a number of seconds, not {text!r}")
    assert said == (2, b"", message)


# --- What Helm was told ---


def test_helm_is_heard(cluster: Cluster, tmp_path: Path) -> None:
    """A server and a token by variables, no kubeconfig at all."""
    authority = tmp_path / "ca"
    authority.write_bytes(cluster.api.certificate)
    variables = {
        "KUBECONFIG": "",
        "HELM_KUBEAPISERVER": cluster.api.url,
        "HELM_KUBETOKEN": TOKEN,
        "HELM_KUBECAFILE": str(authority),
    }
    said = cluster.run("inventory", "-o", "json", variables=variables)
    assert (said.status, said.err) == (0, "")
    assert json.loads(said.out)["cluster"] == ""
    insecure = {**variables, "HELM_KUBECAFILE": "", "HELM_KUBEINSECURE_SKIP_TLS_VERIFY": "true"}
    assert cluster.run("inventory", variables=insecure).status == 0
    untrusted = {**variables, "HELM_KUBECAFILE": ""}
    refused = cluster.run("inventory", variables=untrusted)
    assert refused.status == 3
    assert "certificate signed by unknown authority" in refused.err


def test_token_of_helm_wins_over_the_kubeconfig(cluster: Cluster, tmp_path: Path) -> None:
    wrong = cluster.api.kubeconfig(tmp_path / "wrong", token="wrong")
    variables = {"KUBECONFIG": str(wrong), "HELM_KUBETOKEN": TOKEN}
    assert cluster.run("inventory", variables=variables).status == 0
    variables = {"HELM_KUBETOKEN": "wrong"}
    message = error("cluster prod does not know us: Unauthorized", EXPIRED)
    assert cluster.run("inventory", variables=variables) == (3, b"", message)


def test_context_of_helm_wins_over_the_configuration(cluster: Cluster) -> None:
    """`helm --kube-context prod compat inventory`: a flag, though Helm hands it on as a variable."""
    (cluster.work / ".helm-compat.yaml").write_text("kube-context: stage\n", encoding="utf-8")
    said = cluster.run("inventory", variables={"HELM_KUBECONTEXT": "prod"})
    assert said.status == 0
    said = cluster.run("inventory")
    assert said.err.startswith('error: kubectl cannot be used: context "stage" does not exist')


# --- Releases of Helm that are kept elsewhere ---


def owner(cluster: Cluster, driver: str) -> tuple[object, list[str]]:
    said = cluster.run("inventory", "-o", "json", variables={"HELM_DRIVER": driver})
    found = json.loads(said.out)
    (release,) = [c["release"] for c in found["components"] if c["release"]]
    return release, [gap["what"] for gap in found["notChecked"]]


def test_releases_in_config_maps(cluster: Cluster) -> None:
    chart = "aerospike-kubernetes-operator"
    kept = fleet.release("operators", "ako", chart, "4.3.0", revision=11, kind="ConfigMap")
    cluster.api.add(kept)
    expected = {"namespace": "operators", "name": "ako", "chart": chart}
    assert owner(cluster, "configmap") == ({**expected, "version": "4.3.0", "revision": 11}, [])
    assert owner(cluster, "secret") == ({**expected, "version": "4.4.1", "revision": 10}, [])


def test_releases_in_a_database(cluster: Cluster) -> None:
    nothing = {"chart": "", "version": "", "revision": 0}
    expected = {"namespace": "operators", "name": "ako", **nothing}
    assert owner(cluster, "sql") == (expected, ["Helm releases"])


# --- Our own end: nothing stays behind ---


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder with a path that is short enough for a socket."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "t"


class Watched:
    """A run whose temporary folder is known, and whose kubectl holds a pipe open while it lives."""

    def __init__(self, cluster: Cluster, temporary: Path) -> None:
        self.temporary = temporary
        self.temporary.mkdir()
        pipe = temporary.parent / "pipe"
        os.mkfifo(pipe)
        kubectl = find_tool("helm4", "kubectl")
        replace_kubectl(cluster, f'exec 9>"{pipe}"\nexec {kubectl} "$@"\n')
        # Open at both ends, so that kubectl need not wait for us nor we for it.
        self._pipe = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        cluster.api.delay(PATH, 60)
        cluster.variables.update({"TMPDIR": str(self.temporary), "HELM_KUBETOKEN": TOKEN})
        self.process = cluster.start("inventory")
        while not any("statefulsets" in path for path in cluster.asked()):
            assert self.process.poll() is None
        assert list(self.temporary.iterdir())
        os.set_blocking(self._pipe, True)

    def await_end_of_kubectl(self) -> None:
        assert os.read(self._pipe, 1) == b""
        os.close(self._pipe)

    def await_empty_folder(self, seconds: float = 5) -> None:
        """The shell that guards kubectl removes the folder, and tells nobody."""
        deadline = time.monotonic() + seconds
        while list(self.temporary.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_killed(cluster: Cluster, temporary: Path) -> None:
    watched = Watched(cluster, temporary)
    watched.process.kill()
    watched.process.communicate()
    watched.await_end_of_kubectl()
    watched.await_empty_folder()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_ended_from_outside(number: int, cluster: Cluster, temporary: Path) -> None:
    watched = Watched(cluster, temporary)
    watched.process.send_signal(number)
    watched.process.communicate()
    assert watched.process.returncode == -number
    watched.await_end_of_kubectl()
    watched.await_empty_folder()


def test_interrupted(cluster: Cluster, temporary: Path) -> None:
    """Ctrl-C ends it at once, though an answer is still waited for."""
    watched = Watched(cluster, temporary)
    start = time.monotonic()
    watched.process.send_signal(signal.SIGINT)
    out, err = watched.process.communicate()
    assert time.monotonic() - start < 10
    assert (watched.process.returncode, out) == (130, b"")
    assert b"Traceback" not in err
    watched.await_end_of_kubectl()
    assert list(watched.temporary.iterdir()) == []


def test_everything_is_gone_after_a_good_end(cluster: Cluster, temporary: Path) -> None:
    variables = {"TMPDIR": str(temporary), "HELM_KUBETOKEN": TOKEN}
    temporary.mkdir()
    assert cluster.run("inventory", variables=variables).status == 0
    assert list(temporary.iterdir()) == []


def test_token_is_in_no_argument(cluster: Cluster, tmp_path: Path) -> None:
    """Other users of the machine see the arguments of all processes."""
    seen = tmp_path / "seen"
    kubectl = find_tool("helm4", "kubectl")
    replace_kubectl(cluster, f'echo "$*" >> "{seen}"\nexec {kubectl} "$@"\n')
    assert cluster.run("inventory", variables={"HELM_KUBETOKEN": TOKEN}).status == 0
    text = seen.read_text(encoding="utf-8")
    assert "--user=helm-compat-token" in text
    assert TOKEN not in text


def test_folder_for_temporary_files_with_a_long_path(cluster: Cluster, tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 120)
    folder.mkdir()
    assert cluster.run("inventory", variables={"TMPDIR": str(folder)}).status == 0
    assert list(folder.iterdir()) == []


def test_proxy_changes_nothing(cluster: Cluster, temporary: Path) -> None:
    """While it runs others of the same user could use its socket: for reads alone."""
    watched = Watched(cluster, temporary)
    (folder,) = watched.temporary.iterdir()
    curl = shutil.which("curl")
    assert curl, "curl is missing"
    for method, status in (("GET", b"200"), ("DELETE", b"403"), ("POST", b"403")):
        words = [curl, "-s", "-o", os.devnull, "-w", "%{http_code}", "-X", method]
        words += ["--unix-socket", str(folder / "api"), "http://localhost/api/v1/namespaces/web"]
        if method == "GET":
            words[-1] = "http://localhost/version"
        assert subprocess.run(words, capture_output=True, check=True).stdout == status
    assert (folder.stat().st_mode & 0o777, (folder / "token").stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )
    watched.process.kill()
    watched.process.communicate()
    watched.await_end_of_kubectl()
    watched.await_empty_folder()
