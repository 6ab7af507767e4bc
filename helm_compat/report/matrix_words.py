"""What is known of a product, in words: tables of the data that `matrix` prints as JSON."""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.knowledge.ranges import parse_range, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Data = dict[str, Any]

COMPONENTS = ("component", "title", "role", "versions")
RULES = ("severity", "what", "needs", "why", "sources")


class Grid(NamedTuple):
    """A table with its title and notes on it; a line break in a cell stays one."""

    title: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    notes: tuple[str, ...] = ()


def component_rows(product: Data) -> list[tuple[str, ...]]:
    """The rows for the columns of COMPONENTS."""
    return [
        (entry["name"], entry["title"], entry["role"], _scheme(entry))
        for entry in product["components"]
    ]


class Words:
    """The tables of one product; `sources` are numbered in the order in which they appear."""

    def __init__(self, product: Data) -> None:
        self.sources: dict[tuple[str, str, str], int] = {}
        self._product = product
        self._components = {entry["name"]: entry for entry in product["components"]}

    def grids(self) -> list[Grid]:
        """All tables that have rows."""
        found = [
            Grid("components", COMPONENTS, component_rows(self._product)),
            *(self._matrix(matrix) for matrix in self._product["matrices"]),
            *(self._rules(title, keys) for title, keys in _RULES.items()),
            *(self._came_with(entry) for entry in self._product["components"]),
            *(self._rules(title, keys) for title, keys in _OTHERS.items()),
            self._unreadable(),
            self._releases(),
        ]
        return [grid for grid in found if grid.rows]

    # --- Tables ---

    def _matrix(self, matrix: Data) -> Grid:
        of = matrix["of"]
        named = {name for row in matrix["rows"] for name in row["fits"]}
        columns = [name for name in self._components if name in named]
        rows, notes = [], [matrix["note"]]
        for row in matrix["rows"]:
            cells = [self._cell(name, row["fits"].get(name)) for name in columns]
            key = self._range(of, row["versions"])
            notes += [f"{key}: {row['note']}"] if row["note"] else []
            key += "" if row["counts"] else "\n  also published,\n  does not count"
            rows.append((key, *cells, self._cited(row["evidence"])))
        title = f"matrix {matrix['id']}: releases of {of} and what fits them"
        return Grid(title, (of, *columns, "sources"), rows, tuple(filter(None, notes)))

    def _cell(self, component: str, cell: Data | None) -> str:
        if cell is None:
            return "-"
        if cell["range"] is None:
            return "not supported"
        words = self._range(component, cell["range"])
        stated = cell["stated"]
        return f"{words} (stated: {self._range(component, stated)})" if stated else words

    def _rules(self, title: str, keys: tuple[str, ...]) -> Grid:
        rows = [self._row(key, rule) for key in keys for rule in self._product[key]]
        return Grid(title, RULES, rows)

    def _unreadable(self) -> Grid:
        found = [entry for entry in self._product["components"] if entry["unreadable"]]
        rows = [self._rule(f"any {e['name']}", "", e["unreadable"]) for e in found]
        return Grid("versions that cannot be read", RULES, rows)

    def _row(self, key: str, rule: Data) -> tuple[str, ...]:
        what, needs, *why = _WORDS[key](self, rule)
        return self._rule(what, needs, rule, *why)

    def _rule(self, what: str, needs: str, rule: Data, *why: str) -> tuple[str, ...]:
        more = {"use instead": rule.get("use"), "help": rule["hint"], "note": rule["note"]}
        labelled = (f"{label}: {text}" for label, text in more.items() if text)
        lines = filter(None, (rule["message"], *why, *labelled))
        return rule["severity"], what, needs, "\n".join(lines), self._cited(rule["evidence"])

    def _came_with(self, component: Data) -> Grid:
        rows = []
        for release in component["releases"] if _ships(component) else ():
            lines = [", ".join(release["charts"]), _operands(release), release["note"]]
            cell = "\n".join(line for line in lines if line)
            rows.append((release["version"], cell, self._cited(release["evidence"])))
        head = ("release", "came with", "sources")
        notes = tuple(filter(None, [component["note"]]))
        return Grid(f"releases of {component['name']}", head, rows, notes)

    def _releases(self) -> Grid:
        rows = []
        for entry in self._product["components"]:
            if not _ships(entry):
                lines = [", ".join(release["version"] for release in entry["releases"])]
                lines += [f"{r['version']}: {r['note']}" for r in entry["releases"] if r["note"]]
                lines += [f"newest: {entry['newest']}"] if entry["newest"] else []
                lines += [f"note: {entry['note']}"] if entry["note"] else []
                evidence = [e for release in entry["releases"] for e in release["evidence"]]
                cell = "\n".join(line for line in lines if line)
                rows += [(entry["name"], cell, self._cited(evidence))] if cell else []
        return Grid("known releases", ("component", "releases", "sources"), rows)

    def _cited(self, evidence: list[Data]) -> str:
        keys = dict.fromkeys((e["source"], e["read"], e["note"]) for e in evidence)
        numbers = [self.sources.setdefault(key, len(self.sources) + 1) for key in keys]
        return " ".join(f"[{number}]" for number in sorted(numbers))

    # --- Ranges ---

    def _range(self, component: str, text: str) -> str:
        entry = self._components[component]
        return shown(parse_range(entry["scheme"], text, tags=entry["tags"] or ""))

    def _one(self, component: str, text: str) -> str:
        if text == "any":
            return f"any {component}"
        return f"{component} {self._range(component, text)}"

    def _all(self, conditions: dict[str, str], joint: str = " with ") -> str:
        return joint.join(self._one(name, text) for name, text in conditions.items())

    # --- Rules: what they are about, what that needs, and more reasons ---

    def requirement(self, rule: Data) -> tuple[str, ...]:
        what = self._all(rule["when"]) + (", for a new object" if rule["newOnly"] else "")
        equal = f"{' and '.join(rule['equal'])} of one version" if rule["equal"] else ""
        return what, equal or self._all(rule["needs"], " and ")

    def api_version(self, rule: Data) -> tuple[str, ...]:
        kind = "every kind" if rule["kind"] == "any" else rule["kind"]
        version = "" if rule["version"] == "any" else f"/{rule['version']}"
        needs = self._one(rule["component"], rule["servedBy"])
        return f"{kind} of {rule['group']}{version}", needs

    def served_api(self, rule: Data) -> tuple[str, ...]:
        return self._all(rule["when"]), f"{rule['version']} of {rule['crd']} to be served"

    def field(self, rule: Data) -> tuple[str, ...]:
        set_too = " is set" if rule["where"] else ""
        tests = [f"{_test(t)}{set_too * (t['test'] == 'there')}" for t in (rule, *rule["where"])]
        what = f"{rule['kind']} {' and '.join(tests)}"
        what += f", with {self._all(rule['when'])}" if rule["when"] else ""
        joins = [f"{name}: the one that {path} names" for name, path in rule["joins"].items()]
        return what, self._all(rule["needs"], " and "), *joins

    def transient(self, rule: Data) -> tuple[str, ...]:
        return f"{self._all(rule['when'])}, while {rule['stays']} stays as it is", ""

    def upgrade(self, rule: Data) -> tuple[str, ...]:
        component = rule["component"]
        what = f"{component} to {self._range(component, rule['to'])}"
        if rule["from"] is None:
            return what, "a new installation: there is no way in place"
        before = self._range(component, rule["from"])
        if rule["described"]:
            return f"{what} from {before}", "the further steps that a page describes"
        inferred = "inferred, no page states it" if rule["basis"] == "inferred" else ""
        stop = f", or a stop at {rule['stop']}" if rule["stop"] else ""
        return what, f"{before} before it{stop}", inferred

    def stops(self, rule: Data) -> tuple[str, ...]:
        lines = [self._range(rule["component"], line) for line in rule["lines"]]
        return f"{rule['component']} up or down across {', '.join(lines)}", "a stop in each"

    def crossing(self, rule: Data) -> tuple[str, ...]:
        component = rule["component"]
        direction = "up or down" if rule["direction"] == "both" else rule["direction"]
        what = f"{component} {direction}"
        what += f" across {rule['at']}" if rule["at"] else ""
        ends = {"was": rule["from"], "becomes": rule["to"]}
        told = [f"{w} {self._range(component, r)}" for w, r in ends.items() if r and r != "any"]
        what += f", when it {' and '.join(told)}" if told else ""
        what += f", with {self._all(rule['within'])}" if rule["within"] else ""
        field = rule["field"]
        return f"{what}, with {field['kind']} {field['path']}" if field else what, ""

    def downgrade(self, rule: Data) -> tuple[str, ...]:
        return f"downgrade of {rule['component']}", ""

    def current(self, rule: Data) -> tuple[str, ...]:
        operator, days = rule["operator"], rule["graceDays"]
        return (
            rule["operand"],
            f"the {operator} that was current when it was released, or a later one",
            f"a warning only while a later {operator} was out for {days} days or less",
            f"releases are known until {rule['knownUntil']}",
        )

    def same_release(self, rule: Data) -> tuple[str, ...]:
        return "a render", f"one release of {rule['component']}"

    def flavours(self, rule: Data) -> tuple[str, ...]:
        return "a render", f"one flavour of {' and '.join(rule['components'])}"

    def edition(self, rule: Data) -> tuple[str, ...]:
        words = " or ".join(repr(rule[e]) for e in ("federal", "enterprise") if rule[e])
        return f"{rule['component']} with {words} in its image", "the edition that is installed"


