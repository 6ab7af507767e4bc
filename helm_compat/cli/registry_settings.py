"""How registries are reached, by the options of a command."""

from __future__ import annotations

import os

from helm_compat.cli.options import Given, texts
from helm_compat.errors import UsageError
from helm_compat.sources.credentials import Credentials
from helm_compat.sources.registry import Access, Registry


def access(values: Given) -> Access:
    """What the options say of registries; raises UsageError."""
    ca_file = values.get("ca-file", "")
    assert isinstance(ca_file, str)
    hosts = texts(values, "http-registry")
    for host in hosts:
        if "/" in host:
            raise UsageError(
                f"--http-registry {host}: wants HOST[:PORT] alone",
                hint="A registry as a whole speaks plain HTTP, or none of it.",
            )
    return Access(frozenset(hosts), ca_file)


def open_registry(values: Given) -> Registry:
    """What asks registries; close it in the end."""
    authfile = values.get("authfile", "")
    assert isinstance(authfile, str)
    return Registry(access(values), Credentials(os.environ, authfile))
