"""What the vendors ship or document as fitting is never refused."""

from __future__ import annotations

from itertools import pairwise, product
from pathlib import Path

import pytest

from helm_compat.cli.check import check_versions
from helm_compat.findings import Finding
from helm_compat.gate.collect import Collector
from helm_compat.gate.installed import read_version
from helm_compat.gate.instance import Instance
from helm_compat.gate.judge import Gate, Judgement, judge
from helm_compat.gate.scene import UNKNOWN
from helm_compat.knowledge.builtin import read_products
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.data import load
from helm_compat.knowledge.detections import build_detections
from helm_compat.nodes import Limits

ROOT = Path(__file__).parent.parent
DATA = read_products()
GATE = Gate(Products(DATA), build_detections(DATA), (), dict.fromkeys(UNKNOWN, "warn"))


def read_pairs() -> list[list[str]]:
    """Every official pair of AIStor: source, operator, server."""
    file = ROOT / "testdata" / "verdicts" / "aistor-pairs.yaml"
    pairs = load(file.read_text(encoding="utf-8"))
    assert isinstance(pairs, list)
    return pairs


PAIRS = read_pairs()


def check(name: str, *versions: str) -> Judgement:
    return check_versions(name, versions, GATE, {})


def told(judged: Judgement) -> tuple[str, list[str]]:
    return judged.verdict, [finding.rule for finding in judged.findings]


def instances(name: str, versions: dict[str, str], origin: str) -> list[Instance]:
    found = GATE.products[name]
    return [
        read_version(found, found.components[component], version, origin)
        for component, version in versions.items()
    ]


def step(name: str, installed: dict[str, str], render: dict[str, str]) -> Judgement:
    """The judgement on a render, over what is installed."""
    collected = Collector(GATE.marks, GATE.products, Limits()).collected
    collected.products.add(name)
    collected.instances.extend(instances(name, render, ""))
    return judge(
        collected, GATE._replace(installed=tuple(instances(name, installed, "--installed")))
    )


def errors(judged: Judgement) -> list[Finding]:
    return [finding for finding in judged.findings if finding.severity == "error"]


def test_all_official_pairs_of_aistor_are_here() -> None:
    assert len(PAIRS) == 44
    assert len({source for source, _, _ in PAIRS}) == 42


@pytest.mark.parametrize(
    ("operator", "server"),
    [pytest.param(operator, server, id=source) for source, operator, server in PAIRS],
)
def test_official_pair_of_aistor_fits(operator: str, server: str) -> None:
    judged = check("minio-aistor", f"operator={operator}", f"object-store={server}")

    # One chart pairs an EDGE build with a RELEASE of the operator.
    allowed = ["mixed-flavours"] if server.startswith("EDGE") else []
    assert judged.verdict == "compatible"
    assert [f.rule for f in judged.findings] in ([], allowed)


OPERATORS = sorted({"RELEASE.2025-10-16T16-46-38Z", *(operator for _, operator, _ in PAIRS)})


def shipped(operator: str) -> list[str]:
    """The servers that were shipped with a release of the operator."""
    return sorted({server for _, with_operator, server in PAIRS if with_operator == operator})


@pytest.mark.parametrize(
    ("old", "new", "server"),
    [(old, new, server) for old, new in pairwise(OPERATORS) for server in shipped(old)],
)
def test_operator_of_aistor_goes_first(old: str, new: str, server: str) -> None:
    judged = step("minio-aistor", {"operator": old, "object-store": server}, {"operator": new})

    assert errors(judged) == []
    assert judged.verdict == "compatible"


@pytest.mark.parametrize(
    ("old", "new"),
    [(old, new) for old, new in pairwise(OPERATORS) if shipped(old) and shipped(new)],
)
def test_server_of_aistor_follows(old: str, new: str) -> None:
    before, after = shipped(old)[-1], shipped(new)[-1]

    judged = step(
        "minio-aistor", {"operator": new, "object-store": before}, {"object-store": after}
    )

    assert errors(judged) == []
    assert judged.verdict == "compatible"


def test_every_way_from_one_operator_of_aistor_to_a_later_one_is_open() -> None:
    """The vendor names no release that may not be skipped."""
    refused = [
        (old, new, server)
        for number, old in enumerate(OPERATORS)
        for new in OPERATORS[number + 1 :]
        for server in shipped(old)
        if errors(
            step("minio-aistor", {"operator": old, "object-store": server}, {"operator": new})
        )
    ]

    assert refused == []


