"""The lines that a run changes, made from its edits and not by comparing texts."""

from __future__ import annotations

from helm_compat.edits import ByteEdit, apply_bytes
from helm_compat.stream import Document, split


def diff_text(data: bytes, edits: list[ByteEdit], secrets: frozenset[int]) -> str:
    """A diff without context; `edits` are in order and speak of `data`.

    The lines of the documents that are numbered in `secrets` are left out.
    """
    lines = []
    shift = 0
    documents = iter(split(data))
    document: Document | None = None
    for group in _by_line(data, edits):
        start = data.rfind(b"\n", 0, group[0].start) + 1
        end = data.find(b"\n", group[-1].end)
        end = len(data) if end < 0 else end
        while document is None or start >= document.start + len(document.data):
            document = next(documents)
        old = data[start:end]
        new = apply_bytes(
            old, [e._replace(start=e.start - start, end=e.end - start) for e in group]
        )
        line = document.line + data.count(b"\n", document.start, start)
        head = f"@@ -{line} +{line + shift} @@ {document.template}".rstrip()
        shift += new.count(b"\n") - old.count(b"\n")
        if document.number in secrets:
            lines += [head, "(a Secret; not shown)"]
        else:
            lines += [head, *_marked("-", old), *_marked("+", new)]
    return "".join(f"{line}\n" for line in lines)


def _by_line(data: bytes, edits: list[ByteEdit]) -> list[list[ByteEdit]]:
    """Edits in groups that touch the same line."""
    groups: list[list[ByteEdit]] = []
    for edit in edits:
        if groups and b"\n" not in data[groups[-1][-1].end : edit.start]:
            groups[-1].append(edit)
        else:
            groups.append([edit])
    return groups


def _marked(sign: str, text: bytes) -> list[str]:
    return [f"{sign}{line.rstrip()}" for line in text.decode().split("\n")]
