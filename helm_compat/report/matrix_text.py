"""The tables of `matrix` as text: for a terminal of 80 columns, and as a page of Markdown."""

from __future__ import annotations

from helm_compat.printable import printable
from helm_compat.report.columns import columns_markdown, columns_text, markdown, paragraph
from helm_compat.report.matrix_words import COMPONENTS, RULES, Grid, Words, component_rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Data = dict[str, Any]


def products_text(data: Data) -> str:
    """All products with their components."""
    rows: list[tuple[str, ...]] = []
    for product in data["products"]:
        rows.append((product["product"], product["title"], "", ""))
        for entry in product["components"]:
            rows.append((f"  {entry['name']}", entry["title"], entry["role"], entry["scheme"]))
    return columns_text(("product", *COMPONENTS[1:]), rows)


def products_markdown(data: Data) -> str:
    """All products with their components."""
    rows = [
        (product["product"], product["title"], *row)
        for product in data["products"]
        for row in component_rows(product)
    ]
    return columns_markdown(("product", "product title", *COMPONENTS), rows)


def product_text(product: Data) -> str:
    """All that is known of one product."""
    words = Words(product)
    parts = [paragraph(f"{product['title']} ({product['product']})")]
    for grid in words.grids():
        notes = [paragraph(f"note: {note}", "  ") for note in grid.notes]
        parts.append("".join([paragraph(_title(grid)), columns_text(*_stacked(grid)), *notes]))
    if words.sources:
        lines = [_source(*key, number) for key, number in words.sources.items()]
        parts.append("".join(["Sources\n", *lines]))
    return "\n".join(parts)


def product_markdown(product: Data) -> str:
    """All that is known of one product."""
    words = Words(product)
    parts = [f"# {markdown(product['title'])} ({markdown(product['product'])})\n"]
    for grid in words.grids():
        notes = [f"\nNote: {markdown(note)}\n" for note in grid.notes]
        table = columns_markdown(*_without_empty(grid))
        parts.append("".join([f"## {markdown(_title(grid))}\n\n", table, *notes]))
    if words.sources:
        lines = [
            f"{number}. {_linked(source)}, {markdown(_read(read, note))}\n"
            for (source, read, note), number in words.sources.items()
        ]
        parts.append("".join(["## Sources\n\n", *lines]))
    return "\n".join(parts)


def _title(grid: Grid) -> str:
    return grid.title[:1].upper() + grid.title[1:]


def _source(source: str, read: str, note: str, number: int) -> str:
    """One numbered source; an address stays whole, so that a terminal can open it."""
    first = f"[{number}] {source}"
    head = paragraph(first, "    ") if " " in source else f"{printable(first)}\n"
    return head + paragraph(f"    {_read(read, note)}", "    ")


def _linked(source: str) -> str:
    return f"<{source}>" if source.startswith("https://") else markdown(source)


def _read(read: str, note: str) -> str:
    return f"read {read}{f': {note}' if note else ''}"


def _stacked(grid: Grid) -> tuple[tuple[str, ...], Sequence[tuple[str, ...]]]:
    """Columns for a terminal, where a rule is one sentence with its reasons below it."""
    if grid.head != RULES:
        return grid.head, grid.rows
    rows: list[tuple[str, ...]] = []
    for severity, what, needs, why, sources in grid.rows:
        comma = "," if "," in what else ""
        sentence = f"{what}{comma} needs {needs}" if needs else what
        reasons = [f"  {line}" for line in why.split("\n") if line]
        rows.append((severity, "\n".join([sentence, *reasons]), sources))
    return ("severity", "fact", "sources"), rows


def _without_empty(grid: Grid) -> tuple[tuple[str, ...], Sequence[tuple[str, ...]]]:
    """The columns that have something in some row."""
    filled = [i for i, column in enumerate(zip(*grid.rows)) if any(column)]
    rows = [tuple(row[i] for i in filled) for row in grid.rows]
    return tuple(grid.head[i] for i in filled), rows
