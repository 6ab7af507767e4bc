"""From arguments to manifests: charts through the real Helm 3 and Helm 4, files, folders."""

from __future__ import annotations

import contextlib
import gzip
import inspect
import io
import multiprocessing
import os
import pickle
import re
import select
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from command import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from helm_compat.errors import CheckNotMade, CompatError, InputError, Place
from helm_compat.sources import files
from helm_compat.sources.chart import Text, read_chart
from helm_compat.sources.helm import Options, Rendered, helm_program, pull, template
from helm_compat.sources.inputs import Input, Loaded, expand, load
from helm_compat.sources.values import check_values, values_files

SHOP = ROOT / "testdata" / "sources" / "shop"
MISSING = "Give charts, manifest files, folders of them, REPOSITORY/CHART, oci://… or -."
HOSTILE = "A chart never holds such a thing: do not unpack it, and ask where it comes from."
BROKEN = "A chart's archive is a tar file in gzip, as helm package makes it."
EMPTY = (
    "this folder holds no charts and no manifests\n  Manifests end in .yaml, .yml, .json, packed"
    " charts in .tgz or .tar.gz; a chart's folder has Chart.yaml."
)
LARGE = (
    "this archive holds more than 100 MiB or 20000 files\n"
    "  Leave out what is not needed with .helmignore, and pack it anew."
)
NO_CHART = (
    "this is no chart: it has no Chart.yaml\n"
    "  Chart.yaml stands at the top of a chart, in an archive in its only folder."
)
UNREADABLE = "See what stands there, and whether you may read it."
DEBUG = "helm template --debug shows more, given the same arguments."

Environment = Mapping[str, str]


@pytest.fixture(autouse=True)
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, so that messages hold no path of the machine."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture(params=[3, 4], ids=["Helm 3", "Helm 4"])
def major(request: pytest.FixtureRequest) -> int:
    assert isinstance(request.param, int)
    return request.param


@pytest.fixture
def environment(
    major: int, request: pytest.FixtureRequest, bare_path: str, tmp_path: Path
) -> Environment:
    """What one Helm sees: a home of its own, and HELM_BIN."""
    helm = request.getfixturevalue(f"helm{major}")
    (tmp_path / "home").mkdir()
    return {"HOME": str(tmp_path / "home"), "PATH": bare_path, "HELM_BIN": str(helm)}


