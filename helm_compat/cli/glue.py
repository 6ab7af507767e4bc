"""What every command needs of click: options from their tables, and output."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from helm_compat.cli.options import CLUSTER, Given, Option
from helm_compat.cli.streams import is_terminal, write_stdout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AS_TABLE = Option("--output", "FORMAT", "table (default) or json.", "-o", choices=("table", "json"))
AS_TEXT = AS_TABLE._replace(help="text (default) or json.", choices=("text", "json"))
TWINS = (
    "Every option has a variable: HELM_COMPAT_KEEP_DOMAIN for --keep-domain. A flag wins over its"
    " variable, and both over .helm-compat.yaml."
)


def write(text: str) -> None:
    """Write a result to standard output."""
    write_stdout(text.encode("utf-8", "replace"))


def json_text(data: dict[str, Any]) -> str:
    """Data as JSON for people and programs."""
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


_F = TypeVar("_F", bound="Callable[..., Any]")


def options(table: tuple[Option, ...]) -> Callable[[_F], _F]:
    """The decorators for a command's options, and the results under the options' own keys."""

    def decorate(function: _F) -> _F:
        for option in reversed(table):
            names = [option.flag, *filter(None, [option.short])]
            function = click.option(
                *names,
                option.key.replace("-", "_"),
                is_flag=not option.metavar,
                default=None,
                multiple=option.many,
                metavar=option.metavar or None,
                type=click.Choice(option.choices) if option.choices else None,
                help=option.help,
            )(function)
        return function

    return decorate


def with_values(arguments: list[str]) -> list[str]:
    """A command line on which options that may stand alone have their value.

    click would take the next word for it.
    """
    bare = {CLUSTER.flag: f"{CLUSTER.flag}={CLUSTER.bare}"}
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return [*(bare.get(word, word) for word in arguments[:end]), *arguments[end:]]


def given_on(values: dict[str, Any]) -> Given:
    """What was given on the command line."""
    return {
        key.replace("_", "-"): value for key, value in values.items() if value not in (None, ())
    }


@contextmanager
def progress(count: int, label: str) -> Iterator[Callable[[], object]]:
    """What to call for each thing that is done: it moves a bar on a terminal, nothing elsewhere."""
    if count < 2 or not is_terminal(sys.stderr):
        yield lambda: None
        return
    with click.progressbar(length=count, label=label, file=sys.stderr) as bar:
        yield lambda: bar.update(1)
