"""What the gate wants to know of a CustomResourceDefinition, without parsing its schemas.

The schemas are most of a chart's bytes and say nothing of versions. A document that surely is
written in block style is read in pieces; any other is parsed as a whole.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from helm_compat.images.candidates import is_crd
from helm_compat.images.sites import written_at
from helm_compat.images.tree import Steps, Unit, children, field, label, objects, text_of
from helm_compat.nodes import InvalidText, Limits, Mapping, Node, Sequence, parse, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_TRUE = ("true", "yes", "on", "y")

_metadata = re.compile(r"(?:\A|\n)(?=metadata:)")
_spec = re.compile(r"(?:\A|\n)(?=spec:)")
_margin = re.compile(r"\n(?=[^ \t\r\n#])")
_schema = re.compile(r"\n( +)(- )?schema:[ \t]*\r?(?=\n)")


class Annotation(NamedTuple):
    """An annotation: its value, and where that stands in code points of the document's text."""

    value: str
    offset: int
    path: Steps


class Crd(NamedTuple):
    """One CustomResourceDefinition: its full name, its annotations, the versions that it serves.

    `offset` is where its metadata begin, in code points of the document's text, `path` the field.
    `stored` are the versions that objects may be in, known of an installed one only.
    """

    name: str
    offset: int
    path: Steps
    annotations: dict[str, Annotation]
    served: tuple[str, ...]
    is_beside_secret: bool = False
    stored: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The API group that it defines."""
        return self.name.partition(".")[2]


def read_crds(data: bytes, text: str, limits: Limits, *, served: frozenset[str]) -> list[Crd]:
    """Read the CustomResourceDefinitions of a document that mentions one.

    The versions are read for those named in `served` only. Raises InvalidText.
    """
    if is_crd(data):
        try:
            crd = _read_pieces(text, limits, served)
            return [crd] if crd else []
        except InvalidText:
            # An alias whose anchor stands elsewhere in the document.
            pass
    unit = Unit(text, parse(text, limits))
    found = list(objects(unit, ()))
    crds = [
        _crd(unit, field(root, "metadata"), field(root, "spec"), 0, steps)
        for owner, root, steps in found
        if owner.kind == "CustomResourceDefinition"
    ]
    secret = any(owner.kind == "Secret" for owner, _, _ in found)
    return [crd._replace(is_beside_secret=secret) for crd in crds if crd]


def _read_pieces(text: str, limits: Limits, served: frozenset[str]) -> Crd | None:
    found = _metadata.search(text)
    if not found:
        return None
    block = _block(text, found.end())
    unit = Unit(block, parse(block, limits))
    root = unit.roots[0] if unit.roots else None
    metadata = field(root, "metadata") if type(root) is Mapping else None
    crd = _crd(unit, metadata, None, found.end(), ())
    if not crd or crd.name not in served:
        return crd
    found = _spec.search(text)
    if not found:
        return crd
    roots = parse(_without_schemas(_block(text, found.end())), limits)
    spec = field(roots[0], "spec") if roots and type(roots[0]) is Mapping else None
    return crd._replace(served=tuple(_served(spec)))


def _block(text: str, start: int) -> str:
    """A key at the margin with everything below it."""
    end = _margin.search(text, start)
    return text[start : end.start() + 1 if end else len(text)]


def _without_schemas(text: str) -> str:
    kept = []
    position = 0
    while found := _schema.search(text, position):
        indent = len(found[1]) + len(found[2] or "")
        end = re.compile(rf"\n {{0,{indent}}}[^ \r\n#]").search(text, found.end())
        kept.append(text[position : found.end(1)])
        # The key stays, so that a list item which begins with it stays one.
        kept.append(f"{found[2] or ''}schema: {{}}")
        position = end.start() if end else len(text)
    return "".join([*kept, text[position:]])


def _crd(
    unit: Unit, metadata: Node | None, spec: Node | None, start: int, steps: Steps
) -> Crd | None:
    """One definition, at `steps`; `start` is where the unit's text begins in the document's."""
    if type(metadata) is not Mapping:
        return None
    above: Steps = (steps, ".metadata")
    annotations = {}
    node = field(metadata, "annotations")
    for child, at in children(node, (above, label("annotations"))) if node else ():
        name = _key(at[1]) if at else ""
        if text_of(child):
            offset = start + written_at(unit, child, 0)
            annotations[name] = Annotation(text_of(child), offset, at)
    name = text_of(field(metadata, "name"))
    return Crd(name, start + metadata.start, above, annotations, tuple(_served(spec)))


def _key(step: str) -> str:
    return step[2:-2] if step.startswith("['") else step[1:]


def _served(spec: Node | None) -> Iterator[str]:
    versions = field(spec, "versions") if type(spec) is Mapping else None
    for item in versions.children if type(versions) is Sequence else ():
        version = resolve(item)
        if type(version) is Mapping and text_of(field(version, "served")).lower() in _TRUE:
            yield text_of(field(version, "name"))
