"""Trees of YAML and JSON: what every node says of itself, and the texts that are refused."""

from __future__ import annotations

import time

import pytest

from helm_compat.nodes import (
    Alias,
    InvalidText,
    Limits,
    Mapping,
    Node,
    Scalar,
    Sequence,
    parse,
    resolve,
)

STR = "tag:yaml.org,2002:str"


def tree(node: Node) -> object:
    """A node as plain values, so that a whole tree is compared at once."""
    match node:
        case Scalar():
            return (node.value, node.style) if node.style else node.value
        case Alias():
            return f"*{node.name}"
        case Mapping():
            return {"map": [(tree(key), tree(value)) for key, value in node.pairs]}
        case Sequence():
            return [tree(child) for child in node.children]


def trees(text: str) -> list[object]:
    return [tree(root) for root in parse(text, Limits())]


def value_of(text: str) -> Scalar:
    """The value of the first key of a mapping."""
    root = parse(text, Limits())[0]
    assert isinstance(root, Mapping)
    node = root.children[1]
    assert isinstance(node, Scalar)
    return node


# The span is given as text: what stands from start to content, and from content to end.
SCALARS = [
    pytest.param("k: nginx:1\n", "nginx:1", "", "", "nginx:1", id="plain"),
    pytest.param("k: nginx:1 # c\n", "nginx:1", "", "", "nginx:1", id="plain, comment behind"),
    pytest.param("k: a b  \n", "a b", "", "", "a b", id="plain, white space behind"),
    pytest.param("k: a\n  b\n\n  c\nd: e\n", "a b\nc", "", "", "a\n  b\n\n  c", id="plain, lines"),
    pytest.param("k: a#b\n", "a#b", "", "", "a#b", id="plain, hash inside"),
    pytest.param("k: 'a''b' # c\n", "a'b", "'", "", "'a''b'", id="single quotes"),
    pytest.param("k: 'a\n  b'\n", "a b", "'", "", "'a\n  b'", id="single quotes, lines"),
    pytest.param('k: "a\\tb"\n', "a\tb", '"', "", '"a\\tb"', id="double quotes"),
    pytest.param('k: "a\\\n  b"\n', "ab", '"', "", '"a\\\n  b"', id="double quotes, escaped break"),
    pytest.param("k: ''\n", "", "'", "", "''", id="empty, single quotes"),
    pytest.param('k: ""\n', "", '"', "", '""', id="empty, double quotes"),
    pytest.param("k: |\n  a\n  b\n", "a\nb\n", "|", "", "|\n  a\n  b\n", id="literal"),
    pytest.param("k: |-\n  a\n", "a", "|", "", "|-\n  a\n", id="literal, stripped"),
    pytest.param(
        "k: |+\n  a\n\n\nb: c\n", "a\n\n\n", "|", "", "|+\n  a\n\n\n", id="literal, kept"
    ),
    pytest.param("k: >\n  a\n  b\n", "a b\n", ">", "", ">\n  a\n  b\n", id="folded"),
    pytest.param("k: |2 # c\n    a\n", "  a\n", "|", "", "|2 # c\n    a\n", id="indicator"),
    pytest.param("k: |\n  a\n# c\nb: c\n", "a\n", "|", "", "|\n  a\n", id="comment behind block"),
    pytest.param("k:\r\n  a\r\n", "a", "", "", "a", id="next line, CRLF"),
    pytest.param("k: |\r\n  a\r\n", "a\n", "|", "", "|\r\n  a\r\n", id="literal, CRLF"),
    pytest.param("k: &x a\n", "a", "", "&x ", "a", id="anchor"),
    pytest.param("k: !!str a\n", "a", "", "!!str ", "a", id="tag"),
    pytest.param("k: ! a\n", "a", "", "! ", "a", id="non-specific tag"),
    pytest.param("k: !<tag:x,y> a\n", "a", "", "!<tag:x,y> ", "a", id="verbatim tag"),
    pytest.param("k: &x !!str a\n", "a", "", "&x !!str ", "a", id="anchor, tag"),
    pytest.param("k: !!str  &x\t'a'\n", "a", "'", "!!str  &x\t", "'a'", id="tag, anchor"),
    pytest.param("k: &x # c\n  a\n", "a", "", "&x # c\n  ", "a", id="comment behind anchor"),
    pytest.param(
        "k: &x\n  # one\n\n  # two\n  a\n", "a", "", "&x\n  # one\n\n  # two\n  ", "a",
        id="comments and blank lines",
    ),
    pytest.param(
        "k: &x # !!int &z\n  !!str # c\n  a\n", "a", "", "&x # !!int &z\n  !!str # c\n  ", "a",
        id="comments between properties",
    ),
    pytest.param("k: &x\r\n  # c\r\n  a\r\n", "a", "", "&x\r\n  # c\r\n  ", "a", id="CRLF between"),
    pytest.param("k: &x |-\n  &y\n", "&y", "|", "&x ", "|-\n  &y\n", id="block with anchor"),
    pytest.param("k: &x '&y'\n", "&y", "'", "&x ", "'&y'", id="quoted text like an anchor"),
    pytest.param("k: &x\nb: c\n", "", "", "&x", "", id="empty with an anchor"),
    pytest.param("{k: &x !!str }", "", "", "&x !!str", "", id="empty with properties, flow"),
    pytest.param("{k: nginx:1.25}", "nginx:1.25", "", "", "nginx:1.25", id="Helm 3's flow map"),
    pytest.param("{k: &x a, b: c}", "a", "", "&x ", "a", id="anchor in flow map"),
    pytest.param('{"k":"a"}', "a", '"', "", '"a"', id="JSON without spaces"),
    pytest.param("é: 🐳\n", "🐳", "", "", "🐳", id="positions are code points"),
    pytest.param("k: &x\x85  a\n", "a", "", "&x\x85  ", "a", id="U+0085 is a line break"),
    pytest.param(
        "k: &x # c\x85  a\n", "a", "", "&x # c\x85  ", "a", id="U+0085 ends a comment"
    ),
    pytest.param("k: &x\u2028  a\n", "a", "", "&x\u2028  ", "a", id="U+2028 is a line break"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value", "style", "properties", "written"), SCALARS)
def test_scalar(text: str, value: str, style: str, properties: str, written: str) -> None:
    node = value_of(text)
    found = (node.value, node.style, text[node.start : node.content], text[node.content : node.end])
    assert found == (value, style, properties, written)
    assert node.start == text.index(properties + written, text.index(":") + 1)
    assert node.size == 1


@pytest.mark.parametrize(
    ("text", "content", "end"),
    [
        pytest.param("--- a\n", 4, 5, id="plain"),
        pytest.param("--- &x a\n", 7, 8, id="anchor"),
        pytest.param("--- &x\na\n", 7, 8, id="anchor on a line of its own"),
        pytest.param("--- &x\x85a\n", 7, 8, id="anchor, U+0085"),
        pytest.param("--- !!str\u2028a\n", 10, 11, id="tag, U+2028"),
        pytest.param("--- |\n a\n", 4, 9, id="literal"),
    ],
)
def test_scalar_that_is_a_document(text: str, content: int, end: int) -> None:
    root = parse(text, Limits())[0]
    assert isinstance(root, Scalar)
    assert (root.start, root.content, root.end) == (4, content, end)


@pytest.mark.parametrize(
    ("text", "kind", "flow", "start", "end"),
    [
        pytest.param("a: b\n", Mapping, False, 0, 5, id="block mapping"),
        pytest.param("- a\n- b\n", Sequence, False, 0, 8, id="block sequence"),
        pytest.param("--- {a: b} # c\n", Mapping, True, 4, 10, id="flow mapping"),
        pytest.param("--- [a, b] # c\n", Sequence, True, 4, 10, id="flow sequence"),
        pytest.param("é: {}\n", Mapping, False, 0, 6, id="code points"),
        pytest.param("--- &x {a: b}\n", Mapping, True, 4, 13, id="anchor included"),
    ],
)
def test_collection(text: str, kind: type[Node], flow: bool, start: int, end: int) -> None:
    root = parse(text, Limits())[0]
    assert isinstance(root, (Mapping, Sequence))
    assert (type(root), root.flow, root.start, root.end) == (kind, flow, start, end)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("# c\n", [], id="comment only"),
        pytest.param("---\n", [], id="empty document"),
        pytest.param("---\n---\n# c\n...\n", [], id="empty documents"),
        pytest.param("--- ''\n", [("", "'")], id="empty string is no empty document"),
        pytest.param("--- a\n---\n--- b\n", ["a", "b"], id="empty document between others"),
        pytest.param("a\n...\n---\nb\n", ["a", "b"], id="end marker"),
        pytest.param("%YAML 1.1\n---\na\n", ["a"], id="directive"),
        pytest.param("a: b\na: c\n", [{"map": [("a", "b"), ("a", "c")]}], id="duplicate keys"),
        pytest.param(
            "<<: {a: b}\nc: d\n",
            [{"map": [("<<", {"map": [("a", "b")]}), ("c", "d")]}],
            id="merge key stays a key",
        ),
        pytest.param(
            "x: &x {a: b}\ny:\n  !!merge <<: *x\n",
            [{"map": [("x", {"map": [("a", "b")]}), ("y", {"map": [("<<", "*x")]})]}],
            id="merge key with a tag, as Helm 4 writes it",
        ),
        pytest.param(
            "? a\n: b\n? [c, d]\n: e\n",
            [{"map": [("a", "b"), (["c", "d"], "e")]}],
            id="explicit keys",
        ),
        pytest.param("a:\nb: ~\n", [{"map": [("a", ""), ("b", "~")]}], id="nothing and null"),
        pytest.param("- - a\n  - b\n-\n", [[["a", "b"], ""]], id="nested sequences"),
        pytest.param("a:\n- b\n", [{"map": [("a", ["b"])]}], id="sequence without indentation"),
        pytest.param("{image: nginx:1.25}\n", [{"map": [("image", "nginx:1.25")]}], id="Helm 3"),
        pytest.param("[a: b, c]", [[{"map": [("a", "b")]}, "c"]], id="pair in a sequence"),
        pytest.param("{a, b: }", [{"map": [("a", ""), ("b", "")]}], id="flow without values"),
        pytest.param(
            '{"a": [1, null, "b"]}',
            [{"map": [(("a", '"'), ["1", "null", ("b", '"')])]}],
            id="JSON",
        ),
        pytest.param(
            '{\n\t"a": "b"\n}',
            [{"map": [(("a", '"'), ("b", '"'))]}],
            id="JSON indented with tabs",
        ),
        pytest.param('["\\/"]', [[("/", '"')]], id="escaped slash"),
        pytest.param('["\\ud83d\\ude00 a"]', [[("\ufffd\ufffd a", '"')]], id="surrogate escapes"),
        pytest.param('["\\uD83D\\uDE00"]', [[("\ufffd\ufffd", '"')]], id="upper case"),
        # A string in a string: the backslash is escaped, and nothing here is a surrogate.
        pytest.param('["\\\\ud83d\\\\ude00"]', [[("\\ud83d\\ude00", '"')]], id="escaped twice"),
        pytest.param("'\\ud83d\\ude00'", [("\\ud83d\\ude00", "'")], id="no escape in single quotes"),
        pytest.param("\\ud83d\\ude00", ["\\ud83d\\ude00"], id="no escape in plain text"),
        pytest.param("|\n  \\ud83d\\ude00\n", [("\\ud83d\\ude00\n", "|")], id="nor in a block"),
        pytest.param("a: &x b\nc: *x\n", [{"map": [("a", "b"), ("c", "*x")]}], id="alias"),
        pytest.param("&x a: *x\n", [{"map": [("a", "*x")]}], id="alias of its key"),
        pytest.param("- &x a\n- *x : b\n", [["a", {"map": [("*x", "b")]}]], id="alias as a key"),
        pytest.param("- &x a\n- &x b\n- *x\n", [["a", "b", "*x"]], id="anchor given twice"),
    ],
)  # fmt: skip
def test_parse(text: str, expected: list[object]) -> None:
    assert trees(text) == expected


