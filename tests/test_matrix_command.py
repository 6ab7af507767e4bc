"""`matrix`: what is known of the products as tables and as data, and `matrix validate`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from command import ROOT, Command, Said, make_command
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from helm_compat.cli.matrix import validate_files
from helm_compat.errors import UsageError
from helm_compat.knowledge.builtin import read_products
from helm_compat.knowledge.data import load
from helm_compat.knowledge.ranges import parse_range, shown
from helm_compat.report.columns import WIDTH, columns_markdown, columns_text, markdown, paragraph
from helm_compat.report.matrix import RULES, matrix_data
from helm_compat.report.matrix_text import (
    product_markdown,
    product_text,
    products_markdown,
    products_text,
)

Data = dict[str, Any]

FOLDER = ROOT / "testdata" / "matrix"
LIBRARY = str(FOLDER / "library.yaml")
BUILTIN = [data for data in read_products() if data.get("components")]
NAMES = [data["product"] for data in BUILTIN]
SCHEMA: Data = json.loads((ROOT / "schemas" / "matrix.schema.json").read_bytes())
VALIDATOR = Draft202012Validator(SCHEMA)

MINIMAL = """\
product: shed
title: Shed
sources:
  page: {url: https://example.com/shed, read: 2026-02-03}
components:
  tool: {title: Tool, role: operator, scheme: semver}
"""

builtin = pytest.mark.parametrize("data", BUILTIN, ids=NAMES)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return make_command(tmp_path)


def read(text: str) -> Data:
    data = load(text)
    assert isinstance(data, dict)
    return data


def library() -> Data:
    return read(Path(LIBRARY).read_text("utf-8"))


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


# --- One product ---


@pytest.mark.parametrize(
    ("arguments", "variables", "expected"),
    [
        pytest.param((), {}, "library.txt", id="table"),
        pytest.param(("-o", "table"), {"HELM_COMPAT_OUTPUT": "json"}, "library.txt", id="flag"),
        pytest.param(("-o", "markdown"), {}, "library.md", id="markdown"),
        pytest.param(("--output=json",), {}, "library.json", id="json"),
        pytest.param((), {"HELM_COMPAT_OUTPUT": "markdown"}, "library.md", id="variable"),
    ],
)
def test_product(
    arguments: tuple[str, ...], variables: dict[str, str], expected: str, command: Command
) -> None:
    """Golden files: `helm-compat matrix library --products library.yaml -o …` makes them."""
    words = ("matrix", "library", "--products", LIBRARY, *arguments)
    assert command.run(*words, variables=variables) == Said(0, (FOLDER / expected).read_bytes(), "")


@pytest.mark.parametrize(
    ("arguments", "variables", "configuration"),
    [
        pytest.param(("--products", str(FOLDER)), {}, "", id="folder"),
        pytest.param((), {"HELM_COMPAT_PRODUCTS": LIBRARY}, "", id="variable"),
        pytest.param((), {}, f"products: [{LIBRARY}]", id="configuration"),
    ],
)
def test_products_of_the_user(
    arguments: tuple[str, ...], variables: dict[str, str], configuration: str, command: Command
) -> None:
    (command.work / ".helm-compat.yaml").write_text(configuration or "{}", "utf-8")
    said = command.run("matrix", "library", *arguments, variables=variables)
    assert said == Said(0, (FOLDER / "library.txt").read_bytes(), "")


def test_configuration_that_is_named(command: Command) -> None:
    (command.work / "other.yaml").write_text(f"products: ['{LIBRARY}']", "utf-8")
    said = command.run("matrix", "library", "-c", "other.yaml")
    assert said == Said(0, (FOLDER / "library.txt").read_bytes(), "")


def test_what_is_installed_does_not_matter(command: Command) -> None:
    """Nobody has to repair a configuration to read what is known."""
    text = f"products: ['{LIBRARY}']\ninstalled: {{nothing/at-all: 1.0.0}}\n"
    (command.work / ".helm-compat.yaml").write_text(text, "utf-8")
    said = command.run("matrix", "library")
    assert said == Said(0, (FOLDER / "library.txt").read_bytes(), "")


def test_own_product_takes_the_place_of_a_built_in_one(command: Command) -> None:
    (command.work / "own.yaml").write_text(MINIMAL.replace("shed", "aerospike"), "utf-8")
    said = command.run("matrix", "aerospike", "--products", "own.yaml")
    assert (said.status, said.err) == (0, "")
    assert said.out.decode() == (
        "Shed (aerospike)\n"
        "\n"
        "Components\n"
        "COMPONENT  TITLE  ROLE      VERSIONS\n"
        "tool       Tool   operator  semver\n"
    )


def test_sections_without_facts_are_left_out() -> None:
    (product,) = matrix_data([read(MINIMAL)])["products"]
    assert product_markdown(product) == (
        "# Shed (shed)\n"
        "\n"
        "## Components\n"
        "\n"
        "| component | title | role | versions |\n"
        "| --- | --- | --- | --- |\n"
        "| tool | Tool | operator | semver |\n"
    )


def test_two_texts_of_one_page_are_two_sources() -> None:
    """Copies of a page that differ have one address, and only their notes tell them apart."""
    text = MINIMAL + (
        "matrices:\n"
        "- {id: tools, of: tool, rows: [{tool: 1.x, source: page}, {tool: 2.x, source: copy}]}\n"
    )
    text = text.replace(
        "sources:\n",
        "sources:\n  copy: {url: https://example.com/shed, read: 2026-02-03, note: old}\n",
    )
    (product,) = matrix_data([read(text)])["products"]
    assert product_text(product).partition("\nMatrix ")[2] == (
        "tools: releases of tool and what fits them\n"
        "TOOL  SOURCES\n"
        "1.x   [1]\n"
        "2.x   [2]\n"
        "\n"
        "Sources\n"
        "[1] https://example.com/shed\n"
        "    read 2026-02-03\n"
        "[2] https://example.com/shed\n"
        "    read 2026-02-03: old\n"
    )


@builtin
def test_built_in_product_is_80_columns_wide(data: Data) -> None:
    (product,) = matrix_data([data])["products"]
    lines = product_text(product).splitlines()
    assert [line for line in lines if len(line) > WIDTH and "https://" not in line] == []


def rows_of(text: str) -> Iterator[list[str]]:
    """The rows of an aligned table, wrapped cells joined: a row begins where column 1 does."""
    head, *lines = text.splitlines()
    starts = [found.start() for found in re.finditer(r"(?<!\S)\S", head)]
    row: list[str] = []
    for line in lines:
        cells = [line[a:b].rstrip() for a, b in zip_longest(starts, starts[1:])]
        if line[:1] != " " and row:
            yield row
            row = []
        row = [f"{old} {new.strip()}".strip() for old, new in zip_longest(row, cells, fillvalue="")]
    yield row


@builtin
def test_every_row_of_a_built_in_matrix_is_there(data: Data) -> None:
    (product,) = matrix_data([data])["products"]
    text = product_text(product)

    def words(component: str, limits: str) -> str:
        entry = data["components"][component]
        return shown(parse_range(entry["scheme"], limits, tags=entry.get("tags", "")))

    for matrix in data.get("matrices", ()):
        of = matrix["of"]
        _, _, behind = text.partition(f"\nMatrix {matrix['id']}: ")
        table = behind.partition("\n")[2].partition("\n\n")[0].partition("\nnote: ")[0]
        found = list(rows_of(table))
        columns = table.splitlines()[0].lower().split()
        wanted = []
        for row in matrix["rows"]:
            cells = []
            for name in columns[1:-1]:
                cell = row.get(name, "-")
                limits = cell["range"] if isinstance(cell, dict) else cell
                said = {"-": "-", "none": "not supported"}.get(limits) or words(name, limits)
                stated = cell.get("stated") if isinstance(cell, dict) else None
                cells.append(f"{said} (stated: {words(name, stated)})" if stated else said)
            mark = "" if row.get("counts", True) else " also published, does not count"
            wanted.append([words(of, row[of]) + mark, *cells])
        assert [row[:-1] for row in found] == wanted
        assert all(re.fullmatch(r"\[\d+\]( \[\d+\])*", row[-1]) for row in found)


@builtin
def test_every_source_that_is_cited_is_listed_once(data: Data) -> None:
    (product,) = matrix_data([data])["products"]
    facts, _, sources = product_text(product).partition("\nSources\n")
    cited = {int(number) for number in re.findall(r"\[(\d+)\]", facts)}
    listed = [int(number) for number in re.findall(r"^\[(\d+)\]", sources, re.MULTILINE)]
    assert listed == sorted(cited) == list(range(1, len(listed) + 1))


# --- All products ---


def test_list() -> None:
    data = matrix_data([library(), read(MINIMAL)])
    assert products_text(data) == (
        "PRODUCT       TITLE                      ROLE       VERSIONS\n"
        "library       Library | of *everything*\n"
        "  operator    Library Operator           operator   semver\n"
        "  shelf       Shelf                      operand    dotted\n"
        "  scanner     Scanner                    companion  dotted\n"
        "  catalogue   Catalogue                  operator   release-date\n"
        "  index       Index                      operand    release-date\n"
        "  kubernetes  Kubernetes                 platform   kubernetes\n"
        "shed          Shed\n"
        "  tool        Tool                       operator   semver\n"
    )


def test_list_as_markdown() -> None:
    assert products_markdown(matrix_data([read(MINIMAL)])) == (
        "| product | product title | component | title | role | versions |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| shed | Shed | tool | Tool | operator | semver |\n"
    )


@pytest.mark.parametrize(
    ("form", "text"), [("table", products_text), ("markdown", products_markdown)]
)
def test_list_of_the_built_in_products(form: str, text: Any, command: Command) -> None:
    said = command.run("matrix", "-o", form)
    assert said == Said(0, text(matrix_data(BUILTIN)).encode(), "")
    assert {len(line) > WIDTH for line in products_text(matrix_data(BUILTIN)).splitlines()} == {
        False
    }


def test_products_of_images_alone_are_not_listed(command: Command) -> None:
    text = MINIMAL.partition("components:")[0]
    (command.work / "own.yaml").write_text(text, "utf-8")
    said = command.run("matrix", "-o", "json", "--products", "own.yaml")
    assert [p["product"] for p in json.loads(said.out)["products"]] == NAMES


# --- Data ---


def test_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_built_in_products_are_valid(command: Command) -> None:
    said = command.run("matrix", "-o", "json")
    assert (said.status, said.err) == (0, "")
    data = json.loads(said.out)
    assert list(VALIDATOR.iter_errors(data)) == []
    assert [product["product"] for product in data["products"]] == NAMES


def test_one_product_is_the_same_as_among_all(command: Command) -> None:
    said = command.run("matrix", NAMES[0], "-o", "json")
    assert json.loads(said.out) == {
        "schemaVersion": 1,
        "products": matrix_data(BUILTIN)["products"][:1],
    }


def test_library_has_every_key_of_the_schema() -> None:
    """So that its golden files show all of them."""
    data = matrix_data([library()])
    assert list(VALIDATOR.iter_errors(data)) == []
    filled = {
        (frozenset(entry), key) for entry in walk(data) for key, value in entry.items() if value
    }
    wanted = {
        (frozenset(entry["properties"]), key)
        for entry in walk(SCHEMA)
        if entry.get("type") == "object" and "properties" in entry
        for key in entry["properties"]
    }
    # What a kind of rule row shares with all others need not stand in each.
    shared = {"id", "hint", "message", "note"}
    assert {key for keys, key in wanted - filled} <= shared


def test_a_key_too_few_is_refused() -> None:
    data = matrix_data([library()])
    for entry in walk(data):
        if set(entry) & {"evidence", "product", "range", "read", "test", "schemaVersion"}:
            for key in list(entry):
                value = entry.pop(key)
                assert list(VALIDATOR.iter_errors(data)), key
                entry[key] = value


def test_every_kind_of_rule_is_in_the_data() -> None:
    schema = json.loads((ROOT / "schemas" / "product.schema.json").read_bytes())
    described = {
        key
        for key, entry in schema["properties"].items()
        if entry.get("type") == "array" and key != "matrices"
    }
    images = {
        "relocation", "image-sites", "split-sites", "pull-secrets", "embedded-pull-secrets",
        "optional-images", "run-time-images", "hazards",
    }  # fmt: skip
    plans = {"deliveries", "effects", "marks", "orders", "waypoints", "written-as"}
    assert described - images - plans == set(RULES)


@builtin
def test_every_fact_is_in_the_data(data: Data) -> None:
    (product,) = matrix_data([data])["products"]
    counts = {
        key: len(product["".join([key.split("-")[0], *map(str.capitalize, key.split("-")[1:])])])
        for key in [*RULES, "components", "matrices"]
    }
    assert counts == {key: len(data.get(key, ())) for key in counts}


# --- Wrong command lines ---

HELP = "  helm-compat matrix --help shows what there is.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            "aerospik",
            "error: there is no product 'aerospik'\n  Did you mean 'aerospike'?\n",
            id="misspelt",
        ),
        pytest.param(
            "aerospik -o json",
            "error: there is no product 'aerospik'\n  Did you mean 'aerospike'?\n",
            id="misspelt, as data",
        ),
        pytest.param(
            "zzzzzz",
            f"error: there is no product 'zzzzzz'\n  Known: {', '.join(NAMES)}.\n",
            id="far off",
        ),
        pytest.param(
            "kubernetes",
            f"error: there is no product 'kubernetes'\n  Known: {', '.join(NAMES)}.\n",
            id="product of images alone",
        ),
        pytest.param(
            "aerospike minio-aistor",
            "error: matrix shows one product, not 2\n  Without a name it lists all of them.\n",
            id="two products",
        ),
        pytest.param(
            "aerospike validate",
            f"error: there is no product 'validate'\n  Known: {', '.join(NAMES)}.\n",
            id="validate is no product",
        ),
        pytest.param(
            "validate",
            "error: validate wants product files\n  helm-compat matrix validate FILE...\n",
            id="nothing to validate",
        ),
        pytest.param(
            "--products no.yaml",
            "error: no.yaml: cannot read product files: No such file or directory\n",
            id="no such file",
        ),
        pytest.param(
            "-o html",
            "error: Invalid value for '--output' / '-o': 'html' is not one of 'table',"
            f" 'markdown', 'json'.\n{HELP}",
            id="form that there is not",
        ),
    ],
)
def test_wrong_command_line(arguments: str, message: str, command: Command) -> None:
    assert command.run("matrix", *arguments.split()) == Said(2, b"", message)


# --- Validate ---

KEYS = ", ".join(
    sorted(json.loads((ROOT / "schemas" / "product.schema.json").read_bytes())["properties"])
)
FAULTY = MINIMAL + "matrixes: []\nzzzzzzzzz: []\n"


def test_valid_file(command: Command) -> None:
    said = command.run("matrix", "validate", LIBRARY)
    counts = "6 components, 5 rows, 24 rules, 4 sources"
    assert said == Said(0, f"{LIBRARY}: valid: {counts}\n".encode(), "")


def test_one_of_each(command: Command) -> None:
    (command.work / "shed.yaml").write_text(MINIMAL, "utf-8")
    said = command.run("matrix", "validate", "shed.yaml")
    assert said == Said(0, b"shed.yaml: valid: 1 component, 1 source\n", "")


def test_all_faults_of_a_file(command: Command) -> None:
    (command.work / "faulty.yaml").write_text(FAULTY, "utf-8")
    assert command.run("matrix", "validate", "faulty.yaml") == Said(
        2,
        b"",
        "faulty.yaml:7:1: unknown key 'matrixes'\n"
        "  Did you mean 'matrices'?\n"
        f"faulty.yaml:8:1: unknown key 'zzzzzzzzz'\n  Known: {KEYS}.\n",
    )


def test_no_bad_file_hides_another(command: Command) -> None:
    (command.work / "faulty.yaml").write_text(FAULTY, "utf-8")
    (command.work / "shed.yaml").write_text(MINIMAL, "utf-8")
    (command.work / "text.yaml").write_text("product", "utf-8")
    files = ("faulty.yaml", "shed.yaml", "no.yaml", "text.yaml", "shed.yaml")
    assert command.run("matrix", "validate", *files) == Said(
        2,
        b"shed.yaml: valid: 1 component, 1 source\n" * 2,
        "faulty.yaml:7:1: unknown key 'matrixes'\n"
        "  Did you mean 'matrices'?\n"
        f"faulty.yaml:8:1: unknown key 'zzzzzzzzz'\n  Known: {KEYS}.\n"
        "no.yaml: cannot read product files: No such file or directory\n"
        "text.yaml:1:1: wants a mapping of keys, not 'product'\n",
    )


def test_file_that_extends_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "shed.yaml").write_text(MINIMAL, "utf-8")
    (tmp_path / "more.yaml").write_text(
        "product: shed\nextends: true\n"
        "matrices: [{id: tools, of: tool, rows: [{tool: 1.x, source: page}]}]\n",
        "utf-8",
    )
    paths = [str(tmp_path / name) for name in ("shed.yaml", "more.yaml")]
    assert validate_files(paths) == (
        [
            f"{paths[0]}: valid: 1 component, 1 source",
            f"{paths[1]}: valid: 1 component, 1 row, 1 source",
        ],
        [],
    )
    lines, errors = validate_files(paths[1:])
    assert (lines, len(errors)) == ([], 1)


def test_a_faulty_configuration_does_not_matter(command: Command) -> None:
    """It can name the very file that is to be checked."""
    (command.work / ".helm-compat.yaml").write_text("products: [faulty.yaml]", "utf-8")
    (command.work / "faulty.yaml").write_text(FAULTY, "utf-8")
    assert command.run("matrix", "validate", LIBRARY).status == 0


def test_control_characters_of_a_file_do_nothing(command: Command) -> None:
    text = MINIMAL.replace("title: Shed", 'title: "\\e[31mShed"')
    (command.work / "shed.yaml").write_text(text, "utf-8")
    for form in ("table", "markdown"):
        said = command.run("matrix", "shed", "--products", "shed.yaml", "-o", form)
        assert (said.status, b"\x1b" in said.out) == (0, False)
    (command.work / "shed.yaml").write_text(f'{MINIMAL}"\\e[31m": 1\n', "utf-8")
    said = command.run("matrix", "validate", "shed.yaml")
    assert (said.status, "\x1b" in said.err) == (2, False)


def test_nothing_to_validate() -> None:
    with pytest.raises(UsageError) as caught:
        validate_files([])
    assert caught.value.exit_status == 2


# --- Columns ---

LONG = "RELEASE.2025-05-30T11-03-39Z"


@pytest.mark.parametrize(
    ("head", "rows", "text"),
    [
        pytest.param(("a", "bc"), [("1", "2")], "A  BC\n1  2\n", id="narrow"),
        pytest.param(("a", "b"), [("", "2"), ("1", "")], "A  B\n   2\n1\n", id="empty cells"),
        pytest.param(
            ("a", "b"),
            [("one\n  two\n  three", "1"), ("four", "2")],
            "A        B\none      1\n  two\n  three\nfour     2\n",
            id="lines of a cell",
        ),
        pytest.param(
            ("what", "no"),
            [("  " + "word " * 20, "1")],
            f"WHAT{' ' * 74}NO\n  {('word ' * 15).strip()}  1\n  {('word ' * 5).strip()}\n",
            id="wrapped with its indent",
        ),
        pytest.param(
            ("a", "b"),
            [("x" * 79, "1 2 3")],
            f"{'x' * 79}\n  b: 1 2 3\n",
            id="record for a word that is too long",
        ),
        pytest.param(
            ("a", "b", "c", "d"),
            [(LONG, LONG, "", f"{LONG}\nor later")],
            f"{LONG}\n  b: {LONG}\n  d: {LONG} or later\n",
            id="record for too many columns",
        ),
    ],
)
def test_columns(head: tuple[str, ...], rows: list[tuple[str, ...]], text: str) -> None:
    assert columns_text(head, rows) == text


_words = st.text("abc.-|*", min_size=1, max_size=16)
_cells = st.lists(_words, max_size=12).map(" ".join)


@given(st.lists(st.tuples(_cells, _cells, _cells), min_size=1, max_size=4))
def test_no_word_is_lost_and_no_line_too_long(rows: list[tuple[str, ...]]) -> None:
    text = columns_text(("a", "b", "c"), rows)
    wanted = sorted(word for row in rows for cell in row for word in cell.split())
    assert sorted(text.partition("\n")[2].split()) == wanted
    assert max(map(len, text.splitlines())) <= WIDTH


@given(st.lists(st.tuples(_cells, _cells), min_size=1, max_size=4))
def test_markdown_has_one_line_a_row(rows: list[tuple[str, ...]]) -> None:
    lines = columns_markdown(("a", "b"), rows).splitlines()
    assert [len(re.findall(r"(?<!\\)\|", line)) for line in lines] == [3] * (len(rows) + 2)


@pytest.mark.parametrize(
    ("text", "shown_text"),
    [
        pytest.param("spec.pools[].image", "spec.pools[].image", id="path"),
        pytest.param("a|b", r"a\|b", id="end of a cell"),
        pytest.param("**.image", r"\*\*.image", id="bold"),
        pytest.param("IMAGE_TAG `x` ~~y~~", r"IMAGE\_TAG \`x\` \~\~y\~\~", id="emphasis"),
        pytest.param("operators.<name>.image", "operators.&lt;name>.image", id="tag"),
        pytest.param("R&D &lt;", "R&amp;D &amp;lt;", id="entity"),
        pytest.param(r"a\b", r"a\\b", id="backslash"),
        pytest.param("one\n  two", "one<br>two", id="lines"),
    ],
)
def test_markdown(text: str, shown_text: str) -> None:
    assert markdown(text) == shown_text


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("one two", "one two\n", id="short"),
        pytest.param("word " * 17, f"{('word ' * 16).strip()}\n  word\n", id="wrapped"),
        pytest.param(f"see https://{'x' * 80}", f"see\n  https://{'x' * 80}\n", id="address"),
    ],
)
def test_paragraph(text: str, lines: str) -> None:
    assert paragraph(text, "  ") == lines
