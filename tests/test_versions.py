"""Versions: what each scheme reads, what it refuses, and the order of what it reads.

The tables restate https://semver.org/spec/v2.0.0.html (section 11), the tags of the products that
are built in, and the versions that Kubernetes distributions report.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version as PythonVersion

from helm_compat.knowledge.versions import (
    LONGEST_NUMBER,
    MAX_LENGTH,
    Version,
    base,
    compare,
    days_between,
    read,
    shown,
)

SCHEMES = ["semver", "dotted", "release-date", "kubernetes", LONGEST_NUMBER]


def version(scheme: str, text: str) -> Version:
    found = read(scheme, text)
    assert found is not None, text
    return found


READABLE = [
    # Numbers and flavour of what is read.
    pytest.param("semver", "4.5.0", (4, 5, 0), "", id="release"),
    pytest.param("semver", "v1.3.0", (1, 3, 0), "", id="leading v"),
    pytest.param("semver", "0.7", (0, 7, 0), "", id="without patch"),
    pytest.param("semver", "4.5-rc1", (4, 5, 0), "", id="candidate without patch"),
    pytest.param("semver", "2.13.0-0", (2, 13, 0), "", id="pre-release 0"),
    pytest.param("semver", "4.5.0-rc1", (4, 5, 0), "", id="candidate"),
    pytest.param("semver", "1.2.3--", (1, 2, 3), "", id="pre-release of a hyphen"),
    pytest.param("semver", "1.2.3+build.7", (1, 2, 3), "", id="build"),
    pytest.param("semver", "1.2.3-rc.1+build-7", (1, 2, 3), "", id="candidate with build"),
    pytest.param("semver", "01.02.3", (1, 2, 3), "", id="leading zeros"),
    pytest.param("semver", "1.0.99999999999999999999", (1, 0, 10**20 - 1), "", id="20 digits"),
    pytest.param("dotted", "8.1.2.0", (8, 1, 2), "", id="four numbers, zeros behind do not count"),
    pytest.param("dotted", "v3.28", (3, 28), "", id="dotted, leading v"),
    pytest.param("dotted", "0.0", (), "", id="only zeros"),
    pytest.param("dotted", "1.2.3.4.5.6.7", (1, 2, 3, 4, 5, 6, 7), "", id="seven numbers"),
    pytest.param("dotted", "7.1.0.2_2", (7, 1, 0, 2), "", id="revision"),
    pytest.param("dotted", "7.1.0.2_2-ubi9", (7, 1, 0, 2), "ubi9", id="revision and flavour"),
    pytest.param("dotted", "v4.9-etl", (4, 9), "etl", id="variant"),
    pytest.param("dotted", "v4.9-oteltracing", (4, 9), "oteltracing", id="other variant"),
    pytest.param("dotted", "v3.26-aeed9cb0", (3, 26), "aeed9cb0", id="commit"),
    pytest.param("dotted", "8.1.2.0-ubi9.4", (8, 1, 2), "ubi9.4", id="variant with a number"),
    pytest.param("dotted", "0.10.0-20260609", (0, 10), "20260609", id="date"),
    pytest.param("dotted", "0.9.0-fix", (0, 9), "fix", id="word"),
    pytest.param("dotted", "1.2.3+build.5", (1, 2, 3), "build.5", id="dotted, build"),
    pytest.param("dotted", "1.2.final", (1, 2), "final", id="word behind a dot"),
    pytest.param("dotted", "4.9-RC1", (4, 9), "", id="candidate in capitals"),
    pytest.param("dotted", "4.9-etl-RC1", (4, 9), "etl", id="candidate of a variant"),
    pytest.param("dotted", "4.9-rc1-etl", (4, 9), "etl", id="variant of a candidate"),
    pytest.param("dotted", "4.9-ETL", (4, 9), "etl", id="variant in capitals"),
    pytest.param("dotted", "4.9-preview", (4, 9), "preview", id="only begins like a pre-release"),
    pytest.param("dotted", "4.9-src1", (4, 9), "src1", id="only ends like a candidate"),
    pytest.param("dotted", "4.9-dev-ab12", (4, 9), "ab12", id="development build of a commit"),
    pytest.param("kubernetes", "1.30", (1, 30, 0), "", id="Kubernetes minor"),
    pytest.param("kubernetes", "v1.34.6", (1, 34, 6), "", id="Kubernetes release"),
    pytest.param("kubernetes", "v1.34.6-eks-bbe087e", (1, 34, 6), "eks-bbe087e", id="EKS"),
    pytest.param("kubernetes", "v1.29.0-gke.1234", (1, 29, 0), "gke.1234", id="GKE"),
    pytest.param("kubernetes", "v1.31.4+rke2r1", (1, 31, 4), "rke2r1", id="RKE2"),
    pytest.param("kubernetes", "v1.31.4+k3s1", (1, 31, 4), "k3s1", id="k3s"),
    pytest.param("kubernetes", "v1.29.2+vmware.1-fips.1", (1, 29, 2), "vmware.1-fips.1", id="TKG"),
    pytest.param("kubernetes", "1.27+", (1, 27, 0), "", id="minor with a plus"),
    pytest.param("kubernetes", "v1.27.3+", (1, 27, 3), "", id="patch with a plus"),
    pytest.param("kubernetes", "1.30-eks", (1, 30, 0), "eks", id="vendor behind the minor"),
    pytest.param("kubernetes", "1.30.gke", (1, 30, 0), "gke", id="vendor behind a dot"),
    pytest.param("kubernetes", "1.30.4.5", (1, 30, 4), "", id="a vendor's fourth number"),
    pytest.param("kubernetes", "v1.32.0-rc.1", (1, 32, 0), "rc.1", id="Kubernetes candidate"),
    # Aerospike's own reading.
    pytest.param(LONGEST_NUMBER, "8.1.2.0", (8, 1, 2, 0), "", id="longest number, plain"),
    pytest.param(LONGEST_NUMBER, "8.1.2.0_1", (8, 1, 2, 0), "1", id="longest number, rebuild"),
    pytest.param(LONGEST_NUMBER, "8.1.2.0-rc1", (8, 1, 2, 0), "rc1", id="longest, candidate"),
    pytest.param(LONGEST_NUMBER, "v8.1.2.0", (8, 1, 2, 0), "", id="longest number, leading v"),
    pytest.param(LONGEST_NUMBER, "ee-8.1.2.0", (8, 1, 2, 0), "ee", id="longest, edition"),
    pytest.param(LONGEST_NUMBER, "8.1.2.0-ubi9.4", (8, 1, 2, 0), "ubi9.4", id="longer wins"),
    pytest.param(
        LONGEST_NUMBER, f"8.1.2.0@sha256:{'0' * 64}", (8, 1, 2, 0),
        f"@sha256:{'0' * 64}", id="digest behind the tag",
    ),
    pytest.param(LONGEST_NUMBER, "8.1-ubuntu24.04", (24, 4), "8.1-ubuntu", id="base image wins"),
    pytest.param(
        LONGEST_NUMBER, "build-2026.05.26.1-8.1.2.0", (2026, 5, 26, 1), "build--8.1.2.0",
        id="date wins",
    ),
    pytest.param(LONGEST_NUMBER, "8.1", (8, 1), "", id="two numbers"),
    pytest.param(LONGEST_NUMBER, "6.0.0", (6, 0, 0), "", id="zeros behind count"),
    pytest.param(LONGEST_NUMBER, "8.1-8.2", (8, 2), "8.1", id="last of two as long"),
    pytest.param(LONGEST_NUMBER, "8.2-8.1", (8, 1), "8.2", id="last, not greatest"),
    pytest.param(LONGEST_NUMBER, "3.5.0-8.1", (3, 5, 0), "8.1", id="longest, not last"),
    pytest.param(LONGEST_NUMBER, "10.10-1.1.1", (1, 1, 1), "10.10", id="five characters each"),
    pytest.param(LONGEST_NUMBER, "100.10-1.1.1", (100, 10), "1.1.1", id="characters, not numbers"),
]  # fmt: skip


@pytest.mark.parametrize(("scheme", "text", "numbers", "flavour"), READABLE)
def test_readable(scheme: str, text: str, numbers: tuple[int, ...], flavour: str) -> None:
    found = version(scheme, text)

    assert (found.scheme, found.text) == (scheme, text)
    assert (found.key.numbers, found.flavour) == (numbers, flavour)


STAMP = "2025-05-30T11-03-39Z"
TIME = datetime(2025, 5, 30, 11, 3, 39)

READABLE_DATES = [
    pytest.param(f"RELEASE.{STAMP}", 0, "", id="release"),
    pytest.param(STAMP, 0, "", id="without prefix"),
    pytest.param(f"EDGE.{STAMP}", 0, "edge", id="edge"),
    pytest.param(f"RELEASE.{STAMP}.fips", 0, "fips", id="fips"),
    pytest.param(f"EDGE.{STAMP}.fips", 0, "edge.fips", id="edge and fips"),
    pytest.param(f"RELEASE.{STAMP}.FIPS", 0, "fips", id="fips in capitals"),
    pytest.param(f"RELEASE.{STAMP}.hotfix", 1, "", id="hotfix"),
    pytest.param(f"RELEASE.{STAMP}.hotfix.1", 1, "", id="hotfix with number"),
    pytest.param(f"RELEASE.{STAMP}.hotfix.5e92f3675", 1, "", id="hotfix with commit"),
    pytest.param(f"RELEASE.{STAMP}.hotfix.5e92f3675.fips", 1, "fips", id="hotfix with fips"),
    pytest.param(f"RELEASE.{STAMP}.hotfix.fips", 1, "fips", id="fips names no hotfix"),
    pytest.param(f"RELEASE.{STAMP}-rc", -1, "", id="candidate"),
    pytest.param(f"RELEASE.{STAMP}-rc2", -1, "", id="candidate with number"),
    pytest.param(f"RELEASE.{STAMP}.rc.0.operator", -1, "", id="candidate of a component"),
    pytest.param(f"RELEASE.{STAMP}.operator", 0, "", id="component"),
    pytest.param(f"RELEASE.{STAMP}.kes-sidecar", 0, "", id="component of two words"),
    pytest.param(f"RELEASE.{STAMP}.minio-sidecar.fips", 0, "fips", id="component with fips"),
    pytest.param(f"RELEASE.{STAMP}-cpuv1", 0, "cpuv1", id="processor"),
    pytest.param(f"{STAMP}-arm64", 0, "arm64", id="architecture"),
    pytest.param(f"RELEASE.{STAMP}.debug.ab12", 0, "ab12.debug", id="unknown words, sorted"),
    pytest.param(f"RELEASE.{STAMP}.hotfixes", 0, "hotfixes", id="only begins like a hotfix"),
    pytest.param(f"RELEASE.{STAMP}.arc", 0, "arc", id="only ends like a candidate"),
]


@pytest.mark.parametrize(("text", "rank", "flavour"), READABLE_DATES)
def test_readable_release_date(text: str, rank: int, flavour: str) -> None:
    found = version("release-date", text)

    assert found.key.numbers == ((TIME - datetime(1, 1, 1)) // timedelta(seconds=1),)
    assert (found.key.rank, found.flavour) == (rank, flavour)


UNREADABLE = [
    *(
        pytest.param(scheme, text, id=f"{words}, {scheme}")
        for scheme in SCHEMES
        for text, words in [
            ("", "empty"),
            ("latest", "word"),
            ("8", "one number"),
            ("v8", "one number behind v"),
            ("1a2b3c", "commit"),
            (f"sha256:{'1' * 64}", "digest"),
            ("٣.٤.٥", "digits of another script"),
            ("³.²", "superscripts"),
            ("1." + "1" * 5_000, "very long number"),
            ("1.1" * 100, "long text"),
            ("\ud800", "lone surrogate"),
        ]
    ),
    *(
        pytest.param(scheme, text, id=f"{words}, {scheme}")
        for scheme in SCHEMES[:-1]
        for text, words in [
            (" 1.2.3", "space before"),
            ("1.2.3 ", "space behind"),
            ("1.2.3\n", "line end"),
            ("V1.2.3", "capital V"),
            ("vv1.2.3", "two v"),
            ("=1.2.3", "sign before"),
            ("-1.2.3", "minus before"),
            ("1..2", "empty number"),
            ("1.2.3-", "nothing behind the hyphen"),
            ("1.x", "line"),
            ("nightly-1.2.3", "word before"),
            ("1.2.3-ä", "other letters"),
            ("1.2.3@x", "sign of another kind"),
        ]
    ),
    pytest.param("semver", "1.2.3.4", id="four numbers"),
    pytest.param("semver", "1.2.3+", id="no build behind the plus"),
    pytest.param("semver", "1.2.3-a..b", id="empty identifier"),
    pytest.param("semver", "1.2.3+a+b", id="two builds"),
    pytest.param("semver", "1.2.3_1", id="revision"),
    pytest.param("semver", "1.2.3rc1", id="candidate without hyphen"),
    pytest.param("dotted", "3.26rc1", id="dotted, candidate without hyphen"),
    pytest.param("dotted", "8.1.2.", id="dot at the end"),
    pytest.param("dotted", "8.1.2.0_", id="revision left out"),
    pytest.param("dotted", "8.1.2.0_a", id="revision of a letter"),
    pytest.param("dotted", "8.1.2.0_1_2", id="two revisions"),
    pytest.param("dotted", "8.1.2.0+", id="dotted, nothing behind the plus"),
    pytest.param("dotted", "8_1.2", id="revision in the middle"),
    pytest.param("kubernetes", "1.30.", id="Kubernetes, dot at the end"),
    pytest.param("kubernetes", "1.30.4x", id="Kubernetes, letter behind the patch"),
    pytest.param("kubernetes", "1.30++", id="Kubernetes, two plus"),
    pytest.param("kubernetes", "1.30_4", id="Kubernetes, underscore"),
    pytest.param("kubernetes", "1", id="Kubernetes major"),
    pytest.param("release-date", "1.2.3", id="release date, numbers"),
    pytest.param("release-date", f"release.{STAMP}", id="prefix in small letters"),
    pytest.param("release-date", f"NIGHTLY.{STAMP}", id="other prefix"),
    pytest.param("release-date", f"RELEASE{STAMP}", id="prefix without dot"),
    pytest.param("release-date", f"v{STAMP}", id="release date with v"),
    pytest.param("release-date", "RELEASE.2025-05-30T11-03-39", id="without zone"),
    pytest.param("release-date", "RELEASE.2025-05-30t11-03-39z", id="small t and z"),
    pytest.param("release-date", "RELEASE.2025-05-30T11:03:39Z", id="colons"),
    pytest.param("release-date", "RELEASE.2025-05-30", id="day only"),
    pytest.param("release-date", "RELEASE.2025-5-30T11-03-39Z", id="month of one digit"),
    pytest.param("release-date", "RELEASE.2025-02-30T00-00-00Z", id="30 February"),
    pytest.param("release-date", "RELEASE.2025-02-29T00-00-00Z", id="29 February of no leap year"),
    pytest.param("release-date", "RELEASE.1900-02-29T00-00-00Z", id="29 February 1900"),
    pytest.param("release-date", "RELEASE.2025-04-31T00-00-00Z", id="31 April"),
    pytest.param("release-date", "RELEASE.2025-13-01T00-00-00Z", id="month 13"),
    pytest.param("release-date", "RELEASE.2025-00-01T00-00-00Z", id="month 0"),
    pytest.param("release-date", "RELEASE.2025-01-00T00-00-00Z", id="day 0"),
    pytest.param("release-date", "RELEASE.0000-01-01T00-00-00Z", id="year 0"),
    pytest.param("release-date", "RELEASE.2025-01-01T24-00-00Z", id="hour 24"),
    pytest.param("release-date", "RELEASE.2025-01-01T00-60-00Z", id="minute 60"),
    pytest.param("release-date", "RELEASE.2025-01-01T00-00-60Z", id="second 60"),
    pytest.param("release-date", f"RELEASE.{STAMP}_fips", id="underscore"),
    pytest.param("release-date", f"RELEASE.{STAMP}.", id="release date, dot at the end"),
    pytest.param("release-date", f"RELEASE.{STAMP}..fips", id="empty word"),
    pytest.param("release-date", f"RELEASE.{STAMP}fips", id="word without dot"),
    pytest.param("release-date", "v20260721224148.0.0", id="version of a bundle"),
    pytest.param(LONGEST_NUMBER, "8-9_10", id="single numbers"),
    pytest.param(LONGEST_NUMBER, "8.", id="longest number, dot at the end"),
    pytest.param("calendar", "2026.1", id="unknown scheme"),
    pytest.param("", "1.2.3", id="no scheme"),
]


@pytest.mark.parametrize(("scheme", "text"), UNREADABLE)
def test_unreadable(scheme: str, text: str) -> None:
    assert read(scheme, text) is None


def test_longest_readable_text() -> None:
    text = "1." + "1" * (MAX_LENGTH - 2)

    assert version("dotted", text).key.numbers == (1, int(text[2:]))
    assert read("dotted", text + "1") is None


ORDERED = [
    # Each is older than the one behind it.
    pytest.param(
        "semver",
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 "
        "1.0.0-rc.1 1.0.0",
        id="example of the specification",
    ),
    pytest.param("semver", "1.0.0 2.0.0 2.1.0 2.1.1", id="other example of the specification"),
    pytest.param("semver", "1.0.0-0 1.0.0-0.0 1.0.0-1 1.0.0-- 1.0.0-A 1.0.0-a", id="ASCII order"),
    pytest.param("semver", "v3.9.0 3.10.0 v3.28.0 4.0.0", id="numbers, not text"),
    pytest.param("semver", "0.7-rc.1 0.7 0.7.1-0 0.7.1", id="patch left out"),
    pytest.param("dotted", "3.9 3.10 3.28 4.0 4.9 5.0", id="dotted, numbers, not text"),
    pytest.param(
        "dotted",
        "8.1.2-rc1 8.1.2.0 8.1.2.0_1-rc1 8.1.2.0_1 8.1.2.0_2 8.1.2.0_10 8.1.2.0.1 8.1.2.1",
        id="revisions",
    ),
    pytest.param(
        "dotted",
        "1.0-alpha 1.0-alpha1 1.0-beta 1.0-beta.2 1.0-BETA-11 1.0-dev 1.0.pre7 1.0-rc 1.0+rc1 "
        "1.0-rc10 1.0 1.0.1-rc1",
        id="pre-releases",
    ),
    pytest.param("dotted", "4.9-etl-rc1 4.9-etl 4.9.1-rc1-etl 4.9.1", id="variants"),
    pytest.param(
        "release-date",
        f"RELEASE.2025-05-30T11-03-38Z.hotfix RELEASE.{STAMP}-rc RELEASE.{STAMP} "
        f"RELEASE.{STAMP}.hotfix.1 2025-05-30T11-03-40Z-rc EDGE.2025-05-30T11-03-40Z",
        id="hotfix and candidate beside their base",
    ),
    pytest.param(
        "release-date",
        "0001-01-01T00-00-00Z 1969-12-31T23-59-59Z 2000-02-29T00-00-00Z 2024-02-29T23-59-59Z 2024-03-01T00-00-00Z "
        "2024-12-31T23-59-59Z 2025-01-01T00-00-00Z 9999-12-31T23-59-59Z",
        id="ends of months and years",
    ),
    pytest.param(
        "kubernetes", "1.9 v1.30.0-gke.1 1.30.1+k3s1 v1.31 v1.31.10-eks-1 2.0", id="Kubernetes"
    ),
    pytest.param(
        LONGEST_NUMBER,
        "6.0 6.0.0 6.0.0.0 ee-6.0.0.0.0 6.0.0.1-rc1 8.1 8.1.2.0 8.1-ubuntu24.04",
        id="a shorter number is smaller",
    ),
]


@pytest.mark.parametrize(("scheme", "texts"), ORDERED)
def test_ordered(scheme: str, texts: str) -> None:
    versions = [version(scheme, text) for text in texts.split()]

    assert {compare(a, b) for a, b in combinations(versions, 2)} == {-1}
    assert {compare(b, a) for a, b in combinations(versions, 2)} == {1}


EQUAL = [
    pytest.param("semver", "1.2 v1.2 1.2.0 1.2.0+a v1.2.0+b 01.2", id="semver"),
    pytest.param("semver", "1.2.0-rc.1 1.2.0-rc.01 1.2-rc.1+a", id="candidates"),
    pytest.param(
        "dotted",
        "8.1.2 8.1.2.0 v8.1.2.0.0 8.1.2_0 8.1.2-ubi9.4 8.1.2.0-etl 8.1.2-aeed9cb0 8.1.2+b",
        id="zeros and flavours",
    ),
    pytest.param("dotted", "4.9-rc1 4.9-RC1 4.9-rc.1 4.9-rc-01 4.9.0.rc1-etl", id="rc written"),
    pytest.param(
        "release-date",
        f"RELEASE.{STAMP} EDGE.{STAMP} {STAMP} {STAMP}.fips {STAMP}-arm64 {STAMP}.operator",
        id="flavours of a release date",
    ),
    pytest.param(
        "release-date", f"{STAMP}.hotfix {STAMP}.hotfix.2 {STAMP}.hotfix.ab1.fips", id="hotfixes"
    ),
    pytest.param("release-date", f"{STAMP}-rc {STAMP}.rc.2 {STAMP}.rc1", id="date's candidates"),
    pytest.param(
        "kubernetes",
        "1.30 v1.30 1.30.0 1.30+ v1.30.0-eks-1 v1.30.0+k3s1 1.30.0-rc.1 1.30.0.7",
        id="vendors",
    ),
    pytest.param(LONGEST_NUMBER, "8.1.2.0 v8.1.2.0_1 ee-8.1.2.0 8.1.2.0-rc1 8.01.2.0", id="tags"),
]


@pytest.mark.parametrize(("scheme", "texts"), EQUAL)
def test_equal(scheme: str, texts: str) -> None:
    versions = [version(scheme, text) for text in texts.split()]

    assert {compare(a, b) for a in versions for b in versions} == {0}


@pytest.mark.parametrize(
    ("a", "b"), [pytest.param(a, b, id=f"{a} and {b}") for a, b in pairwise(SCHEMES)]
)
def test_schemes_are_not_compared(a: str, b: str) -> None:
    texts = dict.fromkeys(SCHEMES, "1.2.3") | {"release-date": STAMP}

    assert compare(version(a, texts[a]), version(b, texts[b])) is None


def test_the_product_reads_its_own_tags() -> None:
    found = read("dotted", "8.1-ubuntu24.04", tags=LONGEST_NUMBER)

    assert found == version(LONGEST_NUMBER, "8.1-ubuntu24.04")
    assert read("dotted", "8.1", tags="another") is None


@pytest.mark.parametrize(
    ("scheme", "text", "words"),
    [
        pytest.param("semver", "v4.5.0-rc1", "v4.5.0-rc1", id="as it was written"),
        pytest.param("kubernetes", "v1.30.0-eks-1", "v1.30.0-eks-1", id="vendor is kept"),
        pytest.param(LONGEST_NUMBER, "v8.1.2.0_1", "v8.1.2.0_1", id="number leads"),
        pytest.param(
            LONGEST_NUMBER, "8.1-ubuntu24.04", "8.1-ubuntu24.04 (read as 24.04)", id="another leads"
        ),
        pytest.param(
            LONGEST_NUMBER, "ee-8.1.2.0", "ee-8.1.2.0 (read as 8.1.2.0)", id="a word leads"
        ),
    ],
)
def test_shown(scheme: str, text: str, words: str) -> None:
    assert shown(version(scheme, text)) == words


@pytest.mark.parametrize(
    ("scheme", "text", "release"),
    [
        pytest.param("semver", "4.5.0-rc1", "4.5.0", id="candidate"),
        pytest.param("dotted", "8.1.2.0_2-rc1", "8.1.2", id="revision"),
        pytest.param("release-date", f"{STAMP}.hotfix.1.fips", STAMP, id="hotfix"),
        pytest.param("release-date", f"{STAMP}-rc", STAMP, id="date's candidate"),
        pytest.param("kubernetes", "v1.30.0-gke.1", "1.30", id="release already"),
        pytest.param(LONGEST_NUMBER, "6.0.0", "6.0.0", id="zeros stay"),
    ],
)
def test_base(scheme: str, text: str, release: str) -> None:
    found = base(version(scheme, text))

    assert found.text == text
    assert compare(found, version(scheme, release)) == 0


@pytest.mark.parametrize(
    ("a", "b", "days"),
    [
        pytest.param(STAMP, STAMP, 0, id="same"),
        pytest.param(f"{STAMP}.hotfix", f"RELEASE.{STAMP}-rc", 0, id="ranks do not count"),
        pytest.param("2025-05-30T11-03-39Z", "2025-05-31T23-03-39Z", 1.5, id="a day and a half"),
        pytest.param("2025-03-01T00-00-00Z", "2025-02-28T00-00-00Z", -1, id="backwards"),
        pytest.param("2024-02-28T00-00-00Z", "2024-03-01T00-00-00Z", 2, id="leap year"),
        pytest.param("2000-02-28T00-00-00Z", "2000-03-01T00-00-00Z", 2, id="its February"),
        pytest.param("2000-01-01T00-00-00Z", "2001-01-01T00-00-00Z", 366, id="leap century"),
    ],
)
def test_days_between(a: str, b: str, days: float) -> None:
    assert days_between(version("release-date", a), version("release-date", b)) == days


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param(("semver", "1.2.3"), ("release-date", STAMP), id="first"),
        pytest.param(("release-date", STAMP), ("semver", "1.2.3"), id="last"),
    ],
)
def test_days_are_between_release_dates(a: tuple[str, str], b: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match=r"^'1\.2\.3' is no release date$"):
        days_between(version(*a), version(*b))


SMALL = st.integers(0, 3).map(str)
DOTTED = st.lists(SMALL, min_size=2, max_size=4).map(".".join)
IDENTIFIERS = st.lists(st.sampled_from(["0", "1", "11", "rc", "rc1", "a", "-"]), max_size=3)
DATES = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))
STAMPS = st.one_of(DATES, st.sampled_from([TIME, TIME + timedelta(seconds=1)])).map(
    lambda time: time.replace(microsecond=0).isoformat().replace(":", "-") + "Z"
)
EARLY = st.sampled_from(["", "-rc", "-rc1", "-RC2", ".alpha", "-beta.3", "+dev", "-etl", "-etl-rc"])
TEXTS = {
    "semver": st.builds(
        "{}{}.{}.{}{}{}".format,
        st.sampled_from(["", "v"]), SMALL, SMALL, SMALL,
        IDENTIFIERS.map(lambda words: "-" * bool(words) + ".".join(words)),
        st.sampled_from(["", "+b"]),
    ),
    "dotted": st.builds(
        "{}{}{}".format, DOTTED, st.sampled_from(["", "_0", "_1", "_12"]), EARLY
    ),
    "release-date": st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "RELEASE.", "EDGE."]), STAMPS,
        st.sampled_from(["", "-rc", ".hotfix", ".hotfix.2", ".fips", ".hotfix.fips", "-arm64"]),
    ),
    "kubernetes": st.builds(
        "{}.{}{}".format, SMALL, SMALL, st.sampled_from(["", "+", ".1", ".2-eks", "+k3s"])
    ),
    LONGEST_NUMBER: st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "v", "ee-", "1.2-"]), DOTTED, st.sampled_from(["", "_1", "-ubi9.4"]),
    ),
}  # fmt: skip


def versions(scheme: str) -> st.SearchStrategy[Version]:
    return TEXTS[scheme].map(lambda text: version(scheme, text))


THREE = st.sampled_from(SCHEMES).flatmap(
    lambda scheme: st.tuples(versions(scheme), versions(scheme), versions(scheme))
)
ANY_TEXT = st.one_of(
    st.text(),
    st.text("v0123.-+_xrcTZ ", max_size=40),
    *TEXTS.values(),
    st.builds("{}{}".format, st.one_of(*TEXTS.values()), st.text(max_size=3)),
)


@given(THREE)
def test_the_order_is_total_and_transitive(found: tuple[Version, Version, Version]) -> None:
    a, b, c = sorted(found, key=lambda item: item.key)
    signs = [compare(a, b), compare(b, c), compare(a, c)]

    assert 1 not in signs
    assert None not in signs
    assert signs[2] == min(signs[0] or 0, signs[1] or 0)


@given(THREE)
def test_swapping_turns_the_sign(found: tuple[Version, Version, Version]) -> None:
    a, b, _ = found

    assert [compare(a, b), compare(b, a)] in ([-1, 1], [0, 0], [1, -1])


@given(st.sampled_from(SCHEMES), ANY_TEXT)
def test_reading_never_raises_and_keeps_the_text(scheme: str, text: str) -> None:
    found = read(scheme, text)

    if found:
        assert found.text == text
        assert read(found.scheme, found.text) == found
        assert compare(found, found) == 0
        assert {found: text}[found] == text


@given(DATES, st.integers(0, 99_999))
def test_release_dates_follow_the_calendar(time: datetime, seconds: int) -> None:
    first = time.replace(microsecond=0)
    last = first + timedelta(seconds=seconds) if first.year < 9999 else first
    found = [
        version("release-date", item.isoformat().replace(":", "-") + "Z") for item in (first, last)
    ]

    assert found[1].key.numbers[0] - found[0].key.numbers[0] == (last - first).total_seconds()


FIELDS = [st.integers(0, most) for most in (9999, 13, 32, 25, 61, 61)]


@given(st.tuples(*FIELDS))
def test_only_real_dates_are_read(fields: tuple[int, int, int, int, int, int]) -> None:
    real = True
    try:
        datetime(*fields)
    except ValueError:
        real = False

    text = "RELEASE.{:04}-{:02}-{:02}T{:02}-{:02}-{:02}Z".format(*fields)
    assert (read("release-date", text) is not None) == real


PYTHON = st.builds(
    "{}{}".format, DOTTED, st.sampled_from(["", "-alpha1", "-beta1", "-beta2", "-rc1", "-rc12"])
)


@given(PYTHON, PYTHON)
def test_dotted_agrees_with_packaging(a: str, b: str) -> None:
    """PEP 440 orders numbers, and these pre-releases, as the dotted scheme does."""
    theirs = PythonVersion(a), PythonVersion(b)

    assert compare(version("dotted", a), version("dotted", b)) == (
        (theirs[0] > theirs[1]) - (theirs[0] < theirs[1])
    )
