"""The text of a template, held against a line of what Helm made of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from helm_compat.findings import LENGTH, Excerpt

if TYPE_CHECKING:
    from collections.abc import Iterator

# Braces in quotes end nothing. https://pkg.go.dev/text/template#hdr-Actions
_action = re.compile(
    r"""\{\{(?:-\s+)?(?:
        (?P<comment>/\*.*?\*/)(?:\s+-)?\}\}
      | \s*(?:(?P<condition>(?:else\s+)?if)\b|(?P<block>else|end|with|range|define|block)\b)?
        (?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`[^`]*`|[^"'`])*?\}\}
    )""",
    re.DOTALL | re.VERBOSE,
)
_trims_before = re.compile(r"\{\{-\s")
_end_comment = re.compile(r"\s#.*")
_trims_after = re.compile(r"\s-\}\}\Z")
# What stands for each code point of an action, no manifest holding it: of one that may write a
# part of a line, and of one beyond which the line may be another one, because a line break is in
# it or because it decides what is written.
_PART, _LINES = "\0", "\1"
_QUOTES = "\"'"


class Action(NamedTuple):
    """A part of a template that Helm evaluates; `kind` is comment, condition, block or empty.

    Start and end are without the white space that it takes away.
    """

    start: int
    end: int
    kind: str


class Template:
    """A template; `verbatim` for a file that Helm passes on as it is."""

    def __init__(self, text: str, *, verbatim: bool = False) -> None:
        self.text = text
        self.actions = [] if verbatim else list(_actions(text))
        self._starts = [action.start for action in self.actions]
        pieces = []
        last = 0
        for action in self.actions:
            start, end = _trimmed(text, action)
            start = max(start, last)
            decides = action.kind in ("condition", "block")
            mark = _LINES if decides or "\n" in text[start:end] else _PART
            pieces += [text[last:start], mark * (end - start)]
            last = end
        self._literal = "".join([*pieces, text[last:]])

    def could_be(self, excerpt: Excerpt, *, cut: bool) -> list[int]:
        """Where that may stand which an excerpt of the rendered text means, in code points.

        The line there is the rendered one, with anything for its actions and its indentation.
        `cut` says that the excerpt begins inside a line.
        """
        start = excerpt.column - 1
        wanted = excerpt.text[start : start + excerpt.width]
        before = None if cut else excerpt.text[:start]
        after = excerpt.text[start + excerpt.width :] if len(excerpt.text) < LENGTH else None
        return [
            offset
            for offset in _occurrences(self.text, wanted)
            if self._fits(offset, offset + len(wanted), before, after)
        ]

    def action_at(self, offset: int) -> Action | None:
        """The action that a code point belongs to."""
        index = bisect_right(self._starts, offset) - 1
        found = self.actions[index] if index >= 0 else None
        return found if found and offset < found.end else None

    def is_written(self, offset: int, rendered: str) -> bool:
        """Whether the literal text of the line at a code point stands in a rendered text.

        A line without any may have been written or not; it counts as written.
        """
        line = self._before(offset) + self._after(offset)
        pieces = re.split(f"{_PART}+", line)
        return all(piece.strip() in rendered for piece in pieces)

    def _fits(self, start: int, end: int, before: str | None, after: str | None) -> bool:
        action = self.action_at(start)
        if action:
            says_nothing = action.kind in ("comment", "condition")
            if says_nothing or end > action.end or not _is_whole(self.text, start, end):
                return False
            # What an action makes of a text is not known.
            left, right = self._before(action.start) + _PART, _PART + self._after(action.end)
        else:
            if any(mark in self._literal[start:end] for mark in (_PART, _LINES)):
                return False
            left, right = self._before(start), self._after(end)
        return (before is None or _begins(left, before)) and (after is None or _ends(right, after))

    def _before(self, offset: int) -> str:
        """What stands before a code point on the line that Helm writes."""
        literal = self._literal
        start = literal.rfind("\n", 0, offset) + 1
        return literal[max(start, literal.rfind(_LINES, 0, offset)) : offset].replace(_LINES, _PART)

    def _after(self, offset: int) -> str:
        """What stands from a code point on, on the line that Helm writes."""
        found = re.compile(f"\n|{_LINES}").search(self._literal, offset)
        if not found:
            return self._literal[offset:]
        return self._literal[offset : found.start()] + (_PART if found[0] == _LINES else "")


def _actions(text: str) -> Iterator[Action]:
    position = text.find("{{")
    while position >= 0:
        found = _action.match(text, position)
        # Helm would not have rendered it: what follows is not understood here either.
        end = found.end() if found else len(text)
        yield Action(position, end, (found.lastgroup or "") if found else "comment")
        position = text.find("{{", end)


def _trimmed(text: str, action: Action) -> tuple[int, int]:
    """Start and end of an action with the white space that it takes away."""
    start, end = action.start, action.end
    if _trims_before.match(text, start):
        while text[start - 1 : start].isspace():
            start -= 1
    if _trims_after.search(text, start, end):
        while text[end : end + 1].isspace():
            end += 1
    return start, end


def _occurrences(text: str, wanted: str) -> Iterator[int]:
    position = text.find(wanted) if wanted.strip() else -1
    while position >= 0:
        yield position
        position = text.find(wanted, position + 1)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether a piece of a text neither begins nor ends inside a word."""
    pairs = (text[max(start - 1, 0) : start + 1], text[end - 1 : end + 1])
    return not any(re.fullmatch(r"\w\w", pair) for pair in pairs)


def _begins(literal: str, rendered: str) -> bool:
    """Whether a line can begin as a rendered one does; quotes before what is meant aside."""
    rest = literal.lstrip(f" \t{_PART}")
    start = "*" if _PART in literal[: len(literal) - len(rest)] else ""
    rendered = rendered.lstrip(" \t")
    return fnmatchcase(rendered, start + _glob(rest)) or fnmatchcase(
        rendered.rstrip(_QUOTES), start + _glob(rest.rstrip(_QUOTES))
    )


def _ends(literal: str, rendered: str) -> bool:
    """Whether a line can end as a rendered one does; quotes behind what is meant aside.

    So is a comment: whatever reads YAML and writes it anew drops it.
    """
    literal, rendered = (_end_comment.sub("", text) for text in (literal, rendered))
    rest = literal.rstrip(f" \t\r{_PART}")
    end = "*" if _PART in literal[len(rest) :] else ""
    rendered = rendered.rstrip()
    return fnmatchcase(rendered, _glob(rest) + end) or fnmatchcase(
        rendered.lstrip(_QUOTES), _glob(rest.lstrip(_QUOTES)) + end
    )


def _glob(literal: str) -> str:
    pieces = re.split(f"{_PART}+", literal)
    return "*".join(re.sub(r"([*?[])", r"[\1]", piece) for piece in pieces)
