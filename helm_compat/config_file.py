"""`.helm-compat.yaml`, read with the place of every fault.

The same parser reads it that reads manifests, so that a render imports no second one. The JSON
Schema in `schemas/config.schema.json` says the same for editors; a test holds them together.
"""

from __future__ import annotations

import re

from helm_compat.config import Config
from helm_compat.errors import Place, UsageError
from helm_compat.findings import SEVERITIES
from helm_compat.knowledge.paths import InvalidPath, parse_path
from helm_compat.nodes import InvalidText, Limits, Mapping, Node, Scalar, Sequence, parse, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

LEVELS = (*SEVERITIES, "never")
RULES = (
    "host-like-reference",
    "invalid-reference",
    "leftover-image",
    "relocation-hazard",
    "run-time-image",
    "taken-pull-secret",
    "templated-reference",
    "uneditable-image",
    "unmatched-rule",
    "unseen-hooks",
)

_group = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*|", re.ASCII)
_whole_number = re.compile("[1-9][0-9]{0,17}", re.ASCII)
_kind = re.compile(r"[A-Z][A-Za-z0-9]*", re.ASCII)
_boolean = {w: v for v, t in ((True, "true"), (False, "false")) for w in (t, t.title(), t.upper())}


class _Fault(ValueError):
    def __init__(self, node: Node, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.offset = resolve(node).start
        self.message = message
        self.hint = hint


def read_config(path: str) -> Config:
    """Read one configuration file; raises UsageError with all its faults, each with its place."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"cannot read the configuration: {error.strerror}", place=Place(path)
        ) from error
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8-sig")
        place = _place(path, before, len(before))
        raise UsageError("the configuration is not UTF-8", place=place) from error
    try:
        roots = parse(text, Limits(depth=50))
    except InvalidText as error:
        raise UsageError(error.message, place=_place(path, text, error.offset)) from error
    faults: list[_Fault] = []
    reader = _Reader(path, text, faults)
    for root in roots[:1]:
        reader.keys(root, _KEYS, "")
    if roots[1:]:
        faults.append(_Fault(roots[1], "a second document; a configuration has one"))
    if faults:
        raise UsageError("\n".join(_line(path, text, fault) for fault in faults))
    return Config(path, reader.values, reader.places)


def _place(path: str, text: str, offset: int) -> Place:
    line_start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    return Place(path, text.count("\n", 0, offset) + 1, offset - line_start + 1)


def _line(path: str, text: str, fault: _Fault) -> str:
    hint = f"\n  {fault.hint}" if fault.hint else ""
    return f"{_place(path, text, fault.offset)}: {fault.message}{hint}"


class _Reader:
    """Takes in the keys of a file, and its faults instead of stopping at the first."""

    def __init__(self, path: str, text: str, faults: list[_Fault]) -> None:
        self.values: dict[str, object] = {}
        self.places: dict[str, Place] = {}
        self._path = path
        self._text = text
        self._faults = faults

    def keys(self, node: Node, keys: dict[str, Callable[[Node], object]], above: str) -> None:
        """Read one mapping; `above` is the name of its section with a dot, or empty."""
        node = resolve(node)
        if not isinstance(node, Mapping):
            whose = above.rstrip(".") or "a configuration"
            self._faults.append(_Fault(node, f"{whose} is a mapping of keys"))
            return
        for key, value in node.pairs:
            try:
                self._key(resolve(key), value, keys, above)
            except _Fault as fault:
                self._faults.append(fault)

    def _key(
        self, key: Node, value: Node, keys: dict[str, Callable[[Node], object]], above: str
    ) -> None:
        name = key.value if isinstance(key, Scalar) else ""
        sections = {} if above else _SECTIONS
        if above + name in self.places:
            raise _Fault(key, f"the key {name!r} stands twice")
        if name not in keys and name not in sections:
            elsewhere = [f"{s}.{name}" for s, inner in _SECTIONS.items() if name in inner]
            hint = (
                f"Did you mean {elsewhere[0]!r}?"
                if elsewhere
                else did_you_mean(name, [*keys, *sections])
            )
            raise _Fault(key, f"unknown key {name!r}", hint)
        self.places[above + name] = _place(self._path, self._text, key.start)
        if name in sections:
            self.keys(value, sections[name], f"{name}.")
            return
        try:
            self.values[above + name] = keys[name](value)
        except _Fault as fault:
            fault.message = f"{above}{name}: {fault.message}"
            raise


def did_you_mean(name: str, known: list[str]) -> str:
    """A hint with the known names nearest to a wrong one, or with all of them."""
    import difflib

    near = difflib.get_close_matches(name, known, 1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(known))}."


def _string(node: Node) -> str:
    node = resolve(node)
    if type(node) is not Scalar or not node.is_string or not node.value:
        raise _Fault(node, "wants a string that is not empty")
    return node.value


def _truth(node: Node) -> bool:
    node = resolve(node)
    if type(node) is not Scalar or node.style or node.value not in _boolean:
        raise _Fault(node, "wants true or false")
    return _boolean[node.value]


def _number(node: Node) -> int:
    node = resolve(node)
    if type(node) is not Scalar or node.style or not _whole_number.fullmatch(node.value):
        raise _Fault(node, "wants a whole number above 0")
    return int(node.value)


def _one_of(words: tuple[str, ...]) -> Callable[[Node], str]:
    def read(node: Node) -> str:
        text = _string(node)
        if text not in words:
            raise _Fault(node, f"wants one of {', '.join(words)}, not {text!r}")
        return text

    return read


def _version(node: Node) -> int:
    if _number(node) != 1:
        raise _Fault(node, "this release reads version 1")
    return 1


def _records(node: Node, keys: tuple[str, ...]) -> list[dict[str, Node]]:
    node = resolve(node)
    shape = "{" + ", ".join(f"{key}: …" for key in keys) + "}"
    if type(node) is not Sequence:
        raise _Fault(node, f"wants a list of {shape}")
    records = []
    for item in node.children:
        item = resolve(item)
        if type(item) is not Mapping:
            raise _Fault(item, f"wants {shape}")
        record = {}
        for key, value in item.pairs:
            name = resolve(key)
            if type(name) is not Scalar or name.value not in keys:
                wrong = name.value if type(name) is Scalar else ""
                raise _Fault(key, f"unknown key {wrong!r}", did_you_mean(wrong, list(keys)))
            if name.value in record:
                raise _Fault(key, f"the key {name.value!r} stands twice")
            record[name.value] = value
        missing = [key for key in keys if key not in record]
        if missing:
            raise _Fault(item, f"lacks {' and '.join(map(repr, missing))}; wants {shape}")
        records.append(record)
    return records


def _maps(node: Node) -> list[tuple[str, str]]:
    return [(_string(r["from"]), _string(r["to"])) for r in _records(node, ("from", "to"))]


def _image_paths(node: Node) -> list[tuple[str, str, str]]:
    result = []
    for record in _records(node, ("kind", "group", "path")):
        group, kind, path = _text(record["group"]), _string(record["kind"]), _string(record["path"])
        if not _group.fullmatch(group):
            raise _Fault(record["group"], f"{group!r} is no API group")
        if not _kind.fullmatch(kind):
            raise _Fault(record["kind"], f"{kind!r} is no kind")
        try:
            parse_path(path)
        except InvalidPath as error:
            raise _Fault(record["path"], str(error)) from error
        result.append((group, kind, path))
    return result


def _text(node: Node) -> str:
    node = resolve(node)
    if type(node) is not Scalar or not node.is_string:
        raise _Fault(node, "wants a string")
    return node.value


def _rules(node: Node) -> dict[str, str]:
    node = resolve(node)
    if type(node) is not Mapping:
        raise _Fault(node, "wants a mapping of rules to severities")
    rules = {}
    for key, value in node.pairs:
        name = _string(key)
        if name not in RULES:
            raise _Fault(key, f"unknown rule {name!r}", did_you_mean(name, list(RULES)))
        if name in rules:
            raise _Fault(key, f"the key {name!r} stands twice")
        rules[name] = _one_of(SEVERITIES)(value)
    return rules


_KEYS: dict[str, Callable[[Node], object]] = {
    "version": _version,
    "registry": _string,
    "map": _maps,
    "keep-domain": _truth,
    "image-pull-secret": _string,
    "image-pull-secret-service-accounts": _truth,
    "image-paths": _image_paths,
    "report": _string,
    "first": _string,
    "diff": _truth,
    "no-relocate": _truth,
    "fail-on-leftover": _truth,
}
_SECTIONS: dict[str, dict[str, Callable[[Node], object]]] = {
    "policy": {"fail-on": _one_of(LEVELS), "rules": _rules},
    "limits": {"max-bytes": _number, "depth": _number, "alias-nodes": _number},
}
