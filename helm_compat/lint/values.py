"""Values files of the AIStor charts, held against what the charts read.

The schemas are those of `schemas/values/`; each says where its keys were read.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from helm_compat.findings import Excerpt, Finding, Locator
from helm_compat.images.tree import NOBODY
from helm_compat.knowledge.ranges import parse_range
from helm_compat.knowledge.schema import Fault, validate
from helm_compat.knowledge.versions import Version, read
from helm_compat.lint.values_traps import Trapped, operator_traps, store_traps
from helm_compat.lint.values_tree import (
    Value,
    Values,
    masked,
    path_text,
    read_values,
    secrets,
)
from helm_compat.nodes import Mapping, Resolved, Scalar, Sequence
from helm_compat.schema_files import read_schema
from helm_compat.stream import Document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator

_UNKNOWN = "unknown key "
_HINT = "Did you mean "
# Keys of the user's own, which hold anchors.
_PRIVATE = ("x-", "_", ".")
_NEAR = 0.85

# Many charts are linted in one run.
_schema = cache(read_schema)


class _Chart(NamedTuple):
    """What is known of the charts of one generation.

    `read` are the versions of which all keys are known: in another one, a key that we do not know
    is only told where it looks like a misspelling.
    """

    schema: str
    read: str
    traps: Callable[[Values, Version | None], Iterator[Trapped]]


_TEMPLATES = _Chart("aistor-operator-templates", "", operator_traps)
_OPERATOR = _Chart("aistor-operator", ">=5.6.2 <=5.10.0", operator_traps)
_STORE = _Chart("aistor-objectstore", ">=1.0.15 <=1.0.16", store_traps)


def lint_values(text: str, file: str, chart_name: str, chart_version: str) -> list[Finding]:
    """Judge the values that a user gives to a chart, in the order of the file.

    A chart that is none of ours has no findings. Raises InputError, whatever the chart, for a
    file that cannot be read: a syntax error, a key that stands twice, no mapping.
    """
    documents = read_values(text, file)
    version = read("semver", chart_version)
    chart = _chart(chart_name, version)
    if not chart:
        return []
    schema = _schema(f"values/{chart.schema}")
    title = f"{chart_name} {chart_version}" if _is_read(chart, version) else ""
    report = _Report(text, file, documents, schema["properties"], title)
    for values in documents:
        for fault in validate(values.root, schema):
            report.add_fault(fault, values)
        for trapped in chart.traps(values, version):
            report.add_trapped(trapped)
    for values in documents[1:]:
        report.add_document(values.root)
    return report.findings()


def _chart(name: str, version: Version | None) -> _Chart | None:
    if name == "aistor-objectstore-operator":
        return _TEMPLATES
    if name == "aistor-operator":
        old = version and parse_range("semver", "<5.5.0").holds(version)
        return _TEMPLATES if old else _OPERATOR
    return _STORE if name == "aistor-objectstore" else None


def _is_read(chart: _Chart, version: Version | None) -> bool:
    return bool(version and chart.read and parse_range("semver", chart.read).holds(version))


class _Report:
    """Collects findings with their places; what is secret in the file never gets into one.

    `known` are the chart's own keys at the top, and `title` names the chart where all its keys
    are known.
    """

    def __init__(
        self,
        text: str,
        file: str,
        documents: list[Values],
        known: Container[str],
        title: str,
    ) -> None:
        self._known = known
        self._title = title
        self._found: dict[Finding, int] = {}
        self._secrets = secrets(documents)
        text = masked(text, self._secrets.values())
        self._locator = Locator(file, Document(0, 0, 1, b""), text)

    def findings(self) -> list[Finding]:
        """All findings, each once, in the order of the file."""
        return sorted(self._found, key=self._found.__getitem__)

    def add_fault(self, fault: Fault, values: Values) -> None:
        """Tell where the file breaks the schema."""
        if fault.message.startswith(_UNKNOWN):
            keyed = (v for v in values.all if v.key and v.key.start == fault.offset)
            self._unknown(fault, self._one(keyed))
            return
        value = self._one(v for v in values.all if v.node.start == fault.offset)
        message, hint = fault.message, fault.hint
        if fault.offset in self._secrets:
            message, hint = message.partition(", not ")[0], "Write it in quotes." if hint else ""
        elif fault.offset in values.written:
            written = values.written[fault.offset]
            word = value.node.value if isinstance(value.node, Scalar) else ""
            message = message.replace(f"not {word}", f"not {written}, which YAML reads as {word}")
            hint = hint.replace(f'"{word}"', f'"{written}"')
        elif value.path[-2:-1] == ("imagePullSecrets",) and value.text:
            hint = f"Write {{name: {value.text}}}."
        elif message.startswith("wants true or false, not '"):
            hint = "Write it without quotes; to a template, any text but the empty one is true."
        self._add("wrong-value-type", "error", value, fault.offset, message, hint)

    def _one(self, values: Iterator[Value]) -> Value:
        """The outermost of several values; of those behind one anchor, that of the chart."""
        return min(values, key=lambda value: value.path[0] not in self._known)

    def _unknown(self, fault: Fault, value: Value) -> None:
        name = value.path[-1]
        near = fault.hint.removeprefix(_HINT)[1:-2] if fault.hint.startswith(_HINT) else ""
        private = len(value.path) == 1 and name.startswith(_PRIVATE)
        if private or not (self._title or _is_misspelled(name, near)):
            return
        message = "no chart is known to read it"
        if self._title:
            message = f"{self._title} reads no such value"
        hint = fault.hint if near else ""
        if value.path[0] == "images" and name in ("tag", "digest"):
            hint = "The tag stands behind the name: image: NAME:TAG."
        self._add("unknown-value", "warning", value, fault.offset, message, hint)

    def add_trapped(self, trapped: Trapped) -> None:
        """Tell what is known to go wrong with a value."""
        rule, severity, value, message, hint, notes = trapped
        self._add(rule, severity, value, value.place, message, hint, notes)

    def add_document(self, root: Mapping) -> None:
        """Tell of a document behind the first one."""
        value = Value((), None, root)
        message = "a second document, which Helm 3 does not read and Helm 4 does"
        hint = "Put all values into one document."
        self._add("ignored-value", "warning", value, value.place, message, hint)

    def _add(
        self,
        rule: str,
        severity: str,
        value: Value,
        offset: int,
        message: str,
        hint: str,
        notes: tuple[str, ...] = (),
    ) -> None:
        path = path_text(value.path)
        finding = Finding(
            rule,
            severity,
            f"{path}: {message}" if path else message,
            self._locator.at(offset, path, NOBODY),
            hint=hint,
            notes=notes,
            excerpt=self._excerpt(value, offset),
        )
        self._found.setdefault(finding, offset)

    def _excerpt(self, value: Value, offset: int) -> Excerpt | None:
        at_key = value.key is not None and value.key.start == offset
        return self._locator.excerpt(offset, _width(value.key if at_key else value.node))


def _width(node: Resolved | None) -> int:
    """How much of a node is shown: a scalar whole, a block collection by what it begins with."""
    if isinstance(node, Mapping | Sequence) and not node.flow and node.children:
        first = node.children[0]
        return first.end - first.start if isinstance(node, Mapping) else 1
    return node.end - node.start if node else 1


def _is_misspelled(name: str, near: str) -> bool:
    """Whether a name is so near to a known one that it hardly is another one."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, name, near).ratio() > _NEAR
