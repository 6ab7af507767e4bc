"""Small images, byte for byte the same in every run, so that their digests are too."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """The media types of one family of formats."""

    index: str
    manifest: str
    config: str
    layer: str


OCI = Kind(
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.oci.image.layer.v1.tar+gzip",
)
DOCKER = Kind(
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
)


@dataclass(frozen=True)
class Built:
    """A manifest or an index with all that it names."""

    media_type: str
    manifest: bytes
    blobs: tuple[bytes, ...] = ()
    parts: tuple[Built, ...] = ()
    platform: str = ""

    @property
    def digest(self) -> str:
        """The digest of the manifest or index."""
        return digest_of(self.manifest)


def digest_of(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def image(text: str, platform: str = "linux/amd64", kind: Kind = OCI, size: int = 0) -> Built:
    """An image of one layer with one file, which holds the text and `size` bytes more."""
    content = f"{text} {platform}\n".encode() + b"\0" * size
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        entry = tarfile.TarInfo("text")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    layer = gzip.compress(tar.getvalue(), compresslevel=0, mtime=0)
    system, machine, variant = (*platform.split("/"), "")[:3]
    config = _json(
        architecture=machine,
        os=system,
        **({"variant": variant} if variant else {}),
        config={},
        rootfs={"type": "layers", "diff_ids": [digest_of(tar.getvalue())]},
    )
    manifest = _json(
        schemaVersion=2,
        mediaType=kind.manifest,
        config=_descriptor(kind.config, config),
        layers=[_descriptor(kind.layer, layer)],
    )
    return Built(kind.manifest, manifest, (config, layer), platform=platform)


def index(
    text: str, platforms: tuple[str, ...] = ("linux/amd64", "linux/arm64/v8"), kind: Kind = OCI
) -> Built:
    """An index of one image for each platform."""
    parts = tuple(image(text, platform, kind) for platform in platforms)
    manifests = []
    for part in parts:
        system, machine, variant = (*part.platform.split("/"), "")[:3]
        platform = {"os": system, "architecture": machine}
        platform |= {"variant": variant} if variant else {}
        manifests.append(
            {**_descriptor(kind.manifest, part.manifest), "platform": platform},
        )
    data = _json(schemaVersion=2, mediaType=kind.index, manifests=manifests)
    return Built(kind.index, data, parts=parts)


def _descriptor(media_type: str, data: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "size": len(data), "digest": digest_of(data)}


def _json(**values: Any) -> bytes:
    return json.dumps(values).encode()
