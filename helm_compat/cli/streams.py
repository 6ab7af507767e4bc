"""Standard input, output and error, any of which may be closed, full or a pipe that nobody reads."""

from __future__ import annotations

import contextlib
import sys

from helm_compat.errors import CompatError, InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


def read_stdin() -> bytes:
    """All of standard input; raises InputError when it is closed."""
    try:
        with open(0, "rb", closefd=False) as stdin:
            return stdin.read()
    except OSError as error:
        raise InputError(f"standard input cannot be read: {error.strerror}") from error


def write_stdout(data: bytes) -> None:
    """Write everything to standard output; raises CompatError when that cannot be done."""
    try:
        with open(1, "wb", closefd=False) as stdout:
            stdout.write(data)
    except OSError as error:
        raise CompatError(
            f"standard output was closed before everything was written: {error.strerror}"
        ) from error


def say(text: str) -> None:
    """Tell a person; where nobody can be told, the exit status has to do."""
    if sys.stderr:
        with contextlib.suppress(OSError):
            sys.stderr.write(text)
            sys.stderr.flush()


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream of `sys`, which is None when it is closed, is a terminal."""
    return stream is not None and stream.isatty()


def internal_error(error: Exception, *, debug: bool) -> str:
    """What to say of a bug: one line, or with `debug` the traceback."""
    if debug:
        import traceback

        return traceback.format_exc()
    return (
        f"internal error: {type(error).__name__}: {error}\n"
        "  This is a bug of helm-compat; --debug prints where.\n"
    )
