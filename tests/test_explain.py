"""`explain` and `rules`: what they print, as text and as data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from command import ROOT, Command, Said, make_command

from helm_compat.catalogue import RULES, read_page, severity, summary
from helm_compat.cli.explain import explain_rule, rule_data, rules_data, rules_table
from helm_compat.errors import UsageError


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return make_command(tmp_path)


@pytest.mark.parametrize("rule", RULES)
def test_page_is_printed_as_it_is(rule: str) -> None:
    assert explain_rule(rule) == read_page(rule)


def test_rule_as_data() -> None:
    assert rule_data("leftover-image") == {
        "schemaVersion": 1,
        "rule": "leftover-image",
        "severity": "warning",
        "summary": "Something still names the old registry.",
        "page": read_page("leftover-image"),
    }


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        pytest.param(
            "leftover-imag",
            "there is no rule 'leftover-imag'\n  Did you mean 'leftover-image'?",
            id="misspelt",
        ),
        pytest.param(
            "Downgrade",
            "there is no rule 'Downgrade'\n  Did you mean 'downgrade'?",
            id="capitals",
        ),
        pytest.param(
            "unstated-versions",
            "there is no rule 'unstated-versions'\n  Did you mean 'unstated-version'?",
            id="plural",
        ),
        pytest.param(
            "AKO001",
            "there is no rule 'AKO001'\n  helm-compat rules lists all rules.",
            id="far off",
        ),
        pytest.param("", "there is no rule ''\n  helm-compat rules lists all rules.", id="nothing"),
        pytest.param(
            "../rules/downgrade",
            "there is no rule '../rules/downgrade'\n  Did you mean 'downgrade'?",
            id="path",
        ),
    ],
)
def test_unknown_rule(rule: str, message: str) -> None:
    for ask in (explain_rule, rule_data):
        with pytest.raises(UsageError) as caught:
            ask(rule)
        assert str(caught.value) == message


def test_table_has_a_line_for_every_rule() -> None:
    head, *lines = rules_table().splitlines()
    assert head == "RULE                     SEVERITY  SUMMARY"
    assert lines[0] == (
        "bypassed-relocation      warning   A value evades the relocation of the chart."
    )
    pages = [(rule, read_page(rule)) for rule in RULES]
    assert [(line[:25].rstrip(), line[25:35].rstrip(), line[35:]) for line in lines] == [
        (rule, severity(page), summary(page)) for rule, page in pages
    ]


def test_table_is_80_columns_wide() -> None:
    assert [line for line in rules_table().splitlines() if len(line) > 80] == []


def test_rules_as_data() -> None:
    wanted = {rule: rule_data(rule) for rule in RULES}
    for entry in wanted.values():
        del entry["schemaVersion"], entry["page"]
    assert rules_data() == {"schemaVersion": 1, "rules": [*wanted.values()]}


# --- The commands ---


def test_explain(command: Command) -> None:
    page = read_page("leftover-image").encode()
    assert command.run("explain", "leftover-image") == Said(0, page, "")


def test_rules(command: Command) -> None:
    assert command.run("rules") == Said(0, rules_table().encode(), "")


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        pytest.param(("-o", "json"), {}, id="short"),
        pytest.param(("--output=json",), {}, id="long"),
        pytest.param((), {"HELM_COMPAT_OUTPUT": "json"}, id="variable"),
    ],
)
def test_json(arguments: tuple[str, ...], variables: dict[str, str], command: Command) -> None:
    one = command.run("explain", "downgrade", *arguments, variables=variables)
    all_of_them = command.run("rules", *arguments, variables=variables)
    assert (one.status, json.loads(one.out), one.err) == (0, rule_data("downgrade"), "")
    assert (all_of_them.status, json.loads(all_of_them.out), all_of_them.err) == (
        0, rules_data(), "",
    )  # fmt: skip


def test_a_flag_wins_over_its_variable(command: Command) -> None:
    json_wanted = {"HELM_COMPAT_OUTPUT": "json"}
    page = command.run("explain", "downgrade", "-o", "text", variables=json_wanted)
    table = command.run("rules", "-o", "table", variables=json_wanted)
    assert (page.out.decode(), table.out.decode()) == (read_page("downgrade"), rules_table())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            "explain downgrad",
            "error: there is no rule 'downgrad'\n  Did you mean 'downgrade'?\n",
            id="unknown rule",
        ),
        pytest.param(
            "explain downgrad -o json",
            "error: there is no rule 'downgrad'\n  Did you mean 'downgrade'?\n",
            id="unknown rule as data",
        ),
        pytest.param(
            "explain",
            "error: Missing argument 'RULE'.\n  helm-compat explain --help shows what there is.\n",
            id="no rule",
        ),
        pytest.param(
            "rules -o text",
            "error: Invalid value for '--output' / '-o': 'text' is not one of 'table', 'json'.\n"
            "  helm-compat rules --help shows what there is.\n",
            id="form that there is not",
        ),
    ],
)
def test_wrong_command_line(arguments: str, message: str, command: Command) -> None:
    assert command.run(*arguments.split()) == Said(2, b"", message)


def test_helm_completes_the_rules() -> None:
    """Helm completes by a file of its own, which nothing else would keep true."""
    completion = yaml.safe_load((ROOT / "completion.yaml").read_bytes())
    words = {c["name"]: c["validArgs"] for c in completion["commands"] if "validArgs" in c}
    assert words == {"explain": [*RULES]}