def write(path: str | Path, text: str = "") -> Path:
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def make_chart(folder: str, chart: str = "", **templates: str) -> str:
    """A chart named shop; the names of templates stand for `templates/NAME.yaml`."""
    write(f"{folder}/Chart.yaml", chart or "apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    for name, text in templates.items():
        write(f"{folder}/templates/{name}.yaml", text)
    return folder


def run_helm(environment: Environment, *arguments: str) -> None:
    subprocess.run(
        [environment["HELM_BIN"], *arguments], env=environment, check=True, capture_output=True
    )


def package(environment: Environment, chart: str | Path = SHOP) -> str:
    """An archive in the working directory, made by helm."""
    run_helm(environment, "package", str(chart), "--destination", ".")
    (name,) = (name for name in os.listdir() if name.endswith(".tgz"))
    return name


def chart_input(path: str) -> Input:
    return Input(path, "chart", path)


def failure(path: str, environment: Environment, options: Options | None = None) -> CompatError:
    with pytest.raises(CompatError) as caught:
        load(chart_input(path), options or Options(), environment)
    return caught.value


def shown(items: list[Input | CompatError]) -> list[str]:
    """Inputs in a word each and errors with their exit status, to compare whole lists."""
    lines = []
    for item in items:
        if isinstance(item, CompatError):
            lines.append(f"{item.exit_status} {item}")
            continue
        assert item.path == ("-" if item.name == "<stdin>" else item.name)
        words = [item.kind, item.name, *["alone"] * item.alone, *["remote"] * item.remote]
        lines.append(" ".join(words))
    return lines


def error(place: str, message: str, hint: str) -> str:
    return f"2 {place}: {message}\n  {hint}"


# --- Arguments ---


def test_inputs_keep_their_order_and_are_there_once() -> None:
    make_chart("b/chart")
    for name in ("b.yaml", "a.json", "b/x.yml", "release-1.0.0.tgz", "plain"):
        write(name)
    names = ["release-1.0.0.tgz", "b.yaml", "-", "b", "./b.yaml", "a.json", "-", "plain", "b/chart"]
    assert shown(expand(names)) == [
        "chart release-1.0.0.tgz",
        "manifests b.yaml",
        "manifests <stdin>",
        "manifests b/x.yml",
        "chart b/chart alone",
        "manifests a.json",
        "manifests plain",
        # Found in a folder it was judged for itself; here it is a part of the whole.
        "chart b/chart",
    ]


def test_a_folder_is_looked_into() -> None:
    make_chart("charts/one", pod="kind: Pod\n")
    make_chart("charts/one/charts/vendored")
    make_chart("charts/one/examples/inner")
    make_chart("charts/group/two")
    make_chart("charts/.hidden/three")
    for name in ("ns.yaml", "README.md", ".hidden.yaml", "group/old-1.0.0.tgz", "group/n.tar.gz"):
        write(f"charts/{name}")
    assert shown(expand(["charts/"])) == [
        "manifests charts/ns.yaml",
        "chart charts/group/n.tar.gz alone",
        "chart charts/group/old-1.0.0.tgz alone",
        "chart charts/group/two alone",
        "chart charts/one alone",
    ]


def test_a_chart_is_given_whole() -> None:
    make_chart("chart")
    make_chart("chart/charts/vendored")
    make_chart(".hidden")
    os.chdir("chart")
    assert shown(expand([".", "../.hidden"])) == ["chart .", "chart ../.hidden"]


REFERENCES = [
    pytest.param("oci://r.example.com/charts/shop", "", True, id="oci"),
    pytest.param("https://r.example.com/shop-1.0.0.tgz", "", True, id="URL of an archive"),
    pytest.param("minio/aistor-operator", "", True, id="repository and chart"),
    pytest.param("minio/group/aistor", "", True, id="repository and a path"),
    pytest.param("shop", "https://r.example.com", True, id="bare name with --repo"),
    pytest.param("shop", "", False, id="bare name"),
    pytest.param("there/shop", "", False, id="below a folder that is there"),
    pytest.param("./shop/chart", "", False, id="relative path"),
    pytest.param("./shop", "https://r.example.com", False, id="relative path with --repo"),
    pytest.param("/nowhere/shop", "", False, id="absolute path"),
    pytest.param("~/shop", "", False, id="home"),
    pytest.param("manifests/pod.yaml", "", False, id="manifest file"),
    pytest.param("shop.yaml", "https://r.example.com", False, id="manifest file with --repo"),
    pytest.param("packed/shop-1.0.0.tgz", "", False, id="archive"),
    pytest.param("minio/", "", False, id="no chart"),
    pytest.param("my repo/shop", "", False, id="space"),
    pytest.param("file.yaml/inside", "", False, id="below a file"),
    pytest.param("", "", False, id="empty"),
]


@pytest.mark.parametrize(("name", "repo", "remote"), REFERENCES)
def test_what_is_not_there(name: str, repo: str, remote: bool) -> None:
    write("there/x.yaml")
    write("file.yaml")
    missing = error(name, "there is no such file or folder", MISSING)
    assert shown(expand([name], repo=repo)) == [f"chart {name} remote" if remote else missing]


def test_what_is_there_is_no_reference() -> None:
    make_chart("minio/shop")
    assert shown(expand(["minio/shop"], repo="https://r.example.com")) == ["chart minio/shop"]


def test_a_file_of_a_chart_is_not_the_chart() -> None:
    make_chart("shop")
    said = "this is a part of a chart, not manifests"
    expected = [error("shop/Chart.yaml", said, "Give the chart's folder: shop")]
    assert shown(expand(["shop/Chart.yaml"])) == expected
    os.chdir("shop")
    expected = [error("Chart.yaml", said, "Give the chart's folder: .")]
    assert shown(expand(["Chart.yaml"])) == expected


def test_an_empty_folder_is_an_error() -> None:
    os.mkdir("empty")
    write("other/README.md")
    write("hidden/.git/x.yaml")
    write("hidden/.x.yaml")
    os.mkfifo("hidden/pipe.yaml")
    names = ["empty", "other", "hidden"]
    assert shown(expand(names)) == [f"2 {name}: {EMPTY}" for name in names]


@pytest.mark.parametrize("beside", ["values.yaml", "templates/_helpers.tpl"])
def test_a_chart_without_its_chart_file(beside: str) -> None:
    write("charts/shop/templates/pod.yaml", "{{ if }}")
    write(f"charts/shop/{beside}")
    assert shown(expand(["charts", "charts/shop"])) == [
        "chart charts/shop alone",
        "chart charts/shop",
    ]
    found = failure("charts/shop", {})
    assert (found.exit_status, str(found)) == (2, f"charts/shop: {NO_CHART}")


def test_a_folder_of_manifests_may_be_named_templates() -> None:
    write("deploy/templates/pod.yaml")
    assert shown(expand(["deploy"])) == ["manifests deploy/templates/pod.yaml"]


# --- Links and rights ---


def test_links_are_followed_once() -> None:
    make_chart("releases/v1")
    os.symlink("v1", "releases/current")
    write("shared/ns.yaml")
    os.symlink("../shared", "releases/shared")
    os.symlink("../shared/ns.yaml", "releases/ns.yaml")
    assert shown(expand(["releases"])) == [
        "manifests releases/ns.yaml",
        "chart releases/current alone",
    ]


LOOP = "this symbolic link leads back to {!r}, so that there is no end"
REMOVE = "Remove it, or name the folders that are wanted."


@pytest.mark.parametrize(
    ("link", "target", "back"),
    [
        pytest.param("all/below/up", "..", "all", id="one up"),
        pytest.param("all/below/here", ".", "all/below", id="itself"),
        pytest.param("all/below/up.d", "{}/all", "all", id="absolute"),
    ],
)
def test_a_loop_of_links(link: str, target: str, back: str) -> None:
    write("all/below/x.yaml")
    os.symlink(target.format(os.getcwd()), link)
    assert shown(expand(["all"])) == [
        error(link, LOOP.format(back), REMOVE),
        "manifests all/below/x.yaml",
    ]


def test_a_loop_of_links_by_way_of_another_folder() -> None:
    write("all/x.yaml")
    write("beside/y.yaml")
    os.symlink("../all", "beside/in")
    os.symlink("../beside", "all/out")
    assert shown(expand(["all"])) == [
        "manifests all/x.yaml",
        error("all/out/in", LOOP.format("all"), REMOVE),
        "manifests all/out/y.yaml",
    ]


def test_many_ways_to_one_folder() -> None:
    """Each of 40 folders has two links to the next: a walk of every way would never end."""
    for number in range(40):
        write(f"all/{number}/x.yaml")
        os.symlink(f"../{number + 1}", f"all/{number}/a")
        os.symlink(f"../{number + 1}", f"all/{number}/b")
    os.mkdir("all/40")
    assert len(expand(["all"])) == 40


def test_folders_deeper_than_python_calls() -> None:
    # Not as deep as it could be: what is left of a test is removed with calls within calls.
    deep = "/".join(["d"] * 60)
    write(f"{deep}/x.yaml")
    depth = len(inspect.stack(0))
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(depth + 50)
    try:
        found = expand(["d"])
    finally:
        sys.setrecursionlimit(limit)
    assert shown(found) == [f"manifests {deep}/x.yaml"]


def test_links_that_lead_nowhere() -> None:
    os.mkdir("all")
    for name in ("gone.yaml", "gone", "gone.txt", ".gone.yaml", ".gone"):
        os.symlink("nowhere", f"all/{name}")
    os.symlink("self.yaml", "all/self.yaml")
    nowhere = "this symbolic link leads to 'nowhere', which is not there"
    mend = "Remove or mend it."
    itself = error("all/self.yaml", "this symbolic link leads to itself", mend)
    assert shown(expand(["all", "all/gone.yaml", "all/self.yaml"])) == [
        error("all/gone", nowhere, mend),
        error("all/gone.yaml", nowhere, mend),
        itself,
        error("all/gone.yaml", nowhere, mend),
        itself,
    ]


@contextlib.contextmanager
def without_rights() -> Iterator[None]:
    """As somebody who is not root, whom rights do not stop."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_what_may_not_be_read() -> None:
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        os.chdir(name)
        write("all/x.yaml")
        write("all/open.yaml", "kind: Pod\n")
        write("all/shut.d/y.yaml")
        make_chart("all/shop")
        for path in ("all/x.yaml", "all/shut.d", "all/shop/Chart.yaml"):
            os.chmod(path, 0)
        with without_rights():
            found = expand(["all", "all/shut.d/y.yaml"])
            loaded = [outcome(item) for item in found]
        os.chmod("all/shut.d", 0o700)
        os.chdir("/")
    denied = "cannot be read: Permission denied"
    assert loaded == [
        "all/open.yaml: kind: Pod\n",
        error("all/x.yaml", denied, UNREADABLE),
        error("all/shop/Chart.yaml", denied, UNREADABLE),
        error("all/shut.d", denied, UNREADABLE),
        error("all/shut.d/y.yaml", denied, UNREADABLE),
    ]


def outcome(item: Input | CompatError) -> str:
    """An input that is read, or why it is not."""
    if isinstance(item, Input):
        try:
            return f"{item.name}: {load(item, Options(), {}).data.decode()}"
        except CompatError as found:
            item = found
    return f"{item.exit_status} {item}"


# --- Manifests ---


def test_manifests_are_read_as_they_are() -> None:
    Path("x.yaml").write_bytes(b"\xef\xbb\xbfa: 1\r\n\xff")
    (source,) = expand(["x.yaml"])
    assert isinstance(source, Input)
    assert load(source, Options(), {}) == Loaded("x.yaml", b"\xef\xbb\xbfa: 1\r\n\xff", None)


def test_manifests_from_a_pipe() -> None:
    """As a shell gives them: `lint <(helm template …)`."""
    reading, writing = os.pipe()
    os.write(writing, b"kind: Pod\n")
    os.close(writing)
    (source,) = expand([f"/dev/fd/{reading}"])
    assert isinstance(source, Input)
    assert load(source, Options(), {}).data == b"kind: Pod\n"
    os.close(reading)


def test_standard_input() -> None:
    source = Input("<stdin>", "manifests", "-")
    options = Options(stdin=b"kind: Pod\n")
    assert load(source, options, {}) == Loaded("<stdin>", b"kind: Pod\n", None)
    with pytest.raises(InputError) as caught:
        load(source, Options(), {})
    said = "standard input is empty"
    hint = "See whether the command that should have written to it failed."
    assert str(caught.value) == f"<stdin>: {said}\n  {hint}"


def test_a_file_that_is_no_file() -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("x.yaml")
        (source,) = expand(["x.yaml"])
        assert outcome(source) == error(
            "x.yaml", "cannot be read: No such device or address", UNREADABLE
        )


# --- Charts, read ---


def text(value: str, file: str, line: int, column: int) -> Text:
    return Text(value, Place(file, line, column))


IMAGES = "- name: web\n  image: quay.io/shop/web:1\n"


def test_what_a_chart_says() -> None:
    shutil.copytree(SHOP, "shop")
    file = "shop/Chart.yaml"
    chart = read_chart("shop")
    assert chart[2:] == (
        text("shop", file, 3, 7),
        text("1.2.0", file, 4, 10),
        # As it is written: a version is no number.
        text("2.10", file, 5, 13),
        text(">=1.28.0-0", file, 6, 14),
        text("", file, 0, 0),
        {
            "example.com/note": text("quiet", file, 8, 27),
            # What an alias stands for, where it is written.
            "example.com/again": text("quiet", file, 8, 27),
            "artifacthub.io/images": text(IMAGES, file, 10, 26),
        },
    )
    assert (chart.path, chart.file("values.yaml")) == ("shop", "shop/values.yaml")
    assert read_chart("shop", shown="oci://r/shop").name.place.file == "oci://r/shop/Chart.yaml"


def test_what_a_packed_chart_says(environment: Environment) -> None:
    archive = package(environment)
    chart = read_chart(archive)
    assert (chart.path, archive) == ("shop-1.2.0.tgz", "shop-1.2.0.tgz")
    # Helm writes Chart.yaml anew when it packs, in an order of its own.
    file = "shop-1.2.0.tgz/Chart.yaml"
    assert chart.name == text("shop", file, 12, 7)
    assert chart.kube_version == text(">=1.28.0-0", file, 9, 14)
    assert chart.annotations["artifacthub.io/images"] == text(IMAGES, file, 2, 26)


def test_the_texts_of_a_chart(environment: Environment) -> None:
    shutil.copytree(SHOP, "shop")
    shutil.copytree("shop/charts/store", "store")
    run_helm(environment, "package", "store", "--destination", "shop/charts")
    shutil.rmtree("shop/charts/store")
    write("outside")
    write("shop/charts/broken-1.0.0.tgz")
    folder = read_chart("shop")
    write("shop/templates/x.yaml", "written later")
    assert folder.text("templates/x.yaml") == "written later"

    with tarfile.open("packed.tgz", "w:gz") as archive:
        archive.add("shop", "other")
    for chart in (folder, read_chart("packed.tgz")):
        for one in (chart, pickle.loads(pickle.dumps(chart))):
            assert one.text("values.yaml") == (SHOP / "values.yaml").read_text("utf-8")
            secret = one.text("charts/store/templates/secret.yaml")
            assert secret is not None
            assert secret.startswith("apiVersion: v1\nkind: Secret\n")
            for name in ("nope", "templates", "../outside", "/etc/passwd", "charts/store", ""):
                assert one.text(name) is None
            for name in ("charts/store/../x", "charts/broken/x", "charts/x", "c:\\x"):
                assert one.text(name) is None
        assert pickle.loads(pickle.dumps(chart))[2:] == chart[2:]


YAML = "Correct the YAML there."
CHARTS = [
    pytest.param("name: [", "shop/Chart.yaml:1:8: {problem}\n  " + YAML, id="syntax"),
    pytest.param(
        "name:\n\tx",
        "shop/Chart.yaml:2:1: a tab stands where YAML wants spaces\n  " + YAML,
        id="tab",
    ),
    pytest.param(
        "",
        "shop/Chart.yaml:1:1: Chart.yaml is a mapping of keys\n  It wants at least"
        " apiVersion, name and version.",
        id="empty",
    ),
    pytest.param(
        "# x\n- name: shop",
        "shop/Chart.yaml:2:1: Chart.yaml is a mapping of keys\n  It"
        " wants at least apiVersion, name and version.",
        id="list",
    ),
]


@pytest.mark.parametrize(("chart", "expected"), CHARTS)
def test_a_chart_file_that_cannot_be_read(chart: str, expected: str) -> None:
    make_chart("shop", chart or "\n")
    problem = "did not find expected node content while parsing a flow node"
    assert outcome(chart_input("shop")) == f"2 {expected}".format(problem=problem)


def test_a_chart_file_in_another_encoding() -> None:
    make_chart("shop")
    Path("shop/Chart.yaml").write_bytes(b"name: a\ndescription: caf\xe9\n")
    assert outcome(chart_input("shop")) == error(
        "shop/Chart.yaml:2:1", "this file is not UTF-8", "Convert it to UTF-8."
    )


def test_a_chart_file_that_says_little() -> None:
    """What is missing or odd is for Helm to complain of."""
    make_chart("shop", "name: first\nname: second\nversion: {}\nannotations: none\n1: 2\n")
    chart = read_chart("shop")
    assert chart.name == text("second", "shop/Chart.yaml", 2, 7)
    assert (chart.version.value, chart.annotations) == ("", {})


# --- Archives ---


def pack(*members: tuple[str, bytes | str], name: str = "bad.tgz") -> str:
    """An archive of files and links (`-> TARGET`, `=> TARGET` for a hard one)."""
    with tarfile.open(name, "w:gz") as archive:
        for path, content in members:
            member = tarfile.TarInfo(path)
            if isinstance(content, str):
                kind, _, member.linkname = content.partition(" ")
                kinds = {"->": tarfile.SYMTYPE, "=>": tarfile.LNKTYPE, "fifo": tarfile.FIFOTYPE}
                member.type = kinds[kind]
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return name


CHART = ("shop/Chart.yaml", b"apiVersion: v2\nname: shop\nversion: 1.0.0\n")

# What Helm would do with each is not tried: none of them comes to Helm.
BAD_MEMBERS = [
    pytest.param("../evil.yaml", b"", "a path that leads out of the chart", id="above"),
    pytest.param("shop/../../evil", b"", "a path that leads out of the chart", id="above, inside"),
    pytest.param("shop/..", b"", "a path that leads out of the chart", id="above, at the end"),
    pytest.param("/etc/evil", b"", "a path that leads out of the chart", id="absolute"),
    pytest.param("shop\\..\\evil", b"", "a path that leads out of the chart", id="backslash"),
    pytest.param("C:\\evil", b"", "a path that leads out of the chart", id="drive"),
    pytest.param(
        "shop/x", "-> /etc/passwd", "a link out of the chart, to '/etc/passwd'", id="absolute link"
    ),
    pytest.param(
        "shop/x", "-> ../../x", "a link out of the chart, to '../../x'", id="link to above"
    ),
    pytest.param("shop/x", "=> ../x", "a link out of the chart, to '../x'", id="hard link"),
    pytest.param("shop/x", "fifo", "which is neither a file nor a folder", id="pipe"),
]


@pytest.mark.parametrize(("name", "content", "problem"), BAD_MEMBERS)
def test_hostile_archive(name: str, content: bytes | str, problem: str) -> None:
    pack(CHART, (name, content))
    said = f"this archive holds {name!r}, {problem}"
    assert outcome(chart_input("bad.tgz")) == error("bad.tgz", said, HOSTILE)
    assert os.listdir() == ["bad.tgz"]


def test_archive_that_is_sound() -> None:
    """Dots in names and links inside are no reason to refuse it."""
    pack(CHART, ("shop/..x", b"1"), ("shop/a/x", "-> ../..x"), ("shop/y", "=> shop/..x"))
    chart = read_chart("bad.tgz")
    assert [chart.text(name) for name in ("..x", "a/x", "y")] == ["1", None, None]


def test_archive_with_the_chart_at_its_top() -> None:
    pack(("./Chart.yaml", CHART[1]))
    assert read_chart("bad.tgz").name.value == "shop"


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def large(size: int) -> bytes:
    """A tar whose one member says that it is of some size."""
    member = tarfile.TarInfo("shop/x")
    member.size = size
    return member.tobuf() + bytes(1024)


def sparse() -> bytes:
    """A tar with a sparse file of 1 TiB of which nothing is stored."""
    member = tarfile.TarInfo("shop/x")
    member.type = tarfile.GNUTYPE_SPARSE
    block = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    block[483:495] = b"%011o\0" % (1 << 32)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + bytes(1024)


PLAIN = "this archive is broken: "
ARCHIVES = [
    pytest.param(b"", f"{PLAIN}empty file\n  {BROKEN}", id="empty"),
    pytest.param(b"no archive", f"{PLAIN}Not a gzipped file (b'no')\n  {BROKEN}", id="text"),
    pytest.param(large(1), f"{PLAIN}Not a gzipped file (b'sh')\n  {BROKEN}", id="not in gzip"),
    pytest.param(gzipped(b"x" * 2000), f"{PLAIN}{{}}\n  {BROKEN}", id="no tar"),
    pytest.param(gzipped(large(1))[:-20], f"{PLAIN}{{}}\n  {BROKEN}", id="gzip cut off"),
    pytest.param(gzipped(large(5000)), f"{PLAIN}unexpected end of data\n  {BROKEN}", id="tar cut"),
    pytest.param(gzipped(bytes(1024)), NO_CHART, id="nothing in it"),
    pytest.param(gzipped(bytes((100 << 20) + 1)), LARGE, id="much of nothing"),
    pytest.param(gzipped(large(1 << 40)), LARGE, id="a size that is not true"),
    pytest.param(gzipped(sparse()), LARGE, id="sparse"),
    pytest.param(gzipped(large(0)[:512] * 20001 + bytes(1024)), LARGE, id="many files"),
]


@pytest.mark.parametrize(("data", "expected"), ARCHIVES)
def test_archive_that_cannot_be_read(data: bytes, expected: str) -> None:
    Path("bad.tgz").write_bytes(data)
    said = outcome(chart_input("bad.tgz"))
    pattern = re.escape(f"2 bad.tgz: {expected}").replace(r"\{\}", "[^\n]+")
    assert re.fullmatch(pattern, said), said


@pytest.fixture(scope="module")
def packed() -> bytes:
    """The tar of a sound archive, with long names and a link."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.add(SHOP, "shop")
        member = tarfile.TarInfo("shop/" + "x" * 200)
        member.pax_headers = {"mtime": "1.5", "comment": "ü"}
        archive.addfile(member)
    return content.getvalue().rstrip(b"\0") + bytes(1024)


@settings(max_examples=300)
@given(st.data())
def test_damaged_archives_have_an_error_of_ours(packed: bytes, data: st.DataObject) -> None:
    damaged = bytearray(packed)
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
        if data.draw(st.booleans()):
            # With a sum that is right, what stands in the header is believed.
            start = place - place % 512
            header = damaged[start : start + 512]
            header[148:156] = b" " * 8
            damaged[start + 148 : start + 156] = b"%06o\0 " % sum(header)
    archive = files.Archive(gzipped(bytes(damaged)), "x.tgz")
    with contextlib.suppress(InputError):
        archive.read("Chart.yaml")


# --- Charts, rendered ---


def documents(data: bytes) -> list[str]:
    return re.findall(r"(?m)^# Source: (.+)$", data.decode())


PLAIN_SHOP = """\
---
# Source: shop/charts/store/templates/secret.yaml
apiVersion: v1
kind: Secret
metadata:
  name: store
---
# Source: shop/templates/configuration.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop
  namespace: default
data:
  word: "plain"
  number: "1"
  type: {number}
  kubernetes: {kubernetes}
  apis: "false"
---
# Source: shop/templates/hook.yaml
apiVersion: v1
kind: Pod
metadata:
  name: before
  annotations:
    helm.sh/hook: pre-install
spec:
  containers:
    - name: before
      image: quay.io/shop/web:1
"""


def test_a_chart_is_rendered_with_its_hooks(major: int, environment: Environment) -> None:
    shutil.copytree(SHOP, "shop")
    loaded = load(chart_input("shop"), Options(), environment)
    kubernetes = {3: "v1.32.0", 4: "v1.37.0"}[major]
    lines = PLAIN_SHOP.format(number="float64", kubernetes=kubernetes).splitlines()
    assert [line for line in loaded.data.decode().splitlines() if line] == lines
    assert (loaded.name, loaded.notes) == ("shop", ())
    assert loaded.chart is not None
    assert loaded.chart.name.value == "shop"

    archive = package(environment)
    assert load(chart_input(archive), Options(), environment).data == loaded.data


def test_the_options_of_helm(environment: Environment) -> None:
    write("a.yaml", "word: from a\nnumber: 2\n")
    write("b,c.yaml", "image: quay.io/b:1\n")
    write("word.txt", "from a file")
    options = Options(
        values=("a.yaml", '"b,c.yaml",-'),
        set_values=("other=x,number=3",),
        set_strings=("number=4",),
        set_files=("word=word.txt",),
        set_json=('more={"a": [1]}',),
        kube_version="1.29.3",
        api_versions=("example.com/v6,example.com/v7",),
        include_crds=True,
        namespace="aistor",
        release_name="mine",
        stdin=b"image: quay.io/stdin:1\n",
    )
    assert check_values(options.values, options.stdin) == []
    data = load(chart_input(str(SHOP)), options, environment).data
    assert documents(data) == [
        "shop/crds/widgets.yaml",
        "shop/charts/store/templates/secret.yaml",
        "shop/templates/configuration.yaml",
        "shop/templates/hook.yaml",
    ]
    assert re.findall(r"(?m)^  ([a-z]+: .+)$", data.decode()) == [
        "name: widgets.example.com",
        "name: store",
        "name: mine",
        "namespace: aistor",
        'word: "from a file"',
        'number: "4"',
        "type: string",
        "kubernetes: v1.29.3",
        'apis: "true"',
        "name: before",
    ]
    assert b"image: quay.io/stdin:1" in data


@pytest.mark.parametrize(
    ("name", "release"),
    [
        ("web", "web"),
        ("my.web-1", "my.web-1"),
        ("Web", "release-name"),
        ("my_web", "release-name"),
        ("w" * 53, "w" * 53),
        ("w" * 54, "release-name"),
    ],
)
def test_the_name_of_the_release(name: str, release: str, environment: Environment) -> None:
    make_chart("x", f"apiVersion: v2\nname: {name}\nversion: 1.0.0\n", a="a: {{.Release.Name}}")
    data = load(chart_input("x"), Options(), environment).data
    assert data.decode().rstrip().endswith(f"\na: {release}")


def test_a_name_that_looks_like_an_option(environment: Environment) -> None:
    make_chart("--debug", a="kind: Pod")
    assert documents(load(chart_input("--debug"), Options(), environment).data) == [
        "shop/templates/a.yaml"
    ]


def test_warnings_are_kept(major: int, environment: Environment) -> None:
    chart = "apiVersion: v2\nname: shop\nversion: 1.0.0\ndeprecated: true\n"
    make_chart("shop", chart, a="kind: Pod")
    deprecated = {3: "This chart is deprecated", 4: "this chart is deprecated"}[major]
    assert load(chart_input("shop"), Options(), environment).notes == (deprecated,)
    write("shop/templates/b.yaml", "{{ .Values.a.b }}")
    assert failure("shop", environment).hint == f"Helm also warned: {deprecated}\n  {DEBUG}"


def test_a_library_chart(environment: Environment) -> None:
    chart = "apiVersion: v2\nname: shop\nversion: 1.0.0\ntype: library\n"
    make_chart("all/shop", chart)
    (source,) = expand(["all"])
    assert isinstance(source, Input)
    loaded = load(source, Options(), environment)
    assert (loaded.data, loaded.notes) == (b"", ("a library chart renders nothing by itself",))
    said = "helm could not render this chart: library charts are not installable"
    assert str(failure("all/shop", environment)) == f"all/shop: {said}\n  {DEBUG}"


NIL = {
    3: 'template: shop/templates/a.yaml:2:13: executing "shop/templates/a.yaml" at'
    " <.Values.x.y>: nil pointer evaluating interface {}.y",
    4: 'shop/templates/a.yaml:2:13\n    executing "shop/templates/a.yaml" at <.Values.x.y>:\n'
    "      nil pointer evaluating interface {}.y",
}
INNER = {
    3: 'template: shop/templates/a.yaml:1:6: executing "shop/templates/a.yaml" at <include "x" .>:'
    ' error calling include: template: shop/templates/b.yaml:2:10: executing "x" at'
    " <.Values.x.y>: nil pointer evaluating interface {}.y",
    4: 'shop/templates/a.yaml:1:6\n    executing "shop/templates/a.yaml" at <include "x" .>:\n'
    '      error calling include:\n  shop/templates/b.yaml:2:10\n    executing "x" at'
    " <.Values.x.y>:\n      nil pointer evaluating interface {}.y",
}
LINE = "error converting YAML to JSON: yaml: line 1: did not find expected ',' or ']'"
VALUES = {
    3: f"cannot load values.yaml: {LINE}",
    4: f"cannot load values.yaml: cannot unmarshal yaml document: {LINE}",
}
UNCLOSED = (
    "parse error at (shop/templates/a.yaml:2): unclosed action started at shop/templates/a.yaml:1"
)
NOT_YAML = f"YAML parse error on shop/templates/a.yaml: {LINE}"
REQUIRED = "execution error at (shop/templates/a.yaml:1:3): give one"

# Files of the chart, where it fails, and what Helm says.
FAILURES = [
    pytest.param(
        {"templates/a.yaml": "a: 1\nb: {{ .Values.x.y }}\n"},
        "shop/templates/a.yaml:2:14",
        NIL,
        id="nil",
    ),
    pytest.param(
        {"templates/a.yaml": '{{ required "give one" .Values.x }}'},
        "shop/templates/a.yaml:1:4",
        REQUIRED,
        id="required",
    ),
    pytest.param(
        {
            "templates/a.yaml": 'a: {{ include "x" . }}',
            "templates/b.yaml": '{{ define "x" }}\n{{ .Values.x.y }}{{ end }}',
        },
        "shop/templates/b.yaml:2:11",
        INNER,
        id="deep inside",
    ),
    pytest.param(
        {"templates/a.yaml": "{{ .Values.x\n"},
        "shop/templates/a.yaml:1:1",
        UNCLOSED,
        id="template syntax",
    ),
    pytest.param(
        {"templates/a.yaml": "a: [1\nb: 2\n"}, "shop/templates/a.yaml", NOT_YAML, id="no YAML"
    ),
    pytest.param({"values.yaml": "a: [1\nb: 2\n"}, "shop/values.yaml", VALUES, id="values"),
    pytest.param(
        {"Chart.yaml": "version: 1.0.0\n"},
        "shop",
        "validation: chart.metadata.name is required",
        id="no name",
    ),
    pytest.param(
        {"templates/a.yaml": '{{ fail "see x/templates/../../outside.yaml:1:2" }}'},
        "shop",
        "execution error at (shop/templates/a.yaml:1:3): see x/templates/../../outside.yaml:1:2",
        id="a place out of the chart",
    ),
]


@pytest.mark.parametrize(("content", "place", "said"), FAILURES)
def test_a_chart_that_helm_cannot_render(
    content: dict[str, str],
    place: str,
    said: str | dict[int, str],
    major: int,
    environment: Environment,
) -> None:
    write("outside.yaml")
    make_chart("shop")
    for name, content_of in content.items():
        write(f"shop/{name}", content_of)
    why = said if isinstance(said, str) else said[major]
    found = failure("shop", environment)
    assert str(found) == f"{place}: helm could not render this chart: {why}\n  {DEBUG}"
    assert (found.exit_status, type(found)) == (3, CheckNotMade)


def test_a_failure_in_a_packed_chart(environment: Environment) -> None:
    make_chart("shop", a='{{ required "give one" .Values.x }}')
    found = failure(package(environment, "shop"), environment)
    assert found.place == Place("shop-1.0.0.tgz/templates/a.yaml", 1, 4)


def test_kubernetes_that_a_chart_excludes(major: int, environment: Environment) -> None:
    chart = "apiVersion: v2\nname: shop\nversion: 1.0.0\nkubeVersion: '>=9.0.0'\n"
    make_chart("shop", chart)
    version = {3: "v1.32.0", 4: "v1.37.0"}[major]
    assert str(failure("shop", environment)) == (
        "shop: helm could not render this chart: chart requires kubeVersion: >=9.0.0 which is"
        f" incompatible with Kubernetes {version}\n"
        "  --kube-version says which Kubernetes to render for."
    )


def test_a_loop_of_links_in_a_chart(environment: Environment) -> None:
    make_chart("shop", a="kind: Pod")
    os.mkdir("shop/examples")
    os.symlink("..", "shop/examples/chart")
    said = f"shop/examples/chart: {LOOP.format('shop')}\n  {REMOVE}"
    assert str(failure("shop", environment)) == said
    # Helm never comes there.
    write("shop/.helmignore", "examples/\n")
    assert documents(load(chart_input("shop"), Options(), environment).data) == [
        "shop/templates/a.yaml"
    ]


def test_no_more_is_shown_than_can_be_read(environment: Environment) -> None:
    make_chart("shop", a='{{ fail (printf "%s%s" (repeat 100 "x\\n") (repeat 2000 "y")) }}')
    lines = failure("shop", environment).message.splitlines()
    assert (len(lines), lines[-1]) == (41, "  … 61 more lines")
    write("shop/templates/a.yaml", '{{ fail (repeat 2000 "y") }}')
    message = failure("shop", environment).message
    assert len(message) < 1100
    assert message.endswith("y…")


def test_a_template_without_end(environment: Environment) -> None:
    endless = "{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}"
    make_chart("shop", a=endless)
    found = failure("shop", environment, Options(time_limit=0.5))
    assert (found.exit_status, str(found)) == (
        3,
        "shop: helm could not render this chart in 0.5 seconds\n"
        "  A template may have no end, or a registry gives no answer.",
    )


# --- Values files ---

BAD_VALUES = [
    pytest.param("a: [1\nb: 2", ["v.yaml:2:2: {}\n  " + YAML], id="syntax"),
    pytest.param(
        "a: 1\nb: {c: 1, c: 2}\na: 2\n",
        [
            "v.yaml:2:11: the key 'c' stands twice\n  Helm takes the last without a word.",
            "v.yaml:3:1: the key 'a' stands twice\n  Helm takes the last without a word.",
        ],
        id="duplicate keys",
    ),
    pytest.param(
        "a:\n- {1: a, '1': b}",
        ["v.yaml:2:10: the key '1' stands twice\n  Helm takes the last without a word."],
        id="duplicate key in a list",
    ),
    pytest.param(
        "- a",
        ["v.yaml:1:1: values are a mapping of keys\n  Helm merges it with the chart's own."],
        id="list",
    ),
    pytest.param(
        "a: 1\n---\nb: 1",
        [
            "v.yaml:3:1: a second document in a values file\n"
            "  Helm reads the first alone; give files of their own."
        ],
        id="two documents",
    ),
    pytest.param("", [], id="empty"),
    pytest.param("null", [], id="null"),
    pytest.param("\ufeffa: 1", [], id="byte order mark"),
    pytest.param("a: &a {b: 1}\nc: *a\nd: *a", [], id="aliases"),
    pytest.param("a: {b: 1}\nc: {b: 1}", [], id="one key in two places"),
]


@pytest.mark.parametrize(("content", "expected"), BAD_VALUES)
def test_values_files(content: str, expected: list[str]) -> None:
    write("v.yaml", content)
    found = check_values(["v.yaml"], b"")
    assert [item.exit_status for item in found] == [2] * len(expected)
    for item, wanted in zip(found, expected):
        assert re.fullmatch(re.escape(wanted).replace(r"\{\}", "[^\n]+"), str(item))
    on_stdin = [str(item) for item in check_values(["-"], content.encode())]
    assert on_stdin == [str(item).replace("v.yaml", "<stdin>") for item in found]


@pytest.mark.parametrize(
    ("given_names", "names"),
    [
        (["a.yaml", "b.yaml"], ["a.yaml", "b.yaml"]),
        (["a.yaml,b.yaml", "-"], ["a.yaml", "b.yaml", "-"]),
        (['"a,b.yaml",c.yaml'], ["a,b.yaml", "c.yaml"]),
        (['"a.yaml', "b.yaml"], ["a.yaml", "b.yaml"]),
        ([""], []),
        ([], []),
    ],
)
def test_the_names_of_values_files(given_names: list[str], names: list[str]) -> None:
    assert values_files(given_names) == names


def test_values_files_that_cannot_be_read() -> None:
    write("latin.yaml")
    Path("latin.yaml").write_bytes(b"a: caf\xe9")
    os.mkdir("folder")
    given = ["nope.yaml,latin.yaml", "folder", "https://r.example.com/values.yaml", "nope.yaml"]
    assert [str(item) for item in check_values(given, b"")] == [
        f"nope.yaml: cannot be read: No such file or directory\n  {UNREADABLE}",
        "latin.yaml:1:7: not UTF-8: byte 0xe9 (unexpected end of data)\n"
        "  Kubernetes manifests are UTF-8; convert the file or chart that this comes from.",
        f"folder: cannot be read: Is a directory\n  {UNREADABLE}",
    ]


def test_duplicate_keys_pass_helm(environment: Environment) -> None:
    """Why values files are checked before."""
    write("v.yaml", "word: first\nword: second\n")
    data = load(chart_input(str(SHOP)), Options(values=("v.yaml",)), environment).data
    assert b'word: "second"' in data


# --- The helm that is called ---


def program(path: str, body: str) -> str:
    """A program of the shell."""
    write(path, f"#!/bin/sh\n{body}\n").chmod(0o755)
    return os.path.abspath(path)


def test_which_helm() -> None:
    on_path, other = program("bin/helm", ""), program("other", "")
    folder = os.path.dirname(on_path)
    assert helm_program({"PATH": folder}) == on_path
    assert helm_program({"PATH": folder, "HELM_BIN": ""}) == on_path
    assert helm_program({"PATH": folder, "HELM_BIN": other}) == other
    assert helm_program({"PATH": folder, "HELM_BIN": "helm"}) == on_path


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        pytest.param(
            {},
            "there is no helm to render charts with\n"
            "  Put helm on PATH or name it in HELM_BIN; or give rendered manifests instead.",
            id="nowhere",
        ),
        pytest.param(
            {"HELM_BIN": "/nowhere/helm"},
            "HELM_BIN names no program: '/nowhere/helm'\n"
            "  Name the helm to use, or unset it to use the one on PATH.",
            id="HELM_BIN",
        ),
    ],
)
def test_no_helm(variables: dict[str, str], message: str, bare_path: str) -> None:
    world = {"PATH": bare_path, **variables}
    with pytest.raises(CheckNotMade) as caught:
        helm_program(world)
    assert str(caught.value) == message
    assert outcome_in(world, chart_input(make_chart("shop"))) == f"3 shop: {message}"
    write("x.yaml")
    assert outcome_in(world, Input("x.yaml", "manifests", "x.yaml")) == "x.yaml"


