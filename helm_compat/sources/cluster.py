"""Read of a cluster what the products name, in three rounds of questions that go out together."""

from __future__ import annotations

import base64
import json
import zlib
from functools import partial
from typing import NamedTuple

from helm_compat.gate.known import EVERY_PLATFORM, Gap
from helm_compat.images.reference import InvalidReference, parse
from helm_compat.inventory.objects import (
    Key,
    containers,
    controller,
    helm_release,
    identity,
    key_of,
    metadata,
    pod_template,
)
from helm_compat.inventory.snapshot import Release, Snapshot
from helm_compat.knowledge.detections import Detections, Owner
from helm_compat.sources.kube_api import Api, NotAnswered, Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from helm_compat.knowledge.product import Kind

    Items = list[dict[str, Any]]

_CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

# Up to this many selections of one namespace are asked one by one, more as the whole namespace.
_FEW = 4


class Scope(NamedTuple):
    """What to read: of some namespaces only, with Helm's releases or without.

    `release_store` is where Helm keeps them: `secrets` or `configmaps`, empty for elsewhere.
    """

    namespaces: tuple[str, ...] = ()
    releases: bool = True
    release_store: str = "secrets"


class _Kind(NamedTuple):
    """A kind that the cluster serves: the API version to read it by, and its plural."""

    kind: Kind
    version: str
    plural: str


def read_cluster(api: Api, cluster: str, marks: Detections, scope: Scope) -> Snapshot:
    """Read all that the marks of the products point to; raises CheckNotMade.

    What the server refuses becomes a gap.
    """
    return _Reader(api, marks, scope).snapshot(cluster)


