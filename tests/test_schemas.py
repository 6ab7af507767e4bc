"""The JSON Schemas of what we read and write, held against what the program does."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import shop
import yaml
from command import ROOT, Command, Said, make_command
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from helm_compat.catalogue import FAILURES, read_page, severity
from helm_compat.config_file import read_config
from helm_compat.config_values import ADJUSTABLE
from helm_compat.errors import CompatError
from helm_compat.knowledge.paths import InvalidPath, parse_path
from helm_compat.lock_file import read_images, read_lock

Data = dict[str, Any]

FOLDER = ROOT / "schemas"
# Those of charts' values are the vendors' and are held against their charts elsewhere.
FILES = {file.name.removesuffix(".schema.json"): file for file in FOLDER.glob("*.json")}
VALUES = {
    f"values/{file.name.removesuffix('.schema.json')}": file
    for file in (FOLDER / "values").iterdir()
}
SCHEMAS: dict[str, Data] = {name: json.loads(file.read_bytes()) for name, file in FILES.items()}
VALIDATORS = {name: Draft202012Validator(schema) for name, schema in SCHEMAS.items()}

names = pytest.mark.parametrize("name", sorted(SCHEMAS))


def errors(name: str, document: object) -> list[tuple[str, str]]:
    """Where a document breaks a schema, and the keyword that it breaks."""
    found = VALIDATORS[name].iter_errors(document)
    return sorted((error.json_path, str(error.validator)) for error in found)


def walk(value: object) -> Iterator[Data]:
    """Every mapping in a value, itself first."""
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from walk(child)
    elif isinstance(value, list):
        for child in value:
            yield from walk(child)


# --- The schemas themselves ---


def test_names() -> None:
    assert sorted(SCHEMAS) == [
        "check", "config", "images", "inventory", "lint", "lock", "matrix", "mirror", "plan",
        "product", "report", "status", "verify",
    ]  # fmt: skip


@names
def test_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@names
def test_every_object_is_strict_and_every_key_is_described(name: str) -> None:
    objects = [entry for entry in walk(SCHEMAS[name]) if entry.get("type") == "object"]
    loose = [entry for entry in objects if entry.get("additionalProperties", True) is True]
    silent = [
        key
        for entry in objects
        for key, value in entry.get("properties", {}).items()
        if not value.get("description")
    ]

    assert objects
    assert (loose, silent) == ([], [])


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        pytest.param("images", {"document"}, id="images"),
        pytest.param("check", {"finding", "excerpt", "evidence", "document"}, id="check"),
    ],
)
def test_definitions_agree_with_the_report(name: str, shared: set[str]) -> None:
    mine, reports = SCHEMAS[name]["$defs"], SCHEMAS["report"]["$defs"]
    assert {*mine} & {*reports} - {"image"} == shared
    assert {key: mine[key] for key in shared} == {key: reports[key] for key in shared}


def test_a_listed_image_is_one_of_a_report_with_a_mark() -> None:
    mine, reports = (SCHEMAS[name]["$defs"]["image"] for name in ("images", "report"))
    assert mine["required"] == [*reports["required"], "optional"]
    assert mine["properties"] == {
        **reports["properties"],
        "optional": mine["properties"]["optional"],
    }


@pytest.mark.parametrize("name", [*FILES, *VALUES])
def test_command_prints_the_file(name: str, tmp_path: Path) -> None:
    file = {**FILES, **VALUES}[name]
    assert make_command(tmp_path).run("schema", name) == Said(0, file.read_bytes(), "")


def test_command_lists_the_names(tmp_path: Path) -> None:
    listing = "".join(f"{name}\n" for name in sorted([*FILES, *VALUES]))
    assert make_command(tmp_path).run("schema") == Said(0, listing.encode(), "")


def test_command_for_an_unknown_name(tmp_path: Path) -> None:
    said = "error: there is no schema 'confg'\n  Did you mean 'config'?\n"
    assert make_command(tmp_path).run("schema", "confg") == Said(2, b"", said)


# --- Reports and lists of images ---

ZEROS = "0" * 64
# Every kind of place that a report can speak of, findings with and without place, evidence, hint.
STREAM = (
    f"""\
