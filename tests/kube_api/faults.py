"""Faults that a test wishes for: refusals, errors, delays, broken connections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .objects import encode
from .resources import Resource
from .status import StatusError, forbidden

_MESSAGES = {
    401: "Unauthorized",
    429: "Too many requests, please try again later.",
    500: "Internal error occurred: etcdserver: request timed out",
    503: "the server is currently unable to handle the request",
}


@dataclass
class Rule:
    """One fault, for requests whose path matches; None times is always."""

    path: re.Pattern[str]
    times: int | None = None

    def applies(self, path: str) -> bool:
        """Whether this request meets the fault, which is then used up once."""
        if self.times == 0 or self.path.search(path) is None:
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class Failure(Rule):
    """An answer instead of the right one."""

    status: int = 500
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None

    def answer(self) -> bytes:
        """The body: the given one, or a Status as the real server sends it."""
        if self.body is not None:
            return self.body
        message = _MESSAGES.get(self.status, "an error on the server has prevented the request")
        return encode(StatusError(self.status, message).body)


@dataclass
class Delay(Rule):
    """A wait in seconds before the answer."""

    seconds: float = 0.0


@dataclass(frozen=True)
class Prohibition:
    """A right that the user has not got; None stands for every namespace, or every verb."""

    resource: str
    group: str
    namespace: str | None
    verb: str | None

    def applies(self, verb: str, resource: str, group: str, namespace: str) -> bool:
        """Whether the right is missing for this request."""
        return (
            (self.resource, self.group) == (resource, group)
            and self.namespace in (None, namespace)
            and self.verb in (None, verb)
        )


@dataclass
class Faults:
    """All faults that are in force."""

    failures: list[Failure] = field(default_factory=list)
    delays: list[Delay] = field(default_factory=list)
    drops: list[Rule] = field(default_factory=list)
    prohibitions: list[Prohibition] = field(default_factory=list)
    expirations: int = 0

    def failure(self, path: str) -> Failure | None:
        """The failure for this request, if there is one."""
        return next((rule for rule in self.failures if rule.applies(path)), None)

    def delay(self, path: str) -> float:
        """How many seconds this request has to wait."""
        return sum(rule.seconds for rule in self.delays if rule.applies(path))

    def drop(self, path: str) -> bool:
        """Whether the answer to this request breaks off."""
        return any(rule.applies(path) for rule in self.drops)

    def allowed(self, verb: str, resource: str, group: str, namespace: str) -> bool:
        """Whether no prohibition stands against it."""
        rules = self.prohibitions
        return not any(rule.applies(verb, resource, group, namespace) for rule in rules)

    def check(self, user: str, verb: str, resource: Resource, namespace: str, name: str) -> None:
        """Raise StatusError (403) where the user has not got the right."""
        if not self.allowed(verb, resource.plural, resource.group, namespace):
            raise forbidden(user, verb, resource, namespace, name)

    def expire(self) -> bool:
        """Whether this continue token has expired."""
        if not self.expirations:
            return False
        self.expirations -= 1
        return True
