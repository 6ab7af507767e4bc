"""`helm-compat images`: every image of charts and manifests, as a list or as commands that copy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from helm_compat.cli.chart_options import CHART
from helm_compat.cli.gather import Gathered, gather, tell_errors
from helm_compat.cli.glue import AS_TABLE, TWINS, given_on, json_text, options, write
from helm_compat.cli.options import CONFIG, DEBUG, PRODUCTS, RELOCATION, Option
from helm_compat.cli.settings import resolve_settings, working_folder
from helm_compat.errors import UsageError
from helm_compat.mirror.plan import plan_jobs
from helm_compat.mirror.wanted import Wanted
from helm_compat.report.copy_commands import TOOLS, copy_commands
from helm_compat.report.images import images_data, images_table, unique_data, unique_table

if TYPE_CHECKING:
    from collections.abc import Sequence

IMAGES = (
    AS_TABLE._replace(
        help=f"table (default), json, or for a tool that copies: {', '.join(TOOLS)}.",
        choices=("table", "json", *TOOLS),
    ),
    Option("--unique", "", "List each image once, and not each place."),
    Option("--optional", "", "Give tools the images too that the vendor calls optional."),
    *RELOCATION,
    *CHART,
    PRODUCTS,
    CONFIG,
    DEBUG,
)


@click.command(epilog=TWINS)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@options(IMAGES)
def images(inputs: tuple[str, ...], **values: Any) -> int:
    """List every image reference with its place.

    INPUT is a chart, a manifest file, a folder of them, or - for standard
    input, as for lint. With --registry or --map the target of each image is
    listed too. Images that operators pull by themselves stand at the end, and
    those that the vendor calls optional are marked.
    """
    resolved = resolve_settings(IMAGES, given_on(values), os.environ, working_folder())
    form = resolved.text("output", "table")
    if form in TOOLS and not resolved.settings.relocation:
        raise UsageError(
            f"{form} has to be told where the images go", hint="Give --registry, or --map."
        )
    gathered = gather(inputs, resolved)
    wanted = gathered.wanted
    empty = not (gathered.images or gathered.run_time)
    if form == "json" or not (empty and gathered.errors):
        chosen = [each for each in wanted if resolved.on("optional") or not each.optional]
        if form in TOOLS:
            write(copy_commands(plan_jobs(chosen), form, len(wanted) - len(chosen)))
        else:
            write(_listed(form, gathered, wanted, unique=resolved.on("unique")))
    return tell_errors(gathered)


def _listed(form: str, gathered: Gathered, wanted: Sequence[Wanted], *, unique: bool) -> str:
    if unique:
        return json_text(unique_data(wanted)) if form == "json" else unique_table(wanted)
    if form == "json":
        return json_text(images_data(gathered.images, gathered.run_time, wanted))
    return images_table(gathered.images, wanted)
