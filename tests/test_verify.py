"""The check before writing lets what was meant pass, and refuses everything else."""

from __future__ import annotations

import pytest

from helm_compat.edits import Edit
from helm_compat.images.changes import Addition, Change, Rewrite, rewrite
from helm_compat.images.tree import Unit
from helm_compat.images.verify import Unintended, verify
from helm_compat.nodes import Alias, Limits, Mapping, Node, Scalar, Sequence, parse, resolve

TEXT = """\
# about the pod
kind: Pod
spec:
  # about the image
  image: quay.io/a:1 # here
  name: "x"
  number: 5
  list: [a, b]
"""
ANCHORS = """\
a: &one x
b: &two y
c: *one
"""
TWICE = """\
a: &one x
b: &one y
c: *one
"""
EMBEDDED = """\
data: |
  image: quay.io/a:1
  name: x
"""
DOCUMENTS = """\
---
a: 1
---
b: 2
"""


def unit(text: str) -> Unit:
    return Unit(text, list(parse(text, Limits())))


def node(root: Node, *path: str | int) -> Node:
    """The node that a path of keys and positions leads to."""
    for step in path:
        root = resolve(root)
        if isinstance(root, Mapping):
            pairs = ((resolve(key), value) for key, value in root.pairs)
            root = next(v for k, v in pairs if isinstance(k, Scalar) and k.value == step)
        else:
            assert isinstance(root, Sequence)
            assert isinstance(step, int)
            root = root.children[step]
    return root


def scalar(of: Unit, *path: str | int) -> Scalar:
    found = node(of.roots[0], *path)
    assert isinstance(found, Scalar)
    return found


def replace(text: str, old: str, new: str) -> Edit:
    """The edit that replaces the only occurrence of a text."""
    assert text.count(old) == 1, old
    start = text.index(old)
    return Edit(start, start + len(old), new)


def refusal(of: Unit, rewritten: Rewrite) -> str:
    with pytest.raises(Unintended) as caught:
        verify(of, rewritten, Limits())
    return str(caught.value)


# What is done to TEXT when nothing is meant to change.
NOTHING_MEANT = [
    pytest.param("quay.io/a:1", "r.io/a:1", "a value changed that was not meant to", id="value"),
    pytest.param("name: ", "named: ", "a value changed that was not meant to", id="key"),
    pytest.param('"x"', "x", "a value changed that was not meant to", id="quotes lost"),
    pytest.param('"x"', "'x'", "a value changed that was not meant to", id="other quotes"),
    pytest.param("5", '"5"', "a value changed that was not meant to", id="number to string"),
    pytest.param("5", "!!str 5", "a value changed that was not meant to", id="tag"),
    pytest.param("5", "05", "a value changed that was not meant to", id="octal"),
    pytest.param(
        "quay.io/a:1 # here",
        "|-\n    quay.io/a:1",
        "a value changed that was not meant to",
        id="block scalar",
    ),
    pytest.param("[a, b]", "[b, a]", "a value changed that was not meant to", id="order"),
    pytest.param("[a, b]", "[a, b, c]", "the number of nodes changed", id="item more"),
    pytest.param("[a, b]", "[a]", "the number of nodes changed", id="item less"),
    pytest.param("[a, b]", "{a: b}", "a collection became something else", id="list to mapping"),
    pytest.param("[a, b]", "a", "a collection became something else", id="list to scalar"),
    pytest.param("5", "[5]", "a scalar became something else", id="scalar to list"),
    pytest.param("5", "5\n  more: 6", "the number of nodes changed", id="key more"),
    pytest.param("  number: 5\n", "", "the number of nodes changed", id="key less"),
    pytest.param("kind: Pod\n", "kind: Pod\n---\n", "the number of nodes changed", id="document"),
    pytest.param(
        '"x"',
        '"x',
        "the result cannot be parsed: the quote that opens here is not closed",
        id="quote lost",
    ),
    pytest.param(
        "number",
        "\tnumber",
        "the result cannot be parsed: a tab stands where YAML wants spaces",
        id="tab",
    ),
    pytest.param(
        "5",
        "*five",
        "the result cannot be parsed: the alias *five has no anchor &five before it",
        id="alias without anchor",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), NOTHING_MEANT)
def test_an_edit_that_nobody_meant(old: str, new: str, message: str) -> None:
    of = unit(TEXT)

    assert refusal(of, Rewrite([replace(TEXT, old, new)], [], {}, {})) == message


HARMLESS = [
    pytest.param("# about the pod\n", "", id="comment line dropped"),
    pytest.param("  # about the image\n", "", id="indented comment dropped"),
    pytest.param(" # here", "", id="comment at the end of a line dropped"),
    pytest.param("kind: Pod\n", "kind: Pod\n\n", id="empty line added"),
]


