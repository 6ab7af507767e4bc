"""What the private registry must hold: every image of some inputs once, with its target."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.images.hazards import is_optional
from helm_compat.images.reference import InvalidReference, Reference, parse
from helm_compat.images.relocate import Relocation
from helm_compat.knowledge.product import Knowledge, RunTimeImage
from helm_compat.outcome import Image

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class Wanted(NamedTuple):
    """One image: where it comes from, and where it is to be.

    `source` is the normalised reference, empty where the inputs name the private registry alone;
    `target` the reference in the private registry, empty where nothing is to be relocated.
    `by` is the controller that pulls it without naming it, `optional` what the vendor calls so,
    `places` how many places name it.
    """

    source: str
    target: str
    by: str = ""
    optional: bool = False
    places: int = 0

    @property
    def name(self) -> str:
        """The reference by which people know it."""
        return self.source or self.target


def wanted_images(
    images: Iterable[Image],
    run_time: Iterable[RunTimeImage],
    knowledge: Knowledge,
    relocation: Relocation | None,
) -> list[Wanted]:
    """Every image once, in the order of the references; of two ways to write one, one."""
    places: dict[str, list[Image]] = {}
    for image in images:
        places.setdefault(pullable(image.normalized), []).append(image)
    found: dict[str, Wanted] = {}
    for reference, here in places.items():
        owners = [image.at.object for image in here]
        name = parse(reference).name
        optional = is_optional(knowledge, name, owners)
        found[reference] = relocated(reference, relocation)._replace(
            optional=optional, places=len(here)
        )
    for each in run_time:
        # What holds <a part that differs> names no image yet.
        if "<" in each.image or each.image in found:
            continue
        found[each.image] = relocated(each.image, relocation)._replace(by=each.by)
    return sorted(found.values(), key=lambda wanted: wanted.name)


def pullable(reference: str) -> str:
    """A reference as it is pulled: without a tag and a digest it is that of `latest`."""
    try:
        return reference if parse(reference).suffix else f"{reference}:latest"
    except InvalidReference:
        return reference


def relocated(reference: str, relocation: Relocation | None) -> Wanted:
    """A normalised reference with its target; one that stands under a target has no source."""
    if not relocation:
        return Wanted(reference, "")
    read = parse(reference)
    if relocation.is_placed(read):
        return Wanted("", reference)
    rule = relocation.rule_for(read)
    return Wanted(reference, _moved(read, rule.move(read)) if rule else "")


def _moved(reference: Reference, name: object) -> str:
    return f"{name}{reference.suffix}"
