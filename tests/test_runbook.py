"""The runbook of an AIStor upgrade, run by a shell with the real skopeo, registry, Helm, kubectl."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from command import ROOT
from conftest import find_tool
from kube_api import KubeApi

OPERATOR, NEW_OPERATOR = "RELEASE.2026-03-18T17-36-17Z", "RELEASE.2026-07-21T22-41-48Z"
STORE, NEW_STORE = "RELEASE.2026-03-17T21-25-16Z", "RELEASE.2026-07-24T16-43-31Z"
SIDECAR = "RELEASE.2026-07-20T00-00-00Z"
SOURCE = "quay.io/minio/aistor"

CONFIG_MAP = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: object-store-operator}
data:
  minio-sidecar: |
    image: "quay.io/minio/aistor/minio-sidecar:%s"
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: object-store-operator}
spec:
  selector: {matchLabels: {app: operator}}
  template:
    metadata: {labels: {app: operator}}
    spec:
      containers:
      - {name: controller, image: "quay.io/minio/aistor/operator:%s"}
"""
OBJECT_STORE = """\
apiVersion: aistor.min.io/v1
kind: ObjectStore
metadata: {name: primary}
spec:
  image: "{{ .Values.objectStore.image.repository }}:{{ .Values.objectStore.image.tag }}"
"""
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "objectstores.aistor.min.io"},
    "spec": {
        "group": "aistor.min.io",
        "scope": "Namespaced",
        "names": {
            "kind": "ObjectStore",
            "plural": "objectstores",
            "singular": "objectstore",
            "listKind": "ObjectStoreList",
        },
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "x-kubernetes-preserve-unknown-fields": True,
                    }
                },
            }
        ],
    },
}


@dataclass
class World:
    """Two registries, a cluster with what is installed, and the runbook."""

    folder: Path
    api: KubeApi
    public: str
    private: str
    script: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run the script in its folder; variables can be changed, or taken away by ''."""
        return subprocess.run(
            ["dash", str(self.script), *arguments],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**self.environment, **changes},
            check=False,
        )

    def tags(self, name: str) -> list[str]:
        """The tags of an image in the private registry."""
        done = subprocess.run(
            ["skopeo", "list-tags", "--tls-verify=false", f"docker://{self.private}/{name}"],
            capture_output=True,
            check=False,
        )
        found: list[str] = json.loads(done.stdout)["Tags"] if done.returncode == 0 else []
        return found

    def images(self) -> list[str]:
        """The images of the operator and of the object store in the cluster."""
        operator = self.api.get("Deployment", "aistor", "object-store-operator")
        store = self.api.get("ObjectStore", "store", "primary")
        container = operator["spec"]["template"]["spec"]["containers"][0]
        return [container["image"], store["spec"]["image"]]


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def blob(folder: Path, data: bytes, kind: str) -> dict[str, object]:
    digest = hashlib.sha256(data).hexdigest()
    target = folder / "blobs" / "sha256" / digest
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(data)}


def make_image(folder: Path, name: str) -> None:
    """A small image of no layers, as an OCI layout."""
    kind = "application/vnd.oci.image"
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Labels": {"name": name}},
        "rootfs": {"type": "layers", "diff_ids": []},
    }
    settings = blob(folder, json.dumps(config).encode(), f"{kind}.config.v1+json")
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{kind}.manifest.v1+json",
        "config": settings,
        "layers": [],
    }
    entry = blob(folder, json.dumps(manifest).encode(), f"{kind}.manifest.v1+json")
    write(folder / "oci-layout", '{"imageLayoutVersion": "1.0.0"}')
    write(folder / "index.json", json.dumps({"schemaVersion": 2, "manifests": [entry]}))


@contextlib.contextmanager
def registry(folder: Path) -> Iterator[str]:
    """The address of an empty registry."""
    binary = shutil.which("docker-registry") or shutil.which("registry")
    if binary is None or shutil.which("skopeo") is None:
        pytest.skip("no registry and skopeo are installed; the golden scripts have to do")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    storage = f"storage: {{filesystem: {{rootdirectory: '{folder}/data'}}}}\n"
    head = f"version: 0.1\nlog: {{level: error}}\nhttp: {{addr: '{address}'}}\n"
    write(folder / "registry.yaml", head + storage)
    with subprocess.Popen(
        [binary, "serve", str(folder / "registry.yaml")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as running:
        host, _, port = address.partition(":")
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection((host, int(port))):
                break
            time.sleep(0.1)
        yield address
        running.terminate()


@contextlib.contextmanager
def settling(api: KubeApi) -> Iterator[None]:
    """The controllers of the cluster at work, without which no upgrade would be complete."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.1):
            api.settle()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def charts(folder: Path) -> None:
    for release, number in ((OPERATOR, "5.5.0"), (NEW_OPERATOR, "5.10.0")):
        chart = folder / f"operator-{number}"
        write(chart / "Chart.yaml", f"{{apiVersion: v2, name: aistor-operator, version: {number}}}")
        write(chart / "templates" / "operator.yaml", DEPLOYMENT % release)
        write(chart / "templates" / "images.yaml", CONFIG_MAP % SIDECAR)
    store = folder / "objectstore"
    write(store / "Chart.yaml", "{apiVersion: v2, name: aistor-objectstore, version: 1.0.16}")
    image = f"{{repository: {SOURCE}/minio, tag: {STORE}}}"
    write(store / "values.yaml", f"objectStore: {{image: {image}}}")
    write(store / "templates" / "store.yaml", OBJECT_STORE)


