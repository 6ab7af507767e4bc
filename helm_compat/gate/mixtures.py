"""What must not be mixed in one render: releases of an operator, its definitions, flavours."""

from __future__ import annotations

from helm_compat.findings import Finding
from helm_compat.gate.instance import Instance
from helm_compat.gate.known import AnnotationSeen
from helm_compat.gate.scene import Scene, finding
from helm_compat.knowledge.compatibility import Fact, Flavours, SameRelease
from helm_compat.knowledge.versions import base, compare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def judge_mixtures(scene: Scene, annotations: Iterable[AnnotationSeen]) -> Iterator[Finding]:
    """The rendered instances of a product beside each other."""
    product = scene.state.product
    rendered = [i for i in scene.state.instances if i.rendered and i.version]
    for same in product.same_release:
        yield from _releases(scene, same, rendered)
    for flavours in product.flavours:
        yield from _flavours(scene, flavours, rendered)
    yield from _definitions(scene, rendered, annotations)


def _releases(scene: Scene, same: SameRelease, rendered: list[Instance]) -> Iterator[Finding]:
    releases = _by_release(i for i in rendered if i.component == same.component)
    if len(releases) > 1:
        first, second = list(releases.values())[:2]
        message = f"this render holds {scene.title(same.component)} {_listed(releases)}"
        yield finding(
            same.fact,
            message,
            second,
            notes=scene.where((first, second)),
            hint="Give all Deployments of the operator one release.",
        )


def _by_release(instances: Iterable[Instance]) -> dict[object, Instance]:
    releases: dict[object, Instance] = {}
    for instance in sorted(instances, key=lambda i: (i.version and i.version.key, i.written)):
        if instance.version:
            releases.setdefault(instance.version.key, instance)
    return releases


def _listed(releases: dict[object, Instance]) -> str:
    return " and ".join(instance.written for instance in releases.values())


def _flavours(scene: Scene, row: Flavours, rendered: list[Instance]) -> Iterator[Finding]:
    """`.fips` beside images without it, `EDGE` beside `RELEASE`."""
    instances = [i for i in rendered if i.component in row.components]
    for flavour in ("fips", "edge"):
        with_it = [i for i in instances if i.version and flavour in i.version.flavour.split(".")]
        without = [i for i in instances if i not in with_it]
        if with_it and without:
            words = f"{scene.named(with_it[0])} is mixed with {scene.named(without[0])}"
            notes = scene.where((with_it[0], without[0]))
            yield finding(row.fact, words, with_it[0], notes=notes)


def _definitions(
    scene: Scene, rendered: list[Instance], annotations: Iterable[AnnotationSeen]
) -> Iterator[Finding]:
    """The release that the CustomResourceDefinitions are of, beside the operator's."""
    told = set()
    for seen in sorted(annotations, key=lambda a: (a.instance.object.name, a.mark.key)):
        definitions = seen.instance
        if definitions.product != scene.state.product.name or not definitions.version:
            continue
        for operator in rendered:
            if operator.component != definitions.component or not operator.version:
                continue
            same = compare(base(operator.version), base(definitions.version)) == 0
            key = operator.written, definitions.written
            if same or key in told:
                continue
            told.add(key)
            severity = "error" if seen.mark.must_equal else "warning"
            whose = f" in {definitions.origin}" if definitions.origin else ""
            message = f"the CustomResourceDefinitions{whose} are of {definitions.written}, {scene.named(operator)} is not"
            hint = "Render both from one release of the chart."
            notes = scene.where((operator, definitions))
            if definitions.origin:
                notes = (f"says {definitions.object.name}", *scene.where((operator,)))
                hint = "Helm leaves crds/ alone in an upgrade: kubectl replace them from the chart first."
            yield finding(
                Fact("", "crd-version-differs", severity, message, "", seen.mark.evidence),
                "",
                definitions,
                notes=notes,
                hint=hint,
            )
