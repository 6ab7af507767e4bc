"""Lists: selecting, pages with a continue token, and the three forms of an answer."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import NamedTuple

from .objects import Object, decode, encode
from .resources import Resource
from .selectors import field_tests, label_tests
from .status import StatusError
from .store import Store, Stored
from .tables import columns, row

_PARTIAL = b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":'


class Page(NamedTuple):
    """Some of a list's objects, and the list's metadata."""

    items: list[Stored]
    metadata: Object


def matcher(resource: Resource, query: Mapping[str, str]) -> Callable[[Stored], bool] | None:
    """Whether the request's selectors choose an object; None where it has none.

    Raises StatusError for a wrong selector.
    """
    known = dict.fromkeys(("metadata.name", "metadata.namespace", *resource.fields))
    by_label = label_tests(query.get("labelSelector", ""))
    by_field = field_tests(query.get("fieldSelector", ""), known)
    if not by_label and not by_field:
        return None
    return lambda item: (
        all(test(item.labels) for test in by_label) and all(test(item.fields) for test in by_field)
    )


def page(store: Store, resource: Resource, namespace: str, query: Mapping[str, str]) -> Page:
    """The page that `limit` and `continue` ask for; raises StatusError for a wrong token.

    All pages are of the first one's moment, unless a token without a version goes on.
    """
    limit = _number(query.get("limit", "0"))
    matches = matcher(resource, query)
    selectors = (query.get("labelSelector", ""), query.get("fieldSelector", ""))
    what = (*resource.family, namespace, *selectors)
    version, start, items = str(store.version), "", None
    if token := query.get("continue"):
        asked, start = read_token(token)
        version = asked or version
        items = store.pages.get((asked, *what))
    if items is None:
        items = store.family(resource.family, namespace)
        if matches is not None:
            items = [item for item in items if matches(item)]
        if limit:
            store.pages |= {(version, *what): items}
    if start:
        items = [item for item in items if _place(item) > start]
    metadata: Object = {"resourceVersion": version}
    if 0 < limit < len(items):
        metadata["continue"] = make_token(version, _place(items[limit - 1]))
        if matches is None:  # with selectors the real server does not count either
            metadata["remainingItemCount"] = len(items) - limit
        items = items[:limit]
    return Page(items, metadata)


def make_token(version: str, start: str) -> str:
    """A continue token; an empty version goes on with whatever there is then."""
    return base64.urlsafe_b64encode(encode({"rv": version, "start": start})).decode()


def read_token(token: str) -> tuple[str, str]:
    """Version and start of a continue token; raises StatusError where it is none of ours."""
    try:
        value = decode(base64.urlsafe_b64decode(token))
        return value["rv"], value["start"]
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise StatusError(400, f"continue key is not valid: {error}") from error


def write_list(resource: Resource, found: Page, form: str, query: Mapping[str, str]) -> bytes:
    """The page as JSON: plain, as `PartialObjectMetadataList`, or as `Table`."""
    if form == "Table":
        return _table(resource, found.items, found.metadata, query)
    if form == "PartialObjectMetadataList":
        head = {"kind": form, "apiVersion": "meta.k8s.io/v1", "metadata": found.metadata}
        return _join(head, [_PARTIAL + item.metadata + b"}" for item in found.items])
    head = {
        "kind": resource.kind + "List",
        "apiVersion": resource.api_version,
        "metadata": found.metadata,
    }
    if resource.custom:
        return _join(head, [item.whole(resource.api_version) for item in found.items])
    return _join(head, [item.body for item in found.items])


def write_one(resource: Resource, item: Stored, form: str, query: Mapping[str, str]) -> bytes:
    """One object as JSON: plain, as `PartialObjectMetadata`, or as `Table`."""
    if form == "Table":
        return _table(resource, [item], {}, query)
    if form == "PartialObjectMetadata":
        return _PARTIAL + item.metadata + b"}"
    return item.whole(resource.api_version)


def _join(head: Object, items: list[bytes]) -> bytes:
    return encode(head)[:-1] + b',"items":[' + b",".join(items) + b"]}"


def _table(
    resource: Resource, items: list[Stored], metadata: Object, query: Mapping[str, str]
) -> bytes:
    head = {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": columns(resource),
    }
    include = query.get("includeObject", "Metadata")
    rows = [_row(resource, item, include) for item in items]
    return encode(head)[:-1] + b',"rows":[' + b",".join(rows) + b"]}"


def _row(resource: Resource, item: Stored, include: str) -> bytes:
    line = b'{"cells":' + encode(row(resource, item.value(resource.api_version)))
    if include == "Object":
        line += b',"object":' + item.whole(resource.api_version)
    elif include == "Metadata":
        line += b',"object":' + _PARTIAL + item.metadata + b"}"
    return line + b"}"


def _place(item: Stored) -> str:
    # A zero byte sorts before all characters of a name, so places sort as keys do.
    return f"{item.key.namespace}\0{item.key.name}"


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise StatusError(400, f"strconv.ParseInt: parsing {text!r}: invalid syntax") from error
