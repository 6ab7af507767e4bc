"""Images are copied by the real skopeo from one real registry to another."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from mirror_site import Site, make_site
from registry import DOCKER, LOGIN, Built, image, index

EVERY = {
    "image": image("a"),
    "docker": image("b", kind=DOCKER),
    "index": index("c"),
    "list": index("d", kind=DOCKER),
}


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def site(tmp_path: Path, stack: ExitStack) -> Site:
    """Both registries without login and TLS."""
    return make_site(tmp_path, stack)


def test_every_kind_is_copied_with_its_digest(site: Site) -> None:
    digests = site.add(**EVERY)
    names = [f"{site.name(name)}:1" for name in EVERY]
    said = site.run(site.manifest(*names), "-o", "json")
    assert (said.status, site.states(said)) == (0, {f"{name}:1": "copied" for name in EVERY})
    assert {name: site.target.digest(f"m/shop/{name}:1") for name in EVERY} == digests
    for built in (EVERY["index"], EVERY["list"]):
        name = "index" if built is EVERY["index"] else "list"
        for part in built.parts:
            assert site.target.digest(f"m/shop/{name}@{part.digest}") == part.digest


def test_what_people_are_told(site: Site) -> None:
    site.add(web=image("a"))
    name = f"{site.name('web')}:1"
    target = f"{site.target.address}/m/shop/web:1"
    pods = site.manifest(name, f"{site.name('none')}:1")
    none = f"{site.name('none')}:1 → {site.target.address}/m/shop/none:1"
    missing = f"missing: {none}: source: not there"
    said = site.run(pods, "--workers=1")
    assert (said.status, said.out.decode(), said.err) == (
        1,
        f"{missing}\n2 images: 1 missing, 1 copied\n",
        f"[1/2] {missing}\n[2/2] copied: {name} → {target}\n",
    )
    said = site.run(site.manifest(name))
    assert (said.status, said.out, said.err) == (
        0,
        b"1 image: 1 there already\n",
        f"[1/1] there already: {name} → {target}\n",
    )


def test_a_dry_run_copies_nothing(site: Site) -> None:
    site.add(web=image("a"))
    pods = site.manifest(f"{site.name('web')}:1")
    # It needs no skopeo either.
    said = site.run(pods, "--dry-run", variables={"PATH": "/nowhere"})
    target = f"{site.target.address}/m/shop/web:1"
    assert (said.status, said.out.decode()) == (
        0,
        f"to copy: {site.name('web')}:1 → {target}\n1 image: 1 to copy\n",
    )
    assert site.target.written() == []


def test_what_is_there_is_not_copied_again(site: Site) -> None:
    site.add(web=image("a"), index=index("b"))
    pods = site.manifest(f"{site.name('web')}:1", f"{site.name('index')}:1")
    assert site.run(pods).status == 0
    before = site.target.written()
    said = site.run(pods, "-o", "json")
    assert site.states(said) == {"web:1": "there", "index:1": "there"}
    assert site.target.written() == before
    # A tag that has moved is copied again.
    site.source.push("shop/web:1", image("new"))
    said = site.run(pods, "-o", "json")
    assert site.states(said) == {"web:1": "copied", "index:1": "there"}
    assert site.target.digest("m/shop/web:1") == image("new").digest


@pytest.mark.parametrize(
    "built", [pytest.param(image("a"), id="image"), pytest.param(index("a"), id="index")]
)
def test_tag_and_digest(site: Site, built: Built) -> None:
    digest = site.source.push("shop/both:1", built)
    alone = site.source.push("shop/alone", built)
    # The tag of the source is elsewhere by now.
    site.source.push("shop/both:1", image("other"))
    pods = site.manifest(f"{site.name('both')}:1@{digest}", f"{site.name('alone')}@{alone}")
    said = site.run(pods, "-o", "json")
    assert set(site.states(said).values()) == {"copied"}
    names = ("m/shop/both:1", f"m/shop/both@{digest}", f"m/shop/alone@{alone}")
    assert [site.target.digest(name) for name in names] == [digest, digest, alone]
    assert site.states(site.run(pods, "-o", "json")).popitem()[1] == "there"


def test_a_plain_tag_goes_before_one_with_a_digest(site: Site) -> None:
    old = site.source.push("shop/web:1", image("old"))
    new = site.source.push("shop/web:1", image("new"))
    pods = site.manifest(f"{site.name('web')}:1@{old}", f"{site.name('web')}:1")
    said = site.run(pods, "-o", "json")
    assert set(site.states(said).values()) == {"copied"}
    found = [site.target.digest(f"m/shop/web{name}") for name in (":1", f"@{old}")]
    assert found == [new, old]


def test_one_platform(site: Site) -> None:
    built = index("a")
    site.add(index=built, image=image("b"), intel=index("c", ("linux/amd64",)))
    names = [f"{site.name(name)}:1" for name in ("index", "image", "intel")]
    pods = site.manifest(*names, f"{site.name('index')}@{built.digest}")
    said = site.run(pods, "--platform=linux/arm64", "-o", "json")
    assert site.states(said) == {
        "index:1": "copied",
        "image:1": "copied",
        "intel:1": "failed: there is none for linux/arm64, but for linux/amd64",
        f"index@{built.digest}": "failed: its digest is that of an index, which the image for"
        " linux/arm64 alone does not have: copy it without --platform",
    }
    assert said.status == 1
    assert site.target.digest("m/shop/index:1") == built.parts[1].digest
    assert site.states(site.run(pods, "--platform=linux/arm64", "-o", "json"))["index:1"] == "there"


def test_what_names_the_private_registry_is_looked_for(site: Site) -> None:
    site.target.push("m/shop/web:1", image("a"))
    pods = site.manifest(*(f"{site.target.address}/m/shop/{n}:1" for n in ("web", "none")))
    said = site.run(pods, "-o", "json")
    assert site.states(said) == {"web:1": "there", "none:1": "missing: target: not there"}


@pytest.mark.parametrize("how", ["flag", "REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "helper"])
def test_login_and_tls(tmp_path: Path, stack: ExitStack, how: str) -> None:
    site = make_site(tmp_path, stack, login=True, tls=True)
    site.add(web=index("a"))
    auth = {"auth": b64encode(":".join(LOGIN).encode()).decode()}
    path = tmp_path / "config.json"
    variables, flags = {}, [f"--ca-file={site.target.ca_file}"]
    data: object = {"auths": {site.target.address: auth}}
    if how == "flag":
        flags.append(f"--authfile={path}")
    elif how == "REGISTRY_AUTH_FILE":
        variables = {how: str(path)}
    else:
        variables = {"DOCKER_CONFIG": str(tmp_path)}
    if how == "helper":
        data = {"credHelpers": {site.target.address: "vault"}}
        (tmp_path / "bin").mkdir()
        answer = json.dumps({"Username": LOGIN[0], "Secret": LOGIN[1]})
        helper = tmp_path / "bin" / "docker-credential-vault"
        helper.write_text(f"#!/bin/sh\necho '{answer}'\n", encoding="utf-8")
        helper.chmod(0o755)
        variables["PATH"] = f"{helper.parent}:{site.variables()['PATH']}"
    path.write_text(json.dumps(data), encoding="utf-8")
    said = site.run(
        site.manifest(f"{site.name('web')}:1"), *flags, "-o", "json", variables=variables
    )
    assert (site.states(said), said.status) == ({"web:1": "copied"}, 0)
    assert site.target.digest("m/shop/web:1") == index("a").digest


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["--workers=0"], "--workers wants a whole number from 1 on, not '0'", id="workers"
        ),
        pytest.param(
            ["--retries=x"], "--retries wants a whole number from 0 on, not 'x'", id="retries"
        ),
        pytest.param(
            ["--platform=linux"],
            "--platform wants OS/ARCH[/VARIANT], as linux/amd64, not 'linux'",
            id="platform",
        ),
    ],
)
def test_impossible(site: Site, arguments: list[str], message: str) -> None:
    said = site.run(site.manifest("nginx:1"), *arguments)
    assert (said.status, said.out, said.err) == (2, b"", f"error: {message}\n")


def test_without_a_target(site: Site) -> None:
    said = site.command.run("mirror", site.manifest("nginx:1"))
    assert (said.status, said.err) == (
        2,
        "error: nothing says where the images are to go\n  Give --registry, or --map.\n",
    )


def test_without_skopeo(site: Site) -> None:
    said = site.run(site.manifest("nginx:1"), variables={"PATH": "/nowhere"})
    assert (said.status, said.err) == (
        3,
        "error: there is no skopeo to copy images with\n"
        "  Install it: apt-get install skopeo, dnf install skopeo, brew install skopeo.\n",
    )


INSTALLED = "# Kept.\nversion: 1\ninstalled:  # by hand\n  components: []\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(None, "version: 1\nimages:\n%s", id="new"),
        pytest.param(INSTALLED, INSTALLED + "images:\n%s", id="beside what is installed"),
        pytest.param(
            f"version: 1\nimages:\n  a.io/b:1: {'sha256:' + '1' * 64}\n# End.\ninstalled:\n",
            f"version: 1\nimages:\n%s  a.io/b:1: {'sha256:' + '1' * 64}\n# End.\ninstalled:\n",
            id="beside others",
        ),
        pytest.param("version: 1\nimages: {}\n", "version: 1\nimages:\n%s", id="none yet"),
    ],
)
def test_digests_in_the_lock_file(site: Site, before: str | None, after: str) -> None:
    digests = site.add(web=image("a"), index=index("b"))
    lock = site.command.work / "compat.lock.yaml"
    if before is not None:
        lock.write_bytes(before.encode())
    names = [f"{site.name(name)}:1" for name in ("web", "index", "none")]
    pods = site.manifest(*names, f"{site.name('web')}@{digests['web']}")
    assert site.run(pods, "--write=compat.lock.yaml").status == 1
    written = [f'  "{site.name(name)}:1": {digests[name]}\n' for name in ("index", "web")]
    assert lock.read_bytes().decode() == after % "".join(written)
    # What is there already is written too, and nothing changes.
    assert site.run(pods, "--write=compat.lock.yaml").status == 1
    assert lock.read_bytes().decode() == after % "".join(written)


def test_a_file_that_is_no_lock_file_is_told_before_the_work(site: Site) -> None:
    site.add(web=image("a"))
    (site.command.work / "lock").write_text("version: 2\n", encoding="utf-8")
    said = site.run(site.manifest(f"{site.name('web')}:1"), "--write=lock")
    assert (said.status, said.err) == (
        2,
        "error: lock:1:10: this release reads lock files of version 1\n"
        "  helm compat inventory writes this file; edit it in the same form.\n",
    )
    assert site.target.written() == []


def test_a_section_in_another_form(site: Site) -> None:
    site.add(web=image("a"))
    text = '{"version": 1, "images": {}}\n'
    (site.command.work / "lock").write_text(text, encoding="utf-8")
    said = site.run(site.manifest(f"{site.name('web')}:1"), "--write=lock")
    assert (said.status, said.err) == (
        2,
        "error: lock: the section `images` cannot be written: the keys do not stand below each"
        " other, at the margin\n  Remove the file, or write its keys in lines of their own.\n",
    )
    assert site.target.written() == []
    assert (site.command.work / "lock").read_text(encoding="utf-8") == text
