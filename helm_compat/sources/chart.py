"""What a chart says of itself, each value with its place, read without helm."""

from __future__ import annotations

import os
from typing import NamedTuple

from helm_compat.errors import InputError, Place
from helm_compat.nodes import InvalidText, Limits, Mapping, Node, Scalar, parse, resolve
from helm_compat.sources.files import Archive, Folder, read_file
from helm_compat.stream import Lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

CHART_FILE = "Chart.yaml"


class Text(NamedTuple):
    """A value as it is written, and where; empty, with the file as its place, if it is not there."""

    value: str
    place: Place


class Chart(NamedTuple):
    """A chart: what Chart.yaml says, and its files; `path` is how the user knows it."""

    path: str
    files: Folder | Archive
    name: Text
    version: Text
    app_version: Text
    kube_version: Text
    type: Text
    annotations: dict[str, Text]

    def text(self, name: str) -> str | None:
        """The text of a file, None if there is none; `name` is as in `templates/pod.yaml`.

        A file of a chart that is packed in `charts/` goes by `charts/NAME/…`, as Helm has it.
        Raises InputError if the file cannot be read.
        """
        data = self.files.read(name)
        return None if data is None else data.decode("utf-8", "replace")

    def file(self, name: str) -> str:
        """The name of a file as the user knows it."""
        return os.path.join(self.path, name)


def read_chart(path: str, *, shown: str = "") -> Chart:
    """Read the chart of a folder or an archive; raises InputError with the place.

    `shown` is how the user knows it, if not by its path.
    """
    shown = shown or path
    packed = not os.path.isdir(path)
    files = Archive(read_file(path, shown=shown), shown) if packed else Folder(path)
    data = files.read(CHART_FILE)
    if data is None:
        raise InputError(
            f"this is no chart: it has no {CHART_FILE}",
            place=Place(shown),
            hint=f"{CHART_FILE} stands at the top of a chart, in an archive in its only folder.",
        )
    file = os.path.join(shown, CHART_FILE)
    text = _decoded(data, file)
    lines = Lines(text)
    root = _mapping(text, file, lines)
    nothing = Text("", Place(file))
    fields = dict(_texts(root, file, lines))
    return Chart(
        path=shown,
        files=files,
        name=fields.get("name", nothing),
        version=fields.get("version", nothing),
        app_version=fields.get("appVersion", nothing),
        kube_version=fields.get("kubeVersion", nothing),
        type=fields.get("type", nothing),
        annotations=dict(_texts(_value(root, "annotations"), file, lines)),
    )


def _decoded(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            "this file is not UTF-8", place=Place(file, line, 1), hint="Convert it to UTF-8."
        ) from error


def _mapping(text: str, file: str, lines: Lines) -> Mapping:
    """The mapping that a text is; raises InputError."""
    try:
        roots = parse(text, Limits())
    except InvalidText as error:
        raise InputError(
            error.message, place=_place(file, lines, error.offset), hint="Correct the YAML there."
        ) from error
    root = resolve(roots[0]) if roots else None
    if isinstance(root, Mapping):
        return root
    raise InputError(
        f"{CHART_FILE} is a mapping of keys",
        place=_place(file, lines, root.start if root else 0),
        hint="It wants at least apiVersion, name and version.",
    )


def _texts(node: Node | None, file: str, lines: Lines) -> Iterator[tuple[str, Text]]:
    """The keys of a mapping that hold text; of a key that stands twice, Helm takes the last."""
    for key, value in node.pairs if isinstance(node, Mapping) else ():
        name, found = resolve(key), resolve(value)
        if isinstance(name, Scalar) and isinstance(found, Scalar):
            # Where it stands, not the alias through which it is used.
            yield name.value, Text(found.value, _place(file, lines, found.content))


def _value(root: Mapping, wanted: str) -> Node | None:
    """The value of a key, the last if it stands twice."""
    found = None
    for key, value in root.pairs:
        name = resolve(key)
        if isinstance(name, Scalar) and name.value == wanted:
            found = resolve(value)
    return found


def _place(file: str, lines: Lines, offset: int) -> Place:
    line, column = lines.place(offset)
    return Place(file, line + 1, column + 1)
