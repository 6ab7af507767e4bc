"""Files that are written whole or not at all."""

from __future__ import annotations

import os

from helm_compat.errors import CompatError, Place


def write_whole(path: str, text: str, what: str = "") -> None:
    """Write a text file by a temporary sibling; raises CompatError, and leaves nothing behind.

    `what` names the file in the message, as `the report`.
    """
    # The process id keeps parallel runs from writing the same temporary file.
    temporary = f"{path}.{os.getpid()}.new"
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError as error:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise CompatError(
            f"cannot write{what and ' '}{what}: {error.strerror}", place=Place(path)
        ) from error