def outcome_in(world: Environment, source: Input) -> str:
    try:
        return load(source, Options(), world).name
    except CompatError as found:
        return f"{found.exit_status} {found}"


TELL = """\
for word; do echo "$word"; done
echo "${HELM_PLUGIN_NAME-unset} ${HELM_PLUGIN_DIR-unset} ${HELM_DEBUG-unset} $HELM_NAMESPACE"
cat
"""


def test_the_command_line() -> None:
    helm = program("helm", TELL)
    world = {
        "PATH": os.defpath,
        "HELM_PLUGIN_NAME": "compat",
        "HELM_PLUGIN_DIR": "/plugins/compat",
        "HELM_DEBUG": "true",
        "HELM_NAMESPACE": "aistor",
    }
    options = Options(
        values=("a.yaml", "-x.yaml"),
        set_values=("a=1", ""),
        set_strings=("b=2",),
        set_files=("c=f",),
        set_json=("d=[1]",),
        version="^1",
        repo="https://r.example.com",
        plain_http=True,
        kube_version="1.30",
        api_versions=("a/v1", "b/v1"),
        include_crds=True,
        namespace="ns",
        release_name="mine",
        stdin=b"for nobody",
    )
    last = "unset unset unset aistor"
    assert template(helm, "shop", options, world) == Rendered(
        "\n".join(
            [
                "template",
                "--values=a.yaml",
                "--values=-x.yaml",
                "--set=a=1",
                "--set-string=b=2",
                "--set-file=c=f",
                "--set-json=d=[1]",
                "--api-versions=a/v1",
                "--api-versions=b/v1",
                "--kube-version=1.30",
                "--namespace=ns",
                "--include-crds",
                "--",
                "mine",
                "shop",
                last,
                "",
            ]
        ).encode(),
        (),
    )
    simple = template(helm, "shop", Options(), world).data
    assert simple.decode().split() == ["template", "--", "release-name", "shop", *last.split()]
    with_stdin = template(helm, "shop", options._replace(values=("a.yaml,-",)), world)
    assert with_stdin.data.endswith(b"\nfor nobody")


