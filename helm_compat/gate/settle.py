"""An object that several operators may serve is refused when none of them fits it."""

from __future__ import annotations

from helm_compat.findings import Finding
from helm_compat.gate.scene import Scene, short
from helm_compat.images.tree import Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def settled(scene: Scene, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, those as unknown that another operator of the object would not give."""
    found = list(findings)
    blamed: dict[Object, set[int]] = {}
    for finding in found:
        if finding.between and finding.verdict == "incompatible":
            operator, owner = finding.between
            blamed.setdefault(owner, set()).add(id(operator))
    for finding in found:
        if finding.between and finding.verdict == "incompatible":
            operator, owner = finding.between
            # A product may have operators of several kinds: each speaks for its own.
            kind = {o.component for o in scene.operators if o is operator}
            operators = [o for o in scene.operators_of(owner) if o.component in kind]
            if any(id(other) not in blamed[owner] for other in operators):
                names = " or ".join(map(short, operators))
                finding = finding._replace(
                    severity=scene.severity("no-operator"),
                    verdict="unknown",
                    notes=(*finding.notes, f"which operator serves it is not known: {names}"),
                )
        yield finding
