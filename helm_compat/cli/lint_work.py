"""The work of a lint, spread over all cores: one process a state, its results in their order."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

from helm_compat.errors import CompatError
from helm_compat.lint.checks import Options as CheckOptions
from helm_compat.lint.group import Checked, Values, check_group
from helm_compat.outcome import Settings
from helm_compat.sources.helm import Options as HelmOptions
from helm_compat.sources.inputs import STDIN, Input, Loaded, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Work(NamedTuple):
    """What all states are judged with."""

    settings: Settings
    checks: CheckOptions
    helm: HelmOptions
    values: tuple[Values, ...]


class Failed(NamedTuple):
    """An input that could not be checked, and why."""

    name: str
    error: CompatError


class Done(NamedTuple):
    """What came of one state: what was checked of it, what was not, and what helm warned of."""

    checked: Checked | None
    failed: tuple[Failed, ...]
    notes: tuple[tuple[str, str], ...]


def run_work(
    sources: Sequence[Input], work: Work, jobs: int, tick: Callable[[], object]
) -> list[Done]:
    """Check all inputs: those given together first, then each that is judged for itself.

    `tick` is called as often as there are inputs.
    """
    together = [source for source in sources if not source.alone]
    alone = [source for source in sources if source.alone]
    done = [_together(together, work, jobs, tick)] if together else []
    if jobs < 2 or len(alone) < 2:
        for source in alone:
            done.append(_alone(source, work))
            tick()
        return done
    # What a worker needs is there when it is forked, and need not be sent to it.
    context = multiprocessing.get_context("fork" if hasattr(os, "fork") else None)
    with ProcessPoolExecutor(min(jobs, len(alone)), context, _start, (work,)) as pool:
        for result in pool.map(_one, alone, chunksize=1):
            done.append(result)
            tick()
    return done


def inputs_data(
    expanded: Sequence[Input | CompatError],
    done: Sequence[Done],
    values: Sequence[str],
    faults: Sequence[CompatError],
) -> list[dict[str, Any]]:
    """What was to be checked, in the order of the command line, and what became of it.

    `faults` are those of the values files, without which no chart is rendered.
    """
    documents = {
        name: count
        for result in done
        if result.checked
        for name, count in result.checked.documents.items()
    }
    reasons = {failed.name: str(failed.error) for result in done for failed in result.failed}
    entries = []
    for item in expanded:
        if isinstance(item, CompatError):
            name = item.place.file if item.place else ""
            entries.append(_entry(name, "manifests", 0, str(item)))
            continue
        reason = reasons.get(item.name, "")
        if faults and item.kind == "chart":
            reason = f"{item.name}: there is a fault in a values file"
        entries.append(_entry(item.name, item.kind, documents.get(item.name, 0), reason))
    if faults or any(isinstance(item, Input) and item.kind == "chart" for item in expanded):
        entries += _values(values, faults)
    return entries


def _values(names: Sequence[str], faults: Sequence[CompatError]) -> Iterator[dict[str, Any]]:
    """The values files, but for those that only helm reads."""
    for name in dict.fromkeys(names):
        if "://" not in name:
            shown = STDIN if name == "-" else name
            found = [str(fault) for fault in faults if fault.place and fault.place.file == shown]
            yield _entry(shown, "values", 0 if found else 1, "\n".join(found))


def _entry(name: str, kind: str, documents: int, reason: str) -> dict[str, Any]:
    entry = {"name": name, "kind": kind, "documents": documents, "checked": not reason}
    return {**entry, "reason": reason} if reason else entry


def _together(sources: Sequence[Input], work: Work, jobs: int, tick: Callable[[], object]) -> Done:
    with ThreadPoolExecutor(max(1, min(jobs, len(sources)))) as pool:
        loaded = []
        failed = []
        for source, found in zip(sources, pool.map(lambda s: _load(s, work), sources)):
            tick()
            if isinstance(found, Loaded):
                loaded.append(found)
            else:
                failed.append(Failed(source.name, found))
    return _check(loaded, failed, work)


def _alone(source: Input, work: Work) -> Done:
    found = _load(source, work)
    if isinstance(found, Loaded):
        return _check([found], [], work)
    return Done(None, (Failed(source.name, found),), ())


def _load(source: Input, work: Work) -> Loaded | CompatError:
    try:
        return load(source, work.helm, os.environ)
    except CompatError as error:
        return error


def _check(loaded: list[Loaded], failed: list[Failed], work: Work) -> Done:
    """Judge what could be loaded; a stream that cannot be read is left out of it."""
    notes = tuple((item.name, note) for item in loaded for note in item.notes)
    while loaded:
        try:
            checked = check_group(loaded, work.settings, work.checks, work.values)
            return Done(checked, tuple(failed), notes)
        except CompatError as error:
            name = error.place.file if error.place else loaded[0].name
            bad = next((item for item in loaded if item.name == name), loaded[0])
            failed.append(Failed(bad.name, error))
            loaded = [item for item in loaded if item is not bad]
    return Done(None, tuple(failed), notes)


_work: Work | None = None


def _start(work: Work) -> None:
    global _work  # a worker's own, set once when it starts
    _work = work


def _one(source: Input) -> Done:
    assert _work, "the pool starts its workers with it"
    return _alone(source, _work)