@pytest.mark.parametrize(("old", "new"), HARMLESS)
def test_an_edit_that_changes_no_scalar(old: str, new: str) -> None:
    verify(unit(TEXT), Rewrite([replace(TEXT, old, new)], [], {}, {}), Limits())


def test_no_edit() -> None:
    verify(unit(TEXT), Rewrite([], [], {}, {}), Limits())


MEANT = [
    pytest.param("quay.io/a:1", "r.io/a:1", id="as written"),
    pytest.param("quay.io/a:1", '"r.io/a:1"', id="with quotes"),
    pytest.param("quay.io/a:1", "&x 'r.io/a:1'", id="with an anchor"),
]


@pytest.mark.parametrize(("old", "new"), MEANT)
def test_an_intended_value(old: str, new: str) -> None:
    of = unit(TEXT)
    values = {id(scalar(of, "spec", "image")): "r.io/a:1"}

    verify(of, Rewrite([replace(TEXT, old, new)], [], values, {}), Limits())


NOT_AS_MEANT = [
    pytest.param("r.io/a:2", "a value reads 'r.io/a:2'", id="another value"),
    pytest.param("r.io/a:1 b", "a value reads 'r.io/a:1 b'", id="more"),
    pytest.param("!!binary r.io/a:1", "a value reads 'r.io/a:1'", id="no string"),
    pytest.param("[r.io/a:1]", "a scalar became something else", id="a list"),
    pytest.param(
        "*x", "the result cannot be parsed: the alias *x has no anchor &x before it", id="an alias"
    ),
]


@pytest.mark.parametrize(("new", "message"), NOT_AS_MEANT)
def test_a_value_that_reads_otherwise(new: str, message: str) -> None:
    of = unit(TEXT)
    values = {id(scalar(of, "spec", "image")): "r.io/a:1"}

    assert refusal(of, Rewrite([replace(TEXT, "quay.io/a:1", new)], [], values, {})) == message


def test_an_intended_value_without_an_edit() -> None:
    of = unit(TEXT)
    values = {id(scalar(of, "spec", "image")): "r.io/a:1"}

    assert refusal(of, Rewrite([], [], values, {})) == "a value reads 'quay.io/a:1'"


def test_an_intended_value_and_another_one() -> None:
    of = unit(TEXT)
    values = {id(scalar(of, "spec", "image")): "r.io/a:1"}
    edits = [replace(TEXT, "quay.io/a:1", "r.io/a:1"), replace(TEXT, "Pod", "Job")]

    assert refusal(of, Rewrite(edits, [], values, {})) == "a value changed that was not meant to"


ALIASES = [
    pytest.param(ANCHORS, "*one", "*two", "the alias *one changed", id="other anchor"),
    pytest.param(ANCHORS, "*one", "x", "the alias *one changed", id="alias written out"),
    pytest.param(
        ANCHORS,
        "&one ",
        "",
        "the result cannot be parsed: the alias *one has no anchor &one before it",
        id="anchor lost",
    ),
    pytest.param(TWICE, "b: &one y", "b: y", "the alias *one changed", id="anchor given twice"),
]


@pytest.mark.parametrize(("text", "old", "new", "message"), ALIASES)
def test_an_alias_that_nobody_meant_to_change(text: str, old: str, new: str, message: str) -> None:
    of = unit(text)

    assert refusal(of, Rewrite([replace(text, old, new)], [], {}, {})) == message


def test_an_alias_that_gives_way_to_its_value() -> None:
    of = unit(ANCHORS)
    alias = node(of.roots[0], "c")
    assert isinstance(alias, Alias)

    verify(of, Rewrite([replace(ANCHORS, "*one", "z")], [], {id(alias): "z"}, {}), Limits())


def test_a_document_that_is_lost() -> None:
    edits = [replace(DOCUMENTS, "---\nb: 2\n", "")]

    assert refusal(unit(DOCUMENTS), Rewrite(edits, [], {}, {})) == "the number of nodes changed"


def test_a_document_that_joins_another() -> None:
    edits = [replace(DOCUMENTS, "1\n---\n", "1\n")]

    assert refusal(unit(DOCUMENTS), Rewrite(edits, [], {}, {})) == "the number of nodes changed"


def embedded() -> tuple[Unit, Unit]:
    """A document and the text inside it."""
    outer = unit(EMBEDDED)
    holder = scalar(outer, "data")
    return outer, Unit(holder.value, list(parse(holder.value, Limits())), outer, holder)


