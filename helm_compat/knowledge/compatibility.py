"""What fits what in one product family, as frozen values made from its data file.

They are made for the products that a run meets, not for all: reading ranges takes time.
"""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.knowledge.paths import Path, parse_path
from helm_compat.knowledge.product import Kind, Source, evidence_of, sources_of
from helm_compat.knowledge.ranges import Range, parse_range
from helm_compat.knowledge.versions import Version, read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

# Ranges by component; None stands for any version, a version that cannot be read included.
Conditions = dict[str, "Range | None"]


class Fact(NamedTuple):
    """What every rule row has: its name in the file, the rule it belongs to, and what to say."""

    id: str
    rule: str
    severity: str
    message: str
    hint: str
    evidence: tuple[Source, ...]


class Release(NamedTuple):
    """One known release, the charts that carry it, and the oldest operand that came with it."""

    version: Version
    charts: tuple[str, ...]
    oldest_operand: Version | None
    evidence: tuple[Source, ...]


class Component(NamedTuple):
    """A versioned part of a product; `unreadable` is what the product does with a bad tag."""

    name: str
    title: str
    role: str
    scheme: str
    tags: str
    newest: Version | None
    releases: tuple[Release, ...]
    unreadable: Fact | None
    least_numbers: int

    def read(self, text: str) -> Version | None:
        """Read a version of this component, or None; one of too few numbers is none."""
        version = read(self.scheme, text, tags=self.tags)
        return version if version and len(version.key.numbers) >= self.least_numbers else None

    def range(self, text: str) -> Range | None:
        """Read a range of this component's versions; None for `any`."""
        return None if text == "any" else parse_range(self.scheme, text, tags=self.tags)


class Cell(NamedTuple):
    """What a row allows of one component: None when it is not supported at all.

    Inside `range` but outside `stated` a version fits, and nobody has said so.
    """

    range: Range | None
    stated: Range | None


class Row(NamedTuple):
    """One row of a matrix: the releases it is for, and what fits them."""

    key: Range
    cells: dict[str, Cell]
    evidence: tuple[Source, ...]


class Matrix(NamedTuple):
    """Rows that count, for the releases of the component `of`; `others` are what else is said."""

    id: str
    of: str
    rows: tuple[Row, ...]
    others: tuple[Row, ...]


class Requirement(NamedTuple):
    """Where `when` holds, `needs` must, or the components of `equal` must have one version."""

    fact: Fact
    when: Conditions
    needs: Conditions
    equal: tuple[str, ...]
    new_only: bool


class ApiVersion(NamedTuple):
    """Which releases of a component serve an API version; `any` stands for every kind or version."""

    fact: Fact
    group: str
    kind: str
    version: str
    component: str
    served_by: Range
    use: str


class ServedApi(NamedTuple):
    """A version that a CustomResourceDefinition must serve."""

    fact: Fact
    crd: str
    version: str
    when: Conditions


class Test(NamedTuple):
    """What is asked of a field: equals, contains, lacks, unless, absent, differs-from or there.

    `values` are the words of the test, `other` is the path of the field to differ from.
    """

    path: Path
    name: str
    values: tuple[str, ...]
    other: Path


class FieldRule(NamedTuple):
    """A test of a field of a kind, where the tests of `where` hold too."""

    fact: Fact
    kind: Kind
    test: Test
    where: tuple[Test, ...]
    when: Conditions
    needs: Conditions
    joins: dict[str, Path]
    use: str


class Transient(NamedTuple):
    """A state outside the matrix that a documented path passes, while `stays` is not rendered."""

    fact: Fact
    when: Conditions
    stays: str


class Upgrade(NamedTuple):
    """A supported step of one component: to `to` from `source_range`, else over `stop`.

    `source_range` is None where there is no way in place. `described` is a jump that a page
    describes although it is no step; `inferred` is a step that no page states.
    """

    fact: Fact
    component: str
    to: Range
    source_range: Range | None
    stop: str
    described: bool
    inferred: bool


class Stops(NamedTuple):
    """Lines of a component that may not be jumped over in either direction."""

    fact: Fact
    component: str
    lines: tuple[Range, ...]


class Crossing(NamedTuple):
    """What happens when a release is crossed: `at` itself counts as behind it.

    Or, without `at`, when the release before lies in `before` and the one after in `after`.
    """

    fact: Fact
    component: str
    at: Version | None
    direction: str
    before: Range | None
    after: Range | None
    within: Conditions
    field: tuple[Kind, Path] | None


class Downgrade(NamedTuple):
    """What is known of going back to an earlier release of a component."""

    fact: Fact
    component: str


class CurrentRelease(NamedTuple):
    """The operator must have been current when the operand was released; `grace` is in days."""

    fact: Fact
    operator: str
    operand: str
    grace: int
    known_until: str


class SameRelease(NamedTuple):
    """All instances of a component in one render have one release."""

    fact: Fact
    component: str


