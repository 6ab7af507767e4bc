"""What the server answers to a request, apart from HTTP."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from . import discovery
from .faults import Faults
from .lists import make_token, matcher, page, read_token, write_list, write_one
from .objects import Object, decode, encode, look
from .protobuf import MEDIA_TYPE, decode_protobuf
from .resources import ACCESS_REVIEW
from .status import StatusError, expired, no_such_path
from .store import Event, Store, Stored
from .writes import Options, Target, Writer

USER = "test"
_JSON = "application/json"
_DISCOVERY = re.compile(r"/apis?(/|$)")
_VERBS = {"GET": "get", "POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


class Asked(NamedTuple):
    """A request."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Message
    body: bytes


@dataclass
class Answer:
    """A response; with `watch` its body is a stream of events."""

    status: int = 200
    body: bytes = b""
    content_type: str = _JSON
    headers: dict[str, str] = field(default_factory=dict)
    watch: Iterator[bytes | None] | None = None


class Watched(NamedTuple):
    """What a watch wants to hear of."""

    target: Target
    matches: Callable[[Stored], bool]
    form: str
    query: Mapping[str, str]

    def tells(self, event: Event) -> bool:
        """Whether the watch tells of this event."""
        key = event.stored.key
        return (
            key[:2] == self.target.resource.family
            and self.target.namespace in ("", key.namespace)
            and self.target.name in ("", key.name)
            and self.matches(event.stored)
        )

    def line(self, event: Event) -> bytes:
        """The event as a line of JSON."""
        item = write_one(self.target.resource, event.stored, self.form, self.query)
        return b'{"type":"' + event.kind.encode() + b'","object":' + item + b"}\n"


