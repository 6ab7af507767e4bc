"""Real registries on loopback, images made for them, and a proxy that fails on demand."""

from __future__ import annotations

from .faults import Cut, Fault, FaultyProxy, Reply, Seen
from .images import DOCKER, OCI, Built, image, index
from .server import LOGIN, Logged, Registry, needs

__all__ = [
    "DOCKER",
    "LOGIN",
    "OCI",
    "Built",
    "Cut",
    "Fault",
    "FaultyProxy",
    "Logged",
    "Registry",
    "Reply",
    "Seen",
    "image",
    "index",
    "needs",
]
