"""The JSON Schemas that come with the package."""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PACKAGE = os.path.dirname(__file__)
_ENDING = ".schema.json"


def schema_names() -> list[str]:
    """The names of all schemas, in order: `config`, or `values/aistor-operator` from a folder."""
    found = [
        os.path.relpath(os.path.join(folder, file), _folder()).replace(os.sep, "/")
        for folder, _, files in os.walk(_folder())
        for file in files
    ]
    return sorted(name.removesuffix(_ENDING) for name in found if name.endswith(_ENDING))


def schema_text(name: str) -> str:
    """The file of a schema, by a name of `schema_names`."""
    with open(os.path.join(_folder(), f"{name}{_ENDING}"), encoding="utf-8") as file:
        return file.read()


def read_schema(name: str) -> dict[str, Any]:
    """A schema as data, by a name of `schema_names`."""
    schema: dict[str, Any] = json.loads(schema_text(name))
    return schema


def _folder() -> str:
    """In a wheel they stand inside the package, in a checkout beside it."""
    inside = os.path.join(_PACKAGE, "schemas")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(_PACKAGE), "schemas")
