"""One text of YAML or JSON as a tree of nodes that know where they stand.

The events come from libyaml; nothing here resolves types, merges keys or expands aliases. All
positions are 0-based code points of the text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from helm_compat.libyaml import CParser, MarkedYAMLError, ReaderError, events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

# A JSON string may hold a character beyond U+FFFF as two escapes, which libyaml refuses. Both
# are read as another character of the same length, so that no position moves.
_surrogates = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
_PLACEHOLDER = r"\ufffd\ufffd"

_not_a_string = re.compile(
    r"(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|y|Y|yes|Yes|YES|n|N|no|No|NO"
    r"|on|On|ON|off|Off|OFF|[-+]?0(?:[xX][0-9a-fA-F_]+|[oO][0-7_]+|[bB][01_]+)"
    r"|[-+]?(?:\.[0-9_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)"
    r"|\.(?:nan|NaN|NAN))?",
    re.ASCII,
)


# libyaml wants content before a `...`; a stream may do without.
_nothing = re.compile(
    r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r?\n|\Z)|\.\.\.[ \t]*(?:#[^\r\n]*)?(?:\r?\n|\Z))*"
)
_BREAKS = "\r\n\x85\u2028\u2029"


class Limits(NamedTuple):
    """What one text may hold: levels of nesting, and nodes once all aliases are expanded."""

    depth: int = 1_000
    alias_nodes: int = 1_000_000


class InvalidText(ValueError):
    """The text is no YAML that we accept; `offset` says where, in code points."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class Scalar:
    """A scalar: its decoded value, its style (`''`, `'`, `"`, `|`, `>`) and its span.

    The span includes an anchor and a tag; `content` is where the text itself begins.
    """

    __slots__ = ("content", "end", "start", "style", "tag", "value")

    def __init__(self, event: Any, text: str) -> None:
        self.value: str = event.value
        self.style: str = event.style or ""
        self.tag: str = event.tag or ""
        self.start: int = event.start_mark.index
        self.end: int = event.end_mark.index
        self.content = self.start
        if event.anchor or event.tag:
            self.content = _skip_properties(text, self.start, self.end)

    @property
    def size(self) -> int:
        return 1

    @property
    def is_string(self) -> bool:
        """Whether Kubernetes reads a string here, not a number, a boolean or null."""
        if self.tag:
            return self.tag in ("!", "tag:yaml.org,2002:str")
        return bool(self.style) or not _not_a_string.fullmatch(self.value)


class _Collection:
    """What mappings and sequences have in common; `size` counts nodes with aliases expanded."""

    __slots__ = ("children", "end", "flow", "size", "start")

    def __init__(self, event: Any) -> None:
        self.children: list[Node] = []
        self.flow: bool = event.flow_style
        self.start: int = event.start_mark.index
        self.end: int = -1
        self.size = 1


class Mapping(_Collection):
    """A mapping: keys and values in turn in `children`, duplicates included, `<<` as written."""

    __slots__ = ()

    @property
    def pairs(self) -> Iterator[tuple[Node, Node]]:
        """Keys with their values, in the order of the text."""
        children = iter(self.children)
        return zip(children, children)


class Sequence(_Collection):
    """A sequence: its items in `children`."""

    __slots__ = ()


class Alias:
    """An alias and the node that it stands for."""

    __slots__ = ("end", "name", "size", "start", "target")

    def __init__(self, event: Any, target: Scalar | Mapping | Sequence) -> None:
        self.name: str = event.anchor
        self.start: int = event.start_mark.index
        self.end: int = event.end_mark.index
        self.target = target
        self.size = target.size


Resolved = Scalar | Mapping | Sequence
Node = Resolved | Alias


def resolve(node: Node) -> Resolved:
    """The node itself, or what its alias stands for."""
    return node.target if isinstance(node, Alias) else node


def parse(text: str, limits: Limits) -> list[Resolved]:
    """Read a text and return the root of each of its documents, an empty one left out.

    Duplicate keys are kept. Raises InvalidText for what libyaml refuses, an alias without its
    anchor or inside it, and a text beyond the limits.
    """
    try:
        try:
            return _build(text, text, limits)
        except MarkedYAMLError:
            readable = _surrogates.sub(lambda _: _PLACEHOLDER, text)
            if readable == text:
                raise
        return _build(readable, text, limits)
    except MarkedYAMLError as error:
        if _nothing.fullmatch(text):
            return []
        raise _explain(error, text) from error
    except ReaderError as error:
        # libyaml counts bytes here, and says so nowhere.
        offset = len(text.encode()[: error.position].decode(errors="ignore"))
        code = error.character if isinstance(error.character, int) else ord(error.character)
        raise InvalidText(f"the character U+{code:04X} is not allowed in YAML", offset) from error


