"""What holds of every render: random streams, put together from fragments in random styles."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from helm_compat.cli.options import RENDER, Given
from helm_compat.cli.settings import resolve_settings
from helm_compat.edits import apply_bytes, inverse
from helm_compat.outcome import Outcome, Settings
from helm_compat.render import render

# One path for each image: two hosts with the same path would be a collision.
MOVED = {
    "nginx:1.25": "r.example.com:5000/m/library/nginx:1.25",
    "docker.io/library/nginx": "r.example.com:5000/m/library/nginx",
    "acme/tool": "r.example.com:5000/m/acme/tool",
    "quay.io/minio/aistor/minio:R.2": "r.example.com:5000/m/aistor/minio:R.2",
    "ghcr.io/acme/app:v1@sha256:" + "0f" * 32: "r.example.com:5000/m/acme/app:v1@sha256:"
    + "0f" * 32,
    # As strings these two are names on Docker Hub.
    "123": "r.example.com:5000/m/library/123",
    "null": "r.example.com:5000/m/library/null",
    "localhost:5000/local": "r.example.com:5000/m/local",
}
# What stands in an image field and stays.
STAYING = ["r.example.com:5000/m/x:1", "{{ .image }}", "a//b", "", "Ünïcode"]
TEXTS = ["ext4", "app.kubernetes.io/name", "über 🚀", "yes", "0777", "a: b", "#", "it's", '"', "\\"]


def settings_of(**flags: str) -> Settings:
    given_flags: Given = {key.replace("_", "-"): value for key, value in flags.items()}
    return resolve_settings(RENDER, given_flags, {}, "/").settings


RELOCATED = settings_of(registry="r.example.com:5000/m")
NOTHING_ASKED = settings_of()
# By name, so that a failure does not print all that is known of the products.
ASKED = {
    "registry": RELOCATED,
    "pull secret": settings_of(registry="r.example.com:5000/m", image_pull_secret="regcred"),
}


def run(text: str, asked: Settings) -> Outcome:
    return render(text.encode(), asked, file="in.yaml")


def plain(value: str) -> str:
    """Plain where that reads the same, else in double quotes."""
    try:
        same = yaml.safe_load(f"[{value}, x]") == [value, "x"] and "\n" not in value
    except yaml.YAMLError:
        same = False
    return value if same else double(value)


def single(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def double(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def escaped(value: str) -> str:
    """Double quotes with every character that can be written as an escape."""
    return '"' + "".join(f"\\U{ord(c):08x}" for c in value) + '"'


def tagged(value: str) -> str:
    return f"!!str {double(value)}"


scalar_style: st.SearchStrategy[Callable[[str], str]] = st.sampled_from(
    [plain, plain, single, double, escaped, tagged]
)
image = st.sampled_from([*MOVED, *STAYING])
comment = st.sampled_from(["", "", " # quay.io/acme/comment:1", " # ü"])


@st.composite
def containers(draw: st.DrawFn) -> list[str]:
    """Lines of a list of containers, not indented."""
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        written = draw(scalar_style)(draw(image))
        text = draw(scalar_style)(draw(st.sampled_from(TEXTS)))
        shape = draw(st.integers(0, 3))
        if shape == 0:
            lines += [f"- image: {written}{draw(comment)}", f"  name: {text}"]
        elif shape == 1:
            lines += [f"- {{name: {text}, image: {written}}}{draw(comment)}"]
        elif shape == 2:
            lines += [f"-   name: {text}", "    # quay.io/acme/c:1", f"    image:   {written}"]
        else:
            lines += ["- image:", f"    {written}{draw(comment)}", f"  args: [{text}]"]
    return lines


def indented(lines: list[str], by: int) -> list[str]:
    return [f"{' ' * by}{line}" if line else line for line in lines]


@st.composite
def pod(draw: st.DrawFn) -> list[str]:
    field = draw(st.sampled_from(["containers", "initContainers"]))
    above = draw(st.sampled_from([[], ["# about the first key"], ["", "# ü"]]))
    first = ["hostNetwork: true"] if draw(st.booleans()) else []
    body = [*above, *first, f"{field}:", *indented(draw(containers()), draw(st.integers(0, 2)))]
    if field == "initContainers":
        body += ["containers: []"]
    return ["apiVersion: v1", "kind: Pod", "metadata: {name: p}", "spec:", *indented(body, 2)]


@st.composite
def deployment(draw: st.DrawFn) -> list[str]:
    body = ["containers:", *draw(containers())]
    lines = ["apiVersion: apps/v1", "kind: Deployment", "metadata: {name: d}", "spec:"]
    return [*lines, "  template:", "    spec:", *indented(body, 6)]


@st.composite
def embedded(draw: st.DrawFn) -> list[str]:
    """A ConfigMap with a text in it that holds images, in one of the styles of strings."""
    inner = ["# quay.io/acme/inner:1", "image: " + draw(scalar_style)(draw(image)), "list:"]
    inner += draw(containers())
    style = draw(st.sampled_from(["|", "|-", "|+", "|2", '"', "'", "json", "nested"]))
    head = ["apiVersion: v1", "kind: ConfigMap", "metadata:", "  name: object-store-operator"]
    if style == "nested":
        inner, style = ["deep: |", *indented(inner, 2)], "|"
    if style.startswith("|"):
        return [*head, "data:", f"  key: {style}", *indented(inner, 4 if style != "|2" else 6)]
    if style == "json":
        value = json.dumps({"image": draw(image), "list": [{"image": draw(image)}]})
        return [*head, f"data: {{key: {single(value)}}}"]
    value = "\n".join(inner) + "\n"
    if style == '"':
        return [*head, "data:", f"  key: {json.dumps(value)}"]
    # In single quotes every line break is written twice.
    quoted_lines = single(value.rstrip("\n")).replace("\n", "\n\n").split("\n")
    return [*head, "data:", f"  key: {quoted_lines[0]}", *quoted_lines[1:]]


@st.composite
def custom(draw: st.DrawFn) -> list[str]:
    written = draw(scalar_style)(draw(image))
    again = draw(scalar_style)(draw(image))
    head = ["apiVersion: aistor.min.io/v1", "kind: ObjectStore", "metadata: {name: s}", "spec:"]
    return [*head, f"  image: &image {written}", "  other: *image", f"  kes: {{image: {again}}}"]


@st.composite
def json_document(draw: st.DrawFn) -> list[str]:
    images = [{"name": "c", "image": draw(image)} for _ in range(draw(st.integers(0, 2)))]
    data = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": images}}
    return json.dumps(data, indent=draw(st.sampled_from([None, 2]))).split("\n")


NO_IMAGES = [
    [],
    ["# quay.io/acme/comment:1"],
    ["null"],
    ["kind: Service", "metadata: {annotations: {image: 'quay.io/acme/a:1'}}"],
    ["kind: ConfigMap", "apiVersion: v1", "data:", "  script: |", "    ---", "    image: a b: c"],
]
document = st.one_of(
    pod(), deployment(), embedded(), custom(), json_document(), st.sampled_from(NO_IMAGES)
)


class Ends(NamedTuple):
    """How the lines of a stream end, and how the stream does."""

    mark: str
    newline: str
    last: str


@st.composite
def stream(draw: st.DrawFn) -> str:
    ends = draw(
        st.builds(
            Ends,
            st.sampled_from(["", "", "\ufeff"]),
            st.sampled_from(["\n", "\n", "\r\n"]),
            st.sampled_from(["", "\n", "\n\n", "\n# the end", "\n---\n"]),
        )
    )
    marker = st.sampled_from(["---", "--- # next", "---\n# Source: a/templates/b.yaml"])
    lines: list[str] = []
    for item in draw(st.lists(document, min_size=1, max_size=4)):
        lines += [draw(marker), *item]
        # The parser refuses an end of a document that never began.
        if item not in NO_IMAGES and draw(st.booleans()):
            lines.append("...")
    if draw(st.booleans()):
        del lines[0]
    return ends.mark + ("\n".join(lines) + ends.last).replace("\n", ends.newline)


def values(text: str) -> list[object]:
    """The documents as another parser reads them, every scalar as its text."""
    return list(yaml.load_all(text.removeprefix("\ufeff"), yaml.BaseLoader))


def relocated(value: object) -> object:
    """What a document is to become: every string that is an image, moved."""
    if isinstance(value, dict):
        return {key: relocated(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [relocated(inner) for inner in value]
    assert isinstance(value, str)
    return MOVED.get(value, value)


@given(stream())
def test_no_rules_change_nothing(text: str) -> None:
    outcome = run(text, NOTHING_ASKED)

    assert (outcome.output, outcome.edits, outcome.findings) == (text.encode(), [], [])
    assert {image.target for image in outcome.images} <= {""}


@given(stream())
def test_output_parses_and_keeps_its_lines(text: str) -> None:
    output = run(text, RELOCATED).output.decode()

    assert len(values(output)) == len(values(text))
    assert output.count("\n") == text.count("\n")
    assert output.count("\r\n") == text.count("\r\n")


@pytest.mark.parametrize("asked", ASKED)
@given(text=stream())
def test_undo_gives_the_input(asked: str, text: str) -> None:
    data = text.encode()

    outcome = run(text, ASKED[asked])

    assert apply_bytes(data, outcome.edits) == outcome.output
    assert apply_bytes(outcome.output, inverse(data, outcome.edits)) == data


@pytest.mark.parametrize("asked", ASKED)
@given(text=stream())
def test_twice_is_once(asked: str, text: str) -> None:
    first = run(text, ASKED[asked])

    second = run(first.output.decode(), ASKED[asked])

    assert (second.output, second.edits) == (first.output, [])
    assert [image for image in second.images if image.moved] == []


@given(st.lists(st.one_of(pod(), deployment()), min_size=1, max_size=3))
def test_images_of_pods_move_and_nothing_else(documents: list[list[str]]) -> None:
    text = "\n---\n".join("\n".join(lines) for lines in documents)

    outcome = run(text, RELOCATED)

    # `args` hold no image here, and no text is one.
    assert values(outcome.output.decode()) == [relocated(value) for value in values(text)]


@given(stream())
def test_every_edit_lies_in_a_line_with_an_image(text: str) -> None:
    outcome = run(text, RELOCATED)
    lines = {image.at.line for image in outcome.images if image.moved}
    data = text.encode()

    edited = {data.count(b"\n", 0, edit.start) + 1 for edit in outcome.edits}

    # An alias that kept its value is written out where it stands, which is no image's line.
    aliases = {n for n, line in enumerate(text.split("\n"), 1) if "*image" in line}
    assert edited - aliases == lines - aliases


@given(stream())
@settings(max_examples=50)
def test_listing_and_relocating_see_the_same_images(text: str) -> None:
    listed = run(text, NOTHING_ASKED).images

    moved = run(text, RELOCATED).images

    assert listed == [image._replace(target="") for image in moved]
