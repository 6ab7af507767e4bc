"""State: what is installed, overlaid by what a render installs, and what takes whose place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_compat.findings import At, Finding
from helm_compat.gate.clues import operators_from_annotations
from helm_compat.gate.instance import Instance, operators_of, same_object, serves
from helm_compat.gate.scene import Scene
from helm_compat.gate.settle import settled
from helm_compat.gate.state import State, overlay
from helm_compat.images.tree import NOBODY, Object
from helm_compat.knowledge.compatibility import build_product
from helm_compat.knowledge.data import load

PRODUCT = build_product(
    load("""\
product: shop
title: Shop
sources: {}
components:
  operator: {title: Shop Operator, role: operator, scheme: semver}
  helper: {title: Shop Helper, role: operator, scheme: semver}
  database: {title: Shop Database, role: operand, scheme: dotted}
  cache: {title: Shop Cache, role: companion, scheme: dotted}
  kubernetes: {title: Kubernetes, role: platform, scheme: kubernetes}
""")  # type: ignore[arg-type]  # a mapping, as the text shows
)

PROBLEMS = ("absent", "digest", "latest", "unreadable", "untagged")


def thing(text: str, where: str = "", *, product: str = "shop") -> Instance:
    """`COMPONENT VERSION` of the object `Kind/namespace/name`; a problem for what has no version."""
    component, _, written = text.partition(" ")
    found = PRODUCT.components[component].read(written)
    problem = written if written in PROBLEMS else ""
    kind, namespace, name = where.split("/") if where else ("", "", "")
    owner = Object("", kind, namespace, name) if where else NOBODY
    at = At("in.yaml", "", 1, 1, where, owner)
    return Instance(product, component, found, problem, written, owner, at=at)


def before(text: str, where: str = "", *, product: str = "shop") -> Instance:
    return thing(text, where, product=product)._replace(origin="--installed", at=None)


def told(instance: Instance) -> str:
    head = "" if instance.rendered else "installed "
    whose = f", {instance.object}" if instance.is_named else ""
    return f"{head}{instance.component} {instance.written}{whose}"


def lines(state: State) -> tuple[list[str], list[str]]:
    """The instances, and the changes as `FROM > TO`."""
    changes = [f"{told(old)} > {told(new)}" for old, new in state.changes]
    return [told(i) for i in state.instances], changes


A, B, C = "Shop/a/x", "Shop/b/x", "Shop/a/y"

OVERLAYS = [
    # What is installed, what is rendered; the state after, and what changed.
    pytest.param([], [], [], [], id="nothing"),
    pytest.param(
        [before("operator 1.0.0")], [], ["installed operator 1.0.0"], [], id="nothing rendered"
    ),
    pytest.param([], [thing("operator 1.0.0")], ["operator 1.0.0"], [], id="nothing installed"),
    pytest.param(
        [before("operator 1.0.0")],
        [thing("database 2.0", A)],
        ["installed operator 1.0.0", "database 2.0, Shop/a/x"],
        [],
        id="other component stays",
    ),
    pytest.param(
        [before("database 1.0", A)],
        [thing("database 2.0", A)],
        ["database 2.0, Shop/a/x"],
        ["installed database 1.0, Shop/a/x > database 2.0, Shop/a/x"],
        id="same object",
    ),
    pytest.param(
        [before("database 1.0", A)],
        [thing("database 1.0", A)],
        ["database 1.0, Shop/a/x"],
        ["installed database 1.0, Shop/a/x > database 1.0, Shop/a/x"],
        id="same release",
    ),
    pytest.param(
        [before("database 1.0", A)],
        [thing("database 2.0", C)],
        ["installed database 1.0, Shop/a/x", "database 2.0, Shop/a/y"],
        [],
        id="other name",
    ),
    pytest.param(
        [before("database 1.0", A)],
        [thing("database 2.0", B)],
        ["installed database 1.0, Shop/a/x", "database 2.0, Shop/b/x"],
        [],
        id="other namespace",
    ),
    pytest.param(
        [before("database 1.0", A)],
        [thing("database 2.0", "Store/a/x")],
        ["installed database 1.0, Shop/a/x", "database 2.0, Store/a/x"],
        [],
        id="other kind",
    ),
    pytest.param(
        [before("database 1.0", A)],
        [thing("database 2.0", "Shop//x")],
        ["database 2.0, Shop/x"],
        ["installed database 1.0, Shop/a/x > database 2.0, Shop/x"],
        id="namespace not rendered",
    ),
    pytest.param(
        [before("database 1.0", "Shop//x")],
        [thing("database 2.0", A)],
        ["database 2.0, Shop/a/x"],
        ["installed database 1.0, Shop/x > database 2.0, Shop/a/x"],
        id="namespace not said of what is installed",
    ),
    pytest.param(
        [before("database 1.0")],
        [thing("database 2.0", A)],
        ["database 2.0, Shop/a/x"],
        ["installed database 1.0 > database 2.0, Shop/a/x"],
        id="installed without a name",
    ),
    pytest.param(
        [before("database 1.0", A), before("database 1.1", B)],
        [thing("database 2.0", B)],
        ["installed database 1.0, Shop/a/x", "database 2.0, Shop/b/x"],
        ["installed database 1.1, Shop/b/x > database 2.0, Shop/b/x"],
        id="one of two",
    ),
    pytest.param(
        [before("database 1.0", A), before("cache 1.0", A)],
        [thing("database 2.0", A), thing("cache 1.1", A)],
        ["cache 1.1, Shop/a/x", "database 2.0, Shop/a/x"],
        [
            "installed cache 1.0, Shop/a/x > cache 1.1, Shop/a/x",
            "installed database 1.0, Shop/a/x > database 2.0, Shop/a/x",
        ],
        id="two components of one object",
    ),
    pytest.param(
        [before("database 1.0", product="other")],
        [thing("database 2.0", A, product="third")],
        [],
        [],
        id="other products",
    ),
    pytest.param(
        [before("kubernetes 1.30")],
        [thing("operator 1.0.0", "Deployment/o/o")],
        ["installed kubernetes 1.30", "operator 1.0.0, Deployment/o/o"],
        [],
        id="platform",
    ),
    pytest.param(
        [],
        [
            thing("operator 1.0.0", "Deployment/o/a"),
            thing("operator 1.0.0", "Deployment/o/b"),
            thing("operator 1.0.0", "Deployment/p/a"),
            thing("operator 1.1.0", "Deployment/o/c"),
        ],
        [
            "operator 1.0.0, Deployment/o/a",
            "operator 1.1.0, Deployment/o/c",
            "operator 1.0.0, Deployment/p/a",
        ],
        [],
        id="Deployments of one operator",
    ),
    pytest.param(
        [],
        [thing("database 1.0", A), thing("database 1.0", C)],
        ["database 1.0, Shop/a/x", "database 1.0, Shop/a/y"],
        [],
        id="operands of one release",
    ),
    pytest.param(
        [before("database 1.0")],
        [thing("database absent", A)],
        ["database 1.0, Shop/a/x"],
        ["installed database 1.0 > database 1.0, Shop/a/x"],
        id="names no image: as installed",
    ),
    pytest.param(
        [before("database 1.0", C)],
        [thing("database absent", A)],
        ["installed database 1.0, Shop/a/y", "database absent, Shop/a/x"],
        [],
        id="names no image: not that of another object",
    ),
    pytest.param(
        [before("database 1.0")],
        [thing("database absent", A), thing("database 2.0", "ConfigMap/o/d")._replace(default=True)],
        ["database 2.0, Shop/a/x", "database 2.0, ConfigMap/o/d"],
        ["installed database 1.0 > database 2.0, Shop/a/x"],
        id="names no image: the rendered default comes first",
    ),
    pytest.param(
        [before("database 1.0")],
        [thing("database digest", A), thing("database 2.0", "ConfigMap/o/d")._replace(default=True)],
        ["database digest, Shop/a/x", "database 2.0, ConfigMap/o/d"],
        ["installed database 1.0 > database digest, Shop/a/x"],
        id="digest is no absence",
    ),
    pytest.param(
        [before("database 1.0", A)],
        [thing("database 2.0", "ConfigMap/o/d")._replace(default=True)],
        ["installed database 1.0, Shop/a/x", "database 2.0, ConfigMap/o/d"],
        [],
        id="a default takes nobody's place",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("installed", "rendered", "after", "changes"), OVERLAYS)
def test_overlay(
    installed: list[Instance], rendered: list[Instance], after: list[str], changes: list[str]
) -> None:
    assert lines(overlay(PRODUCT, installed, rendered)) == (after, changes)


_things = st.lists(
    st.builds(
        thing,
        st.sampled_from(["database 1.0", "database 2.0", "database absent", "operator 1.0.0", "cache 1.0"]),
        st.sampled_from([A, B, C, "Shop//x", "Deployment/o/o"]),
    ),
    max_size=5,
)  # fmt: skip
_installed = st.lists(
    st.builds(
        before,
        st.sampled_from(["database 1.0", "database 3.0", "operator 1.0.0", "kubernetes 1.30"]),
        st.sampled_from(["", A, B, "Shop//x"]),
    ),
    max_size=5,
)


@given(_installed, _things, st.randoms())
def test_order_does_not_matter(installed: list[Instance], rendered: list[Instance], random) -> None:  # type: ignore[no-untyped-def]  # Random of hypothesis
    first = overlay(PRODUCT, installed, rendered)
    random.shuffle(installed)
    random.shuffle(rendered)
    assert lines(overlay(PRODUCT, installed, rendered)) == lines(first)


@given(_installed, _things)
def test_nothing_is_lost(installed: list[Instance], rendered: list[Instance]) -> None:
    """What is rendered is there afterwards, and what is installed is there or has a successor."""
    state = overlay(PRODUCT, installed, rendered)
    there = {(i.component, i.object) for i in state.instances}
    for new in rendered:
        operator = new.component == "operator"
        assert (new.component, new.object) in there or operator
    # Of an operator's Deployments in one place one stands for all of their release.
    kept = [(i.component, i.version, i.object.namespace, i.watches) for i in state.instances]
    for old in installed:
        twin = (old.component, old.version, old.object.namespace, old.watches)
        alike = old.component == "operator" and twin in kept
        assert (
            alike
            or old in state.instances
            or any(
                old == before or (old.is_named and old.object == before.object)
                for before, _ in state.changes
            )
        )


def test_two_without_a_name_are_not_each_others_predecessor() -> None:
    """Two databases at two releases stay as they are: neither goes back to the other's."""
    installed = [before("database 1.0"), before("database 2.0")]
    state = overlay(PRODUCT, installed, [thing("database 1.0", A), thing("database 2.0", C)])
    assert [told(old) for old, new in state.changes if old.written > new.written] == []


