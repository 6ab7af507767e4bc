"""What became of every image of a mirror run, as text and as data."""

from __future__ import annotations

from helm_compat.mirror.copy import BAD, STATES, Done
from helm_compat.printable import printable
from helm_compat.report.data import SCHEMA_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_WORDS = {
    "not-checked": "cannot be asked for",
    "missing": "missing",
    "failed": "failed",
    "would-copy": "to copy",
    "copied": "copied",
    "there": "there already",
    "stays": "left where it is",
}


def progress_line(done: Done, number: int, count: int) -> str:
    """One image that is done, as a line of a log."""
    width = len(str(count))
    return printable(f"[{number:{width}}/{count}] {_line(done)}\n")


def mirror_text(results: Sequence[Done], left_out: int) -> str:
    """What has to be done by hand or in another run, and how many images there are of each."""
    lines = [_line(done) for done in results if done.state in (*BAD, "would-copy")]
    counts = ((state, sum(done.state == state for done in results)) for state in STATES)
    told = ", ".join(f"{count} {_WORDS[state]}" for state, count in counts if count)
    noun = "image" if len(results) == 1 else "images"
    lines.append(f"{len(results)} {noun}{told and ': '}{told}")
    if left_out:
        lines.append(left_out_text(left_out))
    return "".join(f"{printable(line)}\n" for line in lines)


def left_out_text(count: int) -> str:
    """That optional images are not there, and how to have them."""
    noun = "image that the vendor calls" if count == 1 else "images that the vendor calls"
    return f"left out: {count} {noun} optional; --optional takes them too"


def mirror_data(results: Sequence[Done], left_out: int) -> dict[str, Any]:
    """The whole result, in the shape of `schemas/mirror.schema.json`."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "summary": {
            **{state: sum(done.state == state for done in results) for state in STATES},
            "optionalLeftOut": left_out,
        },
        "images": [_image(done) for done in results],
    }


def _image(done: Done) -> dict[str, Any]:
    wanted = done.job.wanted
    return {
        "source": wanted.source or None,
        "target": wanted.target or None,
        "state": done.state,
        "digest": done.digest or None,
        "message": done.message,
        "by": wanted.by,
        "optional": wanted.optional,
        "places": wanted.places,
    }


def _line(done: Done) -> str:
    wanted = done.job.wanted
    names = " → ".join(filter(None, (wanted.source, wanted.target)))
    message = f": {done.message}" if done.message else ""
    return f"{_WORDS[done.state]}: {names}{message}"
