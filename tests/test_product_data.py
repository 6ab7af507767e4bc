"""The product files: their shape, their sources, their order, and what the schema refuses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from helm_compat.images.reference import parse
from helm_compat.knowledge.data import load
from helm_compat.knowledge.paths import parse_path

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "helm_compat" / "products").glob("*.yaml"))
SCHEMA: dict[str, Any] = json.loads((ROOT / "schemas" / "product.schema.json").read_bytes())
VALIDATOR = Draft202012Validator(SCHEMA)

Data = dict[str, Any]


def read(file: Path) -> Data:
    data = load(file.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


def first_error(document: object) -> tuple[str, str] | None:
    """The first error in the order of the paths: where it is and which keyword raised it."""
    errors = [(error.json_path, str(error.validator)) for error in VALIDATOR.iter_errors(document)]
    return min(errors) if errors else None


def walk(value: object) -> Iterator[Data]:
    """Every mapping in a value, itself first."""
    children: list[object] = []
    if isinstance(value, dict):
        yield value
        children = list(value.values())
    elif isinstance(value, list):
        children = value
    for child in children:
        yield from walk(child)


products = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def test_every_family_has_a_file() -> None:
    assert [file.stem for file in FILES] == [
        "aerospike",
        "kubeairunway",
        "kubernetes",
        "minio-aistor",
        "nvidia-aistore",
    ]


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_schema_is_strict_and_describes_every_key() -> None:
    objects = [entry for entry in walk(SCHEMA) if "properties" in entry]
    loose = [entry for entry in objects if entry.get("additionalProperties") is not False]
    silent = [
        key
        for entry in objects
        for key, value in entry["properties"].items()
        if not value.get("description")
    ]

    assert (loose, silent) == ([], [])


@products
def test_file_is_valid(file: Path) -> None:
    assert first_error(read(file)) is None


@products
def test_product_is_named_like_its_file(file: Path) -> None:
    assert read(file)["product"] == file.stem


@products
def test_any_yaml_parser_reads_the_same(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    events = {type(token) for token in yaml.scan(text)}

    assert not events & {yaml.AnchorToken, yaml.AliasToken, yaml.TagToken}
    assert json.loads(json.dumps(yaml.safe_load(text), default=str)) == read(file)


@products
def test_declared_sources_are_the_used_ones(file: Path) -> None:
    data = read(file)

    used = {entry["source"] for entry in walk(data) if "source" in entry}

    assert used == set(data["sources"])


@products
def test_paths_can_be_read(file: Path) -> None:
    for entry in walk(read(file)):
        for path in [*entry.get("paths", ()), *([entry["path"]] if "path" in entry else [])]:
            assert parse_path(path)


@products
def test_prefixes_are_normalised(file: Path) -> None:
    data = read(file)
    names = [entry["from"] for entry in data.get("relocation", ())]
    names += [name for entry in data.get("hazards", ()) for name in entry["images"]]
    for entry in data.get("run-time-images", ()):
        names += [re.sub("<[a-z]+>", "x", entry["image"]), *entry.get("when-image", ())]

    assert [str(parse(name)) for name in names] == names


def by_kind(entry: Data) -> tuple[str, ...]:
    field = entry["path"] if "path" in entry else entry["paths"][0]
    return entry["group"], entry["kind"], entry.get("scheme", ""), field


ORDER: dict[str, Callable[[Data], object]] = {
    "embedded-pull-secrets": lambda entry: entry["config-maps"],
    "hazards": lambda entry: entry["id"],
    "image-sites": lambda entry: by_kind(entry)[:2],
    "pull-secrets": by_kind,
    "relocation": lambda entry: entry["from"],
    "run-time-images": lambda entry: (entry["image"], entry["by"]),
    "split-sites": lambda entry: entry["id"],
}


@products
def test_order_is_alphabetical(file: Path) -> None:
    data = read(file)

    assert list(data["sources"]) == sorted(data["sources"])
    for key, order in ORDER.items():
        entries = data.get(key, [])
        assert entries == sorted(entries, key=order)  # type: ignore[arg-type]
    for entry in walk(data):
        for key in ("paths", "images", "config-maps", "when-image", "target-lacks"):
            if key in entry:
                assert entry[key] == sorted(entry[key])


def test_every_list_of_entries_has_an_order() -> None:
    lists = set(SCHEMA["properties"]) - {"product", "title", "sources"}

    assert set(ORDER) == lists


def test_no_field_is_declared_twice() -> None:
    images = []
    secrets = []
    ids = []
    for data in map(read, FILES):
        for entry in data.get("image-sites", ()):
            images += [(entry["group"], entry["kind"], path) for path in entry["paths"]]
        secrets += [by_kind(entry) for entry in data.get("pull-secrets", ())]
        ids += [entry["id"] for entry in data.get("split-sites", ())]
        ids += [entry["id"] for entry in data.get("hazards", ())]
        for entry in data.get("split-sites", ()):
            if "fields" in entry:
                images += [
                    (entry["group"], entry["kind"], f"{entry['path']}.{key}")
                    for key in entry["fields"].values()
                ]

    assert sorted(images) == sorted(set(images))
    assert sorted(secrets) == sorted(set(secrets))
    assert sorted(ids) == sorted(set(ids))


VALID: Data = {
    "product": "example",
    "title": "Example",
    "sources": {"page": {"url": "https://example.com/page", "read": "2026-11-21"}},
    "relocation": [{"from": "quay.io/example", "to": "example", "source": "page"}],
    "image-sites": [
        {"group": "example.com", "kind": "Thing", "source": "page", "paths": ["spec.image"]}
    ],
    "split-sites": [
        {
            "id": "variables",
            "env": {"registry": "REGISTRY", "namespace": "NAMESPACE", "name": "NAME"},
            "source": "page",
        },
        {
            "id": "fields",
            "group": "example.com",
            "kind": "Thing",
            "path": "spec.init",
            "fields": {"prefix": "imagePrefix"},
            "source": "page",
        },
    ],
    "pull-secrets": [
        {
            "group": "example.com",
            "kind": "Thing",
            "path": "spec.imagePullSecrets",
            "form": "names",
            "source": "page",
        }
    ],
    "embedded-pull-secrets": [
        {"config-maps": ["things"], "path": "pull", "form": "objects", "source": "page"}
    ],
    "run-time-images": [
        {
            "image": "docker.io/example/helper:<tag>",
            "by": "operator",
            "when-image": ["docker.io/example/operator"],
            "why": "cleanup",
            "source": "page",
        }
    ],
    "hazards": [
        {
            "id": "renamed",
            "images": ["docker.io/example/server"],
            "when": {"target-lacks": ["server"]},
            "message": "keep the name",
            "source": "page",
        }
    ],
}


def test_sample_is_valid_and_uses_every_list() -> None:
    assert first_error(VALID) is None
    assert set(VALID) == set(SCHEMA["properties"])


# The path of keys and indexes to the changed value, the new value (None: the key is removed),
# the path of the first error, and the keyword that the value breaks.
CHANGES = [
    pytest.param(["product"], None, "$", "required", id="no product"),
    pytest.param(["sources"], None, "$", "required", id="no sources"),
    pytest.param(["versions"], [], "$", "additionalProperties", id="unknown key at the top"),
    pytest.param(["product"], "MinIO", "$.product", "pattern", id="product in upper case"),
    pytest.param(["title"], " Example", "$.title", "pattern", id="title with a space in front"),
    pytest.param(["sources"], {}, "$.sources", "minProperties", id="sources without an entry"),
    pytest.param(
        ["sources", "Page"],
        {"document": "Page", "read": "2026-11-21"},
        "$.sources",
        "pattern",
        id="source name in upper case",
    ),
    pytest.param(
        ["sources", "page", "url"], None, "$.sources.page", "oneOf", id="source without a place"
    ),
    pytest.param(
        ["sources", "page", "document"], "Page", "$.sources.page", "oneOf", id="two places"
    ),
    pytest.param(
        ["sources", "page", "url"],
        "http://example.com",
        "$.sources.page.url",
        "pattern",
        id="source without TLS",
    ),
    pytest.param(
        ["sources", "page", "read"],
        "2026-13-01",
        "$.sources.page.read",
        "pattern",
        id="month that does not exist",
    ),
    pytest.param(
        ["sources", "page", "read"], None, "$.sources.page", "required", id="source without a day"
    ),
    pytest.param(["relocation"], [], "$.relocation", "minItems", id="empty list"),
    pytest.param(
        ["relocation", 0, "from"],
        "minio/minio",
        "$.relocation[0].from",
        "pattern",
        id="prefix without its domain",
    ),
    pytest.param(
        ["relocation", 0, "from"],
        "quay.io/minio/",
        "$.relocation[0].from",
        "pattern",
        id="prefix with a slash at the end",
    ),
    pytest.param(
        ["relocation", 0, "to"],
        "/example",
        "$.relocation[0].to",
        "pattern",
        id="target with a slash in front",
    ),
    pytest.param(
        ["image-sites", 0, "source"],
        None,
        "$['image-sites'][0]",
        "required",
        id="fact without a source",
    ),
    pytest.param(
        ["image-sites", 0, "version"],
        "v1",
        "$['image-sites'][0]",
        "additionalProperties",
        id="image site of one version",
    ),
    pytest.param(
        ["image-sites", 0, "group"],
        "example.com/v1",
        "$['image-sites'][0].group",
        "pattern",
        id="group with its version",
    ),
    pytest.param(
        ["image-sites", 0, "kind"],
        "things",
        "$['image-sites'][0].kind",
        "pattern",
        id="resource name for a kind",
    ),
    pytest.param(
        ["image-sites", 0, "scheme"],
        "https://",
        "$['image-sites'][0].scheme",
        "enum",
        id="scheme that names no registry",
    ),
    pytest.param(
        ["image-sites", 0, "paths"], [], "$['image-sites'][0].paths", "minItems", id="no path"
    ),
    pytest.param(
        ["image-sites", 0, "paths"],
        ["spec.image", "spec.image"],
        "$['image-sites'][0].paths",
        "uniqueItems",
        id="one path twice",
    ),
    *[
        pytest.param(
            ["image-sites", 0, "paths", 0],
            path,
            "$['image-sites'][0].paths[0]",
            "pattern",
            id=f"path: {name}",
        )
        for name, path in {
            "empty": "",
            "status": "status.image",
            "list of statuses": "status[].image",
            "empty key": "spec..image",
            "dot in front": ".spec.image",
            "dot at the end": "spec.",
            "one item of a list": "spec.containers[0].image",
            "ends in any level": "spec.**",
            "one star": "spec.*.image",
            "unquoted slash": "metadata.annotations.a/b",
            "open quote": "metadata.annotations['a.b]",
        }.items()
    ],
    pytest.param(
        ["split-sites", 0, "env", "name"],
        None,
        "$['split-sites'][0].env",
        "oneOf",
        id="two of three variables",
    ),
    pytest.param(
        ["split-sites", 1, "fields", "name"],
        "imageName",
        "$['split-sites'][1].fields",
        "oneOf",
        id="prefix beside a name",
    ),
    pytest.param(
        ["split-sites", 0, "env", "registry"],
        "A REGISTRY",
        "$['split-sites'][0].env.registry",
        "pattern",
        id="variable with a space",
    ),
    pytest.param(
        ["split-sites", 1, "env"],
        {"prefix": "REGISTRY"},
        "$['split-sites'][1]",
        "oneOf",
        id="variables and fields",
    ),
    pytest.param(
        ["split-sites", 1, "kind"],
        None,
        "$['split-sites'][1]",
        "dependentRequired",
        id="fields without their kind",
    ),
    pytest.param(
        ["split-sites", 0, "kind"],
        "Thing",
        "$['split-sites'][0]",
        "dependentRequired",
        id="variables of a kind",
    ),
    pytest.param(
        ["split-sites", 0, "defaults"],
        {"tag": "1.0"},
        "$['split-sites'][0].defaults",
        "additionalProperties",
        id="default of a part that does not exist",
    ),
    pytest.param(
        ["pull-secrets", 0, "form"], "list", "$['pull-secrets'][0].form", "enum", id="unknown form"
    ),
    pytest.param(
        ["embedded-pull-secrets", 0, "config-maps"],
        "things",
        "$['embedded-pull-secrets'][0]['config-maps']",
        "type",
        id="one name for a list",
    ),
    pytest.param(
        ["run-time-images", 0, "when-image"],
        None,
        "$['run-time-images'][0]",
        "anyOf",
        id="run-time image of nobody",
    ),
    pytest.param(
        ["run-time-images", 0, "image"],
        "docker.io/example/helper",
        "$['run-time-images'][0].image",
        "pattern",
        id="run-time image without a tag",
    ),
    pytest.param(
        ["run-time-images", 0, "image"],
        "nvcr.io/nvidia/{a,b}:1.1.1",
        "$['run-time-images'][0].image",
        "pattern",
        id="two images in one entry",
    ),
    pytest.param(
        ["run-time-images", 0, "when-kind"],
        [{"kind": "Thing"}],
        "$['run-time-images'][0]['when-kind'][0]",
        "required",
        id="kind without its group",
    ),
    pytest.param(
        ["hazards", 0, "images"],
        ["docker.io/example/server:1"],
        "$.hazards[0].images[0]",
        "pattern",
        id="image with a tag",
    ),
    pytest.param(
        ["hazards", 0, "when"], {}, "$.hazards[0].when", "minProperties", id="no condition"
    ),
    pytest.param(
        ["hazards", 0, "when", "registry-contains"],
        "x",
        "$.hazards[0].when",
        "maxProperties",
        id="two conditions",
    ),
    pytest.param(
        ["hazards", 0, "when"],
        {"digest-without-tag": False},
        "$.hazards[0].when['digest-without-tag']",
        "const",
        id="condition that is switched off",
    ),
]


@pytest.mark.parametrize(("keys", "value", "path", "keyword"), CHANGES)
def test_schema_refuses(keys: list[str | int], value: object, path: str, keyword: str) -> None:
    document: Any = deepcopy(VALID)
    *parents, last = keys
    place = document
    for key in parents:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value

    assert first_error(document) == (path, keyword)


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("image", id="one key"),
        pytest.param("inference.preset.presetOptions.image", id="object without a spec"),
        pytest.param("spec.statusImage", id="key that begins with status"),
        pytest.param("spec.status.image", id="status of something else"),
        pytest.param("spec.pools[].containers[].image", id="lists"),
        pytest.param("spec.services{}.image", id="values of a mapping"),
        pytest.param("spec.matrix[][].image", id="list of lists"),
        pytest.param("**.image", id="any level first"),
        pytest.param("spec.overrides.**.image", id="any level"),
        pytest.param("metadata.annotations['a.b/c']", id="key with dots"),
        pytest.param("spec.parts['a.b'][].image", id="list under a key with dots"),
    ],
)
def test_schema_takes_path(path: str) -> None:
    document = deepcopy(VALID)
    document["image-sites"][0]["paths"] = [path]

    assert first_error(document) is None
    assert parse_path(path)
