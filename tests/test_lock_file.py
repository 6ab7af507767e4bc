"""The lock file: what it says, how its faults are told, and the objects that it names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shop
from command import Command, make_command

from helm_compat.cli.options import RENDER
from helm_compat.cli.settings import resolve_settings
from helm_compat.config import LOCK_NAME as FILE_NAME
from helm_compat.config import find_lock
from helm_compat.errors import Place, UsageError
from helm_compat.gate.instance import Instance
from helm_compat.images.tree import NOBODY, Object
from helm_compat.lock_file import Lock, LockedComponent, read_lock

HINT = "\n  helm compat inventory writes this file; edit it in the same form."
LISTED = "product, component, version, namespace, object, image, running, watches"

FULL = """\
version: 1
installed:
  cluster: prod-eu
  written: 2026-11-21T07:00:00Z
  components:
  - {product: shop, component: database, version: 3.0, namespace: prod, object: Shop/orders}
  - product: shop
    component: operator
    version: 1.2.0
    image: registry.example.com/shop/operator:1.2.0
    namespace: shop
    object: Deployment/operator
  - {product: shop, component: kubernetes, version: "1.31"}
images:
  docker.io/library/nginx:1.25: sha256:0
"""


def write(folder: Path, text: str | bytes) -> str:
    """Write a lock file and return its path."""
    path = folder / FILE_NAME
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def component(line: str) -> str:
    """A lock file with one component, which stands at line 2, column 27."""
    return f"version: 1\ninstalled: {{components: [{line}]}}\n"


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return make_command(tmp_path)


# --- Found ---


def test_lock_file_is_found_in_its_folder_only(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    path = write(tmp_path, FULL)
    assert (find_lock(str(tmp_path)), find_lock(str(below))) == (path, None)


def test_folder_of_that_name_is_no_lock_file(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    assert find_lock(str(tmp_path)) is None


# --- Read ---


def test_everything(tmp_path: Path) -> None:
    path = write(tmp_path, FULL)
    assert read_lock(path) == Lock(
        path,
        "prod-eu",
        (
            LockedComponent(
                "shop/database", "3.0", "", Object("", "Shop", "prod", "orders"), Place(path, 6, 5)
            ),
            LockedComponent(
                "shop/operator",
                "1.2.0",
                "registry.example.com/shop/operator:1.2.0",
                Object("", "Deployment", "shop", "operator"),
                Place(path, 7, 5),
            ),
            LockedComponent("shop/kubernetes", "1.31", "", NOBODY, Place(path, 13, 5)),
        ),
        written="2026-11-21T07:00:00Z",
    )


@pytest.mark.parametrize(
    ("text", "cluster", "versions"),
    [
        pytest.param("version: 1\n", "", [], id="version only"),
        pytest.param("version: '1'\n", "", [], id="version as text"),
        pytest.param("version: 1\nimages: {a: b}\n", "", [], id="images only"),
        pytest.param("version: 1\nimages: [1, [2]]\n", "", [], id="images of any form"),
        pytest.param("version: 1\ninstalled: {}\n", "", [], id="nothing installed"),
        pytest.param("version: 1\ninstalled: {cluster: a}\n", "a", [], id="cluster only"),
        pytest.param("version: 1\ninstalled: {components: []}\n", "", [], id="no component"),
        pytest.param("version: 1\ninstalled:\n", "", [], id="installed as null"),
        pytest.param("version: 1\ninstalled: ~\n", "", [], id="installed as ~"),
        pytest.param("version: 1\ninstalled: null\n", "", [], id="installed as the word null"),
        pytest.param("version: 1\nimages:\n", "", [], id="images as null"),
        pytest.param(
            "version: 1\ninstalled:\n  cluster: a\n  components:\n",
            "a",
            [],
            id="components as null",
        ),
        pytest.param(
            "version: 1\ninstalled: {components: null}\n",
            "",
            [],
            id="components as the word null",
        ),
        pytest.param(
            component("{product: a, component: b, version: 1.10}"), "", ["1.10"], id="number"
        ),
        pytest.param(
            component("{product: a, component: b, version: 1.0, image: ''}"),
            "",
            ["1.0"],
            id="empty image",
        ),
        pytest.param(
            component("&x {product: a, component: b, version: 1.0}, *x"),
            "",
            ["1.0", "1.0"],
            id="alias",
        ),
        pytest.param(
            b"\xef\xbb\xbf" + component("{product: a, component: b, version: 1.0}").encode(),
            "",
            ["1.0"],
            id="BOM",
        ),
        pytest.param(
            component("{product: a, component: b, version: 1.0}").replace("\n", "\r\n"),
            "",
            ["1.0"],
            id="CRLF",
        ),
        pytest.param(
            '{"version": 1, "installed": {"components":'
            ' [{"product": "a", "component": "b", "version": "1.0"}]}}',
            "",
            ["1.0"],
            id="JSON",
        ),
    ],
)
def test_text_is_read(text: str | bytes, cluster: str, versions: list[str], tmp_path: Path) -> None:
    lock = read_lock(write(tmp_path, text))
    assert (lock.cluster, [c.version for c in lock.components]) == (cluster, versions)


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        pytest.param("object: Shop/orders", Object("", "Shop", "", "orders"), id="no namespace"),
        pytest.param("namespace: prod", Object("", "", "prod", ""), id="no object"),
        pytest.param(
            "object: Shop/orders, namespace: ''", Object("", "Shop", "", "orders"), id="empty"
        ),
        pytest.param(
            "object: Shop/orders, namespace: null", Object("", "Shop", "", "orders"), id="null"
        ),
        pytest.param("object: ~, namespace: prod", Object("", "", "prod", ""), id="null object"),
        pytest.param("object: orders", Object("", "", "", "orders"), id="no kind"),
    ],
)
def test_objects_that_are_named(line: str, owner: Object, tmp_path: Path) -> None:
    text = component(f"{{product: a, component: b, version: 1.0, {line}}}")
    assert [c.owner for c in read_lock(write(tmp_path, text)).components] == [owner]


# --- Faults ---


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # The file
        pytest.param("", "FILE: the lock file is empty", id="empty"),
        pytest.param("# nothing\n", "FILE: the lock file is empty", id="comment"),
        pytest.param(
            b"version: 1 # caf\xe9\n",
            "FILE: cannot read the lock file: it is not UTF-8",
            id="not UTF-8",
        ),
        pytest.param(
            "version: 1\n\tinstalled: {}\n",
            "FILE:2:1: a tab stands where YAML wants spaces",
            id="tab",
        ),
        pytest.param("[" * 60, "FILE:1:51: nested more than 50 levels deep", id="nested"),
        pytest.param(
            "version: 1\n---\nversion: 1\n",
            "FILE:3:1: a second document; a lock file has one",
            id="two documents",
        ),
        pytest.param(
            "- a\n",
            f"FILE:1:1: a lock file is a mapping of version, installed, images{HINT}",
            id="list",
        ),
        pytest.param(
            "a\n",
            f"FILE:1:1: a lock file is a mapping of version, installed, images{HINT}",
            id="text",
        ),
        # Its version
        pytest.param(
            "installed: {}\n",
            f"FILE:1:1: this release reads lock files of version 1{HINT}",
            id="no version",
        ),
        pytest.param(
            "installed: {}\nversion: 2\n",
            f"FILE:2:10: this release reads lock files of version 1{HINT}",
            id="version 2",
        ),
        pytest.param(
            "version: 1.0\n",
            f"FILE:1:10: this release reads lock files of version 1{HINT}",
            id="version 1.0",
        ),
        pytest.param(
            "version: [1]\n",
            f"FILE:1:10: this release reads lock files of version 1{HINT}",
            id="version as list",
        ),
        # Keys
        pytest.param(
            "version: 1\ninstaled: {}\n",
            "FILE:2:1: unknown key 'instaled' in a lock file;"
            f" known: version, installed, images{HINT}",
            id="unknown key",
        ),
        pytest.param(
            "version: 1\n[a]: b\n",
            f"FILE:2:1: unknown key '' in a lock file; known: version, installed, images{HINT}",
            id="key that is a list",
        ),
        pytest.param(
            "version: 1\ninstalled:\n  clusters: a\n",
            "FILE:3:3: unknown key 'clusters' in installed;"
            f" known: cluster, written, kubernetes, components, crds, not-checked{HINT}",
            id="unknown key in installed",
        ),
        pytest.param(
            component("{product: a, component: b, release: 1.0}"),
            f"FILE:2:53: unknown key 'release' in a component; known: {LISTED}{HINT}",
            id="unknown key in a component",
        ),
        pytest.param(
            "version: 1\nversion: 1\n",
            f"FILE:2:1: the key 'version' stands twice{HINT}",
            id="key twice",
        ),
        pytest.param(
            "version: 1\ninstalled: {cluster: a, cluster: a}\n",
            f"FILE:2:25: the key 'cluster' stands twice{HINT}",
            id="key of installed twice",
        ),
        pytest.param(
            component("{product: a, product: a}"),
            f"FILE:2:39: the key 'product' stands twice{HINT}",
            id="key of a component twice",
        ),
        pytest.param(
            component("{component: b, version: 1.0}"),
            f"FILE:2:26: a component lacks 'product'{HINT}",
            id="no product",
        ),
        pytest.param(
            component("{product: a, component: b, image: 'r.io/b:1'}"),
            f"FILE:2:26: a component lacks 'version'{HINT}",
            id="no version, but an image",
        ),
        pytest.param(
            component("{product: a, component: b, version: null}"),
            f"FILE:2:26: a component lacks 'version'{HINT}",
            id="version as null",
        ),
        pytest.param(
            component("{product: '', component: '', version: ''}"),
            f"FILE:2:26: a component lacks 'product' and 'component' and 'version'{HINT}",
            id="empty texts",
        ),
        # Types
        pytest.param(
            "version: 1\ninstalled: []\n",
            f"FILE:2:12: installed is a mapping of cluster, written, kubernetes, components, crds, not-checked{HINT}",
            id="installed as list",
        ),
        pytest.param(
            "version: 1\ninstalled: none\n",
            f"FILE:2:12: installed is a mapping of cluster, written, kubernetes, components, crds, not-checked{HINT}",
            id="installed as text",
        ),
        pytest.param(
            "version: 1\ninstalled: 'null'\n",
            f"FILE:2:12: installed is a mapping of cluster, written, kubernetes, components, crds, not-checked{HINT}",
            id="installed as the text null",
        ),
        pytest.param(
            "version: 1\ninstalled: false\n",
            f"FILE:2:12: installed is a mapping of cluster, written, kubernetes, components, crds, not-checked{HINT}",
            id="installed as false",
        ),
        pytest.param(
            "version: 1\ninstalled: {components: {a/b: 1.0}}\n",
            f"FILE:2:25: components is a list{HINT}",
            id="components as mapping",
        ),
        pytest.param(
            "version: 1\ninstalled:\n  components: none\n",
            f"FILE:3:15: components is a list{HINT}",
            id="components as text",
        ),
        pytest.param(
            component("a/b=1.0"),
            f"FILE:2:26: a component is a mapping of {LISTED}{HINT}",
            id="component as text",
        ),
        pytest.param(
            component("{product: a, component: b, version: [1.0]}"),
            f"FILE:2:62: wants a string{HINT}",
            id="version as list",
        ),
        pytest.param(
            component("{product: a, component: b, version: 1.0, object: {kind: Shop}}"),
            f"FILE:2:75: wants a string{HINT}",
            id="object as mapping",
        ),
        # Places
        pytest.param(
            b"\xef\xbb\xbfversion: 2\n",
            f"FILE:1:10: this release reads lock files of version 1{HINT}",
            id="behind a BOM",
        ),
        pytest.param(
            "version: 1 # \xfc\r\ninstaled: {}\r\n",
            "FILE:2:1: unknown key 'instaled' in a lock file;"
            f" known: version, installed, images{HINT}",
            id="behind CRLF",
        ),
        pytest.param(
            component("{product: üü, component: b, release: 1}"),
            f"FILE:2:54: unknown key 'release' in a component; known: {LISTED}{HINT}",
            id="behind what is not ASCII",
        ),
    ],
)
def test_fault_is_told_with_its_place(text: str | bytes, message: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        read_lock(path)
    assert str(caught.value).replace(path, "FILE") == message


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param("none.yaml", "No such file or directory", id="missing"),
        pytest.param(".", "Is a directory", id="folder"),
    ],
)
def test_file_that_cannot_be_read(name: str, why: str, tmp_path: Path) -> None:
    path = str(tmp_path / name)
    with pytest.raises(UsageError) as caught:
        read_lock(path)
    assert str(caught.value) == f"{path}: cannot read the lock file: {why}"


# --- What it means for a render ---


def installed(folder: Path, text: str) -> tuple[Instance, ...]:
    """What a lock file says to a render."""
    shop.write(folder / "shop.yaml")
    write(folder, text)
    flags = {"products": (str(folder / "shop.yaml"),)}
    gate = resolve_settings(RENDER, {**flags}, {}, str(folder), gated=True).settings.gate
    assert gate
    return gate.installed


def test_components_are_known_by_their_place(tmp_path: Path) -> None:
    found = [
        (i.component, i.written, i.image, str(i.object), i.origin)
        for i in installed(tmp_path, FULL)
    ]
    lock, cluster = "compat.lock.yaml", "cluster prod-eu"
    assert found == [
        ("database", "3.0", "", "Shop/prod/orders", f"{lock}:6, Shop/prod/orders, {cluster}"),
        (
            "operator",
            "1.2.0",
            "registry.example.com/shop/operator:1.2.0",
            "Deployment/shop/operator",
            f"{lock}:7, Deployment/shop/operator, {cluster}",
        ),
        ("kubernetes", "1.31", "", "a document", f"{lock}:13, {cluster}"),
    ]


def test_no_cluster_is_named(tmp_path: Path) -> None:
    text = component("{product: shop, component: operator, version: 1.2.0}")
    assert [i.origin for i in installed(tmp_path, text)] == ["compat.lock.yaml:2"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(
            "{product: shopp, component: operator, version: 1.2.0}",
            "FILE:2:26: there is no product 'shopp'\n  Did you mean 'shop'?",
            id="product",
        ),
        pytest.param(
            "{product: shop, component: operators, version: 1.2.0}",
            "FILE:2:26: shop has no component 'operators'\n  Did you mean 'operator'?",
            id="component",
        ),
    ],
)
def test_what_no_product_knows(line: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        installed(tmp_path, component(line))
    assert str(caught.value).replace(str(tmp_path / FILE_NAME), "FILE") == message


LINES = [
    # An entry; its release, why there is none, the text that says it, and the image.
    pytest.param(
        "version: 1.2.0, image: 'shop.io/operator:1.3.0'",
        (True, "", "1.2.0", "shop.io/operator:1.3.0"),
        id="the version counts",
    ),
    pytest.param(
        f"version: 1.2.0, image: 'shop.io/operator@sha256:{'0' * 64}'",
        (True, "", "1.2.0", f"shop.io/operator@sha256:{'0' * 64}"),
        id="image with a digest alone",
    ),
    pytest.param("version: 1.2.0, image: ''", (True, "", "1.2.0", ""), id="empty image"),
    pytest.param("version: newest", (False, "unreadable", "newest", ""), id="unreadable"),
    pytest.param("version: latest", (False, "latest", "latest", ""), id="latest"),
    pytest.param(
        "version: latest, image: 'shop.io/operator:latest'",
        (False, "latest", "latest", "shop.io/operator:latest"),
        id="latest, with its image",
    ),
    pytest.param(
        "version: 'shop.io/operator:1.2.0'",
        (True, "", "1.2.0", "shop.io/operator:1.2.0"),
        id="image as the version",
    ),
    pytest.param(
        "version: 'shop.io/Operator:1.2.0'",
        (False, "unreadable", "shop.io/Operator:1.2.0", "shop.io/Operator:1.2.0"),
        id="image that is no reference as the version: a cluster may have it",
    ),
    pytest.param("version: unknown", (False, "absent", "", ""), id="unknown"),
    pytest.param(
        "version: unknown, image: 'shop.io/operator:unknown'",
        (False, "unreadable", "unknown", "shop.io/operator:unknown"),
        id="a tag that is the word unknown",
    ),
    pytest.param(
        "version: 1.2.0, image: 'shop.io/Operator:1.2.0'",
        (True, "", "1.2.0", "shop.io/Operator:1.2.0"),
        id="image that is no reference: it is kept as it is",
    ),
]


@pytest.mark.parametrize(("line", "expected"), LINES)
def test_version_counts(line: str, expected: tuple[bool, str, str, str], tmp_path: Path) -> None:
    text = component(f"{{product: shop, component: operator, {line}}}")
    (found,) = installed(tmp_path, text)
    assert (bool(found.version), found.problem, found.written, found.image) == expected


TWO_DATABASES = """\
version: 1
installed:
  components:
  - {product: shop, component: operator, version: 1.1.0}
  - {product: shop, component: database, version: 1.0, namespace: prod, object: Shop/orders}
  - {product: shop, component: database, version: 2.0, namespace: test, object: Shop/orders}
