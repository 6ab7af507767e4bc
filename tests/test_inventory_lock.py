"""The lock file as `inventory` writes it: the section, all that stands around it, and drift."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_compat.cli.installed_settings import Layer, read_sources
from helm_compat.config import NO_CONFIG
from helm_compat.errors import UsageError
from helm_compat.gate.installed import read_version
from helm_compat.gate.instance import Instance
from helm_compat.gate.known import EVERY_PLATFORM, Gap
from helm_compat.images.tree import Object
from helm_compat.inventory.components import (
    NO_RELEASE,
    Component,
    Definition,
    Inventory,
    Running,
    installed,
)
from helm_compat.inventory.lock import drift, lock_text
from helm_compat.knowledge.builtin import read_products
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.detections import Owner, build_detections
from helm_compat.lock_file import read_lock

PRODUCTS = Products(read_products())
MARKS = build_detections(read_products())
THEN = "2026-11-21T07:00:00Z"
OWNERS = [Owner("aerospike", "database"), Owner("aerospike", "operator")]


def component(
    image: str,
    name: str = "orders",
    namespace: str = "prod",
    *,
    part: str = "database",
    running: tuple[str, ...] = (),
    watches: tuple[str, ...] | None = None,
) -> Component:
    """A component of Aerospike that wants an image; its pods run `running`."""
    product = PRODUCTS["aerospike"]
    kind = "Deployment" if part == "operator" else "AerospikeCluster"
    owner = Object("", kind, namespace, name)

    def read(text: str) -> Instance:
        return read_version(
            product, product.components[part], text, "", owner=owner, strict=False, image=True
        )

    wanted = Instance("aerospike", part, None, "absent", "", owner)
    if image:
        wanted = read(image)._replace(watches=watches)
    pods = tuple(Running(text, read(text).written, 1, 1) for text in running)
    return Component(wanted._replace(origin="there", live=True), "spec.image", pods, NO_RELEASE)


def make(*components: Component, **values: Any) -> Inventory:
    """An inventory of one cluster."""
    return Inventory("prod", "v1.31.4", components, (), ())._replace(**values)


ORDERS = make(component("a/b:8.1.2.0"))
SECTION = """\
installed:
  cluster: prod
  written: 2026-11-21T07:00:00Z
  kubernetes: v1.31.4
  components:
  - product: aerospike
    component: database
    version: "8.1.2.0"
    image: a/b:8.1.2.0
    namespace: prod
    object: AerospikeCluster/orders
"""


def text_of(inventory: Inventory, before: str = "") -> str:
    return lock_text(inventory, before, written=THEN, owners=OWNERS, path="lock")


# --- The section ---


def test_everything() -> None:
    watching = component("a/o:4.4.1", "ako", "op", part="operator", watches=("stage", "prod"))
    inventory = make(
        component("a/b:8.1.2.0", running=("a/b:8.1.1.0", "a/b:8.1.2.0", "a/b:8.1.0.0")),
        watching,
        definitions=(Definition("a.b.c", ("v1",), ("v1beta1", "v1"), NO_RELEASE),),
        gaps=(Gap("pods in namespace x", "no right: none"), Gap("y", "z", frozenset(OWNERS))),
        namespaces=("prod", "op"),
    )
    assert (
        text_of(inventory)
        == f"""\
version: 1
{SECTION}\
    running: ["8.1.0.0", "8.1.1.0"]
  - product: aerospike
    component: operator
    version: "4.4.1"
    image: a/o:4.4.1
    namespace: op
    object: Deployment/ako
    watches: [prod, stage]
  crds:
  - name: a.b.c
    served: [v1]
    stored: [v1beta1, v1]
  not-checked:
  - what: "pods in namespace x"
    why: "no right: none"
  - what: "y"
    why: z
    components: [aerospike/database, aerospike/operator]
  - what: "other namespaces than prod, op"
    why: "not asked for"
    components: [aerospike/database, aerospike/operator]