def test_an_alias_knows_its_target_and_place() -> None:
    text = "é: &x b\nc: *x # d\n"
    root = parse(text, Limits())[0]
    assert isinstance(root, Mapping)
    anchored, alias = root.children[1], root.children[3]
    assert isinstance(alias, Alias)
    assert resolve(alias) is anchored
    assert resolve(anchored) is anchored
    assert (alias.name, alias.start, alias.end, alias.size) == ("x", 11, 13, 1)


def test_an_alias_means_the_newest_anchor() -> None:
    root = parse("- &x a\n- &x b\n- *x\n- &x c\n- *x\n", Limits())[0]
    assert isinstance(root, Sequence)
    first, second = resolve(root.children[2]), resolve(root.children[4])
    assert (first, second) == (root.children[1], root.children[3])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(
            pytest.param(text, False, id=f"{text or 'nothing'} is none")
            for text in (
                "", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "FALSE", "yes",
                "No", "on", "OFF", "y", "N", "1", "-1", "+1", "0", "007", "0777", "0o17", "0x1f",
                "0X1F", "0b101", "-0x1f", "0x1_f", "1_000", "1.25", "1.", ".5", "-1.5", "1e3",
                "1E-3", "1.5e+3", "1_0.5", "123456789012345678901234567890", ".inf", "-.Inf",
                "+.INF", ".nan", ".NaN", "!!int 1", "!!bool 'true'", "!!null ''", "!!float 1.5",
                "!custom a",
            )
        ),
        *(
            pytest.param(text, True, id=f"{text} is one")
            for text in (
                "a", "nginx:1.25", "1.25.3", "2026-11-21", "2026-11-21T10:00:00Z", "12:30:45",
                "nUll", "yEs", "tRue", "nulls", "yes1", "oN", "0xg", "0x", "1a", "1e", "1.2e", "_1",
                ".", "--1", "+a", ".in", ".infx", "inf", "nan", "NaN", "1,000", "1 2", "=", "١",
                "''", '""', "'1'", '"true"', "'null'", "|-\n  1", ">-\n  true", "!!str 1",
                "!!str true", "!!str", "! 1", "&x a", "!!str '1'",
            )
        ),
    ],
)  # fmt: skip
def test_is_string(text: str, expected: bool) -> None:
    assert value_of(f"k: {text}\n").is_string is expected


