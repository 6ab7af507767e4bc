"""Transitions: steps that are not supported, and what a step does to what runs.

Most of it is judged with a small product of its own, the rest restates what the vendors say.
"""

from __future__ import annotations

import pytest

from helm_compat.findings import At, Finding, Locator
from helm_compat.gate.collect import Item
from helm_compat.gate.instance import Instance
from helm_compat.gate.scene import Scene
from helm_compat.gate.state import overlay
from helm_compat.gate.transitions import judge_transitions, stops_on_the_way
from helm_compat.images.tree import NOBODY, Object, Unit, objects
from helm_compat.knowledge.builtin import read_products
from helm_compat.knowledge.compatibility import Product, Products, build_product
from helm_compat.knowledge.data import load
from helm_compat.nodes import Limits, parse
from helm_compat.stream import split

SHOP = build_product(
    load("""\
product: shop
title: Shop
sources: {page: {url: https://shop.example.com/upgrade, read: 2026-11-21}}
components:
  operator: {title: Shop Operator, role: operator, scheme: semver}
  database: {title: Shop Database, role: operand, scheme: dotted}
  cache: {title: Shop Cache, role: companion, scheme: dotted}
upgrades:
  - {component: operator, to: 5.x, from: ">=4.1.0", stop: 4.1.2, source: page}
  - {component: operator, to: 5.x, from: "<2.0.0", described: true, message: two steps are behind it, source: page}
  - {component: operator, to: 4.x, from: ">=3.2.0", stop: 3.2.x, source: page}
  - {component: operator, to: 3.x, from: ">=2.0.0", stop: 2.0.0, basis: inferred, source: page}
  - {component: operator, to: 2.x, from: none, message: the group changes, source: page}
stops:
  - {component: database, lines: [2.1.x, 3.x], message: the operator refuses the jump, source: page}
crossings:
  - {id: up, component: database, at: "6.0", direction: up, message: disks are wiped, source: page}
  - {id: down, component: database, at: "6.5", direction: down, severity: error, message: no way back, source: page}
  - {id: both, component: database, at: "7.0", message: all restart, source: page}
  - {id: between, component: cache, from: "<2.0", to: ">=3.0", message: the cache is lost, source: page}
  - {id: any, component: cache, from: ">=5.0", to: any, direction: up, severity: info, message: it is read anew, source: page}
  - {id: within, component: cache, at: "4.0", within: {operator: ">=5.0.0"}, message: operator 5 restarts it, source: page}
  - id: field
    component: database
    at: "8.0"
    field: {group: shop.example.com, kind: Shop, path: "spec.links[]"}
    message: links are written anew
    source: page
downgrades:
  - {component: operator, severity: error, message: it cannot go back, source: page}
  - {component: cache, severity: warning, message: nothing was found, source: page}
editions:
  - {component: database, federal: federal, enterprise: enterprise, message: it is refused, source: page}
""")  # type: ignore[arg-type]  # a mapping, as the text shows
)
VENDORS = Products(read_products())


def thing(product: Product, text: str, origin: str = "", name: str = "") -> Instance:
    """`COMPONENT VERSION` or `COMPONENT IMAGE`."""
    component, _, written = text.partition(" ")
    image = written if "/" in written else ""
    tag = written.rpartition(":")[2] if image else written
    owner = Object("shop.example.com/v1", "Shop", "n", name) if name else NOBODY
    at = None if origin else At("in.yaml", "", 1, 1, "spec.image", owner)
    found = product.components[component].read(tag)
    problem = "" if found else "unreadable"
    return Instance(product.name, component, found, problem, tag, owner, origin, at, image=image)


def judged(
    product: Product, installed: str, rendered: str, *others: str, items: str = ""
) -> list[Finding]:
    """What is said when a release, or an image, takes the place of another; `others` stay."""
    state = overlay(
        product,
        [thing(product, text, "--installed") for text in (installed, *others)],
        [thing(product, rendered, name="x")],
    )
    found: list[Item] = []
    for document in split(items.encode()):
        unit = Unit(items, parse(items, Limits()))
        place = Locator("in.yaml", document, items)
        found += [Item(owner, root, at, unit, place) for owner, root, at in objects(unit, ())]
    return list(judge_transitions(Scene(state, {}), found))


