"""What the gate is given: what is installed by all sources, and how unknowns are taken."""

from __future__ import annotations

import os

from helm_compat.cli.options import Given
from helm_compat.config import Config, find_lock
from helm_compat.gate.instance import Instance
from helm_compat.gate.judge import Gate
from helm_compat.gate.scene import UNKNOWN
from helm_compat.knowledge.compatibility import Products
from helm_compat.knowledge.detections import build_detections

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def gate_settings(data: list[dict[str, Any]], given: Given, config: Config, folder: str) -> Gate:
    """Join all sources of what is installed; raises UsageError.

    `folder` is where a lock file stands when there is no configuration beside which it could.
    """
    products = Products(data)
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
    installed: tuple[Instance, ...] = ()
    if lock or given.get("installed") or config.values.get("installed"):
        # Where nobody says what is installed, nothing is to be read.
        from helm_compat.cli.installed_settings import read_sources

        installed = read_sources(given, config, lock, products)
    return Gate(products, build_detections(data), installed, policy, namespace)
