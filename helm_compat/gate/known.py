"""What is known of what is installed, beside its instances, and what could not be looked up."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.gate.crds import Crd
from helm_compat.knowledge.detections import Owner

# Kubernetes itself, which is a component of every product.
EVERY_PLATFORM = Owner("", "kubernetes")


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
    for the gaps. `definitions` are the CustomResourceDefinitions that it has.
    """

    source: str = ""
    complete: bool = False
    definitions: tuple[Crd, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def tells(self, owner: Owner) -> bool:
        """Whether it says of a component all that is installed, which may be nothing."""
        names = {owner, Owner("", owner.component)}
        return self.complete and not any(names & g.owners for g in self.gaps if not g.partial)

    def lists(self, product: str) -> bool:
        """Whether it lists all that is installed of a product."""
        missing = (gap for gap in self.gaps if not gap.partial)
        return self.complete and not any(gap.concerns(product) for gap in missing)


NOTHING_KNOWN = Surroundings()
