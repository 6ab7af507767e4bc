"""One platform of an index.

https://github.com/opencontainers/image-spec/blob/main/image-index.md
"""

from __future__ import annotations

import json
from typing import NamedTuple

from helm_compat.errors import CompatError, UsageError


class Platform(NamedTuple):
    """Operating system, machine, and variant where one is asked for."""

    system: str
    machine: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(filter(None, self))


class NoPlatform(CompatError):
    """An index has no image for the platform."""

    exit_status = 1


def parse_platform(text: str) -> Platform:
    """Read `linux/arm64/v8`; raises UsageError."""
    parts = text.split("/")
    if not 2 <= len(parts) <= 3 or not all(part.isalnum() for part in parts):
        raise UsageError(f"--platform wants OS/ARCH[/VARIANT], as linux/amd64, not {text!r}")
    return Platform(*parts)


def select_platform(manifest: bytes, platform: Platform) -> str:
    """The digest of the platform's image in an index; empty where this is no index."""
    try:
        entries = json.loads(manifest).get("manifests")
        if entries is None:
            return ""
        found = {_platform(entry): str(entry["digest"]) for entry in reversed(entries)}
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise NoPlatform("the registry's answer is no manifest") from error
    # Who asks for arm64 takes any variant; of several the first.
    for known in reversed(found):
        if known[:2] == platform[:2] and platform.variant in ("", known.variant):
            return found[known]
    known_ones = ", ".join(sorted({str(p) for p in found if p.system != "unknown"}))
    raise NoPlatform(f"there is none for {platform}, but for {known_ones or 'nothing'}")


def _platform(entry: dict[str, dict[str, str]]) -> Platform:
    found = entry.get("platform") or {}
    return Platform(
        str(found.get("os", "")), str(found.get("architecture", "")), str(found.get("variant", ""))
    )
