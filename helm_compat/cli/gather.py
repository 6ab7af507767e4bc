"""The images of charts and manifests, as `images`, `mirror` and `verify` take them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from helm_compat.cli.chart_options import chart_options
from helm_compat.cli.settings import Resolved
from helm_compat.cli.streams import say
from helm_compat.errors import CompatError, UsageError
from helm_compat.knowledge.product import RunTimeImage
from helm_compat.mirror.wanted import Wanted, wanted_images
from helm_compat.outcome import Image
from helm_compat.printable import printable
from helm_compat.run import Run
from helm_compat.sources.inputs import Input, Loaded, expand, load
from helm_compat.stream import check, split

if TYPE_CHECKING:
    from collections.abc import Sequence


class Gathered(NamedTuple):
    """The images of all inputs by place, those that operators pull, and what could not be read.

    `wanted` are all of them once.
    """

    images: list[Image]
    run_time: list[RunTimeImage]
    errors: list[CompatError]
    wanted: list[Wanted]


def gather(names: Sequence[str], resolved: Resolved) -> Gathered:
    """Read or render every input, several at a time; one that is bad hides no other.

    What helm notes of an input is said at once.
    """
    if "" in names:
        raise UsageError("an input is an empty text", hint="Is a variable of the caller not set?")
    helm = chart_options(resolved, names)
    sources = expand(names, repo=helm.repo)

    def loaded(source: Input | CompatError) -> Loaded | CompatError:
        try:
            return source if isinstance(source, CompatError) else load(source, helm, os.environ)
        except CompatError as error:
            return error

    gathered = Gathered([], [], [], [])
    run = Run(resolved.settings, "")
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for item in pool.map(loaded, sources):
            try:
                if isinstance(item, CompatError):
                    raise item
                for note in item.notes:
                    say(printable(f"helm says of {item.name}: {note}\n"))
                _take(run, item)
            except CompatError as error:
                gathered.errors.append(error)
    gathered.images.extend(run.images)
    gathered.run_time.extend(run.run_time_images())
    settings = resolved.settings
    gathered.wanted.extend(
        wanted_images(run.images, gathered.run_time, settings.scope.knowledge, settings.relocation)
    )
    return gathered


def tell_errors(gathered: Gathered) -> int:
    """Say what could not be read; the exit status for that."""
    for error in gathered.errors:
        say(printable(f"error: {error}\n"))
    return max((error.exit_status for error in gathered.errors), default=0)


def _take(run: Run, item: Loaded) -> None:
    """The images of one input; all of them or, where a document cannot be read, none."""
    check(item.data, file=item.name, max_bytes=run.settings.max_bytes)
    before = len(run.images)
    run.start(item.name)
    try:
        for document in split(item.data):
            run.take(document)
    except CompatError:
        del run.images[before:]
        raise
