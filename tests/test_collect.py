"""Collecting: which components a manifest holds, where each release is read, and what is none.

The marks are those of the built-in products: names of images, fields of custom resources, the
defaults in an operator's ConfigMap, annotations of CustomResourceDefinitions, labels, arguments.
"""

from __future__ import annotations

import pytest

from helm_compat.findings import Locator
from helm_compat.gate.collect import Collected, Collector
from helm_compat.gate.instance import Instance
from helm_compat.images.candidates import Candidates
from helm_compat.images.found import Scope
from helm_compat.images.search import find
from helm_compat.images.tree import Unit
from helm_compat.knowledge.builtin import builtin_knowledge, read_products
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.detections import build_detections
from helm_compat.nodes import Limits, parse
from helm_compat.stream import split

PRODUCTS = Products(read_products())
MARKS = build_detections(read_products())
SCOPE = Scope(builtin_knowledge(), {}, frozenset(), Limits())
CANDIDATES = Candidates(SCOPE)

DIGEST = f"sha256:{'0' * 64}"
RELEASE = "RELEASE.2026-05-04T23-02-27Z"
AKO = "aerospike/aerospike-kubernetes-operator"
DATABASE = "aerospike/aerospike-server-enterprise"


def collect(text: str, namespace: str = "") -> Collected:
    collector = Collector(MARKS, PRODUCTS, Limits(), namespace)
    for document in split(text.encode()):
        collector.definitions(document, "in.yaml")
        inner = document.data.decode()
        unit = Unit(inner, parse(inner, Limits()))
        place = Locator("in.yaml", document, inner)
        collector.document(unit, find(unit, SCOPE).sites, place)
    return collector.collected


def told(instance: Instance) -> str:
    """What was read and whose it is."""
    return (
        f"{instance.component} {instance.problem or 'is'} {instance.written!r}, {instance.object}"
    )


def pod(*containers: str, kind: str = "Deployment", more: str = "") -> str:
    """A workload, whose first container stands at line 8."""
    listed = "".join(f"      - {container}\n" for container in containers)
    return (
        f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: o, namespace: ops{more}}}\n"
        f"spec:\n  template:\n    spec:\n      containers:\n{listed}"
    )


def custom(kind: str, spec: str, *, metadata: str = "name: c, namespace: n") -> str:
    """A custom resource, whose spec stands at line 4, column 7."""
    versions = {
        "AIStore": "ais.nvidia.com/v1beta1",
        "AerospikeCluster": "asdb.aerospike.com/v1",
        "ObjectStore": "aistor.min.io/v1",
    }
    version = versions.get(kind, "asdb.aerospike.com/v1beta1")
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{{metadata}}}\nspec: {spec}\n"


