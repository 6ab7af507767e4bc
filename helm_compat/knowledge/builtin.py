"""The product files that come with the package.

They are written as YAML, and compiled to JSON when the package is built, so that a render does
not parse YAML that never changes. A compiled file that does not match its sources is not used.
"""

from __future__ import annotations

import json
import os
import zlib

from helm_compat.knowledge.data import load
from helm_compat.knowledge.product import Knowledge, build

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FOLDER = os.path.join(os.path.dirname(os.path.dirname(__file__)), "products")
COMPILED = "compiled.json"


def read_products(folder: str = FOLDER) -> list[dict[str, Any]]:
    """Return the data of every product file of a folder, in the order of their names."""
    sources = _sources(folder)
    try:
        with open(os.path.join(folder, COMPILED), encoding="utf-8") as file:
            compiled = json.load(file)
    except (OSError, ValueError):
        compiled = {}
    if compiled.get("checksums") == _checksums(sources):
        products: list[dict[str, Any]] = compiled["products"]
        return products
    return [load(data.decode()) for data in sources.values()]  # type: ignore[misc]  # the schema says so


def compile_products(folder: str = FOLDER) -> None:
    """Write the compiled form of a folder's product files beside them."""
    sources = _sources(folder)
    compiled = {
        "checksums": _checksums(sources),
        "products": [load(data.decode()) for data in sources.values()],
    }
    target = os.path.join(folder, COMPILED)
    with open(f"{target}.new", "w", encoding="utf-8") as file:
        json.dump(compiled, file)
    os.replace(f"{target}.new", target)


def builtin_knowledge() -> Knowledge:
    """The knowledge of the built-in products."""
    return build(read_products())


def _sources(folder: str) -> dict[str, bytes]:
    result = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".yaml"):
            with open(os.path.join(folder, name), "rb") as file:
                result[name] = file.read()
    return result


def _checksums(sources: dict[str, bytes]) -> dict[str, int]:
    # This guards against forgetting to compile, not against an attacker.
    return {name: zlib.crc32(data) for name, data in sources.items()}
