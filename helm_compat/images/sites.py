"""Image sites: the places where a reference, or a part of one, stands; and what is wrong there."""

from __future__ import annotations

import re
from typing import NamedTuple

from helm_compat.images.complete import complete
from helm_compat.images.reference import InvalidReference, Reference, parse, parse_host
from helm_compat.images.splits import Divided
from helm_compat.images.tree import Object, Steps, Unit, path_text, text_of
from helm_compat.nodes import Alias, Node, Scalar, resolve
from helm_compat.scalars import source_map

TEMPLATED = re.compile(r"\{\{|\$[({]|\{[A-Za-z_]+\}")


class Part(NamedTuple):
    """One scalar of a site: its role, and the span of its decoded value that is the name.

    Roles: `reference`, or `registry`, `namespace`, `name` and `prefix` of a divided one.
    """

    role: str
    node: Scalar | Alias
    start: int
    end: int


class Site(NamedTuple):
    """One image reference.

    `site` is the kind of place (pod, image-volume, custom-resource, env, args, embedded, split,
    crd-default), `path` the field path. `parts` has one entry, or several for a divided
    reference, the first of which stands for the place. `text` is the reference as written,
    without a scheme.
    """

    site: str
    path: str
    unit: Unit
    parts: tuple[Part, ...]
    text: str
    reference: Reference
    object: Object
    divided: Divided | None = None

    @property
    def offset(self) -> int:
        """Where the reference begins, in code points of the document's text."""
        part = self.parts[0]
        return written_at(self.unit, part.node, part.start)


class Problem(NamedTuple):
    """A field that must hold a reference and holds none; `reason` is templated, pattern or invalid."""

    reason: str
    message: str
    path: str
    unit: Unit
    node: Node
    text: str
    object: Object

    @property
    def offset(self) -> int:
        """Where the value begins, in code points of the document's text."""
        return written_at(self.unit, self.node, 0)


def written_at(unit: Unit, node: Node, index: int) -> int:
    """Where the code point `index` of a scalar's value is written in the document's text."""
    if type(node) is not Scalar:
        return unit.offset(node.start)
    mapping = source_map(unit.text, node)
    return unit.offset(mapping.position(index) if mapping else node.content)


class Collector:
    """Takes in the sites and problems of one document, each scalar at most once."""

    def __init__(self, registries: frozenset[str]) -> None:
        self.sites: list[Site] = []
        self.problems: list[Problem] = []
        self._registries = registries
        self._taken: set[int] = set()
        self._refused: set[int] = set()

    def known(
        self, context: Context, node: Node, steps: Steps, site: str, *, scheme: str = ""
    ) -> None:
        """A field that holds a reference by its API: anything else in it is a problem."""
        target = resolve(node)
        if type(target) is not Scalar or not target.value or not target.is_string:
            return
        if not target.value.startswith(scheme):
            return
        text = target.value[len(scheme) :]
        try:
            # A chart registry such as `oci://ghcr.io` has no repository.
            reference = (scheme and parse_host(text)) or parse(text)
            self._whole(context, node, len(scheme), reference, text, steps, site)
        except InvalidReference as error:
            self._problem(context, node, steps, text, error)

    def maybe(
        self, context: Context, node: Node, steps: Steps, site: str, *, named: bool, start: int = 0
    ) -> None:
        """A value that is a site only when it is certainly a reference."""
        target = resolve(node)
        if type(target) is not Scalar or not target.is_string:
            return
        text = target.value[start:]
        reference = complete(text, named=named, registries=self._registries)
        if reference:
            self._whole(context, node, start, reference, text, steps, site)

    def divided(
        self, context: Context, divided: Divided, parts: dict[str, Node], suffix: str, steps: Steps
    ) -> None:
        """A reference that stands in several scalars, given by their roles."""
        text = divided.text + suffix
        try:
            reference = parse(text)
        except InvalidReference as error:
            self._problem(context, next(iter(parts.values())), steps, text, error)
            return
        self._add(
            Site(
                "embedded" if context.unit.outer else "split",
                path_text(steps),
                context.unit,
                tuple(_part(role, node, 0, len(text_of(node))) for role, node in parts.items()),
                text,
                reference,
                context.object,
                divided,
            )
        )

    def _whole(
        self,
        context: Context,
        node: Node,
        start: int,
        reference: Reference,
        text: str,
        steps: Steps,
        site: str,
    ) -> None:
        if context.unit.outer and site != "crd-default":
            site = "embedded"
        part = _part("reference", node, start, start + reference.name_length)
        path = path_text(steps)
        self._add(Site(site, path, context.unit, (part,), text, reference, context.object))

    def _add(self, site: Site) -> None:
        nodes = [id(part.node) for part in site.parts]
        if self._taken.isdisjoint(nodes):
            self._taken.update(nodes)
            self.sites.append(site)

    def _problem(
        self, context: Context, node: Node, steps: Steps, text: str, error: InvalidReference
    ) -> None:
        if id(node) in self._refused:
            return
        self._refused.add(id(node))
        reason = "pattern" if "*" in text else "invalid"
        if TEMPLATED.search(text):
            reason = "templated"
        path = path_text(steps)
        self.problems.append(
            Problem(reason, str(error), path, context.unit, node, text, context.object)
        )


def _part(role: str, node: Node, start: int, end: int) -> Part:
    assert isinstance(node, (Scalar, Alias)), "a part is one scalar"
    return Part(role, node, start, end)


class Context(NamedTuple):
    """The text and the object that a search is in."""

    unit: Unit
    object: Object
