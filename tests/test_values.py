"""Values files of the AIStor charts: what must be told, where, and what must not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from helm_compat.errors import InputError
from helm_compat.findings import Finding
from helm_compat.images.tree import NOBODY
from helm_compat.knowledge.schema import KEYWORDS
from helm_compat.lint.values import lint_values

ROOT = Path(__file__).parent.parent
FILES = ROOT / "testdata" / "values"
SCHEMAS = {
    file.name.removesuffix(".schema.json"): json.loads(file.read_bytes())
    for file in sorted((ROOT / "schemas" / "values").iterdir())
}

OLD = ("aistor-objectstore-operator", "5.1.0")
OPERATOR = ("aistor-operator", "5.10.0")
STORE = ("aistor-objectstore", "1.0.16")
HEX = "8ed72368aadd22e5c60f074e2e403040e782cb02c7341ba9c47dfc6d37567367"

QUOTES = "Write it in quotes."
AS_IMAGE = "Write {repository: aistor, image: 'minio:TAG'}."
AS_SECRET = (
    "Keep the root user in a secret that exists already: secrets.name, and"
    " secrets.existingSecret: true."
)
Told = tuple[str, str, str]


def lint(text: str, chart: tuple[str, str]) -> list[Finding]:
    return lint_values(text, "my.yaml", *chart)


def told(text: str, chart: tuple[str, str]) -> list[Told]:
    """Each finding as `LINE:COLUMN severity rule`, its message and its hint."""
    found = lint(text, chart)
    return [(f"{place(f)} {f.severity} {f.rule}", f.message, f.hint) for f in found]


def place(finding: Finding) -> str:
    assert finding.at
    assert (finding.at.file, finding.at.template, finding.at.object) == ("my.yaml", "", NOBODY)
    return f"{finding.at.line}:{finding.at.column}"


def marked(finding: Finding) -> str:
    """What the excerpt of a finding points at."""
    assert finding.excerpt
    text, column, width = finding.excerpt
    return text[column - 1 : column - 1 + width]


def walk(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from walk(child)
    elif isinstance(value, list):
        for child in value:
            yield from walk(child)


# --- The schemas ---

schemas = pytest.mark.parametrize("name", sorted(SCHEMAS))


def test_names() -> None:
    names = ["aistor-objectstore", "aistor-operator", "aistor-operator-templates"]
    assert sorted(SCHEMAS) == names


@schemas
def test_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


@schemas
def test_every_key_is_described(name: str) -> None:
    mappings = [entry for entry in walk(SCHEMAS[name]) if entry.get("type") == "object"]
    keys = [(k, v) for entry in mappings for k, v in entry.get("properties", {}).items()]

    assert keys
    assert [key for key, value in keys if not value.get("description")] == []


@schemas
def test_our_validator_knows_every_keyword(name: str) -> None:
    keywords = {key for schema in schemas_in(SCHEMAS[name]) for key in schema}

    assert keywords <= set(KEYWORDS)


def schemas_in(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and all that it consists of."""
    yield schema
    below = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    below += [*schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties")]
    for inner in below:
        if isinstance(inner, dict):
            yield from schemas_in(inner)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        pytest.param("guide-operator", "aistor-operator-templates", id="guide, old operator"),
        pytest.param("guide-operator", "aistor-operator", id="guide, operator"),
        pytest.param("guide-objectstore", "aistor-objectstore", id="guide, object store"),
        pytest.param("guide-objectstore-tag", "aistor-objectstore", id="guide, full name"),
        pytest.param("guide-objectstore-images", "aistor-objectstore", id="guide, key"),
    ],
)
def test_documented_values_fit_for_editors_too(file: str, name: str) -> None:
    values = yaml.safe_load((FILES / f"{file}.yaml").read_bytes())

    assert list(Draft202012Validator(SCHEMAS[name]).iter_errors(values)) == []


# --- What must not be told ---


