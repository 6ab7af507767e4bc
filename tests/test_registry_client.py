"""Questions to registries: real ones on loopback, and a proxy where they have to fail."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from registry import (
    DOCKER,
    LOGIN,
    Built,
    Cut,
    Fault,
    FaultyProxy,
    Registry,
    Reply,
    image,
    index,
)

from helm_compat.errors import CompatError
from helm_compat.images.reference import parse
from helm_compat.sources.credentials import Credentials
from helm_compat.sources.registry import Access, NotThere, Refused
from helm_compat.sources.registry import Registry as Client

OTHER = "127.0.0.2"


def client(
    *plain: str, ca_file: Path | None = None, environment: dict[str, str] | None = None
) -> Client:
    """A client that has no patience, and no credentials but those of the environment."""
    access = Access(frozenset(plain), str(ca_file or ""), seconds=5, attempts=1)
    return Client(access, Credentials(environment or {}))


def digest(address: str, name: str) -> str:
    """What a client without credentials says of an image in a registry without TLS."""
    with closing(client(address)) as asking:
        return asking.digest(parse(f"{address}/{name}"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A registry with one image."""
    with Registry(tmp_path_factory.mktemp("shop") / "r") as registry:
        registry.push("shop/web:1", image("web"))
        yield registry


@pytest.fixture
def proxy(shop: Registry) -> Iterator[FaultyProxy]:
    """A proxy before that registry."""
    with FaultyProxy(shop) as faulty:
        yield faulty


# --- What is there ---


@pytest.mark.parametrize(
    "built",
    [
        pytest.param(image("a"), id="image"),
        pytest.param(image("a", kind=DOCKER), id="image of Docker's"),
        pytest.param(index("a"), id="index"),
        pytest.param(index("a", kind=DOCKER), id="list of Docker's"),
    ],
)
def test_digest_is_that_of_the_whole(built: Built, tmp_path: Path) -> None:
    """An index is asked for as such: not the image of one platform comes back."""
    with Registry(tmp_path / "r") as registry:
        pushed = registry.push("team/app:1", built)
        address = registry.address
        assert digest(address, "team/app:1") == pushed
        assert digest(address, f"team/app@{pushed}") == pushed
        assert digest(address, f"team/app:other@{pushed}") == pushed


def test_untagged_is_latest(tmp_path: Path) -> None:
    with Registry(tmp_path / "r") as registry:
        pushed = registry.push("team/app:latest", image("a"))
        assert digest(registry.address, "team/app") == pushed


@pytest.mark.parametrize("name", ["shop/web:2", "shop/none:1", f"shop/web@sha256:{'0' * 64}"])
def test_not_there(name: str, shop: Registry) -> None:
    with pytest.raises(NotThere) as caught:
        digest(shop.address, name)
    assert caught.value.message == f"{shop.address}/{name}: not there"


def test_one_question_is_enough(shop: Registry) -> None:
    before = len(shop.requests())
    digest(shop.address, "shop/web:1")
    asked = shop.requests()[before:]
    assert [(each.method, each.path) for each in asked] == [("HEAD", "/v2/shop/web/manifests/1")]


def test_without_the_header_the_manifest_is_read(proxy: FaultyProxy, shop: Registry) -> None:
    proxy.fail("^HEAD ", Reply(headers={"Docker-Content-Digest": None}))
    assert digest(proxy.address, "shop/web:1") == image("web").digest
    assert [each.method for each in proxy.seen] == ["HEAD", "GET"]


# --- TLS ---


def test_own_authority(tmp_path: Path) -> None:
    with Registry(tmp_path / "r", tls=True) as registry:
        pushed = registry.push("a/b:1", image("a"))
        with closing(client(ca_file=registry.ca_file)) as asking:
            assert asking.digest(parse(f"{registry.address}/a/b:1")) == pushed
        with closing(client()) as asking, pytest.raises(Refused) as caught:
            asking.digest(parse(f"{registry.address}/a/b:1"))
    why = "has no certificate that is trusted: unable to get local issuer certificate"
    assert caught.value.message == f"{registry.address}/a/b:1: {registry.address} {why}"


