"""The values of configuration keys, read from nodes: each reader says what it wants instead."""

from __future__ import annotations

import re
from typing import NamedTuple

from helm_compat.catalogue import FAILURES, RULES
from helm_compat.findings import SEVERITIES
from helm_compat.gate.scene import UNKNOWN
from helm_compat.knowledge.paths import InvalidPath, parse_path
from helm_compat.knowledge.words import did_you_mean
from helm_compat.nodes import Mapping, Node, Scalar, Sequence, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = (*SEVERITIES, "never")
POLICIES = ("error", "warn", "ignore")

# Rules whose severity a configuration may change: those that come from a result.
ADJUSTABLE = tuple(rule for rule in RULES if rule not in FAILURES)

_group = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*|", re.ASCII)
_whole_number = re.compile("[1-9][0-9]{0,17}", re.ASCII)
_kind = re.compile(r"[A-Z][A-Za-z0-9]*", re.ASCII)
_day = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", re.ASCII)
_boolean = {w: v for v, t in ((True, "true"), (False, "false")) for w in (t, t.title(), t.upper())}


class Fault(ValueError):
    """A value that is wrong, the place of it, and what to do."""

    def __init__(self, node: Node, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.offset = resolve(node).start
        self.message = message
        self.hint = hint


class Entry(NamedTuple):
    """One entry of a list or mapping that needs its place later: its words, and the offset."""

    words: tuple[str, ...]
    offset: int


def string(node: Node) -> str:
    """A string that is not empty."""

    node = resolve(node)
    if type(node) is not Scalar or not node.is_string or not node.value:
        raise Fault(node, "wants a string that is not empty")
    return node.value


def truth(node: Node) -> bool:
    """true or false."""

    node = resolve(node)
    if type(node) is not Scalar or node.style or node.value not in _boolean:
        raise Fault(node, "wants true or false")
    return _boolean[node.value]


def number(node: Node) -> int:
    """A whole number above 0."""

    node = resolve(node)
    if type(node) is not Scalar or node.style or not _whole_number.fullmatch(node.value):
        raise Fault(node, "wants a whole number above 0")
    return int(node.value)


def one_of(words: tuple[str, ...]) -> Callable[[Node], str]:
    """A reader of one of some words."""

    def read(node: Node) -> str:
        text = string(node)
        if text not in words:
            raise Fault(node, f"wants one of {', '.join(words)}, not {text!r}")
        return text

    return read


def version(node: Node) -> int:
    """The version of the format."""

    if number(node) != 1:
        raise Fault(node, "this release reads version 1")
    return 1


def records(
    node: Node, keys: tuple[str, ...], optional: tuple[str, ...] = ()
) -> list[dict[str, Node]]:
    """A list of mappings that have all the keys, and perhaps some that are optional."""
    node = resolve(node)
    shape = "{" + ", ".join(f"{key}: …" for key in keys) + "}"
    if type(node) is not Sequence:
        raise Fault(node, f"wants a list of {shape}")
    records = []
    for item in node.children:
        item = resolve(item)
        if type(item) is not Mapping:
            raise Fault(item, f"wants {shape}")
        record = {}
        for key, value in item.pairs:
            name = resolve(key)
            if type(name) is not Scalar or name.value not in (*keys, *optional):
                wrong = name.value if type(name) is Scalar else ""
                hint = did_you_mean(wrong, (*keys, *optional))
                raise Fault(key, f"unknown key {wrong!r}", hint)
            if name.value in record:
                raise Fault(key, f"the key {name.value!r} stands twice")
            record[name.value] = value
        missing = [key for key in keys if key not in record]
        if missing:
            raise Fault(item, f"lacks {' and '.join(map(repr, missing))}; wants {shape}")
        records.append(record)
    return records


def maps(node: Node) -> list[tuple[str, str]]:
    """Relocation rules: source and destination."""

    return [(string(r["from"]), string(r["to"])) for r in records(node, ("from", "to"))]


def image_paths(node: Node) -> list[tuple[str, str, str]]:
    """Fields with images: group, kind and path."""

    result = []
    for record in records(node, ("kind", "group", "path")):
        group, kind, path = text(record["group"]), string(record["kind"]), string(record["path"])
        if not _group.fullmatch(group):
            raise Fault(record["group"], f"{group!r} is no API group")
        if not _kind.fullmatch(kind):
            raise Fault(record["kind"], f"{kind!r} is no kind")
        try:
            parse_path(path)
        except InvalidPath as error:
            raise Fault(record["path"], str(error)) from error
        result.append((group, kind, path))
    return result


def text(node: Node) -> str:
    """A string, which may be empty."""

    node = resolve(node)
    if type(node) is not Scalar or not node.is_string:
        raise Fault(node, "wants a string")
    return node.value


def rules(node: Node) -> dict[str, str]:
    """Severities by rule."""

    node = resolve(node)
    if type(node) is not Mapping:
        raise Fault(node, "wants a mapping of rules to severities")
    rules = {}
    for key, value in node.pairs:
        name = string(key)
        if name not in ADJUSTABLE:
            raise Fault(key, f"unknown rule {name!r}", did_you_mean(name, list(ADJUSTABLE)))
        if name in rules:
            raise Fault(key, f"the key {name!r} stands twice")
        rules[name] = one_of(SEVERITIES)(value)
    return rules


def installed(node: Node) -> list[Entry]:
    """What is installed: PRODUCT/COMPONENT and a version of it, or several."""
    node = resolve(node)
    if type(node) is not Mapping:
        raise Fault(node, "wants a mapping of PRODUCT/COMPONENT to VERSION")
    entries = []
    names = set()
    for key, value in node.pairs:
        name, found = string(key), resolve(value)
        if name in names:
            raise Fault(key, f"the key {name!r} stands twice")
        names.add(name)
        for item in found.children if type(found) is Sequence else [value]:
            entries.append(Entry((name, _version_text(item)), resolve(key).start))
    return entries


def _version_text(node: Node) -> str:
    node = resolve(node)
    # 1.31 may stand without quotes: what was written counts, not the number.
    if type(node) is not Scalar or not (
        (node.value and node.is_string) or node.value[:1].isdigit()
    ):
        raise Fault(node, "wants a version")
    return node.value


def strings(node: Node) -> list[str]:
    """A list of strings, or one."""
    node = resolve(node)
    return [string(item) for item in (node.children if type(node) is Sequence else [node])]


def on_unknown(node: Node) -> dict[str, str]:
    """The policy for each kind of unknown; one word is for all of them."""
    node = resolve(node)
    read = one_of(POLICIES)
    if type(node) is not Mapping:
        word = read(node)
        return dict.fromkeys(UNKNOWN, word)
    policies = {}
    for key, value in node.pairs:
        name = string(key)
        if name not in UNKNOWN:
            raise Fault(key, f"unknown kind {name!r}", did_you_mean(name, UNKNOWN))
        if name in policies:
            raise Fault(key, f"the key {name!r} stands twice")
        policies[name] = read(value)
    return policies


def suppress(node: Node) -> list[Entry]:
    """Suppressions: rule, resource, reason, and the last day or an empty string."""
    entries = []
    for record in records(node, ("rule", "resource", "reason"), ("until",)):
        rule = string(record["rule"])
        if rule not in ADJUSTABLE:
            raise Fault(record["rule"], f"unknown rule {rule!r}", did_you_mean(rule, ADJUSTABLE))
        until = string(record["until"]) if "until" in record else ""
        if until and not _day.fullmatch(until):
            raise Fault(record["until"], f"{until!r} is no day", "Days are written as 2026-12-31.")
        words = (rule, string(record["resource"]), string(record["reason"]), until)
        entries.append(Entry(words, resolve(record["rule"]).start))
    return entries
