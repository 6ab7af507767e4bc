"""The product files that users give: read with the place of every fault, and joined with ours."""

from __future__ import annotations

import os

from helm_compat.errors import Place, UsageError, place_in
from helm_compat.knowledge.data import plain
from helm_compat.knowledge.schema import Fault, referred, validate
from helm_compat.knowledge.semantics import check
from helm_compat.knowledge.words import did_you_mean
from helm_compat.nodes import InvalidText, Limits, Mapping, Node, Scalar, parse, resolve
from helm_compat.schema_files import read_schema

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from collections.abc import Mapping as MappingOf
    from typing import Any

    Data = dict[str, Any]

_EXTENSIONS = (".yaml", ".yml")


def add_products(products: list[Data], paths: Iterable[str]) -> list[Data]:
    """Read files, and the product files of folders, and put them over the products that are there.

    A file's product takes the place of the one of its name, or adds to it where it says
    `extends: true`. Raises UsageError with the faults of all files.
    """
    known = {data["product"]: data for data in products}
    read: dict[str, str] = {}
    faults = []
    files = {os.path.realpath(file): file for path in paths for file in _files(path)}
    for file in files.values():
        try:
            data, extends = _read(file, known)
        except UsageError as error:
            faults.append(str(error))
            continue
        name = data["product"]
        if name in read and not extends:
            faults.append(f"{file}: the product {name!r} also stands in {read[name]}")
        read[name] = file
        known[name] = data
    if faults:
        raise UsageError("\n".join(faults))
    return list(known.values())


def read_product(path: str, *, builtin: MappingOf[str, Data]) -> Data:
    """Read one product file; with `extends: true` the result has what is built in, too.

    Raises UsageError with all faults of the file, each with its place.
    """
    return _read(path, builtin)[0]


def merge(base: Data, extra: Data) -> Data:
    """Add one product's data to another's.

    Components and sources are joined by their names, entries of lists by their ids. The rows of
    a matrix stand before those of the base, and count in place of those with the same key.
    """
    merged = dict(base)
    for key, value in extra.items():
        old = base.get(key)
        if isinstance(value, list):
            merged[key] = _joined(old or [], value)
        elif isinstance(value, dict):
            merged[key] = dict(old or {})
            for name, record in value.items():
                kept = merged[key].get(name, {}) if key == "components" else {}
                merged[key][name] = {**kept, **record}
        elif key != "extends":
            merged[key] = value
    return merged


def _joined(base: list[Any], extra: list[Any]) -> list[Any]:
    """Two lists as one, in which an entry takes the place of another with its id."""
    joined = list(base)
    places = {entry["id"]: place for place, entry in enumerate(base) if "id" in entry}
    for entry in extra:
        place = places.pop(entry.get("id"), None)
        if place is None:
            joined.append(entry)
        else:
            joined[place] = _matrix(base[place], entry) if "rows" in entry else entry
    return joined


def _matrix(base: Data, extra: Data) -> Data:
    """Two matrices as one: a row of the base does not count where another has its very key."""
    key = extra["of"]
    taken = [row.get(key) for row in extra["rows"] if row.get("counts", True)]
    rows = [{**row, "counts": False} if row.get(key) in taken else row for row in base["rows"]]
    return {**base, **extra, "rows": [*extra["rows"], *rows]}


def _files(path: str) -> list[str]:
    """A file itself, or the product files of a folder in the order of their names."""
    if not os.path.isdir(path):
        return [path]
    try:
        found = sorted(os.listdir(path))
        names = [n for n in found if n.endswith(_EXTENSIONS) and not n.startswith(".")]
    except OSError as error:
        raise _unreadable(path, error) from error
    if not names:
        hint = "Their names end in .yaml or .yml."
        raise UsageError("the folder has no product files", place=Place(path), hint=hint)
    return [os.path.join(path, name) for name in names]


def _unreadable(path: str, error: OSError) -> UsageError:
    return UsageError(f"cannot read product files: {error.strerror}", place=Place(path))


def _read(path: str, builtin: MappingOf[str, Data]) -> tuple[Data, bool]:
    """The data of one file with what it extends, and whether it extends something."""
    text = _decoded(path)
    try:
        roots = parse(text, Limits(depth=50))
    except InvalidText as error:
        raise UsageError(error.message, place=place_in(path, text, error.offset)) from error
    if not roots:
        raise UsageError("the file is empty", place=Place(path))
    root = roots[0]
    base = _extended(root, builtin)
    faults = [Fault(root.start, "a second document; a product file has one") for root in roots[1:2]]
    faults += _faults(root, base, text, builtin)
    if faults:
        raise UsageError("\n".join(_line(path, text, fault) for fault in sorted(set(faults))))
    data: Data = plain(root)  # type: ignore[assignment]  # the schema says so
    return (data if base is None else merge(base, data)), base is not None


