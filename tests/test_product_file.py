"""Product files that users give: the place of every fault, and what they add to ours.

`testdata/products/invalid/` has a file for each fault and what is said of it beside it.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_compat import schema_files
from helm_compat.errors import UsageError
from helm_compat.knowledge import product_file
from helm_compat.knowledge.builtin import read_products
from helm_compat.knowledge.compatibility import build_product
from helm_compat.knowledge.data import load
from helm_compat.knowledge.product_file import add_products, merge, read_product

ROOT = Path(__file__).parent.parent
INVALID = sorted((ROOT / "testdata" / "products" / "invalid").glob("*.yaml"))
VALID = sorted((ROOT / "testdata" / "products" / "valid").iterdir())
FOLDER = ROOT / "testdata" / "products" / "valid"
PRODUCTS = sorted((ROOT / "helm_compat" / "products").glob("*.yaml"))
SCHEMA: dict[str, Any] = json.loads((ROOT / "schemas" / "product.schema.json").read_bytes())

Data = dict[str, Any]


def read(file: Path) -> Data:
    data = load(file.read_text(encoding="utf-8"))
    assert isinstance(data, dict)
    return data


SHOP = read(FOLDER / "shop.yaml")
BUILTIN = {"shop": SHOP}

HEAD = """\
product: shop
title: Shop
sources: {page: {document: A letter, read: 2026-11-21}}
"""
EXTENDS = "product: shop\nextends: true\n"


def write(folder: Path, name: str, text: str | bytes) -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def fail(*paths: str, folder: Path, products: list[Data] | None = None) -> str:
    """What is said of files that must be wrong, with the folder as FOLDER."""
    with pytest.raises(UsageError) as caught:
        add_products(products or [], paths)
    assert caught.value.exit_status == 2
    return str(caught.value).replace(str(folder), "FOLDER")


# --- Faults ---


@pytest.mark.parametrize("file", INVALID, ids=lambda file: file.stem)
def test_faults_are_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    with pytest.raises(UsageError) as caught:
        read_product(file.name, builtin=BUILTIN)
    assert f"{caught.value}\n" == file.with_suffix(".txt").read_text(encoding="utf-8")


def test_every_message_has_its_file() -> None:
    folder = ROOT / "testdata" / "products" / "invalid"
    assert {path.stem for path in folder.glob("*.txt")} == {path.stem for path in INVALID}
    assert len(INVALID) >= 40


@pytest.mark.parametrize("file", VALID, ids=lambda file: file.stem)
def test_valid_files_are_read(file: Path) -> None:
    data = read(file)
    expected = merge(SHOP, data) if "extends" in data else data
    assert read_product(str(file), builtin=BUILTIN) == expected


@pytest.mark.parametrize("file", VALID, ids=lambda file: file.stem)
def test_what_is_valid_can_be_used(file: Path) -> None:
    data = read_product(str(file), builtin=BUILTIN)
    assert build_product(data).name == data["product"]


@pytest.mark.parametrize("file", PRODUCTS, ids=lambda file: file.stem)
def test_built_in_files_are_valid(file: Path) -> None:
    assert read_product(str(file), builtin={}) == read(file)


def referring(name: str) -> set[str]:
    """The keys of the schema whose value is one of its definitions, alone, in a list or by name."""
    target = {"$ref": f"#/$defs/{name}"}

    def is_it(value: Data) -> bool:
        shape = {key: word for key, word in value.items() if key != "description"}
        inner = [value.get(key, {}) for key in ("items", "additionalProperties")]
        return shape == target or target in [*inner, *value.get("oneOf", ())]

    records = [SCHEMA, *SCHEMA["$defs"].values()]
    return {
        key
        for record in records
        for key, value in record.get("properties", {}).items()
        if is_it(value)
    }


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        pytest.param("range", "from range says served-by stated to", id="ranges"),
        pytest.param("conditions", "needed needs when while within", id="conditions"),
        pytest.param("version", "at newest releases stop version", id="versions"),
        pytest.param("line", "lines", id="lines"),
        pytest.param(
            "component-name",
            "changes component components equal moves-data of operand operator restarts stays",
            id="components",
        ),
        pytest.param("path", "differs-from joins path paths use", id="paths"),
    ],
)
def test_keys_that_the_checks_have_to_know(name: str, keys: str) -> None:
    """A new one in the schema wants a line in semantics.py."""
    assert referring(name) == set(keys.split())


def test_sample_has_every_key() -> None:
    assert {*SHOP, "extends"} == set(SCHEMA["properties"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            b"\xef\xbb\xbftitle: Shop\nsorces: 1\nproduct: s\n",
            "FILE:2:1: unknown key 'sorces'\n  Did you mean 'sources'?",
            id="BOM",
        ),
        pytest.param(
            HEAD.replace("\n", "\r\n") + "stops: 5\r\n",
            "FILE:4:8: wants a list, not the number 5",
            id="CRLF",
        ),
        pytest.param(
            HEAD + "stops: [ü, é]\n",
            "FILE:4:9: wants a mapping of keys, not 'ü'\nFILE:4:12: wants a mapping of keys, not 'é'",
            id="not ASCII",
        ),
        pytest.param("", "FILE: the file is empty", id="no text"),
        pytest.param("---\n...\n", "FILE: the file is empty", id="empty document"),
        pytest.param("extends: true\n", "FILE:1:1: lacks 'product'", id="extends what has no name"),
        pytest.param(
            "product: [shop]\nextends: true\n",
            "FILE:1:10: wants text, not a list",
            id="extends a list",
        ),
        pytest.param(
            "product: 5\nextends: true\n",
            'FILE:1:10: wants text, not the number 5\n  Write it in quotes: "5".',
            id="extends a number",
        ),
        pytest.param(
            EXTENDS, "FILE:1:10: there is no product 'shop' to extend", id="extends nothing"
        ),
    ],
)
def test_text_has_faults(text: str | bytes, message: str, tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", text)
    assert fail(path, folder=tmp_path) == message.replace("FILE", "FOLDER/a.yaml")


@pytest.mark.parametrize(
    "row",
    [
        "image-sites: [{group: a.b, kind: C, source: page, paths: [a..b]}]",
        "pull-secrets: [{group: a.b, kind: C, path: a..b, form: names, source: page}]",
        "fields: [{id: x, rule: risky-setting, group: a, kind: C, path: a..b, source: page}]",
        "fields: [{id: x, rule: risky-setting, group: a, kind: C, path: a, differs-from: a..b, source: page}]",
        "fields: [{id: x, rule: risky-setting, group: a, kind: C, path: a, use: a..b, source: page}]",
        "fields: [{id: x, rule: risky-setting, group: a, kind: C, path: a, where: [{path: a..b}], source: page}]",
        "fields: [{id: x, rule: risky-setting, group: a, kind: C, path: a, needs: {db: any}, joins: {db: a..b}, source: page}]",
    ],
)  # fmt: skip
def test_paths_are_read_whatever_the_schema_lets_pass(
    row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lax = copy.deepcopy(SCHEMA)
    lax["$defs"]["path"] = {"type": "string"}
    monkeypatch.setattr(product_file, "read_schema", {"product": lax}.__getitem__)
    head = HEAD + "components: {db: {title: DB, role: operand, scheme: dotted}}\n"
    path = write(tmp_path, "a.yaml", f"{head}{row}\n")
    place = f"FOLDER/a.yaml:5:{row.index('a..b') + 1}"
    assert fail(path, folder=tmp_path) == f"{place}: 'a..b' is no field path: cannot read '.b'"


# --- Files and folders ---


def test_missing_file(tmp_path: Path) -> None:
    said = fail(str(tmp_path / "none.yaml"), folder=tmp_path)
    assert said == "FOLDER/none.yaml: cannot read product files: No such file or directory"


def test_folder_without_product_files(tmp_path: Path) -> None:
    write(tmp_path, "notes.txt", HEAD)
    said = fail(str(tmp_path), folder=tmp_path)
    assert said == "FOLDER: the folder has no product files\n  Their names end in .yaml or .yml."


def test_folder_that_is_named_like_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    said = fail(str(tmp_path), folder=tmp_path)
    assert said == "FOLDER/a.yaml: cannot read product files: Is a directory"


def test_files_of_a_folder_are_read_by_name(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yaml", "c.yaml"):
        write(tmp_path, name, HEAD.replace("shop", name[0]))
    write(tmp_path, "d.json", "{")
    (tmp_path / "below").mkdir()
    write(tmp_path / "below", "e.yaml", "{")
    found = add_products([], [str(tmp_path)])
    assert [data["product"] for data in found] == ["a", "b", "c"]


def test_file_that_is_given_twice(tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", HEAD)
    assert len(add_products([], [path, str(tmp_path), path])) == 1


def test_faults_of_all_files_are_told(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", HEAD + "stops: 5\n")
    write(tmp_path, "b.yaml", HEAD)
    write(tmp_path, "c.yaml", "")
    write(tmp_path, "d.yaml", HEAD)
    assert fail(str(tmp_path), folder=tmp_path) == (
        "FOLDER/a.yaml:4:8: wants a list, not the number 5\n"
        "FOLDER/c.yaml: the file is empty\n"
        "FOLDER/d.yaml: the product 'shop' also stands in FOLDER/b.yaml"
    )


def test_product_takes_the_place_of_the_built_in_one(tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", HEAD)
    others = [{"product": "first"}, SHOP, {"product": "last"}]
    replaced = load(HEAD)
    assert add_products(others, [path]) == [others[0], replaced, others[2]]


def test_new_products_come_last(tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", HEAD.replace("shop", "another"))
    assert [data["product"] for data in add_products([SHOP], [path])] == ["shop", "another"]


def test_products_are_extended_one_after_the_other(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", HEAD)
    write(tmp_path, "b.yaml", EXTENDS + "title: Shop B\n")
    write(tmp_path, "c.yaml", EXTENDS + "sources: {c: {document: C, read: 2026-11-21}}\n")
    (found,) = add_products([SHOP], [str(tmp_path)])
    page, other = (
        {"document": "A letter", "read": "2026-11-21"},
        {"document": "C", "read": "2026-11-21"},
    )
    assert found == {"product": "shop", "title": "Shop B", "sources": {"page": page, "c": other}}


def test_what_is_given_is_not_changed(tmp_path: Path) -> None:
    given, before = [copy.deepcopy(SHOP)], copy.deepcopy([SHOP])
    assert add_products(given, [str(FOLDER / "shop-extended.yaml")]) != before
    assert given == before


# --- Merging ---

ROW = {"operator": "1.1.x", "database": "2.x", "source": "page"}
OLD = {"operator": "1.0.x", "database": "1.x", "source": "page"}
NEW = {"operator": "1.1.x", "database": "3.x", "source": "case"}


def table(*rows: Data, **more: object) -> Data:
    return {"matrices": [{"id": "m", "of": "operator", **more, "rows": list(rows)}]}


@pytest.mark.parametrize(
    ("base", "extra", "merged"),
    [
        pytest.param({"product": "a"}, {"product": "a", "extends": True}, {"product": "a"}, id="nothing"),
        pytest.param({"title": "A"}, {"title": "B"}, {"title": "B"}, id="title"),
        pytest.param({}, {"stops": [{"lines": []}]}, {"stops": [{"lines": []}]}, id="new list"),
        pytest.param({"sources": {"a": {"x": 1, "y": 1}}}, {"sources": {"a": {"x": 2}, "b": {}}}, {"sources": {"a": {"x": 2}, "b": {}}}, id="sources"),
        pytest.param({"components": {"a": {"x": 1, "y": [1]}}}, {"components": {"a": {"y": [2]}, "b": {}}}, {"components": {"a": {"x": 1, "y": [2]}, "b": {}}}, id="components"),
        pytest.param({"fields": [{"id": "a", "x": 1}, {"id": "b"}]}, {"fields": [{"id": "c"}, {"id": "a"}]}, {"fields": [{"id": "a"}, {"id": "b"}, {"id": "c"}]}, id="ids"),
        pytest.param({"fields": [{"id": "a"}]}, {"fields": [{"id": "a", "x": 1}, {"id": "a", "x": 2}]}, {"fields": [{"id": "a", "x": 1}, {"id": "a", "x": 2}]}, id="id that stands twice stays a fault"),
        pytest.param({"upgrades": [{"to": "1"}]}, {"upgrades": [{"to": "1"}]}, {"upgrades": [{"to": "1"}, {"to": "1"}]}, id="entries without ids"),
        pytest.param(table(ROW, OLD), table(NEW), table(NEW, {**ROW, "counts": False}, OLD), id="row of the same key"),
        pytest.param(table(ROW, note="x"), table({**NEW, "operator": "1.2.x"}, note="y"), table({**NEW, "operator": "1.2.x"}, ROW, note="y"), id="row of another key"),
        pytest.param(table(ROW), table({**NEW, "counts": False}), table({**NEW, "counts": False}, ROW), id="row that does not count"),
        pytest.param(table(ROW), table({**NEW, "operator": "1.1.x "}), table({**NEW, "operator": "1.1.x "}, ROW), id="key in other words"),
    ],
)  # fmt: skip
def test_merge(base: Data, extra: Data, merged: Data) -> None:
    before = copy.deepcopy((base, extra))
    assert merge(base, extra) == merged
    assert (base, extra) == before


@pytest.mark.parametrize("data", read_products(), ids=lambda data: data["product"])
def test_an_extension_of_nothing_changes_nothing(data: Data, tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", f"product: {data['product']}\nextends: true\n")
    assert read_product(path, builtin={data["product"]: data}) == data


# --- Whatever the file holds ---

LINES = (FOLDER / "shop.yaml").read_text(encoding="utf-8").splitlines()
PIECES = st.sampled_from(["x", ":", " ", "[]", "{}", "- ", "'", "5", "none", "&a ", "*a", "true", "? ", "<<: ", ">=1.x", "source", "extends: true\n"])  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """A valid file of which some lines are lost, moved or changed."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        number = draw(st.integers(0, len(lines) - 1))
        change = draw(st.sampled_from(["drop", "double", "cut", "insert"]))
        line = lines[number]
        position = draw(st.integers(0, len(line)))
        if change == "drop":
            del lines[number]
        elif change == "double":
            lines.insert(draw(st.integers(0, len(lines))), line)
        elif change == "cut":
            lines[number] = line[:position] + line[position + draw(st.integers(1, 9)) :]
        else:
            lines[number] = line[:position] + draw(PIECES) + line[position:]
    return "\n".join(lines)


