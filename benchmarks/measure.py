"""Run commands in turn and measure them: wall time, CPU time, peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


@dataclass(frozen=True)
class Command:
    """A command to measure; with `stdin` it reads that file."""

    name: str
    words: tuple[str, ...]
    environment: dict[str, str]
    folder: Path
    stdin: Path | None = None


class Sample(NamedTuple):
    """One run, or the medians of several: seconds, seconds, bytes.

    CPU is user and system time of the command and every process it waited for; memory is that of
    the largest single one of these processes.
    """

    wall: float
    cpu: float
    peak: int


class CommandFailedError(Exception):
    """A measured command ended with another status than 0 or wrote nothing."""


def measure(command: Command, output: Path) -> Sample:
    """Run a command once, its standard output into a file. Raises CommandFailedError."""
    source = command.stdin or Path(os.devnull)
    with (
        source.open("rb") as stdin,
        output.open("wb") as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        start = time.perf_counter()
        process = subprocess.Popen(
            command.words,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            env=command.environment,
            cwd=command.folder,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        # Popen would wait for the process again, which is gone.
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode or not output.stat().st_size:
            stderr.seek(0)
            message = stderr.read().decode(errors="replace").strip()
            raise CommandFailedError(f"exit status {process.returncode}: {message}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def measure_in_turn(commands: list[Command], output: Path, runs: int) -> dict[str, Sample]:
    """Measure A B C A B C … and return the medians by name.

    In turn, so that a machine that gets slower or faster meanwhile does so for all of them.
    """
    samples: dict[str, list[Sample]] = {command.name: [] for command in commands}
    for _ in range(runs):
        for command in commands:
            samples[command.name].append(measure(command, output))
    return {name: find_median(taken) for name, taken in samples.items()}


def find_median(samples: list[Sample]) -> Sample:
    """The median of each measure by itself."""
    walls, cpus, peaks = zip(*samples, strict=True)
    return Sample(statistics.median(walls), statistics.median(cpus), statistics.median_high(peaks))