@pytest.fixture
def world(tmp_path: Path, bare_path: str) -> Iterator[World]:
    """AIStor as it is installed from a private registry, and the script of its upgrade."""
    with (
        registry(tmp_path / "public") as public,
        registry(tmp_path / "private") as private,
        KubeApi("a-token") as api,
        settling(api),
    ):
        api.add(DEFINITION)
        programs = tmp_path / "programs"
        programs.mkdir()
        found = {"helm": find_tool("helm3", "helm"), "kubectl": find_tool("helm3", "kubectl")}
        found |= {"skopeo": Path(str(shutil.which("skopeo")))}
        for name in ("awk", "grep", "dash"):
            found[name] = Path(str(shutil.which(name)))
        for name, module in (("compat-render", "render"), ("helm-compat", "")):
            text = f'#!/bin/sh\nexec {sys.executable} -m helm_compat {module} "$@"\n'
            write(programs / name, text)
            (programs / name).chmod(0o755)
        for name, path in found.items():
            (programs / name).symlink_to(path)
        # The public registry is one of this machine, too.
        redirected = f'[[registry]]\nprefix = "quay.io"\nlocation = "{public}"\ninsecure = true\n'
        plain = f'[[registry]]\nlocation = "{private}"\ninsecure = true\n'
        settings = tmp_path / ".config" / "containers"
        write(settings / "registries.conf", redirected + plain)
        write(settings / "policy.json", '{"default": [{"type": "insecureAcceptAnything"}]}')
        world = World(tmp_path, api, public, private, tmp_path / "upgrade.sh")
        world.environment = {
            "PATH": f"{programs}:{bare_path}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path),
            "KUBECONFIG": str(api.kubeconfig(tmp_path / "kubeconfig")),
            "CONTAINERS_REGISTRIES_CONF": str(settings / "registries.conf"),
            # The name that older releases read.
            "REGISTRIES_CONFIG_PATH": str(settings / "registries.conf"),
            "REGISTRY": private,
            "OPERATOR_CHART": str(tmp_path / "operator-5.10.0"),
            "OPERATOR_RELEASE": "aistor",
            "OPERATOR_NAMESPACE": "aistor",
            "OBJECT_STORE_CHART": str(tmp_path / "objectstore"),
            "OBJECT_STORE_RELEASE": "primary",
            "OBJECT_STORE_NAMESPACE": "store",
            "TIMEOUT": "30s",
        }
        prepare(world)
        yield world


def prepare(world: World) -> None:
    """Publish the images, install what is there before, and plan the upgrade."""
    charts(world.folder)
    for name, tag in (("operator", NEW_OPERATOR), ("minio", NEW_STORE), ("minio-sidecar", SIDECAR)):
        layout = world.folder / "images" / name
        make_image(layout, name)
        target = f"docker://{world.public}/minio/aistor/{name}:{tag}"
        command = ["skopeo", "copy", "--insecure-policy", "--dest-tls-verify=false"]
        subprocess.run([*command, f"oci:{layout}", target], check=True, capture_output=True)
    for release, chart, namespace in (
        ("aistor", "operator-5.5.0", "aistor"),
        ("primary", "objectstore", "store"),
    ):
        options = ["--namespace", namespace, "--create-namespace"]
        command = ["helm", "install", release, str(world.folder / chart), *options]
        subprocess.run(
            command, env=world.environment, cwd=world.folder, check=True, capture_output=True
        )
    arguments = [f"--from=operator={OPERATOR}", f"--from=object-store={STORE}"]
    arguments += [f"--to=operator={NEW_OPERATOR}", f"--to=object-store={NEW_STORE}"]
    done = subprocess.run(
        ["helm-compat", "plan", "minio-aistor", *arguments, "-o", "shell=upgrade.sh"],
        env=world.environment,
        cwd=world.folder,
        check=True,
        capture_output=True,
    )
    assert (done.stdout, done.stderr) == (b"", b"")


