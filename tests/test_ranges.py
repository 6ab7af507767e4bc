"""Ranges: what they hold, where everything else stands, what is refused, and how they are shown."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_compat.knowledge.ranges import InvalidRange, Range, intersects, parse_range, shown
from helm_compat.knowledge.versions import LONGEST_NUMBER, Version, compare, read

SCHEMES = ["semver", "dotted", "release-date", "kubernetes", LONGEST_NUMBER]


def version(scheme: str, text: str) -> Version:
    found = read(scheme, text)
    assert found is not None, text
    return found


def try_range(scheme: str, text: str) -> Range | None:
    try:
        return parse_range(scheme, text)
    except InvalidRange:
        return None


PLACES = [
    # What is below, inside and above.
    pytest.param("semver", "any", "", "0.0.0-0 1.0 99.0.0", "", id="any"),
    pytest.param(
        "semver", "3.0.0", "2.9.9 3.0.0-rc1", "3.0.0 v3.0.0+a 3.0", "3.0.1-0 3.0.1", id="exactly"
    ),
    pytest.param("semver", ">=2.8.0", "2.7.9 2.8.0-rc1 0.9", "2.8.0 2.8 v2.8.1 3.0.0", "", id=">="),
    pytest.param("semver", ">2.8.0", "2.8.0-rc1 2.8.0", "2.8.1-rc1 2.8.1 3.0.0", "", id=">"),
    pytest.param("semver", "<=2.8.0", "", "2.7.9 2.8.0-rc1 2.8.0", "2.8.1-0 2.8.1 10.0.0", id="<="),
    pytest.param("semver", "<2.8.0", "", "2.7.9 2.8.0-rc1", "2.8.0 2.8.1", id="<"),
    pytest.param(
        "semver", ">=2.0.0 <4.0.0", "1.9.9 2.0.0-rc1", "2.0.0 3.9.9 4.0.0-rc1", "4.0.0", id="both"
    ),
    pytest.param(
        "semver", "4.4.x", "4.3.9", "4.4.0-rc1 4.4.0 4.4 4.4.99", "4.5.0-0 4.5.0", id="line"
    ),
    pytest.param("semver", "4.x", "3.9.9", "4.0.0-0 4.0.0 4.99.0", "5.0.0-rc1 5.0.0", id="major"),
    pytest.param("semver", "v4.x", "3.9.9", "4.0.0", "5.0.0", id="line with v"),
    pytest.param(
        "semver", "4.5.0.x", "4.4.9", "4.5.0-rc1 4.5.0", "4.5.1-rc1 4.5.1", id="line of a release"
    ),
    pytest.param("semver", ">=4.4.x", "4.3.9", "4.4.0-rc1 4.4.0 5.0.0", "", id="line's start"),
    pytest.param("semver", ">4.4.x", "4.4.0 4.4.99", "4.5.0-rc1 4.5.0", "", id="behind a line"),
    pytest.param("semver", "<=4.4.x", "", "4.3.0 4.4.99", "4.5.0-rc1 4.5.0", id="line's end"),
    pytest.param("semver", "<4.4.x", "", "4.3.99", "4.4.0-rc1 4.4.0", id="before a line"),
    pytest.param(
        "semver", "4.4.x >=4.4.1", "4.3.0 4.4.0", "4.4.1 4.4.9", "4.5.0", id="line and bound"
    ),
    pytest.param(
        "semver", ">=1.0.0 >=2.0.0 <5.0.0 <4.0.0", "1.5.0", "2.0.0 3.9.9", "4.0.0 4.5.0",
        id="the narrower bounds count",
    ),
    pytest.param("semver", ">=3.0.0-rc.2", "3.0.0-rc.1", "3.0.0-rc.2 3.0.0-rc.10", "", id="rc"),
    pytest.param("dotted", "7.2.x", "7.1.9", "7.2 7.2.0 7.2.0.1 7.2.1_2 7.2-rc1", "7.3-rc1 7.3",
                 id="dotted line"),
    pytest.param("dotted", "8.0.x", "7.9.9", "8.0 8.0-rc1 8.0.0_1 8.0.7", "8.1 8.1-rc1",
                 id="line that ends in zero"),
    pytest.param("dotted", "8.0.0.x", "7.9", "8.0 8.0.0.0.7", "8.0.1-rc1 8.0.1",
                 id="line of two zeros"),
    pytest.param("dotted", "0.x", "", "0.0-alpha 0.0 0.98", "1.0-alpha 1.0", id="line of zero"),
    pytest.param("dotted", "8.1.2.0", "8.1.1 8.1.2-rc1", "8.1.2 8.1.2.0.0-etl", "8.1.2_1 8.1.2.1",
                 id="dotted, exactly"),
    pytest.param("dotted", "<3.28", "", "3.9 v3.27-etl 3.28-RC1", "3.28 3.28-etl 4.1",
                 id="numbers, not text"),
    pytest.param("dotted", "<=3.21.x", "", "3.9 3.21 3.21.5", "3.22-rc1 3.22", id="dotted, up to"),
    pytest.param("dotted", ">=7.1.0.2_2", "7.1.0.2 7.1.0.2_1", "7.1.0.2_2 7.1.0.3", "",
                 id="from a revision"),
    pytest.param("dotted", "<=8.1.2", "", "8.1.2-rc1 8.1.2.0", "8.1.2_1 8.1.2.0.1",
                 id="revisions are above"),
    pytest.param("kubernetes", ">=1.23 <=1.35.x", "1.22.17 v1.9.0",
                 "1.23 v1.23.0-gke.1 v1.35.9+k3s1 1.35+", "1.36", id="Kubernetes"),
    pytest.param("kubernetes", "<=1.30", "", "1.29.9 v1.30.0-eks-1", "1.30.1",
                 id="Kubernetes, without patch"),
    pytest.param("kubernetes", "1.x", "0.9", "1.0 1.99", "2.0", id="Kubernetes, major"),
    pytest.param(LONGEST_NUMBER, ">=6.0.0.0 <=8.1.2.x", "5.7.0.1 6.0.0 6.0",
                 "6.0.0.0 6.0.0.1_1 v7.2 8.1.2.9-rc1 8.1.2", "8.1.3 8.1-ubuntu24.04",
                 id="a shorter number is smaller"),
    pytest.param(LONGEST_NUMBER, "6.0.x", "5.9.9.9", "6.0 6.0.0 6.0.0.1 ee-6.0.9", "6.1",
                 id="line holds the shorter number"),
    pytest.param(LONGEST_NUMBER, "6.0.0.x", "6.0", "6.0.0 6.0.0.5", "6.0.1",
                 id="line does not hold what is shorter than itself"),
    pytest.param(LONGEST_NUMBER, "2.x", "1.9", "2.0 2.0.1", "3.0", id="line of one number"),
    pytest.param(LONGEST_NUMBER, ">6.0", "5.9.9 6.0", "6.0.0 6.1", "", id="longer is above"),
    pytest.param("release-date", ">=RELEASE.2025-10-16T16-46-38Z",
                 "RELEASE.2025-10-16T16-46-37Z.hotfix RELEASE.2025-10-16T16-46-38Z-rc",
                 "RELEASE.2025-10-16T16-46-38Z.fips EDGE.2025-10-16T16-46-39Z", "", id="date"),
    pytest.param("release-date", "2025-10-16T16-46-38Z", "2025-10-16T16-46-38Z-rc",
                 "EDGE.2025-10-16T16-46-38Z-arm64",
                 "2025-10-16T16-46-38Z.hotfix 2025-10-16T16-46-39Z", id="exactly a date"),
    pytest.param("release-date", "<=2025-10-16T16-46-38Z.hotfix", "",
                 "2025-10-16T16-46-38Z.hotfix.2", "2025-10-16T16-46-39Z-rc", id="up to a hotfix"),
]  # fmt: skip


@pytest.mark.parametrize(("scheme", "text", "below", "inside", "above"), PLACES)
def test_positions(scheme: str, text: str, below: str, inside: str, above: str) -> None:
    limits = parse_range(scheme, text)
    table = {"below": below.split(), "inside": inside.split(), "above": above.split()}

    found: dict[str, list[str]] = {"below": [], "inside": [], "above": []}
    for name in f"{below} {inside} {above}".split():
        item = version(scheme, name)
        position = limits.position(item)
        found[position].append(name)
        assert limits.holds(item) == (position == "inside")

    assert found == table


def test_the_product_reads_its_own_tags() -> None:
    limits = parse_range("dotted", ">=6.0.0.0", tags=LONGEST_NUMBER)

    assert limits == parse_range(LONGEST_NUMBER, ">=6.0.0.0")
    assert limits.position(version(LONGEST_NUMBER, "6.0.0")) == "below"


@pytest.mark.parametrize("text", [pytest.param("any", id="any"), pytest.param("2.x", id="line")])
def test_a_version_of_another_scheme_has_no_place(text: str) -> None:
    limits = parse_range("semver", text)

    for ask in (limits.holds, limits.position):
        with pytest.raises(ValueError, match=r"^'2\.0' is no semver version$"):
            ask(version("dotted", "2.0"))


def test_ranges_are_values() -> None:
    limits = parse_range("semver", ">=1.0 <2.0")

    assert {limits: 1}[parse_range("semver", ">=1.0 <2.0")] == 1
    assert (limits.text, limits.scheme) == (">=1.0 <2.0", "semver")


SPACE = "is no range: one space divides terms such as '>=1.2'"
EMPTY = "is no range: no version can be inside"

REFUSED = [
    pytest.param("semver", "", "a range is empty", id="empty"),
    *(
        pytest.param("semver", text, f"{text!r} {SPACE}", id=words)
        for text, words in [
            (" ", "space only"),
            (">=1.0  <2.0", "two spaces"),
            (" >=1.0", "space before"),
            (">=1.0 ", "space behind"),
            (">= 1.0", "space behind the sign"),
            (">", "sign only"),
        ]
    ),
    *(
        pytest.param(scheme, text, f"{text!r} {EMPTY}", id=words)
        for scheme, text, words in [
            ("semver", ">=5.0.0 <3.0.0", "contradiction"),
            ("semver", ">=5.0 <3.0", "without patch"),
            ("semver", ">=1.0.0 <1.0.0", "from and before the same"),
            ("semver", ">1.0.0 <=1.0.0", "behind and up to the same"),
            ("semver", ">1.0.0 <1.0.0", "around one version"),
            ("semver", "1.0.0 2.0.0", "two versions"),
            ("semver", "1.0.0 >1.0.0", "version and behind it"),
            ("semver", "4.4.x 4.5.x", "two lines"),
            ("semver", "4.4.x >=4.5.0", "behind the line"),
            ("semver", "4.4.x <4.4.x", "line and before it"),
            ("semver", ">4.4.x <4.5.x", "between lines"),
            ("semver", ">1.0.0 <1.0.1-0", "before the first pre-release"),
            ("semver", "<0.0.0-0", "before the first version"),
            ("semver", "<0.x", "before the first line"),
            ("dotted", ">8.1.2 <8.1.2.0", "same version, written in two ways"),
            ("dotted", ">1.0-rc <1.0-rc0", "candidates, nothing between"),
            ("dotted", "8.0.x <8.0-alpha", "before the first of a line"),
            ("kubernetes", ">1.30.4 <1.30.5", "patches, nothing between"),
            ("kubernetes", "<0.0", "before the first Kubernetes"),
            (LONGEST_NUMBER, ">6.0 <6.0.0", "longer number, nothing between"),
            (
                "release-date",
                ">2025-10-16T16-46-38Z <2025-10-16T16-46-38Z.hotfix",
                "nothing between date and hotfix",
            ),
            (
                "release-date",
                ">2025-10-16T16-46-38Z.hotfix <2025-10-16T16-46-39Z-rc",
                "nothing between seconds",
            ),
        ]
    ),
    *(
        pytest.param(
            scheme, text, f"{text!r} is no range: {limit!r} is no {scheme} version", id=words
        )
        for scheme, text, limit, words in [
            ("semver", "=1.0", "=1.0", "one equals sign"),
            ("semver", "==1.0", "==1.0", "two equals signs"),
            ("semver", "!=1.0", "!=1.0", "not equal"),
            ("semver", "~1.0", "~1.0", "tilde"),
            ("semver", "^1.0", "^1.0", "caret"),
            ("semver", ">>1.0", ">1.0", "two signs"),
            ("semver", "=>1.0", "=>1.0", "signs turned round"),
            ("semver", "<>1.0", ">1.0", "less or more"),
            ("semver", ">=1.0,<2.0", "1.0,<2.0", "comma"),
            ("semver", ">=1.0 || <0.5", "||", "or"),
            ("semver", "1.0 - 2.0", "-", "hyphen"),
            ("semver", ">=1.0\t<2.0", "1.0\t<2.0", "tab"),
            ("semver", ">=1.0\n", "1.0\n", "line end"),
            ("semver", "*", "*", "star"),
            ("semver", "1.*", "1.*", "star for a number"),
            ("semver", "x", "x", "x only"),
            ("semver", ".x", ".x", "nothing before x"),
            ("semver", "1.x.x", "1.x.x", "two x"),
            ("semver", "1.X", "1.X", "capital X"),
            ("semver", "1.x.2", "1.x.2", "x in the middle"),
            ("semver", "1.2.3.4", "1.2.3.4", "too long a version"),
            ("semver", ">=latest", "latest", "word"),
            ("semver", "any >=1.0", "any", "any and a bound"),
            ("semver", "any ", "any", "any and a space"),
            ("semver", ">=any", "any", "bound of any"),
            ("semver", "Any", "Any", "capital any"),
            ("semver", "none", "none", "none"),
            ("dotted", ">=8", "8", "one number"),
            ("kubernetes", "<=1.35.*", "1.35.*", "Kubernetes, star"),
            (LONGEST_NUMBER, ">=latest", "latest", "longest number, word"),
            ("release-date", "2025.x", "2025.x", "line of dates"),
            ("release-date", ">=2025-02-30T00-00-00Z", "2025-02-30T00-00-00Z", "no such day"),
            ("calendar", ">=1.0", "1.0", "unknown scheme"),
            ("calendar", "1.x", "1.x", "line of an unknown scheme"),
            ("dotted", "1." * 3_000 + "x", "1." * 3_000 + "x", "long line"),
            ("dotted", "1" * 5_000 + ".x", "1" * 5_000 + ".x", "line of a long number"),
        ]
    ),
    *(
        pytest.param(
            scheme, text, f"{text!r} is no range: {flavour!r} has no place in the order", id=words
        )
        for scheme, text, flavour, words in [
            ("dotted", ">=4.9-etl", "etl", "variant"),
            ("dotted", "8.1.x.x", "x.x", "dotted, two x"),
            ("kubernetes", ">=1.23.0-0", "0", "Helm's way to admit vendors"),
            ("release-date", "<2025-10-16T16-46-38Z.fips", "fips", "fips"),
            (LONGEST_NUMBER, ">=ee-6.0.0.0", "ee", "edition"),
        ]
    ),
    pytest.param(
        "semver", "1.2.3.4.x", "'1.2.3.4.x' is no range: '1.2.3.4.x' has too many numbers",
        id="line of four numbers",
    ),
    pytest.param(
        "kubernetes", "<=1.2.3.4.x", "'<=1.2.3.4.x' is no range: '1.2.3.4.x' has too many numbers",
        id="Kubernetes, line of four numbers",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("scheme", "text", "message"), REFUSED)
def test_refused(scheme: str, text: str, message: str) -> None:
    with pytest.raises(InvalidRange) as caught:
        parse_range(scheme, text)

    assert str(caught.value) == message


SHOWN = [
    pytest.param("dotted", ">=6.0.0.0 <=8.1.2.x", "6.0.0.0 to 8.1.2.x", id="from and to"),
    pytest.param("semver", ">=2.8.0", "2.8.0 or later", id="at least"),
    pytest.param("semver", ">=3.x", "3.x or later", id="from a line"),
    pytest.param("semver", ">2.8.0", "above 2.8.0", id="above"),
    pytest.param("semver", "<=3.5.x", "3.5.x or earlier", id="at most"),
    pytest.param("dotted", "<3.28", "below 3.28", id="below"),
    pytest.param("semver", "any", "any version", id="any"),
    pytest.param("semver", "2.x", "2.x", id="line"),
    pytest.param("semver", "3.0.0", "exactly 3.0.0", id="exactly"),
    pytest.param("semver", ">=3.0.0 <=3.0.0", "exactly 3.0.0", id="from and to the same"),
    pytest.param("semver", ">=3.x <=3.x", "3.x", id="from and to the same line"),
    pytest.param("semver", "4.4.x >=4.4.1", "4.4.1 to 4.4.x", id="line and bound"),
    pytest.param("semver", "4.4.x <=4.4.5", "4.4.x to 4.4.5", id="line up to a release"),
    pytest.param("semver", "4.4.x <4.4.5", "4.4.x or later, below 4.4.5", id="line before"),
    pytest.param("semver", ">=2.0.0 <4.0.0", "2.0.0 or later, below 4.0.0", id="half open"),
    pytest.param("semver", ">2.0.0 <=4.x", "above 2.0.0, 4.x or earlier", id="open from"),
    pytest.param("semver", ">2.0.0 <4.0.0", "above 2.0.0, below 4.0.0", id="open"),
    pytest.param("semver", ">=1.0 >=2.0 <=4.0 <=3.0", "2.0 to 3.0", id="what does not count"),
    pytest.param("semver", "3.0.0 >=1.0", "exactly 3.0.0", id="exactly, and more"),
]


@pytest.mark.parametrize(("scheme", "text", "words"), SHOWN)
def test_shown(scheme: str, text: str, words: str) -> None:
    assert shown(parse_range(scheme, text)) == words


OVERLAPPING = [
    pytest.param("semver", "4.4.x", ">=4.4.1", id="line and bound"),
    pytest.param("semver", "4.4.x", "4.x", id="line in a line"),
    pytest.param("semver", "4.4.x", "4.4.7", id="release of a line"),
    pytest.param("semver", "4.5.x", "4.5.0-rc1", id="candidate of a line"),
    pytest.param("semver", "<=4.4.1", ">=4.4.1", id="one version in both"),
    pytest.param("semver", "any", "1.0.0", id="any"),
    pytest.param("semver", "any", "any", id="any twice"),
    pytest.param("semver", "<1.0", "<2.0", id="both open downward"),
    pytest.param("semver", ">1.0", ">2.0", id="both open upward"),
    pytest.param("semver", ">1.0.0", "<1.0.1", id="a candidate between"),
    pytest.param("dotted", ">8.1.2", "<8.1.2.0.1", id="a revision between"),
    pytest.param("dotted", "7.2.x", "<=7.2", id="start of a line"),
    pytest.param(LONGEST_NUMBER, "6.0.x", "<6.0.0.0", id="shorter number of a line"),
    pytest.param("kubernetes", ">=1.23 <=1.30.x", ">=1.30", id="Kubernetes"),
]
APART = [
    pytest.param("semver", "4.4.x", "4.5.x", id="neighbours"),
    pytest.param("semver", "4.4.x", ">=4.5.0-0", id="next line's candidate"),
    pytest.param("semver", "<=4.4.x", ">4.4.x", id="both sides of a line's end"),
    pytest.param("semver", "<4.4.1", ">=4.4.1", id="both sides of a version"),
    pytest.param("semver", "1.0.0", "1.0.1", id="two versions"),
    pytest.param("semver", "1.0.0", "1.0.0-rc1", id="release and candidate"),
    pytest.param("semver", ">1.0.0", "<1.0.1-0", id="nothing between"),
    pytest.param("dotted", "8.1.2.x", "8.1.3", id="next release"),
    pytest.param("dotted", "<8.0.x", "8.0", id="before a line"),
    pytest.param("kubernetes", ">1.30.4", "<1.30.5", id="Kubernetes, nothing between"),
    pytest.param("kubernetes", "<=1.30", "1.30.1", id="Kubernetes, next patch"),
    pytest.param(LONGEST_NUMBER, ">=6.0.0.0", "6.0.0", id="shorter number"),
    pytest.param(LONGEST_NUMBER, ">6.0", "<6.0.0", id="nothing shorter between"),
    pytest.param(
        "release-date", "2025-10-16T16-46-38Z", ">2025-10-16T16-46-38Z", id="date and behind it"
    ),
]


@pytest.mark.parametrize(("scheme", "a", "b"), OVERLAPPING)
def test_overlapping(scheme: str, a: str, b: str) -> None:
    assert intersects(parse_range(scheme, a), parse_range(scheme, b))


@pytest.mark.parametrize(("scheme", "a", "b"), APART)
def test_apart(scheme: str, a: str, b: str) -> None:
    assert not intersects(parse_range(scheme, a), parse_range(scheme, b))


def test_ranges_of_two_schemes_are_apart() -> None:
    assert not intersects(parse_range("semver", "any"), parse_range("dotted", "any"))


NEIGHBOURS = [
    # Nothing is between one and the next.
    pytest.param("semver", "1.0.0 1.0.1-0 1.0.1-0.0 1.0.1-0.0.0", id="patches"),
    pytest.param("semver", "1.0.0-rc.1 1.0.0-rc.1.0 1.0.0-rc.1.0.0", id="longer pre-releases"),
    pytest.param("dotted", "8.1.2 8.1.2_1-alpha 8.1.2_1-alpha0 8.1.2_1-alpha1", id="revisions"),
    pytest.param("dotted", "8.1_1 8.1_2-alpha 8.1_2-alpha0", id="next revisions"),
    pytest.param("dotted", "4.9-rc 4.9-rc0 4.9-rc1 4.9-rc2", id="candidates"),
    pytest.param("kubernetes", "1.30.9 1.30.10 1.30.11", id="Kubernetes patches"),
    pytest.param(LONGEST_NUMBER, "6.0 6.0.0 6.0.0.0 6.0.0.0.0", id="longer numbers"),
    pytest.param(
        "release-date",
        "2024-12-31T23-59-59Z-rc 2024-12-31T23-59-59Z 2024-12-31T23-59-59Z.hotfix "
        "2025-01-01T00-00-00Z-rc 2025-01-01T00-00-00Z",
        id="seconds",
    ),
]


@pytest.mark.parametrize(("scheme", "texts"), NEIGHBOURS)
def test_nothing_is_between_neighbours(scheme: str, texts: str) -> None:
    names = texts.split()

    for low, high in pairwise(names):
        assert try_range(scheme, f">{low} <{high}") is None
    for low, middle, high in zip(names, names[1:], names[2:]):
        assert parse_range(scheme, f">{low} <{high}").holds(version(scheme, middle))


FIRST = [
    pytest.param("semver", "", "0.0.0-0", id="of all"),
    pytest.param("semver", "4.x ", "4.0.0-0", id="of a major"),
    pytest.param("semver", "4.5.x ", "4.5.0-0", id="of a line"),
    pytest.param("semver", ">4.5.x ", "4.6.0-0", id="behind a line"),
    pytest.param("dotted", "", "0.0-alpha", id="of all, dotted"),
    pytest.param("dotted", "8.x ", "8.0-alpha", id="of a dotted major"),
    pytest.param("dotted", ">=8.1.2.x ", "8.1.2.0-alpha", id="of a dotted line"),
    pytest.param("release-date", "", "0001-01-01T00-00-00Z-rc", id="of all dates"),
    pytest.param("kubernetes", "", "0.0.0", id="of all of Kubernetes"),
    pytest.param("kubernetes", "1.30.x ", "1.30", id="of a Kubernetes minor"),
    pytest.param(LONGEST_NUMBER, "", "0.0", id="of all numbers"),
    pytest.param(LONGEST_NUMBER, "2.x ", "2.0", id="of a number's major"),
    pytest.param(LONGEST_NUMBER, ">8.1.2.x ", "8.1.3", id="behind a number's line"),
]


@pytest.mark.parametrize(("scheme", "terms", "first"), FIRST)
def test_first_version(scheme: str, terms: str, first: str) -> None:
    assert try_range(scheme, f"{terms}<{first}") is None
    assert parse_range(scheme, f"{terms}<={first}").holds(version(scheme, first))


# For each scheme: limits, and versions among which one is found between any two of the limits
# wherever a version exists there at all.
SECONDS = ["2025-01-01T00-00-00Z", "2025-01-01T00-00-01Z"]
THIRD = "2025-01-01T00-00-02Z"
RANKS = ["-rc", "", ".hotfix"]


def joined(length: int, most: int) -> list[str]:
    return [".".join(digits) for digits in product(map(str, range(most + 1)), repeat=length)]


def with_each(texts: list[str], endings: list[str]) -> list[str]:
    return [text + ending for text in texts for ending in endings]


LINES = ["0.x", "1.x", *(f"{text}.x" for text in joined(2, 1))]
LIMITS = {
    "semver": [*LINES, *with_each(joined(3, 1), ["-0", "-rc.1", ""])],
    "dotted": [
        *LINES,
        *with_each([*joined(2, 1), *joined(3, 1)], ["-alpha", "-rc", "-rc1", "", "_1"]),
    ],
    "release-date": with_each(SECONDS, RANKS),
    "kubernetes": [*LINES, *joined(2, 1), *joined(3, 1)],
    LONGEST_NUMBER: [*LINES, *joined(2, 1), *joined(3, 1)],
}
EARLY = ["-alpha", "-alpha0", "-rc", "-rc0", "-rc1", "-rc2"]
POOL = {
    "semver": with_each(joined(3, 2), ["-0", "-0.0", "-rc.1", "-rc.1.0", ""]),
    "dotted": with_each(joined(3, 2), [*EARLY, "", "_1-alpha", "_1", "_2-alpha"]),
    "release-date": with_each(["2024-12-31T23-59-59Z", *SECONDS, THIRD], RANKS),
    "kubernetes": joined(3, 2),
    LONGEST_NUMBER: [*joined(2, 2), *joined(3, 2), *joined(4, 2)],
}
VERSIONS = {scheme: [version(scheme, text) for text in POOL[scheme]] for scheme in SCHEMES}

SIGNS = st.sampled_from(["", ">=", ">", "<=", "<"])


def terms(scheme: str) -> st.SearchStrategy[str]:
    return st.builds("{}{}".format, SIGNS, st.sampled_from(LIMITS[scheme]))


def texts(scheme: str) -> st.SearchStrategy[tuple[str, str, str]]:
    several = st.lists(terms(scheme), min_size=1, max_size=3).map(" ".join)
    return st.tuples(st.just(scheme), several, several)


PAIRS = st.sampled_from(SCHEMES).flatmap(texts)
TERMS = st.sampled_from(SCHEMES).flatmap(
    lambda scheme: st.tuples(st.just(scheme), SIGNS, st.sampled_from(LIMITS[scheme]))
)


def begins_with(found: Version, line: str) -> int:
    """Below 0, 0 or above 0 as the version stands before, in or behind the line."""
    wanted = [int(number) for number in line.removesuffix(".x").split(".")]
    numbers = list(found.key.numbers)
    if found.scheme == "dotted":
        numbers += [0] * (len(wanted) - len(numbers))
    return (numbers[: len(wanted)] > wanted) - (numbers[: len(wanted)] < wanted)


def meets(found: Version, sign: str, limit: str) -> bool:
    if limit.endswith(".x"):
        order = begins_with(found, limit)
    else:
        order = compare(found, version(found.scheme, limit)) or 0
    signs = {"": order == 0, ">=": order >= 0, ">": order > 0, "<=": order <= 0, "<": order < 0}
    return signs[sign]


@given(TERMS)
def test_a_term_says_what_compare_says(term: tuple[str, str, str]) -> None:
    scheme, sign, limit = term
    limits = try_range(scheme, sign + limit)
    expected = [item.text for item in VERSIONS[scheme] if meets(item, sign, limit)]

    assert expected == [item.text for item in VERSIONS[scheme] if limits and limits.holds(item)]


@given(PAIRS)
def test_all_terms_hold_or_the_range_is_refused(pair: tuple[str, str, str]) -> None:
    scheme, text, _ = pair
    single = [try_range(scheme, term) for term in text.split(" ")]
    expected = {
        item for item in VERSIONS[scheme] if all(limits and limits.holds(item) for limits in single)
    }

    limits = try_range(scheme, text)
    assert expected == {item for item in VERSIONS[scheme] if limits and limits.holds(item)}
    assert bool(expected) == (limits is not None)


@given(PAIRS)
def test_intersecting_ranges_share_a_version(pair: tuple[str, str, str]) -> None:
    scheme, *both = pair
    a, b = (try_range(scheme, text) for text in both)

    if a and b:
        shared = any(a.holds(item) and b.holds(item) for item in VERSIONS[scheme])
        assert intersects(a, b) == intersects(b, a) == shared


@given(PAIRS)
def test_positions_follow_the_order(pair: tuple[str, str, str]) -> None:
    scheme, text, _ = pair
    limits = try_range(scheme, text)

    if limits:
        found = [
            ["below", "inside", "above"].index(limits.position(item))
            for item in sorted(VERSIONS[scheme], key=lambda item: item.key)
        ]
        assert found == sorted(found)


@given(
    st.sampled_from([*SCHEMES, "calendar"]),
    st.one_of(st.text(), st.text("v0123.x<>= -+_rc", max_size=30)),
)
def test_the_only_error_is_the_refusal(scheme: str, text: str) -> None:
    result: object = None
    try:
        result = shown(parse_range(scheme, text))
    except InvalidRange as error:
        result = str(error)

    assert result
