"""Whether images are there: `verify` as a command, and renders under the real Helms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command import ROOT, Command, Said, make_command
from jsonschema import Draft202012Validator
from registry import LOGIN, FaultyProxy, Registry, Reply, image
from test_helm import CHARTS, World, make_world, newest, read_pipe

SCHEMA = json.loads((ROOT / "schemas" / "verify.schema.json").read_text(encoding="utf-8"))
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: {0}}}
spec: {{containers: [{{name: c, image: "quay.io/team/{0}:1"}}]}}
---
"""
WEB = image("web").digest


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Registry]:
    """A registry that has `m/team/web:1` alone."""
    with Registry(tmp_path / "registry") as registry:
        registry.push("m/team/web:1", image("web"))
        yield registry


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return make_command(tmp_path / "command")


def pods(command: Command, *names: str) -> str:
    (command.work / "pods.yaml").write_text("".join(POD.format(name) for name in names), "utf-8")
    return "pods.yaml"


def lock(command: Command, digest: str) -> None:
    text = f"version: 1\nimages:\n  quay.io/team/web:1: {digest}\n"
    (command.work / "compat.lock.yaml").write_text(text, "utf-8")


def run(command: Command, registry: Registry | FaultyProxy, *words: str) -> Said:
    """Verify against `m` of a registry that is asked without TLS, and ask no sources."""
    to = (f"--registry={registry.address}/m", f"--http-registry={registry.address}")
    return command.run("verify", *words, *to, "--no-source")


# --- The command ---


def test_there(command: Command, shop: Registry) -> None:
    said = run(command, shop, pods(command, "web"))
    assert said == Said(0, b"1 image: 1 there\n", "")


def test_every_image_is_asked_for_once(command: Command, shop: Registry) -> None:
    before = len(shop.requests())
    run(command, shop, pods(command, *["web"] * 5, "none"))
    asked = [(each.method, each.path) for each in shop.requests()[before:]]
    assert sorted(asked) == [
        ("HEAD", "/v2/m/team/none/manifests/1"),
        ("HEAD", "/v2/m/team/web/manifests/1"),
    ]


def test_missing(command: Command, shop: Registry) -> None:
    said = run(command, shop, pods(command, "web", "none"))
    out = f"missing:\n  {shop.address}/m/team/none:1\n\n2 images: 1 there, 1 missing\n"
    assert said == Said(1, out.encode(), "")


@pytest.mark.parametrize(("digest", "status"), [(WEB, 0), (f"sha256:{'1' * 64}", 1)])
def test_digest_of_the_lock_file(
    digest: str, status: int, command: Command, shop: Registry
) -> None:
    lock(command, digest)
    said = run(command, shop, pods(command, "web"))
    out = "1 image: 1 there\n"
    if status:
        why = f"it is {WEB}, and should be {digest}"
        out = f"another image: {why}\n  {shop.address}/m/team/web:1\n\n1 image: 1 another image\n"
    assert said == Said(status, out.encode(), "")


@pytest.mark.parametrize("same", [True, False])
def test_digest_of_the_source(same: bool, command: Command, shop: Registry) -> None:
    shop.push("upstream/web:1", image("web" if same else "newer"))
    name, to = f"{shop.address}/upstream/web:1", f"{shop.address}/m/team/web"
    text = POD.format("web").replace("quay.io/team/web:1", name)
    said = command.run(
        "verify",
        "-",
        f"--map={shop.address}/upstream/web={to}",
        f"--http-registry={shop.address}",
        stdin=text.encode(),
    )
    assert (said.status, b"another image" in said.out) == (0 if same else 1, not same)


def test_source_that_cannot_be_asked(command: Command, shop: Registry) -> None:
    """What is there and cannot be compared is not called good."""
    to = (f"--registry={shop.address}/m", f"--http-registry={shop.address}")
    text = POD.format("web").replace("quay.io", "127.0.0.1:1")
    said = command.run("verify", "-", *to, stdin=text.encode())
    why = "the source cannot be compared: 127.0.0.1:1 cannot be reached: connection refused"
    out = f"not compared: {why}\n  {shop.address}/m/team/web:1\n\n1 image: 1 not compared\n"
    assert said == Said(3, out.encode(), "")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        pytest.param(Reply(401), "the registry wants a login", id="401"),
        pytest.param(Reply(403), "the registry does not allow it", id="403"),
        pytest.param(Reply(500), "the registry answers with HTTP status 500", id="500"),
    ],
)
def test_one_that_cannot_be_looked_at_hides_no_other(
    reply: Reply, why: str, command: Command, shop: Registry
) -> None:
    with FaultyProxy(shop) as proxy:
        proxy.fail("team/bad", reply)
        said = run(command, proxy, pods(command, "web", "bad", "none"))
        lines = said.out.decode().splitlines()
    assert said.status == 3
    assert lines[-1] == "3 images: 1 there, 1 not checked, 1 missing"
    assert f"  {proxy.address}/m/team/bad:1" in lines
    assert any(line.startswith(f"not checked: {why}") for line in lines)


def test_json(command: Command, shop: Registry) -> None:
    lock(command, WEB)
    said = run(command, shop, pods(command, "web", "none"), "--output=json")
    data: dict[str, Any] = json.loads(said.out)
    Draft202012Validator(SCHEMA).validate(data)
    found = [(i["target"], i["state"], i["digest"], i["expected"]) for i in data["images"]]
    assert found == [
        (f"{shop.address}/m/team/none:1", "missing", None, None),
        (f"{shop.address}/m/team/web:1", "there", WEB, WEB),
    ]


