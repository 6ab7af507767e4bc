"""What goes wrong with one image is told with its name and reason, and the rest goes on."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from command import PYTHON
from mirror_site import Site, behind, make_site
from registry import LOGIN, Cut, Fault, FaultyProxy, Registry, Reply, image, index

OTHER = "sha256:" + "0" * 64
ERROR = b'{"errors": [{"code": "%s", "message": "%s"}]}'


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def site(tmp_path: Path, stack: ExitStack) -> Site:
    """Two images in the source, `bad` and `good`."""
    site = make_site(tmp_path, stack)
    site.add(bad=image("bad"), good=image("good"))
    return site


def both(site: Site, source: FaultyProxy | Registry) -> str:
    return site.manifest(*(f"{source.address}/shop/{name}:1" for name in ("bad", "good")))


def reply(status: int, code: str, message: str, **headers: str) -> Reply:
    body = ERROR % (code.encode(), message.encode())
    return Reply(status, {"Content-Type": "application/json", **headers}, body)


FULL = reply(500, "UNKNOWN", "no space left on device")

# Of the source: what fails, how often, and what becomes of the image.
SOURCE = [
    pytest.param("(HEAD|GET) .*bad/", reply(429, "TOOMANYREQUESTS", "slow down", **{"Retry-After": "1"}), 1, "copied", id="429 once"),
    pytest.param("HEAD .*bad/", Reply(503), 1, "copied", id="503 once"),
    pytest.param("HEAD .*bad/", Reply(headers={"Docker-Content-Digest": None}), -1, "copied", id="no digest"),
    pytest.param("GET .*bad/blobs/", Reply(500), 1, "copied", id="a layer fails once"),
    pytest.param("GET .*bad/blobs/", Cut(20), 1, "copied", id="a layer is cut once"),
    pytest.param(
        "(HEAD|GET) .*bad/",
        reply(403, "DENIED", "not for you"),
        -1,
        "not-checked: source: the registry does not allow it",
        id="403",
    ),
    pytest.param(
        "HEAD .*bad/",
        Reply(500),
        -1,
        "not-checked: source: the registry answers with HTTP status 500",
        id="500",
    ),
    pytest.param(
        "HEAD .*bad/",
        Reply(headers={"Docker-Content-Digest": OTHER}),
        -1,
        "failed: manifest unknown",
        id="wrong digest",
    ),
    pytest.param(
        "GET .*bad/blobs/",
        reply(404, "BLOB_UNKNOWN", "gone"),
        -1,
        "failed: invalid status code from registry 404 (Not Found)",
        id="layer gone",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "fault", "times", "expected"), SOURCE)
def test_source(
    site: Site, stack: ExitStack, pattern: str, fault: Fault, times: int, expected: str
) -> None:
    proxy = behind(stack, site.source)
    proxy.fail(pattern, fault, times)
    said = site.run(both(site, proxy), "--retries=1", "-o", "json", http=(proxy.address,))
    assert site.states(said) == {"bad:1": expected, "good:1": "copied"}
    assert said.status == int(expected != "copied")


TARGET = [
    pytest.param("PUT .*bad/manifests/", Reply(500), 1, "copied", id="500 once"),
    pytest.param("POST .*bad/", Reply(503), 1, "copied", id="503 once"),
    pytest.param("PUT .*bad/manifests/", Cut(0), 1, "copied", id="cut once"),
    pytest.param(
        "POST .*bad/",
        reply(403, "DENIED", "requested access to the resource is denied"),
        -1,
        "failed: denied",
        id="403",
    ),
    pytest.param(
        "POST .*bad/",
        reply(400, "NAME_INVALID", "invalid repository name"),
        -1,
        "failed: name invalid",
        id="name",
    ),
    pytest.param(
        "PUT .*bad/blobs/",
        FULL,
        -1,
        "failed: received unexpected HTTP status: 500 Internal Server Error (tried 2 times)",
        id="full disk",
    ),
    pytest.param(
        "PUT .*bad/manifests/",
        Reply(502),
        -1,
        "failed: received unexpected HTTP status: 502 Bad Gateway (tried 2 times)",
        id="502",
    ),
]


@pytest.mark.parametrize(("pattern", "fault", "times", "expected"), TARGET)
def test_target(
    site: Site, stack: ExitStack, pattern: str, fault: Fault, times: int, expected: str
) -> None:
    proxy = behind(stack, site.target)
    proxy.fail(pattern, fault, times)
    said = site.run(
        both(site, site.source),
        "--retries=1",
        "-o",
        "json",
        registry=f"{proxy.address}/m",
        http=(proxy.address,),
    )
    assert site.states(said) == {"bad:1": expected, "good:1": "copied"}
    there = site.target.digest("m/shop/bad:1")
    assert there == (image("bad").digest if expected == "copied" else "")


def test_a_target_that_has_another_digest_afterwards(site: Site, stack: ExitStack) -> None:
    proxy = behind(stack, site.target)
    proxy.fail("HEAD .*bad/manifests", Reply(200, {"Docker-Content-Digest": OTHER}))
    words = (both(site, site.source), "-o", "json")
    said = site.run(*words, registry=f"{proxy.address}/m", http=(proxy.address,))
    assert site.states(said) == {
        "bad:1": f"failed: after the copy the target has {OTHER}, not {image('bad').digest}",
        "good:1": "copied",
    }


def test_a_target_that_does_not_admit_what_is_not_there(site: Site, stack: ExitStack) -> None:
    proxy = behind(stack, site.target)
    for name in ("bad", "good"):
        proxy.fail(f"HEAD .*{name}/manifests", Reply(403), times=1)
    words = (both(site, site.source), "-o", "json")
    said = site.run(*words, registry=f"{proxy.address}/m", http=(proxy.address,))
    assert set(site.states(said).values()) == {"copied"}


def test_a_registry_that_is_down(site: Site) -> None:
    site.target.stop()
    said = site.run(both(site, site.source), "-o", "json")
    reason = f"not-checked: target: {site.target.address} cannot be reached: connection refused"
    assert site.states(said) == {"bad:1": reason, "good:1": reason}
    assert said.status == 3


def test_a_registry_that_wants_a_login(tmp_path: Path, stack: ExitStack) -> None:
    site = make_site(tmp_path, stack, login=True)
    site.add(good=image("good"))
    said = site.run(site.manifest(f"{site.name('good')}:1"), "-o", "json")
    (state,) = site.states(said).values()
    assert state == "failed: unauthorized: authentication required"
    assert said.status == 1


def test_credentials_do_not_follow_to_another_host(tmp_path: Path, stack: ExitStack) -> None:
    plain = stack.enter_context(Registry(tmp_path / "plain"))
    site = make_site(tmp_path, stack, login=True)
    # Here the source is the registry with the login, and what it redirects to holds the same.
    for registry in (plain, site.target):
        registry.push("shop/good:1", image("good"))
    other, front = behind(stack, plain), behind(stack, site.target)
    digests = [image("good").digest, *(d["digest"] for d in _parts())]
    for digest in ("1", *digests):
        kind = "manifests" if digest in ("1", image("good").digest) else "blobs"
        path = f"/v2/shop/good/{kind}/{digest}"
        location = f"http://{other.address}{path}"
        # Only who has logged in is sent on.
        front.fail(f"(HEAD|GET) {path}$", Reply(307, {"Location": location}))
    auth = {"auth": b64encode(":".join(LOGIN).encode()).decode()}
    (tmp_path / "auth.json").write_text(
        json.dumps({"auths": {front.address: auth}}), encoding="utf-8"
    )
    said = site.run(
        site.manifest(f"{front.address}/shop/good:1"),
        f"--authfile={tmp_path / 'auth.json'}",
        "-o",
        "json",
        registry=f"{site.source.address}/m",
        http=(front.address, other.address),
    )
    assert site.states(said) == {"good:1": "copied"}
    assert [seen.path for seen in front.seen if "authorization" in seen.headers]
    assert [seen.path for seen in other.seen if "/manifests/" in seen.path]
    assert [seen.path for seen in other.seen if "authorization" in seen.headers] == []


def _parts() -> list[dict[str, str]]:
    manifest = json.loads(image("good").manifest)
    return [manifest["config"], *manifest["layers"]]


def test_a_full_disk(site: Site, tmp_path: Path) -> None:
    # A disk cannot be filled everywhere: this says what skopeo says on a full one.
    program(
        tmp_path,
        "for to; do :; done; to=${to#dir:}; echo half >$to/half\n"
        'echo \'time="x" level=fatal msg="writing blob: write /x: no space left on device"\' >&2; exit 1',
    )
    said = site.run(
        site.manifest(f"{site.name('good')}:1"),
        "--to-archive=out",
        "-o",
        "json",
        variables={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert site.states(said) == {"good:1": "failed: write /x: no space left on device"}
    found = [path.name for path in (site.command.work / "out").rglob("*") if path.is_file()]
    assert sorted(found) == [".lock", "images.json", "index.json", "oci-layout"]


def test_a_killed_run_is_resumed_without_copying_again(site: Site) -> None:
    built = {f"i{number}": index(f"{number}") for number in range(6)}
    site.add(**built)
    words = site.words(site.manifest(*(f"{site.name(name)}:1" for name in built)), "--workers=1")
    with subprocess.Popen(
        [*PYTHON, *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=site.command.environment(site.variables()),
        cwd=site.command.work,
        encoding="utf-8",
    ) as running:
        assert running.stderr
        lines = [running.stderr.readline() for _ in range(3)]
        running.kill()
    assert [line[:13] for line in lines] == [f"[{n}/6] copied:"[:13] for n in (1, 2, 3)]
    said = site.run("pods.yaml", "-o", "json")
    assert said.status == 0
    assert list(site.states(said).values())[:3] == ["there"] * 3
    written = Counter(path for path in site.target.written() if "/manifests/" in path)
    assert {path for path, times in written.items() if times > 1} == set()
    assert {n: site.target.digest(f"m/shop/{n}:1") for n in built} == {
        name: each.digest for name, each in built.items()
    }


def test_a_registry_that_goes_down_in_the_middle(site: Site) -> None:
    """What was copied is told, and so is what was not; later the rest alone is copied."""
    built = {f"i{number}": index(f"{number}") for number in range(4)}
    site.add(**built)
    words = site.words(site.manifest(*(f"{site.name(name)}:1" for name in built)), "--workers=1")
    with subprocess.Popen(
        [*PYTHON, *words, "--retries=1", "-o", "json"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=site.command.environment(site.variables()),
        cwd=site.command.work,
        encoding="utf-8",
    ) as running:
        assert running.stderr
        assert running.stderr.readline().startswith("[1/4] copied:")
        site.target.stop()
        out, _ = running.communicate(timeout=60)
    states = [each["state"] for each in json.loads(out)["images"]]
    assert running.returncode in (1, 3)
    assert (states[0], "copied" in states[2:]) == ("copied", False)
    with Registry(site.target.folder) as again:
        said = site.run(
            "pods.yaml", "-o", "json", registry=f"{again.address}/m", http=(again.address,)
        )
        assert said.status == 0
        assert site.states(said)["i0:1"] == "there"
        assert {n: again.digest(f"m/shop/{n}:1") for n in built} == {
            name: each.digest for name, each in built.items()
        }


@pytest.mark.parametrize(
    ("number", "status"),
    [
        pytest.param(signal.SIGINT, 130, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, -signal.SIGTERM, id="ended"),
        pytest.param(signal.SIGKILL, -signal.SIGKILL, id="killed"),
    ],
)
def test_no_copy_outlives_the_run(
    site: Site, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    program(tmp_path, f"echo $$ >{pipe}; exec sleep 600")
    words = site.words(site.manifest(f"{site.name('good')}:1"))
    variables = site.variables({"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    with subprocess.Popen(
        [*PYTHON, *words],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=site.command.environment(variables),
        cwd=site.command.work,
    ) as running:
        child = os.pidfd_open(int(pipe.read_text(encoding="utf-8")))
        running.send_signal(number)
        running.wait(20)
    ended, _, _ = select.select([child], [], [], 20)
    os.close(child)
    assert (running.returncode, bool(ended)) == (status, True)


def program(folder: Path, text: str) -> None:
    """A program that stands for skopeo."""
    path = folder / "skopeo"
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
