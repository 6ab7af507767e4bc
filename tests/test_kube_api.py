"""The API server of the tests, asked by the real kubectls and the real Helms."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
import yaml
from conftest import find_tool
from kube_api import KubeApi
from kube_api.patches import json_patch, strategic_merge
from kube_api.status import StatusError
from real_helm import Completed, Helm

TOKEN = "the-token"

CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: "%s"}
"""

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - {name: web, image: "registry.example/web:%s"}
      - {name: log, image: "registry.example/log:1"}
"""

STATEFUL = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: team}
spec:
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec: {containers: [{name: db, image: "registry.example/db@sha256:%s"}]}
"""

DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget, singular: widget, shortNames: [wg]}
  versions:
  - name: v1beta1
    served: true
    storage: false
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
  - name: v1
    served: true
    storage: true
    subresources: {status: {}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""

WIDGET = """
apiVersion: example.com/v1
kind: Widget
metadata: {name: big}
spec: {size: %s}
"""

JOB = """
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  template:
    spec: {restartPolicy: Never, containers: [{name: migrate, image: "registry.example/job:1"}]}
"""


@dataclass
class Cluster:
    """An API server and the programs of one Helm major that work against it."""

    api: KubeApi
    helm: Helm
    program: Path

    def kubectl(self, *arguments: str, stdin: str = "") -> Completed:
        return subprocess.run(
            [self.program, *arguments],
            input=stdin.encode(),
            capture_output=True,
            env=self.helm.environment(),
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [str(self.program), *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, env=self.helm.environment())

    def output(self, *arguments: str, stdin: str = "") -> str:
        done = self.kubectl(*arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def parsed(self, *arguments: str) -> Any:
        return json.loads(self.output(*arguments))


@pytest.fixture(params=["helm3", "helm4"])
def cluster(request: pytest.FixtureRequest, tmp_path: Path, bare_path: str) -> Iterator[Cluster]:
    """A server with TLS and a token, and kubectl and Helm of either major."""
    folder = request.param
    with KubeApi(TOKEN) as api:
        config = api.kubeconfig(tmp_path / "config", namespace="team")
        api.add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}})
        world = {"KUBECONFIG": str(config)}
        helm = Helm(find_tool(folder, "helm"), tmp_path, bare_path, world)
        yield Cluster(api, helm, find_tool(folder, "kubectl"))


@pytest.fixture
def api() -> Iterator[KubeApi]:
    """A server without TLS."""
    with KubeApi() as api:
        yield api


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """A chart with a CRD, a hook, and templates, one of which can be switched off."""
    folder = tmp_path / "chart"
    template = DEPLOYMENT.replace("%s", "{{ .Values.tag }}")
    files = {
        "Chart.yaml": "{apiVersion: v2, name: shop, version: 1.0.0}",
        "values.yaml": '{tag: "1", extra: true}',
        "crds/widgets.yaml": DEFINITION,
        "templates/deployment.yaml": template,
        "templates/widget.yaml": WIDGET % "{{ .Values.tag }}",
        "templates/hook.yaml": JOB,
        "templates/extra.yaml": "{{ if .Values.extra }}" + CONFIG % "red" + "{{ end }}",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


class UnixConnection(HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, place: Path) -> None:
        super().__init__("localhost")
        self.place = place

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.place))


def pod(name: str, namespace: str = "team", phase: str = "Running", **labels: str) -> Any:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {"containers": [{"name": "main", "image": "registry.example/main:1"}]},
        "status": {"phase": phase},
    }


def ask(
    api: KubeApi, path: str, method: str = "GET", body: str | None = None, **headers: str
) -> tuple[int, Any]:
    """Ask without a program and return the status and the JSON of the answer."""
    connection = HTTPConnection(urlsplit(api.url).netloc)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body, named)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def names(answer: Any) -> list[str]:
    return [item["metadata"]["name"] for item in answer["items"]]


