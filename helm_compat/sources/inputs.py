"""What the user wants checked: from the arguments of a command line to manifests."""

from __future__ import annotations

import errno
import os
import re
import stat
import tempfile
from typing import NamedTuple

from helm_compat.errors import CheckNotMade, CompatError, InputError, Place
from helm_compat.sources.chart import CHART_FILE, Chart, read_chart
from helm_compat.sources.files import ARCHIVES, read_file
from helm_compat.sources.helm import Options, helm_program, pull, template
from helm_compat.sources.walk import Visit, bad_path, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MANIFESTS = (".yaml", ".yml", ".json")
STDIN = "<stdin>"

# Helm takes the first part for the name of a repository.
_reference = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[\w.-]+)+", re.ASCII)

# The names that helm takes: pkg/chartutil/validate_name.go in https://github.com/helm/helm
_release_name = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")

# How helm names a template, often with line and column.
_template = re.compile(
    r"""(?<![^\s:("])([^\s:()"/]+/(?:[^\s:()"]+/)?templates/[^\s:()"]+)(?::(\d+)(?::(\d+))?)?"""
)


class Input(NamedTuple):
    """One thing to check: its name as the user knows it, and what it is: `chart` or `manifests`.

    `path` is a file, a folder, `-`, or where `remote` what helm fetches. `alone`: a chart that was
    found in a folder is judged for itself; all else together is one state.
    """

    name: str
    kind: str
    path: str
    alone: bool = False
    remote: bool = False


class Loaded(NamedTuple):
    """The manifests of one input; of a chart also what it is, and what helm warned of."""

    name: str
    data: bytes
    chart: Chart | None
    notes: tuple[str, ...] = ()


def expand(names: Sequence[str], *, repo: str = "") -> list[Input | CompatError]:
    """The inputs that arguments stand for, in their order; in place of a bad one the reason.

    A folder that is no chart stands for the charts and manifest files below it, but for what is
    hidden. `repo` is the URL of `--repo`, with which a bare name is that of a chart. Whatever is
    named twice is there once.
    """
    found: list[Input | CompatError] = []
    known: set[tuple[str, bool]] = set()
    for name in names:
        for item in _expand(name, repo):
            if isinstance(item, Input):
                local = item.path != "-" and not item.remote
                key = (os.path.realpath(item.path) if local else item.path, item.alone)
                if key in known:
                    continue
                known.add(key)
            found.append(item)
    return found


def load(source: Input, options: Options, environment: Mapping[str, str]) -> Loaded:
    """Read or render one input; raises CompatError with its place."""
    try:
        if source.kind == "manifests":
            return Loaded(source.name, _read(source.path, options), None)
        if not source.remote:
            chart = read_chart(source.path)
            _check_links(source.path)
            return _render(source, chart, source.path, options, environment)
        with tempfile.TemporaryDirectory(prefix="helm-compat-") as folder:
            program = helm_program(environment)
            path = pull(program, source.path, options, environment, folder)
            chart = read_chart(path, shown=source.name)
            return _render(source, chart, path, options, environment)
    except CompatError as error:
        error.place = error.place or Place(source.name)
        raise


def _expand(name: str, repo: str) -> Iterator[Input | CompatError]:
    if name == "-":
        yield Input(STDIN, "manifests", "-")
        return
    try:
        mode = os.stat(name).st_mode
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR) and not os.path.islink(name):
            yield _absent(name, repo)
        else:
            yield bad_path(name, error)
        return
    if stat.S_ISDIR(mode):
        yield from _folder(name)
    elif name.endswith(ARCHIVES):
        yield Input(name, "chart", name)
    elif os.path.basename(name) == CHART_FILE:
        yield InputError(
            "this is a part of a chart, not manifests",
            place=Place(name),
            hint=f"Give the chart's folder: {os.path.dirname(name) or '.'}",
        )
    else:
        yield Input(name, "manifests", name)


