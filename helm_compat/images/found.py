"""What a search for image sites is given, and what it gives."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.images.sites import Problem, Site
from helm_compat.images.tree import Object, Steps, Unit, objects
from helm_compat.knowledge.product import ImageField, Kind, Knowledge
from helm_compat.nodes import Limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# API groups of Kubernetes itself: a field of theirs that is no known site holds no image.
BUILT_IN = frozenset(
    ["", "apps", "autoscaling", "batch", "extensions", "policy"]
    + [
        f"{group}.k8s.io"
        for group in (
            "admissionregistration", "apiextensions", "apiregistration", "certificates",
            "coordination", "discovery", "events", "flowcontrol.apiserver", "networking", "node",
            "rbac.authorization", "resource", "scheduling", "storage",
        )
    ]
)  # fmt: skip

# Objects of these groups hold patterns that images are compared with, not images.
POLICIES = (
    "kyverno.io",
    "gatekeeper.sh",
    "policy.sigstore.dev",
    "admissionregistration.k8s.io",
)


class Scope(NamedTuple):
    """What a search knows: the products, the user's own image paths and registries, the limits."""

    knowledge: Knowledge
    fields: dict[Kind, tuple[ImageField, ...]]
    registries: frozenset[str]
    limits: Limits


class Text(NamedTuple):
    """A text that was searched: where it stands and how deep.

    `owner` is the document's object that a text inside a string belongs to, None for a document.
    """

    unit: Unit
    above: Steps
    depth: int
    owner: Object | None


class Found(NamedTuple):
    """What one document holds; `texts` are its own and every one inside it, outer ones first."""

    sites: list[Site]
    problems: list[Problem]
    texts: list[Text]

    @property
    def units(self) -> list[Unit]:
        """The units of all texts."""
        return [text.unit for text in self.texts]

    @property
    def objects(self) -> Iterator[Object]:
        """Every object, those inside strings too."""
        for text in self.texts:
            for found, _, _ in objects(text.unit, text.above):
                yield found
