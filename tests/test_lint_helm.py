"""`helm compat lint` with the real Helm 3 and Helm 4: charts, pairs of them, every format.

A case is a folder of testdata/lint: `in` is what the working directory holds beside the charts of
testdata, `args` the arguments, one a line. What is expected of either Helm: `status`, `stderr`, and
one file for each format. `python tests/test_lint_helm.py` writes them; what it writes is read
before it is committed.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from command import ROOT, Command, Said, make_command
from conftest import find_tool
from jsonschema import Draft4Validator, Draft202012Validator
from test_helm import CHARTS, World, make_world

from helm_compat import __version__
from helm_compat.cli.lint_output import FORMATS

Data = dict[str, Any]

FOLDER = ROOT / "testdata" / "lint"
CASES = sorted(path for path in FOLDER.iterdir() if path.is_dir())
SCHEMA = json.loads((ROOT / "schemas" / "lint.schema.json").read_bytes())
SARIF = json.loads((ROOT / ".cache/tools/sarif/sarif-2.1.0.json").read_bytes())
# The file of each format; text goes to standard output.
NAMES = {
    "text": "text.txt",
    "concise": "concise.txt",
    "json": "result.json",
    "sarif": "sarif.json",
    "junit": "junit.xml",
    "github": "github.txt",
    "gitlab": "gitlab.json",
    "markdown": "markdown.md",
}

majors = pytest.mark.parametrize("major", [3, 4], ids=["Helm 3", "Helm 4"])
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


# --- Whole outputs, through the plugin ---


def run_case(case: Path, world: World) -> dict[str, str]:
    """Run a case once with all formats; returns what each file of the case should hold."""
    home = world.helm.home
    shutil.copytree(CHARTS, home / "charts")
    shutil.copytree(case / "in", home, dirs_exist_ok=True)
    outputs = [f"--output={name}={file}" for name, file in NAMES.items() if name != "text"]
    words = (case / "args").read_text("utf-8").splitlines()
    done = world.helm.run("compat", "lint", *words, "--output", "text", *outputs)
    said = {
        "status": f"{done.returncode}\n",
        "stderr": done.stderr.decode(),
        "text.txt": done.stdout.decode(),
    }
    for name in NAMES.values():
        if name not in said:
            said[name] = (home / name).read_text("utf-8")
    said["result.json"] = without_lines(said["result.json"])
    said["sarif.json"] = without_pages(said["sarif.json"])
    return {name: text.replace(__version__, "VERSION") for name, text in said.items()}


def without_lines(text: str) -> str:
    """A result without the lines of images: Helm 4 writes an empty line where Helm 3 does not."""
    data = json.loads(text)
    for image in data["images"]:
        image["line"] = 1
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def without_pages(log: str) -> str:
    """SARIF without the manual pages, which have tests of their own."""
    data = json.loads(log)
    driver = data["runs"][0]["tool"]["driver"]
    driver["rules"] = [{"id": rule["id"]} for rule in driver["rules"]]
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


@cases
@majors
def test_whole_output(
    case: Path, major: int, bare_path: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    helm: Path = request.getfixturevalue(f"helm{major}")
    said = run_case(case, make_world(tmp_path, major, helm, bare_path))
    assert said == {name: (case / name).read_bytes().decode() for name in said}


def test_every_case_is_whole() -> None:
    files = {"args", "in", "status", "stderr", *NAMES.values()}
    assert {case.name: {path.name for path in case.iterdir()} for case in CASES} == {
        case.name: files for case in CASES
    }
    assert tuple(NAMES) == FORMATS


def test_the_cases_have_every_kind_of_place() -> None:
    findings = [f for case in CASES for f in result_of(case)["findings"]]
    assert {finding["place"] for finding in findings} == {
        "manifest", "template", "values", "rendered", "chart",
    }  # fmt: skip
    assert {finding["severity"] for finding in findings} == {"error", "warning", "info"}


@cases
def test_json_is_what_the_schema_says(case: Path) -> None:
    data = result_of(case)
    data["tool"]["version"] = __version__
    assert [error.json_path for error in Draft202012Validator(SCHEMA).iter_errors(data)] == []


@cases
def test_sarif_is_valid(case: Path) -> None:
    log = json.loads((case / "sarif.json").read_bytes())
    assert [error.json_path for error in Draft4Validator(SARIF).iter_errors(log)] == []


@cases
def test_excerpts_stand_where_they_say(case: Path) -> None:
    """What a finding means is the text at its line and column, unless Helm has made that line."""
    for finding in result_of(case)["findings"]:
        if "excerpt" not in finding or finding["place"] == "rendered":
            continue
        file = case / "in" / finding["file"]
        file = file if file.exists() else CHARTS.parent / finding["file"]
        line = file.read_text("utf-8").splitlines()[finding["line"] - 1]
        excerpt = finding["excerpt"]
        start = excerpt["column"] - 1
        meant = excerpt["text"][start : start + excerpt["width"]]
        assert line[finding["column"] - 1 :].startswith(meant), finding


def result_of(case: Path) -> Data:
    data: Data = json.loads((case / "result.json").read_bytes())
    return data


# --- Everything else, without the plugin ---


class Lint:
    """The command in a folder with copies of the test charts, and one Helm to render them."""

    def __init__(self, folder: Path, major: int, helm: Path) -> None:
        self.major = major
        self.helm = helm
        self.command: Command = make_command(folder)
        self.work = self.command.work
        shutil.copytree(CHARTS, self.work / "charts")
        shutil.copy(FOLDER / "pair" / "in" / "values.yaml", self.work)

    def run(self, *arguments: str, stdin: bytes = b"") -> Said:
        """Lint to the end."""
        variables = {"HELM_BIN": str(self.helm)}
        return self.command.run("lint", *arguments, stdin=stdin, variables=variables)

    def data(self, *arguments: str, stdin: bytes = b"", status: int = 0) -> Data:
        """The result as data, which fits the schema."""
        said = self.run("--output=json", *arguments, stdin=stdin)
        assert said.status == status, said.err
        data: Data = json.loads(said.out)
        assert [error.json_path for error in Draft202012Validator(SCHEMA).iter_errors(data)] == []
        return data

    def findings(
        self, rule: str, *arguments: str, stdin: bytes = b"", status: int = 0
    ) -> list[tuple[str, str]]:
        """Place and object of each finding of one rule."""
        data = self.data("--select", rule, *arguments, stdin=stdin, status=status)
        return [(place_of(finding), owner_of(finding)) for finding in data["findings"]]

    def call(self, *words: str) -> bytes:
        """Run Helm itself."""
        environment = self.command.environment()
        return subprocess.check_output([self.helm, *words], cwd=self.work, env=environment)


def place_of(finding: Data) -> str:
    return f"{finding['place']} {finding['file']}:{finding['line']}:{finding['column']}"


def owner_of(finding: Data) -> str:
    return f"{finding['document']['kind']}/{finding['document']['name']}"


@pytest.fixture(params=[3, 4], ids=["Helm 3", "Helm 4"])
def lint(request: pytest.FixtureRequest, tmp_path: Path) -> Lint:
    return Lint(tmp_path, request.param, request.getfixturevalue(f"helm{request.param}"))


# Helm 4 writes an empty line between the documents of two templates.
LINE = {3: 21, 4: 22}


PAIR = ("charts/operator", "charts/objectstore")
NEWER = ("-f", "values.yaml")
STORE, DEFAULT = "ObjectStore/primary-object-store", "ConfigMap/object-store-operator"
TOO_NEW = "incompatible-versions"


def test_a_pair_that_fits(lint: Lint) -> None:
    assert lint.data(*PAIR)["summary"] == {
        "error": 0, "warning": 0, "info": 9, "suppressed": 0, "notChecked": 0,
    }  # fmt: skip


def test_a_pair_with_a_store_that_is_too_new(lint: Lint) -> None:
    place = "values values.yaml:7:10"
    assert lint.findings(TOO_NEW, *PAIR, *NEWER, status=1) == [(place, DEFAULT), (place, STORE)]


def test_a_pair_by_set(lint: Lint) -> None:
    """What --set gives stands in no file: the place is the line that Helm made."""
    image = "repository=quay.io/minio/aistor/minio,objectStore.image.tag"
    words = (
        "--set=images.operator.tag=RELEASE.2025-08-19T17-53-00Z",
        f"--set=objectStore.image.{image}=RELEASE.2026-06-01T00-00-00Z",
    )
    assert lint.findings(TOO_NEW, *PAIR, *words, status=1) == [
        (f"rendered charts/objectstore/templates/object-store.yaml:{LINE[lint.major]}:38", STORE),
        ("values charts/operator/values.yaml:16:10", DEFAULT),
    ]


def test_the_order_of_a_pair_does_not_matter(lint: Lint) -> None:
    found = lint.findings(TOO_NEW, *PAIR, *NEWER, status=1)
    assert lint.findings(TOO_NEW, *PAIR[::-1], *NEWER, status=1) == found


def test_charts_of_a_folder_are_no_pair(lint: Lint) -> None:
    """The operator's own default is too new for it; the store has no operator beside it."""
    names = sorted(path.name for path in CHARTS.iterdir())
    data = lint.data("charts", *NEWER, status=1)
    assert [entry["name"] for entry in data["inputs"]] == [
        *(f"charts/{name}" for name in names), "values.yaml",
    ]  # fmt: skip
    assert lint.findings(TOO_NEW, "charts", *NEWER, status=1) == [
        ("values values.yaml:7:10", DEFAULT)
    ]
    (alone,) = lint.findings("missing-operator", "charts/objectstore", *NEWER)
    assert alone == ("values values.yaml:7:10", STORE)
    assert alone in lint.findings("missing-operator", "charts", *NEWER)


