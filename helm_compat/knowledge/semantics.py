"""What no schema can say of a product file: names that exist, versions that can be read, and
facts that do not contradict each other.

The checks run on data whose strings, lists and mappings know their `offset` in a text. Data without
one, which is that of a product that a user's file extends, is taken as right.
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

from helm_compat.knowledge.paths import InvalidPath, parse_path
from helm_compat.knowledge.ranges import InvalidRange, Range, intersects, parse_range
from helm_compat.knowledge.schema import Fault
from helm_compat.knowledge.versions import Version, read
from helm_compat.knowledge.words import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# The keys of a row that name no component.
_ROW = ("counts", "note", "source")
_PATHS = ("path", "paths", "differs-from")
_CONDITIONS = ("when", "needs", "within", "while", "needed")
# The lists whose entries name components, versions and ranges.
_RULES = (
    "requirements",
    "api-versions",
    "served-apis",
    "fields",
    "transients",
    "upgrades",
    "stops",
    "crossings",
    "downgrades",
    "current-release",
    "same-release",
    "flavours",
    "editions",
    "deliveries",
    "effects",
    "marks",
    "orders",
    "waypoints",
)


def _named(entry: dict[str, Any]) -> list[Any]:
    """The components that an entry names outside of conditions."""
    keys = ("component", "operator", "operand", "stays", "equal", "components")
    plans = ("changes", "restarts", "moves-data")
    return [*_values(entry, *keys, *plans), *entry.get("joins", ())]


def check(data: dict[str, Any], text: str) -> list[Fault]:
    """The faults of a product's data, of which what comes from `text` knows its place."""
    checks = _Checks(data, text)
    checks.sources()
    checks.paths()
    checks.ids()
    checks.components()
    checks.rules()
    checks.release_dates()
    for matrix in data.get("matrices", ()):
        checks.matrix(matrix)
    checks.contradictions()
    checks.upgrades()
    checks.planning()
    # A range is read wherever it counts, and its fault is told once.
    return sorted(set(checks.faults))


class _Row(NamedTuple):
    """A row of a matrix or an upgrade with the range that it is for."""

    record: dict[str, Any]
    key: Any
    range: Range

    @property
    def counts(self) -> bool:
        return self.record.get("counts", True) is True

    def has_source_of(self, other: _Row) -> bool:
        """Whether both were read in the same places."""
        return set(_several(self.record["source"])) == set(_several(other.record["source"]))


def _is_range(value: Any) -> bool:
    """Whether a cell has nothing but a range."""
    return isinstance(value, str) and value != "none"


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _values(entry: dict[str, Any], *keys: str) -> list[Any]:
    """What stands under some keys, each of which may be missing, or have several values."""
    return [value for key in keys if key in entry for value in _several(entry[key])]