def told(findings: list[Finding]) -> list[str]:
    return [f"{f.severity}[{f.rule}]: {f.message}" for f in findings]


UPGRADES = [
    # From, to; what is said and the way that the hint gives.
    pytest.param("4.1.0", "5.0.0", [], "", id="from the first that can"),
    pytest.param("4.9.0", "5.3.0", [], "", id="from a later one"),
    pytest.param("5.0.0", "5.3.0", [], "", id="inside a line"),
    pytest.param("5.0.0", "5.0.0", [], "", id="the same"),
    pytest.param("5.0.0", "v5.0.0", [], "", id="the same, written with a v"),
    pytest.param("5.0.0", "5.0.0+b1", [], "", id="the same, another build"),
    pytest.param("5.3.0", "6.0.0", [], "", id="to a line that no row is for"),
    pytest.param("3.2.0", "4.0.0", [], "", id="to the stop of the next"),
    pytest.param(
        "4.0.9",
        "5.0.0",
        ["error[skipped-stop]: Shop Operator 4.0.9 to 5.0.0 skips required stops"],
        "Upgrade step by step: 4.0.9 → 4.1.2 → 5.0.0.",
        id="one stop",
    ),
    pytest.param(
        "3.0.0",
        "5.0.0",
        ["error[skipped-stop]: Shop Operator 3.0.0 to 5.0.0 skips required stops"],
        "Upgrade step by step: 3.0.0 → 3.2.x → 4.1.2 → 5.0.0.",
        id="two stops, one a line",
    ),
    pytest.param(
        "3.2.4",
        "5.0.0",
        ["error[skipped-stop]: Shop Operator 3.2.4 to 5.0.0 skips required stops"],
        "Upgrade step by step: 3.2.4 → 4.1.2 → 5.0.0.",
        id="from a stop to the one behind the next",
    ),
    pytest.param(
        "2.0.0",
        "5.0.0",
        ["error[skipped-stop]: Shop Operator 2.0.0 to 5.0.0 skips required stops"],
        "Upgrade step by step: 2.0.0 → 3.2.x → 4.1.2 → 5.0.0.",
        id="from the last that is not described",
    ),
    pytest.param(
        "1.9.0",
        "5.0.0",
        [
            "warning[skipped-stop]: Shop Operator 1.9.0 to 5.0.0 is more than one step:"
            " two steps are behind it"
        ],
        "Step by step it is 1.9.0 → 2.0.0 → 3.2.x → 4.1.2 → 5.0.0.",
        id="a jump that a page describes",
    ),
    pytest.param(
        "1.9.0",
        "3.0.0",
        ["warning[skipped-stop]: Shop Operator 1.9.0 to 3.0.0 skips required stops"],
        "Upgrade step by step: 1.9.0 → 2.0.0 → 3.0.0.",
        id="a step that is inferred",
    ),
    pytest.param(
        "1.9.0",
        "2.5.0",
        [
            "error[skipped-stop]: there is no way in place from Shop Operator 1.9.0 to 2.5.0:"
            " the group changes"
        ],
        "Install it beside the old one, and move over what runs.",
        id="no way in place",
    ),
    pytest.param(
        "5.1.0",
        "5.0.0",
        [
            "error[downgrade]: Shop Operator 5.0.0 would replace the newer 5.1.0:"
            " it cannot go back"
        ],
        "Keep 5.1.0 or take a later release.",
        id="back inside a line",
    ),
    pytest.param(
        "5.0.0",
        "2.0.0",
        [
            "error[downgrade]: Shop Operator 2.0.0 would replace the newer 5.0.0:"
            " it cannot go back"
        ],
        "Keep 5.0.0 or take a later release.",
        id="back over stops: told once",
    ),
    pytest.param(
        "5.0.0",
        "5.0.0-rc1",
        [
            "error[downgrade]: Shop Operator 5.0.0-rc1 would replace the newer 5.0.0:"
            " it cannot go back"
        ],
        "Keep 5.0.0 or take a later release.",
        id="back to the candidate",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected", "hint"), UPGRADES)
def test_upgrade(old: str, new: str, expected: list[str], hint: str) -> None:
    found = judged(SHOP, f"operator {old}", f"operator {new}")
    assert told(found) == expected
    assert [f.hint for f in found] == [hint][: len(expected)]


def test_what_a_finding_holds() -> None:
    (found,) = judged(SHOP, "operator 4.0.9", "operator 5.0.0")
    assert found.notes == (
        "operator 4.0.9: installed, says --installed",
        "operator 5.0.0: in this render, Shop/n/x",
    )
    assert found.at is not None
    assert found.at.path == "spec.image"
    assert [(e.where, e.read) for e in found.evidence] == [
        ("https://shop.example.com/upgrade", "2026-11-21")
    ]
    assert found.verdict == "incompatible"


def test_what_is_inferred_says_so() -> None:
    (found,) = judged(SHOP, "operator 1.9.0", "operator 3.0.0")
    assert found.notes[-1] == (
        "inferred: the pages describe each step, none says that none may be skipped"
    )
    assert found.verdict == ""


STEPS = [
    # From, to and what else is there; what is said.
    pytest.param("database 5.0", "database 5.9", (), [], id="nothing is crossed"),
    pytest.param(
        "database 5.9",
        "database 6.0",
        (),
        ["warning[disruptive-change]: Shop Database 5.9 to 6.0: disks are wiped"],
        id="up to a release",
    ),
    pytest.param(
        "database 5.9",
        "database 6.4",
        (),
        ["warning[disruptive-change]: Shop Database 5.9 to 6.4: disks are wiped"],
        id="up over a release",
    ),
    pytest.param("database 6.0", "database 6.4", (), [], id="up from the release itself"),
    pytest.param("database 6.0", "database 5.9", (), [], id="down over what is crossed upwards"),
    pytest.param("database 6.4", "database 6.6", (), [], id="up over what is crossed downwards"),
    pytest.param(
        "database 6.5",
        "database 6.4",
        (),
        ["error[disruptive-change]: Shop Database 6.5 to 6.4: no way back"],
        id="down from the release itself",
    ),
    pytest.param("database 6.9", "database 6.5", (), [], id="down to the release itself"),
    pytest.param(
        "database 6.9",
        "database 7.1",
        (),
        ["warning[disruptive-change]: Shop Database 6.9 to 7.1: all restart"],
        id="either way, up",
    ),
    pytest.param(
        "database 7.1",
        "database 6.9",
        (),
        ["warning[disruptive-change]: Shop Database 7.1 to 6.9: all restart"],
        id="either way, down",
    ),
    pytest.param("database 7.0", "database 7.0.0", (), [], id="the same, written longer"),
    pytest.param(
        "database 5.0",
        "database 7.0",
        (),
        [
            "warning[disruptive-change]: Shop Database 5.0 to 7.0: disks are wiped",
            "warning[disruptive-change]: Shop Database 5.0 to 7.0: all restart",
        ],
        id="over two",
    ),
    pytest.param(
        "cache 1.9",
        "cache 3.0",
        (),
        ["warning[disruptive-change]: Shop Cache 1.9 to 3.0: the cache is lost"],
        id="from a range to a range",
    ),
    pytest.param("cache 1.9", "cache 2.9", (), [], id="not to the range"),
    pytest.param("cache 2.0", "cache 3.0", (), [], id="not from the range"),
    pytest.param(
        "cache 3.0",
        "cache 1.9",
        (),
        ["warning[downgrade]: Shop Cache 1.9 would replace the newer 3.0: nothing was found"],
        id="the other way round",
    ),
    pytest.param(
        "cache 5.0",
        "cache 5.1",
        (),
        ["info[disruptive-change]: Shop Cache 5.0 to 5.1: it is read anew"],
        id="to any release",
    ),
    pytest.param("cache 5.0", "cache 5.0-b2", (), [], id="to any release, but it is the same"),
    pytest.param(
        "cache 3.5",
        "cache 4.0",
        ("operator 5.0.0",),
        ["warning[disruptive-change]: Shop Cache 3.5 to 4.0: operator 5 restarts it"],
        id="within an operator",
    ),
    pytest.param("cache 3.5", "cache 4.0", ("operator 4.0.0",), [], id="within an older operator"),
    pytest.param("cache 3.5", "cache 4.0", (), [], id="within an operator that is not known"),
    pytest.param("database 2.1", "database 2.9", (), [], id="from a stop"),
    pytest.param("database 2.0", "database 2.1.5", (), [], id="to a stop"),
    pytest.param("database 1.0", "database 2.0", (), [], id="before all stops"),
    pytest.param(
        "database 2.0",
        "database 2.2",
        (),
        [
            "error[skipped-stop]: Shop Database may not go from 2.0 to 2.2 without a stop at"
            " 2.1.x: the operator refuses the jump"
        ],
        id="over a stop",
    ),
    pytest.param(
        "database 4.0",
        "database 2.9",
        (),
        [
            "error[skipped-stop]: Shop Database may not go from 4.0 to 2.9 without a stop at"
            " 3.x: the operator refuses the jump"
        ],
        id="back over a stop",
    ),
    pytest.param(
        "database 1.0",
        "database 5.0",
        (),
        [
            "error[skipped-stop]: Shop Database may not go from 1.0 to 5.0 without a stop at"
            " 2.1.x: the operator refuses the jump",
            "error[skipped-stop]: Shop Database may not go from 1.0 to 5.0 without a stop at"
            " 3.x: the operator refuses the jump",
        ],
        id="over two stops",
    ),
    pytest.param("database latest", "database 8.0", (), [], id="from a release that is not known"),
    pytest.param("database 1.0", "database latest", (), [], id="to a release that is not known"),
    pytest.param("operator 1.0.0", "database 9.0", (), [], id="another component"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "others", "expected"), STEPS)
def test_step(old: str, new: str, others: tuple[str, ...], expected: list[str]) -> None:
    assert told(judged(SHOP, old, new, *others)) == expected


def shop(spec: str, name: str = "x", kind: str = "Shop", group: str = "shop.example.com") -> str:
    return (
        f"apiVersion: {group}/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: n}}\n"
        f"spec: {spec}\n"
    )


WRITTEN_ANEW = ["warning[disruptive-change]: Shop Database 7.5 to 8.0: links are written anew"]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param(shop("{links: [a]}"), WRITTEN_ANEW, id="field is there"),
        pytest.param(shop("{links: [a, b]}"), WRITTEN_ANEW, id="twice: told once"),
        pytest.param(shop("{links: []}"), [], id="empty list"),
        pytest.param(shop("{}"), [], id="no field"),
        pytest.param(shop("{links: [a]}", name="y"), [], id="other object"),
        pytest.param(shop("{links: [a]}", kind="Store"), [], id="other kind"),
        pytest.param(shop("{links: [a]}", group="example.com"), [], id="other group"),
        pytest.param("", [], id="no object"),
    ],
)
def test_crossing_with_a_field(items: str, expected: list[str]) -> None:
    assert told(judged(SHOP, "database 7.5", "database 8.0", items=items)) == expected


