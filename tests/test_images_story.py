"""The whole way of images: charts mirrored, verified, rendered by the real Helms, pinned."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from command import Command, make_command
from registry import Registry, index, needs
from test_helm import CHARTS, World, make_world

OPERATOR, CLUSTER = CHARTS / "aerospike-operator", CHARTS / "aerospike"


class Story(NamedTuple):
    """Two registries, that of the vendor and the private one, and what is on the command line."""

    vendor: Registry
    private: Registry
    command: Command
    helm: dict[str, str]

    @property
    def values(self) -> tuple[str, ...]:
        """Values of both charts, by which their images come from the vendor's registry."""
        vendor = f"{self.vendor.address}/aerospike"
        return (
            f"--set=operatorImage.repository={vendor}/aerospike-kubernetes-operator",
            f"--set=initImage.registry={self.vendor.address}",
            f"--set=image.repository={vendor}/aerospike-server-enterprise",
        )

    @property
    def flags(self) -> tuple[str, ...]:
        """Where images go, and that both registries speak plain HTTP."""
        plain = [f"--http-registry={r.address}" for r in (self.vendor, self.private)]
        return (f"--registry={self.private.address}/m", *plain)


@pytest.fixture
def story(tmp_path: Path, helm4: Path) -> Iterator[Story]:
    """The images of both charts at the vendor's, and nothing in the private registry."""
    needs("skopeo")
    command = make_command(tmp_path / "command")
    # Beside an empty configuration the lock file is found from any folder.
    (command.work / ".helm-compat.yaml").write_text("version: 1\n", encoding="utf-8")
    with Registry(tmp_path / "v") as vendor, Registry(tmp_path / "p") as private:
        for name in (
            "aerospike/aerospike-kubernetes-operator:4.4.1",
            "aerospike/aerospike-kubernetes-init:2.5.2",
            "aerospike/aerospike-server-enterprise:8.1.2.0",
        ):
            vendor.push(name, index(name))
        path = {"HELM_BIN": f"{helm4}", "PATH": "/usr/bin:/bin"}
        yield Story(vendor, private, command, path)


@pytest.fixture(params=[3, 4], ids=["Helm 3", "Helm 4"])
def world(request: pytest.FixtureRequest, bare_path: str, tmp_path: Path) -> World:
    binary: Path = request.getfixturevalue(f"helm{request.param}")
    return make_world(tmp_path / "world", request.param, binary, bare_path)


def test_mirrored_verified_rendered_and_pinned(story: Story, world: World) -> None:
    charts = (str(OPERATOR), str(CLUSTER), *story.values)
    render = (*story.flags, "--verify-images", "--no-gate")
    helm = story.values

    # Nothing is there: both say so.
    said = story.command.run("verify", *charts, *story.flags, variables=story.helm)
    assert (said.status, said.out.decode().splitlines()[-1]) == (1, "3 images: 3 missing")
    for chart in (OPERATOR, CLUSTER):
        assert world.template(chart, *render, helm=helm).returncode == 1

    lock = ("--write", "compat.lock.yaml")
    said = story.command.run("mirror", *charts, *story.flags, *lock, variables=story.helm)
    assert said.status == 0, said
    said = story.command.run("verify", *charts, *story.flags, variables=story.helm)
    assert (said.status, said.out) == (0, b"3 images: 3 there\n")

    # What is rendered is what was copied; pinned, each has the digest of the whole index.
    digest = index("aerospike/aerospike-server-enterprise:8.1.2.0").digest
    name = f"{story.private.address}/m/aerospike/aerospike-server-enterprise:8.1.2.0"
    for words, image in ((render, name), ((*render, "--pin-digests"), f"{name}@{digest}")):
        done = world.template(
            CLUSTER,
            *words,
            f"--config={story.command.work / '.helm-compat.yaml'}",
            helm=helm,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert f"image: {image}\n" in done.stdout.decode()
    done = world.template(OPERATOR, *render, helm=helm)
    assert done.returncode == 0


def test_an_image_that_was_replaced_is_refused(story: Story, world: World) -> None:
    """Somebody pushes another image under the same tag, after the digests were written."""
    lock = ("--write", "compat.lock.yaml")
    words = (str(CLUSTER), *story.values, *story.flags, *lock)
    assert story.command.run("mirror", *words, variables=story.helm).status == 0
    story.private.push("m/aerospike/aerospike-server-enterprise:8.1.2.0", index("another"))
    config = f"--config={story.command.work / '.helm-compat.yaml'}"
    render = (*story.flags, "--verify-images", "--no-gate", config)
    done = world.template(CLUSTER, *render, helm=story.values)
    assert (done.returncode, done.stdout) == (1, b"")
    report = max(world.reports.iterdir()).read_text(encoding="utf-8")
    messages = [f["message"] for f in json.loads(report)["findings"]]
    assert any("is another image" in message for message in messages)
