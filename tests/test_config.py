"""The configuration file: where it is found, how its faults are told, and what wins over it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest
import shop
from command import ROOT

from helm_compat.cli.options import RENDER, Given, read_arguments
from helm_compat.cli.settings import Resolved, resolve_settings
from helm_compat.config import FILE_NAME, Config, find_config
from helm_compat.config_file import read_config
from helm_compat.config_values import ADJUSTABLE
from helm_compat.errors import CompatError, Place
from helm_compat.gate.scene import UNKNOWN
from helm_compat.images.relocate import Name
from helm_compat.knowledge.builtin import read_products

KEYS = (
    "Known: authfile, ca-file, cluster, cluster-timeout, diff, fail-on-leftover, first,"
    " http-registry, image-paths, image-pull-secret, image-pull-secret-service-accounts, installed,"
    " keep-domain, kube-context, kubeconfig, limits, map, namespace, no-gate, no-relocate,"
    " pin-digests, policy, products, registry, report, suppress, verify-images, version."
)
UNREADABLE = "Did you mean 'unreadable-version'?"
RULES = f"Known: {', '.join(sorted(ADJUSTABLE))}."


def write(folder: Path, text: str | bytes) -> str:
    """Write a configuration and return its path."""
    path = folder / FILE_NAME
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def read(folder: Path, text: str | bytes) -> dict[str, object]:
    """The values of a configuration, which must be right."""
    return dict(read_config(write(folder, text)).values)


def fail(folder: Path, text: str | bytes) -> tuple[str, int]:
    """The message of a configuration that must be wrong, its path as FILE, and the exit status."""
    path = write(folder, text)
    with pytest.raises(CompatError) as caught:
        read_config(path)
    return str(caught.value).replace(path, "FILE"), caught.value.exit_status


# --- Found ---


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("place", [".", "..", "../.."])
def test_file_is_found_upwards(place: str, deep: Path) -> None:
    path = write((deep / place).resolve(), "")
    assert find_config(str(deep)) == path


def test_nearest_file_is_found(deep: Path, tmp_path: Path) -> None:
    write(tmp_path, "")
    near = write(deep.parent, "")
    assert find_config(str(deep)) == near


def test_folder_of_that_name_is_no_file(deep: Path, tmp_path: Path) -> None:
    (deep / FILE_NAME).mkdir()
    path = write(tmp_path, "")
    assert find_config(str(deep)) == path


def test_file_below_and_beside_is_not_found(deep: Path, tmp_path: Path) -> None:
    write(deep, "")
    (tmp_path / "beside").mkdir()
    write(tmp_path / "beside", "")
    assert find_config(str(tmp_path / "a")) is None


def test_relative_folder(deep: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(deep.parent, "")
    monkeypatch.chdir(deep)
    assert find_config(".") == path


# --- Read ---


def test_every_key(tmp_path: Path) -> None:
    text = """\
version: 1
registry: r.example.com:5000/mirror
map:
- {from: quay.io/minio/, to: r.example.com:5000/minio/}
- to: "r.example.com:5000"
  from: 'ghcr.io'
keep-domain: false
image-pull-secret: regcred
image-pull-secret-service-accounts: true
image-paths:
- {kind: Db, group: db.example.com, path: 'spec.pools[].image'}
installed:
  shop/operator: 1.10
  shop/database: [2.0, "shop.io/db:3.0"]
