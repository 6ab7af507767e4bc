"""The product files: their shape, their sources, their order, and what the schema refuses."""

from __future__ import annotations

import itertools
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
from helm_compat.knowledge.ranges import Range, intersects, parse_range
from helm_compat.knowledge.versions import Version
from helm_compat.knowledge.versions import read as read_version

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
    # The keys of a row are the names of components.
    loose = [
        entry
        for entry in objects
        if entry.get("additionalProperties") is not False and entry is not SCHEMA["$defs"]["row"]
    ]
    silent = [
        key
        for entry in objects
        for key, value in entry["properties"].items()
        if not value.get("description")
    ]

    assert (loose, silent) == ([], [])


# The keywords that the program's own validator knows.
KEYWORDS = {
    *("$schema", "$id", "title", "description", "$defs", "$ref", "type", "enum", "const"),
    *("pattern", "minLength", "properties", "required", "additionalProperties", "propertyNames"),
    *("items", "minItems", "minProperties", "uniqueItems", "oneOf", "anyOf", "not"),
    *("dependentRequired", "minimum"),
}


def keywords(schema: Data) -> Iterator[str]:
    """The keywords of a schema and of every schema in it."""
    yield from schema
    for key in ("properties", "$defs"):
        for child in schema.get(key, {}).values():
            yield from keywords(child)
    for key in ("items", "additionalProperties", "propertyNames", "not"):
        if isinstance(schema.get(key), dict):
            yield from keywords(schema[key])
    for key in ("oneOf", "anyOf"):
        for child in schema.get(key, ()):
            yield from keywords(child)


def test_schema_has_no_keyword_that_our_validator_does_not_know() -> None:
    assert set(keywords(SCHEMA)) - KEYWORDS == set()


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


def sources_of(entry: Data) -> list[str]:
    """The names of the sources of one fact."""
    source = entry.get("source", [])
    return [source] if isinstance(source, str) else source


@products
def test_declared_sources_are_the_used_ones(file: Path) -> None:
    data = read(file)

    used = {name for entry in walk(data) for name in sources_of(entry)}

    assert used == set(data["sources"])


@products
def test_paths_can_be_read(file: Path) -> None:
    data = read(file)
    paths = [entry[key] for entry in walk(data) for key in ("path", "differs-from") if key in entry]
    for entry in walk(data):
        paths += [*entry.get("paths", ()), *entry.get("joins", {}).values()]
    for entry in data.get("fields", ()):
        paths += [entry["use"]] if "use" in entry else []

    assert all(parse_path(path) for path in paths)


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


def by_id(entry: Data) -> object:
    return entry["id"]


def by_component(entry: Data) -> object:
    return entry["component"]


