"""Expected failures: each says where, what, why and what to do, and carries its exit status."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """Where something stands: file name as the user knows it, 1-based line and column.

    The column counts code points. Line 0 means the file as a whole. `template` is the file of the
    chart that a rendered text comes from, where Helm says so.
    """

    file: str
    line: int = 0
    column: int = 0
    template: str = ""

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{text} ({self.template})" if self.template else text


def place_in(file: str, text: str, offset: int) -> Place:
    """The place of a code point in the text of a file."""
    line_start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return Place(file, text.count("\n", 0, offset) + 1, offset - line_start + 1)


class CompatError(Exception):
    """Root of all expected failures; only the command line catches it."""

    exit_status = 2
    rule = "impossible-setting"

    def __init__(self, message: str, *, place: Place | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.place}: {self.message}" if self.place else self.message
        return f"{text}\n  {self.hint}" if self.hint else text


class UsageError(CompatError):
    """The command line, the environment or the configuration asks for something impossible."""


class InputError(CompatError):
    """The manifests cannot be read; nothing was written."""

    rule = "unreadable-input"


class CheckNotMade(CompatError):
    """Something outside failed (a program, a registry, a cluster), so there is no verdict."""

    exit_status = 3
    rule = "check-not-made"