namespace: prod
products: [compat/*.yaml]
suppress:
- {rule: downgrade, resource: Shop/prod/*, reason: "case 4711", until: 2026-12-31}
- rule: skipped-stop
  resource: "*"
  reason: known
report: report.json
first: kubectl kustomize .
diff: true
no-gate: true
no-relocate: false
fail-on-leftover: true
policy:
  fail-on: warning
  on-unknown: {newer: error, no-operator: ignore}
  rules: {leftover-image: info}
limits:
  max-bytes: 1000
  depth: 20
  alias-nodes: 30
"""
    path = write(tmp_path, text)
    values = {
        "version": 1,
        "registry": "r.example.com:5000/mirror",
        "map": [
            ("quay.io/minio/", "r.example.com:5000/minio/"),
            ("ghcr.io", "r.example.com:5000"),
        ],
        "keep-domain": False,
        "image-pull-secret": "regcred",
        "image-pull-secret-service-accounts": True,
        "image-paths": [("db.example.com", "Db", "spec.pools[].image")],
        "installed": [
            ("shop/operator", "1.10", Place(path, 13, 3)),
            ("shop/database", "2.0", Place(path, 14, 3)),
            ("shop/database", "shop.io/db:3.0", Place(path, 14, 3)),
        ],
        "namespace": "prod",
        "products": ["compat/*.yaml"],
        "suppress": [
            ("downgrade", "Shop/prod/*", "case 4711", "2026-12-31", Place(path, 18, 10)),
            ("skipped-stop", "*", "known", "", Place(path, 19, 9)),
        ],
        "report": "report.json",
        "first": "kubectl kustomize .",
        "diff": True,
        "no-gate": True,
        "no-relocate": False,
        "fail-on-leftover": True,
        "policy.fail-on": "warning",
        "policy.on-unknown": {"newer": "error", "no-operator": "ignore"},
        "policy.rules": {"leftover-image": "info"},
        "limits.max-bytes": 1000,
        "limits.depth": 20,
        "limits.alias-nodes": 30,
    }
    lines = text.splitlines()
    places = {}
    for key in [*values, "policy", "limits"]:
        name = key.rpartition(".")[2]
        line = next(n for n, line in enumerate(lines, 1) if line.lstrip().startswith(f"{name}:"))
        places[key] = Place(path, line, lines[line - 1].index(name) + 1)
    assert read_config(path) == Config(path, values, places)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("", {}, id="empty"),
        pytest.param("# nothing\n", {}, id="comment"),
        pytest.param("---\n...\n", {}, id="empty document"),
        pytest.param("{}", {}, id="no key"),
        pytest.param("policy: {}\nlimits: {}\n", {}, id="empty sections"),
        pytest.param(b"\xef\xbb\xbfdiff: true\n", {"diff": True}, id="BOM"),
        pytest.param("diff: true\r\nfirst: a\r\n", {"diff": True, "first": "a"}, id="CRLF"),
        pytest.param('{"diff": true, "first": "a"}', {"diff": True, "first": "a"}, id="JSON"),
        pytest.param("first:\ta\n", {"first": "a"}, id="tab that YAML allows"),
        pytest.param("first: é # ü\n", {"first": "é"}, id="not ASCII"),
        pytest.param("first: >-\n  a\n  b\n", {"first": "a b"}, id="folded"),
        pytest.param("first: !!str 5\n", {"first": "5"}, id="tag"),
        pytest.param("first: &a x\nreport: *a\n", {"first": "x", "report": "x"}, id="alias"),
        pytest.param("map: []\n", {"map": []}, id="no rule"),
        pytest.param("policy: {rules: {}}\n", {"policy.rules": {}}, id="no severities"),
        pytest.param("installed: {}\n", {"installed": []}, id="nothing installed"),
        pytest.param("installed: {a/b: []}\n", {"installed": []}, id="no version of it"),
        pytest.param("suppress: []\n", {"suppress": []}, id="nothing suppressed"),
        pytest.param("products: []\n", {"products": []}, id="no product files"),
        pytest.param("products: a.yaml\n", {"products": ["a.yaml"]}, id="one product file"),
        pytest.param(
            "policy: {on-unknown: {}}\n", {"policy.on-unknown": {}}, id="no kind of unknown"
        ),
        pytest.param(
            "policy: {on-unknown: ignore}\n",
            {"policy.on-unknown": dict.fromkeys(UNKNOWN, "ignore")},
            id="one word for all unknowns",
        ),
    ],
)
def test_text_is_read(text: str | bytes, values: dict[str, object], tmp_path: Path) -> None:
    assert read(tmp_path, text) == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # Keys
        pytest.param(
            "registy: r.io\n",
            "FILE:1:1: unknown key 'registy'\n  Did you mean 'registry'?",
            id="unknown key",
        ),
        pytest.param(
            "keepDomain: true\n",
            "FILE:1:1: unknown key 'keepDomain'\n  Did you mean 'keep-domain'?",
            id="camel case",
        ),
        pytest.param("'üü': 1\n", f"FILE:1:1: unknown key 'üü'\n  {KEYS}", id="like no key"),
        pytest.param("[a]: b\n", f"FILE:1:1: unknown key ''\n  {KEYS}", id="key that is a list"),
        pytest.param(
            "fail-on: error\n",
            "FILE:1:1: unknown key 'fail-on'\n  Did you mean 'policy.fail-on'?",
            id="key of policy on top",
        ),
        pytest.param(
            "max-bytes: 5\n",
            "FILE:1:1: unknown key 'max-bytes'\n  Did you mean 'limits.max-bytes'?",
            id="key of limits on top",
        ),
        pytest.param(
            "map:\n- {from: a, to: b}\n- {form: a, to: b}\n",
            "FILE:3:4: map: unknown key 'form'\n  Did you mean 'from'?",
            id="unknown key in a rule",
        ),
        pytest.param(
            "map: [{xyz: a, to: b}]\n",
            "FILE:1:8: map: unknown key 'xyz'\n  Known: from, to.",
            id="like no key of a rule",
        ),
        pytest.param(
            "policy:\n  fail_on: error\n",
            "FILE:2:3: unknown key 'fail_on'\n  Did you mean 'fail-on'?",
            id="unknown key in policy",
        ),
        pytest.param(
            "limits: {depht: 3}\n",
            "FILE:1:10: unknown key 'depht'\n  Did you mean 'depth'?",
            id="unknown key in limits",
        ),
        pytest.param(
            "limits: {registry: 3}\n",
            "FILE:1:10: unknown key 'registry'\n  Known: alias-nodes, depth, max-bytes.",
            id="key of the top in limits",
        ),
        pytest.param(
            "policy:\n  rules:\n    leftover: error\n",
            "FILE:3:5: policy.rules: unknown rule 'leftover'\n  Did you mean 'leftover-image'?",
            id="unknown rule",
        ),
        pytest.param(
            "policy: {rules: {xyz: error}}\n",
            f"FILE:1:18: policy.rules: unknown rule 'xyz'\n  {RULES}",
            id="like no rule",
        ),
        pytest.param(
            "image-paths: [{kind: Db, group: x, paths: a}]\n",
            "FILE:1:36: image-paths: unknown key 'paths'\n  Did you mean 'path'?",
            id="unknown key in a path",
        ),
        # Twice
        pytest.param(
            "registry: a.b\nfirst: x\nregistry: c.d\n",
            "FILE:3:1: the key 'registry' stands twice",
            id="key twice",
        ),
        pytest.param(
            "policy: {fail-on: error}\npolicy: {fail-on: info}\n",
            "FILE:2:1: the key 'policy' stands twice",
            id="section twice",
        ),
        pytest.param(
            "policy: {fail-on: error, fail-on: error}\n",
            "FILE:1:26: the key 'fail-on' stands twice",
            id="key of a section twice",
        ),
        pytest.param(
            "map: [{from: a, from: b, to: c}]\n",
            "FILE:1:17: map: the key 'from' stands twice",
            id="key of a rule twice",
        ),
        pytest.param(
            "policy: {rules: {leftover-image: info, leftover-image: error}}\n",
            "FILE:1:40: policy.rules: the key 'leftover-image' stands twice",
            id="severity twice",
        ),
        # Types
        pytest.param("- a\n", "FILE:1:1: a configuration is a mapping of keys", id="list"),
        pytest.param("a\n", "FILE:1:1: a configuration is a mapping of keys", id="text"),
        pytest.param("~\n", "FILE:1:1: a configuration is a mapping of keys", id="null"),
        pytest.param("policy: x\n", "FILE:1:9: policy is a mapping of keys", id="policy as text"),
        pytest.param("limits:\n", "FILE:1:8: limits is a mapping of keys", id="no limits"),
        *(
            pytest.param(
                f"registry: {value}\n",
                "FILE:1:11: registry: wants a string that is not empty",
                id=f"registry {value}",
            )
            for value in ("5000", "''", "[a]", "{a: b}", "true", "null")
        ),
        pytest.param(
            "first:\n", "FILE:1:7: first: wants a string that is not empty", id="no value"
        ),
        *(
            pytest.param(
                f"diff: {value}\n", "FILE:1:7: diff: wants true or false", id=f"diff {value}"
            )
            for value in ("yes", "'true'", "1", "[true]", "null")
        ),
        *(
            pytest.param(
                f"limits: {{depth: {value}}}\n",
                "FILE:1:17: limits.depth: wants a whole number above 0",
                id=f"depth {value}",
            )
            for value in ("0", "-1", "1.5", "1k", "'5'", "[5]", "1000000000000000000")
        ),
        pytest.param(
            "version: 2\n", "FILE:1:10: version: this release reads version 1", id="version 2"
        ),
        pytest.param(
            "version: '1'\n",
            "FILE:1:10: version: wants a whole number above 0",
            id="version as text",
        ),
        pytest.param(
            "map:\n  from: a\n", "FILE:2:3: map: wants a list of {from: …, to: …}", id="one rule"
        ),
        pytest.param("map: [a=b]\n", "FILE:1:7: map: wants {from: …, to: …}", id="rule as text"),
        pytest.param(
            "map:\n- from: a\n",
            "FILE:2:3: map: lacks 'to'; wants {from: …, to: …}",
            id="rule without destination",
        ),
        pytest.param(
            "map: [{}]\n",
            "FILE:1:7: map: lacks 'from' and 'to'; wants {from: …, to: …}",
            id="empty rule",
        ),
        pytest.param(
            "map: [{from: a, to: 5}]\n",
            "FILE:1:21: map: wants a string that is not empty",
            id="destination as number",
        ),
        pytest.param(
            "policy:\n  fail-on: fatal\n",
            "FILE:2:12: policy.fail-on: wants one of error, warning, info, never, not 'fatal'",
            id="unknown level",
        ),
        pytest.param(
            "policy: {rules: {leftover-image: never}}\n",
            "FILE:1:34: policy.rules: wants one of error, warning, info, not 'never'",
            id="unknown severity",
        ),
        pytest.param(
            "policy: {rules: [a]}\n",
            "FILE:1:17: policy.rules: wants a mapping of rules to severities",
            id="rules as list",
        ),
        # Installed
        pytest.param(
            "installed: aerospike\n",
            "FILE:1:12: installed: wants a mapping of PRODUCT/COMPONENT to VERSION",
            id="installed as text",
        ),
        pytest.param(
            "installed: [a/b=1.0]\n",
            "FILE:1:12: installed: wants a mapping of PRODUCT/COMPONENT to VERSION",
            id="installed as list",
        ),
        *(
            pytest.param(
                f"installed:\n  a/b: {value}\n",
                f"FILE:2:{column}: installed: wants a version",
                id=f"version {value}",
            )
            for value, column in (
                ("''", 8), ("null", 8), ("true", 8), ("{a: b}", 8), ("[1.0, '']", 14),
                ("[[1.0]]", 9), ("-1", 8),
            )
        ),
        pytest.param("installed:\n  a/b:\n", "FILE:2:7: installed: wants a version", id="none"),
        pytest.param(
            "installed: {5: 1.0}\n",
            "FILE:1:13: installed: wants a string that is not empty",
            id="number for a component",
        ),
        pytest.param(
            "installed:\n  a/b: 1.0\n  a/b: 2.0\n",
            "FILE:3:3: installed: the key 'a/b' stands twice",
            id="component twice",
        ),
        # Product files
        *(
            pytest.param(
                f"products: {value}\n",
                f"FILE:1:{column}: products: wants a string that is not empty",
                id=f"products {value}",
            )
            for value, column in (("5", 11), ("''", 11), ("{a: b}", 11), ("[a, [b]]", 15))
        ),
        # Suppressions
        pytest.param(
            "suppress: {rule: downgrade}\n",
            "FILE:1:11: suppress: wants a list of {rule: …, resource: …, reason: …}",
            id="one suppression",
        ),
        pytest.param(
            "suppress: [downgrade]\n",
            "FILE:1:12: suppress: wants {rule: …, resource: …, reason: …}",
            id="suppression as text",
        ),
        pytest.param(
            "suppress:\n- {rule: downgrade, resource: '*'}\n",
            "FILE:2:3: suppress: lacks 'reason'; wants {rule: …, resource: …, reason: …}",
            id="suppression without a reason",
        ),
        pytest.param(
            "suppress:\n- until: 2026-12-31\n",
            "FILE:2:3: suppress: lacks 'rule' and 'resource' and 'reason';"
            " wants {rule: …, resource: …, reason: …}",
            id="suppression with a day only",
        ),
        pytest.param(
            "suppress:\n- {rule: downgrad, resource: '*', reason: x}\n",
            "FILE:2:10: suppress: unknown rule 'downgrad'\n  Did you mean 'downgrade'?",
            id="suppression of an unknown rule",
        ),
        pytest.param(
            "suppress:\n- {rule: unreadable-input, resource: '*', reason: x}\n",
            f"FILE:2:10: suppress: unknown rule 'unreadable-input'\n  {UNREADABLE}",
            id="suppression of a failure",
        ),
        pytest.param(
            "suppress:\n- {rule: downgrade, resources: '*', reason: x}\n",
            "FILE:2:21: suppress: unknown key 'resources'\n  Did you mean 'resource'?",
            id="unknown key in a suppression",
        ),
        pytest.param(
            "suppress:\n- {rule: downgrade, resource: '*', zzzz: x}\n",
            "FILE:2:36: suppress: unknown key 'zzzz'\n  Known: reason, resource, rule, until.",
            id="like no key of a suppression",
        ),
        pytest.param(
            "suppress:\n- {rule: downgrade, rule: downgrade, resource: '*', reason: x}\n",
            "FILE:2:21: suppress: the key 'rule' stands twice",
            id="rule of a suppression twice",
        ),
        pytest.param(
            "suppress:\n- {rule: downgrade, resource: '', reason: x}\n",
            "FILE:2:31: suppress: wants a string that is not empty",
            id="suppression without a resource",
        ),
        pytest.param(
            "suppress:\n- {rule: downgrade, resource: '*', reason: 4711}\n",
            "FILE:2:44: suppress: wants a string that is not empty",
            id="number for a reason",
        ),
        *(
            pytest.param(
                f"suppress:\n- {{rule: downgrade, resource: '*', reason: x, until: {day}}}\n",
                f"FILE:2:54: suppress: '{day}' is no day\n  Days are written as 2026-12-31.",
                id=f"until {day}",
            )
            for day in (
                "tomorrow", "2026-12", "2026-13-01", "2026-00-10", "2026-12-32", "2026-1-1",
                "31.12.2026", "2026-12-31T00:00:00Z", "26-12-31",
            )
        ),
        pytest.param(
            "suppress:\n- {rule: downgrade, resource: '*', reason: x, until: 2026}\n",
            "FILE:2:54: suppress: wants a string that is not empty",
            id="until a number",
        ),
        # Unknowns
        pytest.param(
            "policy: {on-unknown: warning}\n",
            "FILE:1:22: policy.on-unknown: wants one of error, warn, ignore, not 'warning'",
            id="policy of severities",
        ),
        pytest.param(
            "policy: {on-unknown: [warn]}\n",
            "FILE:1:22: policy.on-unknown: wants a string that is not empty",
            id="policy as list",
        ),
        pytest.param(
            "policy:\n  on-unknown:\n    newer: warn\n    odler: warn\n",
            "FILE:4:5: policy.on-unknown: unknown kind 'odler'\n  Did you mean 'older'?",
            id="unknown kind",
        ),
        pytest.param(
            "policy: {on-unknown: {zzzz: warn}}\n",
            "FILE:1:23: policy.on-unknown: unknown kind 'zzzz'\n  Known: between, newer,"
            " no-operator, not-checked, not-comparable, not-found, not-stated, older.",
            id="like no kind",
        ),
        pytest.param(
            "policy: {on-unknown: {newer: warn, newer: error}}\n",
            "FILE:1:36: policy.on-unknown: the key 'newer' stands twice",
            id="kind twice",
        ),
        pytest.param(
            "policy: {on-unknown: {newer: never}}\n",
            "FILE:1:30: policy.on-unknown: wants one of error, warn, ignore, not 'never'",
            id="policy of a kind",
        ),
        pytest.param(
            "no-gate: 1\n", "FILE:1:10: no-gate: wants true or false", id="no-gate as number"
        ),
        pytest.param(
            "on-unknown: warn\n",
            "FILE:1:1: unknown key 'on-unknown'\n  Did you mean 'policy.on-unknown'?",
            id="on-unknown on top",
        ),
        # Image paths
        pytest.param(
            "image-paths: [{kind: db, group: x.y, path: a}]\n",
            "FILE:1:22: image-paths: 'db' is no kind",
            id="kind",
        ),
        pytest.param(
            "image-paths: [{kind: Db, group: x.y/v1, path: a}]\n",
            "FILE:1:33: image-paths: 'x.y/v1' is no API group",
            id="group with version",
        ),
        pytest.param(
            "image-paths: [{kind: Db, group: [a], path: a}]\n",
            "FILE:1:33: image-paths: wants a string",
            id="group as list",
        ),
        pytest.param(
            "image-paths:\n- {kind: Db, group: x, path: a}\n- {kind: Db, group: x, path: a..b}\n",
            "FILE:3:30: image-paths: 'a..b' is no field path: cannot read '.b'",
            id="path",
        ),
        pytest.param(
            "image-paths: [{kind: Db, group: x, path: 'a[0]'}]\n",
            "FILE:1:42: image-paths: 'a[0]' is no field path: cannot read 'a[0]'",
            id="path with index",
        ),
        pytest.param(
            "image-paths: [{kind: Db, group: x, path: a.**}]\n",
            "FILE:1:42: image-paths: 'a.**' must end in a field, not in **",
            id="path that ends in any",
        ),
        pytest.param(
            "image-paths: [{kind: Db}]\n",
            "FILE:1:15: image-paths: lacks 'group' and 'path';"
            " wants {kind: …, group: …, path: …}",
            id="half a path",
        ),
        # Text
        pytest.param(
            b"version: 1\nfirst: caf\xe9\n",
            "FILE:2:11: the configuration is not UTF-8",
            id="not UTF-8",
        ),
        pytest.param(
            "map:\n\t- {from: a, to: b}\n",
            "FILE:2:1: a tab stands where YAML wants spaces",
            id="tab",
        ),
        pytest.param(
            "registry: 'a\n",
            "FILE:1:11: the quote that opens here is not closed",
            id="open quote",
        ),
        pytest.param(
            "first: x\nreport: *a\n",
            "FILE:2:9: the alias *a has no anchor &a before it",
            id="alias without anchor",
        ),
        pytest.param(
            "first: a\x00b\n",
            "FILE:1:9: the character U+0000 is not allowed in YAML",
            id="NUL",
        ),
        pytest.param(
            "{" * 60, "FILE:1:51: nested more than 50 levels deep", id="nested"
        ),
        pytest.param(
            "first: a\n---\nfirst: b\n",
            "FILE:3:1: a second document; a configuration has one",
            id="two documents",
        ),
        # Places
        pytest.param(
            b"\xef\xbb\xbfregisty: r.io\n",
            "FILE:1:1: unknown key 'registy'\n  Did you mean 'registry'?",
            id="behind a BOM",
        ),
        pytest.param(
            "first: ü\r\nregisty: b\r\n",
            "FILE:2:1: unknown key 'registy'\n  Did you mean 'registry'?",
            id="behind CRLF",
        ),
        pytest.param(
            "{first: üü, diff: ja}\n",
            "FILE:1:19: diff: wants true or false",
            id="behind what is not ASCII",
        ),
        # All of them
        pytest.param(
            "registy: a\nversion: 2\nkeep-domain: ja\nmap: [{from: a, to: b, too: c}]\n"
            "limits: {depth: x}\n--- \nx: y\n",
            "FILE:1:1: unknown key 'registy'\n  Did you mean 'registry'?\n"
            "FILE:2:10: version: this release reads version 1\n"
            "FILE:3:14: keep-domain: wants true or false\n"
            "FILE:4:24: map: unknown key 'too'\n  Did you mean 'to'?\n"
            "FILE:5:17: limits.depth: wants a whole number above 0\n"
            "FILE:7:1: a second document; a configuration has one",
            id="several",
        ),
    ],
)  # fmt: skip
def test_fault_is_told_with_its_place(text: str | bytes, message: str, tmp_path: Path) -> None:
    assert fail(tmp_path, text) == (message, 2)


def test_file_that_is_not_there(tmp_path: Path) -> None:
    path = str(tmp_path / "none.yaml")
    with pytest.raises(CompatError) as caught:
        read_config(path)
    said = f"{path}: cannot read the configuration: No such file or directory"
    assert (str(caught.value), caught.value.exit_status) == (said, 2)


def test_folder_in_place_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(CompatError) as caught:
        read_config(str(tmp_path))
    assert str(caught.value) == f"{tmp_path}: cannot read the configuration: Is a directory"


# --- Values that can be read and not carried out ---


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "version: 1\nregistry: https://r.io/x\n",
            "FILE:2:1: registry: 'https://r.io/x' is a URL, not a registry\n"
            "  Write 'r.io/x': image references have no scheme.",
            id="URL",
        ),
        pytest.param(
            "{diff: true, registry: mirror}\n",
            "FILE:1:14: registry: 'mirror' names no registry host:"
            " 'mirror' would be read as a path on docker.io\n"
            "  Write a host with a dot or a port, such as registry.example.com or registry:5000.",
            id="no host",
        ),
        pytest.param(
            "registry: r.io:99999\n",
            "FILE:1:1: registry: 99999 is no port\n  Ports are 1 to 65535.",
            id="port",
        ),
        pytest.param(
            "map: [{from: quay.io, to: mirror}]\n",
            "FILE:1:1: map from quay.io: 'mirror' names no registry host:"
            " 'mirror' would be read as a path on docker.io\n"
            "  Write a host with a dot or a port, such as registry.example.com or registry:5000.",
            id="destination",
        ),
        pytest.param(
            "first: x\nmap:\n- {from: a.io/b, to: r.io}\n- {from: A.io/b/, to: s.io}\n",
            "FILE:2:1: map from A.io/b/: there are two rules for A.io/b:"
            " one says r.io (FILE:2:1: map from a.io/b), one s.io\n  Remove one of them.",
            id="two rules for one prefix",
        ),
        pytest.param(
            "image-pull-secret: Reg_Cred\n",
            "FILE:1:1: image-pull-secret: 'Reg_Cred' is no name of a Secret\n"
            "  Names are lower case letters, digits, hyphens and dots.",
            id="pull secret",
        ),
    ],
)
def test_impossible_value_is_told_with_its_place(text: str, message: str, tmp_path: Path) -> None:
    path = write(tmp_path, text)
    with pytest.raises(CompatError) as caught:
        resolve_settings(RENDER, {}, {}, str(tmp_path))
    assert (str(caught.value).replace(path, "FILE"), caught.value.exit_status) == (message, 2)


# --- Product files ---


def own_products(
    folder: Path, flags: Given, environment: dict[str, str] | None = None
) -> list[str]:
    """The products that a run from the working directory knows beside the built-in ones."""
    resolved = resolve_settings(RENDER, flags, environment or {}, str(folder), gated=True)
    builtin = {data["product"] for data in read_products()}
    assert resolved.settings.gate
    return [name for name in resolved.settings.gate.products.names if name not in builtin]


@pytest.fixture
def products(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with product files a, b, c and d, while the working directory is another one."""
    folder = tmp_path / "own [1]"
    for path in ("a.yaml", "compat/b.yaml", "compat/c.yml", "compat/more/d.yaml"):
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        name = f"shop-{file.stem}"
        file.write_text(shop.PRODUCT.replace("product: shop", f"product: {name}"), "utf-8")
    (folder / "compat" / "notes.txt").touch()
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("", "", id="none"),
        pytest.param("products: []", "", id="none in a list"),
        pytest.param("products: a.yaml", "a", id="one"),
        pytest.param("products: [a.yaml]", "a", id="one in a list"),
        pytest.param("products: [compat/*.yaml]", "b", id="wildcard"),
        pytest.param("products: [compat/*.y*ml]", "bc", id="wildcard for two"),
        pytest.param("products: [compat]", "bc", id="folder"),
        pytest.param("products: ['**/*.yaml']", "abd", id="any depth"),
        pytest.param("products: ['compat/[bx].yaml']", "b", id="class"),
        pytest.param("products: [a.yaml, compat/*]", None, id="file that is no product"),
        pytest.param("products: [compat/b.yaml, a.yaml]", "ab", id="two"),
        pytest.param("products: [compat/b.yaml, compat/*.yaml]", "b", id="one file twice"),
    ],
)
def test_product_files_are_found(text: str, names: str | None, products: Path) -> None:
    """They stand relative to the configuration, whose own folder is taken as it is written."""
    write(products, text)
    if names is None:
        with pytest.raises(CompatError):
            own_products(products, {})
    else:
        assert own_products(products, {}) == [f"shop-{name}" for name in names]


