"""What is known of a product family, as frozen values made from its data file."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.knowledge.paths import Path, parse_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class Source(NamedTuple):
    """Where a fact was read: a URL or the title of a document, and the date (ISO 8601)."""

    where: str
    read: str


class Prefix(NamedTuple):
    """With `--registry R`, names under `source` go to `R/to`."""

    source: str
    to: str
    product: str


class ImageField(NamedTuple):
    """A field of a custom resource that holds one whole reference, behind `scheme` if it has one."""

    path: Path
    scheme: str


class Split(NamedTuple):
    """One reference divided over several scalars.

    `registry`, `namespace` and `name` are the names of the keys (or environment variables) that
    hold the parts, empty where the product has none; `prefix` is one that holds registry and
    namespace together. `defaults` are the parts that the product fills in itself.
    """

    id: str
    path: Path | None
    registry: str
    namespace: str
    name: str
    prefix: str
    defaults: tuple[str, str, str]

    @property
    def roles(self) -> tuple[tuple[str, str], ...]:
        """The roles that this reference has, each with the name of its key or variable."""
        parts = (
            ("registry", self.registry),
            ("namespace", self.namespace),
            ("name", self.name),
            ("prefix", self.prefix),
        )
        return tuple((role, name) for role, name in parts if name)


class SecretField(NamedTuple):
    """A field that takes pull secrets.

    Its form is `object` {name}, `objects` [{name}], `name` or `names` [name]. `creates_parents`
    says that mappings above it may be added where they are missing.
    """

    path: Path
    form: str
    creates_parents: bool = False


class RunTimeImage(NamedTuple):
    """An image that an operator pulls by itself, so that no manifest holds it."""

    image: str
    by: str
    when_images: tuple[str, ...]
    when_kinds: tuple[tuple[str, str], ...]
    why: str
    override: str
    source: Source


class OptionalImages(NamedTuple):
    """Images that the vendor calls optional, where none but these ConfigMaps name them."""

    images: tuple[str, ...]
    config_maps: tuple[str, ...]
    source: Source


class Hazard(NamedTuple):
    """A relocation that a product is known to break on."""

    id: str
    images: tuple[str, ...]
    target_lacks: tuple[str, ...]
    registry_contains: str
    digest_without_tag: bool
    message: str
    source: Source


Kind = tuple[str, str]


class Knowledge(NamedTuple):
    """All products together, keyed by API group and kind where a fact belongs to one."""

    prefixes: tuple[Prefix, ...]
    image_fields: dict[Kind, tuple[ImageField, ...]]
    split_fields: dict[Kind, tuple[Split, ...]]
    split_environments: tuple[Split, ...]
    secret_fields: dict[Kind, tuple[SecretField, ...]]
    embedded_secrets: dict[str, SecretField]
    run_time_images: tuple[RunTimeImage, ...]
    hazards: tuple[Hazard, ...]
    optional_images: tuple[OptionalImages, ...] = ()


def build(products: Iterable[dict[str, Any]]) -> Knowledge:
    """Join the data of several product files, which the schema has found valid."""
    knowledge = Knowledge((), {}, {}, (), {}, {}, (), ())
    for data in products:
        sources = sources_of(data)
        _add_fields(knowledge, data)
        knowledge = knowledge._replace(
            prefixes=knowledge.prefixes + tuple(_prefixes(data)),
            split_environments=knowledge.split_environments
            + tuple(_split(entry) for entry in data.get("split-sites", ()) if "env" in entry),
            run_time_images=knowledge.run_time_images
            + tuple(_run_time(entry, sources) for entry in data.get("run-time-images", ())),
            hazards=knowledge.hazards
            + tuple(_hazard(entry, sources) for entry in data.get("hazards", ())),
            optional_images=knowledge.optional_images
            + tuple(_optional(entry, sources) for entry in data.get("optional-images", ())),
        )
    return knowledge


def sources_of(data: dict[str, Any]) -> dict[str, Source]:
    """The sources of a product file by the names that its facts use."""
    return {
        name: Source(entry.get("url") or entry["document"], entry["read"])
        for name, entry in data["sources"].items()
    }


def evidence_of(entry: dict[str, Any], sources: dict[str, Source]) -> tuple[Source, ...]:
    """The sources that an entry names, one or several."""
    names = entry.get("source", [])
    return tuple(sources[name] for name in ([names] if isinstance(names, str) else names))


def _prefixes(data: dict[str, Any]) -> Iterable[Prefix]:
    for entry in data.get("relocation", ()):
        yield Prefix(entry["from"], entry["to"], data["product"])


def _add_fields(knowledge: Knowledge, data: dict[str, Any]) -> None:
    for entry in data.get("image-sites", ()):
        key = entry["group"], entry["kind"]
        scheme = entry.get("scheme", "")
        fields = tuple(ImageField(parse_path(path), scheme) for path in entry["paths"])
        knowledge.image_fields[key] = knowledge.image_fields.get(key, ()) + fields
    for entry in data.get("split-sites", ()):
        if "fields" in entry:
            key = entry["group"], entry["kind"]
            knowledge.split_fields[key] = (*knowledge.split_fields.get(key, ()), _split(entry))
    for entry in data.get("pull-secrets", ()):
        key = entry["group"], entry["kind"]
        field = SecretField(
            parse_path(entry["path"]), entry["form"], entry.get("creates-parents", False)
        )
        knowledge.secret_fields[key] = (*knowledge.secret_fields.get(key, ()), field)
    for entry in data.get("embedded-pull-secrets", ()):
        for name in entry["config-maps"]:
            field = SecretField(parse_path(entry["path"]), entry["form"])
            knowledge.embedded_secrets[name] = field


def _split(entry: dict[str, Any]) -> Split:
    parts = entry.get("env") or entry["fields"]
    defaults = entry.get("defaults", {})
    return Split(
        id=entry["id"],
        path=parse_path(entry["path"]) if "path" in entry else None,
        registry=parts.get("registry", ""),
        namespace=parts.get("namespace", ""),
        name=parts.get("name", ""),
        prefix=parts.get("prefix", ""),
        defaults=(
            defaults.get("registry", ""),
            defaults.get("namespace", ""),
            defaults.get("name", ""),
        ),
    )


def _run_time(entry: dict[str, Any], sources: dict[str, Source]) -> RunTimeImage:
    return RunTimeImage(
        image=entry["image"],
        by=entry["by"],
        when_images=tuple(entry.get("when-image", ())),
        when_kinds=tuple((when["group"], when["kind"]) for when in entry.get("when-kind", ())),
        why=entry["why"],
        override=entry.get("override", ""),
        source=sources[entry["source"]],
    )


def _optional(entry: dict[str, Any], sources: dict[str, Source]) -> OptionalImages:
    return OptionalImages(
        tuple(entry["images"]), tuple(entry["config-maps"]), sources[entry["source"]]
    )


def _hazard(entry: dict[str, Any], sources: dict[str, Source]) -> Hazard:
    when = entry["when"]
    return Hazard(
        id=entry["id"],
        images=tuple(entry["images"]),
        target_lacks=tuple(when.get("target-lacks", ())),
        registry_contains=when.get("registry-contains", ""),
        digest_without_tag=when.get("digest-without-tag", False),
        message=entry["message"],
        source=sources[entry["source"]],
    )