SWITCH = "error[edition-switch]: Shop Database would change from"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("a/db-enterprise:5.0", "a/db-federal:5.0", [f"{SWITCH} Enterprise to Federal Edition: it is refused"], id="one way"),
        pytest.param("a/db-federal:5.0", "a/db-enterprise:5.0", [f"{SWITCH} Federal to Enterprise Edition: it is refused"], id="the other way"),
        pytest.param("a/db-enterprise:5.0", "federal.example.com/db-enterprise:5.0", [f"{SWITCH} Enterprise to Federal Edition: it is refused"], id="word in the registry"),
        pytest.param("a/db-enterprise@sha256:x", "a/db-federal@sha256:x", [f"{SWITCH} Enterprise to Federal Edition: it is refused"], id="releases not known"),
        pytest.param("a/db-enterprise:5.0", "b/db-enterprise:5.0", [], id="other registry"),
        pytest.param("a/db-enterprise:5.0", "a/db:5.0", [], id="no word after"),
        pytest.param("a/db:5.0", "a/db-federal:5.0", [], id="no word before"),
        pytest.param("5.0", "a/db-federal:5.0", [], id="no image before"),
        pytest.param("a/db-federal:5.0", "5.0", [], id="no image after"),
    ],
)  # fmt: skip
def test_edition(old: str, new: str, expected: list[str]) -> None:
    assert told(judged(SHOP, f"database {old}", f"database {new}")) == expected