def test_the_command_line_that_fetches() -> None:
    helm = program("helm", 'for word; do echo "$word"; done > said; touch out/shop-1.0.0.tgz')
    os.mkdir("out")
    options = Options(
        version="^1", repo="https://r.example.com", plain_http=True, namespace="ns", values=("x",)
    )
    archive = pull(helm, "shop", options, {"PATH": os.defpath}, "out")
    assert archive == "out/shop-1.0.0.tgz"
    assert Path("said").read_text("utf-8").split() == [
        "pull",
        "--destination=out",
        "--version=^1",
        "--repo=https://r.example.com",
        "--plain-http",
        "--",
        "shop",
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        pytest.param("exit 7", "it ended with exit status 7 and said nothing", id="nothing"),
        pytest.param("kill -9 $$", "signal 9 ended it and said nothing", id="killed"),
        pytest.param("echo odd >&2; exit 1", "odd", id="no word of error"),
        pytest.param("printf '\\377\\n' >&2; exit 1", "\ufffd", id="not UTF-8"),
    ],
)
def test_a_helm_that_fails_oddly(body: str, message: str) -> None:
    world = {"HELM_BIN": program("helm", body), "PATH": os.defpath}
    said = f"shop: helm could not render this chart: {message}\n  {DEBUG}"
    assert outcome_in(world, chart_input(make_chart("shop"))) == f"3 {said}"


