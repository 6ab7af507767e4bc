"""The server as tests use it."""

from __future__ import annotations

import re
import ssl
import threading
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

import trustme

from .api import Api
from .defaults import complete, stamp
from .faults import Delay, Failure, Faults, Prohibition, Rule
from .objects import Object, copy, encode, meta
from .resources import NAMESPACE, Resource
from .server import Request, Server
from .settle import settle
from .store import Key, Store, Stored
from .writes import Writer

_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


@cache
def _authority() -> trustme.CA:
    return trustme.CA()


class KubeApi:
    """A Kubernetes API server on loopback, from `with KubeApi() as api` to the block's end.

    With a `token` it speaks https, because kubectl sends no token over http, and answers 401 to a
    request without it. With `run_jobs` each Job, and each Pod that is not restarted, is complete
    as soon as it is made. Without `aggregated` it knows only the older form of discovery.
    """

    def __init__(
        self,
        token: str | None = None,
        *,
        version: str = "v1.31.4",
        run_jobs: bool = True,
        aggregated: bool = True,
    ) -> None:
        """Listen; answers come from `__enter__` on."""
        self._store = Store()
        self._writer = Writer(self._store, run_jobs)
        self._faults = Faults()
        self._token = token
        api = Api(self._store, self._writer, self._faults, version, aggregated)
        self._server = Server(api, token, None if token is None else _context())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        scheme = "http" if token is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        for name in _NAMESPACES:
            self._namespace(name)

    def __enter__(self) -> KubeApi:
        """Serve."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def stop(self) -> None:
        """Close all connections; a second call does nothing."""
        if self._thread.is_alive():
            self._server.stop()
            self._thread.join()
        else:
            self._server.server_close()

    @property
    def certificate(self) -> bytes:
        """The PEM of the authority that a client of an https server trusts."""
        return _authority().cert_pem.bytes()

    @property
    def requests(self) -> list[Request]:
        """What was asked until now, in order; the list may be cleared."""
        return self._server.requests

    def kubeconfig(
        self,
        path: Path,
        *,
        context: str = "prod",
        namespace: str = "",
        token: str | None = None,
        server: str | None = None,
    ) -> Path:
        """Write a kubeconfig with one context and return its path; the token is the server's."""
        token = self._token if token is None else token
        cluster: Object = {"server": server or self.url}
        if self.url.startswith("https"):
            cluster["certificate-authority-data"] = b64encode(self.certificate).decode()
        place = {"cluster": context, "user": context}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [{"name": context, "cluster": cluster}],
            "users": [{"name": context, "user": {"token": token} if token else {}}],
            "contexts": [
                {
                    "name": context,
                    "context": place | ({"namespace": namespace} if namespace else {}),
                }
            ],
        }
        path.write_bytes(encode(config))
        path.chmod(0o600)
        return path

    def add(self, *objects: Mapping[str, Any]) -> None:
        """Store objects as they are, new or in place of what is there; make their namespaces.

        Raises ValueError for a kind that neither is built in nor has its CRD stored.
        """
        with self._store.lock:
            for item in objects:
                self._add(copy(dict(item)))

    def _add(self, target: Object) -> None:
        resource = self._store.resource_of(target)
        if resource.namespaced:
            self._namespace(meta(target).setdefault("namespace", "default"))
        complete(resource, target, run_jobs=False)
        metadata = meta(target)
        former = self._store.find(_key(resource, metadata.get("namespace", ""), metadata["name"]))
        stamp(resource, target, former.value() if former is not None else None)
        self._store.put(resource, target)

    def _namespace(self, name: str) -> None:
        if self._store.find(Key(*NAMESPACE.family, "", name)) is None:
            self._add({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    def get(self, kind: str, namespace: str, name: str) -> Object:
        """A copy of an object; `kind` is `Pod`, or `Kind.group` where several groups have one.

        Raises KeyError where there is none.
        """
        return self._stored(kind, namespace, name).value()

    def objects(self, kind: str | None = None) -> list[Object]:
        """Copies of all objects, or of a kind's, in order of group, resource, namespace, name."""
        with self._store.lock:
            found = list(self._store.all())
        return [item.value() for item in found if kind is None or _is_kind(item, kind)]

    def remove(self, kind: str, namespace: str, name: str) -> None:
        """Take an object away, with what it owns or contains; raises KeyError without one."""
        with self._store.lock:
            self._writer.remove(self._stored(kind, namespace, name))

    def _stored(self, kind: str, namespace: str, name: str) -> Stored:
        with self._store.lock:
            for item in self._store.all(lambda key: key[2:] == (namespace, name)):
                if _is_kind(item, kind):
                    return item
        raise KeyError(f"{kind} {namespace}/{name}")

    def snapshot(self) -> dict[str, str]:
        """All objects as JSON texts by kind and place: equal to another if nothing was written."""
        with self._store.lock:
            return {
                f"{item.api_version} {item.kind} {item.key.namespace}/{item.key.name}": (
                    item.body.decode()
                )
                for item in self._store.all()
            }

    def settle(self, image_ids: Mapping[str, str] | None = None) -> None:
        """Do the controllers' work once: ReplicaSets, pods and statuses for the workloads.

        `image_ids` gives the imageID of an image; others get one made of their reference.
        """
        with self._store.lock:
            settle(self._writer, image_ids or {})

    def forbid(
        self,
        resource: str,
        group: str = "",
        namespace: str | None = None,
        verb: str | None = None,
    ) -> None:
        """Answer 403 for a resource: everywhere, or in one namespace, or (`""`) over all of them.

        `verb` is for example `list`; without one, every verb is forbidden.
        """
        self._faults.prohibitions.append(Prohibition(resource, group, namespace, verb))

    def expire_continue(self, times: int = 1) -> None:
        """Answer 410 to the next continue tokens, with one that goes on inconsistently."""
        self._faults.expirations = times

    def fail(
        self,
        path_regex: str,
        status: int,
        times: int | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> None:
        """Answer with this status, `times` times or always, where path and query match."""
        pattern = re.compile(path_regex)
        self._faults.failures.append(Failure(pattern, times, status, headers or {}, body))

    def delay(self, path_regex: str, seconds: float, times: int | None = None) -> None:
        """Wait before an answer, `times` times or always, where path and query match."""
        self._faults.delays.append(Delay(re.compile(path_regex), times, seconds))

    def drop(self, path_regex: str, times: int | None = None) -> None:
        """Close the connection in the middle of the body where path and query match."""
        self._faults.drops.append(Rule(re.compile(path_regex), times))


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _authority().issue_cert("127.0.0.1", "localhost").configure_cert(context)
    return context


def _key(resource: Resource, namespace: str, name: str) -> Key:
    return Key(*resource.family, namespace if resource.namespaced else "", name)


def _is_kind(item: Stored, kind: str) -> bool:
    name, _, group = kind.partition(".")
    return item.kind == name and (not group or item.key.group == group)
