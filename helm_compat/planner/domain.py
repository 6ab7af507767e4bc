"""Variables of a plan and the releases that each can have, oldest first.

Where no releases are listed, those count that the rows of the matrices name, and those that were
shipped. A line such as 7.2.x is one value, and means a release of it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from helm_compat.knowledge.ranges import InvalidRange, Range, parse_range
from helm_compat.knowledge.versions import Key, Version, place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from helm_compat.knowledge.compatibility import Component, Product

_END = 1 << 40
_SHORT = re.compile(r"v?([0-9]+(?:\.[0-9]+)*)(?:\.x)?", re.ASCII)


class Value(NamedTuple):
    """One release, or all of a line from `low` to `high`; an API version has neither."""

    text: str
    low: Version | None
    high: Version | None

    @property
    def is_line(self) -> bool:
        """Whether it stands for any release of a line."""
        return self.low is not self.high


class Variable(NamedTuple):
    """What a plan can change: a component, the API version, or what a change leaves behind.

    `name` is the component's, with `@namespace/name` behind it where there are several.
    """

    name: str
    component: str
    title: str
    role: str
    values: tuple[Value, ...]

    @property
    def owner(self) -> str:
        """The object that it belongs to, as namespace/name; empty for any."""
        return self.name.partition("@")[2]

    def place(self, value: Value) -> int:
        """The place of a value; raises ValueError where it is not in the domain."""
        for number, known in enumerate(self.values):
            if same(known, value):
                return number
        raise ValueError(f"{value.text!r} is not in the domain of {self.name}")


def same(a: Value, b: Value) -> bool:
    """Whether two values are one, however they are written."""
    if not a.low or not b.low or not a.high or not b.high:
        return a.text == b.text
    return (a.low.key, a.high.key) == (b.low.key, b.high.key)


def held(limits: Range, value: Value) -> bool:
    """Whether a range holds a value, of a line every release."""
    return where(limits, value) == "inside"


def where(limits: Range, value: Value) -> str:
    """`below`, `inside`, `above`, or `partly` for a line of which a range holds a part."""
    assert value.low, "a range is asked about releases"
    assert value.high, "a range is asked about releases"
    low, high = limits.position(value.low), limits.position(value.high)
    return low if low == high else "partly"


def places(component: Component, limits: Iterable[Range]) -> int:
    """So many numbers has a full version, as far as the product's file shows."""
    if component.scheme in ("semver", "kubernetes"):
        return 3
    texts = [release.version.text for release in component.releases]
    for found in limits:
        texts += [end.limit for end in (found.lower, found.upper) if end]
    return max((_count(text) for text in texts), default=0)


def _count(text: str) -> int:
    found = _SHORT.fullmatch(text)
    return len(found[1].split(".")) if found and not text.endswith(".x") else 0


def read_value(component: Component, text: str, numbers: int) -> Value | None:
    """A release or a line; None where it is neither. `numbers` is what a full version has."""
    known = {release.version.text for release in component.releases}
    if text not in known and text.removeprefix("v") not in known:
        found = line(component, text, numbers)
        if found:
            return found
    version = component.read(text)
    return Value(version.text, version, version) if version else None


def line(component: Component, text: str, numbers: int) -> Value | None:
    """All releases that begin with fewer numbers than a full version has."""
    found = _SHORT.fullmatch(text)
    if component.scheme == "release-date" or not found:
        return None
    written = tuple(map(int, found[1].split(".")))
    missing = numbers - len(written)
    if missing < 1 and not text.endswith(".x"):
        return None
    scheme = component.tags or component.scheme
    more = max(missing, 1)
    low = Key(place(scheme, (*written, *(0,) * more)))
    high = Key(place(scheme, (*written, *(_END,) * more)))
    shown = found[1] if component.scheme == "kubernetes" else f"{found[1]}.x"
    return Value(shown, Version(scheme, shown, low), Version(scheme, shown, high))