# Lowest and highest of each row: https://aerospike.com/docs/kubernetes/reference/compatibility, and
# of Kubernetes the system requirements of each release.
AEROSPIKE = [
    ("4.5.0", "6.0.0.0 8.1.2.9", "3.0.0 3.5.0", "1.23 1.35"),
    ("4.4.0", "6.0.0.0 8.1.2.9", "3.0.0 3.5.0", "1.23 1.35"),
    ("4.4.1", "6.0.0.0 8.1.2.9", "3.0.0 3.5.0", "1.23 1.35"),
    ("4.3.0", "6.0.0.0 8.1.1.9", "3.0.0 3.4.0", "1.23 1.34"),
    ("4.2.0", "6.0.0.0 8.1.0.9", "3.0.0 3.4.0", "1.23 1.34"),
    ("4.1.0", "6.0.0.0 8.1.0.9", "3.0.0 3.2.0", "1.23 1.33"),
    ("4.1.1", "6.0.0.0 8.1.0.9", "3.0.0 3.2.0", "1.23 1.33"),
    ("4.1.2", "6.0.0.0 8.1.0.9", "3.0.0 3.2.0", "1.23 1.33"),
    ("4.0.0", "6.0.0.0 8.0.0.9", "3.0.0", "1.23 1.36"),
    ("4.0.1", "6.0.0.0 8.0.0.9", "3.0.0", "1.23 1.36"),
    ("4.0.2", "6.0.0.0 8.0.0.9", "3.0.0", "1.23 1.36"),
    ("3.4.0", "4.9.0.3 7.2.0.9", "2.0.0 2.0.1", "1.19 1.30"),
    ("3.4.1", "4.9.0.3 7.2.0.9", "2.0.0 2.0.1", "1.19 1.30"),
    ("3.3.0", "4.9.0.3 7.1.0.9", "", "1.19 1.29"),
    ("3.3.1", "4.9.0.3 7.1.0.9", "", "1.19 1.29"),
    ("3.2.0", "4.9.0.3 7.0.0.9", "", "1.19 1.27"),
    ("3.2.1", "4.9.0.3 7.0.0.9", "", "1.19 1.27"),
    ("3.2.2", "4.9.0.3 7.0.0.9", "", "1.19 1.27"),
    ("3.1.0", "4.9.0.3 6.4.0.9", "", "1.19 1.27"),
    ("3.0.0", "4.9.0.3 6.4.0.9", "", "1.19 1.36"),
    ("2.5.0", "5.6.0.0 6.3.0.9", "", "1.16 1.36"),
    ("2.4.0", "5.6.0.0 6.2.0.9", "", "1.16 1.25"),
    ("2.3.0", "5.6.0.0 6.2.0.9", "", "1.16 1.23"),
    ("2.2.0", "5.6.0.0 6.1.0.9", "", "1.16 1.23"),
    ("2.2.1", "5.6.0.0 6.1.0.9", "", "1.16 1.23"),
    ("2.1.0", "5.6.0.0 6.0.0.9", "", "1.16 1.23"),
    ("2.0.0", "5.6.0.0 5.7.0.9", "", "1.16 1.22"),
]


@pytest.mark.parametrize(("operator", "databases", "backups", "platforms"), AEROSPIKE)
def test_corners_of_aerospike_fit(
    operator: str, databases: str, backups: str, platforms: str
) -> None:
    corners = product(databases.split(), backups.split() or [""], platforms.split())
    for database, backup, kubernetes in corners:
        versions = [f"operator={operator}", f"database={database}", f"kubernetes={kubernetes}"]
        versions += [f"backup-service={backup}"] if backup else []
        assert told(check("aerospike", *versions)) == ("compatible", []), versions


# docs/COMPATIBILITY.md of github.com/NVIDIA/ais-k8s: the required operator, and the last release
# before one that refuses it.
AISTORE = [
    ("3.21", "0.98 2.2.0"),
    ("3.22", "1.0.0 2.2.0"),
    ("3.23", "1.1.0 2.2.0"),
    ("3.24", "1.4.1 2.2.0"),
    ("3.25", "1.4.1 2.2.0"),
    ("3.26", "1.6.0 2.2.0"),
    ("3.27", "1.6.0 2.2.0"),
    ("3.28", "1.6.0 3.4.0"),
    ("4.1", "2.8.0 3.4.0"),
    ("4.2", "2.8.0 3.4.0"),
    ("4.3", "2.8.0 3.4.0"),
    ("4.9", "2.8.0 3.4.0"),
]


@pytest.mark.parametrize(("release", "operators"), AISTORE)
def test_corners_of_aistore_fit(release: str, operators: str) -> None:
    for operator in operators.split():
        versions = [f"aisnode=v{release}", f"init=v{release}", f"operator=v{operator}"]
        judged = check("nvidia-aistore", *versions, "kubernetes=1.33")
        assert told(judged) == ("compatible", []), versions


@pytest.mark.parametrize(
    ("kaito", "dynamo", "kuberay", "kubernetes"),
    [*product(["0.3.0", "0.3.2"], ["1.0.0", "1.0.2"], ["1.1.0", "1.1.1"], ["1.26", "1.30"])],
)
def test_corners_of_ai_runway_fit(kaito: str, dynamo: str, kuberay: str, kubernetes: str) -> None:
    judged = check(
        "kubeairunway",
        "controller=0.1.0",
        f"kaito={kaito}",
        f"dynamo={dynamo}",
        f"kuberay={kuberay}",
        f"kubernetes={kubernetes}",
    )

    # KAITO before 0.4.5 serves kaito.sh/v1alpha1 only, which only warns.
    assert told(judged) == ("compatible", ["unrecommended-version"])


