"""The post-renderer under the real Helm 3 and Helm 4: output, refusals, hooks, reports."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from command import ROOT, make_command
from real_helm import Completed, Helm, Variables

CHARTS = ROOT / "testdata" / "charts"
REGISTRY = "registry.example.com:5000/mirror"
TO = ("--registry", REGISTRY)

# Every program that Helm calls in these tests.
LAUNCHER = f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m helm_compat render "$@"\n'
# Stands in for the Python of the plugin's own environment; without -I it sees PYTHONPATH.
PYTHON = f'#!/bin/sh\nshift\nPYTHONPATH="{ROOT}" exec "{sys.executable}" "$@"\n'

CAT = """\
apiVersion: v1
type: postrenderer/v1
runtime: subprocess
name: cat
version: 0.1.0
runtimeConfig: {platformCommand: [{command: cat}]}
"""

POD = """\
{{- if .Values.enabled }}
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
spec:
  containers:
    - name: web
      image: {{ .Values.image | quote }}
      args: {{ .Values.args | toJson }}
{{- end }}
"""
HOOK = """\
{{- if .Values.enabled }}
apiVersion: v1
kind: Pod
metadata:
  name: before
  annotations:
    helm.sh/hook: pre-install
spec:
  containers:
    - name: before
      image: busybox:1.36
{{- end }}
"""
UNSEEN = "Helm 3 passes no hooks to a post-renderer: their images were neither seen nor moved"
UNSEEN_HINT = (
    "helm template renders hooks too: pipe it into helm-compat images to list their images."
)
VALUES = "enabled: true\nimage: quay.io/shop/web:1\nargs: []\n"


@dataclass(frozen=True)
class World:
    """One Helm with all ways in which it can call the post-renderer."""

    major: int
    helm: Helm

    @property
    def reports(self) -> Path:
        """The folder of the kept reports."""
        return self.helm.home / ".cache" / "helm" / "compat" / "reports"

    def template(
        self,
        chart: Path,
        *arguments: str,
        renderer: str = "compat-render",
        helm: tuple[str, ...] = (),
        variables: Variables | None = None,
    ) -> Completed:
        """`helm template` with a post-renderer; `arguments` are the post-renderer's."""
        words = self.words("template", chart, *arguments, renderer=renderer, helm=helm)
        return self.helm.run(*words, variables=variables)

    def words(
        self,
        command: str,
        chart: Path,
        *arguments: str,
        renderer: str = "compat-render",
        helm: tuple[str, ...] = (),
    ) -> list[str]:
        """The command line behind `helm`."""
        given = [f"--post-renderer-args={argument}" for argument in arguments]
        base = [command, "shop", str(chart), "--namespace", "aistor", *helm]
        return [*base, "--post-renderer", renderer, *given]


