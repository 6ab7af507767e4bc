"""The rules that only lint has: what each tells, where exactly, and what it must not tell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_compat import nodes
from helm_compat.catalogue import LINT_RULES, read_page, severity
from helm_compat.errors import InputError, Place, UsageError
from helm_compat.findings import Finding
from helm_compat.gate.judge import Gate
from helm_compat.gate.scene import UNKNOWN
from helm_compat.images.found import Scope
from helm_compat.images.relocate import relocation
from helm_compat.knowledge.builtin import read_products
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.detections import build_detections
from helm_compat.knowledge.product import build
from helm_compat.lint import fields
from helm_compat.lint.checks import CHECKS, Options
from helm_compat.lint.constraints import read_constraint
from helm_compat.lint.inspect import State, Stream, inspect
from helm_compat.lint.values import lint_values
from helm_compat.nodes import Limits, Resolved
from helm_compat.outcome import Settings
from helm_compat.sources.chart import read_chart

DATA = read_products()
KNOWLEDGE = build(DATA)
GATE = Gate(Products(DATA), build_detections(DATA), (), dict.fromkeys(UNKNOWN, "warn"))

PRIVATE = "registry.example.com/mirror"
REQUIRED = Options(registry=PRIVATE)
SECRET = Options(registry=PRIVATE, needs_secret=True)
NOTHING = Options()
DIGEST = f"sha256:{'0' * 64}"
CAPITALS = "A" * 64
RELEASE = "RELEASE.2026-05-04T23-02-27Z"
AKO = "aerospike/aerospike-kubernetes-operator"


class Given(NamedTuple):
    """What is checked: manifests by name, those of charts with Chart.yaml, and where images go."""

    streams: dict[str, str]
    charts: dict[str, str] = {}  # noqa: RUF012  # never changed
    to: str = ""


def inspected(given: Given, folder: Path | None = None) -> State:
    """The state of some streams; Chart.yaml of a chart is written into a folder of its name."""
    moves = None
    if given.to:
        moves = relocation(
            registry=given.to, maps=(), keep_domain=False, prefixes=KNOWLEDGE.prefixes
        )
    streams = []
    for name, text in given.streams.items():
        chart = None
        if folder and name in given.charts:
            (folder / name).mkdir()
            (folder / name / "Chart.yaml").write_text(given.charts[name], "utf-8")
            chart = read_chart(str(folder / name), shown=name)
        streams.append(Stream(name, text.encode(), chart))
    scope = Scope(KNOWLEDGE, {}, frozenset(), Limits())
    return inspect(streams, Settings(scope, moves, gate=GATE))


def check(given: Given, options: Options, folder: Path | None = None) -> list[Finding]:
    state = inspected(given, folder)
    return [finding for check in CHECKS for finding in check(state, options)]


def told(finding: Finding, texts: dict[str, str]) -> str:
    """Place, marked text and message; the mark is what really stands there."""
    assert finding.severity == severity(read_page(finding.rule))
    assert finding.at
    assert finding.excerpt
    start = finding.excerpt.column - 1
    marked = finding.excerpt.text[start : start + finding.excerpt.width]
    line = texts[finding.at.file].split("\n")[finding.at.line - 1]
    assert line[finding.at.column - 1 :].startswith(marked)
    return f"{finding.at.file}:{finding.at.line}:{finding.at.column} {marked} | {finding.message}"


def tell(
    rule: str, given: Given, options: Options = NOTHING, folder: Path | None = None
) -> list[str]:
    """All that one rule tells."""
    texts = given.streams | {f"{name}/Chart.yaml": t for name, t in given.charts.items()}
    return [told(f, texts) for f in check(given, options, folder) if f.rule == rule]


def pod(*images: str, more: str = "", name: str = "web") -> str:
    """A Pod, whose first image stands at line 6, column 12."""
    listed = "".join(f"  - image: {image}\n" for image in images)
    head = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: \n  containers:\n"
    return head + listed + more


def one(*images: str, more: str = "") -> Given:
    return Given({"in.yaml": pod(*images, more=more)})


def documents(*texts: str) -> Given:
    return Given({"in.yaml": "---\n".join(texts)})


def store(spec: str, name: str = "store") -> str:
    """An ObjectStore, whose spec stands at line 4, column 7."""
    return f"apiVersion: aistor.min.io/v1\nkind: ObjectStore\nmetadata: {{name: {name}}}\nspec: {spec}\n"


def config(data: str) -> str:
    """A ConfigMap, whose data begin on line 5."""
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n{data}"


def deployment(*images: str) -> str:
    containers = ", ".join(f"{{image: '{image}'}}" for image in images)
    return (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: o}\n"
        f"spec: {{template: {{spec: {{containers: [{containers}]}}}}}}\n"
    )


IMAGES = [
    # --- foreign-registry ---
    pytest.param(
        "foreign-registry",
        one("quay.io/acme/web:1.4"),
        REQUIRED,
        [
            "in.yaml:6:12 quay.io/acme/web | quay.io/acme/web:1.4 is not under registry.example.com/mirror"
        ],
        id="another registry",
    ),
    pytest.param(
        "foreign-registry",
        one("nginx"),
        REQUIRED,
        ["in.yaml:6:12 nginx | docker.io/library/nginx is not under registry.example.com/mirror"],
        id="no registry",
    ),
    pytest.param(
        "foreign-registry",
        one(f"registry.example.com/other/web@{DIGEST}"),
        REQUIRED,
        [
            f"in.yaml:6:12 registry.example.com/other/web | registry.example.com/other/web@{DIGEST} is not under registry.example.com/mirror"
        ],
        id="the host, not the path",
    ),
    pytest.param(
        "foreign-registry",
        Given({"in.yaml": pod("quay.io/acme/web:1")}, to="registry.example.com/two"),
        REQUIRED,
        [
            "in.yaml:6:12 quay.io/acme/web | quay.io/acme/web:1 becomes registry.example.com/two/acme/web, which is not under registry.example.com/mirror"
        ],
        id="moved elsewhere",
    ),
    pytest.param(
        "foreign-registry",
        documents(config("  a: 'quay.io/minio/mc:1'\n")),
        REQUIRED,
        [
            "in.yaml:5:7 quay.io/minio/mc | quay.io/minio/mc:1 is not under registry.example.com/mirror"
        ],
        id="in a ConfigMap",
    ),
    pytest.param(
        "foreign-registry",
        documents(store("{image: {registry: quay.io, repository: a/b, tag: '1'}}")),
        REQUIRED,
        ["in.yaml:4:26 quay.io | quay.io/a/b:1 is not under registry.example.com/mirror"],
        id="divided",
    ),
    pytest.param(
        "foreign-registry",
        documents("a: &x quay.io/acme/web:1\n" + pod("*x")),
        REQUIRED,
        ["in.yaml:7:12 *x | quay.io/acme/web:1 is not under registry.example.com/mirror"],
        id="alias",
    ),
    pytest.param("foreign-registry", one(f"{PRIVATE}/web:1.4"), REQUIRED, [], id="in the registry"),
    pytest.param(
        "foreign-registry",
        Given({"in.yaml": pod("quay.io/acme/web:1")}, to=PRIVATE),
        REQUIRED,
        [],
        id="moved into it",
    ),
    pytest.param("foreign-registry", one("quay.io/acme/web:1.4"), NOTHING, [], id="none required"),
    pytest.param(
        "foreign-registry",
        one("library/nginx:1", "nginx:1"),
        Options(registry="docker.io/library"),
        [],
        id="official images",
    ),
    pytest.param(
        "foreign-registry",
        one("REGISTRY.example.com/mirror/web:1"),
        REQUIRED,
        [],
        id="host in capitals",
    ),
    # --- floating-tag ---
    pytest.param(
        "floating-tag",
        one("quay.io/acme/web:latest"),
        NOTHING,
        ["in.yaml:6:29 latest | quay.io/acme/web:latest names no release"],
        id="latest",
    ),
    pytest.param(
        "floating-tag",
        one("'nginx'"),
        NOTHING,
        [
            "in.yaml:6:13 nginx | docker.io/library/nginx has neither tag nor digest, so latest is pulled"
        ],
        id="neither tag nor digest",
    ),
    pytest.param(
        "floating-tag",
        one("a/b:EDGE.2025-10-14T21-54-42Z"),
        NOTHING,
        [
            "in.yaml:6:16 EDGE.2025-10-14T21-54-42Z | docker.io/a/b:EDGE.2025-10-14T21-54-42Z is a build of the EDGE channel, not a release"
        ],
        id="EDGE build",
    ),
    pytest.param(
        "floating-tag",
        one("a/b:stable", "a/b:latest-etl", "a/b:cu130-nightly", "a/b:edge", "a/b:1.2-SNAPSHOT"),
        NOTHING,
        [
            "in.yaml:6:16 stable | docker.io/a/b:stable names no release",
            "in.yaml:7:16 latest-etl | docker.io/a/b:latest-etl names no release",
            "in.yaml:8:16 cu130-nightly | docker.io/a/b:cu130-nightly names no release",
            "in.yaml:9:16 edge | docker.io/a/b:edge names no release",
            "in.yaml:10:16 1.2-SNAPSHOT | docker.io/a/b:1.2-SNAPSHOT names no release",
        ],
        id="words",
    ),
    pytest.param(
        "floating-tag",
        documents(store("{image: quay.io/minio/aistor/minio}")),
        NOTHING,
        [
            "in.yaml:4:15 quay.io/minio/aistor/minio | quay.io/minio/aistor/minio has neither tag nor digest, so latest is pulled"
        ],
        id="field that a product declares",
    ),
    pytest.param(
        "floating-tag",
        documents(config("  minio: |\n    image: quay.io/minio/mc:latest\n")),
        NOTHING,
        ["in.yaml:6:29 latest | quay.io/minio/mc:latest names no release"],
        id="in YAML inside a string",
    ),
    pytest.param(
        "floating-tag",
        one(
            "a/b:1.4",
            "a/b:1",
            "a/b:v4.9-etl",
            "a/b:8b3c1f2",
            f"a/b:{RELEASE}.fips",
            "a/b:main-9f8e7d6c5b4a",
        ),
        NOTHING,
        [],
        id="releases and commits",
    ),
    pytest.param(
        "floating-tag", one(f"a/b:latest@{DIGEST}", f"a/b@{DIGEST}"), NOTHING, [], id="digest"
    ),
    pytest.param(
        "floating-tag",
        one("a/b:0.10.0-20260609", "a/b:nightly-20260609", "a/b:1.2-alpine"),
        NOTHING,
        [],
        id="nights and variants with a number",
    ),
    pytest.param(
        "floating-tag",
        documents(config("  a: quay.io/minio/mc\n  b-image: quay.io/minio\n")),
        NOTHING,
        [],
        id="what may be a part only",
    ),
    pytest.param(
        "floating-tag",
        documents(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: o}\nspec: {url: oci://ghcr.io/acme/charts, ref: {tag: '1'}}\n",
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: o}\nspec: {url: oci://ghcr.io}\n",
        ),
        NOTHING,
        [],
        id="tag in a field of its own",
    ),
    pytest.param(
        "floating-tag",
        documents(
            "apiVersion: x.example.com/v1\nkind: X\nmetadata: {name: x}\nspec: {image: {registry: quay.io, repository: a/b}}\n"
        ),
        NOTHING,
        [],
        id="map without a tag",
    ),
    # --- malformed-reference ---
    pytest.param(
        "malformed-reference",
        one("a/b:sha256:0123"),
        NOTHING,
        [
            "in.yaml:6:12 a/b:sha256:0123 | 'a/b:sha256:0123' is no image reference: a digest stands behind '@', not behind ':'"
        ],
        id="digest behind a colon",
    ),
    pytest.param(
        "malformed-reference",
        one('"a/b:{TAG}"', "'{{ .Values.image }}'", "$(REGISTRY)/b:1"),
        NOTHING,
        [
            "in.yaml:6:13 a/b:{TAG} | 'a/b:{TAG}' is no image reference: '{TAG}' was not filled in",
            "in.yaml:7:13 {{ .Values.image }} | '{{ .Values.image }}' is no image reference: it was not filled in",
            "in.yaml:8:12 $(REGISTRY)/b:1 | '$(REGISTRY)/b:1' is no image reference: '$(REGISTRY)' was not filled in",
        ],
        id="placeholders",
    ),
    pytest.param(
        "malformed-reference",
        one("'a/b:'", "'a/b@'", "'a/b@sha256:'", "'a/b:@sha256:0'"),
        NOTHING,
        [
            "in.yaml:6:13 a/b: | 'a/b:' is no image reference: nothing stands behind the colon",
            "in.yaml:7:13 a/b@ | 'a/b@' is no image reference: no digest stands behind the '@'",
            "in.yaml:8:13 a/b@sha256: | 'a/b@sha256:' is no image reference: no digest stands behind the '@'",
            "in.yaml:9:13 a/b:@sha256:0 | 'a/b:@sha256:0' is no image reference: nothing stands behind the colon",
        ],
        id="nothing behind a sign",
    ),
    pytest.param(
        "malformed-reference",
        one("a/B:1", f"a/b@sha256:{CAPITALS}"),
        NOTHING,
        [
            "in.yaml:6:12 a/B:1 | 'a/B:1' is no image reference: a repository name must be lower case",
            f"in.yaml:7:12 a/b@sha256:{CAPITALS} | 'a/b@sha256:{CAPITALS}' is no image reference: a digest is written in lower case",
        ],
        id="upper case",
    ),
    pytest.param(
        "malformed-reference",
        one("a.io//b:1", "/a/b:1", "a.io/:1", "':1'"),
        NOTHING,
        [
            "in.yaml:6:12 a.io//b:1 | 'a.io//b:1' is no image reference: a slash is doubled",
            "in.yaml:7:12 /a/b:1 | '/a/b:1' is no image reference: no registry stands before the first slash",
            "in.yaml:8:12 a.io/:1 | 'a.io/:1' is no image reference: nothing stands behind the last slash",
            "in.yaml:9:13 :1 | ':1' is no image reference: no repository stands before the tag",
        ],
        id="empty parts",
    ),
    pytest.param(
        "malformed-reference",
        one("'a/b:1 '", "https://a.io/b:1", "a/b:1:2"),
        NOTHING,
        [
            "in.yaml:6:13 a/b:1  | 'a/b:1 ' is no image reference: it holds white space",
            "in.yaml:7:12 https://a.io/b:1 | 'https://a.io/b:1' is no image reference: an image has no scheme",
            "in.yaml:8:12 a/b:1:2 | 'a/b:1:2' is no image reference: 'a/b:1' is no valid repository name",
        ],
        id="others",
    ),
    pytest.param(
        "malformed-reference",
        documents(store("{image: 'quay.io/minio:sha256:0'}")),
        NOTHING,
        [
            "in.yaml:4:16 quay.io/minio:sha256:0 | 'quay.io/minio:sha256:0' is no image reference: a digest stands behind '@', not behind ':'"
        ],
        id="custom resource",
    ),
    pytest.param(
        "malformed-reference",
        Given({"in.yaml": pod("quay.io/a:sha256:0")}, to=PRIVATE),
        NOTHING,
        [
            "in.yaml:6:12 quay.io/a:sha256:0 | 'quay.io/a:sha256:0' is no image reference: a digest stands behind '@', not behind ':'"
        ],
        id="while images move",
    ),
    pytest.param(
        "malformed-reference",
        one("nginx", "a/b:1", f"a.io:5000/b/c:1@{DIGEST}", "localhost/b", "'[::1]:5000/b:1'"),
        NOTHING,
        [],
        id="references",
    ),
    pytest.param("malformed-reference", one("''", "null", "5"), NOTHING, [], id="no text"),
    pytest.param(
        "malformed-reference",
        documents(
            "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: p}\nspec: {rules: [{pod: {containers: [{image: '*:latest | !a'}]}}]}\n",
            pod("'*/b:1'"),
        ),
        NOTHING,
        [],
        id="pattern",
    ),
    pytest.param(
        "malformed-reference",
        documents(config("  image: a/b:sha256:0\n")),
        NOTHING,
        [],
        id="text that need not be one",
    ),
    # --- missing-digest ---
    pytest.param(
        "missing-digest",
        one("a/b:1.4"),
        NOTHING,
        ["in.yaml:6:16 1.4 | docker.io/a/b:1.4 has no digest"],
        id="tag",
    ),
    pytest.param(
        "missing-digest",
        one("a/b"),
        NOTHING,
        ["in.yaml:6:12 a/b | docker.io/a/b has no digest"],
        id="neither",
    ),
    pytest.param(
        "missing-digest",
        one("a/b:latest", f"a/b:1@{DIGEST}"),
        NOTHING,
        ["in.yaml:6:16 latest | docker.io/a/b:latest has no digest"],
        id="floating tag too",
    ),
    pytest.param("missing-digest", one(f"a/b@{DIGEST}"), NOTHING, [], id="digest only"),
    pytest.param("missing-digest", one(f"a/b:1@{DIGEST}"), NOTHING, [], id="both"),
    pytest.param(
        "missing-digest",
        documents(config("  a: quay.io/minio/mc\n")),
        NOTHING,
        [],
        id="perhaps a part",
    ),
    # --- tag-and-digest ---
    pytest.param(
        "tag-and-digest",
        one(f"a/b:1.4@{DIGEST}"),
        NOTHING,
        ["in.yaml:6:16 1.4 | the digest alone decides what docker.io/a/b:1.4 is"],
        id="tag before a digest",
    ),
    pytest.param(
        "tag-and-digest",
        documents(store(f"{{image: 'quay.io/m:{RELEASE}@{DIGEST}'}}")),
        NOTHING,
        [
            "in.yaml:4:26 RELEASE.2026-05-04T23-02-27Z | the digest alone decides what quay.io/m:RELEASE.2026-05-04T23-02-27Z is"
        ],
        id="both in a custom resource",
    ),
    pytest.param(
        "tag-and-digest",
        documents(config(f"  m: |\n    image: quay.io/m/c:latest@{DIGEST}\n")),
        NOTHING,
        ["in.yaml:6:24 latest | the digest alone decides what quay.io/m/c:latest is"],
        id="both in a string",
    ),
    pytest.param("tag-and-digest", one(f"a/b@{DIGEST}"), NOTHING, [], id="only a digest"),
    pytest.param("tag-and-digest", one("a/b:1.4"), NOTHING, [], id="only a tag"),
    pytest.param("tag-and-digest", one("a/b"), NOTHING, [], id="none of both"),
    # --- mixed-tags ---
    pytest.param(
        "mixed-tags",
        one("a/b:1", "a/b:2"),
        NOTHING,
        ["in.yaml:7:16 2 | docker.io/a/b is 2 here and 1 elsewhere"],
        id="one pod",
    ),
    pytest.param(
        "mixed-tags",
        Given({"one.yaml": pod("a/b:1"), "two.yaml": pod("docker.io/a/b:2", "a/b:2")}),
        NOTHING,
        ["one.yaml:6:16 1 | docker.io/a/b is 1 here and 2 elsewhere"],
        id="two inputs, the more frequent one stays",
    ),
    pytest.param(
        "mixed-tags",
        one("a/b:1", "a/b:2", "a/b:3", "a/b:2", "a/b:1", "a/b:2"),
        NOTHING,
        [
            "in.yaml:6:16 1 | docker.io/a/b is 1 here and 2 elsewhere",
            "in.yaml:8:16 3 | docker.io/a/b is 3 here and 2 elsewhere",
        ],
        id="each tag once",
    ),
    pytest.param(
        "mixed-tags",
        documents(pod("quay.io/minio/mc:1"), config("  mc: |\n    image: quay.io/minio/mc:2\n")),
        NOTHING,
        ["in.yaml:13:29 2 | quay.io/minio/mc is 2 here and 1 elsewhere"],
        id="ConfigMap",
    ),
    pytest.param(
        "mixed-tags",
        documents(store("{image: quay.io/m:1, initContainers: [{image: quay.io/m:2}]}")),
        NOTHING,
        ["in.yaml:4:63 2 | quay.io/m is 2 here and 1 elsewhere"],
        id="inside one custom resource",
    ),
    pytest.param(
        "mixed-tags", one("a/b:1", "a/c:2", "quay.io/a/b:3"), NOTHING, [], id="other names"
    ),
    pytest.param(
        "mixed-tags",
        one("a/b:1", "docker.io/a/b:1", f"a/b:1@{DIGEST}", f"a/b@{DIGEST}", "a/b"),
        NOTHING,
        [],
        id="one tag",
    ),
    pytest.param(
        "mixed-tags",
        documents(store("{image: quay.io/m:1}"), store("{image: quay.io/m:2}", "two")),
        NOTHING,
        [],
        id="two clusters",
    ),
    pytest.param(
        "mixed-tags",
        documents(store("{image: quay.io/m:1}"), config("  minio: 'quay.io/m:2'\n")),
        NOTHING,
        [],
        id="cluster beside the default",
    ),
    pytest.param(
        "mixed-tags",
        documents(
            deployment("quay.io/minio/aistor/operator:RELEASE.2026-04-11T08-24-01Z"),
            deployment(f"quay.io/minio/aistor/operator:{RELEASE}"),
        ),
        NOTHING,
        [],
        id="two releases of an operator, of which the gate speaks",
    ),
    # --- missing-pull-secret ---
    pytest.param(
        "missing-pull-secret",
        one("nginx", f"{PRIVATE}/b:1", f"{PRIVATE}/c:1"),
        SECRET,
        [
            "in.yaml:7:12 registry.example.com/mirror/b | registry.example.com/mirror/b needs a pull secret, and Pod/web names none"
        ],
        id="pod",
    ),
    pytest.param(
        "missing-pull-secret",
        Given({"in.yaml": pod("a/b:1", more="  imagePullSecrets: []\n")}, to=PRIVATE),
        SECRET,
        [
            "in.yaml:6:12 a/b | registry.example.com/mirror/a/b needs a pull secret, and Pod/web names none"
        ],
        id="moved image, empty list",
    ),
    pytest.param(
        "missing-pull-secret",
        documents(
            f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d, namespace: n}}\nspec:\n  template:\n    spec:\n      initContainers: [{{image: {PRIVATE}/b:1}}]\n      containers: [{{image: nginx}}]\n",
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: other}\nimagePullSecrets: [{name: s}]\n",
        ),
        SECRET,
        [
            "in.yaml:7:32 registry.example.com/mirror/b | registry.example.com/mirror/b needs a pull secret, and Deployment/n/d names none"
        ],
        id="template, another namespace's account",
    ),
    pytest.param(
        "missing-pull-secret",
        documents(
            store(f"{{image: {PRIVATE}/m:1}}"),
            store(f"{{image: {PRIVATE}/m:1, imagePullSecret: {{name: ''}}}}"),
        ),
        SECRET,
        [
            "in.yaml:4:15 registry.example.com/mirror/m | registry.example.com/mirror/m needs a pull secret, and ObjectStore/store names none",
            "in.yaml:9:15 registry.example.com/mirror/m | registry.example.com/mirror/m needs a pull secret, and ObjectStore/store names none",
        ],
        id="custom resource without a secret",
    ),
    pytest.param(
        "missing-pull-secret",
        Given({"in.yaml": pod("a/b:1")}, to=PRIVATE),
        Options(needs_secret=True),
        [
            "in.yaml:6:12 a/b | registry.example.com/mirror/a/b needs a pull secret, and Pod/web names none"
        ],
        id="where images go",
    ),
    pytest.param(
        "missing-pull-secret",
        Given(
            {
                "in.yaml": f"kind: List\napiVersion: v1\nitems:\n- {{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {{containers: [{{image: {PRIVATE}/b:1}}]}}}}\n- {{apiVersion: v1, kind: Pod, metadata: {{name: b}}, spec: {{imagePullSecrets: [{{name: s}}], containers: [{{image: {PRIVATE}/b:1}}]}}}}\n"
            }
        ),
        SECRET,
        [
            "in.yaml:4:80 registry.example.com/mirror/b | registry.example.com/mirror/b needs a pull secret, and Pod/a names none"
        ],
        id="in a list",
    ),
    pytest.param(
        "missing-pull-secret",
        one(f"{PRIVATE}/b:1", more="  imagePullSecrets: [{name: regcred}]\n"),
        SECRET,
        [],
        id="a secret",
    ),
    pytest.param(
        "missing-pull-secret",
        documents(
            pod(f"{PRIVATE}/b:1", more="  serviceAccountName: web\n"),
            "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: n}\nimagePullSecrets: [{name: s}]\n",
        ),
        SECRET,
        [],
        id="the account's secret",
    ),
    pytest.param(
        "missing-pull-secret", one("nginx", "quay.io/a/b:1"), SECRET, [], id="other registries"
    ),
    pytest.param("missing-pull-secret", one(f"{PRIVATE}/b:1"), REQUIRED, [], id="no secret needed"),
    pytest.param(
        "missing-pull-secret",
        one(f"{PRIVATE}/b:1"),
        Options(needs_secret=True),
        [],
        id="no registry known",
    ),
    pytest.param(
        "missing-pull-secret",
        documents(store(f"{{image: {PRIVATE}/m:1, imagePullSecret: {{name: s}}}}")),
        SECRET,
        [],
        id="custom resource with a secret",
    ),
]


@pytest.mark.parametrize(("rule", "given_", "options", "expected"), IMAGES)
def test_images(rule: str, given_: Given, options: Options, expected: list[str]) -> None:
    assert tell(rule, given_, options) == expected


# --- Charts ---


def chart(kube: str = "", images: str = "", more: str = "") -> str:
    """A Chart.yaml: kubeVersion stands on line 4, the annotation begins on line 5."""
    lines = ["apiVersion: v2", "name: c", "version: 1.0.0"]
    lines.append(f"kubeVersion: {kube}" if kube else "type: application")
    return "\n".join(
        [*lines, f"annotations:\n  artifacthub.io/images: {images}" if images else "", more]
    )


def operator(*images: str, kube: str = "", listed: str = "") -> Given:
    return Given({"c": deployment(*images)}, {"c": chart(kube, listed)})


CHARTS = [
    # --- wide-kube-version ---
    pytest.param(
        "wide-kube-version",
        operator(f"{AKO}:4.4.0", kube="'>=1.19.0-0'"),
        [
            "c/Chart.yaml:4:15 >=1.19.0-0 | '>=1.19.0-0' allows Kubernetes 1.19 to 1.22, older than Aerospike Kubernetes Operator 4.4.0 needs"
        ],
        id="lower bound",
    ),
    pytest.param(
        "wide-kube-version",
        operator(f"{AKO}:4.4.0", kube="'>=1.22.3'"),
        [
            "c/Chart.yaml:4:15 >=1.22.3 | '>=1.22.3' allows Kubernetes 1.22, older than Aerospike Kubernetes Operator 4.4.0 needs"
        ],
        id="only some patch releases of one",
    ),
    pytest.param(
        "wide-kube-version",
        operator(f"{AKO}:4.4.0", kube='"1.20.x || ~1.22.3 || ^1.30"'),
        [
            "c/Chart.yaml:4:15 1.20.x || ~1.22.3 || ^1.30 | '1.20.x || ~1.22.3 || ^1.30' allows Kubernetes 1.20 and 1.22, older than Aerospike Kubernetes Operator 4.4.0 needs"
        ],
        id="alternatives",
    ),
    pytest.param(
        "wide-kube-version",
        operator("aistorage/ais-operator:v3.4.0", kube="'>= 1.26.0, < 2.0.0'"),
        [
            "c/Chart.yaml:4:15 >= 1.26.0, < 2.0.0 | '>= 1.26.0, < 2.0.0' allows Kubernetes 1.26 and 1.27, older than AIStore Operator v3.4.0 needs"
        ],
        id="matrix of another product",
    ),
    pytest.param(
        "wide-kube-version",
        operator("ghcr.io/kaito-project/airunway/controller:latest", kube="<1.27"),
        [
            "c/Chart.yaml:4:14 <1.27 | '<1.27' allows Kubernetes 1.16 to 1.25, older than AI Runway controller latest needs"
        ],
        id="requirement of any release",
    ),
    pytest.param(
        "wide-kube-version",
        operator(f"{AKO}:4.4.0", f"{AKO}:3.4.0", kube="'*'"),
        [
            "c/Chart.yaml:4:15 * | '*' allows Kubernetes 1.16 to 1.18, older than Aerospike Kubernetes Operator 3.4.0 needs",
            "c/Chart.yaml:4:15 * | '*' allows Kubernetes 1.16 to 1.22, older than Aerospike Kubernetes Operator 4.4.0 needs",
        ],
        id="two releases",
    ),
    pytest.param(
        "wide-kube-version", operator(f"{AKO}:4.4.0", kube="'>=1.23.0-0'"), [], id="what is needed"
    ),
    pytest.param(
        "wide-kube-version",
        operator(f"{AKO}:4.4.0", kube="'>=1.30 <1.99'"),
        [],
        id="newer than what is stated",
    ),
    pytest.param("wide-kube-version", operator(f"{AKO}:4.4.0"), [], id="no constraint"),
    pytest.param(
        "wide-kube-version",
        operator(f"{AKO}:4.4.0", kube="one of these days"),
        [],
        id="no constraint that Helm reads",
    ),
    pytest.param(
        "wide-kube-version", operator(f"{AKO}@{DIGEST}", kube="'*'"), [], id="release not known"
    ),
    pytest.param("wide-kube-version", operator("nginx:1", kube="'*'"), [], id="no operator"),
    pytest.param(
        "wide-kube-version",
        operator(f"quay.io/minio/aistor/operator:{RELEASE}", kube="'>=1.20'"),
        [],
        id="only recommended",
    ),
    pytest.param(
        "wide-kube-version",
        Given(
            {"c": deployment("nginx:1"), "d": deployment(f"{AKO}:4.4.0")},
            {"c": chart("'*'"), "d": chart("1.30.x")},
        ),
        [],
        id="the operator of another chart",
    ),
    # --- image-list-differs ---
    pytest.param(
        "image-list-differs",
        operator("a/b:2", listed="|\n    - name: b\n      image: a/b:1"),
        [
            "c/Chart.yaml:8:14 a/b:1 | docker.io/a/b:1 is listed, and the chart renders docker.io/a/b:2"
        ],
        id="another tag",
    ),
    pytest.param(
        "image-list-differs",
        operator("a/b:1", "a/c:1", "a/c:1", listed="|\n    - {name: b, image: a/b:1}"),
        [
            "c/Chart.yaml:6:3 artifacthub.io/images | the chart renders docker.io/a/c:1, which artifacthub.io/images does not list"
        ],
        id="not listed",
    ),
    pytest.param(
        "image-list-differs",
        operator(
            "a/b:1",
            listed='|\n    - {name: b, image: docker.io/a/b:1}\n    - name: c\n      image: "a/c:1"',
        ),
        [
            "c/Chart.yaml:9:15 a/c:1 | docker.io/a/c:1 is listed, and the chart renders no such image"
        ],
        id="not rendered",
    ),
    pytest.param(
        "image-list-differs",
        operator(f"a/b@{DIGEST}", "a/b:1", listed=f"'[{{name: b, image: a/b@sha256:{'1' * 64}}}]'"),
        [
            f"c/Chart.yaml:6:3 artifacthub.io/images | the chart renders docker.io/a/b@{DIGEST}, which artifacthub.io/images does not list"
        ],
        id="digest that is not listed",
    ),
    pytest.param(
        "image-list-differs",
        operator("a/b:1", listed="nothing"),
        ["c/Chart.yaml:6:26 nothing | artifacthub.io/images is no list of {name, image}"],
        id="no list",
    ),
    pytest.param(
        "image-list-differs",
        operator("a/b:1", listed="'[{name: b}]'"),
        ["c/Chart.yaml:6:27 [{name: b}] | artifacthub.io/images is no list of {name, image}"],
        id="entry without an image",
    ),
    pytest.param(
        "image-list-differs",
        operator("a/b:1", listed="'{'"),
        ["c/Chart.yaml:6:27 { | artifacthub.io/images is no list of {name, image}"],
        id="no YAML",
    ),
    pytest.param(
        "image-list-differs",
        operator("a/b:1", listed="|\n    - {name: b, image: a/b:1}\n    - {name: b, image: A/B:1}"),
        [
            "c/Chart.yaml:8:24 A/B:1 | 'A/B:1' in artifacthub.io/images is no image reference: a repository name must be lower case"
        ],
        id="malformed entry",
    ),
    pytest.param(
        "image-list-differs",
        operator(
            "a/b:1",
            f"c:2@{DIGEST}",
            listed="|\n    - {name: b, image: docker.io/a/b:1, whitelisted: true}\n    - {name: c, image: 'c:2'}",
        ),
        [],
        id="the same",
    ),
    pytest.param("image-list-differs", operator("a/b:2"), [], id="no annotation"),
    pytest.param(
        "image-list-differs",
        operator("a/b:1", "a/b:2", listed="'[{name: b, image: a/b:2}, {name: b, image: a/b:1}]'"),
        [],
        id="two tags",
    ),
    pytest.param(
        "image-list-differs",
        operator("a/b", listed="'[{name: b, image: a/b:latest}]'"),
        [],
        id="latest without a word",
    ),
    pytest.param(
        "image-list-differs",
        Given(
            {"c": deployment("a/b:1"), "d.yaml": deployment("a/c:1")},
            {"c": chart(images="'[{name: b, image: a/b:1}]'")},
        ),
        [],
        id="images of another input",
    ),
    pytest.param(
        "image-list-differs",
        Given(
            {"c": deployment("a/b:1") + "---\n" + config("  a: quay.io/minio/mc\n")},
            {"c": chart(images="'[{name: b, image: a/b:1}]'")},
        ),
        [],
        id="perhaps a part of an image",
    ),
]


@pytest.mark.parametrize(("rule", "given_", "expected"), CHARTS)
def test_charts(rule: str, given_: Given, expected: list[str], tmp_path: Path) -> None:
    assert tell(rule, given_, folder=tmp_path) == expected


# --- Fields ---

SCHEMA = """\
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer}
              port: {x-kubernetes-int-or-string: true}
              items: {type: array, items: {type: object, properties: {name: {type: string}}}}
              labels: {type: object, additionalProperties: {type: string}}
              pools: {type: object, additionalProperties: {type: object, properties: {count: {type: integer}}}}
              free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {known: {type: object, properties: {a: {type: string}}}}}
              any: {x-kubernetes-preserve-unknown-fields: true}
              pod: {type: object, x-kubernetes-embedded-resource: true, properties: {spec: {type: object, properties: {a: {type: string}}}}}
              metadata: {type: object}
