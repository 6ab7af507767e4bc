"""Baselines: the findings that were there when lint came, so that only new ones are told.

A file holds a fingerprint for each, and beside it what a reviewer wants to know.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from helm_compat.errors import Place, UsageError, place_in
from helm_compat.findings import Finding
from helm_compat.images.tree import text_of
from helm_compat.knowledge.words import did_you_mean
from helm_compat.lint.ignores import EXPIRED, UNUSED
from helm_compat.lint.places import Placed
from helm_compat.nodes import InvalidText, Limits, Mapping, Node, Sequence, parse, resolve
from helm_compat.printable import printable
from helm_compat.report.data import findings_data
from helm_compat.report.fingerprint import fingerprints
from helm_compat.suppress import resource_of
from helm_compat.writing import write_whole

if TYPE_CHECKING:
    import collections.abc as abc

VERSION = "1"
REASON = "in the baseline"

_KEYS = ("version", "findings")
_ENTRY = ("fingerprint", "rule", "object", "path", "file", "message")
_HINT = "helm compat lint --write-baseline writes this file."
_SHOWN = 10

_fingerprint = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Baseline(NamedTuple):
    """A baseline: its file, and the finding of each fingerprint in words."""

    path: str
    entries: dict[str, str]

    def applied(self, placed: abc.Sequence[Placed], *, complete: bool = True) -> list[Placed]:
        """Mark the findings that it knows, and tell how many of its own are gone.

        `complete` says that all of its inputs were checked for all rules: else none is called gone.
        """
        marks = _marks(placed)
        result = [
            item._replace(finding=item.finding._replace(suppressed=REASON))
            if mark in self.entries and not item.finding.suppressed and _is_kept(item)
            else item
            for item, mark in zip(placed, marks)
        ]
        gone = [words for mark, words in self.entries.items() if mark not in set(marks)]
        if complete and gone:
            result += [report for report in [self._report(gone)] if report not in result]
        return result

    def _report(self, gone: list[str]) -> Placed:
        count = len(self.entries)
        what = "one entry is" if len(gone) == 1 else f"{len(gone)} of {count} entries are"
        more = [f"and {len(gone) - _SHOWN} more"] if len(gone) > _SHOWN else []
        finding = Finding(
            UNUSED,
            "info",
            f"{self.path}: {what} no longer found",
            hint="Write it anew with --write-baseline, so that they are told if they come back.",
            notes=(*gone[:_SHOWN], *more),
        )
        return Placed(finding, "")


def write_baseline(path: str, placed: abc.Sequence[Placed]) -> None:
    """Write the findings that nothing else suppresses, whole or not at all; raises CompatError."""
    entries = [
        _entry(item.finding, mark)
        for item, mark in zip(placed, _marks(placed))
        if item.finding.suppressed in ("", REASON) and _is_kept(item)
    ]
    order = ("rule", "object", "path", "file", "message", "fingerprint")
    entries.sort(key=lambda entry: [entry[key] for key in order])
    text = json.dumps({"version": int(VERSION), "findings": entries}, indent=2, ensure_ascii=False)
    write_whole(path, text + "\n", "the baseline")


def read_baseline(path: str) -> Baseline:
    """Read a baseline; raises UsageError with the place of the first fault."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(
            f"cannot read the baseline: {reason}", place=Place(path), hint=_HINT
        ) from error
    try:
        roots = parse(text, Limits(depth=10))
        return Baseline(path, dict(_entries(roots)))
    except InvalidText as error:
        place = place_in(path, text, error.offset)
        raise UsageError(error.message, place=place, hint=_HINT) from error


def _entries(roots: abc.Sequence[Node]) -> abc.Iterator[tuple[str, str]]:
    """Each fingerprint with its finding in words; raises InvalidText."""
    if len(roots) != 1:
        raise InvalidText(
            "a second document" if roots else "the baseline is empty",
            roots[1].start if roots else 0,
        )
    found = _mapping(roots[0], _KEYS, "a baseline")
    if text_of(found.get("version")) != VERSION:
        wrong = found.get("version", roots[0])
        raise InvalidText(f"this release reads baselines of version {VERSION}", wrong.start)
    listed = resolve(found.get("findings", roots[0]))
    if not isinstance(listed, Sequence):
        raise InvalidText("findings is a list", listed.start)
    for node in listed.children:
        entry = _mapping(node, _ENTRY, "an entry")
        mark = text_of(entry.get("fingerprint"))
        if not _fingerprint.fullmatch(mark):
            wrong = entry.get("fingerprint", node)
            raise InvalidText("fingerprint wants 64 hexadecimal digits", wrong.start)
        rule, owner, message = (text_of(entry.get(key)) for key in ("rule", "object", "message"))
        yield mark, " ".join(filter(None, (rule, owner and f"in {owner}:", message)))


def _mapping(node: Node, known: tuple[str, ...], what: str) -> dict[str, Node]:
    target = resolve(node)
    if not isinstance(target, Mapping):
        raise InvalidText(f"{what} is a mapping of {', '.join(known)}", node.start)
    result: dict[str, Node] = {}
    for key, value in target.pairs:
        name = text_of(key)
        if name not in known:
            raise InvalidText(
                f"unknown key {name!r} in {what}. {did_you_mean(name, known)}", key.start
            )
        if name in result:
            raise InvalidText(f"the key {name!r} stands twice", key.start)
        result[name] = value
    return result


def _marks(placed: abc.Sequence[Placed]) -> list[str]:
    return fingerprints(findings_data([item.finding for item in placed]))


def _is_kept(item: Placed) -> bool:
    """Whether a baseline may hold a finding: what is said of suppressions is always told."""
    return item.finding.rule not in (UNUSED, EXPIRED)


def _entry(finding: Finding, mark: str) -> dict[str, str]:
    at = finding.at
    entry = {
        "fingerprint": mark,
        "rule": finding.rule,
        "object": resource_of(finding),
        "path": at.path if at else "",
        "file": (at.template or at.file) if at else "",
        "message": finding.message,
    }
    return {key: printable(text) for key, text in entry.items()}