def test_the_object_of_the_same_namespace_comes_first() -> None:
    """Where one is surely the same object, another of its name is not."""
    installed = [before("database 1.0", "Shop//x"), before("database 2.0", A)]
    state = overlay(PRODUCT, installed, [thing("database 2.0", A)])
    assert lines(state)[1] == ["installed database 2.0, Shop/a/x > database 2.0, Shop/a/x"]


# --- Which installed one is the predecessor ---

NAMELESS_PAIR = [before("database 1.0"), before("database 3.0")]

PREDECESSORS = [
    # What is installed, what is rendered; what stays beside it, and what changed.
    pytest.param(
        NAMELESS_PAIR,
        [thing("database 3.0", A)],
        ["installed database 1.0"],
        ["installed database 3.0 > database 3.0, Shop/a/x"],
        id="one of equal release",
    ),
    pytest.param(
        NAMELESS_PAIR,
        [thing("database 3.5", A)],
        ["installed database 1.0"],
        ["installed database 3.0 > database 3.5, Shop/a/x"],
        id="nearest that is not newer",
    ),
    pytest.param(
        NAMELESS_PAIR,
        [thing("database 2.0", A)],
        ["installed database 3.0"],
        ["installed database 1.0 > database 2.0, Shop/a/x"],
        id="not the newer one, though it may be that",
    ),
    pytest.param(
        NAMELESS_PAIR,
        [thing("database 0.5", A)],
        ["installed database 3.0"],
        ["installed database 1.0 > database 0.5, Shop/a/x"],
        id="all are newer: the oldest",
    ),
    pytest.param(
        NAMELESS_PAIR,
        [thing("database 1.0", A), thing("database 2.0", C)],
        [],
        [
            "installed database 1.0 > database 1.0, Shop/a/x",
            "installed database 3.0 > database 2.0, Shop/a/y",
        ],
        id="what an equal one takes is not taken again",
    ),
    pytest.param(
        [before("database 1.0")],
        [thing("database 1.0", A), thing("database 2.0", C)],
        [],
        ["installed database 1.0 > database 1.0, Shop/a/x"],
        id="the other one is new",
    ),
    pytest.param(
        [before("database 9.0"), before("database 1.0", A)],
        [thing("database 2.0", A)],
        ["installed database 9.0"],
        ["installed database 1.0, Shop/a/x > database 2.0, Shop/a/x"],
        id="its own name comes first",
    ),
    pytest.param(
        [before("database 2.0"), before("database 1.0", A)],
        [thing("database 2.0", A)],
        ["installed database 2.0"],
        ["installed database 1.0, Shop/a/x > database 2.0, Shop/a/x"],
        id="its own name comes before an equal release",
    ),
    pytest.param(
        [before("operator 1.0.0"), before("operator 2.0.0")],
        [
            thing("operator 2.0.0", "Deployment/o/a"),
            thing("operator 2.0.0", "Deployment/o/b"),
            thing("operator 3.0.0", "Deployment/p/a"),
        ],
        [],
        [
            "installed operator 2.0.0 > operator 2.0.0, Deployment/o/a",
            "installed operator 1.0.0 > operator 3.0.0, Deployment/p/a",
        ],
        id="two Deployments of one operator are one",
    ),
    pytest.param(
        [before("database 1.0"), before("database 2.0"), before("database 3.0")],
        [thing("database 2.1", A)],
        ["installed database 1.0", "installed database 3.0"],
        ["installed database 2.0 > database 2.1, Shop/a/x"],
        id="the other two stay",
    ),
    pytest.param(
        [before("database latest"), before("database 2.0")],
        [thing("database 3.0", A)],
        ["installed database latest"],
        ["installed database 2.0 > database 3.0, Shop/a/x"],
        id="one without a release is near to nothing",
    ),
    pytest.param(
        [before("database latest")],
        [thing("database 3.0", A)],
        [],
        ["installed database latest > database 3.0, Shop/a/x"],
        id="one without a release alone",
    ),
    pytest.param(
        [before("database 2.0", B)],
        [thing("database 2.0", A)],
        ["installed database 2.0, Shop/b/x"],
        [],
        id="equal, but surely another object",
    ),
    pytest.param(
        [before("database 1.0", A), before("database 2.0", A)],
        [thing("database 3.0", A)],
        [],
        [
            "installed database 2.0, Shop/a/x > database 3.0, Shop/a/x",
            "installed database 1.0, Shop/a/x > database 3.0, Shop/a/x",
        ],
        id="of one object, what is wanted and what still runs",
    ),
    pytest.param(
        [before("database 1.0", A), before("database 2.0", A)],
        [thing("database 2.0", A)],
        [],
        ["installed database 2.0, Shop/a/x > database 2.0, Shop/a/x"],
        id="rendered again while the former still runs",
    ),
]


