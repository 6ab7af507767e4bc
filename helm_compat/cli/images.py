"""`helm-compat images`: which manifests to read, and what stands in them."""

from __future__ import annotations

import os

from helm_compat.cli.streams import read_stdin
from helm_compat.errors import CompatError, InputError, Place
from helm_compat.outcome import Image, Settings
from helm_compat.render import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ENDINGS = (".yaml", ".yml", ".json")


def list_images(inputs: Sequence[str], settings: Settings) -> tuple[list[Image], list[CompatError]]:
    """Every image of every input, and what could not be read; one bad file hides no other."""
    images: list[Image] = []
    errors: list[CompatError] = []
    for path in (path for name in inputs for path in _files(name)):
        try:
            if isinstance(path, CompatError):
                raise path
            images += render(_read(path), settings, file=_shown(path)).images
        except CompatError as error:
            errors.append(error)
    return images, errors


def _files(name: str) -> Iterator[str | CompatError]:
    """The files of an input, in order; in place of a folder that has none to read, the reason."""
    if name == "-" or not os.path.isdir(name):
        yield name
        return
    found = False
    for folder, folders, files in os.walk(name):
        if "Chart.yaml" in files:
            folders.clear()
            found = True
            yield InputError(
                "this is a chart, not manifests",
                place=Place(folder),
                hint=f"Render it first: helm template {folder} | helm compat images -",
            )
            continue
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for file in sorted(files):
            if file.endswith(ENDINGS) and not file.startswith("."):
                found = True
                yield os.path.join(folder, file)
    if not found:
        yield InputError(
            "this folder holds no manifests",
            place=Place(name),
            hint="Files end in .yaml, .yml or .json.",
        )


def _read(path: str) -> bytes:
    if path == "-":
        return read_stdin()
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", place=Place(path)) from error


def _shown(path: str) -> str:
    return "<stdin>" if path == "-" else path
