"""Rules on the images of a state: where they come from, and what tells which one runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from helm_compat.findings import At, Excerpt, Finding
from helm_compat.images.found import BUILT_IN
from helm_compat.images.relocate import Name, parse_destination
from helm_compat.images.sites import Problem, Site, written_at
from helm_compat.images.tree import Object, Unit, text_of
from helm_compat.lint.inspect import State, Visited
from helm_compat.nodes import Alias, Node
from helm_compat.outcome import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

_digit = re.compile("[0-9]")
_separator = re.compile("[-._+]")
# Words of a tag that make it one that moves, however many numbers stand beside them.
_ANYWHERE = "latest"
_LAST = ("edge", "nightly", "snapshot")

# What the gate says of two tags.
_MIXTURES = ("mixed-flavours", "mixed-operator-releases")

_placeholder = re.compile(r"\{\{.*?\}\}|\$\([^)]*\)|\$\{[^}]*\}|\{[A-Za-z_]+\}", re.DOTALL)


class Use(NamedTuple):
    """One image of a state: the document, the place in it, and what a render makes of it.

    `target` is where it is pulled from, after the relocation if there is one.
    """

    visited: Visited
    site: Site
    image: Image
    target: Name

    def mark(self, part: str = "") -> tuple[At, Excerpt | None]:
        """The place of the whole reference, or of its `name`, or of its `tag`.

        Of a reference that is divided over several fields it is the first of them.
        """
        site = self.site
        scalar, reference = site.parts[0], site.reference
        start, end = scalar.start, scalar.end
        if not site.divided and part == "tag":
            start, end = end + 1, end + 1 + len(reference.tag)
        elif not site.divided and part != "name":
            end = start + len(site.text)
        return mark(
            self.visited, site.unit, scalar.node, (start, end), path=site.path, owner=site.object
        )

    @property
    def is_tagged_elsewhere(self) -> bool:
        """Whether a field beside this one, or an operator, adds what is missing here."""
        site = self.site
        before = text_of(site.parts[0].node)[: site.parts[0].start]
        return site.divided is not None or before.endswith("oci://")


def mark(
    visited: Visited, unit: Unit, node: Node, span: tuple[int, int], *, path: str, owner: Object
) -> tuple[At, Excerpt | None]:
    """The place of some code points of a scalar's value, or of the alias that stands for it."""
    start, end = span
    offset = written_at(unit, node, start)
    last = written_at(unit, node, max(start, end - 1)) + 1
    if type(node) is Alias:
        last = offset + node.end - node.start
    place = visited.place
    return place.at(offset, path, owner), place.excerpt(offset, last - offset)


def uses(state: State) -> Iterator[Use]:
    """Every image of a state, in order."""
    sites = ((visited, site) for visited in state.visited for site in visited.found.sites)
    relocation = state.settings.relocation
    # A run notes one image for each site that it finds.
    for (visited, site), image in zip(sites, state.images, strict=True):
        moved = relocation.target(site.reference) if relocation and image.moved else None
        target = moved or Name(site.reference.domain, site.reference.path)
        yield Use(visited, site, image, target)


def foreign_registries(state: State, registry: str) -> Iterator[Finding]:
    """Images that are pulled from elsewhere; raises UsageError for an impossible registry."""
    required = parse_destination(registry, "the required registry")
    for use in uses(state):
        if required.holds(use.target):
            continue
        at, excerpt = use.mark("name")
        reference = use.site.reference
        message = f"{reference} is not under {required}"
        if use.image.moved:
            message = f"{reference} becomes {use.target}, which is not under {required}"
        copy = required.below(reference.path)
        hint = f"Copy it there and name the copy, or move it: --map {reference.name}={copy}"
        yield Finding("foreign-registry", "error", message, at, hint=hint, excerpt=excerpt)


def floating_tags(state: State) -> Iterator[Finding]:
    """Images of which nobody can say later what ran: no digest, and no tag of a release."""
    for use in uses(state):
        reason = _floats(state, use)
        if reason:
            at, excerpt = use.mark("tag" if use.site.reference.tag else "")
            hint = "Name a release, or add the digest of the image that is meant."
            message = f"{use.site.reference} {reason}"
            yield Finding("floating-tag", "warning", message, at, hint=hint, excerpt=excerpt)


def _floats(state: State, use: Use) -> str:
    """Why an image is not the same every day; empty where it is."""
    reference = use.site.reference
    tag = reference.tag
    if reference.digest or not reference.path:
        return ""
    if not tag:
        return "has neither tag nor digest, so latest is pulled" if _is_whole(state, use) else ""
    words = _separator.split(tag.lower())
    if not _digit.search(tag) or _ANYWHERE in words or words[-1] in _LAST:
        return "names no release"
    return "is a build of the EDGE channel, not a release" if words[0] == "edge" else ""


def _is_whole(state: State, use: Use) -> bool:
    """Whether a place surely holds all that there is to say of an image."""
    if use.is_tagged_elsewhere:
        return False
    scope, owner = state.settings.scope, use.site.object
    kind = owner.group, owner.kind
    declared = kind in scope.fields or kind in scope.knowledge.image_fields
    return use.site.site in ("pod", "image-volume") or (
        use.site.site == "custom-resource" and declared
    )


