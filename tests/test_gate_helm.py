"""The gate under the real Helm 3 and Helm 4: what is refused, what is seen of it, what passes."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from test_helm import (
    CHARTS,
    DRY,
    Cluster,
    World,
    cluster,
    make_world,
    newest,
    read_pipe,
    succeed,
    told,
)

from helm_compat.refusal import MAX_LINES

__all__ = ["cluster"]  # the fixture of test_helm


@pytest.fixture(params=[3, 4], ids=["Helm 3", "Helm 4"])
def world(request: pytest.FixtureRequest, bare_path: str, tmp_path: Path) -> World:
    binary: Path = request.getfixturevalue(f"helm{request.param}")
    return make_world(tmp_path / "world", request.param, binary, bare_path)


# --- A chart that does not fit what is installed ---


class Call(NamedTuple):
    """What a chart is rendered with: flags of Helm, and what is said to be installed."""

    flags: tuple[str, ...]
    installed: str

    @property
    def arguments(self) -> tuple[str, ...]:
        """The post-renderer's arguments."""
        return "--installed", self.installed


class Story(NamedTuple):
    """A chart that is refused, what either Helm shows of that, and how the chart does fit.

    {report} stands for the path of the kept report.
    """

    chart: str
    refused: Call
    fits: tuple[Call, ...]
    helm3: str
    helm4: str


AKO, AISTOR = "aerospike/operator", "minio-aistor/operator"
AIS, CONTROLLER = "nvidia-aistore/operator", "kubeairunway/controller"
SERVER = "--set=objectStore.image.repository=quay.io/minio/aistor/minio,objectStore.image.tag"

