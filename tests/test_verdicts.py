"""The verdict table: what `helm-compat check` says of versions that are typed by hand.

Every entry of `testdata/verdicts/` was written from what the vendors publish, not from the product
files; each of its files names its sources.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_compat.cli.check import check_versions
from helm_compat.errors import UsageError
from helm_compat.gate.judge import Gate, Judgement
from helm_compat.gate.scene import UNKNOWN
from helm_compat.knowledge.builtin import read_products
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.data import load
from helm_compat.knowledge.detections import build_detections

FOLDER = Path(__file__).parent.parent / "testdata" / "verdicts"
PRODUCTS = ["aerospike", "kubeairunway", "minio-aistor", "nvidia-aistore"]
DATA = read_products()
GATE = Gate(Products(DATA), build_detections(DATA), (), dict.fromkeys(UNKNOWN, "warn"))
GRAVITY = ["compatible", "unknown", "incompatible"]


def read_table(product: str) -> dict[str, list[str]]:
    """The entries of one file by their names: versions, verdict, rules."""
    sections = load((FOLDER / f"{product}.yaml").read_text(encoding="utf-8"))
    assert isinstance(sections, dict)
    return {f"{s}: {name}": row for s, rows in sections.items() for name, row in rows.items()}


TABLES = {product: read_table(product) for product in PRODUCTS}


def check(product: str, *versions: str) -> Judgement:
    return check_versions(product, versions, GATE, {})


def worst(verdicts: list[str]) -> str:
    return max(verdicts, key=GRAVITY.index)


@pytest.mark.parametrize(
    ("product", "versions", "verdict", "rules"),
    [
        pytest.param(product, versions, verdict, rules, id=f"{product}, {name}")
        for product, table in TABLES.items()
        for name, (versions, verdict, *rules) in table.items()
    ],
)
def test_verdict(product: str, versions: str, verdict: str, rules: list[str]) -> None:
    judged = check(product, *versions.split())

    assert (judged.verdict, [f.rule for f in judged.findings]) == (verdict, rules)


def test_table_is_the_one_that_was_promised() -> None:
    count = {product: len(table) for product, table in TABLES.items()}

    assert sum(count.values()) >= 220
    assert min(count.values()) >= 40


@pytest.mark.parametrize("tag", ["latest", "8", "8.1", "8.1-ubuntu24.04", "sha256-0a1b"])
def test_tag_that_the_operator_refuses_never_fits(tag: str) -> None:
    """8.1-ubuntu24.04 is read as 24.04; neither that nor 8.1 has the three numbers of a schema."""
    try:
        verdict = check("aerospike", "operator=4.4.1", f"database={tag}").verdict
    except UsageError:
        verdict = "refused"

    assert verdict in ("refused", "incompatible")


@pytest.mark.parametrize(
    ("product", "versions", "verdict"),
    [
        pytest.param("nvidia-aistore", "aisnode=3.21 operator=v0.0.0", "compatible", id="AIStore"),
        pytest.param("kubeairunway", "kaito=0.0.0-dev", "incompatible", id="KAITO"),
        pytest.param("kubeairunway", "dynamo=0.0.0", "incompatible", id="Dynamo"),
    ],
)
def test_build_of_version_zero_is_a_version(product: str, versions: str, verdict: str) -> None:
    assert check(product, *versions.split()).verdict == verdict


# What the tables hold of each component, to put together anew.
POOL = {
    product: {
        component: sorted(
            {
                text
                for versions, *_ in table.values()
                for text in versions.split()
                if text.startswith(f"{component}=")
            }
        )
        for component in {
            text.partition("=")[0] for versions, *_ in table.values() for text in versions.split()
        }
    }
    for product, table in TABLES.items()
}


@st.composite
def typed(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A product, and one version of each of some of its components."""
    product = draw(st.sampled_from(PRODUCTS))
    pool = POOL[product]
    names = draw(st.lists(st.sampled_from(sorted(pool)), min_size=1, unique=True))
    return product, [draw(st.sampled_from(pool[name])) for name in names]


@given(typed(), st.randoms())
def test_order_of_the_arguments_says_nothing(chosen: tuple[str, list[str]], random: Random) -> None:
    product, versions = chosen
    shuffled = list(versions)
    random.shuffle(shuffled)

    one, other = check(product, *versions), check(product, *shuffled)

    assert (one.verdict, one.findings) == (other.verdict, other.findings)