"""


@pytest.mark.parametrize(
    ("namespace", "left"),
    [
        pytest.param("prod", ["2.0 test"], id="one of two"),
        pytest.param("test", ["1.0 prod"], id="the other"),
        pytest.param("new", ["1.0 prod", "2.0 test"], id="a third one"),
        # The one that is nearest, and its namespace is not said.
        pytest.param("", ["1.0 prod"], id="a namespace that is not said may be any"),
    ],
)
def test_render_takes_the_place_of_its_own_object(
    namespace: str, left: list[str], command: Command
) -> None:
    shop.write(command.work / "shop.yaml")
    write(command.work, TWO_DATABASES)
    words = ("render", "-q", "--products", "shop.yaml", "--report", "report.json")
    stdin = shop.database("shop.io/db:2.1", namespace=namespace)
    assert command.run(*words, stdin=stdin) == (0, stdin, "")
    listed = components(command)
    assert [entry for entry in listed if not entry.startswith(("1.1.0", "2.1"))] == left
    assert f"2.1 {namespace}".strip() in listed


def test_namespace_of_the_release_tells_which_one(command: Command) -> None:
    shop.write(command.work / "shop.yaml")
    write(command.work, TWO_DATABASES)
    words = ("render", "-q", "--products", "shop.yaml", "--report", "report.json", "-n", "prod")
    stdin = shop.database("shop.io/db:2.1")
    assert command.run(*words, stdin=stdin) == (0, stdin, "")
    assert components(command) == ["1.1.0", "2.0 test", "2.1 prod"]


def components(command: Command) -> list[str]:
    """Version and namespace of every component of a report."""
    report = json.loads((command.work / "report.json").read_bytes())
    return sorted(f"{c['version']} {c['namespace']}".strip() for c in report["components"])


def test_broken_lock_file_refuses_a_render(command: Command) -> None:
    write(command.work, "version: 1\nimage: {}\n")
    said = command.run("render", stdin=b"a: b\n")
    place = f"{command.work / FILE_NAME}:2:1"
    assert said == (
        2,
        b"",
        f"helm-compat refused this render:\nerror: {place}: unknown key 'image' in a lock file;"
        f" known: version, installed, images{HINT}\n",
    )
    assert command.run("render", "-q", "--no-gate", stdin=b"a: b\n") == (0, b"a: b\n", "")
    assert command.run("images", "-", stdin=b"a: b\n").status == 0