def _scheme(component: Data) -> str:
    return ", ".join(filter(None, (component["scheme"], component["tags"])))


def _test(test: Data) -> str:
    words = (test["path"], _TESTS[test["test"]], " or ".join(test["values"]))
    return " ".join(filter(None, words))


def _ships(component: Data) -> bool:
    """Whether releases of a component are known with what they came with."""
    return any(release["charts"] or _operands(release) for release in component["releases"])


def _operands(release: Data) -> str:
    known = dict.fromkeys(release[key] for key in ("oldestOperand", "newestOperand"))
    versions = [version for version in known if version]
    return f"operand {' to '.join(versions)}" if versions else ""


_RULES = {
    "requirements": ("requirements",),
    "API versions": ("apiVersions",),
    "APIs that must be served": ("servedApis",),
    "fields": ("fields",),
    "upgrade steps": ("upgrades", "stops"),
    "when a release is crossed": ("crossings",),
    "downgrades": ("downgrades",),
    "rule derived from the releases": ("currentRelease",),
}
_OTHERS = {
    "states that a documented path passes": ("transients",),
    "other rules": ("sameRelease", "flavours", "editions"),
}
_TESTS = {
    "there": "",
    "equals": "is",
    "contains": "contains",
    "lacks": "without",
    "unless": "is not",
    "absent": "is absent",
    "differs-from": "differs from",
}
_WORDS: dict[str, Callable[[Words, Data], tuple[str, ...]]] = {
    "requirements": Words.requirement,
    "apiVersions": Words.api_version,
    "servedApis": Words.served_api,
    "fields": Words.field,
    "upgrades": Words.upgrade,
    "stops": Words.stops,
    "crossings": Words.crossing,
    "downgrades": Words.downgrade,
    "currentRelease": Words.current,
    "transients": Words.transient,
    "sameRelease": Words.same_release,
    "flavours": Words.flavours,
    "editions": Words.edition,
}
