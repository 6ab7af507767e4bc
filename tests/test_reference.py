"""The grammar of image references: accepted, refused, and what holds for every text.

The tables restate facts that can be looked up in the tests of other projects:
https://github.com/distribution/reference (reference_test.go, normalize_test.go, regexp_test.go),
kustomize (api/internal/image, api/filters/imagetag), kbld (pkg/kbld/image), the distribution
tooling of Helm (pkg/utils, pkg/chartutils), Zarf (src/pkg/transform), Hauler (store/add),
k8s-image-swapper (pkg/webhook), Kyverno (pkg/utils/image), regclient (types/ref).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_compat.images.reference import MAX_LENGTH, InvalidReference, Reference, parse, split_name

HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"
SHA384 = "sha384:" + "0123456789abcdef" * 6
SHA512 = "sha512:" + "0123456789abcdef" * 8


def parts(text: str) -> tuple[str, str, str, str]:
    reference = parse(text)
    return reference.domain, reference.path, reference.tag, reference.digest


def refusal(text: str) -> str:
    with pytest.raises(InvalidReference) as caught:
        parse(text)
    return str(caught.value)


ACCEPTED = [
    # The tricky inputs, in their order.
    pytest.param("nginx", ("docker.io", "library/nginx", "", ""), id="bare name"),
    pytest.param(
        f"nginx:1.25@{DIGEST}",
        ("docker.io", "library/nginx", "1.25", DIGEST),
        id="bare name with tag and digest",
    ),
    pytest.param(
        "library/nginx", ("docker.io", "library/nginx", "", ""), id="library written, no domain"
    ),
    pytest.param(
        "docker.io/nginx", ("docker.io", "library/nginx", "", ""), id="domain written, no library"
    ),
    pytest.param(
        "index.docker.io/nginx:1", ("docker.io", "library/nginx", "1", ""), id="old Hub domain"
    ),
    pytest.param(
        "registry-1.docker.io/library/nginx",
        ("registry-1.docker.io", "library/nginx", "", ""),
        id="address of the Hub's registry is a domain of its own",
    ),
    pytest.param(
        "registry-1.docker.io/nginx",
        ("registry-1.docker.io", "nginx", "", ""),
        id="library is added on docker.io only",
    ),
    pytest.param("localhost/nginx", ("localhost", "nginx", "", ""), id="localhost is a domain"),
    pytest.param(
        "localhost:5000",
        ("docker.io", "library/localhost", "5000", ""),
        id="localhost without a path is a name",
    ),
    pytest.param("foo:5000/bar", ("foo:5000", "bar", "", ""), id="short host with a port"),
    pytest.param(
        "foo/bar:5000", ("docker.io", "foo/bar", "5000", ""), id="tag that looks like a port"
    ),
    pytest.param(
        "example.com:5000",
        ("docker.io", "library/example.com", "5000", ""),
        id="host without a path is a name",
    ),
    pytest.param("Foo/bar", ("Foo", "bar", "", ""), id="upper case makes a domain"),
    pytest.param(
        f"quay.io/a/b:1@{DIGEST}", ("quay.io", "a/b", "1", DIGEST), id="everything written"
    ),
    pytest.param("quay.io:443/a/b", ("quay.io:443", "a/b", "", ""), id="port kept"),
    pytest.param(
        "quay.io.evil.com/a", ("quay.io.evil.com", "a", "", ""), id="longer domain, same start"
    ),
    pytest.param(
        "r.example.com/hub/library/nginx:1",
        ("r.example.com", "hub/library/nginx", "1", ""),
        id="already in the private registry",
    ),
    pytest.param(
        "r.example.community/a", ("r.example.community", "a", "", ""), id="almost the registry"
    ),
    pytest.param("[::1]:5000/a/b:1", ("[::1]:5000", "a/b", "1", ""), id="IPv6 with a port"),
    pytest.param(
        f"nginx@{SHA512}", ("docker.io", "library/nginx", "", SHA512), id="digest with sha512"
    ),
    pytest.param(
        "gcr.io/k8s_x/y__z:V1", ("gcr.io", "k8s_x/y__z", "V1", ""), id="underscores, upper case tag"
    ),
    pytest.param(
        "docker.io/library/a/b", ("docker.io", "library/a/b", "", ""), id="deeper than library"
    ),
    # distribution/reference: raw references, normalised here.
    pytest.param(
        "test_com", ("docker.io", "library/test_com", "", ""), id="underscore in a bare name"
    ),
    pytest.param(
        "test.com:5000", ("docker.io", "library/test.com", "5000", ""), id="bare name with a dot"
    ),
    pytest.param(
        f"test:5000/repo:tag@{DIGEST}", ("test:5000", "repo", "tag", DIGEST), id="all with a port"
    ),
    pytest.param(
        "lowercase:Uppercase",
        ("docker.io", "library/lowercase", "Uppercase", ""),
        id="upper case in the tag",
    ),
    pytest.param(
        f"r.io/{'a' * 255}", ("r.io", "a" * 255, "", ""), id="longest path behind a domain"
    ),
    pytest.param(
        f"{'a/' * 127}a:{'t' * 128}",
        ("docker.io", f"{'a/' * 127}a", "t" * 128, ""),
        id="longest path and longest tag",
    ),
    pytest.param(
        "a" * 247, ("docker.io", f"library/{'a' * 247}", "", ""), id="longest path with library"
    ),
    pytest.param(
        "foo_bar.com:8080",
        ("docker.io", "library/foo_bar.com", "8080", ""),
        id="underscore in a bare name with a dot",
    ),
    pytest.param(
        "foo/foo_bar.com:8080",
        ("docker.io", "foo/foo_bar.com", "8080", ""),
        id="dot behind the first slash",
    ),
    pytest.param(
        "192.168.1.1:5000/repo:5050",
        ("192.168.1.1:5000", "repo", "5050", ""),
        id="IPv4 with a port",
    ),
    pytest.param("[2001:db8::1]/repo", ("[2001:db8::1]", "repo", "", ""), id="IPv6 without a port"),
    pytest.param(
        "xn--n3h.com/myimage:xn--n3h.com",
        ("xn--n3h.com", "myimage", "xn--n3h.com", ""),
        id="punycode in domain and tag",
    ),
    pytest.param(
        "xn--7o8h.com/myimage:xn--7o8h.com@" + SHA512,
        ("xn--7o8h.com", "myimage", "xn--7o8h.com", SHA512),
        id="punycode with a digest",
    ),
    # distribution/reference: normalised names.
    pytest.param(
        "fooo/bar", ("docker.io", "fooo/bar", "", ""), id="no library where a slash is written"
    ),
    pytest.param(
        "index.docker.io/fooo/bar",
        ("docker.io", "fooo/bar", "", ""),
        id="old Hub domain with a slash",
    ),
    pytest.param(
        "LOCALDOMAIN/fooo", ("LOCALDOMAIN", "fooo", "", ""), id="domain in upper case without a dot"
    ),
    pytest.param(
        "docker.io/foo", ("docker.io", "library/foo", "", ""), id="library added behind the domain"
    ),
    pytest.param(
        "docker.io/library/foo/bar",
        ("docker.io", "library/foo/bar", "", ""),
        id="deep path under library stays",
    ),
    pytest.param(
        "test_com/foo",
        ("docker.io", "test_com/foo", "", ""),
        id="underscore without a dot is no domain",
    ),
    pytest.param(
        "docker---rules/docker",
        ("docker.io", "docker---rules/docker", "", ""),
        id="any number of hyphens",
    ),
    pytest.param("dock__er/docker", ("docker.io", "dock__er/docker", "", ""), id="two underscores"),
    pytest.param("d/docker", ("docker.io", "d/docker", "", ""), id="component of one character"),
    pytest.param(
        f"docker.io/{HEX}",
        ("docker.io", f"library/{HEX}", "", ""),
        id="64 hex digits behind a domain",
    ),
    pytest.param(
        f"{HEX}:1", ("docker.io", f"library/{HEX}", "1", ""), id="64 hex digits with a tag"
    ),
    pytest.param(
        f"{HEX}@{DIGEST}",
        ("docker.io", f"library/{HEX}", "", DIGEST),
        id="64 hex digits with a digest",
    ),
    pytest.param(
        HEX[1:], ("docker.io", f"library/{HEX[1:]}", "", ""), id="63 hex digits are a name"
    ),
    pytest.param(
        f"localhost:8080@{DIGEST}",
        ("docker.io", "library/localhost", "8080", DIGEST),
        id="localhost as a name with a digest",
    ),
    pytest.param(f"nginx@{SHA384}", ("docker.io", "library/nginx", "", SHA384), id="sha384"),
    pytest.param(
        "docker.io:443/nginx", ("docker.io:443", "nginx", "", ""), id="Hub domain with a port"
    ),
    pytest.param(
        "Docker.io/nginx", ("Docker.io", "nginx", "", ""), id="Hub domain in another case"
    ),
    # distribution/reference: hosts.
    pytest.param("0101.com/a", ("0101.com", "a", "", ""), id="host of digits"),
    pytest.param("001.com/a", ("001.com", "a", "", ""), id="host with zeros in front"),
    pytest.param("Asdf.com/a", ("Asdf.com", "a", "", ""), id="host with an upper case letter"),
    pytest.param("a:80/b", ("a:80", "b", "", ""), id="host of one letter"),
    pytest.param("test.com:123456/a", ("test.com:123456", "a", "", ""), id="port of six digits"),
    pytest.param("a-b.com/a", ("a-b.com", "a", "", ""), id="hyphen inside a host"),
    pytest.param("a--b.com/a", ("a--b.com", "a", "", ""), id="two hyphens inside a host"),
    pytest.param("[fd00:1:2::3]:75050/a", ("[fd00:1:2::3]:75050", "a", "", ""), id="IPv6 in full"),
    # kustomize.
    pytest.param(
        f"foo.com:443/nginx:1.2.3@{DIGEST}",
        ("foo.com:443", "nginx", "1.2.3", DIGEST),
        id="port, tag and digest",
    ),
    pytest.param(
        "myprivaterepohostname:1234/my/image",
        ("myprivaterepohostname:1234", "my/image", "", ""),
        id="short host with a port, no tag",
    ),
    pytest.param(
        "myprivaterepohostname:1234/my/image:1.8.0",
        ("myprivaterepohostname:1234", "my/image", "1.8.0", ""),
        id="short host with a port and a tag",
    ),
    pytest.param(
        "gcr.io:8080/my-project/my-cool-app:latest",
        ("gcr.io:8080", "my-project/my-cool-app", "latest", ""),
        id="latest is kept",
    ),
    # kbld.
    pytest.param(
        "localhost:3000/org/img", ("localhost:3000", "org/img", "", ""), id="localhost with a port"
    ),
    pytest.param(
        f"localhost:3000/org/img:1@{DIGEST}",
        ("localhost:3000", "org/img", "1", DIGEST),
        id="localhost with a port, a tag and a digest",
    ),
    # Distribution tooling of Helm.
    pytest.param(
        "bitnami/wordpress:mytag",
        ("docker.io", "bitnami/wordpress", "mytag", ""),
        id="organisation on the Hub",
    ),
    pytest.param("example.com:80/foo", ("example.com:80", "foo", "", ""), id="port 80"),
    # Zarf.
    pytest.param(
        f"busybox:latest@{DIGEST}",
        ("docker.io", "library/busybox", "latest", DIGEST),
        id="latest with a digest",
    ),
    pytest.param(
        "foo_bar:latest", ("docker.io", "library/foo_bar", "latest", ""), id="underscore and tag"
    ),
    pytest.param(
        "10.0.0.1:443/a/b:1", ("10.0.0.1:443", "a/b", "1", ""), id="IPv4 with a port and a tag"
    ),
    pytest.param("alpine:3.23", ("docker.io", "library/alpine", "3.23", ""), id="no domain, tag"),
    # regclient.
    pytest.param(
        "alpine:__a--b..5__",
        ("docker.io", "library/alpine", "__a--b..5__", ""),
        id="tag of separators",
    ),
    # Written words of YAML are text here; their types are the caller's.
    pytest.param("null", ("docker.io", "library/null", "", ""), id="the word null"),
    pytest.param("123", ("docker.io", "library/123", "", ""), id="a number written as text"),
    pytest.param(
        f"library/sha256:{HEX}", ("docker.io", "library/sha256", HEX, ""), id="image named sha256"
    ),
]


@pytest.mark.parametrize(("text", "expected"), ACCEPTED)
def test_accepted(text: str, expected: tuple[str, str, str, str]) -> None:
    assert parts(text) == expected


REFUSED = [
    # The tricky inputs, in their order.
    pytest.param("foo/Bar", "a repository name must be lower case", id="upper case in the path"),
    pytest.param(
        f"nginx@sha256:{HEX.upper()}", "a digest is written in lower case", id="upper case digest"
    ),
    pytest.param("nginx@sha256:abc", "'sha256:abc' is no digest", id="digest of three digits"),
    pytest.param(
        f"nginx:{'t' * 129}", "the tag is longer than 128 characters", id="tag of 129 characters"
    ),
    pytest.param("nginx:", "nothing stands behind the colon", id="colon at the end"),
    pytest.param("nginx@", "'' is no digest", id="at sign at the end"),
    pytest.param(HEX, "64 hex digits are an identifier, not a name", id="64 hex digits"),
    pytest.param(DIGEST, "a bare digest names no image", id="bare digest"),
    pytest.param("oci://quay.io/a:1", "has the scheme 'oci'", id="scheme of Helm and Flux"),
    pytest.param("docker://quay.io/a", "has the scheme 'docker'", id="scheme of CDI and skopeo"),
    pytest.param("nginx:1+b", "'1+b' is no valid tag", id="plus sign in the tag"),
    pytest.param("nginx:{TAG}", "'{TAG}' is no valid tag", id="template for the tag"),
    pytest.param("nginx:$(TAG)", "'$(TAG)' is no valid tag", id="variable for the tag"),
    pytest.param("$(IMG)", "a repository name must be lower case", id="variable for everything"),
    pytest.param("${IMG}", "a repository name must be lower case", id="variable of a shell"),
    pytest.param(
        "$(registry)/a:1", "'$(registry)/a' is no valid repository name", id="lower case variable"
    ),
    pytest.param(" nginx", "' nginx' is no valid repository name", id="space in front"),
    pytest.param("nginx\n", "'nginx\\n' is no valid repository name", id="line break"),
    pytest.param("nginx:1\n", "'1\\n' is no valid tag", id="line break behind the tag"),
    pytest.param(
        f"nginx@{DIGEST}\n", f"'{DIGEST}\\n' is no digest", id="line break behind the digest"
    ),
    pytest.param(
        "r_x.io/a", "'r_x.io' is no valid registry host", id="underscore in a host with a dot"
    ),
    pytest.param("r.io/a:1:2", "'a:1' is no valid repository name", id="two tags"),
    pytest.param("r.io//a", "'/a' is no valid repository name", id="empty path component"),
    pytest.param("r.io/a/", "'a/' is no valid repository name", id="slash at the end"),
    pytest.param("/a", "'/a' is no valid repository name", id="slash in front"),
    pytest.param("r.io/", "no repository name", id="domain and nothing else"),
    pytest.param("", "empty", id="empty text"),
    pytest.param(
        "registry1.dso.mil*",
        "'registry1.dso.mil*' is no valid repository name",
        id="pattern of a policy",
    ),
    pytest.param(
        "ghcr.io/foo/*", "'foo/*' is no valid repository name", id="pattern behind a domain"
    ),
    # distribution/reference.
    pytest.param(":justtag", "no repository name", id="tag without a name"),
    pytest.param(f"@{DIGEST}", "no repository name", id="digest without a name"),
    pytest.param(
        f"repo@sha256:{HEX[:34]}",
        "a sha256 digest has 64 hex digits, not 34",
        id="digest of 34 digits",
    ),
    pytest.param(
        f"repo@sha256:{HEX}0", "a sha256 digest has 64 hex digits, not 65", id="digest of 65 digits"
    ),
    pytest.param(
        f"validname@invaliddigest:{HEX}{HEX}",
        "digest algorithm 'invaliddigest' is not supported",
        id="unknown algorithm",
    ),
    pytest.param(
        f"repo@SHA256:{HEX}",
        "digest algorithm 'SHA256' is not supported",
        id="algorithm in upper case",
    ),
    pytest.param(
        "Uppercase:tag", "a repository name must be lower case", id="upper case in a bare name"
    ),
    pytest.param(
        "test:5000/Uppercase/lowercase:tag",
        "a repository name must be lower case",
        id="upper case behind a domain",
    ),
    pytest.param(
        f"r.io/{'a' * 256}",
        "the repository name is longer than 255 characters",
        id="path of 256 characters",
    ),
    pytest.param(
        "a" * 248,
        "the repository name is longer than 255 characters",
        id="path of 256 characters with library",
    ),
    pytest.param(
        "aa/asdf$$^/aa", "'aa/asdf$$^/aa' is no valid repository name", id="signs in the path"
    ),
    pytest.param("[2001:db8::1]", "'1]' is no valid tag", id="IPv6 alone"),
    pytest.param(
        "[2001:db8::1]:5000",
        "'[2001:db8::1]' is no valid repository name",
        id="IPv6 with a port alone",
    ),
    pytest.param(
        "[fe80::1%eth0]:5000/repo",
        "'[fe80::1%eth0]:5000' is no valid registry host",
        id="IPv6 with a zone",
    ),
    pytest.param(
        "[fe80::1%@invalidzone]:5000/repo",
        "'invalidzone]:5000/repo' is no digest",
        id="IPv6 with an at sign in its zone",
    ),
    pytest.param(
        "docker///docker", "'docker///docker' is no valid repository name", id="three slashes"
    ),
    pytest.param("-docker", "'-docker' is no valid repository name", id="hyphen in front"),
    pytest.param(
        "docker-/docker", "'docker-/docker' is no valid repository name", id="hyphen at the end"
    ),
    pytest.param("____/____", "'____/____' is no valid repository name", id="only underscores"),
    pytest.param(
        "_docker/_docker", "'_docker/_docker' is no valid repository name", id="underscore in front"
    ),
    pytest.param("dock..er/docker", "'dock..er' is no valid registry host", id="two dots"),
    pytest.param("dock-.er/docker", "'dock-.er' is no valid registry host", id="hyphen and dot"),
    pytest.param(
        "dock_-er/docker", "'dock_-er/docker' is no valid repository name", id="two separators"
    ),
    pytest.param("docker/", "'docker/' is no valid repository name", id="slash behind a word"),
    pytest.param(
        "ab-.com/a", "'ab-.com' is no valid registry host", id="host label ends in hyphen"
    ),
    pytest.param("-ab.com/a", "'-ab.com' is no valid registry host", id="host begins with hyphen"),
    pytest.param("test.com:http/a", "'test.com:http' is no valid registry host", id="port by name"),
    pytest.param("test.com:/a", "'test.com:' is no valid registry host", id="port left out"),
    pytest.param(
        "[fd00::3]75050/a", "'[fd00::3]75050' is no valid registry host", id="port without a colon"
    ),
    pytest.param("fd00::3/a", "'fd00::3' is no valid registry host", id="IPv6 without brackets"),
    pytest.param("quay.io./a", "'quay.io.' is no valid registry host", id="host ends in a dot"),
    # kustomize.
    pytest.param(
        "foo.com:443/nginx:1.2.3@sha256:12345",
        "'sha256:12345' is no digest",
        id="digest of five digits",
    ),
    pytest.param(
        "nginx@multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8",
        "'multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8' is no digest",
        id="digest that is not hexadecimal",
    ),
    pytest.param(
        f"nginx@multihash+base16:{HEX}",
        "digest algorithm 'multihash+base16' is not supported",
        id="algorithm of two words",
    ),
    pytest.param("not_nginx@54321", "'54321' is no digest", id="digest without an algorithm"),
    pytest.param(
        "some.registry.io/my-image:{GENERATED_TAG}",
        "'{GENERATED_TAG}' is no valid tag",
        id="tag to be generated",
    ),
    pytest.param("[", "'[' is no valid repository name", id="open bracket"),
    # kbld.
    pytest.param("nginx@sha256:digest", "'sha256:digest' is no digest", id="word for a digest"),
    # Distribution tooling of Helm.
    pytest.param("   ", "'   ' is no valid repository name", id="only spaces"),
    pytest.param("incorrect:::url", "'incorrect::' is no valid repository name", id="three colons"),
    pytest.param(
        "https://github.com/a/b.git", "has the scheme 'https'", id="address of a repository"
    ),
    pytest.param("git://github.com/a/b", "has the scheme 'git'", id="address of git"),
    # Zarf.
    pytest.param(
        "i am not a ref at all",
        "'i am not a ref at all' is no valid repository name",
        id="sentence",
    ),
    pytest.param("C:\\Users\\zarf", "'\\\\Users\\\\zarf' is no valid tag", id="path of Windows"),
    pytest.param("http://urls.are/not/refs", "has the scheme 'http'", id="address of a page"),
    pytest.param("foo/-bar", "'foo/-bar' is no valid repository name", id="hyphen behind a slash"),
    pytest.param("foo.com:http/bar", "'foo.com:http' is no valid registry host", id="http as port"),
    # Kyverno.
    pytest.param("++", "'++' is no valid repository name", id="two plus signs"),
    # regclient.
    pytest.param("docker.io/a___b", "'a___b' is no valid repository name", id="three underscores"),
    # Python's own traps: signs that other patterns take for letters, digits or line ends.
    pytest.param("nginxé", "'nginxé' is no valid repository name", id="letter with accent"),
    pytest.param("nginx:٣", "'٣' is no valid tag", id="digit of another script"),
    pytest.param("r.io:٣/a", "'r.io:٣' is no valid registry host", id="port of another script"),
    pytest.param("nginx:1 ", "'1 ' is no valid tag", id="space behind the tag"),
    pytest.param("nginx\0", "'nginx\\x00' is no valid repository name", id="NUL"),
    pytest.param("\ud800", "'\\ud800' is no valid repository name", id="lone surrogate"),
    pytest.param(f"a@{DIGEST}@{DIGEST}", f"'{DIGEST}@{DIGEST}' is no digest", id="two digests"),
    pytest.param(f"{DIGEST}@{DIGEST}", "a bare digest names no image", id="digest of a digest"),
    pytest.param("://a", "has the scheme ''", id="scheme left out"),
    pytest.param(f"a/{HEX}@", "'' is no digest", id="identifier as a path, empty digest"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_refused(text: str, message: str) -> None:
    assert refusal(text) == message


SAME_NAME = [
    pytest.param(
        ["nginx", "library/nginx", "docker.io/nginx", "index.docker.io/library/nginx"],
        "docker.io/library/nginx",
        id="official image",
    ),
    pytest.param(
        [
            f"{name}{suffix}"
            for name in ("img", "index.docker.io/img", "docker.io/img")
            for suffix in ("", ":1", f"@{DIGEST}", f":1@{DIGEST}")
        ],
        "docker.io/library/img",
        id="tags and digests do not count",
    ),
    pytest.param(
        ["fooo/bar", "docker.io/fooo/bar", "index.docker.io/fooo/bar"],
        "docker.io/fooo/bar",
        id="organisation on the Hub",
    ),
    pytest.param(
        [
            "localhost:3000/org/img",
            "localhost:3000/org/img:1",
            f"localhost:3000/org/img:1@{DIGEST}",
        ],
        "localhost:3000/org/img",
        id="local registry",
    ),
]


@pytest.mark.parametrize(("texts", "name"), SAME_NAME)
def test_same_name(texts: list[str], name: str) -> None:
    assert {parse(text).name for text in texts} == {name}


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        pytest.param("nginx", "docker.io/library/nginx", id="latest is not added"),
        pytest.param("nginx:1.14.2", "docker.io/library/nginx:1.14.2", id="tag"),
        pytest.param(f"nginx@{DIGEST}", f"docker.io/library/nginx@{DIGEST}", id="digest"),
        pytest.param(
            f"a/b:1@{DIGEST}", f"docker.io/a/b:1@{DIGEST}", id="tag and digest are both kept"
        ),
        pytest.param("Foo/bar:V1", "Foo/bar:V1", id="case is kept"),
        pytest.param("[::1]:5000/a:1", "[::1]:5000/a:1", id="IPv6"),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert str(parse(text)) == normal


@pytest.mark.parametrize(
    ("text", "domain_and_path"),
    [
        pytest.param("quay.io/a/b", ("quay.io", "a/b"), id="domain"),
        pytest.param("index.docker.io/a", ("docker.io", "a"), id="old Hub domain"),
        pytest.param("a", ("docker.io", "a"), id="library is not added"),
        pytest.param("a/B", ("docker.io", "a/B"), id="path is not checked"),
        pytest.param("localhost", ("docker.io", "localhost"), id="localhost alone"),
    ],
)
def test_split_name(text: str, domain_and_path: tuple[str, str]) -> None:
    assert split_name(text) == domain_and_path


def test_name_length_counts_what_was_written() -> None:
    text = f"index.docker.io/nginx:1@{DIGEST}"

    assert parse(text) == Reference(
        "docker.io", "library/nginx", "1", DIGEST, len("index.docker.io/nginx")
    )


TOO_LONG = f"longer than {MAX_LENGTH} characters"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 20_000, id="one component"),
        pytest.param("a-" * 10_000, id="hyphens"),
        pytest.param("a/" * 10_000, id="slashes"),
        pytest.param("a_" * 10_000 + "!", id="underscores, then a sign"),
        pytest.param("-" * 20_000 + "a", id="only hyphens"),
        pytest.param("a." * 10_000 + "/a", id="host of many labels"),
        pytest.param("a" + "-" * 20_000 + ".io/a", id="host of many hyphens"),
        pytest.param("[" + ":" * 20_000 + "]/a", id="IPv6 of many colons"),
        pytest.param("a:" + "1" * 20_000 + "/a", id="port of many digits"),
        pytest.param("a:" * 10_000, id="colons"),
        pytest.param("a@" + "a+" * 10_000 + ":" + HEX, id="algorithm of many words"),
        pytest.param("a@sha256:" + "0" * 20_000, id="digest of many digits"),
        pytest.param("a" * (MAX_LENGTH + 1), id="one character too many"),
    ],
)
def test_long_text_is_refused_unread(text: str) -> None:
    assert refusal(text) == TOO_LONG


def test_longest_text_is_read() -> None:
    text = "r" * 504 + ".io:5000/" + "a" * 247 + ":" + "t" * 127 + "@" + SHA512

    assert len(text) == MAX_LENGTH
    assert str(parse(text)) == text


WORD = st.text("abcxyz0189", min_size=1, max_size=8)
COMPONENT = st.lists(WORD, min_size=1, max_size=3).flatmap(
    lambda words: st.sampled_from([".", "_", "__", "-", "---"]).map(lambda sign: sign.join(words))
)
LABELS = st.lists(st.text("abAB09", min_size=1, max_size=5), min_size=2, max_size=4)
DOMAIN = st.one_of(
    st.sampled_from(
        ["", "docker.io/", "index.docker.io/", "localhost/", "[::1]:80/", "A/", "b:1/"]
    ),
    st.builds("{}{}/".format, LABELS.map(".".join), st.sampled_from(["", ":80", ":5000"])),
)
PATH = st.lists(COMPONENT, min_size=1, max_size=4).map("/".join)
TAG = st.one_of(st.just(""), st.text("abAB09_", min_size=1, max_size=9).map(":{}".format))
ENDING = st.sampled_from(["", f"@{DIGEST}", f"@{SHA384}", f"@{SHA512}"])
REFERENCES = st.builds("{}{}{}{}".format, DOMAIN, PATH, TAG, ENDING)
PIECES = st.sampled_from(
    [
        *"aB9.-_/:@[] \né$",
        *("__", "::", "://", "docker.io", "localhost", "library", "sha256", "sha256:"),
        *(HEX, DIGEST, "\ud800"),
    ]
)
TEXTS = st.one_of(
    REFERENCES,
    st.text(),
    st.text("ab-_./:@[]A0", max_size=MAX_LENGTH + 1),
    st.lists(PIECES, max_size=12).map("".join),
)


def try_parse(text: str) -> Reference | None:
    try:
        return parse(text)
    except InvalidReference:
        return None


@given(REFERENCES)
def test_references_are_accepted(text: str) -> None:
    assert try_parse(text) is not None


@given(TEXTS)
def test_the_only_error_is_the_refusal(text: str) -> None:
    result: object = None
    try:
        result = parse(text)
    except InvalidReference as error:
        result = str(error)

    assert result


@given(TEXTS)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    reference = try_parse(text)

    if reference is not None:
        assert parts(str(reference)) == reference[:4]
        assert str(parse(str(reference))) == str(reference)


@given(TEXTS)
def test_name_length_divides_the_written_text(text: str) -> None:
    reference = try_parse(text)

    if reference is not None:
        domain, path = split_name(text[: reference.name_length])
        assert text[reference.name_length :] == reference.suffix
        assert (reference.domain, reference.path.removeprefix("library/")) == (
            domain,
            path.removeprefix("library/"),
        )