@pytest.mark.parametrize(
    ("file", "chart"),
    [
        pytest.param("guide-operator", OLD, id="guide, the chart that it names"),
        pytest.param("guide-operator", ("aistor-operator", "5.4.0"), id="guide, last of the old"),
        pytest.param("guide-operator", ("aistor-operator", "5.5.0"), id="guide, first of the new"),
        pytest.param("guide-operator", OPERATOR, id="guide, 5.10.0"),
        pytest.param("guide-operator", ("aistor-operator", "6.0.0"), id="guide, a later one"),
        pytest.param("guide-objectstore", STORE, id="guide, object store"),
        pytest.param("guide-objectstore-tag", STORE, id="guide, image by its full name"),
        pytest.param(
            "guide-objectstore-images", ("aistor-objectstore", "1.1.0"), id="guide, image by key"
        ),
        pytest.param("complete-operator", OPERATOR, id="every setting of the operators"),
        pytest.param("complete-operator", ("aistor-operator", ""), id="no version"),
        pytest.param("complete-operator", ("aistor-operator", "next"), id="no readable version"),
        pytest.param("complete-objectstore", STORE, id="every setting of the object store"),
        pytest.param("complete-objectstore", ("aistor-objectstore", "1.0.15"), id="1.0.15"),
    ],
)
def test_clean_file(file: str, chart: tuple[str, str]) -> None:
    assert told((FILES / f"{file}.yaml").read_text(encoding="utf-8"), chart) == []


@pytest.mark.parametrize(
    ("text", "chart"),
    [
        pytest.param("", OPERATOR, id="empty"),
        pytest.param("# nothing yet\n", OPERATOR, id="comments only"),
        pytest.param("---\n...\n", OPERATOR, id="markers only"),
        pytest.param("~\n", OPERATOR, id="null"),
        pytest.param("{}\n", OPERATOR, id="no keys"),
        pytest.param("hostnme: x\n", ("other", "5.10.0"), id="chart of somebody else"),
        pytest.param("hostnme: x\n", OLD, id="generation of which not all keys are known"),
        pytest.param("podLabel: {}\n", ("aistor-operator", "5.11.0"), id="key of a later chart"),
        pytest.param("services: {}\n", ("aistor-objectstore", "1.0.3"), id="key of an old chart"),
        pytest.param("operators: {warp: null}\n", OPERATOR, id="null takes a default away"),
        pytest.param("objectStore:\n  kes:\n", STORE, id="null as the chart writes it"),
        pytest.param("operators: {warp: {disabled: Yes}}\n", OPERATOR, id="boolean of YAML 1.1"),
        pytest.param("objectStore: {image: {tag: 1.10}}\n", STORE, id="tag without repository"),
        pytest.param("images: {firewall: {}}\n", OPERATOR, id="unread and empty"),
        pytest.param("global: {fipsMode: false}\n", ("aistor-operator", "5.6.4"), id="unread, off"),
        pytest.param(
            "repositories: {aistor: {imagePullSecrets: [{name: a}]}}\n"
            "global: {operator: {imagePullSecrets: [{name: a}]}}\n",
            ("aistor-objectstore-operator", "5.0.2"),
            id="secret that reaches the Deployments on the other way",
        ),
        pytest.param(
            "repositories: {mine: {hostname: reg.io}}\n",
            ("aistor-objectstore-operator", "4.0.1"),
            id="repository that never had a prefix",
        ),
        pytest.param(
            "repositories: {aistor: {hostname: reg.io}}\n", OPERATOR, id="prefix that is kept"
        ),
        pytest.param(
            "repositories: {aistor: {hostname: reg.io, pathPrefix: a}}\n", OLD, id="old prefix"
        ),
        pytest.param(
            "secrets: {accessKey: '', secretKey: '', existingSecret: true}\n", STORE, id="secret"
        ),
        pytest.param("secrets: {secretKey: eight888}\n", STORE, id="password long enough"),
        pytest.param(
            f"objectStore: {{image: {{repository: r.io/m@sha256, tag: {HEX}}}}}\n",
            STORE,
            id="digits as the tag",
        ),
        pytest.param(
            "objectStore: {image: {repository: 'r.io:5000/m', tag: v1}}\n", STORE, id="port"
        ),
        pytest.param("x-mine: {a: 1}\n", OPERATOR, id="anchors of the user"),
    ],
)
def test_clean(text: str, chart: tuple[str, str]) -> None:
    assert told(text, chart) == []


