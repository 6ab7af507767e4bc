"""Rules on the objects of a render: their API versions, and the fields that releases know."""

from __future__ import annotations

from helm_compat.findings import At, Excerpt, Finding
from helm_compat.gate.collect import Definition, Item
from helm_compat.gate.instance import Instance
from helm_compat.gate.requirements import hint_for
from helm_compat.gate.scene import Combination, Scene, finding
from helm_compat.images.tree import Steps, field, lookup, text_of
from helm_compat.knowledge.compatibility import ApiVersion, FieldRule, ServedApi, Test
from helm_compat.knowledge.paths import Path
from helm_compat.knowledge.ranges import Range, intersects, shown
from helm_compat.nodes import Mapping, Node, Scalar, Sequence, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def judge_objects(scene: Scene, items: Iterable[Item]) -> Iterator[Finding]:
    """Every object of the product's kinds against its API versions and field rules."""
    product = scene.state.product
    for item in items:
        for api in product.api_versions:
            yield from _api_version(scene, api, item)
        for rule in product.fields:
            if rule.kind == (item.object.group, item.object.kind):
                yield from _field(scene, rule, item)


def judge_definitions(scene: Scene, definitions: Iterable[Definition]) -> Iterator[Finding]:
    """Every CustomResourceDefinition that must serve a certain version.

    Those of the render are in the place of those that are installed.
    """
    rendered = list(definitions)
    names = {definition.crd.name for definition in rendered}
    staying = [
        Definition(crd, None, None) for crd in scene.known.definitions if crd.name not in names
    ]
    for definition in (*rendered, *staying):
        for served in scene.state.product.served_apis:
            missing = served.version not in definition.crd.served
            if definition.crd.name == served.crd and missing and _is_met(scene, served):
                yield _unserved(scene, served, definition)


def _is_met(scene: Scene, served: ServedApi) -> bool:
    chosen = {name: found[0] for name in served.when if (found := scene.of(name))}
    return scene.assumed or scene.holds(served.when, chosen)


def _unserved(scene: Scene, served: ServedApi, definition: Definition) -> Finding:
    versions = ", ".join(definition.crd.served) or "none"
    message = f"{served.crd} is served as {versions}, not as {served.version}"
    notes = () if definition.at else (f"installed, says {scene.known.source}",)
    found = finding(served.fact, message, None, notes=notes)
    return found._replace(at=definition.at, excerpt=definition.excerpt)


def _api_version(scene: Scene, api: ApiVersion, item: Item) -> Iterator[Finding]:
    owner = item.object
    group, _, version = owner.api_version.rpartition("/")
    if group != api.group or api.kind not in ("any", owner.kind):
        return
    if api.version not in ("any", version):
        return
    for operator in _related(scene, item, api.component):
        place = _placed_by(operator, api.served_by)
        if place == "inside":
            continue
        node = field(item.root, "apiVersion")
        at, excerpt = item.mark(node or item.root, (item.steps, ".apiVersion"))
        word = "no longer serves" if place == "above" else "does not serve"
        yield _placed(
            finding(
                api.fact,
                f"{scene.named(operator)} {word} {owner.kind} of {owner.api_version}",
                None,
                notes=(
                    f"served by {api.component} {shown(api.served_by)}",
                    *scene.where((operator,)),
                ),
                hint=f"Write it as {api.use}." if api.use else "",
                between=(operator, owner),
            ),
            at,
            excerpt,
        )


def _placed_by(operator: Instance, served_by: Range) -> str:
    """Where a release lies; one of which only a range is known, where all of that lies."""
    if operator.version:
        return served_by.position(operator.version)
    if not operator.bounds or intersects(operator.bounds, served_by):
        return "inside"
    lower, upper = served_by.lower, operator.bounds.upper
    return "below" if lower and upper and upper.cut <= lower.cut else "above"


def _related(scene: Scene, item: Item, component: str) -> list[Instance]:
    """The instances of a component that an object meets: its own, its operator, the platform."""
    role = scene.state.product.role(component)
    if role == "platform":
        return scene.of(component)
    if role == "operator":
        return [i for i in scene.operators_of(item.object) if i.component == component]
    return scene.of_object(component, item.object)


