"""What CustomResourceDefinitions tell of components whose images do not tell their release."""

from __future__ import annotations

from helm_compat.gate.collect import Collected
from helm_compat.gate.instance import Instance
from helm_compat.gate.state import order
from helm_compat.images.tree import NOBODY
from helm_compat.knowledge.compatibility import Product
from helm_compat.knowledge.ranges import shown


def with_clues(product: Product, collected: Collected, *, installed: bool) -> list[Instance]:
    """The instances of a product that were collected, each with all that is known of its release.

    `installed` says that an operator is known otherwise: definitions alone make none then.
    """
    found = [i for i in collected.instances if i.product == product.name]
    seen_here = [seen for seen in collected.annotations if seen.mark.owner.product == product.name]
    annotated = [seen.instance for seen in seen_here if seen.mark.must_equal]
    found = operators_from_annotations(product, found, annotated, installed=installed)
    hints = [seen.instance for seen in seen_here if not seen.mark.must_equal]
    return [_hinted(_bounded(product, i, collected), hints) for i in found]


def operators_from_annotations(
    product: Product, rendered: list[Instance], annotated: list[Instance], *, installed: bool
) -> list[Instance]:
    """What is rendered, with the operator's release from its CustomResourceDefinitions.

    `annotated` are releases that the operator surely has. They tell it where its image does not,
    and where the render holds no operator and none is known to be installed.
    """
    versions = {i.version.key: i for i in sorted(annotated, key=order) if i.version}
    if len(versions) != 1:
        return rendered
    told = next(iter(versions.values()))
    operators = [i for i in rendered if i.component == told.component]
    if not operators:
        return rendered if installed else [*rendered, told._replace(object=NOBODY)]
    return [
        i._replace(version=told.version, problem="", written=told.written)
        if i.component == told.component and not i.version
        else i
        for i in rendered
    ]


def _hinted(instance: Instance, hints: list[Instance]) -> Instance:
    """An instance without a release, with what its definitions hint at."""
    if instance.version:
        return instance
    clues = {
        f"the CustomResourceDefinitions are of {hint.written}"
        for hint in hints
        if hint.component == instance.component
    }
    return instance._replace(clues=(*instance.clues, *sorted(clues)))


def _bounded(product: Product, instance: Instance, collected: Collected) -> Instance:
    """An instance without a release, with the range that its definitions leave for it."""
    if instance.version:
        return instance
    for seen in collected.groups:
        if seen.mark.owner == (instance.product, instance.component):
            bounds = product.components[instance.component].range(seen.mark.says)
            clue = f"{seen.crd.name} is defined, so it is {shown(bounds)}" if bounds else ""
            return instance._replace(bounds=bounds, clues=(*instance.clues, clue))
    return instance
