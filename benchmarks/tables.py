"""Tables as plain text or Markdown."""

from __future__ import annotations

from typing import NamedTuple


class Table(NamedTuple):
    """A title and rows of cells; the first row is the head, the first column is text."""

    title: str
    rows: list[list[str]]


def format_table(table: Table, *, markdown: bool) -> str:
    """Return a table as text, its columns aligned."""
    widths = [max(map(len, column)) for column in zip(*table.rows, strict=True)]
    lines = [_line(row, widths, " | " if markdown else "  ") for row in table.rows]
    if not markdown:
        return "\n".join((table.title, "", *(line.rstrip() for line in lines), ""))
    rule = "|".join(("-" * (widths[0] + 2), *(f"{'-' * (width + 1)}:" for width in widths[1:])))
    head, *body = (f"| {line} |" for line in lines)
    return "\n".join((f"**{table.title}**", "", head, f"|{rule}|", *body, ""))


def _line(row: list[str], widths: list[int], separator: str) -> str:
    first = row[0].ljust(widths[0])
    others = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return separator.join([first, *others])