class _Reader:
    def __init__(self, api: Api, marks: Detections, scope: Scope) -> None:
        self._api = api
        self._marks = marks
        self._scope = scope
        self._gaps: list[Gap] = []
        self._hidden: set[str] = set()

    def snapshot(self, cluster: str) -> Snapshot:
        first: list[Callable[[], object]] = [
            self._version,
            partial(self._api.items, Query(_CRDS, metadata_only=True)),
            partial(self._namespaced, "apps/v1", "deployments"),
            partial(self._namespaced, "apps/v1", "statefulsets"),
        ]
        version, named, *lists = self._api.each(lambda ask: ask(), first)
        self._gap(version, "the version of Kubernetes", [EVERY_PLATFORM])
        running: Items = []
        for kind, answer in zip(("Deployment", "StatefulSet"), lists):
            self._gap(answer, f"{kind}s", self._with_images())
            running += [{**item, "apiVersion": "apps/v1", "kind": kind} for item in _items(answer)]
        definitions = self._definitions(named)
        resources = self._resources(definitions, known=not isinstance(named, NotAnswered))
        customs = [item for items in resources.values() for item in items]
        owners = {key_of(item) for item in customs}
        owned = [item for item in running if controller(item) in owners]
        others = (item for item in running if controller(item) not in owners)
        workloads = [item for item in others if self._runs(item)]
        unknown = owners if any(isinstance(answer, NotAnswered) for answer in lists) else set()
        return Snapshot(
            cluster,
            "" if isinstance(version, NotAnswered) else str(version),
            definitions,
            workloads,
            owned,
            resources,
            self._config_maps(workloads),
            self._pods([*workloads, *owned], customs, unknown),
            self._releases([*workloads, *customs, *definitions]),
            tuple(dict.fromkeys(self._gaps)),
            frozenset(self._hidden),
            self._scope.namespaces,
        )

    def _version(self) -> object:
        return self._api.get("/version").get("gitVersion", "")

    def _namespaced(self, version: str, plural: str, labels: str = "") -> Items:
        prefix = f"/apis/{version}" if "/" in version else f"/api/{version}"
        found: Items = []
        for path in self._paths(prefix, plural):
            found += self._api.items(Query(path, labels))
        return found

    def _paths(self, prefix: str, plural: str) -> list[str]:
        names = self._scope.namespaces
        return [f"{prefix}/namespaces/{name}/{plural}" for name in names] or [f"{prefix}/{plural}"]

    def _gap(self, answer: object, what: str, owners: Iterable[Owner] = ()) -> bool:
        """Note that something was not answered; says whether it was not."""
        if isinstance(answer, NotAnswered):
            self._gaps.append(Gap(what, answer.message, frozenset(owners)))
        return isinstance(answer, NotAnswered)

    def _with_images(self) -> set[Owner]:
        return {mark.owner for marks in self._marks.images.values() for mark in marks}

    def _runs(self, workload: dict[str, Any]) -> set[Owner]:
        """The components that a workload's containers may be, by the names of their images."""
        found = set()
        for container in containers(pod_template(workload)):
            names = _repository(container.get("image", ""))
            for mark in self._marks.images.get(names[-1], ()):
                if names[-len(mark.names) :] == mark.names:
                    found.add(mark.owner)
        return found

    def _inside(self, namespace: str, workloads: Items, customs: Items) -> set[Owner]:
        """The components that have an object in a namespace."""
        here = [identity(item) for item in customs if identity(item).namespace == namespace]
        kinds = {(owner.group, owner.kind) for owner in here}
        found = {mark.owner for kind in kinds for mark in self._marks.fields.get(kind, ())}
        return found.union(
            *(self._runs(item) for item in workloads if identity(item).namespace == namespace)
        )

    # --- Definitions, and the resources that they define ---

    def _definitions(self, named: Items | NotAnswered | object) -> Items:
        if self._gap(named, "CustomResourceDefinitions", self._served()):
            return []
        groups = self._groups()
        names = [metadata(item).get("name", "") for item in _items(named)]
        wanted = [name for name in names if name.partition(".")[2] in groups]
        found = []
        answers = self._api.each(lambda name: self._api.get(f"{_CRDS}/{name}"), wanted)
        for name, answer in zip(wanted, answers):
            if isinstance(answer, NotAnswered):
                # Between the list and the question it may have been removed.
                if not answer.is_missing:
                    owners = self._of_group(name.partition(".")[2])
                    self._gap(answer, f"CustomResourceDefinition {name}", owners)
            else:
                found.append(answer)
        return found

    def _groups(self) -> set[str]:
        marks = self._marks
        groups = {group for group, _ in (*marks.fields, *marks.kinds)} | {*marks.any_kind}
        groups |= {name.partition(".")[2] for name in marks.crds} | {*marks.groups}
        return groups | {mark.group for mark in marks.annotations}

    def _served(self) -> set[Owner]:
        """The components of products that judge which versions are served."""
        products = {product for products in self._marks.crds.values() for product in products}
        return {owner for owner in self._marks.owners if owner.product in products}

    def _of_group(self, group: str) -> set[Owner]:
        """The components of products that have marks in an API group."""
        marks = self._marks
        named = [
            mark.owner for (of, _), kind in marks.fields.items() if of == group for mark in kind
        ]
        named += [mark.owner for mark in marks.groups.get(group, ())]
        named += [mark.owner for mark in marks.annotations if mark.group == group]
        judged = [of for crd, of in marks.crds.items() if crd.partition(".")[2] == group]
        products = {owner.product for owner in named}.union(*judged)
        return {owner for owner in marks.owners if owner.product in products}

    def _resources(self, definitions: Items, *, known: bool) -> dict[Kind, Items]:
        served = _served(definitions) if known else dict(self._discovered())
        kinds = [served[kind] for kind in sorted(self._marks.fields) if kind in served]
        answers = self._api.each(
            lambda k: self._namespaced(f"{k.kind[0]}/{k.version}", k.plural), kinds
        )
        found = {}
        for kind, answer in zip(kinds, answers):
            group, name = kind.kind
            owners = {mark.owner for mark in self._marks.fields[kind.kind]}
            if not self._gap(answer, f"{name} ({group})", owners):
                found[kind.kind] = _items(answer)
        return found

    def _discovered(self) -> Iterator[tuple[Kind, _Kind]]:
        """What the API server itself says that it serves, where definitions may not be read."""
        groups = sorted({group for group, _ in self._marks.fields})
        answers = self._api.each(lambda group: self._api.get(f"/apis/{group}"), groups)
        served: list[tuple[str, str]] = []
        for group, answer in zip(groups, answers):
            if isinstance(answer, NotAnswered):
                if not answer.is_missing:
                    self._gap(answer, f"the kinds of {group}", self._of_group(group))
                continue
            # The preferred one comes last and wins; a kind may be of another version only.
            versions = [entry.get("version", "") for entry in answer.get("versions") or ()]
            best = (answer.get("preferredVersion") or {}).get("version", "")
            versions = sorted({*versions, best} - {""}, key=lambda version: version == best)
            served += [(group, version) for version in versions]
        paths = [f"/apis/{group}/{version}" for group, version in served]
        for (group, version), answer in zip(served, self._api.each(self._api.get, paths)):
            if isinstance(answer, NotAnswered):
                self._gap(answer, f"the kinds of {group}", self._of_group(group))
                continue
            for resource in answer.get("resources") or ():
                name = resource.get("name", "")
                if "/" not in name:
                    kind = group, resource.get("kind", "")
                    yield kind, _Kind(kind, version, name)

    # --- What belongs to the components that were found ---

    def _config_maps(self, workloads: Items) -> Items:
        """The ConfigMaps in which the operators that run keep their defaults."""
        wanted: dict[str, set[Owner]] = {}
        for workload in workloads:
            products = {owner.product for owner in self._runs(workload)}
            namespace = identity(workload).namespace
            for name, marks in self._marks.defaults.items():
                owners = {mark.owner for mark in marks if mark.owner.product in products}
                if owners:
                    wanted.setdefault(f"/api/v1/namespaces/{namespace}/configmaps/{name}", owners)
        found = []
        for (path, owners), answer in zip(
            sorted(wanted.items()), self._api.each(self._api.get, sorted(wanted))
        ):
            if not isinstance(answer, NotAnswered):
                found.append({**answer, "apiVersion": "v1", "kind": "ConfigMap"})
            elif not answer.is_missing:
                name = path.rpartition("/")[2]
                self._gap(answer, f"ConfigMap {path.split('/')[4]}/{name}", owners)
        return found

    def _pods(self, workloads: Items, customs: Items, unknown: Iterable[Key]) -> Items:
        """The pods of workloads; and all beside objects of which it is not known what is theirs."""
        owned = _selections(workloads)
        for owner in unknown:
            owned.setdefault(owner.namespace, set()).add("")
        queries = []
        for namespace, selectors in sorted(owned.items()):
            path = f"/api/v1/namespaces/{namespace}/pods"
            whole = "" in selectors or len(selectors) > _FEW
            queries += [Query(path)] if whole else [Query(path, s) for s in sorted(selectors)]
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for query, answer in zip(queries, self._api.each(self._api.items, queries)):
            namespace = query.path.split("/")[4]
            if isinstance(answer, NotAnswered):
                what = f"pods in namespace {namespace}"
                owners = frozenset(self._inside(namespace, workloads, customs))
                self._gaps.append(Gap(what, answer.message, owners, partial=True))
                self._hidden.add(namespace)
            for pod in _items(answer):
                whose = identity(pod)
                found[whose.namespace, whose.name] = pod
        return list(found.values())

    def _releases(self, items: Items) -> dict[tuple[str, str], Release]:
        names = sorted({helm_release(item) for item in items} - {("", "")})
        found = {name: Release(*name) for name in names}
        if not (self._scope.releases and names):
            return found
        if not self._scope.release_store:
            self._gaps.append(Gap("Helm releases", "HELM_DRIVER keeps them outside of the cluster"))
            return found
        by_namespace: dict[str, list[str]] = {}
        for namespace, name in names:
            by_namespace.setdefault(namespace, []).append(name)
        queries = []
        for namespace, inside in by_namespace.items():
            path = f"/api/v1/namespaces/{namespace}/{self._scope.release_store}"
            selected = [""] if len(inside) > _FEW else [f",name={name}" for name in inside]
            queries += [Query(path, f"owner=helm,status=deployed{more}") for more in selected]
        for query, answer in zip(queries, self._api.each(self._api.items, queries)):
            if not self._gap(answer, f"Helm releases in namespace {query.path.split('/')[4]}"):
                for item in _items(answer):
                    release = _release(item)
                    before = found.get(release[:2])
                    if before and before.revision < release.revision:
                        found[release[:2]] = release
        return found


