"""Logins from the files and helpers of docker, podman and skopeo."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from helm_compat.errors import CompatError
from helm_compat.sources.credentials import Credentials, Login

HUB = "https://index.docker.io/v1/"


def auth(user: str, password: str) -> dict[str, str]:
    """An entry of a file."""
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


def write(path: Path, data: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def helper(folder: Path, name: str, script: str) -> None:
    """A credential helper: a shell script that gets the registry on its standard input."""
    program = write(folder / f"docker-credential-{name}", f"#!/bin/sh\nread -r key\n{script}\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("auths", "registry", "repository", "user"),
    [
        pytest.param({"r.io": "a"}, "r.io", "x/y", "a", id="registry"),
        pytest.param({"https://r.io": "a"}, "r.io", "x", "a", id="with a scheme"),
        pytest.param({"https://r.io/v2/": "a"}, "r.io", "x", "a", id="with a path of the API"),
        pytest.param({"r.io:5000": "a"}, "r.io:5000", "x", "a", id="with a port"),
        pytest.param({"r.io:5000": "a"}, "r.io", "x", None, id="another port"),
        pytest.param({"r.io": "a"}, "x.r.io", "x", None, id="another host"),
        pytest.param({"r.io": "a", "r.io/x": "b"}, "r.io", "x/y", "b", id="the most exact"),
        pytest.param({"r.io/x/y": "b"}, "r.io", "x/y", "b", id="repository"),
        pytest.param({"r.io/x/y": "b"}, "r.io", "x/yz", None, id="whole components"),
        pytest.param({HUB: "a"}, "docker.io", "library/x", "a", id="Docker's hub by its URL"),
        pytest.param({"docker.io": "a"}, "docker.io", "library/x", "a", id="Docker's hub by name"),
        pytest.param({HUB: "a"}, "r.io", "x", None, id="not the hub"),
        pytest.param({}, "r.io", "x", None, id="nothing"),
    ],
)
def test_entry(
    auths: dict[str, str], registry: str, repository: str, user: str | None, tmp_path: Path
) -> None:
    entries = {name: auth(who, f"p:{who}") for name, who in auths.items()}
    write(tmp_path / ".docker" / "config.json", {"auths": entries})
    found = Credentials({"HOME": f"{tmp_path}"}).find(registry, repository)
    assert found == (Login(user, f"p:{user}") if user else None)


PLACES = {
    "REGISTRY_AUTH_FILE": "one.json",
    "XDG_RUNTIME_DIR": "run/containers/auth.json",
    "XDG_CONFIG_HOME": "config/containers/auth.json",
    "DOCKER_CONFIG": "docker/config.json",
}
VALUES = {
    "REGISTRY_AUTH_FILE": "one.json",
    "XDG_RUNTIME_DIR": "run",
    "XDG_CONFIG_HOME": "config",
    "DOCKER_CONFIG": "docker",
}


@pytest.mark.parametrize("name", PLACES)
def test_place(name: str, tmp_path: Path) -> None:
    write(tmp_path / PLACES[name], {"auths": {"r.io": auth("a", "b")}})
    environment = {"HOME": f"{tmp_path / 'home'}", name: f"{tmp_path / VALUES[name]}"}
    assert Credentials(environment).find("r.io") == Login("a", "b")


def test_first_place_that_knows_it(tmp_path: Path) -> None:
    names = [*PLACES][1:]
    for number, name in enumerate(names):
        write(tmp_path / PLACES[name], {"auths": {f"r{number}.io": auth(name, "x")}})
    write(tmp_path / PLACES[names[0]], {"auths": {"r1.io": auth("first", "x")}})
    environment = {name: f"{tmp_path / VALUES[name]}" for name in names}
    found = [Credentials(environment).find(f"r{number}.io") for number in range(3)]
    assert [login and login.user for login in found] == [None, "first", names[2]]


def test_given_file_is_the_only_one(tmp_path: Path) -> None:
    write(tmp_path / ".docker" / "config.json", {"auths": {"r.io": auth("a", "b")}})
    given = write(tmp_path / "given.json", {"auths": {"s.io": auth("c", "d")}})
    credentials = Credentials({"HOME": f"{tmp_path}"}, f"{given}")
    assert (credentials.find("r.io"), credentials.find("s.io")) == (None, Login("c", "d"))


def test_identity_token(tmp_path: Path) -> None:
    entry = {**auth("00000000-0000", ""), "identitytoken": "refresh"}
    write(tmp_path / ".docker" / "config.json", {"auths": {"r.io": entry}})
    assert Credentials({"HOME": f"{tmp_path}"}).find("r.io") == Login("", "", "refresh")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"credHelpers": {"r.io": "vault"}}, id="helper of the registry"),
        pytest.param({"credsStore": "vault"}, id="store for all"),
        pytest.param({"auths": {"r.io": {}}, "credsStore": "vault"}, id="store with an entry"),
        pytest.param(
            {"auths": {"r.io": auth("x", "y")}, "credHelpers": {"r.io": "vault"}},
            id="helper over an entry",
        ),
    ],
)
def test_helper(data: dict[str, Any], tmp_path: Path) -> None:
    """Each is asked once, whatever number of images it is for."""
    write(tmp_path / ".docker" / "config.json", data)
    count = tmp_path / "count"
    answer = '{"ServerURL":"r.io","Username":"\'"$key"\'","Secret":"s"}'
    helper(tmp_path / "bin", "vault", f"echo >> {count}\necho '{answer}'")
    credentials = Credentials({"HOME": f"{tmp_path}", "PATH": f"{tmp_path / 'bin'}"})
    assert [credentials.find("r.io", "a"), credentials.find("r.io", "b")] == [
        Login("r.io", "s")
    ] * 2
    assert count.read_text(encoding="utf-8") == "\n"


def test_helper_that_gives_a_token(tmp_path: Path) -> None:
    write(tmp_path / ".docker" / "config.json", {"credsStore": "vault"})
    helper(tmp_path / "bin", "vault", """echo '{"Username": "<token>", "Secret": "t"}'""")
    credentials = Credentials({"HOME": f"{tmp_path}", "PATH": f"{tmp_path / 'bin'}"})
    assert credentials.find("r.io") == Login("", "", "t")


def test_helper_that_knows_nothing(tmp_path: Path) -> None:
    write(tmp_path / ".docker" / "config.json", {"credsStore": "vault"})
    helper(tmp_path / "bin", "vault", "echo credentials not found in native keychain; exit 1")
    credentials = Credentials({"HOME": f"{tmp_path}", "PATH": f"{tmp_path / 'bin'}"})
    assert credentials.find("r.io") is None


@pytest.mark.parametrize(
    ("script", "message"),
    [
        pytest.param(
            "echo locked >&2; exit 3",
            "the credential helper docker-credential-vault has nothing for r.io: locked",
            id="fails",
        ),
        pytest.param(
            "echo hello",
            "the credential helper docker-credential-vault answers in no known form",
            id="says something else",
        ),
        pytest.param(
            None,
            "cannot run the credential helper docker-credential-vault: No such file or directory",
            id="not there",
        ),
    ],
)
def test_helper_that_fails(script: str | None, message: str, tmp_path: Path) -> None:
    write(tmp_path / ".docker" / "config.json", {"credsStore": "vault"})
    if script:
        helper(tmp_path / "bin", "vault", script)
    credentials = Credentials({"HOME": f"{tmp_path}", "PATH": f"{tmp_path / 'bin'}"})
    with pytest.raises(CompatError) as caught:
        credentials.find("r.io")
    assert (caught.value.message, caught.value.exit_status) == (message, 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("{", "cannot read the credentials: it is not JSON", id="no JSON"),
        pytest.param(
            '{"auths": {"r.io": {"auth": "%%%"}}}', "the entry for r.io is no base64", id="base64"
        ),
    ],
)
def test_file_that_cannot_be_read(text: str, message: str, tmp_path: Path) -> None:
    path = write(tmp_path / ".docker" / "config.json", text)
    with pytest.raises(CompatError) as caught:
        Credentials({"HOME": f"{tmp_path}"}).find("r.io")
    assert (f"{caught.value.place}", caught.value.message) == (f"{path}", message)


def test_given_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CompatError) as caught:
        Credentials({}, f"{tmp_path / 'none'}").find("r.io")
    assert f"{caught.value}" == f"{tmp_path / 'none'}: there is no such file"
