"""What is known of what is installed, beside its instances, and what could not be looked up."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.gate.crds import Crd
from helm_compat.gate.instance import Instance
from helm_compat.images.tree import Object
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.detections import AnnotationMark, Owner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

# Kubernetes itself, which is a component of every product.
EVERY_PLATFORM = Owner("", "kubernetes")


class AnnotationSeen(NamedTuple):
    """A release that an annotation of a CustomResourceDefinition names."""

    mark: AnnotationMark
    instance: Instance


class Gap(NamedTuple):
    """Something that was not looked up: what, why not, and the components that it may be.

    Without owners it says nothing of what is installed. Of a `partial` one the components are
    known, but not what runs of them.
    """

    what: str
    why: str
    owners: frozenset[Owner] = frozenset()
    partial: bool = False

    def concerns(self, product: str) -> bool:
        """Whether components of a product may be in it."""
        return any(owner.product == product or owner == EVERY_PLATFORM for owner in self.owners)


class Surroundings(NamedTuple):
    """What a source says beside its instances.

    `source` names it in words. `complete` says that what it does not list is not installed, but
    for the gaps. `definitions` are the CustomResourceDefinitions that it has, `annotations` the
    releases that those name.
    """

    source: str = ""
    complete: bool = False
    definitions: tuple[Crd, ...] = ()
    gaps: tuple[Gap, ...] = ()
    annotations: tuple[AnnotationSeen, ...] = ()

    def tells(self, owner: Owner) -> bool:
        """Whether it says of a component all that is installed, which may be nothing."""
        names = {owner, Owner("", owner.component)}
        return self.complete and not any(names & g.owners for g in self.gaps if not g.partial)

    def lists(self, product: str) -> bool:
        """Whether it lists all that is installed of a product."""
        missing = (gap for gap in self.gaps if not gap.partial)
        return self.complete and not any(gap.concerns(product) for gap in missing)


NOTHING_KNOWN = Surroundings()


def annotations_of(
    definitions: Iterable[Crd], marks: Iterable[AnnotationMark], products: Products, source: str
) -> tuple[AnnotationSeen, ...]:
    """The releases that installed CustomResourceDefinitions name, where a mark reads them."""
    known = tuple(marks)
    found = []
    for crd in definitions:
        owner = Object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", crd.name)
        for mark in known:
            seen = crd.annotations.get(mark.key)
            if seen and mark.group == crd.group:
                component = products[mark.owner.product].components[mark.owner.component]
                version = component.read(seen.value)
                instance = Instance(
                    *mark.owner,
                    version,
                    "" if version else "unreadable",
                    seen.value,
                    owner,
                    origin=source,
                    live=True,
                )
                found.append(AnnotationSeen(mark, instance))
    return tuple(found)