def _items(answer: object) -> Items:
    return answer if isinstance(answer, list) else []


def _repository(image: object) -> tuple[str, ...]:
    try:
        return tuple(parse(str(image)).path.split("/"))
    except InvalidReference:
        return ("",)


def _served(definitions: Items) -> dict[Kind, _Kind]:
    """The kinds that definitions serve, by the version in which the objects are stored."""
    found = {}
    for item in definitions:
        spec = item.get("spec") or {}
        names = spec.get("names") or {}
        versions = [v for v in spec.get("versions") or () if v.get("served")]
        stored = [v for v in versions if v.get("storage")] or versions
        if stored:
            kind = spec.get("group", ""), names.get("kind", "")
            found[kind] = _Kind(kind, stored[0].get("name", ""), names.get("plural", ""))
    return found


def _selections(workloads: Items) -> dict[str, set[str]]:
    """The label selectors of the pods that workloads have, by namespace; "" for all pods."""
    found: dict[str, set[str]] = {}
    for item in workloads:
        selector = (item.get("spec") or {}).get("selector") or {}
        labels = selector.get("matchLabels") or {}
        plain = not selector.get("matchExpressions")
        text = ",".join(f"{key}={value}" for key, value in sorted(labels.items())) if plain else ""
        found.setdefault(identity(item).namespace, set()).add(text)
    return found


def _release(item: dict[str, Any]) -> Release:
    """One revision of a Helm release from the object that stores it.

    The record is JSON, packed by gzip, in base64: pkg/storage/driver/util.go in helm/helm.
    """
    labels = metadata(item).get("labels") or {}
    revision = str(labels.get("version", ""))
    release = Release(
        metadata(item).get("namespace", ""),
        labels.get("name", ""),
        revision=int(revision) if revision.isdecimal() else 0,
    )
    text = (item.get("data") or {}).get("release", "")
    try:
        # A Secret's data are in base64 once more.
        packed = base64.b64decode(text)
        if not packed.startswith(b"\x1f\x8b"):
            packed = base64.b64decode(packed)
        chart = json.loads(zlib.decompress(packed, wbits=31))["chart"]["metadata"]
        return release._replace(chart=str(chart["name"]), version=str(chart["version"]))
    except (ValueError, KeyError, TypeError, zlib.error):
        return release
