"""The matrices: rows of releases and what fits them."""

from __future__ import annotations

from helm_compat.findings import Finding
from helm_compat.gate.instance import Instance
from helm_compat.gate.scene import Scene, finding, misfit, short
from helm_compat.knowledge.compatibility import Cell, Matrix, Row
from helm_compat.knowledge.product import Source
from helm_compat.knowledge.ranges import shown
from helm_compat.knowledge.versions import Version, compare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def judge_matrices(scene: Scene) -> Iterator[Finding]:
    """Every instance against the row of the release that it meets."""
    for matrix in scene.state.product.matrices:
        for instance in scene.of(matrix.of):
            if instance.version:
                yield from _judge(scene, matrix, instance, instance.version)


def row_of(matrix: Matrix, version: Version) -> Row | None:
    """The row for a release, or None when it has none of its own."""
    return next((row for row in matrix.rows if row.key.holds(version)), None)


def _judge(scene: Scene, matrix: Matrix, key: Instance, version: Version) -> Iterator[Finding]:
    cells = {name for row in matrix.rows for name in row.cells}
    met = [
        other
        for name in sorted(cells)
        for other in scene.met(name, [key])
        if key.rendered or other.rendered
    ]
    row = row_of(matrix, version)
    if row is None:
        last = scene.state.product.components[key.component].newest
        # A release newer than any known one is reported as that, once.
        told = last is not None and (compare(version, last) or 0) > 0
        if (met or key.rendered) and not told:
            yield _without_row(scene, matrix, key, version)
        return
    newest = row is max(matrix.rows, key=_start_of)
    for other in met:
        cell = row.cells.get(other.component)
        if cell and other.version:
            yield from _cell(scene, matrix, (key, other), (row, cell), newest=newest)


def _cell(
    scene: Scene,
    matrix: Matrix,
    pair: tuple[Instance, Instance],
    at: tuple[Row, Cell],
    *,
    newest: bool,
) -> Iterator[Finding]:
    (key, other), (row, cell) = pair, at
    assert other.version, "the caller asks for instances with a version only"
    where = cell.range.position(other.version) if cell.range else "none"
    if where == "inside":
        if cell.stated and not cell.stated.holds(other.version):
            words = "is a patch release above the last one stated for"
            yield _barely(scene, pair, at, words, row.evidence)
        return
    other_source = _allowed_elsewhere(matrix, pair)
    if other_source:
        words = "fits by one of two sources only, and not by the one that counts:"
        yield _barely(scene, pair, at, words, (*row.evidence, *other_source))
        return
    subject = scene.subject(pair)
    rows = _fitting(matrix, other)
    fitting = _rows_for(scene, matrix, pair, rows)
    if where == "above" and scene.state.product.role(other.component) == "platform":
        message = f"{scene.named(other)} is above what is stated for {scene.named(key)}"
        found = scene.unknown("not-stated", "unknown-version", message, subject)
        fitting = ()
    elif where == "above" and newest:
        message = f"{scene.named(other)} is newer than what is known of {scene.named(key)}"
        found = scene.unknown("newer", "unknown-version", message, subject)
    elif transient := scene.transient({i.component: i for i in pair}):
        found = finding(transient.fact, _message(scene, pair, where), subject)
    else:
        found = Finding(
            "incompatible-versions",
            "error",
            _message(scene, pair, where),
            subject.at,
            hint=_hint(scene, pair, cell, rows),
            excerpt=subject.excerpt,
            verdict="incompatible",
            between=scene.between(pair),
        )
    yield found._replace(
        notes=(*_stated(scene, pair, cell), *scene.where(pair), *fitting),
        evidence=tuple(dict.fromkeys((*row.evidence, *found.evidence))),
    )


def _message(scene: Scene, pair: tuple[Instance, Instance], where: str) -> str:
    key, other = pair
    if where == "none":
        return f"{scene.named(key)} does not support {scene.title(other.component)}"
    return misfit(scene.named(other), scene.named(key), where)


def _stated(scene: Scene, pair: tuple[Instance, Instance], cell: Cell) -> tuple[str, ...]:
    key, other = pair
    verb = "needs" if scene.state.product.role(other.component) == "operator" else "supports"
    what = shown(cell.stated or cell.range) if cell.range else "in no version"
    return (f"{short(key)} {verb} {other.component} {what}",)


