"""`compat.lock.yaml`: what is installed, written down for renders that see no cluster."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.errors import Place, UsageError, place_in
from helm_compat.images.tree import Object, text_of
from helm_compat.nodes import InvalidText, Limits, Mapping, Node, Scalar, Sequence, parse, resolve

VERSION = "1"

_KEYS = ("version", "installed", "images")
_INSTALLED = ("cluster", "written", "components")
_COMPONENT = ("product", "component", "version", "namespace", "object", "image")


class LockedComponent(NamedTuple):
    """One installed component; `name` is PRODUCT/COMPONENT, `image` the one that it runs."""

    name: str
    version: str
    image: str
    owner: Object
    place: Place


class Lock(NamedTuple):
    """What a lock file says of one cluster."""

    path: str
    cluster: str
    components: tuple[LockedComponent, ...]


def read_lock(path: str) -> Lock:
    """Read a lock file; raises UsageError with the place of the first fault."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"cannot read the lock file: {reason}", place=Place(path)) from error
    try:
        roots = parse(text, Limits(depth=50))
    except InvalidText as error:
        raise UsageError(error.message, place=place_in(path, text, error.offset)) from error
    if roots[1:]:
        place = place_in(path, text, roots[1].start)
        raise UsageError("a second document; a lock file has one", place=place)
    return _Reader(path, text).lock(roots[0] if roots else None)


def _is_null(node: Node) -> bool:
    return type(node) is Scalar and not node.is_string and node.value in ("", "~", "null")


class _Reader:
    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text

    def lock(self, root: Node | None) -> Lock:
        if root is None:
            raise UsageError("the lock file is empty", place=Place(self._path))
        found = self._mapping(root, _KEYS, "a lock file")
        if text_of(found.get("version")) != VERSION:
            node = found.get("version", root)
            raise self._fault(node, "this release reads lock files of version 1")
        section = resolve(found["installed"]) if "installed" in found else None
        if section is None or _is_null(section):
            return Lock(self._path, "", ())
        installed = self._mapping(found["installed"], _INSTALLED, "installed")
        listed = resolve(installed["components"]) if "components" in installed else None
        if listed is not None and type(listed) is not Sequence and not _is_null(listed):
            raise self._fault(listed, "components is a list")
        entries = listed.children if type(listed) is Sequence else []
        components = tuple(self._component(entry) for entry in entries)
        return Lock(self._path, text_of(installed.get("cluster")), components)

    def _component(self, node: Node) -> LockedComponent:
        found = {
            key: self._string(value)
            for key, value in self._mapping(node, _COMPONENT, "a component").items()
        }
        missing = [key for key in _COMPONENT[:3] if not found.get(key)]
        if missing:
            raise self._fault(node, f"a component lacks {' and '.join(map(repr, missing))}")
        kind, _, name = found.get("object", "").rpartition("/")
        return LockedComponent(
            f"{found['product']}/{found['component']}",
            found["version"],
            found.get("image", ""),
            Object("", kind, found.get("namespace", ""), name),
            place_in(self._path, self._text, resolve(node).start),
        )

    def _mapping(self, node: Node, known: tuple[str, ...], what: str) -> dict[str, Node]:
        node = resolve(node)
        if type(node) is not Mapping:
            raise self._fault(node, f"{what} is a mapping of {', '.join(known)}")
        result: dict[str, Node] = {}
        for key, value in node.pairs:
            name = text_of(key)
            if name not in known:
                raise self._fault(key, f"unknown key {name!r} in {what}; known: {', '.join(known)}")
            if name in result:
                raise self._fault(key, f"the key {name!r} stands twice")
            result[name] = value
        return result

    def _string(self, node: Node) -> str:
        target = resolve(node)
        if type(target) is not Scalar:
            raise self._fault(node, "wants a string")
        return "" if _is_null(target) else target.value

    def _fault(self, node: Node, message: str) -> UsageError:
        return UsageError(
            message,
            place=place_in(self._path, self._text, resolve(node).start),
            hint="helm compat inventory writes this file; edit it in the same form.",
        )
