"""What is installed: how an entry is read, where it may stand, and which of several counts."""

from __future__ import annotations

from pathlib import Path

import pytest
import shop
from command import Command, make_command

from helm_compat.cli.options import RENDER, Given
from helm_compat.cli.settings import resolve_settings
from helm_compat.errors import CompatError, Place, UsageError
from helm_compat.gate.installed import EXAMPLES, read_installed
from helm_compat.images.tree import Object
from helm_compat.knowledge.builtin import read_products
from helm_compat.knowledge.compatibility import Products

DIGEST = "sha256:" + "0" * 64


@pytest.fixture
def command(tmp_path: Path) -> Command:
    command = make_command(tmp_path)
    shop.write(command.work / "shop.yaml")
    return command


# --- One entry ---


@pytest.mark.parametrize(
    ("name", "version", "component", "written", "image"),
    [
        pytest.param("shop/operator", "1.2.0", "operator", "1.2.0", "", id="version"),
        pytest.param("shop/operator", "v1.2.0", "operator", "v1.2.0", "", id="with a v"),
        pytest.param(
            "shop/database",
            "shop.io:5000/db:3.0",
            "database",
            "3.0",
            "shop.io:5000/db:3.0",
            id="image",
        ),
        pytest.param(
            "shop/database",
            f"shop/db:3.0@{DIGEST}",
            "database",
            "3.0",
            f"shop/db:3.0@{DIGEST}",
            id="image with digest",
        ),
        pytest.param("shop/kubernetes", "1.31", "kubernetes", "1.31", "", id="platform"),
        pytest.param("kubernetes", "v1.31.2-gke.5", "kubernetes", "v1.31.2-gke.5", "", id="alone"),
    ],
)
def test_entry_is_read(name: str, version: str, component: str, written: str, image: str) -> None:
    (found,) = read_installed(name, version, "here", shop.PRODUCTS)
    assert (found.product, found.component, found.written, found.image) == (
        "shop",
        component,
        written,
        image,
    )
    assert found.version
    assert (found.problem, found.origin, found.rendered) == ("", "here", False)


def test_owner_is_kept() -> None:
    owner = Object("", "Shop", "prod", "orders")
    (found,) = read_installed("shop/database", "3.0", "here", shop.PRODUCTS, owner=owner)
    assert found.object == owner


def test_kubernetes_is_that_of_every_product() -> None:
    products = Products(read_products())
    found = read_installed("kubernetes", "1.31", "here", products)
    wanted = [name for name in products.names if "kubernetes" in products[name].components]
    assert [(i.product, i.component, i.written) for i in found] == [
        (name, "kubernetes", "1.31") for name in wanted
    ]
    assert len(wanted) > 1


def test_every_scheme_has_an_example() -> None:
    products = Products(read_products())
    schemes = {c.scheme for name in products.names for c in products[name].components.values()}
    assert schemes == {*EXAMPLES}
    for name in products.names:
        for component in products[name].components.values():
            assert component.read(EXAMPLES[component.scheme])


