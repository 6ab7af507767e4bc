"""Programs that must not outlive us, whatever ends us: they hold credentials of the user."""

from __future__ import annotations

import subprocess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

# This shell waits for the end of our pipe, which comes when we are gone too, then ends the program
# and removes its folder.
_GUARD = """
folder=$1; shift
exec 3<&0
"$@" 3<&- </dev/null & program=$!
{ read -r _ <&3; kill "$program"; } >/dev/null 2>&1 & watch=$!
exec 3<&-
wait "$program"; status=$?
kill "$watch" 2>/dev/null
[ -z "$folder" ] || rm -rf -- "$folder"
exit "$status"
"""


def start_guarded(
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    stdout: int,
    stderr: int | BinaryIO,
    folder: str = "",
) -> subprocess.Popen[bytes]:
    """Start a program that ends at the latest when its standard input is closed.

    It reads nothing from there. `folder` is removed when it has ended; empty for none.
    """
    return subprocess.Popen(
        ["/bin/sh", "-c", _GUARD, "sh", folder, *words],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        env=dict(environment),
        start_new_session=True,
    )
