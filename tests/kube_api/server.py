"""HTTP and TLS on loopback."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from .api import Answer, Api, Asked, parse_query
from .objects import encode
from .status import StatusError


class Request(NamedTuple):
    """A request that the server answered."""

    method: str
    path: str
    query: str
    accept: str
    status: int


class Server(ThreadingHTTPServer):
    """The listening socket, a thread for each connection, and an end to all of them."""

    daemon_threads = False  # so that the end waits for them
    request_queue_size = 128

    def __init__(self, api: Api, token: str | None, context: ssl.SSLContext | None) -> None:
        """Listen on a free port of 127.0.0.1."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.api = api
        self.token = token
        self.context = context
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection's requests, with TLS where that is wished."""
        self._open.add(request)
        try:
            if self.context is None:
                super().finish_request(request, client_address)
                return
            with self.context.wrap_socket(
                request, server_side=True, do_handshake_on_connect=False
            ) as secure:
                self._open.add(secure)
                try:
                    secure.do_handshake()
                    super().finish_request(secure, client_address)
                finally:
                    self._open.discard(secure)
        except OSError:
            pass  # the client has gone, or trusts no such certificate
        finally:
            self._open.discard(request)

    def stop(self) -> None:
        """Close all connections and wait for their threads."""
        self.stopping.set()
        self.shutdown()
        for connection in list(self._open):
            with suppress(OSError):  # closed by itself meanwhile
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_version = "kube-api"

    @property
    def api_server(self) -> Server:
        """The server this connection came to."""
        return cast(Server, self.server)

    def answer(self) -> None:
        """Read one request, answer it, and record it."""
        server = self.api_server
        place = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, place.path, parse_query(place.query), self.headers, body)
        server.stopping.wait(server.api.faults.delay(self.path))
        answer = self._answer(asked)
        accept = self.headers.get("Accept") or ""
        record = Request(self.command, place.path, place.query, accept, answer.status)
        server.requests.append(record)
        if answer.watch is not None:
            self._stream(answer, asked)
        else:
            self._send(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815

    def _answer(self, asked: Asked) -> Answer:
        server = self.api_server
        right = f"Bearer {server.token}"
        if server.token is not None and self.headers.get("Authorization") != right:
            return Answer(401, encode(StatusError(401, "Unauthorized").body))
        failure = server.api.faults.failure(self.path)
        if failure is not None:
            return Answer(failure.status, failure.answer(), headers=dict(failure.headers))
        return server.api.answer(asked)

    def _head(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Cache-Control", "no-cache, private")
        for name, value in answer.headers.items():
            self.send_header(name, value)

    def _send(self, answer: Answer) -> None:
        body = answer.body
        self._head(answer)
        self.send_header("Content-Length", str(len(body)))
        if self.api_server.api.faults.drop(self.path):
            body = body[: len(body) // 2]
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, answer: Answer, asked: Asked) -> None:
        """Send events until the client goes, its time is over, or the server stops."""
        assert answer.watch is not None
        self.close_connection = True
        self._head(answer)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        end = time.monotonic() + float(asked.query.get("timeoutSeconds") or 3600)
        for line in answer.watch:
            if line is not None:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            elif self._is_over(end):
                break
        self.wfile.write(b"0\r\n\r\n")

    def _is_over(self, end: float) -> bool:
        gone, _, _ = select.select([self.connection], [], [], 0)
        return bool(gone) or self.api_server.stopping.is_set() or time.monotonic() >= end

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Nothing: `requests` tells."""