def test_upgrade(world: World) -> None:
    private = world.private
    done = world.run()
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "all steps are done"
    # Only the images of the steps, each once.
    assert world.tags("aistor/operator") == [NEW_OPERATOR]
    assert world.tags("aistor/minio") == [NEW_STORE]
    assert world.tags("aistor/minio-sidecar") == [SIDECAR]
    assert world.images() == [
        f"{private}/aistor/operator:{NEW_OPERATOR}",
        f"{private}/aistor/minio:{NEW_STORE}",
    ]
    # The order of the vendor: the operator's image, its chart, then those of the object store.
    lines = [line for line in done.stderr.splitlines() if line.startswith(("+ ", "== "))]
    words = [" ".join(line.split()[:3]) for line in lines]
    assert words == [
        "== step 1",
        "+ skopeo copy",
        "+ helm upgrade",
        "+ kubectl get",
        "== step 2",
        "+ skopeo copy",
        "+ skopeo copy",
        "+ helm upgrade",
        "+ kubectl get",
    ]
    listed = world.run("--list")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["done", "done"]
    again = world.run()
    assert (again.returncode, again.stderr) == (0, "all steps are done\n")


def test_failure_stops_and_resumes(world: World) -> None:
    """An image that is not there yet: what was done stays done, and it goes on there."""
    blocked = world.folder / "public" / "data" / "docker" / "registry" / "v2" / "repositories"
    hidden = blocked / "minio" / "aistor" / "minio"
    hidden.rename(world.folder / "hidden")
    before = world.images()[1]
    done = world.run()
    assert done.returncode == 1
    assert "step 2 failed: skopeo ended with status 1; nothing after it was run" in done.stderr
    assert world.images() == [f"{world.private}/aistor/operator:{NEW_OPERATOR}", before]
    listed = world.run("--list").stdout.splitlines()
    assert [line.split()[:2] for line in listed] == [["done", "1"], ["open", "2"]]
    (world.folder / "hidden").rename(hidden)
    done = world.run()
    assert done.returncode == 0, done.stderr
    assert "== step 1" not in done.stderr
    assert world.images()[1] == f"{world.private}/aistor/minio:{NEW_STORE}"


def test_nothing_is_done_without_a_setting(world: World) -> None:
    before = world.api.snapshot()
    done = world.run("--step", "1", OPERATOR_RELEASE="")
    assert done.returncode == 1
    assert done.stderr.endswith("set OPERATOR_RELEASE: the Helm release of operator\n")
    assert world.tags("aistor/operator") == []
    assert world.api.snapshot().keys() == before.keys()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--step", "3"], "there is no step '3'; there are 1 to 2", id="too far"),
        pytest.param(["--step", "0"], "there is no step '0'; there are 1 to 2", id="none"),
        pytest.param(["--done", "x"], "there is no step 'x'; there are 1 to 2", id="no number"),
        pytest.param(["--step"], "there is no step ''; there are 1 to 2", id="no step"),
        pytest.param(
            ["--go"], "unknown option '--go': --list, --step N, --done N, or nothing", id="option"
        ),
    ],
)
def test_wrong_options(arguments: list[str], words: str) -> None:
    script = ROOT / "testdata" / "plan" / "aistor" / "expected.sh"
    done = subprocess.run(
        ["sh", str(script), *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{script}: {words}\n"


def test_steps_by_hand(tmp_path: Path) -> None:
    """What no program does is asked for, and marked as done by its user."""
    script = str(ROOT / "testdata" / "plan" / "aerospike-3.4-to-4.4" / "expected.sh")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", script, *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={"PATH": os.defpath},
            check=False,
        )

    done = run()
    assert done.returncode == 1
    assert done.stderr.endswith(f"when it is done: {script} --done 1\n")
    assert "upgrade Kubernetes from 1.22 to 1.30" in done.stderr
    assert run("--done", "1").returncode == 0
    done = run()
    assert f"when it is done: {script} --done 2" in done.stderr
    assert "as asdb.aerospike.com/v1" in done.stderr
    assert [line.split()[0] for line in run("--list").stdout.splitlines()][:2] == ["done", "open"]
