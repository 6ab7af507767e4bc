"""Versions as image tags write them, and their order: one reader a scheme.

A scheme says what counts. What does not count in the order, such as `-ubi9.4` or `.fips`, is kept
as the flavour.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# No tag is longer: longer text is refused before any pattern runs over it or a number is read.
MAX_LENGTH = 128

LONGEST_NUMBER = "longest-number"

_DAY = 86_400

# Compiled when they are first needed: few renders need more than one or two.
_SEMVER = (
    r"v?([0-9]+)\.([0-9]+)(?:\.([0-9]+))?"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_DOTTED = (
    r"v?([0-9]+(?:\.[0-9]+)+)(?:_([0-9]+))?((?:[-+]|\.(?=[A-Za-z]))[0-9A-Za-z][0-9A-Za-z._+-]*)?"
)
_BEFORE_BASE = r"[-.+](rc|alpha|beta|dev|pre)(?:[-.]?([0-9]+))?(?=[-._+]|\Z)"
_RELEASE_DATE = (
    r"(?:(RELEASE|EDGE)\.)?([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2})-([0-9]{2})-([0-9]{2})Z"
    r"((?:[.-][A-Za-z0-9]+)*)"
)
# A word that ranks a build beside its base, and the number or commit that tells several apart.
_RANK = r"\.(hotfix|rc)[0-9]*(?:\.[0-9a-f]+)?(?=\.|\Z)"
# What a git tag names besides the release: the component that the repository builds.
_LABEL = r"\.(?:operator|(?:kes|minio)\.sidecar)(?=\.|\Z)"
_KUBERNETES = (
    r"v?([0-9]+)\.([0-9]+)(?:\.([0-9]+)(?:\.[0-9]+)*)?"
    r"(?:\+|(?:[-+]|\.(?=[A-Za-z]))([0-9A-Za-z][0-9A-Za-z._+~-]*))?"
)
_NUMBER = r"[0-9]+(?:\.[0-9]+)+"


class Key(NamedTuple):
    """A place in the order of one scheme.

    `numbers` come first: of a release date it is one, the seconds since the year 1. `revision` is
    the N of `_N`; `rank` is below 0 before the release itself and above behind it; `suffix` orders
    what is before it. Each of its items is (0, number, "") or (1, 0, word).
    """

    numbers: tuple[int, ...]
    revision: int = 0
    rank: int = 0
    suffix: tuple[tuple[int, int, str], ...] = ()


class Version(NamedTuple):
    """One version: `text` as it was written, `key` to compare inside the scheme."""

    scheme: str
    text: str
    key: Key
    flavour: str = ""


def read(scheme: str, text: str, *, tags: str = "") -> Version | None:
    """Read a version, or None where the scheme cannot; nothing is trimmed, nothing is raised.

    `tags` is `longest-number` where the product reads its own tags in that way.
    """
    reader = _readers.get(tags or scheme)
    found = reader(text) if reader and len(text) <= MAX_LENGTH else None
    return Version(tags or scheme, text, *found) if found else None


def compare(a: Version, b: Version) -> int | None:
    """Below 0, 0 or above 0 as `a` is older than, as old as or newer than `b`.

    None where they are of different schemes.
    """
    return (a.key > b.key) - (a.key < b.key) if a.scheme == b.scheme else None


def shown(version: Version) -> str:
    """How a message writes a version: as it stands, and the number where another one leads."""
    if version.scheme == LONGEST_NUMBER:
        number = _longest(version.text)
        if not version.text.removeprefix("v").startswith(number):
            return f"{version.text} (read as {number})"
    return version.text


def base(version: Version) -> Version:
    """The release that a candidate, revision or hotfix belongs to, under the text it came from."""
    return version._replace(key=Key(version.key.numbers))


def days_between(a: Version, b: Version) -> float:
    """Days from the release date `a` to the release date `b`, by their base times.

    Raises ValueError where one is no release date.
    """
    for version in (a, b):
        if version.scheme != "release-date":
            raise ValueError(f"{version.text!r} is no release date")
    return (b.key.numbers[0] - a.key.numbers[0]) / _DAY


def place(scheme: str, numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Numbers as the keys of the scheme hold them: 8.1 and 8.1.0 are one where it is dotted."""
    while scheme == "dotted" and numbers and not numbers[-1]:
        numbers = numbers[:-1]
    return numbers