@pytest.mark.parametrize(
    ("before", "to", "expected"),
    [
        pytest.param("4.1.0", "5.0.0", [], id="none"),
        pytest.param("4.0.0", "5.0.0", ["4.1.2"], id="one"),
        pytest.param("3.2.0", "5.0.0", ["4.1.2"], id="from a stop"),
        pytest.param("3.1.0", "5.0.0", ["3.2.x", "4.1.2"], id="two"),
        pytest.param("2.1.0", "3.0.0", [], id="last step"),
        pytest.param("1.0.0", "3.0.0", ["2.0.0"], id="below every step"),
    ],
)
def test_stops_on_the_way(before: str, to: str, expected: list[str]) -> None:
    operator = SHOP.components["operator"]
    old, new = operator.read(before), operator.read(to)
    assert old is not None
    assert new is not None
    row = next(r for r in SHOP.upgrades if r.to.holds(new) and not r.described)
    assert stops_on_the_way(SHOP.upgrades, row, old) == expected


AEROSPIKE = [
    # The table of upgrade paths: what is direct, and the way where it is not.
    pytest.param("4.4.1", "4.5.0", "", id="4.4.1 to 4.5.0"),
    pytest.param("4.4.0", "4.5.0", "4.4.0 → 4.4.1 → 4.5.0", id="4.4.0 to 4.5.0"),
    pytest.param("4.3.0", "4.4.1", "", id="4.3 to 4.4"),
    pytest.param("4.3.0", "4.4.0", "", id="4.3 to 4.4.0"),
    pytest.param("4.2.0", "4.4.1", "4.2.0 → 4.3.0 → 4.4.1", id="4.2 to 4.4"),
    pytest.param("4.2.0", "4.3.0", "", id="4.2 to 4.3"),
    pytest.param("4.1.2", "4.2.0", "", id="4.1.2 to 4.2"),
    pytest.param("4.0.2", "4.2.0", "4.0.2 → 4.1.2 → 4.2.0", id="4.0 to 4.2"),
    pytest.param("4.0.0", "4.1.0", "", id="4.0 to 4.1"),
    pytest.param("3.4.1", "4.0.2", "", id="3.4 to 4.0"),
    pytest.param("3.4.1", "4.1.0", "3.4.1 → 4.0.2 → 4.1.0", id="3.4 to 4.1"),
    pytest.param("3.2.2", "3.4.1", "", id="3.3 may be left out"),
    pytest.param(
        "3.4.1",
        "4.5.0",
        "3.4.1 → 4.0.2 → 4.1.2 → 4.2.0 → 4.3.0 → 4.4.1 → 4.5.0",
        id="3.4 to 4.5",
    ),
    pytest.param("2.5.0", "3.0.0", "", id="2.5 to 3.0"),
    pytest.param("3.0.0", "3.1.0", "", id="3.0 to 3.1"),
    pytest.param("2.4.0", "2.5.0", "", id="2.4 to 2.5"),
]


