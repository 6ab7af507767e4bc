"""Where the newest reports are kept, so that `helm compat report` can show what Helm hides."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time

from helm_compat.errors import CompatError, Place, UsageError
from helm_compat.report.data import SCHEMA_VERSION
from helm_compat.report.text import report_text
from helm_compat.writing import write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

KEPT = 20


def reports_folder(environment: Mapping[str, str]) -> str:
    """The folder of kept reports, below Helm's own cache as Helm finds it.

    https://helm.sh/docs/helm/helm/ (HELM_CACHE_HOME, XDG_CACHE_HOME and their defaults)
    """
    cache = environment.get("HELM_CACHE_HOME")
    if not cache:
        base = environment.get("XDG_CACHE_HOME")
        home = environment.get("HOME") or os.path.expanduser("~")
        if not base:
            base = os.path.join(home, "Library/Caches" if sys.platform == "darwin" else ".cache")
        cache = os.path.join(base, "helm")
    return os.path.join(cache, "compat", "reports")


def write_report(path: str, data: dict[str, Any], *, indent: int | None = 2) -> None:
    """Write a report whole or not at all; raises CompatError."""
    text = json.dumps(data, indent=indent, ensure_ascii=False) + "\n"
    write_whole(path, text, "the report")


def keep_report(folder: str, data: dict[str, Any]) -> str:
    """Keep a report under a name of its own, drop old ones in time, and return its path.

    The newest KEPT reports stay, and up to as many older ones.

    Returns an empty string where the folder cannot be written: a render does not fail for that.
    """
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        path = os.path.join(folder, f"{time.time_ns():020}-{os.getpid()}.json")
        write_report(path, data, indent=None)
        kept = kept_reports(folder)
        # Removing files is slow on some disks: not at every render.
        for name in kept[:-KEPT] if len(kept) > 2 * KEPT else []:
            # Another render may be at it too.
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(folder, name))
    except (OSError, CompatError):
        return ""
    return path


def kept_reports(folder: str) -> list[str]:
    """The file names of the kept reports, the newest last."""
    if not os.path.isdir(folder):
        return []
    return sorted(name for name in os.listdir(folder) if name.endswith(".json"))


def read_report(path: str, *, colour: bool) -> tuple[dict[str, Any], str]:
    """A report as data and as text; raises UsageError for a file that holds none."""
    try:
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        if data["schemaVersion"] != SCHEMA_VERSION:
            raise UsageError(
                f"a report of version {data['schemaVersion']}; this release reads {SCHEMA_VERSION}",
                place=Place(path),
            )
        return data, report_text(data, colour=colour)
    except OSError as error:
        raise UsageError(f"cannot read the report: {error.strerror}", place=Place(path)) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError("this is no report of helm-compat", place=Place(path)) from error