def test_a_helm_that_cannot_run() -> None:
    write("helm", "#!/nowhere/sh\n").chmod(0o755)
    world = {"HELM_BIN": "./helm", "PATH": ""}
    said = "cannot run './helm': No such file or directory"
    assert outcome_in(world, chart_input(make_chart("shop"))) == f"3 shop: {said}"


def test_the_warnings_of_helm_4() -> None:
    lines = [
        'level=WARN msg="a \\"b\\" c" key=x',
        "level=WARN msg=short",
        "level=INFO msg=more",
        "coalesce.go:286: warning: cannot overwrite table",
        "WARNING: cannot overwrite table",
        "walk.go:75: found symbolic link in path: /x resolves to /y",
        "",
    ]
    write("said", "\n".join(lines))
    helm = program("helm", "cat said >&2")
    assert template(helm, "shop", Options(), {"PATH": os.defpath}).notes == (
        'a "b" c (key=x)',
        "short",
        "cannot overwrite table",
    )


def test_what_helm_started_ends_with_it() -> None:
    os.mkfifo("open")
    # The pipe ends when nobody is left who could write to it.
    reading = os.open("open", os.O_RDONLY | os.O_NONBLOCK)
    helm = program("helm", "sleep 600 9> open &\ntouch started\nwait")
    with pytest.raises(CheckNotMade):
        template(helm, "shop", Options(time_limit=1), {"PATH": os.defpath})
    assert os.path.exists("started")
    assert select.select([reading], [], [], 60)[0] == [reading]
    assert os.read(reading, 1) == b""
    os.close(reading)


