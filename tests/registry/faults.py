"""A proxy in front of a registry, which answers itself where a test says so.

Registries do not fail on demand: at this seam, and only here, something stands for one.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple

from .server import Registry


@dataclass(frozen=True)
class Reply:
    """An answer of the proxy's own; with status 0 that of the registry, with these headers.

    A header whose value is None is left out.
    """

    status: int = 0
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class Cut:
    """The connection ends after so many bytes of the registry's answer."""

    after: int = 0


Fault = Reply | Cut


class Seen(NamedTuple):
    """A request to the proxy; the headers by lower-case names."""

    method: str
    path: str
    headers: dict[str, str]


class _Rule:
    def __init__(self, pattern: str, fault: Fault, times: int) -> None:
        self.pattern, self.fault, self.times = re.compile(pattern), fault, times


class FaultyProxy:
    """Forwards to a registry without TLS; `address` is where it is asked instead.

    Each answer comes `delay` seconds late, as that of a registry that is far away.
    """

    def __init__(self, registry: Registry, delay: float = 0) -> None:
        self.registry = registry
        self.delay = delay
        self.seen: list[Seen] = []
        self._rules: list[_Rule] = []
        self._lock = threading.Lock()
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.address = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FaultyProxy:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fail(self, pattern: str, fault: Fault, times: int = -1) -> None:
        """Answer requests whose `METHOD /path` matches so, always or a number of times."""
        with self._lock:
            self._rules.append(_Rule(pattern, fault, times))

    def fault_for(self, seen: Seen) -> Fault | None:
        """What is to go wrong with a request, which is noted."""
        with self._lock:
            self.seen.append(seen)
            for rule in self._rules:
                if rule.times and rule.pattern.search(f"{seen.method} {seen.path}"):
                    rule.times -= 1
                    return rule.fault
        return None


class _Handler(BaseHTTPRequestHandler):
    owner: FaultyProxy
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing; the proxy keeps what it has seen."""

    def _answer(self) -> None:
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            # skopeo names each kind of manifest in a line of its own.
            before = headers.get(name.lower())
            headers[name.lower()] = f"{before}, {value}" if before else value
        body = self._body(headers)
        time.sleep(self.owner.delay)
        fault = self.owner.fault_for(Seen(self.command, self.path, headers))
        if isinstance(fault, Reply) and fault.status:
            self._send(fault.status, "", dict(fault.headers), fault.body)
            return
        connection = HTTPConnection(self.owner.registry.address)
        try:
            headers.pop("transfer-encoding", None)
            headers["content-length"] = str(len(body))
            connection.request(self.command, self.path, body, headers)
            self._forward(connection.getresponse(), fault)
        except OSError:
            self.close_connection = True
        finally:
            connection.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815

    def _forward(self, answer: HTTPResponse, fault: Fault | None) -> None:
        data = answer.read()
        if isinstance(fault, Cut):
            data = data[: fault.after]
            self.close_connection = True
        changed: dict[str, str | None] = dict(answer.getheaders())
        if isinstance(fault, Reply):
            changed |= fault.headers
        self._send(answer.status, changed.get("Content-Length") or "", changed, data)

    def _send(
        self, status: int, length: str, headers: Mapping[str, str | None], body: bytes
    ) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if value is not None and name.lower() not in ("content-length", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length", "0")))
        data = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return data