def test_packed_charts(lint: Lint) -> None:
    lint.call("package", *PAIR)
    packed = ("operator-0.1.0.tgz", "objectstore-0.1.0.tgz")
    data = lint.data(*packed, *NEWER, status=1)
    text = json.dumps(lint.data(*PAIR, *NEWER, status=1))
    for folder, archive in zip(PAIR, packed):
        text = text.replace(folder, archive)
    assert data == json.loads(text)


def test_rendered_manifests(lint: Lint) -> None:
    (lint.work / "rendered").mkdir()
    for chart in PAIR:
        name = chart.rpartition("/")[2]
        data = lint.call("template", name, chart, *NEWER)
        (lint.work / "rendered" / f"{name}.yaml").write_bytes(data)
    found = lint.findings(TOO_NEW, "rendered", status=1)
    assert [(place.split(":")[0], owner) for place, owner in found] == [
        ("manifest rendered/objectstore.yaml", STORE),
        ("manifest rendered/operator.yaml", DEFAULT),
    ]
    lines = (lint.work / "rendered" / "objectstore.yaml").read_text("utf-8").splitlines()
    _, line, column = found[0][0].split(":")
    assert lines[int(line) - 1][int(column) - 1 :] == 'RELEASE.2026-04-11T03-20-12Z"'


