"""Lists of images, by place or each once, as tables and as data."""

from __future__ import annotations

from helm_compat.mirror.wanted import Wanted, pullable
from helm_compat.outcome import Image
from helm_compat.printable import printable
from helm_compat.report.data import SCHEMA_VERSION, image_data
from helm_compat.report.table import aligned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from helm_compat.knowledge.product import RunTimeImage


def images_table(images: list[Image], wanted: Sequence[Wanted]) -> str:
    """One line for each place: the reference, its target where there is one, and where it stands.

    `wanted` are the same images once each, and those that no place names.
    """
    known = {each.name: each for each in wanted}
    pulled = [each for each in wanted if each.by]
    if not images and not pulled:
        return "no images\n"
    moved = any(image.target for image in images) or any(each.target for each in pulled)
    heads = ["IMAGE", *(["TARGET"] if moved else []), "SITE", "PLACE", "OBJECT", "PATH"]
    rows = []
    for image in images:
        target = [image.target if image.moved else "-"] if moved else []
        place = f"{image.at.file}:{image.at.line}:{image.at.column}"
        words = [image.normalized, *target, image.site, place, str(image.at.object), image.at.path]
        rows.append([*words, _mark(known[pullable(image.normalized)])])
    for each in pulled:
        target = [each.target or "-"] if moved else []
        rows.append([each.source or each.target, *target, "run-time", "-", "-", "-", _mark(each)])
    return _table(heads, rows)


def unique_table(wanted: Sequence[Wanted]) -> str:
    """One line for each image: its source and target, and how many places name it."""
    if not wanted:
        return "no images\n"
    moved = any(each.target for each in wanted)
    heads = ["IMAGE", *(["TARGET"] if moved else []), "PLACES"]
    rows = []
    for each in wanted:
        target = [(each.source and each.target) or "-"] if moved else []
        rows.append([each.name, *target, f"{each.places or '-'}", _mark(each)])
    return _table(heads, rows)


def _mark(wanted: Wanted) -> str:
    return f"pulled by {wanted.by}" if wanted.by else "optional" if wanted.optional else ""


def _table(heads: list[str], rows: list[list[str]]) -> str:
    """The table with a column of marks where there are any."""
    marked = any(row[-1] for row in rows)
    lines = [[*heads, "NOTE"], *rows] if marked else [heads, *(row[:-1] for row in rows)]
    return "".join(f"{printable(line)}\n" for line in aligned(lines))


def images_data(
    images: list[Image], run_time: Iterable[RunTimeImage], wanted: Iterable[Wanted]
) -> dict[str, Any]:
    """The list of images by place, in the shape of `schemas/images.schema.json`.

    `wanted` are the same images once each.
    """
    known = {each.name: each for each in wanted}
    listed = []
    for image in images:
        optional = known[pullable(image.normalized)].optional
        listed.append({**image_data(image), "optional": optional})
    pulled = [
        {
            "reference": each.image,
            "target": (known[each.image].target or None) if each.image in known else None,
            "by": each.by,
            "why": each.why,
            "override": each.override,
        }
        for each in run_time
    ]
    return {"schemaVersion": SCHEMA_VERSION, "images": listed, "runTime": pulled}


def unique_data(wanted: Iterable[Wanted]) -> dict[str, Any]:
    """Every image once, in the shape of `schemas/images.schema.json`."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "unique": [
            {
                "source": each.source or None,
                "target": each.target or None,
                "by": each.by,
                "optional": each.optional,
                "places": each.places,
            }
            for each in wanted
        ],
    }
