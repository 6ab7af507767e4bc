"""What `plan` is asked for: from the command line, from what is installed, or from a saved plan."""

from __future__ import annotations

import json
from itertools import zip_longest

from helm_compat.cli.options import Given, texts
from helm_compat.errors import CheckNotMade, Place, UsageError
from helm_compat.gate.known import Surroundings
from helm_compat.knowledge.compatibility import Product
from helm_compat.knowledge.planning import API, build_planning
from helm_compat.planner.plan import Plan, make_plan
from helm_compat.planner.problem import PLATFORM, build_problem
from helm_compat.planner.wishes import Said, Wishes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from helm_compat.gate.instance import Instance

    Data = dict[str, Any]

_WORDS = ("restarts", "steps", "newest", "oldest")


def read_wishes(
    given: Given, product: Product, installed: Iterable[Instance], known: Surroundings
) -> Wishes:
    """The wishes of a command line; raises UsageError.

    What is installed counts where no `--from` is given.
    """
    start = [_said(text, "--from") for text in texts(given, "from")]
    goals = tuple(_said(text, "--to") for text in texts(given, "to"))
    if not goals:
        raise UsageError(
            "plan wants a goal",
            hint=f"As in --to {next(iter(product.components))}=VERSION; more than one may be given.",
        )
    pins = [_said(text, "--pin") for text in texts(given, "pin")]
    newest = given.get("max-kubernetes")
    if isinstance(newest, str):
        pins.append(Said(PLATFORM, f"<={newest}", f"--max-kubernetes {newest}"))
    prefer = texts(given, "prefer")
    allowed = texts(given, "allow-downgrade")
    for name in allowed:
        if name not in product.components:
            from helm_compat.gate.installed import find_component

            find_component(product, name, origin="--allow-downgrade")
    return Wishes(
        tuple(start or installed_start(product, installed, known)),
        goals,
        tuple(pins),
        tuple(_said(text, "--prefer") for text in prefer if text not in _WORDS),
        frozenset(allowed),
        given.get("allow-inferred") is True,
        given.get("allow-unsupported-start") is True,
        "restarts" in prefer,
        "oldest" in prefer,
    )


def _said(text: str, flag: str) -> Said:
    name, equals, version = text.partition("=")
    if not equals or not version or not name:
        hint = f"As in {flag} operator=4.4.0."
        if flag == "--prefer":
            hint = f"Or one of {', '.join(_WORDS)}."
        raise UsageError(f"{flag} {text}: wants COMPONENT=VERSION", hint=hint)
    return Said(name, version, f"{flag} {text}")


def installed_start(
    product: Product, installed: Iterable[Instance], known: Surroundings
) -> list[Said]:
    """What is installed of a product as the state to begin with; `known` is what else is known.

    Objects of one component are told apart where their releases differ. Raises UsageError where
    nothing is there, and CheckNotMade where that is not the whole state, or one that passes.
    """
    missing = [gap for gap in known.gaps if gap.concerns(product.name)]
    if missing:
        raise CheckNotMade(
            f"what is installed is not known as a whole: {missing[0].what}: {missing[0].why}",
            hint="Say where the plan begins, as in --from operator=VERSION.",
        )
    by_component: dict[str, list[Instance]] = {}
    for instance in installed:
        if instance.product == product.name and not instance.default:
            by_component.setdefault(instance.component, []).append(instance)
    found = []
    for name, instances in by_component.items():
        _check_settled(instances)
        releases = {i.version.key if i.version else i.written: i for i in instances}
        for instance in releases.values() if len(releases) > 1 else instances[:1]:
            owner = f"@{instance.object.namespace}/{instance.object.name}"
            whole = f"{name}{owner}" if len(releases) > 1 else name
            text = instance.version.text if instance.version else instance.written
            found.append(Said(whole, text, instance.origin))
    if not found:
        raise UsageError(
            f"nothing is known to be installed of {product.title}",
            hint="Say what is there, as in --from operator=VERSION, or write compat.lock.yaml.",
        )
    return [*found, *_stored_api(product, known)]


def _check_settled(instances: Iterable[Instance]) -> None:
    """Raise CheckNotMade for an object whose pods still run what it no longer wants."""
    seen: dict[object, Instance] = {}
    for instance in instances:
        first = seen.setdefault(instance.object, instance) if instance.is_named else instance
        if first.written != instance.written:
            raise CheckNotMade(
                f"{instance.object} is on its way: both {first.written} and {instance.written} run",
                hint="Let it come to its end first: helm compat status tells what is left.",
            )


