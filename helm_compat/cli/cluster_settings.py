"""The cluster that a command reads: which one, by whose settings, and what was found there."""

from __future__ import annotations

import os

from helm_compat.cli.installed_settings import Layer
from helm_compat.cli.options import CURRENT
from helm_compat.errors import CompatError, UsageError
from helm_compat.gate.crds import Annotation, Crd
from helm_compat.gate.installed import PLATFORM, read_installed
from helm_compat.gate.known import EVERY_PLATFORM, Gap, Surroundings, annotations_of
from helm_compat.inventory.components import installed, take_inventory
from helm_compat.inventory.snapshot import Snapshot
from helm_compat.sources.cluster import Scope, read_cluster
from helm_compat.sources.kube_api import Api
from helm_compat.sources.kubectl import (
    Connection,
    current_context,
    from_helm,
    kubectl_program,
    proxy,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from helm_compat.images.found import Scope as ImageScope
    from helm_compat.knowledge.compatibility import Products
    from helm_compat.knowledge.detections import Detections


def connection(values: Mapping[str, object], environment: Mapping[str, str]) -> Connection:
    """How to reach the cluster; raises UsageError.

    Its context has to be given: Helm's `--kube-context` reaches no post-renderer, so that any
    other may be that of another cluster than Helm's.
    """
    context = _text(values, "kube-context")
    if not context:
        raise UsageError(
            "which cluster to read is not known: Helm tells its context to no post-renderer",
            hint="Say it once more: --kube-context NAME, or kube-context in .helm-compat.yaml;"
            f" {CURRENT} is the current one of kubectl.",
        )
    kubeconfig = _text(values, "kubeconfig")
    if kubeconfig and not os.path.exists(kubeconfig):
        # kubectl would go to localhost without a word.
        raise UsageError(f"--kubeconfig {kubeconfig}: there is no such file")
    return from_helm(environment)._replace(
        context="" if context == CURRENT else context,
        kubeconfig=kubeconfig,
        time_limit=_seconds(_text(values, "cluster-timeout") or "30"),
    )


def cluster_layer(
    asked: str,
    values: Mapping[str, object],
    marks: Detections,
    products: Products,
    images: ImageScope,
) -> Layer:
    """What the cluster says is installed.

    `asked` is `required`, which raises CheckNotMade and UsageError, or `auto`: then a cluster that
    cannot be read is a gap.
    """
    try:
        reached = connection(values, os.environ)
        snapshot = read_snapshot(reached, os.environ, marks, releases=False)
    except CompatError as error:
        if asked == "required":
            raise
        gap = Gap("the cluster", error.message, frozenset({EVERY_PLATFORM}))
        return Layer((), Surroundings("cluster: auto", gaps=(gap,)))
    found = take_inventory(snapshot, marks, products, images)
    source = f"cluster {found.cluster}" if found.cluster else "the cluster"
    instances = list(installed(found, products))
    if found.kubernetes:
        entry = read_installed(PLATFORM, found.kubernetes, source, products, strict=False)
        instances += [i._replace(origin=source, live=True) for i in entry]
    definitions = tuple(
        Crd(
            d.name,
            0,
            (),
            {key: Annotation(value, 0, ()) for key, value in d.annotations},
            d.served,
            stored=d.stored,
        )
        for d in found.definitions
    )
    seen = annotations_of(definitions, marks.annotations, products, source)
    return Layer(instances, Surroundings(source, True, definitions, found.gaps, seen))


def read_snapshot(
    reached: Connection,
    environment: Mapping[str, str],
    marks: Detections,
    *,
    namespaces: tuple[str, ...] = (),
    releases: bool = True,
) -> Snapshot:
    """Read the cluster through the user's kubectl; raises CheckNotMade."""
    program = kubectl_program(environment)
    driver = environment.get("HELM_DRIVER", "").lower()
    store = {"": "secrets", "secret": "secrets", "secrets": "secrets"}.get(driver, "")
    store = "configmaps" if driver in ("configmap", "configmaps") else store
    with proxy(program, reached, environment) as path:
        name = current_context(program, reached, environment)
        api = Api(path, reached.time_limit, name)
        try:
            return read_cluster(api, name, marks, Scope(namespaces, releases, store))
        finally:
            api.close()


def _text(values: Mapping[str, object], key: str) -> str:
    value = values.get(key, "")
    return value if isinstance(value, str) else ""


def _seconds(text: str) -> float:
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise UsageError(f"--cluster-timeout wants a number of seconds, not {text!r}")
    return float(text)
