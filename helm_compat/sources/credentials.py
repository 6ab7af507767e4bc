"""Credentials for registries, from where docker, podman and skopeo keep them.

https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md and
https://github.com/docker/docker-credential-helpers
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from typing import NamedTuple

from helm_compat.errors import CheckNotMade, Place, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

# Docker keeps those of its own hub under a URL.
_HUB = ("https://index.docker.io/v1/", "index.docker.io", "docker.io")
_HELPER_LIMIT = 30


class Login(NamedTuple):
    """A user and a password; with an identity token the user is empty."""

    user: str
    password: str
    token: str = ""


class Credentials:
    """Credentials by registry and repository, each file and helper asked once.

    `authfile` is the only file where it is given, else those are looked into that skopeo reads.
    """

    def __init__(self, environment: Mapping[str, str], authfile: str = "") -> None:
        self._environment = environment
        self._given = authfile
        self._files: list[tuple[str, dict[str, Any]]] | None = None
        self._helped: dict[tuple[str, str], Login | None] = {}

    def find(self, registry: str, repository: str = "") -> Login | None:
        """The login for a repository; the most exact entry of the first file that has one.

        Raises UsageError for a file that cannot be read, CheckNotMade for a helper that fails.
        """
        if self._files is None:
            self._files = list(self._read())
        for path, data in self._files:
            for key in _keys(registry, repository):
                found = self._entry(path, data, key)
                if found:
                    return found
        return None

    def _entry(self, path: str, data: dict[str, Any], key: str) -> Login | None:
        helper = (data.get("credHelpers") or {}).get(key)
        if helper:
            return self._ask(str(helper), key)
        for name, entry in (data.get("auths") or {}).items():
            if isinstance(entry, dict) and _host(name) == key:
                found = _login(entry, path, name)
                if found:
                    return found
                store = data.get("credsStore")
                return self._ask(str(store), name) if store else None
        store = data.get("credsStore")
        return self._ask(str(store), key) if store and "/" not in key else None

    def _read(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for path in self._paths():
            try:
                with open(path, encoding="utf-8") as file:
                    data = json.load(file)
            except FileNotFoundError:
                if path == self._given:
                    raise UsageError("there is no such file", place=Place(path)) from None
                continue
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not JSON"
                message = f"cannot read the credentials: {reason}"
                raise UsageError(message, place=Place(path)) from error
            if isinstance(data, dict):
                yield path, data

    def _paths(self) -> list[str]:
        given = self._given or self._environment.get("REGISTRY_AUTH_FILE", "")
        if given:
            self._given = given
            return [given]
        home = self._environment.get("HOME", "")
        runtime = self._environment.get("XDG_RUNTIME_DIR", "")
        config = self._environment.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
        docker = self._environment.get("DOCKER_CONFIG") or os.path.join(home, ".docker")
        paths = [os.path.join(runtime, "containers", "auth.json")] if runtime else []
        return [
            *paths,
            os.path.join(config, "containers", "auth.json"),
            os.path.join(docker, "config.json"),
        ]

    def _ask(self, helper: str, key: str) -> Login | None:
        if (helper, key) not in self._helped:
            self._helped[helper, key] = self._run(f"docker-credential-{helper}", key)
        return self._helped[helper, key]

    def _run(self, program: str, key: str) -> Login | None:
        try:
            done = subprocess.run(
                [program, "get"],
                input=key.encode(),
                capture_output=True,
                env=dict(self._environment),
                timeout=_HELPER_LIMIT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            why = error.strerror if isinstance(error, OSError) else "it does not answer"
            raise CheckNotMade(f"cannot run the credential helper {program}: {why}") from error
        said = done.stdout.decode(errors="replace").strip()
        if done.returncode:
            if "credentials not found" in said:
                return None
            why = said or done.stderr.decode(errors="replace").strip() or "it says nothing"
            message = f"the credential helper {program} has nothing for {key}: {why}"
            raise CheckNotMade(message)
        try:
            answer = json.loads(said)
            user, secret = str(answer["Username"]), str(answer["Secret"])
        except (ValueError, KeyError, TypeError) as error:
            message = f"the credential helper {program} answers in no known form"
            raise CheckNotMade(message) from error
        return Login("", "", secret) if user == "<token>" else Login(user, secret)


def _keys(registry: str, repository: str) -> Iterator[str]:
    """The names under which a file may have the credentials, the most exact first."""
    parts = repository.split("/") if repository else []
    for count in range(len(parts), 0, -1):
        yield "/".join((registry, *parts[:count]))
    yield from _HUB if registry in ("docker.io", "registry-1.docker.io") else (registry,)


def _host(key: str) -> str:
    """A key of a file as a registry or repository; those of Docker's hub stay as they are."""
    if key in _HUB:
        return key
    name = key.partition("://")[2] or key
    return name.rstrip("/").removesuffix("/v1").removesuffix("/v2")


def _login(entry: dict[str, Any], path: str, name: str) -> Login | None:
    if entry.get("identitytoken"):
        return Login("", "", str(entry["identitytoken"]))
    if entry.get("auth"):
        try:
            text = base64.b64decode(str(entry["auth"]), validate=True).decode()
        except ValueError as error:
            raise UsageError(f"the entry for {name} is no base64", place=Place(path)) from error
        user, _, password = text.partition(":")
        return Login(user, password.rstrip("\0"))
    if entry.get("username"):
        return Login(str(entry["username"]), str(entry.get("password", "")))
    return None
