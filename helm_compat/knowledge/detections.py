"""How the components of all products are recognised in manifests: one index for a whole run."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from helm_compat.knowledge.paths import Path, parse_path
from helm_compat.knowledge.product import Kind, Source, evidence_of, sources_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class Owner(NamedTuple):
    """The component that a mark points to."""

    product: str
    component: str


class ImageMark(NamedTuple):
    """A component that runs in a pod, told by the last components of its image's repository.

    `label` is a label of the object and `argument` a flag of the container that give the release
    where the tag does not. `watches` names the environment variable with the namespaces that an
    operator serves. `clue` is a variable whose value, an image, hints at the release: the tags of
    that image, each with the release that has it by default.
    """

    owner: Owner
    names: tuple[str, ...]
    label: str = ""
    argument: str = ""
    watches: str = ""
    clue: str = ""
    clue_releases: tuple[tuple[str, str], ...] = ()


class FieldMark(NamedTuple):
    """A component told by the image reference in a field of a custom resource.

    `running` are fields of the status with the reference that runs.
    """

    owner: Owner
    path: Path
    running: tuple[Path, ...] = ()


class DefaultMark(NamedTuple):
    """A component told by the reference that an operator's ConfigMap gives for all who name none."""

    owner: Owner
    path: str


class AnnotationMark(NamedTuple):
    """A component told by an annotation on the CustomResourceDefinitions of an API group."""

    owner: Owner
    group: str
    key: str
    must_equal: bool
    evidence: tuple[Source, ...]


class GroupMark(NamedTuple):
    """What the API group of CustomResourceDefinitions says of a component: a range of releases."""

    owner: Owner
    says: str


class Detections(NamedTuple):
    """All marks, keyed by what is looked up first.

    `images` by the last component of a repository, `fields` by group and kind, `defaults` by the
    name of a ConfigMap, `groups` by the group of CustomResourceDefinitions. `kinds` are the kinds
    whose objects are judged, `any_kind` the groups of which all are, `crds` the
    CustomResourceDefinitions whose served versions matter: each with the products that judge them.
    """

    images: dict[str, tuple[ImageMark, ...]]
    fields: dict[Kind, tuple[FieldMark, ...]]
    defaults: dict[str, tuple[DefaultMark, ...]]
    annotations: tuple[AnnotationMark, ...]
    groups: dict[str, tuple[GroupMark, ...]]
    kinds: dict[Kind, tuple[str, ...]]
    any_kind: dict[str, tuple[str, ...]]
    crds: dict[str, tuple[str, ...]]

    @property
    def owners(self) -> set[Owner]:
        """All components that a manifest, or a cluster, may show."""
        owners = {mark.owner for marks in self.images.values() for mark in marks}
        owners |= {mark.owner for marks in self.fields.values() for mark in marks}
        return owners | {mark.owner for marks in self.defaults.values() for mark in marks}


def build_detections(products: Iterable[dict[str, Any]]) -> Detections:
    """Join the marks of several product files, which the schema has found valid."""
    found = Detections({}, {}, {}, (), {}, {}, {}, {})
    for data in products:
        sources = sources_of(data)
        for name, component in data.get("components", {}).items():
            owner = Owner(data["product"], name)
            watches = component.get("watches", {}).get("env", "")
            records = component.get("detect", ())
            for record in records:
                found = _add(found, owner, record, watches, sources)
        _add_judged(found, data)
    return found


def _add_judged(found: Detections, data: dict[str, Any]) -> None:
    product = data["product"]
    crossings = (entry["field"] for entry in data.get("crossings", ()) if "field" in entry)
    for entry in (*data.get("fields", ()), *data.get("api-versions", ()), *crossings):
        if entry["kind"] == "any":
            _put(found.any_kind, entry["group"], product)
        else:
            _put(found.kinds, (entry["group"], entry["kind"]), product)
    for entry in data.get("served-apis", ()):
        _put(found.crds, entry["crd"], product)


_Key = TypeVar("_Key")


def _put(found: dict[_Key, tuple[str, ...]], key: _Key, product: str) -> None:
    if product not in found.get(key, ()):
        found[key] = (*found.get(key, ()), product)


def _add(
    found: Detections,
    owner: Owner,
    record: dict[str, Any],
    watches: str,
    sources: dict[str, Source],
) -> Detections:
    if "images" in record:
        for image in record["images"]:
            names = tuple(image.split("/"))
            marks = {(m.owner, m.names): m for m in found.images.get(names[-1], ())}
            mark = marks.get((owner, names), ImageMark(owner, names, watches=watches))
            marks[owner, names] = mark._replace(
                label=record.get("label", mark.label),
                argument=record.get("argument", mark.argument),
                clue=record.get("env", mark.clue),
                clue_releases=tuple(record.get("releases", dict(mark.clue_releases)).items()),
            )
            found.images[names[-1]] = tuple(marks.values())
    elif "config-map" in record:
        name = record["config-map"]
        default = DefaultMark(owner, f"data.{record['key']}#{record['path']}")
        found.defaults[name] = (*found.defaults.get(name, ()), default)
    elif "crd-annotation" in record:
        annotation = AnnotationMark(
            owner,
            record["group"],
            record["crd-annotation"],
            record.get("must-equal", False),
            evidence_of(record, sources),
        )
        return found._replace(annotations=(*found.annotations, annotation))
    elif "crd-group" in record:
        group = record["crd-group"]
        says = GroupMark(owner, record["says"])
        found.groups[group] = (*found.groups.get(group, ()), says)
    else:
        kind = record["group"], record["kind"]
        running = tuple(parse_path(path) for path in record.get("running", ()))
        field = FieldMark(owner, parse_path(record["path"]), running)
        found.fields[kind] = (*found.fields.get(kind, ()), field)
    return found
