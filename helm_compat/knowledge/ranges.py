"""Ranges of versions as product files write them: `>=6.0.0.0 <=8.1.2.x`.

A range is what lies between two cuts through the order of its scheme. Lines, single versions and
all four comparisons become such cuts, so that a version is inside, below or above, and nothing
else.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from helm_compat.knowledge.versions import MAX_LENGTH, Key, Version, place, read, split_numbers

_LINE = r"v?([0-9]+(?:\.[0-9]+)*)\.x"

_SIGNS = (">=", "<=", ">", "<")

# The numbers that a version of the scheme has at least, and those that it can have at most.
_LEAST = {"semver": 3, "kubernetes": 3, "dotted": 0, "longest-number": 2}
_MOST = {"semver": 3, "kubernetes": 3}

# Below every version that begins with the same numbers.
_START = -1


class InvalidRange(ValueError):
    """The text is no range of versions; the message says why."""


class Cut(NamedTuple):
    """A place between two versions: before the key where `side` is -1, behind it where it is 1."""

    key: Key
    side: int


class Bound(NamedTuple):
    """One end of a range, and how the term that set it is written."""

    cut: Cut
    sign: str
    limit: str


class Range(NamedTuple):
    """A range as it was written; an end that is None is open.

    `scheme` is that of the versions it holds: `longest-number` where the product reads its tags so.
    """

    text: str
    scheme: str
    lower: Bound | None
    upper: Bound | None

    def holds(self, version: Version) -> bool:
        """Whether the version is inside. Raises ValueError for one of another scheme."""
        return self.position(version) == "inside"

    def position(self, version: Version) -> str:
        """`below`, `inside` or `above`. Raises ValueError for a version of another scheme."""
        if version.scheme != self.scheme:
            raise ValueError(f"{version.text!r} is no {self.scheme} version")
        here = Cut(version.key, 0)
        if self.lower and here < self.lower.cut:
            return "below"
        return "above" if self.upper and here > self.upper.cut else "inside"


def parse_range(scheme: str, text: str, *, tags: str = "") -> Range:
    """Read a range; a version or a line alone is one too.

        range = "any" | term { " " term }
        term  = [ ">=" | ">" | "<=" | "<" ] ( version | line )
        line  = number { "." number } ".x"

    Raises InvalidRange, also where no version could be inside.
    """
    scheme = tags or scheme
    if not text:
        raise InvalidRange("a range is empty")
    lowers: list[Bound] = []
    uppers: list[Bound] = []
    for term in text.split(" ") if text != "any" else ():
        sign, limit = _divide(term, text)
        before, behind = _cuts(scheme, limit, text)
        if sign in ("", ">=", ">"):
            lowers.append(Bound(behind if sign == ">" else before, sign, limit))
        if sign in ("", "<=", "<"):
            uppers.append(Bound(before if sign == "<" else behind, sign, limit))
    lower = max(lowers, key=_cut_of, default=None)
    upper = min(uppers, key=_cut_of, default=None)
    if _is_empty(scheme, lower, upper):
        raise InvalidRange(f"{text!r} is no range: no version can be inside")
    return Range(text, scheme, lower, upper)


def intersects(a: Range, b: Range) -> bool:
    """Whether a version can be inside both."""
    lower = max((end for end in (a.lower, b.lower) if end), key=_cut_of, default=None)
    upper = min((end for end in (a.upper, b.upper) if end), key=_cut_of, default=None)
    return a.scheme == b.scheme and not _is_empty(a.scheme, lower, upper)


def shown(limits: Range) -> str:
    """How a message writes a range: `2.8.0 or later`, `6.0.0.0 to 8.1.2.x`, `below 3.28`."""
    lower, upper = limits.lower, limits.upper
    if lower and upper and lower.limit == upper.limit:
        return lower.limit if lower.limit.endswith(".x") else f"exactly {lower.limit}"
    if lower and upper and lower.sign != ">" and upper.sign != "<":
        return f"{lower.limit} to {upper.limit}"
    words = []
    if lower:
        words.append(f"above {lower.limit}" if lower.sign == ">" else f"{lower.limit} or later")
    if upper:
        words.append(f"below {upper.limit}" if upper.sign == "<" else f"{upper.limit} or earlier")
    return ", ".join(words) or "any version"


def _divide(term: str, text: str) -> tuple[str, str]:
    sign = term[:2] if term[:2] in _SIGNS else term[:1] if term[:1] in _SIGNS else ""
    if term == sign:
        raise InvalidRange(f"{text!r} is no range: one space divides terms such as '>=1.2'")
    return sign, term[len(sign) :]


def _cuts(scheme: str, limit: str, text: str) -> tuple[Cut, Cut]:
    """The places before and behind a version or a whole line."""
    line = re.fullmatch(_LINE, limit) if len(limit) <= MAX_LENGTH else None
    if line and scheme in _LEAST:
        numbers = split_numbers(line[1])
        if len(numbers) > _MOST.get(scheme, len(numbers)):
            raise InvalidRange(f"{text!r} is no range: {limit!r} has too many numbers")
        following = (*numbers[:-1], numbers[-1] + 1)
        return _start(scheme, numbers), _start(scheme, following)
    version = None if line else read(scheme, limit)
    if not version:
        raise InvalidRange(f"{text!r} is no range: {limit!r} is no {scheme} version")
    if version.flavour:
        # It would not count, and whoever wrote it thinks that it does.
        raise InvalidRange(f"{text!r} is no range: {version.flavour!r} has no place in the order")
    return Cut(version.key, -1), Cut(version.key, 1)


def _start(scheme: str, numbers: tuple[int, ...]) -> Cut:
    return Cut(Key(place(scheme, numbers), _START), -1)


def _cut_of(bound: Bound) -> Cut:
    return bound.cut


def _is_empty(scheme: str, lower: Bound | None, upper: Bound | None) -> bool:
    if not upper:
        return False
    cut = lower.cut if lower else _start(scheme, ())
    return Cut(_first(scheme, cut), 0) > upper.cut


def _first(scheme: str, cut: Cut) -> Key:
    """The first version behind a cut: the order of every scheme has one."""
    if cut.key.revision == _START:
        numbers = cut.key.numbers
        return _earliest(scheme, (*numbers, *(0,) * (_LEAST.get(scheme, 1) - len(numbers))))
    return cut.key if cut.side < 0 else _following(scheme, cut.key)


def _earliest(scheme: str, numbers: tuple[int, ...], revision: int = 0) -> Key:
    if scheme == "semver":
        return Key(numbers, revision, -1, ((0, 0, ""),))
    if scheme == "dotted":
        return Key(numbers, revision, -1, ((1, 0, "alpha"),))
    return Key(numbers, revision, -1 if scheme == "release-date" else 0)


def _following(scheme: str, key: Key) -> Key:
    numbers, revision, rank, suffix = key
    if scheme == "longest-number":
        return Key((*numbers, 0))
    if scheme == "release-date" and rank < 1:
        return Key(numbers, 0, rank + 1)
    if scheme == "dotted" and not rank:
        return _earliest(scheme, numbers, revision + 1)
    if scheme == "dotted" and len(suffix) > 1:
        word, (_, number, _) = suffix
        return key._replace(suffix=(word, (0, number + 1, "")))
    if suffix:
        return key._replace(suffix=(*suffix, (0, 0, "")))
    return _earliest(scheme, (*numbers[:-1], numbers[-1] + 1))
