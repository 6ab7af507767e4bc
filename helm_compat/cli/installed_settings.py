"""What is installed, by the flags, the configuration and the lock file."""

from __future__ import annotations

import os

from helm_compat.cli.options import Given, texts
from helm_compat.config import Config
from helm_compat.errors import Place, UsageError
from helm_compat.gate.installed import read_installed
from helm_compat.gate.instance import Instance
from helm_compat.knowledge.compatibility import Products
from helm_compat.lock_file import read_lock


def read_sources(
    given: Given, config: Config, lock: str | None, products: Products
) -> tuple[Instance, ...]:
    """Join all sources of what is installed; raises UsageError."""
    return _overlaid(
        [
            _from_flags(given, products),
            _from_config(config, products),
            _from_lock(lock, products) if lock else [],
        ]
    )


def _overlaid(layers: list[list[Instance]]) -> tuple[Instance, ...]:
    """Of each component what the first layer says that speaks of it."""
    found: list[Instance] = []
    for layer in layers:
        known = {(i.product, i.component) for i in found}
        found += [i for i in layer if (i.product, i.component) not in known]
    return tuple(found)


def _from_flags(given: Given, products: Products) -> list[Instance]:
    found = []
    for text in texts(given, "installed"):
        name, equals, version = text.partition("=")
        origin = f"--installed {text}"
        if not equals or not version:
            raise UsageError(f"{origin}: wants PRODUCT/COMPONENT=VERSION")
        found += read_installed(name, version, origin, products)
    return [instance._replace(origin="--installed") for instance in found]


def _from_config(config: Config, products: Products) -> list[Instance]:
    entries = config.values.get("installed", [])
    assert isinstance(entries, list)
    found = []
    for name, version, place in entries:
        entry = read_installed(name, version, "", products, place=place)
        found += [instance._replace(origin=_shown(place)) for instance in entry]
    return found


def _from_lock(path: str, products: Products) -> list[Instance]:
    lock = read_lock(path)
    cluster = f", cluster {lock.cluster}" if lock.cluster else ""
    found = []
    for locked in lock.components:
        whose = f", {locked.owner}" if locked.owner.name else ""
        origin = f"{_shown(locked.place)}{whose}{cluster}"
        entry = read_installed(
            locked.name,
            locked.version,
            "",
            products,
            place=locked.place,
            owner=locked.owner,
            strict=False,
        )
        found += [i._replace(origin=origin, image=locked.image or i.image) for i in entry]
    return found


def _shown(place: Place) -> str:
    return f"{os.path.basename(place.file)}:{place.line}"