STORIES = [
    pytest.param(
        Story(
            "aerospike",
            Call((), f"{AKO}=3.4.1"),
            (Call((), f"{AKO}=4.4.0"), Call(("--set=image.tag=7.2.0.10",), f"{AKO}=3.4.1")),
            """\
error[incompatible-versions]: Aerospike Database 8.1.2.0 is newer than Aerospike Kubernetes Operator 3.4.1 supports
  --> <stdin>:16:48 (aerospike/templates/clusters.yaml)
      AerospikeCluster aistor/profiles spec.image
16 |   image: aerospike/aerospike-server-enterprise:8.1.2.0
   |                                                ^^^^^^^
   = operator 3.4.1 supports database 4.9.0.3 to 7.2.x
   = operator 3.4.1: installed, says --installed
   = database 8.1.2.0: in this render, AerospikeCluster/aistor/profiles
   = database 8.1.2.0 fits operator 4.4.x and 4.5.x
   = source: https://aerospike.com/docs/kubernetes/reference/compatibility (read 2026-11-21)
   = help: Upgrade Aerospike Kubernetes Operator to 4.4.x or 4.5.x first. If that is done: --installed aerospike/operator=VERSION
   = help: helm compat matrix aerospike shows what fits.
   = suppress: {rule: incompatible-versions, resource: AerospikeCluster/aistor/profiles, reason: …}
1 error, 1 to know
The whole report: helm compat report {report}""",
            """\
error[incompatible-versions]: Aerospike Database 8.1.2.0 is newer than Aerospike Kubernetes Operator 3.4.1 supports
  --> <stdin>:16:48 (aerospike/templates/clusters.yaml)
      AerospikeCluster aistor/profiles spec.image
16 |   image: aerospike/aerospike-server-enterprise:8.1.2.0
   |                                                ^^^^^^^
   = operator 3.4.1 supports database 4.9.0.3 to 7.2.x
   = operator 3.4.1: installed, says --installed
   = database 8.1.2.0: in this render, AerospikeCluster/aistor/profiles
   = database 8.1.2.0 fits operator 4.4.x and 4.5.x
   = source: https://aerospike.com/docs/kubernetes/reference/compatibility (read 2026-11-21)
   = help: Upgrade Aerospike Kubernetes Operator to 4.4.x or 4.5.x first. If that is done: --installed aerospike/operator=VERSION
   = help: helm compat matrix aerospike shows what fits.
1 error
The whole report: helm compat report {report}""",
        ),
        id="Aerospike database newer than its operator",
    ),
    pytest.param(
        Story(
            "objectstore",
            Call(
                (f"{SERVER}=RELEASE.2026-03-12T15-15-27Z",),
                f"{AISTOR}=RELEASE.2025-08-19T17-53-00Z",
            ),
            (
                Call(
                    (f"{SERVER}=RELEASE.2026-03-12T15-15-27Z",),
                    f"{AISTOR}=RELEASE.2026-02-09T03-12-43Z",
                ),
                Call(
                    (f"{SERVER}=RELEASE.2025-05-30T11-03-39Z",),
                    f"{AISTOR}=RELEASE.2025-05-12T19-09-07Z",
                ),
            ),
            """\
error[incompatible-versions]: AIStor Object Store RELEASE.2026-03-12T15-15-27Z is newer than AIStor Operator RELEASE.2025-08-19T17-53-00Z was made for
  --> <stdin>:21:38 (objectstore/templates/object-store.yaml)
      ObjectStore aistor/primary-object-store spec.image
21 |   image: "quay.io/minio/aistor/minio:RELEASE.2026-03-12T15-15-27Z"
   |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = when it was released, operator RELEASE.2026-02-09T03-12-43Z was the current one
   = a later operator had been out for 147 days (30 are tolerated)
   = operator RELEASE.2025-08-19T17-53-00Z: installed, says --installed
   = object-store RELEASE.2026-03-12T15-15-27Z: in this render, ObjectStore/aistor/primary-object-store
   = derived from the releases that the vendor ships together; no matrix is published
   = source: https://github.com/minio/helm (read 2026-11-21)
   = source: https://github.com/redhat-openshift-ecosystem/certified-operators (read 2026-11-21)
   = source: https://github.com/minio/aistor (read 2026-11-21)
   = help: Upgrade AIStor Operator to RELEASE.2026-02-09T03-12-43Z or later (chart aistor-operator 5.4.0) first. If that is done: --installed minio-aistor/operator=VERSION
   = suppress: {rule: incompatible-versions, resource: ObjectStore/aistor/primary-object-store, reason: …}
1 error, 1 to know
The whole report: helm compat report {report}""",
            """\
error[incompatible-versions]: AIStor Object Store RELEASE.2026-03-12T15-15-27Z is newer than AIStor Operator RELEASE.2025-08-19T17-53-00Z was made for
  --> <stdin>:21:38 (objectstore/templates/object-store.yaml)
      ObjectStore aistor/primary-object-store spec.image
21 |   image: "quay.io/minio/aistor/minio:RELEASE.2026-03-12T15-15-27Z"
   |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = when it was released, operator RELEASE.2026-02-09T03-12-43Z was the current one
   = a later operator had been out for 147 days (30 are tolerated)
   = operator RELEASE.2025-08-19T17-53-00Z: installed, says --installed
   = object-store RELEASE.2026-03-12T15-15-27Z: in this render, ObjectStore/aistor/primary-object-store
   = derived from the releases that the vendor ships together; no matrix is published
   = source: https://github.com/minio/helm (read 2026-11-21)
   = help: Upgrade AIStor Operator to RELEASE.2026-02-09T03-12-43Z or later (chart aistor-operator 5.4.0) first. If that is done: --installed minio-aistor/operator=VERSION
1 error
The whole report: helm compat report {report}""",
        ),
        id="AIStor object store newer than its operator",
    ),
    pytest.param(
        Story(
            "aistore",
            Call((), f"{AIS}=v2.7.0"),
            (Call((), f"{AIS}=v2.8.0"),),
            """\
error[incompatible-versions]: AIStore Operator v2.7.0 is older than AIStore v4.1 needs
  --> <stdin>:23:43 (aistore/templates/ais.yaml)
      AIStore aistor/ais spec.nodeImage
23 |   nodeImage: "docker.io/aistorage/aisnode:v4.1"
   |                                           ^^^^
   = aisnode v4.1 needs operator 2.8.0 or later
   = operator v2.7.0: installed, says --installed
   = aisnode v4.1: in this render, AIStore/aistor/ais
   = its pods are ready only in a cluster, and an older operator does not let them find each other before
   = source: https://github.com/NVIDIA/ais-k8s/blob/8bb21bf8/docs/COMPATIBILITY.md (read 2026-11-21)
   = help: Upgrade AIStore Operator to 2.8.0 or later first. If that is done: --installed nvidia-aistore/operator=VERSION
   = help: helm compat matrix nvidia-aistore shows what fits.
   = suppress: {rule: incompatible-versions, resource: AIStore/aistor/ais, reason: …}
1 error, 1 to know
The whole report: helm compat report {report}""",
            """\
error[incompatible-versions]: AIStore Operator v2.7.0 is older than AIStore v4.1 needs
  --> <stdin>:21:43 (aistore/templates/ais.yaml)
      AIStore aistor/ais spec.nodeImage
21 |   nodeImage: "docker.io/aistorage/aisnode:v4.1"
   |                                           ^^^^
   = aisnode v4.1 needs operator 2.8.0 or later
   = operator v2.7.0: installed, says --installed
   = aisnode v4.1: in this render, AIStore/aistor/ais
   = its pods are ready only in a cluster, and an older operator does not let them find each other before
   = source: https://github.com/NVIDIA/ais-k8s/blob/8bb21bf8/docs/COMPATIBILITY.md (read 2026-11-21)
   = help: Upgrade AIStore Operator to 2.8.0 or later first. If that is done: --installed nvidia-aistore/operator=VERSION
   = help: helm compat matrix nvidia-aistore shows what fits.
1 error
The whole report: helm compat report {report}""",
        ),
        id="AIStore newer than its operator",
    ),
    pytest.param(
        Story(
            "kaito",
            Call((), f"{CONTROLLER}=0.7.0"),
            (Call(("--set=image.tag=0.10.0",), f"{CONTROLLER}=0.7.0"),),
            """\
error[incompatible-versions]: KAITO 0.2.2 is older than AI Runway controller 0.7.0 needs
  --> <stdin>:24:57 (kaito/templates/deployment.yaml)
      Deployment aistor/shop-workspace spec.template.spec.containers[0].image
24 |           image: "mcr.microsoft.com/aks/kaito/workspace:0.2.2"
   |                                                         ^^^^^
   = controller 0.7.0 needs kaito 0.3.0 or later
   = controller 0.7.0: installed, says --installed
   = kaito 0.2.2: in this render, Deployment/aistor/shop-workspace
   = source: Versioning & Upgrades (read 2026-11-21)
   = source: https://github.com/ai-runway/airunway/blob/v0.7.0/docs/versioning-upgrades.md (read 2026-11-21)
   = help: Upgrade KAITO to 0.3.0 or later first.
   = suppress: {rule: incompatible-versions, resource: Deployment/aistor/shop-workspace, reason: …}
1 error, 2 warnings, 1 to know
The whole report: helm compat report {report}""",
            """\
error[incompatible-versions]: KAITO 0.2.2 is older than AI Runway controller 0.7.0 needs
  --> <stdin>:24:55 (kaito/templates/deployment.yaml)
      Deployment aistor/shop-workspace spec.template.spec.containers[0].image
24 |         image: "mcr.microsoft.com/aks/kaito/workspace:0.2.2"
   |                                                       ^^^^^
   = controller 0.7.0 needs kaito 0.3.0 or later
   = controller 0.7.0: installed, says --installed
   = kaito 0.2.2: in this render, Deployment/aistor/shop-workspace
   = source: Versioning & Upgrades (read 2026-11-21)
   = source: https://github.com/ai-runway/airunway/blob/v0.7.0/docs/versioning-upgrades.md (read 2026-11-21)
   = help: Upgrade KAITO to 0.3.0 or later first.
   = suppress: {rule: incompatible-versions, resource: Deployment/aistor/shop-workspace, reason: …}
1 error, 2 warnings
The whole report: helm compat report {report}""",
        ),
        id="KAITO older than AI Runway needs",
    ),
]
stories = pytest.mark.parametrize("story", STORIES)
fitting = pytest.mark.parametrize(
    ("chart", "call"),
    [
        pytest.param(story.chart, call, id=f"{story.chart} {' '.join(call.flags)} {call.installed}")
        for (story,) in (param.values for param in STORIES)
        if isinstance(story, Story)
        for call in story.fits
    ],
)