def _absent(name: str, repo: str) -> Input | CompatError:
    """What a name stands for that is no path: a chart somewhere else, or nothing."""
    file = name.startswith((".", "/", "~")) or name.endswith((*MANIFESTS, *ARCHIVES))
    folder = name.partition("/")[0]
    reference = repo or (_reference.fullmatch(name) and not os.path.exists(folder))
    if "://" in name or (reference and not file):
        return Input(name, "chart", name, remote=True)
    return InputError(
        "there is no such file or folder",
        place=Place(name),
        hint="Give charts, manifest files, folders of them, REPOSITORY/CHART, oci://… or -.",
    )


def _folder(top: str) -> Iterator[Input | CompatError]:
    """The charts and manifest files of a folder; a chart is not looked into."""
    empty = True
    for visit in walk(top):
        if isinstance(visit, CompatError):
            if visit.place and _is_wanted(visit.place.file, top):
                empty = False
                yield visit
            continue
        path = visit.path
        if CHART_FILE in visit.files or _lacks_chart_file(visit):
            visit.folders.clear()
            empty = False
            # One without Chart.yaml says so when it is read.
            yield Input(path, "chart", path, alone=path != top)
            continue
        visit.folders[:] = [name for name in visit.folders if not name.startswith(".")]
        for name in visit.files:
            if name.startswith(".") or not name.endswith((*MANIFESTS, *ARCHIVES)):
                continue
            empty = False
            file = os.path.join(path, name)
            packed = name.endswith(ARCHIVES)
            yield Input(file, "chart" if packed else "manifests", file, alone=packed)
    if empty:
        yield InputError(
            "this folder holds no charts and no manifests",
            place=Place(top),
            hint=f"Manifests end in {', '.join(MANIFESTS)}, packed charts in"
            f" {' or '.join(ARCHIVES)}; a chart's folder has {CHART_FILE}.",
        )


def _is_wanted(path: str, top: str) -> bool:
    """Whether what cannot be read would be looked at: not what is hidden, nor any other file."""
    name = os.path.basename(path)
    if path == top or name.startswith("."):
        return path == top
    return "." not in name or name.endswith((*MANIFESTS, *ARCHIVES)) or os.path.isdir(path)


def _lacks_chart_file(visit: Visit) -> bool:
    """Whether a folder is a chart but for its Chart.yaml: its templates are no manifests."""
    if "templates" not in visit.folders:
        return False
    helpers = os.path.join(visit.path, "templates", "_helpers.tpl")
    return "values.yaml" in visit.files or os.path.exists(helpers)


def _read(path: str, options: Options) -> bytes:
    if path != "-":
        return read_file(path)
    if not options.stdin:
        raise InputError(
            "standard input is empty",
            place=Place(STDIN),
            hint="See whether the command that should have written to it failed.",
        )
    return options.stdin


def _check_links(folder: str) -> None:
    """Raise InputError for what helm would follow for ever, or without a clear word."""
    # What stands in .helmignore is helm's to decide.
    if not os.path.isdir(folder) or os.path.exists(os.path.join(folder, ".helmignore")):
        return
    for visit in walk(folder):
        if isinstance(visit, CompatError):
            raise visit


def _render(
    source: Input,
    chart: Chart,
    path: str,
    options: Options,
    environment: Mapping[str, str],
) -> Loaded:
    if source.alone and chart.type.value == "library":
        note = "a library chart renders nothing by itself"
        return Loaded(source.name, b"", chart, (note,))
    name = options.release_name or chart.name.value
    if not options.release_name and not (len(name) <= 53 and _release_name.fullmatch(name)):
        name = "release-name"
    program = helm_program(environment)
    try:
        done = template(program, path, options._replace(release_name=name), environment)
    except CheckNotMade as error:
        error.place = _failed_at(error.message, chart)
        raise
    return Loaded(source.name, done.data, chart, done.notes)


def _failed_at(message: str, chart: Chart) -> Place:
    """The line of the template that helm speaks of last, where the trouble began."""
    if "cannot load values.yaml" in message:
        return Place(chart.file("values.yaml"))
    named = list(_template.finditer(message))
    found = next((match for match in reversed(named) if match[2]), named[-1] if named else None)
    name = found[1].partition("/")[2] if found else ""
    if not found or chart.text(name) is None:
        return Place(chart.path)
    line = int(found[2] or 0)
    # Helm counts columns from 0, and not always.
    column = int(found[3]) + 1 if found[3] else min(line, 1)
    return Place(chart.file(name), line, column)