def test_plain_http_only_when_asked(shop: Registry) -> None:
    with closing(client()) as asking, pytest.raises(Refused) as caught:
        asking.digest(parse(f"{shop.address}/shop/web:1"))
    why = "speaks no TLS: with --http-registry plain HTTP is spoken to it"
    assert caught.value.message == f"{shop.address}/shop/web:1: {shop.address} {why}"


def test_authority_that_cannot_be_read(tmp_path: Path) -> None:
    with closing(client(ca_file=tmp_path / "none")) as asking, pytest.raises(CompatError) as caught:
        asking.digest(parse("127.0.0.1:1/a:1"))
    assert caught.value.message == (
        f"cannot read the CA file {tmp_path / 'none'}: No such file or directory"
    )


# --- Logins ---


def login(registry: Registry, user: str = LOGIN[0], password: str = LOGIN[1]) -> dict[str, str]:
    """An environment whose docker configuration has a login for a registry."""
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    home = registry.folder / f"docker-{password}"
    home.mkdir(exist_ok=True)
    text = json.dumps({"auths": {registry.address: {"auth": auth}}})
    (home / "config.json").write_text(text, encoding="utf-8")
    return {"DOCKER_CONFIG": str(home)}


def test_basic_login(tmp_path: Path) -> None:
    with Registry(tmp_path / "r", login=True) as registry:
        pushed = registry.push("a/b:1", image("a"))
        with closing(client(registry.address, environment=login(registry))) as asking:
            assert asking.digest(parse(f"{registry.address}/a/b:1")) == pushed
            assert asking.digest(parse(f"{registry.address}/a/b:1")) == pushed
        statuses = [each.status for each in registry.requests() if each.method == "HEAD"]
    # The login that was good once is given at once the second time.
    assert statuses == [401, 200, 200]


@pytest.mark.parametrize("password", ["wrong", ""])
def test_login_that_is_not_good(password: str, tmp_path: Path) -> None:
    with Registry(tmp_path / "r", login=True) as registry:
        registry.push("a/b:1", image("a"))
        environment = login(registry, password=password) if password else {}
        asking = client(registry.address, environment=environment)
        with closing(asking), pytest.raises(Refused) as caught:
            asking.digest(parse(f"{registry.address}/a/b:1"))
    why = "the registry wants a login, and that of the credentials is not good"
    assert caught.value.message.startswith(f"{registry.address}/a/b:1: {why}")


# --- What fails on the way ---


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        pytest.param(Reply(403), "the registry does not allow it", id="403"),
        pytest.param(
            Reply(403, body=b'{"errors": [{"code": "DENIED", "message": "no access"}]}'),
            "the registry does not allow it",
            id="403 with an error, which a HEAD has no room for",
        ),
        pytest.param(Reply(429), "the registry has had too many questions", id="429 for ever"),
        pytest.param(Reply(500), "the registry answers with HTTP status 500", id="500 for ever"),
        pytest.param(Reply(418), "the registry answers with HTTP status 418", id="teapot"),
    ],
)
def test_refused(fault: Fault, why: str, proxy: FaultyProxy) -> None:
    proxy.fail("manifests", fault)
    with pytest.raises(Refused) as caught:
        digest(proxy.address, "shop/web:1")
    assert caught.value.message == f"{proxy.address}/shop/web:1: {why}"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Reply(429, {"Retry-After": "0"}), id="429"),
        pytest.param(Reply(503), id="503"),
        pytest.param(Reply(500), id="500"),
    ],
)
def test_asked_again(fault: Fault, proxy: FaultyProxy) -> None:
    proxy.fail("manifests", fault, times=1)
    assert digest(proxy.address, "shop/web:1") == image("web").digest
    assert len(proxy.seen) == 2


