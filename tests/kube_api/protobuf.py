"""Bodies in Kubernetes' protobuf, which typed clients send for the few kinds they write.

Both Helms store a release so, and kubectl from 1.32 on asks so what the user may do; none of them
tries again with JSON. Answers are always JSON: these clients take both.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from .objects import Object

MEDIA_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\0"

# A message's members by their field numbers, each with its name and kind: `text`, `base64`,
# `bool`, `time`, a `[]` before a repeated one, a `{}` before a map's values, or the name of
# another message. Members that are not listed are left out of the result.
_MESSAGES: dict[str, dict[int, tuple[str, str]]] = {
    "Unknown": {1: ("typeMeta", "TypeMeta"), 2: ("raw", "bytes")},
    "TypeMeta": {1: ("apiVersion", "text"), 2: ("kind", "text")},
    "ObjectMeta": {
        1: ("name", "text"),
        2: ("generateName", "text"),
        3: ("namespace", "text"),
        5: ("uid", "text"),
        6: ("resourceVersion", "text"),
        8: ("creationTimestamp", "time"),
        11: ("labels", "{}text"),
        12: ("annotations", "{}text"),
        13: ("ownerReferences", "[]OwnerReference"),
        14: ("finalizers", "[]text"),
    },
    "OwnerReference": {
        1: ("kind", "text"),
        3: ("name", "text"),
        4: ("uid", "text"),
        5: ("apiVersion", "text"),
        6: ("controller", "bool"),
        7: ("blockOwnerDeletion", "bool"),
    },
    "Secret": {
        1: ("metadata", "ObjectMeta"),
        2: ("data", "{}base64"),
        3: ("type", "text"),
        4: ("stringData", "{}text"),
        5: ("immutable", "bool"),
    },
    "ConfigMap": {
        1: ("metadata", "ObjectMeta"),
        2: ("data", "{}text"),
        3: ("binaryData", "{}base64"),
        4: ("immutable", "bool"),
    },
    "Namespace": {1: ("metadata", "ObjectMeta")},
    "DeleteOptions": {4: ("propagationPolicy", "text"), 5: ("dryRun", "[]text")},
    "SelfSubjectAccessReview": {1: ("metadata", "ObjectMeta"), 2: ("spec", "ReviewSpec")},
    "ReviewSpec": {1: ("resourceAttributes", "ResourceAttributes")},
    "ResourceAttributes": {
        1: ("namespace", "text"),
        2: ("verb", "text"),
        3: ("group", "text"),
        4: ("version", "text"),
        5: ("resource", "text"),
        6: ("subresource", "text"),
        7: ("name", "text"),
    },
}


def decode_protobuf(body: bytes) -> Object:
    """The object of a protobuf body; raises ValueError for a kind that is not known here."""
    if not body.startswith(_MAGIC):
        raise ValueError("no Kubernetes protobuf")
    envelope = _message("Unknown", body[len(_MAGIC) :])
    head: Object = envelope["typeMeta"]
    if head.get("kind") not in _MESSAGES:
        raise ValueError(f"no {head.get('kind')} is expected in protobuf")
    return head | _message(head["kind"], envelope.get("raw", b""))


def _message(name: str, body: bytes) -> Object:
    members: Mapping[int, tuple[str, str]] = _MESSAGES[name]
    found: Object = {}
    for number, value in _fields(body):
        if number not in members:
            continue
        member, kind = members[number]
        if kind.startswith("[]"):
            found.setdefault(member, []).append(_value(kind[2:], value))
        elif kind.startswith("{}"):
            entry = dict(_fields(value))
            key = _value("text", entry.get(1, b""))
            found.setdefault(member, {})[key] = _value(kind[2:], entry.get(2, b""))
        else:
            found[member] = _value(kind, value)
    # An empty text stands for one that was not set.
    return {member: value for member, value in found.items() if value not in ("", None)}


def _value(kind: str, value: Any) -> Any:
    if kind == "text":
        return value.decode()
    if kind == "base64":
        return base64.b64encode(value).decode()
    if kind == "bool":
        return bool(value)
    if kind == "time":
        seconds = dict(_fields(value)).get(1)
        if not isinstance(seconds, int):
            return None
        return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _message(kind, value) if kind in _MESSAGES else value


def _fields(body: bytes) -> Iterator[tuple[int, Any]]:
    """Each field's number with its value: an int, or bytes."""
    place = 0
    while place < len(body):
        tag, place = _number(body, place)
        if tag & 7 == 0:
            value, place = _number(body, place)
            yield tag >> 3, value
        elif tag & 7 == 2:
            length, place = _number(body, place)
            yield tag >> 3, body[place : place + length]
            place += length
        else:
            raise ValueError(f"no wire type {tag & 7} is expected")


def _number(body: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = body[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
