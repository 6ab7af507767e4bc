"""Tables with wrapped cells, for a terminal of 80 columns and for GitHub's Markdown."""

from __future__ import annotations

import re
import textwrap

from helm_compat.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    Rows = Sequence[Sequence[str]]

WIDTH = 80
_GAP = "  "
_NARROW = 1


def columns_text(head: Sequence[str], rows: Rows) -> str:
    """Aligned columns; `\\n` in a cell begins a line of its own, whose indent its rest keeps.

    Words stay whole: a table that is too wide for them is written as one record a row.
    """
    table: Rows = [[column.upper() for column in head], *rows]
    widths = _widths(table)
    if _total(widths) > WIDTH:
        return _records(head, rows)
    wrapped = [[_wrapped(cell, width) for cell, width in zip(row, widths)] for row in table]
    # What was wrapped can leave a column with less than it was given.
    widths = [max(len(line) for cell in column for line in cell) for column in zip(*wrapped)]
    lines = []
    for cells in wrapped:
        for number in range(max(map(len, cells))):
            parts = (cell[number] if number < len(cell) else "" for cell in cells)
            line = _GAP.join(part.ljust(width) for part, width in zip(parts, widths))
            lines.append(f"{printable(line.rstrip())}\n")
    return "".join(lines)


def columns_markdown(head: Sequence[str], rows: Rows) -> str:
    """The same as a table of GitHub's Markdown."""
    table = [head, ["---"] * len(head), *([markdown(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(row)} |\n" for row in table)


def markdown(text: str) -> str:
    """Text as Markdown that shows it as it is, with its lines."""
    harmless = printable(text).replace("&", "&amp;").replace("<", "&lt;")
    escaped = re.sub(r"([\\|*_`~])", r"\\\1", harmless)
    return "<br>".join(line.strip() for line in escaped.split("\n"))


def paragraph(text: str, indent: str = "") -> str:
    """Text in lines of the terminal's width, all but the first indented."""
    lines = textwrap.wrap(
        printable(text),
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "".join(f"{line}\n" for line in lines)


def _widths(table: Rows) -> list[int]:
    """The widths of the columns: the widest become narrower, as far as their words let them."""
    columns = list(zip(*table))
    widths = [max(len(line) for cell in column for line in cell.split("\n")) for column in columns]
    least = [
        max(len(line) for cell in column for line in _wrapped(cell, _NARROW)) for column in columns
    ]
    while _total(widths) > WIDTH and widths != least:
        _, widest = max((width, i) for i, width in enumerate(widths) if width > least[i])
        widths[widest] -= 1
    return widths


def _total(widths: list[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _wrapped(cell: str, width: int) -> list[str]:
    lines = []
    for line in cell.split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        lines += textwrap.wrap(
            line,
            width,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return lines


def _records(head: Sequence[str], rows: Rows) -> str:
    lines = []
    for row in rows:
        for number, (name, cell) in enumerate(zip(head, row)):
            label = f"  {name}: " if number else ""
            text = " ".join(cell.split())
            lines += [paragraph(f"{label}{text}", "    ")] if text else []
    return "".join(lines)
