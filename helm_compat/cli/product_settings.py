"""The products that a run knows, and what its user wants to hear no more of."""

from __future__ import annotations

import os

from helm_compat.cli.options import Given, texts
from helm_compat.config import Config
from helm_compat.errors import UsageError
from helm_compat.knowledge.builtin import read_products

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from helm_compat.suppress import Suppression


def product_data(given: Given, config: Config) -> list[dict[str, Any]]:
    """The data of all products: the built-in ones with the user's files over them."""
    data = read_products()
    configured, named = _configured(config), texts(given, "products")
    if not configured and not named:
        return data
    # Most runs have no files of their own, and the checks take a while to import.
    from helm_compat.knowledge.product_file import add_products

    known = {os.path.realpath(path) for path in configured}
    new = [path for path in named if os.path.realpath(path) not in known]
    return add_products(add_products(data, configured), new)


def suppressions(config: Config) -> list[Suppression]:
    """The suppressions of a configuration."""
    entries = config.values.get("suppress", [])
    assert isinstance(entries, list)
    if not entries:
        return []
    from helm_compat.suppress import Suppression

    found = [Suppression(*entry) for entry in entries]
    # A message that is kept, as in a baseline, is to be the same on every machine.
    return [s._replace(place=s.place._replace(file=os.path.relpath(s.place.file))) for s in found]


def _configured(config: Config) -> list[str]:
    patterns = config.values.get("products", [])
    assert isinstance(patterns, list)
    if not patterns:
        return []
    from glob import escape, glob

    folder = os.path.dirname(config.path)
    paths = []
    for pattern in patterns:
        found = sorted(glob(os.path.join(escape(folder), pattern), recursive=True))
        if not found:
            raise UsageError(
                f"products: no file is named {pattern}",
                place=config.places["products"],
                hint="Paths are relative to the configuration file.",
            )
        paths += found
    return paths
