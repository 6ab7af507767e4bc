"""Which values are certainly image references although no API says that they are.

`ext4`, `60` and `object-store` parse as references and are none, and `app.kubernetes.io/name` is
a label. A value counts when it names its registry and says more: a tag, a digest, a key that is
named for an image, or a host that serves nothing but images.
"""

from __future__ import annotations

import re

from helm_compat.images.reference import InvalidReference, Reference, parse, split_name

# Hosts of public registries: `quay.io/a/b` is an image reference wherever it stands as a value.
PUBLIC_REGISTRIES = frozenset(
    {
        "docker.io",
        "gcr.io",
        "ghcr.io",
        "index.docker.io",
        "k8s.gcr.io",
        "mcr.microsoft.com",
        "nvcr.io",
        "public.ecr.aws",
        "quay.io",
        "registry-1.docker.io",
        "registry.access.redhat.com",
        "registry.connect.redhat.com",
        "registry.gitlab.com",
        "registry.k8s.io",
        "registry.redhat.io",
    }
)

# What a reference with a tag or a digest cannot do without: a slash, the last part of its path, and
# what follows. Each character is looked at once or twice, however long the text is.
TAGGED = re.compile(r"(?<=[A-Za-z0-9\]])/[a-z0-9][a-z0-9._-]*[:@][A-Za-z0-9_]", re.ASCII)


def is_image_name(name: str) -> bool:
    """Whether a key, a flag or a variable is named for an image: `mcImage`, `RELATED_IMAGE_X`."""
    return "image" in name.lower()


def is_host_like(text: str) -> bool:
    """Whether a reference is written like a registry host and its port: `localhost:5000`."""
    name, _, port = text.partition(":")
    return "/" not in text and port.isdigit() and ("." in name or name == "localhost")


def complete(text: str, *, named: bool, registries: frozenset[str]) -> Reference | None:
    """The reference that a value certainly is, or None.

    `named` says that the value's key is named for an image, `registries` (lower case) adds hosts
    to the public ones.
    """
    if "/" not in text:
        return None
    try:
        reference = parse(text)
        explicit = split_name(text[: reference.name_length])[1] != text[: reference.name_length]
    except InvalidReference:
        return None
    host = reference.domain.lower()
    if explicit and (reference.suffix or named or host in PUBLIC_REGISTRIES or host in registries):
        return reference
    return reference if named and reference.suffix else None