def split_numbers(text: str) -> tuple[int, ...]:
    """The numbers of `8.1.2`, which must hold nothing else."""
    return tuple(map(int, text.split(".")))


def _read_semver(text: str) -> tuple[Key, str] | None:
    """Source: https://semver.org/spec/v2.0.0.html, section 11; PATCH may be left out."""
    found = re.fullmatch(_SEMVER, text)
    if not found:
        return None
    major, minor, patch, before = found.groups()
    numbers = (int(major), int(minor), int(patch or 0))
    words = before.split(".") if before else ()
    suffix = tuple((0, int(word), "") if word.isdigit() else (1, 0, word) for word in words)
    return Key(numbers, 0, -1 if suffix else 0, suffix), ""


def _read_dotted(text: str) -> tuple[Key, str] | None:
    found = re.fullmatch(_DOTTED, text)
    if not found:
        return None
    written, revision, rest = found.groups("")
    key = Key(place("dotted", split_numbers(written)), int(revision or 0))
    early = re.search(_BEFORE_BASE, rest, re.IGNORECASE)
    if early:
        number = ((0, int(early[2]), ""),) if early[2] else ()
        key = key._replace(rank=-1, suffix=((1, 0, early[1].lower()), *number))
        rest = rest[: early.start()] + rest[early.end() :]
    return key, rest.strip("-._+").lower()


def _read_release_date(text: str) -> tuple[Key, str] | None:
    found = re.fullmatch(_RELEASE_DATE, text)
    if not found:
        return None
    channel, *numbers, rest = found.groups("")
    seconds = _seconds(*(int(number) for number in numbers))
    if seconds is None:
        return None
    rest = re.sub(_LABEL, "", rest.lower().replace("-", "."))
    ranked = re.search(_RANK, rest)
    rank = (1 if ranked[1] == "hotfix" else -1) if ranked else 0
    words = re.sub(_RANK, "", rest).split(".")
    if channel == "EDGE":
        words.append("edge")
    return Key((seconds,), 0, rank), ".".join(sorted({word for word in words if word}))


def _read_kubernetes(text: str) -> tuple[Key, str] | None:
    found = re.fullmatch(_KUBERNETES, text)
    if not found:
        return None
    major, minor, patch, vendor = found.groups("")
    return Key((int(major), int(minor), int(patch or 0))), vendor


def _read_longest_number(text: str) -> tuple[Key, str] | None:
    """Source: GetImageVersion and CompareVersions of aerospike-management-lib, `utils.go`."""
    number = _longest(text)
    if not number:
        return None
    before, _, behind = text.rpartition(number)
    flavour = (before.removeprefix("v") + behind).strip("-._+").lower()
    return Key(split_numbers(number)), flavour


def _longest(text: str) -> str:
    """The longest dotted number by its characters, the last of several; empty for none."""
    found: list[str] = re.findall(_NUMBER, text)
    return max(reversed(found), key=len, default="")


def _seconds(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int | None:
    """Seconds since the year 1 in the Gregorian calendar, None where there is no such time.

    Counted here because `datetime` would be one more import on the way of every upgrade.
    """
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    lengths = (0, 31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not (year and 1 <= month <= 12 and 1 <= day <= lengths[month]):
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    years = year - 1
    days = years * 365 + years // 4 - years // 100 + years // 400
    days += sum(lengths[:month]) + day - 1
    return days * _DAY + hour * 3_600 + minute * 60 + second


_readers = {
    "semver": _read_semver,
    "dotted": _read_dotted,
    "release-date": _read_release_date,
    "kubernetes": _read_kubernetes,
    LONGEST_NUMBER: _read_longest_number,
}
