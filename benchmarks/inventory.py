"""Measure `helm-compat inventory` of a cluster with 5,000 pods beside kubectl alone.

    python benchmarks/inventory.py [--pods N] [--runs N]

The cluster is the API server of the tests, on loopback, in a process of its own, with all four
families and two Aerospike clusters: once with N foreign pods in the same namespaces, once with N
pods of the two clusters. All commands run in turn, after one run of each that does not count. The
CPU time is of the command and all that it starts: with us that is kubectl too. Exits with 1 when a
command failed; a missed target is only shown.
"""

# ruff: noqa: T201, E402 (a benchmark talks to a person, and needs the tests on its path)

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from contestants import ROOT, make_environment
from measure import Command, CommandFailedError, Sample, measure, measure_in_turn
from tables import Table, format_table

from helm_compat.knowledge.builtin import compile_products

TESTS = ROOT / "tests"
sys.path.insert(0, str(TESTS))

import fleet
from kube_api import KubeApi

KUBECTL = ROOT / ".cache" / "tools" / "helm4" / "kubectl"
TARGET = 2.0

INVENTORY = "helm-compat inventory"
STATUS = "helm-compat status"
RENDER = "helm-compat render --cluster"
ALONE = "helm-compat render"
PODS = "kubectl get pods -A -o json"
EACH = "kubectl get -A -o json, one kind after the other"
KINDS = (
    *("deployments", "statefulsets", "pods", "configmaps", "customresourcedefinitions"),
    *("aerospikeclusters", "aerospikebackupservices", "objectstores", "aistores"),
)
# One program for all of kubectl's runs, so that no shell is measured.
ONE_BY_ONE = """
import subprocess, sys
for kind in sys.argv[2:]:
    done = subprocess.run([sys.argv[1], "get", kind, "-A", "-o", "json"], stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(done.returncode)
    sys.stdout.buffer.write(done.stdout)
"""


def main() -> int:
    """Measure and print; 1 when a command failed."""
    parser = argparse.ArgumentParser(description="Measure helm-compat inventory.")
    parser.add_argument("--pods", type=int, default=5000, help="how many pods (default: 5000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each command (default: 3)")
    parser.add_argument("--markdown", action="store_true", help="print the tables in Markdown")
    parser.add_argument("--serve", nargs=2, metavar=("KIND", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        return serve(arguments.serve[0], Path(arguments.serve[1]), arguments.pods)
    compile_products()
    for kind, title in (("foreign", "of nobody"), ("own", "of the Aerospike clusters")):
        with tempfile.TemporaryDirectory() as name:
            try:
                samples = measure_cluster(Path(name), kind, arguments.pods, arguments.runs)
            except CommandFailedError as error:
                print(error)
                return 1
        rows = [["command", "wall s", "CPU s", "peak MiB"]]
        for label, (wall, cpu, peak) in samples.items():
            rows.append([label, f"{wall:.2f}", f"{cpu:.2f}", f"{peak / 2**20:.1f}"])
        table = Table(f"{arguments.pods:,} pods {title}", rows)
        print(format_table(table, markdown=arguments.markdown))
        print(format_table(judge(samples), markdown=arguments.markdown))
    return 0


def serve(kind: str, config: Path, pods: int) -> int:
    """Serve a cluster until standard input ends; a line on standard output says that it is there."""
    with KubeApi("token") as api:
        fleet.add_definitions(api)
        fleet.add_aerospike(api, size=pods // 2 if kind == "own" else 3)
        fleet.add_aistor(api)
        fleet.add_aistore(api)
        fleet.add_airunway(api)
        fleet.add_others(api)
        api.settle()
        if kind == "foreign":
            api.add(*(foreign(number) for number in range(pods)))
        api.add(*(as_large_as_real(item) for item in api.objects("Pod")))
        api.kubeconfig(config)
        print("ready", flush=True)
        sys.stdin.read()
    return 0


def foreign(number: int) -> fleet.Object:
    """A pod of somebody else, beside the components."""
    namespace = ("prod", "legacy", "operators", "tenant", "ais")[number % 5]
    name = f"worker-{number:05}"
    return fleet.pod(namespace, name, f"registry.example.com/team/worker:{number % 7}")


def as_large_as_real(item: fleet.Object) -> fleet.Object:
    """A pod with the size of those that real clusters hold, about 6 KB of JSON."""
    fields: fleet.Object = {f"f:field-{n}": {"f:value": {}, ".": {}} for n in range(140)}
    managed = {"manager": "kubelet", "operation": "Update", "fieldsV1": {"f:status": fields}}
    return {**item, "metadata": {**item["metadata"], "managedFields": [managed]}}


def measure_cluster(folder: Path, kind: str, pods: int, runs: int) -> dict[str, Sample]:
    """Measure all commands against one cluster. Raises CommandFailedError."""
    config = folder / "config"
    words = [sys.executable, __file__, "--serve", kind, str(config), "--pods", str(pods)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout
        server.stdout.readline()
        commands = list_commands(folder, config)
        for command in commands:
            measure(command, folder / "output")
        return measure_in_turn(commands, folder / "output", runs)


def list_commands(folder: Path, config: Path) -> list[Command]:
    """Ours, then kubectl alone."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "kubectl").symlink_to(KUBECTL)
    environment = make_environment(folder / "home")
    path = f"{programs}:{environment['PATH']}"
    environment |= {"KUBECONFIG": str(config), "PATH": path}
    ours = (sys.executable, "-m", "helm_compat")
    image = f"{fleet.AEROSPIKE}:8.1.2.0"
    manifest = folder / "orders.json"
    manifest.write_text(
        json.dumps(fleet.resource("AerospikeCluster", "prod", "orders", image=image)),
        encoding="utf-8",
    )
    render = (*ours, "render")
    cluster = ("--cluster", "--kube-context=prod")
    each = (sys.executable, "-c", ONE_BY_ONE, f"{KUBECTL}", *KINDS)
    return [
        Command(INVENTORY, (*ours, "inventory"), environment, folder),
        Command(STATUS, (*ours, "status"), environment, folder),
        Command(RENDER, (*render, *cluster), environment, folder, manifest),
        Command(ALONE, render, environment, folder, manifest),
        Command(PODS, (f"{KUBECTL}", "get", "pods", "-A", "-o", "json"), environment, folder),
        Command(EACH, each, environment, folder),
    ]


def judge(samples: dict[str, Sample]) -> Table:
    """Our own time against its target, and beside that of kubectl."""
    ours = samples[INVENTORY]
    rows = [["", "is", "target", ""]]
    for label, seconds in (("inventory, CPU s", ours.cpu), ("inventory, wall s", ours.wall)):
        reached = "reached" if seconds < TARGET else "missed"
        rows.append([label, f"{seconds:.2f}", f"< {TARGET}", reached])
    for name in (PODS, EACH):
        rows.append([f"inventory / {name}", f"{ours.wall / samples[name].wall:.2f}", "", ""])
    more = samples[RENDER].wall - samples[ALONE].wall
    rows.append(["render: the cluster adds, wall s", f"{more:.2f}", "", ""])
    return Table("Targets", rows)


if __name__ == "__main__":
    sys.exit(main())