def write_program(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    path.chmod(0o755)


def make_plugin(folder: Path) -> Path:
    """Our plugin as the install hook leaves it, but for its Python."""
    for name in ("bin", "scripts", "plugins"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "plugin.yaml", folder)
    (folder / ".plugin-env" / "bin").mkdir(parents=True)
    write_program(folder / ".plugin-env" / "bin" / "python", PYTHON)
    (folder / ".plugin-env" / "complete").touch()
    return folder


def make_world(folder: Path, major: int, binary: Path, bare_path: str) -> World:
    """A home for one Helm: programs on PATH, plugins installed."""
    home = folder / "home"
    (home / "bin").mkdir(parents=True)
    write_program(home / "bin" / "compat-render", LAUNCHER)
    (home / "bin" / "helm").symlink_to(binary)
    helm = Helm(binary, home, f"{home / 'bin'}:{bare_path}")
    helm.plugins.mkdir(parents=True)
    plugin = make_plugin(folder / "helm-compat")
    (helm.plugins / "compat").symlink_to(plugin)
    if major == 4:
        (helm.plugins / "compat-render").symlink_to(plugin / "plugins" / "compat-render")
        (helm.plugins / "cat").mkdir()
        (helm.plugins / "cat" / "plugin.yaml").write_text(CAT, "utf-8")
    return World(major, helm)


@pytest.fixture
def world3(helm3: Path, bare_path: str, tmp_path: Path) -> World:
    return make_world(tmp_path / "world3", 3, helm3, bare_path)


@pytest.fixture
def world4(helm4: Path, bare_path: str, tmp_path: Path) -> World:
    return make_world(tmp_path / "world4", 4, helm4, bare_path)


@pytest.fixture(params=[3, 4], ids=["Helm 3", "Helm 4"])
def world(request: pytest.FixtureRequest) -> World:
    found = request.getfixturevalue(f"world{request.param}")
    assert isinstance(found, World)
    return found


@dataclass(frozen=True)
class Cluster:
    """A cluster that has pods and secrets, none so far, and remembers what it is asked."""

    variables: dict[str, str]
    requests: list[str]


RESOURCES = {
    "kind": "APIResourceList",
    "groupVersion": "v1",
    "resources": [
        {"name": "pods", "kind": "Pod", "namespaced": True, "verbs": ["get", "create"]},
        {"name": "secrets", "kind": "Secret", "namespaced": True, "verbs": ["get", "create"]},
    ],
}
ANSWERS: dict[str, Any] = {
    "/version": {"major": "1", "minor": "31", "gitVersion": "v1.31.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
    "/api/v1": RESOURCES,
    "/api/v1/namespaces/aistor/secrets": {"kind": "SecretList", "apiVersion": "v1", "items": []},
}
MISSING = {
    "kind": "Status",
    "apiVersion": "v1",
    "status": "Failure",
    "reason": "NotFound",
    "code": 404,
}


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            path = self.path.partition("?")[0]
            requests.append(f"{self.command} {path}")
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            data = ANSWERS.get(path, MISSING)
            if self.command != "GET":
                kind = "Pod" if "/pods" in path else "Secret"
                data = {"kind": kind, "apiVersion": "v1", "metadata": {"name": "any"}}
            text = json.dumps(data).encode()
            self.send_response(data.get("code", 200))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815  # its names

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    yield Cluster({"HELM_KUBEAPISERVER": address, "HELM_KUBETOKEN": "x"}, requests)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """A pod and a hook, which values can take away."""
    folder = tmp_path / "chart"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n", "utf-8")
    (folder / "values.yaml").write_text(VALUES, "utf-8")
    (folder / "templates" / "pod.yaml").write_text(POD, "utf-8")
    (folder / "templates" / "hook.yaml").write_text(HOOK, "utf-8")
    return folder


def relocate(text: str) -> str:
    """What is to become of the AIStor charts: a description and a comment in them stay."""
    return re.sub(r"(?<!as in )(?<!once was )quay\.io/minio/aistor", f"{REGISTRY}/aistor", text)


def succeed(done: Completed) -> str:
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def newest(world: World) -> dict[str, Any]:
    """The newest kept report."""
    report = json.loads(max(world.reports.iterdir()).read_bytes())
    assert isinstance(report, dict)
    return report


# --- Output ---

AISTOR = [
    pytest.param("operator", (), {3: 8, 4: 9}, id="operator"),
    pytest.param("objectstore", ("ci/repositories-values.yaml",), {3: 1, 4: 1}, id="objectstore"),
    pytest.param("objectstore", ("ci/digest-values.yaml",), {3: 1, 4: 1}, id="digest"),
    pytest.param("objectstore", (), {3: 0, 4: 0}, id="objectstore without image"),
]


@pytest.mark.parametrize(("name", "values", "counts"), AISTOR)
def test_template(name: str, values: tuple[str, ...], counts: dict[int, int], world: World) -> None:
    """The output is that of `cat`, with other image references; Helm 3 keeps its hooks from us."""
    helm: tuple[str, ...] = ("--no-hooks",) if world.major == 3 else ()
    for file in values:
        helm += ("--values", str(CHARTS / name / file))
    plain = succeed(world.template(CHARTS / name, renderer="cat", helm=helm))
    moved = succeed(world.template(CHARTS / name, *TO, helm=helm))
    assert moved == relocate(plain)
    assert moved.count(f"{REGISTRY}/aistor/") == counts[world.major]
    assert len(newest(world)["images"]) == counts[world.major]


def test_template_with_nothing_to_do(world: World) -> None:
    chart = CHARTS / "operator"
    plain = succeed(world.template(chart, renderer="cat"))
    assert succeed(world.template(chart)) == plain


def without_time(text: str) -> str:
    return re.sub(r"(?m)^LAST DEPLOYED: .*$", "LAST DEPLOYED: then", text)


DRY = ("--dry-run=client", "--disable-openapi-validation")


def test_install_as_dry_run(world: World, chart: Path, cluster: Cluster) -> None:
    outputs = []
    for renderer, arguments in (("cat", ()), ("compat-render", TO)):
        words = world.words("install", chart, *arguments, renderer=renderer, helm=DRY)
        done = world.helm.output(*words, variables=cluster.variables)
        outputs.append(without_time(done))
    plain, moved = outputs
    expected = plain.replace("quay.io/shop", f"{REGISTRY}/shop")
    if world.major == 4:
        expected = expected.replace("busybox:", f"{REGISTRY}/library/busybox:")
    assert moved == expected != plain


def test_our_own_render_of_what_helm_sends(world: World, tmp_path: Path) -> None:
    """`--first` catches what Helm sends; what we make of it is what Helm prints."""
    sent = tmp_path / "sent.yaml"
    write_program(world.helm.home / "bin" / "catch", f'#!/bin/sh\nexec tee "{sent}"\n')
    (world.helm.home / "bin" / "tee").symlink_to(shutil.which("tee") or "")
    arguments = (*TO, "--first", "catch")
    moved = succeed(world.template(CHARTS / "operator", *arguments, helm=("--no-hooks",)))

    said = make_command(tmp_path / "own").run("render", *TO, stdin=sent.read_bytes())
    assert said.status == 0
    replay = tmp_path / "replay.yaml"
    replay.write_bytes(said.out)
    assert said.out != sent.read_bytes()
    again = ("--first", f"cat {replay}")
    assert succeed(world.template(CHARTS / "operator", *again, helm=("--no-hooks",))) == moved


def test_as_plugin_of_helm_3(world3: World) -> None:
    chart = CHARTS / "operator"
    plain = succeed(world3.template(chart, *TO))
    assert succeed(world3.template(chart, "compat", "render", *TO, renderer="helm")) == plain


def test_two_renders_are_one(world: World) -> None:
    chart = CHARTS / "operator"
    once = succeed(world.template(chart, *TO))
    twice = succeed(world.template(chart, *TO, "--first", f"compat-render --registry {REGISTRY}"))
    assert twice == once


@pytest.mark.parametrize(
    ("major", "out"),
    [
        pytest.param(3, "# helm-compat: nothing was rendered\n", id="Helm 3"),
        pytest.param(4, "\n", id="Helm 4"),
    ],
)
def test_chart_that_renders_nothing(
    major: int, out: str, chart: Path, request: pytest.FixtureRequest
) -> None:
    world: World = request.getfixturevalue(f"world{major}")
    done = world.template(chart, *TO, helm=("--set", "enabled=false"))
    assert (done.returncode, done.stdout.decode(), done.stderr.decode()) == (0, out, "")


def test_hooks_in_helm_4(world4: World, chart: Path) -> None:
    out = succeed(world4.template(chart, *TO))
    images = re.findall(r"image: (\S+)", out)
    assert images == [f'"{REGISTRY}/shop/web:1"', f"{REGISTRY}/library/busybox:1.36"]
    assert newest(world4)["findings"] == []


def test_hooks_in_helm_3(world3: World, chart: Path) -> None:
    out = succeed(world3.template(chart, *TO))
    images = re.findall(r"image: (\S+)", out)
    assert images == [f'"{REGISTRY}/shop/web:1"', "busybox:1.36"]
    findings = newest(world3)["findings"]
    assert findings == [
        {
            "rule": "unseen-hooks",
            "severity": "info",
            "message": UNSEEN,
            "evidence": [],
            "hint": UNSEEN_HINT,
            "notes": [],
        }
    ]


# --- Reports ---


def test_report_names_the_template(world: World, chart: Path, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    succeed(world.template(chart, *TO, "--report", str(file)))
    report = json.loads(file.read_bytes())
    assert newest(world) == report
    # Helm 4 sends the hook too, and lines of its own.
    image = next(i for i in report["images"] if i["normalized"] == "quay.io/shop/web:1")
    del image["line"], image["column"]
    assert image == {
        "reference": "quay.io/shop/web:1",
        "normalized": "quay.io/shop/web:1",
        "target": f"{REGISTRY}/shop/web:1",
        "site": "pod",
        "path": "spec.containers[0].image",
        "file": "<stdin>",
        "template": "shop/templates/pod.yaml",
        "document": {"apiVersion": "v1", "kind": "Pod", "namespace": "", "name": "shop"},
    }


def test_report_is_shown_by_the_plugin(world: World, chart: Path) -> None:
    succeed(world.template(chart, *TO))
    web = f"quay.io/shop/web:1\n  → {REGISTRY}/shop/web:1\n\n"
    expected = {
        3: f"{web}info[unseen-hooks]: {UNSEEN}\n   = help: {UNSEEN_HINT}\n\n"
        "1 of 1 image relocated, 1 to know\n",
        4: f"docker.io/library/busybox:1.36\n  → {REGISTRY}/library/busybox:1.36\n"
        f"{web}2 of 2 images relocated\n",
    }
    assert world.helm.output("compat", "report") == expected[world.major]


# --- Refusals ---


def read_terminal(helm: Helm, words: list[str], variables: Variables) -> tuple[int, bytes, str]:
    """Run Helm with a terminal for stderr."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [helm.binary, *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=terminal,
        env=helm.environment(variables),
        cwd=helm.home,
    )
    os.close(terminal)
    text = b""
    while True:
        try:
            piece = os.read(controller, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not piece:
            break
        text += piece
    os.close(controller)
    out, _ = process.communicate()
    return process.returncode, out, text.decode().replace("\r\n", "\n")


def read_pipe(helm: Helm, words: list[str], variables: Variables) -> tuple[int, bytes, str]:
    done = helm.run(*words, variables=variables)
    return done.returncode, done.stdout, done.stderr.decode()


def read_file(helm: Helm, words: list[str], variables: Variables) -> tuple[int, bytes, str]:
    file = helm.home / "stderr"
    with file.open("wb") as stderr:
        done = subprocess.run(
            [helm.binary, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=helm.environment(variables),
            cwd=helm.home,
            check=False,
        )
    return done.returncode, done.stdout, file.read_text("utf-8")


Read = Callable[[Helm, list[str], Variables], tuple[int, bytes, str]]


def told(world: World, message: str, status: int, *, command: str = "template") -> str:
    """What Helm prints for a refusal; in Helm 3 the exit status stands in it."""
    lines = f"helm-compat refused this render:\n{message}\n"
    program = world.helm.home / "bin" / "compat-render"
    text = {
        3: "error while running post render on files: error while running command"
        f" {program}. error output:\n{lines}: exit status {status}\n",
        4: f"YAML parse error on \n{lines}"
        ": error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into"
        " Go struct field .apiVersion of type string\n",
    }[world.major]
    if command == "install":
        return f"Error: INSTALLATION FAILED: {text}"
    return f"Error: {text}\nUse --debug flag to render out invalid YAML\n"


LEFT = ("--set-json", 'args=["see quay.io/shop/web:2 \'there\' # \\"now\\""]')
BROKEN = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: 'nginx:1}]}\n"


def place(world: World) -> str:
    """Where the leftover stands in what either Helm sends."""
    return {3: "<stdin>:11:19", 4: "<stdin>:23:17"}[world.major]


def found(world: World) -> str:
    info = {3: ", 1 to know", 4: ""}[world.major]
    return (
        "error[leftover-image]: quay.io/shop/web:2 stays:"
        " it is part of a text that is no single reference\n"
        f"  --> {place(world)} (shop/templates/pod.yaml)\n"
        "      Pod shop spec.containers[0].args[0]\n"
        f"1 error{info}\n"
        f"The whole report: helm compat report {max(world.reports.iterdir())}"
    )


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(read_terminal, id="terminal"),
        pytest.param(read_pipe, id="pipe"),
        pytest.param(read_file, id="file"),
    ],
)
def test_refusal_for_a_finding(read: Read, world: World, chart: Path) -> None:
    words = world.words("template", chart, *TO, "--fail-on-leftover", helm=LEFT)
    answer = read(world.helm, words, {})
    assert answer == (1, b"", told(world, found(world), 1))


@pytest.mark.parametrize("dry_run", [(), ("--dry-run=client",)], ids=["install", "dry run"])
def test_nothing_is_applied(
    dry_run: tuple[str, ...], world: World, chart: Path, cluster: Cluster
) -> None:
    words = world.words("install", chart, *TO, "--fail-on-leftover", helm=(*LEFT, *dry_run))
    answer = read_pipe(world.helm, words, cluster.variables)
    assert answer == (1, b"", told(world, found(world), 1, command="install"))
    assert [request for request in cluster.requests if not request.startswith("GET ")] == []


def test_something_is_applied(world: World, chart: Path, cluster: Cluster) -> None:
    """The same without a refusal, so that the test before can fail."""
    words = world.words("install", chart, *TO, helm=("--no-hooks", "--disable-openapi-validation"))
    status, _, err = read_pipe(world.helm, words, cluster.variables)
    assert (status, err) == (0, "")
    place = "/api/v1/namespaces/aistor"
    pod = {3: f"POST {place}/pods", 4: f"PATCH {place}/pods/shop"}[world.major]
    assert [request for request in cluster.requests if not request.startswith("GET ")] == [
        f"POST {place}/secrets",
        pod,
        f"PUT {place}/secrets/sh.helm.release.v1.shop.v1",
    ]


@pytest.mark.parametrize(
    "read", [read_terminal, read_pipe, read_file], ids=["terminal", "pipe", "file"]
)
def test_refusal_for_a_configuration(read: Read, world: World, chart: Path) -> None:
    file = world.helm.home / ".helm-compat.yaml"
    file.write_text("registy: r.io\npolicy:\n  fail-on: 'fatal'\n", "utf-8")
    message = (
        f"error: {file}:1:1: unknown key 'registy'\n  Did you mean 'registry'?\n"
        f"{file}:3:12: policy.fail-on: wants one of error, warning, info, never, not 'fatal'"
    )
    answer = read(world.helm, world.words("template", chart), {})
    assert answer == (1, b"", told(world, message, 2))


@pytest.mark.parametrize(
    "read", [read_terminal, read_pipe, read_file], ids=["terminal", "pipe", "file"]
)
def test_refusal_for_input(read: Read, world: World, chart: Path) -> None:
    """Helm's own output can be read, so what cannot comes from a renderer before ours."""
    broken = world.helm.home / "broken.yaml"
    broken.write_text(BROKEN, "utf-8")
    words = world.words("template", chart, *TO, "--first", f"cat {broken}")
    message = "error: <stdin>:3:29: the quote that opens here is not closed"
    assert read(world.helm, words, {}) == (1, b"", told(world, message, 2))


def test_refusal_for_an_argument(world: World, chart: Path) -> None:
    words = world.words("template", chart, "--registy=r.io")
    message = "error: there is no option --registy\n  Did you mean '--registry'?"
    assert read_pipe(world.helm, words, {}) == (1, b"", told(world, message, 2))


@pytest.mark.parametrize(
    ("number", "lines"),
    [
        # As many as fit are told in fewer words, of more than that there is an end.
        pytest.param(10, 13, id="as many as fit"),
        pytest.param(13, 15, id="one more than fit"),
        pytest.param(99, 15, id="many"),
    ],
)
def test_refusal_for_many_findings(number: int, lines: int, world: World, chart: Path) -> None:
    """In Helm 4 the message has an end; the report holds all."""
    args = json.dumps([f"see quay.io/shop/web:{n} there" for n in range(number)])
    words = world.words(
        "template", chart, *TO, "--fail-on-leftover", helm=("--set-json", f"args={args}")
    )
    status, out, err = read_pipe(world.helm, words, {})
    assert (status, out) == (1, b"")
    assert len([f for f in newest(world)["findings"] if f["severity"] == "error"]) == number
    shown = re.findall(r"(?m)^error\[leftover-image\]: (\S+) stays", err)
    everything = [f"quay.io/shop/web:{n}" for n in range(number)]
    if world.major == 3:
        assert shown == everything
    else:
        message = err.partition("\n: error unmarshaling JSON")[0].splitlines()[1:]
        assert (len(message), shown) == (lines, everything[: len(shown)])
        assert message[-2].startswith(f"{number} errors")
        if shown != everything:
            assert message[-3] == f"… {number - len(shown)} more lines"


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param({"HELM_PLUGIN_NAME": "secrets", "HELM_PLUGIN_DIR": "/x"}, id="other plugin"),
        pytest.param({"HELM_PLUGIN_NAME": "compat-render"}, id="our name alone"),
        pytest.param(
            {"HELM_PLUGIN_NAME": "compat-render", "HELM_PLUGIN_DIR": "{plugins}/compat"},
            id="our name, another folder",
        ),
        pytest.param(
            {"HELM_PLUGIN_NAME": "compat", "HELM_PLUGIN_DIR": "{plugins}/compat"}, id="our command"
        ),
    ],
)
def test_variables_of_another_plugin_in_helm_3(
    variables: dict[str, str], world3: World, chart: Path
) -> None:
    """Helm 3 would take the document of a refusal: `helm secrets upgrade …` passes its own on."""
    plugins = world3.helm.plugins
    leaked = {name: value.format(plugins=plugins) for name, value in variables.items()}
    words = world3.words("template", chart, *TO, "--fail-on-leftover", helm=LEFT)
    answer = read_pipe(world3.helm, words, leaked)
    assert answer == (1, b"", told(world3, found(world3), 1))


def test_refusal_as_plugin_of_helm_3(world3: World, chart: Path) -> None:
    arguments = ("compat", "render", *TO, "--fail-on-leftover")
    words = world3.words("template", chart, *arguments, renderer="helm", helm=LEFT)
    status, out, err = read_pipe(world3.helm, words, {})
    program = world3.helm.home / "bin" / "helm"
    said = (
        "Error: error while running post render on files: error while running command"
        f" {program}. error output:\nhelm-compat refused this render:\n{found(world3)}\n"
        'Error: plugin "compat" exited with error\n: exit status 1\n\n'
        "Use --debug flag to render out invalid YAML\n"
    )
    assert (status, out, err) == (1, b"", said)


def test_internal_error_is_a_refusal(world: World, chart: Path, tmp_path: Path) -> None:
    """A damaged installation must not deploy anything."""
    package = tmp_path / "damaged" / "helm_compat"
    shutil.copytree(ROOT / "helm_compat", package)
    (package / "products" / "broken.yaml").write_text("a: b\n", "utf-8")
    for program in (
        world.helm.home / "bin" / "compat-render",
        tmp_path / f"world{world.major}" / "helm-compat" / ".plugin-env" / "bin" / "python",
    ):
        text = program.read_text("utf-8").replace(f'"{ROOT}"', f'"{package.parent}"')
        program.write_text(text, "utf-8")
    status, out, err = read_pipe(world.helm, world.words("template", chart, *TO), {})
    message = (
        "internal error: KeyError: 'sources'\n  This is a bug of helm-compat; --debug prints where."
    )
    assert (status, out, err) == (1, b"", told(world, message, 3))