@pytest.mark.parametrize(("installed", "rendered", "staying", "changes"), PREDECESSORS)
def test_predecessor(
    installed: list[Instance], rendered: list[Instance], staying: list[str], changes: list[str]
) -> None:
    after, changed = lines(overlay(PRODUCT, installed, rendered))
    assert ([line for line in after if line.startswith("installed")], changed) == (staying, changes)


@given(_installed, _things)
def test_changes_are_steps_of_one_component(
    installed: list[Instance], rendered: list[Instance]
) -> None:
    """Each rendered one comes after one object, perhaps in several releases, of its component."""
    state = overlay(PRODUCT, installed, rendered)
    for old, new in state.changes:
        assert (old.rendered, new.rendered) == (False, True)
        assert old.component == new.component
        assert same_object(old, new)
        assert not any(old is left for left in state.instances)
    steps = [(id(new), old.written) for old, new in state.changes]
    assert len(steps) == len({*steps})
    objects = {(id(new), old.object if old.is_named else id(old)) for old, new in state.changes}
    assert len(objects) == len({id(new) for _, new in state.changes})
    assert list(state.before) == sorted(installed, key=lambda i: state.before.index(i))


# --- What a rule sees of it ---


@pytest.mark.parametrize(
    ("installed", "new"),
    [
        pytest.param([], True, id="nothing is installed"),
        pytest.param([before("database 1.0", A)], False, id="installed"),
        pytest.param([before("cache 1.0", A)], False, id="installed, another component of it"),
        pytest.param([before("database 1.0")], False, id="installed without a name"),
        pytest.param([before("database 1.0", "Shop//x")], False, id="perhaps the same"),
        pytest.param([before("database 1.0", C)], True, id="another one"),
        pytest.param([before("operator 1.0.0", "Deployment/o/o")], True, id="operator alone"),
        pytest.param(
            [before("operator 1.0.0", "Deployment/o/o"), before("kubernetes 1.30")],
            True,
            id="operator and its platform",
        ),
        pytest.param(
            [before("operator 1.0.0", "Deployment/o/o"), before("database 1.0")],
            False,
            id="one that is not named may be it",
        ),
    ],
)
def test_is_new(installed: list[Instance], new: bool) -> None:
    state = overlay(PRODUCT, installed, [thing("database 2.0", A)], complete=True)
    (found,) = (i for i in state.instances if i.component == "database" and i.rendered)
    assert state.is_new(found) is new
    assert not any(
        state.is_new(i) for i in state.instances if i.component == "database" and not i.rendered
    )
    # Where more may be installed than is known, nothing is new.
    assert not overlay(PRODUCT, installed, [thing("database 2.0", A)]).is_new(found)


