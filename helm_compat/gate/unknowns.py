"""What cannot be judged: no release to read, a release newer than known, no operator in sight."""

from __future__ import annotations

from helm_compat.findings import Finding
from helm_compat.gate.collect import Item
from helm_compat.gate.instance import Instance
from helm_compat.gate.scene import Scene, finding
from helm_compat.images.found import BUILT_IN
from helm_compat.images.tree import Object
from helm_compat.knowledge.versions import compare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PROBLEMS = {
    "digest": "is given by its digest alone, which names no release",
    "latest": "has the tag latest, which names no release",
    "untagged": "has no tag",
    "unreadable": "cannot be read",
}


def judge_unknowns(scene: Scene, items: Iterable[Item]) -> Iterator[Finding]:
    """Instances without a release, newer than the newest known, or without their operator."""
    for instance in scene.state.instances:
        if not instance.rendered:
            yield from _installed(scene, instance)
        elif instance.problem == "absent":
            yield _absent(scene, instance)
        elif instance.problem:
            yield _unreadable(scene, instance)
        else:
            yield from _newer(scene, instance)
    yield from _lonely(scene, items)


def judge_gaps(scene: Scene) -> Iterator[Finding]:
    """What could not be looked up where all that is installed is listed."""
    for gap in scene.known.gaps:
        if gap.concerns(scene.state.product.name):
            message = f"{gap.what} could not be looked up: {gap.why}"
            severity = scene.severity("not-checked")
            hint = "What it would tell was not judged; --installed says it instead."
            notes = (f"asked: {scene.known.source}",)
            yield Finding(
                "unchecked-component", severity, message, hint=hint, notes=notes, verdict="unknown"
            )


def _unreadable(scene: Scene, instance: Instance) -> Finding:
    component = scene.state.product.components[instance.component]
    message = f"the release of {component.title} is not known: {_quoted(instance)}"
    if component.unreadable:
        found = finding(component.unreadable, message, instance)
        return found._replace(hint=found.hint or "Give a tag that names the release.")
    found = scene.unknown("not-comparable", "unreadable-version", message, instance)
    hint = "Give a tag that names the release, with the digest behind it: name:TAG@sha256:…"
    return found._replace(hint=hint, notes=instance.clues)


def _installed(scene: Scene, instance: Instance) -> Iterator[Finding]:
    """Something installed whose release is not known, where the render brings its operator.

    What is unknown of an operator is told of the objects that it serves.
    """
    role = scene.state.product.role(instance.component)
    met = scene.operators_of(instance.object) if role != "platform" else scene.operators
    if instance.version or role == "operator" or not any(o.rendered for o in met):
        return
    product, title = scene.state.product.name, scene.title(instance.component)
    kind, rule = ("not-comparable", "unreadable-version")
    message = f"the release of {title} that is installed is not known"
    if instance.problem == "absent":
        kind, rule = ("not-found", "missing-version")
    else:
        message += f": {_quoted(instance)}"
    found = scene.unknown(kind, rule, message, instance)
    name = instance.component if role == "platform" else f"{product}/{instance.component}"
    hint = f"Say what runs: --installed {name}=VERSION"
    yield found._replace(notes=scene.where((instance,)), hint=hint)


def _quoted(instance: Instance) -> str:
    words = _PROBLEMS[instance.problem]
    if instance.problem == "unreadable":
        return f"{instance.written!r} {words}"
    if not instance.image:
        return f"{instance.written!r} names no release"
    return f"{instance.image} {words}"


def _absent(scene: Scene, instance: Instance) -> Finding:
    product, component = scene.state.product.name, instance.component
    message = (
        f"{instance.object} names no image, and the release that its operator gives it is not known"
    )
    found = scene.unknown("not-found", "missing-version", message, instance)
    hint = f"Set the image, or say what runs: --installed {product}/{component}=VERSION"
    return found._replace(hint=hint)


def _newer(scene: Scene, instance: Instance) -> Iterator[Finding]:
    newest = scene.state.product.components[instance.component].newest
    order = compare(instance.version, newest) if instance.version and newest else None
    if order and order > 0 and newest:
        releases = scene.state.product.components[instance.component].releases
        evidence = [r.evidence for r in releases if compare(r.version, newest) == 0]
        message = f"{scene.named(instance)} is newer than the newest release known, {newest.text}"
        found = scene.unknown("newer", "unknown-version", message, instance)
        yield found._replace(evidence=evidence[-1] if evidence else ())


def _lonely(scene: Scene, items: Iterable[Item]) -> Iterator[Finding]:
    """Objects whose operator is not known at all; one finding an object."""
    product = scene.state.product
    operator = next((c.name for c in product.components.values() if c.role == "operator"), "")
    told = set()
    for role in ("operand", "companion") if operator else ():
        for instance in scene.state.instances:
            if product.role(instance.component) != role or not _managed(instance, role):
                continue
            if instance.object in told or not _is_alone(scene, instance.object):
                continue
            told.add(instance.object)
            yield _alone(scene, scene.named(instance), instance, operator)
    for item in items if operator else ():
        owner = item.object
        judged = any(api.group == owner.group for api in product.api_versions)
        if judged and owner not in told and _is_alone(scene, owner):
            at, excerpt = item.whole()
            subject = Instance(product.name, operator, None, "", "", owner, "", at, excerpt)
            told.add(owner)
            yield _alone(scene, str(owner), subject, operator)


def _is_alone(scene: Scene, owner: Object) -> bool:
    """Whether no release of an object's operator is known, and no other finding says so."""
    return not any(operator.version or operator.rendered for operator in scene.operators_of(owner))


def _alone(scene: Scene, what: str, subject: Instance, operator: str) -> Finding:
    message = f"{what} cannot be judged: no release of its operator is known"
    found = scene.unknown("no-operator", "missing-operator", message, subject)
    hint = f"Say what is installed: --installed {scene.state.product.name}/{operator}=VERSION"
    if scene.operators_of(subject.object) or not scene.known.lists(scene.state.product.name):
        return found._replace(hint=hint)
    where = subject.object.namespace
    serves = f" that serves namespace {where}" if where else ""
    notes = (f"{scene.known.source} has no operator of this product{serves}",)
    return found._replace(notes=notes, hint="Install the operator first, or let it watch there.")


def _managed(instance: Instance, role: str) -> bool:
    """Whether an instance of this render is a custom resource, or an operand typed by hand."""
    if instance.default or not instance.rendered:
        return False
    if not instance.is_named:
        return role == "operand"
    return instance.object.group not in BUILT_IN