REFUSED = [
    pytest.param("a:\n\tb: 1\n", "a tab stands where YAML wants spaces", 3, id="tab, first level"),
    pytest.param(
        "é:\n  b: 1\n\tc: 2\n", "a tab stands where YAML wants spaces", 10, id="tab, second level"
    ),
    pytest.param("\ta: 1\n", "a tab stands where YAML wants spaces", 0, id="tab at the start"),
    pytest.param("-\t\ta: 1\n", "a tab stands where YAML wants spaces", 1, id="tab behind hyphen"),
    pytest.param('é: "b\nc: d\n', "the quote that opens here is not closed", 3, id="double quote"),
    pytest.param("a: 'b\nc: d\n", "the quote that opens here is not closed", 3, id="single quote"),
    pytest.param('"', "the quote that opens here is not closed", 0, id="nothing but a quote"),
    pytest.param("{a: 'b}", "the quote that opens here is not closed", 4, id="quote in flow style"),
    pytest.param('a: "b\\"', "the quote that opens here is not closed", 3, id="escaped end quote"),
    pytest.param(
        "a: 'b\n---\nc: d\n", "the quote that opens here is not closed", 3, id="marker in quotes"
    ),
    pytest.param("a: b\0c\n", "the character U+0000 is not allowed in YAML", 4, id="NUL"),
    pytest.param("🐳: é\0", "the character U+0000 is not allowed in YAML", 4, id="NUL, non-ASCII"),
    pytest.param("\0", "the character U+0000 is not allowed in YAML", 0, id="NUL only"),
    pytest.param("# \x01\n", "the character U+0001 is not allowed in YAML", 2, id="C0 in comment"),
    pytest.param('a: "\x1b[0m"', "the character U+001B is not allowed in YAML", 4, id="escape"),
    pytest.param("é: \x7f\n", "the character U+007F is not allowed in YAML", 3, id="DEL"),
    pytest.param("a: \x80\n", "the character U+0080 is not allowed in YAML", 3, id="C1"),
    pytest.param("a: \ufffe\n", "the character U+FFFE is not allowed in YAML", 3, id="U+FFFE"),
    pytest.param("a: *x\n", "the alias *x has no anchor &x before it", 3, id="alias, no anchor"),
    pytest.param("*x", "the alias *x has no anchor &x before it", 0, id="alias only"),
    pytest.param(
        "é: *x\nb: &x c\n", "the alias *x has no anchor &x before it", 3, id="anchor comes later"
    ),
    pytest.param(
        "a: &x b\n---\nc: *x\n",
        "the alias *x has no anchor &x before it",
        15,
        id="anchor of another document",
    ),
    pytest.param(
        "&x [*x]\n", "the alias *x stands inside its own anchor", 4, id="inside a sequence"
    ),
    pytest.param(
        "a: &x\n  b: {c: *x}\n", "the alias *x stands inside its own anchor", 15, id="two levels in"
    ),
    pytest.param(
        "a: &x\n  <<: *x\n",
        "the alias *x stands inside its own anchor",
        12,
        id="merged into itself",
    ),
    pytest.param("a: b: c\n", "mapping values are not allowed in this context", 4, id="two colons"),
    pytest.param(
        "a: [b\n",
        "did not find expected ',' or ']' while parsing a flow sequence",
        6,
        id="open bracket",
    ),
    pytest.param(
        "- a\nb: c\n",
        "did not find expected '-' indicator while parsing a block collection",
        4,
        id="mapping behind a sequence",
    ),
    pytest.param(
        "a: @b\n",
        "found character that cannot start any token while scanning for the next token",
        3,
        id="reserved character",
    ),
    pytest.param(
        "a: !x!y z\n", "found undefined tag handle while parsing a node", 3, id="unknown tag handle"
    ),
    # These quotes are closed: the escape is what is wrong.
    pytest.param(
        'a: "b\\q"\n',
        "found unknown escape character while parsing a quoted scalar",
        5,
        id="unknown escape",
    ),
    pytest.param(
        'a: "\\x4"\n',
        "did not find expected hexdecimal number while parsing a quoted scalar",
        4,
        id="short escape",
    ),
    pytest.param(
        'a: "\\ud800 b"\n',
        "found invalid Unicode character escape code while parsing a quoted scalar",
        4,
        id="half of a surrogate pair",
    ),
]