def test_broken_off(proxy: FaultyProxy) -> None:
    proxy.fail("^HEAD", Reply(headers={"Docker-Content-Digest": None}))
    proxy.fail("^GET", Cut(10))
    with pytest.raises(Refused) as caught:
        digest(proxy.address, "shop/web:1")
    assert caught.value.message == (
        f"{proxy.address}/shop/web:1: {proxy.address} broke off its answer"
    )


def test_a_registry_that_is_down_is_asked_once() -> None:
    with closing(client("127.0.0.1:1")) as asking:
        said = []
        for name in ("a/b:1", "a/c:1"):
            with pytest.raises(Refused) as caught:
                asking.digest(parse(f"127.0.0.1:1/{name}"))
            said.append(caught.value.message)
    why = "127.0.0.1:1 cannot be reached: connection refused"
    assert said == [f"127.0.0.1:1/a/b:1: {why}", f"127.0.0.1:1/a/c:1: {why}"]


# --- Tokens and redirects ---


def with_token(proxy: FaultyProxy, token: bytes = b'{"token": "t1"}') -> None:
    """Let the proxy ask for a token that it gives itself."""
    realm = f"http://{proxy.address}/token"
    challenge = f'Bearer realm="{realm}",service="shop",scope="repository:shop/web:pull"'
    proxy.fail("^HEAD /v2/", Reply(401, {"WWW-Authenticate": challenge}), times=1)
    proxy.fail("^GET /token", Reply(200, {"Content-Type": "application/json"}, token))


def test_token(proxy: FaultyProxy) -> None:
    with_token(proxy)
    with closing(client(proxy.address)) as asking:
        for _ in range(2):
            assert asking.digest(parse(f"{proxy.address}/shop/web:1")) == image("web").digest
    asked = [(each.method, each.path, each.headers.get("authorization")) for each in proxy.seen]
    manifest = "/v2/shop/web/manifests/1"
    query = "service=shop&scope=repository%3Ashop%2Fweb%3Apull"
    assert asked == [
        ("HEAD", manifest, None),
        ("GET", f"/token?{query}", None),
        ("HEAD", manifest, "Bearer t1"),
        ("HEAD", manifest, "Bearer t1"),
    ]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"no"])
def test_token_that_is_none(body: bytes, proxy: FaultyProxy) -> None:
    with_token(proxy, body)
    with pytest.raises(Refused) as caught:
        digest(proxy.address, "shop/web:1")
    assert "the registry wants a login" in caught.value.message


def test_credentials_stay_with_their_host(proxy: FaultyProxy, shop: Registry) -> None:
    """A registry that redirects gives its client's login to nobody."""
    with FaultyProxy(shop) as other:
        location = f"http://{other.address}/v2/shop/web/manifests/1"
        proxy.fail("^HEAD /v2/", Reply(401, {"WWW-Authenticate": 'Basic realm="x"'}), times=1)
        proxy.fail("^HEAD /v2/", Reply(307, {"Location": location}))
        environment = {"REGISTRY_AUTH_FILE": str(shop.folder / "auth.json")}
        (shop.folder / "auth.json").write_text(
            f'{{"auths": {{"{proxy.address}": {{"auth": "YTpi"}}}}}}', encoding="utf-8"
        )
        with closing(client(proxy.address, environment=environment)) as asking:
            assert asking.digest(parse(f"{proxy.address}/shop/web:1")) == image("web").digest
        given = [each.headers.get("authorization") for each in (*proxy.seen, *other.seen)]
    assert given == [None, "Basic YTpi", None]


def test_redirects_without_end(proxy: FaultyProxy) -> None:
    proxy.fail("manifests", Reply(307, {"Location": "/v2/shop/web/manifests/1"}))
    with pytest.raises(Refused) as caught:
        digest(proxy.address, "shop/web:1")
    assert re.search("redirects without end", caught.value.message)
