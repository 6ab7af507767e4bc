"""Clusters for tests: objects of all four families as their operators and Helm leave them."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kube_api import KubeApi

Object = dict[str, Any]

AKO = "docker.io/aerospike/aerospike-kubernetes-operator"
AEROSPIKE = "aerospike/aerospike-server-enterprise"
BACKUP = "aerospike/aerospike-backup-service"
AISTOR = "quay.io/minio/aistor"
RELEASE = "RELEASE.2026-03-12T15-15-27Z"
AISTORE = "docker.io/aistorage"
REGISTRY = "registry.example.com:5000/mirror"

GROUPS = {
    "AerospikeCluster": "asdb.aerospike.com",
    "AerospikeBackupService": "asdb.aerospike.com",
    "ObjectStore": "aistor.min.io",
    "AIStore": "ais.nvidia.com",
    "Workspace": "kaito.sh",
    "Certificate": "cert-manager.io",
}


# --- Objects ---


def definition(
    plural: str,
    kind: str,
    *versions: str,
    stored: Sequence[str] = (),
    retired: Sequence[str] = (),
    annotations: Mapping[str, str] | None = None,
) -> Object:
    """A CustomResourceDefinition that stores the first of its versions; `retired` are not served.

    `stored` are the versions in which objects may be, the first one where nothing is said.
    """
    group = GROUPS[kind]
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}", "annotations": dict(annotations or {})},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind, "singular": kind.lower()},
            "versions": [
                {
                    "name": version,
                    "served": version not in retired,
                    "storage": version == versions[0],
                    "schema": schema,
                    "subresources": {"status": {}},
                }
                for version in versions
            ],
        },
        "status": {"storedVersions": list(stored or versions[:1])},
    }


def resource(kind: str, namespace: str, name: str, version: str = "v1", **spec: Any) -> Object:
    """A custom resource."""
    return {
        "apiVersion": f"{GROUPS[kind]}/{version}",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "generation": 1},
        "spec": spec,
    }


def deployment(
    namespace: str,
    name: str,
    image: str,
    *,
    variables: Mapping[str, str] | None = None,
    replicas: int | None = 1,
    labels: Mapping[str, str] | None = None,
) -> Object:
    """A Deployment of one container."""
    env = [{"name": key, "value": value} for key, value in (variables or {}).items()]
    pod = {"containers": [{"name": "manager", "image": image, "env": env}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": dict(labels or {})},
        "spec": {
            **({} if replicas is None else {"replicas": replicas}),
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
        },
    }


def set_of(owner: Object, name: str, *, replicas: int = 3, init: str = "", **images: str) -> Object:
    """A StatefulSet, as an operator makes one for a custom resource; the server knows the owner.

    `images` are by the names of their containers, with _ for the hyphens.
    """
    named = {container.replace("_", "-"): image for container, image in images.items()}
    pod: Object = {"containers": [{"name": c, "image": image} for c, image in named.items()]}
    if init:
        pod["initContainers"] = [{"name": "init", "image": init}]
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {
            "name": name,
            "namespace": owner["metadata"]["namespace"],
            "ownerReferences": [reference_to(owner)],
        },
        "spec": {
            "replicas": replicas,
            "serviceName": name,
            "selector": {"matchLabels": {"set": name}},
            "template": {"metadata": {"labels": {"set": name}}, "spec": pod},
        },
    }


def owned_deployment(owner: Object, name: str, image: str) -> Object:
    """A Deployment that an operator makes for a custom resource."""
    made = deployment(owner["metadata"]["namespace"], name, image)
    made["metadata"]["ownerReferences"] = [reference_to(owner)]
    return made


def pod(namespace: str, name: str, image: str, **metadata: Any) -> Object:
    """A pod that runs, of nobody unless `metadata` names an owner."""
    status = {"name": "main", "image": image, "imageID": "", "ready": True, "state": {}}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, **metadata},
        "spec": {"containers": [{"name": "main", "image": image}]},
        "status": {"phase": "Running", "containerStatuses": [status]},
    }


def reference_to(owner: Object) -> Object:
    """The reference to a controlling owner."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
    }