def _faults(root: Node, base: Data | None, text: str, builtin: MappingOf[str, Data]) -> list[Fault]:
    """The faults of a file's tree; `base` is what it extends, empty where that is not there."""
    schema = read_schema("product")
    faults = validate(root, schema if base is None else _for_extending(schema, base))
    if base is not None and not base:
        name = _top(root, "product")
        if isinstance(name, Scalar) and isinstance(plain(name), str):
            hint = did_you_mean(name.value, builtin) if builtin else ""
            faults.append(Fault(name.start, f"there is no product {name.value!r} to extend", hint))
    elif isinstance(root, Mapping):
        found = _located(root, {fault.offset for fault in faults})
        part = _sound_part(found, schema["properties"])
        faults += check(part if base is None else merge(base, part), text)
    return faults


def _extended(root: Node, builtin: MappingOf[str, Data]) -> Data | None:
    """What a file extends: empty where it is not there, None where the file stands alone."""
    name, extends = _top(root, "product"), _top(root, "extends")
    if not isinstance(extends, Scalar) or plain(extends) is not True:
        return None
    return builtin.get(name.value, {}) if isinstance(name, Scalar) else {}


def _top(root: Node, wanted: str) -> Node | None:
    """The value of a key of the file."""
    for key, value in root.pairs if isinstance(root, Mapping) else ():
        name = resolve(key)
        if isinstance(name, Scalar) and name.value == wanted:
            return resolve(value)
    return None


def _decoded(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8-sig")
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8-sig")
        place = place_in(path, before, len(before))
        raise UsageError("the product file is not UTF-8", place=place) from error


def _for_extending(schema: Data, base: Data) -> Data:
    """The schema of a file that adds to a product: it need not say again what is there."""
    components = schema["properties"]["components"]
    record = {**referred(components["additionalProperties"], schema), "required": []}
    known = {**components, "properties": dict.fromkeys(base.get("components", {}), record)}
    properties = {**schema["properties"], "components": known}
    return {**schema, "required": ["product"], "properties": properties}


def _line(path: str, text: str, fault: Fault) -> str:
    place = place_in(path, text, fault.offset)
    return str(UsageError(fault.message, place=place, hint=fault.hint))


class _Text(str):
    """A string that knows its offset."""

    __slots__ = ("offset",)
    offset: int


class _Record(dict[str, "Any"]):
    """A mapping that knows its offset; `broken` where a fault is its own, not that of a child."""

    __slots__ = ("broken", "offset")
    offset: int
    broken: bool


class _Items(list["Any"]):
    """A list that knows its offset."""

    __slots__ = ("broken", "offset")
    offset: int
    broken: bool


def _located(node: Node, faults: Container[int]) -> Any:
    """Plain data that knows where it stands; `faults` are the offsets that the schema complains of."""
    node = resolve(node)
    if isinstance(node, Scalar):
        return _text(node) if isinstance(plain(node), str) else plain(node)
    found: _Record | _Items = _Record() if isinstance(node, Mapping) else _Items()
    found.offset = node.start
    found.broken = node.start in faults
    for child in map(resolve, node.children):
        found.broken |= isinstance(child, Scalar) and child.start in faults
    if isinstance(found, _Items):
        found += [_located(child, faults) for child in node.children]
    elif isinstance(node, Mapping):
        for key, value in node.pairs:
            name = resolve(key)
            if isinstance(name, Scalar):
                found[_text(name)] = _located(value, faults)
    return found


def _text(node: Scalar) -> _Text:
    text = _Text(node.value)
    text.offset = node.start
    return text


def _is_sound(value: object) -> bool:
    """Whether the schema has nothing against a value that knows its place."""
    if isinstance(value, _Record | _Items):
        children = value.values() if isinstance(value, _Record) else value
        return not value.broken and all(_is_sound(child) for child in children)
    return True


def _sound_part(data: _Record, known: Container[str]) -> Data:
    """The entries of a file that the schema, with its `known` keys, has nothing against.

    Components and sources keep their names, so that nothing else is called undeclared.
    """
    found: Data = {}
    for key, value in data.items():
        if key not in known:
            continue
        if key in ("components", "sources"):
            names = value if isinstance(value, _Record) else {}
            found[key] = {
                name: record if isinstance(record, _Record) and _is_sound(record) else {}
                for name, record in names.items()
            }
        elif isinstance(value, _Items) and not value.broken:
            entries = [_sound_rows(entry) for entry in value if isinstance(entry, _Record)]
            found[key] = [entry for entry in entries if _is_sound(entry)]
    return found


def _sound_rows(entry: _Record) -> _Record:
    """An entry, of a matrix without the rows that have faults."""
    rows = entry.get("rows")
    if not isinstance(rows, _Items) or rows.broken:
        return entry
    sound, kept = _Record(entry), _Items(row for row in rows if _is_sound(row))
    sound.offset, sound.broken = entry.offset, entry.broken
    kept.offset, kept.broken = rows.offset, False
    sound["rows"] = kept
    return sound
