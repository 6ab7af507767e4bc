"""The user's own skopeo, which copies images: https://github.com/containers/skopeo"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from helm_compat.errors import CheckNotMade, CompatError
from helm_compat.images.reference import Reference
from helm_compat.sources.credentials import Credentials, Login
from helm_compat.sources.guard import start_guarded
from helm_compat.sources.registry import Access

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_message = re.compile(r'level=(?:fatal|error) msg=("(?:[^"\\]|\\.)*")')
# What skopeo was doing says nothing that the images beside the message do not.
_doing = re.compile(
    r'[a-z]+ing\b|error\b|happened\b|(?:get|head|put|post|patch) "?http', re.IGNORECASE
)
_FINAL = re.compile(
    r"unauthorized|not authorized|authentication required|denied|forbidden|\b40[0134]\b"
    r"|manifest unknown|name unknown|blob unknown|(?:name|manifest|tag|digest) invalid"
    r"|invalid (?:reference|username)|no such host|no space left|x509|certificate|does not match"
    r"|cannot be preserved|not supported|unsupported|policy",
    re.IGNORECASE,
)


class CopyFailed(CompatError):
    """skopeo could not copy an image; `again` says whether it may work another time."""

    exit_status = 1

    def __init__(self, message: str, *, again: bool) -> None:
        super().__init__(message)
        self.again = again


class Skopeo:
    """Copies images, from several threads at once."""

    def __init__(
        self, access: Access, credentials: Credentials, environment: Mapping[str, str]
    ) -> None:
        """Find the program; raises CheckNotMade where there is none."""
        program = shutil.which("skopeo", path=environment.get("PATH", os.defpath))
        if not program:
            raise CheckNotMade(
                "there is no skopeo to copy images with",
                hint="Install it: apt-get install skopeo, dnf install skopeo, brew install skopeo.",
            )
        self._program = program
        self._access = access
        self._credentials = credentials
        self._environment = dict(environment)
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def copy(self, source: Reference | Path, target: Reference | Path) -> None:
        """Copy an image with all of its platforms and its digests; raises CopyFailed.

        Folders are of the form that skopeo calls `dir`.
        """
        with ExitStack() as stack:
            words = [self._program, "copy", "--all", "--preserve-digests", "--quiet"]
            for side, end in (("src", source), ("dest", target)):
                if isinstance(end, Reference):
                    words += stack.enter_context(self._flags(side, end))
            self._run([*words, _name(source), _name(target)])

    def end(self) -> None:
        """End all copies, and begin no more."""
        with self._lock:
            self._ended = True
            for process in self._running:
                _let_go(process)

    def _run(self, words: list[str]) -> None:
        with self._lock:
            if self._ended:
                raise CopyFailed("interrupted", again=False)
            process = start_guarded(
                words, self._environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            self._running.add(process)
        assert process.stderr
        try:
            with process.stderr:
                said = process.stderr.read().decode(errors="replace")
            status = process.wait()
        finally:
            with self._lock:
                self._running.discard(process)
                _let_go(process)
        if self._ended:
            raise CopyFailed("interrupted", again=False)
        if status:
            why = reason(said) or f"skopeo ended with status {status} and said nothing"
            raise CopyFailed(why, again=not _FINAL.search(why))

    @contextmanager
    def _flags(self, side: str, end: Reference) -> Iterator[list[str]]:
        """How skopeo is to reach one registry: as our own questions do."""
        flags = []
        with ExitStack() as stack:
            if end.domain in self._access.plain:
                flags.append(f"--{side}-tls-verify=false")
            if self._access.ca_file:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="helm-compat-"))
                Path(folder, "ca.crt").symlink_to(Path(self._access.ca_file).absolute())
                flags.append(f"--{side}-cert-dir={folder}")
            with self._lock:
                login = self._credentials.find(end.domain, end.path)
            if login:
                path = stack.enter_context(_authfile(f"{end.domain}/{end.path}", login))
                flags.append(f"--{side}-authfile={path}")
            yield flags


@contextmanager
def _authfile(name: str, login: Login) -> Iterator[str]:
    """A file with one login, in memory where that can be: skopeo knows not all helpers."""
    if login.token:
        entry = {"auth": _base64("<token>:"), "identitytoken": login.token}
    else:
        entry = {"auth": _base64(f"{login.user}:{login.password}")}
    data = json.dumps({"auths": {name: entry}}).encode()
    if sys.platform == "linux":
        with os.fdopen(os.memfd_create("helm-compat"), "wb", buffering=0) as memory:
            memory.write(data)
            yield f"/proc/{os.getpid()}/fd/{memory.fileno()}"
        return
    with tempfile.NamedTemporaryFile(prefix="helm-compat-") as file:
        file.write(data)
        file.flush()
        yield file.name


def reason(said: str) -> str:
    """Why skopeo failed, from what it says: without what it was doing, and each thing once."""
    messages = [json.loads(text) for text in _message.findall(said) if _is_json(text)]
    lines = [line for line in said.splitlines() if line.strip()]
    text = " ".join((messages or lines or [""])[-1].split())
    parts = text.split(": ")
    while parts[1:] and _doing.match(parts[0]):
        del parts[0]
    kept = [part for number, part in enumerate(parts) if part not in parts[:number]]
    return ": ".join(kept)[:500]


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), str)
    except ValueError:
        return False


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _name(end: Reference | Path) -> str:
    return f"docker://{end}" if isinstance(end, Reference) else f"dir:{end}"


def _let_go(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin
    with suppress(OSError):
        process.stdin.close()