FOUND = [
    pytest.param(
        pod(f"image: {AKO}:4.5.0"), ["operator is '4.5.0', Deployment/ops/o"], id="image of a pod"
    ),
    pytest.param(
        pod(f"image: quay.io/{AKO}:4.5.0"),
        ["operator is '4.5.0', Deployment/ops/o"],
        id="another registry",
    ),
    pytest.param(
        pod("image: localhost:5000/a/b/aerospike-kubernetes-operator:4.5.0"),
        ["operator is '4.5.0', Deployment/ops/o"],
        id="a registry with a port, deeper path",
    ),
    pytest.param(
        pod(f"image: {AKO}-nightly:4.5.0"),
        ["operator is '4.5.0', Deployment/ops/o"],
        id="nightly repository",
    ),
    pytest.param(
        pod(f"image: {AKO}:4.5.0@{DIGEST}"),
        ["operator is '4.5.0', Deployment/ops/o"],
        id="tag and digest",
    ),
    pytest.param(
        pod(f"image: {AKO}@{DIGEST}"),
        [f"operator digest '{AKO}@{DIGEST}', Deployment/ops/o"],
        id="digest alone",
    ),
    pytest.param(
        pod(f"image: {AKO}"),
        [f"operator untagged '{AKO}', Deployment/ops/o"],
        id="no tag",
    ),
    pytest.param(
        pod(f"image: {AKO}:latest"),
        ["operator latest 'latest', Deployment/ops/o"],
        id="latest",
    ),
    pytest.param(
        pod(f"image: {AKO}:main"),
        ["operator unreadable 'main', Deployment/ops/o"],
        id="tag that is no version",
    ),
    pytest.param(
        pod(f"image: quay.io/minio/aistor/operator:{RELEASE}"),
        [f"operator is '{RELEASE}', Deployment/ops/o"],
        id="two components of a path",
    ),
    pytest.param(
        pod(f"image: r.example.com/aistor/operator:{RELEASE}"),
        [f"operator is '{RELEASE}', Deployment/ops/o"],
        id="two components, moved",
    ),
    pytest.param(
        custom("AerospikeCluster", f"{{image: {DATABASE}:8.1.2.0}}"),
        ["database is '8.1.2.0', AerospikeCluster/n/c"],
        id="field of a custom resource",
    ),
    pytest.param(
        custom("AerospikeCluster", f"{{image: {DATABASE}:8.1.2.0}}", metadata="name: c"),
        ["database is '8.1.2.0', AerospikeCluster/c"],
        id="no namespace",
    ),
    pytest.param(
        custom("AerospikeCluster", "{image: Not/a/Reference}"),
        ["database unreadable 'Not/a/Reference', AerospikeCluster/n/c"],
        id="field that holds no reference",
    ),
    pytest.param(
        custom("ObjectStore", "{}"),
        ["object-store absent '', ObjectStore/n/c"],
        id="operand without an image",
    ),
    pytest.param(
        custom("ObjectStore", "{image: ''}"),
        ["object-store absent '', ObjectStore/n/c"],
        id="operand with an empty image",
    ),
    pytest.param(
        custom("ObjectStore", "{image: null}").replace("null", '""'),
        ["object-store absent '', ObjectStore/n/c"],
        id="operand with an empty image in double quotes",
    ),
    pytest.param(
        custom(
            "AIStore", "{nodeImage: aistorage/aisnode:v4.9-etl, initImage: aistorage/ais-init:v4.9}"
        ),
        ["aisnode is 'v4.9-etl', AIStore/n/c", "init is 'v4.9', AIStore/n/c"],
        id="two components of one object",
    ),
    pytest.param(
        custom(
            "AerospikeCluster",
            f"{{image: {DATABASE}:8.1.2.0, podSpec: {{aerospikeInitContainer: "
            "{imageNameAndTag: aerospike-kubernetes-init:2.5.3}}}",
        ),
        ["database is '8.1.2.0', AerospikeCluster/n/c", "init is '2.5.3', AerospikeCluster/n/c"],
        id="name and tag without a registry",
    ),
    pytest.param(
        "kind: List\nitems:\n"
        + "".join(
            f"- {{apiVersion: asdb.aerospike.com/v1, kind: AerospikeCluster, "
            f"metadata: {{name: {n}}}, spec: {{image: '{DATABASE}:{v}'}}}}\n"
            for n, v in (("a", "8.1.1.0"), ("b", "8.1.2.0"))
        ),
        ["database is '8.1.1.0', AerospikeCluster/a", "database is '8.1.2.0', AerospikeCluster/b"],
        id="items of a list",
    ),
    pytest.param(
        pod(
            f"image: quay.io/aistorage/ais-operator@{DIGEST}",
            more=", labels: {app.kubernetes.io/version: 3.4.0}",
        ),
        ["operator is '3.4.0', Deployment/ops/o"],
        id="label where the tag is missing",
    ),
    pytest.param(
        pod(
            "image: quay.io/aistorage/ais-operator:v3.3.0",
            more=", labels: {app.kubernetes.io/version: 3.4.0}",
        ),
        ["operator is 'v3.3.0', Deployment/ops/o"],
        id="tag before label",
    ),
    pytest.param(
        pod("{image: ai-dynamo/kubernetes-operator:main, args: [-v, --operator-version=1.1.1]}"),
        ["dynamo is '1.1.1', Deployment/ops/o"],
        id="argument where the tag is a branch",
    ),
    pytest.param(
        pod(f"image: &i {AKO}:4.5.0")
        + "---\n"
        + "x: &c {image: "
        + f"'{AKO}:4.4.1'"
        + "}\n"
        + pod("<<: *c"),
        ["operator is '4.5.0', Deployment/ops/o", "operator is '4.4.1', Deployment/ops/o"],
        id="anchor, and a container that is merged in",
    ),
    pytest.param(
        f'{{"kind":"Deployment","apiVersion":"apps/v1","metadata":{{"name":"o"}},"spec":{{"template":'
        f'{{"spec":{{"containers":[{{"image":"{AKO}:4.5.0"}}]}}}}}}}}',
        ["operator is '4.5.0', Deployment/o"],
        id="JSON",
    ),
    pytest.param(
        pod(f"image: {AKO}:4.5.0").replace("\n", "\r\n"),
        ["operator is '4.5.0', Deployment/ops/o"],
        id="line ends of Windows",
    ),
    pytest.param(
        f"\ufeff{pod(f'image: {AKO}:4.5.0')}",
        ["operator is '4.5.0', Deployment/ops/o"],
        id="byte order mark",
    ),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_found(text: str, expected: list[str]) -> None:
    assert [told(i) for i in collect(text).instances] == expected


NOTHING = [
    pytest.param(pod(f"image: {AKO}-init:4.5.0"), id="name that goes on"),
    pytest.param(pod("image: x/my-aerospike-kubernetes-operator:4.5.0"), id="name that ends alike"),
    pytest.param(pod(f"image: x/myaistor/operator:{RELEASE}"), id="component that ends alike"),
    pytest.param(pod(f"image: x/aistor/operator/y:{RELEASE}"), id="in the middle of a path"),
    pytest.param(pod(f"image: minio/operator:{RELEASE}"), id="last component alone"),
    pytest.param(pod(f"image: aistor:5000/operator:{RELEASE}"), id="registry is no component"),
    pytest.param(pod(f"image: aistor-operator:{RELEASE}"), id="hyphen is no slash"),
    pytest.param(pod("image: aerospike-kubernetes-operator.example.com/a:1"), id="name of a host"),
    pytest.param(pod(f"{{image: a, args: ['{AKO}:4.5.0']}}"), id="argument of a pod"),
    pytest.param(
        pod(f"{{image: a, env: [{{name: I, value: 'docker.io/{AKO}:4.5.0'}}]}}"),
        id="environment variable",
    ),
    pytest.param(
        custom("AerospikeCluster", f"{{image: {DATABASE}:5.0.0.0}}").replace("asdb.", ""),
        id="kind of another group",
    ),
    pytest.param(
        custom("AerospikeBackup", f"{{image: {DATABASE}:5.0.0.0}}"), id="other kind of the group"
    ),
    pytest.param(
        custom("AerospikeCluster", "{}").replace("spec: {}", f"status: {{image: {DATABASE}:1.0}}")
        + "---\n",
        id="status",
    ),
    pytest.param(custom("AerospikeBackupService", "{}"), id="companion without an image"),
    pytest.param(pod(f"image: {AKO}:4.5.0", kind="Job"), id="Job"),
    pytest.param(pod(f"image: {AKO}:4.5.0", kind="DaemonSet"), id="DaemonSet that pulls early"),
    pytest.param(
        pod(f"image: {AKO}:4.5.0", kind="CronJob").replace(
            "spec:\n  template:", "spec:\n  jobTemplate: {}\n  template:"
        ),
        id="CronJob",
    ),
    pytest.param(
        pod(f"image: {AKO}:4.5.0").replace("containers:", "initContainers:"), id="init container"
    ),
    pytest.param(
        pod(f"image: {AKO}:4.5.0").replace("containers:", "ephemeralContainers:"),
        id="ephemeral container",
    ),
    pytest.param(f"# image: {AKO}:4.5.0\nkind: ConfigMap\n", id="comment"),
    pytest.param(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  m: |\n"
        + "".join(
            f"    {line}\n" for line in custom("AerospikeCluster", f"{{image: {DATABASE}:5.0}}").split("\n")
        ),
        id="manifest inside a ConfigMap",
    ),
    pytest.param("", id="nothing"),
    pytest.param("- a\n- b\n", id="no mapping"),
    pytest.param("kind: AerospikeCluster\n", id="no apiVersion"),
]  # fmt: skip


@pytest.mark.parametrize("text", NOTHING)
def test_found_nothing(text: str) -> None:
    found = [i for i in collect(text).instances if i.problem != "absent"]
    assert [told(i) for i in found] == []


CONFIG_MAP = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: aistor}}\n"
    "data:\n  {key}: |\n    # größe 💾\n    image: \"quay.io/minio/aistor/x:{tag}\"\n"
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "key", "component"),
    [
        pytest.param("object-store-operator", "minio", "object-store", id="object store"),
        pytest.param("object-store-operator-default", "minio", "object-store", id="OLM"),
        pytest.param("object-store-operator", "kes", "kes", id="KES"),
        pytest.param("object-store-operator", "minio-sidecar", "sidecar", id="sidecar"),
    ],
)
def test_default_of_an_operator(name: str, key: str, component: str) -> None:
    (found,) = collect(CONFIG_MAP.format(name=name, key=key, tag=RELEASE)).instances
    assert found.default
    assert told(found) == f"{component} is '{RELEASE}', ConfigMap/aistor/{name}"
    assert found.at is not None
    assert (found.at.line, found.at.column, found.at.path) == (7, 36, f"data.{key}#image")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CONFIG_MAP.format(name="other", key="minio", tag=RELEASE), id="other name"),
        pytest.param(
            CONFIG_MAP.format(name="object-store-operator", key="mc", tag=RELEASE), id="other key"
        ),
        pytest.param(
            CONFIG_MAP.format(name="object-store-operator", key="minio", tag=RELEASE).replace(
                "kind: ConfigMap", "kind: Secret"
            ),
            id="secret",
        ),
        pytest.param(
            CONFIG_MAP.format(name="object-store-operator", key="minio", tag=RELEASE).replace(
                "    image:", "    sub:\n      image:"
            ),
            id="deeper",
        ),
    ],
)
def test_no_default(text: str) -> None:
    assert collect(text).instances == []


