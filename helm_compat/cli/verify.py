"""`helm-compat verify`: whether the private registry has what charts and manifests pull."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from helm_compat.cli.chart_options import CHART
from helm_compat.cli.gather import gather, tell_errors
from helm_compat.cli.glue import AS_TEXT, TWINS, given_on, json_text, options, progress, write
from helm_compat.cli.options import (
    CONFIG,
    DEBUG,
    PRODUCTS,
    REGISTRY_ACCESS,
    RELOCATION,
    VERBOSE,
    Option,
)
from helm_compat.cli.registry_settings import open_registry
from helm_compat.cli.settings import resolve_settings, working_folder
from helm_compat.config import find_lock
from helm_compat.errors import CheckNotMade
from helm_compat.lock_file import read_images
from helm_compat.mirror.verify import verify_images
from helm_compat.report.verify import verified_data, verified_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from helm_compat.cli.settings import Resolved
    from helm_compat.mirror.verify import Verified
    from helm_compat.mirror.wanted import Wanted

OPTIONAL = Option("--optional", "", "Take images too that the vendor calls optional.")
VERIFY = (
    AS_TEXT,
    *RELOCATION,
    *REGISTRY_ACCESS,
    OPTIONAL,
    Option("--no-source", "", "Ask no source registry for digests that the lock file lacks."),
    *CHART,
    PRODUCTS,
    CONFIG,
    VERBOSE._replace(help="Print the images that are there too."),
    DEBUG,
)


@click.command(epilog=TWINS)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@options(VERIFY)
def verify(inputs: tuple[str, ...], **values: Any) -> int:
    """Look whether the private registry has every image.

    INPUT is what lint takes. Every image is looked for where --registry and
    --map put it, without pulling it, and must have the digest that stands in
    compat.lock.yaml, else that of its source. Exits with 1 when one is missing
    or another, with 3 when one could not be looked at.
    """
    resolved = resolve_settings(VERIFY, given_on(values), os.environ, working_folder())
    gathered = gather(inputs, resolved)
    taken = [each for each in gathered.wanted if resolved.on("optional") or not each.optional]
    found = _verify(taken, resolved)
    left_out = len(gathered.wanted) - len(taken)
    if resolved.text("output") == "json":
        write(json_text(verified_data(found, left_out)))
    else:
        write(verified_text(found, left_out, verbose=resolved.on("verbose")))
    return max(_status(found), tell_errors(gathered))


def _verify(wanted: Sequence[Wanted], resolved: Resolved) -> list[Verified]:
    folder = os.path.dirname(resolved.config) if resolved.config else working_folder()
    lock = find_lock(folder)
    locked = read_images(lock) if lock else {}
    ask_sources = not resolved.on("no-source")
    with (
        closing(open_registry(resolved.values)) as registry,
        progress(len(wanted), "looking") as tick,
    ):
        return verify_images(wanted, registry, locked, ask_sources=ask_sources, tick=tick)


def _status(found: Sequence[Verified]) -> int:
    states = {each.state for each in found}
    if states & {"not-checked", "not-compared"}:
        return CheckNotMade.exit_status
    return int(bool(states & {"missing", "differs"}))