@pytest.mark.parametrize(("text", "message", "offset"), REFUSED)
def test_what_is_refused(text: str, message: str, offset: int) -> None:
    with pytest.raises(InvalidText) as caught:
        parse(text, Limits())
    assert (caught.value.message, caught.value.offset) == (message, offset)
    assert str(caught.value) == message


def mappings(depth: int) -> str:
    return "".join(f"{' ' * level}a:\n" for level in range(depth))


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        pytest.param("[" * 1_001 + "]" * 1_001, 1_000, id="flow sequences"),
        pytest.param("{a: " * 1_001 + "}" * 1_001, 4_000, id="flow mappings"),
        pytest.param("- " * 1_001 + "a\n", 2_000, id="block sequences"),
        # Level n is indented by n spaces and has three characters more: 0 + 1 + … + 1,000 + 3,000.
        pytest.param(mappings(1_001), 503_500, id="block mappings"),
    ],
)
def test_one_level_too_many(text: str, offset: int) -> None:
    with pytest.raises(InvalidText) as caught:
        parse(text, Limits())
    message = "nested more than 1000 levels deep"
    assert (caught.value.message, caught.value.offset) == (message, offset)


def depth_of(node: Node) -> int:
    """Levels of collections along the last children."""
    depth = 0
    pending: list[Node] = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, (Mapping, Sequence)):
            depth += 1
            pending += node.children[-1:]
    return depth


