"""A stream cut into documents, the template that each comes from, and streams that are refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_compat.errors import InputError
from helm_compat.stream import BOM, Document, check, split


def cut(*pieces: bytes, at: int = 0, line: int = 1) -> list[Document]:
    """The documents that these pieces of a stream are, the first one at byte `at`."""
    documents = []
    for number, piece in enumerate(pieces):
        documents.append(Document(number, at, line, piece))
        at += len(piece)
        line += piece.count(b"\n")
    return documents


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            b"a: 1\n---\nb: 2\n",
            [Document(0, 0, 1, b"a: 1\n"), Document(1, 5, 2, b"---\nb: 2\n")],
            id="two documents",
        ),
        pytest.param(
            b"\xef\xbb\xbfa: 1\n---\nb: 2\n",
            [Document(0, 3, 1, b"a: 1\n"), Document(1, 8, 2, b"---\nb: 2\n")],
            id="byte order mark",
        ),
        pytest.param(
            b"a: 1\r\n---\r\nb: 2\r\n",
            [Document(0, 0, 1, b"a: 1\r\n"), Document(1, 6, 2, b"---\r\nb: 2\r\n")],
            id="CRLF",
        ),
        pytest.param(
            b"---\na: 1\n...\n# between\n---\nb: 2",
            [
                Document(0, 0, 1, b"---\na: 1\n...\n"),
                Document(1, 13, 4, b"# between\n"),
                Document(2, 23, 5, b"---\nb: 2"),
            ],
            id="end marker, comment-only document, no final newline",
        ),
        pytest.param(
            "é: €\n---\n🐳: 1\n".encode(),
            [
                Document(0, 0, 1, "é: €\n".encode()),
                Document(1, 8, 2, "---\n🐳: 1\n".encode()),
            ],
            id="offsets are bytes",
        ),
    ],
)
def test_documents_say_where_they_stand(data: bytes, expected: list[Document]) -> None:
    assert split(data) == expected


# Each list is the stream, cut where it must be cut.
CUTS = [
    pytest.param([b"--- # first\na: 1\n", b"--- # second\nb: 2\n"], id="comment behind marker"),
    pytest.param([b"--- a\n", b"--- b\n"], id="content behind marker"),
    pytest.param([b"--- |\n  a\n", b"--- >-\n  b\n"], id="block scalar behind marker"),
    pytest.param([b"--- {a: 1}\n", b"--- [b]\n"], id="flow collection behind marker"),
    pytest.param([b"--- \na: 1\n", b"---  \t \nb: 2\n"], id="trailing white space"),
    pytest.param([b"---\ta\n", b"---\tb\n"], id="tab behind marker"),
    pytest.param([b"a: 1\n", b"---"], id="marker at the very end"),
    pytest.param([b"---"], id="nothing but a marker"),
    pytest.param([b"---\n", b"---\n", b"---\n"], id="empty documents"),
    pytest.param([b"---\r\n", b"---\r\n"], id="empty documents, CRLF"),
    pytest.param([b"\n\n", b"---\na: 1\n"], id="blank lines first"),
    pytest.param([b"# one\n", b"---\n# two\n", b"---\n# three"], id="comments only"),
    pytest.param([b"a: 1\n...\n", b"b: 2\n"], id="end marker, next document without a marker"),
    pytest.param([b"a: 1\n..."], id="end marker at the very end"),
    pytest.param([b"a: 1\n... # end\n", b"---\nb: 2\n"], id="comment behind end marker"),
    pytest.param([b"a: 1\r\n...\r\n", b"b: 2\r\n"], id="end marker, CRLF"),
    pytest.param([b"...\n", b"---\na: 1\n"], id="end marker first"),
    pytest.param([b"a\n...\n", b"...\n", b"...\n", b"b\n"], id="several end markers"),
    pytest.param([b"%YAML 1.1\n---\na: 1\n"], id="directive belongs to its document"),
    pytest.param([b"# c\n\n%YAML 1.1\n---\na: 1\n"], id="comment and blank line before it"),
    pytest.param([b"%YAML 1.1\r\n---\r\na: 1\r\n"], id="directive, CRLF"),
    pytest.param([b"%YAML 1.1\n%TAG ! tag:x,2000:\n---\na: 1\n"], id="two directives"),
    pytest.param(
        [b"a: 1\n...\n", b"%TAG ! tag:x,2000:\n---\nb: 2\n"], id="directive behind an end marker"
    ),
    pytest.param([b"%YAML 1.1\n---\na: 1\n", b"---\nb: 2\n"], id="second document has none"),
    pytest.param(
        [b"%YAML 1.1\n---\na: 1\n", b"---\nb: 2\n", b"---\nc: 3\n"], id="nor has the third one"
    ),
    pytest.param(
        [b"%YAML 1.1\n---\na: 1\n...\n", b"%YAML 1.1\n---\nb: 2\n", b"---\nc: 3\n"],
        id="directives of two documents, none of the third",
    ),
    pytest.param([b"---\na\n", b"---\n%b\n", b"---\nc\n"], id="per cent sign that is content"),
]

# One document, although something looks like a marker.
WHOLE = [
    pytest.param(b"a: 1", id="no marker at all"),
    pytest.param(b"---\na: |\n  ---\n  b\n", id="marker inside a literal block"),
    pytest.param(b"---\na: >\n  ---\n  ...\n", id="markers inside a folded block"),
    pytest.param(b'---\na: "x\n  --- y"\n', id="marker inside quotes"),
    pytest.param(b"a: |\r\n  ---\r\n  b\r\n", id="marker inside a block, CRLF"),
    pytest.param(b"a:\n ---\n", id="marker that is indented by one"),
    pytest.param(b"a: ---\n", id="marker as a value"),
    pytest.param(b"----\na: 1\n", id="four hyphens first"),
    pytest.param(b"a: 1\n----\n", id="four hyphens"),
    pytest.param(b"a: 1\n---apiVersion: v1\n", id="text that touches the marker"),
    pytest.param(b"---apiVersion: v1\n", id="text that touches the first marker"),
    pytest.param(b"a: 1\n---#b\n", id="comment that touches the marker"),
    pytest.param(b"a: 1\n....\n", id="four dots"),
    pytest.param(b"a: 1\n...b\n", id="text that touches the end marker"),
    pytest.param(b"a: 1\n--\n", id="two hyphens"),
    pytest.param(b"- - - a\n- -\n", id="nested sequences"),
    pytest.param(b"# ---\n# ...\n", id="markers in comments"),
    pytest.param(b'{"a": "---"}', id="JSON"),
    pytest.param(b"\n", id="a blank line"),
    pytest.param(b"# only this", id="a comment"),
]


@pytest.mark.parametrize("pieces", CUTS)
def test_split(pieces: list[bytes]) -> None:
    assert split(b"".join(pieces)) == cut(*pieces)


@pytest.mark.parametrize("pieces", CUTS)
def test_split_behind_a_byte_order_mark(pieces: list[bytes]) -> None:
    assert split(BOM + b"".join(pieces)) == cut(*pieces, at=3)


@pytest.mark.parametrize("data", WHOLE)
def test_one_document(data: bytes) -> None:
    assert split(data) == cut(data)


@pytest.mark.parametrize("data", [pytest.param(b"", id="empty"), pytest.param(BOM, id="BOM only")])
def test_no_documents(data: bytes) -> None:
    assert split(data) == []


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            b"---\n# Source: app/templates/a.yaml\na: 1\n", "app/templates/a.yaml", id="Helm 3"
        ),
        pytest.param(
            b"# Source: app/templates/a.yaml", "app/templates/a.yaml", id="Helm 3, comment only"
        ),
        pytest.param(
            b"---\r\n# Source: app/templates/a.yaml\r\na: 1\r\n",
            "app/templates/a.yaml",
            id="Helm 3, CRLF",
        ),
        pytest.param(
            b"---\n# Source: my app/templates/a b.yaml  \na: 1\n",
            "my app/templates/a b.yaml",
            id="Helm 3, spaces in the name and behind it",
        ),
        pytest.param(
            "---\n# Source: app/templates/é.yaml\n".encode(), "app/templates/é.yaml", id="non-ASCII"
        ),
        pytest.param(
            b"---\n# Source: first.yaml\n# Source: second.yaml\n", "first.yaml", id="the first one"
        ),
        pytest.param(
            b"---\n# Source: a.yaml\n\n\n# Another comment\na: 1\n", "a.yaml", id="blank lines"
        ),
        pytest.param(
            b"metadata:\n  annotations:\n"
            b"    postrenderer.helm.sh/postrender-filename: 'app/templates/a.yaml'\n",
            "app/templates/a.yaml",
            id="Helm 4, single quotes",
        ),
        pytest.param(
            b'metadata:\n  annotations:\n    postrenderer.helm.sh/postrender-filename: "a.yaml"\n',
            "a.yaml",
            id="Helm 4, double quotes",
        ),
        pytest.param(
            b"metadata:\n  annotations:\n    postrenderer.helm.sh/postrender-filename: a.yaml\n",
            "a.yaml",
            id="Helm 4, no quotes",
        ),
        pytest.param(
            b"metadata: {name: t, annotations: "
            b"{postrenderer.helm.sh/postrender-filename: 'app/templates/a.yaml'}}\n",
            "app/templates/a.yaml",
            id="Helm 4, flow style",
        ),
        pytest.param(
            b"metadata: {annotations: {postrenderer.helm.sh/postrender-filename: a.yaml}}\n",
            "a.yaml",
            id="Helm 4, flow style without quotes",
        ),
        pytest.param(
            b'{"metadata": {"name": "t", annotations: '
            b'{"postrenderer.helm.sh/postrender-filename": "a.yaml", "b": "c"}}}',
            "a.yaml",
            id="Helm 4, JSON",
        ),
        pytest.param(
            b"metadata:\n  annotations:\n"
            b"    postrenderer.helm.sh/postrender-filename: 'my app/templates/a b.yaml'\n",
            "my app/templates/a b.yaml",
            id="Helm 4, spaces in the name",
        ),
        pytest.param(b"---\na: 1\n", "", id="neither"),
        pytest.param(b"---\n#Source: a.yaml\n", "", id="no space behind the hash"),
        pytest.param(b"---\n  # Source: a.yaml\n", "", id="indented comment"),
        pytest.param(b"---\na: 1 # Source: a.yaml\n", "", id="comment behind content"),
        pytest.param(b"---\n# Source: \na: 1\n", "", id="no name"),
        pytest.param(b"---\n# source: a.yaml\n", "", id="lower case"),
        pytest.param(
            b"metadata:\n  annotations:\n    postrenderer.helm.sh/other: a.yaml\n",
            "",
            id="another annotation",
        ),
        pytest.param(b"a: 1\n---\n# Source: a.yaml\n", "", id="comment of the next document"),
    ],
)
def test_template(data: bytes, expected: str) -> None:
    assert split(data)[0].template == expected


def test_template_of_a_long_comment_is_found_in_linear_time() -> None:
    data = b"# Source: a" + b" " * 40_000 + b"b\na: 1\n"
    start = time.process_time()
    found = split(data)[0].template
    assert found == "a" + " " * 40_000 + "b"
    assert time.process_time() - start < 1


CONVERT = "\n  Kubernetes manifests are UTF-8; convert the file or chart that this comes from."


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            b"\xff", "f.yaml:1:1: not UTF-8: byte 0xff (invalid start byte)", id="first byte"
        ),
        pytest.param(
            b"a: 1\nb: \xe9t\xe9\n",
            "f.yaml:2:4: not UTF-8: byte 0xe9 (invalid continuation byte)",
            id="Latin-1",
        ),
        pytest.param(
            "é: 1\nü€🐳".encode() + b"\xff\n",
            "f.yaml:2:4: not UTF-8: byte 0xff (invalid start byte)",
            id="columns are code points",
        ),
        pytest.param(
            b"a\r\nbc\xff\r\n",
            "f.yaml:2:3: not UTF-8: byte 0xff (invalid start byte)",
            id="CRLF",
        ),
        pytest.param(
            b"a: \xe2\x82",
            "f.yaml:1:4: not UTF-8: byte 0xe2 (unexpected end of data)",
            id="cut off in the middle",
        ),
        pytest.param(
            b"a: \xc0\xaf",
            "f.yaml:1:4: not UTF-8: byte 0xc0 (invalid start byte)",
            id="overlong form",
        ),
        pytest.param(
            b"a: \xed\xa0\x80",
            "f.yaml:1:4: not UTF-8: byte 0xed (invalid continuation byte)",
            id="surrogate",
        ),
        pytest.param(
            b"a: \xf4\x90\x80\x80",
            "f.yaml:1:4: not UTF-8: byte 0xf4 (invalid continuation byte)",
            id="beyond the last code point",
        ),
        pytest.param(
            "a: 1\n".encode("utf-16"),
            "f.yaml:1:1: not UTF-8: byte 0xff (invalid start byte)",
            id="UTF-16",
        ),
        # No editor counts the mark as a character of the first line.
        pytest.param(
            BOM + b"a: \xff",
            "f.yaml:1:4: not UTF-8: byte 0xff (invalid start byte)",
            id="behind a byte order mark",
        ),
        pytest.param(
            BOM + b"a: 1\nb: \xff",
            "f.yaml:2:4: not UTF-8: byte 0xff (invalid start byte)",
            id="second line behind a byte order mark",
        ),
    ],
)
def test_what_is_not_utf8_is_refused(data: bytes, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        check(data, file="f.yaml", max_bytes=100)
    assert str(caught.value) == expected + CONVERT


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        check("é: 1".encode(), file="f.yaml", max_bytes=4)
    assert str(caught.value) == (
        "f.yaml: the input has 5 bytes, more than the limit of 4\n"
        "  Raise the limit with --max-bytes or limits.max-bytes if this is intended."
    )


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"a: 1\n", id="as many bytes as are allowed"),
        pytest.param(BOM + b"a", id="byte order mark"),
        pytest.param("🐳".encode(), id="four bytes in UTF-8"),
        pytest.param(b"\x00\x7f", id="control characters are for the parser to refuse"),
    ],
)
def test_what_is_accepted(data: bytes) -> None:
    check(data, file="f.yaml", max_bytes=5)


LINES = st.sampled_from(
    [
        b"---", b"--- ", b"--- # c", b"---\t", b"...", b"... # c", b"----", b"---a", b"....",
        b"%YAML 1.1", b"# c", b"", b" ---", b"a: 1", b"- b", b"\xc3\xa9", b"\xff", b"\x00",
    ]
)  # fmt: skip
STREAMS = st.lists(
    st.tuples(LINES, st.sampled_from([b"\n", b"\r\n", b"\r", b""])), max_size=12
).map(lambda lines: b"".join(text + end for text, end in lines))


@given(st.sampled_from([b"", BOM]), st.one_of(STREAMS, st.binary(max_size=40)))
def test_documents_joined_are_the_stream(mark: bytes, data: bytes) -> None:
    documents = split(mark + data)
    start = len(BOM) if (mark + data).startswith(BOM) else 0
    assert b"".join(d.data for d in documents) == (mark + data)[start:]
    assert documents == cut(*(d.data for d in documents), at=start)
    assert b"" not in [d.data for d in documents]


@given(st.lists(st.sampled_from([b"a: 1\n", b"# c\n", b"\n", b"a: |\n  ---\n"]), max_size=8))
def test_every_marker_opens_one_document(bodies: list[bytes]) -> None:
    pieces = [b"---\n" + body for body in bodies]
    assert split(b"".join(pieces)) == cut(*pieces)
