"""The digests that images are pinned to."""

from __future__ import annotations

from helm_compat.config import LOCK_NAME, find_lock
from helm_compat.errors import UsageError
from helm_compat.lock_file import read_images


def locked_digests(folder: str) -> dict[str, str]:
    """The digests of the lock file in a folder, by normalized references; raises UsageError."""
    path = find_lock(folder)
    if not path:
        raise UsageError(
            f"--pin-digests: there is no {LOCK_NAME} beside the configuration",
            hint=f"helm compat mirror --write {LOCK_NAME} copies images and writes their digests.",
        )
    return read_images(path)
