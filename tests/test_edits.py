"""Edits of a text and of a stream: made, carried over from one to the other, and undone."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helm_compat.edits import (
    ByteEdit,
    Edit,
    OverlappingEdits,
    apply,
    apply_bytes,
    inverse,
    to_bytes,
)

# Two, three and four bytes in UTF-8, so that no count of code points is one of bytes by accident.
TWO, THREE, FOUR = "é", "€", "🐳"

APPLIED = [
    pytest.param("abcdef", [], "abcdef", id="no edits"),
    pytest.param("", [], "", id="empty text"),
    pytest.param("", [Edit(0, 0, "x")], "x", id="insertion into an empty text"),
    pytest.param("abcdef", [Edit(2, 4, "XYZ")], "abXYZef", id="longer replacement"),
    pytest.param("abcdef", [Edit(2, 4, "")], "abef", id="deletion"),
    pytest.param("abcdef", [Edit(2, 4, "cd")], "abcdef", id="replacement by the same text"),
    pytest.param("abcdef", [Edit(0, 0, ">")], ">abcdef", id="insertion at the start"),
    pytest.param("abcdef", [Edit(6, 6, "<")], "abcdef<", id="insertion at the end"),
    pytest.param("abcdef", [Edit(0, 6, "")], "", id="everything deleted"),
    pytest.param("abcdef", [Edit(4, 5, "E"), Edit(0, 1, "A")], "AbcdEf", id="unsorted"),
    pytest.param("abcdef", [Edit(0, 2, "X"), Edit(2, 4, "Y")], "XYef", id="neighbours"),
    pytest.param("abcdef", [Edit(2, 4, "Y"), Edit(2, 2, "X")], "abXYef", id="insertion before it"),
    pytest.param("abcdef", [Edit(2, 4, "Y"), Edit(4, 4, "Z")], "abYZef", id="insertion behind it"),
    pytest.param(f"a{FOUR}b{TWO}c", [Edit(1, 2, THREE)], f"a{THREE}b{TWO}c", id="non-ASCII"),
    pytest.param("a\r\nb", [Edit(0, 1, "x")], "x\r\nb", id="CRLF stays"),
]


@pytest.mark.parametrize(("text", "edits", "expected"), APPLIED)
def test_apply(text: str, edits: list[Edit], expected: str) -> None:
    assert apply(text, edits) == expected


@pytest.mark.parametrize(("text", "edits", "expected"), APPLIED)
def test_order_of_the_list_does_not_matter(text: str, edits: list[Edit], expected: str) -> None:
    assert apply(text, edits[::-1]) == expected


@pytest.mark.parametrize(("text", "edits", "expected"), APPLIED)
def test_apply_bytes_does_to_the_stream_what_apply_does_to_the_text(
    text: str, edits: list[Edit], expected: str
) -> None:
    assert apply_bytes(text.encode(), to_bytes(text, edits, 0)) == expected.encode()


@pytest.mark.parametrize(("text", "edits", "expected"), APPLIED)
def test_apply_leaves_its_arguments_alone(text: str, edits: list[Edit], expected: str) -> None:
    before = list(edits)
    apply(text, edits)
    assert edits == before


OVERLAPS = [
    pytest.param([Edit(0, 3, "x"), Edit(2, 4, "y")], 2, id="one reaches into the other"),
    pytest.param([Edit(2, 4, "y"), Edit(0, 3, "x")], 2, id="in the other order"),
    pytest.param([Edit(0, 5, "x"), Edit(1, 2, "y")], 1, id="one inside the other"),
    pytest.param([Edit(1, 3, "x"), Edit(1, 3, "x")], 1, id="the same edit twice"),
    pytest.param([Edit(1, 3, "x"), Edit(2, 2, "y")], 2, id="insertion inside"),
    pytest.param([Edit(1, 3, "x"), Edit(1, 4, "x")], 1, id="same start"),
    # "so that their order would decide the result"
    pytest.param([Edit(2, 2, "x"), Edit(2, 2, "y")], 2, id="two insertions at one place"),
]


@pytest.mark.parametrize(("edits", "place"), OVERLAPS)
def test_overlapping_edits_of_a_text_are_refused(edits: list[Edit], place: int) -> None:
    with pytest.raises(OverlappingEdits) as caught:
        apply("abcdef", edits)
    assert str(caught.value) == f"two edits overlap at code point {place}"


@pytest.mark.parametrize(("edits", "place"), OVERLAPS)
def test_overlapping_edits_of_a_stream_are_refused(edits: list[Edit], place: int) -> None:
    with pytest.raises(OverlappingEdits) as caught:
        apply_bytes(b"abcdef", [ByteEdit(e.start, e.end, e.new.encode()) for e in edits])
    assert str(caught.value) == f"two edits overlap at byte {place}"


@pytest.mark.parametrize(
    ("text", "edits", "base", "expected"),
    [
        pytest.param("abc", [], 7, [], id="none"),
        pytest.param("abc", [Edit(1, 2, "x")], 0, [ByteEdit(1, 2, b"x")], id="ASCII"),
        pytest.param("abc", [Edit(1, 2, "x")], 10, [ByteEdit(11, 12, b"x")], id="base, ASCII"),
        pytest.param("abc", [Edit(1, 2, TWO)], 0, [ByteEdit(1, 2, b"\xc3\xa9")], id="new text"),
        pytest.param(f"{TWO}bc", [Edit(1, 2, "x")], 0, [ByteEdit(2, 3, b"x")], id="two before"),
        pytest.param(f"{THREE}bc", [Edit(1, 2, "x")], 0, [ByteEdit(3, 4, b"x")], id="three before"),
        pytest.param(f"{FOUR}bc", [Edit(1, 2, "x")], 0, [ByteEdit(4, 5, b"x")], id="four before"),
        pytest.param(f"{FOUR}bc", [Edit(1, 2, "x")], 9, [ByteEdit(13, 14, b"x")], id="base"),
        pytest.param(f"a{THREE}c", [Edit(1, 2, "x")], 0, [ByteEdit(1, 4, b"x")], id="inside"),
        pytest.param(f"ab{FOUR}", [Edit(0, 1, "x")], 0, [ByteEdit(0, 1, b"x")], id="after"),
        pytest.param(f"a{FOUR}", [Edit(2, 2, "x")], 0, [ByteEdit(5, 5, b"x")], id="at the end"),
        pytest.param("e\u0301b", [Edit(2, 3, "x")], 0, [ByteEdit(3, 4, b"x")], id="combining"),
        pytest.param(
            f"{TWO}b{FOUR}d",
            [Edit(3, 4, "y"), Edit(1, 2, "x")],
            5,
            [ByteEdit(7, 8, b"x"), ByteEdit(12, 13, b"y")],
            id="unsorted, non-ASCII between",
        ),
        pytest.param(
            "abc",
            [Edit(2, 3, "y"), Edit(0, 1, "x")],
            0,
            [ByteEdit(0, 1, b"x"), ByteEdit(2, 3, b"y")],
            id="unsorted, ASCII",
        ),
    ],
)
def test_to_bytes(text: str, edits: list[Edit], base: int, expected: list[ByteEdit]) -> None:
    assert to_bytes(text, edits, base) == expected


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([ByteEdit(1, 2, b"XYZ")], [ByteEdit(1, 4, b"b")], id="longer"),
        pytest.param([ByteEdit(1, 4, b"")], [ByteEdit(1, 1, b"bcd")], id="deletion"),
        pytest.param([ByteEdit(1, 1, b"X")], [ByteEdit(1, 2, b"")], id="insertion"),
        pytest.param(
            [ByteEdit(4, 5, b"Y"), ByteEdit(1, 2, b"XXX")],
            [ByteEdit(1, 4, b"b"), ByteEdit(6, 7, b"e")],
            id="a later edit is shifted by the earlier one",
        ),
    ],
)
def test_inverse(edits: list[ByteEdit], expected: list[ByteEdit]) -> None:
    assert inverse(b"abcdef", edits) == expected


@pytest.mark.parametrize(
    ("data", "edits"),
    [
        pytest.param(b"abcdef", [ByteEdit(1, 3, b"XYZ"), ByteEdit(5, 6, b"")], id="two"),
        pytest.param(b"ba", [ByteEdit(0, 1, b""), ByteEdit(1, 2, b"")], id="deleted neighbours"),
        pytest.param(b"abc", [ByteEdit(1, 1, b"X"), ByteEdit(1, 2, b"Y")], id="insertion before"),
        pytest.param(b"abc", [ByteEdit(0, 1, b""), ByteEdit(1, 1, b"Y")], id="insertion behind"),
    ],
)
def test_undoing_gives_the_input_back(data: bytes, edits: list[ByteEdit]) -> None:
    assert apply_bytes(apply_bytes(data, edits), inverse(data, edits)) == data


@st.composite
def edited_texts(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text and edits of it that do not touch the same place, in any order."""
    text = draw(st.text(st.sampled_from(f"ab\r\n{TWO}{THREE}{FOUR}"), max_size=30))
    bounds = draw(st.lists(st.integers(0, len(text)), unique=True, max_size=8).map(sorted))
    new = st.text(st.sampled_from(f"xy{TWO}{FOUR}"), max_size=4)
    edits = [
        Edit(start, end, draw(new))
        for start, end in itertools.pairwise(bounds)
        if draw(st.booleans())
    ]
    return text, draw(st.permutations(edits))


