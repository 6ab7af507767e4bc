"""Streams that cannot be rendered, and streams made to be slow, through the real command line."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
SECONDS = 20
MEMORY = 1 << 30

SOURCE = b"quay.io/a/b"
TARGET = b"registry.example.com/apps/a/b"


class Done(NamedTuple):
    """What a render left behind."""

    status: int
    stdout: bytes
    stderr: str


def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def render(data: bytes, home: Path, *arguments: str) -> Done:
    """Run the command as a user would, with a home of its own and bounded time and memory."""
    done = subprocess.run(
        [sys.executable, "-m", "helm_compat", "render", *arguments],
        input=data,
        capture_output=True,
        check=False,
        timeout=SECONDS,
        preexec_fn=limit_memory,
        cwd=home,
        env={"HOME": str(home), "HELM_CACHE_HOME": str(home / "cache"), "PYTHONPATH": str(ROOT)},
    )
    return Done(done.returncode, done.stdout, done.stderr.decode())


def relocated(data: bytes, home: Path, *arguments: str) -> Done:
    return render(data, home, "--registry", "registry.example.com/apps", *arguments)


def refused(message: str) -> Done:
    return Done(2, b"", f"helm-compat refused this render:\nerror: {message}\n")


UTF8 = "\n  Kubernetes manifests are UTF-8; convert the file or chart that this comes from."
DEEP = "nested more than 1000 levels deep"
BOMB = "\n".join(
    ["image: x", "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
).encode()


def merges(count: int, merged: str) -> bytes:
    """A container that merges the last of many anchors, each of which merges the one before."""
    lines = ["kind: Pod", "bases:", "- &a0 {image: quay.io/a/b:1}"]
    lines += [f"- &a{n} {{<<: {merged.format(n - 1)}}}" for n in range(1, count)]
    lines += ["spec:", "  containers:", f"  - <<: *a{count - 1}"]
    return "\n".join(lines).encode() + b"\n"


REFUSED = [
    pytest.param(
        b"kind: Pod\nimage: caf\xe9\n",
        f"<stdin>:2:11: not UTF-8: byte 0xe9 (invalid continuation byte){UTF8}",
        id="Latin-1",
    ),
    pytest.param(
        b"\xff\xfek\0i\0",
        f"<stdin>:1:1: not UTF-8: byte 0xff (invalid start byte){UTF8}",
        id="UTF-16",
    ),
    pytest.param(
        b"a: 1\n---\na: \xc3",
        f"<stdin>:3:4: not UTF-8: byte 0xc3 (unexpected end of data){UTF8}",
        id="cut off, in a document without an image",
    ),
    pytest.param(
        b"kind: Pod\nspec:\n\timage: a\n",
        "<stdin>:3:1: a tab stands where YAML wants spaces",
        id="tab in the indentation",
    ),
    pytest.param(
        b"\xef\xbb\xbf\timage: a\n",
        "<stdin>:1:1: a tab stands where YAML wants spaces",
        id="tab behind a byte order mark",
    ),
    pytest.param(
        "a: é\r\n---\r\n# é\r\né:\r\n  image: 'a\r\n".encode(),
        "<stdin>:5:10: the quote that opens here is not closed",
        id="single quote, second document, CRLF",
    ),
    pytest.param(
        b'---\n# Source: app/templates/pod.yaml\nkind: Pod\nimage: "a\n',
        "<stdin>:4:8 (app/templates/pod.yaml): the quote that opens here is not closed",
        id="double quote, template known",
    ),
    pytest.param(
        b"metadata: {annotations: {postrenderer.helm.sh/postrender-filename: 'app/a.yaml'}}\n"
        b"image: *a\n",
        "<stdin>:2:8 (app/a.yaml): the alias *a has no anchor &a before it",
        id="alias without anchor, template known",
    ),
    pytest.param(
        b"image: &a [*a]\n",
        "<stdin>:1:12: the alias *a stands inside its own anchor",
        id="alias inside its anchor",
    ),
    pytest.param(
        BOMB, "<stdin>:7:5: aliases expand to more than 1000000 nodes", id="alias bomb"
    ),
    pytest.param(
        b"image: " + b"[" * 10_000 + b"]" * 10_000, f"<stdin>:1:1007: {DEEP}", id="levels, flow"
    ),
    pytest.param(b"image: " + b"{a: " * 10_000, f"<stdin>:1:4004: {DEEP}", id="levels, flow maps"),
    pytest.param(b"image:\n" + b"- " * 10_000, f"<stdin>:2:1999: {DEEP}", id="levels, block"),
    pytest.param(
        b"image:\n" + b"".join(b" " * n + b"a:\n" for n in range(1, 5_000)),
        f"<stdin>:1001:1001: {DEEP}",
        id="levels, block maps",
    ),
    pytest.param(b"image:\n" + b"- " * 200_000, f"<stdin>:2:1999: {DEEP}", id="200,000 hyphens"),
    pytest.param(b"image:\n" + b"? " * 200_000, f"<stdin>:2:2001: {DEEP}", id="200,000 keys"),
    pytest.param(
        "é: image\0\n".encode(),
        "<stdin>:1:9: the character U+0000 is not allowed in YAML",
        id="NUL",
    ),
    pytest.param(
        b"image: a\x7f\n", "<stdin>:1:9: the character U+007F is not allowed in YAML", id="DEL"
    ),
    pytest.param(
        merges(1_500, "*a{}"),
        "<stdin>:3:1: aliases expand to more than 1000000 nodes",
        id="1,500 merges, one in the other",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("data", "message"), REFUSED)
def test_what_is_refused(data: bytes, message: str, tmp_path: Path) -> None:
    assert relocated(data, tmp_path) == refused(message)


@pytest.mark.parametrize(("data", "message"), REFUSED[::4])
def test_what_is_refused_without_a_rule(data: bytes, message: str, tmp_path: Path) -> None:
    assert render(data, tmp_path) == refused(message)


def test_a_merge_that_is_too_deep_is_refused_with_its_place(tmp_path: Path) -> None:
    done = relocated(merges(600, "*a{}"), tmp_path)
    assert (done.status, done.stdout) == (2, b"")
    # Which of the merges it is that is one too many, is not for this test to say.
    said = r"helm-compat refused this render:\nerror: <stdin>:\d+:\d+: .+\n"
    assert re.fullmatch(said, done.stderr)


def test_what_a_message_shows_cannot_control_the_terminal(tmp_path: Path) -> None:
    done = relocated(b"# Source: a\x1b[31m.yaml\nimage: a\n", tmp_path)
    assert done == refused(
        "<stdin>:1:12 (a\N{REPLACEMENT CHARACTER}[31m.yaml): "
        "the character U+001B is not allowed in YAML"
    )


TOO_LARGE = (
    "<stdin>: the input has 10 bytes, more than the limit of 9\n"
    "  Raise the limit with --max-bytes or limits.max-bytes if this is intended."
)


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    assert relocated(b"image: aa\n", tmp_path, "--max-bytes", "9") == refused(TOO_LARGE)


def test_as_many_bytes_as_are_allowed(tmp_path: Path) -> None:
    done = relocated(b"kind: Pod\n", tmp_path, "--max-bytes=10")
    assert done == Done(0, b"kind: Pod\n", "helm-compat: 0 of 0 images relocated\n")


# Helm takes an empty output for a failure, and a user must see that nothing came in.
NOTHING = b"# helm-compat: nothing was rendered\n"


@pytest.mark.parametrize(
    ("data", "stdout"),
    [
        pytest.param(b"", NOTHING, id="empty"),
        pytest.param(b" \n\n", b" \n\n" + NOTHING, id="white space"),
        pytest.param(b"\r\n", b"\r\n" + NOTHING, id="line break"),
        pytest.param(b"# c", b"# c", id="comment"),
        pytest.param(b"---\n", b"---\n", id="marker"),
        pytest.param(b"---\n---\n...\n", b"---\n---\n...\n", id="empty documents"),
        pytest.param(b"a: 'b\n", b"a: 'b\n", id="bad YAML in a document without an image"),
        pytest.param(b"a:\n\tb: 1\n---\nc: \0\n", b"a:\n\tb: 1\n---\nc: \0\n", id="two of them"),
    ],
)
def test_what_holds_no_image_is_handed_on(data: bytes, stdout: bytes, tmp_path: Path) -> None:
    assert relocated(data, tmp_path) == Done(0, stdout, "helm-compat: 0 of 0 images relocated\n")


LARGE = [
    pytest.param(b"kind: ConfigMap\ndata:\n  image: " + b"a/" * 500_000, 0, id="a/a/a/…"),
    pytest.param(b"image: a" + b":a" * 500_000, 0, id="a:a:a:…"),
    pytest.param(b"image: " + b"a" * 5_000_000, 0, id="one word of 5 MB"),
    pytest.param(b"image: '" + b" " * 1_000_000 + b"'", 0, id="1 MB of spaces"),
    pytest.param(b"image: '" + b"''" * 500_000 + b"'", 0, id="quotes"),
    pytest.param(b"# helm.sh/hook\nimage: a\n" + b"# Source: a b\n" * 50_000, 0, id="comments"),
    pytest.param(
        b"# helm.sh/hook\nimage: a\n# Source: a" + b" " * 500_000 + b"b\n", 0, id="long comment"
    ),
    pytest.param(b"image: a\n" + b"\n" * 1_000_000, 0, id="blank lines"),
    pytest.param(b"image:\n" + b"- &a b\n- *a\n" * 50_000, 0, id="anchors and aliases"),
    pytest.param(b"b: &a image\nc: [" + b"*a, " * 100_000 + b"]\n", 0, id="aliases"),
    pytest.param(b"image:\n" + b"- \n" * 200_000, 0, id="200,000 empty items"),
    pytest.param(b"---\n" * 50_000 + b"image: a\n", 0, id="markers"),
    pytest.param(
        b"kind: CustomResourceDefinition\n"
        + b"".join(b" " * n + b"default:\n" for n in range(1, 900))
        + b" " * 900
        + b"a: b\n",
        0,
        id="defaults in defaults",
    ),
    pytest.param(
        b"kind: ConfigMap\ndata:\n  a: |\n    image: quay.io/a/b:1\n" + b"    k: value\n" * 30_000,
        1,
        id="lines of an embedded document",
    ),
    pytest.param(
        b'kind: ConfigMap\ndata:\n  a: "image: quay.io/a/b:1\\n' + b"k: value\\n" * 30_000 + b'"\n',
        1,
        id="escapes of an embedded document",
    ),
    pytest.param(
        b'kind: ConfigMap\ndata:\n  a: "image: quay.io/a/b:1 #' + b" " * 500_000 + b'x"\n',
        1,
        id="spaces in an embedded document",
    ),
    pytest.param(
        b"kind: ConfigMap\ndata:\n  a: |1\n" + b" " * 100_000 + b"image: quay.io/a/b:1\n",
        1,
        id="spaces behind an indentation indicator",
    ),
    pytest.param(
        b"kind: Pod\nspec:\n  containers:\n" + b"  - image: quay.io/a/b:1\n" * 5_000,
        5_000,
        id="5,000 containers of one pod",
    ),
    pytest.param(
        b"kind: Pod\nspec:\n  containers:\n  - env:\n"
        + b"".join(
            b"    - name: A%d_IMAGE\n      value: quay.io/a/b:1\n" % n for n in range(5_000)
        ),
        5_000,
        id="5,000 variables",
    ),
    pytest.param(
        b"---\nkind: Pod\nspec: {containers: [{image: quay.io/a/b:1}]}\n" * 2_000,
        2_000,
        id="2,000 pods",
    ),
    pytest.param(merges(16, "[*a{0}, *a{0}]"), 1, id="merges that double"),
    pytest.param(merges(200, "*a{}"), 1, id="200 merges, one in the other"),
]


@pytest.mark.parametrize(("data", "images"), LARGE)
def test_what_is_large_takes_bounded_time_and_memory(
    data: bytes, images: int, tmp_path: Path
) -> None:
    done = relocated(data, tmp_path)
    noun = "image" if images == 1 else "images"
    assert done.stderr == f"helm-compat: {images} of {images} {noun} relocated\n"
    assert done.status == 0
    assert done.stdout == data.replace(SOURCE, TARGET)