def config_map(namespace: str, name: str, **data: str) -> Object:
    """A ConfigMap."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": namespace},
        "data": data,
    }


def of_release(item: Object, namespace: str, name: str) -> Object:
    """The object with the annotations that Helm gives to what it installs."""
    annotations = {
        "meta.helm.sh/release-name": name,
        "meta.helm.sh/release-namespace": namespace,
    }
    metadata = item["metadata"]
    both = {**metadata.get("annotations", {}), **annotations}
    return {**item, "metadata": {**metadata, "annotations": both}}


def packed(chart: str, version: str) -> str:
    """What Helm stores of a release, as far as it matters here: JSON, gzip, base64."""
    text = json.dumps({"chart": {"metadata": {"name": chart, "version": version}}})
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def release(
    namespace: str,
    name: str,
    chart: str,
    version: str,
    *,
    revision: int = 1,
    status: str = "deployed",
    kind: str = "Secret",
) -> Object:
    """One revision of a Helm release; of kind Secret or ConfigMap, as HELM_DRIVER says."""
    text = packed(chart, version)
    if kind == "Secret":
        text = base64.b64encode(text.encode()).decode()
    labels = {"owner": "helm", "name": name, "status": status, "version": f"{revision}"}
    return {
        "apiVersion": "v1",
        "kind": kind,
        **({"type": "helm.sh/release.v1"} if kind == "Secret" else {}),
        "metadata": {
            "name": f"sh.helm.release.v1.{name}.v{revision}",
            "namespace": namespace,
            "labels": labels,
        },
        "data": {"release": text},
    }


def status(api: KubeApi, kind: str, namespace: str, name: str, **values: Any) -> None:
    """Set keys of an object's status, as its controller would."""
    item = api.get(kind, namespace, name)
    api.add({**item, "status": {**item.get("status", {}), **values}})


def run_other_image(api: KubeApi, namespace: str, name: str, image: str) -> None:
    """Let the first container of a pod run another image than its workload says."""
    item = api.get("Pod", namespace, name)
    item["spec"]["containers"][0]["image"] = image
    item["status"]["containerStatuses"][0]["image"] = image
    api.add(item)


# --- Families ---


def add_definitions(api: KubeApi) -> None:
    """The definitions of all families, and one of somebody else."""
    api.add(
        definition(
            "aerospikeclusters",
            "AerospikeCluster",
            "v1",
            "v1beta1",
            stored=("v1beta1", "v1"),
            annotations={"aerospike-kubernetes-operator/version": "4.4.1"},
        ),
        definition("aerospikebackupservices", "AerospikeBackupService", "v1beta1"),
        definition(
            "objectstores", "ObjectStore", "v1", annotations={"aistor.min.io/version": RELEASE}
        ),
        definition("aistores", "AIStore", "v1beta1"),
        definition("workspaces", "Workspace", "v1beta1", "v1alpha1", retired=("v1alpha1",)),
        definition("certificates", "Certificate", "v1"),
    )


def add_cluster(
    api: KubeApi, namespace: str, name: str, version: str, *, size: int = 3, rack: int = 0
) -> None:
    """An AerospikeCluster with the StatefulSet of its rack."""
    image = f"{AEROSPIKE}:{version}"
    api.add(resource("AerospikeCluster", namespace, name, size=size, image=image))
    owner = api.get("AerospikeCluster", namespace, name)
    init = "docker.io/aerospike/aerospike-kubernetes-init:2.5.2"
    api.add(set_of(owner, f"{name}-{rack}", replicas=size, init=init, aerospike_server=image))


def add_aerospike(api: KubeApi, *, size: int = 3) -> None:
    """Two operators that watch other namespaces, two clusters, and a backup service.

    The newer operator is a release of Helm, upgraded once; the backup service has its Deployment.
    """
    image = f"{AKO}:4.4.1"
    newer = deployment(
        "operators", "ako", image, variables={"WATCH_NAMESPACE": "prod,backup"}, replicas=2
    )
    older = deployment("legacy", "ako", f"{AKO}:3.4.1", variables={"WATCH_NAMESPACE": "legacy"})
    chart = "aerospike-kubernetes-operator"
    api.add(
        of_release(newer, "operators", "ako"),
        older,
        release("operators", "ako", chart, "4.4.0", revision=9, status="superseded"),
        release("operators", "ako", chart, "4.4.1", revision=10),
    )
    add_cluster(api, "prod", "orders", "8.1.2.0", size=size)
    add_cluster(api, "legacy", "sessions", "7.2.0.10", size=size)
    service = resource(
        "AerospikeBackupService", "backup", "nightly", "v1beta1", image=f"{BACKUP}:3.4.0"
    )
    api.add(service)
    owner = api.get("AerospikeBackupService", "backup", "nightly")
    api.add(owned_deployment(owner, "nightly", f"{BACKUP}:3.4.0"))