def _allowed_elsewhere(matrix: Matrix, pair: tuple[Instance, Instance]) -> tuple[Source, ...]:
    """The source of a row that does not count, and yet allows both."""
    key, other = pair
    if not key.version or not other.version:
        return ()
    for row in matrix.others:
        cell = row.cells.get(other.component)
        allowed = cell and cell.range and cell.range.holds(other.version)
        if allowed and row.key.holds(key.version):
            return row.evidence
    return ()


def _barely(
    scene: Scene,
    pair: tuple[Instance, Instance],
    at: tuple[Row, Cell],
    words: str,
    evidence: tuple[Source, ...],
) -> Finding:
    """A pair that fits, with something to know of it."""
    (key, other), (_, cell) = pair, at
    subject = scene.subject(pair)
    return Finding(
        "unstated-version",
        "warning",
        f"{scene.named(other)} {words} {scene.named(key)}",
        subject.at,
        evidence,
        notes=(*_stated(scene, pair, cell), *scene.where(pair)),
        excerpt=subject.excerpt,
    )


def _rows_for(
    scene: Scene, matrix: Matrix, pair: tuple[Instance, Instance], rows: list[Row]
) -> tuple[str, ...]:
    """Which rows fit the other component in words, where a matrix of an operator says so."""
    key, other = pair
    if scene.state.product.role(key.component) != "operator":
        return ()
    if not rows:
        return (f"no {key.component} is known to fit {short(other)}",)
    names = [shown(row.key) for row in rows]
    together = len(names) > 3 and len(names) == len(_between(matrix, rows))
    listed = f"{names[0]} to {names[-1]}" if together else _listed(names)
    return (f"{short(other)} fits {key.component} {listed}",)


def _between(matrix: Matrix, rows: list[Row]) -> list[Row]:
    """The rows of a matrix from the first to the last of some, in order."""
    ordered = sorted(matrix.rows, key=_start_of)
    return ordered[ordered.index(rows[0]) : ordered.index(rows[-1]) + 1]


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if names[1:] else names[0]


def _fitting(matrix: Matrix, other: Instance) -> list[Row]:
    """The rows that would fit a component, in order."""
    version = other.version
    return [
        row
        for row in sorted(matrix.rows, key=_start_of)
        if version
        and (cell := row.cells.get(other.component))
        and cell.range
        and (cell.range.lower or cell.range.upper)
        and cell.range.holds(version)
    ]


def _hint(scene: Scene, pair: tuple[Instance, Instance], cell: Cell, rows: list[Row]) -> str:
    """What to do first, and which command shows the rest."""
    key, other = pair
    below = cell.range and other.version and cell.range.position(other.version) == "below"
    fitting = [shown(row.key) for row in rows]
    if below and cell.range and cell.range.lower:
        text = scene.upgrade(other, f"{cell.range.lower.limit} or later")
    elif fitting or not cell.range:
        text = scene.upgrade(key, _either(fitting))
    else:
        text = f"Take {scene.title(other.component)} {shown(cell.range)}."
    return f"{text}\nhelm compat matrix {scene.state.product.name} shows what fits."


def _either(names: list[str]) -> str:
    if len(names) > 2:
        return f"{names[0]} or later"
    return " or ".join(names)


def _without_row(scene: Scene, matrix: Matrix, key: Instance, version: Version) -> Finding:
    oldest, newest = (edge(matrix.rows, key=_start_of) for edge in (min, max))
    if newest.key.position(version) == "above":
        kind, words = (
            "newer",
            f"newer than every row of the matrix; the newest is {shown(newest.key)}",
        )
    elif oldest.key.position(version) == "below":
        kind, words = (
            "older",
            f"older than every row of the matrix; the oldest is {shown(oldest.key)}",
        )
    else:
        kind, words = "between", "between two rows of the matrix and has none of its own"
    found = scene.unknown(kind, "unknown-version", f"{scene.named(key)} is {words}", key)
    return found._replace(notes=scene.where((key,)), evidence=newest.evidence)


def _start_of(row: Row) -> tuple[bool, object]:
    lower = row.key.lower
    return lower is not None, lower and lower.cut