@pytest.mark.parametrize(
    ("text", "depths"),
    [
        pytest.param("[" * 1_000 + "]" * 1_000, [1_000], id="flow sequences"),
        pytest.param("{a: " * 1_000 + "}" * 1_000, [1_000], id="flow mappings"),
        pytest.param("- " * 1_000 + "a\n", [1_000], id="block sequences"),
        pytest.param(mappings(1_000), [1_000], id="block mappings"),
        pytest.param("--- [[], [[]]]\n" * 500, [3] * 500, id="many that are not deep"),
        pytest.param("[" + "[[]], " * 500 + "]", [3], id="many collections, not deep"),
    ],
)
def test_as_many_levels_as_are_allowed(text: str, depths: list[int]) -> None:
    assert [depth_of(root) for root in parse(text, Limits())] == depths


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 10_000 + "]" * 10_000, id="flow sequences"),
        pytest.param("[" * 10_000, id="flow sequences, open"),
        pytest.param("{a: " * 10_000, id="flow mappings"),
        pytest.param("- " * 10_000 + "a", id="block sequences"),
        pytest.param(mappings(10_000), id="block mappings"),
        pytest.param("? " * 10_000 + "a", id="keys of keys"),
    ],
)
def test_ten_thousand_levels_are_refused_quickly(text: str) -> None:
    start = time.process_time()
    with pytest.raises(InvalidText) as caught:
        parse(text, Limits())
    assert caught.value.message == "nested more than 1000 levels deep"
    assert time.process_time() - start < 2