def test_a_chart_beside_standard_input(lint: Lint) -> None:
    data = lint.call("template", "store", "charts/objectstore", *NEWER)
    found = lint.findings(TOO_NEW, "charts/operator", "-", *NEWER, stdin=data, status=1)
    assert found[0] == (f"manifest <stdin>:{LINE[lint.major]}:38", STORE)


def test_values_from_standard_input(lint: Lint) -> None:
    values = (lint.work / "values.yaml").read_bytes()
    found = lint.findings(TOO_NEW, *PAIR, "--values=-", stdin=values, status=1)
    assert found == [("values <stdin>:7:10", DEFAULT), ("values <stdin>:7:10", STORE)]


def test_hooks_are_linted(lint: Lint) -> None:
    (lint.work / "mc.yaml").write_text("images: {mc: {tag: latest}}\n", "utf-8")
    assert lint.findings("floating-tag", "charts/operator", "-f", "mc.yaml") == [
        ("values mc.yaml:1:20", "ConfigMap/adminjob-operator"),
        ("values mc.yaml:1:20", "Job/aistor-before-upgrade"),
    ]


def test_kubernetes_is_judged(lint: Lint) -> None:
    charts = ("charts/aerospike-operator", "charts/aerospike")
    assert lint.findings(TOO_NEW, *charts, "--kube-version", "1.31.2") == []
    data = lint.data("--select", TOO_NEW, *charts, "--kube-version=1.20", status=1)
    (finding,) = data["findings"]
    assert (
        finding["message"]
        == "Kubernetes 1.20 is older than Aerospike Kubernetes Operator 4.4.1 needs"
    )
    assert "kubernetes 1.20: installed, says --kube-version" in finding["notes"]


def unchecked(*reasons: str) -> tuple[bytes, str]:
    """Standard output and error where nothing can be checked, for these reasons."""
    text = "".join(f"not checked: {reason}\n\n" for reason in reasons)
    return f"{text}nothing was checked\n".encode(), "".join(
        f"error: {reason}\n" for reason in reasons
    )


def test_kubernetes_that_a_chart_excludes(lint: Lint) -> None:
    with (lint.work / "charts/objectstore/Chart.yaml").open("a", encoding="utf-8") as file:
        file.write('kubeVersion: ">=1.30.0-0"\n')
    reason = (
        "charts/objectstore: helm could not render this chart: chart requires kubeVersion:"
        " >=1.30.0-0 which is incompatible with Kubernetes v1.20.0\n"
        "  --kube-version says which Kubernetes to render for."
    )
    said = lint.run("charts/objectstore", "--kube-version=1.20.0")
    assert said == Said(3, *unchecked(reason))