def test_product_files_of_the_command_line_add_up(products: Path) -> None:
    """They stand relative to the working directory."""
    write(products, "products: a.yaml")
    flags: Given = {"products": ("own [1]/compat/b.yaml", "own [1]/compat/more")}
    variable = {"HELM_COMPAT_PRODUCTS": "own [1]/compat/c.yml"}
    assert own_products(products, flags) == ["shop-a", "shop-b", "shop-d"]
    assert own_products(products, {}, variable) == ["shop-a", "shop-c"]
    assert own_products(products, flags, variable) == ["shop-a", "shop-b", "shop-d"]


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        pytest.param("[a.yaml, a.yaml]", (), id="twice in the file"),
        pytest.param("[a.yaml, ./compat/../a.yaml]", (), id="twice, written otherwise"),
        pytest.param("a.yaml", ("own [1]/a.yaml",), id="in the file and on the command line"),
        pytest.param("[]", ("own [1]/a.yaml", "own [1]/../own [1]/a.yaml"), id="twice as a flag"),
        pytest.param("[]", ("own [1]/one", "own [1]/one/a.yaml"), id="in a folder, and itself"),
        pytest.param("link.yaml", ("own [1]/a.yaml",), id="by a link"),
        pytest.param("[a.yaml, link.yaml]", (), id="by a link in the file"),
    ],
)
def test_product_file_named_twice_is_one(text: str, flags: tuple[str, ...], products: Path) -> None:
    (products / "link.yaml").symlink_to("a.yaml")
    (products / "one").mkdir()
    (products / "one" / "a.yaml").symlink_to("../a.yaml")
    write(products, f"products: {text}\n")
    assert own_products(products, {"products": flags} if flags else {}) == ["shop-a"]


