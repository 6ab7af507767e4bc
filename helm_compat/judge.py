"""From what a run comes across to findings: which rule, how grave, in which words."""

from __future__ import annotations

from helm_compat.findings import At, Excerpt, Finding
from helm_compat.images.leftovers import Leftover
from helm_compat.images.reference import Reference
from helm_compat.images.relocate import Rule
from helm_compat.images.sites import Problem
from helm_compat.knowledge.product import Hazard, RunTimeImage


def invalid_value(problem: Problem, at: At, *, names_source: bool) -> list[Finding]:
    """A field that must hold a reference and holds none; a pattern is nobody's mistake.

    It is a leftover when it names a registry that images were moved away from.
    """
    secret = problem.object.kind == "Secret"
    text = "a value that is not shown" if secret else repr(problem.text)
    if problem.reason == "pattern":
        return []
    if problem.reason == "templated":
        rule = "templated-reference"
        message = f"{text} is a template, not an image reference; it stays as it is"
    else:
        rule = "invalid-reference"
        message = f"{text} is no image reference{'' if secret else f': {problem.message}'}"
    return [Finding("leftover-image" if names_source else rule, "warning", message, at)]


def host_like(reference: Reference, written: str, at: At) -> Finding:
    """An image whose text reads like a registry host and its port."""
    message = f"{written!r} is read as the image {reference}, but it looks like a registry alone"
    hint = "Write the repository behind the host, as in localhost:5000/web:1."
    return Finding("host-like-reference", "warning", message, at, hint=hint)


def leftover(left: Leftover, at: At) -> Finding:
    """A text that names a registry which images were moved away from."""
    return Finding("leftover-image", left.severity, f"{left.text} stays: {left.reason}", at)


def unmoved(reference: Reference, at: At) -> Finding:
    """An image that stays in a registry which others were moved away from."""
    return Finding("leftover-image", "warning", f"{reference} stays: no rule moves it", at)


def uneditable(reference: Reference, why: str, at: At) -> Finding:
    """An image that a rule moves but that cannot be changed where it stands."""
    return Finding("uneditable-image", "warning", f"{reference} stays: {why}", at)


def hazard(reference: Reference, known: Hazard, at: At) -> Finding:
    """A relocation that the product is known to break on."""
    message = f"{reference}: {known.message}"
    return Finding("relocation-hazard", "error", message, at, evidence=(known.source,))


def unpinned(reference: Reference, at: At, excerpt: Excerpt | None) -> Finding:
    """An image of which no digest is known, where all are to have one."""
    return Finding(
        "unpinned-image",
        "error",
        f"no digest of {reference} is locked",
        at,
        hint="helm compat mirror --write compat.lock.yaml copies images and writes their digests.",
        excerpt=excerpt,
    )


def run_time_image(image: RunTimeImage) -> Finding:
    """An image that no manifest holds; less grave where a setting can name it."""
    return Finding(
        "run-time-image",
        "info" if image.override else "warning",
        f"{image.by} pulls {image.image} by itself: {image.why}",
        evidence=(image.source,),
        hint=f"It is set by {image.override}." if image.override else "",
    )


def unmatched_rule(rule: Rule) -> Finding:
    """A rule of the user's that no image needed."""
    message = f"{rule.origin}: no image stands under {rule.source}"
    return Finding("unmatched-rule", "info", message)


def taken_pull_secret(name: str, why: str, at: At) -> Finding:
    """A field that the pull secret was not added to."""
    message = f"the pull secret {name!r} was not added: {why}"
    return Finding("taken-pull-secret", "warning", message, at)
