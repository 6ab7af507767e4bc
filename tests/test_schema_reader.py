"""The reader of schemas: what it says to people, and that it agrees with the jsonschema package."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from helm_compat.knowledge.data import load
from helm_compat.knowledge.schema import KEYWORDS, Fault, referred, validate
from helm_compat.nodes import Limits, parse

ROOT = Path(__file__).parent.parent
SCHEMA: dict[str, Any] = json.loads((ROOT / "schemas" / "product.schema.json").read_bytes())
ORACLE = Draft202012Validator(SCHEMA)
FILES = [
    *sorted((ROOT / "helm_compat" / "products").glob("*.yaml")),
    ROOT / "testdata" / "products" / "valid" / "shop.yaml",
]


def faults(text: str, schema: dict[str, Any]) -> list[Fault]:
    return validate(parse(text, Limits())[0], schema)


def told(text: str, schema: dict[str, Any]) -> list[str]:
    """The faults of a text of one line: column, message, and the hint behind a dash."""
    return [
        f"{fault.offset + 1}: {fault.message}" + (f" - {fault.hint}" if fault.hint else "")
        for fault in faults(text, schema)
    ]


# --- The schema itself ---


def schemas(schema: object) -> Iterator[dict[str, Any]]:
    """A schema and all inside it; what stands under other keywords is no schema."""
    if isinstance(schema, dict):
        yield schema
        inner = [
            schema.get(key) for key in ("items", "additionalProperties", "propertyNames", "not")
        ]
        for key in ("properties", "$defs"):
            inner += schema.get(key, {}).values()
        for key in ("oneOf", "anyOf"):
            inner += schema.get(key, [])
        for value in inner:
            yield from schemas(value)


def test_every_keyword_of_the_schema_is_known() -> None:
    assert {keyword for schema in schemas(SCHEMA) for keyword in schema} <= set(KEYWORDS)


def test_every_type_of_the_schema_is_known() -> None:
    known = {"string", "integer", "boolean", "null", "array", "object"}
    assert {schema["type"] for schema in schemas(SCHEMA) if "type" in schema} <= known


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        pytest.param("a", {"maxLength": 3}, id="at the top"),
        pytest.param("[a]", {"items": {"format": "date"}}, id="inside"),
        pytest.param("a", {"oneOf": [{"if": {}}]}, id="in one of several forms"),
        pytest.param("a", {"$ref": "#/$defs/x", "$defs": {"x": {"allOf": []}}}, id="referred to"),
    ],
)
def test_an_unknown_keyword_is_an_error_of_the_program(text: str, schema: dict[str, Any]) -> None:
    with pytest.raises(NotImplementedError, match=r"no check for '(maxLength|format|if|allOf)'"):
        faults(text, schema)


def test_references_are_followed() -> None:
    root = {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"type": "string"}}}
    assert referred({"$ref": "#/$defs/a"}, root) == {"type": "string"}
    assert referred({"type": "integer"}, root) == {"type": "integer"}


# --- What is said ---

PLACE = {"required": ["url"]}
TITLE = {"required": ["title"]}
BOTH = {"required": ["group", "kind"]}
WORD = {"type": "string", "pattern": "^[a-z]+$", "description": "A word."}
RECORD = {
    "type": "object",
    "additionalProperties": False,
    "required": ["source", "when"],
    "properties": {"source": {"type": "string"}, "when": {"type": "string"}, "note": {}},
}
ENUM = {"enum": ["error", "warning", "info"]}
MANY = {"enum": ["apple", *"abcdefghij"]}
NO_BOTH = {"not": {"required": ["a", "b"]}, "description": "One of them."}


@pytest.mark.parametrize(
    ("text", "schema", "expected"),
    [
        # Types, as product files have them
        pytest.param("8.1", {"type": "string"}, [], id="version is text"),
        pytest.param("2026-11-21", {"type": "string"}, [], id="day is text"),
        pytest.param("yes", {"type": "string"}, [], id="yes is text"),
        pytest.param("0x10", {"type": "string"}, [], id="hexadecimal is text"),
        pytest.param("'8'", {"type": "string"}, [], id="number in quotes is text"),
        pytest.param("!!str 8", {"type": "string"}, [], id="tagged number is text"),
        pytest.param(
            "8",
            {"type": "string"},
            ["1: wants text, not the number 8 - Write it in quotes: \"8\"."],
            id="number for text",
        ),
        pytest.param(
            "true",
            {"type": "string"},
            ["1: wants text, not true - Write it in quotes: \"true\"."],
            id="truth for text",
        ),
        pytest.param("a:", {"properties": {"a": {"type": "string"}}}, ["3: wants text, not nothing"], id="nothing for text"),
        pytest.param(
            "~",
            {"type": "string"},
            ["1: wants text, not ~ - Write it in quotes: \"~\"."],
            id="null for text",
        ),
        pytest.param("[a]", {"type": "string"}, ["1: wants text, not a list"], id="list for text"),
        pytest.param("{}", {"type": "array"}, ["1: wants a list, not a mapping of keys"], id="mapping for list"),
        pytest.param("[]", {"type": "object"}, ["1: wants a mapping of keys, not a list"], id="list for mapping"),
        pytest.param("a", {"type": "object"}, ["1: wants a mapping of keys, not 'a'"], id="text for mapping"),
        pytest.param("'1'", {"type": "integer"}, ["1: wants a whole number, not '1'"], id="text for number"),
        pytest.param("1.5", {"type": "integer"}, ["1: wants a whole number, not '1.5'"], id="fraction for number"),
        pytest.param("-1", {"type": "integer"}, [], id="negative number"),
        pytest.param("'true'", {"type": "boolean"}, ["1: wants true or false, not 'true'"], id="text for truth"),
        pytest.param("false", {"type": "boolean"}, [], id="truth"),
        pytest.param("1", {"type": "null"}, ["1: wants nothing, not the number 1"], id="number for nothing"),
        # Values
        pytest.param("info", ENUM, [], id="one of the words"),
        pytest.param("fatal", ENUM, ["1: wants one of error, warning, info, not 'fatal'"], id="none of the words"),
        pytest.param(
            "warn",
            ENUM,
            ["1: wants one of error, warning, info, not 'warn' - Did you mean 'warning'?"],
            id="nearly one of the words",
        ),
        pytest.param("[info]", ENUM, ["1: wants one of error, warning, info, not a list"], id="list of a word"),
        pytest.param("aple", MANY, ["1: wants another word, not 'aple' - Did you mean 'apple'?"], id="nearly one of many"),
        pytest.param(
            "zzz",
            MANY,
            ["1: wants one of apple, a, b, c, d, e, f, g, h, i, j, not 'zzz'"],
            id="none of many",
        ),
        pytest.param("true", {"const": True}, [], id="true"),
        pytest.param("1", {"const": True}, ["1: wants true, not the number 1"], id="one is not true"),
        pytest.param("'true'", {"const": True}, ["1: wants true, not 'true'"], id="the word is not true"),
        pytest.param("8", {"const": "8"}, ["1: wants 8, not the number 8"], id="number is not its digits"),
        pytest.param("A", WORD, ["1: 'A' does not fit: A word."], id="pattern"),
        pytest.param("x1", {"pattern": "[0-9]"}, [], id="pattern anywhere in the text"),
        pytest.param("[A]", {"pattern": "^[a-z]+$"}, [], id="pattern is for text alone"),
        pytest.param(
            "[A]",
            {"description": "Words.", "items": {"pattern": "^[a-z]+$"}},
            ["2: 'A' does not fit: Words."],
            id="description of the list",
        ),
        pytest.param(
            "A",
            {"description": "Name of it.", "$ref": "#/$defs/word", "$defs": {"word": WORD}},
            ["1: 'A' does not fit: A word."],
            id="description beside the pattern",
        ),
        pytest.param("''", {"minLength": 1}, ["1: the text is empty"], id="empty text"),
        pytest.param("ab", {"minLength": 3}, ["1: wants at least 3 characters, not 2"], id="short text"),
        pytest.param("1", {"minLength": 3}, [], id="length is for text alone"),
        pytest.param("-1", {"minimum": 0}, ["1: wants 0 or more, not -1"], id="below the minimum"),
        pytest.param("0", {"minimum": 0}, [], id="the minimum"),
        pytest.param("'-1'", {"minimum": 0}, [], id="minimum is for numbers alone"),
        # Mappings
        pytest.param("{source: a, when: b}", RECORD, [], id="record"),
        pytest.param("{}", RECORD, ["1: lacks 'source' and 'when'"], id="empty record"),
        pytest.param("{source: a}", RECORD, ["1: lacks 'when'"], id="half a record"),
        pytest.param(
            "{source: a, wenn: b}",
            RECORD,
            ["13: unknown key 'wenn' - Did you mean 'when'?"],
            id="misspelled key is told once",
        ),
        pytest.param(
            "{source: a, zzz: b}",
            RECORD,
            ["13: unknown key 'zzz' - Known: note, source, when.", "1: lacks 'when'"],
            id="unknown key and missing key",
        ),
        pytest.param(
            "{source: a, when: b, noted: {x: [1, 1]}}",
            RECORD,
            ["22: unknown key 'noted' - Did you mean 'note'?"],
            id="nothing is said of what stands under an unknown key",
        ),
        pytest.param("{a: 1, b: x}", {"additionalProperties": {"type": "integer"}}, ["11: wants a whole number, not 'x'"], id="values of any key"),
        pytest.param("{A: 1, b: 1}", {"propertyNames": WORD}, ["2: 'A' does not fit: A word."], id="name of a key"),
        pytest.param("{1: 1}", {"propertyNames": {"type": "string"}}, [], id="number as a key is text"),
        pytest.param("{null: 1}", {"propertyNames": WORD}, [], id="null as a key is text"),
        pytest.param("{}", {"minProperties": 1}, ["1: the mapping is empty"], id="no key"),
        pytest.param("{a: 1}", {"minProperties": 2}, ["1: wants at least 2 keys, not 1"], id="too few keys"),
        pytest.param("{a: 1, b: 2}", {"maxProperties": 1}, ["8: has more than 1 key"], id="two keys for one"),
        pytest.param("{a: 1, b: 2, c: 3}", {"maxProperties": 2}, ["14: has more than 2 keys"], id="too many keys"),
        pytest.param("[a, b]", {"maxProperties": 1, "minProperties": 3, "required": ["a"]}, [], id="keys of a list"),
        pytest.param(
            "{a: 1}",
            {"dependentRequired": {"a": ["b", "c"], "d": ["e"]}},
            ["2: 'a' also wants 'b' and 'c'"],
            id="key that wants others",
        ),
        pytest.param("{a: 1, a: 2}", {}, ["8: the key 'a' stands twice"], id="key twice"),
        pytest.param("[{x: {a: 1, a: 2}}]", {}, ["13: the key 'a' stands twice"], id="key twice deep inside"),
        pytest.param("{1: a, '1': b}", {}, ["8: the key '1' stands twice"], id="key twice in two styles"),
        pytest.param("{[a]: b}", {}, ["2: a key must be text"], id="key that is a list"),
        pytest.param("[&x {a: 1, a: 2}, *x]", {}, ["12: the key 'a' stands twice"], id="told once for an alias"),
        pytest.param("[&x a, *x]", {"items": {"type": "integer"}}, ["2: wants a whole number, not 'a'"], id="place of the anchor"),
        # Lists
        pytest.param("[]", {"minItems": 1}, ["1: the list is empty"], id="empty list"),
        pytest.param("[a]", {"minItems": 2}, ["1: wants at least 2 entries, not 1"], id="short list"),
        pytest.param("a", {"minItems": 2, "uniqueItems": True, "items": WORD}, [], id="entries of a text"),
        pytest.param("[a, 1, 'a']", {"uniqueItems": True}, ["8: 'a' stands twice"], id="entry twice"),
        pytest.param("[{a: 1, b: 2}, {b: 2, a: 1}]", {"uniqueItems": True}, ["16: the same entry stands twice"], id="mapping twice"),
        pytest.param("[1, true, '1', 'true']", {"uniqueItems": True}, [], id="equal in other languages"),
        pytest.param("[{a: 1, a: 1}]", {"uniqueItems": True}, ["9: the key 'a' stands twice"], id="entry with a key twice"),
        pytest.param("[a, a]", {"uniqueItems": False}, [], id="entry that may stand twice"),
        # Forms
        pytest.param("{}", {"oneOf": [PLACE, TITLE]}, ["1: lacks 'url' or 'title'"], id="none of two keys"),
        pytest.param("{url: a, title: b}", {"oneOf": [PLACE, TITLE]}, ["1: has 'url' and 'title', of which only one is wanted"], id="both of two keys"),
        pytest.param("{url: a, title: b}", {"anyOf": [PLACE, TITLE]}, [], id="any of two keys"),
        pytest.param("{}", {"anyOf": [PLACE, BOTH]}, ["1: lacks 'url', or 'group' and 'kind'"], id="one key or two"),
        pytest.param("{group: a}", {"anyOf": [BOTH, {"required": ["group", "kind", "path"]}]}, ["1: lacks 'kind'"], id="the form that wants least"),
        pytest.param(
            "{group: a}",
            {"oneOf": [{**PLACE, "propertyNames": {"enum": ["url"]}}, {**BOTH, "propertyNames": {"enum": ["group", "kind"]}}]},
            ["1: lacks 'kind'"],
            id="the form that is nearest",
        ),
        pytest.param("{}", {"oneOf": [PLACE, TITLE, BOTH, {"required": ["x"]}], "description": "A place."}, ["1: says nothing: A place."], id="none of many forms"),
        pytest.param("8", {"oneOf": [WORD, {"type": "array"}]}, ["1: wants text or a list, not the number 8 - Write it in quotes: \"8\"."], id="neither type"),
        pytest.param("A", {"oneOf": [WORD, {"type": "array"}]}, ["1: 'A' does not fit: A word."], id="form of the same type"),
        pytest.param("[A]", {"oneOf": [WORD, {"items": WORD, "type": "array"}]}, ["2: 'A' does not fit: A word."], id="other form of the same type"),
        pytest.param("A", {"oneOf": [{"const": "none"}, WORD]}, ["1: 'A' does not fit: A word."], id="pattern rather than one word"),
        pytest.param("a", {"oneOf": [WORD, {"minLength": 1}]}, ["1: 'a' is several things, of which only one is wanted"], id="two forms"),
        pytest.param(
            "{sourc: a, zzz: b}",
            {**RECORD, "oneOf": [PLACE, TITLE]},
            [
                "2: unknown key 'sourc' - Did you mean 'source'?",
                "12: unknown key 'zzz' - Known: note, source, when.",
                "1: lacks 'when'",
            ],
            id="no form is asked for while keys are wrong",
        ),
        pytest.param("{a: 1, b: 2}", NO_BOTH, ["8: 'a' and 'b' cannot stand together: One of them."], id="two keys that exclude each other"),
        pytest.param("{a: 1}", NO_BOTH, [], id="one of two keys that exclude each other"),
        pytest.param("{a: 1}", {"not": {"required": ["a"]}, "description": "Not here."}, ["2: 'a' has no place here: Not here."], id="key without a place"),
        pytest.param("x", {"not": {"const": "x"}, "description": "Any other."}, ["1: 'x' has no place here: Any other."], id="value without a place"),
    ],
)  # fmt: skip
def test_what_is_said(text: str, schema: dict[str, Any], expected: list[str]) -> None:
    assert sorted(told(text, schema)) == sorted(expected)


def test_faults_are_in_the_order_of_the_text() -> None:
    found = faults("[{b: 1}, {c: 1}, 5]", {"items": {"type": "object", "required": ["a"]}})
    assert [fault.offset for fault in found] == [1, 9, 17]


# --- The same verdict as jsonschema ---


def places(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The ways to everything inside a value."""
    inner: Any = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inner = enumerate(value)
    for key, child in inner:
        yield (*above, key)
        yield from places(child, (*above, key))


