"""Relocation rules: how they are read, which of them wins, what is refused, and that once is enough."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from helm_compat.cli.options import RENDER
from helm_compat.cli.settings import resolve_settings
from helm_compat.errors import UsageError
from helm_compat.images.reference import parse
from helm_compat.images.relocate import (
    Name,
    Relocation,
    parse_destination,
    parse_source,
    relocation,
)
from helm_compat.knowledge.builtin import builtin_knowledge
from helm_compat.render import render

HEX = "0123456789abcdef" * 4
PREFIXES = builtin_knowledge().prefixes


def rules(*maps: str, registry: str = "", keep_domain: bool = False) -> Relocation:
    """Rules as `--map SOURCE=DEST` and `--registry` make them."""
    pairs = [text.partition("=") for text in maps]
    return relocation(
        registry=registry,
        maps=[(source, target, f"--map {source}={target}") for source, _, target in pairs],
        keep_domain=keep_domain,
        prefixes=PREFIXES,
    )


def target(made: Relocation, text: str) -> str:
    """The new name of an image, or `=` when it stays."""
    name = made.target(parse(text))
    return str(name) if name else "="


def refusal(*maps: str, registry: str = "") -> str:
    with pytest.raises(UsageError) as caught:
        rules(*maps, registry=registry)
    return str(caught.value)


SOURCES = [
    pytest.param("quay.io", Name("quay.io", ""), id="host"),
    pytest.param("quay.io/", Name("quay.io", ""), id="host with a slash"),
    pytest.param("quay.io///", Name("quay.io", ""), id="host with slashes"),
    pytest.param("quay.io/minio", Name("quay.io", "minio"), id="host and path"),
    pytest.param("quay.io/minio/", Name("quay.io", "minio"), id="host and path with a slash"),
    pytest.param("quay.io:443/a/b", Name("quay.io:443", "a/b"), id="port"),
    pytest.param("registry:5000", Name("registry:5000", ""), id="host known by its port"),
    pytest.param("localhost", Name("localhost", ""), id="localhost"),
    pytest.param("[2001:db8::1]:5000", Name("[2001:db8::1]:5000", ""), id="IPv6"),
    pytest.param("QUAY.IO/minio", Name("QUAY.IO", "minio"), id="host in upper case"),
    pytest.param("docker.io", Name("docker.io", ""), id="Docker Hub"),
    pytest.param("index.docker.io", Name("docker.io", ""), id="Docker Hub by its old name"),
    pytest.param("nginx", Name("docker.io", "library/nginx"), id="official image"),
    pytest.param("minio/mc", Name("docker.io", "minio/mc"), id="repository on Docker Hub"),
    pytest.param("minio/", Name("docker.io", "minio"), id="organisation on Docker Hub"),
    pytest.param("library/", Name("docker.io", "library"), id="all official images"),
    pytest.param(
        "docker.io/library", Name("docker.io", "library"), id="all official images with host"
    ),
    pytest.param(
        "docker.io/library/", Name("docker.io", "library"), id="all official, host and slash"
    ),
    pytest.param("docker.io/minio/", Name("docker.io", "minio"), id="organisation with host"),
]


@pytest.mark.parametrize(("text", "expected"), SOURCES)
def test_source(text: str, expected: Name) -> None:
    assert parse_source(text, "--map") == (expected,)


def test_source_that_is_an_image_or_an_organisation() -> None:
    official, organisation = Name("docker.io", "library/nginx"), Name("docker.io", "nginx")
    assert parse_source("docker.io/nginx", "--map") == (official, organisation)


BAD_SOURCES = [
    pytest.param(
        "",
        "--map: '' is not a registry or a repository such as quay.io/minio: empty",
        id="empty",
    ),
    pytest.param(
        "/", "--map: '/' is not a registry or a repository such as quay.io/minio: empty", id="slash"
    ),
    pytest.param(
        "quay.io//a",
        "--map: 'quay.io//a' is not a registry or a repository such as quay.io/minio:"
        " '/a' is no valid repository name",
        id="empty component",
    ),
    pytest.param(
        "quay.io/A",
        "--map: 'quay.io/A' is not a registry or a repository such as quay.io/minio:"
        " a repository name must be lower case",
        id="upper case",
    ),
    pytest.param(
        "quay.io/*",
        "--map: 'quay.io/*' is not a registry or a repository such as quay.io/minio:"
        " '*' is no valid repository name",
        id="pattern",
    ),
    pytest.param(
        "https://quay.io",
        "--map: 'https://quay.io' is not a registry or a repository such as quay.io/minio:"
        " has the scheme 'https'",
        id="URL",
    ),
    pytest.param(
        "quay.io/a:1",
        "--map: 'quay.io/a:1' has a tag or a digest\n"
        "  Rules speak of names; every image keeps its tag and digest.",
        id="tag",
    ),
    pytest.param(
        f"quay.io/a@sha256:{HEX}",
        f"--map: 'quay.io/a@sha256:{HEX}' has a tag or a digest\n"
        "  Rules speak of names; every image keeps its tag and digest.",
        id="digest",
    ),
    pytest.param("a_b.io", "--map: 'a_b.io' is no valid registry host", id="underscore"),
    pytest.param("quay.io.", "--map: 'quay.io.' is no valid registry host", id="dot at the end"),
    pytest.param(" quay.io", "--map: ' quay.io' is no valid registry host", id="space"),
    pytest.param("é.io", "--map: 'é.io' is no valid registry host", id="not ASCII"),
    pytest.param("quay.io:", "--map: 'quay.io:' is no valid registry host", id="no port"),
    pytest.param(
        "quay.io:0/a", "--map: 0 is no port\n  Ports are 1 to 65535.", id="port too small"
    ),
]


@pytest.mark.parametrize(("text", "message"), BAD_SOURCES)
def test_bad_source(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_source(text, "--map")
    assert str(caught.value) == message


DESTINATIONS = [
    pytest.param("r.example.com", Name("r.example.com", ""), id="host"),
    pytest.param("r.example.com/", Name("r.example.com", ""), id="host with a slash"),
    pytest.param("r.example.com/a/", Name("r.example.com", "a"), id="path with a slash"),
    pytest.param("r.example.com:65535/m", Name("r.example.com:65535", "m"), id="port and path"),
    pytest.param("registry:5000", Name("registry:5000", ""), id="host known by its port"),
    pytest.param("localhost/m", Name("localhost", "m"), id="localhost"),
    pytest.param("[2001:db8::1]:5000/m", Name("[2001:db8::1]:5000", "m"), id="IPv6"),
    pytest.param("R.example.com", Name("R.example.com", ""), id="upper case stays"),
    pytest.param("docker.io/acme", Name("docker.io", "acme"), id="no library on Docker Hub"),
    pytest.param("index.docker.io/acme", Name("docker.io", "acme"), id="old name of Docker Hub"),
]


@pytest.mark.parametrize(("text", "expected"), DESTINATIONS)
def test_destination(text: str, expected: Name) -> None:
    assert parse_destination(text, "--registry") == expected


NO_HOST = "Write a host with a dot or a port, such as registry.example.com or registry:5000."
BAD_DESTINATIONS = [
    pytest.param(
        "registry/m",
        "--registry: 'registry/m' names no registry host: 'registry' would be read as a path on"
        f" docker.io\n  {NO_HOST}",
        id="no host",
    ),
    pytest.param(
        "",
        "--registry: '' names no registry host: '' would be read as a path on"
        f" docker.io\n  {NO_HOST}",
        id="empty",
    ),
    pytest.param(
        "oci://r.example.com/m",
        "--registry: 'oci://r.example.com/m' is a URL, not a registry\n"
        "  Write 'r.example.com/m': image references have no scheme.",
        id="scheme",
    ),
    pytest.param(
        "r.example.com/a:1",
        "--registry: 'r.example.com/a:1' has a tag or a digest\n"
        "  Rules speak of names; every image keeps its tag and digest.",
        id="tag",
    ),
    pytest.param(
        "r.example.com/A",
        "--registry: 'r.example.com/A' is not HOST[:PORT][/PREFIX]:"
        " a repository name must be lower case",
        id="upper case path",
    ),
    pytest.param(
        "r.example.com//a",
        "--registry: 'r.example.com//a' is not HOST[:PORT][/PREFIX]:"
        " '/a' is no valid repository name",
        id="empty component",
    ),
    pytest.param(
        "r.example.com:65536",
        "--registry: 65536 is no port\n  Ports are 1 to 65535.",
        id="port too large",
    ),
    pytest.param(
        "r.example.com:x", "--registry: 'r.example.com:x' is no valid registry host", id="bad port"
    ),
    pytest.param(
        "user:password@r.example.com",
        "--registry: 'user:password@r.example.com' is no valid registry host",
        id="credentials",
    ),
    pytest.param(
        "2001:db8::1", "--registry: '2001:db8::1' is no valid registry host", id="bare IPv6"
    ),
    pytest.param(
        f"r.example.com/{'a' * 256}",
        f"--registry: 'r.example.com/{'a' * 256}' is not HOST[:PORT][/PREFIX]:"
        " the repository name is longer than 255 characters",
        id="too long",
    ),
]


@pytest.mark.parametrize(("text", "message"), BAD_DESTINATIONS)
def test_bad_destination(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_destination(text, "--registry")
    assert str(caught.value) == message


AGAIN = "\n  Each image moves once: name the final place in one rule."
REFUSED = [
    pytest.param(
        ["quay.io/a=r.example.com/x", "quay.io/a/=r.example.com/y"],
        "",
        "--map quay.io/a/=r.example.com/y: there are two rules for quay.io/a: one says"
        " r.example.com/x (--map quay.io/a=r.example.com/x), one r.example.com/y\n"
        "  Remove one of them.",
        id="two rules for one prefix",
    ),
    pytest.param(
        ["quay.io=r.example.com/x", "QUAY.io=r.example.com/x"],
        "",
        "--map QUAY.io=r.example.com/x: there are two rules for QUAY.io: one says"
        " r.example.com/x (--map quay.io=r.example.com/x), one r.example.com/x\n"
        "  Remove one of them.",
        id="two rules for one host, written differently",
    ),
    pytest.param(
        ["nginx=r.example.com/x", "docker.io/library/nginx=r.example.com/y"],
        "",
        "--map docker.io/library/nginx=r.example.com/y: there are two rules for"
        " docker.io/library/nginx: one says r.example.com/x (--map nginx=r.example.com/x), one"
        " r.example.com/y\n  Remove one of them.",
        id="two rules for one image, written differently",
    ),
    pytest.param(
        ["quay.io=r.example.com/x", "r.example.com/x/y=s.example.com"],
        "",
        "--map r.example.com/x/y=s.example.com: images go to r.example.com/x"
        " (--map quay.io=r.example.com/x), and this rule would move what is under"
        f" r.example.com/x/y again{AGAIN}",
        id="source below a destination",
    ),
    pytest.param(
        ["r.example.com=s.example.com", "quay.io=R.example.com/x"],
        "",
        "--map r.example.com=s.example.com: images go to R.example.com/x"
        " (--map quay.io=R.example.com/x), and this rule would move what is under"
        f" r.example.com again{AGAIN}",
        id="destination below a source",
    ),
    pytest.param(
        ["r.example.com/old=s.example.com"],
        "r.example.com",
        "--map r.example.com/old=s.example.com: images go to r.example.com (--registry), and this"
        f" rule would move what is under r.example.com/old again{AGAIN}",
        id="source below the registry",
    ),
    pytest.param(
        ["a.example.com=b.example.com", "b.example.com=a.example.com"],
        "",
        "--map a.example.com=b.example.com: images go to a.example.com"
        " (--map b.example.com=a.example.com), and this rule would move what is under"
        f" a.example.com again{AGAIN}",
        id="exchange",
    ),
]


@pytest.mark.parametrize(("maps", "registry", "message"), REFUSED)
def test_contradicting_rules(maps: list[str], registry: str, message: str) -> None:
    assert refusal(*maps, registry=registry) == message


def test_a_rule_whose_destination_holds_its_source() -> None:
    # What it is to move would count as moved already: the rule would silently do nothing.
    with pytest.raises(UsageError):
        rules("quay.io/a=quay.io")


def test_rules_that_only_look_alike_are_accepted() -> None:
    made = rules(
        "quay.io=r.example.com/x",
        "quay.io/a=r.example.com/x",
        "r.example.com/xy=s.example.com",
        "quay.io.example.com=s.example.com",
        "quay.io:443=s.example.com/443",
    )

    assert [str(rule.source) for rule in made.rules] == [
        "quay.io",
        "quay.io/a",
        "r.example.com/xy",
        "quay.io.example.com",
        "quay.io:443",
    ]


TARGETS = [
    pytest.param("nginx", "r.example.com/m/library/nginx", id="official image"),
    pytest.param("docker.io/nginx", "r.example.com/m/library/nginx", id="with its host"),
    pytest.param("acme/a:1", "r.example.com/m/acme/a", id="Docker Hub"),
    pytest.param("localhost:5000/a", "r.example.com/m/a", id="local registry"),
    pytest.param("quay.io/minio/aistor/minio", "r.example.com/m/aistor/minio", id="product"),
    pytest.param("quay.io/minio/aistor", "r.example.com/m/aistor", id="product's prefix itself"),
    pytest.param("quay.io/minio/kes", "r.example.com/m/minio/kes", id="shorter product prefix"),
    pytest.param("quay.io/minioo/kes", "r.example.com/m/minioo/kes", id="no whole component"),
    pytest.param("quay.io/other/x", "r.example.com/m/other/x", id="same host, other path"),
    pytest.param("gcr.io/a/b/c/d", "x.example.com/abc/d", id="longest prefix"),
    pytest.param("gcr.io/a/b/c", "x.example.com/abc", id="prefix itself"),
    pytest.param("gcr.io/a/b/cc", "x.example.com/a/b/cc", id="longest whole prefix"),
    pytest.param("gcr.io/z", "r.example.com/m/z", id="no rule but the registry"),
    pytest.param("GCR.io/a/x", "x.example.com/a/x", id="host in upper case"),
    pytest.param("gcr.io:443/a/x", "r.example.com/m/a/x", id="another port is another host"),
    pytest.param("r.example.com/m/x", "=", id="there"),
    pytest.param("R.Example.com/m/x", "=", id="there, in upper case"),
    pytest.param("x.example.com/abc/x", "=", id="at the destination of a rule"),
    pytest.param("r.example.com/mm/x", "r.example.com/m/mm/x", id="beside it"),
    pytest.param("r.example.com/x", "r.example.com/m/x", id="above it"),
    pytest.param("r.example.community/m/x", "r.example.com/m/m/x", id="host with the same start"),
]


@pytest.mark.parametrize(("image", "expected"), TARGETS)
def test_target(image: str, expected: str) -> None:
    made = rules(
        "gcr.io/a=x.example.com/a", "gcr.io/a/b/c=x.example.com/abc", registry="r.example.com/m"
    )

    assert target(made, image) == expected


KEPT = [
    pytest.param("nginx", "r.example.com/docker.io/library/nginx", id="Docker Hub"),
    pytest.param("quay.io/a/b", "r.example.com/quay.io/a/b", id="other host"),
    pytest.param("Quay.IO/a/b", "r.example.com/quay.io/a/b", id="upper case"),
    pytest.param("foo:5000/a", "r.example.com/foo-5000/a", id="port"),
    pytest.param("quay.io/minio/aistor/mc", "r.example.com/aistor/mc", id="product's own prefix"),
    pytest.param("gcr.io/a/b", "x.example.com/b", id="the user's own rule"),
    pytest.param("r.example.com/quay.io/a/b", "=", id="there"),
]


@pytest.mark.parametrize(("image", "expected"), KEPT)
def test_target_with_the_domain_kept(image: str, expected: str) -> None:
    made = rules("gcr.io/a=x.example.com", registry="r.example.com", keep_domain=True)

    assert target(made, image) == expected


HUB = [
    pytest.param("docker.io/acme", "acme/a", "r.example.com/x/a", id="organisation"),
    pytest.param("docker.io/acme", "docker.io/acme/a", "r.example.com/x/a", id="with its host"),
    pytest.param("docker.io/acme", "acme", "r.example.com/x", id="official image of that name"),
    pytest.param("docker.io/acme", "acmes/a", "=", id="no whole component"),
    pytest.param("docker.io/acme/", "acme", "=", id="not the official image with a slash"),
    pytest.param("acme/", "acme", "=", id="not the official image without the host"),
    pytest.param("acme", "acme/a", "=", id="not the organisation without a host and a slash"),
    pytest.param("docker.io/library", "acme", "r.example.com/x/acme", id="all official images"),
    pytest.param("docker.io/library", "library/a/b", "r.example.com/x/a/b", id="deeper"),
    pytest.param("library/", "docker.io/acme", "r.example.com/x/acme", id="all, without host"),
    pytest.param("docker.io/library", "acme/a", "=", id="no official image"),
]


@pytest.mark.parametrize(("source", "image", "expected"), HUB)
def test_target_of_a_rule_for_docker_hub(source: str, image: str, expected: str) -> None:
    assert target(rules(f"{source}=r.example.com/x"), image) == expected


ALONE = [
    pytest.param("quay.io/a/b", "r.example.com/x/b", id="under the rule"),
    pytest.param("quay.io/b", "=", id="same host"),
    pytest.param("quay.io/ab", "=", id="same start"),
    pytest.param("nginx", "=", id="other host"),
    pytest.param("quay.io/minio/aistor/mc", "=", id="a product's prefix without a registry"),
]


@pytest.mark.parametrize(("image", "expected"), ALONE)
def test_target_without_a_registry(image: str, expected: str) -> None:
    assert target(rules("quay.io/a=r.example.com/x"), image) == expected


def test_a_users_rule_wins_over_a_longer_product_prefix() -> None:
    made = rules("quay.io=s.example.com/quay", registry="r.example.com")

    assert target(made, "quay.io/minio/aistor/minio") == "s.example.com/quay/minio/aistor/minio"


def test_an_image_mapped_to_one_component_of_docker_hub_stays_there() -> None:
    # Written down, docker.io/x reads as docker.io/library/x.
    made = rules("quay.io/a=docker.io/x", registry="r.example.com")

    first = target(made, "quay.io/a:1")

    assert target(made, first) == "="


component = st.text("ab1", min_size=1, max_size=2)
path = st.lists(component, min_size=1, max_size=3).map("/".join)
host = st.sampled_from(
    ["docker.io", "quay.io", "QUAY.io", "quay.io:443", "localhost", "[::1]:5", "r.example.com"]
)
name = st.one_of(path, st.tuples(host, path).map("/".join))
prefix = st.one_of(host, st.tuples(host, path).map("/".join))
private = st.sampled_from(["r.example.com", "R.example.com", "s.example.com:5", "quay.io", "[::2]"])
place = st.one_of(private, st.tuples(private, path).map("/".join))


@given(
    image=name,
    maps=st.lists(st.tuples(prefix, place).map("=".join), max_size=3),
    registry=st.one_of(st.just(""), place),
    keep_domain=st.booleans(),
)
def test_what_has_moved_stays(
    image: str, maps: list[str], registry: str, keep_domain: bool
) -> None:
    try:
        made = rules(*maps, registry=registry, keep_domain=keep_domain)
    except UsageError:
        assume(False)
        raise
    moved = made.target(parse(image))
    # A registry alone is no image, and a render refuses to write it.
    assume(moved and moved.path)

    assert target(made, str(moved)) == "="


def settings_error(manifest: str, *flags: str) -> str:
    """What a render of this manifest is refused with."""
    maps = tuple(flag for flag in flags if "=" in flag)
    registry = next((flag for flag in flags if "=" not in flag), "")
    given_flags: dict[str, str | bool | tuple[str, ...]] = {"map": maps} if maps else {}
    if registry:
        given_flags["registry"] = registry
    resolved = resolve_settings(RENDER, given_flags, {}, "/")
    with pytest.raises(UsageError) as caught:
        render(manifest.encode(), resolved.settings, file="in.yaml")
    return str(caught.value)


def pods(*images: str) -> str:
    return "".join(f"kind: Pod\nspec: {{containers: [{{image: '{i}'}}]}}\n---\n" for i in images)


APART = "\n  Keep them apart with --keep-domain, or with a --map for one of them."
COLLISIONS = [
    pytest.param(
        ["quay.io/acme/a:1", "nginx", "acme/a:2"],
        ["r.example.com"],
        "two images would both become r.example.com/acme/a:\n"
        "  quay.io/acme/a at in.yaml:2:30\n"
        f"  docker.io/acme/a at in.yaml:8:30{APART}",
        id="two hosts in one registry",
    ),
    pytest.param(
        ["quay.io/aistor/mc", "quay.io/minio/aistor/mc"],
        ["r.example.com"],
        "two images would both become r.example.com/aistor/mc:\n"
        "  quay.io/aistor/mc at in.yaml:2:30\n"
        f"  quay.io/minio/aistor/mc at in.yaml:5:30{APART}",
        id="a product's prefix",
    ),
    pytest.param(
        ["quay.io/a/x", "gcr.io/b/x"],
        ["quay.io/a=r.example.com/z", "gcr.io/b=r.example.com/z"],
        "two images would both become r.example.com/z/x:\n"
        "  quay.io/a/x at in.yaml:2:30\n"
        f"  gcr.io/b/x at in.yaml:5:30{APART}",
        id="two rules with one destination",
    ),
]


@pytest.mark.parametrize(("images", "flags", "message"), COLLISIONS)
def test_collision(images: list[str], flags: list[str], message: str) -> None:
    assert settings_error(pods(*images), *flags) == message


def test_no_collision_of_the_same_image_written_differently() -> None:
    resolved = resolve_settings(RENDER, {"registry": "r.example.com"}, {}, "/")
    manifest = pods("nginx:1", "docker.io/library/nginx:2", "QUAY.io/a/b", "quay.io/a/b:1")

    outcome = render(manifest.encode(), resolved.settings, file="in.yaml")

    assert outcome.output.decode() == pods(
        "r.example.com/library/nginx:1",
        "r.example.com/library/nginx:2",
        "r.example.com/a/b",
        "r.example.com/a/b:1",
    )


def test_a_target_that_is_too_long() -> None:
    image = "quay.io/" + "/".join(["a" * 63] * 3)
    registry = f"r.example.com/{'b' * 100}"

    message = settings_error(pods(image), registry)

    moved = f"{registry}/{image.partition('/')[2]}"
    assert message == (
        f"in.yaml:2:30: {image} would become {moved}:"
        " the repository name is longer than 255 characters"
    )


def test_a_target_without_a_repository() -> None:
    message = settings_error(pods("quay.io/a/b:1"), "quay.io/a/b=r.example.com")

    assert message == (
        "in.yaml:2:30: quay.io/a/b:1 would become r.example.com:"
        " it names a registry and no repository"
    )