@given(spoiled(), st.booleans())
def test_a_file_is_read_or_its_faults_are_told(
    tmp_path_factory: pytest.TempPathFactory, text: str, extends: bool
) -> None:
    folder = tmp_path_factory.mktemp("spoiled")
    path = write(folder, "a.yaml", f"extends: true\n{text}" if extends else text)
    try:
        data = read_product(path, builtin=BUILTIN)
    except UsageError as error:
        first = str(error).splitlines()[0]
        assert first.startswith(f"{path}:")
    else:
        assert build_product(data).name == data["product"]


# --- Where it runs ---


@pytest.mark.parametrize("inside", [True, False], ids=["wheel", "checkout"])
def test_schema_is_found(inside: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "package"
    schemas = (package if inside else tmp_path) / "schemas"
    schemas.mkdir(parents=True)
    lax = {"type": "object", "properties": {"product": {"const": "lax"}}}
    write(schemas, "product.schema.json", json.dumps(lax))
    monkeypatch.setattr(schema_files, "_PACKAGE", str(package))
    path = write(tmp_path, "a.yaml", "product: lax\n")
    assert read_product(path, builtin={}) == {"product": "lax"}


def test_nothing_large_is_imported(tmp_path: Path) -> None:
    heavy = {"click", "difflib", "importlib.resources", "inspect", "jsonschema", "pathlib"}
    program = (
        "import sys; before = set(sys.modules)\n"
        "from helm_compat.knowledge.product_file import add_products\n"
        "add_products([], sys.argv[1:])\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(FOLDER / "shop.yaml")],
        capture_output=True,
        check=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert heavy & set(done.stdout.split()) == set()