class TestKubectl:
    def test_table(self, cluster: Cluster) -> None:
        cluster.api.add(pod("a"), pod("b", "other", "Pending"))
        lines = [line.split()[:5] for line in cluster.output("get", "pods", "-A").splitlines()]
        assert lines == [
            ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS"],
            ["other", "b", "0/1", "Pending", "0"],
            ["team", "a", "0/1", "Running", "0"],
        ]

    def test_selectors_and_pages(self, cluster: Cluster) -> None:
        cluster.api.add(*(pod(f"p{number}", n=str(number)) for number in range(5)))
        cluster.api.add(pod("late", phase="Pending", n="1"))
        selected = cluster.parsed(
            *("get", "pods", "-A", "-o", "json", "-l", "n in (1,2)"),
            *("--field-selector", "status.phase=Running,metadata.name!=p2"),
        )
        assert names(selected) == ["p1"]
        cluster.api.requests.clear()
        paged = cluster.parsed("get", "pods", "-A", "-o", "json", "--chunk-size=2")
        assert names(paged) == ["late", "p0", "p1", "p2", "p3", "p4"]
        asked = [item for item in cluster.api.requests if item.path == "/api/v1/pods"]
        assert [item.query.startswith("continue=") for item in asked] == [False, True, True]

    def test_expired_token(self, cluster: Cluster) -> None:
        cluster.api.add(*(pod(f"p{number}") for number in range(4)))
        cluster.api.expire_continue()
        done = cluster.kubectl("get", "pods", "-o", "name", "--chunk-size=2")
        assert done.stdout.decode().split() == ["pod/p0", "pod/p1"]
        assert done.stderr.startswith(b"Error from server (Expired): The provided continue")

    def test_raw(self, cluster: Cluster) -> None:
        version = cluster.parsed("get", "--raw", "/version")
        assert (version["gitVersion"], version["minor"]) == ("v1.31.4", "31")
        assert cluster.output("get", "--raw", "/readyz") == "ok"

    def test_proxy(self, cluster: Cluster, tmp_path: Path) -> None:
        cluster.api.add(pod("a"))
        place = tmp_path / "socket"
        with cluster.start("proxy", f"--unix-socket={place}") as proxy:
            assert proxy.stdout is not None
            assert proxy.stdout.readline().startswith(b"Starting to serve")
            connection = UnixConnection(place)
            connection.request("GET", "/api/v1/pods")
            assert names(json.loads(connection.getresponse().read())) == ["a"]
            connection.close()
            proxy.terminate()

    def test_write(self, cluster: Cluster) -> None:
        assert cluster.output("apply", "-f", "-", stdin=CONFIG % "red").endswith("created\n")
        assert cluster.output("apply", "-f", "-", stdin=CONFIG % "red").endswith("unchanged\n")
        assert cluster.output("apply", "-f", "-", stdin=CONFIG % "blue").endswith("configured\n")
        again = cluster.kubectl("create", "-f", "-", stdin=CONFIG % "red")
        assert (
            b'(AlreadyExists): error when creating "STDIN": configmaps "settings"' in again.stderr
        )
        cluster.output("replace", "-f", "-", stdin=CONFIG % "green")
        assert cluster.api.get("ConfigMap", "team", "settings")["data"] == {"colour": "green"}
        cluster.output("patch", "configmap", "settings", "-p", '{"data": {"size": "1"}}')
        assert cluster.api.get("ConfigMap", "team", "settings")["data"]["size"] == "1"
        before = cluster.api.snapshot()
        cluster.output("apply", "--dry-run=server", "-f", "-", stdin=CONFIG % "white")
        assert cluster.api.snapshot() == before
        cluster.output("delete", "configmap", "settings")
        missing = cluster.kubectl("get", "configmap", "settings")
        assert missing.stderr == b'Error from server (NotFound): configmaps "settings" not found\n'

    def test_patch(self, cluster: Cluster) -> None:
        cluster.output("create", "-f", "-", stdin=DEPLOYMENT % "1")

        def images() -> dict[str, str]:
            found = cluster.api.get("Deployment", "team", "shop")["spec"]["template"]["spec"]
            return {item["name"]: item["image"] for item in found["containers"]}

        cluster.output("set", "image", "deployment/shop", "web=other/web:2")
        assert images() == {"web": "other/web:2", "log": "registry.example/log:1"}
        operation = [{"op": "remove", "path": "/spec/template/spec/containers/1"}]
        cluster.output("patch", "deploy", "shop", "--type=json", "-p", json.dumps(operation))
        assert images() == {"web": "other/web:2"}
        cluster.output(
            "patch", "deploy", "shop", "--type=merge", "-p", '{"spec": {"paused": true}}'
        )
        found = cluster.api.get("Deployment", "team", "shop")
        assert (found["spec"]["paused"], found["metadata"]["generation"]) == (True, 4)

    def test_server_side_apply(self, cluster: Cluster) -> None:
        apply = ("apply", "--server-side", "-f", "-")
        cluster.output(*apply, stdin=DEPLOYMENT % "1")
        without_log = "\n".join(DEPLOYMENT.splitlines()[:-1]) % "2"
        refused = cluster.kubectl(*apply, "--field-manager=other", stdin=without_log)
        assert b'Apply failed with 1 conflict: conflict with "kubectl"' in refused.stderr
        cluster.output(*apply, stdin=without_log)
        containers = cluster.api.get("Deployment", "team", "shop")["spec"]["template"]["spec"]
        assert containers == {"containers": [{"name": "web", "image": "registry.example/web:2"}]}
        before = cluster.api.snapshot()
        cluster.output(*apply, stdin=without_log)
        assert cluster.api.snapshot() == before

    def test_custom_resource(self, cluster: Cluster) -> None:
        cluster.output("apply", "-f", "-", stdin=DEFINITION)
        cluster.output("wait", "--for=condition=Established", "crd/widgets.example.com")
        cluster.output("apply", "-f", "-", stdin=WIDGET % 1)
        cluster.output("apply", "-f", "-", stdin=WIDGET % 2)
        assert cluster.output("get", "wg").split() == ["NAME", "SIZE", "big", "2"]
        older = cluster.parsed("get", "widgets.v1beta1.example.com", "big", "-o", "json")
        assert (older["apiVersion"], older["spec"]) == ("example.com/v1beta1", {"size": 2})
        assert cluster.api.get("Widget", "team", "big")["apiVersion"] == "example.com/v1"
        status = '{"status": {"ready": true}, "spec": {"size": 3}}'
        cluster.output("patch", "wg/big", "--subresource=status", "--type=merge", "-p", status)
        found = cluster.api.get("Widget", "team", "big")
        assert (found["status"], found["spec"]) == ({"ready": True}, {"size": 2})
        definition = cluster.api.get("CustomResourceDefinition", "", "widgets.example.com")
        assert definition["status"]["storedVersions"] == ["v1"]
        other = DEFINITION.replace("storage: true", "storage: x").replace("false", "true")
        cluster.output("apply", "-f", "-", stdin=other.replace("storage: x", "storage: false"))
        definition = cluster.api.get("CustomResourceDefinition", "", "widgets.example.com")
        assert definition["status"]["storedVersions"] == ["v1", "v1beta1"]
        cluster.output("delete", "crd", "widgets.example.com")
        assert cluster.api.objects("Widget") == []

    def test_rights(self, cluster: Cluster) -> None:
        cluster.api.forbid("pods")
        assert cluster.output("auth", "can-i", "list", "secrets") == "yes\n"
        assert cluster.kubectl("auth", "can-i", "list", "pods").stdout == b"no\n"
        assert cluster.kubectl("get", "pods", "-A").stderr == (
            b'Error from server (Forbidden): pods is forbidden: User "test" cannot list resource '
            b'"pods" in API group "" at the cluster scope\n'
        )

    def test_token(self, cluster: Cluster, tmp_path: Path) -> None:
        wrong = cluster.api.kubeconfig(tmp_path / "wrong", token="wrong")
        done = cluster.kubectl("--kubeconfig", str(wrong), "get", "--raw", "/version")
        assert done.returncode == 1
        assert b"You must be logged in to the server" in done.stderr

    def test_older_discovery(self, cluster: Cluster, tmp_path: Path) -> None:
        with KubeApi(aggregated=False, version="v1.25.3") as older:
            older.add(pod("a"))
            config = str(older.kubeconfig(tmp_path / "older", namespace="team"))
            assert cluster.output("--kubeconfig", config, "get", "po", "-o", "name") == "pod/a\n"
            assert "/api/v1" in [item.path for item in older.requests]

    def test_watch(self, cluster: Cluster) -> None:
        cluster.api.add(pod("a", phase="Pending"))
        wait = ("wait", "--for=jsonpath={.status.phase}=Running", "pod/a")
        with cluster.start(*wait) as waiting:
            while not any("watch=true" in item.query for item in cluster.api.requests):
                assert waiting.poll() is None
            cluster.api.add(pod("a"))
            assert waiting.communicate()[0] == b"pod/a condition met\n"