def _strings(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every string in a value, with the key that it stands under, alone or in a list."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, list):
        for child in value:
            yield from _strings(child, key)
    elif isinstance(value, dict):
        for name, child in value.items():
            yield from _strings(child, name)


class _Checks:
    def __init__(self, data: dict[str, Any], text: str) -> None:
        self.faults: list[Fault] = []
        self._data = data
        self._source = text
        self._components: dict[str, dict[str, Any]] = data.get("components", {})

    def _fault(self, message: str, hint: str = "", *, at: list[Any]) -> None:
        """Tell a fault at the first of some values that has a place; built-in data has none."""
        offset = next((value.offset for value in at if hasattr(value, "offset")), None)
        if offset is not None:
            self.faults.append(Fault(offset, message, hint))

    def _where(self, value: Any) -> str:
        if not hasattr(value, "offset"):
            return "in the extended product"
        return f"in line {self._source.count(chr(10), 0, value.offset) + 1}"

    # --- Names ---

    def sources(self) -> None:
        """Every source that is named is declared."""
        known = self._data.get("sources", {})
        for key, name in _strings(self._data) if known else ():
            if key == "source" and name not in known:
                self._fault(f"there is no source {name!r}", did_you_mean(name, known), at=[name])

    def paths(self) -> None:
        """Every field path can be read."""
        paths = [text for key, text in _strings(self._data) if key in _PATHS]
        for entry in self._data.get("fields", ()):
            paths += [*entry.get("joins", {}).values(), *_values(entry, "use")]
        for path in paths:
            try:
                parse_path(path)
            except InvalidPath as error:
                self._fault(str(error), at=[path])

    def ids(self) -> None:
        """No id stands twice in a file."""
        first: dict[str, Any] = {}
        for entries in self._data.values():
            for entry in entries if isinstance(entries, list) else ():
                name = entry.get("id")
                if name is not None and first.setdefault(name, name) is not name:
                    message = f"the id {name!r} also stands {self._where(first[name])}"
                    self._fault(message, at=[name, first[name]])

    def _component(self, name: Any) -> bool:
        """Whether a component is declared, which is a fault where it is not."""
        if name not in self._components:
            known = self._components
            hint = did_you_mean(name, known) if known else "Components stand under 'components'."
            self._fault(f"there is no component {name!r}", hint, at=[name])
        return name in self._components

    # --- Versions ---

    def _version(self, component: str, text: Any) -> Version | None:
        """Read a version of a component; it is a fault where its scheme cannot."""
        record = self._components.get(component)
        if not record:
            return None
        version = read(record["scheme"], text, tags=record.get("tags", ""))
        if not version:
            scheme = record.get("tags", record["scheme"])
            self._fault(
                f"{text!r} is no version of {component!r}, which is read as {scheme}", at=[text]
            )
        return version

    def _range(self, component: str, text: Any) -> Range | None:
        """Read a range of a component's versions; it is a fault where its scheme cannot."""
        record = self._components.get(component)
        if not record:
            return None
        try:
            return parse_range(record["scheme"], text, tags=record.get("tags", ""))
        except InvalidRange as error:
            self._fault(str(error), at=[text])
        return None

    def components(self) -> None:
        """What components say of themselves."""
        for name, record in self._components.items():
            if name in _ROW:
                message = f"no component can be named {name!r}: rows have a key of that name"
                self._fault(message, at=[name])
            for release in _values(record, "newest", "releases"):
                entry = release if isinstance(release, dict) else {"version": release}
                for text in _values(entry, "version", "oldest-operand", "newest-operand"):
                    self._version(name, text)
            for mark in record.get("detect", ()):
                for text in mark.get("releases", {}).values():
                    self._version(name, text)
                for text in _values(mark, "says"):
                    self._range(name, text)

    def rules(self) -> None:
        """The names, versions and ranges of every rule."""
        for entry in (entry for key in _RULES for entry in self._data.get(key, ())):
            for name in _named(entry):
                self._component(name)
            for conditions in (entry.get(key, {}) for key in _CONDITIONS):
                for name, text in conditions.items():
                    if self._component(name):
                        self._range(name, text)
            component = entry.get("component", "")
            for text in _values(entry, "served-by", "to", "from", "lines"):
                if text != "none":
                    self._range(component, text)
            for text in _values(entry, "at", "stop"):
                self._version(component, text)

    def release_dates(self) -> None:
        """Components that are compared by their dates have dates."""
        for entry in self._data.get("current-release", ()):
            for name in _values(entry, "operator", "operand"):
                record = self._components.get(name)
                if record and record["scheme"] != "release-date":
                    message = f"{name!r} has no release dates, but {record['scheme']} versions"
                    self._fault(message, at=[name])

    # --- Rows ---

    def matrix(self, matrix: dict[str, Any]) -> None:
        """The rows of one matrix, alone and together."""
        key = matrix["of"]
        known = self._component(key)
        for record in matrix["rows"]:
            if known and not _is_range(record.get(key)):
                message = f"wants the range of {key!r} that the row is for"
                self._fault(message, at=[record.get(key), record, key])
            for name, cell in record.items():
                if name not in _ROW and self._component(name):
                    self._cell(name, cell)
        rows = self._rows(matrix["rows"], key, key)
        for row, other in combinations(rows, 2):
            if intersects(row.range, other.range):
                self._pair(row, other)
        for row in rows:
            others = (o for o in rows if o.counts and intersects(o.range, row.range))
            if not row.counts and not any(others):
                message = f"the row for {row.key} does not count, and no other row does"
                self._fault(message, at=[row.key])

    def _rows(self, records: list[dict[str, Any]], component: str, key: str) -> list[_Row]:
        """The rows whose range can be read."""
        rows = []
        for record in records:
            found = self._range(component, record[key]) if _is_range(record.get(key)) else None
            if found:
                rows.append(_Row(record, record[key], found))
        return rows

    def _cell(self, name: str, cell: Any) -> None:
        if _is_range(cell):
            self._range(name, cell)
        if isinstance(cell, str):
            return
        limits, stated = (self._range(name, cell[key]) for key in ("range", "stated"))
        if limits and stated and not intersects(limits, stated):
            self._fault(f"{stated.text!r} lies outside of {limits.text!r}", at=[cell["stated"]])

    def _pair(self, row: _Row, other: _Row) -> None:
        """Two rows that are for the same releases, or for some of them."""
        if not hasattr(other.key, "offset"):
            row, other = other, row
        meets = f"the row for {other.key} meets the row for {row.key} {self._where(row.key)}"
        places = [other.key, row.key]
        both_here = all(hasattr(place, "offset") for place in places)
        if row.has_source_of(other) and (both_here or (row.counts and other.counts)):
            self._fault(f"{meets}, and both have the same source", at=places)
        elif row.counts and other.counts:
            hint = "Write counts: false in the one that does not count."
            if not both_here:
                hint = "A row takes the place of one with the very same key."
            self._fault(f"{meets}, and both count", hint, at=places)

    # --- Contradictions ---

    def contradictions(self) -> None:
        """No requirement excludes what another one, or a row for the same releases, wants."""
        requirements = self._data.get("requirements", [])
        for first, second in combinations(requirements, 2):
            if first["when"] == second["when"]:
                for name in second.get("needs", ()):
                    if name in first.get("needs", ()):
                        self._exclude(name, second["needs"], first["needs"])
        for matrix in self._data.get("matrices", ()):
            for row in matrix["rows"]:
                key = {matrix["of"]: row.get(matrix["of"])}
                for entry in requirements if row.get("counts", True) else ():
                    for name in entry.get("needs", ()) if entry["when"] == key else ():
                        if name in row:
                            self._exclude(name, entry["needs"], row)

    def _exclude(self, name: str, needs: dict[str, Any], other: dict[str, Any]) -> None:
        """Tell where what is needed of a component and what is said elsewhere meet nowhere."""
        said = other[name]["range"] if isinstance(other[name], dict) else other[name]
        wanted = self._range(name, needs[name])
        allowed = self._range(name, said) if said != "none" else None
        if said == "none" or (wanted and allowed and not intersects(wanted, allowed)):
            message = f"{name} {needs[name]} contradicts {said} {self._where(said)}"
            self._fault(f"{message}, which is for the same releases", at=[needs[name], said])

    # --- Upgrades ---

    def upgrades(self) -> None:
        """Steps do not overlap, and every stop brings nearer to the end."""
        by_component: dict[str, list[dict[str, Any]]] = {}
        for entry in self._data.get("upgrades", ()):
            by_component.setdefault(entry["component"], []).append(entry)
        for component, entries in by_component.items():
            rows = self._rows(entries, component, "to")
            steps = [row for row in rows if not row.record.get("described")]
            for row, other in combinations(steps, 2):
                if intersects(row.range, other.range):
                    message = f"the step to {other.key} meets the step to {row.key}"
                    self._fault(f"{message} {self._where(row.key)}", at=[other.key, row.key])
            stops = [
                (row, self._version(component, row.record["stop"]))
                for row in rows
                if "stop" in row.record
            ]
            self._stops(component, [(row, stop) for row, stop in stops if stop])

    def _stops(self, component: str, rows: list[tuple[_Row, Version]]) -> None:
        following = {
            row.key: next((other for other, _ in rows if other.range.holds(stop)), None)
            for row, stop in rows
        }
        circles: set[str] = set()
        for row, stop in rows:
            circle = [row]
            while (after := following.get(circle[-1].key)) and after not in circle:
                circle.append(after)
            if row.key in circles:
                continue
            if after is row and circle[1:]:
                circles.update(other.key for other in circle)
                ways = ", ".join(f"{other.key} wants {other.record['stop']}" for other in circle)
                stops = [other.record["stop"] for other in circle]
                self._fault(f"the stops lead in a circle: {ways}", at=stops)
            else:
                self._stop(component, row, stop)

    def _stop(self, component: str, row: _Row, version: Version) -> None:
        stop, source = row.record["stop"], row.record["from"]
        begins = self._range(component, source) if source != "none" else None
        if row.range.position(version) != "below":
            message = f"the stop {stop} is not below {row.key}, where the step leads"
            self._fault(message, at=[stop])
        elif begins and not begins.holds(version):
            message = f"the stop {stop} is not in {source}, where the step begins"
            self._fault(message, at=[stop])

    # --- Plans ---

    def planning(self) -> None:
        """What a plan refers to is there: crossings, API versions, variables."""
        self._refer("effects", "crossing", "crossings", "crossing")
        self._refer("written-as", "versions", "api-versions", "API version")
        for entry in self._data.get("written-as", ())[1:]:
            self._fault("a product has one entry in written-as", at=[entry])
        api = ["api"] if self._data.get("written-as") else []
        for entry in self._data.get("orders", ()):
            for name in entry["order"]:
                if name not in api:
                    self._component(name)
        for entry in self._data.get("deliveries", ()):
            record = self._components.get(entry["component"], {})
            marks = [mark["env"] for mark in record.get("detect", ()) if "env" in mark]
            for name in _values(entry.get("tags-of", {}), "env"):
                if name not in marks:
                    self._fault(f"no detection reads the variable {name!r}", at=[name])

    def _refer(self, key: str, name: str, target: str, what: str) -> None:
        known = [entry.get("id") for entry in self._data.get(target, ())]
        for entry in self._data.get(key, ()):
            for value in _values(entry, name):
                if value not in known:
                    hint = did_you_mean(value, known) if known else ""
                    self._fault(f"there is no {what} {value!r}", hint, at=[value])