def _stored_api(product: Product, known: Surroundings) -> Iterator[Said]:
    """The API version of the objects, where all of them are stored in one."""
    for api in product.api_versions:
        for crd in known.definitions:
            # A plural name begins with the kind, in lower case, as Kubernetes wants it.
            ours = crd.group == api.group and crd.name.startswith(api.kind.lower())
            if ours and crd.stored == (api.version,):
                yield Said(API, f"{api.group}/{api.version}", known.source)
                return


def planned(product: Product, data: Data, wishes: Wishes) -> Plan:
    """The plan for some wishes; `data` is that of the product's file."""
    return make_plan(build_problem(product, build_planning(data, product), wishes))


def read_plan(path: str) -> Data:
    """A plan that was saved as JSON; raises UsageError for anything else."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
    except OSError as error:
        raise UsageError(f"cannot read the plan: {error.strerror}", place=Place(path)) from error
    except ValueError as error:
        raise UsageError("this is no plan: it is not JSON", place=Place(path)) from error
    keys = ("schemaVersion", "product", "wishes", "steps", "start", "goal")
    if not isinstance(data, dict) or any(key not in data for key in keys):
        raise UsageError(
            "this is no plan of helm-compat",
            place=Place(path),
            hint="helm compat plan … -o json=FILE writes one.",
        )
    if data["schemaVersion"] != 1:
        raise UsageError("this release reads plans of version 1", place=Place(path))
    return data


def saved_wishes(data: Data, path: str) -> Wishes:
    """What a saved plan was asked for; raises UsageError where it cannot be read."""
    try:
        wishes = data["wishes"]
        prefer = wishes["prefer"]
        return Wishes(
            tuple(_said(text, "--from") for text in wishes["from"]),
            tuple(_said(text, "--to") for text in wishes["to"]),
            tuple(_said(text, "--pin") for text in wishes["pin"]),
            tuple(_said(text, "--prefer") for text in prefer if text not in _WORDS),
            frozenset(wishes["allowDowngrade"]),
            wishes["allowInferred"] is True,
            wishes["allowUnsupportedStart"] is True,
            "restarts" in prefer,
            "oldest" in prefer,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError("the wishes of the plan cannot be read", place=Place(path)) from error


def differences(saved: Data, now: Data) -> tuple[list[str], int]:
    """In what a saved plan differs from what is planned now, and how many of its steps are done.

    Nothing differs where what is installed is a state on its way, and the rest is the same.
    """
    if now["blocked"] and not saved.get("blocked"):
        return [f"there is no way any more: {r['so']}" for r in now["blocked"]["reasons"]], 0
    here, old, new = _states(now["start"]), _steps(saved), _steps(now)
    at = _states(saved["start"])
    for done in range(len(old) + 1):
        if all(_is_in(version, at.get(name, "")) for name, version in here.items()):
            break
        if done < len(old):
            at |= old[done]
    else:
        at = _states(saved["start"])
        moved = [
            f"{name} is {version} now, the plan begins at {at.get(name, 'none')}"
            for name, version in here.items()
            if not _is_in(version, at.get(name, ""))
        ]
        return moved, 0
    for number, (a, b) in enumerate(zip_longest(old[done:], new), done + 1):
        if a != b:
            words = f"step {number} of the plan is {_words(a)}, by what is known now {_words(b)}"
            return [words], done
    return [], done


def _is_in(version: str, said: str) -> bool:
    """Whether a release is the one that was said, or of the line that was."""
    line = said.removesuffix("x") if said.endswith(".x") else f"{said}."
    return version == said or f"{version}.".startswith(line)


def _words(step: dict[str, str] | None) -> str:
    return ", ".join(f"{name} to {version}" for name, version in (step or {}).items()) or "none"


def _states(entries: Sequence[Data]) -> dict[str, str]:
    return {entry["component"]: entry["version"] for entry in entries}


def _steps(data: Data) -> list[dict[str, str]]:
    """What each step of a plan changes, and to what."""
    found: dict[int, dict[str, str]] = {}
    for entry in data["steps"]:
        found.setdefault(entry["step"], {})[entry["component"]] = entry["to"]
    return list(found.values())
