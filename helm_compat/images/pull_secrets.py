"""Adds an image pull secret to every pod spec and to every field that takes one."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.images.additions import Adder, CannotAdd
from helm_compat.images.changes import Addition
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
    walk,
)
from helm_compat.images.tree import field as value_of
from helm_compat.knowledge.paths import Path, Segment
from helm_compat.knowledge.product import Knowledge, SecretField
from helm_compat.nodes import Mapping, Node, Scalar, Sequence, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIELD = "imagePullSecrets"
_POD_FIELD = SecretField((Segment(FIELD, ""),), "objects")


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
    for node, at in walk(root, steps):
        node = resolve(node)
        name = at[1] if at else ""
        spec = value_of(node, "spec") if type(node) is Mapping else None
        template = name.lower().endswith("template")
        if template and type(spec) is Mapping and value_of(spec, "containers") is not None:
            yield spec, (at, ".spec"), _POD_FIELD


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
        self.to = Adder(unit)

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
                (key, value), *_ = self._data(path).items()
                self._plan(node, at, lambda: self.to.insert(node, key, value))
        elif segment.each:
            for child, below in children(resolve(found), at):
                if rest:
                    self.add(child, below, rest)
        elif not rest:
            self._merge(found, at)
        elif _is_null(found) and self.field.creates_parents:
            self._plan(found, at, lambda: self.to.replace(found, self._data(rest)))
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
            data = next(iter(self._data(self.field.path[-1:]).values()))
            self._plan(value, steps, lambda: self.to.replace(value, data))
        elif type(node) is Sequence and self.field.form in ("objects", "names"):
            names = {
                text_of(value_of(i, "name") if type(i) is Mapping else i)
                for i in map(resolve, node.children)
            }
            if self.name not in names:
                item = {"name": self.name} if self.field.form == "objects" else self.name
                self._plan(node, steps, lambda: self.to.prepend(node, item))
        elif type(node) is Mapping and self.field.form == "object":
            there = text_of(value_of(node, "name"))
            if not there:
                self._plan(node, steps, lambda: self.to.insert(node, "name", self.name))
            elif there != self.name:
                self._leave(node, steps, f"it names the secret {there!r} and takes only one")
        elif type(node) is Scalar and self.field.form == "name":
            if node.value != self.name:
                self._leave(node, steps, f"it names the secret {node.value!r} and takes only one")
        else:
            self._leave(node, steps, "it holds something else than its API allows")

    def _plan(self, node: Node, steps: Steps, make: Callable[[], Addition]) -> None:
        try:
            addition = make()
        except CannotAdd as error:
            self._leave(node, steps, str(error))
            return
        same = next((a for a in self.result.additions if a.node is addition.node), None)
        if same is None:
            self.result.additions.append(addition)
        elif same.data != addition.data:
            self._leave(node, steps, "something else is added to the same place")

    def _leave(self, node: Node, steps: Steps, message: str) -> None:
        offset = written_at(self.unit, node, 0)
        self.result.taken.append(Taken(offset, path_text(steps), self.found, message))


def _is_null(node: Node) -> bool:
    node = resolve(node)
    return type(node) is Scalar and not node.style and node.value in ("", "~", "null")
