"""CustomResourceDefinitions read in pieces: name, annotations with their places, served versions."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_compat.gate.crds import Crd, read_crds
from helm_compat.images.candidates import is_crd
from helm_compat.images.tree import path_text
from helm_compat.nodes import InvalidText, Limits

NAME = "workspaces.kaito.sh"
HEAD = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
METADATA = f"metadata:\n  name: {NAME}\n"


def read_crd(data: bytes, text: str, limits: Limits, *, served: frozenset[str]) -> Crd | None:
    """The first definition of a document."""
    return next(iter(read_crds(data, text, limits, served=served)), None)


def served(text: str, *names: str) -> tuple[str, ...] | None:
    crd = read_crd(text.encode(), text, Limits(), served=frozenset(names or (NAME,)))
    return crd.served if crd else None


def annotated(text: str) -> dict[str, tuple[str, str]]:
    """By key: the value, and what stands where it is said to stand."""
    crd = read_crd(text.encode(), text, Limits(), served=frozenset())
    assert crd is not None
    return {
        key: (found.value, text[found.offset : found.offset + len(found.value)])
        for key, found in crd.annotations.items()
    }


def version(name: str, value: str = "true", *, schema: str = "", indent: str = "  ") -> str:
    """One entry of `versions`; a schema is given as lines below the key."""
    below = "".join(f"{indent}    {line}\n" for line in schema.split("\n") if line)
    return (
        f"{indent}- name: {name}\n{indent}  served: {value}\n"
        f"{f'{indent}  schema:' if schema else f'{indent}  storage: true'}\n{below}"
    )


def versions(*entries: str) -> str:
    return f"{HEAD}{METADATA}spec:\n  group: kaito.sh\n  versions:\n{''.join(entries)}"


SCHEMA = "openAPIV3Schema:\n  type: object"

SERVED = [
    pytest.param(versions(version("v1")), ("v1",), id="one"),
    pytest.param(versions(version("v1"), version("v2")), ("v1", "v2"), id="two"),
    pytest.param(versions(version("v1", "false"), version("v2")), ("v2",), id="one is not served"),
    pytest.param(versions(version("v1", "false")), (), id="none is served"),
    pytest.param(versions(version("v1", "'true'")), ("v1",), id="in quotes"),
    pytest.param(versions(version("v1", "True")), ("v1",), id="capital"),
    pytest.param(versions(version("v1", "TRUE")), ("v1",), id="capitals"),
    pytest.param(versions(version("v1", "true # yes")), ("v1",), id="comment"),
    # Helm reads manifests with YAML 1.1, where these are true. https://yaml.org/type/bool.html
    pytest.param(versions(version("v1", "yes")), ("v1",), id="yes"),
    pytest.param(versions(version("v1", "On")), ("v1",), id="on"),
    pytest.param(versions(version("v1", "y")), ("v1",), id="y"),
    pytest.param(versions(version("v1", "no")), (), id="no"),
    pytest.param(versions(version("v1", "off")), (), id="off"),
    pytest.param(versions(version("v1", "1")), (), id="a number is not true"),
    pytest.param(versions(version("v1").replace("    served: true\n", "")), (), id="served not said"),
    pytest.param(
        versions(version("v1", schema=SCHEMA), version("v2", schema=SCHEMA)),
        ("v1", "v2"),
        id="schemas",
    ),
    pytest.param(
        versions(version("v1", schema=SCHEMA, indent="    "), version("v2", indent="    ")),
        ("v1", "v2"),
        id="list that is indented",
    ),
    pytest.param(
        versions(version("v1", schema="schema:\n  name: x\n  served: false"), version("v2")),
        ("v1", "v2"),
        id="property named schema",
    ),
    pytest.param(
        versions(version("v1", schema="x: |\n  - name: v9\n    served: true"), version("v2")),
        ("v1", "v2"),
        id="text that reads like a version",
    ),
    pytest.param(
        versions(version("v1", schema="x:\n- name: v9\n  served: true"), version("v2")),
        ("v1", "v2"),
        id="list inside a schema",
    ),
    pytest.param(
        versions(version("v1", schema="x: 1\n# x\ny: 2").replace("      # x", "# x"), version("v2")),
        ("v1", "v2"),
        id="comment at the margin of a schema",
    ),
    pytest.param(
        versions("  - schema:\n      openAPIV3Schema: {}\n    name: v1\n    served: true\n"),
        ("v1",),
        id="schema first",
    ),
    pytest.param(
        versions("  - schema: {openAPIV3Schema: {}}\n    name: v1\n    served: true\n"),
        ("v1",),
        id="schema in brackets",
    ),
    pytest.param(
        versions("  - schema: # x\n      a: {}\n    name: v1\n    served: true\n"),
        ("v1",),
        id="comment behind schema",
    ),
    pytest.param(
        versions(version("v1", "&t true", schema=SCHEMA), version("v2", "*t")),
        ("v1", "v2"),
        id="alias",
    ),
    pytest.param(
        versions(version("v1", schema="x: &x\n  a: 1"), version("v2", schema="y: *x")),
        ("v1", "v2"),
        id="anchor in a schema",
    ),
    pytest.param(
        f"{HEAD}metadata:\n  name: {NAME}\n  labels: {{a: &t true}}\nspec:\n  versions:\n"
        + version("v1", "*t"),
        ("v1",),
        id="anchor in metadata",
    ),
    pytest.param(
        f"{HEAD}spec:\n  versions:\n{version('v1')}{METADATA}", ("v1",), id="metadata behind spec"
    ),
    pytest.param(
        versions(version("v1")) + "status:\n  storedVersions: [v1, v2]\n", ("v1",), id="status"
    ),
    pytest.param(versions(version("v1")).replace("\n", "\r\n"), ("v1",), id="Windows"),
    pytest.param(
        versions(version("v1", schema=SCHEMA), version("v2")).replace("\n", "\r\n"),
        ("v1", "v2"),
        id="Windows, with a schema",
    ),
    pytest.param(f"\ufeff{versions(version('v1'))}", ("v1",), id="byte order mark"),
    pytest.param(f"---\n# Source: x\n{versions(version('v1'))}", ("v1",), id="comment before"),
    pytest.param(
        f'{{"kind":"CustomResourceDefinition","metadata":{{"name":"{NAME}"}},'
        '"spec":{"versions":[{"name":"v1","served":true},{"name":"v2","served":false}]}}',
        ("v1",),
        id="JSON",
    ),
    pytest.param(f"{HEAD}{METADATA}spec: {{versions: [{{name: v1, served: true}}]}}\n", ("v1",), id="flow"),
    pytest.param(f"{HEAD}{METADATA}", (), id="no spec"),
    pytest.param(f"{HEAD}{METADATA}spec:\n", (), id="empty spec"),
    pytest.param(f"{HEAD}{METADATA}spec:\n  versions: v1\n", (), id="versions are no list"),
    pytest.param(f"{HEAD}{METADATA}spec:\n  versions: [v1, [], null]\n", (), id="odd versions"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), SERVED)
def test_served_versions(text: str, expected: tuple[str, ...]) -> None:
    assert served(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{HEAD}spec: {{}}\n", id="no metadata"),
        pytest.param(f"{HEAD}metadata: x\n", id="metadata is text"),
        pytest.param("kind: ConfigMap\ndata: {a: CustomResourceDefinition}\n", id="mention"),
        pytest.param(
            "kind: ConfigMap\nmetadata: {name: x}\ndata:\n  a: |\n"
            + "".join(f"    {line}\n" for line in versions(version("v1")).split("\n")),
            id="inside a text",
        ),
        pytest.param("kind: List\nitems: [{kind: CustomResourceDefinition}]\n", id="list, no metadata"),
        pytest.param("kind: List\nitems: [{kind: ConfigMap, data: {kind: CustomResourceDefinition}}]\n", id="list, mention"),
        pytest.param("kind: CustomResourceDefinitionList\nmetadata: {name: x}\n", id="longer kind"),
        pytest.param("- CustomResourceDefinition\n", id="no mapping"),
        pytest.param("", id="nothing"),
    ],
)  # fmt: skip
def test_no_definition(text: str) -> None:
    assert served(text) is None


def entry(name: str, *served: str, secret: bool = False) -> str:
    """One definition as an item of a list, or a Secret."""
    kind = "Secret" if secret else "CustomResourceDefinition"
    versions = ", ".join(f"{{name: {version}, served: true}}" for version in served)
    return f"- {{kind: {kind}, metadata: {{name: {name}}}, spec: {{versions: [{versions}]}}}}\n"


LISTED = [
    # The items of a list; names, served versions, and whether a Secret stands beside them.
    pytest.param(entry(NAME, "v1"), [(NAME, ("v1",), False)], id="one"),
    pytest.param(
        entry(NAME, "v1") + entry("b.x", "v2"),
        [(NAME, ("v1",), False), ("b.x", ("v2",), False)],
        id="two",
    ),
    pytest.param(
        entry(NAME, "v1") + entry("s", secret=True), [(NAME, ("v1",), True)], id="with a Secret"
    ),
    pytest.param(entry("s", secret=True), [], id="Secret alone"),
    pytest.param("- {kind: Service}\n- a\n- null\n" + entry(NAME), [(NAME, (), False)], id="odd"),
]


@pytest.mark.parametrize(("items", "expected"), LISTED)
@pytest.mark.parametrize("kind", ["List", "CustomResourceDefinitionList"])
def test_list(kind: str, items: str, expected: list[tuple[str, tuple[str, ...], bool]]) -> None:
    text = f"apiVersion: v1\nkind: {kind}\nitems:\n{items}"
    found = read_crds(text.encode(), text, Limits(), served=frozenset({NAME}))
    assert [(crd.name, crd.served, crd.is_beside_secret) for crd in found] == expected
    assert [text[crd.offset :].partition("}")[0] for crd in found] == [
        f"{{name: {name}" for name, _, _ in expected
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"{HEAD}{METADATA}", f"name: {NAME}", id="block"),
        pytest.param(f"# é\n{HEAD}spec: {{}}\n{METADATA}", f"name: {NAME}", id="behind the spec"),
        pytest.param(f"{HEAD}metadata: {{name: {NAME}}}\n", "{name: ", id="flow"),
        pytest.param(
            f'{{"kind":"CustomResourceDefinition","metadata":{{"name":"{NAME}"}}}}',
            '{"name":',
            id="JSON",
        ),
    ],
)
def test_offset(text: str, expected: str) -> None:
    crd = read_crd(text.encode(), text, Limits(), served=frozenset())
    assert crd is not None
    assert text[crd.offset :].startswith(expected)


def test_versions_of_others_are_not_read() -> None:
    assert served(versions(version("v1")), "other.kaito.sh") == ()


ANNOTATED = [
    pytest.param("\n    a/b: v1", {"a/b": ("v1", "v1")}, id="plain"),
    pytest.param("\n    a/b: v1\n    c: w", {"a/b": ("v1", "v1"), "c": ("w", "w")}, id="two"),
    pytest.param(" {a/b: v1}", {"a/b": ("v1", "v1")}, id="flow"),
    pytest.param("\n    a/b: 'v1'", {"a/b": ("v1", "v1")}, id="single quotes"),
    pytest.param('\n    a/b: "v1"', {"a/b": ("v1", "v1")}, id="double quotes"),
    pytest.param("\n    a/b: !!str v1", {"a/b": ("v1", "v1")}, id="tag"),
    pytest.param("\n    a/b: &x v1", {"a/b": ("v1", "v1")}, id="anchor"),
    pytest.param("\n    a/b: >-\n      v1", {"a/b": ("v1", "v1")}, id="folded"),
    pytest.param("\n    größe 💾: x\n    a/b: v1", {"größe 💾": ("x", "x"), "a/b": ("v1", "v1")}, id="letters of several bytes"),
    pytest.param("\n    \"it's\": v1", {"it's": ("v1", "v1")}, id="quote in a key"),
    pytest.param("\n    a/b: ''", {}, id="empty"),
    pytest.param("\n    a/b: {c: d}", {}, id="no text"),
    pytest.param(" a", {}, id="text"),
    pytest.param("", {}, id="nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ANNOTATED)
@pytest.mark.parametrize(
    "head", [pytest.param(HEAD, id="block"), pytest.param(f"# x\n---\n{HEAD}", id="comment before")]
)  # fmt: skip
def test_annotations(head: str, text: str, expected: dict[str, tuple[str, str]]) -> None:
    assert annotated(f"{head}metadata:\n  name: x.y\n  annotations:{text}\n") == expected


def test_annotations_only_of_the_definition() -> None:
    text = versions(
        version("v1", schema="metadata:\n  annotations:\n    a/b: v2\ndescription: |\n  a/b: v3")
    )
    assert annotated(text) == {}


def test_path_of_an_annotation() -> None:
    text = f"{HEAD}metadata: {{name: x.y, annotations: {{a.b/c: v1, d: v2}}}}\n"
    crd = read_crd(text.encode(), text, Limits(), served=frozenset())
    assert crd is not None
    assert [path_text(found.path) for found in crd.annotations.values()] == [
        "metadata.annotations['a.b/c']",
        "metadata.annotations.d",
    ]


@pytest.mark.parametrize(
    ("name", "group"),
    [
        pytest.param("workspaces.kaito.sh", "kaito.sh", id="two parts"),
        pytest.param("a.b.c.d", "b.c.d", id="four parts"),
        pytest.param("a", "", id="no group"),
    ],
)
def test_group(name: str, group: str) -> None:
    text = f"{HEAD}metadata: {{name: {name}}}\n"
    crd = read_crd(text.encode(), text, Limits(), served=frozenset())
    assert crd is not None
    assert (crd.name, crd.group) == (name, group)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{HEAD}metadata: {{name: [}}\n", id="bracket"),
        pytest.param(f"{HEAD}metadata: {{name: *x}}\n", id="alias of nothing"),
        pytest.param(f"{HEAD}metadata:\n  name: '\n", id="quote"),
    ],
)
def test_text_that_is_no_yaml(text: str) -> None:
    with pytest.raises(InvalidText):
        read_crd(text.encode(), text, Limits(), served=frozenset())


_words = st.sampled_from(["v1", "schema", "true", "x y", "# x", "a: b", "'", "{}"])
_schemas = st.recursive(
    st.text("abc", min_size=1, max_size=3),
    lambda inner: (
        st.dictionaries(
            st.sampled_from(["schema", "served", "name", "versions", "x"]), inner, max_size=3
        )
        | st.lists(inner, max_size=2)
    ),
    max_leaves=8,
)


@given(
    st.lists(st.tuples(st.booleans(), _schemas), min_size=1, max_size=3),
    st.lists(_words, max_size=2),
    st.booleans(),
)
def test_pieces_say_what_the_whole_says(
    entries: list[tuple[bool, object]], lines: list[str], schema_first: bool
) -> None:
    """Read in pieces or as a whole, a definition is the same."""
    import yaml

    content = [
        {"name": f"v{n}", "served": flag, "schema": {"x": schema, "text": "\n".join(lines)}}
        for n, (flag, schema) in enumerate(entries)
    ]
    if schema_first:
        content = [dict(reversed(entry.items())) for entry in content]
    spec = yaml.safe_dump({"spec": {"versions": content}}, sort_keys=False)
    text = f"{HEAD}{METADATA}{spec}"
    assert is_crd(text.encode())
    assert served(text) == tuple(f"v{n}" for n, (flag, _) in enumerate(entries) if flag)


def test_schemas_cost_little() -> None:
    """Twice the schemas take about twice as long: 5 MB must not take minutes."""

    def seconds(fields: int) -> float:
        schema = "".join(f"f{n}:\n  type: string\n  schema: x\n" for n in range(fields))
        text = versions(version("v1", schema=schema), version("v2"))
        start = time.perf_counter()
        assert served(text) == ("v1", "v2")
        return time.perf_counter() - start

    seconds(100)
    assert seconds(80_000) < 8 * max(seconds(20_000), 0.02)
