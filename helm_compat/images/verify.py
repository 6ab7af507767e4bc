"""The check before writing: the result is parsed again and may differ only as intended."""

from __future__ import annotations

from helm_compat.edits import apply
from helm_compat.images.changes import Rewrite
from helm_compat.images.tree import Unit
from helm_compat.knowledge.data import plain
from helm_compat.nodes import (
    Alias,
    InvalidText,
    Limits,
    Mapping,
    Node,
    Resolved,
    Scalar,
    Sequence,
    parse,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence as Items


class Unintended(AssertionError):
    """The result of the edits is not what was intended: a bug of ours, caught before it is written."""


def verify(unit: Unit, rewritten: Rewrite, limits: Limits) -> None:
    """Prove that a document's edits change the intended scalars and nothing else.

    Raises Unintended.
    """
    _compare_text(unit, apply(unit.text, rewritten.edits), rewritten, limits)
    for inner, text in rewritten.texts:
        _compare_text(inner, text, rewritten, limits)


def _compare_text(unit: Unit, text: str, rewritten: Rewrite, limits: Limits) -> None:
    try:
        roots = parse(text, limits)
    except InvalidText as error:
        raise Unintended(f"the result cannot be parsed: {error}") from error
    pending: list[tuple[Node, Node]] = []
    aliases: list[tuple[Alias, Node]] = []
    became: dict[int, Node] = {}
    _pair(unit.roots, roots, pending)
    while pending:
        old, new = pending.pop()
        became[id(old)] = new
        if isinstance(old, Scalar) or id(old) in rewritten.values:
            _compare_scalar(old, new, rewritten)
        elif isinstance(old, Alias):
            aliases.append((old, new))
        else:
            _compare_collection(old, new, rewritten, pending)
    for alias, new in aliases:
        same = type(new) is Alias and new.target is became.get(id(alias.target))
        _require(same, f"the alias *{alias.name} changed")


def _compare_scalar(old: Node, new: Node, rewritten: Rewrite) -> None:
    if id(old) in rewritten.additions:
        _require(plain(new) == rewritten.additions[id(old)], "an added value reads otherwise")
        return
    wanted = rewritten.values.get(id(old))
    _require(isinstance(new, Scalar), "a scalar became something else")
    assert isinstance(new, Scalar)
    if wanted is not None:
        _require(new.value == wanted and new.is_string, f"a value reads {new.value!r}")
        return
    assert isinstance(old, Scalar)
    same = (old.value, old.style, old.tag) == (new.value, new.style, new.tag)
    _require(same, "a value changed that was not meant to")


def _compare_collection(
    old: Resolved, new: Node, rewritten: Rewrite, pending: list[tuple[Node, Node]]
) -> None:
    assert not isinstance(old, Scalar)
    _require(type(new) is type(old), "a collection became something else")
    assert isinstance(new, (Mapping, Sequence))
    children: list[Node] = new.children
    if id(old) in rewritten.additions:
        count = 2 if type(old) is Mapping else 1
        added = [plain(child) for child in children[:count]]
        _require(added == rewritten.additions[id(old)], "an added entry reads otherwise")
        children = children[count:]
    _pair(old.children, children, pending)


def _pair(old: Items[Node], new: Items[Node], pending: list[tuple[Node, Node]]) -> None:
    _require(len(old) == len(new), "the number of nodes changed")
    pending += zip(old, new)


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise Unintended(message)