class Flavours(NamedTuple):
    """Components of one render that share their flavour."""

    fact: Fact
    components: tuple[str, ...]


class Editions(NamedTuple):
    """How a reference tells the edition, first match wins; editions cannot be switched."""

    fact: Fact
    component: str
    words: tuple[tuple[str, str], ...]


class Product(NamedTuple):
    """One family whose parts must fit each other."""

    name: str
    title: str
    components: dict[str, Component]
    matrices: tuple[Matrix, ...]
    requirements: tuple[Requirement, ...]
    api_versions: tuple[ApiVersion, ...]
    served_apis: tuple[ServedApi, ...]
    fields: tuple[FieldRule, ...]
    transients: tuple[Transient, ...]
    upgrades: tuple[Upgrade, ...]
    stops: tuple[Stops, ...]
    crossings: tuple[Crossing, ...]
    downgrades: tuple[Downgrade, ...]
    current: tuple[CurrentRelease, ...]
    same_release: tuple[SameRelease, ...]
    flavours: tuple[Flavours, ...]
    editions: tuple[Editions, ...]

    def role(self, component: str) -> str:
        """The role of a component."""
        return self.components[component].role


def build_product(data: dict[str, Any]) -> Product:
    """Make the values of one product file, which the schema and the checks have found valid."""
    return _Builder(data).product()