def scene(*instances: Instance, installed: tuple[Instance, ...] = ()) -> Scene:
    return Scene(overlay(PRODUCT, installed, instances), {})


def test_components_of_a_scene() -> None:
    found = scene(thing("database 2.0", A), installed=(before("operator 1.0.0"),))
    assert [told(i) for i in found.operators] == ["installed operator 1.0.0"]
    assert [told(i) for i in found.of("database")] == ["database 2.0, Shop/a/x"]
    assert found.of("cache") == []


COMBINATIONS = [
    # What is there, the components that are asked for; what belongs together.
    pytest.param([], [], "operator database", [], id="nothing"),
    pytest.param([thing("database 1.0", A)], [], "operator database", [], id="one is missing"),
    pytest.param(
        [thing("database 1.0", A), thing("cache 2.0", A), thing("cache 3.0", C)],
        [],
        "database cache",
        ["database 1.0, Shop/a/x + cache 2.0, Shop/a/x"],
        id="parts of one object",
    ),
    pytest.param(
        [thing("database 1.0", A), thing("cache 2.0", A), thing("cache 3.0", C)],
        [],
        "cache database",
        ["cache 2.0, Shop/a/x + database 1.0, Shop/a/x"],
        id="parts of one object, the other way round",
    ),
    pytest.param(
        [thing("database 1.0", A)],
        [before("cache 2.0")],
        "database cache",
        ["database 1.0, Shop/a/x + installed cache 2.0"],
        id="one that is not named may be a part",
    ),
    pytest.param(
        [thing("database 1.0", "Shop//x"), thing("cache 2.0", A), thing("cache 3.0", B)],
        [],
        "database cache",
        [
            "database 1.0, Shop/x + cache 2.0, Shop/a/x",
            "database 1.0, Shop/x + cache 3.0, Shop/b/x",
        ],
        id="a namespace that is not said may be any",
    ),
    pytest.param(
        [thing("database 1.0", A), thing("database 2.0", B)],
        [before("kubernetes 1.30")],
        "database kubernetes",
        [
            "database 1.0, Shop/a/x + installed kubernetes 1.30",
            "database 2.0, Shop/b/x + installed kubernetes 1.30",
        ],
        id="the platform is that of all",
    ),
    pytest.param(
        [],
        [before("database 1.0", A), before("operator 1.0.0")],
        "database operator",
        [],
        id="nothing of it is rendered",
    ),
    pytest.param(
        [
            thing("database 1.0", A),
            thing("database 2.0", B),
            thing("operator 1.0.0", "Deployment/o/a")._replace(watches=("a",)),
            thing("operator 2.0.0", "Deployment/o/b")._replace(watches=("b",)),
        ],
        [],
        "operator database",
        [
            "operator 1.0.0, Deployment/o/a + database 1.0, Shop/a/x",
            "operator 2.0.0, Deployment/o/b + database 2.0, Shop/b/x",
        ],
        id="an operator and what it serves",
    ),
    pytest.param(
        [thing("database 1.0", A)],
        [before("operator 1.0.0"), before("operator 2.0.0")],
        "database operator",
        [
            "database 1.0, Shop/a/x + installed operator 1.0.0",
            "database 1.0, Shop/a/x + installed operator 2.0.0",
        ],
        id="each operator that may serve it",
    ),
]


