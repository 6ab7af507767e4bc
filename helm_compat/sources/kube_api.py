"""Reads of the Kubernetes API over the socket of `kubectl proxy`: lists by pages, several at once.

https://kubernetes.io/docs/reference/using-api/api-concepts/
"""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import urlencode

from helm_compat.errors import CheckNotMade
from helm_compat.sources.kubectl import in_seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, TypeVar

    _T = TypeVar("_T")
    _R = TypeVar("_R")

PAGE = 500
AT_ONCE = 6

_JSON = "application/json"
# Names, labels and annotations without the rest.
_METADATA = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_SHORTEST_WAIT, _LONGEST_WAIT = 0.1, 5.0
_PIECE = 1 << 18

_EXPIRED = "The credentials have expired, or were never good here: kubectl get namespaces tells."
_UNREACHABLE = "kubectl get namespaces asks the same cluster."


class NotAnswered(Exception):
    """One question that the API server does not answer; the others may go on."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message

    @property
    def is_missing(self) -> bool:
        """Whether there is nothing of that name."""
        return self.status == 404


class Query(NamedTuple):
    """A list to read: its path, and which of it the server is to select.

    With `metadata_only` objects have no more than their metadata.
    """

    path: str
    labels: str = ""
    fields: str = ""
    metadata_only: bool = False


class _Answer(NamedTuple):
    status: int
    body: bytes
    is_json: bool
    retry_after: str


class Api:
    """One API server; `name` is how the user knows the cluster.

    `limit` is in seconds, for all questions together. Raises CheckNotMade when the cluster gives
    no answer at all, NotAnswered when it refuses one question.
    """

    def __init__(self, path: str, limit: float, name: str = "") -> None:
        self._path = path
        self._limit = limit
        self._deadline = time.monotonic() + limit
        self._local = threading.local()
        self._connections: list[_Connection] = []
        self._called = f"cluster {name}" if name else "the cluster"

    def close(self) -> None:
        """Close all connections, also those that wait for an answer; nothing can be asked again."""
        self._deadline = 0.0
        for connection in self._connections:
            connection.stop()

    def get(self, path: str) -> dict[str, Any]:
        """One object."""
        return self._ask(path, _JSON)

    def items(self, query: Query) -> list[dict[str, Any]]:
        """All objects of a list, page by page.

        Pages belong to one moment, which the server forgets in the end: then all is read at once.
        """
        try:
            return self._pages(query, PAGE)
        except NotAnswered as error:
            if error.status != 410:
                raise
        return self._pages(query, 0)

    def each(self, ask: Callable[[_T], _R], questions: Iterable[_T]) -> list[_R | NotAnswered]:
        """The answer to each question, several at a time, in the order of the questions."""

        def answer(question: _T) -> _R | NotAnswered:
            try:
                return ask(question)
            except NotAnswered as error:
                return error

        asked: Sequence[_T] = list(questions)
        if len(asked) < 2:
            return [answer(question) for question in asked]
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            return list(pool.map(answer, asked))
        except BaseException:
            # One answer says that there will be no others, or the user has had enough.
            self.close()
            raise
        finally:
            pool.shutdown(cancel_futures=True)

    def _pages(self, query: Query, size: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        parameters = {"labelSelector": query.labels, "fieldSelector": query.fields}
        parameters = {name: value for name, value in parameters.items() if value}
        if size:
            parameters["limit"] = str(size)
        while True:
            path = f"{query.path}?{urlencode(parameters)}" if parameters else query.path
            page = self._ask(path, _METADATA if query.metadata_only else _JSON)
            items = page.get("items") or []
            for item in items:
                # Who wrote which field is half of a pod, and tells nothing here.
                (item.get("metadata") or {}).pop("managedFields", None)
            found += items
            more = (page.get("metadata") or {}).get("continue")
            if not more:
                return found
            parameters["continue"] = more

    def _ask(self, path: str, accept: str) -> dict[str, Any]:
        while True:
            answer = self._send(path, accept)
            if answer.status == 200:
                return self._read(answer.body, path)
            # The server has too much to do, or is about to end; it says so before it does anything.
            if answer.status not in (429, 503) or not answer.retry_after.isdecimal():
                break
            seconds = min(max(float(answer.retry_after), _SHORTEST_WAIT), _LONGEST_WAIT)
            if seconds > self._left():
                raise self._late(path)
            time.sleep(seconds)
        if answer.status == 401:
            raise CheckNotMade(f"{self._called} does not know us: {_said(answer)}", hint=_EXPIRED)
        if answer.status >= 500 and not answer.is_json:
            # The words of kubectl, which could not ask.
            raise CheckNotMade(
                f"{self._called} cannot be reached: {_said(answer)}", hint=_UNREACHABLE
            )
        raise NotAnswered(answer.status, _said(answer))

    def _send(self, path: str, accept: str) -> _Answer:
        connection = self._connection()
        try:
            connection.limit(self._left())
            connection.request("GET", path, headers={"Accept": accept, "Host": "localhost"})
            response = connection.getresponse()
            kind = response.headers.get("Content-Type") or ""
            retry = response.headers.get("Retry-After") or ""
            return _Answer(response.status, self._body(response, connection), "json" in kind, retry)
        except TimeoutError as error:
            connection.close()
            raise self._late(path) from error
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            message = f"{self._called} broke off its answer to {path.partition('?')[0]}"
            raise CheckNotMade(message, hint=_UNREACHABLE) from error

    def _body(self, response: http.client.HTTPResponse, connection: _Connection) -> bytes:
        """All of an answer; one that trickles in counts against the same time."""
        pieces = []
        while piece := response.read1(_PIECE):
            pieces.append(piece)
            connection.limit(self._left())
        if response.length:
            raise http.client.IncompleteRead(b"", response.length)
        response.close()
        return b"".join(pieces)

    def _connection(self) -> _Connection:
        found = getattr(self._local, "connection", None)
        if not isinstance(found, _Connection):
            found = self._local.connection = _Connection(self._path)
            self._connections.append(found)
        return found

    def _left(self) -> float:
        return max(self._deadline - time.monotonic(), 0.001)

    def _late(self, path: str) -> CheckNotMade:
        return CheckNotMade(
            f"{self._called} did not answer in {in_seconds(self._limit)}",
            hint=f"The last question was {path.partition('?')[0]}; --cluster-timeout gives it more time.",
        )

    def _read(self, body: bytes, path: str) -> dict[str, Any]:
        try:
            data = json.loads(body)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            message = f"{self._called} answers {path.partition('?')[0]} with no JSON object"
            raise CheckNotMade(message, hint="Is the server that of Kubernetes?")
        return data


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket of the file system."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)

    def stop(self) -> None:
        """Close it under whoever waits for an answer."""
        if self.sock:
            with suppress(OSError):  # the other side was first
                self.sock.shutdown(socket.SHUT_RDWR)
        self.close()

    def limit(self, seconds: float) -> None:
        """Wait no longer than this for what comes next."""
        self.timeout = seconds
        if self.sock:
            self.sock.settimeout(seconds)


def _said(answer: _Answer) -> str:
    """The message of a Status, or the text that came instead."""
    try:
        status = json.loads(answer.body) if answer.is_json else None
    except ValueError:
        status = None
    if isinstance(status, dict) and status.get("message"):
        return str(status["message"])
    text = answer.body.decode(errors="replace").strip().split("\n")[0][:500]
    return text or f"HTTP status {answer.status}"