def test_product_of_the_command_line_comes_over_that_of_the_file(products: Path) -> None:
    """A product that both define is that of the command line; twice in one of them is a fault."""
    other = products / "other.yaml"
    text = (products / "a.yaml").read_text("utf-8")
    other.write_text(text.replace("title: Shop Operator", "title: Other Operator"), "utf-8")
    write(products, "products: a.yaml\n")

    flags: Given = {"products": ("own [1]/other.yaml",)}
    gate = resolve_settings(RENDER, flags, {}, str(products), gated=True).settings.gate
    assert gate
    assert gate.products["shop-a"].components["operator"].title == "Other Operator"

    write(products, "products: [a.yaml, other.yaml]\n")
    with pytest.raises(CompatError) as caught:
        own_products(products, {})
    message = str(caught.value).replace(str(products), "FOLDER")
    assert message == ("FOLDER/other.yaml: the product 'shop-a' also stands in FOLDER/a.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "version: 1\nproducts: none.yaml\n",
            "FILE:2:1: products: no file is named none.yaml\n"
            "  Paths are relative to the configuration file.",
            id="missing",
        ),
        pytest.param(
            "products: [a.yaml, 'none/*.yaml']\n",
            "FILE:1:1: products: no file is named none/*.yaml\n"
            "  Paths are relative to the configuration file.",
            id="nothing for a wildcard",
        ),
        pytest.param(
            "products: ['own [1]/a.yaml']\n",
            "FILE:1:1: products: no file is named own [1]/a.yaml\n"
            "  Paths are relative to the configuration file.",
            id="relative to the working directory",
        ),
    ],
)
def test_missing_product_file(text: str, message: str, products: Path) -> None:
    path = write(products, text)
    with pytest.raises(CompatError) as caught:
        own_products(products, {})
    assert (str(caught.value).replace(path, "FILE"), caught.value.exit_status) == (message, 2)