@pytest.mark.parametrize(("rendered", "installed", "names", "expected"), COMBINATIONS)
def test_combinations(
    rendered: list[Instance], installed: list[Instance], names: str, expected: list[str]
) -> None:
    found = scene(*rendered, installed=tuple(installed)).combinations(names.split())
    assert [" + ".join(map(told, chosen.values())) for chosen in found] == expected


SUBJECTS = [
    pytest.param([thing("operator 1.0.0", "Deployment/o/o"), thing("database 1.0", A)], 1, id="operand"),
    pytest.param([thing("database 1.0", A), thing("operator 1.0.0", "Deployment/o/o")], 0, id="operand first"),
    pytest.param([before("database 1.0", A), thing("operator 1.0.0", "Deployment/o/o")], 1, id="rendered"),
    pytest.param([before("operator 1.0.0"), thing("kubernetes 1.30")], 1, id="platform that is rendered"),
    pytest.param([before("operator 1.0.0"), before("database 1.0", A)], 1, id="nothing is rendered"),
    pytest.param([thing("database 1.0", A)._replace(at=None), thing("operator 1.0.0", B)], 1, id="place that is known"),
]  # fmt: skip


@pytest.mark.parametrize(("instances", "expected"), SUBJECTS)
def test_subject(instances: list[Instance], expected: int) -> None:
    assert scene().subject(instances) is instances[expected]