@given(typed(), st.data())
def test_another_component_never_makes_a_misfit_fit(
    chosen: tuple[str, list[str]], data: st.DataObject
) -> None:
    """With the operator there, it never makes anything better: only that can be missing."""
    product, versions = chosen
    fewer = data.draw(st.lists(st.sampled_from(versions), min_size=1, unique=True))

    before, after = check(product, *fewer).verdict, check(product, *versions).verdict

    if before == "incompatible" or any(t.startswith(("operator=", "controller=")) for t in fewer):
        assert GRAVITY.index(after) >= GRAVITY.index(before)


@given(typed())
def test_what_does_not_fit_names_its_source_and_says_it_once(chosen: tuple[str, list[str]]) -> None:
    product, versions = chosen

    findings = [f for f in check(product, *versions).findings if f.rule != "missing-operator"]

    assert [f.message for f in findings if not f.evidence] == []
    assert len({(f.rule, f.message) for f in findings}) == len(findings)


@given(typed(), st.sampled_from(["error", "ignore"]))
def test_policy_for_unknowns_moves_severities_and_no_verdict(
    chosen: tuple[str, list[str]], word: str
) -> None:
    product, versions = chosen
    gate = GATE._replace(policy=dict.fromkeys(UNKNOWN, word))

    judged = check_versions(product, versions, gate, {})

    assert judged.verdict == check(product, *versions).verdict
    severity = {"error": "error", "ignore": "info"}[word]
    assert {f.severity for f in judged.findings if f.verdict == "unknown"} <= {severity}


# https://aerospike.com/docs/kubernetes/reference/compatibility and the system requirements of each
# release: lowest database, highest line, backup service from and to its highest line, Kubernetes.
AEROSPIKE = {
    "4.5": ((6, 0, 0, 0), (8, 1, 2), ((3, 0, 0), (3, 5)), ((1, 23), (1, 35))),
    "4.4": ((6, 0, 0, 0), (8, 1, 2), ((3, 0, 0), (3, 5)), ((1, 23), (1, 35))),
    "4.3": ((6, 0, 0, 0), (8, 1, 1), ((3, 0, 0), (3, 4)), ((1, 23), (1, 34))),
    "4.2": ((6, 0, 0, 0), (8, 1, 0), ((3, 0, 0), (3, 4)), ((1, 23), (1, 34))),
    "4.1": ((6, 0, 0, 0), (8, 1, 0), ((3, 0, 0), (3, 2)), ((1, 23), (1, 33))),
    "4.0": ((6, 0, 0, 0), (8, 0, 0), ((3, 0, 0), (3, 0)), ((1, 23), ())),
    "3.4": ((4, 9, 0, 3), (7, 2), ((2, 0, 0), (2,)), ((1, 19), (1, 30))),
    "3.3": ((4, 9, 0, 3), (7, 1), None, ((1, 19), (1, 29))),
    "3.2": ((4, 9, 0, 3), (7, 0), None, ((1, 19), (1, 27))),
    "3.1": ((4, 9, 0, 3), (6, 4), None, ((1, 19), (1, 27))),
    "3.0": ((4, 9, 0, 3), (6, 4), None, ((1, 19), ())),
    "2.5": ((5, 6, 0, 0), (6, 3), None, ((1, 16), ())),
    "2.4": ((5, 6, 0, 0), (6, 2), None, ((1, 16), (1, 25))),
    "2.3": ((5, 6, 0, 0), (6, 2), None, ((1, 16), (1, 23))),
    "2.2": ((5, 6, 0, 0), (6, 1), None, ((1, 16), (1, 23))),
    "2.1": ((5, 6, 0, 0), (6, 0), None, ((1, 16), (1, 23))),
    "2.0": ((5, 6, 0, 0), (5, 7), None, ((1, 16), (1, 22))),
}


def place(numbers: tuple[int, ...], low: tuple[int, ...], line: tuple[int, ...], above: str) -> str:
    if numbers < low:
        return "incompatible"
    return above if line and numbers[: len(line)] > line else "compatible"


def numbers(*highest: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*(st.integers(0, high) for high in highest))


def text(parts: tuple[int, ...]) -> str:
    return ".".join(map(str, parts))