@pytest.mark.parametrize(
    ("flags", "environment"),
    [
        pytest.param({"registry": "r.io"}, {}, id="flag"),
        pytest.param({}, {"HELM_COMPAT_REGISTRY": "r.io"}, id="environment"),
        pytest.param({"no-relocate": True}, {}, id="not needed"),
    ],
)
def test_impossible_value_that_does_not_count(
    flags: Given, environment: dict[str, str], tmp_path: Path
) -> None:
    write(tmp_path, "registry: https://r.io/x\n")
    relocation = resolve_settings(RENDER, flags, environment, str(tmp_path)).settings.relocation
    assert (relocation and relocation.registry) == (
        None if "no-relocate" in flags else Name("r.io", "")
    )


def test_flag_is_not_told_as_the_file(tmp_path: Path) -> None:
    write(tmp_path, "registry: r.io\n")
    with pytest.raises(CompatError) as caught:
        resolve_settings(RENDER, {"registry": "https://s.io"}, {}, str(tmp_path))
    assert str(caught.value) == (
        "--registry: 'https://s.io' is a URL, not a registry\n"
        "  Write 's.io': image references have no scheme."
    )


# --- What wins ---


class Source(NamedTuple):
    """One setting in each of the sources, and the default."""

    flag: tuple[str, ...]
    environment: str
    file: str
    values: tuple[object, object, object, object]