UPGRADES = [
    pytest.param(
        thing("operator 1.0.0", "Deployment/o/o"),
        "2.0.0 or later",
        "Upgrade Shop Operator to 2.0.0 or later first.",
        id="rendered",
    ),
    pytest.param(
        before("operator 1.0.0"),
        "2.x",
        "Upgrade Shop Operator to 2.x first. If that is done: --installed shop/operator=VERSION",
        id="installed",
    ),
    pytest.param(
        before("kubernetes 1.30"),
        "1.31 or later",
        "Upgrade Kubernetes to 1.31 or later first. If that is done:"
        " --installed kubernetes=VERSION",
        id="platform",
    ),
    pytest.param(
        before("database 1.0", A)._replace(origin="compat.lock.yaml:5, Shop/a/x, cluster prod"),
        "2.0",
        "Upgrade Shop Database to 2.0 first. If that is done, write it into compat.lock.yaml:5.",
        id="of a lock file, by name",
    ),
    pytest.param(
        before("database 1.0"),
        "",
        "Upgrade Shop Database first. If that is done: --installed shop/database=VERSION",
        id="nothing fits",
    ),
]


@pytest.mark.parametrize(("instance", "to", "expected"), UPGRADES)
def test_upgrade(instance: Instance, to: str, expected: str) -> None:
    assert scene().upgrade(instance, to) == expected