"""
    )


def test_nothing_is_installed() -> None:
    section = "installed:\n  written: 2026-11-21T07:00:00Z\n  components: []\n"
    assert text_of(make(cluster="", kubernetes="")) == f"version: 1\n{section}"


# --- What stands around it ---

OLD = "installed:\n  cluster: old\n"
IMAGES = "images:\n  docker.io/library/nginx:1.25: sha256:0  # by hand\n"

AROUND = [
    # What stands before the section, the section itself, and what stands behind it.
    pytest.param("version: 1\n", OLD, IMAGES, id="images behind"),
    pytest.param(f"version: 1\n{IMAGES}", OLD, "", id="images before"),
    pytest.param("", OLD, "version: 1\n", id="at the beginning"),
    pytest.param("# ours\n\nversion: 1 # one\n# next\n", OLD, IMAGES, id="comments before"),
    pytest.param("version: 1\n", OLD, f"\n# copied by mirror\n{IMAGES}", id="comment behind"),
    pytest.param("version: 1\n", OLD, "\n\n# the end\n", id="comment at the end"),
    pytest.param("version: 1\n", f"{OLD}  # of it\n\n  # too\n", f"# no\n{IMAGES}", id="own"),
    pytest.param("version: 1\n", "installed:\n", IMAGES, id="null"),
    pytest.param("version: 1\n", "installed: ~ # none\n", IMAGES, id="written null"),
    pytest.param("version: 1\n", "installed: {cluster: a}\n", IMAGES, id="flow"),
    pytest.param(
        "version: 1\n", "installed: {\n  cluster: a,\n}\n", IMAGES, id="flow over several lines"
    ),
    pytest.param("version: 1\n", '"installed" : {}\n', IMAGES, id="quoted"),
    pytest.param("version: 1\n", "installed:\n  components:\n  - x: 1\n", IMAGES, id="list"),
    pytest.param("version: 1\n", "installed:\n  components:\n  - |\n   a\n\n", IMAGES, id="block"),
    pytest.param("version: 1\n", "installed: &a\n  cluster: b\n", IMAGES, id="anchor"),
    pytest.param("---\nversion: 1\n", OLD, f"{IMAGES}...\n", id="document marks"),
    pytest.param("%YAML 1.2\n---\nversion: 1\n", OLD, "...\n# over\n", id="directive"),
    pytest.param("\ufeffversion: 1\n", OLD, IMAGES, id="byte order mark"),
    pytest.param("\ufeff", OLD, "version: 1\n", id="section behind the byte order mark"),
    pytest.param(
        'version: 1\nimages:\n  "installed:": |\n    installed:\n      cluster: a\n',
        OLD,
        "",
        id="the word elsewhere",
    ),
    pytest.param("version: 1\nimages: {ä😀: é}\n", OLD, "# ü\n", id="not ASCII"),
]
around = pytest.mark.parametrize(("before", "section", "behind"), AROUND)


@around
def test_the_section_alone_changes(before: str, section: str, behind: str) -> None:
    text = text_of(ORDERS, before + section + behind)
    assert text == before + SECTION + behind
    assert text_of(ORDERS, text) == text


@around
def test_lines_keep_their_ends(before: str, section: str, behind: str) -> None:
    text = (before + section + behind).replace("\n", "\r\n")
    expected = (before + SECTION + behind).replace("\n", "\r\n")
    assert text_of(ORDERS, text) == expected


@around
def test_the_section_is_added_behind_the_others(before: str, section: str, behind: str) -> None:
    """And before comments at the margin and the document's end."""
    if not before.strip("\ufeff"):
        before, behind = before + behind, ""
    text = text_of(ORDERS, before + behind)
    assert text.replace(SECTION, "") == before + behind
    assert text.count(SECTION) == 1
    assert text_of(ORDERS, text) == text


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param("", f"version: 1\n{SECTION}", id="nothing"),
        pytest.param("\ufeff \n", f"version: 1\n{SECTION}", id="blank"),
        pytest.param("version: 1", f"version: 1\n{SECTION}", id="no end of the line"),
        pytest.param("version: 1\ninstalled: {}", f"version: 1\n{SECTION}", id="no end, replaced"),
        pytest.param("installed:\n  cluster: old", SECTION, id="no end, block"),
        pytest.param("# mine", f"# mine\n{SECTION}", id="comments alone"),
    ],
)
def test_ends(before: str, expected: str) -> None:
    assert text_of(ORDERS, before) == expected


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("{version: 1, installed: {}}\n", id="flow"),
        pytest.param('{"version": 1}\n', id="JSON"),
        pytest.param(" version: 1\n installed: {}\n", id="indented"),
        pytest.param("version: 1\n? installed\n: {}\n", id="complex key"),
        pytest.param("--- {version: 1}\n", id="flow behind a mark"),
    ],
)
def test_other_forms_are_refused(before: str) -> None:
    with pytest.raises(UsageError) as caught:
        text_of(ORDERS, before)
    assert str(caught.value) == (
        "lock: the section `installed` cannot be written: the keys do not stand below each other,"
        " at the margin\n  Remove the file, or write its keys in lines of their own."
    )