def missing_digests(state: State) -> Iterator[Finding]:
    """Images without a digest: what a tag stands for can be replaced in the registry."""
    for use in uses(state):
        reference = use.site.reference
        if reference.digest or not (reference.tag or _is_whole(state, use)):
            continue
        at, excerpt = use.mark("tag" if reference.tag else "")
        message = f"{reference} has no digest"
        hint = f"Write {use.image.written}@sha256:… of the image that was tested."
        yield Finding("missing-digest", "info", message, at, hint=hint, excerpt=excerpt)


def tags_and_digests(state: State) -> Iterator[Finding]:
    """Images with both: the tag is only a comment, and may be a wrong one."""
    for use in uses(state):
        reference = use.site.reference
        if reference.tag and reference.digest:
            at, excerpt = use.mark("tag")
            message = f"the digest alone decides what {reference.name}:{reference.tag} is"
            hint = "Change both at once, or leave out the tag."
            yield Finding("tag-and-digest", "info", message, at, hint=hint, excerpt=excerpt)


def mixed_tags(state: State) -> Iterator[Finding]:
    """Images of which the state holds two tags; each tag but the most frequent is told once.

    Custom resources are not compared with each other: two clusters may run two releases. What
    the gate says of a product's own images is not said again.
    """
    said = {_spot(f.at) for f in state.findings if f.rule in _MIXTURES and f.at}
    found: dict[tuple[str, Object | None], dict[str, list[Use]]] = {}
    for use in uses(state):
        reference, owner = use.site.reference, use.site.object
        if reference.tag:
            key = reference.name, None if owner.group in BUILT_IN else owner
            found.setdefault(key, {}).setdefault(reference.tag, []).append(use)
    for (name, _), tags in found.items():
        first = max(tags, key=lambda tag: len(tags[tag]))
        for tag, there in tags.items():
            spots = {_spot(use.mark("tag")[0]) for use in (*there, *tags[first])}
            if tag != first and said.isdisjoint(spots):
                yield _mixed(name, there, tags[first])


def _spot(at: At) -> tuple[str, int, int]:
    return at.file, at.line, at.column


def _mixed(name: str, there: list[Use], others: list[Use]) -> Finding:
    at, excerpt = there[0].mark("tag")
    tag, first = there[0].site.reference.tag, others[0].site.reference.tag
    return Finding(
        "mixed-tags",
        "warning",
        f"{name} is {tag} here and {first} elsewhere",
        at,
        hint="Give both one tag, so that one copy in the registry serves both.",
        notes=(_where(tag, there), _where(first, others)),
        excerpt=excerpt,
    )


def _where(tag: str, there: list[Use]) -> str:
    at = there[0].image.at
    more = f", and {len(there) - 1} more" if there[1:] else ""
    return f"{tag}: {at}, {at.object}{more}"


class _Fault(NamedTuple):
    """What a malformed text looks like, what is wrong with it, and what to do."""

    pattern: re.Pattern[str]
    reason: str
    hint: str


_EMPTY = "A value that the chart joins there is empty: set it."
_FAULTS = (
    _Fault(
        re.compile(r":sha(?:256|384|512):"),
        "a digest stands behind '@', not behind ':'",
        "Write NAME@sha256:… in place of NAME:sha256:…",
    ),
    _Fault(re.compile(r"\s"), "it holds white space", "Write it on one line, without spaces."),
    _Fault(re.compile(r"://"), "an image has no scheme", "Leave out everything up to '://'."),
    _Fault(re.compile(r"//"), "a slash is doubled", _EMPTY),
    _Fault(re.compile(r"\A/"), "no registry stands before the first slash", _EMPTY),
    _Fault(re.compile(r"/(?:[:@]|\Z)"), "nothing stands behind the last slash", _EMPTY),
    _Fault(re.compile(r"\A[:@]"), "no repository stands before the tag", _EMPTY),
    _Fault(re.compile(r"@(?:sha256:)?\Z"), "no digest stands behind the '@'", _EMPTY),
    _Fault(re.compile(r":(?:@|\Z)"), "nothing stands behind the colon", _EMPTY),
)


def malformed_references(state: State) -> Iterator[Finding]:
    """Fields for an image that hold none."""
    for visited in state.visited:
        for problem in visited.found.problems:
            if problem.reason == "pattern":
                continue
            span = 0, len(text_of(problem.node))
            at, excerpt = mark(
                visited, problem.unit, problem.node, span, path=problem.path, owner=problem.object
            )
            message, hint = _said(problem)
            yield Finding("malformed-reference", "error", message, at, hint=hint, excerpt=excerpt)


def _said(problem: Problem) -> tuple[str, str]:
    """What is wrong, and what to do; nothing of a Secret's text is shown."""
    reason, hint = _reason(problem)
    if problem.object.kind == "Secret":
        return "a value that is not shown is no image reference", ""
    return f"{problem.text!r} is no image reference: {reason}", hint


def _reason(problem: Problem) -> tuple[str, str]:
    if problem.reason == "templated":
        found = _placeholder.search(problem.text)
        what = repr(found[0]) if found and found[0] != problem.text else "it"
        return f"{what} was not filled in", "Kubernetes fills in nothing here; write it out."
    for fault in _FAULTS:
        if fault.pattern.search(problem.text):
            return fault.reason, fault.hint
    if "lower case" in problem.message:
        return problem.message, "Write it in lower case."
    return problem.message, "Write REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:…"