# --- In other processes ---


def test_in_worker_processes(environment: Environment) -> None:
    make_chart("all/bad", a="{{ .Values.x.y }}")
    shutil.copytree(SHOP, "all/shop")
    write("all/ns.yaml", "kind: Namespace\n")
    found = [item for item in expand(["all"]) if isinstance(item, Input)]
    work = partial(answer, options=Options(), environment=environment)
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        answers = list(pool.map(work, found))
    namespace, bad, shop = answers
    assert namespace == Loaded("all/ns.yaml", b"kind: Namespace\n", None)
    assert isinstance(bad, CheckNotMade)
    assert bad.place == Place("all/bad/templates/a.yaml", 1, 11)
    assert (bad.hint, bad.exit_status) == (DEBUG, 3)
    assert isinstance(shop, Loaded)
    assert shop.chart is not None
    assert shop.chart.text("values.yaml") == (SHOP / "values.yaml").read_text("utf-8")


def answer(source: Input, options: Options, environment: Environment) -> Loaded | CompatError:
    try:
        return load(source, options, environment)
    except CompatError as found:
        return found


# --- From elsewhere ---


@pytest.fixture
def repository(environment: Environment) -> Iterator[str]:
    """The URL of a chart repository with one chart, on this machine."""
    os.mkdir("repository")
    run_helm(environment, "package", str(SHOP), "--destination", "repository")

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Handler, directory=os.path.abspath("repository"))
    )
    url = f"http://127.0.0.1:{server.server_address[1]}"
    run_helm(environment, "repo", "index", "repository", "--url", url)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(name: str, options: Options, environment: Environment) -> Loaded:
    (source,) = expand([name], repo=options.repo)
    assert isinstance(source, Input)
    return load(source, options, environment)