---
# Source: shop/templates/web.yaml
apiVersion: v1
kind: Pod
metadata: {{name: web, namespace: shop}}
spec:
  containers:
  - name: web
    image: nginx:1.25
    env: [{{name: TOOL_IMAGE, value: quay.io/minio/mc:1}}]
    args: [--side-image=quay.io/minio/kes:2, "see quay.io/minio/mc:2 there"]
  - {{name: bad, image: "NGINX:1"}}
  - {{name: late, image: "{{{{ .Values.image }}}}"}}
  - {{name: db, image: "aerospike/aerospike-server-enterprise@sha256:{ZEROS}"}}
  volumes:
  - {{name: model, image: {{reference: "quay.io/models/small:1"}}}}
---
# Source: shop/templates/map.yaml
apiVersion: v1
kind: ConfigMap
metadata: {{name: plain}}
data:
  tool: |
    image: quay.io/minio/mc:1
---
# Source: shop/templates/store.yaml
apiVersion: aistor.min.io/v1
kind: ObjectStore
metadata: {{name: store}}
spec: {{image: "quay.io/minio/aistor/minio:RELEASE.2026-04-11T03-20-12Z"}}
---
# Source: shop/templates/orders.yaml
""".encode()
    + shop.database("shop.io/db:3.0")
)
CONFIGURATION = """\
products: shop.yaml
installed: {shop/operator: 1.1.0}
suppress: [{rule: invalid-reference, resource: Pod/shop/web, reason: case 4711}]
"""


def make_report(command: Command, stdin: bytes, *arguments: str) -> Data:
    """The report of a render, which may find what it likes."""
    words = ("render", "--fail-on", "never", "--report", "report.json", *arguments)
    said = command.run(*words, stdin=stdin)
    assert said.status == 0, said.err
    report = json.loads((command.work / "report.json").read_bytes())
    assert isinstance(report, dict)
    return report


@pytest.fixture(scope="module")
def full_report(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """A report in which every key of the schema stands."""
    command = make_command(tmp_path_factory.mktemp("full"))
    shop.write(command.work / "shop.yaml")
    (command.work / ".helm-compat.yaml").write_text(CONFIGURATION, "utf-8")
    return make_report(
        command, STREAM, "--registry", "r.io/all", "--map", "a.io/b=r.io/b", "--diff"
    )


def keys(schema: Data) -> set[tuple[str, ...]]:
    """The sets of keys of all objects of a schema."""
    return {tuple(sorted(entry["properties"])) for entry in walk(schema) if "properties" in entry}


def test_full_report_is_valid(full_report: Data) -> None:
    assert errors("report", full_report) == []


def test_full_report_has_every_key(full_report: Data) -> None:
    """So that the refusals below speak of all of them."""
    objects: dict[str, set[str]] = {}
    for entry in walk(full_report):
        marker = next(
            key
            for key in ("tool", "rule", "site", "read", "kind", "error", "width", "origin", "name")
            if key in entry
        )
        objects.setdefault(marker, set()).update(entry)
    assert {tuple(sorted(found)) for found in objects.values()} == keys(SCHEMAS["report"])


def test_full_report_has_every_site(full_report: Data) -> None:
    """But `split` and `crd-default`, which have tests of their own."""
    assert {image["site"] for image in full_report["images"]} == {
        "pod", "image-volume", "custom-resource", "env", "args", "embedded",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("stdin", "arguments"),
    [
        pytest.param(b"", (), id="nothing"),
        pytest.param(b"a: b\n", ("--registry", "r.io"), id="no image"),
        pytest.param(STREAM, (), id="nothing relocated"),
        pytest.param(STREAM, ("--registry", "r.io", "--no-relocate", "--diff"), id="no diff"),
        pytest.param(b"image: a.io/b:1\n", ("--map", "c.io=r.io"), id="no document"),
    ],
)
def test_other_reports_are_valid(stdin: bytes, arguments: tuple[str, ...], tmp_path: Path) -> None:
    report = make_report(make_command(tmp_path), stdin, *arguments)
    assert errors("report", report) == []


@pytest.mark.parametrize("arguments", [(), ("--registry", "r.io")], ids=["listed", "relocated"])
def test_list_of_images_is_valid(arguments: tuple[str, ...], tmp_path: Path) -> None:
    said = make_command(tmp_path).run("images", "-", "-o", "json", *arguments, stdin=STREAM)
    assert (said.status, said.err) == (0, "")
    listing = json.loads(said.out)
    assert errors("images", listing) == []
    assert len(listing["images"]) == 8


def test_report_with_a_key_too_many_is_refused(full_report: Data) -> None:
    kinds = len(list(walk(full_report)))
    for index in range(kinds):
        report = copy.deepcopy(full_report)
        list(walk(report))[index]["extra"] = 1
        assert [keyword for _, keyword in errors("report", report)] == ["additionalProperties"]


def test_report_with_a_key_too_few_is_refused(full_report: Data) -> None:
    optional = {"diff", "template", "excerpt", "suppressed"}
    accepted = set()
    for index, entry in enumerate(walk(full_report)):
        for key in entry:
            report = copy.deepcopy(full_report)
            del list(walk(report))[index][key]
            if not errors("report", report):
                accepted.add(key)
    assert accepted == optional


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        pytest.param("report", "schemaVersion", 2, id="version"),
        pytest.param("report", "components", [[]], id="a component"),
        pytest.param("findings", "line", 0, id="line 0"),
        pytest.param("findings", "severity", "never", id="severity"),
        pytest.param("findings", "rule", "Leftover_Image", id="rule"),
        pytest.param("findings", "message", "", id="no message"),
        pytest.param("findings", "hint", None, id="null hint"),
        pytest.param("images", "target", "", id="empty target"),
        pytest.param("images", "site", "pods", id="site"),
        pytest.param("images", "column", 1.5, id="half a column"),
        pytest.param("components", "origin", "", id="component from nowhere"),
        pytest.param("components", "version", 5, id="number for a version"),
        pytest.param("findings", "notes", [""], id="empty note"),
        pytest.param("findings", "excerpt", "a: b", id="excerpt as text"),
        pytest.param("findings", "suppressed", "", id="suppressed without a reason"),
        pytest.param("report", "summary", [], id="summary as list"),
    ],
)
def test_report_with_a_wrong_value_is_refused(
    part: str, key: str, value: object, full_report: Data
) -> None:
    report = copy.deepcopy(full_report)
    target = report if part == "report" else next(e for e in report[part] if key in e)
    assert key in target
    target[key] = value
    assert len(errors("report", report)) == 1


# --- Configurations ---

VALID = {
    "nothing": "{}",
    "one key": "registry: r.example.com:5000/mirror",
    "JSON": '{"version": 1, "registry": "r.io", "keep-domain": false}',
    "rules": "map:\n- {from: quay.io/minio/, to: r.io/minio/}\n- to: r.io\n  from: ghcr.io\n",
    "no rules": "map: []",
    "switches": "{keep-domain: true, diff: false, no-relocate: true, fail-on-leftover: true}",
    "switch in capitals": "keep-domain: True",
    "secret": "image-pull-secret: regcred\nimage-pull-secret-service-accounts: true",
    "renderer and report": "first: kubectl kustomize 'a b'\nreport: report.json",
    "policy": "policy: {fail-on: never, rules: {leftover-image: error, unseen-hooks: warning}}",
    "empty sections": "policy: {rules: {}}\nlimits: {}",
    "limits": "limits: {max-bytes: 1, depth: 50, alias-nodes: 999999999999999999}",
    "anchor and alias": "map: [&a {from: quay.io, to: r.io}, *a]",
    "quoted number as text": "registry: '5000'",
    "paths": "image-paths: [{kind: Db, group: db.example.com, path: 'spec.pools[].image'}]",
    "core group": "image-paths: [{kind: Pod, group: '', path: a}]",
    "installed": "installed: {aerospike/operator: 4.4.0, kubernetes: '1.31'}",
    "installed as number": "installed: {kubernetes: 1.31}",
    "installed as image": "installed: {a/b: 'r.io/b:1@sha256:0'}",
    "installed twice": "installed: {a/b: [1.0, '1.1.0']}",
    "nothing installed": "installed: {a/b: [], c/d: []}",
    "product file": "products: compat",
    "product files": "products: [compat/*.yaml, more.yaml]",
    "no product files": "products: []",
    "suppressions": "suppress:\n- {rule: downgrade, resource: 'A/*', reason: x}\n"
    "- {until: '2026-12-31', reason: x, resource: '*', rule: leftover-image}\n",
    "no suppressions": "suppress: []",
    "namespace": "namespace: prod",
    "no gate": "no-gate: true",
    "one word for all unknowns": "policy: {on-unknown: error}",
    "a word for each kind": "policy: {on-unknown: {newer: error, older: warn, between: ignore,"
    " not-stated: warn, not-comparable: error, not-found: ignore, no-operator: error}}",
    "no kind of unknown": "policy: {on-unknown: {}}",
    "path with quotes": "image-paths: [{kind: D2, group: x, path: \"**.a['b.c/d']{}[].e\"}]",
}  # fmt: skip
INVALID = {
    "list": "- registry: r.io",
    "text": "registry",
    "unknown key": "registy: r.io",
    "key in camel case": "keepDomain: true",
    "key of a section on top": "fail-on: error",
    "key with capitals": "Registry: r.io",
    "version 2": "version: 2",
    "version as text": "version: '1'",
    "number for text": "registry: 5000",
    "truth for text": "report: true",
    "null for text": "first:",
    "empty text": "image-pull-secret: ''",
    "list for text": "registry: [r.io]",
    "word for truth": "diff: maybe",
    "text for truth": "diff: 'true'",
    "number for truth": "diff: 1",
    "rules as mapping": "map: {from: a, to: b}",
    "rule as text": "map: [quay.io=r.io]",
    "rule without source": "map: [{to: r.io}]",
    "rule without destination": "map: [{from: quay.io}]",
    "rule with more": "map: [{from: a, to: b, keep-domain: true}]",
    "rule with empty source": "map: [{from: '', to: b}]",
    "no policy": "policy:",
    "policy as text": "policy: error",
    "unknown key in policy": "policy: {on-unknowns: warn}",
    "unknown level": "policy: {fail-on: fatal}",
    "unknown rule": "policy: {rules: {leftover: error}}",
    "never for a rule": "policy: {rules: {leftover-image: never}}",
    "rules as list": "policy: {rules: [leftover-image]}",
    "limit of 0": "limits: {depth: 0}",
    "limit below 0": "limits: {depth: -1}",
    "limit with a point": "limits: {depth: 1.5}",
    "limit with a unit": "limits: {max-bytes: 256M}",
    "limit as text": "limits: {max-bytes: '256'}",
    "limit without bound": "limits: {max-bytes: 1000000000000000000}",
    "unknown limit": "limits: {bytes: 1}",
    "installed as list": "installed: [a/b]",
    "installed as text": "installed: a/b",
    "installed without a version": "installed: {a/b: }",
    "installed with an empty version": "installed: {a/b: ''}",
    "installed with a switch": "installed: {a/b: true}",
    "installed with a mapping": "installed: {a/b: {version: '1.0'}}",
    "installed with an empty version in a list": "installed: {a/b: ['1.0', '']}",
    "installed with a list in a list": "installed: {a/b: [['1.0']]}",
    "product file as number": "products: 5",
    "product file as mapping": "products: {shop: shop.yaml}",
    "empty product file": "products: ['']",
    "suppressions as mapping": "suppress: {rule: downgrade, resource: a, reason: b}",
    "suppression as text": "suppress: [downgrade]",
    "suppression without a rule": "suppress: [{resource: a, reason: b}]",
    "suppression without a resource": "suppress: [{rule: downgrade, reason: b}]",
    "suppression without a reason": "suppress: [{rule: downgrade, resource: a}]",
    "suppression without a word of reason": "suppress: [{rule: downgrade, resource: a, reason: ''}]",
    "suppression with more": "suppress: [{rule: downgrade, resource: a, reason: b, by: me}]",
    "suppression with no day": "suppress: [{rule: downgrade, resource: a, reason: b, until: x}]",
    "suppression in month 13": "suppress: [{rule: downgrade, resource: a, reason: b,"
    " until: '2026-13-01'}]",
    "namespace as number": "namespace: 5",
    "empty namespace": "namespace: ''",
    "no-gate as text": "no-gate: 'true'",
    "unknown policy": "policy: {on-unknown: warning}",
    "unknown policy of a kind": "policy: {on-unknown: {newer: never}}",
    "unknown kind of unknown": "policy: {on-unknown: {new: warn}}",
    "policies as list": "policy: {on-unknown: [warn]}",
    "kind in lower case": "image-paths: [{kind: db, group: x, path: a}]",
    "group with a version": "image-paths: [{kind: Db, group: x/v1, path: a}]",
    "group in capitals": "image-paths: [{kind: Db, group: X.io, path: a}]",
    "group as number": "image-paths: [{kind: Db, group: 5, path: a}]",
    "group as null": "image-paths: [{kind: Db, group: null, path: a}]",
    "no path": "image-paths: [{kind: Db, group: x}]",
    "empty path": "image-paths: [{kind: Db, group: x, path: ''}]",
    "path without a key": "image-paths: [{kind: Db, group: x, path: spec..image}]",
    "path that ends in any": "image-paths: [{kind: Db, group: x, path: spec.**}]",
    "path with an index": "image-paths: [{kind: Db, group: x, path: 'a[0]'}]",
}


def is_read(text: str, folder: Path) -> bool:
    """Whether the program takes a configuration."""
    file = folder / ".helm-compat.yaml"
    file.write_text(text, "utf-8")
    try:
        read_config(str(file))
    except CompatError:
        return False
    return True


@pytest.mark.parametrize("text", VALID.values(), ids=VALID)
def test_configuration_is_valid_for_schema_and_program(text: str, tmp_path: Path) -> None:
    found = errors("config", yaml.safe_load(text))
    assert (found, is_read(text, tmp_path)) == ([], True)


@pytest.mark.parametrize("text", INVALID.values(), ids=INVALID)
def test_configuration_is_invalid_for_schema_and_program(text: str, tmp_path: Path) -> None:
    found = errors("config", yaml.safe_load(text))
    assert (bool(found), is_read(text, tmp_path)) == (True, False)


@given(st.text("aB.*[]{}'0-/ ", max_size=12))
def test_paths_are_judged_the_same(path: str) -> None:
    entry = {"kind": "Db", "group": "", "path": path}
    try:
        parse_path(path)
        read = True
    except InvalidPath:
        read = False
    assert (errors("config", {"image-paths": [entry]}) == []) == read


def test_examples_are_valid() -> None:
    examples = [
        (VALIDATORS["config"].evolve(schema={**entry, "$defs": SCHEMAS["config"]["$defs"]}), text)
        for entry in walk(SCHEMAS["config"])
        for text in entry.get("examples", [])
    ]
    assert len(examples) == 12
    assert [text for validator, text in examples if not validator.is_valid(text)] == []


@pytest.mark.parametrize(
    ("start", "properties"),
    [
        pytest.param("{%s: 1}", (), id="top"),
        pytest.param("policy: {%s: 1}", ("policy",), id="policy"),
        pytest.param("policy: {rules: {%s: 1}}", ("policy", "rules"), id="policy.rules"),
        pytest.param("limits: {%s: 1}", ("limits",), id="limits"),
        pytest.param("map: [{%s: 1}]", ("map", "items"), id="map"),
        pytest.param("suppress: [{%s: 1}]", ("suppress", "items"), id="suppress"),
        pytest.param(
            "policy: {on-unknown: {%s: warn}}", ("policy", "on-unknown", 1), id="policy.on-unknown"
        ),
        pytest.param("image-paths: [{%s: 1}]", ("image-paths", "items"), id="image-paths"),
    ],
)
def test_keys_are_the_same(start: str, properties: tuple[str | int, ...], tmp_path: Path) -> None:
    """The program names all keys it knows when none is near."""
    file = tmp_path / ".helm-compat.yaml"
    file.write_text(start % "zzzzzzzz", "utf-8")
    with pytest.raises(CompatError) as caught:
        read_config(str(file))
    known = str(caught.value).rpartition("\n  Known: ")[2].removesuffix(".").split(", ")

    schema = SCHEMAS["config"]
    for step in properties:
        if isinstance(step, int):
            schema = schema["anyOf"][step]
        else:
            schema = schema["items"] if step == "items" else schema["properties"][step]
    assert known == sorted(schema["properties"])


def test_rules_are_the_same() -> None:
    rules = SCHEMAS["config"]["properties"]["policy"]["properties"]["rules"]
    assert sorted(ADJUSTABLE) == sorted(rules["properties"])


@pytest.mark.parametrize("rule", ADJUSTABLE)
def test_severity_of_a_rule_is_that_of_its_page(rule: str) -> None:
    rules = SCHEMAS["config"]["properties"]["policy"]["properties"]["rules"]["properties"]
    said = rules[rule]["description"].partition(". ")[2]
    word = severity(read_page(rule))
    if word == "by fact":
        assert said == "Each fact has a severity of its own."
    else:
        assert re.fullmatch(rf"Own severity: {word}(, info where .+)?\.", said)


def test_suppressions_take_every_rule(tmp_path: Path) -> None:
    """The schema leaves it to the program which rules there are."""
    entry = "- {rule: %s, resource: '*', reason: x}\n"
    rules = "".join(entry % rule for rule in ADJUSTABLE)
    assert is_read(f"suppress:\n{rules}", tmp_path)
    assert [rule for rule in FAILURES if is_read(f"suppress:\n{entry % rule}", tmp_path)] == []


# --- What `inventory` and `status` print; their whole outputs are in test_inventory_golden.py ---

PRINTED = {
    "inventory": ROOT / "testdata" / "inventory" / "half-way" / "result.json",
    "status": ROOT / "testdata" / "status" / "private-registry" / "result.json",
}
GAP = {"what": "pods in namespace a", "why": "no", "components": ["shop/database", "kubernetes"]}
printed = pytest.mark.parametrize("name", PRINTED)


def printed_by(name: str) -> Data:
    """An output in which every key of the schema stands."""
    document = json.loads(PRINTED[name].read_bytes())
    assert isinstance(document, dict)
    known = SCHEMAS[name]["$defs"]["gap"]["properties"]
    return {**document, "notChecked": [{key: GAP[key] for key in known}]}


@printed
def test_printed_output_is_valid_and_has_every_key(name: str) -> None:
    document = printed_by(name)
    assert errors(name, document) == []
    assert {tuple(sorted(entry)) for entry in walk(document)} == keys(SCHEMAS[name])


@printed
def test_printed_output_with_another_key_is_refused(name: str) -> None:
    for index in range(len(list(walk(printed_by(name))))):
        document = printed_by(name)
        list(walk(document))[index]["extra"] = 1
        assert errors(name, document)


@printed
def test_printed_output_without_a_key_is_refused(name: str) -> None:
    for index, entry in enumerate(walk(printed_by(name))):
        for key in entry:
            document = printed_by(name)
            del list(walk(document))[index][key]
            assert errors(name, document), key


@pytest.mark.parametrize(
    ("name", "part", "key", "value"),
    [
        pytest.param("inventory", "", "schemaVersion", 2, id="version of the format"),
        pytest.param("inventory", "", "kubernetes", "", id="empty Kubernetes"),
        pytest.param("inventory", "components", "version", "", id="empty version"),
        pytest.param("inventory", "components", "version", 5, id="number for a version"),
        pytest.param("inventory", "components", "object", "orders", id="object without a kind"),
        pytest.param("inventory", "components", "watches", [""], id="watches nothing by name"),
        pytest.param("inventory", "components", "running", None, id="running as null"),
        pytest.param("inventory", "components", "release", "ako", id="release as text"),
        pytest.param("inventory", "crds", "served", ["v1", 1], id="served as number"),
        pytest.param("inventory", "notChecked", "what", "", id="gap of nothing"),
        pytest.param("status", "", "done", "no", id="done as text"),
        pytest.param("status", "", "pods", -1, id="pods below 0"),
        pytest.param("status", "left", "rule", "other", id="unknown rule"),
        pytest.param("status", "left", "message", "", id="no message"),
        pytest.param("status", "left", "component", "aerospike", id="component without product"),
    ],
)
def test_printed_output_with_a_wrong_value_is_refused(
    name: str, part: str, key: str, value: object
) -> None:
    document = printed_by(name)
    target = document[part][0] if part else document
    assert key in target
    target[key] = value
    assert errors(name, document)


def test_every_kind_of_what_is_left_is_in_the_schema() -> None:
    rules = SCHEMAS["status"]["$defs"]["left"]["properties"]["rule"]["enum"]
    found = {
        left["rule"]
        for file in PRINTED["status"].parent.parent.glob("*/result.json")
        for left in json.loads(file.read_bytes())["left"]
    }
    assert found == set(rules)


# --- Lock files ---

LOCKS = {
    "version only": "version: 1",
    "version as text": "version: '1'",
    "images as null": "{version: 1, images: }",
    "digests": f"version: 1\nimages: {{docker.io/library/nginx:1.25: 'sha256:{ZEROS}'}}",
    "installed as null": "{version: 1, installed: }",
    "nothing installed": "{version: 1, installed: {}}",
    "lists as null": "{version: 1, installed: {components: , crds: , not-checked: }}",
    "empty lists": "{version: 1, installed: {components: [], crds: [], not-checked: []}}",
    "versions as numbers": "version: 1\ninstalled: {kubernetes: 1.31, components: [{product: a,"
    " component: b, version: 3.0, running: [2.0]}]}",
    "component with everything": "version: 1\ninstalled: {components: [{product: a, component: b,"
    " version: c, image: d, namespace: e, object: F/g, running: [h], watches: [i, j]}]}",
    "gap": "version: 1\ninstalled: {not-checked: [{what: a, why: b, components: [c/d]}, {what: e}]}",
    "definition": "version: 1\ninstalled: {crds: [{name: a.b, served: [v1], stored: []}]}",
}
NO_LOCKS = {
    "list": "[]",
    "no version": "installed: {}",
    "version 2": "version: 2",
    "unknown section": "{version: 1, instaled: {}}",
    "unknown key": "{version: 1, installed: {clusters: a}}",
    "installed as list": "{version: 1, installed: [a]}",
    "components as mapping": "{version: 1, installed: {components: {a: b}}}",
    "component as text": "{version: 1, installed: {components: [a/b]}}",
    "component without version": "version: 1\ninstalled: {components: [{product: a, component: b}]}",
    "component with an empty version": "version: 1\ninstalled: {components: [{product: a,"
    " component: b, version: ''}]}",
    "component with more": "version: 1\ninstalled: {components: [{product: a, component: b,"
    " version: c, kind: d}]}",
    "running as text": "version: 1\ninstalled: {components: [{product: a, component: b,"
    " version: c, running: d}]}",
    "watches in a list of lists": "version: 1\ninstalled: {components: [{product: a,"
    " component: b, version: c, watches: [[d]]}]}",
    "definition without name": "{version: 1, installed: {crds: [{served: [v1]}]}}",
    "definition with more": "{version: 1, installed: {crds: [{name: a, group: b}]}}",
    "gap without words": "{version: 1, installed: {not-checked: [{why: a}]}}",
    "cluster as list": "{version: 1, installed: {cluster: [a]}}",
    "images as list": "{version: 1, images: [a]}",
    "digest that is none": "{version: 1, images: {docker.io/library/nginx:1.25: latest}}",
}


def reads_lock(text: str, folder: Path) -> bool:
    path = folder / "compat.lock.yaml"
    path.write_text(text, "utf-8")
    try:
        read_lock(str(path))
        read_images(str(path))
    except CompatError:
        return False
    return True


@pytest.mark.parametrize("case", LOCKS)
def test_schema_takes_what_the_reader_of_lock_files_takes(case: str, tmp_path: Path) -> None:
    assert reads_lock(LOCKS[case], tmp_path)
    assert errors("lock", yaml.safe_load(LOCKS[case])) == []


@pytest.mark.parametrize("case", NO_LOCKS)
def test_schema_refuses_what_the_reader_of_lock_files_refuses(case: str, tmp_path: Path) -> None:
    assert not reads_lock(NO_LOCKS[case], tmp_path)
    assert errors("lock", yaml.safe_load(NO_LOCKS[case])) != []
