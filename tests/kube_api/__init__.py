"""A Kubernetes API server on loopback, for tests with the real kubectl and the real Helm."""

from __future__ import annotations

from .kube_api import KubeApi
from .server import Request

__all__ = ["KubeApi", "Request"]