def _field(scene: Scene, rule: FieldRule, item: Item) -> Iterator[Finding]:
    matches = list(_matches(rule.test, item))
    if not matches or not all(any(True for _ in _matches(t, item)) for t in rule.where):
        return
    node, steps = matches[0]
    at, excerpt = item.whole() if node is item.root else item.mark(node, steps)
    chosen: Combination = {}
    for name in rule.when:
        found = _related(scene, item, name)
        if found:
            chosen[name] = found[0]
    if not scene.holds(rule.when, chosen):
        return
    if not rule.needs:
        message = f"{item.object}: {rule.fact.message}"
        found_one = finding(
            rule.fact._replace(message=""), message, None, notes=scene.where(chosen.values())
        )
        yield _placed(_with_use(found_one, rule), at, excerpt)
        return
    for name, wanted in rule.needs.items():
        for instance in _needed(scene, rule, item, name):
            if not wanted or not instance.version or wanted.holds(instance.version):
                continue
            message = f"{_last(rule.test.path)} is not for {scene.named(instance)}: it wants {shown(wanted)}"
            result = finding(
                rule.fact,
                message,
                None,
                notes=scene.where((instance,)),
                hint=hint_for(scene, {name: instance}, name, wanted),
                between=(instance, item.object) if instance in scene.operators else None,
            )
            yield _placed(_with_use(result, rule), at, excerpt)
        if name in rule.joins and not _needed(scene, rule, item, name):
            yield _unjoined(scene, rule, item, name, (at, excerpt))


def _with_use(found: Finding, rule: FieldRule) -> Finding:
    return found._replace(hint=f"Use {rule.use} instead.") if rule.use else found


def _unjoined(
    scene: Scene, rule: FieldRule, item: Item, name: str, mark: tuple[At, Excerpt | None]
) -> Finding:
    product = scene.state.product.name
    message = f"{_last(rule.test.path)} needs a release of {scene.title(name)} that is not known"
    hint = f"Say what is installed: --installed {product}/{name}=VERSION"
    severity = scene.severity("not-found")
    found = Finding("missing-version", severity, message, hint=hint, verdict="unknown")
    return _placed(found, *mark)


def _needed(scene: Scene, rule: FieldRule, item: Item, name: str) -> list[Instance]:
    if name not in rule.joins:
        return _related(scene, item, name)
    instances = scene.of(name)
    target = next(iter(lookup(item.root, rule.joins[name], item.steps)), None)
    node = resolve(target[0]) if target else None
    if type(node) is not Mapping:
        return []
    wanted = text_of(field(node, "name"))
    namespace = text_of(field(node, "namespace")) or item.object.namespace
    named = [
        i
        for i in instances
        if i.object.name == wanted and namespace in ("", i.object.namespace or namespace)
    ]
    return named or [i for i in instances if not i.is_named]


def _placed(found: Finding, at: At, excerpt: Excerpt | None) -> Finding:
    return found._replace(at=at, excerpt=excerpt)


def _matches(test: Test, item: Item) -> Iterator[tuple[Node, Steps]]:
    """The fields of an object that pass a test, with their field paths; or the object itself."""
    found = list(lookup(item.root, test.path, item.steps))
    if test.name == "absent":
        if not any(_is_set(resolve(node)) for node, _ in found):
            yield item.root, item.steps
    elif test.name == "unless":
        if all(text_of(node) not in test.values for node, _ in found):
            yield found[0] if found else (item.root, item.steps)
    else:
        for node, steps in found:
            if _passes(test, item, resolve(node)):
                yield node, steps


def _passes(test: Test, item: Item, node: Node) -> bool:
    if test.name == "there":
        return _is_set(node)
    value = text_of(node)
    if test.name == "equals":
        return value in test.values
    if test.name == "differs-from":
        others = [text_of(other) for other, _ in lookup(item.root, test.other, ())]
        return bool(value) and any(other and other != value for other in others)
    holds = any(word in value.lower() for word in test.values)
    return holds if test.name == "contains" else bool(value) and not holds


def _is_set(node: Node) -> bool:
    if isinstance(node, Scalar):
        return bool(node.value) and (node.is_string or node.value not in ("null", "~"))
    return isinstance(node, (Mapping, Sequence)) and bool(node.children)


def _last(path: Path) -> str:
    return ".".join(f"{segment.key}{segment.each}" for segment in path)
