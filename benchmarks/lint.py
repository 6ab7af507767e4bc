"""Measure `helm-compat lint` over a folder of charts beside `helm template` alone.

    python benchmarks/lint.py [--charts N] [--runs N]

The charts are copies of those in testdata, under names of their own. All commands run in turn,
after one run of each that does not count. Exits with 1 when a command failed; a missed target is
only shown.
"""

# ruff: noqa: T201 (a benchmark talks to a person)

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from contestants import ROOT, make_environment
from measure import Command, CommandFailedError, measure, measure_in_turn
from tables import Table, format_table

from helm_compat.knowledge.builtin import compile_products

CHARTS = ROOT / "testdata" / "charts"
HELM = ROOT / ".cache" / "tools" / "helm4" / "helm"
TEMPLATE = "helm template, one chart after the other"
ONE = "helm-compat lint --jobs 1"
ALL = "helm-compat lint --jobs {jobs}"
NAME = re.compile("^name: .*$", re.MULTILINE)

# One program for all of helm's runs, so that starting a shell is not measured a hundred times.
EACH = """
import subprocess, sys
for chart in sys.argv[2:]:
    done = subprocess.run([sys.argv[1], "template", "demo", chart], stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(done.returncode)
    sys.stdout.buffer.write(done.stdout)
"""


def main() -> int:
    """Measure and print; 1 when a command failed."""
    parser = argparse.ArgumentParser(description="Measure helm-compat lint.")
    parser.add_argument("--charts", type=int, default=100, help="how many charts (default: 100)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each command (default: 3)")
    parser.add_argument("--markdown", action="store_true", help="print the table in Markdown")
    arguments = parser.parse_args()
    compile_products()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        charts = make_charts(folder / "charts", arguments.charts)
        commands = list_commands(folder, charts)
        try:
            for command in commands:
                measure(command, folder / "output")
            samples = measure_in_turn(commands, folder / "output", arguments.runs)
        except CommandFailedError as error:
            print(error)
            return 1
    rows = [["command", "wall s", "CPU s", "peak MiB"]]
    for label, (wall, cpu, peak) in samples.items():
        rows.append([label, f"{wall:.2f}", f"{cpu:.2f}", f"{peak / 2**20:.1f}"])
    print(format_table(Table(f"{arguments.charts} charts", rows), markdown=arguments.markdown))
    template, one, every = (sample.wall for sample in samples.values())
    ratios = [
        ["ratio of wall times", "is", "target", ""],
        ["all cores / one core", *judge(every / one, 0.6)],
        ["all cores / helm template", *judge(every / template, 1.5)],
        ["one core / helm template", f"{one / template:.2f}", "", ""],
    ]
    print(format_table(Table("Ratios", ratios), markdown=arguments.markdown))
    return 0


def make_charts(folder: Path, count: int) -> list[Path]:
    """Copy the charts of testdata in turn until there are so many, each with its own name."""
    sources = sorted(path.parent for path in CHARTS.glob("*/Chart.yaml"))
    charts = []
    for number in range(count):
        source = sources[number % len(sources)]
        chart = folder / f"{source.name}-{number:03}"
        shutil.copytree(source, chart)
        file = chart / "Chart.yaml"
        text = NAME.sub(f"name: {chart.name}", file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
        charts.append(chart)
    return charts


def list_commands(folder: Path, charts: list[Path]) -> list[Command]:
    """helm alone, then lint on one core and on all."""
    environment = {**make_environment(folder / "home"), "HELM_BIN": f"{HELM}"}
    lint = (
        sys.executable,
        "-m",
        "helm_compat",
        "lint",
        "--fail-on",
        "never",
        f"{folder / 'charts'}",
    )
    jobs = os.cpu_count() or 1
    each = (sys.executable, "-c", EACH, f"{HELM}", *map(str, charts))
    return [
        Command(TEMPLATE, each, environment, folder),
        Command(ONE, (*lint, "--jobs", "1"), environment, folder),
        Command(ALL.format(jobs=jobs), (*lint, "--jobs", f"{jobs}"), environment, folder),
    ]


def judge(ratio: float, target: float) -> list[str]:
    """Three cells: the ratio, its target, and whether it is reached."""
    return [f"{ratio:.2f}", f"<= {target}", "reached" if ratio <= target else "missed"]


if __name__ == "__main__":
    sys.exit(main())