"""


def definition(schema: str = SCHEMA, *, kind: str = "Shop", more: str = "served: true") -> str:
    return (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
        f"metadata: {{name: {kind.lower()}s.shop.example.com}}\nspec:\n  group: shop.example.com\n"
        f"  names: {{kind: {kind}, plural: {kind.lower()}s}}\n  versions:\n  - name: v1\n    {more}\n"
        f"    schema:\n      openAPIV3Schema:\n{schema}"
    )


def resource(spec: str, *, version: str = "v1", kind: str = "Shop") -> Given:
    """A custom resource behind its definition in a file of its own; the spec stands on line 4."""
    text = f"apiVersion: shop.example.com/{version}\nkind: {kind}\nmetadata: {{name: s, x: y}}\nspec: {spec}\n"
    return Given({"crds.yaml": definition(), "in.yaml": text})


def defined(given: Given, *definitions: str) -> Given:
    return given._replace(streams={**given.streams, "crds.yaml": "---\n".join(definitions)})


FIELDS = [
    pytest.param(
        resource("{siez: 3}"),
        ["in.yaml:4:8 siez | spec.siez is no field of Shop shop.example.com/v1"],
        id="misspelt",
    ),
    pytest.param(
        resource("{size: 3, zzz: {a: {b: c}}}"),
        ["in.yaml:4:17 zzz | spec.zzz is no field of Shop shop.example.com/v1"],
        id="nothing like it",
    ),
    pytest.param(
        resource("{items: [{name: a}, {nam: b}, {name: c, also: d}], pools: {a: {cuont: 1}}}"),
        [
            "in.yaml:4:28 nam | spec.items[1].nam is no field of Shop shop.example.com/v1",
            "in.yaml:4:47 also | spec.items[2].also is no field of Shop shop.example.com/v1",
            "in.yaml:4:70 cuont | spec.pools.a.cuont is no field of Shop shop.example.com/v1",
        ],
        id="inside lists and maps",
    ),
    pytest.param(
        resource(
            "{free: {x: 1, known: {b: 2}}, pod: {kind: Pod, metadata: {a: b}, spec: {c: 1}, status: {}}}"
        ),
        [
            "in.yaml:4:29 b | spec.free.known.b is no field of Shop shop.example.com/v1",
            "in.yaml:4:79 c | spec.pod.spec.c is no field of Shop shop.example.com/v1",
            "in.yaml:4:86 status | spec.pod.status is no field of Shop shop.example.com/v1",
        ],
        id="known parts of what is free",
    ),
    pytest.param(
        resource("{metadata: {labels: {a: b}}}"),
        ["in.yaml:4:19 labels | spec.metadata.labels is no field of Shop shop.example.com/v1"],
        id="object without any properties",
    ),
    pytest.param(
        resource("{\"si\\x65z\": 3, 'no such': 1}"),
        [
            "in.yaml:4:9 si\\x65z | spec.siez is no field of Shop shop.example.com/v1",
            "in.yaml:4:23 no such | spec['no such'] is no field of Shop shop.example.com/v1",
        ],
        id="quoted",
    ),
    pytest.param(
        resource("&a {siez: 1}\nother: *a"),
        [
            "in.yaml:4:11 siez | spec.siez is no field of Shop shop.example.com/v1",
            "in.yaml:5:1 other | other is no field of Shop shop.example.com/v1",
        ],
        id="beside the spec",
    ),
    pytest.param(
        Given(
            {
                "in.yaml": definition()
                + "---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: shop.example.com/v1\n  kind: Shop\n  spec: {<<: {siez: 1, size: 2}, size: 3}\n"
            }
        ),
        ["in.yaml:32:15 siez | items[0].spec.siez is no field of Shop shop.example.com/v1"],
        id="in a list, by a merge key",
    ),
    pytest.param(
        defined(
            resource("{old: 1, siez: 2}"), definition(), definition(SCHEMA.replace("size:", "old:"))
        ),
        ["in.yaml:4:16 siez | spec.siez is no field of Shop shop.example.com/v1"],
        id="unknown to both definitions",
    ),
    pytest.param(
        resource("{image: quay.io/a/b:1, size: 3}"),
        ["in.yaml:4:8 image | spec.image is no field of Shop shop.example.com/v1"],
        id="document with an image",
    ),
    pytest.param(
        resource(
            "{size: 3, port: http, items: [{name: a}], labels: {a: b}, pools: {a: {count: 1}}}"
        ),
        [],
        id="known fields",
    ),
    pytest.param(
        resource(
            "{free: {x: {y: [{z: 1}]}}, any: {x: {y: 1}}, pod: {apiVersion: v1, spec: {a: b}}}"
        ),
        [],
        id="free fields",
    ),
    pytest.param(resource("{siez: 3}", version="v2"), [], id="another version"),
    pytest.param(resource("{siez: 3}", kind="Cart"), [], id="another kind"),
    pytest.param(
        defined(resource("{siez: 3}"), config("  a: CustomResourceDefinition\n")),
        [],
        id="no definition",
    ),
    pytest.param(
        defined(resource("{siez: 3}"), definition(more="served: false")), [], id="not served"
    ),
    pytest.param(
        defined(
            resource("{siez: 3}"),
            definition(
                "        x-kubernetes-preserve-unknown-fields: true\n        type: object\n"
            ),
        ),
        [],
        id="all is kept",
    ),
    pytest.param(
        defined(resource("{siez: 3}"), definition().replace("/v1\n", "/v1beta1\n", 1)),
        [],
        id="v1beta1 keeps all",
    ),
    pytest.param(defined(resource("{siez: 3}"), definition("        {}\n")), [], id="empty schema"),
    pytest.param(
        defined(resource("{siez: 3}"), definition(), definition(SCHEMA.replace("size:", "siez:"))),
        [],
        id="known to one of two definitions",
    ),
    pytest.param(resource("[siez]"), [], id="a list for an object"),
    pytest.param(resource("{size: {a: b}}"), [], id="an object for a number"),
]


@pytest.mark.parametrize(("given_", "expected"), FIELDS)
def test_unknown_fields(given_: Given, expected: list[str]) -> None:
    assert tell("unknown-field", given_) == expected


def test_a_resource_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InputError, match="a tab stands where YAML wants spaces") as caught:
        inspected(resource("{siez: 3}\n\t- broken"))
    assert caught.value.place == Place("in.yaml", 5, 1)


@pytest.mark.parametrize(
    ("given_", "count"),
    [
        pytest.param(resource("{size: 3}"), 1, id="a resource of it"),
        pytest.param(resource("{size: 3}", kind="Cart"), 0, id="another kind of the group"),
        pytest.param(defined(one("nginx:1"), definition()), 0, id="no resource"),
    ],
)
def test_definitions_are_read_for_their_resources_only(
    given_: Given, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = inspected(given_)
    read: list[str] = []

    def parse(text: str, limits: Limits) -> list[Resolved]:
        read.append(text)
        return nodes.parse(text, limits)

    monkeypatch.setattr(fields, "parse", parse)
    assert list(fields.unknown_fields(state)) == []
    assert len([text for text in read if "CustomResourceDefinition" in text]) == count


# --- Everything that a finding says ---

WHOLE = [
    pytest.param(
        one("quay.io/acme/web:1.4"),
        REQUIRED,
        "foreign-registry",
        "spec.containers[0].image",
        "Copy it there and name the copy, or move it:"
        " --map quay.io/acme/web=registry.example.com/mirror/acme/web",
        (),
        id="foreign-registry",
    ),
    pytest.param(
        one("a/b:latest"),
        NOTHING,
        "floating-tag",
        "spec.containers[0].image",
        "Name a release, or add the digest of the image that is meant.",
        (),
        id="floating-tag",
    ),
    pytest.param(
        one("a/b:sha256:0"),
        NOTHING,
        "malformed-reference",
        "spec.containers[0].image",
        "Write NAME@sha256:… in place of NAME:sha256:…",
        (),
        id="malformed-reference, digest",
    ),
    pytest.param(
        one("a/B:1"),
        NOTHING,
        "malformed-reference",
        "spec.containers[0].image",
        "Write it in lower case.",
        (),
        id="malformed-reference, upper case",
    ),
    pytest.param(
        one("a/{TAG}"),
        NOTHING,
        "malformed-reference",
        "spec.containers[0].image",
        "Kubernetes fills in nothing here; write it out.",
        (),
        id="malformed-reference, placeholder",
    ),
    pytest.param(
        one("a/b:1:2"),
        NOTHING,
        "malformed-reference",
        "spec.containers[0].image",
        "Write REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:…",
        (),
        id="malformed-reference, anything else",
    ),
    pytest.param(
        one("b:1"),
        NOTHING,
        "missing-digest",
        "spec.containers[0].image",
        "Write b:1@sha256:… of the image that was tested.",
        (),
        id="missing-digest",
    ),
    pytest.param(
        one(f"b:1@{DIGEST}"),
        NOTHING,
        "tag-and-digest",
        "spec.containers[0].image",
        "Change both at once, or leave out the tag.",
        (),
        id="tag-and-digest",
    ),
    pytest.param(
        one("a/b:1", "a/b:2", "a/b:1"),
        NOTHING,
        "mixed-tags",
        "spec.containers[1].image",
        "Give both one tag, so that one copy in the registry serves both.",
        ("2: in.yaml:7:12, Pod/web", "1: in.yaml:6:12, Pod/web, and 1 more"),
        id="mixed-tags",
    ),
    pytest.param(
        one(f"{PRIVATE}/b:1"),
        SECRET,
        "missing-pull-secret",
        "spec.containers[0].image",
        "Add the secret to spec.imagePullSecrets, or to its service account.",
        (),
        id="missing-pull-secret, pod",
    ),
    pytest.param(
        documents(store(f"{{image: {PRIVATE}/m:1}}")),
        SECRET,
        "missing-pull-secret",
        "spec.image",
        "Add the secret to spec.imagePullSecret.",
        (),
        id="missing-pull-secret, custom resource",
    ),
    pytest.param(
        operator(f"{AKO}:4.4.0", kube="'>=1.19'"),
        NOTHING,
        "wide-kube-version",
        "kubeVersion",
        "Let it begin with >=1.23.0-0: the -0 takes vendors' builds too.",
        ("operator 4.4.0 needs kubernetes 1.23 to 1.35.x",),
        id="wide-kube-version",
    ),
    pytest.param(
        operator("a/b:2", listed="'[{name: b, image: a/b:1}]'"),
        NOTHING,
        "image-list-differs",
        "annotations['artifacthub.io/images']#[0].image",
        "Correct the list; given other values, the chart may render other images.",
        (),
        id="image-list-differs, entry",
    ),
    pytest.param(
        operator("a/b:2", listed="'[]'"),
        NOTHING,
        "image-list-differs",
        "annotations['artifacthub.io/images']",
        "Correct the list; given other values, the chart may render other images.",
        ("docker.io/a/b:2: c:4:48",),
        id="image-list-differs, list",
    ),
    pytest.param(
        resource("{siez: 3}"),
        NOTHING,
        "unknown-field",
        "spec.siez",
        "Did you mean 'size'?",
        ("defined at crds.yaml:1:1",),
        id="unknown-field, misspelt",
    ),
    pytest.param(
        resource("{zzz: 3}"),
        NOTHING,
        "unknown-field",
        "spec.zzz",
        "Kubernetes drops it without a word: remove it, or install the definition of a release"
        " that has it.",
        ("defined at crds.yaml:1:1",),
        id="unknown-field, nothing like it",
    ),
]


@pytest.mark.parametrize(("given_", "options", "rule", "path", "hint", "notes"), WHOLE)
def test_the_rest_of_a_finding(
    given_: Given,
    options: Options,
    rule: str,
    path: str,
    hint: str,
    notes: tuple[str, ...],
    tmp_path: Path,
) -> None:
    (found,) = [f for f in check(given_, options, tmp_path) if f.rule == rule]
    assert found.at
    assert (found.at.path, found.hint, found.notes) == (path, hint, notes)


def test_evidence_is_that_of_the_product(tmp_path: Path) -> None:
    given_ = operator(f"{AKO}:4.4.0", kube="'>=1.19'")
    (found,) = [f for f in check(given_, NOTHING, tmp_path) if f.rule == "wide-kube-version"]
    assert [source.where for source in found.evidence] == [
        "https://aerospike.com/docs/kubernetes/4.4.x/install/requirements/",
        "https://aerospike.com/docs/kubernetes/reference/compatibility",
    ]


def test_nothing_of_a_secret_is_shown() -> None:
    text = (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  pod: |\n    kind: Pod\n"
        "    spec: {containers: [{image: 'hunter2:sha256:0'}, {image: 'quay.io/a/b:latest'}]}\n"
    )
    found = check(documents(text), REQUIRED)
    assert [(f.rule, f.message) for f in found] == [
        ("malformed-reference", "a value that is not shown is no image reference"),
        ("foreign-registry", "quay.io/a/b:latest is not under registry.example.com/mirror"),
        ("floating-tag", "quay.io/a/b:latest names no release"),
        ("missing-digest", "quay.io/a/b:latest has no digest"),
    ]
    assert {f.excerpt for f in found} == {None}
    assert "hunter2" not in repr(found)


def test_an_impossible_registry_is_an_error() -> None:
    for options in (Options("mirror"), Options("mirror", needs_secret=True)):
        with pytest.raises(UsageError) as caught:
            check(one("nginx:1"), options)
        assert str(caught.value).startswith(
            "the required registry: 'mirror' names no registry host"
        )


# --- The manual pages ---

ON_MANIFESTS = (
    "floating-tag", "foreign-registry", "malformed-reference", "missing-digest",
    "missing-pull-secret", "mixed-tags", "tag-and-digest", "unknown-field",
)  # fmt: skip
ON_CHARTS = {
    "wide-kube-version": deployment(f"{AKO}:4.4.0"),
    "image-list-differs": pod("quay.io/acme/web:1.5"),
}
ON_VALUES = {
    "bypassed-relocation": ("aistor-operator", "5.10.0"),
    "ignored-value": ("aistor-operator", "5.9.0"),
    "lost-path-prefix": ("aistor-objectstore-operator", "4.0.1"),
    "unknown-value": ("aistor-objectstore", "1.0.16"),
    "weak-credentials": ("aistor-objectstore", "1.0.16"),
    "wrong-value-type": ("aistor-operator", "5.10.0"),
}


def snippets(rule: str) -> list[str]:
    """The manifests or files of a page: the bad one, and the good one where there is one."""
    return re.findall(r"^```yaml\n(.*?)^```$", read_page(rule), re.MULTILINE | re.DOTALL)


def test_every_page_is_held_against_its_rule() -> None:
    assert sorted((*ON_MANIFESTS, *ON_CHARTS, *ON_VALUES)) == [*LINT_RULES]


@pytest.mark.parametrize("rule", ON_MANIFESTS)
def test_example_of_manifests(rule: str) -> None:
    bad, good = snippets(rule)
    if rule == "unknown-field":
        good = bad.partition("---\n")[0] + "---\n" + good
    assert [len(tell(rule, documents(text), SECRET)) for text in (bad, good)] == [1, 0]


@pytest.mark.parametrize("rule", ON_CHARTS)
def test_example_of_a_chart(rule: str, tmp_path: Path) -> None:
    bad, good = snippets(rule)
    streams = {"bad": ON_CHARTS[rule], "good": ON_CHARTS[rule]}
    found = tell(rule, Given(streams, {"bad": bad, "good": good}), folder=tmp_path)
    assert [text.partition("/")[0] for text in found] == ["bad"]


@pytest.mark.parametrize("rule", ON_VALUES)
def test_example_of_values(rule: str) -> None:
    bad, *good = snippets(rule)
    found = [lint_values(text, "values.yaml", *ON_VALUES[rule]) for text in (bad, *good)]
    assert [[(f.rule, f.severity) for f in one_of_them] for one_of_them in found] == [
        [(rule, severity(read_page(rule)))],
        *([] for _ in good),
    ]


# --- Constraints, as `helm template --kube-version` takes them ---

VERSIONS = ("1.19.0", "1.22.0", "1.22.3", "1.22.99", "1.23.0", "1.25.1", "2.0.0")
ALLOWED = [
    (">=1.22", "1.22.0 1.22.3 1.22.99 1.23.0 1.25.1 2.0.0"),
    (">1.22", "1.23.0 1.25.1 2.0.0"),
    (">1.22.0", "1.22.3 1.22.99 1.23.0 1.25.1 2.0.0"),
    (">1.22.0-0", "1.22.0 1.22.3 1.22.99 1.23.0 1.25.1 2.0.0"),
    ("<1.23", "1.19.0 1.22.0 1.22.3 1.22.99"),
    ("<1.23.0-0", "1.19.0 1.22.0 1.22.3 1.22.99"),
    ("<=1.22", "1.19.0 1.22.0 1.22.3 1.22.99"),
    ("=<1.22.3", "1.19.0 1.22.0 1.22.3"),
    ("1.22", "1.22.0 1.22.3 1.22.99"),
    ("v1.22.x", "1.22.0 1.22.3 1.22.99"),
    ("1.22.3", "1.22.3"),
    ("=1.22.3-0", ""),
    ("!=1.22.x", "1.19.0 1.23.0 1.25.1 2.0.0"),
    ("~1.22.3", "1.22.3 1.22.99"),
    ("~>1.22", "1.22.0 1.22.3 1.22.99"),
    ("~1", "1.19.0 1.22.0 1.22.3 1.22.99 1.23.0 1.25.1"),
    ("^1.22.3", "1.22.3 1.22.99 1.23.0 1.25.1"),
    (">= 1.22.0-0 < 1.25.0-0", "1.22.0 1.22.3 1.22.99 1.23.0"),
    (">=1.22,<1.23", "1.22.0 1.22.3 1.22.99"),
    (">=1.22 , <1.23", "1.22.0 1.22.3 1.22.99"),
    ("1.19 - 1.22.3", "1.19.0 1.22.0 1.22.3"),
    ("<1.22 || >=1.25", "1.19.0 1.25.1 2.0.0"),
    ("*", " ".join(VERSIONS)),
    ("", " ".join(VERSIONS)),
    (">*", " ".join(VERSIONS)),
    ("<=*", ""),
]


@pytest.mark.parametrize(("text", "allowed"), ALLOWED)
def test_constraint(text: str, allowed: str) -> None:
    constraint = read_constraint(text)
    assert constraint
    numbers = {version: tuple(map(int, version.split("."))) for version in VERSIONS}
    found = [
        v
        for v, (major, minor, patch) in numbers.items()
        if constraint.allows((major, minor, patch))
    ]
    assert found == allowed.split()


@pytest.mark.parametrize(
    "text", ["abc", "1.22.3.4", ">=1.22,", ",1.22", ">=1.19<1.25", ">=", "1.x.y"]
)
def test_constraint_that_helm_refuses(text: str) -> None:
    assert read_constraint(text) is None


@given(st.text(">=<~^!x*v.,|- 0123", max_size=12), st.integers(16, 40), st.integers(0, 99))
def test_any_text_is_a_constraint_or_none(text: str, minor: int, patch: int) -> None:
    constraint = read_constraint(text)
    both = read_constraint(f"{text} || >=1.16")
    assert (constraint is None) == (both is None)
    if both:
        assert both.allows((1, minor, patch))
