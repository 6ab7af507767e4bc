"""What a plan is asked for: the state to begin with, the goal, and what is allowed on the way."""

from __future__ import annotations

from typing import NamedTuple


class Said(NamedTuple):
    """A component, or one object of it, and what was said of it; `origin` says where, in words."""

    name: str
    text: str
    origin: str

    @property
    def component(self) -> str:
        """The component alone."""
        return self.name.partition("@")[0]


class Wishes(NamedTuple):
    """All that a plan is asked for.

    `preferred` are ranges that count after disruption. `restarts_first` and `oldest` change what
    counts most and last.
    """

    start: tuple[Said, ...]
    goals: tuple[Said, ...]
    pins: tuple[Said, ...] = ()
    preferred: tuple[Said, ...] = ()
    downgrades: frozenset[str] = frozenset()
    inferred: bool = False
    unsupported_start: bool = False
    restarts_first: bool = False
    oldest: bool = False