@given(
    st.sampled_from(sorted(AEROSPIKE)),
    st.integers(0, 3),
    numbers(9, 9, 3, 4),
    numbers(4, 7, 2),
    st.tuples(st.just(1), st.integers(14, 38), st.integers(0, 20)),
)
def test_aerospike_fits_as_its_table_says(
    line: str,
    patch: int,
    database: tuple[int, ...],
    backup: tuple[int, ...],
    kubernetes: tuple[int, ...],
) -> None:
    lowest, highest, backups, platform = AEROSPIKE[line]
    above = "unknown" if line == "4.5" else "incompatible"
    expected = [
        place(database, lowest, highest, above),
        place(backup, *backups, above) if backups else "incompatible",
        place(kubernetes, *platform, "unknown"),
    ]
    arguments = [
        f"database={text(database)}",
        f"backup-service={text(backup)}",
        f"kubernetes={text(kubernetes)}",
    ]
    operator = f"operator={line}.{patch}"

    alone = [check("aerospike", operator, argument).verdict for argument in arguments]
    assert alone == expected
    assert check("aerospike", operator, *arguments).verdict == worst(expected)


# docs/COMPATIBILITY.md of github.com/NVIDIA/ais-k8s: the least operator of each release.
AISTORE: dict[tuple[int, ...], tuple[int, ...]] = {
    **dict.fromkeys([(3, minor) for minor in range(22)], (0,)),
    (3, 22): (1, 0, 0),
    (3, 23): (1, 1, 0),
    **dict.fromkeys([(3, 24), (3, 25)], (1, 4, 1)),
    **dict.fromkeys([(3, 26), (3, 27), (3, 28)], (1, 6, 0)),
    **dict.fromkeys([(4, minor) for minor in range(1, 10)], (2, 8, 0)),
}


@given(
    st.tuples(st.integers(3, 5), st.integers(0, 33)),
    st.tuples(st.integers(0, 4), st.integers(0, 20), st.integers(0, 2)).filter(any),
)
def test_aistore_fits_as_its_table_says(
    release: tuple[int, ...], operator: tuple[int, ...]
) -> None:
    least = AISTORE.get(release)
    expected = ["compatible"]
    if least is None or operator > (3, 4, 0):
        expected.append("unknown")
    if (
        operator < (least or ())
        or (operator >= (2, 3, 0) and release < (3, 28))
        or (operator < (2, 8, 0) and release >= (4, 1))
    ):
        expected.append("incompatible")

    verdict = check("nvidia-aistore", f"aisnode=v{text(release)}", f"operator=v{text(operator)}")

    assert verdict.verdict == worst(expected)


PAIRS = load((FOLDER / "aistor-pairs.yaml").read_text(encoding="utf-8"))
assert isinstance(PAIRS, list)

FORMAT = "RELEASE.%Y-%m-%dT%H-%M-%SZ"
# The documentation names one more operator, which no chart carries.
OPERATORS = sorted(
    datetime.strptime(release, FORMAT)
    for release in {"RELEASE.2025-10-16T16-46-38Z", *(operator for _, operator, _ in PAIRS)}
)
KNOWN_UNTIL = datetime(2026, 7, 26)

moments = st.datetimes(datetime(2025, 3, 1), datetime(2026, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)
near = st.builds(
    lambda release, days, seconds: release + timedelta(days=days, seconds=seconds),
    st.sampled_from(OPERATORS),
    st.sampled_from([0, 0, 29, 30, 31]),
    st.integers(-2, 2),
)


def fits(operator: datetime, server: datetime) -> str:
    """The operator must have been the current one when the server was released."""
    out = [release for release in OPERATORS if operator < release <= server]
    if out:
        return "compatible" if server - out[0] <= timedelta(days=30) else "incompatible"
    return "unknown" if server >= KNOWN_UNTIL else "compatible"


@given(st.sampled_from(OPERATORS) | moments, moments | near)
def test_aistor_fits_when_the_operator_was_current(operator: datetime, server: datetime) -> None:
    judged = check(
        "minio-aistor",
        f"operator={operator.strftime(FORMAT)}",
        f"object-store={server.strftime(FORMAT)}",
    )

    assert judged.verdict == fits(operator, server)
    assert all("derived" in " ".join(finding.notes) for finding in judged.findings)


def test_aistor_names_the_operator_that_was_current_and_its_chart() -> None:
    """The newest of three that were out, not the first."""
    (finding,) = check(
        "minio-aistor",
        "operator=RELEASE.2026-02-09T03-12-43Z",
        "object-store=RELEASE.2026-05-04T23-02-27Z",
    ).findings

    assert "RELEASE.2026-04-13T10-27-16Z" in finding.hint
    assert "aistor-operator 5.6.4" in finding.hint
