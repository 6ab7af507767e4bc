"""Measure `helm-compat mirror` between two registries on loopback.

    python benchmarks/mirror.py [--images N] [--runs N] [--delay MILLISECONDS]

Every run copies to a registry that is new and empty. Both registries keep all in memory: on a disk
one waits for 24 fsyncs an image, and the disk is what would be measured. The one to copy from is
asked through a proxy that answers each request later, as a registry does that is not on the same
machine; --delay 0 goes without. All commands run in turn. Exits with 1 when a command failed; a
missed target is only shown.
"""

# ruff: noqa: T201 (a benchmark talks to a person)

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from contestants import ROOT, make_environment
from measure import Command, CommandFailedError, Sample, find_median, measure
from tables import Table, format_table

sys.path.append(str(ROOT / "tests"))

from registry import FaultyProxy, Registry, image

MIRROR = "helm-compat mirror --workers {workers}"
LOOP = "skopeo copy, in a shell loop"
SYNC = "skopeo sync"
AGAIN = "helm-compat mirror, all there"


def main() -> int:
    """Measure and print; 1 when a command failed."""
    parser = argparse.ArgumentParser(description="Measure helm-compat mirror.")
    parser.add_argument("--images", type=int, default=50, help="how many images (default: 50)")
    parser.add_argument("--kib", type=int, default=64, help="size of each (default: 64)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each command (default: 3)")
    parser.add_argument("--delay", type=float, default=20, help="of each answer (default: 20)")
    parser.add_argument("--markdown", action="store_true", help="print the table in Markdown")
    arguments = parser.parse_args()
    if not (shutil.which("skopeo") and shutil.which("docker-registry")):
        print("mirror is not measured: skopeo and docker-registry are not installed")
        return 0
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        source = stack.enter_context(Registry(folder / "source", memory=True))
        names = [f"shop/image-{number}:1" for number in range(arguments.images)]
        for each in names:
            source.push(each, image(each, size=arguments.kib << 10))
        address = source.address
        if arguments.delay:
            address = stack.enter_context(FaultyProxy(source, arguments.delay / 1000)).address
        write_inputs(folder, address, names)
        try:
            samples = measure_all(folder, address, arguments.runs)
        except CommandFailedError as error:
            print(error)
            return 1
    rows = [["command", "wall s", "CPU s", "peak MiB"]]
    for label, (wall, cpu, peak) in samples.items():
        rows.append([label, f"{wall:.2f}", f"{cpu:.2f}", f"{peak / 2**20:.1f}"])
    title = f"{arguments.images} images of {arguments.kib} KiB, {arguments.delay:g} ms an answer"
    print(format_table(Table(title, rows), markdown=arguments.markdown))
    one, four, loop = (samples[n].wall for n in (_mirror(1), _mirror(4), LOOP))
    ratios = [
        ["ratio of wall times", "is", "target", ""],
        [
            "4 workers / 1 worker",
            f"{four / one:.2f}",
            "0.50",
            "met" if four <= one / 2 else "MISSED",
        ],
        ["4 workers / shell loop", f"{four / loop:.2f}", "", ""],
    ]
    print(format_table(Table("Ratios", ratios), markdown=arguments.markdown))
    return 0


def _mirror(workers: int) -> str:
    return MIRROR.format(workers=workers)


def write_inputs(folder: Path, address: str, names: list[str]) -> None:
    """The same images as a manifest and as what skopeo sync reads."""
    containers = [{"image": f"{address}/{name}"} for name in names]
    pod = {"kind": "Pod", "spec": {"containers": containers}}
    (folder / "pods.json").write_text(json.dumps(pod), encoding="utf-8")
    images = {name.partition(":")[0]: ["1"] for name in names}
    listing = {address: {"tls-verify": False, "images": images}}
    (folder / "sync.yaml").write_text(json.dumps(listing), encoding="utf-8")
    (folder / "names").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")


def measure_all(folder: Path, source: str, runs: int) -> dict[str, Sample]:
    """The medians of all commands, each run into a registry of its own."""
    environment = make_environment(folder) | {"PATH": os.environ["PATH"]}
    taken: dict[str, list[Sample]] = {}
    for _ in range(runs):
        for label in (_mirror(1), _mirror(4), _mirror(8), LOOP, SYNC, AGAIN):
            with (
                tempfile.TemporaryDirectory() as place,
                Registry(Path(place), memory=True) as target,
            ):
                words = make_words(label, folder, source, target.address)
                command = Command(label, words, environment, folder)
                if label == AGAIN:
                    measure(command, folder / "output")
                taken.setdefault(label, []).append(measure(command, folder / "output"))
    return {label: find_median(samples) for label, samples in taken.items()}


def make_words(label: str, folder: Path, source: str, target: str) -> tuple[str, ...]:
    """The command line of one contestant."""
    if label == LOOP:
        copy = "skopeo copy --all --preserve-digests --src-tls-verify=false --dest-tls-verify=false"
        loop = f"while read -r n; do {copy} docker://{source}/$n docker://{target}/$n; done <names"
        return ("/bin/sh", "-ec", loop)
    if label == SYNC:
        flags = ("--all", "--dest-tls-verify=false", "--src=yaml", "--dest=docker")
        words = ("skopeo", "sync", *flags, "sync.yaml", f"{target}/m")
        return ("/bin/sh", "-c", '"$@" && echo done', "sh", *words)
    workers = "4" if label == AGAIN else label.rpartition(" ")[2]
    return (
        *(sys.executable, "-m", "helm_compat", "mirror", "pods.json", f"--registry={target}"),
        *(f"--http-registry={address}" for address in (source, target)),
        f"--workers={workers}",
    )


if __name__ == "__main__":
    sys.exit(main())