# --- Keys and types ---


@pytest.mark.parametrize(
    ("text", "chart", "expected"),
    [
        pytest.param(
            "repositories:\n  aistor:\n    hostnme: reg.io\n",
            OPERATOR,
            (
                "3:5 warning unknown-value",
                "repositories.aistor.hostnme: aistor-operator 5.10.0 reads no such value",
                "Did you mean 'hostname'?",
            ),
            id="misspelled",
        ),
        pytest.param(
            "repositories:\n  aistor:\n    hostnme: reg.io\n",
            ("aistor-operator", "6.0.0"),
            (
                "3:5 warning unknown-value",
                "repositories.aistor.hostnme: no chart is known to read it",
                "Did you mean 'hostname'?",
            ),
            id="misspelled for a chart that nobody read",
        ),
        pytest.param(
            "repositories: {}\n",
            STORE,
            (
                "1:1 warning unknown-value",
                "repositories: aistor-objectstore 1.0.16 reads no such value",
                "",
            ),
            id="value of the other chart",
        ),
        pytest.param(
            "images:\n  mc: {repository: aistor, image: mc, tag: RELEASE.1}\n",
            OPERATOR,
            (
                "2:39 warning unknown-value",
                "images.mc.tag: aistor-operator 5.10.0 reads no such value",
                "The tag stands behind the name: image: NAME:TAG.",
            ),
            id="tag on its own",
        ),
        pytest.param(
            'operators: {warp: {disabled: "false"}}\n',
            OPERATOR,
            (
                "1:30 error wrong-value-type",
                "operators.warp.disabled: wants true or false, not 'false'",
                "Write it without quotes; to a template, any text but the empty one is true.",
            ),
            id="text that is true",
        ),
        pytest.param(
            "operators: {warp: {replicas: two}}\n",
            OPERATOR,
            (
                "1:30 error wrong-value-type",
                "operators.warp.replicas: 'two' does not fit: a whole number of 0 or more,"
                " quoted or not",
                "",
            ),
            id="no number",
        ),
        pytest.param(
            "repositories:\n  aistor:\n    imagePullSecrets: [regcred]\n",
            OPERATOR,
            (
                "3:24 error wrong-value-type",
                "repositories.aistor.imagePullSecrets[0]: wants a mapping of keys, not 'regcred'",
                "Write {name: regcred}.",
            ),
            id="name of a secret alone",
        ),
        pytest.param(
            "repositories:\n  aistor:\n    imagePullSecrets: regcred\n",
            OLD,
            (
                "3:23 error wrong-value-type",
                "repositories.aistor.imagePullSecrets: wants a list, not 'regcred'",
                "",
            ),
            id="no list, old generation",
        ),
        pytest.param(
            "images:\n  mc: 5\n",
            OPERATOR,
            (
                "2:7 error wrong-value-type",
                "images.mc: wants text or a mapping of keys, not the number 5",
                'Write it in quotes: "5".',
            ),
            id="number",
        ),
        pytest.param(
            "objectStore:\n  name: on\n",
            STORE,
            (
                "2:9 error wrong-value-type",
                "objectStore.name: wants text, not on, which YAML reads as true",
                'Write it in quotes: "on".',
            ),
            id="boolean of YAML 1.1",
        ),
        pytest.param(
            "objectStore:\n  imagePullSecret: regcred\n",
            STORE,
            (
                "2:20 error wrong-value-type",
                "objectStore.imagePullSecret: wants a mapping of keys, not 'regcred'",
                "",
            ),
            id="secret of the object store",
        ),
        pytest.param(
            "objectStore:\n  services:\n    minio: {nodePort: '31000'}\n",
            STORE,
            (
                "3:23 error wrong-value-type",
                "objectStore.services.minio.nodePort: wants a whole number, not '31000'",
                "",
            ),
            id="port in quotes",
        ),
        pytest.param(
            "objectStore:\n  podManagementPolicy: parallel\n",
            STORE,
            (
                "2:24 error wrong-value-type",
                "objectStore.podManagementPolicy: wants one of Parallel, OrderedReady,"
                " not 'parallel'",
                "Did you mean 'Parallel'?",
            ),
            id="word",
        ),
        pytest.param(
            "base: &base\n  hostnme: reg.io\nrepositories:\n  aistor:\n    <<: *base\n",
            ("aistor-operator", "5.11.0"),
            (
                "2:3 warning unknown-value",
                "repositories.aistor.hostnme: no chart is known to read it",
                "Did you mean 'hostname'?",
            ),
            id="behind a merge key",
        ),
        pytest.param(
            "extraResources: []\nglobal:\n  operator:\n    tolerations:\n    - hostnme: 1\n"
            "    extraEnv:\n    - nme: A\n",
            OPERATOR,
            (
                "7:7 error wrong-value-type",
                "global.operator.extraEnv[0]: lacks 'name'",
                "",
            ),
            id="item of a list",
        ),
        pytest.param(
            "objectStore:\n  pools:\n  - serverz: 4\n",
            STORE,
            (
                "3:5 warning unknown-value",
                "objectStore.pools[0].serverz: aistor-objectstore 1.0.16 reads no such value",
                "Did you mean 'servers'?",
            ),
            id="first key of an item",
        ),
        pytest.param(
            "a: 1\n---\nimages: {}\n",
            ("aistor-operator", "5.11.0"),
            (
                "3:1 warning ignored-value",
                "a second document, which Helm 3 does not read and Helm 4 does",
                "Put all values into one document.",
            ),
            id="second document",
        ),
    ],
)
def test_keys_and_types(text: str, chart: tuple[str, str], expected: Told) -> None:
    assert told(text, chart) == [expected]


