"""Run a real Helm with a home of its own and a PATH on which nothing stands by chance."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

Variables = Mapping[str, str]
Completed = subprocess.CompletedProcess[bytes]


@dataclass(frozen=True, slots=True)
class Helm:
    """One Helm binary and the world it sees: its HOME, its PATH, further variables."""

    binary: Path
    home: Path
    path: str
    variables: Variables = field(default_factory=dict)

    @property
    def plugins(self) -> Path:
        """The folder in which Helm looks for plugins."""
        return self.home / ".local" / "share" / "helm" / "plugins"

    def run(
        self, *arguments: str | Path, stdin: bytes = b"", variables: Variables | None = None
    ) -> Completed:
        """Run Helm to its end, whatever its exit status; `variables` are added to the world."""
        return subprocess.run(
            [self.binary, *arguments],
            input=stdin,
            capture_output=True,
            env=self.environment(variables),
            cwd=self.home,
            check=False,
        )

    def output(
        self, *arguments: str | Path, stdin: bytes = b"", variables: Variables | None = None
    ) -> str:
        """Run Helm, which must succeed, and return its stdout."""
        done = self.run(*arguments, stdin=stdin, variables=variables)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def environment(self, variables: Variables | None = None) -> dict[str, str]:
        """All environment variables of a run; nothing of the caller's own."""
        world = {"HOME": str(self.home), "PATH": self.path}
        return {**world, **self.variables, **(variables or {})}