class _Builder:
    def __init__(self, data: dict[str, Any]) -> None:
        self._data = data
        self._sources = sources_of(data)
        self._components = {
            name: self._component(name, entry) for name, entry in data.get("components", {}).items()
        }

    def product(self) -> Product:
        return Product(
            self._data["product"],
            self._data["title"],
            self._components,
            tuple(self._matrix(entry) for entry in self._entries("matrices")),
            tuple(self._requirement(entry) for entry in self._entries("requirements")),
            tuple(self._api_version(entry) for entry in self._entries("api-versions")),
            tuple(self._served_api(entry) for entry in self._entries("served-apis")),
            tuple(self._field(entry) for entry in self._entries("fields")),
            tuple(self._transient(entry) for entry in self._entries("transients")),
            tuple(self._upgrade(entry) for entry in self._entries("upgrades")),
            tuple(self._stops(entry) for entry in self._entries("stops")),
            tuple(self._crossing(entry) for entry in self._entries("crossings")),
            tuple(
                Downgrade(self._fact(entry, "downgrade"), entry["component"])
                for entry in self._entries("downgrades")
            ),
            tuple(self._current(entry) for entry in self._entries("current-release")),
            tuple(
                SameRelease(self._fact(entry, "mixed-operator-releases"), entry["component"])
                for entry in self._entries("same-release")
            ),
            tuple(
                Flavours(self._fact(entry, "mixed-flavours"), tuple(entry["components"]))
                for entry in self._entries("flavours")
            ),
            tuple(self._edition(entry) for entry in self._entries("editions")),
        )

    def _entries(self, key: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self._data.get(key, [])
        return entries

    def _evidence(self, entry: dict[str, Any]) -> tuple[Source, ...]:
        return evidence_of(entry, self._sources)

    def _fact(self, entry: dict[str, Any], rule: str, severity: str = "error") -> Fact:
        return Fact(
            entry.get("id", ""),
            entry.get("rule", rule),
            entry.get("severity", severity),
            entry.get("message", ""),
            entry.get("hint", ""),
            self._evidence(entry),
        )

    def _component(self, name: str, entry: dict[str, Any]) -> Component:
        scheme, tags = entry["scheme"], entry.get("tags", "")
        releases = []
        for release in entry.get("releases", ()):
            record = {"version": release} if isinstance(release, str) else release
            version = read(scheme, record["version"], tags=tags)
            oldest = record.get("oldest-operand")
            assert version, "the checks of product files let no such release pass"
            releases.append(
                Release(
                    version,
                    tuple(record.get("charts", ())),
                    read(scheme, oldest) if oldest else None,
                    self._evidence(record),
                )
            )
        unreadable = entry.get("unreadable")
        return Component(
            name,
            entry["title"],
            entry["role"],
            scheme,
            tags,
            read(scheme, entry["newest"], tags=tags) if "newest" in entry else None,
            tuple(releases),
            self._fact(unreadable, "unreadable-version") if unreadable else None,
            entry.get("least-numbers", 0),
        )

    def _conditions(self, entry: dict[str, str]) -> Conditions:
        return {name: self._components[name].range(text) for name, text in entry.items()}

    def _range(self, component: str, text: str) -> Range:
        found = self._components[component]
        return parse_range(found.scheme, text, tags=found.tags)

    def _matrix(self, entry: dict[str, Any]) -> Matrix:
        key = entry["of"]
        rows: dict[bool, list[Row]] = {True: [], False: []}
        for row in entry["rows"]:
            cells = {
                name: self._cell(name, cell)
                for name, cell in row.items()
                if name in self._components and name != key
            }
            rows[row.get("counts", True)].append(
                Row(self._range(key, row[key]), cells, self._evidence(row))
            )
        return Matrix(entry["id"], key, tuple(rows[True]), tuple(rows[False]))

    def _cell(self, component: str, cell: str | dict[str, str]) -> Cell:
        if isinstance(cell, str):
            return Cell(None if cell == "none" else self._range(component, cell), None)
        stated = cell.get("stated")
        return Cell(
            self._range(component, cell["range"]),
            self._range(component, stated) if stated else None,
        )

    def _requirement(self, entry: dict[str, Any]) -> Requirement:
        return Requirement(
            self._fact(entry, "incompatible-versions"),
            self._conditions(entry.get("when", {})),
            self._conditions(entry.get("needs", {})),
            tuple(entry.get("equal", ())),
            entry.get("new-only", False),
        )

    def _api_version(self, entry: dict[str, Any]) -> ApiVersion:
        return ApiVersion(
            self._fact(entry, "unserved-api-version"),
            entry["group"],
            entry["kind"],
            entry["version"],
            entry["component"],
            self._range(entry["component"], entry["served-by"]),
            entry.get("use", ""),
        )

    def _served_api(self, entry: dict[str, Any]) -> ServedApi:
        return ServedApi(
            self._fact(entry, "unserved-api-version"),
            entry["crd"],
            entry["version"],
            self._conditions(entry.get("when", {})),
        )

    def _field(self, entry: dict[str, Any]) -> FieldRule:
        return FieldRule(
            self._fact(entry, "unsupported-field"),
            (entry["group"], entry["kind"]),
            _test(entry),
            tuple(_test(condition) for condition in entry.get("where", ())),
            self._conditions(entry.get("when", {})),
            self._conditions(entry.get("needs", {})),
            {name: parse_path(path) for name, path in entry.get("joins", {}).items()},
            entry.get("use", ""),
        )

    def _transient(self, entry: dict[str, Any]) -> Transient:
        fact = self._fact(entry, "transient-state", "warning")
        return Transient(fact, self._conditions(entry["when"]), entry["stays"])

    def _upgrade(self, entry: dict[str, Any]) -> Upgrade:
        component = entry["component"]
        inferred = entry.get("basis") == "inferred"
        weak = inferred or entry.get("described", False)
        return Upgrade(
            self._fact(entry, "skipped-stop", "warning" if weak else "error"),
            component,
            self._range(component, entry["to"]),
            None if entry["from"] == "none" else self._range(component, entry["from"]),
            entry.get("stop", ""),
            entry.get("described", False),
            inferred,
        )

    def _stops(self, entry: dict[str, Any]) -> Stops:
        component = entry["component"]
        lines = tuple(self._range(component, line) for line in entry["lines"])
        return Stops(self._fact(entry, "skipped-stop"), component, lines)

    def _crossing(self, entry: dict[str, Any]) -> Crossing:
        component = entry["component"]
        field = entry.get("field")
        return Crossing(
            self._fact(entry, "disruptive-change", "warning"),
            component,
            self._components[component].read(entry["at"]) if "at" in entry else None,
            entry.get("direction", "both"),
            self._range(component, entry["from"]) if "from" in entry else None,
            self._range(component, entry["to"]) if "to" in entry else None,
            self._conditions(entry.get("within", {})),
            ((field["group"], field["kind"]), parse_path(field["path"])) if field else None,
        )

    def _current(self, entry: dict[str, Any]) -> CurrentRelease:
        return CurrentRelease(
            self._fact(entry, "incompatible-versions"),
            entry["operator"],
            entry["operand"],
            entry["grace-days"],
            entry["known-until"],
        )

    def _edition(self, entry: dict[str, Any]) -> Editions:
        words = tuple((e, entry[e]) for e in ("federal", "enterprise") if e in entry)
        return Editions(self._fact(entry, "edition-switch"), entry["component"], words)


def _test(entry: dict[str, Any]) -> Test:
    tests = ("equals", "contains", "lacks", "unless", "absent", "differs-from")
    name = next((name for name in tests if name in entry), "there")
    given = entry.get(name, ())
    values = (given,) if isinstance(given, str) else tuple(given) if name != "absent" else ()
    other = parse_path(given) if name == "differs-from" else ()
    return Test(parse_path(entry["path"]), name, values, other)


class Products:
    """The products by name, each made when it is asked for."""

    def __init__(self, data: Iterable[dict[str, Any]]) -> None:
        # A file without components is of images alone.
        self._data = {entry["product"]: entry for entry in data if entry.get("components")}
        self._made: dict[str, Product] = {}

    @property
    def names(self) -> list[str]:
        """The names of all products that have components."""
        return sorted(self._data)

    def data(self, name: str) -> dict[str, Any]:
        """The data of a product's file."""
        return self._data[name]

    def __getitem__(self, name: str) -> Product:
        if name not in self._made:
            self._made[name] = build_product(self._data[name])
        return self._made[name]