# --- Read back ---

NAMES = st.one_of(
    st.from_regex(r"[a-z0-9]([-a-z0-9.]{0,8}[a-z0-9])?", fullmatch=True),
    st.sampled_from(["null", "true", "no", "1", "1.31", "0x1f", "1e3", "2026-11-21", "y", "0o7"]),
)
TAGS = st.sampled_from(
    ["8.1.2.0", "8.1", "7.2.0.10", "8.1.2.0_1", "latest", "unknown", "null", "ee-8.1.2.0", "1.0"]
)
DIGEST = "@sha256:" + "0" * 64
IMAGES_OF = st.one_of(
    TAGS.map(lambda tag: f"docker.io/a/b:{tag}"),
    TAGS.map(lambda tag: f"b:{tag}{DIGEST}"),
    st.sampled_from([f"r.io:5000/a/b{DIGEST}", "a/b", "b", "Not An Image", "a/Bad:1", "{{x}}/y"]),
    st.text(min_size=1, max_size=8).filter(lambda text: text.isprintable() and text.strip()),
)
PARTS = st.sampled_from(["database", "operator", "backup-service"])
WATCHES = st.none() | st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple)
COMPONENTS = st.builds(
    lambda image, name, namespace, part, running, watches: component(
        image,
        name,
        namespace,
        part=part,
        running=tuple(running),
        watches=watches if part == "operator" else None,
    ),
    st.just("") | IMAGES_OF,
    NAMES,
    NAMES,
    PARTS,
    st.lists(IMAGES_OF, max_size=2, unique=True),
    WATCHES,
)
CONTEXTS = st.text(max_size=12) | st.sampled_from(
    ["arn:aws:eks:eu-1:1:cluster/a", "kind-a", "a: b", "# a", "- a", "~", "yes", "1.0", "a\u2028b"]
)
INVENTORIES = st.builds(
    lambda cluster, kubernetes, found, gaps: make(
        *found, cluster=cluster, kubernetes=kubernetes, gaps=tuple(gaps)
    ),
    CONTEXTS.filter(lambda text: not re.search("[\ud800-\udfff]", text)),
    st.sampled_from(["", "v1.31.4", "1.30", "v1.31.4-gke.100+x"]),
    st.lists(COMPONENTS, max_size=4, unique_by=lambda c: (c.wanted.component, c.wanted.object)),
    st.lists(
        st.builds(
            Gap,
            st.text(st.characters(exclude_categories=["C"]), min_size=1),
            st.text(st.characters(exclude_categories=["Cs"])),
            st.frozensets(st.sampled_from([*OWNERS, EVERY_PLATFORM]), min_size=1),
            st.booleans(),
        )
        | st.just(Gap("Helm releases", "kept elsewhere")),
        max_size=2,
    ),
)


def facts(instance: Instance) -> tuple[object, ...]:
    """What the gate goes by; why a version cannot be told matters in a render only."""
    owner = instance.object
    return (
        instance.product,
        instance.component,
        instance.version,
        instance.problem == "absent",
        instance.written,
        (owner.kind, owner.namespace, owner.name),
        sorted(instance.watches or ()),
    )


def locked(text: str, folder: Path) -> Layer:
    path = folder / "compat.lock.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    return read_sources({}, NO_CONFIG, None, str(path), PRODUCTS, MARKS)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("locks")


