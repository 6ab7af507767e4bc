"""`check`: the verdict on versions that are typed by hand, as text and as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shop
from command import ROOT, Command, Said, make_command
from jsonschema import Draft202012Validator

SCHEMA = Draft202012Validator(json.loads((ROOT / "schemas" / "check.schema.json").read_bytes()))
SOURCE = "   = source: https://shop.example.com/matrix (read 2026-11-21)\n"
MATRIX = "   = help: helm compat matrix shop shows what fits.\n"


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """With the small product, which every run of these tests knows by its configuration."""
    command = make_command(tmp_path)
    shop.write(command.work / "shop.yaml")
    (command.work / ".helm-compat.yaml").write_text("products: shop.yaml\n", "utf-8")
    return command


def configure(command: Command, text: str) -> None:
    """Write a configuration that knows the small product too."""
    (command.work / ".helm-compat.yaml").write_text(f"products: shop.yaml\n{text}", "utf-8")


def data(said: Said) -> dict[str, Any]:
    """What was printed as JSON, which must be valid."""
    found: dict[str, Any] = json.loads(said.out)
    assert [error.message for error in SCHEMA.iter_errors(found)] == []
    assert said.err == ""
    return found


# --- Verdicts ---

FITS = {
    "the last line of a range": "operator=1.1.0 database=2.9.9",
    "the first version of a range": "operator=1.1.5 database=1.0",
    "the last version that is stated": "operator=1.2.0 database=3.1.0",
    "three components": "operator=1.4.0 database=4.2 kubernetes=1.35",
    "image": "operator=1.2.0 database=registry.example.com:5000/shop/db:3.0",
    "operator alone": "operator=1.2.0",
    "platform alone": "kubernetes=1.31",
    "two databases": "operator=1.2.0 database=2.5 database=3.0",
    "two operators": "operator=1.2.0 operator=1.4.0 database=3.0",
    "any order": "kubernetes=1.31 database=3.0 operator=1.2.0",
}


@pytest.mark.parametrize("versions", FITS.values(), ids=FITS)
def test_compatible(versions: str, command: Command) -> None:
    said = command.run("check", "shop", *versions.split())
    listed = sorted(word.partition("=") for word in versions.split())
    names = ", ".join(f"{name} {version.rpartition(':')[2]}" for name, _, version in listed)
    assert said == Said(0, f"compatible: {names}\n".encode(), "")
    said = command.run("check", "shop", *versions.split(), "-o", "json")
    assert data(said) == {"schemaVersion": 1, "verdict": "compatible", "findings": []}


PATCH = f"""\
warning[unstated-version]: Shop Database 3.1.5 is a patch release above the last one stated for Shop Operator 1.2.0
   = operator 1.2.0 supports database 2.0 to 3.1.0
{SOURCE}
compatible: database 3.1.5, operator 1.2.0
"""
TOO_NEW = f"""\
error[incompatible-versions]: Shop Database 3.0 is newer than Shop Operator 1.1.0 supports
   = operator 1.1.0 supports database 1.0 to 2.x
   = database 3.0 fits operator 1.2.x and 1.4.x
{SOURCE}\
   = help: Upgrade Shop Operator to 1.2.x or 1.4.x first.
{MATRIX}
incompatible: database 3.0, operator 1.1.0
"""
TOO_OLD = f"""\
error[incompatible-versions]: Shop Database 1.5 is older than Shop Operator 1.2.0 needs
   = operator 1.2.0 supports database 2.0 to 3.1.0
   = database 1.5 fits operator 1.1.x
{SOURCE}\
   = help: Upgrade Shop Database to 2.0 or later first.
{MATRIX}
incompatible: database 1.5, operator 1.2.0
"""
NO_OPERATOR = """\
warning[missing-operator]: Shop Database 3.0 cannot be judged: no release of its operator is known
   = help: Say what is installed: --installed shop/operator=VERSION

