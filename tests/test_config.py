"""The configuration file: where it is found, how its faults are told, and what wins over it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import pytest

from helm_compat.cli.options import RENDER, Given, read_arguments
from helm_compat.cli.settings import Resolved, resolve_settings
from helm_compat.config import FILE_NAME, Config, find_config
from helm_compat.config_file import read_config
from helm_compat.errors import CompatError, Place
from helm_compat.images.relocate import Name

KEYS = (
    "Known: diff, fail-on-leftover, first, image-paths, image-pull-secret,"
    " image-pull-secret-service-accounts, keep-domain, limits, map, no-relocate, policy, registry,"
    " report, version."
)
RULES = (
    "Known: host-like-reference, invalid-reference, leftover-image, relocation-hazard, run-time-image,"
    " taken-pull-secret, templated-reference, uneditable-image, unmatched-rule, unseen-hooks."
)


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
report: report.json
first: kubectl kustomize .
diff: true
no-relocate: false
fail-on-leftover: true
policy:
  fail-on: warning
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
        "report": "report.json",
        "first": "kubectl kustomize .",
        "diff": True,
        "no-relocate": False,
        "fail-on-leftover": True,
        "policy.fail-on": "warning",
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
    "--no-relocate": Source((), "0", "no-relocate: true", SWITCH),
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
    }
    if flag in seen:
        return seen[flag]
    key = flag.removeprefix("--")
    option = next(option for option in RENDER if option.flag == flag)
    return resolved.text(key) if option.metavar else resolved.on(key)


def test_every_option_is_in_the_table() -> None:
    assert {option.flag for option in RENDER} == {*SOURCES, "--config"}


@pytest.mark.parametrize("flag", SOURCES)
def test_flag_over_environment_over_file_over_default(flag: str, tmp_path: Path) -> None:
    source = SOURCES[flag]
    variable = "HELM_COMPAT_" + flag.removeprefix("--").upper().replace("-", "_")
    words = [f"{flag}={value}" for value in source.flag] or [flag]
    # Rules are there or not only when there is something to relocate to.
    ground = "" if flag in ("--registry", "--map") else "registry: r.io\n"
    flags = read_arguments(RENDER, words)
    environment = {variable: source.environment}

    def resolve(text: str, flags: Given, environment: dict[str, str]) -> object:
        write(tmp_path, ground + text)
        return observe(flag, resolve_settings(RENDER, flags, environment, str(tmp_path)))

    assert (
        resolve(source.file, flags, environment),
        resolve(source.file, {}, environment),
        resolve(source.file, {}, {}),
        resolve("", {}, {}),
    ) == source.values


@pytest.mark.parametrize(
    "flag", [option.flag for option in RENDER if not option.metavar and SOURCES[option.flag].file]
)
def test_switch_of_the_environment_over_the_file(flag: str, tmp_path: Path) -> None:
    """The other way round: on in the environment, off in the file, and off alone."""
    variable = "HELM_COMPAT_" + flag.removeprefix("--").upper().replace("-", "_")
    off = SOURCES[flag].file.replace("true", "false")
    write(tmp_path, f"registry: r.io\n{off}\n")

    seen = [
        observe(flag, resolve_settings(RENDER, {}, environment, str(tmp_path)))
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
