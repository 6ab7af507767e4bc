"""What a rule sees: the state of one product, which instances belong together, and words."""

from __future__ import annotations

from helm_compat.findings import Finding
from helm_compat.gate.instance import Instance, operators_of, same_object
from helm_compat.gate.known import NOTHING_KNOWN, Surroundings
from helm_compat.gate.state import State
from helm_compat.images.tree import Object
from helm_compat.knowledge.compatibility import Conditions, Fact, Transient
from helm_compat.knowledge.versions import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Combination = dict[str, Instance]

# Kinds of unknown, each with its policy; error, warn or ignore, which still reports it.
UNKNOWN = (
    "newer",
    "older",
    "between",
    "not-stated",
    "not-comparable",
    "not-found",
    "no-operator",
    "not-checked",
)
_SEVERITY = {"error": "error", "warn": "warning", "ignore": "info"}


class Scene:
    """The state of one product, and how unknowns are taken.

    `assumed` says that the product is in use even where no component shows it: versions typed by
    hand.
    """

    def __init__(
        self,
        state: State,
        policy: Mapping[str, str],
        *,
        assumed: bool = False,
        known: Surroundings = NOTHING_KNOWN,
    ) -> None:
        self.state = state
        self.known = known
        self.policy = policy
        self.assumed = assumed
        self._of: dict[str, list[Instance]] = {}
        self._by_name: dict[tuple[str, str, str], list[Instance]] = {}
        for instance in state.instances:
            self._of.setdefault(instance.component, []).append(instance)
            owner = instance.object
            key = instance.component, owner.kind, owner.name
            self._by_name.setdefault(key, []).append(instance)
        role = state.product.role
        self.operators = [i for i in state.instances if role(i.component) == "operator"]
        self._operators: dict[str, list[Instance]] = {}
        self._identities: dict[str, set[int]] = {}

    def of(self, component: str) -> list[Instance]:
        """The instances of one component, in a fixed order."""
        return self._of.get(component, [])

    def operators_of(self, owner: Object) -> list[Instance]:
        """The operators that may serve an object: one, or all of which one does."""
        if owner.namespace not in self._operators:
            self._operators[owner.namespace] = operators_of(owner, self.operators)
        return self._operators[owner.namespace]

    def combinations(self, components: Sequence[str]) -> Iterator[Combination]:
        """Every choice of one instance for each component that belong together.

        At least one of them is part of the render: what it does not touch, it is not asked about.
        """
        for chosen in self._choices(list(components), {}):
            if any(instance.rendered for instance in chosen.values()):
                yield chosen

    def _choices(self, components: list[str], chosen: Combination) -> Iterator[Combination]:
        if not components:
            yield chosen
            return
        name, *rest = components
        for instance in self.met(name, list(chosen.values())):
            yield from self._choices(rest, {**chosen, name: instance})

    def met(self, component: str, others: list[Instance]) -> list[Instance]:
        """The instances of a component that meet all others: its operator, parts of one object."""
        role = self.state.product.role
        found = self.of(component)
        if role(component) == "platform":
            return found
        parts = [o for o in others if role(o.component) not in ("platform", "operator")]
        if role(component) == "operator":
            for part in parts[:1]:
                found = [i for i in self.operators_of(part.object) if i.component == component]
            return found
        for part in parts[:1]:
            found = self._beside(component, part)
        for other in others:
            if role(other.component) == "operator":
                found = [i for i in found if id(other) in self._ids(i.object)]
        return found

    def _ids(self, owner: Object) -> set[int]:
        """Which operators may serve an object, by identity."""
        if owner.namespace not in self._identities:
            identities = {id(operator) for operator in self.operators_of(owner)}
            self._identities[owner.namespace] = identities
        return self._identities[owner.namespace]

    def of_object(self, component: str, owner: Object) -> list[Instance]:
        """The instances of a component that an object holds, else those of nobody by name."""
        named = self._by_name.get((component, owner.kind, owner.name), [])
        own = [i for i in named if i.object == owner]
        return own or self._by_name.get((component, "", ""), [])

    def _beside(self, component: str, other: Instance) -> list[Instance]:
        """The instances of a component that may belong to the object of another."""
        if not other.is_named:
            return self.of(component)
        owner = other.object
        named = self._by_name.get((component, owner.kind, owner.name), [])
        own = [i for i in named if same_object(i, other)]
        return own + self._by_name.get((component, "", ""), [])

    def holds(self, conditions: Conditions, chosen: Combination) -> bool:
        """Whether every condition holds; a version that cannot be read fulfils `any` only."""
        for name, wanted in conditions.items():
            instance = chosen.get(name)
            if instance is None:
                return False
            if wanted and not (instance.version and wanted.holds(instance.version)):
                return False
        return True

    def transient(self, chosen: Combination) -> Transient | None:
        """The documented passing state that a combination is, if it is one."""
        for transient in self.state.product.transients:
            stays = chosen.get(transient.stays)
            if stays and not stays.rendered and self.holds(transient.when, chosen):
                return transient
        return None

    def title(self, component: str) -> str:
        """A component as people write it."""
        return self.state.product.components[component].title

    def named(self, instance: Instance) -> str:
        """A component and its release as people write them."""
        written = shown(instance.version) if instance.version else instance.written
        return f"{self.title(instance.component)} {written}".rstrip()

    def between(self, instances: Iterable[Instance]) -> tuple[Instance, Object] | None:
        """The operator among some instances, and the object of one that it manages."""
        role = self.state.product.role
        operator = next((i for i in instances if role(i.component) == "operator"), None)
        managed = [i for i in instances if role(i.component) not in ("operator", "platform")]
        return (operator, managed[0].object) if operator and managed else None

    def subject(self, instances: Iterable[Instance]) -> Instance:
        """The instance to point at: one of the render, and an operand rather than its operator."""
        role = self.state.product.role
        return min(
            instances, key=lambda i: (not i.rendered, not i.at, role(i.component) == "operator")
        )

    def upgrade(self, instance: Instance, to: str) -> str:
        """What to do about a component that is too old, and how to say that it is done."""
        text = f"Upgrade {self.title(instance.component)}{f' to {to}' if to else ''} first."
        if instance.rendered or instance.live:
            return text
        if instance.is_named:
            return f"{text} If that is done, write it into {instance.origin.partition(',')[0]}."
        platform = self.state.product.role(instance.component) == "platform"
        name = "" if platform else f"{self.state.product.name}/"
        return f"{text} If that is done: --installed {name}{instance.component}=VERSION"

    def where(self, instances: Iterable[Instance]) -> tuple[str, ...]:
        """Where each release was read, those of this render last; nothing for what was typed."""
        lines = []
        for instance in sorted(instances, key=lambda i: i.rendered):
            head = short(instance)
            if instance.rendered and not instance.at:
                continue
            if instance.rendered:
                whose = f", {instance.object}" if instance.is_named else ""
                lines.append(f"{head}: in this render{whose}")
            else:
                says = "" if instance.live else "says "
                lines.append(f"{head}: installed, {says}{instance.origin}")
        return tuple(dict.fromkeys(lines))

    def unknown(self, kind: str, rule: str, message: str, subject: Instance) -> Finding:
        """A finding for what cannot be judged, as grave as the policy for its kind says."""
        severity = self.severity(kind)
        return Finding(
            rule, severity, message, subject.at, excerpt=subject.excerpt, verdict="unknown"
        )

    def severity(self, kind: str) -> str:
        """How grave an unknown of a kind is."""
        return _SEVERITY[self.policy.get(kind, "warn")]


def misfit(what: str, whose: str, position: str) -> str:
    """That something lies below or above what something else allows."""
    if position == "below":
        return f"{what} is older than {whose} needs"
    return f"{what} is newer than {whose} supports"


def short(instance: Instance) -> str:
    """A component and its release in the words of a command."""
    return f"{instance.component} {instance.written}".rstrip()


def finding(
    fact: Fact,
    message: str,
    subject: Instance | None,
    *,
    notes: tuple[str, ...] = (),
    hint: str = "",
    between: tuple[Instance, Object] | None = None,
) -> Finding:
    """A finding of a rule row, with the row's own reason behind the message.

    `between` is the operator and the object that it judges, where another operator may serve it.
    """
    text = f"{message}: {fact.message}" if message and fact.message else message or fact.message
    return Finding(
        fact.rule,
        fact.severity,
        text,
        subject.at if subject else None,
        fact.evidence,
        fact.hint or hint,
        notes,
        subject.excerpt if subject else None,
        "incompatible" if fact.severity == "error" else "",
        between=between,
    )
