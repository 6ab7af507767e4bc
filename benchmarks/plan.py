"""Measure `helm-compat plan`: the worked examples with its start, and large random products.

    python benchmarks/plan.py [--runs N] [--markdown]

The examples are the golden cases in testdata/plan. A random product has 6 components of 200
releases each; every row of its matrix has random ranges for all others. Exits with 1 when a
command failed.
"""

# ruff: noqa: T201 (a benchmark talks to a person)

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from contestants import ROOT, make_environment
from measure import Command, CommandFailedError, measure
from tables import Table, format_table

from helm_compat.knowledge.builtin import compile_products
from helm_compat.knowledge.compatibility import build_product
from helm_compat.knowledge.planning import build_planning
from helm_compat.planner.plan import make_plan
from helm_compat.planner.problem import build_problem
from helm_compat.planner.wishes import Said, Wishes

CASES = (
    "aerospike-3.4-to-4.4",
    "aerospike-2.5-to-4.1",
    "ais-1.4-to-3.4",
    "ais-2.2-to-2.8",
    "aerospike-incremental-backups",
    "airunway-unknown",
    "aistor",
    "kubernetes-in-the-way",
)
NAMES = ("operator", "part-a", "part-b", "part-c", "part-d", "part-e")
SIZE = 200


def main() -> int:
    """Measure and print; 1 when something failed."""
    parser = argparse.ArgumentParser(description="Measure helm-compat plan.")
    parser.add_argument("--runs", type=int, default=9, help="runs of each command (default: 9)")
    parser.add_argument("--markdown", action="store_true", help="print the tables in Markdown")
    arguments = parser.parse_args()
    compile_products()
    try:
        tables = [examples(arguments.runs), synthetic()]
    except CommandFailedError as error:
        print(error, file=sys.stderr)
        return 1
    for table in tables:
        print(format_table(table, markdown=arguments.markdown))
    return 0


def examples(runs: int) -> Table:
    """Each worked example as a command, its start included."""
    rows = [["example", "wall", "CPU", "peak memory"]]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for case in CASES:
            words = (ROOT / "testdata" / "plan" / case / "args").read_text("utf-8").split()
            program = (sys.executable, "-m", "helm_compat", "plan", *words)
            # Where there is no way the status is 1, which a measured command may not have.
            shell = ("sh", "-c", '"$@" || [ $? = 1 ]', "sh", *program)
            command = Command(case, shell, make_environment(folder), folder)
            measure(command, folder / "output")
            samples = [measure(command, folder / "output") for _ in range(runs)]
            wall, cpu, peak = (statistics.median(column) for column in zip(*samples, strict=True))
            memory = f"{peak / 2**20:.0f} MiB"
            rows.append([case, f"{wall * 1000:.0f} ms", f"{cpu * 1000:.0f} ms", memory])
    return Table(f"Worked examples, medians of {runs} runs, with the start of Python", rows)


def synthetic() -> Table:
    """Random products: making the problem, and the plan with its reasons."""
    rows = [["rows", "ranges", "seed", "states", "problem", "plan", "steps"]]
    for lines, kind, seed in (
        *((20, "any", seed) for seed in range(3)),
        *((200, "any", seed) for seed in range(3)),
        *((20, "near", seed) for seed in range(3)),
        *((40, "near", seed) for seed in range(3)),
    ):
        data = random_product(seed, lines, kind)
        began = time.perf_counter()
        product = build_product(data)
        start, goal = (tuple(Said(name, version(n), name) for name in NAMES) for n in (0, SIZE - 1))
        problem = build_problem(product, build_planning(data, product), Wishes(start, goal))
        built = time.perf_counter()
        plan = make_plan(problem)
        ended = time.perf_counter()
        states = 1
        for variable in problem.variables:
            states *= len(variable.values)
        rows.append(
            [
                str(lines),
                kind,
                str(seed),
                f"{states:.0e}",
                f"{built - began:.2f} s",
                f"{ended - built:.2f} s",
                "no way" if plan.blocked else str(len(plan.moves)),
            ]
        )
    return Table(f"{len(NAMES)} components of {SIZE} releases, random ranges", rows)


def version(number: int) -> str:
    """A release by its number."""
    return f"{number // 20 + 1}.{number % 20}.0"


def random_product(seed: int, lines: int, kind: str) -> dict[str, Any]:
    """The data of a product; a row is for as many releases as lines let it.

    The ranges of a row are `any` or lie `near` the row's own releases.
    """
    chance = random.Random(seed)
    components = {
        name: {
            "title": name,
            "role": "operator" if name == NAMES[0] else "operand",
            "scheme": "semver",
            "releases": [version(n) for n in range(SIZE)],
        }
        for name in NAMES
    }
    width = SIZE // lines
    rows = []
    for line in range(lines):
        first, last = line * width, (line + 1) * width - 1
        row = {NAMES[0]: f">={version(first)} <={version(last)}", "source": "page"}
        for name in NAMES[1:]:
            low, high = sorted((chance.randrange(SIZE), chance.randrange(SIZE)))
            if kind == "near":
                low = max(0, first - chance.randint(0, 30))
                high = min(SIZE - 1, last + chance.randint(0, 30))
            low, high = (0 if not line else low), (SIZE - 1 if line == lines - 1 else high)
            row[name] = f">={version(low)} <={version(high)}"
        rows.append(row)
    return {
        "product": "synthetic",
        "title": "Synthetic",
        "sources": {"page": {"url": "https://example.com", "read": "2026-11-21"}},
        "components": components,
        "matrices": [{"id": "rows", "of": NAMES[0], "rows": rows}],
    }


if __name__ == "__main__":
    sys.exit(main())
