"""`helm-compat matrix`: what is known of the products, and whether a user's files are valid."""

from __future__ import annotations

from helm_compat.cli.options import Given
from helm_compat.cli.product_settings import product_data
from helm_compat.config import NO_CONFIG, find_config
from helm_compat.config_file import read_config
from helm_compat.errors import UsageError
from helm_compat.gate.installed import find_product
from helm_compat.knowledge.builtin import read_products
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.product_file import read_product
from helm_compat.report.matrix import RULES, matrix_data
from helm_compat.report.matrix_text import (
    product_markdown,
    product_text,
    products_markdown,
    products_text,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    Data = dict[str, Any]

VALIDATE = "validate"
_IMAGES = (
    "relocation",
    "image-sites",
    "split-sites",
    "pull-secrets",
    "embedded-pull-secrets",
    "run-time-images",
    "hazards",
)


def known_matrix(names: Sequence[str], given: Given, folder: str) -> Data:
    """What is known of one product, or of all; raises UsageError.

    `folder` is where the search for the configuration begins.
    """
    path = given.get("config") or find_config(folder)
    config = read_config(str(path)) if path else NO_CONFIG
    data = [entry for entry in product_data(given, config) if entry.get("components")]
    for name in names:
        find_product(Products(data), name)
    if names[1:]:
        raise UsageError(
            f"matrix shows one product, not {len(names)}",
            hint="Without a name it lists all of them.",
        )
    return matrix_data(entry for entry in data if not names or entry["product"] in names)


def matrix_shown(data: Data, form: str, *, whole: bool) -> str:
    """The data as a `table` or as `markdown`; `whole` is all of one product, else a list."""
    if whole:
        (product,) = data["products"]
        return product_markdown(product) if form == "markdown" else product_text(product)
    return products_markdown(data) if form == "markdown" else products_text(data)


def validate_files(paths: Sequence[str]) -> tuple[list[str], list[UsageError]]:
    """A line for each valid product file, and the faults of the others.

    A file may extend what is built in and what a file before it holds.
    """
    if not paths:
        raise UsageError("validate wants product files", hint="helm-compat matrix validate FILE...")
    known = {data["product"]: data for data in read_products()}
    lines, errors = [], []
    for path in paths:
        try:
            data = read_product(path, builtin=known)
        except UsageError as error:
            errors.append(error)
            continue
        known[data["product"]] = data
        lines.append(f"{path}: valid: {_counted(data)}")
    return lines, errors


def _counted(data: Data) -> str:
    counts = {
        "component": len(data.get("components", ())),
        "row": sum(len(matrix["rows"]) for matrix in data.get("matrices", ())),
        "rule": sum(len(data.get(key, ())) for key in RULES),
        "image fact": sum(len(data.get(key, ())) for key in _IMAGES),
        "source": len(data["sources"]),
    }
    return ", ".join(f"{n} {word}{'s' * (n != 1)}" for word, n in counts.items() if n)