def seen(world: World, story: Story) -> str:
    """Our lines of a refusal behind the first."""
    text = {3: story.helm3, 4: story.helm4}[world.major]
    return text.replace("{report}", f"{max(world.reports.iterdir())}")


@stories
def test_refused(story: Story, world: World) -> None:
    call = story.refused
    words = world.words("template", CHARTS / story.chart, *call.arguments, helm=call.flags)
    answer = read_pipe(world.helm, words, {})
    assert answer == (1, b"", told(world, seen(world, story), 1))


@stories
def test_helm_4_is_told_in_few_lines(story: Story) -> None:
    assert 1 + len(story.helm4.split("\n")) <= MAX_LINES


@fitting
def test_fits(chart: str, call: Call, world: World) -> None:
    plain = succeed(world.template(CHARTS / chart, renderer="cat", helm=call.flags))
    assert succeed(world.template(CHARTS / chart, *call.arguments, helm=call.flags)) == plain


@pytest.mark.parametrize("flags", [(), DRY], ids=["install", "dry run"])
def test_nothing_is_installed(flags: tuple[str, ...], world: World, cluster: Cluster) -> None:
    """The refusal comes before Helm sends anything to the cluster."""
    story = STORIES[0].values[0]
    assert isinstance(story, Story)
    chart = CHARTS / story.chart
    words = world.words("install", chart, *story.refused.arguments, helm=flags)
    answer = read_pipe(world.helm, words, cluster.variables)
    assert answer == (1, b"", told(world, seen(world, story), 1, command="install"))
    assert [request for request in cluster.requests if not request.startswith("GET ")] == []