def add_aistor(api: KubeApi) -> None:
    """The operator with the images that it gives by default, and a store that names none."""
    api.add(
        deployment("aistor", "object-store-operator", f"{AISTOR}/operator:{RELEASE}"),
        config_map(
            "aistor",
            "object-store-operator",
            **{
                "minio": f"image: {AISTOR}/minio:{RELEASE}\n",
                "minio-sidecar": f"image: {AISTOR}/minio-sidecar:{RELEASE}\n",
            },
        ),
        resource("ObjectStore", "tenant", "primary", pools=[]),
    )
    owner = api.get("ObjectStore", "tenant", "primary")
    images = {"minio": f"{AISTOR}/minio:{RELEASE}", "sidecar": f"{AISTOR}/minio-sidecar:{RELEASE}"}
    api.add(set_of(owner, "primary-pool-0", replicas=4, **images))


def add_aistore(api: KubeApi) -> None:
    """AIStore: the operator, and a cluster of proxies and targets."""
    node, init = f"{AISTORE}/aisnode:v4.9", f"{AISTORE}/ais-init:v4.9"
    api.add(
        deployment("ais-operator-system", "ais-operator", "aistorage/ais-operator:v3.4.0"),
        resource("AIStore", "ais", "ais", "v1beta1", nodeImage=node, initImage=init),
    )
    owner = api.get("AIStore", "ais", "ais")
    for name in ("ais-proxy", "ais-target"):
        api.add(set_of(owner, name, init=init, replicas=2, ais_node=node))


def add_airunway(api: KubeApi) -> None:
    """AI Runway's controller, and KAITO beside it."""
    api.add(
        deployment(
            "airunway-system",
            "airunway-controller-manager",
            "ghcr.io/kaito-project/airunway/controller:0.7.0",
        ),
        deployment("kaito", "workspace", "mcr.microsoft.com/aks/kaito/workspace:0.10.0"),
    )


def add_others(api: KubeApi) -> None:
    """What belongs to no product: a web server, a certificate, a pod by itself."""
    api.add(
        deployment("web", "nginx", "docker.io/library/nginx:1.27"),
        resource("Certificate", "web", "site", secretName="site"),
        pod("prod", "debug", "docker.io/library/busybox:1.36"),
        release("web", "nginx", "nginx", "18.0.0"),
    )


# --- Whole clusters, by the name of their golden case ---


def empty(api: KubeApi) -> None:
    """Nothing of any product."""
    api.add(deployment("web", "nginx", "docker.io/library/nginx:1.27"))
    api.settle()


def four_families(api: KubeApi) -> None:
    """All four families; every pod runs what it should."""
    add_definitions(api)
    add_aerospike(api)
    add_aistor(api)
    add_aistore(api)
    add_airunway(api)
    add_others(api)
    api.settle()


def half_way(api: KubeApi) -> None:
    """The same in the middle of upgrades: of an Aerospike cluster, an operator and an AIStore."""
    four_families(api)
    orders = api.get("AerospikeCluster", "prod", "orders")
    orders["spec"]["image"] = f"{AEROSPIKE}:8.1.2.1"
    orders["metadata"]["generation"] = 2
    api.add({**orders, "status": {"observedGeneration": 1, "phase": "InProgress"}})
    run_other_image(api, "prod", "orders-0-2", f"{AEROSPIKE}:8.1.2.1")
    (operator,) = pods_of(api, "legacy", "ako-")
    run_other_image(api, "legacy", operator, f"{AKO}:3.4.0")
    status(api, "Deployment", "legacy", "ako", updatedReplicas=0)
    broken = api.get("Pod", "ais", "ais-target-1")
    waiting = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "aisnode:v4.9"'}
    broken["status"]["containerStatuses"][0] |= {"ready": False, "state": {"waiting": waiting}}
    api.add(broken)