unknown: database 3.0
"""
NEWER = f"""\
warning[unknown-version]: Shop Operator 1.5.0 is newer than every row of the matrix; the newest is 1.4.x
{SOURCE}
unknown: operator 1.5.0
"""
OLDER = f"""\
warning[unknown-version]: Shop Operator 0.9.0 is older than every row of the matrix; the oldest is 1.1.x
{SOURCE}
unknown: database 1.0, operator 0.9.0
"""
BETWEEN = f"""\
warning[unknown-version]: Shop Operator 1.3.0 is between two rows of the matrix and has none of its own
{SOURCE}
unknown: operator 1.3.0
"""
ABOVE_NEWEST = f"""\
warning[unknown-version]: Shop Database 5.0 is newer than what is known of Shop Operator 1.4.0
   = operator 1.4.0 supports database 3.0 to 4.x
   = no operator is known to fit database 5.0
{SOURCE}
unknown: database 5.0, operator 1.4.0
"""
NOT_STATED = f"""\
warning[unknown-version]: Kubernetes 1.34 is above what is stated for Shop Operator 1.2.0
   = operator 1.2.0 supports kubernetes 1.28 to 1.33
{SOURCE}
unknown: kubernetes 1.34, operator 1.2.0
"""
OLD_KUBERNETES = f"""\
error[incompatible-versions]: Kubernetes 1.27 is older than Shop Operator 1.2.0 needs
   = operator 1.2.0 supports kubernetes 1.28 to 1.33
   = kubernetes 1.27 fits operator 1.1.x
{SOURCE}\
   = help: Upgrade Kubernetes to 1.28 or later first.
{MATRIX}
incompatible: kubernetes 1.27, operator 1.2.0
"""
DIGEST = "sha256:" + "0" * 64
LATEST = """\
warning[unreadable-version]: the release of Shop Operator is not known: 'latest' names no release
   = help: Give a tag that names the release, with the digest behind it: name:TAG@sha256:…

unknown: database 3.0, operator latest
"""
BY_DIGEST = f"""\
warning[unreadable-version]: the release of Shop Database is not known: shop.io/db@{DIGEST} is given by its digest alone, which names no release
   = help: Give a tag that names the release, with the digest behind it: name:TAG@sha256:…