@pytest.mark.parametrize(("old", "new", "way"), AEROSPIKE)
def test_path_of_the_aerospike_operator(old: str, new: str, way: str) -> None:
    """Source: aerospike.com/docs/kubernetes/4.5.0/manage/upgrade/upgrading-operator and before."""
    found = judged(VENDORS["aerospike"], f"operator {old}", f"operator {new}")
    skipped = [f.hint for f in found if f.rule == "skipped-stop"]
    assert skipped == ([f"Upgrade step by step: {way}."] if way else [])


RELEASES = [
    # What the vendors say of releases that are crossed: product, from, to, the rules.
    pytest.param("aerospike", "database 5.7.0.8", "database 7.2.0.1", ["disruptive-change"], id="6.0 wipes disks"),
    pytest.param("aerospike", "database 7.2.0.1", "database 5.7.0.8", ["disruptive-change"] * 5, id="6.0 wipes disks, and every line on the way back"),
    pytest.param("aerospike", "database 6.0.0.0", "database 8.1.2.0", [], id="nothing is crossed"),
    pytest.param("aerospike", "database 8.1.2.0", "database 8.1.1.0", [], id="a downgrade without special steps"),
    pytest.param("aerospike", "database 4.2.0.1", "database 4.3.0.1", [], id="stop to stop"),
    pytest.param("aerospike", "database 4.2.0.1", "database 4.5.0.1", ["skipped-stop"], id="over a stop"),
    pytest.param("aerospike", "operator 4.4.1", "operator 4.4.0", ["downgrade"], id="operator goes back"),
    pytest.param("aerospike", "backup-service 2.0.1", "backup-service 3.0.0", ["disruptive-change"], id="migration"),
    pytest.param("minio-aistor", "object-store RELEASE.2026-05-04T23-02-27Z", "object-store RELEASE.2026-06-06T02-44-06Z", [], id="AIStor, later"),
    pytest.param("minio-aistor", "object-store RELEASE.2026-06-06T02-44-06Z", "object-store RELEASE.2026-05-04T23-02-27Z", ["downgrade"], id="AIStor, back"),
    pytest.param("minio-aistor", "object-store RELEASE.2026-06-06T02-44-06Z", "object-store RELEASE.2026-06-06T02-44-06Z.fips", [], id="fips is no other release"),
    pytest.param("minio-aistor", "object-store RELEASE.2026-06-06T02-44-06Z", "object-store RELEASE.2026-06-06T02-44-06Z.hotfix.1", [], id="to a hotfix"),
    pytest.param("minio-aistor", "object-store RELEASE.2026-06-06T02-44-06Z.hotfix.1", "object-store RELEASE.2026-06-06T02-44-06Z", ["downgrade"], id="back from a hotfix"),
    pytest.param("minio-aistor", "object-store RELEASE.2026-06-06T02-44-06Z.hotfix.5e92f3675", "object-store RELEASE.2026-06-06T02-44-06Z.hotfix.0a", [], id="hotfixes have no order"),
    pytest.param("minio-aistor", "object-store RELEASE.2025-10-01T00-00-00Z", "object-store RELEASE.2025-11-01T00-00-00Z", ["disruptive-change"], id="from an early release: all pods at once"),
    pytest.param("minio-aistor", "object-store RELEASE.2025-10-01T00-00-00Z", "object-store RELEASE.2025-12-20T04-58-37Z", ["disruptive-change"] * 2, id="all pods at once, and the licence"),
    pytest.param("minio-aistor", "object-store RELEASE.2025-12-20T04-58-37Z", "object-store RELEASE.2026-06-06T02-44-06Z", [], id="from the first release behind it"),
    pytest.param("minio-aistor", "operator RELEASE.2026-07-16T23-53-30Z", "operator RELEASE.2026-07-14T19-42-05Z", ["downgrade"], id="AIStor operator, back"),
    pytest.param("nvidia-aistore", "operator v2.1.1", "operator v3.4.0", ["disruptive-change"] * 2, id="2.1.1 is enough for 3"),
    pytest.param("nvidia-aistore", "operator v2.1.0", "operator v3.4.0", ["skipped-stop"] + ["disruptive-change"] * 2, id="labels of 2.1.1"),
    pytest.param("nvidia-aistore", "aisnode v3.28", "aisnode v4.9", [], id="AIStore, later"),
    pytest.param("nvidia-aistore", "aisnode v4.9", "aisnode v4.9-etl", [], id="a variant is no other release"),
    pytest.param("kubeairunway", "controller 0.3.1", "controller 0.4.0", ["disruptive-change"], id="the group changes"),
    pytest.param("kubeairunway", "controller 0.7.0", "controller 0.5.0", ["disruptive-change"], id="rollback below 0.6"),
]  # fmt: skip


@pytest.mark.parametrize(("product", "old", "new", "rules"), RELEASES)
def test_releases_of_the_vendors(product: str, old: str, new: str, rules: list[str]) -> None:
    found = judged(VENDORS[product], old, new)
    assert [f.rule for f in found if f.severity != "info"] == rules
