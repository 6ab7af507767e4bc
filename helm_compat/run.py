"""One run over the documents of one or more streams: images found, moved and proved."""

from __future__ import annotations

import re

from helm_compat import judge
from helm_compat.edits import ByteEdit, to_bytes
from helm_compat.errors import InputError, Place, UsageError
from helm_compat.findings import At, Excerpt, Finding, Locator
from helm_compat.images.candidates import Candidates, is_crd
from helm_compat.images.changes import Addition, CannotEdit, Change, Rewrite, rewrite
from helm_compat.images.complete import PUBLIC_REGISTRIES, is_host_like
from helm_compat.images.found import Found
from helm_compat.images.hazards import hazards, run_time_images
from helm_compat.images.leftovers import leftovers, mentions
from helm_compat.images.reference import InvalidReference, Reference, parse
from helm_compat.images.relocate import Name, Relocation, Rule
from helm_compat.images.search import find
from helm_compat.images.sites import Problem, Site
from helm_compat.images.splits import CannotDivide, divide
from helm_compat.images.tree import NOBODY, Unit
from helm_compat.images.verify import verify
from helm_compat.nodes import InvalidText
from helm_compat.nodes import parse as parse_text
from helm_compat.outcome import Image, Settings
from helm_compat.stream import Document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from helm_compat.gate.collect import Collector
    from helm_compat.gate.instance import Instance
    from helm_compat.knowledge.product import RunTimeImage

    Visit = Callable[[Unit, Found, Locator], None]

_secret = re.compile(rb"""kind["']?\s*:\s*["']?secret\b""")


