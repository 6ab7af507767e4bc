"""Adds an image pull secret to every pod spec and to every field that takes one."""

from __future__ import annotations

import re
from typing import NamedTuple

from helm_compat.edits import Edit
from helm_compat.images.changes import Addition, quoted
from helm_compat.images.found import POLICIES, Text
from helm_compat.images.sites import written_at
from helm_compat.images.tree import (
    Object,
    Steps,
    Unit,
    children,
    entries,
    label,
    objects,
    path_text,
    text_of,
)
from helm_compat.images.tree import field as value_of
from helm_compat.knowledge.paths import Path, Segment
from helm_compat.knowledge.product import Knowledge, SecretField
from helm_compat.nodes import Mapping, Node, Scalar, Sequence, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FIELD = "imagePullSecrets"
_POD_FIELD = SecretField((Segment(FIELD, ""),), "objects")
_own_line = re.compile(r" *(?:- +)*")


class Taken(NamedTuple):
    """A field for one secret that names another one, or one that cannot be written in place.

    `offset` is where it begins, in code points of the document's text.
    """

    offset: int
    path: str
    object: Object
    message: str


class Result(NamedTuple):
    """What to add, and the places that were left as they are."""

    additions: list[Addition]
    taken: list[Taken]


def add_pull_secret(
    texts: list[Text], name: str, knowledge: Knowledge, *, service_accounts: bool
) -> Result:
    """Plan the additions for one document; a place that names the secret already needs none."""
    result = Result([], [])
    done: set[int] = set()
    for text in texts:
        for found, root, steps in objects(text.unit, text.above):
            owner = text.owner or found
            for parent, above, field in _targets(found, root, steps, knowledge, service_accounts):
                if id(parent) not in done or field is not _POD_FIELD:
                    done.add(id(parent))
                    _Field(text.unit, owner, name, field, result).add(parent, above, field.path)
        if text.owner and text.owner.kind == "ConfigMap":
            entry = knowledge.embedded_secrets.get(text.owner.name)
            if entry:
                _embedded(text, text.owner, name, entry, result)
    result.taken.sort(key=lambda taken: taken.offset)
    return result


def _embedded(text: Text, owner: Object, name: str, field: SecretField, result: Result) -> None:
    """An entry of an operator's ConfigMap: YAML with `image`, which takes secrets too."""
    for root in text.unit.roots:
        if type(root) is Mapping and value_of(root, "image") is not None:
            _Field(text.unit, owner, name, field, result).add(root, text.above, field.path)


def _targets(
    found: Object, root: Mapping, steps: Steps, knowledge: Knowledge, service_accounts: bool
) -> Iterator[tuple[Node, Steps, SecretField]]:
    if found.kind == "CustomResourceDefinition" or found.group.endswith(POLICIES):
        return
    if found.kind == "ServiceAccount" and not found.group:
        if service_accounts:
            yield root, steps, _POD_FIELD
        return
    for field in knowledge.secret_fields.get((found.group, found.kind), ()):
        # An object without a spec is none that a secret could help.
        if value_of(root, field.path[0].key) is not None or len(field.path) == 1:
            yield root, steps, field
    if found.kind == "Pod" and not found.group:
        spec = value_of(root, "spec")
        if type(spec) is Mapping:
            yield spec, (steps, ".spec"), _POD_FIELD
    if found.kind:
        yield from _templates(root, steps)


def _templates(root: Mapping, steps: Steps) -> Iterator[tuple[Node, Steps, SecretField]]:
    """The pod spec of every pod template, wherever it stands."""
    pending: list[tuple[Node, Steps]] = [(root, steps)]
    visited = set()
    while pending:
        node, at = pending.pop()
        node = resolve(node)
        if id(node) in visited:
            continue
        visited.add(id(node))
        name = at[1] if at else ""
        spec = value_of(node, "spec") if type(node) is Mapping else None
        template = name.lower().endswith("template")
        if template and type(spec) is Mapping and value_of(spec, "containers") is not None:
            yield spec, (at, ".spec"), _POD_FIELD
        pending += children(node, at)


