"""`compat.lock.yaml`: what is installed, written down for renders that see no cluster."""

from __future__ import annotations

import re
from typing import NamedTuple

from helm_compat.errors import Place, UsageError, place_in
from helm_compat.gate.crds import Annotation, Crd
from helm_compat.images.reference import InvalidReference
from helm_compat.images.reference import parse as parse_reference
from helm_compat.images.tree import Object, text_of
from helm_compat.nodes import InvalidText, Limits, Mapping, Node, Scalar, Sequence, parse, resolve

VERSION = "1"
# The version of a component whose object names no image, and whose operator gives it none.
UNKNOWN_VERSION = "unknown"

_KEYS = ("version", "installed", "images")
_HEAD = ("cluster", "written", "kubernetes")
_INSTALLED = (*_HEAD, "components", "crds", "not-checked")
_TEXTS = ("product", "component", "version", "namespace", "object", "image")
_COMPONENT = (*_TEXTS, "running", "watches")
_CRD = ("name", "served", "stored", "annotations")
_GAP = ("what", "why", "components", "running-of")

_INVENTORY = "helm compat inventory writes this file; edit it in the same form."
_MIRROR = "helm compat mirror writes this section; edit it in the same form."

_digest = re.compile("sha256:[0-9a-f]{64}", re.ASCII)


class LockedComponent(NamedTuple):
    """One installed component; `name` is PRODUCT/COMPONENT, `image` the one that it is to run.

    `running` are other versions that still run, `watches` the namespaces that an operator serves,
    none for all.
    """

    name: str
    version: str
    image: str
    owner: Object
    place: Place
    running: tuple[str, ...] = ()
    watches: tuple[str, ...] = ()


class LockedGap(NamedTuple):
    """What the writer of a lock file could not look up; `names` are PRODUCT/COMPONENT.

    Of a `partial` one only what runs of them is not known.
    """

    what: str
    why: str
    names: tuple[str, ...]
    partial: bool = False


class Lock(NamedTuple):
    """What a lock file says of one cluster."""

    path: str
    cluster: str
    components: tuple[LockedComponent, ...]
    kubernetes: str = ""
    crds: tuple[Crd, ...] = ()
    gaps: tuple[LockedGap, ...] = ()
    written: str = ""


def read_lock(path: str) -> Lock:
    """Read what a lock file says is installed; raises UsageError with the place of a fault."""
    reader, root = _open(path)
    return reader.lock(root)


def read_images(path: str) -> dict[str, str]:
    """Read the digests of a lock file, by normalized references.

    Raises UsageError with the place of the first fault.
    """
    reader, root = _open(path)
    return reader.images(root)


def _open(path: str) -> tuple[_Reader, Node | None]:
    """The text of a lock file, parsed: one document or none."""
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
    return _Reader(path, text), roots[0] if roots else None


def _is_reference(text: str) -> bool:
    try:
        return bool(parse_reference(text).path)
    except InvalidReference:
        return False


def _is_null(node: Node) -> bool:
    return type(node) is Scalar and not node.is_string and node.value in ("", "~", "null")


class _Reader:
    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text

    def _sections(self, root: Node | None) -> dict[str, Node]:
        if root is None:
            raise UsageError("the lock file is empty", place=Place(self._path))
        found = self._mapping(root, _KEYS, "a lock file")
        if text_of(found.get("version")) != VERSION:
            node = found.get("version", root)
            raise self._fault(node, "this release reads lock files of version 1")
        return found

    def images(self, root: Node | None) -> dict[str, str]:
        """The section of digests."""
        node = resolve(found) if (found := self._sections(root).get("images")) else None
        if node is None or _is_null(node):
            return {}
        if type(node) is not Mapping:
            raise self._fault(node, "images is a mapping of references to digests", _MIRROR)
        digests: dict[str, str] = {}
        for key, value in node.pairs:
            name, digest = text_of(key), text_of(value)
            if not _is_reference(name):
                raise self._fault(key, f"{name!r} is no image reference", _MIRROR)
            if not _digest.fullmatch(digest):
                raise self._fault(value, f"{digest!r} is no digest of sha256", _MIRROR)
            if name in digests:
                raise self._fault(key, f"the key {name!r} stands twice", _MIRROR)
            digests[name] = digest
        return digests

    def lock(self, root: Node | None) -> Lock:
        """The section of what is installed."""
        found = self._sections(root)
        section = resolve(found["installed"]) if "installed" in found else None
        if section is None or _is_null(section):
            return Lock(self._path, "", ())
        installed = self._mapping(found["installed"], _INSTALLED, "installed")
        texts = {key: self._string(installed[key]) for key in _HEAD if key in installed}
        return Lock(
            self._path,
            texts.get("cluster", ""),
            tuple(self._component(entry) for entry in self._list(installed, "components")),
            texts.get("kubernetes", ""),
            tuple(self._crd(entry) for entry in self._list(installed, "crds")),
            tuple(self._gap(entry) for entry in self._list(installed, "not-checked")),
            texts.get("written", ""),
        )

    def _list(self, above: dict[str, Node], key: str) -> list[Node]:
        """The items of a list, which may be missing or empty."""
        node = resolve(above[key]) if key in above else None
        if node is None or _is_null(node):
            return []
        if type(node) is not Sequence:
            raise self._fault(node, f"{key} is a list")
        return node.children

    def _strings(self, above: dict[str, Node], key: str) -> tuple[str, ...]:
        return tuple(self._string(item) for item in self._list(above, key))

    def _crd(self, node: Node) -> Crd:
        found = self._mapping(node, _CRD, "a definition")
        name = self._required(node, found, ("name",), "a definition")["name"]
        pairs = (text.partition("=") for text in self._strings(found, "annotations"))
        annotations = {key: Annotation(value, 0, ()) for key, _, value in pairs}
        served, stored = (self._strings(found, key) for key in ("served", "stored"))
        return Crd(name, 0, (), annotations, served, stored=stored)

    def _gap(self, node: Node) -> LockedGap:
        found = self._mapping(node, _GAP, "an entry of not-checked")
        texts = self._required(node, found, ("what",), "an entry of not-checked")
        why = self._string(found["why"]) if "why" in found else ""
        partial = "running-of" in found
        names = self._strings(found, "running-of" if partial else "components")
        return LockedGap(texts["what"], why, names, partial)

    def _component(self, node: Node) -> LockedComponent:
        nodes = self._mapping(node, _COMPONENT, "a component")
        found = {key: self._string(nodes[key]) for key in _TEXTS if key in nodes}
        self._required(node, nodes, _TEXTS[:3], "a component")
        kind, _, name = found.get("object", "").rpartition("/")
        return LockedComponent(
            f"{found['product']}/{found['component']}",
            found["version"],
            found.get("image", ""),
            Object("", kind, found.get("namespace", ""), name),
            place_in(self._path, self._text, resolve(node).start),
            self._strings(nodes, "running"),
            self._strings(nodes, "watches"),
        )

    def _required(
        self, node: Node, found: dict[str, Node], keys: tuple[str, ...], what: str
    ) -> dict[str, str]:
        """The texts of keys that must be there and not empty."""
        texts = {key: self._string(found[key]) for key in keys if key in found}
        missing = [key for key in keys if not texts.get(key)]
        if missing:
            raise self._fault(node, f"{what} lacks {' and '.join(map(repr, missing))}")
        return texts

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

    def _fault(self, node: Node, message: str, hint: str = _INVENTORY) -> UsageError:
        place = place_in(self._path, self._text, resolve(node).start)
        return UsageError(message, place=place, hint=hint)
