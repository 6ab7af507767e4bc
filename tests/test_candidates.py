"""The shortcut: a document that it skips holds nothing that the search would find."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from helm_compat.images.candidates import Candidates, is_crd
from helm_compat.images.found import Scope
from helm_compat.images.search import find
from helm_compat.images.tree import Unit
from helm_compat.knowledge.builtin import builtin_knowledge
from helm_compat.knowledge.paths import parse_path
from helm_compat.knowledge.product import ImageField
from helm_compat.nodes import InvalidText, Limits, parse
from helm_compat.stream import split

SCOPE = Scope(
    builtin_knowledge(),
    {
        ("example.com", "Thing"): (
            ImageField(parse_path("spec.Größe"), ""),
            ImageField(parse_path("spec.Äpfel"), ""),
        )
    },
    frozenset({"own.example.com"}),
    Limits(),
)
CANDIDATES = Candidates(SCOPE)


def searched(text: str) -> tuple[list[str], list[str]]:
    """The references and the problems that the full search finds in every document of a stream."""
    sites, problems = [], []
    for document in split(text.encode()):
        inner = document.data.decode()
        found = find(Unit(inner, parse(inner, Limits())), SCOPE)
        sites += [site.text for site in found.sites]
        problems += [problem.text for problem in found.problems]
    return sites, problems


def skipped(text: str) -> list[tuple[list[str], list[str]]]:
    """What the search finds in those documents that the shortcut skips."""
    return [
        searched(document.data.decode())
        for document in split(text.encode())
        if not CANDIDATES.holds(document.data)
    ]


CRD = "kind: CustomResourceDefinition\nspec:\n"
POD = "kind: Pod\nspec:\n  containers:\n"
KIND = "kind: CustomResourceDefinition\n"
IMAGE = "spec: {containers: [{image: a}]}\n"
NAMED = "apiVersion: example.com/v1\nkind: Thing\nspec:\n"

HELD = [
    pytest.param(f"{POD}  - image: nginx\n", ["nginx"], id="pod"),
    pytest.param(f"{POD}  - 'image': nginx\n", ["nginx"], id="key in single quotes"),
    pytest.param(f'{POD}  - "im\\x61ge": nginx\n', ["nginx"], id="key with x escape"),
    pytest.param(f'{POD}  - "im\\u0061ge": nginx\n', ["nginx"], id="key with u escape"),
    pytest.param(f'{POD}  - "im\\U00000061ge": nginx\n', ["nginx"], id="key with U escape"),
    pytest.param(
        f'{POD}  - ? "im\\\n      age"\n    : nginx\n', ["nginx"], id="key over two lines"
    ),
    pytest.param(f'{POD}  - ? "im\\\r\n      age"\r\n    : nginx\r\n', ["nginx"], id="CRLF"),
    pytest.param(f'{POD}  - ? "im\\\u2028      age"\n    : nginx\n', ["nginx"], id="U+2028"),
    pytest.param(f"{POD}  - ? image\n    : nginx\n", ["nginx"], id="explicit key"),
    pytest.param("{kind: Pod, spec: {containers: [{image: nginx}]}}", ["nginx"], id="flow"),
    pytest.param('{"kind":"Pod","spec":{"containers":[{"image":"a"}]}}', ["a"], id="JSON"),
    pytest.param(f"{NAMED}  args: [quay.io/a]\n", ["quay.io/a"], id="public registry"),
    pytest.param(f"{NAMED}  args: [QUAY.io/a]\n", ["QUAY.io/a"], id="registry in upper case"),
    pytest.param(
        "kind: Pod\nspec: {containers: [{env: [{name: A, value: own.example.com/a}]}]}\n",
        ["own.example.com/a"],
        id="registry of a rule",
    ),
    pytest.param(
        "kind: Pod\nspec: {containers: [{args: [--a=r.example.com/a:1]}]}\n",
        ["r.example.com/a:1"],
        id="tagged reference in a flag",
    ),
    pytest.param(
        'kind: Pod\nspec: {containers: [{args: ["--a=r.example.com\\/a:1"]}]}\n',
        ["r.example.com/a:1"],
        id="escaped slash",
    ),
    pytest.param(
        "kind: Pod\nspec: {containers: [{args: ['--a=r.example.com:5000/a@sha256:"
        + "0" * 64
        + "']}]}\n",
        ["r.example.com:5000/a@sha256:" + "0" * 64],
        id="digest in a flag",
    ),
    pytest.param(
        "kind: Pod\nspec: {containers: [{args: ['--a=[::1]:5000/a:1']}]}\n",
        ["[::1]:5000/a:1"],
        id="host in brackets",
    ),
    pytest.param(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nspec: {url: oci://a.b/c}\n",
        ["a.b/c"],
        id="scheme",
    ),
    pytest.param(
        "apiVersion: example.com/v1\nkind: Thing\nspec: {Größe: a/b:1}\n",
        ["a/b:1"],
        id="path of the user that is not ASCII",
    ),
    pytest.param(
        "apiVersion: example.com/v1\nkind: Thing\nspec: {Größe: app}\n",
        ["app"],
        id="path of the user, nothing but a name",
    ),
    pytest.param(
        f"{NAMED}  a: {{registry: r.example.com, repository: a/b, tag: '1'}}\n",
        ["r.example.com/a/b:1"],
        id="map of registry, repository and tag",
    ),
    pytest.param(
        f"{NAMED}  a:\n    registry: localhost\n    repository: a/b\n",
        ["localhost/a/b"],
        id="map of registry and repository",
    ),
    pytest.param(
        "kind: ConfigMap\ndata:\n  a: |\n    s: {registry: r.example.com, repository: a/b}\n",
        ["r.example.com/a/b"],
        id="map inside a string",
    ),
    pytest.param(
        'kind: ConfigMap\ndata:\n  a: "u: a://b\\ncontainers:\\n- ? \\"im\\\\\\n  age\\"\\n  : nginx\\n"\n',
        ["nginx"],
        id="escaped break inside a string",
    ),
    pytest.param(
        "kind:  Secret\nstringData: {a: r.example.com/a:1}\n",
        ["r.example.com/a:1"],
        id="string of a Secret",
    ),
    pytest.param(
        "kind: List\nitems:\n- kind: CustomResourceDefinition\n  spec: {default: quay.io/a/b}\n",
        ["quay.io/a/b"],
        id="definition in a list",
    ),
    pytest.param(
        "apiVersion: example.com/v1\nkind: Thing\nspec: {Äpfel: a/b}\n",
        ["a/b"],
        id="path of the user that is not ASCII, in upper case",
    ),
    # A kind that is given twice: the last one counts, however it is written.
    pytest.param(f"{KIND}kind : Pod\n{IMAGE}", ["a"], id="kind again, space before the colon"),
    pytest.param(f"{KIND}kind\t: Pod\n{IMAGE}", ["a"], id="kind again, tab before the colon"),
    pytest.param(f"{KIND}!!str kind: Pod\n{IMAGE}", ["a"], id="kind again, tag"),
    pytest.param(f"{KIND}&k kind: Pod\n{IMAGE}", ["a"], id="kind again, anchor"),
    pytest.param(f"x: &k kind\n{KIND}*k : Pod\n{IMAGE}", ["a"], id="kind again, alias"),
    # Texts at the left margin that look like the kind of the document.
    pytest.param(f'kind : Pod\n{IMAGE}x: "\n{KIND}  "\n', ["a"], id="kind inside a string"),
    pytest.param(f"kind : Pod\n{IMAGE}x: {{a: b,\n{KIND}  }}\n", ["a"], id="inside a flow map"),
    pytest.param(f"kind : Pod\n{IMAGE}x: [a,\n{KIND}  ]\n", ["a"], id="inside a flow list"),
    pytest.param(
        "kind: CustomResourceDefinition\n'kind': Pod\nspec: {containers: [{image: a}]}\n",
        ["a"],
        id="kind twice",
    ),
    pytest.param(
        "'kind': Pod\nspec: {containers: [{image: a}]}\nx: '\nkind: CustomResourceDefinition\n'\n",
        ["a"],
        id="kind in quotes at the margin",
    ),
    pytest.param(
        "kind: CustomResourceDefinition\r---\rkind: Pod\rspec: {containers: [{image: a}]}\r",
        ["a"],
        id="lone carriage returns",
    ),
    pytest.param(
        "kind: CustomResourceDefinition\nx: 1\x85---\x85kind: Pod\x85spec: {containers: [{image: a}]}",
        ["a"],
        id="U+0085 as line breaks",
    ),
]

DEFAULTS = [
    pytest.param("  a:\n    default: quay.io/a\n", id="plain"),
    pytest.param("  a:\n    default:   quay.io/a # c\n", id="spaces and a comment"),
    pytest.param("  a:\n    default : quay.io/a\n", id="space before the colon"),
    pytest.param("  a:\n    default: 'quay.io/a'\n", id="single quotes"),
    pytest.param('  a:\n    default: "quay.io/a"\n', id="double quotes"),
    pytest.param('  a:\n    default: "quay\\x2eio/a"\n', id="escape in the value"),
    pytest.param('  a:\n    "def\\u0061ult": quay.io/a\n', id="escape in the key"),
    pytest.param('  a:\n    "default": quay.io/a\n', id="key in double quotes"),
    pytest.param("  a:\n    'default' : quay.io/a\n", id="key in single quotes"),
    pytest.param("  a:\n    default: |-\n      quay.io/a\n", id="literal"),
    pytest.param("  a:\n    default: >-\n      quay.io/a\n", id="folded"),
    pytest.param("  a:\n    default:\n      quay.io/a\n", id="next line"),
    pytest.param("  a:\n    default: # c\n      # d\n      quay.io/a\n", id="comments between"),
    pytest.param("  a:\n    default:\n# c\n      quay.io/a\n", id="comment at the margin"),
    pytest.param("  a:\n    default:\n\n\n      quay.io/a\n", id="blank lines between"),
    pytest.param("  a:\n    default:\n    - quay.io/a\n", id="list without indentation"),
    pytest.param("  a:\n    default:\n    - b\n    - c: d\n      e: quay.io/a\n", id="deep in a list"),
    pytest.param("  a:\n    default: [b, quay.io/a]\n", id="flow list"),
    pytest.param("  a:\n    default: {b: quay.io/a}\n", id="flow map"),
    pytest.param("  a:\n    default: {b: c,\n      d: quay.io/a}\n", id="flow map, two lines"),
    pytest.param("  a:\n    default: {b: [c]\n      , d: quay.io/a}\n", id="line ends in a bracket"),
    pytest.param("  a:\n    default: {b: c # }\n      , d: quay.io/a}\n", id="comment with a brace"),
    pytest.param("  a:\n    default: [\n  quay.io/a]\n", id="flow list, next line at the margin"),
    pytest.param("  a: {default: 1, b: {default: quay.io/a}}\n", id="second on the line"),
    pytest.param('  a: {"default":"quay.io/a"}\n', id="JSON"),
    pytest.param("  a: {b: c,\n      default:\n  quay.io/a}\n", id="next line further left"),
    pytest.param("  a:\n    default: &x quay.io/a\n", id="anchor"),
    pytest.param("  a:\n    default: !!str quay.io/a\n", id="tag"),
    pytest.param("  a:\n    default: !!str\n      quay.io/a\n", id="tag, next line"),
    pytest.param("  x: &x quay.io/a\n  a:\n    default: *x\n", id="alias"),
    pytest.param("  x: &x quay.io/a\n  a:\n    default:\n      *x\n", id="alias, next line"),
    pytest.param("  x: &x quay.io/a\n  a:\n    default: # c\n      *x\n", id="alias below a comment"),
    pytest.param("  x: &x quay.io/a\n  a:\n    default: {b: *x}\n", id="alias in a flow map"),
    pytest.param("  x: &x quay.io/a\n  a:\n    default: [b, *x]\n", id="alias in a flow list"),
    pytest.param("  x: &x quay.io/a\n  a:\n    default:\n      b: *x\n", id="alias in a map"),
    pytest.param("  x: &x quay.io/a\n  a:\n    default:\n    - *x\n", id="alias in a list"),
    pytest.param(
        "  x: &x quay.io/a\n  a: {default: 1, b: {default: *x}}\n", id="alias, second on the line"
    ),
    pytest.param("  x: &x {b: quay.io/a}\n  a:\n    default:\n      <<: *x\n", id="merge key"),
    pytest.param(
        "  x: &x\n    default: b\n  y: &y {default: quay.io/a}\n  a:\n    <<: *y\n", id="merged map"
    ),
    pytest.param("  a: {default: 1, b: {default: [\n    quay.io/a]}}\n", id="second, flow list"),
    pytest.param("  a: {default: 1, b: {default:\n    quay.io/a}}\n", id="second, next line"),
    pytest.param("  a: {x: ' default:\n    ', b: [{default:\n quay.io/a}]}\n", id="word in quotes"),
    pytest.param("  a: {x: 'default: ', default:\n    [\n quay.io/a]}\n", id="word in quotes, list"),
    pytest.param('  a: {"x":&x quay.io/a, "default":*x}\n', id="anchor that touches the colon"),
    pytest.param("  a:\n    &k default: quay.io/a\n", id="key with an anchor"),
    pytest.param("  a:\n    !!str default: quay.io/a\n", id="key with a tag"),
    pytest.param("  x: &k default\n  a:\n    *k : quay.io/a\n", id="key by alias"),
    pytest.param("  x: &k\n    default\n  a:\n    *k : quay.io/a\n", id="key by alias, next line"),
    pytest.param("  x: &k 'default'\n  a:\n    *k : quay.io/a\n", id="key by alias, quotes"),
    pytest.param("  x: &k |-\n    default\n  a:\n    *k : quay.io/a\n", id="key by alias, literal"),
    pytest.param(f"  x: &k{' ' * 300}default\n  a:\n    *k : quay.io/a\n", id="anchor far away"),
    pytest.param(
        "  x: &k # c\n    default\n  a:\n    *k : quay.io/a\n", id="comment behind the anchor"
    ),
    pytest.param("  a:\n    ? default\n    : quay.io/a\n", id="explicit key"),
    pytest.param("  a:\n    ? 'default'\n    : quay.io/a\n", id="explicit key, quotes"),
    pytest.param("  a:\n    ?\n      default\n    : quay.io/a\n", id="explicit key, next line"),
    pytest.param("  a:\n    ? # c\n      default\n    : quay.io/a\n", id="explicit key, comment"),
    pytest.param("  a:\n    ? |-\n      default\n    : quay.io/a\n", id="explicit key, literal"),
    pytest.param("  a:\n    ? default # c\n    : quay.io/a\n", id="explicit key, comment behind"),
    pytest.param("  a: {? default : quay.io/a}\n", id="explicit key in flow style"),
    pytest.param("  - - default: quay.io/a\n", id="in lists"),
    pytest.param("  a:\r\n    default:\r\n      quay.io/a\r\n", id="CRLF"),
    pytest.param("  a:\r\n    default: |-\r\n      quay.io/a\r\n", id="literal, CRLF"),
    pytest.param("  a:\n    default:\r      quay.io/a\n", id="lone carriage return"),
    pytest.param("  a:\n    default: |-\r      quay.io/a\r", id="literal, lone carriage return"),
    pytest.param("  a:\n    default:\x85      quay.io/a\n", id="U+0085"),
    pytest.param("  a:\n    default: |-\u2028      quay.io/a\n", id="literal, U+2028"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), HELD)
def test_documents_with_an_image_are_parsed(text: str, expected: list[str]) -> None:
    assert searched(text) == (expected, [])
    assert [pair for pair in skipped(text) if pair != ([], [])] == []


@pytest.mark.parametrize("spec", DEFAULTS)
def test_definitions_with_a_default_image_are_parsed(spec: str) -> None:
    assert searched(CRD + spec) == (["quay.io/a"], [])
    assert skipped(CRD + spec) == []


SKIPPED = [
    pytest.param("kind: Role\nrules: [{apiGroups: [apps], resources: [pods]}]\n", id="Role"),
    pytest.param(
        "kind: Service\nmetadata: {labels: {app.kubernetes.io/name: a}}\n"
        "spec: {ports: [{port: 80, targetPort: http}]}\n",
        id="Service",
    ),
    pytest.param("kind: ServiceAccount\nmetadata: {name: a}\n", id="ServiceAccount"),
    pytest.param(
        "kind: ConfigMap\ndata: {url: 'https://example.com/a', path: /etc/a}\n", id="ConfigMap"
    ),
    pytest.param("# Source: app/templates/a.yaml\n", id="comment only"),
    pytest.param("---\n", id="empty"),
    pytest.param("kind: A\nspec: {a: b/c, d: 'e: f', g: 12:30}\n", id="slash without a tag"),
    pytest.param('kind: A\nspec: {a: "b\\n\\t\\"c\\""}\n', id="escapes that hide no letters"),
]

# Nothing in these is a reference that stands as a default.
PLAIN_DEFINITIONS = [
    pytest.param("  a:\n    default: /etc/x\n", id="path"),
    pytest.param("  a:\n    default: 60\n", id="number"),
    pytest.param("  a:\n    default:\n    type: b\n", id="nothing"),
    pytest.param("  a:\n    default:\n      type: b\n", id="field named default"),
    pytest.param("  a:\n    default: {}\n", id="empty map"),
    pytest.param("  a:\n    default: [a, b]\n", id="list of words"),
    pytest.param("  a:\n    default:\n      b: c\n      d: [e]\n", id="map"),
    pytest.param("  a:\n    default: |\n      some text\n", id="text"),
    pytest.param("  a:\n    default: http://example.com/a\n", id="URL"),
    pytest.param("  a:\n    default: a/b\n", id="name without a registry"),
    pytest.param(
        "  a:\n    description: The image, for example quay.io/a/b:1.\n", id="description"
    ),
    pytest.param(
        "  a:\n    description: |-\n      By default quay.io/a/b:1 is the image.\n    default: b\n",
        id="the word in a description",
    ),
    pytest.param("  image:\n    type: string\n    default: a\n", id="field named image"),
    pytest.param("  a:\n    defaultMode: quay.io/a/b:1\n", id="another key"),
    pytest.param("  a:\n    example: quay.io/a/b:1\n    pattern: ^quay.io/.*$\n", id="example"),
    pytest.param("  a:\n    enum: [quay.io/a/b:1]\n    default: c\n", id="enumeration"),
    pytest.param("  x: &x quay.io/a/b:1\n  a: *x\n", id="alias elsewhere"),
]


@pytest.mark.parametrize("text", SKIPPED)
def test_documents_without_an_image_are_skipped(text: str) -> None:
    assert skipped(text) == [([], [])]


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(CRD, id="kind first"),
        pytest.param(f"---\n# c\n{CRD}", id="comment first"),
        pytest.param(f"---\napiVersion: v1\n{CRD}", id="version first"),
    ],
)
@pytest.mark.parametrize("spec", PLAIN_DEFINITIONS)
def test_definitions_without_a_default_image_are_skipped(head: str, spec: str) -> None:
    assert skipped(head + spec) == [([], [])]
    assert skipped((head + spec).replace("\n", "\r\n")) == [([], [])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("kind: CustomResourceDefinition\n", True, id="first line"),
        pytest.param("kind: CustomResourceDefinition", True, id="no final newline"),
        pytest.param("a: b\r\nkind: CustomResourceDefinition\r\n", True, id="CRLF"),
        pytest.param("---\nkind: 'CustomResourceDefinition'\n", True, id="single quotes"),
        pytest.param('---\nkind: "CustomResourceDefinition" \n', True, id="double quotes"),
        pytest.param("kind: CustomResourceDefinitionList\n", False, id="list of them"),
        pytest.param("spec:\n  kind: CustomResourceDefinition\n", False, id="field of a spec"),
        pytest.param("kind: Pod\nname: CustomResourceDefinition\n", False, id="name"),
        pytest.param(
            "kind: Pod\n# x\nkind: CustomResourceDefinition\n", False, id="kind of two things"
        ),
        pytest.param("{\nkind: CustomResourceDefinition\n}", False, id="flow style"),
        pytest.param("--- {\nkind: CustomResourceDefinition\n}", False, id="flow behind a marker"),
        pytest.param("", False, id="empty"),
    ],
)
def test_is_crd(text: str, expected: bool) -> None:
    assert is_crd(text.encode()) is expected


def test_kinds_that_matter_for_another_reason_are_parsed() -> None:
    assert not CANDIDATES.holds(b"kind: ServiceAccount\n")
    assert Candidates(SCOPE, kinds=["ServiceAccount"]).holds(b"kind: ServiceAccount\n")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"a: " + b"a/" * 10_000, id="slashes"),
        pytest.param(b"a: " + b"a" * 200_000, id="one word"),
        pytest.param(b"a: " + b" " * 200_000, id="spaces"),
        pytest.param(b"kind: CustomResourceDefinition\n" + b"default" * 30_000, id="defaults"),
        pytest.param(
            b"kind: CustomResourceDefinition\n" + b" default:\n  a: b\n" * 20_000, id="maps"
        ),
        pytest.param(
            b"kind: CustomResourceDefinition\n"
            + b"\n".join(b" " * n + b"default:" for n in range(250))
            + b" x",
            id="defaults in defaults",
        ),
        pytest.param(b"\n" * 200_000, id="blank lines"),
        pytest.param(b"a: b\n \n" * 50_000, id="lines of spaces"),
        pytest.param(
            b"kind: CustomResourceDefinition\n default:\n" + b"  \n" * 50_000, id="blank default"
        ),
    ],
)
def test_the_shortcut_takes_linear_time(data: bytes) -> None:
    start = time.process_time()
    assert CANDIDATES.holds(data) is False
    assert time.process_time() - start < 0.4


REFERENCES = st.sampled_from(
    ["quay.io/a", "r.example.com/a:1", "own.example.com/b", "nginx:1", "a/b", "/etc/x", "text", "7"]
)
BETWEEN = st.sampled_from(["", " # c", "\n# c", "\n", " # c\n\n      # d"])


@st.composite
def keys(draw: st.DrawFn, name: str) -> str:
    """A key in one of the ways of writing it, with its colon."""
    middle = len(name) // 2
    hidden = f"{name[:middle]}\\x{ord(name[middle]):02x}{name[middle + 1 :]}"
    forms = [name, f"'{name}'", f'"{name}"', f"!!str {name}", f'"{hidden}"']
    explicit = [f"? {name}\n    :", f"? # c\n      {name}\n    :", f"? |-\n      {name}\n    :"]
    return draw(
        st.sampled_from([f"{form}{colon}" for form in forms for colon in (":", " :")] + explicit)
    )


@st.composite
def values(draw: st.DrawFn) -> str:
    """What follows a colon: a reference, or a collection that may hold one."""
    text = draw(REFERENCES)
    hidden = text.replace(".", "\\u002e").replace("/", "\\/")
    between = draw(BETWEEN)
    return draw(
        st.sampled_from(
            [
                f" {text}", f" '{text}'", f' "{text}"', f' "{hidden}"', f" |-\n      {text}",
                f" >-\n      {text}", f"{between}\n      {text}", f" !!str {text}", " *ref",
                f"{between}\n      *ref", f" [x, {text}]", f" {{x: {text}}}", " {x: *ref}",
                f"{between}\n    - {text}", f"{between}\n      x: {text}", "\n    - *ref",
                f" [x,\n  {text}]", f' {{"x":"{text}"}}', "\n      <<: *map", "\n      x: *ref",
            ]
        )
    )  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> str:
    """An object of some kind with fields in every writing style, an image in one of them or none."""
    head = draw(
        st.sampled_from(
            [
                "kind: CustomResourceDefinition", '"kind": CustomResourceDefinition',
                "apiVersion: apps/v1\nkind: Deployment", "kind: ConfigMap",
                "apiVersion: example.com/v1\nkind: Thing", "kind: 'CustomResourceDefinition'",
            ]
        )
    )  # fmt: skip
    top = "data" if "ConfigMap" in head else "spec"
    lines = [head, "ref: &ref " + draw(REFERENCES), "map: &map {x: " + draw(REFERENCES) + "}"]
    names = ["default", "default", "type", "description", "image", "command", "Größe", "registry"]
    lines.append(f"{top}:")
    for number in range(draw(st.integers(1, 3))):
        lines.append(f"  f{number}:")
        for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=2)):
            lines.append("    " + draw(keys(name)) + draw(values()))
    if draw(st.booleans()):
        inside = draw(st.sampled_from(["containers", "initContainers", "env", "args", "x"]))
        item = draw(
            st.sampled_from(
                [
                    "{image: REF}", "{name: A, value: REF}", "--a=REF", "--image=REF", "REF",
                    "{name: b, env: [{name: X_IMAGE, value: REF}]}", "{default: REF}",
                    "'{\"image\": \"REF\"}'", '"x: {im\\x61ge: REF}"', "{repository: REF, tag: x}",
                ]
            )
        )  # fmt: skip
        lines += [f"  {inside}:", "  - " + item.replace("REF", draw(REFERENCES))]
    text = "\n".join(lines) + "\n"
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


@st.composite
def definitions(draw: st.DrawFn) -> str:
    """A definition with an anchored reference and a default that may name it."""
    lines = ["kind: CustomResourceDefinition", "ref: &ref " + draw(REFERENCES)]
    lines += ["map: &map {x: " + draw(REFERENCES) + "}", "spec:", "  f:"]
    before = draw(
        st.sampled_from(["type: string", "default: 1", "x: {y: [z]}", "description: |\n"])
    )
    lines.append(f"    {before}")
    lines.append("    " + draw(st.one_of(st.just("default:"), keys("default"))) + draw(values()))
    lines.append(draw(st.sampled_from(["    b: c", "  g:\n    default: /etc/x", ""])))
    text = "\n".join(lines) + "\n"
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\r", "\x85"])))


@given(st.lists(st.one_of(documents(), definitions()), min_size=1, max_size=2))
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_what_is_skipped_holds_nothing(texts: list[str]) -> None:
    text = "---\n".join(texts)
    try:
        parse(text, Limits())
    except InvalidText:
        assume(False)
    assert [pair for pair in skipped(text) if pair != ([], [])] == []