def check_fetched(loaded: Loaded, name: str, environment: Environment) -> None:
    chart = loaded.chart
    assert (loaded.name, chart and chart.name.place.file) == (name, f"{name}/Chart.yaml")
    assert chart is not None
    # What was fetched is gone, the texts are not.
    assert chart.text("values.yaml") == (SHOP / "values.yaml").read_text("utf-8")
    local = load(chart_input(str(SHOP)), Options(), environment)
    assert (loaded.data, loaded.notes) == (local.data, local.notes)


def test_from_a_repository(repository: str, environment: Environment) -> None:
    check_fetched(fetch("shop", Options(repo=repository), environment), "shop", environment)
    url = f"{repository}/shop-1.2.0.tgz"
    check_fetched(fetch(url, Options(), environment), url, environment)
    run_helm(environment, "repo", "add", "mine", repository)
    loaded = fetch("mine/shop", Options(version="^1"), environment)
    check_fetched(loaded, "mine/shop", environment)
    with pytest.raises(CheckNotMade) as caught:
        fetch("mine/shop", Options(version="^2"), environment)
    assert str(caught.value) == (
        'mine/shop: helm could not fetch this chart: chart "shop" matching ^2 not found in mine'
        " index. (try 'helm repo update'): no chart version found for shop-^2\n"
        "  helm pull --debug shows more, given the same arguments."
    )


