"""Suppressions: what one is for, how long it holds, and what becomes of a finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shop
from command import Command, make_command

from helm_compat.errors import Place
from helm_compat.findings import At, Finding, at_least
from helm_compat.gate.judge import Judgement
from helm_compat.images.tree import Object
from helm_compat.suppress import Suppression, resource_of, suppress

TODAY = "2026-11-21"
PLACE = Place(".helm-compat.yaml", 3, 5)


def finding(rule: str = "downgrade", resource: str = "", severity: str = "error") -> Finding:
    """A finding of an object that is written as suppressions write it, or of the run as a whole."""
    parts = resource.split("/")
    owner = Object("shop.example.com/v1", parts[0], "/".join(parts[1:-1]), parts[-1])
    at = At("<stdin>", "", 4, 15, "spec.image", owner) if resource else None
    return Finding(rule, severity, "it goes back", at, verdict="incompatible")


def entry(
    resource: str = "*", *, rule: str = "downgrade", reason: str = "why", until: str = ""
) -> Suppression:
    """One entry of a configuration."""
    return Suppression(rule, resource, reason, until, PLACE)


def reasons(findings: list[Finding], *entries: Suppression) -> list[str]:
    """Why each finding is suppressed, what is said of the entries themselves left out."""
    return [found.suppressed for found in suppress(findings, entries, today=TODAY)][: len(findings)]


# --- What an entry is for ---


@pytest.mark.parametrize(
    ("owner", "text"),
    [
        pytest.param(
            Object("v1", "Shop", "prod", "orders"), "Shop/prod/orders", id="all is said"
        ),
        pytest.param(Object("v1", "Shop", "", "orders"), "Shop/orders", id="no namespace"),
        pytest.param(Object("", "", "", "orders"), "orders", id="name only"),
        pytest.param(Object("v1", "Shop", "prod", ""), "", id="no name"),
    ],
)  # fmt: skip
def test_resource(owner: Object, text: str) -> None:
    at = At("<stdin>", "", 1, 1, "", owner)
    assert resource_of(Finding("downgrade", "error", "x", at)) == text


def test_resource_of_the_run_as_a_whole() -> None:
    assert resource_of(Finding("downgrade", "error", "x")) == ""


@pytest.mark.parametrize(
    ("pattern", "resource"),
    [
        pytest.param("Shop/prod/orders", "Shop/prod/orders", id="the very object"),
        pytest.param("Shop/prod/*", "Shop/prod/orders", id="any name"),
        pytest.param("Shop/*/orders", "Shop/prod/orders", id="any namespace"),
        pytest.param("*/prod/orders", "Shop/prod/orders", id="any kind"),
        pytest.param("Shop/pr?d/ord*", "Shop/prod/orders", id="parts"),
        pytest.param("Shop/[pt]*/orders", "Shop/prod/orders", id="one of some letters"),
        pytest.param("Shop/*", "Shop/prod/orders", id="any object of a kind"),
        pytest.param("*/orders", "Shop/prod/orders", id="any object of a name"),
        pytest.param("*", "Shop/prod/orders", id="anything"),
        pytest.param("*", "", id="the run as a whole"),
        pytest.param("Shop/orders", "Shop/orders", id="no namespace in both"),
        pytest.param("Shop/prod/orders", "Shop/orders", id="namespace that is not said"),
        pytest.param("Shop/prod/*", "Shop/orders", id="any name, namespace that is not said"),
        pytest.param("Shop/*/orders", "Shop/orders", id="any namespace, none is said"),
        pytest.param("*/*/*", "Shop/orders", id="any of all"),
    ],
)
def test_entry_concerns(pattern: str, resource: str) -> None:
    assert reasons([finding(resource=resource)], entry(pattern)) == ["why"]


@pytest.mark.parametrize(
    ("pattern", "resource"),
    [
        pytest.param("Shop/prod/orders", "Shop/prod/orders-2", id="longer name"),
        pytest.param("Shop/prod/orders", "Shop/test/orders", id="another namespace"),
        pytest.param("Shop/prod/orders", "Cart/prod/orders", id="another kind"),
        pytest.param("shop/prod/orders", "Shop/prod/orders", id="kind in lower case"),
        pytest.param("Shop/prod/Orders", "Shop/prod/orders", id="name in capitals"),
        pytest.param("Shop/orders", "Shop/prod/orders", id="entry without a namespace"),
        pytest.param("Shop", "Shop/prod/orders", id="kind alone"),
        pytest.param("orders", "Shop/prod/orders", id="name alone"),
        pytest.param("Shop/prod/orders", "Shop/carts", id="another name, no namespace"),
        pytest.param("Cart/prod/*", "Shop/orders", id="another kind, no namespace"),
        pytest.param("Shop/prod/*", "", id="the run as a whole"),
        pytest.param("Shop//orders", "Shop/orders", id="empty namespace"),
        pytest.param("Shop/prod/o.ders", "Shop/prod/orders", id="no regular expression"),
    ],
)
def test_entry_does_not_concern(pattern: str, resource: str) -> None:
    assert reasons([finding(resource=resource)], entry(pattern)) == [""]


def test_another_rule_is_not_concerned() -> None:
    findings = [finding("downgrade"), finding("skipped-stop")]
    assert reasons(findings, entry(rule="skipped-stop")) == ["", "why"]


def test_one_entry_for_several_findings() -> None:
    findings = [finding(resource=f"Shop/prod/{name}") for name in ("a", "b", "c")]
    assert reasons(findings, entry("Shop/prod/[ab]")) == ["why", "why", ""]


def test_first_of_several_entries_gives_the_reason() -> None:
    """The second is not needed then, and said to be so."""
    first, second = entry(reason="one"), entry(reason="two")
    found = suppress([finding()], [first, second], today=TODAY)
    assert [f.suppressed for f in found] == ["one", ""]
    assert found[1].rule == "unused-suppression"


def test_nothing_to_do() -> None:
    findings = [finding(), finding("skipped-stop")]
    assert suppress(findings, [], today=TODAY) == findings
    assert suppress([], [], today=TODAY) == []


# --- How long it holds ---


@pytest.mark.parametrize(
    ("until", "holds"),
    [
        pytest.param("", True, id="no end"),
        pytest.param("2026-11-22", True, id="tomorrow"),
        pytest.param("2026-11-21", True, id="today is the last day"),
        pytest.param("2026-11-20", False, id="yesterday"),
        pytest.param("2025-12-31", False, id="last year"),
        pytest.param("9999-12-31", True, id="far off"),
    ],
)
def test_last_day(until: str, holds: bool) -> None:
    assert reasons([finding()], entry(until=until)) == ["why" if holds else ""]


def test_expired_entry_is_reported() -> None:
    _, said = suppress([finding()], [entry("Shop/*", until="2026-11-20")], today=TODAY)
    assert said == Finding(
        "expired-suppression",
        "warning",
        ".helm-compat.yaml:3:5: the suppression of downgrade for Shop/* ended on 2026-11-20",
        hint="Look at the case again, then give it a new day or remove it.",
    )


def test_unused_entry_is_reported() -> None:
    (said,) = suppress([], [entry("Shop/*")], today=TODAY)
    assert said == Finding(
        "unused-suppression",
        "warning",
        ".helm-compat.yaml:3:5: the suppression of downgrade for Shop/* was not needed",
        hint="Remove it: what it was for is no longer found.",
    )


def test_expired_entry_gives_way_to_another() -> None:
    entries = [entry(reason="old", until="2026-01-01"), entry(reason="new")]
    found = suppress([finding()], entries, today=TODAY)
    assert [(f.rule, f.suppressed) for f in found] == [
        ("downgrade", "new"),
        ("expired-suppression", ""),
    ]


def test_used_entry_is_not_reported() -> None:
    assert len(suppress([finding()], [entry()], today=TODAY)) == 1


# --- What it means ---


def test_what_is_suppressed_is_at_no_level_and_no_verdict() -> None:
    found = suppress([finding()], [entry()], today=TODAY)
    levels = ("error", "warning", "info")
    assert [at_least(found, level) for level in levels] == [[], [], []]
    assert Judgement((), tuple(found)).verdict == "compatible"
    assert Judgement((), (finding(),)).verdict == "incompatible"


@pytest.fixture
def command(tmp_path: Path) -> Command:
    command = make_command(tmp_path)
    shop.write(command.work / "shop.yaml")
    return command


REFUSED = shop.database("shop.io/db:3.0", namespace="prod")
RULE = "incompatible-versions"


def render(
    command: Command, entries: str, *arguments: str, stdin: bytes = REFUSED, more: str = ""
) -> Any:
    """Render under suppressions: the report, beside exit status and standard error."""
    (command.work / ".helm-compat.yaml").write_text(
        f"products: shop.yaml\ninstalled: {{shop/operator: 1.1.0}}\nsuppress: [{entries}]\n{more}",
        "utf-8",
    )
    said = command.run("render", "--report", "report.json", *arguments, stdin=stdin)
    assert said.out == (b"" if said.status else stdin)
    return said.status, said.err, json.loads((command.work / "report.json").read_bytes())


def test_without_an_entry_the_render_is_refused(command: Command) -> None:
    status, err, report = render(command, "")
    assert status == 1
    assert (
        "   = suppress: {rule: incompatible-versions, resource: Shop/prod/orders, reason: …}" in err
    )
    assert report["summary"] == {"error": 1, "warning": 0, "info": 0, "suppressed": 0}


def test_suppressed_finding_stays_in_the_report(command: Command) -> None:
    """With its reason, and the severity that it has."""
    line = f"{{rule: {RULE}, resource: Shop/prod/*, reason: vendor case 4711}}"
    status, err, report = render(command, line)
    assert (status, err) == (0, "helm-compat: 0 of 1 image relocated, 1 suppressed\n")
    assert report["summary"] == {"error": 0, "warning": 0, "info": 0, "suppressed": 1}
    (found,) = report["findings"]
    assert (found["rule"], found["severity"], found["suppressed"]) == (
        RULE,
        "error",
        "vendor case 4711",
    )
    shown = command.run("report").out.decode()
    assert "   = suppressed: vendor case 4711\n" in shown
    assert shown.endswith("\n\n0 of 1 image relocated, 1 suppressed\n")


@pytest.mark.parametrize("level", ["error", "warning", "info"])
def test_suppressed_finding_fails_at_no_level(level: str, command: Command) -> None:
    line = f"{{rule: {RULE}, resource: '*', reason: x}}"
    assert render(command, line, "--fail-on", level)[0] == 0


def test_line_of_a_refusal_is_a_suppression(command: Command) -> None:
    """What a refusal offers works when it is written down."""
    offered = render(command, "")[1].partition("   = suppress: ")[2].partition("\n")[0]
    assert render(command, offered)[0] == 0


def test_expired_and_unused_entries(command: Command) -> None:
    place = ".helm-compat.yaml:3"
    lines = (
        f"{{rule: {RULE}, resource: Shop/prod/orders, reason: x, until: 2020-01-31}},"
        f" {{rule: {RULE}, resource: Shop/*, reason: known}},"
        " {rule: downgrade, resource: '*', reason: x}"
    )
    status, err, report = render(command, lines)
    assert (status, err) == (
        0,
        f"warning[expired-suppression]: {place}:19: the suppression of {RULE} for Shop/prod/orders"
        " ended on 2020-01-31\n"
        "   = help: Look at the case again, then give it a new day or remove it.\n"
        f"warning[unused-suppression]: {place}:{lines.index('downgrade') + 12}: the suppression of"
        " downgrade for * was not needed\n"
        "   = help: Remove it: what it was for is no longer found.\n"
        "helm-compat: 0 of 1 image relocated, 2 warnings, 1 suppressed\n",
    )
    assert report["summary"] == {"error": 0, "warning": 2, "info": 0, "suppressed": 1}


def test_expired_entry_holds_no_longer(command: Command) -> None:
    line = f"{{rule: {RULE}, resource: '*', reason: x, until: 2020-01-31}}"
    status, _, report = render(command, line)
    assert status == 1
    assert report["summary"] == {"error": 1, "warning": 1, "info": 0, "suppressed": 0}


def test_unused_entry_can_fail(command: Command) -> None:
    line = "{rule: downgrade, resource: '*', reason: x}"
    status, err, _ = render(command, line, "--fail-on", "warning", stdin=b"a: b\n")
    assert status == 1
    assert err.startswith("helm-compat refused this render:\nwarning[unused-suppression]: ")


UNUSED = "{rule: downgrade, resource: '*', reason: x}"
EXPIRED = f"{{rule: {RULE}, resource: '*', reason: x, until: 2020-01-31}}"


@pytest.mark.parametrize(
    ("entries", "rule"),
    [
        pytest.param(UNUSED, "unused-suppression", id="unused"),
        pytest.param(EXPIRED, "expired-suppression", id="expired"),
    ],
)
@pytest.mark.parametrize(
    ("severity", "status"),
    [
        pytest.param("error", 1, id="error"),
        pytest.param("warning", 0, id="warning"),
        pytest.param("info", 0, id="info"),
    ],
)
def test_severity_of_an_entry_that_does_nothing(
    entries: str, rule: str, severity: str, status: int, command: Command
) -> None:
    more = f"policy: {{rules: {{{rule}: {severity}}}}}\n"
    found = render(command, entries, stdin=b"a: b\n", more=more)
    assert found[0] == status
    assert [(f["rule"], f["severity"]) for f in found[2]["findings"]] == [(rule, severity)]


def test_entry_for_an_entry_is_not_needed(command: Command) -> None:
    """What is said of a suppression cannot be suppressed itself."""
    entries = f"{UNUSED}, {{rule: unused-suppression, resource: '*', reason: x}}"
    status, _, report = render(command, entries, stdin=b"a: b\n")
    assert status == 0
    assert [(f["rule"], "suppressed" in f) for f in report["findings"]] == [
        ("unused-suppression", False)
    ] * 2


def test_namespace_of_the_release_is_that_of_its_objects(command: Command) -> None:
    """An entry for another namespace no longer fits an object that names none."""
    stdin = shop.database("shop.io/db:3.0")
    entry = f"{{rule: {RULE}, resource: Shop/prod/orders, reason: x}}"
    assert render(command, entry, stdin=stdin)[0] == 0
    assert render(command, entry, "--namespace", "prod", stdin=stdin)[0] == 0
    assert render(command, entry, "--namespace", "test", stdin=stdin)[0] == 1


def test_finding_without_an_object(command: Command) -> None:
    line = "{rule: unseen-hooks, resource: '*', reason: no hooks}"
    stdin = b"---\n# Source: shop/templates/a.yaml\na: b\n"
    status, _, report = render(command, line, stdin=stdin)
    assert (status, report["summary"]["info"], report["summary"]["suppressed"]) == (0, 0, 1)