@dataclass
class Api:
    """The whole API over one store."""

    store: Store
    writer: Writer
    faults: Faults
    version: str
    aggregated: bool

    def answer(self, asked: Asked) -> Answer:
        """The answer to a request, be it an error."""
        try:
            with self.store.lock:
                return self._answer(asked)
        except StatusError as error:
            return Answer(error.code, encode(error.body), headers=error.headers)
        except Exception as error:  # a test's object that is no such thing, or a fault in here
            trace = "".join(traceback.format_exception(error))
            return Answer(500, encode(StatusError(500, f"Internal error occurred: {trace}").body))

    def _answer(self, asked: Asked) -> Answer:
        own = self._own(asked)
        if own is not None:
            return own
        target = _route(self.store, asked.path)
        verb = _verb(asked, target)
        self.faults.check(USER, verb, target.resource, target.namespace, target.name)
        if verb not in target.resource.verbs:
            raise StatusError(
                405, "the server does not allow this method on the requested resource"
            )
        if asked.method == "GET":
            return self._read(asked, target, verb)
        body = _body(asked)
        if target.resource == ACCESS_REVIEW:
            return Answer(201, encode(self._review(body)))
        return self._write(asked, target, verb, body)

    def _own(self, asked: Asked) -> Answer | None:
        """The answers about the server itself."""
        path = asked.path.rstrip("/")
        if path in ("/healthz", "/livez", "/readyz"):
            return Answer(body=b"ok", content_type="text/plain; charset=utf-8")
        if path == "/version":
            return Answer(body=encode(discovery.version(self.version)))
        if path.startswith("/openapi/"):
            return self._openapi(asked, path)
        if _DISCOVERY.match(path) is None:
            raise no_such_path()
        form = self._discovery_form(asked)
        if path in ("/api", "/apis") and form:
            core = path == "/api"
            told = discovery.aggregated(self.store.resources, form, core=core)
            kind = f"{_JSON};g=apidiscovery.k8s.io;v={form};as=APIGroupDiscoveryList"
            return Answer(body=encode(told), content_type=kind)
        return self._discovery(path)

    def _discovery_form(self, asked: Asked) -> str:
        for wanted in _accepted(asked):
            if self.aggregated and wanted.get("as") == "APIGroupDiscoveryList":
                return wanted["v"]
        return ""

    def _discovery(self, path: str) -> Answer | None:
        resources = self.store.resources
        parts = path.split("/")[1:]
        told: Object | None
        if path == "/api":
            told = discovery.core_versions()
        elif path == "/apis":
            told = discovery.groups(resources)
        elif parts == ["api", "v1"]:
            told = discovery.resource_list(resources, "v1")
        elif parts[0] == "apis" and len(parts) == 2:
            told = discovery.group(resources, parts[1])
        elif parts[0] == "apis" and len(parts) == 3:
            told = discovery.resource_list(resources, "/".join(parts[1:]))
        else:
            return None
        if told is None:
            raise no_such_path()
        return Answer(body=encode(told))

    def _openapi(self, asked: Asked, path: str) -> Answer:
        resources = self.store.resources
        if path == "/openapi/v3":
            return Answer(body=encode(discovery.openapi_paths(resources)))
        told = discovery.openapi(resources, path.removeprefix("/openapi/v3/"))
        if told is None:
            raise no_such_path()
        return Answer(body=encode(told))

    def _read(self, asked: Asked, target: Target, verb: str) -> Answer:
        form = _form(asked, many=not target.name)
        if verb == "watch":
            return Answer(watch=self._watch(asked, target))
        if target.name:
            return Answer(body=self._one(asked, target, self._stored(target), form))
        self._check_token(asked.query)
        found = page(self.store, target.resource, target.namespace, asked.query)
        return Answer(body=write_list(target.resource, found, form, asked.query))

    def _stored(self, target: Target) -> Stored:
        self.writer.existing(target)
        stored = self.store.find(target.key)
        assert stored is not None
        return stored

    def _one(self, asked: Asked, target: Target, stored: Stored, form: str) -> bytes:
        return write_one(target.resource, stored, form, asked.query)

    def _check_token(self, query: Mapping[str, str]) -> None:
        token = query.get("continue")
        if token and self.faults.expire():
            raise expired(make_token("", read_token(token)[1]))

    def _review(self, review: Object) -> Object:
        asked = look(review, "spec.resourceAttributes") or {}
        names = ("verb", "resource", "group", "namespace")
        review["status"] = {
            "allowed": self.faults.allowed(*(asked.get(name, "") for name in names))
        }
        return review

    def _write(self, asked: Asked, target: Target, verb: str, body: Any) -> Answer:
        options = _options(asked, body if verb.startswith("delete") else None)
        if verb == "create":
            return self._written(asked, target, self.writer.create(target, body, options), 201)
        if verb == "update":
            return self._written(asked, target, self.writer.update(target, body, options), 200)
        if verb == "patch":
            before = self.store.find(target.key)
            kind = asked.headers.get("Content-Type", "").partition(";")[0]
            stored = self.writer.patch(target, kind.removeprefix("application/"), body, options)
            return self._written(asked, target, stored, 200 if before is not None else 201)
        if verb == "delete":
            return self._deleted(target, self.writer.delete(target, options))
        found = page(self.store, target.resource, target.namespace, asked.query)
        for item in found.items:
            place = target._replace(namespace=item.key.namespace, name=item.key.name)
            if self.store.find(item.key) is not None:
                self.writer.delete(place, options)
        return Answer(body=write_list(target.resource, found, "", asked.query))

    def _written(self, asked: Asked, target: Target, stored: Stored, status: int) -> Answer:
        return Answer(status, self._one(asked, target, stored, _form(asked, many=False)))

    def _deleted(self, target: Target, stored: Stored) -> Answer:
        if self.store.find(target.key) is not None:
            return Answer(body=stored.whole(target.resource.api_version))
        about = {"name": target.name, "group": target.resource.group, "uid": stored.uid}
        told = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": {name: value for name, value in about.items() if value}
            | {"kind": target.resource.plural},
        }
        return Answer(body=encode(told))

    def _watch(self, asked: Asked, target: Target) -> Iterator[bytes | None]:
        """Lines of events; None where there is nothing to tell for the moment."""
        if "sendInitialEvents" in asked.query:
            message = "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"
            raise StatusError(422, message)
        known = self.store.events[-1].version if self.store.events else 0
        since = asked.query.get("resourceVersion", "")
        seen = int(since) if since.isdigit() and since != "0" else known
        matches = matcher(target.resource, asked.query) or (lambda item: True)
        first = self.store.family(target.resource.family) if since in ("", "0") else []
        events = [Event(known, "ADDED", item) for item in first]
        watched = Watched(target, matches, _form(asked, many=False), asked.query)
        return self._stream(watched, events, seen)

    def _stream(self, watched: Watched, events: list[Event], seen: int) -> Iterator[bytes | None]:
        while True:
            for event in filter(watched.tells, events):
                yield watched.line(event)
            with self.store.changed:
                events = self.store.since(seen)
                if not events:
                    self.store.changed.wait(0.05)
            if events:
                seen = events[-1].version
            else:
                yield None


