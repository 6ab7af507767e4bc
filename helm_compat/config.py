"""What a configuration file says, and where the nearest one is."""

from __future__ import annotations

import os
from typing import NamedTuple

from helm_compat.errors import Place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_NAME = ".helm-compat.yaml"
LOCK_NAME = "compat.lock.yaml"


class Config(NamedTuple):
    """A configuration: the file's path, and the values of the keys that stand in it.

    `values` holds strings, integers, booleans, lists of `(from, to)` under `map`, of
    `(group, kind, path)` under `image-paths`, and a dictionary under `policy.rules`; nested keys
    are joined by a dot. `places` says where each key stands.
    """

    path: str
    values: Mapping[str, object]
    places: Mapping[str, Place]


NO_CONFIG = Config("", {}, {})


def find_config(folder: str) -> str | None:
    """The path of the nearest configuration file, in this folder or above it."""
    folder = os.path.abspath(folder)
    while True:
        path = os.path.join(folder, FILE_NAME)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def find_lock(folder: str) -> str | None:
    """The path of the lock file in a folder, if there is one."""
    path = os.path.join(folder, LOCK_NAME)
    return path if os.path.isfile(path) else None
