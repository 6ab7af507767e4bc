"""What was read of a cluster, as the API gave it, and what could not be read."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.gate.known import Gap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from helm_compat.knowledge.product import Kind


class Release(NamedTuple):
    """The newest deployed revision of a Helm release; empty texts where it could not be read."""

    namespace: str
    name: str
    chart: str = ""
    version: str = ""
    revision: int = 0


class Snapshot(NamedTuple):
    """All objects that matter, as dictionaries.

    `cluster` is the name by which the user knows it, `kubernetes` its version as it is written,
    `workloads` are Deployments and StatefulSets that run a component, `owned` those by which
    custom resources have their pods, `releases` are by namespace and name. `hidden` are the
    namespaces whose pods could not be read, `namespaces` those that alone were asked for, if any.
    """

    cluster: str
    kubernetes: str
    definitions: list[dict[str, Any]]
    workloads: list[dict[str, Any]]
    owned: list[dict[str, Any]]
    resources: dict[Kind, list[dict[str, Any]]]
    config_maps: list[dict[str, Any]]
    pods: list[dict[str, Any]]
    releases: dict[tuple[str, str], Release]
    gaps: tuple[Gap, ...]
    hidden: frozenset[str] = frozenset()
    namespaces: tuple[str, ...] = ()