def test_from_a_repository_that_is_not_known(environment: Environment) -> None:
    with pytest.raises(CheckNotMade) as caught:
        fetch("nope/shop", Options(), environment)
    assert str(caught.value) == (
        "nope/shop: helm could not fetch this chart: repo nope not found\n"
        "  There is no file or folder of this name either."
        " helm repo add makes a repository known, helm repo update its charts."
    )


@pytest.fixture
def registry() -> Iterator[str]:
    """The address of an empty registry on this machine, where one is installed."""
    binary = shutil.which("docker-registry") or shutil.which("registry")
    if binary is None:
        pytest.skip("no registry is installed; test_the_command_line_that_fetches has to do")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    folder = os.path.abspath("registry")
    write(
        "registry.yaml",
        f"version: 0.1\nlog: {{level: error}}\nhttp: {{addr: '{address}'}}\n"
        f"storage: {{filesystem: {{rootdirectory: '{folder}'}}}}\n",
    )
    with subprocess.Popen([binary, "serve", "registry.yaml"], stderr=subprocess.DEVNULL) as running:
        host, _, port = address.partition(":")
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection((host, int(port))):
                break
            time.sleep(0.1)
        yield address
        running.terminate()


def test_from_a_registry(registry: str, environment: Environment) -> None:
    push = ("push", package(environment), f"oci://{registry}/charts", "--plain-http")
    run_helm(environment, *push)
    name = f"oci://{registry}/charts/shop"
    for version in ("1.2.0", ""):
        options = Options(version=version, plain_http=True)
        check_fetched(fetch(name, options, environment), name, environment)
    with pytest.raises(CheckNotMade) as caught:
        fetch(name, Options(version="9.0.0", plain_http=True), environment)
    said = f"{registry}/charts/shop:9.0.0: not found"
    assert said in caught.value.message
    assert caught.value.place == Place(name)