# --- What goes wrong though it fits ---


@pytest.mark.parametrize(
    ("text", "chart", "expected"),
    [
        pytest.param(
            "operators: {warp: {image: 'reg.io/op:1'}}\n",
            ("aistor-objectstore-operator", "4.0.0"),
            (
                "1:20 warning ignored-value",
                "operators.warp.image: is not read by chart 4.0.0",
                "",
            ),
            id="image of one operator, 4.0.0",
        ),
        pytest.param(
            "repositories: {aistor: {imagePullSecrets: [{name: a}]}}\n",
            ("aistor-objectstore-operator", "5.0.2"),
            (
                "1:25 warning ignored-value",
                "repositories.aistor.imagePullSecrets: does not reach the Deployments of the"
                " operators before chart 5.1.0",
                "Charts 4.1.1 to 5.0.2 take them from global.operator.imagePullSecrets.",
            ),
            id="secret of the repository before 5.1.0",
        ),
        pytest.param(
            "global: {operator: {imagePullSecrets: [{name: a}]}}\n",
            ("aistor-objectstore-operator", "4.1.0"),
            (
                "1:21 error ignored-value",
                "global.operator.imagePullSecrets: makes charts 4.0.0 to 4.1.0 fail to render",
                "Give the secret to the service accounts of the operators, or take a later chart.",
            ),
            id="secret of all operators, 4.1.0",
        ),
        pytest.param(
            "global: {fipsMode: true}\n",
            ("aistor-operator", "5.9.0"),
            (
                "1:10 warning ignored-value",
                "global.fipsMode: is not read before chart 5.10.0",
                "",
            ),
            id="FIPS before 5.10.0",
        ),
        pytest.param(
            "images: {firewall: {repository: aistor, image: 'minwall:1'}}\n",
            OPERATOR,
            (
                "1:10 warning ignored-value",
                "images.firewall: is read by no chart",
                "Charts from 5.8.0 read images.minwall.",
            ),
            id="old name of the firewall",
        ),
        pytest.param(
            "operators: {inference: {disabled: true}}\n",
            OPERATOR,
            (
                "1:13 warning ignored-value",
                "operators.inference: is not read since chart 5.1.0",
                "",
            ),
            id="operator that is gone",
        ),
        pytest.param(
            "objectStore: {image: {repository: aistor, image: 'minio:T'}}\n",
            STORE,
            (
                "1:43 warning ignored-value",
                "objectStore.image.image: is not read up to chart 1.0.16, which fails to render"
                " without tag and digest",
                "Write the full name of the image as repository, and its tag as tag.",
            ),
            id="image by a key of the repositories",
        ),
        pytest.param(
            "objectStore: {sidecar: {image: {repository: aistor}}}\n",
            STORE,
            (
                "1:15 warning ignored-value",
                "objectStore.sidecar: is not read up to chart 1.0.16",
                "The operator's chart says which sidecar runs: images.minio-sidecar.",
            ),
            id="sidecar of the guide",
        ),
        pytest.param(
            "objectStore: {features: {enableSFTP: true}}\n",
            ("aistor-objectstore", "1.0.15"),
            (
                "1:26 error ignored-value",
                "objectStore.features.enableSFTP: makes chart 1.0.15 fail to render",
                "Set objectStore.sftp.",
            ),
            id="feature that is refused",
        ),
        pytest.param(
            "images: {minio: 'reg.io/aistor/minio:T'}\n",
            OLD,
            (
                "1:10 warning bypassed-relocation",
                "images.minio: is a full reference, which repositories do not relocate",
                AS_IMAGE,
            ),
            id="image as text",
        ),
        pytest.param(
            "images: {minio: 'reg.io/aistor/minio:T'}\n",
            ("aistor-objectstore-operator", "4.0.0"),
            (
                "1:10 error bypassed-relocation",
                "images.minio: is text, with which chart 4.0.0 fails to render",
                AS_IMAGE,
            ),
            id="image as text, 4.0.0",
        ),
        pytest.param(
            "operators: {warp: {image: 'reg.io/op:1'}}\n",
            OPERATOR,
            (
                "1:20 warning bypassed-relocation",
                "operators.warp.image: is a full reference, which repositories do not relocate",
                "Set images.operator instead. Write {repository: aistor, image: 'operator:TAG'}.",
            ),
            id="image of one operator",
        ),
        pytest.param(
            "repositories: {aistor: {hostname: reg.io}}\n",
            ("aistor-objectstore-operator", "4.0.1"),
            (
                "1:25 error lost-path-prefix",
                "repositories.aistor.hostname: stands without pathPrefix, with which charts 4.0.x"
                " make 'reg.io/minio:TAG'",
                "Set pathPrefix too: the path below the host, with a slash at its end.",
            ),
            id="host alone, 4.0.1",
        ),
        pytest.param(
            "repositories: {aistor: {pathPrefix: minio/aistor}}\n",
            OPERATOR,
            (
                "1:25 error malformed-reference",
                "repositories.aistor.pathPrefix: 'minio/aistor' has no slash at its end, so an"
                " image becomes 'minio/aistorminio:TAG'",
                "Write 'minio/aistor/'.",
            ),
            id="prefix without a slash",
        ),
        pytest.param(
            "repositories: {aistor: {hostname: 'https://reg.io'}}\n",
            OPERATOR,
            (
                "1:25 error malformed-reference",
                "repositories.aistor.hostname: 'https://reg.io' is no registry host, for an image"
                " begins with it and a slash",
                "Write the host and its port alone; the path belongs into pathPrefix.",
            ),
            id="host with a scheme",
        ),
        pytest.param(
            f"objectStore:\n  image:\n    repository: r.io/m\n    digest: sha256:{HEX}\n",
            STORE,
            (
                "4:5 error malformed-reference",
                f"objectStore.image.digest: the chart makes 'r.io/m:sha256:{HEX}' of it, which is"
                " not the image meant",
                f"Write repository: r.io/m@sha256 and digest: {HEX}",
            ),
            id="digest behind a plain repository",
        ),
        pytest.param(
            f"objectStore: {{kes: {{image: {{repository: r.io/k, digest: {HEX}}}}}}}\n",
            STORE,
            (
                "1:49 error malformed-reference",
                f"objectStore.kes.image.digest: the chart makes 'r.io/k:{HEX}' of it, which is not"
                " the image meant",
                f"Write repository: r.io/k@sha256 and digest: {HEX}",
            ),
            id="digits behind a plain repository",
        ),
        pytest.param(
            "objectStore: {image: {repository: 'r.io/m:1', tag: '2'}}\n",
            STORE,
            (
                "1:47 error malformed-reference",
                "objectStore.image.tag: the chart makes 'r.io/m:1:2' of it, which is not the image"
                " meant",
                "Write repository with the full name and tag with the tag.",
            ),
            id="two tags",
        ),
    ],
)
def test_traps(text: str, chart: tuple[str, str], expected: Told) -> None:
    assert told(text, chart) == [expected]


