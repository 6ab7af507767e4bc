"""Charts through the user's own helm: fetched and rendered, never installed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from typing import NamedTuple

from helm_compat.errors import CheckNotMade
from helm_compat.sources.values import values_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# A child must not take itself for the plugin that we are; and with HELM_DEBUG helm writes its own
# log, and values of the user, into every message.
_OURS = ("HELM_PLUGIN_NAME", "HELM_PLUGIN_DIR", "HELM_DEBUG")

_MAX_LINES = 40
_MAX_COLUMNS = 1_000

_PURPOSES = {"template": "render this chart", "pull": "fetch this chart"}
_ADVICE = "Use --debug flag to render out invalid YAML"
_HINTS = {
    "which is incompatible with Kubernetes": "--kube-version says which Kubernetes to render for.",
    r"repo \S+ not found|no cached repo": (
        "There is no file or folder of this name either."
        " helm repo add makes a repository known, helm repo update its charts."
    ),
}

_log_line = re.compile(r'level=(\w+) msg=("(?:[^"\\]|\\.)*"|\S+)\s*(.*)')
_log_prefix = re.compile(r"(?:\w+\.go:\d+: )?(?:warning: )?", re.IGNORECASE)


class Options(NamedTuple):
    """How charts are fetched and rendered, each the flag of that name of `helm template`.

    `release_name` is empty for the chart's own. `time_limit` is for one run of helm, in seconds.
    `stdin` is what the caller read from standard input, for `--values -` and for the input `-`.
    """

    values: tuple[str, ...] = ()
    set_values: tuple[str, ...] = ()
    set_strings: tuple[str, ...] = ()
    set_files: tuple[str, ...] = ()
    set_json: tuple[str, ...] = ()
    version: str = ""
    repo: str = ""
    plain_http: bool = False
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()
    include_crds: bool = False
    namespace: str = ""
    release_name: str = ""
    time_limit: float = 300
    stdin: bytes = b""


class Rendered(NamedTuple):
    """The manifests of a chart, hooks included, and what helm warned of."""

    data: bytes
    notes: tuple[str, ...]


def helm_program(environment: Mapping[str, str]) -> str:
    """The helm that runs us (HELM_BIN), or the one on PATH; raises CheckNotMade."""
    given = environment.get("HELM_BIN", "")
    found = shutil.which(given or "helm", path=environment.get("PATH", os.defpath))
    if found:
        return found
    if given:
        raise CheckNotMade(
            f"HELM_BIN names no program: {given!r}",
            hint="Name the helm to use, or unset it to use the one on PATH.",
        )
    raise CheckNotMade(
        "there is no helm to render charts with",
        hint="Put helm on PATH or name it in HELM_BIN; or give rendered manifests instead.",
    )


def template(
    program: str, chart: str, options: Options, environment: Mapping[str, str]
) -> Rendered:
    """Render a chart's folder or archive; raises CheckNotMade with helm's own message."""
    words = ["template", *_flags(options), "--", options.release_name or "release-name", chart]
    stdin = options.stdin if "-" in values_files(options.values) else None
    return _run(program, words, environment, options.time_limit, stdin)


def pull(
    program: str, reference: str, options: Options, environment: Mapping[str, str], folder: str
) -> str:
    """Fetch `oci://…`, `repo/chart` or a URL into a folder that is empty; returns the archive.

    Raises CheckNotMade with helm's own message.
    """
    words = ["pull", f"--destination={folder}"]
    words += [f"--version={options.version}"] if options.version else []
    words += [f"--repo={options.repo}"] if options.repo else []
    words += ["--plain-http"] if options.plain_http else []
    _run(program, [*words, "--", reference], environment, options.time_limit)
    names = os.listdir(folder)
    if len(names) != 1:
        raise CheckNotMade(f"helm fetched {len(names)} files where one chart was asked for")
    return os.path.join(folder, names[0])


def _flags(options: Options) -> list[str]:
    lists = {
        "values": options.values,
        "set": options.set_values,
        "set-string": options.set_strings,
        "set-file": options.set_files,
        "set-json": options.set_json,
        "api-versions": options.api_versions,
        "kube-version": (options.kube_version,),
        "namespace": (options.namespace,),
    }
    flags = [f"--{name}={text}" for name, texts in lists.items() for text in texts if text]
    return [*flags, "--include-crds"] if options.include_crds else flags


def _run(
    program: str,
    words: list[str],
    environment: Mapping[str, str],
    limit: float,
    stdin: bytes | None = None,
) -> Rendered:
    """What helm writes, and what it warns of; `stdin` is None for nothing."""
    try:
        # A session of its own, so that what helm itself starts ends with it.
        process = subprocess.Popen(
            [program, *words],
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={name: text for name, text in environment.items() if name not in _OURS},
            start_new_session=True,
        )
    except OSError as error:
        raise CheckNotMade(f"cannot run {program!r}: {error.strerror}") from error
    with process:
        try:
            data, said = process.communicate(stdin, limit)
        except subprocess.TimeoutExpired as error:
            _end(process)
            raise CheckNotMade(
                f"helm could not {_PURPOSES[words[0]]} in {limit:g} seconds",
                hint="A template may have no end, or a registry gives no answer.",
            ) from error
        except BaseException:
            _end(process)
            raise
    lines = said.decode(errors="replace").splitlines()
    if process.returncode:
        raise _failure(words[0], process.returncode, lines)
    return Rendered(data, tuple(_notes(lines)))


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _failure(command: str, status: int, lines: list[str]) -> CheckNotMade:
    """What helm says after its `Error: `, and what it warned of before that."""
    start = next((n for n, line in enumerate(lines) if line.startswith("Error: ")), 0)
    why = _shortened(line for line in lines[start:] if line != _ADVICE).removeprefix("Error: ")
    if not why:
        how = f"signal {-status} ended it" if status < 0 else f"it ended with exit status {status}"
        why = f"{how} and said nothing"
    debug = f"helm {command} --debug shows more, given the same arguments."
    hint = next((text for reason, text in _HINTS.items() if re.search(reason, why)), debug)
    notes = [f"Helm also warned: {note}" for note in _notes(lines[:start])]
    message = f"helm could not {_PURPOSES[command]}: {why}".replace("\n", "\n  ")
    return CheckNotMade(message, hint="\n  ".join([*notes, hint]))


def _notes(lines: Iterable[str]) -> list[str]:
    """Helm's warnings, without what its log puts around them; Helm 3 and 4 write their own."""
    notes = []
    for line in lines:
        logged = _log_line.fullmatch(line)
        if logged and logged[1] == "WARN":
            text = re.sub(r"\\(.)", r"\1", logged[2].strip('"'))
            notes.append(f"{text} ({logged[3]})" if logged[3] else text)
        elif not logged and line.strip() and "found symbolic link in path" not in line:
            notes.append(_log_prefix.sub("", line.strip(), count=1))
    return _shortened(dict.fromkeys(notes)).splitlines()


def _shortened(lines: Iterable[str]) -> str:
    """A text that a person can read, whatever a chart makes helm say."""
    whole = "\n".join(lines).strip().split("\n")
    cut = [line if len(line) <= _MAX_COLUMNS else f"{line[:_MAX_COLUMNS]}…" for line in whole]
    more = len(cut) - _MAX_LINES
    return "\n".join([*cut[:_MAX_LINES], f"… {more} more lines"] if more > 0 else cut)