def test_default_in_a_list() -> None:
    """The path of a ConfigMap in a list begins with `items[0]`."""
    text = CONFIG_MAP.format(name="object-store-operator", key="minio", tag=RELEASE)
    lines = "".join(f"  {line}\n" for line in text.rstrip("\n").split("\n"))
    listed = f"apiVersion: v1\nkind: List\nitems:\n-{lines[1:]}"
    expected = [f"object-store is '{RELEASE}', ConfigMap/aistor/object-store-operator"]
    assert [told(i) for i in collect(listed).instances] == expected


PLACES = [
    # Line, column and field, and what the carets stand under.
    pytest.param(
        pod(f"image: {AKO}:4.5.0"),
        (8, 56, "spec.template.spec.containers[0].image", "4.5.0"),
        id="block",
    ),
    pytest.param(
        pod(f"image: {AKO}:4.5.0").replace("\n", "\r\n"),
        (8, 56, "spec.template.spec.containers[0].image", "4.5.0"),
        id="line ends of Windows",
    ),
    pytest.param(
        "# one\n---\n# two\n--- # three\n"
        + custom("AerospikeCluster", f"{{image: {DATABASE}:8.1}}"),
        (8, 53, "spec.image", "8.1"),
        id="third document",
    ),
    pytest.param(
        custom("AerospikeCluster", f'{{"größe 💾": 1, image: "{DATABASE}:8.1.2.0@{DIGEST}"}}'),
        (4, 68, "spec.image", "8.1.2.0"),
        id="letters of several bytes, and a digest",
    ),
    pytest.param(
        custom("AerospikeCluster", f'{{x: "\t",\timage: "{DATABASE}:8.1.2.0"}}'),
        (4, 62, "spec.image", "8.1.2.0"),
        id="tabs",
    ),
    pytest.param(
        custom("AerospikeCluster", f"\n  image: >-\n    {DATABASE}:8.1.2.0"),
        (6, 43, "spec.image", "8.1.2.0"),
        id="folded",
    ),
    pytest.param(
        custom("AerospikeCluster", '{image: "aerospike\\/aerospike-server-enterpris\\u0065:8.1"}'),
        (4, 60, "spec.image", "8.1"),
        id="escapes before the tag",
    ),
    pytest.param(
        custom("AerospikeCluster", f"{{image: '{DATABASE}'}}"),
        (4, 16, "spec.image", DATABASE),
        id="no tag",
    ),
    pytest.param(
        custom("AerospikeCluster", f"{{image: 'r.example.com:5000/{DATABASE}:8.1.2.0'}}"),
        (4, 73, "spec.image", "8.1.2.0"),
        id="registry with a port",
    ),
    pytest.param(
        custom("AerospikeCluster", "{image: 'Not/a/Reference'}"),
        (4, 16, "spec.image", "Not/a/Reference"),
        id="no reference",
    ),
    pytest.param(
        custom("ObjectStore", "{}"),
        (1, 1, "", "a"),
        id="absent: the object as a whole",
    ),
    pytest.param(
        "kind: List\nitems:\n- apiVersion: aistor.min.io/v1\n  kind: ObjectStore\n",
        (3, 3, "", "a"),
        id="absent in a list",
    ),
    pytest.param(
        pod(
            f"image: aistorage/ais-operator@{DIGEST}",
            more=", labels: {app.kubernetes.io/version: '3.4.0'}",
        ),
        (3, 74, "metadata.labels['app.kubernetes.io/version']", "3.4.0"),
        id="label",
    ),
    pytest.param(
        pod("{image: ai-dynamo/kubernetes-operator:main, args: ['--operator-version=1.1.1']}"),
        (8, 80, "spec.template.spec.containers[0].args[0]", "1.1.1"),
        id="argument",
    ),
]