def test_full_reference_has_no_pull_secrets() -> None:
    found = lint("images: {minio: 'reg.io/aistor/minio:T'}\n", OPERATOR)
    note = "The pull secrets and the pull policy of the repository are not used for it either."

    assert [finding.notes for finding in found] == [(note,)]


# --- Credentials ---


@pytest.mark.parametrize(
    ("secrets", "expected"),
    [
        pytest.param(
            "{accessKey: minio, secretKey: minio123}",
            [("1:29", "secrets.secretKey: is a well-known default")],
            id="old default of the chart",
        ),
        pytest.param(
            "{accessKey: minioadmin, secretKey: minioadmin}",
            [("1:34", "secrets.secretKey: is a well-known default")],
            id="default of the server",
        ),
        pytest.param(
            "{accessKey: '', secretKey: ''}",
            [("1:11", "secrets.accessKey: is empty"), ("1:26", "secrets.secretKey: is empty")],
            id="empty",
        ),
        pytest.param(
            "{secretKey: short77}",
            [("1:11", "secrets.secretKey: is shorter than 8 characters")],
            id="too short",
        ),
        pytest.param(
            "{accessKey: unguessable, secretKey: unguessable}",
            [("1:35", "secrets.secretKey: is the same as the user's name")],
            id="same as the user",
        ),
        pytest.param(
            "{secretKey: <strong-secret-key>}",
            [("1:11", "secrets.secretKey: is a placeholder")],
            id="placeholder of the chart",
        ),
    ],
)
def test_weak_credentials(secrets: str, expected: list[tuple[str, str]]) -> None:
    found = told(f"secrets: {secrets}\n", STORE)
    wanted = [(f"{at} warning weak-credentials", what, AS_SECRET) for at, what in expected]

    assert found == wanted