@given(inventory=INVENTORIES)
def test_lock_file_tells_the_gate_what_the_cluster_tells(
    inventory: Inventory, folder: Path
) -> None:
    text = text_of(inventory)
    layer = locked(text, folder)
    live = installed(inventory, PRODUCTS)
    found = [i for i in layer.instances if i.component != "kubernetes"]
    assert {repr(facts(i)) for i in found} == {repr(facts(i)) for i in live}
    assert layer.known.gaps == inventory.gaps
    lock = read_lock(str(folder / "compat.lock.yaml"))
    assert (lock.cluster, lock.kubernetes) == (inventory.cluster, inventory.kubernetes)
    assert drift(lock, inventory) == []
    assert text_of(inventory, text) == text


# --- Drift ---

TWO = make(component("a/b:8.1.2.0"), component("a/b:7.2.0.10", "users"))
SERVED = Definition("a.b.c", ("v1",), ("v1",), NO_RELEASE)

DRIFTS = [
    # What the lock file was written of, what the cluster has now, and what is said.
    pytest.param(TWO, TWO, [], id="nothing"),
    pytest.param(
        TWO,
        TWO._replace(cluster="other", gaps=(Gap("x", "y"),)),
        [],
        id="other cluster of the same content",
    ),
    pytest.param(
        TWO,
        make(component("a/b:8.1.2.1"), component("a/b:7.2.0.10", "users")),
        ["aerospike/database AerospikeCluster/prod/orders: 8.1.2.0 → 8.1.2.1"],
        id="version",
    ),
    pytest.param(
        TWO,
        ORDERS,
        ["aerospike/database AerospikeCluster/prod/users: 7.2.0.10 → not installed"],
        id="removed",
    ),
    pytest.param(
        ORDERS,
        TWO,
        ["aerospike/database AerospikeCluster/prod/users: not installed → 7.2.0.10"],
        id="added",
    ),
    pytest.param(
        ORDERS,
        make(component("a/b:8.1.2.0", running=("a/b:8.1.1.0",))),
        ["aerospike/database AerospikeCluster/prod/orders: 8.1.2.0 → 8.1.2.0 (runs 8.1.1.0)"],
        id="rollout",
    ),
    pytest.param(
        ORDERS,
        make(component("")),
        ["aerospike/database AerospikeCluster/prod/orders: 8.1.2.0 → unknown"],
        id="no image any more",
    ),
    pytest.param(
        ORDERS,
        ORDERS._replace(kubernetes="v1.32.0"),
        ["kubernetes: v1.31.4 → v1.32.0"],
        id="Kubernetes",
    ),
    pytest.param(ORDERS, ORDERS._replace(kubernetes=""), [], id="Kubernetes not read"),
    pytest.param(
        ORDERS._replace(definitions=(SERVED,)),
        ORDERS._replace(definitions=(SERVED._replace(served=("v1", "v2")),)),
        ["CustomResourceDefinition a.b.c: v1 → v1, v2"],
        id="served versions",
    ),
    pytest.param(
        ORDERS._replace(definitions=(SERVED,)),
        ORDERS,
        ["CustomResourceDefinition a.b.c: v1 → not there"],
        id="definition removed",
    ),
    pytest.param(
        ORDERS._replace(definitions=(SERVED,)),
        ORDERS._replace(definitions=(SERVED._replace(stored=("v1", "v0")),)),
        [],
        id="stored versions do not count",
    ),
    pytest.param(
        TWO,
        make(component("a/b:8.1.2.0"), namespaces=("prod",)),
        ["aerospike/database AerospikeCluster/prod/users: 7.2.0.10 → not installed"],
        id="only one namespace was asked for, and it lacks one",
    ),
    pytest.param(TWO, make(namespaces=("stage",)), [], id="only another namespace was asked for"),
]


@pytest.mark.parametrize(("before", "now", "expected"), DRIFTS)
def test_drift(before: Inventory, now: Inventory, expected: list[str], tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text(text_of(before), encoding="utf-8")
    assert drift(read_lock(str(path)), now) == expected


def test_watched_namespaces_are_compared(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.write_text(
        text_of(make(component("a/o:4.4.1", part="operator", watches=("a",)))), encoding="utf-8"
    )
    now = make(component("a/o:4.4.1", part="operator", watches=("a", "b")))
    assert drift(read_lock(str(path)), now) == [
        "aerospike/operator Deployment/prod/orders: 4.4.1 (watches a) → 4.4.1 (watches a, b)"
    ]
