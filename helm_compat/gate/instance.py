"""Instances: the components that a render holds or that are installed, each with its release."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.findings import At, Excerpt
from helm_compat.images.tree import NOBODY, Object
from helm_compat.knowledge.ranges import Range
from helm_compat.knowledge.versions import Version, compare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Instance(NamedTuple):
    """One component of a product in one place.

    `version` is None when it cannot be told, and `problem` says why: digest, latest, untagged,
    unreadable or absent. `written` is the text that it was read from, `image` the whole reference.
    `origin` says where it was read in words, empty for the render itself. `watches` are the
    namespaces that an operator serves, None for all. `default` marks the release of all objects
    that name none. Of a release that cannot be told, `bounds` is the range that it surely lies in,
    and `clues` are sentences that hint at it. `live` was read from a cluster just now.
    """

    product: str
    component: str
    version: Version | None
    problem: str
    written: str
    object: Object = NOBODY
    origin: str = ""
    at: At | None = None
    excerpt: Excerpt | None = None
    image: str = ""
    watches: tuple[str, ...] | None = None
    default: bool = False
    bounds: Range | None = None
    clues: tuple[str, ...] = ()
    live: bool = False

    @property
    def rendered(self) -> bool:
        """Whether this render holds it."""
        return not self.origin

    @property
    def is_named(self) -> bool:
        """Whether it is known which object this is."""
        return bool(self.object.name)


def same_object(a: Instance, b: Instance) -> bool:
    """Whether two instances may belong to one object; a namespace that is not said may be any."""
    if not a.is_named or not b.is_named:
        return True
    if (a.object.kind, a.object.name) != (b.object.kind, b.object.name):
        return False
    return _same_namespace(a.object.namespace, b.object.namespace)


def is_equal(a: Instance, b: Instance) -> bool:
    """Whether two instances are known to be of one product, component and release."""
    same = (a.product, a.component) == (b.product, b.component)
    return bool(same and a.version and b.version and compare(a.version, b.version) == 0)


def serves(operator: Instance, namespace: str) -> bool:
    """Whether an operator watches a namespace; one that is not said may be any."""
    return operator.watches is None or not namespace or namespace in operator.watches


def operators_of(owner: Object, operators: Iterable[Instance]) -> list[Instance]:
    """The operators that manage an object: those that watch its namespace.

    Of several, those that stand in the same namespace come before those that watch everything.
    """
    found = [operator for operator in operators if serves(operator, owner.namespace)]
    if len(found) < 2 or not owner.namespace:
        return found
    for nearest in (
        [o for o in found if o.watches is not None],
        [o for o in found if o.object.namespace == owner.namespace],
    ):
        if nearest:
            return nearest
    return found


def _same_namespace(a: str, b: str) -> bool:
    return a == b or not a or not b