def test_weak_password_in_the_environment() -> None:
    text = "objectStore:\n  env:\n  - name: MINIO_ROOT_PASSWORD\n    value: minio123\n"
    place = "4:5 warning weak-credentials"
    what = "objectStore.env[0].value: is a well-known default"

    assert told(text, STORE) == [(place, what, AS_SECRET)]


def test_password_without_quotes() -> None:
    # Helm's templates would write 1.2345678e+07.
    expected = ("1:22 error wrong-value-type", "secrets.secretKey: wants text", QUOTES)

    assert told("secrets: {secretKey: 12345678}\n", STORE) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("secrets: {accessKey: %, secretKey: %, oops: 1}", id="root user"),
        pytest.param("license: %", id="license"),
        pytest.param("global: {license: %, fipsMode: 7}", id="old license"),
        pytest.param("objectStore: {env: [{name: 7, value: %}], image: 7}", id="environment"),
        pytest.param("objectStore: {kes: {image: 7, configuration: {a: %}}}", id="key server"),
        pytest.param("operators: {warp: {extraEnv: [{name: [], value: %}]}}", id="operator"),
        pytest.param("oops: {rootPassword: %, token: %}", id="password anywhere"),
        pytest.param("extraResources: [7, {stringData: %}]", id="template"),
        pytest.param(
            "images: {mc: &a %, kes: [*a]}\nobjectStore: {image: *a}\nsecrets: {secretKey: *a}",
            id="anchor elsewhere",
        ),
    ],
)
@given(st.from_regex(r"[g-z]{5,9}[0-9]{5,9}", fullmatch=True) | st.integers(10**9, 10**10).map(str))
def test_secrets_are_never_shown(text: str, secret: str) -> None:
    for chart in (OLD, OPERATOR, STORE):
        assert secret not in repr(lint(text.replace("%", secret), chart))


