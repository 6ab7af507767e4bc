"""Where results go: `FORMAT[=FILE]`, as often as formats are wanted."""

from __future__ import annotations

import os
from typing import NamedTuple

from helm_compat.errors import UsageError
from helm_compat.knowledge.words import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Output(NamedTuple):
    """One format, and the file that it goes to; an empty name is standard output."""

    format: str
    file: str


def read_outputs(given: Sequence[str], formats: Sequence[str], example: str) -> list[Output]:
    """Read what was given, the first format by default; raises UsageError.

    `example` is a format with a file, for the hint.
    """
    outputs = []
    for text in given or formats[:1]:
        name, equals, file = text.partition("=")
        if name not in formats:
            raise UsageError(
                f"--output: there is no format {name!r}", hint=did_you_mean(name, formats)
            )
        if equals and not file:
            raise UsageError(f"--output {text}: wants a file behind the =")
        outputs.append(Output(name, file))
    if sum(not output.file for output in outputs) > 1:
        raise UsageError(
            "--output: only one format can go to standard output",
            hint=f"Give the others a file, as in -o {example}.",
        )
    files = [os.path.realpath(output.file) for output in outputs if output.file]
    if len(set(files)) < len(files):
        raise UsageError("--output: one file is named for two formats")
    return outputs