def test_a_text_inside_a_string() -> None:
    outer, inner = embedded()
    image = scalar(inner, "image")

    planned = rewrite([outer, inner], [Change(inner, image, 0, len("quay.io/a"), "r.io/a")], [])

    assert planned.edits == [replace(EMBEDDED, "quay.io/a", "r.io/a")]
    verify(outer, planned, Limits())


INSIDE = [
    pytest.param("quay.io/a", "r.io/b", "a value reads 'image: r.io/b:1\\nname: x\\n'", id="value"),
    pytest.param(
        "name: x", "name: y", "a value reads 'image: quay.io/a:1\\nname: y\\n'", id="other"
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), INSIDE)
def test_a_text_inside_a_string_that_reads_otherwise(old: str, new: str, message: str) -> None:
    outer, inner = embedded()
    image = scalar(inner, "image")
    planned = rewrite([outer, inner], [Change(inner, image, 0, len("quay.io/a"), "r.io/a")], [])

    assert refusal(outer, planned._replace(edits=[replace(EMBEDDED, old, new)])) == message


def test_a_text_inside_a_string_whose_own_scalars_are_wrong() -> None:
    # The string as a whole reads as planned; what it holds is not what was meant.
    outer, inner = embedded()
    text = "image: r.io/a:1\nname: y\n"
    values = {id(inner.node): text, id(scalar(inner, "image")): "r.io/a:1"}
    edits = [replace(EMBEDDED, "quay.io/a", "r.io/a"), replace(EMBEDDED, "name: x", "name: y")]

    message = refusal(outer, Rewrite(edits, [(inner, text)], values, {}))

    assert message == "a value changed that was not meant to"


def added(of: Unit, path: list[str | int], edit: Edit, data: object) -> Rewrite:
    target = node(of.roots[0], *path)
    assert not isinstance(target, Alias)
    return rewrite([of], [], [Addition(of, target, edit, data)])


KEY = ["secrets", [{"name": "s"}]]
IN_BLOCK = "spec:\n  # about the image\n"


def test_a_key_that_is_added() -> None:
    of = unit(TEXT)
    edit = replace(TEXT, IN_BLOCK, "spec:\n  secrets:\n  - name: s\n  # about the image\n")

    verify(of, added(of, ["spec"], edit, KEY), Limits())


def test_an_item_that_is_added() -> None:
    of = unit(TEXT)

    verify(of, added(of, ["spec", "list"], replace(TEXT, "[a", "[s, a"), ["s"]), Limits())


def test_a_value_that_is_added() -> None:
    of = unit(TEXT)

    verify(of, added(of, ["spec", "number"], replace(TEXT, "5", "[s]"), ["s"]), Limits())


WRONG_ADDITIONS = [
    pytest.param(
        ["spec"],
        replace(TEXT, IN_BLOCK, "spec:\n  secret:\n  - name: s\n"),
        KEY,
        "an added entry reads otherwise",
        id="wrong key",
    ),
    pytest.param(
        ["spec"],
        replace(TEXT, IN_BLOCK, "spec:\n  secrets:\n  - name: t\n"),
        KEY,
        "an added entry reads otherwise",
        id="wrong value",
    ),
    pytest.param(
        ["spec"],
        replace(TEXT, "  name: ", "  secrets:\n  - name: s\n  name: "),
        KEY,
        "an added entry reads otherwise",
        id="wrong place",
    ),
    pytest.param(
        ["spec"],
        replace(TEXT, IN_BLOCK, "spec:\n  secrets:\n  - name: s\n  more: 1\n"),
        KEY,
        "the number of nodes changed",
        id="a second key",
    ),
    pytest.param(
        ["spec"],
        replace(TEXT, IN_BLOCK, "secrets:\n- name: s\nspec:\n"),
        KEY,
        "the number of nodes changed",
        id="in another mapping",
    ),
    pytest.param(
        ["spec", "list"],
        replace(TEXT, "[a", "[5, a"),
        ["s"],
        "an added entry reads otherwise",
        id="wrong item",
    ),
    pytest.param(
        ["spec", "list"],
        replace(TEXT, "b]", "b, s]"),
        ["s"],
        "an added entry reads otherwise",
        id="item at the end",
    ),
    pytest.param(
        ["spec", "number"],
        replace(TEXT, "5", "[t]"),
        ["s"],
        "an added value reads otherwise",
        id="wrong value instead of null",
    ),
]


@pytest.mark.parametrize(("path", "edit", "data", "message"), WRONG_ADDITIONS)
def test_an_addition_that_reads_otherwise(
    path: list[str | int], edit: Edit, data: object, message: str
) -> None:
    of = unit(TEXT)

    assert refusal(of, added(of, path, edit, data)) == message
