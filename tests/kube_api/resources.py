"""The resources that the server knows: those built in, and those that stored CRDs define."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .objects import Object, look

VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")

# What a fieldSelector may name besides `metadata.name` and `metadata.namespace`.
_FIELDS = {
    "pods": "spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName "
    "status.phase status.podIP",
    "secrets": "type",
    "namespaces": "status.phase",
    "events": "involvedObject.kind involvedObject.name involvedObject.namespace "
    "involvedObject.uid reason type",
    "replicasets": "status.replicas",
    "jobs": "status.successful",
}


@dataclass(frozen=True)
class Resource:
    """One resource in one version, as discovery tells of it."""

    group: str
    version: str
    plural: str
    kind: str
    singular: str
    namespaced: bool
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    status: bool = False  # has the subresource /status
    generation: bool = False  # counts changes of what is wanted in metadata.generation
    custom: bool = False
    columns: tuple[Object, ...] = ()  # a CRD's additionalPrinterColumns
    fields: tuple[str, ...] = ()  # further fields that a fieldSelector may name
    verbs: tuple[str, ...] = VERBS

    @property
    def api_version(self) -> str:
        """What its objects have as `apiVersion`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def dotted(self) -> str:
        """Its name in messages, for example `pods` or `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def family(self) -> tuple[str, str]:
        """Group and plural: the same for all versions."""
        return self.group, self.plural


def _built_in(
    api_version: str,
    kind: str,
    *,
    short: str = "",
    cluster: bool = False,
    flags: str = "",
    plural: str = "",
) -> Resource:
    group, _, version = api_version.rpartition("/")
    plural = plural or kind.lower() + "s"
    return Resource(
        group,
        version,
        plural,
        kind,
        kind.lower(),
        not cluster,
        short_names=tuple(short.split()),
        categories=("all",) if "all" in flags else (),
        status="status" in flags,
        generation="generation" in flags,
        fields=tuple(_FIELDS.get(plural, "").split()),
    )


_WORKLOAD = "all status generation"
_RBAC = "rbac.authorization.k8s.io/v1"
_ADMISSION = "admissionregistration.k8s.io/v1"

CRD = _built_in(
    "apiextensions.k8s.io/v1",
    "CustomResourceDefinition",
    short="crd crds",
    cluster=True,
    flags="status generation",
)
NAMESPACE = _built_in("v1", "Namespace", short="ns", cluster=True, flags="status")
ACCESS_REVIEW = Resource(
    "authorization.k8s.io",
    "v1",
    "selfsubjectaccessreviews",
    "SelfSubjectAccessReview",
    "selfsubjectaccessreview",
    namespaced=False,
    verbs=("create",),
)

BUILT_IN = (
    NAMESPACE,
    _built_in("v1", "Pod", short="po", flags="all status"),
    _built_in("v1", "Service", short="svc", flags="all status"),
    _built_in("v1", "ServiceAccount", short="sa"),
    _built_in("v1", "ConfigMap", short="cm"),
    _built_in("v1", "Secret"),
    _built_in("v1", "PersistentVolumeClaim", short="pvc", flags="status"),
    _built_in("v1", "Event", short="ev"),
    _built_in("v1", "Node", short="no", cluster=True, flags="status"),
    _built_in("apps/v1", "Deployment", short="deploy", flags=_WORKLOAD),
    _built_in("apps/v1", "ReplicaSet", short="rs", flags=_WORKLOAD),
    _built_in("apps/v1", "StatefulSet", short="sts", flags=_WORKLOAD),
    _built_in("apps/v1", "DaemonSet", short="ds", flags=_WORKLOAD),
    _built_in("batch/v1", "Job", flags=_WORKLOAD),
    _built_in("batch/v1", "CronJob", short="cj", flags=_WORKLOAD),
    _built_in(_RBAC, "Role"),
    _built_in(_RBAC, "RoleBinding"),
    _built_in(_RBAC, "ClusterRole", cluster=True),
    _built_in(_RBAC, "ClusterRoleBinding", cluster=True),
    CRD,
    _built_in(_ADMISSION, "ValidatingWebhookConfiguration", cluster=True, flags="generation"),
    _built_in(_ADMISSION, "MutatingWebhookConfiguration", cluster=True, flags="generation"),
    _built_in("policy/v1", "PodDisruptionBudget", short="pdb", flags="status generation"),
    _built_in(
        "networking.k8s.io/v1",
        "Ingress",
        short="ing",
        plural="ingresses",
        flags="status generation",
    ),
    _built_in(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        short="netpol",
        plural="networkpolicies",
        flags="generation",
    ),
    _built_in("coordination.k8s.io/v1", "Lease"),
    ACCESS_REVIEW,
)


def custom_resources(crd: Object) -> list[Resource]:
    """The resources of a CRD, one for each served version."""
    spec = crd["spec"]
    names = spec["names"]
    return [
        Resource(
            spec["group"],
            version["name"],
            names["plural"],
            names["kind"],
            names.get("singular") or names["kind"].lower(),
            spec.get("scope") != "Cluster",
            short_names=tuple(names.get("shortNames") or ()),
            categories=tuple(names.get("categories") or ()),
            status=look(version, "subresources.status") is not None,
            generation=True,
            custom=True,
            columns=tuple(version.get("additionalPrinterColumns") or ()),
            fields=tuple(
                field["jsonPath"].lstrip(".") for field in version.get("selectableFields") or ()
            ),
        )
        for version in spec["versions"]
        if version.get("served", True)
    ]


def storage_version(crd: Object) -> str:
    """The version in which a CRD's objects are stored; raises ValueError where it names none."""
    for version in crd["spec"]["versions"]:
        if version.get("storage"):
            return str(version["name"])
    raise ValueError("spec.versions: no version is the storage version")


def by_priority(versions: Iterable[str]) -> list[str]:
    """Versions as Kubernetes orders them: v2, v1, v2beta1, v1beta2, v1alpha1, then others."""
    return sorted(versions, key=_priority)


def _priority(version: str) -> tuple[int, int, int, str]:
    match = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
    if match is None:
        return 3, 0, 0, version
    major, stage, minor = match.groups()
    return ("", "beta", "alpha").index(stage or ""), -int(major), -int(minor or 0), version