class Run:
    """The state of one run: what the documents so far have given."""

    def __init__(self, settings: Settings, file: str) -> None:
        self.settings = settings
        self.file = file
        self._visit: Visit | None = None
        self.edits: list[ByteEdit] = []
        self.images: list[Image] = []
        self.findings: list[Finding] = []
        self.secrets: set[int] = set()
        self.candidates = Candidates(settings.scope, kinds=_secret_kinds(settings))
        self._gate: Collector | None = None
        if settings.gate:
            # A run that only lists images needs none of it.
            from helm_compat.gate.collect import Collector

            gate = settings.gate
            limits = settings.scope.limits
            self._gate = Collector(gate.marks, gate.products, limits, gate.namespace)
        self._kinds: set[tuple[str, str]] = set()
        self._references: list[tuple[Reference, Rule | None, At]] = []
        self._problems: list[tuple[Problem, At]] = []
        self._sources: dict[str, tuple[str, At]] = {}
        self._moved_hosts: set[str] = set()

    def start(self, file: str, visit: Visit | None = None) -> None:
        """Go on with another stream, which has edits of its own; `visit` gets each parsed document."""
        self.file = file
        self.edits = []
        self._visit = visit

    def take(self, document: Document) -> None:
        """Take in one document: its images, and what the gate wants to know of it."""
        data = document.data
        if self._gate:
            self._definitions(self._gate, document)
        if self.candidates.holds(data) or (
            self._gate and not is_crd(data) and self._gate.wants(data)
        ):
            self._document(document)

    def read(self, document: Document) -> None:
        """See that a document can be read; raises InputError."""
        self._search(document)

    def judge(self) -> tuple[Instance, ...]:
        """Let the gate judge all documents together; the components that it found."""
        if not self._gate or not self.settings.gate:
            return ()
        from helm_compat.gate.judge import judge

        judged = judge(self._gate.collected, self.settings.gate)
        self.findings = [*judged.findings, *self.findings]
        return judged.instances

    def _definitions(self, gate: Collector, document: Document) -> None:
        try:
            gate.definitions(document, self.file)
        except InvalidText as error:
            place = Locator(self.file, document, document.data.decode())
            at = place.at(error.offset, "", NOBODY)
            raise InputError(error.message, place=_place(at)) from error

    def _document(self, document: Document) -> None:
        """Find, move and prove the images of one document."""
        unit, found, place = self._search(document)
        for owner in found.objects:
            self._kinds.add((owner.group, owner.kind))
            if owner.kind == "Secret":
                self.secrets.add(document.number)
                place.hide()
        if self._visit:
            self._visit(unit, found, place)
        if self._gate:
            self._gate.document(unit, found.sites, place)
        for problem in found.problems:
            at = place.at(problem.offset, problem.path, problem.object)
            self._problems.append((problem, at))
        changes = [change for site in found.sites for change in self._move(site, place)]
        additions = self._pull_secrets(found, place)
        if changes or additions:
            rewritten = self._rewrite(found, changes, additions, place)
            verify(unit, rewritten, self.settings.scope.limits)
            self.edits += to_bytes(unit.text, rewritten.edits, document.start)

    def _search(self, document: Document) -> tuple[Unit, Found, Locator]:
        text = document.data.decode()
        place = Locator(self.file, document, text)
        try:
            unit = Unit(text, parse_text(text, self.settings.scope.limits))
            return unit, find(unit, self.settings.scope), place
        except InvalidText as error:
            at = place.at(error.offset, "", NOBODY)
            raise InputError(error.message, place=_place(at)) from error
        except RecursionError as error:
            # Nesting has its limit; what is left is anchors that merge each other.
            at = place.at(0, "", NOBODY)
            message = "this document merges too many anchors into each other"
            raise InputError(message, place=_place(at)) from error

    def _move(self, site: Site, place: Locator) -> list[Change]:
        """The changes that one site needs; notes the image and what is to say of it."""
        reference, relocation = site.reference, self.settings.relocation
        at = place.at(site.offset, site.path, site.object)
        excerpt = place.excerpt(site.offset, len(site.text))
        rule = relocation.rule_for(reference) if relocation else None
        self._references.append((reference, rule, at))
        target = rule.move(reference) if rule else None
        if target:
            self._check_target(reference, target, at)
        pin = self._pin(reference, at, excerpt)
        changes = self._changes_of(site, target, pin, at)
        new = f"{target or reference.name}{reference.suffix}{pin}" if changes else str(reference)
        shown = new if relocation or changes else ""
        self.images.append(Image(site.text, str(reference), shown, site.site, at, excerpt))
        if changes and target:
            self._moved_hosts.add(reference.domain.lower())
        if relocation:
            if reference.path and is_host_like(site.text):
                self.findings.append(judge.host_like(reference, site.text, at))
            known = hazards(self.settings.scope.knowledge, reference, new)
            self.findings += [judge.hazard(reference, hazard, at) for hazard in known]
        return changes

    def _pin(self, reference: Reference, at: At, excerpt: Excerpt | None) -> str:
        """The digest that a reference is to get, with its separator; empty for none."""
        pins = self.settings.pins
        if pins is None or reference.digest or not reference.path:
            return ""
        # Without a tag it is that of `latest`, by which it was copied.
        locked = pins.get(str(reference)) or pins.get(f"{reference}:latest")
        if locked:
            return f"@{locked}"
        self.findings.append(judge.unpinned(reference, at, excerpt))
        return ""

    def _changes_of(self, site: Site, target: Name | None, pin: str, at: At) -> list[Change]:
        """The changes that bring a site to its target and digest; none where it cannot be done."""
        if not (target or pin):
            return []
        try:
            return list(_changes(site, target, pin))
        except CannotDivide as error:
            found = judge.uneditable(site.reference, str(error), at)
            # A render that was to be pinned and is not would pull what nobody has looked at.
            self.findings.append(found._replace(severity="error") if pin else found)
            return []

    def _check_target(self, reference: Reference, target: Name, at: At) -> None:
        try:
            if reference.path and not target.path:
                raise InvalidReference("it names a registry and no repository")
            parse(f"{target}/x" if not reference.path else f"{target}{reference.suffix}")
        except InvalidReference as error:
            raise UsageError(
                f"{reference} would become {target}: {error}", place=_place(at)
            ) from error
        source, first = self._sources.setdefault(str(target), (reference.name, at))
        if source.lower() != reference.name.lower():
            raise UsageError(
                f"two images would both become {target}:\n"
                f"  {source} at {_place(first)}\n"
                f"  {reference.name} at {_place(at)}",
                hint="Keep them apart with --keep-domain, or with a --map for one of them.",
            )

    def _pull_secrets(self, found: Found, place: Locator) -> list[Addition]:
        name = self.settings.pull_secret
        if not name:
            return []
        # Few renders ask for this.
        from helm_compat.images.pull_secrets import add_pull_secret

        result = add_pull_secret(
            found.texts,
            name,
            self.settings.scope.knowledge,
            service_accounts=self.settings.service_accounts,
        )
        for taken in result.taken:
            at = place.at(taken.offset, taken.path, taken.object)
            self.findings.append(judge.taken_pull_secret(name, taken.message, at))
        return result.additions

    def _rewrite(
        self, found: Found, changes: list[Change], additions: list[Addition], place: Locator
    ) -> Rewrite:
        """The edits for all changes but those that cannot be made in place, which are reported."""
        while True:
            try:
                return rewrite(found.units, changes, additions)
            except CannotEdit as error:
                bad = error
            self._leave(found, bad, place)
            changes = [c for c in changes if not _concerns(c.unit, c.node, bad)]
            additions = [a for a in additions if not _concerns(a.unit, a.node, bad)]

    def _leave(self, found: Found, bad: CannotEdit, place: Locator) -> None:
        """Take back what was said of the images in a place that cannot be edited."""
        for site in found.sites:
            if any(_concerns(site.unit, part.node, bad) for part in site.parts):
                at = place.at(site.offset, site.path, site.object)
                why = "the string that holds it cannot be edited in place"
                self.findings.append(judge.uneditable(site.reference, why, at))
                self.images = [
                    image._replace(target=image.normalized) if image.at == at else image
                    for image in self.images
                ]

    def staying(self) -> None:
        """Report the images that stay where others were moved away from, and bad values."""
        relocation = self.settings.relocation
        if not relocation:
            return
        hosts = self._hosts(relocation)
        for reference, rule, at in self._references:
            stays = rule is None and not relocation.is_placed(reference)
            if stays and reference.domain.lower() in hosts:
                self.findings.append(judge.unmoved(reference, at))
        pattern = mentions(hosts)
        for problem, at in self._problems:
            named = bool(pattern and pattern.search(problem.text))
            self.findings += judge.invalid_value(problem, at, names_source=named)

    def leftovers(self, before: list[Document], after: list[Document]) -> None:
        """Report what still names a registry that images were moved away from.

        Documents that name none after the run are not looked at again.
        """
        if not self.settings.relocation:
            return
        hosts = self._hosts(self.settings.relocation)
        pattern = mentions(hosts)
        if not pattern:
            return
        names = tuple(f"{host}/".encode() for host in hosts)
        for document, result in zip(before, after):
            lower = result.data.lower()
            named = any(name in lower for name in names) or bool(_secret.search(lower))
            if not named or is_crd(result.data):
                continue
            _, found, place = self._search(document)
            for left in leftovers(found, pattern):
                at = place.at(left.offset, left.path, left.object)
                self.findings.append(judge.leftover(left, at))

    def _hosts(self, relocation: Relocation) -> set[str]:
        hosts = self._moved_hosts | {rule.source.domain.lower() for rule in relocation.rules}
        return hosts | PUBLIC_REGISTRIES if relocation.registry else hosts

    def unnamed(self) -> None:
        """Report rules that no image needed, and what operators pull without naming it."""
        if not self.settings.relocation:
            return
        used = {rule.origin for _, rule, _ in self._references if rule}
        for rule in self.settings.relocation.rules:
            if rule.origin not in used:
                used.add(rule.origin)
                self.findings.append(judge.unmatched_rule(rule))
        self.findings += [judge.run_time_image(image) for image in self.run_time_images()]

    def run_time_images(self) -> list[RunTimeImage]:
        """What operators pull without naming it in any document so far."""
        names = {reference.name for reference, _, _ in self._references}
        return list(run_time_images(self.settings.scope.knowledge, names, self._kinds))


