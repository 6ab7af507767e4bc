"""The real registry of Debian's package docker-registry, and what it was asked."""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
import threading
from base64 import b64encode
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import pytest
import trustme
import urllib3

from .images import Built, digest_of

LOGIN = ("mirror", "geheim")
# htpasswd -nbB -C 4 mirror geheim
_HTPASSWD = "mirror:$2y$04$abcdefghijklmnopqrstuuPWRtT5yx7FBi4dcf6ROhboeNunUrLQ.\n"
_logged = re.compile(r'"([A-Z]+) (\S+) HTTP/1\.1" ([0-9]{3}) ')
_SECONDS = 20

REQUIRED = "HELM_COMPAT_TESTS_NEED_REGISTRY"


def needs(program: str) -> str:
    """The path of a program of the system; without it the test is skipped, or fails in CI."""
    found = shutil.which(program)
    if found:
        return found
    package = {"registry": "docker-registry"}.get(program, program)
    reason = f"{program} is not installed (apt-get install {package})"
    if os.environ.get(REQUIRED):
        pytest.fail(reason)
    pytest.skip(reason)


@cache
def authority() -> trustme.CA:
    """The one that certifies all registries of a run."""
    return trustme.CA()


class Logged(NamedTuple):
    """One request that the registry has answered."""

    method: str
    path: str
    status: int


class Registry:
    """A registry with a folder of its own; empty, and gone at the end of the `with` statement.

    With `memory` it waits for no disk.
    """

    def __init__(
        self, folder: Path, *, login: bool = False, tls: bool = False, memory: bool = False
    ) -> None:
        self.folder = folder
        self._memory = memory
        self.address = ""
        self.ca_file = folder / "ca.crt" if tls else None
        self.log: list[str] = []
        self._login = login
        self._binary = needs("docker-registry")
        self._news = threading.Condition()
        self._ended = False
        self._marks = 0

    def __enter__(self) -> Registry:
        self._reader, self._process = self.start("127.0.0.1:0")
        with self._news:
            assert self._news.wait_for(lambda: self.address or self._ended, _SECONDS)
        assert self.address, self.log
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self, address: str) -> tuple[threading.Thread, subprocess.Popen[str]]:
        """Start the program; what it says is read by a thread."""
        self.folder.mkdir(exist_ok=True)
        config = self.folder / "config.yml"
        config.write_text(json.dumps(self._config(address)), encoding="utf-8")
        process = subprocess.Popen(
            [self._binary, "serve", str(config)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        reader = threading.Thread(target=self._read, args=(process,))
        reader.start()
        return reader, process

    def stop(self) -> None:
        """End the program; what it holds stays in its folder."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._reader.join()

    @property
    def scheme(self) -> str:
        """The scheme of the registry's URLs."""
        return "https" if self.ca_file else "http"

    def push(self, name: str, built: Built) -> str:
        """Put an image there as `repository:tag`, or `repository` by digest alone; its digest."""
        repository, _, tag = name.partition(":")
        for part in built.parts:
            self.push(repository, part)
        for blob in built.blobs:
            begun = self.ask("POST", f"/v2/{repository}/blobs/uploads/")
            location = begun.headers["Location"].partition(self.address)[2]
            self.ask("PUT", f"{location}&digest={digest_of(blob)}", blob)
        path = f"/v2/{repository}/manifests/{tag or built.digest}"
        answer = self.ask("PUT", path, built.manifest, built.media_type)
        assert answer.headers["Docker-Content-Digest"] == built.digest
        return built.digest

    def digest(self, name: str) -> str:
        """The digest of `repository:tag` or `repository@digest`; empty where it is not there."""
        path = re.sub("[:@]", "/manifests/", name, count=1)
        answer = self.ask("HEAD", f"/v2/{path}", check=False)
        return answer.headers.get("Docker-Content-Digest", "") if answer.status == 200 else ""

    def ask(
        self, method: str, path: str, body: bytes = b"", kind: str = "", *, check: bool = True
    ) -> urllib3.BaseHTTPResponse:
        """Ask it anything, with its login."""
        accept = ", ".join(
            f"application/vnd.{name}+json"
            for name in (
                "oci.image.index.v1",
                "oci.image.manifest.v1",
                "docker.distribution.manifest.list.v2",
                "docker.distribution.manifest.v2",
            )
        )
        headers = {"Accept": accept, **({"Content-Type": kind} if kind else {})}
        if self._login:
            headers["Authorization"] = f"Basic {b64encode(':'.join(LOGIN).encode()).decode()}"
        context = None
        if self.ca_file:
            context = ssl.create_default_context(cafile=str(self.ca_file))
        with urllib3.PoolManager(ssl_context=context, retries=False) as pool:
            url = f"{self.scheme}://{self.address}{path}"
            answer = pool.request(method, url, headers=headers, body=body)
        assert not check or answer.status < 300, (method, path, answer.status, answer.data)
        return answer

    def requests(self) -> list[Logged]:
        """All that it was asked before this call, in the order of its answers."""
        self._marks += 1
        mark = f"/v2/mark/manifests/{self._marks}"
        self.ask("GET", mark, check=False)
        with self._news:
            assert self._news.wait_for(lambda: any(mark in line for line in self.log), _SECONDS)
            found = [_logged.search(line) for line in self.log]
        logged = [Logged(m[1], m[2], int(m[3])) for m in found if m]
        return [each for each in logged if "/v2/mark/" not in each.path]

    def written(self) -> list[str]:
        """The paths of the blobs and manifests that were put there, without their own digests."""
        return [
            re.sub("/uploads/.*", "", each.path)
            for each in self.requests()
            if each.method == "PUT" and each.status == 201
        ]

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout
        with process.stdout as lines:
            for line in lines:
                with self._news:
                    self.log.append(line)
                    if "listening on " in line:
                        self.address = line.partition("listening on ")[2].partition('"')[0]
                        self.address = self.address.removesuffix(", tls")
                    self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _config(self, address: str) -> dict[str, object]:
        http: dict[str, object] = {"addr": address, "secret": "none"}
        if self.ca_file:
            authority().cert_pem.write_to_path(str(self.ca_file))
            certificate, key = self.folder / "server.crt", self.folder / "server.key"
            issued = authority().issue_cert("127.0.0.1", "localhost")
            issued.private_key_pem.write_to_path(str(key))
            certificate.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
            http["tls"] = {"certificate": str(certificate), "key": str(key)}
        config: dict[str, object] = {
            "version": "0.1",
            "log": {"level": "info", "accesslog": {"disabled": False}},
            "storage": {"inmemory": {}}
            if self._memory
            else {"filesystem": {"rootdirectory": str(self.folder / "data")}},
            "http": http,
        }
        if self._login:
            path = self.folder / "htpasswd"
            path.write_text(_HTPASSWD, encoding="utf-8")
            config["auth"] = {"htpasswd": {"realm": "tests", "path": str(path)}}
        return config