@pytest.mark.parametrize("dynamo", ["0.1.0", "0.1.9"])
def test_row_that_does_not_count_is_no_misfit(dynamo: str) -> None:
    """The older page states Dynamo 0.1 for controller 0.1, and 0.1.0 as the least Dynamo."""
    judged = check(
        "kubeairunway",
        "controller=0.1.0",
        "kaito=0.3.0",
        f"dynamo={dynamo}",
        "kuberay=1.1.0",
        "kubernetes=1.26",
    )

    assert judged.verdict != "incompatible"


@pytest.mark.parametrize(
    ("family", "versions", "expected"),
    [
        pytest.param(
            "aerospike",
            "operator=4.5.0 init=2.5.3 database=8.1.2.0 kubernetes=1.35",
            ("compatible", []),
            id="charts of operator 4.5.0 with their init image",
        ),
        pytest.param(
            "aerospike",
            "operator=4.5.0 init=2.5.3 database=8.1.2.0 backup-service=3.6.1",
            ("unknown", ["unknown-version"]),
            id="charts of master, still numbered 4.5.0, with backup service 3.6.1",
        ),
        pytest.param(
            "nvidia-aistore",
            "operator=v3.4.0 aisnode=v4.9 init=v4.9 kubernetes=1.33",
            ("compatible", []),
            id="chart ais-cluster 0.19.0 under operator 3.4.0",
        ),
        pytest.param(
            "kubeairunway",
            "controller=0.3.1 kaito=0.8.0 dynamo=0.7.1 kuberay=1.3.0 kubernetes=1.30",
            ("unknown", ["unknown-version"]),
            id="providers of AI Runway 0.3.1",
        ),
        pytest.param(
            "kubeairunway",
            "controller=0.4.0 kaito=v0.9.0-fix dynamo=0.7.1 kuberay=1.3.0 kubernetes=1.30",
            ("unknown", ["unknown-version"]),
            id="providers of AI Runway 0.4.0",
        ),
        pytest.param(
            "kubeairunway",
            "controller=0.5.0 kaito=v0.9.0-fix dynamo=1.0.1 kuberay=1.3.0 kubernetes=1.30",
            ("unknown", ["unknown-version"]),
            id="providers of AI Runway 0.5.0",
        ),
        pytest.param(
            "kubeairunway",
            "controller=0.6.0 kaito=0.10.0 dynamo=1.1.1 kuberay=1.3.0 kubernetes=1.30",
            ("unknown", ["unknown-version"]),
            id="providers of AI Runway 0.6.0",
        ),
        pytest.param(
            "kubeairunway",
            "controller=0.7.0 kaito=0.10.0 dynamo=1.1.1 kuberay=1.3.0 kubernetes=1.30",
            ("unknown", ["unknown-version"]),
            id="providers of AI Runway 0.7.0",
        ),
        pytest.param(
            "kubeairunway",
            "kaito=0.10.0 dynamo=1.1.1 kuberay=1.3.0 kubernetes=1.30",
            ("compatible", []),
            id="providers of AI Runway 0.7.0 without a controller",
        ),
    ],
)
def test_what_the_vendors_ship_together(
    family: str, versions: str, expected: tuple[str, list[str]]
) -> None:
    assert told(check(family, *versions.split())) == expected


# The vendor's own way from one line of the operator to the next.
OPERATOR_STEPS = [
    *("2.0.0", "2.1.0", "2.2.1", "2.3.0", "2.4.0", "2.5.0", "3.0.0", "3.1.0"),
    *("3.2.2", "3.4.1", "4.0.2", "4.1.2", "4.2.0", "4.3.0", "4.4.1", "4.5.0"),
]


@pytest.mark.parametrize(("old", "new"), [*pairwise(OPERATOR_STEPS)])
def test_operator_of_aerospike_goes_line_by_line(old: str, new: str) -> None:
    database = "5.7.0.0" if new == "2.1.0" else "6.0.0.0"

    judged = step("aerospike", {"operator": old, "database": database}, {"operator": new})

    assert errors(judged) == []
    assert judged.verdict == "compatible"


def test_backup_service_follows_operator_4_0() -> None:
    before = {"operator": "3.4.1", "database": "7.2.0.1", "backup-service": "2.0.1"}

    judged = step("aerospike", before, {"operator": "4.0.2"})

    assert errors(judged) == []
    assert "transient-state" in [f.rule for f in judged.findings]


def test_backup_service_follows_no_further() -> None:
    before = {"operator": "4.0.2", "database": "7.2.0.1", "backup-service": "2.0.1"}

    judged = step("aerospike", before, {"operator": "4.1.2"})

    assert judged.verdict == "incompatible"
