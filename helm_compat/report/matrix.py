"""What is known of the versions of products, as plain data: `schemas/matrix.schema.json`.

It is made from the data of the product files, whose notes the judgement of versions leaves out,
and from the values that it judges by, so that what a file does not say is here as it counts.
"""

from __future__ import annotations

from helm_compat.knowledge.compatibility import build_product
from helm_compat.report.data import SCHEMA_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from helm_compat.knowledge.compatibility import Fact, Product

    Data = dict[str, Any]

# Every kind of rule row with what stands for a key that a row may leave out.
RULES: dict[str, Data] = {
    "requirements": {"needs": {}, "equal": [], "new-only": False},
    "api-versions": {"use": None},
    "served-apis": {},
    "fields": {"where": [], "when": {}, "needs": {}, "joins": {}, "use": None},
    "transients": {},
    "upgrades": {"stop": None, "described": False, "basis": None},
    "stops": {},
    "crossings": {
        "at": None,
        "from": None,
        "to": None,
        "direction": "both",
        "within": {},
        "field": None,
    },
    "downgrades": {},
    "current-release": {"basis": None},
    "same-release": {},
    "flavours": {},
    "editions": {"federal": None, "enterprise": None},
}
_MADE = {"current-release": "current"}
_TESTS = ("equals", "contains", "lacks", "unless", "absent", "differs-from")
_FACT = ("id", "rule", "severity", "message", "hint", "note", "source")
_ROW = ("counts", "note", "source")


def matrix_data(products: Iterable[Data]) -> Data:
    """All that is known of the versions of some products, from the data of their files."""
    return {"schemaVersion": SCHEMA_VERSION, "products": [_product(data) for data in products]}


def _product(data: Data) -> Data:
    product, sources = build_product(data), data["sources"]
    return {
        "product": product.name,
        "title": product.title,
        "components": [
            _component(name, record, product, sources)
            for name, record in data.get("components", {}).items()
        ],
        "matrices": [_matrix(matrix, product, sources) for matrix in data.get("matrices", ())],
        **{_camel(key): _rules(key, data, product) for key in RULES},
    }


def _component(name: str, record: Data, product: Product, sources: Data) -> Data:
    unreadable = product.components[name].unreadable
    return {
        "name": name,
        "title": record["title"],
        "role": record["role"],
        "scheme": record["scheme"],
        "tags": record.get("tags"),
        "newest": record.get("newest"),
        "note": record.get("note", ""),
        "releases": [_release(release, sources) for release in record.get("releases", ())],
        "unreadable": _fact(record["unreadable"], unreadable, sources) if unreadable else None,
    }


def _release(release: str | Data, sources: Data) -> Data:
    record = {"version": release} if isinstance(release, str) else release
    return {
        "version": record["version"],
        "charts": record.get("charts", []),
        "oldestOperand": record.get("oldest-operand"),
        "newestOperand": record.get("newest-operand"),
        "note": record.get("note", ""),
        "evidence": _evidence(record, sources),
    }


def _matrix(matrix: Data, product: Product, sources: Data) -> Data:
    key = matrix["of"]
    rows = []
    for row in matrix["rows"]:
        cells = {name: cell for name, cell in row.items() if name not in (key, *_ROW)}
        rows.append(
            {
                "versions": row[key],
                "fits": {name: _cell(cell) for name, cell in cells.items()},
                "counts": row.get("counts", True),
                "note": row.get("note", ""),
                "evidence": _evidence(row, sources),
            }
        )
    return {"id": matrix["id"], "of": key, "note": matrix.get("note", ""), "rows": rows}


def _cell(cell: str | Data) -> Data:
    """What fits: `range` is None where nothing does, `stated` the part of it that a page states."""
    if isinstance(cell, str):
        return {"range": None if cell == "none" else cell, "stated": None}
    return {"range": cell["range"], "stated": cell.get("stated")}


def _rules(key: str, data: Data, product: Product) -> list[Data]:
    made = getattr(product, _MADE.get(key, key.replace("-", "_")))
    rules = []
    for record, rule in zip(data.get(key, ()), made):
        own = {name: value for name, value in record.items() if name not in _FACT}
        if own.get("from") == "none":
            own["from"] = None
        if key == "fields":
            own["where"] = [_test(test) for test in own.get("where", ())]
            own = {**own, **_test(own)}
            own = {name: value for name, value in own.items() if name not in _TESTS}
        fact = _fact(record, rule.fact, data["sources"])
        rest = {_camel(name): value for name, value in {**RULES[key], **own}.items()}
        rules.append({**fact, **rest})
    return rules


def _test(record: Data) -> Data:
    """The test of a field's value, `there` where it may have any."""
    test = next((name for name in _TESTS if name in record), "there")
    values = record.get(test, [])
    values = [] if values is True else [values] if isinstance(values, str) else values
    return {"path": record["path"], "test": test, "values": values}


def _fact(record: Data, fact: Fact, sources: Data) -> Data:
    return {
        "id": fact.id,
        "rule": fact.rule,
        "severity": fact.severity,
        "message": fact.message,
        "hint": fact.hint,
        "note": record.get("note", ""),
        "evidence": _evidence(record, sources),
    }


def _evidence(record: Data, sources: Data) -> list[Data]:
    names = record.get("source", [])
    return [_source(sources[n]) for n in ([names] if isinstance(names, str) else names)]


def _source(source: Data) -> Data:
    where = source.get("url") or source["document"]
    return {"source": where, "read": source["read"], "note": source.get("note", "")}


def _camel(key: str) -> str:
    first, *rest = key.split("-")
    return "".join([first, *(word.capitalize() for word in rest)])