class TestHelm:
    def test_life_of_a_release(self, cluster: Cluster, chart: Path) -> None:
        api, helm = cluster.api, cluster.helm

        def state() -> list[str]:
            found = api.get("Deployment", "shop", "shop")["spec"]["template"]["spec"]
            maps = [item["metadata"]["name"] for item in api.objects("ConfigMap")]
            return [found["containers"][0]["image"][-1], *maps]

        helm.output("install", "shop", chart, "--namespace=shop", "--create-namespace")
        assert state() == ["1", "settings"]
        assert api.get("Widget", "shop", "big")["spec"] == {"size": 1}
        assert api.get("Job", "shop", "migrate")["status"]["succeeded"] == 1
        values = ("--set", "tag=2,extra=false")
        helm.output("upgrade", "--install", "shop", chart, "--namespace=shop", *values)
        assert state() == ["2"]
        listed = json.loads(helm.output("list", "--all-namespaces", "--output=json"))
        assert [(item["name"], item["revision"]) for item in listed] == [("shop", "2")]
        assert "STATUS: deployed" in helm.output("status", "shop", "--namespace=shop")
        assert "web:2" in helm.output("get", "manifest", "shop", "--namespace=shop")
        helm.output("rollback", "shop", "1", "--namespace=shop")
        assert state() == ["1", "settings"]
        labels = [item["metadata"]["labels"] for item in api.objects("Secret")]
        assert [item["status"] for item in labels] == ["superseded", "superseded", "deployed"]
        helm.output("uninstall", "shop", "--namespace=shop")
        left = {"Deployment", "Widget", "ConfigMap", "Secret"}
        assert not [item for item in api.objects() if item["kind"] in left]

    def test_upgrade_installs(self, cluster: Cluster, chart: Path) -> None:
        cluster.helm.output("upgrade", "--install", "shop", chart)
        assert cluster.api.get("Deployment", "team", "shop")["spec"]["replicas"] == 2

    def test_refused_upgrade(self, cluster: Cluster, chart: Path) -> None:
        cluster.helm.output("install", "shop", chart)
        before = cluster.api.snapshot()
        done = cluster.helm.run("upgrade", "shop", chart, "--post-renderer", refusing(cluster.helm))
        assert done.returncode == 1
        assert b"error while running post render" in done.stderr
        assert cluster.api.snapshot() == before

    def test_wait(self, cluster: Cluster, chart: Path) -> None:
        cluster.helm.output("install", "shop", chart)
        cluster.api.settle()
        cluster.helm.output("upgrade", "shop", chart, "--wait", "--timeout=10s")


