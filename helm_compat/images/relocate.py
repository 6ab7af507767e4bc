"""Relocation rules: from the name of an image to its name in the private registry."""

from __future__ import annotations

import re
from typing import NamedTuple

from helm_compat.errors import UsageError
from helm_compat.images.reference import (
    DOCKER_HUB,
    InvalidReference,
    Reference,
    parse,
    split_name,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from helm_compat.knowledge.product import Prefix

_port = re.compile(r":([0-9]+)\Z")


class Name(NamedTuple):
    """A registry host and a path below it, which may be empty: a prefix of image names."""

    domain: str
    path: str

    def __str__(self) -> str:
        return f"{self.domain}/{self.path}" if self.path else self.domain

    def holds(self, other: Name) -> bool:
        """Whether a name is this prefix or stands below it, by whole components.

        Hosts are compared in lower case.
        """
        if self.domain.lower() != other.domain.lower():
            return False
        return not self.path or f"{other.path}/".startswith(f"{self.path}/")

    def below(self, path: str) -> Name:
        """This prefix with a path added."""
        return Name(self.domain, "/".join(filter(None, (self.path, path))))


class Rule(NamedTuple):
    """Names under `source` go under `target`; `origin` says who made the rule."""

    source: Name
    target: Name
    origin: str

    def move(self, reference: Reference) -> Name:
        """The new name of a reference that stands under the source."""
        return self.target.below(reference.path[len(self.source.path) :].lstrip("/"))


class Relocation(NamedTuple):
    """All rules of one run: the user's, then with a registry the products' and everything else.

    Make it with `relocation()`, which refuses rules that contradict each other.
    """

    rules: tuple[Rule, ...]
    product_rules: tuple[Rule, ...]
    registry: Name | None
    keep_domain: bool

    def rule_for(self, reference: Reference) -> Rule | None:
        """The rule that moves a reference: the user's first, and of each the longest prefix.

        None when no rule speaks of it, and when it already stands under a destination.
        """
        name = Name(reference.domain, reference.path)
        if self.is_placed(reference):
            return None
        for rules in (self.rules, self.product_rules):
            matching = [rule for rule in rules if rule.source.holds(name)]
            if matching:
                return max(matching, key=lambda rule: len(rule.source.path))
        if not self.registry:
            return None
        host = Name(reference.domain, "")
        kept = self.registry.below(_as_path(reference.domain) if self.keep_domain else "")
        return Rule(host, kept, "--registry")

    def is_placed(self, reference: Reference) -> bool:
        """Whether a reference already stands under a destination."""
        name = Name(reference.domain, reference.path)
        # On Docker Hub `docker.io/x` is written for `docker.io/library/x`.
        short = Name(reference.domain, reference.path.removeprefix("library/"))
        hub = reference.domain == DOCKER_HUB
        return any(p.holds(name) or (hub and p.holds(short)) for p in self.destinations)

    @property
    def destinations(self) -> list[Name]:
        """Every prefix under which relocated images stand."""
        found = [rule.target for rule in self.rules]
        return [*found, self.registry] if self.registry else found

    def target(self, reference: Reference) -> Name | None:
        """The new name of a reference, or None when it stays."""
        rule = self.rule_for(reference)
        return rule.move(reference) if rule else None


def relocation(
    *,
    registry: str,
    registry_origin: str = "--registry",
    maps: Iterable[tuple[str, str, str]],
    keep_domain: bool,
    prefixes: Iterable[Prefix],
) -> Relocation:
    """Make the rules of one run from what the user and the products say.

    `maps` are source, destination and the origin to name in messages. Raises UsageError for an
    impossible registry, two rules for one prefix, and rules that would move an image twice.
    """
    to = parse_destination(registry, registry_origin) if registry else None
    rules = tuple(
        Rule(prefix, parse_destination(target, origin), origin)
        for source, target, origin in maps
        for prefix in parse_source(source, origin)
    )
    product_rules = tuple(
        Rule(prefix, to.below(p.to), f"product {p.product}")
        for p in prefixes
        if to
        for prefix in parse_source(p.source, p.product)
    )
    _check(rules, to, registry_origin)
    return Relocation(rules, product_rules, to, keep_domain)


def parse_source(text: str, origin: str) -> tuple[Name, ...]:
    """Read what a rule speaks of: a host, `host/path`, or a Docker Hub repository.

    `docker.io/x` speaks of the official image x and of the organisation x, which are two names.
    """
    trimmed = text.rstrip("/")
    host, slash, path = trimmed.partition("/")
    if not slash and _is_host(host):
        return (Name(_host(host, origin), ""),)
    if not slash and trimmed and text.endswith("/"):
        return (Name(DOCKER_HUB, trimmed),)
    reference = _name(trimmed, text, origin, "a registry or a repository such as quay.io/minio")
    if not _is_host(host) or "/" in path or reference.domain != DOCKER_HUB:
        return (Name(reference.domain, reference.path),)
    if text.endswith("/") or path == "library":
        return (Name(DOCKER_HUB, path),)
    return Name(DOCKER_HUB, f"library/{path}"), Name(DOCKER_HUB, path)


def parse_destination(text: str, origin: str) -> Name:
    """Read where images go: a host with a dot, a port or the name localhost, and a path."""
    trimmed = text.rstrip("/")
    host = trimmed.partition("/")[0]
    if "://" in text:
        raise UsageError(
            f"{origin}: {text!r} is a URL, not a registry",
            hint=f"Write {text.partition('://')[2]!r}: image references have no scheme.",
        )
    if not _is_host(host):
        raise UsageError(
            f"{origin}: {text!r} names no registry host: {host!r} would be read as a path on"
            f" {DOCKER_HUB}",
            hint="Write a host with a dot or a port, such as registry.example.com or registry:5000.",
        )
    if host == trimmed:
        return Name(_host(host, origin), "")
    reference = _name(trimmed, text, origin, "HOST[:PORT][/PREFIX]")
    path = split_name(trimmed)[1]
    return Name(reference.domain, path)


def _as_path(domain: str) -> str:
    """A host as a part of a path, which has no upper case, no colon and no brackets."""
    return re.sub(r"[^a-z0-9.]+", "-", domain.lower()).strip("-")


def _is_host(text: str) -> bool:
    return text == "localhost" or "." in text or ":" in text or text != text.lower()


def _host(text: str, origin: str) -> str:
    try:
        domain = split_name(f"{text}/x")[0]
    except InvalidReference as error:
        raise UsageError(f"{origin}: {error}") from error
    port = _port.search(text)
    if port and not 0 < int(port[1]) < 65536:
        raise UsageError(f"{origin}: {port[1]} is no port", hint="Ports are 1 to 65535.")
    return domain


def _name(trimmed: str, text: str, origin: str, wanted: str) -> Reference:
    try:
        reference = parse(trimmed)
    except InvalidReference as error:
        raise UsageError(f"{origin}: {text!r} is not {wanted}: {error}") from error
    if reference.suffix:
        raise UsageError(
            f"{origin}: {text!r} has a tag or a digest",
            hint="Rules speak of names; every image keeps its tag and digest.",
        )
    if _is_host(trimmed.partition("/")[0]):
        _host(trimmed.partition("/")[0], origin)
    return reference


def _check(rules: tuple[Rule, ...], registry: Name | None, registry_origin: str) -> None:
    for index, rule in enumerate(rules):
        for other in rules[:index]:
            if other.source.holds(rule.source) and rule.source.holds(other.source):
                raise UsageError(
                    f"{rule.origin}: there are two rules for {rule.source}: one says"
                    f" {other.target} ({other.origin}), one {rule.target}",
                    hint="Remove one of them.",
                )
        if rule.target.holds(rule.source):
            raise UsageError(
                f"{rule.origin}: {rule.source} already stands under {rule.target}, so nothing moves",
                hint="Name a destination outside the source's own place, or remove the rule.",
            )
        destinations = [(r.target, r.origin) for r in rules if r.origin != rule.origin]
        if registry:
            destinations.append((registry, registry_origin))
        for target, origin in destinations:
            if target.holds(rule.source) or rule.source.holds(target):
                raise UsageError(
                    f"{rule.origin}: images go to {target} ({origin}), and this rule would move"
                    f" what is under {rule.source} again",
                    hint="Each image moves once: name the final place in one rule.",
                )