SWITCH = (True, False, True, False)
SOURCES = {
    "--registry": Source(("f.io/a",), "e.io", "registry: c.io:5", ("f.io/a", "e.io", "c.io:5", None)),
    "--map": Source(
        ("a.io=f.io", "b.io=f.io"),
        "a.io=e.io,b.io=e.io",
        "map: [{from: a.io, to: c.io}]",
        (["a.io f.io", "b.io f.io"], ["a.io e.io", "b.io e.io"], ["a.io c.io"], []),
    ),
    "--keep-domain": Source((), "false", "keep-domain: true", SWITCH),
    "--image-pull-secret": Source(("f",), "e", "image-pull-secret: c", ("f", "e", "c", "")),
    "--image-pull-secret-service-accounts": Source(
        (), "no", "image-pull-secret-service-accounts: true", SWITCH
    ),
    "--installed": Source(
        ("shop/operator=1.2.0",),
        "shop/operator=1.1.1,shop/operator=1.1.2",
        "installed: {shop/operator: 1.1.3}",
        (["1.2.0"], ["1.1.1", "1.1.2"], ["1.1.3"], []),
    ),
    "--cluster": Source(("never",), "auto", "cluster: never", ("never", "auto", "never", "")),
    "--kube-context": Source(("f",), "e", "kube-context: c", ("f", "e", "c", "")),
    "--kubeconfig": Source(("f",), "e", "kubeconfig: c", ("f", "e", "c", "")),
    "--cluster-timeout": Source(("1",), "2", "cluster-timeout: 3", ("1", "2", "3", "")),
    "--namespace": Source(("f",), "e", "namespace: c", ("f", "e", "c", "")),
    "--on-unknown": Source(
        ("error",),
        "ignore",
        "policy: {on-unknown: {newer: error}}",
        ({"error"}, {"ignore"}, {"error", "warn"}, {"warn"}),
    ),
    "--no-gate": Source((), "0", "no-gate: true", SWITCH),
    "--no-relocate": Source((), "0", "no-relocate: true", SWITCH),
    "--verify-images": Source((), "0", "verify-images: true", SWITCH),
    "--authfile": Source(("f",), "e", "authfile: c", ("f", "e", "c", "")),
    "--ca-file": Source(("f",), "e", "ca-file: c", ("f", "e", "c", "")),
    "--http-registry": Source(
        ("a.io", "b.io:5000"), "c.io,d.io", "http-registry: [e.io]",
        (("a.io", "b.io:5000"), ("c.io", "d.io"), ("e.io",), ()),
    ),
    "--first": Source(("f",), "e", "first: c", ("f", "e", "c", "")),
    "--report": Source(("f",), "e", "report: c", ("f", "e", "c", "")),
    "--diff": Source((), "off", "diff: true", SWITCH),
    "--fail-on": Source(
        ("never",), "info", "policy: {fail-on: warning}", ("never", "info", "warning", "")
    ),
    "--fail-on-leftover": Source((), "False", "fail-on-leftover: true", SWITCH),
    "--max-bytes": Source(("10",), "20", "limits: {max-bytes: 30}", (10, 20, 30, 268435456)),
    "--quiet": Source((), "0", "", (True, False, False, False)),
    "--verbose": Source((), "0", "", (True, False, False, False)),
    "--debug": Source((), "0", "", (True, False, False, False)),
    "--color": Source(("always",), "never", "", ("always", "never", "", "")),
}  # fmt: skip


