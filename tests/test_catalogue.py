"""The rules and their manual pages: one for each, all of one shape, and what they show is true."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path

import pytest
import yaml
from command import ROOT, make_command

from helm_compat.catalogue import (
    FAILURES,
    FOLDER,
    GATE_RULES,
    LINT_RULES,
    REGISTRY_RULES,
    RENDER_RULES,
    RULES,
    read_page,
    severity,
    summary,
)
from helm_compat.findings import SEVERITIES

TITLES = ["What it does", "Why it is bad", "Example", "Use instead"]
PAGES = {rule: read_page(rule) for rule in RULES}

_fence = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CONFIGURATION = "# .helm-compat.yaml\n"
DEFAULT = "registry: registry.example.com/mirror\n"

rules = pytest.mark.parametrize("rule", RULES)


def sections(page: str) -> dict[str, str]:
    """The text below each title of a page, without what is fenced taken for titles."""
    parts = re.split(r"^## (.+)\n\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def fences(text: str) -> list[tuple[str, str]]:
    """What stands between fences: the language, and the text."""
    return [(found[1], found[2]) for found in _fence.finditer(text)]


def test_every_rule_has_a_page() -> None:
    assert sorted(file.name for file in Path(FOLDER).iterdir()) == [f"{r}.md" for r in RULES]


def test_the_rules_are_in_order_and_stand_in_one_list_only() -> None:
    lists = (RENDER_RULES, REGISTRY_RULES, GATE_RULES, LINT_RULES, FAILURES)
    assert all(list(rules) == sorted(rules) for rules in lists)
    assert list(RULES) == sorted(rule for rules in lists for rule in set(rules))


@rules
def test_names_are_short_words(rule: str) -> None:
    assert re.fullmatch("[a-z]+(-[a-z]+)*", rule)
    assert len(rule) <= 24


@rules
def test_head_of_a_page(rule: str) -> None:
    page = PAGES[rule]
    head = f"# {rule}\n\n{summary(page)}\n\nSeverity: {severity(page)}\n\n## What it does\n\n"
    assert page.startswith(head)
    assert severity(page) in (*SEVERITIES, "by fact")


@rules
def test_summary_is_one_short_sentence(rule: str) -> None:
    text = summary(PAGES[rule])
    assert re.fullmatch(r"[A-Z3][^.\n]{1,70}\.", text)


def test_summaries_differ() -> None:
    assert len({summary(page) for page in PAGES.values()}) == len(RULES)


@rules
def test_sections_of_a_page(rule: str) -> None:
    found = sections(PAGES[rule])
    assert [*found] in (TITLES, [*TITLES, "Source"])
    assert all(text.strip() for text in found.values())
    assert fences(found["Example"])


@rules
def test_page_reads_well_in_a_terminal(rule: str) -> None:
    """A URL may be longer than a line, and stands alone then."""
    page = PAGES[rule]
    long = [line for line in page.splitlines() if len(line) > 80]
    assert [line for line in long if not re.fullmatch(r"  https://\S+", line)] == []
    assert not re.search(r"[ \t]$|\n\n\n|\t|\r", page, re.MULTILINE)
    assert page.endswith("\n")
    assert not page.endswith("\n\n")


@rules
def test_sources_are_a_list(rule: str) -> None:
    text = sections(PAGES[rule]).get("Source", "- none\n")
    assert re.fullmatch(r"(- \S.*\n(  \S.*\n)*)+", text)
    assert "https://" not in PAGES[rule].partition("## Source")[0].replace(
        "https://registry.example.com", ""
    )


@rules
def test_snippets_are_what_they_say(rule: str) -> None:
    """The broken manifest is the one of the rule that is about broken manifests."""
    broken = []
    for language, text in fences(PAGES[rule]):
        assert language in ("yaml", "diff", "console")
        try:
            if language == "yaml":
                list(yaml.safe_load_all(text))
        except yaml.YAMLError:
            broken.append(rule)
    assert broken == (["unreadable-input"] if rule == "unreadable-input" else [])


def snippets(page: str, title: str) -> tuple[str, str]:
    """The configuration and the manifests of a section; empty where it has none."""
    configuration = manifests = ""
    for language, text in fences(sections(page)[title]):
        if text.startswith(CONFIGURATION):
            configuration = text
        elif language == "yaml":
            manifests = text
    return configuration, manifests


def reported(configuration: str, manifests: str, folder: Path) -> set[str]:
    """The rules that a render reports, whether it is refused or not."""
    command = make_command(folder)
    (command.work / ".helm-compat.yaml").write_text(configuration or DEFAULT, "utf-8")
    command.run("render", "--no-gate", stdin=manifests.encode())
    report = json.loads(max(command.reports.iterdir()).read_bytes())
    return {finding["rule"] for finding in report["findings"]}


@pytest.mark.parametrize("rule", [*RENDER_RULES, *FAILURES])
def test_example_is_reported(rule: str, tmp_path: Path) -> None:
    assert reported(*snippets(PAGES[rule], "Example"), tmp_path) == {rule}


# Nothing that is written into a manifest helps against what no manifest holds.
@pytest.mark.parametrize(
    "rule", sorted({*RENDER_RULES, *FAILURES} - {"run-time-image", "unseen-hooks"})
)
def test_what_to_use_instead_is_not_reported(rule: str, tmp_path: Path) -> None:
    before, after = (snippets(PAGES[rule], title) for title in ("Example", "Use instead"))
    assert after != ("", "")
    configuration, manifests = (new or old for new, old in zip(after, before))
    assert reported(configuration, manifests, tmp_path) == set()


def test_index_is_fresh() -> None:
    """`python tools/write_rule_index.py` writes it."""
    wanted = runpy.run_path(str(ROOT / "tools" / "write_rule_index.py"))["rule_index"]()
    assert (ROOT / "docs" / "rules.md").read_text("utf-8") == wanted


def test_index_links_to_every_page() -> None:
    index = (ROOT / "docs" / "rules.md").read_text("utf-8")
    links = re.findall(r"\((\.\./helm_compat/rules/.+?)\)", index)
    assert sorted((ROOT / "docs" / link).resolve() for link in links) == sorted(
        Path(FOLDER).resolve().iterdir()
    )