ORDER: dict[str, Callable[[Data], object]] = {
    "api-versions": by_id,
    "crossings": by_id,
    "current-release": by_id,
    "deliveries": by_component,
    "downgrades": by_component,
    "editions": by_component,
    "effects": lambda entry: entry["crossing"],
    "embedded-pull-secrets": lambda entry: entry["config-maps"],
    "fields": by_id,
    "flavours": lambda entry: entry["components"],
    "hazards": by_id,
    "image-sites": lambda entry: by_kind(entry)[:2],
    "marks": by_id,
    "matrices": by_id,
    "optional-images": lambda entry: (entry["images"], entry["config-maps"]),
    "orders": by_id,
    "pull-secrets": by_kind,
    "relocation": lambda entry: entry["from"],
    "requirements": by_id,
    "run-time-images": lambda entry: (entry["image"], entry["by"]),
    "same-release": by_component,
    "served-apis": by_id,
    "split-sites": by_id,
    "stops": by_component,
    "transients": by_id,
    "upgrades": by_component,
    "waypoints": by_id,
    "written-as": by_id,
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
    lists = set(SCHEMA["properties"]) - {"product", "title", "extends", "sources", "components"}

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


# --- Versions, and what fits what ---

GATED = [file for file in FILES if "components" in read(file)]
gated = pytest.mark.parametrize("file", GATED, ids=lambda file: file.stem)
BY_NAME = {file.stem: read(file) for file in GATED}


def version_of(data: Data, component: str, text: str) -> Version | None:
    entry = data["components"][component]
    return read_version(entry["scheme"], text, tags=entry.get("tags", ""))


def range_of(data: Data, component: str, text: str) -> Range:
    entry = data["components"][component]
    return parse_range(entry["scheme"], text, tags=entry.get("tags", ""))


def cells(row: Data) -> dict[str, Any]:
    """What a row says, by component: its own and the others."""
    return {key: value for key, value in row.items() if key not in ("source", "note", "counts")}


def rows(data: Data) -> Iterator[Data]:
    for matrix in data.get("matrices", ()):
        yield from matrix["rows"]


def ranges_in(data: Data) -> Iterator[tuple[str, str]]:
    """Every range of a file, with its component."""
    # The conditions of hazards are on references.
    for entry in walk({key: value for key, value in data.items() if key != "hazards"}):
        for key in ("when", "needs", "within"):
            yield from entry.get(key, {}).items()
        if "served-by" in entry:
            yield entry["component"], entry["served-by"]
    for entry in [*data.get("upgrades", ()), *data.get("crossings", ())]:
        yield from ((entry["component"], entry[key]) for key in ("from", "to") if key in entry)
    for entry in data.get("stops", ()):
        yield from ((entry["component"], line) for line in entry["lines"])
    for row in rows(data):
        for component, cell in cells(row).items():
            texts = cell.values() if isinstance(cell, dict) else (cell,)
            yield from ((component, text) for text in texts)


def versions_in(data: Data) -> Iterator[tuple[str, str]]:
    """Every single version of a file, with its component."""
    for name, component in data["components"].items():
        for release in releases(component):
            yield name, release["version"]
            yield from ((name, release[key]) for key in FLOORS if key in release)
        if "newest" in component:
            yield name, component["newest"]
    for entry in [*data.get("upgrades", ()), *data.get("crossings", ())]:
        yield from ((entry["component"], entry[key]) for key in ("at", "stop") if key in entry)


FLOORS = ("oldest-operand", "newest-operand")


def releases(component: Data) -> list[Data]:
    """The releases of a component, each as a record."""
    return [
        {"version": release} if isinstance(release, str) else release
        for release in component.get("releases", ())
    ]


def test_families_that_are_judged() -> None:
    assert sorted(BY_NAME) == ["aerospike", "kubeairunway", "minio-aistor", "nvidia-aistore"]


COMPONENTS = {
    "aerospike": {
        "operator": ("operator", "semver", ""),
        "database": ("operand", "dotted", "longest-number"),
        "backup-service": ("companion", "dotted", "longest-number"),
        "init": ("companion", "dotted", "longest-number"),
        "kubernetes": ("platform", "kubernetes", ""),
    },
    "kubeairunway": {
        "controller": ("operator", "semver", ""),
        "kaito": ("companion", "dotted", ""),
        "dynamo": ("companion", "semver", ""),
        "kuberay": ("companion", "semver", ""),
        "kubernetes": ("platform", "kubernetes", ""),
    },
    "minio-aistor": {
        "operator": ("operator", "release-date", ""),
        "object-store": ("operand", "release-date", ""),
        "sidecar": ("companion", "release-date", ""),
        "kes": ("companion", "release-date", ""),
        "kubernetes": ("platform", "kubernetes", ""),
    },
    "nvidia-aistore": {
        "operator": ("operator", "dotted", ""),
        "aisnode": ("operand", "dotted", ""),
        "init": ("companion", "dotted", ""),
        "kubernetes": ("platform", "kubernetes", ""),
    },
}


@gated
def test_components_roles_and_schemes(file: Path) -> None:
    found = {
        name: (entry["role"], entry["scheme"], entry.get("tags", ""))
        for name, entry in read(file)["components"].items()
    }

    assert found == COMPONENTS[file.stem]


@gated
def test_every_component_but_the_platform_is_detected(file: Path) -> None:
    components = read(file)["components"].values()

    assert [e["title"] for e in components if ("detect" in e) == (e["role"] == "platform")] == []


@gated
def test_every_component_that_is_named_is_declared(file: Path) -> None:
    data = read(file)
    named = {name for name, _ in [*ranges_in(data), *versions_in(data)]}
    for entry in walk(data):
        named |= {entry[key] for key in ("component", "operand", "stays", "of") if key in entry}
        named |= set(entry.get("equal", ())) | set(entry.get("joins", ()))
    for entry in data.get("current-release", ()):
        named.add(entry["operator"])
    for entry in data.get("flavours", ()):
        named |= set(entry["components"])

    assert named - set(data["components"]) == set()


@gated
def test_ids_are_unique(file: Path) -> None:
    data = read(file)
    lists = [key for key, order in ORDER.items() if order is by_id]
    ids = [entry["id"] for key in lists for entry in data.get(key, ())]

    assert sorted(ids) == sorted(set(ids))


@gated
def test_ranges_can_be_read(file: Path) -> None:
    data = read(file)

    assert all(range_of(data, *found) for found in ranges_in(data) if found[1] != "none")


@gated
def test_versions_can_be_read(file: Path) -> None:
    data = read(file)

    assert [found for found in versions_in(data) if not version_of(data, *found)] == []


@gated
def test_releases_are_in_order(file: Path) -> None:
    data = read(file)
    for name, component in data["components"].items():
        known = [version_of(data, name, release["version"]) for release in releases(component)]
        keys = [version.key for version in known if version]

        assert keys == sorted(set(keys)), name


@gated
def test_every_row_has_its_own_key(file: Path) -> None:
    for matrix in read(file).get("matrices", ()):
        assert all(matrix["of"] in row and len(cells(row)) > 1 for row in matrix["rows"])


@gated
def test_rows_that_count_do_not_overlap(file: Path) -> None:
    data = read(file)
    for matrix in data.get("matrices", ()):
        keys = [
            range_of(data, matrix["of"], row[matrix["of"]])
            for row in matrix["rows"]
            if row.get("counts", True)
        ]

        both = [(a.text, b.text) for a, b in itertools.combinations(keys, 2) if intersects(a, b)]
        assert both == []


@gated
def test_a_row_that_does_not_count_has_one_that_does(file: Path) -> None:
    for matrix in read(file).get("matrices", ()):
        counted = {row[matrix["of"]] for row in matrix["rows"] if row.get("counts", True)}
        others = {row[matrix["of"]] for row in matrix["rows"] if not row.get("counts", True)}

        assert others <= counted


@gated
def test_stops_are_where_the_step_begins(file: Path) -> None:
    data = read(file)
    for row in data.get("upgrades", ()):
        if "stop" in row:
            stop = version_of(data, row["component"], row["stop"])
            assert stop
            assert range_of(data, row["component"], row["from"]).holds(stop)


@gated
def test_each_line_has_one_step(file: Path) -> None:
    steps = [
        (row["component"], row["to"])
        for row in read(file).get("upgrades", ())
        if not row.get("described")
    ]

    assert sorted(steps) == sorted(set(steps))


def test_floors_of_aistor_never_fall() -> None:
    data = BY_NAME["minio-aistor"]
    floors = [
        version_of(data, "object-store", release["oldest-operand"])
        for release in releases(data["components"]["operator"])
        if "oldest-operand" in release
    ]
    keys = [floor.key for floor in floors if floor]

    assert keys == sorted(keys)
    assert len(keys) == 19


def test_releases_of_aistor_without_a_chart() -> None:
    known = releases(BY_NAME["minio-aistor"]["components"]["operator"])

    assert [entry["version"] for entry in known if "charts" not in entry] == [
        "RELEASE.2025-10-16T16-46-38Z"
    ]
    assert [
        entry["charts"] for entry in known if entry["version"].startswith("RELEASE.2026-04-13")
    ] == [["aistor-operator 5.6.2", "aistor-operator 5.6.3", "aistor-operator 5.6.4"]]


def cell_of(product: str, matrix: str, release: str, component: str) -> object:
    """What the row of a release that counts says of a component; "no row" where there is none."""
    data = BY_NAME[product]
    (table,) = [entry for entry in data["matrices"] if entry["id"] == matrix]
    version = version_of(data, table["of"], release)
    assert version
    for row in table["rows"]:
        if row.get("counts", True) and range_of(data, table["of"], row[table["of"]]).holds(version):
            return row.get(component, "not stated")
    return "no row"


def backup(last: str) -> Data:
    """A cell of the backup service: the line of the last release that the table names."""
    line = last.rpartition(".")[0]
    return {"range": f">=3.0.0 <={line}.x", "stated": f">=3.0.0 <={last}"}


# What the pages say, release by release.
CELLS: dict[tuple[str, str, str], dict[str, object]] = {
    ("aerospike", "database", "database"): {
        "4.5.0": ">=6.0.0.0 <=8.1.2.x",
        "4.4.0": ">=6.0.0.0 <=8.1.2.x",
        "4.4.1": ">=6.0.0.0 <=8.1.2.x",
        "4.3.0": ">=6.0.0.0 <=8.1.1.x",
        "4.2.0": ">=6.0.0.0 <=8.1.0.x",
        "4.1.2": ">=6.0.0.0 <=8.1.0.x",
        "4.0.2": ">=6.0.0.0 <=8.0.0.x",
        "3.4.1": ">=4.9.0.3 <=7.2.x",
        "3.3.1": ">=4.9.0.3 <=7.1.x",
        "3.2.2": ">=4.9.0.3 <=7.0.x",
        "3.1.0": ">=4.9.0.3 <=6.4.x",
        "3.0.0": ">=4.9.0.3 <=6.4.x",
        "2.5.0": ">=5.6.0.0 <=6.3.x",
        "2.4.0": ">=5.6.0.0 <=6.2.x",
        "2.3.0": ">=5.6.0.0 <=6.2.x",
        "2.2.1": ">=5.6.0.0 <=6.1.x",
        "2.1.0": ">=5.6.0.0 <=6.0.x",
        "2.0.0": ">=5.6.0.0 <=5.7.x",
        "1.0.1": "none",
        "4.6.0": "no row",
        "5.0.0": "no row",
    },
    ("aerospike", "database", "backup-service"): {
        "4.5.0": backup("3.5.0"),
        "4.4.1": backup("3.5.0"),
        "4.3.0": backup("3.4.0"),
        "4.2.0": backup("3.4.0"),
        "4.1.0": backup("3.2.0"),
        "4.0.0": backup("3.0.0"),
        "3.4.0": "2.x",
        "3.3.0": "none",
        "2.0.0": "none",
        "1.0.0": "none",
    },
    ("aerospike", "kubernetes", "kubernetes"): {
        "4.5.0": ">=1.23 <=1.35.x",
        "4.4.1": ">=1.23 <=1.35.x",
        "4.3.0": ">=1.23 <=1.34.x",
        "4.2.0": ">=1.23 <=1.34.x",
        "4.1.0": ">=1.23 <=1.33.x",
        "4.0.0": ">=1.23",
        "3.4.1": ">=1.19 <=1.30.x",
        "3.3.1": ">=1.19 <=1.29.x",
        "3.2.0": ">=1.19 <=1.27.x",
        "3.1.0": ">=1.19 <=1.27.x",
        "3.0.0": ">=1.19",
        "2.5.0": ">=1.16",
        "2.4.0": ">=1.16 <=1.25.x",
        "2.3.0": ">=1.16 <=1.23.x",
        "2.2.0": ">=1.16 <=1.23.x",
        "2.1.0": ">=1.16 <=1.23.x",
        "2.0.0": ">=1.16 <=1.22.x",
        "1.0.0": "any",
    },
    ("nvidia-aistore", "operator", "operator"): {
        "v3.9": ">=0.0",
        "v3.21": ">=0.0",
        "v3.22": ">=1.0.0",
        "v3.23": ">=1.1.0",
        "v3.24": ">=1.4.1",
        "v3.25": ">=1.4.1",
        "v3.26": ">=1.6.0",
        "v3.27": ">=1.6.0",
        "v3.28-etl": ">=1.6.0",
        "v3.29": "no row",
        "v3.31": "no row",
        "v4.0": "no row",
        "v4.1": ">=2.8.0",
        "v4.2": ">=2.8.0",
        "v4.3": ">=2.8.0",
        "v4.9": ">=2.8.0",
        "v5.0": "no row",
    },
    ("nvidia-aistore", "kubernetes", "kubernetes"): {
        "v1.0.0": ">=1.27",
        "v2.3.0": ">=1.27",
        "v3.3.0": ">=1.27",
        "v3.4.0": ">=1.28",
    },
    ("kubeairunway", "controller", "kaito"): {"0.1.0": "0.3.x", "0.7.0": "no row"},
    ("kubeairunway", "controller", "dynamo"): {"0.1.0": "1.0.x"},
    ("kubeairunway", "controller", "kuberay"): {"0.1.0": "1.1.x"},
    ("kubeairunway", "controller", "kubernetes"): {"0.1.0": ">=1.26 <=1.30.x"},
}


@pytest.mark.parametrize(
    ("where", "release", "says"),
    [
        pytest.param(where, release, says, id=f"{'/'.join(where)} with {release}")
        for where, column in CELLS.items()
        for release, says in column.items()
    ],
)
def test_matrix_says(where: tuple[str, str, str], release: str, says: object) -> None:
    product, matrix, component = where

    assert cell_of(product, matrix, release, component) == says


def test_original_documents_rows_are_named() -> None:
    """The rows that the older and the newer copy of a page share name both."""
    named = {
        (product, row[matrix["of"]], source)
        for product, data in BY_NAME.items()
        for matrix in data.get("matrices", ())
        for row in matrix["rows"]
        for source in sources_of(row)
        if source in ("compatibility-newer", "compatibility-original", "versioning-original")
    }

    assert named == {
        ("aerospike", "4.5.x", "compatibility-newer"),
        ("kubeairunway", "0.1.x", "versioning-original"),
        ("nvidia-aistore", "3.22.x", "compatibility-original"),
        ("nvidia-aistore", "3.23.x", "compatibility-original"),
        ("nvidia-aistore", "<=3.21.x", "compatibility-original"),
    }


# What the operators are said to go to, from what on, and over which stop.
STEPS = {
    "4.5.x": (">=4.4.1", "4.4.1"),
    "4.4.x": (">=4.3.0", "4.3.0"),
    "4.3.x": (">=4.2.0", "4.2.0"),
    "4.2.x": (">=4.1.2", "4.1.2"),
    "4.1.x": (">=4.0.0", "4.0.2"),
    "4.0.x": (">=3.4.0", "3.4.1"),
    "3.4.x": (">=3.2.0", "3.2.2"),
    "3.3.x": (">=3.1.0", "3.1.0"),
    "3.2.x": (">=3.1.0", "3.1.0"),
    "3.1.x": (">=3.0.0", "3.0.0"),
    "3.0.x": (">=2.5.0", "2.5.0"),
    "2.5.x": (">=2.4.0", "2.4.0"),
    "2.4.x": (">=2.3.0", "2.3.0"),
    "2.3.x": (">=2.2.0", "2.2.1"),
    "2.2.x": (">=2.1.0", "2.1.0"),
    "2.1.x": (">=2.0.0", "2.0.0"),
    "2.0.x": ("none", None),
}


def test_steps_of_the_aerospike_operator() -> None:
    rows = [row for row in BY_NAME["aerospike"]["upgrades"] if not row.get("described")]

    assert {row["to"]: (row["from"], row.get("stop")) for row in rows} == STEPS
    assert [row["to"] for row in rows if "basis" in row] == ["3.3.x", "2.3.x", "2.2.x"]


@pytest.mark.parametrize(
    ("product", "component", "names"),
    [
        pytest.param("minio-aistor", "operator", ["aistor/operator"], id="AIStor"),
        pytest.param(
            "aerospike",
            "operator",
            ["aerospike-kubernetes-operator", "aerospike-kubernetes-operator-nightly"],
            id="Aerospike",
        ),
        pytest.param("nvidia-aistore", "operator", ["aistorage/ais-operator"], id="AIStore"),
        pytest.param(
            "kubeairunway",
            "controller",
            ["airunway/controller", "kubeairunway/controller"],
            id="AI Runway under both of its names",
        ),
        pytest.param("kubeairunway", "kaito", ["kaito/workspace"], id="KAITO"),
        pytest.param("kubeairunway", "dynamo", ["ai-dynamo/kubernetes-operator"], id="Dynamo"),
        pytest.param("kubeairunway", "kuberay", ["kuberay/operator"], id="KubeRay"),
    ],
)
def test_images_that_tell_a_component(product: str, component: str, names: list[str]) -> None:
    detect = BY_NAME[product]["components"][component]["detect"]

    assert {name for entry in detect for name in entry.get("images", ())} == set(names)


# --- What the schema takes and refuses ---

VALID: Data = {
    "product": "example",
    "title": "Example",
    "extends": True,
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
    "optional-images": [
        {"images": ["docker.io/example/tool"], "config-maps": ["things"], "source": "page"}
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
    "components": {
        "operator": {
            "title": "Operator",
            "role": "operator",
            "scheme": "semver",
            "newest": "2.1.0",
            "releases": [
                "2.0.0",
                {
                    "version": "2.1.0",
                    "charts": ["operator 2.1.0"],
                    "oldest-operand": "RELEASE.2025-05-30T11-03-39Z",
                    "source": ["page"],
                },
            ],
            "detect": [
                {"images": ["example/operator"], "source": "page"},
                {"label": "example.com/version", "images": ["operator"], "source": "page"},
                {"argument": "--version", "images": ["operator"], "source": "page"},
                {
                    "crd-annotation": "example.com/version",
                    "group": "example.com",
                    "must-equal": True,
                    "source": "page",
                },
            ],
            "watches": {"env": "WATCH_NAMESPACE", "source": "page"},
        },
        "server": {
            "title": "Server",
            "role": "operand",
            "scheme": "dotted",
            "tags": "longest-number",
            "unreadable": {"severity": "error", "message": "it is refused", "source": "page"},
            "detect": [
                {"group": "example.com", "kind": "Thing", "path": "spec.image", "source": "page"},
                {
                    "config-map": "operator",
                    "key": "server",
                    "path": "image",
                    "default": True,
                    "source": "page",
                },
            ],
        },
    },
    "matrices": [
        {
            "id": "server",
            "of": "operator",
            "rows": [
                {
                    "operator": "2.1.x",
                    "server": {"range": ">=3.0.0 <=3.5.x", "stated": ">=3.0.0 <=3.5.0"},
                    "source": ["page"],
                },
                {"operator": "2.0.x", "server": "none", "source": "page"},
                {"operator": "2.0.x", "server": "2.x", "counts": False, "source": "page"},
            ],
        }
    ],
    "requirements": [
        {
            "id": "server-4.1",
            "when": {"server": ">=4.1"},
            "needs": {"operator": "any"},
            "new-only": True,
            "source": "page",
        },
        {
            "id": "equal",
            "rule": "init-differs",
            "when": {"operator": "any"},
            "equal": ["operator", "server"],
            "source": "page",
        },
    ],
    "api-versions": [
        {
            "id": "thing-v1beta1",
            "group": "example.com",
            "kind": "any",
            "version": "v1beta1",
            "component": "operator",
            "served-by": "<2.0.0",
            "use": "example.com/v1",
            "source": "page",
        }
    ],
    "served-apis": [
        {
            "id": "things-v1",
            "crd": "things.example.com",
            "version": "v1",
            "when": {"operator": "any"},
            "source": "page",
        }
    ],
    "fields": [
        {
            "id": "type",
            "rule": "unsupported-field",
            "group": "example.com",
            "kind": "Thing",
            "path": "spec.items[].type",
            "equals": ["Incremental"],
            "needs": {"server": ">=3.5.0"},
            "joins": {"server": "spec.server"},
            "source": "page",
        }
    ],
    "transients": [{"id": "wait", "when": {"server": "2.x"}, "stays": "server", "source": "page"}],
    "upgrades": [
        {
            "component": "operator",
            "to": "2.1.x",
            "from": ">=2.0.0",
            "stop": "2.0.0",
            "basis": "inferred",
            "source": "page",
        },
        {"component": "operator", "to": "1.0.x", "from": "none", "source": "page"},
    ],
    "stops": [{"component": "server", "lines": ["3.13.x", "4.x"], "source": "page"}],
    "crossings": [
        {
            "id": "server-6.0",
            "component": "server",
            "at": "6.0.0.0",
            "direction": "both",
            "within": {"operator": "any"},
            "field": {"group": "example.com", "kind": "Thing", "path": "spec.xdr"},
            "message": "files are wiped",
            "source": "page",
        },
        {
            "id": "server-line",
            "component": "server",
            "from": "<6",
            "to": "any",
            "message": "files are wiped",
            "source": "page",
        },
    ],
    "downgrades": [
        {
            "component": "server",
            "severity": "warning",
            "message": "nothing was found",
            "source": "page",
        }
    ],
    "current-release": [
        {
            "id": "current",
            "operator": "operator",
            "operand": "server",
            "grace-days": 30,
            "known-until": "2026-07-25",
            "basis": "derived",
            "source": "page",
        }
    ],
    "same-release": [{"component": "operator", "source": "page"}],
    "flavours": [{"components": ["operator", "server"], "severity": "warning", "source": "page"}],
    "editions": [
        {"component": "server", "federal": "federal", "enterprise": "enterprise", "source": "page"}
    ],
    "deliveries": [
        {
            "component": "operator",
            "images": ["docker.io/example/operator:v{version}"],
            "tags-of": {"image": "docker.io/example/init", "env": "INIT_TAG"},
            "chart": "operator",
            "charts-of-releases": True,
            "keeps-chart": True,
            "chart-images": ["docker.io/example/sidecar"],
            "crds": "crds",
            "set": [{"value": "image.tag", "to": "{version}"}],
            "note": "as the chart",
            "source": "page",
        }
    ],
    "effects": [
        {
            "crossing": "server-6",
            "restarts": ["server"],
            "moves-data": ["server"],
            "task": "before",
            "source": "page",
        }
    ],
    "marks": [
        {
            "id": "labels",
            "title": "labels",
            "while": {"operator": ">=2.0"},
            "changes": ["server"],
            "needed": {"operator": ">=3.0"},
            "message": "they are needed",
            "source": "page",
        }
    ],
    "orders": [
        {
            "id": "order-3",
            "component": "operator",
            "to": ">=3.0",
            "order": ["server", "operator"],
            "message": "the server comes first",
            "source": "page",
        }
    ],
    "waypoints": [
        {
            "id": "stop-3",
            "component": "operator",
            "to": ">=3.0",
            "from": ">=2.0",
            "message": "fields have to be replaced",
            "source": "page",
        }
    ],
    "written-as": [
        {"id": "servers", "title": "Servers", "versions": ["v1", "v2"], "source": "page"}
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
    pytest.param(["hazards", 0, "when"], {}, "$.hazards[0].when", "oneOf", id="no condition"),
    pytest.param(
        ["hazards", 0, "when", "registry-contains"],
        "x",
        "$.hazards[0].when",
        "oneOf",
        id="two conditions",
    ),
    pytest.param(
        ["hazards", 0, "when"],
        {"digest-without-tag": False},
        "$.hazards[0].when['digest-without-tag']",
        "const",
        id="condition that is switched off",
    ),
    pytest.param(["components"], {}, "$.components", "minProperties", id="no component"),
    pytest.param(
        ["components", "operator", "role"],
        "controller",
        "$.components.operator.role",
        "enum",
        id="role that does not exist",
    ),
    pytest.param(
        ["components", "operator", "scheme"],
        "longest-number",
        "$.components.operator.scheme",
        "enum",
        id="way to read tags as a scheme",
    ),
    pytest.param(
        ["components", "operator", "releases", 0],
        "v2.0.0",
        "$.components.operator.releases[0]",
        "oneOf",
        id="version with a letter in front",
    ),
    pytest.param(
        ["components", "operator", "detect", 0, "kind"],
        "Thing",
        "$.components.operator.detect[0]",
        "oneOf",
        id="two ways of detection in one",
    ),
    pytest.param(
        ["components", "operator", "detect", 0, "images"],
        ["quay.io:5000/example"],
        "$.components.operator.detect[0].images[0]",
        "pattern",
        id="detection with a port",
    ),
    pytest.param(
        ["components", "server", "detect", 0, "path"],
        None,
        "$.components.server.detect[0]",
        "oneOf",
        id="detection in no field",
    ),
    pytest.param(
        ["components", "server", "unreadable", "message"],
        "It is refused.",
        "$.components.server.unreadable.message",
        "pattern",
        id="message with a full stop",
    ),
    pytest.param(
        ["matrices", 0, "rows", 0, "server"],
        8,
        "$.matrices[0].rows[0].server",
        "oneOf",
        id="number for a range",
    ),
    pytest.param(
        ["matrices", 0, "rows", 0, "server"],
        "unknown",
        "$.matrices[0].rows[0].server",
        "oneOf",
        id="word for a range",
    ),
    pytest.param(
        ["matrices", 0, "rows", 0, "server", "stated"],
        None,
        "$.matrices[0].rows[0].server",
        "oneOf",
        id="range with nothing stated",
    ),
    pytest.param(
        ["matrices", 0, "rows", 2, "counts"],
        True,
        "$.matrices[0].rows[2].counts",
        "const",
        id="row that says it counts",
    ),
    pytest.param(
        ["matrices", 0, "rows", 0, "source"],
        [],
        "$.matrices[0].rows[0].source",
        "oneOf",
        id="row with no source in its list",
    ),
    pytest.param(
        ["requirements", 0, "needs"], None, "$.requirements[0]", "oneOf", id="need of nothing"
    ),
    pytest.param(
        ["requirements", 0, "equal"],
        ["operator", "server"],
        "$.requirements[0]",
        "oneOf",
        id="needs beside equal",
    ),
    pytest.param(
        ["requirements", 0, "when", "server"],
        ">= 4.1",
        "$.requirements[0].when.server",
        "pattern",
        id="range with a space behind its sign",
    ),
    pytest.param(
        ["requirements", 0, "rule"],
        "version-skew",
        "$.requirements[0].rule",
        "enum",
        id="rule that does not exist",
    ),
    pytest.param(
        ["api-versions", 0, "version"],
        "example.com/v1",
        "$['api-versions'][0].version",
        "anyOf",
        id="API version with its group",
    ),
    pytest.param(
        ["fields", 0, "unless"], "Full", "$.fields[0]", "oneOf", id="two tests of one value"
    ),
    pytest.param(
        ["fields", 0, "needs"], None, "$.fields[0]", "dependentRequired", id="join for no need"
    ),
    pytest.param(
        ["fields", 0, "kind"], "any", "$.fields[0].kind", "pattern", id="field of every kind"
    ),
    pytest.param(
        ["upgrades", 0, "basis"],
        "derived",
        "$.upgrades[0].basis",
        "const",
        id="basis that is not known",
    ),
    pytest.param(
        ["upgrades", 0, "described"],
        True,
        "$.upgrades[0]",
        "dependentRequired",
        id="described jump that says nothing",
    ),
    pytest.param(
        ["stops", 0, "lines"], ["4.9"], "$.stops[0].lines[0]", "pattern", id="version for a line"
    ),
    pytest.param(
        ["crossings", 0, "from"],
        "1.x",
        "$.crossings[0]",
        "dependentRequired",
        id="crossing that only begins",
    ),
    pytest.param(["crossings", 0, "at"], None, "$.crossings[0]", "oneOf", id="crossing of nothing"),
    pytest.param(
        ["current-release", 0, "grace-days"],
        -1,
        "$['current-release'][0]['grace-days']",
        "minimum",
        id="grace below zero",
    ),
    pytest.param(
        ["flavours", 0, "severity"],
        "note",
        "$.flavours[0].severity",
        "enum",
        id="severity that does not exist",
    ),
    pytest.param(
        ["editions", 0, "federal"],
        "Federal",
        "$.editions[0].federal",
        "pattern",
        id="edition in upper case",
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