@pytest.mark.parametrize(("text", "expected"), PLACES)
def test_place(text: str, expected: tuple[int, int, str, str]) -> None:
    (found,) = collect(text).instances
    assert found.at is not None
    assert found.excerpt is not None
    line, column, width = found.excerpt
    shown = line[column - 1 : column - 1 + width]
    assert (found.at.line, found.at.column, found.at.path, shown) == expected
    assert found.at.column == column


def watching(value: str) -> str:
    return pod(f"{{image: '{AKO}:4.5.0', env: [{{name: A}}, {{name: WATCH_NAMESPACE{value}}}]}}")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(", value: aerospike", ("aerospike",), id="one"),
        pytest.param(", value: 'a, b,c'", ("a", "b", "c"), id="several"),
        pytest.param(", value: ''", None, id="empty is all"),
        pytest.param(", value: ','", None, id="only commas"),
        pytest.param("", None, id="no value"),
        pytest.param(
            ", valueFrom: {fieldRef: {fieldPath: metadata.namespace}}", None, id="not told here"
        ),
    ],
)
def test_watched_namespaces(value: str, expected: tuple[str, ...] | None) -> None:
    (found,) = collect(watching(value)).instances
    assert found.watches == expected


def crd(name: str, annotations: str) -> str:
    return (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
        f"metadata:\n  annotations: {{{annotations}}}\n  name: {name}\nspec: {{}}\n"
    )


