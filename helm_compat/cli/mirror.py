"""`helm-compat mirror`: copies the images of charts and manifests to the private registry."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from helm_compat.cli.chart_options import CHART
from helm_compat.cli.gather import gather, tell_errors
from helm_compat.cli.glue import AS_TEXT, TWINS, given_on, json_text, options, write
from helm_compat.cli.options import CONFIG, DEBUG, PRODUCTS, REGISTRY_ACCESS, RELOCATION, Option
from helm_compat.cli.registry_settings import access
from helm_compat.cli.settings import Resolved, resolve_settings, working_folder
from helm_compat.cli.streams import is_terminal, say
from helm_compat.cli.verify import OPTIONAL
from helm_compat.errors import UsageError
from helm_compat.lock_file import read_images
from helm_compat.lock_write import with_images
from helm_compat.mirror.archive import (
    Entry,
    FromArchive,
    ToArchive,
    open_archive,
    read_archive,
    write_index,
)
from helm_compat.mirror.copy import BAD, Direct, Done, Pace, mirror_images
from helm_compat.mirror.layout import Layout
from helm_compat.mirror.plan import plan_archive, plan_jobs
from helm_compat.mirror.platform import parse_platform
from helm_compat.mirror.wanted import Wanted, relocated
from helm_compat.report.mirror import mirror_data, mirror_text, progress_line
from helm_compat.sources.credentials import Credentials
from helm_compat.sources.registry import Registry
from helm_compat.sources.skopeo import Skopeo
from helm_compat.writing import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from helm_compat.mirror.copy import Way

MIRROR = (
    AS_TEXT,
    *RELOCATION,
    OPTIONAL,
    Option("--platform", "OS/ARCH[/VARIANT]", "Copy one platform; default: whole indexes."),
    Option("--to-archive", "DIR", "Copy into this folder instead, an OCI image layout."),
    Option("--from-archive", "DIR", "Copy from such a folder: all of it, or what INPUT names."),
    Option("--dry-run", "", "Say what would be copied, and copy nothing."),
    Option("--write", "FILE", "Write the digests into this lock file, as compat.lock.yaml."),
    Option("--workers", "N", "Images at a time; default 4."),
    Option("--retries", "N", "How often to try again what may be passing; default 3."),
    *REGISTRY_ACCESS,
    *CHART,
    PRODUCTS,
    CONFIG,
    DEBUG,
)


@click.command(epilog=TWINS)
@click.argument("inputs", metavar="[INPUT...]", nargs=-1)
@options(MIRROR)
def mirror(inputs: tuple[str, ...], **values: Any) -> int:
    """Copy the images of charts and manifests to the private registry.

    INPUT is as for lint. The images are those that render relocates, and those
    that operators pull by themselves; each goes where render says it is.
    skopeo copies them, whole indexes with their digests. What is there with
    the right digest is not copied again.

    For a site without a network, --to-archive on this side and --from-archive
    on the other.
    """
    resolved = resolve_settings(MIRROR, given_on(values), os.environ, working_folder())
    archived = _check(inputs, resolved)
    gathered = gather(inputs, resolved) if inputs else None
    status = tell_errors(gathered) if gathered else 0
    wanted = gathered.wanted if gathered else _archived(archived, resolved)
    chosen = [each for each in wanted if resolved.on("optional") or not each.optional]
    lock = resolved.text("write")
    before = _former(lock) if lock else ""
    results = _mirror(chosen, resolved, archived)
    if lock and not resolved.on("dry-run"):
        write_whole(lock, with_images(before, _digests(results), path=lock), "the lock file")
    left_out = len(wanted) - len(chosen)
    if resolved.text("output") == "json":
        write(json_text(mirror_data(results, left_out)))
    else:
        write(mirror_text(results, left_out))
    return max(_status(results), status)


def _check(inputs: Sequence[str], resolved: Resolved) -> list[Entry]:
    """What is in the archive that images come from; raises UsageError for what makes no sense."""
    to, of = resolved.text("to-archive"), resolved.text("from-archive")
    if to and of:
        raise UsageError("--to-archive and --from-archive are for two runs")
    if of and resolved.text("platform"):
        raise UsageError("--platform narrows what goes into an archive, not what comes out")
    if not (inputs or of):
        raise UsageError("nothing says which images", hint="Give INPUT: charts or manifests.")
    entries = read_archive(Path(of)) if of else []
    recorded = entries and all(entry.target for entry in entries) and not inputs
    if not (resolved.settings.relocation or to or recorded):
        raise UsageError(
            "nothing says where the images are to go", hint="Give --registry, or --map."
        )
    return entries


def _archived(entries: Sequence[Entry], resolved: Resolved) -> list[Wanted]:
    """The images of an archive; the rules of now say where they go, else what is recorded."""
    relocation = resolved.settings.relocation
    if not relocation:
        return [Wanted(entry.source, entry.target) for entry in entries]
    return [relocated(entry.source, relocation) for entry in entries]


def _mirror(wanted: Sequence[Wanted], resolved: Resolved, archived: Sequence[Entry]) -> list[Done]:
    retries = _number(resolved, "retries", "3", least=0)
    pace = Pace(_number(resolved, "workers", "4", least=1), retries)
    text = resolved.text("platform")
    platform = parse_platform(text) if text else None
    dry_run = resolved.on("dry-run")
    reach = access(resolved.values)._replace(attempts=retries)
    credentials = Credentials(os.environ, resolved.text("authfile"))
    skopeo = None if dry_run else Skopeo(reach, credentials, os.environ)
    to, of = resolved.text("to-archive"), resolved.text("from-archive")
    with ExitStack() as stack:
        registry = stack.enter_context(closing(Registry(reach, credentials)))
        jobs = plan_archive(wanted) if to else plan_jobs(wanted)
        layout = Layout(Path(to or of))
        way: Way = Direct(registry, skopeo, platform)
        if to:
            if not dry_run:
                stack.enter_context(open_archive(layout.folder))
            way = ToArchive(registry, skopeo, layout, platform)
        elif of:
            way = pushing = FromArchive(archived, registry, skopeo, layout)
            pushing.check(jobs, pace.workers)
        end = skopeo.end if skopeo else lambda: None
        with _progress(len(jobs)) as tell:
            results = mirror_images(jobs, way, pace, dry_run=dry_run, tell=tell, end=end)
        if to and not dry_run:
            there = [done for done in results if done.state in ("copied", "there")]
            entries = [Entry(d.job.wanted.source, d.job.wanted.target, d.digest) for d in there]
            write_index(layout, entries)
        return results


def _former(path: str) -> str:
    """What a lock file holds, every byte of it; raises UsageError for what is no lock file."""
    if not os.path.lexists(path):
        return ""
    read_images(path)
    with open(path, encoding="utf-8", newline="") as file:
        before = file.read()
    # What cannot be written is told before the work.
    with_images(before, {}, path=path)
    return before


def _digests(results: Sequence[Done]) -> dict[str, str]:
    """The digests of what is there now, but for references that hold one themselves."""
    return {
        done.job.wanted.name: done.digest
        for done in results
        if done.state in ("copied", "there") and "@" not in done.job.wanted.name
    }


def _status(results: Sequence[Done]) -> int:
    """1 where an image is not there; 3 where no question was answered."""
    bad = [done.state for done in results if done.state in BAD]
    if bad and len(bad) == len(results) and set(bad) == {"not-checked"}:
        return 3
    return int(bool(bad))


def _number(resolved: Resolved, key: str, default: str, *, least: int) -> int:
    text = resolved.text(key, default)
    if not text.isdecimal() or int(text) < least:
        raise UsageError(f"--{key} wants a whole number from {least} on, not {text!r}")
    return int(text)


@contextmanager
def _progress(count: int) -> Iterator[Callable[[Done], object]]:
    """What to call for each image that is done: a bar on a terminal, else a line in the log."""
    if is_terminal(sys.stderr):
        with click.progressbar(length=count, label="mirroring", file=sys.stderr) as bar:
            yield lambda done: bar.update(1)
        return
    told = 0

    def tell(done: Done) -> None:
        nonlocal told
        told += 1
        say(progress_line(done, told, count))

    yield tell
