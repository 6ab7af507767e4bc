"""Measure `helm-compat render` beside kustomize, a ruamel.yaml round trip and Helm itself.

    python benchmarks/render.py [FILE…]

Each file is measured as it is and repeated ten times: all commands in turn, after one run of each
that does not count. The round trip is slow: one run, of the file as it is. Without a file a sample
is made. Exits with 1 when a command failed; a missed target is only shown.
"""

# ruff: noqa: T201 (a benchmark talks to a person)

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import contestants as names
from contestants import (
    ROOT,
    Tools,
    find_images,
    list_commands,
    make_environment,
    make_plugins,
    make_round_trip,
)
from measure import Command, CommandFailedError, Sample, measure, measure_in_turn
from sample import write_sample
from tables import Table, format_table

from helm_compat.knowledge.builtin import compile_products

TOOLS = ROOT / ".cache" / "tools"
TIMES = 10
GATE_MS = 15
OBJECT_NAME = re.compile(rb"^(metadata:\r?\n(?:  .*\n)*?  name: )([\"']?)([^\"'\s]+)", re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """What one input gave, by command: medians, lines that name the new registry, failures."""

    title: str
    samples: dict[str, Sample]
    moved: dict[str, int]
    failures: dict[str, str]


@dataclass(frozen=True)
class Ratio:
    """One measure of two commands compared; the target is the most it may be."""

    field: str
    ours: str
    other: str
    target: float | None = None


ONCE = (
    Ratio("wall", names.RENDER, names.KUSTOMIZE, 0.35),
    Ratio("peak", names.RENDER, names.KUSTOMIZE, 0.5),
    Ratio("wall", names.RENDER, names.RUAMEL),
    Ratio("wall", names.HELM4_OURS, names.HELM4_CAT, 1.5),
    Ratio("wall", names.HELM3_OURS, names.HELM3_CAT),
)
REPEATED = (
    Ratio("wall", names.RENDER, names.KUSTOMIZE, 0.15),
    Ratio("peak", names.RENDER, names.KUSTOMIZE),
    Ratio("wall", names.HELM4_OURS, names.HELM4_CAT),
    Ratio("wall", names.HELM3_OURS, names.HELM3_CAT),
)
FIELDS = {"wall": "wall time", "peak": "peak memory"}


def main() -> int:
    """Measure and print; 1 when a command failed."""
    arguments = parse_arguments()
    # A checkout whose product files were changed reads them as YAML; a package never does.
    compile_products()
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tools = make_tools(arguments, folder)
        print(describe_machine(arguments.runs))
        for file in arguments.files or [make_sample(folder, tools)]:
            once = bench(file, file.name, tools, folder, runs=arguments.runs, round_trip=True)
            repeated = repeat(file, folder / "repeated.yaml")
            title = f"{file.name}, {TIMES} times"
            many = bench(repeated, title, tools, folder, runs=arguments.runs, round_trip=False)
            for table in (tabulate(once), tabulate(many), compare(once, many)):
                print(format_table(table, markdown=arguments.markdown))
            failed |= print_failures(once) | print_failures(many)
        print(describe_floor(tools, folder))
    return int(failed)


def parse_arguments() -> argparse.Namespace:
    """Read the command line and check that every file and program is there."""
    parser = argparse.ArgumentParser(description="Measure helm-compat render.")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="rendered manifests")
    parser.add_argument("--runs", type=int, default=7, help="runs of each command (default: 7)")
    parser.add_argument("--markdown", action="store_true", help="print tables in Markdown")
    parser.add_argument("--helm3", type=Path, default=TOOLS / "helm3" / "helm")
    parser.add_argument("--helm4", type=Path, default=TOOLS / "helm4" / "helm")
    parser.add_argument("--kubectl", type=Path, default=TOOLS / "helm4" / "kubectl")
    arguments = parser.parse_args()
    if arguments.runs < 1:
        parser.error("--runs must be at least 1")
    for path in (*arguments.files, arguments.helm3, arguments.helm4, arguments.kubectl):
        if not path.is_file():
            parser.error(f"{path} is missing")
    return arguments


def make_tools(arguments: argparse.Namespace, folder: Path) -> Tools:
    """Take the programs of the command line and make an environment for them."""
    return Tools(
        helm3=arguments.helm3.resolve(),
        helm4=arguments.helm4.resolve(),
        kubectl=arguments.kubectl.resolve(),
        environment=make_environment(folder / "home"),
        plugins=make_plugins(folder / "home"),
    )


def make_sample(folder: Path, tools: Tools) -> Path:
    """Make the file that stands in when the user names none."""
    path = folder / "sample.yaml"
    write_sample(path, tools.helm4, tools.environment)
    return path


def repeat(file: Path, target: Path) -> Path:
    """Write a stream several times, with distinct object names because kustomize needs them."""
    data = file.read_bytes()
    end = b"" if data.endswith(b"\n") else b"\n"
    with target.open("wb") as stream:
        for number in range(TIMES):
            stream.write(OBJECT_NAME.sub(rb"\g<1>\g<2>\g<3>-%d" % number, data) + end + b"---\n")
    return target