def refusing(helm: Helm) -> str:
    """A post-renderer that refuses everything: a script for Helm 3, a plugin for Helm 4."""
    folder = helm.plugins / "refuse"
    folder.mkdir(parents=True)
    script = folder / "refuse.sh"
    script.write_text("#!/bin/sh\necho refused by a test >&2\nexit 1\n", encoding="utf-8")
    script.chmod(0o700)
    if "helm3" in helm.binary.parts:
        return str(script)
    plugin = {
        "apiVersion": "v1",
        "type": "postrenderer/v1",
        "runtime": "subprocess",
        "name": "refuse",
        "version": "0.1.0",
        "runtimeConfig": {"platformCommand": [{"command": "${HELM_PLUGIN_DIR}/refuse.sh"}]},
    }
    (folder / "plugin.yaml").write_text(yaml.safe_dump(plugin), encoding="utf-8")
    return "refuse"


class TestLists:
    def test_shapes(self, api: KubeApi) -> None:
        api.add(yaml.safe_load(DEFINITION), yaml.safe_load(WIDGET % 1), pod("a"), pod("b"))
        _, page = ask(api, "/api/v1/pods?limit=1")
        assert sorted(page["items"][0]) == ["metadata", "spec", "status"]
        assert page["metadata"]["remainingItemCount"] == 1
        _, rest = ask(api, "/api/v1/pods?limit=1&continue=" + quote(page["metadata"]["continue"]))
        version = page["metadata"]["resourceVersion"]
        assert (names(rest), rest["metadata"]) == (["b"], {"resourceVersion": version})
        _, widgets = ask(api, "/apis/example.com/v1beta1/widgets")
        assert widgets["items"][0]["apiVersion"] == "example.com/v1beta1"
        accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
        _, partial = ask(api, "/api/v1/pods", accept=accept)
        assert sorted(partial["items"][0]) == ["apiVersion", "kind", "metadata"]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("labelSelector=app=a", ["one"]),
            ("labelSelector=app==a,!canary", ["one"]),
            ("labelSelector=app!=a", ["three", "two"]),
            ("labelSelector=app in (a, b)", ["one", "two"]),
            ("labelSelector=app notin (a,b)", ["three"]),
            ("labelSelector=app", ["one", "two"]),
            ("labelSelector=!app", ["three"]),
            ("fieldSelector=metadata.namespace=team,metadata.name==two", ["two"]),
            ("fieldSelector=status.phase!=Running", ["two"]),
        ],
    )
    def test_selectors(self, api: KubeApi, query: str, expected: list[str]) -> None:
        api.add(pod("one", app="a"), pod("two", phase="Pending", app="b", canary=""), pod("three"))
        name, _, selector = query.partition("=")
        _, found = ask(api, f"/api/v1/pods?{name}={quote(selector)}")
        assert names(found) == expected

    @pytest.mark.parametrize(
        ("path", "status", "message"),
        [
            ("/api/v1/pods?fieldSelector=spec.x%3D1", 400, "field label not supported: spec.x"),
            ("/api/v1/pods?continue=nonsense", 400, "continue key is not valid"),
            ("/api/v1/nothings", 404, "the server could not find the requested resource"),
            ("/apis/example.com/v1", 404, "the server could not find the requested resource"),
            ("/api/v1/namespaces/team/pods/a", 404, 'pods "a" not found'),
        ],
    )
    def test_errors(self, api: KubeApi, path: str, status: int, message: str) -> None:
        code, answer = ask(api, path)
        assert (code, answer["kind"], answer["code"]) == (status, "Status", status)
        assert answer["message"].startswith(message)

    def test_only_protobuf_is_not_acceptable(self, api: KubeApi) -> None:
        status, _ = ask(api, "/api/v1/pods", accept="application/vnd.kubernetes.protobuf")
        assert status == 406