@given(st.text(max_size=50), st.integers(0, 100))
def test_no_edits_change_nothing(text: str, base: int) -> None:
    assert apply(text, []) == text
    assert apply_bytes(text.encode(), []) == text.encode()
    assert to_bytes(text, [], base) == []


@given(edited_texts())
def test_edits_of_the_bytes_are_the_edits_of_the_text(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    assert apply_bytes(text.encode(), to_bytes(text, edits, 0)).decode() == apply(text, edits)


@given(edited_texts(), st.binary(max_size=9))
def test_the_base_shifts_every_edit(case: tuple[str, list[Edit]], before: bytes) -> None:
    text, edits = case
    expected = before + apply(text, edits).encode()
    assert apply_bytes(before + text.encode(), to_bytes(text, edits, len(before))) == expected


@given(edited_texts())
def test_undo_is_the_input(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    data = text.encode()
    made = to_bytes(text, edits, 0)
    assert apply_bytes(apply_bytes(data, made), inverse(data, made)) == data


@given(edited_texts())
def test_an_edit_too_many_inside_another_is_refused(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    assume(edits)
    edit = edits[0]
    with pytest.raises(OverlappingEdits) as caught:
        apply(text, [*edits, Edit(edit.start, edit.end, "again")])
    assert str(caught.value) == f"two edits overlap at code point {edit.start}"