def test_between() -> None:
    """The operator and the object, where a finding speaks of both."""
    found, shop, platform = (
        thing("operator 1.0.0", B),
        thing("database 1.0", A),
        before("kubernetes 1.30"),
    )
    assert scene().between([shop, found]) == (found, shop.object)
    assert scene().between([found, platform]) is None
    assert scene().between([shop, platform]) is None


# --- Several operators that may serve an object ---

HERE = thing("database 2.0", A)
FIRST, SECOND = before("operator 1.0.0"), before("operator 2.0.0")


def blame(*operators: Instance, owner: Instance = HERE, severity: str = "error") -> list[Finding]:
    """A finding of an object for each operator that does not fit it."""
    verdict = "incompatible" if severity == "error" else ""
    return [
        Finding(f"rule-{o.written}", severity, "x", verdict=verdict, between=(o, owner.object))
        for o in operators
    ]


@pytest.mark.parametrize("policy", ["error", "warn", "ignore"])
def test_settled_as_unknown(policy: str) -> None:
    """One of two does not say no: nobody is refused for what may be."""
    state = overlay(PRODUCT, [FIRST, SECOND], [HERE])
    (found,) = settled(Scene(state, {"no-operator": policy}), blame(state.before[0]))
    severity = {"error": "error", "warn": "warning", "ignore": "info"}[policy]
    assert (found.rule, found.severity, found.verdict) == ("rule-1.0.0", severity, "unknown")
    assert found.notes == (
        "which operator serves it is not known: operator 1.0.0 or operator 2.0.0",
    )


@pytest.mark.parametrize(
    ("installed", "findings"),
    [
        pytest.param([FIRST], blame(FIRST), id="one operator"),
        pytest.param([FIRST, SECOND], blame(FIRST, SECOND), id="both say no"),
        pytest.param([FIRST, SECOND], blame(FIRST, severity="warning"), id="warning"),
        pytest.param([FIRST, SECOND], [Finding("a", "error", "x", verdict="incompatible")], id="of no operator"),
        pytest.param([FIRST, before("helper 1.0.0")], blame(FIRST), id="operator of another kind"),
        pytest.param([FIRST, SECOND], [], id="nothing"),
    ],
)  # fmt: skip
def test_settled_as_it_was(installed: list[Instance], findings: list[Finding]) -> None:
    state = overlay(PRODUCT, installed, [HERE])
    assert list(settled(Scene(state, {}), findings)) == findings


def test_settled_for_each_object() -> None:
    """That both are blamed, each for another object, refuses neither."""
    state = overlay(PRODUCT, [FIRST, SECOND], [HERE, thing("database 3.0", B)])
    first, second = state.before
    findings = [*blame(first), *blame(second, owner=thing("database 3.0", B))]
    assert [f.verdict for f in settled(Scene(state, {}), findings)] == ["unknown", "unknown"]


OPERATOR = thing("operator 1.1.0", "Deployment/o/o")
NAMELESS = thing("operator digest", "Deployment/o/o")
CRD = "CustomResourceDefinition//crd"

ANNOTATED = [
    # What is rendered, what definitions say, whether an operator is installed; what comes of it.
    pytest.param([], [], False, [], id="nothing"),
    pytest.param([], [thing("operator 1.0.0", CRD)], False, ["operator 1.0.0"], id="alone"),
    pytest.param([], [thing("operator 1.0.0", CRD)], True, [], id="alone, one is installed"),
    pytest.param(
        [],
        [thing("operator 1.0.0", CRD), thing("operator 1.0.0", f"{CRD}2")],
        False,
        ["operator 1.0.0"],
        id="two of one release",
    ),
    pytest.param(
        [],
        [thing("operator 1.0.0", CRD), thing("operator 1.1.0", f"{CRD}2")],
        False,
        [],
        id="two that differ",
    ),
    pytest.param([], [thing("operator unreadable", CRD)], False, [], id="none that can be read"),
    pytest.param(
        [OPERATOR],
        [thing("operator 1.0.0", CRD)],
        False,
        ["operator 1.1.0, Deployment/o/o"],
        id="the image says it",
    ),
    pytest.param(
        [NAMELESS],
        [thing("operator 1.0.0", CRD)],
        False,
        ["operator 1.0.0, Deployment/o/o"],
        id="the image does not say it",
    ),
    pytest.param(
        [NAMELESS],
        [thing("operator 1.0.0", CRD)],
        True,
        ["operator 1.0.0, Deployment/o/o"],
        id="the image does not say it, one is installed",
    ),
    pytest.param(
        [NAMELESS, OPERATOR, thing("database digest", A)],
        [thing("operator 1.0.0", CRD)],
        False,
        [
            "operator 1.0.0, Deployment/o/o",
            "operator 1.1.0, Deployment/o/o",
            "database digest, Shop/a/x",
        ],
        id="one image of two, and nothing else",
    ),
]


