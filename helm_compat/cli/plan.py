"""`helm-compat plan`: the shortest safe upgrade path, or why there is none."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from helm_compat.cli.glue import TWINS, given_on, json_text, options, write
from helm_compat.cli.options import (
    CLUSTER,
    COLOR,
    CONFIG,
    CONNECTION,
    DEBUG,
    INSTALLED,
    OWN_CLUSTER,
    PRODUCTS,
    Given,
    Option,
    with_context_of_helm,
)
from helm_compat.cli.outputs import read_outputs
from helm_compat.cli.settings import Resolved, resolve_settings, use_colour, working_folder
from helm_compat.cli.streams import is_terminal
from helm_compat.errors import UsageError
from helm_compat.gate.installed import find_product

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = ("text", "json", "markdown", "shell", "mermaid")
VERIFY = "verify"
STEPS_NEEDED = 10

PLAN = (
    Option("--from", "COMPONENT=VERSION", "What is there now; by default what is installed.", many=True),
    Option("--to", "COMPONENT=VERSION", "The goal: a release, a line such as 8.1, or a range.", many=True),
    Option("--pin", "COMPONENT=RANGE", "Keep a component to these releases.", many=True),
    Option("--max-kubernetes", "VERSION", "Go no further than this release of Kubernetes."),
    Option("--prefer", "WORD|COMPONENT=RANGE", "restarts: count them before steps; oldest releases; or a range.", many=True),
    Option("--allow-downgrade", "COMPONENT", "Let this component go back.", many=True),
    Option("--allow-inferred", "", "Use steps that no page states or that are only described."),
    Option("--allow-unsupported-start", "", "Begin where the rules do not allow what is there."),
    Option("--resume", "FILE", "Go on with a saved plan from what is installed now."),
    Option("--detailed-exitcode", "", "Exit with 10 when steps are needed."),
    Option("--registry", "HOST[:PORT][/PREFIX]", "The private registry that the commands copy to."),
    Option(
        "--output",
        "FORMAT[=FILE]",
        "text (default), json, markdown, shell, mermaid.",
        "-o",
        many=True,
    ),
    INSTALLED._replace(help="What is installed, as for render."),
    CLUSTER._replace(help="Begin at what is in the cluster; =auto, =never (default)."),
    *CONNECTION,
    PRODUCTS,
    CONFIG,
    COLOR,
    DEBUG,
)  # fmt: skip


@click.command(epilog=TWINS)
@click.argument("words", metavar="PRODUCT | verify FILE", nargs=-1)
@options(PLAN)
@click.pass_obj
def plan(colour: str, /, words: tuple[str, ...], **values: Any) -> int:
    """Plan the shortest safe way from what is there to a goal.

    As in: helm compat plan aerospike --from operator=3.4.1 --from database=7.0
    --to database=8.1.2. Every state on the way is one that the gate allows; each
    step says why it is there. Without --from it begins at what is installed.

    verify checks a plan that was saved with -o json=FILE: whether what is
    installed is on its way, and the rest still what would be planned.
    """
    from helm_compat.cli.plan_work import read_plan, saved_wishes

    given = {**({"color": colour} if colour else {}), **given_on(values)}
    resolved = resolve_settings(
        PLAN,
        given,
        with_context_of_helm(os.environ),
        working_folder(),
        gated=True,
        defaults=OWN_CLUSTER,
    )
    if words[:1] == (VERIFY,):
        if len(words) != 2:
            raise UsageError("verify wants one saved plan", hint="helm-compat plan verify FILE")
        return _verify(words[1], resolved)
    resumed = resolved.text("resume")
    if resumed:
        saved = read_plan(resumed)
        if words and words != (saved["product"],):
            raise UsageError(f"{resumed} is a plan of {saved['product']}")
        wishes = saved_wishes(saved, resumed)
        return _answer(saved["product"], resolved, {**_as_given(wishes), **resolved.values})
    if len(words) != 1:
        raise UsageError(
            f"plan wants one product, not {len(words)}",
            hint="helm-compat matrix lists them.",
        )
    return _answer(words[0], resolved, resolved.values)


def _as_given(wishes: Any) -> Given:
    """The goals and permissions of a saved plan, without where it began."""
    given: Given = {
        "to": tuple(f"{said.name}={said.text}" for said in wishes.goals),
        "pin": tuple(f"{said.name}={said.text}" for said in wishes.pins),
        "prefer": (
            *(["restarts"] if wishes.restarts_first else []),
            *(["oldest"] if wishes.oldest else []),
            *(f"{said.name}={said.text}" for said in wishes.preferred),
        ),
        "allow-downgrade": tuple(sorted(wishes.downgrades)),
        "allow-inferred": wishes.inferred,
        "allow-unsupported-start": wishes.unsupported_start,
    }
    return given


def _answer(name: str, resolved: Resolved, given: Given) -> int:
    from helm_compat.cli.plan_work import planned, read_wishes
    from helm_compat.report.plan_data import plan_data

    gate = resolved.settings.gate
    assert gate, "it was asked for"
    outputs = read_outputs(_texts(given.get("output")), FORMATS, "json=plan.json")
    product = find_product(gate.products, name)
    wishes = read_wishes(given, product, gate.installed, gate.known)
    found = planned(product, gate.products.data(name), wishes)
    data = plan_data(found)
    for form, file in outputs:
        if form == "shell":
            from helm_compat.report.plan_shell import plan_shell

            file_data = gate.products.data(name)
            text = plan_shell(found, data, file_data, resolved.text("registry"))
        else:
            text = _rendered(form, data, resolved, to_file=bool(file))
        _put(text, file)
    if data["blocked"]:
        return 1
    return STEPS_NEEDED if data["steps"] and given.get("detailed-exitcode") is True else 0


def _rendered(form: str, data: dict[str, Any], resolved: Resolved, *, to_file: bool) -> str:
    # Each format is loaded when it is asked for.
    if form == "json":
        return json_text(data)
    if form in ("markdown", "mermaid"):
        from helm_compat.report.plan_markdown import plan_markdown, plan_mermaid

        return plan_markdown(data) if form == "markdown" else plan_mermaid(data)
    from helm_compat.report.plan_text import plan_text

    terminal = is_terminal(sys.stdout) and not to_file
    return plan_text(data, colour=use_colour(resolved.text("color"), os.environ, terminal=terminal))


def _put(text: str, file: str) -> None:
    if not file:
        write(text)
        return
    from helm_compat.writing import write_whole

    write_whole(file, text, "the plan")


def _texts(value: object) -> Sequence[str]:
    if isinstance(value, tuple):
        return value
    return (value,) if isinstance(value, str) else ()


def _verify(path: str, resolved: Resolved) -> int:
    """Whether a saved plan is what would be planned now."""
    from helm_compat.cli.plan_work import (
        differences,
        installed_start,
        planned,
        read_plan,
        saved_wishes,
    )
    from helm_compat.report.plan_data import plan_data

    gate = resolved.settings.gate
    assert gate, "it was asked for"
    saved = read_plan(path)
    product = find_product(gate.products, str(saved["product"]))
    wishes = saved_wishes(saved, path)
    known = any(instance.product == product.name for instance in gate.installed)
    if known:
        wishes = wishes._replace(start=tuple(installed_start(product, gate.installed, gate.known)))
    now = plan_data(planned(product, gate.products.data(product.name), wishes))
    found, done = differences(saved, now)
    if found:
        write("".join(f"{path}: {line}\n" for line in found))
        write("Plan anew, or go on from what is installed: helm compat plan --resume FILE\n")
        return 1
    where = "what is known and installed" if known else "what is known"
    steps = f"{done} of {saved['summary']['steps']} steps done"
    write(f"{path}: still right by {where}; {steps}\n")
    return 0