def _build(readable: str, text: str, limits: Limits) -> list[Resolved]:
    """The trees of a text, read in its readable form, which has the same length."""
    tree = _Tree(limits)
    next_event: Callable[[], Any] = CParser(readable).get_event
    while True:
        event = next_event()
        kind = type(event)
        if kind is events.ScalarEvent:
            scalar = Scalar(event, text)
            if readable is not text and scalar.style != '"':
                scalar.value = _unread(scalar, text)
            tree.add(scalar, event.anchor)
        elif kind is events.MappingStartEvent:
            tree.open(Mapping(event), event.anchor)
        elif kind is events.SequenceStartEvent:
            tree.open(Sequence(event), event.anchor)
        elif kind is events.MappingEndEvent or kind is events.SequenceEndEvent:
            tree.close(event.end_mark.index)
        elif kind is events.AliasEvent:
            tree.alias(event)
        elif kind is events.DocumentStartEvent:
            tree.anchors = {}
        elif kind is events.StreamEndEvent:
            return tree.roots


class _Tree:
    """The trees of a text while its events come in."""

    def __init__(self, limits: Limits) -> None:
        self.roots: list[Resolved] = []
        self.anchors: dict[str, Resolved] = {}
        self._limits = limits
        self._count = 0
        self._open: list[Mapping | Sequence] = []
        self._open_ids: set[int] = set()

    def add(self, node: Resolved, anchor: str | None) -> None:
        """Put a node where it belongs; an empty document has no root."""
        self._count += 1
        if self._open:
            self._open[-1].children.append(node)
        elif not isinstance(node, Scalar) or node.end > node.start:
            self.roots.append(node)
        if anchor:
            self.anchors[anchor] = node

    def open(self, node: Mapping | Sequence, anchor: str | None) -> None:
        """Begin a collection."""
        self.add(node, anchor)
        self._open.append(node)
        self._open_ids.add(id(node))
        depth = self._limits.depth
        if len(self._open) > depth:
            raise InvalidText(f"nested more than {depth} levels deep", node.start)

    def close(self, end: int) -> None:
        """End the innermost collection."""
        node = self._open.pop()
        self._open_ids.remove(id(node))
        node.end = end
        node.size += sum(child.size for child in node.children)
        limit = self._limits.alias_nodes
        # What is written out counts against the size of the input, not against this limit.
        if node.size > limit + self._count:
            raise InvalidText(f"aliases expand to more than {limit} nodes", node.start)

    def alias(self, event: Any) -> None:
        """Put an alias, which must have its anchor before it and not around it."""
        target = self.anchors.get(event.anchor)
        name, offset = event.anchor, event.start_mark.index
        if target is None:
            raise InvalidText(f"the alias *{name} has no anchor &{name} before it", offset)
        if id(target) in self._open_ids:
            raise InvalidText(f"the alias *{name} stands inside its own anchor", offset)
        self._open[-1].children.append(Alias(event, target))


def _unread(scalar: Scalar, text: str) -> str:
    """The value with what was put in for escapes, which outside double quotes are none."""
    written = _surrogates.findall(text, scalar.content, scalar.end)
    pieces = scalar.value.split(_PLACEHOLDER)
    if len(pieces) != len(written) + 1:
        return scalar.value
    return "".join(map("".join, zip(pieces, [*written, ""])))


def _skip_properties(text: str, start: int, end: int) -> int:
    """Where a scalar's own text begins, behind `&anchor`, `!tag` and comments between them."""
    position = start
    while position < end and text[position] in "&!#":
        stop = _BREAKS if text[position] == "#" else f" \t{_BREAKS}"
        while position < end and text[position] not in stop:
            position += 1
        while position < end and text[position] in f" \t{_BREAKS}":
            position += 1
    return position


def _explain(error: Any, text: str) -> InvalidText:
    mark = error.problem_mark or error.context_mark
    offset = mark.index if mark else 0
    problem = error.problem or "cannot be read"
    if text[offset : offset + 1] == "\t":
        return InvalidText("a tab stands where YAML wants spaces", offset)
    unclosed = "unexpected end of stream" in problem or "unexpected document indicator" in problem
    if unclosed and "quoted scalar" in (error.context or "") and error.context_mark:
        return InvalidText("the quote that opens here is not closed", error.context_mark.index)
    if text[offset - 2 : offset - 1] == "\\":
        # libyaml points behind an escape's letter.
        offset -= 2
    context = f" {error.context}" if error.context else ""
    return InvalidText(f"{problem}{context}", offset)
