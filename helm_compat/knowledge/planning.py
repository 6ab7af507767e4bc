"""What a plan knows besides: effects of steps, documented orders, how releases are delivered.

A render needs none of it, so that it is made apart from what the gate judges by.
"""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.knowledge.compatibility import ApiVersion, Conditions, Fact, Product
from helm_compat.knowledge.product import Source, evidence_of, sources_of
from helm_compat.knowledge.ranges import Range, parse_range
from helm_compat.knowledge.versions import Version, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

API = "api"


class Effect(NamedTuple):
    """What a crossing does: components that restart or whose data move, and when its task is."""

    restarts: tuple[str, ...]
    moves_data: tuple[str, ...]
    task: str


NO_EFFECT = Effect((), (), "")


class Mark(NamedTuple):
    """What a change of one of `changes` leaves behind in `within`, and `needed` needs."""

    fact: Fact
    title: str
    within: Conditions
    changes: tuple[str, ...]
    needed: Conditions


class Order(NamedTuple):
    """The documented order of the steps around one to `to`."""

    fact: Fact
    component: str
    to: Range
    order: tuple[str, ...]


class Waypoint(NamedTuple):
    """A stop that a plan makes: to `to` only from `source_range`."""

    fact: Fact
    component: str
    to: Range
    source_range: Range


class WrittenAs(NamedTuple):
    """The API versions that objects are written in, oldest first."""

    fact: Fact
    title: str
    versions: tuple[ApiVersion, ...]


class Delivery(NamedTuple):
    """How a release gets into a cluster.

    `images` hold `{version}`; `tags` are the releases' tags of the image `beside`. `charts` are
    the chart's name and version by release where these are known, else `chart` is its name.
    `settings` are pairs of a chart value and what it is set to. `object` is group, kind and the
    field of the image.
    """

    component: str
    images: tuple[str, ...]
    beside: str
    tags: dict[str, str]
    chart: str
    charts: dict[str, str]
    keeps_chart: bool
    chart_images: tuple[str, ...]
    crds: str
    settings: tuple[tuple[str, str], ...]
    object: tuple[str, str, str] | None
    evidence: tuple[Source, ...]


class Planning(NamedTuple):
    """Everything of one product that only a plan needs.

    `shipped` are releases of a component that were shipped with an operator.
    """

    effects: dict[str, Effect]
    marks: tuple[Mark, ...]
    orders: tuple[Order, ...]
    waypoints: tuple[Waypoint, ...]
    written_as: WrittenAs | None
    deliveries: dict[str, Delivery]
    shipped: dict[str, tuple[Version, ...]]


def build_planning(data: dict[str, Any], product: Product) -> Planning:
    """Make the values of one product file, which the schema and the checks have found valid."""
    sources = sources_of(data)

    def fact(entry: dict[str, Any], rule: str) -> Fact:
        return Fact(
            entry.get("id", ""),
            rule,
            "error",
            entry.get("message", ""),
            entry.get("hint", ""),
            evidence_of(entry, sources),
        )

    def conditions(entry: dict[str, str]) -> Conditions:
        return {name: product.components[name].range(text) for name, text in entry.items()}

    def span(component: str, text: str) -> Range:
        found = product.components[component]
        return parse_range(found.scheme, text, tags=found.tags)

    apis = {api.fact.id: api for api in product.api_versions}
    written = next(iter(data.get("written-as", ())), None)
    return Planning(
        {
            entry["crossing"]: Effect(
                tuple(entry.get("restarts", ())),
                tuple(entry.get("moves-data", ())),
                entry.get("task", ""),
            )
            for entry in data.get("effects", ())
        },
        tuple(
            Mark(
                fact(entry, "skipped-stop"),
                entry["title"],
                conditions(entry["while"]),
                tuple(entry["changes"]),
                conditions(entry["needed"]),
            )
            for entry in data.get("marks", ())
        ),
        tuple(
            Order(
                fact(entry, "skipped-stop"),
                entry["component"],
                span(entry["component"], entry["to"]),
                tuple(entry["order"]),
            )
            for entry in data.get("orders", ())
        ),
        tuple(
            Waypoint(
                fact(entry, "skipped-stop"),
                entry["component"],
                span(entry["component"], entry["to"]),
                span(entry["component"], entry["from"]),
            )
            for entry in data.get("waypoints", ())
        ),
        WrittenAs(
            fact(written, "unserved-api-version"),
            written["title"],
            tuple(apis[name] for name in written["versions"]),
        )
        if written
        else None,
        {
            entry["component"]: _delivery(entry, data, evidence_of(entry, sources))
            for entry in data.get("deliveries", ())
        },
        _shipped(data, product),
    )


def _delivery(
    entry: dict[str, Any], data: dict[str, Any], evidence: tuple[Source, ...]
) -> Delivery:
    record = data["components"][entry["component"]]
    beside = entry.get("tags-of", {})
    marks = record.get("detect", ())
    variable = beside.get("env", "")
    tags: dict[str, str] = next(
        (m["releases"] for m in marks if variable and m.get("env") == variable), {}
    )
    charts = {
        release["version"]: release["charts"][-1]
        for release in record.get("releases", ())
        if entry.get("charts-of-releases") and isinstance(release, dict) and "charts" in release
    }
    place = next((m for m in marks if "kind" in m and "path" in m), None)
    return Delivery(
        entry["component"],
        tuple(entry["images"]),
        beside.get("image", ""),
        {release: tag for tag, release in tags.items()},
        entry.get("chart", ""),
        charts,
        entry.get("keeps-chart", False),
        tuple(entry.get("chart-images", ())),
        entry.get("crds", ""),
        tuple((pair["value"], pair["to"]) for pair in entry.get("set", ())),
        (place["group"], place["kind"], place["path"]) if place else None,
        evidence,
    )


def _shipped(data: dict[str, Any], product: Product) -> dict[str, tuple[Version, ...]]:
    found: dict[str, tuple[Version, ...]] = {}
    for rule in product.current:
        operand = product.components[rule.operand]
        texts = [
            release[key]
            for release in data["components"][rule.operator].get("releases", ())
            for key in ("oldest-operand", "newest-operand")
            if isinstance(release, dict) and key in release
        ]
        versions = (read(operand.scheme, text) for text in dict.fromkeys(texts))
        found[rule.operand] = tuple(v for v in versions if v and "edge" not in v.flavour)
    return found
