"""Constraints on the version of Kubernetes, as `kubeVersion` of a chart writes them.

Source: https://github.com/Masterminds/semver, `constraints.go`, which Helm reads them with.
"""

from __future__ import annotations

import re
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Version = tuple[int, int, int]

_NUMBER = r"(?:[0-9]{1,9}|[xX*])"
_VERSION = (
    rf"v?{_NUMBER}(?:\.{_NUMBER}){{0,2}}"
    r"(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_SIGN = r"(?:!=|>=|=>|<=|=<|~>|=|>|<|~|\^)?"
_term = re.compile(rf"({_SIGN})\s*({_VERSION})\s*")
_span = re.compile(rf"({_VERSION})\s+-\s+({_VERSION})")
_comma = re.compile(r",\s*(?=\S)")
_written = re.compile(rf"v?({_NUMBER}(?:\.{_NUMBER})*)(-)?")


class Term(NamedTuple):
    """One comparison.

    `numbers` are those that are written, as far as they are no `x`; `is_before` says that it is a
    version before the release, such as 1.22.0-0.
    """

    sign: str
    numbers: tuple[int, ...]
    is_before: bool

    def holds(self, version: Version) -> bool:
        """Whether a release fulfils it."""
        if not self.numbers:
            return self.sign not in ("<", "<=", "=<", "^")
        return _SIGNS[self.sign](self, version)

    @property
    def whole(self) -> Version:
        """The numbers with 0 for those that are left open."""
        major, minor, patch = (*self.numbers, 0, 0)[:3]
        return major, minor, patch

    def compare(self, version: Version) -> int:
        """Below 0, 0 or above 0 as a release is older than, as old as or newer than this one."""
        mine, its = (self.whole, 0 if self.is_before else 1), (version, 1)
        return (its > mine) - (its < mine)

    def compare_line(self, version: Version) -> int:
        """The same by the numbers that are written: 1.22.5 is as old as the line 1.22."""
        if len(self.numbers) == 3:
            return self.compare(version)
        its = version[: len(self.numbers)]
        return (its > self.numbers) - (its < self.numbers)

    def shares(self, version: Version, count: int) -> bool:
        """Whether the first numbers are the same, and the release is not older."""
        count = min(count, len(self.numbers))
        return self.compare(version) >= 0 and version[:count] == self.numbers[:count]


_SIGNS: dict[str, Callable[[Term, Version], bool]] = {
    "": lambda term, version: term.compare_line(version) == 0,
    "=": lambda term, version: term.compare_line(version) == 0,
    "!=": lambda term, version: term.compare_line(version) != 0,
    ">": lambda term, version: term.compare_line(version) > 0,
    "<": lambda term, version: term.compare(version) < 0,
    ">=": lambda term, version: term.compare(version) >= 0,
    "=>": lambda term, version: term.compare(version) >= 0,
    "<=": lambda term, version: term.compare_line(version) <= 0,
    "=<": lambda term, version: term.compare_line(version) <= 0,
    "~": lambda term, version: term.shares(version, 2),
    "~>": lambda term, version: term.shares(version, 2),
    "^": lambda term, version: term.shares(version, 1),
}


class Constraint(NamedTuple):
    """Alternatives, of which each is a list of terms that all must hold."""

    alternatives: tuple[tuple[Term, ...], ...]

    def allows(self, version: Version) -> bool:
        """Whether a release is allowed."""
        return any(all(term.holds(version) for term in terms) for terms in self.alternatives)

    @property
    def patches(self) -> set[int]:
        """Every patch release that is named."""
        return {t.numbers[2] for terms in self.alternatives for t in terms if len(t.numbers) == 3}


def read_constraint(text: str) -> Constraint | None:
    """Read a constraint; None for what Helm would not read either."""
    text = _span.sub(r">=\1 <=\2", text)
    alternatives = []
    for part in text.split("||"):
        terms = tuple(_terms(part.strip()))
        if None in terms:
            return None
        alternatives.append(tuple(term for term in terms if term))
    return Constraint(tuple(alternatives))


def _terms(text: str) -> Iterator[Term | None]:
    """The terms of one alternative, and None where the text is none; an empty one has none."""
    position = 0
    while position < len(text):
        found = _term.match(text, position)
        if not found:
            yield None
            return
        yield _read(found[1], found[2])
        position = found.end()
        comma = _comma.match(text, position)
        if comma:
            position = comma.end()
        elif position < len(text) and not text[position - 1].isspace():
            yield None
            return


def _read(sign: str, version: str) -> Term:
    found = _written.match(version)
    assert found, "the pattern of a term asks for a version"
    numbers: list[int] = []
    for number in found[1].split("."):
        if not number.isdigit():
            break
        numbers.append(int(number))
    return Term(sign, tuple(numbers), bool(found[2]))