def _changes(site: Site, target: Name | None, pin: str) -> Iterator[Change]:
    """The name of a site replaced, where it has a target, and a digest put behind its tag."""
    reference = site.reference
    if site.divided is None:
        part = site.parts[0]
        name, tag = site.text[: reference.name_length], site.text[reference.name_length :]
        end = part.end + len(tag) if pin else part.end
        text = f"{target or name}{tag}{pin}" if pin else f"{target or name}"
        yield Change(site.unit, part.node, part.start, end, text)
        return
    suffix = reference.suffix
    kept = suffix if suffix and (site.divided.name or "").endswith(suffix) else ""
    if pin and (site.divided.name is None or kept != suffix):
        raise CannotDivide("its tag stands in a field of its own, which takes no digest")
    place = target or Name(reference.domain, reference.path)
    new = divide(site.divided, place.domain, place.path, kept + pin)
    if not target:
        new = {"name": f"{site.divided.name}{pin}"}
    for part in site.parts:
        if part.role in new and new[part.role] != site.divided.part(part.role):
            yield Change(site.unit, part.node, 0, part.end, new[part.role])


def _concerns(unit: Unit, node: object, bad: CannotEdit) -> bool:
    """Whether a place is the one that cannot be edited, or inside it."""
    inside: Unit | None = unit
    while inside:
        if inside is bad.unit and inside.outer:
            return True
        inside = inside.outer
    return node is bad.node


def _secret_kinds(settings: Settings) -> set[str]:
    if not settings.pull_secret:
        return set()
    kinds = {kind for _, kind in settings.scope.knowledge.secret_fields} | {"containers"}
    return kinds | ({"ServiceAccount"} if settings.service_accounts else set())


def _place(at: At) -> Place:
    return Place(at.file, at.line, at.column, at.template)
