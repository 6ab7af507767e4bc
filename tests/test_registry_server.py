"""The registries, images and faults that other tests build on do what they say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from registry import (
    DOCKER,
    LOGIN,
    OCI,
    Built,
    Cut,
    FaultyProxy,
    Registry,
    Reply,
    image,
    index,
    needs,
)
from registry.server import REQUIRED

IMAGES = [
    pytest.param(image("a"), id="image"),
    pytest.param(image("a", kind=DOCKER), id="image of Docker's"),
    pytest.param(index("a"), id="index"),
    pytest.param(index("a", kind=DOCKER), id="list of Docker's"),
]


@pytest.mark.parametrize("built", IMAGES)
def test_what_is_pushed_is_there(built: Built, tmp_path: Path) -> None:
    with Registry(tmp_path / "r") as registry:
        digest = registry.push("shop/web:1", built)
        found = [registry.digest(n) for n in ("shop/web:1", f"shop/web@{digest}", "shop/web:2")]
        manifests = [path for path in registry.written() if "/manifests/" in path]
    assert found == [built.digest, built.digest, ""]
    assert manifests == [
        *(f"/v2/shop/web/manifests/{part.digest}" for part in built.parts),
        "/v2/shop/web/manifests/1",
    ]


@pytest.mark.parametrize("kind", [pytest.param(OCI, id="OCI"), pytest.param(DOCKER, id="Docker")])
def test_skopeo_takes_the_images(kind: object, tmp_path: Path) -> None:
    skopeo = needs("skopeo")
    with Registry(tmp_path / "r", login=True, tls=True) as registry:
        registry.push("shop/web:1", index("a", kind=DOCKER if kind is DOCKER else OCI))
        (tmp_path / "certs").mkdir()
        assert registry.ca_file
        (tmp_path / "certs" / "ca.crt").symlink_to(registry.ca_file)
        words = ["copy", "--all", f"--src-cert-dir={tmp_path / 'certs'}"]
        words += [f"--src-creds={':'.join(LOGIN)}", f"docker://{registry.address}/shop/web:1"]
        subprocess.run([skopeo, *words, f"dir:{tmp_path / 'out'}"], check=True)
    assert len(list((tmp_path / "out").glob("*.manifest.json"))) == 2


def test_without_the_login_there_is_nothing(tmp_path: Path) -> None:
    with Registry(tmp_path / "r", login=True) as registry:
        registry.push("shop/web:1", image("a"))
        registry._login = False
        assert registry.ask("GET", "/v2/shop/web/manifests/1", check=False).status == 401


def test_the_proxy_fails_as_it_is_told(tmp_path: Path) -> None:
    with Registry(tmp_path / "r") as registry, FaultyProxy(registry) as proxy:
        registry.push("shop/web:1", image("a"))
        address, registry.address = registry.address, proxy.address
        path = "/v2/shop/web/manifests/1"
        proxy.registry = Registry(tmp_path)
        proxy.registry.address = address
        proxy.fail("GET .*/manifests/", Reply(429, {"Retry-After": "1"}), times=1)
        proxy.fail("GET .*/manifests/", Reply(headers={"Docker-Content-Digest": None}), times=1)
        proxy.fail("HEAD .*/manifests/", Reply(headers={"Docker-Content-Digest": "sha256:0"}))
        proxy.fail("GET .*/manifests/", Cut(10), times=1)
        answers = [registry.ask("GET", path, check=False) for _ in range(2)]
        assert [answer.status for answer in answers] == [429, 200]
        assert answers[0].headers["Retry-After"] == "1"
        assert "Docker-Content-Digest" not in answers[1].headers
        assert registry.digest("shop/web:1") == "sha256:0"
        with pytest.raises(Exception, match="Connection broken"):
            registry.ask("GET", path)
        assert registry.ask("GET", path).data == image("a").manifest
        assert [(seen.method, seen.path) for seen in proxy.seen][:1] == [("GET", path)]


@pytest.mark.parametrize("required", [pytest.param("", id="skip"), pytest.param("1", id="fail")])
def test_what_is_not_installed(required: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REQUIRED, required)
    expected = pytest.fail.Exception if required else pytest.skip.Exception
    with pytest.raises(expected) as caught:
        needs("no-such-program")
    assert str(caught.value) == (
        "no-such-program is not installed (apt-get install no-such-program)"
    )
