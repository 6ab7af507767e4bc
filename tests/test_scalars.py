"""From the value of a scalar back to its text: where each character stands, and edits through it."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from helm_compat.edits import Edit, apply
from helm_compat.nodes import InvalidText, Limits, Mapping, Scalar, parse
from helm_compat.scalars import SourceMap, is_plain_safe, source_map


def scalar(text: str) -> Scalar:
    """The value of the first key."""
    root = parse(text, Limits())[0]
    assert isinstance(root, Mapping)
    node = root.children[1]
    assert isinstance(node, Scalar)
    return node


def mapped(text: str) -> SourceMap:
    found = source_map(text, scalar(text))
    assert found is not None
    return found


def positions(text: str) -> list[int]:
    """Where each character of the value stands, and where the value ends."""
    mapping = mapped(text)
    return [mapping.position(index) for index in range(len(scalar(text).value) + 1)]


def edited(text: str, edit: Edit) -> str | None:
    """The text with an edit of the value made, or None if it cannot be made."""
    made = mapped(text).edit(edit)
    return None if made is None else apply(text, [made])


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        pytest.param("k: abc\n", "abc", [3, 4, 5, 6], id="plain"),
        pytest.param("k:   abc  # c\n", "abc", [5, 6, 7, 8], id="plain, spaces around"),
        pytest.param("k: &x !!str abc\n", "abc", [12, 13, 14, 15], id="plain, properties"),
        pytest.param("é: 🐳b\n", "🐳b", [3, 4, 5], id="positions are code points"),
        pytest.param("k: a b\n", "a b", [3, 4, 5, 6], id="plain, space"),
        pytest.param("k: a\n  b\n", "a b", [3, 4, 7, 8], id="plain, two lines"),
        pytest.param("k: a \t\n  b\n", "a b", [3, 4, 9, 10], id="plain, white space dropped"),
        pytest.param("k: a\n\n  b\n", "a\nb", [3, 4, 8, 9], id="plain, blank line"),
        pytest.param("k: a\n\n\n  b\n", "a\n\nb", [3, 4, 4, 9, 10], id="plain, two blank lines"),
        pytest.param("k: a\r\n  b\r\n", "a b", [3, 4, 8, 9], id="plain, CRLF"),
        pytest.param("k:\n  a\n", "a", [5, 6], id="plain, next line"),
        pytest.param("k: a\x85 b\u2028 c\n", "a b\u2028c", [3, 4, 6, 7, 9, 10], id="plain, breaks"),
        pytest.param("{k: a, b: c}", "a", [4, 5], id="plain in flow style"),
        pytest.param("k: 'a''b'\n", "a'b", [4, 5, 7, 8], id="single, quote"),
        pytest.param("k: 'a\n\n  b'\n", "a\nb", [4, 5, 9, 10], id="single, blank line"),
        pytest.param("k: 'a\\nb'\n", "a\\nb", [4, 5, 6, 7, 8], id="single, no escapes"),
        pytest.param("k: ' a '\n", " a ", [4, 5, 6, 7], id="single, spaces kept"),
        pytest.param("k: ''''\n", "'", [4, 6], id="single, nothing but a quote"),
        pytest.param('k: "abc"\n', "abc", [4, 5, 6, 7], id="double"),
        pytest.param('k: "a\\nb"\n', "a\nb", [4, 5, 7, 8], id="double, escape"),
        pytest.param('k: "\\x41\\u00e9b"\n', "Aéb", [4, 8, 14, 15], id="double, x and u"),
        pytest.param('k: "\\U0001F433b"\n', "🐳b", [4, 14, 15], id="double, U"),
        pytest.param('k: "\\"\\\\\\/"\n', '"\\/', [4, 6, 8, 10], id="double, quote, slashes"),
        pytest.param(
            'k: "\\0\\a\\b\\t\\n\\v\\f\\r\\e\\ \\N\\_\\L\\P"\n',
            "\0\a\b\t\n\v\f\r\x1b \x85\xa0\u2028\u2029",
            list(range(4, 33, 2)),
            id="double, every short escape",
        ),
        pytest.param('k: "\\\t"\n', "\t", [4, 6], id="double, escaped tab"),
        pytest.param('k: "a\n  b"\n', "a b", [4, 5, 8, 9], id="double, two lines"),
        pytest.param('k: "a\\\n  b"\n', "ab", [4, 9, 10], id="double, escaped break"),
        pytest.param('k: "a\\\r\n  b"\n', "ab", [4, 10, 11], id="double, escaped CRLF"),
        pytest.param('k: "a \\\n  b"\n', "a b", [4, 5, 10, 11], id="double, space kept"),
        pytest.param('k: "a\\\n  \\ b"\n', "a b", [4, 9, 11, 12], id="double, space behind"),
        pytest.param('k: "a\\\n\n  b"\n', "a\nb", [4, 5, 10, 11], id="double, blank line behind"),
        pytest.param('k: "a\\\u2028  b"\n', "ab", [4, 9, 10], id="double, escaped U+2028"),
        pytest.param(
            'k: "a\\\n\u2028  b"\n', "a\u2028b", [4, 5, 10, 11], id="double, U+2028 behind"
        ),
        pytest.param('{"k": "a\\u0062"}', "ab", [7, 8, 14], id="JSON"),
        # One character in JSON; that it is two here is the tree's affair, the places are not.
        pytest.param(
            'k: "\\ud83d\\ude00b"\n', "\ufffd\ufffdb", [4, 10, 16, 17], id="surrogate escapes"
        ),
        pytest.param("k: ''\n", "", [4], id="single, empty"),
        pytest.param('k: ""\n', "", [4], id="double, empty"),
        pytest.param("k: |\n  a\n  b\n", "a\nb\n", [7, 8, 11, 12, 13], id="literal"),
        pytest.param("k: |-\n  a\n  b\n", "a\nb", [8, 9, 12, 13], id="literal, stripped"),
        pytest.param("k: |\n  a\n\n\n", "a\n", [7, 8, 9], id="literal, clipped"),
        pytest.param("k: |+\n  a\n\n\nb: c\n", "a\n\n\n", [8, 9, 10, 11, 12], id="literal, kept"),
        pytest.param("k: |\n  a", "a", [7, 8], id="literal, no final newline"),
        pytest.param("k: |\r\n  a\r\n  b\r\n", "a\nb\n", [8, 9, 13, 14, 16], id="literal, CRLF"),
        pytest.param("k: |\n\n\n  a\n", "\n\na\n", [5, 6, 9, 10, 11], id="literal, blank first"),
        pytest.param("k: |\n \n  a\n", "\na\n", [6, 9, 10, 11], id="literal, short blank first"),
        pytest.param("k: |\n  a\n\n  b\n", "a\n\nb\n", [7, 8, 9, 12, 13, 14], id="literal, blank"),
        pytest.param(
            "k: |\n  a\n    b\n", "a\n  b\n", [7, 8, 11, 12, 13, 14, 15], id="literal, more indented"
        ),
        pytest.param(
            "k: |2\n    a\n   b\n",
            "  a\n b\n",
            [8, 9, 10, 11, 14, 15, 16, 17],
            id="literal, indicator",
        ),
        pytest.param("k: |1-\n  a\n", " a", [8, 9, 10], id="indicator and chomping"),
        pytest.param("k: |-1\n  a\n", " a", [8, 9, 10], id="chomping and indicator"),
        pytest.param("k: |  # 2 lines\n  a\n", "a\n", [18, 19, 20], id="digit in the comment"),
        pytest.param("k: &a1 |\n  b\n", "b\n", [11, 12, 13], id="digit in the anchor"),
        pytest.param("k: |\n  a\n# c\nb: c\n", "a\n", [7, 8, 9], id="comment behind"),
        pytest.param("k: |\n  a\n # c\n", "a\n", [7, 8, 9], id="indented comment behind"),
        pytest.param("k: |\n  a\n  # b\n", "a\n# b\n", [7, 8, 11, 12, 13, 14, 15], id="no comment"),
        pytest.param("k: |\n  a\x85  b\u2028  c\n", "a\nb\u2028c\n", [7, 8, 11, 12, 15, 16, 17],
                     id="literal, breaks"),
        pytest.param("k: |\n", "", [3], id="literal, empty"),
        pytest.param("k: |+\n    \n   \n", "\n\n", [10, 14, 15], id="literal, spaces only, kept"),
        pytest.param("k: |2\n      \n", "    \n", [8, 9, 10, 11, 12, 13],
                     id="literal, spaces only, indicator"),
        pytest.param("k: >\n  a\n  b\n", "a b\n", [7, 8, 11, 12, 13], id="folded"),
        pytest.param("k: >-\n  a\n  b\n", "a b", [8, 9, 12, 13], id="folded, stripped"),
        pytest.param("k: >+\n  a\n\n", "a\n\n", [8, 9, 10, 11], id="folded, kept"),
        pytest.param("k: >\n  a\n\n  b\n", "a\nb\n", [7, 8, 12, 13, 14], id="folded, blank line"),
        pytest.param(
            "k: >\n  a\n\n\n  b\n", "a\n\nb\n", [7, 8, 9, 13, 14, 15], id="folded, blank lines"
        ),
        pytest.param("k: >\n\n  a\n", "\na\n", [5, 8, 9, 10], id="folded, blank first"),
        pytest.param(
            "k: >\n  a\n   b\n  c\n",
            "a\n b\nc\n",
            [7, 8, 11, 12, 13, 16, 17, 18],
            id="folded, more indented",
        ),
        pytest.param(
            "k: >\n  a\n\n   b\n\n  c\n",
            "a\n\n b\n\nc\n",
            [7, 8, 9, 12, 13, 14, 15, 18, 19, 20],
            id="folded, blank lines around more indented",
        ),
        pytest.param(
            "k: >\n  a\n  \tb\n  c\n",
            "a\n\tb\nc\n",
            [7, 8, 11, 12, 13, 16, 17, 18],
            id="folded, tab is more indented",
        ),
        pytest.param("k: >\n  a \n  b\n", "a  b\n", [7, 8, 9, 12, 13, 14], id="folded, space kept"),
        pytest.param(
            "k: >\r\n  a\r\n  b\r\n", "a b\n", [8, 9, 13, 14, 16], id="folded, CRLF"
        ),
        pytest.param(
            "k: >\n  a\x85  b\u2028  c\n", "a b\u2028c\n", [7, 8, 11, 12, 15, 16, 17],
            id="folded, breaks",
        ),
        pytest.param("k: >2\n    a\n  b\n", "  a\nb\n", [8, 9, 10, 11, 14, 15, 16],
                     id="folded, indicator"),
    ],
)  # fmt: skip
def test_positions(text: str, value: str, expected: list[int]) -> None:
    assert scalar(text).value == value
    assert positions(text) == expected


@pytest.mark.parametrize(
    ("text", "edit", "expected"),
    [
        pytest.param("k: abc # c\n", Edit(1, 2, "XY"), "k: aXYc # c\n", id="plain"),
        pytest.param("k: a\n  b\n", Edit(2, 3, "X"), "k: a\n  X\n", id="plain, second line"),
        pytest.param("k: ab\n", Edit(1, 1, "X"), "k: aXb\n", id="insertion"),
        pytest.param("k: ab\n", Edit(2, 2, "X"), "k: abX\n", id="insertion at the end"),
        pytest.param("k: ab\n", Edit(0, 2, "X"), "k: X\n", id="all of it"),
        pytest.param("k: a\n", Edit(0, 1, "b: c"), None, id="plain, colon"),
        pytest.param("k: a\n", Edit(0, 1, "b #c"), None, id="plain, comment"),
        pytest.param("k: a\n", Edit(0, 1, "b\nc"), None, id="plain, line break"),
        pytest.param("k: a\n", Edit(0, 1, "b:1"), "k: b:1\n", id="plain, colon inside a word"),
        pytest.param("k: 'a' # c\n", Edit(0, 1, "b"), "k: 'b' # c\n", id="single"),
        pytest.param("k: 'a'\n", Edit(0, 1, "b'c"), "k: 'b''c'\n", id="single, new quote"),
        pytest.param("k: 'a''b'\n", Edit(1, 2, "c"), "k: 'acb'\n", id="single, old quote"),
        pytest.param("k: 'a'\n", Edit(0, 1, "b\nc"), None, id="single, line break"),
        pytest.param("k: 'a'\n", Edit(0, 1, 'b: # "'), "k: 'b: # \"'\n", id="single, all else"),
        pytest.param('k: "a"\n', Edit(0, 1, 'b"\\\nc'), 'k: "b\\"\\\\\\nc"\n', id="double, new"),
        pytest.param('k: "a\\x41b"\n', Edit(1, 2, "c"), 'k: "acb"\n', id="double, escape goes"),
        pytest.param('k: "\\x41b"\n', Edit(1, 2, "c"), 'k: "\\x41c"\n', id="double, escape stays"),
        pytest.param(
            'k: "a\\\n  b"\n', Edit(1, 2, "c"), 'k: "a\\\n  c"\n', id="double, break stays"
        ),
        pytest.param(
            "k: |\n  a\n  # b\n  c\n", Edit(6, 7, "X"), "k: |\n  a\n  # b\n  X\n", id="literal"
        ),
        pytest.param("k: |\n  a\n", Edit(0, 1, "b\nc"), "k: |\n  b\n  c\n", id="literal, new line"),
        pytest.param(
            "k: |\r\n  a\r\n", Edit(0, 1, "b\nc"), "k: |\r\n  b\r\n  c\r\n", id="literal, CRLF"
        ),
        pytest.param(
            "k: |2\n    a\n", Edit(2, 3, "b\nc"), "k: |2\n    b\n  c\n", id="literal, indicator"
        ),
        pytest.param("k: |-\n  a\n", Edit(1, 1, "b"), "k: |-\n  ab\n", id="literal, at the end"),
        pytest.param("k: >\n  a\n  b\n", Edit(2, 3, "X"), "k: >\n  a\n  X\n", id="folded"),
        pytest.param("k: >\n  a\n", Edit(0, 1, "b\nc"), None, id="folded, line break"),
    ],
)
def test_edit(text: str, edit: Edit, expected: str | None) -> None:
    assert edited(text, edit) == expected
    if expected is not None:
        value = scalar(text).value
        assert scalar(expected).value == value[: edit.start] + edit.new + value[edit.end :]


# A break and what is dropped with it is one piece of text for several characters, or for none.
@pytest.mark.parametrize(
    ("text", "edit"),
    [
        pytest.param("k: |\n  a\n  b\n", Edit(1, 2, "X"), id="literal, line break"),
        pytest.param("k: |\n  a\n\n  b\n", Edit(1, 2, "X"), id="literal, one of two breaks"),
        pytest.param("k: |\n\n  a\n", Edit(0, 1, "X"), id="literal, first break"),
        pytest.param("k: >\n  a\n  b\n", Edit(1, 2, "X"), id="folded, space"),
        pytest.param("k: >\n  a\n\n  b\n", Edit(1, 2, "X"), id="folded, line break"),
        pytest.param("k: a\n\n\n  b\n", Edit(1, 2, "X"), id="plain, one of two breaks"),
        pytest.param("k: 'a\n\n\n  b'\n", Edit(2, 3, "X"), id="single, one of two breaks"),
        pytest.param('k: "a\n\n\n  b"\n', Edit(1, 1, "X"), id="double, before two breaks"),
        pytest.param('k: "a\n\n\n  b"\n', Edit(2, 2, "X"), id="double, between two breaks"),
        pytest.param("k: |-\n", Edit(0, 0, "X"), id="literal, empty"),
        pytest.param("k: >-\n", Edit(0, 0, "X"), id="folded, empty"),
        pytest.param("k: ''\n", Edit(0, 0, "X"), id="single, empty"),
        pytest.param('k: ""\n', Edit(0, 0, "X"), id="double, empty"),
        pytest.param("k: &x\nb: c\n", Edit(0, 0, "X"), id="nothing but an anchor"),
    ],
)
def test_an_edit_is_right_or_not_made(text: str, edit: Edit) -> None:
    value = scalar(text).value
    expected = value[: edit.start] + edit.new + value[edit.end :]
    result = edited(text, edit)
    assert result is None or reading(result) == expected


def reading(text: str) -> str:
    try:
        return scalar(text).value
    except InvalidText as error:
        return f"cannot be parsed: {error}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(
            pytest.param(text, True, id=text)
            for text in ("nginx", "quay.io/a/b:1.2@sha256:0", "r:5000/a", "1", "_", ".")
        ),
        *(
            pytest.param(text, False, id=repr(text))
            for text in (
                "", " a", "a: b", "a:", "a #b", "a\nb", "[a", "a]", "{a", "a}", "a,b", "-a", "?a",
                ":a", "*a", "&a", "!a", "|", ">", "'a", '"a', "%a", "@a", "`a", "#a", "a:\t",
                "a ", "...", "a\u2028b", "a\x85b",
            )
        ),
    ],
)  # fmt: skip
def test_is_plain_safe(text: str, expected: bool) -> None:
    assert is_plain_safe(text) is expected


BREAKS = st.sampled_from(["\n", "\r\n"])
LINE = st.text(st.sampled_from("abcdef é🐳#:-'\"\\{}[],&*!|>%@`\t"), max_size=8)


@st.composite
def block_texts(draw: st.DrawFn, style: str) -> str:
    """A literal or folded scalar with lines of any indentation, and something behind it."""
    end = draw(BREAKS)
    indent = draw(st.integers(1, 4))
    chomping = draw(st.sampled_from(["", "-", "+"]))
    indicator = draw(st.sampled_from(["", str(indent)]))
    header = style + draw(st.sampled_from([chomping + indicator, indicator + chomping]))
    header += draw(st.sampled_from(["", " ", "  # 3 comments"]))
    lines = draw(st.lists(st.one_of(LINE, st.just(""), LINE.map(lambda x: f"  {x}")), min_size=1))
    written = [" " * indent + line if line or draw(st.booleans()) else "" for line in lines]
    behind = draw(st.sampled_from([f"{end}end: x{end}", f"{end}# c{end}", end, ""]))
    return f"k: {header}{end}{end.join(written)}{behind}"


def flow_texts(quote: str, tokens: list[str]) -> st.SearchStrategy[str]:
    def build(parts: list[str], end: str, behind: str) -> str:
        text = "".join(parts).replace("\n", end)
        return f"k: {quote}{text}{quote}{behind}{end}end: x{end}"

    return st.builds(
        build,
        st.lists(st.sampled_from(["a", "b", "cd", "é", "🐳", " ", *tokens]), min_size=1),
        BREAKS,
        st.sampled_from(["", "  ", " # c"]),
    )


FOLDS = ["\n  ", "\n\n  ", " \n\t \n\n ", "\x85  ", "\u2028 "]
SINGLE = flow_texts("'", ["''", '"', "\\", "\t", ": ", " #", *FOLDS])
DOUBLE = flow_texts(
    '"',
    ["'", "\\n", "\\\\", '\\"', "\\/", "\\x41", "\\u00e9", "\\U0001F433", "\\ ", "\\\t", "\\N",
     "\\L", "\\P", "\\0", "\t", "\\\n  ", "\\\n\n  ", ": ", " #", *FOLDS],
)  # fmt: skip
PLAIN = flow_texts("", ["'", '"', "\\", "#", ":a", "-", "\t", *FOLDS])

STYLES = [
    pytest.param(block_texts("|"), id="literal"),
    pytest.param(block_texts(">"), id="folded"),
    pytest.param(SINGLE, id="single"),
    pytest.param(DOUBLE, id="double"),
    pytest.param(PLAIN, id="plain"),
]


def parsed_case(data: st.DataObject, strategy: st.SearchStrategy[str]) -> tuple[str, Scalar]:
    """A generated text that is YAML and has a letter in the value, so that it could be edited."""
    text = data.draw(strategy)
    try:
        node = scalar(text)
    except (InvalidText, AssertionError):
        assume(False)
        raise
    assume(any(c in "abcdef" for c in node.value))
    return text, node


@pytest.mark.parametrize("strategy", STYLES)
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_every_character_is_found(strategy: st.SearchStrategy[str], data: st.DataObject) -> None:
    text, node = parsed_case(data, strategy)
    mapping = source_map(text, node)
    assert mapping is not None
    found = [mapping.position(index) for index in range(len(node.value) + 1)]
    assert found == sorted(found)
    assert node.content <= found[0]
    assert found[-1] <= node.end
    letters = [index for index, c in enumerate(node.value) if c in "abcdefé🐳"]
    # An escape gives these letters only where it begins.
    there = [text[found[i]] for i in letters if text[found[i]] != "\\"]
    assert there == [node.value[i] for i in letters if text[found[i]] != "\\"]


@pytest.mark.parametrize("strategy", STYLES)
@given(data=st.data(), new=st.sampled_from(["X", "XYZ", "r.io/a:1"]))
@settings(max_examples=100, deadline=None)
def test_a_letter_is_replaced(
    strategy: st.SearchStrategy[str], data: st.DataObject, new: str
) -> None:
    text, node = parsed_case(data, strategy)
    mapping = source_map(text, node)
    assert mapping is not None
    letters = [index for index, c in enumerate(node.value) if c in "abcdef"]
    index = data.draw(st.sampled_from(letters))
    edit = mapping.edit(Edit(index, index + 1, new))
    assert edit is not None
    result = apply(text, [edit])
    assert reading(result) == node.value[:index] + new + node.value[index + 1 :]
    # Behind the scalar nothing moves.
    assert result.endswith(text[node.end :])
    assert result.startswith(text[: node.content])


LONG = 20_000


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('k: "a' + " " * LONG + 'b"\n', id="spaces in double quotes"),
        pytest.param("k: 'a" + " " * LONG + "b'\n", id="spaces in single quotes"),
        pytest.param("k: a" + " " * LONG + "b\n", id="spaces in plain text"),
        pytest.param("k: 'a" + "\t" * LONG + "b'\n", id="tabs"),
        pytest.param("k: 'a" + "\n" * LONG + " b'\n", id="blank lines in quotes"),
        pytest.param("k: |1\n" + " " * LONG + "ab\n", id="spaces behind an indicator"),
        pytest.param("k: |\n a" + "\n a" * LONG + "b\n", id="lines of a literal"),
        pytest.param("k: >\n a" + "\n a" * LONG + "b\n", id="lines of a folded scalar"),
        pytest.param("k: |\n a" + "\n" * LONG + " b\n", id="blank lines of a literal"),
        pytest.param('k: "a' + "\\n" * LONG + 'b"\n', id="escapes"),
        pytest.param("k: 'a" + "''" * LONG + "b'\n", id="quotes"),
    ],
)
def test_long_scalars_take_linear_time(text: str) -> None:
    node = scalar(text)
    start = time.process_time()
    mapping = source_map(text, node)
    assert mapping is not None
    assert text[mapping.position(node.value.index("b"))] == "b"
    assert time.process_time() - start < 0.5