class TestWrites:
    def test_stale_version(self, api: KubeApi) -> None:
        api.add(yaml.safe_load(CONFIG % "red"))
        stale = api.get("ConfigMap", "default", "settings")
        api.add(yaml.safe_load(CONFIG % "blue"))
        path = "/api/v1/namespaces/default/configmaps/settings"
        status, answer = ask(api, path, "PUT", json.dumps(stale))
        assert (status, answer["reason"]) == (409, "Conflict")
        assert "please apply your changes to the latest version" in answer["message"]

    def test_missing_namespace(self, api: KubeApi) -> None:
        status, answer = ask(api, "/api/v1/namespaces/none/configmaps", "POST", CONFIG % "red")
        assert (status, answer["message"]) == (404, 'namespaces "none" not found')

    def test_generated_name(self, api: KubeApi) -> None:
        body = '{"metadata": {"generateName": "some-"}}'
        status, made = ask(api, "/api/v1/namespaces/default/secrets", "POST", body)
        assert (status, made["type"]) == (201, "Opaque")
        assert made["metadata"]["name"].startswith("some-")

    def test_delete_collection_and_namespace(self, api: KubeApi) -> None:
        api.add(pod("a"), pod("b", "other"), pod("c"))
        ask(api, "/api/v1/namespaces/team/pods?labelSelector=x", "DELETE")
        assert len(api.objects("Pod")) == 3
        ask(api, "/api/v1/namespaces/team/pods", "DELETE")
        assert [item["metadata"]["name"] for item in api.objects("Pod")] == ["b"]
        api.remove("Namespace", "", "other")
        assert api.objects("Pod") == []

    def test_finalizer(self, api: KubeApi) -> None:
        held = pod("a")
        held["metadata"]["finalizers"] = ["example.com/hold"]
        api.add(held)
        path = "/api/v1/namespaces/team/pods/a"
        ask(api, path, "DELETE")
        assert api.get("Pod", "team", "a")["metadata"]["deletionTimestamp"]
        patch = '{"metadata": {"finalizers": null}}'
        ask(api, path, "PATCH", patch, Content_Type="application/merge-patch+json")
        assert api.objects("Pod") == []

    def test_copies(self, api: KubeApi) -> None:
        given = pod("a")
        api.add(given)
        given["spec"]["containers"].clear()
        api.get("Pod", "team", "a")["spec"].clear()
        assert len(api.get("Pod", "team", "a")["spec"]["containers"]) == 1

    def test_unknown(self, api: KubeApi) -> None:
        with pytest.raises(ValueError, match=r"nothing serves example\.com/v1 Widget"):
            api.add(yaml.safe_load(WIDGET % 1))
        with pytest.raises(KeyError, match="Pod team/a"):
            api.get("Pod", "team", "a")


