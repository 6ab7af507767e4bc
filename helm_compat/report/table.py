"""Images as a table with aligned columns, as kubectl prints them."""

from __future__ import annotations

from helm_compat.outcome import Image
from helm_compat.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def images_table(images: list[Image]) -> str:
    """One line for each image: the reference, its target where there is one, and its place."""
    if not images:
        return "no images\n"
    moved = any(image.target for image in images)
    rows = [["IMAGE", *(["TARGET"] if moved else []), "SITE", "PLACE", "OBJECT", "PATH"]]
    for image in images:
        target = [image.target if image.moved else "-"] if moved else []
        place = f"{image.at.file}:{image.at.line}:{image.at.column}"
        rows.append(
            [image.normalized, *target, image.site, place, str(image.at.object), image.at.path]
        )
    return "".join(f"{printable(line)}\n" for line in aligned(rows))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines in which the columns stand below each other."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths)) for row in rows)
    return [line.rstrip() for line in lines]
