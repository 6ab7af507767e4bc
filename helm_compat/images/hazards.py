"""Relocations that a product breaks on, and images that no manifest holds."""

from __future__ import annotations

from helm_compat.images.reference import Reference
from helm_compat.images.tree import Object
from helm_compat.knowledge.product import Hazard, Kind, Knowledge, RunTimeImage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def hazards(knowledge: Knowledge, reference: Reference, target: str) -> Iterator[Hazard]:
    """The known hazards of moving a reference to `target` (a name without tag and digest)."""
    for hazard in knowledge.hazards:
        if reference.name in hazard.images and _applies(hazard, reference, target.lower()):
            yield hazard


def _applies(hazard: Hazard, reference: Reference, target: str) -> bool:
    if hazard.digest_without_tag:
        return bool(reference.digest and not reference.tag)
    if hazard.target_lacks:
        return not any(word in target for word in hazard.target_lacks)
    return hazard.registry_contains in target


def is_optional(knowledge: Knowledge, name: str, owners: Iterable[Object]) -> bool:
    """Whether the vendor calls an image optional that stands in these objects.

    `name` is that of the image without tag and digest, in any registry.
    """
    tails = set(_tails(name))
    return any(
        any(image.partition("/")[2] in tails for image in optional.images)
        and all(o.kind == "ConfigMap" and o.name in optional.config_maps for o in owners)
        for optional in knowledge.optional_images
    )


def run_time_images(
    knowledge: Knowledge, names: Iterable[str], kinds: Iterable[Kind]
) -> Iterator[RunTimeImage]:
    """The images that the operators and objects of a render pull without naming them there.

    `names` are image names without tag and digest, `kinds` the groups and kinds of the objects.
    """
    tails = {tail for name in names for tail in _tails(name)}
    there = set(kinds)
    for image in knowledge.run_time_images:
        # An operator's image is known by its path, since it may be a copy in another registry.
        operator = any(wanted.partition("/")[2] in tails for wanted in image.when_images)
        if operator or not there.isdisjoint(image.when_kinds):
            yield image


def _tails(name: str) -> Iterator[str]:
    """What follows each slash of a name."""
    while "/" in name:
        name = name.partition("/")[2]
        yield name