class _Field:
    """One field of one object, and where its additions go."""

    def __init__(
        self, unit: Unit, found: Object, name: str, field: SecretField, result: Result
    ) -> None:
        self.unit = unit
        self.found = found
        self.name = name
        self.field = field
        self.result = result
        self.json_style = any(_is_json(unit.text, root) for root in unit.roots)

    def add(self, node: Node, steps: Steps, path: Path) -> None:
        """Walk down the field's path and add the secret at its end."""
        node = resolve(node)
        segment, rest = path[0], path[1:]
        if type(node) is not Mapping:
            return
        found = next((v for k, v in reversed(list(entries(node))) if k == segment.key), None)
        at = (steps, label(segment.key))
        if found is None:
            if not rest or self.field.creates_parents:
                self._insert(node, at, self._data(path))
        elif segment.each:
            for child, below in children(resolve(found), at):
                if rest:
                    self.add(child, below, rest)
        elif not rest:
            self._merge(found, at)
        elif _is_null(found) and self.field.creates_parents:
            self._replace(found, at, self._data(rest))
        else:
            self.add(found, at, rest)

    def _data(self, path: Path) -> dict[str, object]:
        forms: dict[str, object] = {
            "object": {"name": self.name},
            "objects": [{"name": self.name}],
            "name": self.name,
            "names": [self.name],
        }
        data = forms[self.field.form]
        for segment in reversed(path):
            data = {segment.key: data}
        assert isinstance(data, dict)
        return data

    def _merge(self, value: Node, steps: Steps) -> None:
        """A field that is there: add to a list, leave another secret alone."""
        node = resolve(value)
        if _is_null(node):
            self._replace(value, steps, next(iter(self._data(self.field.path[-1:]).values())))
        elif type(node) is Sequence and self.field.form in ("objects", "names"):
            names = {
                text_of(value_of(i, "name") if type(i) is Mapping else i)
                for i in map(resolve, node.children)
            }
            if self.name not in names:
                item = {"name": self.name} if self.field.form == "objects" else self.name
                self._prepend(node, steps, item)
        elif type(node) is Mapping and self.field.form == "object":
            there = text_of(value_of(node, "name"))
            if not there:
                self._insert(node, steps, {"name": self.name})
            elif there != self.name:
                self._leave(node, steps, f"it names the secret {there!r} and takes only one")
        elif type(node) is Scalar and self.field.form == "name":
            if node.value != self.name:
                self._leave(node, steps, f"it names the secret {node.value!r} and takes only one")
        else:
            self._leave(node, steps, "it holds something else than its API allows")

    def _insert(self, node: Mapping, steps: Steps, data: dict[str, object]) -> None:
        (key, value), *_ = data.items()
        if node.flow:
            quoted_keys = self._is_json(node)
            text = f"{_flow(key, quoted_keys)}: {_flow(value, quoted_keys)}"
            self._into_flow(node, "{", text, bool(node.children), [key, value], steps)
            return
        first = node.children[0].start
        self._on_own_line(node, first, _block(key, value), [key, value], steps)

    def _prepend(self, node: Sequence, steps: Steps, item: object) -> None:
        if node.flow or not node.children:
            text = _flow(item, self._is_json(node))
            self._into_flow(node, "[", text, bool(node.children), [item], steps)
            return
        dash = self.unit.text.rindex("-", node.start, node.children[0].start)
        lines = [f"- {_flow(item, False).strip('{}')}"]
        self._on_own_line(node, dash, lines, [item], steps)

    def _into_flow(
        self,
        node: Mapping | Sequence,
        bracket: str,
        text: str,
        more: bool,
        data: object,
        steps: Steps,
    ) -> None:
        at = self.unit.text.index(bracket, node.start) + 1
        self._plan(
            Addition(self.unit, node, Edit(at, at, f"{text}, " if more else text), data), steps
        )

    def _on_own_line(
        self, node: Mapping | Sequence, at: int, lines: list[str], data: object, steps: Steps
    ) -> None:
        start = max(self.unit.text.rfind("\n", 0, at), self.unit.text.rfind("\r", 0, at)) + 1
        if not _own_line.fullmatch(self.unit.text, start, at):
            self._leave(node, steps, "its lines are written in a way that cannot be added to")
            return
        newline = "\r\n" if "\r\n" in self.unit.text else "\n"
        indent = " " * (at - start)
        above = self._above_comments(start) if node not in self.unit.roots else at
        if above < at and not self.unit.text[start:at].strip(" "):
            new = "".join(f"{indent}{line}{newline}" for line in lines)
            self._plan(Addition(self.unit, node, Edit(above, above, new), data), steps)
            return
        edit = Edit(at, at, (newline + indent).join([*lines, ""]))
        self._plan(Addition(self.unit, node, edit, data), steps)

    def _above_comments(self, line_start: int) -> int:
        """The start of the first comment line right above a line, so that comments keep theirs."""
        text = self.unit.text
        while line_start:
            above = text.rfind("\n", 0, line_start - 1) + 1
            line = text[above:line_start].strip()
            if line and not line.startswith("#"):
                break
            line_start = above
        return line_start

    def _replace(self, value: Node, steps: Steps, data: object) -> None:
        if type(value) is not Scalar:
            self._leave(value, steps, "it is an alias")
            return
        space = "" if value.end > value.content else " "
        edit = Edit(value.content, value.end, space + _flow(data, self._is_json(value)))
        self._plan(Addition(self.unit, value, edit, data), steps)

    def _is_json(self, node: Node) -> bool:
        """Whether what is added to a node has to be JSON, as what stands around it is."""
        # The key stands before the colon, with quotes around it in JSON.
        before = self.unit.text[max(0, node.start - 80) : node.start].rstrip().removesuffix(":")
        return self.json_style or _has_quoted_keys(node) or before.rstrip().endswith('"')

    def _plan(self, addition: Addition, steps: Steps) -> None:
        if self.unit.outer and self.unit.outward([addition.edit]) is None:
            self._leave(addition.node, steps, "the string that holds it cannot take another line")
        elif all(other.node is not addition.node for other in self.result.additions):
            self.result.additions.append(addition)

    def _leave(self, node: Node, steps: Steps, message: str) -> None:
        offset = written_at(self.unit, node, 0)
        self.result.taken.append(Taken(offset, path_text(steps), self.found, message))