unknown: database shop.io/db@{DIGEST}, operator 1.2.0
"""

cases = pytest.mark.parametrize(
    ("versions", "text"),
    [
        pytest.param("operator=1.2.0 database=3.1.5", PATCH, id="compatible with a warning"),
        pytest.param("operator=1.1.0 database=3.0", TOO_NEW, id="operand too new"),
        pytest.param("operator=1.2.0 database=1.5", TOO_OLD, id="operand too old"),
        pytest.param("operator=1.2.0 kubernetes=1.27", OLD_KUBERNETES, id="platform too old"),
        pytest.param("database=3.0", NO_OPERATOR, id="no operator"),
        pytest.param("operator=1.5.0", NEWER, id="operator newer than known"),
        pytest.param("operator=0.9.0 database=1.0", OLDER, id="operator older than known"),
        pytest.param("operator=1.3.0", BETWEEN, id="operator between two rows"),
        pytest.param("operator=1.4.0 database=5.0", ABOVE_NEWEST, id="operand newer than known"),
        pytest.param("operator=1.2.0 kubernetes=1.34", NOT_STATED, id="platform not stated"),
        pytest.param("operator=latest database=3.0", LATEST, id="latest"),
        pytest.param(f"operator=1.2.0 database=shop.io/db@{DIGEST}", BY_DIGEST, id="digest alone"),
    ],
)


@cases
def test_text(versions: str, text: str, command: Command) -> None:
    status = int(text.startswith("error"))
    assert command.run("check", "shop", *versions.split()) == Said(status, text.encode(), "")


@cases
def test_data(versions: str, text: str, command: Command) -> None:
    said = command.run("check", "shop", *versions.split(), "--output=json")
    head, _, rest = text.partition(": ")
    severity, _, rule = head.removesuffix("]").partition("[")
    lines = [line.removeprefix("   = ") for line in rest.splitlines() if line.startswith("   = ")]
    found = data(said)
    assert said.status == int(severity == "error")
    assert found["verdict"] == text.rstrip().rpartition("\n")[2].partition(":")[0]
    assert found["findings"] == [
        {
            "rule": rule,
            "severity": severity,
            "message": rest.partition("\n")[0],
            "evidence": [{"source": "https://shop.example.com/matrix", "read": "2026-11-21"}]
            if SOURCE in text
            else [],
            "hint": "\n".join(line[6:] for line in lines if line.startswith("help: ")),
            "notes": [line for line in lines if not line.startswith(("help: ", "source: "))],
        }
    ]


def test_gravest_verdict_counts(command: Command) -> None:
    """Incompatible over unknown, the gravest finding first."""
    words = ("shop", "operator=1.2.0", "database=1.5", "kubernetes=1.34")
    found = data(command.run("check", *words, "-o", "json"))
    assert found["verdict"] == "incompatible"
    assert [(f["severity"], f["rule"]) for f in found["findings"]] == [
        ("error", "incompatible-versions"),
        ("warning", "unknown-version"),
    ]


def test_unknown_wins_over_compatible(command: Command) -> None:
    words = ("shop", "operator=1.2.0", "database=3.1.5", "kubernetes=1.34")
    found = data(command.run("check", *words, "-o", "json"))
    assert (found["verdict"], len(found["findings"])) == ("unknown", 2)


# --- Exit status ---

COMPATIBLE, WARNED = "operator=1.2.0 database=3.0", "operator=1.2.0 database=3.1.5"
UNKNOWN, REFUSED = "operator=1.5.0", "operator=1.1.0 database=3.0"


@pytest.mark.parametrize(
    ("versions", "arguments", "status"),
    [
        pytest.param(COMPATIBLE, "", 0, id="compatible"),
        pytest.param(COMPATIBLE, "--fail-on info --on-unknown error", 0, id="strict, compatible"),
        pytest.param(WARNED, "", 0, id="warning"),
        pytest.param(WARNED, "--fail-on warning", 1, id="warning that fails"),
        pytest.param(WARNED, "--fail-on info", 1, id="warning fails at info"),
        pytest.param(WARNED, "--on-unknown error", 0, id="warning is not unknown"),
        pytest.param(UNKNOWN, "", 0, id="unknown"),
        pytest.param(UNKNOWN, "--on-unknown warn", 0, id="unknown as warning"),
        pytest.param(UNKNOWN, "--on-unknown error", 1, id="unknown as error"),
        pytest.param(UNKNOWN, "--on-unknown warn --fail-on warning", 1, id="unknown that fails"),
        pytest.param(UNKNOWN, "--on-unknown ignore --fail-on warning", 0, id="unknown ignored"),
        pytest.param(UNKNOWN, "--on-unknown ignore --fail-on info", 1, id="ignored, still told"),
        pytest.param(UNKNOWN, "--on-unknown error --fail-on never", 0, id="unknown, never"),
        pytest.param(REFUSED, "", 1, id="incompatible"),
        pytest.param(REFUSED, "--on-unknown ignore", 1, id="incompatible is not unknown"),
        pytest.param(REFUSED, "--fail-on never", 0, id="incompatible, never"),
    ],
)
def test_exit_status(versions: str, arguments: str, status: int, command: Command) -> None:
    said = command.run("check", "shop", *versions.split(), *arguments.split(), "-o", "json")
    verdict = {REFUSED: "incompatible", UNKNOWN: "unknown"}.get(versions, "compatible")
    assert (said.status, data(said)["verdict"]) == (status, verdict)


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        pytest.param("error", "error", id="error"),
        pytest.param("warn", "warning", id="warn"),
        pytest.param("ignore", "info", id="ignore"),
    ],
)
def test_unknown_is_as_grave_as_its_policy(word: str, severity: str, command: Command) -> None:
    configure(command, f"policy: {{on-unknown: {{newer: {word}}}}}\n")
    found = data(command.run("check", "shop", *UNKNOWN.split(), "-o", "json"))
    assert [f["severity"] for f in found["findings"]] == [severity]


@pytest.mark.parametrize(
    ("text", "variables", "arguments", "status"),
    [
        pytest.param("policy: {fail-on: never}", {}, "", 0, id="level of the file"),
        pytest.param(
            "policy: {fail-on: never}",
            {"HELM_COMPAT_FAIL_ON": "error"},
            "",
            1,
            id="level of the environment",
        ),
        pytest.param("", {"HELM_COMPAT_FAIL_ON": "error"}, "--fail-on never", 0, id="flag"),
        pytest.param(
            "policy: {rules: {incompatible-versions: warning}}", {}, "", 0, id="rule of the file"
        ),
        pytest.param("installed: {shop/operator: 1.2.0}", {}, "", 1, id="installed says nothing"),
        pytest.param("no-gate: true", {}, "", 1, id="judged although renders are not"),
        pytest.param("", {"HELM_COMPAT_NO_GATE": "1"}, "", 1, id="variable of another command"),
        pytest.param(
            "suppress: [{rule: incompatible-versions, resource: '*', reason: x}]",
            {},
            "",
            1,
            id="suppressions are for objects",
        ),
    ],
)
def test_settings(
    text: str, variables: dict[str, str], arguments: str, status: int, command: Command
) -> None:
    configure(command, text)
    words = (*REFUSED.split(), *arguments.split())
    said = command.run("check", "shop", *words, variables=variables)
    assert (said.status, said.err) == (status, "")
    assert said.out.endswith(b"\n\nincompatible: database 3.0, operator 1.1.0\n")


def test_only_what_was_typed_counts(command: Command) -> None:
    """An operator that is installed does not make a database known."""
    configure(command, "installed: {shop/operator: 1.2.0}\n")
    assert command.run("check", "shop", "database=3.0") == Said(0, NO_OPERATOR.encode(), "")


# --- Text ---


@pytest.mark.parametrize(
    ("arguments", "variables", "coloured"),
    [
        pytest.param(("check", "--color", "always"), {}, True, id="always"),
        pytest.param(("--color", "always", "check"), {}, True, id="before the command"),
        pytest.param(("check",), {}, False, id="no terminal"),
        pytest.param(("check",), {"HELM_COMPAT_COLOR": "always"}, True, id="variable"),
        pytest.param(("check", "--color=always"), {"NO_COLOR": "1"}, False, id="NO_COLOR"),
    ],
)
def test_colour(
    arguments: tuple[str, ...], variables: dict[str, str], coloured: bool, command: Command
) -> None:
    said = command.run(*arguments, "shop", *REFUSED.split(), variables=variables)
    head = "error[incompatible-versions]"
    text = TOO_NEW.replace(head, f"\x1b[1;31m{head}\x1b[0m") if coloured else TOO_NEW
    assert said == Said(1, text.encode(), "")


def test_output_of_the_environment(command: Command) -> None:
    variables = {"HELM_COMPAT_OUTPUT": "json"}
    assert data(command.run("check", "shop", *REFUSED.split(), variables=variables))
    said = command.run("check", "shop", *REFUSED.split(), "-o", "text", variables=variables)
    assert said == Said(1, TOO_NEW.encode(), "")


# --- Wrong command lines ---

SHOWS = "\n  helm-compat check --help shows what there is."
HAS = "\n  Components of shop: database, kubernetes, operator."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            "shopp operator=1.2.0",
            "there is no product 'shopp'\n  Did you mean 'shop'?",
            id="product",
        ),
        pytest.param(
            "aerospik operator=4.4.0",
            "there is no product 'aerospik'\n  Did you mean 'aerospike'?",
            id="built-in product",
        ),
        pytest.param(
            "shop oprator=1.2.0",
            "shop has no component 'oprator'\n  Did you mean 'operator'?",
            id="component",
        ),
        pytest.param(
            "shop operator=1.2.0 zzzz=1",
            "shop has no component 'zzzz'\n  Known: database, kubernetes, operator.",
            id="like no component",
        ),
        pytest.param(
            "shop shop/operator=1.2.0",
            "shop has no component 'shop/operator'\n  Did you mean 'operator'?",
            id="component with its product",
        ),
        pytest.param("shop operator", f"'operator': wants COMPONENT=VERSION{HAS}", id="no version"),
        pytest.param(
            "shop operator=", f"'operator=': wants COMPONENT=VERSION{HAS}", id="empty version"
        ),
        pytest.param(
            "shop =1.2.0",
            "shop has no component ''\n  Known: database, kubernetes, operator.",
            id="no component",
        ),
        pytest.param(
            "shop operator=newest",
            "'newest' is no version of Shop Operator\n  Versions are written as 4.4.0.",
            id="version",
        ),
        pytest.param(
            "shop database=shop.io/db:newest",
            "'newest' is no version of Shop Database\n  Versions are written as 8.1.2.0.",
            id="tag",
        ),
        pytest.param(
            "aerospike operator=newest",
            "'newest' is no version of Aerospike Kubernetes Operator\n"
            "  Versions are written as 4.5.0.",
            id="version of a product whose newest release is known",
        ),
        pytest.param(
            "shop database=shop.io/Db:3.0",
            "'shop.io/Db:3.0' is no image reference: a repository name must be lower case",
            id="image",
        ),
        pytest.param("shop", f"Missing argument 'COMPONENT=VERSION...'.{SHOWS}", id="no versions"),
        pytest.param("", f"Missing argument 'PRODUCT'.{SHOWS}", id="nothing"),
        pytest.param(
            "shop operator=1.2.0 --on-unknown never",
            "Invalid value for '--on-unknown': 'never' is not one of 'error', 'warn', 'ignore'."
            f"{SHOWS}",
            id="policy",
        ),
        pytest.param(
            "shop operator=1.2.0 --no-gate",
            f"No such option '--no-gate'.{SHOWS}",
            id="option of another command",
        ),
        pytest.param(
            "shop operator=1.2.0 -o yaml",
            f"Invalid value for '--output' / '-o': 'yaml' is not one of 'text', 'json'.{SHOWS}",
            id="form that there is not",
        ),
    ],
)
def test_wrong_command_line(arguments: str, message: str, command: Command) -> None:
    assert command.run("check", *arguments.split()) == Said(2, b"", f"error: {message}\n")


# --- What is built in ---


@pytest.mark.parametrize(
    ("versions", "status", "verdict"),
    [
        pytest.param("operator=3.4.1 database=8.1.2.0", 1, "incompatible", id="too new"),
        pytest.param("operator=4.4.0 database=8.1.2.0", 0, "compatible", id="fits"),
    ],
)
def test_aerospike(versions: str, status: int, verdict: str, command: Command) -> None:
    said = command.run("check", "aerospike", *versions.split(), "-o", "json")
    found = data(said)
    assert (said.status, found["verdict"]) == (status, verdict)
    assert [f["rule"] for f in found["findings"]] == ["incompatible-versions"] * status
    assert all(f["evidence"] for f in found["findings"])
