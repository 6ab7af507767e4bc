"""The rule on pull secrets: images that a registry gives only to those who show one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from helm_compat.findings import Finding
from helm_compat.images.pull_secrets import FIELD
from helm_compat.images.relocate import Name, parse_destination
from helm_compat.images.tree import (
    Object,
    Steps,
    Unit,
    entries,
    field,
    lookup,
    objects,
    path_text,
    text_of,
    walk,
)
from helm_compat.knowledge.product import SecretField
from helm_compat.lint.images import Use, uses
from helm_compat.lint.inspect import State
from helm_compat.nodes import Mapping, Node, Scalar, Sequence, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The lists of a pod spec in which images stand.
_LISTS = re.compile(r"\.(?:containers|initContainers|ephemeralContainers|volumes)\[")
_Key = tuple[int, "str | Object"]


class _Puller(NamedTuple):
    """A part of a document whose images are pulled with the same secrets.

    `key` are its unit and its field path, or the object that it is. `account` is the service
    account that may bring secrets too, and `fields` are those of its own.
    """

    key: _Key
    owner: Object
    fields: tuple[str, ...]
    has_secret: bool
    account: str = ""


def missing_pull_secrets(state: State, registry: str) -> Iterator[Finding]:
    """Pods and custom resources that pull from the private registry without any secret.

    That is `registry`, or without one where the relocation puts images. Each is told once, at
    its first such image. Raises UsageError for an impossible registry.
    """
    private = list(_private(state, registry))
    first: dict[_Key, Use] = {}
    for use in uses(state):
        if any(name.holds(use.target) for name in private):
            first.setdefault(_key(use), use)
    accounts = _accounts(state)
    for puller in _pullers(state):
        use_there = first.get(puller.key)
        if use_there and not puller.has_secret and not _brings(accounts, puller):
            yield _missing(use_there, puller)


def _private(state: State, registry: str) -> Iterable[Name]:
    if registry:
        return [parse_destination(registry, "the required registry")]
    relocation = state.settings.relocation
    return relocation.destinations if relocation else []


def _key(use: Use) -> _Key:
    """The pod spec that an image stands in, or the custom resource."""
    site = use.site
    lists = list(_LISTS.finditer(site.path))
    head = site.path[: lists[-1].start()] if lists else ""
    in_pod = head.lower().endswith("template.spec") or not site.object.group
    return id(site.unit), head if head and in_pod else site.object


def _missing(use: Use, puller: _Puller) -> Finding:
    at, excerpt = use.mark("name")
    where = " or ".join(puller.fields)
    more = ", or to its service account" if puller.account else ""
    return Finding(
        "missing-pull-secret",
        "warning",
        f"{use.target} needs a pull secret, and {puller.owner} names none",
        at,
        hint=f"Add the secret to {where}{more}.",
        excerpt=excerpt,
    )


def _pullers(state: State) -> Iterator[_Puller]:
    known = state.settings.scope.knowledge.secret_fields
    for visited in state.visited:
        for text in visited.found.texts:
            for found, root, steps in objects(text.unit, text.above):
                owner = text.owner or found
                fields = known.get((found.group, found.kind), ())
                if fields:
                    yield _resource(text.unit, owner, root, steps, fields)
                yield from _pods(text.unit, found, owner, root, steps)


def _resource(
    unit: Unit, owner: Object, root: Mapping, steps: Steps, fields: tuple[SecretField, ...]
) -> _Puller:
    """A custom resource, whose operator hands the secret on to the pods."""
    paths = tuple(".".join(segment.key + segment.each for segment in f.path) for f in fields)
    has_secret = any(_is_set(node) for f in fields for node, _ in lookup(root, f.path, steps))
    return _Puller((id(unit), owner), owner, paths, has_secret)


def _pods(
    unit: Unit, found: Object, owner: Object, root: Mapping, steps: Steps
) -> Iterator[_Puller]:
    """The pod spec of a Pod, and of every pod template wherever it stands."""
    for node, at in walk(root, steps):
        node = resolve(node)
        spec = field(node, "spec") if type(node) is Mapping else None
        is_pod = node is root and found.kind == "Pod" and not found.group
        name = at[1] if at else ""
        is_template = name.lower().endswith("template")
        if type(spec) is not Mapping or not (is_pod or is_template):
            continue
        if field(spec, "containers") is not None:
            path = path_text((at, ".spec"))
            account = text_of(field(spec, "serviceAccountName")) or "default"
            has_secret = _is_set(field(spec, FIELD))
            yield _Puller((id(unit), path), owner, (f"{path}.{FIELD}",), has_secret, account)


def _accounts(state: State) -> dict[str, set[str]]:
    """The service accounts that bring a secret: the namespaces of each name."""
    accounts: dict[str, set[str]] = {}
    for visited in state.visited:
        for owner, root, _ in objects(visited.unit, ()):
            if owner.kind == "ServiceAccount" and not owner.group and _is_set(field(root, FIELD)):
                accounts.setdefault(owner.name, set()).add(owner.namespace)
    return accounts


def _brings(accounts: dict[str, set[str]], puller: _Puller) -> bool:
    """Whether the service account brings a secret; a namespace that is not said may be any."""
    namespaces = accounts.get(puller.account, set())
    wanted = puller.owner.namespace
    return bool(namespaces) and (not wanted or wanted in namespaces or "" in namespaces)


def _is_set(node: Node | None) -> bool:
    """Whether a field for secrets names one."""
    if node is None:
        return False
    node = resolve(node)
    if type(node) is Scalar:
        return bool(node.value) and node.is_string
    if type(node) is Mapping:
        return any(_is_set(value) for _, value in entries(node))
    return type(node) is Sequence and any(_is_set(child) for child in node.children)