class TestPatches:
    """What the programs above do not send of their own."""

    @pytest.mark.parametrize(
        ("operation", "expected"),
        [
            ({"op": "add", "path": "/list/-", "value": 3}, {"list": [1, 2, 3], "a/b": 0}),
            ({"op": "add", "path": "/list/0", "value": 3}, {"list": [3, 1, 2], "a/b": 0}),
            ({"op": "replace", "path": "/a~1b", "value": 1}, {"list": [1, 2], "a/b": 1}),
            ({"op": "move", "from": "/list/0", "path": "/a~1b"}, {"list": [2], "a/b": 1}),
            ({"op": "copy", "from": "/a~1b", "path": "/c"}, {"list": [1, 2], "a/b": 0, "c": 0}),
            ({"op": "test", "path": "/a~1b", "value": 0}, {"list": [1, 2], "a/b": 0}),
        ],
    )
    def test_json_patch(self, operation: dict[str, Any], expected: dict[str, Any]) -> None:
        assert json_patch({"list": [1, 2], "a/b": 0}, [operation]) == expected

    @pytest.mark.parametrize(
        "operation",
        [
            {"op": "test", "path": "/a", "value": 2},
            {"op": "remove", "path": "/b"},
            {"op": "other", "path": "/a"},
        ],
    )
    def test_json_patch_that_does_not_fit(self, operation: dict[str, Any]) -> None:
        with pytest.raises(StatusError, match="rejected our request"):
            json_patch({"a": 1}, [operation])

    @pytest.mark.parametrize(
        ("patch", "expected"),
        [
            ("env: [{name: a, $patch: delete}]", "env: [{name: b, value: '2'}]"),
            ("env: [{$patch: replace}, {name: c}]", "env: [{name: c}]"),
            (
                "{$setElementOrder/env: [{name: b}, {name: a}], env: [{name: a, value: '3'}]}",
                "env: [{name: a, value: '3'}, {name: b, value: '2'}]",
            ),
            ("{$retainKeys: [args], args: [x]}", "args: [x]"),
            ("{$patch: replace, args: [x]}", "args: [x]"),
            ("{env: null, args: [x]}", "args: [x]"),
        ],
    )
    def test_strategic_merge(self, patch: str, expected: str) -> None:
        live = yaml.safe_load("env: [{name: a, value: '1'}, {name: b, value: '2'}]")
        assert strategic_merge(live, yaml.safe_load(patch)) == yaml.safe_load(expected)

    def test_apply_to_a_list_of_a_custom_resource(self, api: KubeApi) -> None:
        api.add(yaml.safe_load(DEFINITION))
        path = "/apis/example.com/v1/namespaces/default/widgets/big?fieldManager="
        kind = "application/apply-patch+yaml"

        def apply(manager: str, spec: str) -> int:
            body = f"{{apiVersion: example.com/v1, kind: Widget, spec: {spec}}}"
            return ask(api, path + manager, "PATCH", body, Content_Type=kind)[0]

        assert apply("one", "{env: [{name: a}, {name: b}], gone: 1}") == 201
        assert apply("two", "{own: 1}") == 200
        assert apply("one", "{env: [{name: c}]}") == 200
        found = api.get("Widget", "default", "big")
        assert found["spec"] == {"env": [{"name": "c"}], "own": 1}
        managers = [item["manager"] for item in found["metadata"]["managedFields"]]
        assert managers == ["two", "one"]
        assert apply("two", "{env: []}") == 409
        assert apply("two&force=true", "{env: []}") == 200