@pytest.mark.parametrize(
    ("name", "version", "message"),
    [
        pytest.param(
            "shopp/operator",
            "1.2.0",
            "here: there is no product 'shopp'\n  Did you mean 'shop'?",
            id="product",
        ),
        pytest.param(
            "zzzz/operator",
            "1.2.0",
            "here: there is no product 'zzzz'\n  Known: shop.",
            id="like no product",
        ),
        pytest.param(
            "Shop/operator",
            "1.2.0",
            "here: there is no product 'Shop'\n  Did you mean 'shop'?",
            id="product in capitals",
        ),
        pytest.param(
            "shop/oprator",
            "1.2.0",
            "here: shop has no component 'oprator'\n  Did you mean 'operator'?",
            id="component",
        ),
        pytest.param(
            "shop/zzzz",
            "1.2.0",
            "here: shop has no component 'zzzz'\n  Known: database, kubernetes, operator.",
            id="like no component",
        ),
        pytest.param(
            "shop/operator/x",
            "1.2.0",
            "here: shop has no component 'operator/x'\n  Did you mean 'operator'?",
            id="two slashes",
        ),
        *(
            pytest.param(
                name,
                "1.2.0",
                "here: wants PRODUCT/COMPONENT=VERSION\n  As in --installed aerospike/operator=4.4.0.",
                id=f"name {name!r}",
            )
            for name in ("shop", "operator", "shop/", "", "Kubernetes")
        ),
        pytest.param(
            "/operator",
            "1.2.0",
            "here: there is no product ''\n  Known: shop.",
            id="no product",
        ),
        pytest.param(
            "shop/operator",
            "newest",
            "here: 'newest' is no version of Shop Operator\n  Versions are written as 4.4.0.",
            id="word",
        ),
        pytest.param(
            "shop/operator",
            "Latest",
            "here: 'Latest' is no version of Shop Operator\n  Versions are written as 4.4.0.",
            id="latest in capitals",
        ),
        pytest.param(
            "shop/operator",
            "1.2.x",
            "here: '1.2.x' is no version of Shop Operator\n  Versions are written as 4.4.0.",
            id="line",
        ),
        pytest.param(
            "shop/operator",
            ">=1.2.0",
            "here: '>=1.2.0' is no version of Shop Operator\n  Versions are written as 4.4.0.",
            id="range",
        ),
        pytest.param(
            "shop/database",
            "3",
            "here: '3' is no version of Shop Database\n  Versions are written as 8.1.2.0.",
            id="one number",
        ),
        pytest.param(
            "shop/kubernetes",
            "one",
            "here: 'one' is no version of Kubernetes\n  Versions are written as 1.31.",
            id="version of a platform",
        ),
        pytest.param(
            "kubernetes",
            "stable",
            "here: 'stable' is no version of Kubernetes\n  Versions are written as 1.31.",
            id="version of Kubernetes alone",
        ),
        pytest.param(
            "shop/database",
            "shop.io/db:newest",
            "here: 'newest' is no version of Shop Database\n  Versions are written as 8.1.2.0.",
            id="tag of an image",
        ),
        pytest.param(
            "shop/database",
            f"shop.io/db:newest@{DIGEST}",
            "here: 'newest' is no version of Shop Database\n  Versions are written as 8.1.2.0.",
            id="tag of an image, beside its digest",
        ),
    ],
)
def test_wrong_entry(name: str, version: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_installed(name, version, "here", shop.PRODUCTS)
    assert (str(caught.value), caught.value.exit_status) == (message, 2)


UNKNOWN = [
    # What stands there, and what is known of it: why it names no release, the text and the image.
    pytest.param("latest", ("latest", "latest", ""), id="latest"),
    pytest.param("shop.io/db:latest", ("latest", "latest", "shop.io/db:latest"), id="tag latest"),
    pytest.param(
        f"shop.io/db@{DIGEST}",
        ("digest", f"shop.io/db@{DIGEST}", f"shop.io/db@{DIGEST}"),
        id="digest alone",
    ),
    pytest.param(
        "shop.io:5000/db", ("untagged", "shop.io:5000/db", "shop.io:5000/db"), id="no tag"
    ),
    pytest.param(
        f"shop.io/db:latest@{DIGEST}",
        ("latest", "latest", f"shop.io/db:latest@{DIGEST}"),
        id="tag latest, and a digest",
    ),
]


@pytest.mark.parametrize(("version", "expected"), UNKNOWN)
def test_entry_that_names_no_release(version: str, expected: tuple[str, str, str]) -> None:
    (found,) = read_installed("shop/database", version, "here", shop.PRODUCTS)
    assert (found.problem, found.written, found.image) == expected
    assert (found.version, found.origin) == (None, "here")


def test_entry_of_a_list_that_was_read_from_a_cluster() -> None:
    """What a lock file says was seen: an unreadable version there is no fault of its user."""
    (found,) = read_installed("shop/database", "newest", "here", shop.PRODUCTS, strict=False)
    assert (found.version, found.problem, found.written) == (None, "unreadable", "newest")
    (found,) = read_installed("shop/database", "3.0", "here", shop.PRODUCTS, strict=False)
    assert (found.written, found.problem, bool(found.version)) == ("3.0", "", True)


@pytest.mark.parametrize(
    ("name", "example"),
    [
        pytest.param("aerospike/operator", "4.5.0", id="newest that is stated"),
        pytest.param("minio-aistor/operator", "RELEASE.2026-07-21T22-41-48Z", id="release date"),
        pytest.param("aerospike/kubernetes", "1.31", id="nothing is known: that of its scheme"),
    ],
)
def test_hint_shows_the_newest_release(name: str, example: str) -> None:
    products = Products(read_products())
    with pytest.raises(UsageError) as caught:
        read_installed(name, "newest", "here", products)
    assert caught.value.hint == f"Versions are written as {example}."
    product, _, component = name.partition("/")
    assert products[product].components[component].read(example)


def test_place_stands_before_the_message() -> None:
    with pytest.raises(UsageError) as caught:
        read_installed("shop/x", "1", "", shop.PRODUCTS, place=Place("file", 3, 5))
    assert str(caught.value).startswith("file:3:5: shop has no component 'x'\n")


# --- Where an entry stands ---

CONFIG = """\
products: shop.yaml
installed:
  shop/operator: 1.1.1
  shop/database: [2.1, 2.2]
"""
LOCK = """\
version: 1
installed:
  components:
  - {product: shop, component: operator, version: 1.1.9}
  - {product: shop, component: database, version: 2.9}
  - {product: shop, component: kubernetes, version: 1.29}
"""


def origins(folder: Path, flags: Given, environment: dict[str, str]) -> list[str]:
    """Component, version and origin of all that is installed."""
    gate = resolve_settings(RENDER, flags, environment, str(folder), gated=True).settings.gate
    assert gate
    return [f"{i.component} {i.written} {i.origin}" for i in gate.installed]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder with a configuration and a lock file."""
    shop.write(tmp_path / "shop.yaml")
    (tmp_path / ".helm-compat.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "compat.lock.yaml").write_text(LOCK, "utf-8")
    return tmp_path


DATABASES = [
    "database 2.1 .helm-compat.yaml:4",
    "database 2.2 .helm-compat.yaml:4",
]
PLATFORM = "kubernetes 1.29 compat.lock.yaml:6"


@pytest.mark.parametrize(
    ("flags", "environment", "wanted"),
    [
        pytest.param(
            (), "", ["operator 1.1.1 .helm-compat.yaml:3", *DATABASES, PLATFORM], id="files"
        ),
        pytest.param(
            ("shop/operator=1.1.2",),
            "",
            ["operator 1.1.2 --installed", *DATABASES, PLATFORM],
            id="one component by a flag",
        ),
        pytest.param(
            (),
            "shop/operator=1.1.3",
            ["operator 1.1.3 --installed", *DATABASES, PLATFORM],
            id="one component by the environment",
        ),
        pytest.param(
            ("shop/operator=1.1.2",),
            "shop/operator=1.1.3,shop/database=2.3",
            ["operator 1.1.2 --installed", *DATABASES, PLATFORM],
            id="flags take the place of the variable as a whole",
        ),
        pytest.param(
            ("shop/database=2.4", "shop/database=2.5"),
            "",
            [
                "database 2.4 --installed",
                "database 2.5 --installed",
                "operator 1.1.1 .helm-compat.yaml:3",
                PLATFORM,
            ],
            id="two of one component",
        ),
        pytest.param(
            ("shop/database=2.4", "kubernetes=1.30"),
            "",
            [
                "database 2.4 --installed",
                "kubernetes 1.30 --installed",
                "operator 1.1.1 .helm-compat.yaml:3",
            ],
            id="over the lock file",
        ),
        pytest.param(
            (),
            "shop/operator=1.1.3, shop/database=2.4\nshop/kubernetes=1.30",
            [
                "operator 1.1.3 --installed",
                "database 2.4 --installed",
                "kubernetes 1.30 --installed",
            ],
            id="over all files",
        ),
    ],
)
def test_flag_over_environment_over_file_over_lock(
    flags: tuple[str, ...], environment: str, wanted: list[str], sources: Path
) -> None:
    given: Given = {"installed": flags} if flags else {}
    found = origins(sources, given, {"HELM_COMPAT_INSTALLED": environment})
    assert [entry for entry in found if "kubernetes 1.30" not in entry] == [
        entry for entry in wanted if "kubernetes 1.30" not in entry
    ]
    # Kubernetes alone is that of every product.
    assert ("kubernetes 1.30 --installed" in found) == ("kubernetes 1.30 --installed" in wanted)


def test_lock_file_stands_beside_the_configuration(sources: Path) -> None:
    below = sources / "a" / "b"
    below.mkdir(parents=True)
    (below / "compat.lock.yaml").write_text("version: 5\n", "utf-8")
    assert PLATFORM in origins(below, {}, {})


def test_lock_file_stands_in_the_working_directory(sources: Path) -> None:
    (sources / ".helm-compat.yaml").unlink()
    below = sources / "a"
    below.mkdir()
    flags: Given = {"products": (str(sources / "shop.yaml"),)}
    assert [entry.partition(" ")[0] for entry in origins(sources, flags, {})] == [
        "operator",
        "database",
        "kubernetes",
    ]
    assert origins(below, flags, {}) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "installed:\n  shopp/operator: 1.0.0\n",
            "FILE:2:3: there is no product 'shopp'\n  Did you mean 'shop'?",
            id="product",
        ),
        pytest.param(
            "installed: {shop/operator: 1.2.0, shop/oprator: 1.0.0}\n",
            "FILE:1:35: shop has no component 'oprator'\n  Did you mean 'operator'?",
            id="component",
        ),
        pytest.param(
            "installed:\n  shop/database:\n  - 3.0\n  - newest\n",
            "FILE:2:3: 'newest' is no version of Shop Database\n  Versions are written as 8.1.2.0.",
            id="version in a list",
        ),
        pytest.param(
            "installed: {operator: 1.0.0}\n",
            "FILE:1:13: wants PRODUCT/COMPONENT=VERSION\n"
            "  As in --installed aerospike/operator=4.4.0.",
            id="no product",
        ),
        pytest.param(
            "installed: {shop/database: 'shop.io/Db:1.0'}\n",
            "FILE:1:13: 'shop.io/Db:1.0' is no image reference:"
            " a repository name must be lower case",
            id="image",
        ),
    ],
)
def test_fault_in_the_configuration(text: str, message: str, tmp_path: Path) -> None:
    shop.write(tmp_path / "shop.yaml")
    path = tmp_path / ".helm-compat.yaml"
    path.write_text(f"{text}products: shop.yaml\n", "utf-8")
    with pytest.raises(CompatError) as caught:
        origins(tmp_path, {}, {})
    assert str(caught.value).replace(str(path), "FILE") == message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param(
            "shop/operator",
            "--installed shop/operator: wants PRODUCT/COMPONENT=VERSION",
            id="no version",
        ),
        pytest.param(
            "shop/operator=",
            "--installed shop/operator=: wants PRODUCT/COMPONENT=VERSION",
            id="empty version",
        ),
        pytest.param(
            "operator=1.2.0",
            "--installed operator=1.2.0: wants PRODUCT/COMPONENT=VERSION\n"
            "  As in --installed aerospike/operator=4.4.0.",
            id="no product",
        ),
        pytest.param(
            "shop/oprator=1.2.0",
            "--installed shop/oprator=1.2.0: shop has no component 'oprator'\n"
            "  Did you mean 'operator'?",
            id="component",
        ),
        pytest.param(
            "shop/operator=one",
            "--installed shop/operator=one: 'one' is no version of Shop Operator\n"
            "  Versions are written as 4.4.0.",
            id="version",
        ),
    ],
)
def test_wrong_value_refuses_a_render(value: str, message: str, command: Command) -> None:
    words = ("render", "--products", "shop.yaml")
    stdin = shop.database("shop.io/db:3.0")
    refused = (2, b"", f"helm-compat refused this render:\nerror: {message}\n")
    assert command.run(*words, "--installed", value, stdin=stdin) == refused
    variables = {"HELM_COMPAT_INSTALLED": value}
    assert command.run(*words, stdin=stdin, variables=variables) == refused


# --- What unknown means ---

LONELY = """\
{severity}[missing-operator]: Shop Database 3.0 cannot be judged: no release of its operator is known
  --> <stdin>:4:26
      Shop orders spec.image
4 | spec: {{image: shop.io/db:3.0}}
  |                          ^^^
   = help: Say what is installed: --installed shop/operator=VERSION
"""
SUMS = "helm-compat: 0 of 1 image relocated"


@pytest.mark.parametrize(
    ("text", "variable", "arguments", "severity"),
    [
        pytest.param("", "", (), "warning", id="default"),
        pytest.param("", "", ("--on-unknown", "error"), "error", id="flag"),
        pytest.param("", "", ("--on-unknown=ignore",), "info", id="ignored"),
        pytest.param("", "error", (), "error", id="environment"),
        pytest.param("", "error", ("--on-unknown", "warn"), "warning", id="flag over environment"),
        pytest.param("policy: {on-unknown: error}\n", "", (), "error", id="file"),
        pytest.param(
            "policy: {on-unknown: error}\n", "ignore", (), "info", id="environment over file"
        ),
        pytest.param(
            "policy: {on-unknown: {no-operator: error}}\n", "", (), "error", id="kind in the file"
        ),
        pytest.param(
            "policy: {on-unknown: {newer: error}}\n", "", (), "warning", id="another kind"
        ),
        pytest.param(
            "policy: {on-unknown: {no-operator: error}}\n",
            "",
            ("--on-unknown", "warn"),
            "warning",
            id="flag over kind",
        ),
        pytest.param(
            "policy: {on-unknown: error, rules: {missing-operator: warning}}\n",
            "",
            (),
            "warning",
            id="severity of the rule over the policy",
        ),
    ],
)
def test_policy_for_unknowns(
    text: str, variable: str, arguments: tuple[str, ...], severity: str, command: Command
) -> None:
    (command.work / ".helm-compat.yaml").write_text(f"{text}products: shop.yaml\n", "utf-8")
    stdin = shop.database("shop.io/db:3.0")
    variables = {"HELM_COMPAT_ON_UNKNOWN": variable}
    said = command.run("render", *arguments, stdin=stdin, variables=variables)
    finding = LONELY.format(severity=severity)
    if severity == "error":
        assert (said.status, said.out) == (1, b"")
        assert said.err.startswith(f"helm-compat refused this render:\n{finding}")
    elif severity == "warning":
        assert said == (0, stdin, f"{finding}{SUMS}, 1 warning\n")
    else:
        assert said == (0, stdin, f"{SUMS}, 1 to know\n")


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--installed", "shop/operator=1.2.0"), id="known"),
        pytest.param(("--no-gate",), id="not judged"),
    ],
)
def test_nothing_is_unknown(arguments: tuple[str, ...], command: Command) -> None:
    stdin = shop.database("shop.io/db:3.0")
    said = command.run("render", "--products", "shop.yaml", *arguments, stdin=stdin)
    assert said == (0, stdin, f"{SUMS}\n")


@pytest.mark.parametrize(
    ("text", "variables", "arguments", "judged"),
    [
        pytest.param("", {}, (), True, id="default"),
        pytest.param("", {}, ("--no-gate",), False, id="flag"),
        pytest.param("", {"HELM_COMPAT_NO_GATE": "yes"}, (), False, id="environment"),
        pytest.param("no-gate: true\n", {}, (), False, id="file"),
        pytest.param("no-gate: false\n", {}, ("--no-gate",), False, id="flag over file"),
        pytest.param(
            "no-gate: true\n", {"HELM_COMPAT_NO_GATE": "no"}, (), True, id="environment over file"
        ),
    ],
)
def test_no_gate(
    text: str, variables: dict[str, str], arguments: tuple[str, ...], judged: bool, command: Command
) -> None:
    (command.work / ".helm-compat.yaml").write_text(
        f"{text}products: shop.yaml\ninstalled: {{shop/operator: 1.1.0}}\n", "utf-8"
    )
    stdin = shop.database("shop.io/db:3.0")
    said = command.run("render", "-q", *arguments, stdin=stdin, variables=variables)
    assert (said.status, said.out) == ((1, b"") if judged else (0, stdin))
