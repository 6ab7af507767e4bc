"""The user's own kubectl as the way into a cluster: its kubeconfig, contexts and plugins all count.

One `kubectl proxy` on a private socket serves all questions, and answers nothing but reads.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from typing import NamedTuple

from helm_compat.errors import CheckNotMade
from helm_compat.sources.guard import start_guarded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

# https://man7.org/linux/man-pages/man7/unix.7.html: a path of 107 bytes, less on other systems.
_LONGEST_PATH = 100

# pkg/kubectl/proxy in kubernetes/kubectl prints it, then the address.
_LISTENS = b"Starting to serve on "
_WRITES = "POST,PUT,PATCH,DELETE"
_USER = "helm-compat-token"


class Connection(NamedTuple):
    """How kubectl is to reach the cluster; what is empty is left to kubectl and its kubeconfig.

    `time_limit` is for all that is asked of the cluster together, in seconds.
    """

    context: str = ""
    kubeconfig: str = ""
    server: str = ""
    token: str = ""
    as_user: str = ""
    as_groups: tuple[str, ...] = ()
    ca_file: str = ""
    tls_server_name: str = ""
    insecure: bool = False
    time_limit: float = 30

    @property
    def flags(self) -> list[str]:
        """The flags of kubectl that say the same, but for the token, which other users would see."""
        named = {
            "context": self.context,
            "server": self.server,
            "as": self.as_user,
            "certificate-authority": self.ca_file,
            "tls-server-name": self.tls_server_name,
            "user": _USER if self.token else "",
        }
        flags = [f"--{name}={value}" for name, value in named.items() if value]
        flags += [f"--as-group={group}" for group in self.as_groups]
        return [*flags, "--insecure-skip-tls-verify"] if self.insecure else flags


def from_helm(environment: Mapping[str, str]) -> Connection:
    """What Helm was told of the cluster, as it hands it to a plugin or reads it itself.

    https://helm.sh/docs/helm/helm/ lists the variables.
    """
    insecure = environment.get("HELM_KUBEINSECURE_SKIP_TLS_VERIFY", "").lower()
    groups = environment.get("HELM_KUBEASGROUPS", "")
    return Connection(
        context=environment.get("HELM_KUBECONTEXT", ""),
        server=environment.get("HELM_KUBEAPISERVER", ""),
        token=environment.get("HELM_KUBETOKEN", ""),
        as_user=environment.get("HELM_KUBEASUSER", ""),
        as_groups=tuple(filter(None, groups.split(","))),
        ca_file=environment.get("HELM_KUBECAFILE", ""),
        tls_server_name=environment.get("HELM_KUBETLS_SERVER_NAME", ""),
        insecure=insecure in ("1", "true"),
    )


def kubectl_program(environment: Mapping[str, str]) -> str:
    """The kubectl on PATH; raises CheckNotMade."""
    found = shutil.which("kubectl", path=environment.get("PATH", os.defpath))
    if not found:
        raise CheckNotMade(
            "there is no kubectl to read the cluster with",
            hint="Put kubectl on PATH; or go without the cluster, with a compat.lock.yaml.",
        )
    return found


def current_context(program: str, connection: Connection, environment: Mapping[str, str]) -> str:
    """The name by which the user knows the cluster: the context's; empty where there is none."""
    if connection.context:
        return connection.context
    try:
        done = subprocess.run(
            [program, "config", "current-context"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=_environment(connection, environment),
            timeout=connection.time_limit,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _not_ready(connection.time_limit) from error
    return "" if done.returncode else done.stdout.decode(errors="replace").strip()


@contextmanager
def proxy(program: str, connection: Connection, environment: Mapping[str, str]) -> Iterator[str]:
    """Run `kubectl proxy`; gives the path of its socket. Raises CheckNotMade with its message."""
    folder = tempfile.mkdtemp(prefix="helm-compat-")
    try:
        if len(os.fsencode(folder)) > _LONGEST_PATH - len("/api"):
            shutil.rmtree(folder)
            folder = tempfile.mkdtemp(prefix="helm-compat-", dir="/tmp")
        variables = _environment(connection, environment)
        if connection.token:
            variables["KUBECONFIG"] = _with_token(folder, connection.token, variables)
        path = os.path.join(folder, "api")
        words = [program, "proxy", f"--unix-socket={path}", f"--reject-methods={_WRITES}"]
        with open(os.path.join(folder, "said"), "w+b") as said:
            process = start_guarded(
                [*words, *connection.flags],
                variables,
                stdout=subprocess.PIPE,
                stderr=said,
                folder=folder,
            )
            try:
                _await_ready(process, connection.time_limit, said)
                yield path
            finally:
                _end(process)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _environment(connection: Connection, environment: Mapping[str, str]) -> dict[str, str]:
    variables = dict(environment)
    if connection.kubeconfig:
        variables["KUBECONFIG"] = connection.kubeconfig
    return variables


def _with_token(folder: str, token: str, variables: Mapping[str, str]) -> str:
    """A KUBECONFIG that adds a user with this token; the files before it stay as they are."""
    user = {"name": _USER, "user": {"token": token}}
    path = os.path.join(folder, "token")
    with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        json.dump({"apiVersion": "v1", "kind": "Config", "users": [user]}, file)
    home = os.path.join(variables.get("HOME", ""), ".kube", "config")
    return os.pathsep.join((variables.get("KUBECONFIG") or home, path))


def _await_ready(process: subprocess.Popen[bytes], limit: float, said: BinaryIO) -> None:
    """Wait for the line that kubectl prints once it listens; `said` is what it says else."""
    assert process.stdout
    deadline = time.monotonic() + limit
    line = b""
    while not line.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            raise _not_ready(limit)
        piece = os.read(process.stdout.fileno(), 4096)
        if not piece:
            break
        line += piece
    if line.startswith(_LISTENS):
        return
    with suppress(subprocess.TimeoutExpired):
        process.wait(max(deadline - time.monotonic(), 0))
    said.seek(0)
    words = (line + said.read()).decode(errors="replace")
    lines = [line for line in words.splitlines() if line.strip()]
    why = lines[-1].removeprefix("error: ") if lines else "it ended and said nothing"
    hint = "kubectl config get-contexts lists those there are." if "context" in why else ""
    raise CheckNotMade(f"kubectl cannot be used: {why}", hint=hint)


def _not_ready(limit: float) -> CheckNotMade:
    return CheckNotMade(f"kubectl was not ready in {in_seconds(limit)}")


def in_seconds(limit: float) -> str:
    """A time limit in words."""
    return f"{limit:g} second{'s' * (limit != 1)}"


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin
    assert process.stdout
    process.stdin.close()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    process.stdout.close()