def test_optional_images_are_left_out(command: Command, shop: Registry) -> None:
    chart = str(CHARTS / "operator")
    helm = {"PATH": f"{ROOT / '.cache' / 'tools' / 'helm4'}"}
    to = (f"--registry={shop.address}/m", f"--http-registry={shop.address}", "--no-source")
    counts = []
    for words in ((), ("--optional",)):
        said = command.run("verify", chart, *to, *words, "-o", "json", variables=helm)
        data = json.loads(said.out)
        counts.append((len(data["images"]), data["optionalLeftOut"]))
    assert counts[0][1] > 0
    assert counts[1] == (sum(counts[0]), 0)


# --- A render ---


@pytest.fixture(params=[3, 4], ids=["Helm 3", "Helm 4"])
def world(request: pytest.FixtureRequest, bare_path: str, tmp_path: Path) -> World:
    binary: Path = request.getfixturevalue(f"helm{request.param}")
    return make_world(tmp_path / "world", request.param, binary, bare_path)


def flags(registry: Registry) -> tuple[str, ...]:
    return (
        f"--registry={registry.address}/m",
        f"--http-registry={registry.address}",
        "--verify-images",
        "--no-gate",
    )


def test_render_whose_images_are_not_there(world: World, shop: Registry) -> None:
    """Both Helms show which image it is."""
    words = world.words("template", CHARTS / "aerospike", *flags(shop))
    status, out, err = read_pipe(world.helm, words, {})
    assert (status, out) == (1, b"")
    target = f"{shop.address}/m/aerospike/aerospike-server-enterprise"
    assert f"error[missing-image]: {target}" in err
    found = [f for f in newest(world)["findings"] if f["rule"] == "missing-image"]
    assert [f["message"].startswith(target) for f in found] == [True] * len(found) != []


def test_render_whose_images_are_there(world: World, shop: Registry) -> None:
    plain = world.template(CHARTS / "aerospike", *flags(shop)[:2], "--no-gate")
    for found in newest(world)["images"]:
        name = found["target"].partition("/")[2]
        shop.push(name, image(name))
    done = world.template(CHARTS / "aerospike", *flags(shop))
    assert (done.returncode, done.stdout) == (0, plain.stdout)


def test_render_without_an_answer_is_refused(world: World) -> None:
    flags = ("--registry=127.0.0.1:1/m", "--verify-images", "--no-gate")
    words = world.words("template", CHARTS / "aerospike", *flags)
    status, out, err = read_pipe(world.helm, words, {})
    assert (status, out) == (1, b"")
    assert "could not be looked for: 127.0.0.1:1 cannot be reached: connection refused" in err


def test_render_with_login_and_own_authority(command: Command, tmp_path: Path) -> None:
    with Registry(tmp_path / "r", login=True, tls=True) as registry:
        registry.push("m/team/web:1", image("web"))
        home = tmp_path / "docker"
        home.mkdir()
        (home / "config.json").write_text(
            json.dumps({"auths": {registry.address: {"username": LOGIN[0], "password": LOGIN[1]}}}),
            encoding="utf-8",
        )
        words = (f"--registry={registry.address}/m", f"--ca-file={registry.ca_file}")
        variables = {"DOCKER_CONFIG": f"{home}"}
        stdin = POD.format("web").encode()
        said = command.run("render", *words, "--verify-images", stdin=stdin, variables=variables)
        without = command.run("render", *words, "--verify-images", stdin=stdin)
    assert (said.status, f"{registry.address}/m/team/web:1".encode() in said.out) == (0, True)
    assert (without.status, without.out) == (3, b"")
    assert "wants a login" in without.err


def test_other_image_is_refused(command: Command, shop: Registry) -> None:
    lock(command, f"sha256:{'1' * 64}")
    to = (f"--registry={shop.address}/m", f"--http-registry={shop.address}")
    stdin = POD.format("web").encode()
    said = command.run("render", *to, "--verify-images", stdin=stdin)
    assert (said.status, said.out) == (1, b"")
    assert f"{shop.address}/m/team/web:1 is another image: it is {WEB}" in said.err


def test_pinned_images_are_asked_for_by_digest(command: Command, shop: Registry) -> None:
    lock(command, WEB)
    to = (f"--registry={shop.address}/m", f"--http-registry={shop.address}")
    stdin = POD.format("web").encode()
    before = len(shop.requests())
    said = command.run("render", *to, "--verify-images", "--pin-digests", stdin=stdin)
    assert f"{shop.address}/m/team/web:1@{WEB}".encode() in said.out
    asked = [each.path for each in shop.requests()[before:]]
    assert asked == [f"/v2/m/team/web/manifests/{WEB}"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            None,
            "error: --pin-digests: there is no compat.lock.yaml beside the configuration",
            id="no lock file",
        ),
        pytest.param(
            "version: 1\nimages: [a]\n",
            "error: {file}:2:9: images is a mapping of references to digests",
            id="list",
        ),
        pytest.param(
            "version: 1\nimages: {quay.io/team/web:1: latest}\n",
            "error: {file}:2:30: 'latest' is no digest of sha256",
            id="no digest",
        ),
        pytest.param(
            f"version: 1\nimages: {{UPPER: {WEB}}}\n",
            "error: {file}:2:10: 'UPPER' is no image reference",
            id="no reference",
        ),
    ],
)
def test_lock_file_that_pins_nothing(text: str | None, message: str, command: Command) -> None:
    if text:
        (command.work / "compat.lock.yaml").write_text(text, "utf-8")
    said = command.run("render", "--pin-digests", stdin=POD.format("web").encode())
    message = message.replace("{file}", f"{command.work / 'compat.lock.yaml'}")
    assert (said.status, said.out) == (2, b"")
    assert said.err.splitlines()[1] == message