SWITCHES = [o.flag for o in RENDER if not o.metavar and o.flag in SOURCES]


def observe(flag: str, resolved: Resolved) -> object:
    """What became of one setting."""
    settings = resolved.settings
    relocation = settings.relocation
    seen: dict[str, object] = {
        "--registry": str(relocation.registry) if relocation and relocation.registry else None,
        "--map": [f"{rule.source} {rule.target}" for rule in relocation.rules]
        if relocation
        else [],
        "--keep-domain": relocation is not None and relocation.keep_domain,
        "--no-relocate": relocation is None,
        "--image-pull-secret": settings.pull_secret,
        "--image-pull-secret-service-accounts": settings.service_accounts,
        "--max-bytes": settings.max_bytes,
        "--no-gate": settings.gate is None,
    }
    if settings.gate:
        seen["--installed"] = [instance.written for instance in settings.gate.installed]
        seen["--namespace"] = settings.gate.namespace
        seen["--on-unknown"] = {*settings.gate.policy.values()}
    if flag == "--http-registry":
        return resolved.values.get("http-registry", ())
    if flag in seen:
        return seen[flag]
    key = flag.removeprefix("--")
    option = next(option for option in RENDER if option.flag == flag)
    return resolved.text(key) if option.metavar else resolved.on(key)