def _route(store: Store, path: str) -> Target:
    """What a path is about; raises StatusError (404) where nothing serves it."""
    parts = [unquote(part) for part in path.strip("/").split("/")]
    group, version, rest = "", parts[1], parts[2:]
    if parts[0] == "apis":
        group, version, rest = parts[1], parts[2], parts[3:]
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces" and rest[2] not in ("status", "finalize"):
        namespace, rest = rest[1], rest[2:]
    resource = store.resource(group, version, rest[0]) if rest else None
    name, subresource = [*rest[1:3], "", ""][:2]
    known = ("", "status") if resource is not None and resource.status else ("",)
    if resource is None or len(rest) > 3 or subresource not in known:
        raise no_such_path()
    if bool(namespace) > resource.namespaced or (name and resource.namespaced > bool(namespace)):
        raise no_such_path()
    return Target(resource, namespace, name, subresource)


def _verb(asked: Asked, target: Target) -> str:
    verb = _VERBS.get(asked.method, "")
    if target.name:
        return verb
    if verb == "get":
        return "watch" if asked.query.get("watch") in ("true", "1") else "list"
    return "deletecollection" if verb == "delete" else verb


def _accepted(asked: Asked) -> Iterator[dict[str, str]]:
    """The media types that the client takes, each as its type and its parameters."""
    for part in (asked.headers.get("Accept") or "*/*").split(","):
        kind, *parameters = [item.strip() for item in part.split(";")]
        yield {"type": kind, **dict(item.split("=", 1) for item in parameters if "=" in item)}


def _form(asked: Asked, *, many: bool) -> str:
    """The first form the client takes that is known; raises StatusError (406) without any."""
    known = ("Table", "PartialObjectMetadataList" if many else "PartialObjectMetadata")
    for wanted in _accepted(asked):
        if wanted["type"] not in (_JSON, "*/*", "application/*"):
            continue
        if "as" not in wanted:
            return ""
        if wanted["as"] in known and wanted.get("v") == "v1":
            return wanted["as"]
    message = "only the following media types are accepted: application/json"
    raise StatusError(406, message)


def _body(asked: Asked) -> Any:
    kind = asked.headers.get("Content-Type", _JSON)
    read = decode_protobuf if kind == MEDIA_TYPE else decode
    if read is decode and "json" not in kind and "yaml" not in kind:
        message = (
            "the body of the request was in an unknown format - accepted media types include: "
            "application/json, application/yaml, application/vnd.kubernetes.protobuf"
        )
        raise StatusError(415, message)
    try:
        return read(asked.body) if asked.body else {}
    except (ValueError, IndexError) as error:
        raise StatusError(400, f"error decoding the body: {error}") from error


def _options(asked: Asked, body: Any) -> Options:
    query = asked.query
    body = body if isinstance(body, dict) else {}
    policy = query.get("propagationPolicy") or body.get("propagationPolicy")
    agent = asked.headers.get("User-Agent", "unknown").partition("/")[0]
    return Options(
        dry_run=query.get("dryRun") == "All" or "All" in (body.get("dryRun") or []),
        manager=query.get("fieldManager") or agent,
        force=query.get("force") == "true",
        orphan=policy == "Orphan",
    )


def parse_query(query: str) -> dict[str, str]:
    """The parameters of a query string; of one that stands twice, the last."""
    return dict(parse_qsl(query, keep_blank_values=True))