CLUSTERS = "aerospikeclusters.asdb.aerospike.com"

ANNOTATED = [
    pytest.param(
        crd(CLUSTERS, "aerospike-kubernetes-operator/version: 4.5.0"),
        [("aerospike", "operator", "4.5.0", "")],
        id="semver",
    ),
    pytest.param(
        crd("objectstores.aistor.min.io", f"aistor.min.io/version: {RELEASE}"),
        [("minio-aistor", "operator", RELEASE, "")],
        id="release date",
    ),
    pytest.param(
        crd(CLUSTERS, "aerospike-kubernetes-operator/version: unknown"),
        [("aerospike", "operator", "unknown", "unreadable")],
        id="no version",
    ),
    pytest.param(crd("x.example.com", "aistor.min.io/version: 4.5.0"), [], id="other group"),
    pytest.param(crd("x.sub.aistor.min.io", "aistor.min.io/version: 4.5.0"), [], id="subgroup"),
    pytest.param(
        crd(CLUSTERS, "controller-gen.kubebuilder.io/version: v0.16.0"), [], id="version of a tool"
    ),
    pytest.param(
        crd(CLUSTERS, "").replace(
            "spec: {}", "spec:\n  x: 'aerospike-kubernetes-operator/version: 4.5.0'"
        ),
        [],
        id="mentioned in a description",
    ),
    pytest.param(
        crd(CLUSTERS, "aerospike-kubernetes-operator/version: 4.5.0").replace(
            "CustomResourceDefinition", "CustomResourceDefinitionX"
        ),
        [],
        id="other kind",
    ),
]