def by_digest(api: KubeApi) -> None:
    """Images by digest, with a tag before it and without one; an operator without any release."""
    add_definitions(api)
    digest = "sha256:" + "4" * 64
    api.add(deployment("operators", "ako", f"{AKO}@{digest}"))
    image = f"{AEROSPIKE}:8.1.2.0@{digest}"
    api.add(resource("AerospikeCluster", "prod", "orders", image=image))
    owner = api.get("AerospikeCluster", "prod", "orders")
    api.add(set_of(owner, "orders-0", aerospike_server=image))
    api.add(resource("AerospikeCluster", "prod", "users", image=f"{AEROSPIKE}@{digest}"))
    owner = api.get("AerospikeCluster", "prod", "users")
    api.add(set_of(owner, "users-0", aerospike_server=f"{AEROSPIKE}@{digest}"))
    api.settle()


def moved(api: KubeApi) -> None:
    """Aerospike from a private registry, but for an image that the operator gives on its own."""
    add_definitions(api)
    add_aerospike(api)
    private = f"{REGISTRY}/aerospike/"
    for item in api.objects():
        text = json.dumps(item)
        for source in ("docker.io/aerospike/aerospike-kubernetes-operator", AEROSPIKE, BACKUP):
            text = text.replace(f'"{source}', f'"{private}{source.rpartition("/")[2]}')
        if item != json.loads(text):
            api.add(json.loads(text))
    api.settle()


def odd_objects(api: KubeApi) -> None:
    """Objects that lack what others have: images, a spec, replicas, pods, owners."""
    add_definitions(api)
    bare = {"apiVersion": "asdb.aerospike.com/v1", "kind": "AerospikeCluster"}
    api.add(
        {**bare, "metadata": {"name": "no-spec", "namespace": "prod"}},
        {**bare, "metadata": {"name": "null-spec", "namespace": "prod"}, "spec": None},
        {**bare, "metadata": {"name": "number", "namespace": "prod"}, "spec": {"image": 5}},
        resource("AerospikeCluster", "prod", "empty", image=""),
        resource("AerospikeCluster", "prod", "list", image=[f"{AEROSPIKE}:8.1.2.0"]),
        resource("AerospikeCluster", "prod", "malformed", image="Not An Image"),
        resource("AerospikeCluster", "prod", "no-pods", image=f"{AEROSPIKE}:8.1.2.0"),
        resource("ObjectStore", "tenant", "without-operator", pools=[]),
        deployment("operators", "ako", f"{AKO}:4.4.1", replicas=None),
        deployment("idle", "ako", f"{AKO}:4.4.1", replicas=0),
        pod("operators", "stray", f"{AKO}:3.4.1", labels={"app": "ako"}),
    )
    api.settle()


def releases(api: KubeApi) -> None:
    """Helm releases of all sorts: upgrades under way, broken ones, one that is gone."""
    add_definitions(api)
    image = f"{AKO}:4.4.1"
    chart = "aerospike-kubernetes-operator"
    for name in ("pending", "broken", "gone", "tenth"):
        api.add(of_release(deployment(name, "ako", image), name, "ako"))
    broken = release("broken", "ako", chart, "4.4.1")
    broken["data"] = {"release": base64.b64encode(b"no release").decode()}
    pending = release("pending", "ako", chart, "4.5.0", revision=2, status="pending-upgrade")
    api.add(
        release("pending", "ako", chart, "4.4.1"),
        pending,
        broken,
        # An upgrade that was killed leaves two that are deployed; 10 comes before 9 as a text.
        release("tenth", "ako", chart, "4.4.0", revision=9),
        release("tenth", "ako", chart, "4.4.1", revision=10),
    )
    api.settle()


CLUSTERS: dict[str, Callable[[KubeApi], None]] = {
    "by-digest": by_digest,
    "empty": empty,
    "four-families": four_families,
    "half-way": half_way,
    "moved": moved,
    "odd-objects": odd_objects,
    "releases": releases,
}


def pods_of(api: KubeApi, namespace: str, prefix: str) -> list[str]:
    """The names of pods in a namespace that begin so."""
    found = (item["metadata"] for item in api.objects("Pod"))
    return [
        m["name"] for m in found if m["namespace"] == namespace and m["name"].startswith(prefix)
    ]
