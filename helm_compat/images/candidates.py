"""Which documents can hold an image at all, told from their bytes: the others are not parsed.

A wrong yes costs a parse; a wrong no would lose an image. So every test here asks for less than
the search does, and a test compares both on the same documents.
"""

from __future__ import annotations

import re
from functools import lru_cache

from helm_compat.images.complete import PUBLIC_REGISTRIES, TAGGED
from helm_compat.images.found import Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_tagged = re.compile(TAGGED.pattern.encode(), re.ASCII)
_escape = re.compile(rb"\\[xuU/\r\n]")
_escaped_escape = b"\\\\"
_lone_return = re.compile(rb"\r(?!\n)")
_unicode_break = re.compile(rb"\xc2\x85|\xe2\x80[\xa8\xa9]")

# The lines at the margin of a document that is surely one mapping, written as everybody does.
_margin = re.compile(rb"\n([^ \t\r\n#][^\r\n]*)")
_plain_line = re.compile(
    rb"""(?:---|\.\.\.|[A-Za-z]+:(?:[ \t]+["']?[A-Za-z0-9./-]+["']?)?)[ \t]*(?:[ \t]\#.*)?""",
    re.DOTALL,
)
_crd_line = re.compile(rb"""kind:[ \t]+["']?CustomResourceDefinition["']?(?:[ \t].*)?""", re.DOTALL)
_before_content = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n|---[^\n]*\n)*")

# What makes a place in a document uncertain: names for what stands elsewhere, keys that need not
# have a colon behind them, and collections in brackets over several lines.
_mark = re.compile(rb"[&?\[{]")
_default = re.compile(rb"""default["']?[ \t]*:""")


class Candidates:
    """The test for one run: what it looks for depends on the products and the options."""

    def __init__(self, scope: Scope, *, kinds: Iterable[str] = ()) -> None:
        """`kinds` are the kinds of object that matter for another reason than their images."""
        knowledge = scope.knowledge
        words = {"image", "registry", "kind: secret", '"secret"', "'secret'"}
        words |= {f"{host}/" for host in PUBLIC_REGISTRIES | scope.registries}
        words |= {name for split in knowledge.split_environments for _, name in split.roles}
        for splits in knowledge.split_fields.values():
            words |= {name for split in splits for _, name in split.roles}
        for fields in (*knowledge.image_fields.values(), *scope.fields.values()):
            words |= {field.scheme or field.path[-1].key for field in fields}
        words |= set(kinds)
        # Bytes are lowered in ASCII only, and so must words be.
        lower = {word.encode().lower() for word in words}
        # A word that holds another one can be found only where that one is.
        needed = {w for w in lower if not any(v != w and v in w for v in lower)}
        self._words = tuple(sorted(needed))
        hosts = "|".join(re.escape(host) for host in PUBLIC_REGISTRIES | scope.registries)
        self._reference = re.compile(f"{TAGGED.pattern}|(?i:{hosts})/".encode(), re.ASCII)

    def holds(self, data: bytes) -> bool:
        """Whether a document can hold an image."""
        if is_crd(data):
            return self._defaults(data)
        lower = data.lower()
        if any(word in lower for word in self._words):
            return True
        return bool(_tagged.search(data) or _is_hidden(data) or _escaped_escape in data)

    def _defaults(self, crd: bytes) -> bool:
        """Whether a `default:` in the schemas of a CustomResourceDefinition can be a reference."""
        if _is_hidden(crd):
            return True
        if b"default" not in crd:
            return False
        if any(_is_uncertain(crd, found.start()) for found in _mark.finditer(crd)):
            return True
        done = 0
        for found in _default.finditer(crd):
            # What stands inside a default that holds no image was looked at with it.
            if found.start() >= done:
                value, done = _value(crd, found)
                if value is None or self._reference.search(value):
                    return True
        return False


def _is_hidden(data: bytes) -> bool:
    """Whether a text can read as something else than it is written.

    By escapes, and by line breaks of libyaml that the patterns here do not know.
    """
    if b"\\" in data and _escape.search(data):
        return True
    if b"\r" in data and _lone_return.search(data):
        return True
    return not data.isascii() and bool(_unicode_break.search(data))


def _is_uncertain(crd: bytes, mark: int) -> bool:
    """Whether a mark is an anchor, an explicit key or a bracket that its line leaves open.

    It is none of these inside a word or a text.
    """
    before = crd[max(0, mark - 40) : mark]
    spaced = before.rstrip(b" \t")
    if before and spaced[-1:] not in (b"", b"\n", b"-", b":", b",", b"[", b"{", b"?"):
        return False
    sign, following = crd[mark : mark + 1], crd[mark + 1 : mark + 2]
    if sign == b"?":
        return following.isspace()
    if sign == b"&":
        return not following.isspace()
    end = crd.find(b"\n", mark)
    return not _is_closed(crd[mark : len(crd) if end < 0 else end])


def _value(crd: bytes, found: re.Match[bytes]) -> tuple[bytes | None, int]:
    """The text of a `default:` and where it ends; None where only parsing can tell."""
    start = crd.rfind(b"\n", 0, found.start()) + 1
    end = crd.find(b"\n", found.end())
    end = len(crd) if end < 0 else end
    if crd[start : found.start()].strip(b" -\"'"):
        # In the middle of a line it is a word in a text, or stands in brackets or quotes.
        line = crd[start:end]
        uncertain = (b"{", b"[", b"'", b'"', b"!")
        return None if any(c in line for c in uncertain) else b"", found.end()
    value = crd[found.end() : end].strip()
    if not value or value[:1] in b"#|>":
        end = _end_of_block(crd, found.start(), found.end())
        return crd[found.end() : end], end
    return (None if value[:1] == b"!" else value), end


def _is_closed(line: bytes) -> bool:
    """Whether the brackets of a line are surely closed on it."""
    pairs = line.count(b"{") == line.count(b"}") and line.count(b"[") == line.count(b"]")
    return pairs and not any(c in line for c in (b"#", b"'", b'"'))


@lru_cache(maxsize=4)
def is_crd(data: bytes) -> bool:
    """Whether a document surely is one CustomResourceDefinition in block style."""
    if b"CustomResourceDefinition" not in data:
        return False
    first = _before_content.match(data)
    if first and data[first.end() : first.end() + 1] in (b" ", b"\t"):
        return False
    lines = [found[1] for found in _margin.finditer(data)]
    if data[:1] not in b" \t\r\n#":
        lines.append(data.partition(b"\n")[0].rstrip(b"\r"))
    kinds = [line for line in lines if line.startswith(b"kind:")]
    if len(kinds) != 1 or not _crd_line.fullmatch(kinds[0]):
        return False
    return all(_plain_line.fullmatch(line) for line in lines)


def _end_of_block(crd: bytes, start: int, end: int) -> int:
    """Where the lines end that are indented deeper than the line of `start`, or are list items."""
    indent = _leading(crd[crd.rfind(b"\n", 0, start) + 1 : start])
    next_line = crd.find(b"\n", end) + 1
    while next_line:
        following = crd.find(b"\n", next_line) + 1
        line = crd[next_line : following or len(crd)]
        content = line.strip()
        deeper = _leading(line) > indent or (_leading(line) == indent and content[:1] == b"-")
        if content and content[:1] != b"#" and not deeper:
            return next_line
        next_line = following
    return len(crd)


def _leading(line: bytes) -> int:
    return len(line) - len(line.lstrip(b" "))
