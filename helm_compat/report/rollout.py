"""What is left of a rollout, for people as a table, for programs as plain data."""

from __future__ import annotations

from textwrap import wrap

from helm_compat.inventory.components import Inventory
from helm_compat.inventory.rollout import Left, Rollout
from helm_compat.printable import printable
from helm_compat.report.data import SCHEMA_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def rollout_data(rollout: Rollout, inventory: Inventory) -> dict[str, Any]:
    """The rollout in the shape of `schemas/status.schema.json`."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "cluster": inventory.cluster,
        "done": not rollout.left and not inventory.gaps,
        "components": len(inventory.components),
        "pods": rollout.pods,
        "left": [left._asdict() for left in rollout.left],
        "notChecked": [{"what": gap.what, "why": gap.why} for gap in inventory.gaps],
    }


def rollout_text(rollout: Rollout, inventory: Inventory) -> str:
    """What is left of each object, pods of the same fault together, and a summary at the end."""
    return "".join(f"{printable(line)}\n" for line in _lines(rollout, inventory))


def _lines(rollout: Rollout, inventory: Inventory) -> Iterator[str]:
    objects: dict[str, dict[Left, list[str]]] = {}
    for left in rollout.left:
        faults = objects.setdefault(_object(left), {})
        faults.setdefault(left._replace(component="", pod=""), []).append(left.pod)
    for name, faults in objects.items():
        yield name
        for fault, pods in faults.items():
            if not fault.container:
                yield f"  {fault.message}"
                continue
            yield f"  {_pods(len(pods))}: {fault.container} runs {fault.image}"
            yield f"    {fault.message}"
            yield from wrap(", ".join(pods), 78, initial_indent="    ", subsequent_indent="    ")
        yield ""
    count = len(inventory.components)
    seen = f"{count} component{'s' * (count != 1)}, {_pods(rollout.pods)}"
    if objects:
        many = len(objects)
        yield f"{many} object{'s' * (many != 1)} not done; looked at {seen}"
    elif inventory.gaps:
        yield f"nothing is left to do where it was looked: {seen}"
    else:
        yield f"nothing is left to do: {seen}"


def _object(left: Left) -> str:
    kind, _, name = left.object.partition("/")
    return f"{kind} {left.namespace}/{name}"


def _pods(count: int) -> str:
    return f"{count} pod{'s' * (count != 1)}"
