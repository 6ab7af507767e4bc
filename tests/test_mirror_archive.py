"""Images go into an archive and out of it with equal digests, and nothing broken is pushed."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from mirror_site import Site, make_site
from registry import DOCKER, image, index, needs

EVERY = {
    "image": image("a"),
    "docker": image("b", kind=DOCKER),
    "index": index("c"),
    "list": index("d", kind=DOCKER),
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        yield make_site(tmp_path, stack)


@pytest.fixture
def full(site: Site) -> Site:
    """An archive `out` with one image of every kind."""
    site.add(**EVERY)
    said = site.run(every(site), "--to-archive=out", "-o", "json")
    assert (set(site.states(said).values()), said.status) == ({"copied"}, 0)
    return site


def every(site: Site) -> str:
    return site.manifest(*(f"{site.name(name)}:1" for name in EVERY))


def files(site: Site) -> dict[str, bytes]:
    folder = site.command.work / "out"
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def blob(site: Site, digest: str) -> Path:
    return site.command.work / "out" / "blobs" / "sha256" / digest.partition(":")[2]


def push(site: Site, *arguments: str) -> dict[str, str]:
    return site.states(site.run("--from-archive=out", "-o", "json", *arguments))


def test_out_and_in_with_equal_digests(full: Site) -> None:
    # The site without a network cannot reach the source.
    full.source.stop()
    assert set(push(full).values()) == {"copied"}
    found = {name: full.target.digest(f"m/shop/{name}:1") for name in EVERY}
    assert found == {name: built.digest for name, built in EVERY.items()}
    for part in EVERY["list"].parts:
        assert full.target.digest(f"m/shop/list@{part.digest}") == part.digest
    before = full.target.written()
    assert set(push(full).values()) == {"there"}
    assert full.target.written() == before


def test_what_is_in_an_archive(full: Site) -> None:
    found = files(full)
    built = [part for whole in EVERY.values() for part in (whole, *whole.parts)]
    blobs = {data for part in built for data in (part.manifest, *part.blobs)}
    names = {name for name in found if name.startswith("blobs/")}
    assert {found[name] for name in names} == blobs
    assert {*found} - names == {".lock", "images.json", "index.json", "oci-layout"}
    assert json.loads(found["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    images = json.loads(found["images.json"])["images"]
    assert images == [
        {
            "source": f"{full.name(name)}:1",
            "target": f"{full.target.address}/m/shop/{name}:1",
            "mediaType": EVERY[name].media_type,
            "digest": EVERY[name].digest,
            "size": len(EVERY[name].manifest),
        }
        for name in sorted(EVERY)
    ]
    # skopeo reads the layout by the names of its index.
    layout = f"oci:{full.command.work / 'out'}:{full.name('index')}:1"
    raw = subprocess.check_output([needs("skopeo"), "inspect", "--raw", layout])
    assert raw == EVERY["index"].manifest


def test_an_archive_is_made_without_a_target(site: Site) -> None:
    site.add(web=image("a"))
    site.manifest(f"{site.name('web')}:1")
    flag = f"--http-registry={site.source.address}"
    words = ("mirror", "pods.yaml", "--to-archive=out", flag)
    said = site.command.run(*words, variables=site.variables())
    assert (said.status, said.out) == (0, b"1 image: 1 copied\n")
    # Without a rule, nobody knows where it goes.
    said = site.command.run("mirror", "--from-archive=out", variables=site.variables())
    assert (said.status, said.err.splitlines()[0]) == (
        2,
        "error: nothing says where the images are to go",
    )
    assert push(site) == {"web:1": "copied"}


def test_the_rules_of_now_win_over_those_of_then(full: Site) -> None:
    said = full.run("--from-archive=out", registry=f"{full.target.address}/now")
    assert said.status == 0
    assert full.target.digest("now/shop/web:1") == ""
    assert full.target.digest("now/shop/index:1") == EVERY["index"].digest
    assert full.target.digest("m/shop/index:1") == ""


def test_without_rules_those_of_then_hold(full: Site) -> None:
    flag = f"--http-registry={full.target.address}"
    said = full.command.run("mirror", "--from-archive=out", flag, variables=full.variables())
    assert (said.status, said.out) == (0, b"4 images: 4 copied\n")
    assert full.target.digest("m/shop/index:1") == EVERY["index"].digest


def test_what_the_inputs_name_and_no_more(full: Site) -> None:
    pods = full.manifest(f"{full.name('index')}:1", f"{full.name('other')}:1")
    assert push(full, pods) == {
        "index:1": "copied",
        "other:1": "missing: the archive does not have it",
    }


def test_one_platform(site: Site) -> None:
    built = index("a")
    site.add(index=built)
    pods = site.manifest(f"{site.name('index')}:1")
    assert site.run(pods, "--to-archive=out", "--platform=linux/arm64").status == 0
    assert push(site) == {"index:1": "copied"}
    assert site.target.digest("m/shop/index:1") == built.parts[1].digest


def test_another_run_adds_and_copies_nothing_again(full: Site) -> None:
    before = files(full)
    full.add(more=image("more"))
    names = [f"{full.name(name)}:1" for name in ("more", "index", "none")]
    said = full.run(full.manifest(*names), "--to-archive=out", "-o", "json")
    assert full.states(said) == {
        "more:1": "copied",
        "index:1": "there",
        "none:1": "missing: source: not there",
    }
    after = files(full)
    assert before.keys() < after.keys()
    sources = [each["source"] for each in json.loads(after["images.json"])["images"]]
    assert sources == [f"{full.name(name)}:1" for name in sorted([*EVERY, "more"])]


def test_what_was_broken_off_is_copied_again(full: Site) -> None:
    # As a killed run leaves it: no index, a folder of its own, a manifest without its layer.
    folder = full.command.work / "out"
    (folder / "index.json").unlink()
    (folder / "images.json").unlink()
    (folder / ".work" / "x").mkdir(parents=True)
    blob(full, EVERY["image"].digest).unlink()
    layer = json.loads(EVERY["docker"].manifest)["layers"][0]["digest"]
    blob(full, layer).write_bytes(b"half")
    said = full.run(every(full), "--to-archive=out", "-o", "json")
    assert full.states(said) == {
        "image:1": "copied",
        "docker:1": "copied",
        "index:1": "there",
        "list:1": "there",
    }
    assert not (folder / ".work").exists()
    assert set(push(full).values()) == {"copied"}


def test_a_dry_run_makes_no_archive(site: Site) -> None:
    site.add(web=image("a"))
    pods = site.manifest(f"{site.name('web')}:1")
    assert site.states(site.run(pods, "--to-archive=out", "--dry-run", "-o", "json")) == {
        "web:1": "would-copy"
    }
    assert not (site.command.work / "out").exists()


def test_nothing_broken_is_pushed(full: Site) -> None:
    part = EVERY["index"].parts[0]
    config, layer = json.loads(part.manifest)["config"], json.loads(part.manifest)["layers"][0]
    blob(full, layer["digest"]).write_bytes(b"x" * layer["size"])
    single = json.loads(EVERY["image"].manifest)["layers"][0]
    blob(full, single["digest"]).write_bytes(b"short")
    blob(full, EVERY["docker"].digest).write_bytes(b"{}")
    gone = json.loads(EVERY["list"].parts[1].manifest)["config"]["digest"]
    blob(full, gone).unlink()
    assert config["size"]
    other = "in the archive has other content than its name says"
    assert push(full) == {
        "index:1": f"failed: {layer['digest']} {other}",
        "image:1": f"failed: {single['digest']} in the archive has 5 bytes, not {single['size']}",
        "docker:1": f"failed: {EVERY['docker'].digest} {other}",
        "list:1": f"failed: {gone} is not in the archive",
    }
    assert full.target.written() == []


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        pytest.param(
            "oci-layout",
            None,
            "out: this is no archive of images: there is no oci-layout\n"
            "  helm compat mirror --to-archive makes one.",
            id="no layout",
        ),
        pytest.param(
            "oci-layout",
            '{"imageLayoutVersion": "2.0"}',
            "out/oci-layout: no OCI image layout of version 1.0.0",
            id="other version",
        ),
        pytest.param(
            "images.json", "{", "out/images.json: cannot be read: it is not JSON", id="text"
        ),
        pytest.param("images.json", "[]", "out/images.json: it is no JSON object", id="list"),
        pytest.param(
            "images.json",
            '{"schemaVersion": 2}',
            "out/images.json: this release reads version 1",
            id="other images",
        ),
        pytest.param(
            "images.json",
            '{"schemaVersion": 1, "images": [{}]}',
            "out/images.json: its images stand there in no known form",
            id="form",
        ),
        pytest.param(
            "index.json",
            '{"manifests": []}',
            "out/index.json: it lists other images than images.json",
            id="other index",
        ),
    ],
)
def test_what_is_no_archive(full: Site, file: str, text: str | None, message: str) -> None:
    path = full.command.work / "out" / file
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="utf-8")
    said = full.run("--from-archive=out")
    assert (said.status, said.out, said.err) == (2, b"", f"error: {message}\n")
    assert full.target.written() == []


def test_a_folder_with_something_else(site: Site) -> None:
    (site.command.work / "out").mkdir()
    (site.command.work / "out" / "letter.txt").write_text("", encoding="utf-8")
    said = site.run(site.manifest("nginx:1"), "--to-archive=out")
    assert (said.status, said.err) == (
        2,
        "error: out: this folder holds something else than an archive\n"
        "  Name an archive, an empty folder, or none that is there.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["--to-archive=a", "--from-archive=b", "pods.yaml"],
            "--to-archive and --from-archive are for two runs",
            id="both",
        ),
        pytest.param(
            ["--from-archive=a", "--platform=linux/amd64"],
            "--platform narrows what goes into an archive, not what comes out",
            id="platform",
        ),
        pytest.param(
            [], "nothing says which images\n  Give INPUT: charts or manifests.", id="no input"
        ),
    ],
)
def test_impossible(site: Site, arguments: list[str], message: str) -> None:
    said = site.run(*arguments)
    assert (said.status, said.err) == (2, f"error: {message}\n")


def test_an_archive_that_may_not_be_written(full: Site) -> None:
    moved = full.command.work / "medium"
    shutil.move(full.command.work / "out", moved)
    before = {path.name: path.stat().st_mtime_ns for path in moved.rglob("*")}
    assert full.run("--from-archive=medium").status == 0
    assert {path.name: path.stat().st_mtime_ns for path in moved.rglob("*")} == before
