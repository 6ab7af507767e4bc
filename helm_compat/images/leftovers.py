"""What still names a registry that images were moved away from."""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple

from helm_compat.images.complete import complete
from helm_compat.images.found import POLICIES, Found, Text
from helm_compat.images.sites import TEMPLATED, written_at
from helm_compat.images.tree import (
    NOBODY,
    Object,
    Steps,
    Unit,
    objects_of,
    path_text,
    text_of,
    walk,
)
from helm_compat.nodes import Mapping, Node, Scalar, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Leftover(NamedTuple):
    """One text that names a moved registry: where, why it stayed, and how grave that is."""

    unit: Unit
    offset: int
    path: str
    object: Object
    text: str
    reason: str
    severity: str


def mentions(hosts: set[str]) -> re.Pattern[str] | None:
    """A pattern for a name under one of the hosts, with a URL's scheme in front if it has one."""
    if not hosts:
        return None
    names = "|".join(re.escape(host) for host in sorted(hosts))
    return re.compile(
        rf"(?<![A-Za-z0-9.@-])(?:[a-z0-9+]+://)?(?:{names})/[^\s\"'`,;()\[\]{{}}<>|\\]+",
        re.IGNORECASE,
    )


def leftovers(found: Found, pattern: re.Pattern[str]) -> Iterator[Leftover]:
    """Everything in a parsed document that the pattern finds outside the image sites.

    Fields that hold no valid reference are not looked at again, nor are CustomResourceDefinitions.
    The values of a Secret's `data` are decoded to look, and stand in no result.
    """
    known = {id(part.node) for site in found.sites for part in site.parts}
    known |= {id(problem.node) for problem in found.problems}
    known |= {id(text.unit.node) for text in found.texts if text.unit.node}
    for text in found.texts:
        for root in text.unit.roots:
            for owner, start, above in _parts(root, text):
                if owner.kind == "CustomResourceDefinition":
                    continue
                for node, steps in walk(start, above):
                    target = resolve(node)
                    if type(target) is Scalar and known.isdisjoint((id(node), id(target))):
                        yield from _mentioned(text.unit, node, steps, above, owner, pattern)


def _parts(root: Node, text: Text) -> Iterator[tuple[Object, Node, Steps]]:
    """The objects of a root, or the root itself where it is no object."""
    if type(root) is not Mapping:
        yield text.owner or NOBODY, root, text.above
        return
    for found, node, steps in objects_of(root, text.above):
        yield text.owner or found, node, steps


def _mentioned(
    unit: Unit, node: Node, steps: Steps, above: Steps, owner: Object, pattern: re.Pattern[str]
) -> Iterator[Leftover]:
    value = text_of(node)
    path = path_text(steps)
    field = path.removeprefix(path_text(above)).lstrip(".").partition(".")[0].partition("[")[0]
    secret = owner.kind == "Secret" and not owner.group
    if secret and field == "data" and not unit.outer:
        if _in_secret(value, pattern):
            yield _leftover(unit, node, 0, path, owner, "(not shown)", _SECRET)
        return
    template = bool(TEMPLATED.search(value)) and not re.search(r"\s", value)
    for match in pattern.finditer(value):
        if template:
            shown, why = value[match.start() :], ("it is a template", "warning")
        else:
            shown, why = match[0], _why(match[0], value, owner, path, field)
        shown = "(not shown)" if secret else shown
        yield _leftover(unit, node, match.start(), path, owner, shown, why)


_SECRET = ("it stands in base64 data of a Secret, which is never rewritten", "warning")


def _why(text: str, value: str, owner: Object, path: str, field: str) -> tuple[str, str]:
    if "://" in text:
        return "it is a URL", "info"
    if owner.group.endswith(POLICIES):
        return "it is part of a policy", "info"
    if field == "status":
        return "it stands in status, which pulls nothing", "info"
    if "annotations" in path or "labels" in path:
        return "it stands in metadata, which pulls nothing", "info"
    if complete(value, named=True, registries=frozenset()):
        return "no known field; declare it under image-paths if it is an image", "warning"
    return "it is part of a text that is no single reference", "warning"


def _leftover(
    unit: Unit, node: Node, index: int, path: str, owner: Object, text: str, why: tuple[str, str]
) -> Leftover:
    return Leftover(unit, written_at(unit, node, index), path, owner, text, *why)


def _in_secret(value: str, pattern: re.Pattern[str]) -> bool:
    try:
        decoded = base64.b64decode(value, validate=False)
    except (ValueError, binascii.Error):
        return False
    return bool(pattern.search(decoded.decode("utf-8", "replace")))