@pytest.mark.parametrize(("rendered", "annotated", "installed", "expected"), ANNOTATED)
def test_release_from_definitions(
    rendered: list[Instance], annotated: list[Instance], installed: bool, expected: list[str]
) -> None:
    found = operators_from_annotations(PRODUCT, rendered, annotated, installed=installed)
    assert [told(i) for i in found] == expected
    assert all(i.version and not i.problem for i in found if i.component == "operator")


SAME = [
    pytest.param(A, A, True, id="same"),
    pytest.param(A, B, False, id="other namespace"),
    pytest.param(A, C, False, id="other name"),
    pytest.param(A, "Store/a/x", False, id="other kind"),
    pytest.param(A, "Shop//x", True, id="namespace not said"),
    pytest.param("Shop//x", "Shop//x", True, id="both namespaces not said"),
    pytest.param("Shop//x", "Shop//y", False, id="namespaces not said, other name"),
    pytest.param(A, "", True, id="nobody"),
    pytest.param("", "", True, id="two of nobody"),
]


@pytest.mark.parametrize(("a", "b", "expected"), SAME)
def test_same_object(a: str, b: str, expected: bool) -> None:
    first, second = thing("database 1.0", a), thing("database 1.0", b)
    assert same_object(first, second) is same_object(second, first) is expected


@pytest.mark.parametrize(
    ("watches", "namespace", "expected"),
    [
        pytest.param(None, "a", True, id="all"),
        pytest.param(("a", "b"), "b", True, id="listed"),
        pytest.param(("a", "b"), "c", False, id="not listed"),
        pytest.param(("a",), "", True, id="not said"),
        pytest.param(("ab",), "a", False, id="longer name"),
    ],
)
def test_serves(watches: tuple[str, ...] | None, namespace: str, expected: bool) -> None:
    assert serves(OPERATOR._replace(watches=watches), namespace) is expected


def operator(where: str, *watches: str) -> Instance:
    return thing("operator 1.0.0", where)._replace(watches=watches or None)


ALL = operator("Deployment/o/all")
NEAR = operator("Deployment/a/near")
LISTS_A = operator("Deployment/o/lists-a", "a")
LISTS_B = operator("Deployment/o/lists-b", "b")
ANYONE = before("operator 1.0.0")

OPERATORS = [
    pytest.param("a", [], [], id="none"),
    pytest.param("a", [ALL], [ALL], id="one for all"),
    pytest.param("a", [ANYONE], [ANYONE], id="one that nothing is known of"),
    pytest.param("a", [LISTS_B], [], id="one for another namespace"),
    pytest.param("a", [LISTS_A, LISTS_B], [LISTS_A], id="one of two"),
    pytest.param("a", [ALL, LISTS_A], [LISTS_A], id="the one that lists it"),
    pytest.param("a", [ALL, NEAR], [NEAR], id="the one beside it"),
    pytest.param("c", [ALL, NEAR], [ALL, NEAR], id="two that can be it"),
    pytest.param("", [LISTS_B], [LISTS_B], id="namespace not said"),
    pytest.param("", [LISTS_A, LISTS_B], [LISTS_A, LISTS_B], id="namespace not said, two"),
]


@pytest.mark.parametrize(("namespace", "operators", "expected"), OPERATORS)
def test_operators_of(namespace: str, operators: list[Instance], expected: list[Instance]) -> None:
    owner = Object("shop.example.com/v1", "Shop", namespace, "x")
    assert operators_of(owner, operators) == expected
