"""The values files that the user gives, checked before helm reads them: it lets much pass."""

from __future__ import annotations

import csv

from helm_compat.errors import CompatError, InputError, Place
from helm_compat.nodes import InvalidText, Limits, Mapping, Node, Scalar, Sequence, parse, resolve
from helm_compat.sources.files import read_file
from helm_compat.stream import Lines, check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def values_files(given: Iterable[str]) -> list[str]:
    """The names that `--values` were given, each as a line of CSV; `-` is standard input."""
    return [name for text in given for row in csv.reader([text]) for name in row]


def check_values(given: Iterable[str], stdin: bytes) -> list[CompatError]:
    """What is wrong with the files of `--values`, each fault with its place.

    URLs are left to helm.
    """
    faults: list[CompatError] = []
    for name in dict.fromkeys(values_files(given)):
        if "://" in name:
            continue
        shown = "<stdin>" if name == "-" else name
        try:
            data = stdin if name == "-" else read_file(name)
            check(data, file=shown, max_bytes=len(data))
        except CompatError as error:
            faults.append(error)
            continue
        text = data.decode("utf-8-sig")
        lines = Lines(text)
        for offset, message, hint in _faults(text):
            line, column = lines.place(offset)
            place = Place(shown, line + 1, column + 1)
            faults.append(InputError(message, place=place, hint=hint))
    return faults


def _faults(text: str) -> Iterator[tuple[int, str, str]]:
    """Offset, message and hint of every fault of a text."""
    try:
        roots = parse(text, Limits())
    except InvalidText as error:
        yield error.offset, error.message, "Correct the YAML there."
        return
    if not roots:
        return
    root = roots[0]
    if isinstance(root, Mapping):
        yield from _duplicates(root)
    elif not (isinstance(root, Scalar) and root.value in ("null", "~")):
        yield root.start, "values are a mapping of keys", "Helm merges it with the chart's own."
    for other in roots[1:2]:
        hint = "Helm reads the first alone; give files of their own."
        yield other.start, "a second document in a values file", hint


def _duplicates(root: Mapping) -> Iterator[tuple[int, str, str]]:
    """Keys that stand twice in one mapping, in the order of the text."""
    found = []
    waiting: list[Node] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            keys = [(key.start, resolve(key)) for key, _ in node.pairs]
            names = [(start, key.value) for start, key in keys if isinstance(key, Scalar)]
            known = set()
            for start, name in names:
                if name in known:
                    found.append((start, name))
                known.add(name)
        if isinstance(node, Mapping | Sequence):
            waiting += node.children
    for offset, name in sorted(found):
        yield offset, f"the key {name!r} stands twice", "Helm takes the last without a word."