def read_range(component: Component, text: str, numbers: int) -> Range:
    """A range as a user writes it: a release, a line with or without .x, or terms."""
    bare = _SHORT.fullmatch(text)
    known = {release.version.text for release in component.releases}
    if bare and text not in known and text.removeprefix("v") not in known:
        found = line(component, text, numbers)
        if found:
            return parse_range(component.scheme, f"{bare[1]}.x", tags=component.tags)
    terms = [
        f"{sign}{limit}.x" if sign in ("<=", ">") and _is_short(limit, numbers) else term
        for term in text.split(" ")
        for sign, limit in [_divided(term)]
    ]
    return parse_range(component.scheme, " ".join(terms), tags=component.tags)


def _divided(term: str) -> tuple[str, str]:
    limit = term.lstrip("<>=")
    return term[: len(term) - len(limit)], limit


def _is_short(limit: str, numbers: int) -> bool:
    return 0 < _count(limit) < numbers


def named(component: Component, limits: Iterable[Range], numbers: int) -> list[Value]:
    """The releases and lines that ranges name as their ends."""
    found = []
    for limit in limits:
        for end in (limit.lower, limit.upper):
            value = read_value(component, end.limit, numbers) if end else None
            if value and end and end.sign in ("", ">=", "<="):
                found.append(value)
    return found


def ordered(values: Iterable[Value]) -> tuple[Value, ...]:
    """Values without those that stand twice, oldest first."""
    kept: dict[tuple[Key, Key], Value] = {}
    for value in values:
        assert value.low, "API versions have an order of their own"
        assert value.high, "API versions have an order of their own"
        kept.setdefault((value.low.key, value.high.key), value)
    return tuple(value for _, value in sorted(kept.items()))


def compressed(
    values: Sequence[Value], limits: Iterable[Range], keep: Iterable[Value], *, newest: bool
) -> tuple[Value, ...]:
    """Values of which no two are told apart by nothing; the newest, or oldest, stands for each."""
    cuts = sorted({end.cut for found in limits for end in (found.lower, found.upper) if end})
    kept: dict[object, Value] = {}
    single = list(keep)
    for number, value in enumerate(values):
        assert value.low, "API versions are never compressed"
        assert value.high, "API versions are never compressed"
        key: object = (
            bisect_left(cuts, (value.low.key, 0)),
            bisect_left(cuts, (value.high.key, 0)),
            value.is_line,
        )
        if any(value is other for other in single):
            key = number
        if newest or key not in kept:
            kept[key] = value
    return ordered(kept.values())


def limits_of(product: Product, component: str) -> list[Range]:
    """Every range that a product's file has for a component."""
    found: list[Range | None] = []
    for matrix in product.matrices:
        for row in (*matrix.rows, *matrix.others):
            found += [row.key] if matrix.of == component else []
            cell = row.cells.get(component)
            found += [cell.range, cell.stated] if cell else []
    for requirement in product.requirements:
        found += [requirement.when.get(component), requirement.needs.get(component)]
    found += [api.served_by for api in product.api_versions if api.component == component]
    found += [transient.when.get(component) for transient in product.transients]
    for row_ in product.upgrades:
        found += [row_.to, row_.source_range] if row_.component == component else []
    for stops in product.stops:
        found += stops.lines if stops.component == component else ()
    for crossing in product.crossings:
        found.append(crossing.within.get(component))
        if crossing.component == component:
            found += [crossing.before, crossing.after]
            found += [at_least(crossing.at)] if crossing.at else []
    for field in product.fields:
        found += [field.when.get(component), field.needs.get(component)]
    return [limit for limit in found if limit]


def at_least(version: Version) -> Range:
    """The range from a version on."""
    try:
        return parse_range(version.scheme, f">={version.text}")
    except InvalidRange as error:
        raise AssertionError("the checks of product files let no such release pass") from error
