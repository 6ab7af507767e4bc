"""PyYAML's C parser, without the Python parser that comes with it.

`import yaml` also loads a scanner, a constructor and an emitter written in Python, which takes
13 ms: a fifth of a whole render. The C parser wants nothing of them but their error classes, so
it gets those alone. Where that fails, because PyYAML was built without libyaml or has changed,
or where somebody imported `yaml` before, the plain import serves.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

# The modules that the C parser takes error classes from, and nothing else.
_ERRORS = {
    "reader": "ReaderError",
    "scanner": "ScannerError",
    "parser": "ParserError",
    "composer": "ComposerError",
    "constructor": "ConstructorError",
    "emitter": "EmitterError",
    "serializer": "SerializerError",
    "representer": "RepresenterError",
}


def _import_c_parser() -> None:
    """Import `yaml._yaml` inside a package that holds only what it asks for."""
    spec = find_spec("yaml")
    if spec is None:
        return
    package = sys.modules["yaml"] = module_from_spec(spec)
    try:
        errors = import_module("yaml.error")
        for module in ("events", "nodes", "tokens"):
            import_module(f"yaml.{module}")
        for module, name in _ERRORS.items():
            setattr(package, module, _Errors(name, errors))
        import_module("yaml._yaml")
    except (ImportError, AttributeError):
        for name in [name for name in sys.modules if name.partition(".")[0] == "yaml"]:
            del sys.modules[name]
    else:
        # Whoever imports `yaml` later gets the whole of it.
        del sys.modules["yaml"]


class _Errors:
    """In place of a module: one error class."""

    def __init__(self, name: str, errors: ModuleType) -> None:
        if name == "ReaderError":
            setattr(self, name, type(name, (errors.YAMLError,), {"__init__": _reader_error}))
        else:
            setattr(self, name, type(name, (errors.MarkedYAMLError,), {}))


def _reader_error(
    self: Exception, name: str, position: int, character: int, encoding: str, reason: str
) -> None:
    self.args = (name, position, character, encoding, reason)
    vars(self).update(position=position, character=character, reason=reason)


if "yaml" not in sys.modules:
    _import_c_parser()

_parser: Any = import_module("yaml._yaml")
CParser = _parser.CParser
ReaderError: Any = _parser.ReaderError
MarkedYAMLError: Any = import_module("yaml.error").MarkedYAMLError
events: Any = import_module("yaml.events")