def test_a_chart_that_cannot_be_rendered(lint: Lint) -> None:
    """Helm's own words, and all else is judged as if the chart were not there."""
    (lint.work / "broken").mkdir()
    shutil.copytree(FOLDER / "mixed/in/broken", lint.work / "broken", dirs_exist_ok=True)
    reason = (
        "broken/templates/pod.yaml:4:12: helm could not render this chart:"
        " execution error at (broken/templates/pod.yaml:4:11): a name is needed\n"
        "  helm template --debug shows more, given the same arguments."
    )
    assert lint.run("broken") == Said(3, *unchecked(reason))

    alone, beside = (lint.data(*PAIR, *NEWER, *more, status=status) for more, status in (
        ((), 1), (("broken",), 3),
    ))  # fmt: skip
    assert beside["findings"] == alone["findings"]
    assert beside["summary"] == {**alone["summary"], "notChecked": 1}
    assert beside["inputs"][2] == {
        "name": "broken", "kind": "chart", "documents": 0, "checked": False, "reason": reason,
    }  # fmt: skip


def test_a_failing_chart_among_many(lint: Lint) -> None:
    shutil.copytree(FOLDER / "mixed/in/broken", lint.work / "charts/broken")
    data = lint.data("charts", status=3)
    assert [entry["name"] for entry in data["inputs"] if not entry["checked"]] == ["charts/broken"]
    shutil.rmtree(lint.work / "charts/broken")
    assert lint.data("charts")["findings"] == data["findings"]


@pytest.mark.parametrize("jobs", [2, 5])
def test_jobs_change_nothing(jobs: int, lint: Lint) -> None:
    shutil.copytree(FOLDER / "mixed/in/broken", lint.work / "charts/broken")
    one = lint.run("charts", "-o", "json", "-f", "values.yaml", "--jobs=1")
    assert one.status == 3
    assert lint.run("charts", "-o", "json", "-f", "values.yaml", "--jobs", f"{jobs}") == one


def test_the_order_on_disk_changes_nothing(lint: Lint) -> None:
    before = lint.data("charts")
    (lint.work / "charts").rename(lint.work / "old")
    (lint.work / "charts").mkdir()
    for path in sorted((lint.work / "old").iterdir(), reverse=True):
        path.rename(lint.work / "charts" / path.name)
    assert lint.data("charts") == before


# --- The namespace: Helm takes -n out of the command line of a plugin ---


def rendered_for(said: bytes) -> set[str]:
    return {finding["document"]["namespace"] for finding in json.loads(said)["findings"]}


@majors
def test_the_namespace_of_helm(
    major: int, bare_path: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    world = make_world(tmp_path, major, request.getfixturevalue(f"helm{major}"), bare_path)
    words = ("compat", "lint", str(CHARTS / "objectstore"), "--output=json")
    assert rendered_for(world.helm.run(*words).stdout) == {"default"}
    assert rendered_for(world.helm.run(*words, "-n", "prod").stdout) == {"prod"}
    (world.helm.home / ".helm-compat.yaml").write_text("namespace: stage\n", "utf-8")
    assert rendered_for(world.helm.run(*words).stdout) == {"stage"}
    assert rendered_for(world.helm.run(*words, "--namespace=prod").stdout) == {"prod"}
    variables = {"HELM_COMPAT_NAMESPACE": "own"}
    done = world.helm.run(*words, "--namespace=prod", variables=variables)
    assert rendered_for(done.stdout) == {"own"}


# --- Charts from elsewhere ---


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The URL at which the files of a folder are, on this machine."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_charts_of_a_repository(lint: Lint) -> None:
    folder = lint.work / "repository"
    lint.call("package", *PAIR, "--destination", "repository")
    with served(folder) as url:
        lint.call("repo", "index", "repository", "--url", url)
        lint.call("repo", "add", "mine", url)
        place = "values values.yaml:7:10"
        expected = [(place, DEFAULT), (place, STORE)]
        known = ("mine/operator", "mine/objectstore", "--version=0.1.0")
        assert lint.findings(TOO_NEW, *known, *NEWER, status=1) == expected
        bare = ("operator", "objectstore", "--repo", url)
        assert lint.findings(TOO_NEW, *bare, *NEWER, status=1) == expected
        assert lint.findings("missing-digest", "mine/operator")[0] == (
            "values mine/operator/values.yaml:12:10",
            "Deployment/object-store-webhook",
        )


def update(case: Path) -> None:
    """Write what a case says now under Helm 4."""
    with tempfile.TemporaryDirectory() as folder:
        world = make_world(Path(folder), 4, find_tool("helm4", "helm"), os.defpath)
        for name, text in run_case(case, world).items():
            (case / name).write_bytes(text.encode())


if __name__ == "__main__":
    for path in CASES:
        update(path)
