"""What is installed, by the flags, the configuration, the cluster and the lock file."""

from __future__ import annotations

import os
from typing import NamedTuple

from helm_compat.cli.options import Given, texts
from helm_compat.config import Config
from helm_compat.errors import Place, UsageError
from helm_compat.gate.installed import PLATFORM, read_installed
from helm_compat.gate.instance import Instance, is_equal
from helm_compat.gate.known import NOTHING_KNOWN, Gap, Surroundings, annotations_of
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.detections import Detections, Owner
from helm_compat.lock_file import UNKNOWN_VERSION, Lock, LockedComponent, read_lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Layer(NamedTuple):
    """What one source says is installed."""

    instances: Sequence[Instance]
    known: Surroundings = NOTHING_KNOWN


def read_sources(
    given: Given,
    config: Config,
    cluster: Layer | None,
    lock: str | None,
    products: Products,
    marks: Detections,
) -> Layer:
    """Join all sources of what is installed, the first that speaks of a component wins.

    Raises UsageError.
    """
    layers = [_from_flags(given, products), _from_config(config, products)]
    if cluster:
        layers.append(cluster)
    if lock and not (cluster and cluster.known.complete and not cluster.known.gaps):
        layers.append(_from_lock(read_lock(lock), products, marks))
    return _overlaid(layers)


def _overlaid(layers: list[Layer]) -> Layer:
    """Of each component what the first layer says that speaks of it.

    A complete layer speaks of every component but those in its gaps.
    """
    found: list[Instance] = []
    above: list[Surroundings] = []
    for layer in layers:
        known = {(i.product, i.component) for i in found}
        found += [
            i
            for i in layer.instances
            if (i.product, i.component) not in known
            and not any(each.tells(Owner(i.product, i.component)) for each in above)
        ]
        above.append(layer.known)
    return Layer(tuple(found), _joined(above))


def _joined(layers: list[Surroundings]) -> Surroundings:
    """The first complete layer, with the gaps of those above it that are none."""
    gaps: tuple[Gap, ...] = ()
    for known in layers:
        if known.complete:
            return known._replace(gaps=(*gaps, *known.gaps))
        gaps += known.gaps
    return Surroundings(", ".join(filter(None, (k.source for k in layers))), False, (), gaps)


def _from_flags(given: Given, products: Products) -> Layer:
    found = []
    for text in texts(given, "installed"):
        name, equals, version = text.partition("=")
        origin = f"--installed {text}"
        if not equals or not version:
            raise UsageError(f"{origin}: wants PRODUCT/COMPONENT=VERSION")
        found += read_installed(name, version, origin, products)
    return Layer([instance._replace(origin="--installed") for instance in found])


def _from_config(config: Config, products: Products) -> Layer:
    entries = config.values.get("installed", [])
    assert isinstance(entries, list)
    found = []
    for name, version, place in entries:
        entry = read_installed(name, version, "", products, place=place)
        found += [instance._replace(origin=_shown(place)) for instance in entry]
    return Layer(found)


def _from_lock(lock: Lock, products: Products, marks: Detections) -> Layer:
    cluster = f", cluster {lock.cluster}" if lock.cluster else ""
    file = os.path.basename(lock.path)
    found = [i for locked in lock.components for i in _locked(locked, cluster, products)]
    if lock.kubernetes:
        entry = read_installed(
            PLATFORM, lock.kubernetes, f"{file}: kubernetes", products, strict=False
        )
        found += [instance._replace(origin=f"{file}{cluster}") for instance in entry]
    gaps = tuple(
        Gap(
            gap.what,
            gap.why,
            frozenset(Owner(*_parts(name)) for name in gap.names),
            gap.partial,
        )
        for gap in lock.gaps
    )
    # Only a list with names is one of all that there is.
    complete = any(i.is_named for i in found)
    source = f"{file}{cluster}"
    seen = annotations_of(lock.crds, marks.annotations, products, source)
    return Layer(found, Surroundings(source, complete, lock.crds, gaps, seen))


def _locked(locked: LockedComponent, cluster: str, products: Products) -> list[Instance]:
    whose = f", {locked.owner}" if locked.owner.name else ""
    found: list[Instance] = []
    wanted: list[Instance] = []
    for number, version in enumerate((locked.version, *locked.running)):
        entry = read_installed(
            locked.name,
            version,
            "",
            products,
            place=locked.place,
            owner=locked.owner,
            strict=False,
        )
        if version == UNKNOWN_VERSION and not (number or locked.image):
            entry = [i._replace(problem="absent", written="") for i in entry]
        image = "" if number else locked.image
        origin = f"{_shown(locked.place)}{whose}{cluster}"
        watches = locked.watches or None
        default = locked.owner.kind == "ConfigMap"
        entry = [
            i._replace(origin=origin, image=image or i.image, watches=watches, default=default)
            for i in entry
        ]
        wanted = wanted or entry
        found += [i for i in entry if not (number and any(is_equal(i, w) for w in wanted))]
    return found


def _parts(name: str) -> tuple[str, str]:
    product, slash, component = name.rpartition("/")
    return (product, component) if slash else ("", component)


def _shown(place: Place) -> str:
    return f"{os.path.basename(place.file)}:{place.line}"