def test_the_limit_of_levels_is_the_callers() -> None:
    assert trees("[[a]]") == [[["a"]]]
    assert [tree(root) for root in parse("[[a]]", Limits(depth=2))] == [[["a"]]]
    with pytest.raises(InvalidText) as caught:
        parse("[[a]]", Limits(depth=1))
    expected = ("nested more than 1 levels deep", 1)
    assert (caught.value.message, caught.value.offset) == expected


def bomb(levels: int, width: int) -> str:
    lines = [f"a0: &a0 [{', '.join('x' * width)}]"]
    for n in range(1, levels):
        lines.append(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]")
    return "\n".join(lines) + "\n"


def test_an_alias_bomb_is_refused_quickly() -> None:
    text = bomb(9, 10)
    start = time.process_time()
    with pytest.raises(InvalidText) as caught:
        parse(text, Limits())
    # The sixth line is the first whose own nodes are more than a million.
    expected = ("aliases expand to more than 1000000 nodes", text.index("&a5"))
    assert (caught.value.message, caught.value.offset) == expected
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("text", "added"),
    [
        pytest.param("- &a [x, x]\n- *a\n", 3, id="an alias adds all of its anchor"),
        pytest.param("- &a [x, x]\n- [*a, *a]\n", 6, id="each alias adds as much"),
        pytest.param("- &a x\n- *a\n- *a\n", 2, id="scalars"),
        pytest.param("- &a {k: v}\n- &b [*a]\n- *b\n", 7, id="alias inside an anchor"),
    ],
)
def test_aliases_count_by_what_they_add(text: str, added: int) -> None:
    assert len(parse(text, Limits(alias_nodes=added))) == 1
    with pytest.raises(InvalidText) as caught:
        parse(text, Limits(alias_nodes=added - 1))
    expected = (f"aliases expand to more than {added - 1} nodes", 0)
    assert (caught.value.message, caught.value.offset) == expected


def test_what_is_written_out_is_not_limited() -> None:
    root = parse("- [a, b]\n" * 1_000, Limits(alias_nodes=1))[0]
    assert root.size == 3_001


def test_many_aliases_deep_down_take_linear_time() -> None:
    text = "[&a x, " + "[" * 990 + "*a, " * 100_000 + "]" * 990 + "]"
    start = time.process_time()
    assert parse(text, Limits())[0].size == 100_992
    assert time.process_time() - start < 1.5
