"""The command line with a real kubectl against the API server of the tests."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command import PYTHON, Command, Said, make_command
from kube_api import KubeApi

# A caller may ignore signals, as nohup does, and a shell for what runs behind it; we would inherit
# that, and nothing could end us.
HEAR_SIGNALS = """
import os, signal, sys
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""

TOKEN = "a-token-that-nobody-sees"


@dataclass(frozen=True)
class Cluster:
    """An API server, and `helm-compat` in a world with kubectl and a kubeconfig for it."""

    api: KubeApi
    command: Command
    variables: dict[str, str]

    @property
    def work(self) -> Path:
        """The working directory of the command."""
        return self.command.work

    def run(
        self, *arguments: str, stdin: bytes = b"", variables: Mapping[str, str] | None = None
    ) -> Said:
        """Run to the end, whatever the exit status."""
        return self.command.run(*arguments, stdin=stdin, variables=self.world(variables))

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start and do not wait."""
        environment = self.command.environment(self.world())
        return subprocess.Popen(
            [sys.executable, "-c", HEAR_SIGNALS, *PYTHON, *arguments],
            env=environment,
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    def world(self, variables: Mapping[str, str] | None = None) -> dict[str, str]:
        """The variables of a run beside those that every command has."""
        return {**self.variables, **(variables or {})}

    def asked(self) -> list[str]:
        """The paths that were asked of the server, with their queries."""
        return [f"{item.path}?{item.query}".rstrip("?") for item in self.api.requests]


@contextmanager
def open_cluster(folder: Path, kubectl: Path) -> Iterator[Cluster]:
    """An API server with TLS and a token, and a command for it below `folder`."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (programs / "kubectl").symlink_to(kubectl)
    with KubeApi(TOKEN) as api:
        config = api.kubeconfig(folder / "config")
        path = f"{programs}:/usr/bin:/bin"
        variables = {"KUBECONFIG": str(config), "PATH": path}
        yield Cluster(api, make_command(folder / "world"), variables)
