"""Intended changes of scalars and additions to collections, turned into edits of a text."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.edits import Edit, apply
from helm_compat.images.tree import Unit
from helm_compat.nodes import Alias, Mapping, Node, Scalar, Sequence
from helm_compat.scalars import is_plain_safe, source_map

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Change(NamedTuple):
    """Replace the code points `start` to `end` of a scalar's decoded value by `new`.

    Where the node is an alias, its text gives way to the changed value, and the anchor stays.
    """

    unit: Unit
    node: Scalar | Alias
    start: int
    end: int
    new: str


class Addition(NamedTuple):
    """A key put first into a mapping, an item put first into a sequence, or a null replaced.

    `edit` is of the unit's text; `data` is what a reader of the result must find there: a list of
    one key and its value, a list of one item, or the new value.
    """

    unit: Unit
    node: Mapping | Sequence | Scalar
    edit: Edit
    data: object


class Rewrite(NamedTuple):
    """The edits of one document, and what its scalars and collections must read as afterwards.

    `texts` holds each embedded unit that changed, with its new text. `values` and `additions`
    are keyed by `id()` of the node, which lives as long as its unit.
    """

    edits: list[Edit]
    texts: list[tuple[Unit, str]]
    values: dict[int, str]
    additions: dict[int, object]


class CannotEdit(ValueError):
    """A change cannot be written in place; `unit` and `node` say where."""

    def __init__(self, unit: Unit, node: Node) -> None:
        super().__init__("cannot be edited in place")
        self.unit = unit
        self.node = node


def rewrite(units: list[Unit], changes: list[Change], additions: list[Addition]) -> Rewrite:
    """Turn changes into edits of the outermost text, which is the first of `units`.

    Outer units come before inner ones. Raises CannotEdit for the first change that cannot be
    written where it stands.
    """
    values: dict[int, str] = {}
    edits: dict[int, list[Edit]] = {id(unit): [] for unit in units}
    for change in _with_aliases(units, changes):
        values[id(change.node)] = _new_value(change)
        edits[id(change.unit)].append(_edit(change))
    for addition in additions:
        edits[id(addition.unit)].append(addition.edit)
    texts = []
    for unit in reversed(units[1:]):
        inner = edits[id(unit)]
        if not inner or not unit.outer or not unit.node:
            continue
        outward = unit.outward(inner)
        if outward is None:
            raise CannotEdit(unit, unit.node)
        edits[id(unit.outer)] += outward
        text = apply(unit.text, inner)
        texts.append((unit, text))
        values[id(unit.node)] = text
    data = {id(addition.node): addition.data for addition in additions}
    return Rewrite(sorted(edits[id(units[0])]), texts, values, data)


def _new_value(change: Change) -> str:
    old = _scalar(change.node).value
    return old[: change.start] + change.new + old[change.end :]


def _scalar(node: Scalar | Alias) -> Scalar:
    if type(node) is Alias:
        assert type(node.target) is Scalar, "only scalars are changed"
        return node.target
    assert type(node) is Scalar
    return node


def _edit(change: Change) -> Edit:
    node = change.node
    value = _new_value(change)
    if type(node) is Alias:
        return Edit(node.start, node.end, quoted(value))
    assert type(node) is Scalar
    if not node.style and not is_plain_safe(change.new):
        # Only an IPv6 host comes here: its bracket would open a list.
        return Edit(node.content, node.end, quoted(value))
    mapping = source_map(change.unit.text, node)
    edit = mapping.edit(Edit(change.start, change.end, change.new)) if mapping else None
    if edit is None:
        raise CannotEdit(change.unit, node)
    return edit


def quoted(value: str) -> str:
    """A scalar that reads as this string: plain where that is safe, else in double quotes."""
    if is_plain_safe(value) and not value[0].isdigit() and value.lower() not in _WORDS:
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


_WORDS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))


def _with_aliases(units: list[Unit], changes: list[Change]) -> Iterator[Change]:
    """The changes, so adjusted that an anchor and its aliases each read as intended.

    An alias follows its anchor. One that is to read the same needs no change of its own; one that
    is no image keeps the old value, written out.
    """
    wanted = {id(change.node): _new_value(change) for change in changes}
    for change in changes:
        target = wanted.get(id(_scalar(change.node)))
        if type(change.node) is not Alias or target != _new_value(change):
            yield change
    changed = {id(change.unit) for change in changes}
    for unit in units:
        if id(unit) in changed and "*" in unit.text:
            for alias in _aliases(unit.roots):
                if id(alias.target) in wanted and id(alias) not in wanted:
                    assert type(alias.target) is Scalar
                    yield Change(unit, alias, 0, 0, "")


def _aliases(roots: Iterable[Node]) -> Iterator[Alias]:
    pending = list(roots)
    while pending:
        node = pending.pop()
        if isinstance(node, Alias):
            yield node
        elif not isinstance(node, Scalar):
            pending += node.children