DATA: list[Any] = [load(file.read_text(encoding="utf-8")) for file in FILES]
PLACES = [list(places(data)) for data in DATA]
KEYS = sorted({str(way[-1]) for ways in PLACES for way in ways})
VALUES = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 5, "", "x", "none", "any", ">=1.0", "1.2.x"]),
    st.sampled_from(
        ["8.1.2.*", "RELEASE.2026-01-01T00-00-00Z", [], {}, [[]], ["a", "a"], {"a": 1}]
    ),
    st.sampled_from(KEYS),
    st.text("aZ0.-_ >=<x/", max_size=6),
)


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """Valid data with some changes: a key dropped or added, a value replaced or repeated."""
    number = draw(st.integers(0, len(DATA) - 1))
    data = copy.deepcopy(DATA[number])
    for _ in range(draw(st.integers(0, 3))):
        *above, last = draw(st.sampled_from(PLACES[number]))
        parent = data
        try:
            for step in above:
                parent = parent[step]
            value = parent[last]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
        if isinstance(parent, str):
            continue
        change = draw(st.sampled_from(["drop", "add", "replace", "repeat"]))
        if change == "drop":
            del parent[last]
        elif change == "replace":
            parent[last] = draw(VALUES)
        elif change == "repeat" and isinstance(parent, list):
            parent.append(value)
        elif isinstance(parent, dict):
            parent[draw(st.sampled_from(KEYS))] = draw(VALUES)
    return data


@given(changed())
def test_the_verdict_is_that_of_jsonschema(data: Any) -> None:
    text = json.dumps(data)
    assert load(text) == data
    assert (faults(text, SCHEMA) == []) == ORACLE.is_valid(data)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_product_files_are_valid(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert (faults(text, SCHEMA), ORACLE.is_valid(load(text))) == ([], True)


def test_every_key_that_is_dropped_is_judged_the_same() -> None:
    """Each one of the file that has every key, which hypothesis would not reach."""
    judged = []
    for way in PLACES[-1]:
        data = copy.deepcopy(DATA[-1])
        parent = data
        for step in way[:-1]:
            parent = parent[step]
        del parent[way[-1]]
        judged.append((way, faults(json.dumps(data), SCHEMA) == [], ORACLE.is_valid(data)))
    assert [way for way, ours, theirs in judged if ours != theirs] == []