@pytest.mark.parametrize(("text", "expected"), ANNOTATED)
def test_annotations(text: str, expected: list[tuple[str, ...]]) -> None:
    found = [seen.instance for seen in collect(text).annotations]
    assert [(i.product, i.component, i.written, i.problem) for i in found] == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("4.5.0", (4, 56, "4.5.0"), id="plain"),
        pytest.param("'4.5.0'", (4, 57, "4.5.0"), id="quoted"),
        pytest.param("!!str '4.5.0'", (4, 63, "4.5.0"), id="tagged"),
    ],
)
def test_place_of_an_annotation(value: str, expected: tuple[int, int, str]) -> None:
    text = crd(CLUSTERS, f"aerospike-kubernetes-operator/version: {value}")
    (seen,) = collect(text).annotations
    at, excerpt = seen.instance.at, seen.instance.excerpt
    assert at is not None
    assert excerpt is not None
    shown = excerpt.text[excerpt.column - 1 : excerpt.column - 1 + excerpt.width]
    assert (at.line, at.column, shown) == expected
    assert at.path == "metadata.annotations['aerospike-kubernetes-operator/version']"


def test_definition_whose_versions_matter() -> None:
    text = "# one\n---\n" + crd("workspaces.kaito.sh", "a: b").replace(
        "spec: {}", "spec:\n  versions:\n  - {name: v1alpha1, served: true}"
    )
    found = collect(text)
    assert found.products == {"kubeairunway"}
    assert [(d.crd.name, d.crd.served) for d in found.definitions] == [
        ("workspaces.kaito.sh", ("v1alpha1",))
    ]


BAR = "aerospikebackups.asdb.aerospike.com"


def listed(*texts: str) -> str:
    """Manifests as the items of one List."""
    entries = ["  ".join(text.splitlines(keepends=True)) for text in texts]
    return "apiVersion: v1\nkind: List\nitems:\n" + "".join(f"- {entry}" for entry in entries)


