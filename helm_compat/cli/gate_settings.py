"""What the gate is given: what is installed by all sources, and how unknowns are taken."""

from __future__ import annotations

import os

from helm_compat.cli.options import Given
from helm_compat.config import Config, find_lock
from helm_compat.gate.judge import Gate
from helm_compat.gate.scene import UNKNOWN
from helm_compat.images.found import Scope
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.detections import build_detections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def gate_settings(
    data: list[dict[str, Any]],
    given: Given,
    values: Given,
    config: Config,
    folder: str,
    scope: Scope,
) -> Gate:
    """Join all sources of what is installed; raises UsageError, and CheckNotMade for the cluster.

    `folder` is where a lock file stands when there is no configuration beside which it could.
    """
    products = Products(data)
    marks = build_detections(data)
    namespace = given.get("namespace", config.values.get("namespace", ""))
    assert isinstance(namespace, str)
    policy = dict.fromkeys(UNKNOWN, "warn")
    configured = config.values.get("policy.on-unknown", {})
    assert isinstance(configured, dict)
    policy |= configured
    word = given.get("on-unknown")
    if isinstance(word, str):
        policy = dict.fromkeys(UNKNOWN, word)
    lock = find_lock(os.path.dirname(config.path) if config.path else folder)
    asked = str(values.get("cluster", "never"))
    if not (asked != "never" or lock or given.get("installed") or config.values.get("installed")):
        # Where nobody says what is installed, nothing is to be read.
        return Gate(products, marks, (), policy, namespace)
    from helm_compat.cli.installed_settings import read_sources

    cluster = None
    if asked != "never":
        # Few renders ask a cluster.
        from helm_compat.cli.cluster_settings import cluster_layer

        cluster = cluster_layer(asked, values, marks, products, scope)
    layer = read_sources(given, config, cluster, lock, products, marks)
    return Gate(products, marks, tuple(layer.instances), policy, namespace, layer.known)
