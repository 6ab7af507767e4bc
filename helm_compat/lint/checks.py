"""All checks that lint makes beside those of a render and of the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from helm_compat.findings import Finding
from helm_compat.lint.charts import wide_kube_versions
from helm_compat.lint.fields import unknown_fields
from helm_compat.lint.image_lists import image_lists_that_differ
from helm_compat.lint.images import (
    floating_tags,
    foreign_registries,
    malformed_references,
    missing_digests,
    mixed_tags,
    tags_and_digests,
)
from helm_compat.lint.inspect import State
from helm_compat.lint.secrets import missing_pull_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Check = Callable[["State", "Options"], Iterator[Finding]]


class Options(NamedTuple):
    """What the user asks of the inputs.

    `registry` is the one under which every image has to be, empty where it does not matter;
    `needs_secret` says that it gives images only for a pull secret. `today` is year-month-day.
    """

    registry: str = ""
    needs_secret: bool = False
    today: str = ""


def check_references(state: State, options: Options) -> Iterator[Finding]:
    """Each image for itself: where it comes from, and what tells which one runs."""
    yield from malformed_references(state)
    if options.registry:
        yield from foreign_registries(state, options.registry)
    yield from floating_tags(state)
    yield from missing_digests(state)
    yield from tags_and_digests(state)


def check_tags(state: State, _options: Options) -> Iterator[Finding]:
    """The tags of one image beside each other."""
    yield from mixed_tags(state)


def check_secrets(state: State, options: Options) -> Iterator[Finding]:
    """Whether what needs a pull secret has one."""
    if options.needs_secret:
        yield from missing_pull_secrets(state, options.registry)


def check_charts(state: State, _options: Options) -> Iterator[Finding]:
    """What a chart says of itself, held against what it renders."""
    yield from wide_kube_versions(state)
    yield from image_lists_that_differ(state)


def check_fields(state: State, _options: Options) -> Iterator[Finding]:
    """Custom resources, held against their definitions."""
    yield from unknown_fields(state)


CHECKS: tuple[Check, ...] = (
    check_references,
    check_tags,
    check_secrets,
    check_charts,
    check_fields,
)
