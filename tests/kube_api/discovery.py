"""What the server tells about itself: versions, groups, resources, and the least of OpenAPI."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .objects import Object
from .resources import Resource, by_priority

_STATUS_VERBS = ["get", "patch", "update"]


def version(text: str) -> Object:
    """The answer of /version for a version such as `v1.31.4`."""
    match = re.match(r"v(\d+)\.(\d+)", text)
    major, minor = match.groups() if match else ("", "")
    return {
        "major": major,
        "minor": minor,
        "gitVersion": text,
        "gitCommit": "0" * 40,
        "gitTreeState": "clean",
        "buildDate": "2025-01-01T00:00:00Z",
        "goVersion": "go1.23.0",
        "compiler": "gc",
        "platform": "linux/amd64",
    }


def versions_of(resources: Iterable[Resource]) -> dict[str, list[str]]:
    """Each group's versions in their order; the core group is the empty one."""
    found: dict[str, set[str]] = {}
    for resource in resources:
        found.setdefault(resource.group, set()).add(resource.version)
    return {group: by_priority(found[group]) for group in found}


def aggregated(resources: list[Resource], form: str, *, core: bool) -> Object:
    """All of /api or /apis in one answer; `form` is v2 or v2beta1."""
    items = []
    for name, names in versions_of(resources).items():
        if core is bool(name):
            continue
        listed = [_aggregated_version(resources, name, item) for item in names]
        items.append({"metadata": {"name": name} if name else {}, "versions": listed})
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{form}",
        "metadata": {},
        "items": items,
    }


def _aggregated_version(resources: list[Resource], group: str, name: str) -> Object:
    found = [item for item in resources if (item.group, item.version) == (group, name)]
    return {
        "version": name,
        "resources": [_aggregated_resource(item) for item in found],
        "freshness": "Current",
    }


def _aggregated_resource(item: Resource) -> Object:
    kind = {"group": item.group, "version": item.version, "kind": item.kind}
    told: Object = {
        "resource": item.plural,
        "responseKind": kind,
        "scope": "Namespaced" if item.namespaced else "Cluster",
        "singularResource": item.singular,
        "verbs": list(item.verbs),
        "shortNames": list(item.short_names),
        "categories": list(item.categories),
    }
    if item.status:
        told["subresources"] = [
            {"subresource": "status", "responseKind": kind, "verbs": _STATUS_VERBS}
        ]
    return told


def core_versions() -> Object:
    """The answer of /api to an older client."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": ""}],
    }


def groups(resources: Iterable[Resource]) -> Object:
    """The answer of /apis to an older client."""
    found = [_group(name, names) for name, names in versions_of(resources).items() if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def group(resources: Iterable[Resource], name: str) -> Object | None:
    """The answer of /apis/NAME; None for a group that is not served."""
    names = versions_of(resources).get(name)
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(name, names)} if names else None


def _group(name: str, names: list[str]) -> Object:
    listed = [{"groupVersion": f"{name}/{item}", "version": item} for item in names]
    return {"name": name, "versions": listed, "preferredVersion": listed[0]}


def resource_list(resources: Iterable[Resource], api_version: str) -> Object | None:
    """The answer of /api/v1 or /apis/GROUP/VERSION; None where that is not served."""
    listed = []
    for item in resources:
        if item.api_version != api_version:
            continue
        about: Object = {
            "name": item.plural,
            "singularName": item.singular,
            "namespaced": item.namespaced,
            "kind": item.kind,
            "verbs": list(item.verbs),
        }
        listed.append(
            {
                **about,
                **({"shortNames": list(item.short_names)} if item.short_names else {}),
                **({"categories": list(item.categories)} if item.categories else {}),
            }
        )
        if item.status:
            status = {"name": f"{item.plural}/status", "singularName": "", "verbs": _STATUS_VERBS}
            listed.append({**about, **status})
    if not listed:
        return None
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": api_version,
        "resources": listed,
    }


def openapi_paths(resources: Iterable[Resource]) -> Object:
    """The answer of /openapi/v3: where each group version is described."""
    places = sorted({_place(item) for item in resources})
    return {"paths": {place: {"serverRelativeURL": f"/openapi/v3/{place}"} for place in places}}


def openapi(resources: Iterable[Resource], place: str) -> Object | None:
    """The answer of /openapi/v3/PLACE: that the server itself validates what is patched."""
    found = [item for item in resources if _place(item) == place]
    if not found:
        return None
    paths = {_path(item): {"patch": _patch_operation(item)} for item in found}
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1"},
        "paths": paths,
        "components": {"schemas": {}},
    }


def _place(item: Resource) -> str:
    return f"apis/{item.api_version}" if item.group else "api/v1"


def _path(item: Resource) -> str:
    scope = "namespaces/{namespace}/" if item.namespaced else ""
    return f"/{_place(item)}/{scope}{item.plural}/{{name}}"


def _patch_operation(item: Resource) -> Object:
    names = ("dryRun", "fieldManager", "fieldValidation", "force")
    return {
        "operationId": f"patch{item.group.title()}{item.version.title()}{item.kind}",
        "parameters": [
            {"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}}
            for name in names
        ],
        "responses": {"200": {"description": "OK"}},
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": {
            "group": item.group,
            "version": item.version,
            "kind": item.kind,
        },
    }