def test_definitions_in_a_list() -> None:
    """Each with the place of its own metadata and annotations."""
    key = "aerospike-kubernetes-operator/version"
    text = listed(crd(CLUSTERS, f"{key}: 4.4.0"), crd(BAR, f"{key}: 4.5.0"))
    text += "- " + "  ".join(crd("workspaces.kaito.sh", "a: b").splitlines(keepends=True))

    found = collect(text)

    seen = [(s.instance.object.name, s.instance.written, s.instance.at) for s in found.annotations]
    field = f"metadata.annotations['{key}']"
    assert [(name, written, at.line, at.column, at.path) for name, written, at in seen if at] == [
        (CLUSTERS, "4.4.0", 7, 58, f"items[0].{field}"),
        (BAR, "4.5.0", 13, 58, f"items[1].{field}"),
    ]
    places = [(d.crd.name, d.at) for d in found.definitions]
    assert [(name, at.line, at.column, at.path) for name, at in places if at] == [
        ("workspaces.kaito.sh", 19, 5, "items[2].metadata")
    ]


SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: hunter2}\n"


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param((custom("AerospikeCluster", "{image: x}"), SECRET), id="before"),
        pytest.param((SECRET, custom("AerospikeCluster", "{image: x}")), id="behind"),
    ],
)
def test_no_excerpt_beside_a_secret(texts: tuple[str, ...]) -> None:
    """What stands in one document with a Secret is told with its place only."""
    (alone,) = collect(listed(*(t for t in texts if t is not SECRET))).instances
    assert alone.excerpt is not None

    (found,) = collect(listed(*texts)).instances

    assert found.excerpt is None
    assert found.at is not None
    assert found.at.path == f"items[{texts.index(SECRET) ^ 1}].spec.image"


def test_no_excerpt_of_a_definition_beside_a_secret() -> None:
    definition = crd(CLUSTERS, "aerospike-kubernetes-operator/version: 4.4.0")
    for texts in ((definition, SECRET), (SECRET, definition)):
        (seen,) = collect(listed(*texts)).annotations
        assert (seen.instance.written, seen.instance.excerpt) == ("4.4.0", None)
    (seen,) = collect(listed(definition)).annotations
    assert seen.instance.excerpt is not None


def test_secret_of_another_document_hides_nothing() -> None:
    found = collect(SECRET + "---\n" + custom("AerospikeCluster", "{image: x}"))
    assert [i.excerpt is None for i in found.instances] == [False]


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        pytest.param("", "x" * 999, id="behind"),
        pytest.param("x" * 999, "", id="before"),
        pytest.param("x" * 999, "y" * 999, id="on both sides"),
        pytest.param("größe 💾" * 99, "💾" * 999, id="letters of several bytes"),
    ],
)
def test_excerpt_of_a_long_line_is_cut(before: str, behind: str) -> None:
    spec = f"{{a: '{before}', image: '{DATABASE}:8.1.2.0', z: '{behind}'}}"
    (found,) = collect(custom("AerospikeCluster", spec)).instances
    assert found.excerpt is not None
    assert found.at is not None
    text, column, width = found.excerpt
    assert text[column - 1 : column - 1 + width] == "8.1.2.0"
    assert len(text) <= 240
    # The place is that of the line as it is.
    whole = f"spec: {spec}"
    assert found.at.column == whole.index(":8.1.2.0") + 2


def test_excerpt_of_what_is_longer_than_a_line_may_be() -> None:
    """Carets end where the text ends."""
    (found,) = collect(custom("AerospikeCluster", f"{{image: 'A{'a' * 999}'}}")).instances
    assert found.excerpt is not None
    text, column, width = found.excerpt
    assert (len(text), column, width) == (240, 16, 225)


NAMESPACED = [
    # A manifest, and whose instance it is in a release of the namespace `prod`.
    pytest.param(
        custom("AerospikeCluster", "{image: x}", metadata="name: c"),
        ["AerospikeCluster/prod/c"],
        id="none is named",
    ),
    pytest.param(
        custom("AerospikeCluster", "{image: x}"), ["AerospikeCluster/n/c"], id="its own counts"
    ),
    pytest.param(
        custom("AerospikeCluster", "{image: x}", metadata="name: c, namespace: ''"),
        ["AerospikeCluster/prod/c"],
        id="empty",
    ),
    pytest.param(
        pod(f"image: {AKO}:4.5.0").replace(", namespace: ops", ""),
        ["Deployment/prod/o"],
        id="operator",
    ),
    pytest.param(
        CONFIG_MAP.format(name="object-store-operator", key="minio", tag=RELEASE).replace(
            ", namespace: aistor", ""
        ),
        ["ConfigMap/prod/object-store-operator"],
        id="default of an operator",
    ),
    pytest.param(
        listed(
            custom("AerospikeCluster", "{image: x}", metadata="name: a"),
            custom("AerospikeCluster", "{image: x}", metadata="name: b, namespace: m"),
        ),
        ["AerospikeCluster/prod/a", "AerospikeCluster/m/b"],
        id="items of a list",
    ),
]