# --- Bad input ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "a: [1\nb: 2\n",
            "my.yaml:2:2: did not find expected ',' or ']' while parsing a flow sequence",
            id="syntax",
        ),
        pytest.param("a:\n\tb: 1\n", "my.yaml:2:1: a tab stands where YAML wants spaces", id="tab"),
        pytest.param(
            "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n",
            "my.yaml:5:3: the key 'c' stands twice",
            id="duplicate key",
        ),
        pytest.param(
            "b: {c: 1, c: 2}\na: 1\na: 2\n",
            "my.yaml:1:11: the key 'c' stands twice",
            id="the first of two duplicates",
        ),
        pytest.param(
            "a: 1\n---\nb: 1\nb: 2\n",
            "my.yaml:4:1: the key 'b' stands twice",
            id="duplicate in a second document",
        ),
        pytest.param("{[a]: 1}\n", "my.yaml:1:2: a key must be text", id="list as a key"),
        pytest.param("- a\n", "my.yaml:1:1: values are a mapping of keys", id="list"),
        pytest.param("text\n", "my.yaml:1:1: values are a mapping of keys", id="text"),
        pytest.param(
            "a: *b\n", "my.yaml:1:4: the alias *b has no anchor &b before it", id="lost anchor"
        ),
        pytest.param(
            "a: &a [*a]\n",
            "my.yaml:1:8: the alias *a stands inside its own anchor",
            id="anchor around itself",
        ),
        pytest.param(
            "a: " + "[" * 101 + "]" * 101,
            "my.yaml:1:103: nested more than 100 levels deep",
            id="too deep",
        ),
        pytest.param(
            "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
            + "".join(
                f"{y}: &{y} [{','.join([f'*{x}'] * 10)}]\n" for x, y in zip("abcde", "bcdef")
            ),
            "my.yaml:5:4: aliases expand to more than 100000 nodes",
            id="aliases upon aliases",
        ),
    ],
)
@pytest.mark.parametrize(
    "chart", [OLD, OPERATOR, STORE, ("other", "1")], ids=lambda chart: chart[0]
)
def test_bad_input(text: str, expected: str, chart: tuple[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        lint(text, chart)

    assert str(caught.value) == expected


# --- Places ---


def test_findings_stand_in_the_order_of_the_file_and_once() -> None:
    text = (
        "x-one: &one {replicas: []}\r\n"
        "operators:\r\n"
        "  warp: *one\r\n"
        "  prompt: *one\r\n"
        "imagez: {}\r\n"
        "repositories: {aistor: {hostname: 'https://reg.io'}}\r\n"
    )
    found = lint(text, OPERATOR)

    assert [(place(finding), marked(finding)) for finding in found] == [
        ("1:24", "[]"),
        ("5:1", "imagez"),
        ("6:25", "hostname"),
    ]
    assert [finding.at.path for finding in found if finding.at] == [
        "operators.warp.replicas",
        "imagez",
        "repositories.aistor.hostname",
    ]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "on", "aistor", "a:b", "é"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "aistor",
                    "annotations",
                    "digest",
                    "disabled",
                    "env",
                    "extraEnv",
                    "global",
                    "hostname",
                    "image",
                    "images",
                    "imagePullSecrets",
                    "kes",
                    "minio",
                    "name",
                    "object-store",
                    "objectStore",
                    "operator",
                    "operators",
                    "pathPrefix",
                    "pools",
                    "replicas",
                    "repositories",
                    "repository",
                    "secretKey",
                    "secrets",
                    "tag",
                    "value",
                    "webhook",
                    "hostnme",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(
    st.dictionaries(
        st.sampled_from(
            ["global", "images", "objectStore", "operators", "repositories", "secrets", "x"]
        ),
        values,
    ),
    st.sampled_from([OLD, OPERATOR, STORE, ("aistor-objectstore-operator", "4.0.0")]),
    st.booleans(),
)
def test_every_place_can_be_found_again(
    data: dict[str, object], chart: tuple[str, str], flow: bool
) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True)
    lines = text.split("\n")

    for finding in lint(text, chart):
        assert finding.at
        assert finding.excerpt
        line = lines[finding.at.line - 1]
        assert len(marked(finding)) == finding.excerpt.width
        before = finding.at.column - finding.excerpt.column
        shown = line[before : before + len(finding.excerpt.text)]
        assert len(shown) == len(finding.excerpt.text)
        assert all(c in (s, "*") for c, s in zip(finding.excerpt.text, shown))