class TestSettle:
    def test_deployment(self, api: KubeApi) -> None:
        api.add(yaml.safe_load(DEPLOYMENT % "1"))
        api.settle({"registry.example/log:1": "registry.example/log@sha256:abc"})
        (replica_set,) = api.objects("ReplicaSet")
        first, second = api.objects("Pod")
        for found in (first, second):
            assert found["metadata"]["ownerReferences"][0]["uid"] == replica_set["metadata"]["uid"]
            assert found["metadata"]["labels"]["app"] == "shop"
            assert [item["ready"] for item in found["status"]["containerStatuses"]] == [True, True]
        states = first["status"]["containerStatuses"]
        assert states[0]["imageID"].startswith("registry.example/web@sha256:")
        assert states[1]["imageID"] == "registry.example/log@sha256:abc"
        deployment = api.get("Deployment", "default", "shop")
        assert replica_set["metadata"]["ownerReferences"][0]["kind"] == "Deployment"
        assert deployment["status"]["readyReplicas"] == 2
        assert deployment["status"]["observedGeneration"] == 1

    def test_change(self, api: KubeApi) -> None:
        api.add(yaml.safe_load(DEPLOYMENT % "1"))
        api.settle()
        api.add(yaml.safe_load(DEPLOYMENT % "2"))
        api.settle()
        before = api.snapshot()
        api.settle()
        assert api.snapshot() == before
        images = [item["spec"]["containers"][0]["image"] for item in api.objects("Pod")]
        assert images == ["registry.example/web:2"] * 2
        assert [item["spec"]["replicas"] for item in api.objects("ReplicaSet")] in ([0, 2], [2, 0])
        assert api.get("Deployment", "default", "shop")["status"]["observedGeneration"] == 2
        api.remove("Deployment", "default", "shop")
        assert api.objects("Pod") == api.objects("ReplicaSet") == []

    def test_stateful_set(self, api: KubeApi) -> None:
        digest = "0" * 64
        api.add(yaml.safe_load(STATEFUL % digest))
        api.settle()
        found = api.get("Pod", "team", "store-0")
        assert found["metadata"]["ownerReferences"][0]["kind"] == "StatefulSet"
        image = found["status"]["containerStatuses"][0]["imageID"]
        assert image == f"registry.example/db@sha256:{digest}"


class TestFaults:
    def test_fail(self, api: KubeApi) -> None:
        api.fail("^/api/v1/pods", 503, times=1)
        api.fail("^/version", 500, body=b'"broken"')
        assert ask(api, "/api/v1/pods")[1]["reason"] == "ServiceUnavailable"
        assert ask(api, "/api/v1/pods")[0] == 200
        assert ask(api, "/version") == (500, "broken")

    def test_retry_after(self, cluster: Cluster) -> None:
        cluster.api.fail("^/version", 429, times=1, headers={"Retry-After": "0"})
        cluster.output("get", "--raw", "/version")
        assert [item.status for item in cluster.api.requests] == [429, 200]

    def test_drop(self, api: KubeApi) -> None:
        api.drop("^/version", times=1)
        with pytest.raises(IncompleteRead):
            ask(api, "/version")
        assert ask(api, "/version")[0] == 200

    def test_delay(self, api: KubeApi) -> None:
        api.delay("^/version", 5.0, times=1)
        connection = HTTPConnection(urlsplit(api.url).netloc, timeout=0.05)
        connection.request("GET", "/version")
        with pytest.raises(TimeoutError):
            connection.getresponse()
        connection.close()

    @pytest.mark.parametrize(
        ("namespace", "expected"), [(None, [403, 403]), ("", [403, 200]), ("team", [200, 403])]
    )
    def test_forbid(self, api: KubeApi, namespace: str | None, expected: list[int]) -> None:
        api.forbid("secrets", namespace=namespace, verb="list")
        paths = ("/api/v1/secrets", "/api/v1/namespaces/team/secrets")
        assert [ask(api, path)[0] for path in paths] == expected

    def test_expired(self, api: KubeApi) -> None:
        api.add(*(pod(f"p{number}") for number in range(4)))
        _, first = ask(api, "/api/v1/pods?limit=2")
        api.remove("Pod", "team", "p3")
        rest = "/api/v1/pods?limit=2&continue="
        _, second = ask(api, rest + quote(first["metadata"]["continue"]))
        assert names(second) == ["p2", "p3"]  # of the first page's moment
        api.expire_continue()
        status, answer = ask(api, rest + quote(first["metadata"]["continue"]))
        assert (status, answer["reason"]) == (410, "Expired")
        _, second = ask(api, rest + quote(answer["metadata"]["continue"]))
        assert names(second) == ["p2"]

    def test_stop_ends_everything(self) -> None:
        with KubeApi(TOKEN) as secure, KubeApi() as plain:
            idle = HTTPConnection(urlsplit(secure.url).netloc)
            idle.connect()  # and never speaks TLS
            watch = HTTPConnection(urlsplit(plain.url).netloc)
            watch.request("GET", "/api/v1/pods?watch=true")
            assert watch.getresponse().status == 200
            plain.stop()
            secure.stop()
            plain.stop()
        idle.close()
        watch.close()