def test_every_option_is_in_the_table() -> None:
    """But `--products` and `--pin-digests`, which read files and have tests of their own."""
    others = {"--config", "--products", "--pin-digests"}
    assert {option.flag for option in RENDER} == {*SOURCES, *others}


@pytest.mark.parametrize("flag", SOURCES)
def test_flag_over_environment_over_file_over_default(flag: str, tmp_path: Path) -> None:
    source = SOURCES[flag]
    variable = "HELM_COMPAT_" + flag.removeprefix("--").upper().replace("-", "_")
    words = [f"{flag}={value}" for value in source.flag] or [flag]
    # Rules are there or not only when there is something to relocate to.
    ground = "" if flag in ("--registry", "--map") else "registry: r.io\n"
    ground += "products: shop.yaml\n"
    shop.write(tmp_path / "shop.yaml")
    flags = read_arguments(RENDER, words)
    environment = {variable: source.environment}

    def resolve(text: str, flags: Given, environment: dict[str, str]) -> object:
        write(tmp_path, ground + text)
        return observe(
            flag, resolve_settings(RENDER, flags, environment, str(tmp_path), gated=True)
        )

    assert (
        resolve(source.file, flags, environment),
        resolve(source.file, {}, environment),
        resolve(source.file, {}, {}),
        resolve("", {}, {}),
    ) == source.values


@pytest.mark.parametrize("flag", [flag for flag in SWITCHES if SOURCES[flag].file])
def test_switch_of_the_environment_over_the_file(flag: str, tmp_path: Path) -> None:
    """The other way round: on in the environment, off in the file, and off alone."""
    variable = "HELM_COMPAT_" + flag.removeprefix("--").upper().replace("-", "_")
    off = SOURCES[flag].file.replace("true", "false")
    write(tmp_path, f"registry: r.io\n{off}\n")

    seen = [
        observe(flag, resolve_settings(RENDER, {}, environment, str(tmp_path), gated=True))
        for environment in ({variable: "1"}, {})
    ]
    assert seen == [True, False]


def test_named_file_over_the_nearest(tmp_path: Path) -> None:
    nearest = write(tmp_path, "registry: nearest.io\n")
    paths = {}
    for name in ("flag", "environment"):
        (tmp_path / name).mkdir()
        paths[name] = write(tmp_path / name, f"registry: {name}.io\n")
    environment = {"HELM_COMPAT_CONFIG": paths["environment"]}

    def read_from(flags: Given, environment: dict[str, str]) -> tuple[str, object]:
        resolved = resolve_settings(RENDER, flags, environment, str(tmp_path))
        return resolved.config, observe("--registry", resolved)

    assert [
        read_from({"config": paths["flag"]}, environment),
        read_from({}, environment),
        read_from({}, {}),
    ] == [
        (paths["flag"], "flag.io"),
        (paths["environment"], "environment.io"),
        (nearest, "nearest.io"),
    ]


def test_no_file(tmp_path: Path) -> None:
    assert find_config(os.sep) is None
    resolved = resolve_settings(RENDER, {}, {}, os.sep)
    assert (resolved.config, resolved.values, resolved.rules) == ("", {}, {})


# --- docs/configuration.md ---

PAGE = (ROOT / "docs" / "configuration.md").read_text("utf-8")
SNIPPETS = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("name", "text"), SNIPPETS, ids=range(len(SNIPPETS)))
def test_examples_of_the_page_are_taken(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    assert resolve_settings(RENDER, {}, {}, str(tmp_path), gated=True).settings.gate


def test_page_lists_every_option_and_key() -> None:
    table = "\n".join(line for line in PAGE.splitlines() if line.startswith("| "))
    rows = [re.split(r"(?<!\\)\|", line) for line in table.splitlines()]
    flags = {flag for row in rows for flag in re.findall("--[a-z-]+", row[1])}
    variables = {name for row in rows for name in re.findall("[A-Z]+_[A-Z_]+", row[2])}
    keys = {name for row in rows for name in re.findall("`([a-z.-]+)`", row[3])}
    for_terminals = ("--config", "--quiet", "--verbose", "--color", "--debug")
    listed = [option for option in RENDER if option.flag not in for_terminals]
    assert flags == {option.flag for option in listed}
    assert variables == {option.variable for option in listed}
    policy, limits = ("fail-on", "on-unknown", "rules"), ("max-bytes", "depth", "alias-nodes")
    same = {"image-pull-secret-service-accounts"}
    assert keys | same | {"version", "policy", "limits"} == {
        *KEYS.removeprefix("Known: ").removesuffix(".").split(", "),
        *(f"policy.{key}" for key in policy),
        *(f"limits.{key}" for key in limits),
    }