@pytest.mark.parametrize(("text", "expected"), NAMESPACED)
def test_namespace_of_the_release(text: str, expected: list[str]) -> None:
    found = collect(text, "prod")
    assert [str(i.object) for i in found.instances] == expected
    assert [str(item.object) for item in found.items] in (expected, [])
    for instance in found.instances:
        assert instance.at is None or instance.at.object == instance.object


@pytest.mark.parametrize(
    ("text", "products", "objects"),
    [
        pytest.param(
            custom("AerospikeBackup", "{}"), {"aerospike"}, ["AerospikeBackup/n/c"], id="kind"
        ),
        pytest.param(
            "apiVersion: airunway.ai/v1alpha1\nkind: Anything\nmetadata: {name: m}\n",
            {"kubeairunway"},
            ["Anything/m"],
            id="any kind of a group",
        ),
        pytest.param("apiVersion: v1\nkind: Service\nmetadata: {name: m}\n", set(), [], id="none"),
        pytest.param(
            "apiVersion: x.airunway.ai/v1\nkind: Anything\n", set(), [], id="subgroup of a group"
        ),
        pytest.param(
            "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: p}\n"
            "spec: {kinds: [AerospikeCluster]}\n",
            set(),
            [],
            id="policy that names a kind",
        ),
    ],
)
def test_objects_to_judge(text: str, products: set[str], objects: list[str]) -> None:
    found = collect(text)
    assert (found.products, [str(item.object) for item in found.items]) == (products, objects)


def test_duplicate_keys_are_one() -> None:
    """Kubernetes reads the last of two equal keys, and so does the rest of this program."""
    text = custom("AerospikeCluster", f"\n  image: {DATABASE}:5.0.0.0\n  image: {DATABASE}:8.1.2.0")
    assert [told(i) for i in collect(text).instances] == [
        "database is '8.1.2.0', AerospikeCluster/n/c"
    ]


def test_merged_keys_are_one() -> None:
    """Of several mappings that are merged the first wins. https://yaml.org/type/merge.html"""
    text = f"x: [&a {{image: '{DATABASE}:8.1.2.0'}}, &b {{image: '{DATABASE}:5.0.0.0'}}]\n"
    text += custom("AerospikeCluster", "{<<: [*a, *b]}")
    assert [told(i) for i in collect(text).instances] == [
        "database is '8.1.2.0', AerospikeCluster/n/c"
    ]


ALL = [*FOUND, *PLACES]


@pytest.mark.parametrize("text", [p.values[0] for p in ALL], ids=[f"{p.id} {n}" for n, p in enumerate(ALL)])  # fmt: skip
def test_no_document_that_matters_is_skipped(text: str) -> None:
    """A render parses only what holds an image or what the gate wants."""
    collector = Collector(MARKS, PRODUCTS, Limits())
    for document in split(text.encode()):
        alone = collect(document.data.decode())
        if alone.instances or alone.items:
            assert CANDIDATES.holds(document.data) or collector.wants(document.data)


def test_wants_nothing_else() -> None:
    collector = Collector(MARKS, PRODUCTS, Limits())
    assert not collector.wants(b"apiVersion: v1\nkind: Service\nmetadata: {name: aerospike}\n")
    assert not Collector(build_detections([]), Products([]), Limits()).wants(b"kind: ObjectStore\n")