# --- Operator and operand in one release, nothing said of what is installed ---


@pytest.fixture
def umbrella(tmp_path: Path) -> Path:
    """A chart that holds an operator and its cluster."""
    folder = tmp_path / "umbrella"
    for name in ("aerospike", "aerospike-operator"):
        shutil.copytree(CHARTS / name, folder / "charts" / name)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: all\nversion: 1.0.0\n", "utf-8")
    return folder


def judged(world: World) -> list[tuple[str, str, str]]:
    """Rule, severity and message of each finding of the newest report, but for unseen hooks."""
    findings: list[dict[str, Any]] = newest(world)["findings"]
    return [
        (f["rule"], f["severity"], f["message"]) for f in findings if f["rule"] != "unseen-hooks"
    ]


TOO_NEW = (
    "incompatible-versions",
    "error",
    "Aerospike Database 8.1.2.0 is newer than Aerospike Kubernetes Operator 3.4.1 supports",
)


def test_operator_and_cluster(umbrella: Path, world: World) -> None:
    done = world.template(umbrella, helm=("--set=aerospike-operator.operatorImage.tag=3.4.1",))
    assert (done.returncode, done.stdout) == (1, b"")
    assert judged(world) == [TOO_NEW]


def test_operator_and_cluster_that_fit(umbrella: Path, world: World) -> None:
    plain = succeed(world.template(umbrella, renderer="cat"))
    assert succeed(world.template(umbrella)) == plain
    assert judged(world) == []


def test_operator_of_another_namespace(umbrella: Path, world: World) -> None:
    flags = (
        "--set=aerospike-operator.operatorImage.tag=3.4.1",
        "--set=aerospike-operator.watchNamespaces=legacy",
    )
    succeed(world.template(umbrella, helm=flags))
    message = "Aerospike Database 8.1.2.0 cannot be judged: no release of its operator is known"
    assert judged(world) == [("missing-operator", "warning", message)]


def test_definitions_of_another_release(umbrella: Path, world: World) -> None:
    """Helm 4 never shows a post-renderer what stands in `crds/`."""
    flags = ("--include-crds", "--set=aerospike-operator.operatorImage.tag=4.5.0")
    succeed(world.template(umbrella, helm=flags))
    message = (
        "the CustomResourceDefinitions are of 4.4.1, Aerospike Kubernetes Operator 4.5.0 is not"
    )
    expected = {3: [("crd-version-differs", "warning", message)], 4: []}
    assert judged(world) == expected[world.major]


def test_many_clusters(world: World) -> None:
    """In Helm 4 the message has an end; the report holds every cluster."""
    flags = ("--set=clusters={" + ",".join(f"c{number}" for number in range(20)) + "}",)
    words = world.words("template", CHARTS / "aerospike", "--installed", f"{AKO}=3.4.1", helm=flags)
    status, out, err = read_pipe(world.helm, words, {})
    assert (status, out) == (1, b"")
    assert judged(world) == [TOO_NEW] * 20
    shown = err.count("error[incompatible-versions]")
    if world.major == 3:
        assert shown == 20
    else:
        ours = err.partition("\n: error unmarshaling JSON")[0].splitlines()[1:]
        assert (len(ours), shown) == (MAX_LINES, MAX_LINES - 4)
        assert re.fullmatch(r"… \d+ more lines", ours[-3])
        assert ours[-2:] == [
            "20 errors",
            f"The whole report: helm compat report {max(world.reports.iterdir())}",
        ]


# --- Hooks: Helm 3 sends none, Helm 4 sends them with the rest ---

NEWER = (
    "incompatible-versions",
    "error",
    "AIStor Object Store RELEASE.2026-04-11T03-20-12Z is newer than"
    " AIStor Operator RELEASE.2025-08-19T17-53-00Z was made for",
)


def test_hooks_beside_what_is_refused(world: World) -> None:
    flags = ("--set=images.operator.tag=RELEASE.2025-08-19T17-53-00Z",)
    done = world.template(CHARTS / "operator", helm=flags)
    assert (done.returncode, done.stdout) == (1, b"")
    assert judged(world) == [NEWER]


def test_hooks_beside_what_fits(world: World) -> None:
    succeed(world.template(CHARTS / "operator"))
    assert judged(world) == []
