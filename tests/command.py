"""Run the command line as a program of its own, in a world that holds nothing of the caller's."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent

# A warning of Python's, such as a file that is never closed, is a failure.
PYTHON = (sys.executable, "-W", "error", "-X", "warn_default_encoding", "-m", "helm_compat")


class Said(NamedTuple):
    """Exit status, standard output and standard error of a command."""

    status: int
    out: bytes
    err: str


@dataclass(frozen=True, slots=True)
class Command:
    """`helm-compat` with a home, a cache and a working directory below `folder`."""

    folder: Path

    @property
    def work(self) -> Path:
        """The working directory."""
        return self.folder / "work"

    @property
    def reports(self) -> Path:
        """The folder of the kept reports."""
        return self.folder / "cache" / "compat" / "reports"

    def run(
        self, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> Said:
        """Run to the end, whatever the exit status."""
        done = subprocess.run(
            [*PYTHON, *arguments],
            input=stdin,
            capture_output=True,
            env=self.environment(variables),
            cwd=self.work,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr.decode())

    def environment(self, variables: Mapping[str, str] | None = None) -> dict[str, str]:
        """All environment variables of a run."""
        return {
            "HOME": f"{self.folder / 'home'}",
            "HELM_CACHE_HOME": f"{self.folder / 'cache'}",
            "PATH": os.defpath,
            "PYTHONPATH": f"{ROOT}",
            **(variables or {}),
        }


def make_command(folder: Path) -> Command:
    """Make the folders of a command's world."""
    command = Command(folder)
    command.work.mkdir(parents=True)
    (folder / "home").mkdir()
    return command
