"""The commands, as click shows and reads them."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click

from helm_compat import __version__
from helm_compat.cli.glue import (
    AS_TEXT,
    TWINS,
    given_on,
    json_text,
    options,
    with_values,
    write,
)
from helm_compat.cli.options import (
    COLOR,
    DEBUG,
    RENDER,
    read_environment,
)
from helm_compat.cli.settings import use_colour
from helm_compat.cli.streams import internal_error, is_terminal, say
from helm_compat.errors import CheckNotMade, CompatError, UsageError
from helm_compat.knowledge.words import did_you_mean
from helm_compat.schema_files import schema_names, schema_text

# Each is imported when it is asked for: a plan takes less time than all the others to import.
_ELSEWHERE = {
    "check": "ask",
    "explain": "ask",
    "images": "images",
    "inventory": "inventory",
    "lint": "lint",
    "matrix": "ask",
    "mirror": "mirror",
    "plan": "plan",
    "rules": "ask",
    "status": "inventory",
    "verify": "verify",
}

REPORT = (AS_TEXT, COLOR, DEBUG)


def run_app(arguments: list[str]) -> int:
    """Run one command; returns the exit status."""
    try:
        status = app.main(
            args=with_values(arguments), prog_name="helm-compat", standalone_mode=False
        )
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.Abort:
        return 130
    except click.exceptions.NoArgsIsHelpError as error:
        return _fail(f"{error.format_message()}\n", UsageError.exit_status)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "helm-compat"
        text = f"error: {error.format_message()}\n  {command} --help shows what there is.\n"
        return _fail(text, UsageError.exit_status)
    except CompatError as error:
        # `helm compat images … | head` is no failure.
        if isinstance(error.__cause__, BrokenPipeError):
            return 0
        return _fail(f"error: {error}\n", error.exit_status)
    except Exception as error:
        text = internal_error(error, debug="--debug" in arguments)
        return _fail(text, CheckNotMade.exit_status)
    return status if isinstance(status, int) else 0


def _fail(text: str, status: int) -> int:
    say(text)
    return status


class _Commands(click.Group):
    """The commands below, and those of the modules that are imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"helm_compat.cli.{_ELSEWHERE[cmd_name]}")
        found: click.Command = getattr(module, cmd_name)
        return found


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    no_args_is_help=True,
)
@options((COLOR,))
@click.option("--colour", "color", hidden=True)
@click.option("--qps", hidden=True)
@click.option("--burst-limit", hidden=True)
@click.option("--content-cache", hidden=True)
@click.version_option(__version__, prog_name="helm-compat", message="%(prog)s %(version)s")
@click.pass_context
def app(context: click.Context, /, color: str | None, **helm: str | None) -> None:
    """Run Kubernetes operators from a private registry.

    As a Helm post-renderer: relocates every image of a release, byte-exactly, and refuses the
    release when something is wrong.
    """
    # Helm 4 hands its own global flags on; only the colour means something here.
    context.obj = color or ""


@app.command(epilog=TWINS)
@options(RENDER)
@click.pass_obj
def render(colour: str, /, **values: Any) -> int:
    """Relocate manifests: standard input to standard output.

    The post-renderer of Helm 3 and Helm 4. A render that must fail is refused
    with the reason; nothing is written then, so that nothing is applied.
    """
    from helm_compat.cli import render as render_command

    arguments = [f"--color={colour}"] if colour else []
    for key, value in given_on(values).items():
        if value is True:
            arguments.append(f"--{key}")
        elif value is not False:
            arguments += [f"--{key}={v}" for v in (value if isinstance(value, tuple) else (value,))]
    return render_command.run(arguments)


@app.command(epilog=TWINS)
@options(REPORT)
@click.option("--list", "listed", is_flag=True, help="List the kept reports, the newest first.")
@click.argument("file", required=False)
@click.pass_obj
def report(colour: str, /, listed: bool, file: str | None, **values: Any) -> int:
    """Show the report of the newest render, or of FILE.

    Helm hides what a post-renderer says when it succeeds; at least the last 20
    reports are kept.
    """
    from helm_compat.report.keep import kept_reports, read_report, reports_folder

    folder = reports_folder(os.environ)
    kept = [os.path.join(folder, name) for name in reversed(kept_reports(folder))]
    if listed:
        write("".join(f"{path}\n" for path in kept))
        return 0
    path = file or next(iter(kept), "")
    if not path:
        raise UsageError("no render was reported yet", hint=f"Reports are kept in {folder}.")
    given = read_environment(REPORT, os.environ)
    given |= ({"color": colour} if colour else {}) | given_on(values)
    when = str(given.get("color", ""))
    terminal = is_terminal(sys.stdout)
    data, shown = read_report(path, colour=use_colour(when, os.environ, terminal=terminal))
    write(json_text(data) if given.get("output") == "json" else shown)
    return 0


@app.command()
@click.argument("name", required=False)
def schema(name: str | None) -> int:
    """Print a JSON Schema of ours, or the names of all.

    NAME is one of those, as config or values/aistor-operator.
    """
    known = schema_names()
    if name is None:
        write("".join(f"{name}\n" for name in known))
    elif name in known:
        write(schema_text(name))
    else:
        raise UsageError(f"there is no schema {name!r}", hint=did_you_mean(name, known))
    return 0


@app.command()
def version() -> int:
    """Print the version."""
    write(f"helm-compat {__version__}\n")
    return 0
