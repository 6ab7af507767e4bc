"""`helm-compat inventory` and `helm-compat status`: what the cluster has, and what it still has to do."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import click

from helm_compat.cli.cluster_settings import connection, read_snapshot
from helm_compat.cli.glue import TWINS, given_on, json_text, options, write
from helm_compat.cli.options import (
    CONFIG,
    CONNECTION,
    DEBUG,
    ON_UNKNOWN,
    OWN_CLUSTER,
    PRODUCTS,
    RELOCATION,
    Given,
    Option,
    texts,
    with_context_of_helm,
)
from helm_compat.cli.settings import Resolved, resolve_settings, working_folder
from helm_compat.cli.streams import say
from helm_compat.errors import CheckNotMade, UsageError
from helm_compat.gate.installed import read_installed
from helm_compat.inventory.components import Inventory, take_inventory
from helm_compat.inventory.lock import drift, lock_text
from helm_compat.inventory.rollout import judge_rollout
from helm_compat.lock_file import read_lock
from helm_compat.printable import printable
from helm_compat.report.inventory import inventory_data, inventory_table
from helm_compat.report.rollout import rollout_data, rollout_text
from helm_compat.writing import write_whole

if TYPE_CHECKING:
    from helm_compat.gate.judge import Gate
    from helm_compat.inventory.snapshot import Snapshot
    from helm_compat.knowledge.detections import Owner

_AS = Option(
    "--output", "FORMAT", "text (default), json or yaml.", "-o", choices=("text", "json", "yaml")
)
_NAMESPACES = Option(
    "--only-namespace", "NAMESPACE", "Read this namespace only; repeatable.", many=True
)
INVENTORY = (
    _AS._replace(
        help="table (default), wide, json or yaml.", choices=("table", "wide", "json", "yaml")
    ),
    Option("--write", "FILE", "Write it into this lock file, as compat.lock.yaml."),
    Option("--check", "FILE", "Compare the cluster with this lock file; 1 if they differ."),
    _NAMESPACES,
    *CONNECTION,
    ON_UNKNOWN._replace(help="What could not be looked up: error exits with 1."),
    PRODUCTS,
    CONFIG,
    DEBUG,
)
STATUS = (
    _AS,
    Option(
        "--expect",
        "PRODUCT/COMPONENT=VERSION",
        "The version that objects must want; repeatable.",
        many=True,
    ),
    *RELOCATION,
    _NAMESPACES,
    *CONNECTION,
    PRODUCTS,
    CONFIG,
    DEBUG,
)


@click.command(epilog=TWINS)
@options(INVENTORY)
def inventory(**values: Any) -> int:
    """List what is installed in the cluster.

    Components of all known products with their versions: what their objects
    want and what their pods run, and who owns them; the definitions of their
    kinds; Kubernetes itself. It is read through kubectl, and nothing is changed.

    With --write it becomes the lock file by which renders without a cluster
    are judged; with --check that file is compared with the cluster.
    """
    resolved = _resolve(INVENTORY, given_on(values))
    _, found = _read(resolved, releases=True)
    form = resolved.text("output", "table")
    checked, target = resolved.text("check"), resolved.text("write")
    if checked:
        return _check(checked, found)
    if target:
        _write(target, found, _gate(resolved).marks.owners)
    else:
        data = inventory_data(found)
        table = form in ("table", "wide")
        write(inventory_table(found, wide=form == "wide") if table else _serialized(data, form))
    if target or form in ("json", "yaml"):
        say("".join(printable(f"not checked: {gap.what}: {gap.why}\n") for gap in found.gaps))
    return int(bool(found.gaps) and resolved.text("on-unknown") == "error")


@click.command(epilog=TWINS)
@options(STATUS)
def status(**values: Any) -> int:
    """Say what is left to do after an upgrade.

    Which pods have another version than their object wants, do not come up, or,
    with --registry or --map, have an image that is not from the private
    registry; and which objects their operators have not come to yet. Exits with
    1 while anything is left.
    """
    resolved = _resolve(STATUS, given_on(values))
    expected = _expected(resolved)
    snapshot, found = _read(resolved, releases=False)
    rollout = judge_rollout(snapshot, found, resolved.settings.relocation, expected)
    form = resolved.text("output", "text")
    data = rollout_data(rollout, found)
    write(rollout_text(rollout, found) if form == "text" else _serialized(data, form))
    if found.gaps:
        say("".join(printable(f"not checked: {gap.what}: {gap.why}\n") for gap in found.gaps))
        return CheckNotMade.exit_status
    return int(bool(rollout.left))


def _resolve(table: tuple[Option, ...], given: Given) -> Resolved:
    environment = with_context_of_helm(os.environ)
    return resolve_settings(
        table, given, environment, working_folder(), gated=True, defaults=OWN_CLUSTER
    )


def _gate(resolved: Resolved) -> Gate:
    assert resolved.settings.gate, "it was asked for"
    return resolved.settings.gate


def _read(resolved: Resolved, *, releases: bool) -> tuple[Snapshot, Inventory]:
    gate = _gate(resolved)
    reached = connection(resolved.values, os.environ)
    snapshot = read_snapshot(
        reached,
        os.environ,
        gate.marks,
        namespaces=texts(resolved.values, "only-namespace"),
        releases=releases,
    )
    found = take_inventory(snapshot, gate.marks, gate.products, resolved.settings.scope)
    return snapshot, found


def _check(path: str, found: Inventory) -> int:
    """Compare with a lock file; says what differs."""
    lock = read_lock(path)
    if lock.cluster and found.cluster and lock.cluster != found.cluster:
        say(printable(f"{path} was written of cluster {lock.cluster}, this is {found.cluster}\n"))
    lines = drift(lock, found)
    write("".join(printable(f"{line}\n") for line in lines))
    if found.gaps:
        first = found.gaps[0]
        raise CheckNotMade(
            f"the cluster could not be compared with {path}: {first.what}: {first.why}",
            hint=f"{len(found.gaps)} kinds were not checked." if found.gaps[1:] else "",
        )
    where = f"cluster {found.cluster}" if found.cluster else "the cluster"
    if not lines:
        say(printable(f"{where} is as {path} says\n"))
    return int(bool(lines))


def _write(path: str, found: Inventory, owners: set[Owner]) -> None:
    """Write the lock file; one that says the same already stays as it is."""
    before, written = "", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    if os.path.lexists(path):
        # A file that cannot be read is not replaced.
        former = read_lock(path).written
        with open(path, encoding="utf-8", newline="") as file:
            before = file.read()
        if former and lock_text(found, before, written=former, owners=owners, path=path) == before:
            say(printable(f"{path} says so already\n"))
            return
    write_whole(path, lock_text(found, before, written=written, owners=owners, path=path))
    count = len(found.components)
    say(printable(f"{path}: {count} component{'s' * (count != 1)} written\n"))


def _serialized(data: dict[str, Any], form: str) -> str:
    if form == "json":
        return json_text(data)
    import yaml

    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1_000_000)


def _expected(resolved: Resolved) -> dict[tuple[str, str], str]:
    expected = {}
    for text in texts(resolved.values, "expect"):
        name, equals, version = text.partition("=")
        if not equals or not version:
            raise UsageError(f"--expect {text}: wants PRODUCT/COMPONENT=VERSION")
        products = _gate(resolved).products
        for instance in read_installed(name, version, f"--expect {text}", products):
            expected[instance.product, instance.component] = instance.written
    return expected