def bench(
    file: Path, title: str, tools: Tools, parent: Path, *, runs: int, round_trip: bool
) -> Result:
    """Measure every command on one input, in a new folder."""
    print(f"measuring {title} …", file=sys.stderr)
    folder = Path(tempfile.mkdtemp(dir=parent))
    source = folder / "input.yaml"
    shutil.copyfile(file, source)
    try:
        images = find_images(source, tools, folder)
    except CommandFailedError as error:
        return Result(title, {}, {}, {names.RENDER: str(error)})
    commands = list_commands(source, images, tools, folder)
    round_trips = [make_round_trip(source, tools, folder)] if round_trip else []
    first, moved, failures = try_out([*commands, *round_trips], folder / "output.yaml")
    working = [command for command in commands if command.name in first]
    samples = first | measure_in_turn(working, folder / "output.yaml", runs)
    title = f"{title}: {source.stat().st_size / 1024:.0f} KiB, images: {len(images)}"
    return Result(title, samples, moved, failures)


def try_out(
    commands: list[Command], output: Path
) -> tuple[dict[str, Sample], dict[str, int], dict[str, str]]:
    """Run each command once: samples, lines that name the new registry, failures; by name."""
    samples, moved, failures = {}, {}, {}
    for command in commands:
        try:
            samples[command.name] = measure(command, output)
        except CommandFailedError as error:
            failures[command.name] = str(error)
            continue
        with output.open("rb") as lines:
            moved[command.name] = sum(names.REGISTRY.encode() in line for line in lines)
    return samples, moved, failures


def tabulate(result: Result) -> Table:
    """Show the medians of one input."""
    rows = [["command", "wall ms", "CPU ms", "peak MiB", "images moved"]]
    for name, moved in result.moved.items():
        wall, cpu, peak = result.samples[name]
        rows.append(
            [name, f"{wall * 1e3:.0f}", f"{cpu * 1e3:.0f}", f"{peak / 2**20:.1f}", f"{moved}"]
        )
    rows += [[name, "failed", "", "", ""] for name in result.failures]
    return Table(result.title, rows)


def compare(once: Result, many: Result) -> Table:
    """Show the ratios, with the targets beside them."""
    rows = [["ratio", "is", "target", ""]]
    for result, ratios, prefix in ((once, ONCE, ""), (many, REPEATED, f"{TIMES} times: ")):
        for ratio in ratios:
            label = f"{prefix}{ratio.ours} / {ratio.other}, {FIELDS[ratio.field]}"
            ours, other = result.samples.get(ratio.ours), result.samples.get(ratio.other)
            rows.append([label, *judge(ratio.field, ours, other, ratio.target)])
    for result, prefix in ((once, ""), (many, f"{TIMES} times: ")):
        rows.append(gate_cost(result, prefix))
    label = f"{names.RENDER}, {TIMES} times / once, wall time"
    ours, other = many.samples.get(names.RENDER), once.samples.get(names.RENDER)
    rows.append([label, *judge("wall", ours, other, TIMES)])
    return Table("Ratios", rows)


def judge(field: str, ours: Sample | None, other: Sample | None, target: float | None) -> list[str]:
    """Return three cells: the ratio of one measure, its target, and whether it is reached."""
    goal = "" if target is None else f"<= {target}"
    if not ours or not other:
        return ["?", goal, "not measured"]
    ratio: float = getattr(ours, field) / getattr(other, field)
    verdict = "" if target is None else "reached" if ratio <= target else "missed"
    return [f"{ratio:.2f}", goal, verdict]


def gate_cost(result: Result, prefix: str) -> list[str]:
    """Return a row with the milliseconds that the gate adds to a render."""
    label = f"{prefix}{names.RENDER} - {names.UNGATED}, wall ms"
    target = "" if prefix else f"<= {GATE_MS}"
    gated, ungated = (result.samples.get(name) for name in (names.RENDER, names.UNGATED))
    if not gated or not ungated:
        return [label, "?", target, "not measured"]
    cost = (gated.wall - ungated.wall) * 1e3
    verdict = "" if prefix else "reached" if cost <= GATE_MS else "missed"
    return [label, f"{cost:.1f}", target, verdict]


def print_failures(result: Result) -> bool:
    """Print how what the failed commands said begins and ends; True when there are any."""
    for name, message in result.failures.items():
        lines = message.splitlines()
        said = " … ".join(lines if len(lines) < 2 else (lines[0], lines[-1]))
        print(f"{result.title}: {name} failed: {said}\n")
    return bool(result.failures)


def describe_machine(runs: int) -> str:
    """Say what the numbers depend on."""
    version = ".".join(map(str, sys.version_info[:3]))
    return f"Python {version}, {os.cpu_count()} CPUs, medians of {runs} run(s)\n"


def describe_floor(tools: Tools, folder: Path) -> str:
    """Say what a command that needs no memory shows: on Linux, that of the measuring process."""
    command = Command("echo", ("echo", "nothing"), tools.environment, folder)
    peak = measure(command, folder / "output").peak
    return f"A peak up to {peak / 2**20:.1f} MiB may be that of the measuring process."


if __name__ == "__main__":
    sys.exit(main())