def _is_null(node: Node) -> bool:
    node = resolve(node)
    return type(node) is Scalar and not node.style and node.value in ("", "~", "null")


def _has_quoted_keys(node: Node) -> bool:
    """Whether the first key of a mapping, or of a list's first item, is written as in JSON."""
    while isinstance(node, (Mapping, Sequence)):
        if not node.children:
            return False
        node = node.children[0]
    return isinstance(node, Scalar) and node.style == '"'


def _is_json(text: str, root: Node) -> bool:
    """Whether a root is written as JSON, so that all that is added must be JSON."""
    if not isinstance(root, (Mapping, Sequence)) or not root.flow:
        return False
    return text[root.start + 1 : root.end].lstrip()[:1] in ('"', "{", "[")


def _flow(data: object, json_style: bool) -> str:
    if isinstance(data, dict):
        return (
            "{"
            + ", ".join(f"{_flow(k, json_style)}: {_flow(v, json_style)}" for k, v in data.items())
            + "}"
        )
    if isinstance(data, list):
        return "[" + ", ".join(_flow(item, json_style) for item in data) + "]"
    return f'"{data}"' if json_style else quoted(str(data))


def _block(key: str, value: object) -> list[str]:
    """The lines of a block mapping of one key, indented by two and its lists not at all."""
    if isinstance(value, str):
        return [f"{key}: {quoted(value)}"]
    if isinstance(value, list):
        return [f"{key}:", *(f"- {_flow(item, False).strip('{}')}" for item in value)]
    assert isinstance(value, dict)
    inner = [line for k, v in value.items() for line in _block(k, v)]
    return [f"{key}:", *(f"  {line}" for line in inner)]
