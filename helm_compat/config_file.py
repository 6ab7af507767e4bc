"""`.helm-compat.yaml`, read with the place of every fault.

The same parser reads it that reads manifests, so that a render imports no second one. The JSON
Schema in `schemas/config.schema.json` says the same for editors; a test holds them together.
"""

from __future__ import annotations

from helm_compat import config_values as values
from helm_compat.config import Config
from helm_compat.config_values import Entry, Fault
from helm_compat.errors import Place, UsageError, place_in
from helm_compat.knowledge.words import did_you_mean
from helm_compat.nodes import InvalidText, Limits, Mapping, Node, Scalar, parse, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def read_config(path: str) -> Config:
    """Read one configuration file; raises UsageError with all its faults, each with its place."""
    try:
        with open(path, "rb") as file:
            text = file.read().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"cannot read the configuration: {error.strerror}", place=Place(path)
        ) from error
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8-sig")
        place = place_in(path, before, len(before))
        raise UsageError("the configuration is not UTF-8", place=place) from error
    try:
        roots = parse(text, Limits(depth=50))
    except InvalidText as error:
        raise UsageError(error.message, place=place_in(path, text, error.offset)) from error
    faults: list[Fault] = []
    reader = _Reader(path, text, faults)
    for root in roots[:1]:
        reader.keys(root, _KEYS, "")
    if roots[1:]:
        faults.append(Fault(roots[1], "a second document; a configuration has one"))
    if faults:
        raise UsageError("\n".join(_line(path, text, fault) for fault in faults))
    return Config(path, reader.values, reader.places)


def _line(path: str, text: str, fault: Fault) -> str:
    place = place_in(path, text, fault.offset)
    return str(UsageError(fault.message, place=place, hint=fault.hint))


class _Reader:
    """Takes in the keys of a file, and its faults instead of stopping at the first."""

    def __init__(self, path: str, text: str, faults: list[Fault]) -> None:
        self.values: dict[str, object] = {}
        self.places: dict[str, Place] = {}
        self._path = path
        self._text = text
        self._faults = faults

    def keys(self, node: Node, keys: dict[str, Callable[[Node], object]], above: str) -> None:
        """Read one mapping; `above` is the name of its section with a dot, or empty."""
        node = resolve(node)
        if not isinstance(node, Mapping):
            whose = above.rstrip(".") or "a configuration"
            self._faults.append(Fault(node, f"{whose} is a mapping of keys"))
            return
        for key, value in node.pairs:
            try:
                self._key(resolve(key), value, keys, above)
            except Fault as fault:
                self._faults.append(fault)

    def _key(
        self, key: Node, value: Node, keys: dict[str, Callable[[Node], object]], above: str
    ) -> None:
        name = key.value if isinstance(key, Scalar) else ""
        sections = {} if above else _SECTIONS
        if above + name in self.places:
            raise Fault(key, f"the key {name!r} stands twice")
        if name not in keys and name not in sections:
            elsewhere = [f"{s}.{name}" for s, inner in _SECTIONS.items() if name in inner]
            hint = (
                f"Did you mean {elsewhere[0]!r}?"
                if elsewhere
                else did_you_mean(name, [*keys, *sections])
            )
            raise Fault(key, f"unknown key {name!r}", hint)
        self.places[above + name] = place_in(self._path, self._text, key.start)
        if name in sections:
            self.keys(value, sections[name], f"{name}.")
            return
        try:
            self.values[above + name] = self._placed(keys[name](value))
        except Fault as fault:
            fault.message = f"{above}{name}: {fault.message}"
            raise

    def _placed(self, value: object) -> object:
        """Entries of a list with their places instead of their offsets."""
        if not isinstance(value, list):
            return value
        return [
            (*item.words, place_in(self._path, self._text, item.offset))
            if isinstance(item, Entry)
            else item
            for item in value
        ]


_KEYS: dict[str, Callable[[Node], object]] = {
    "version": values.version,
    "registry": values.string,
    "map": values.maps,
    "keep-domain": values.truth,
    "image-pull-secret": values.string,
    "image-pull-secret-service-accounts": values.truth,
    "image-paths": values.image_paths,
    "installed": values.installed,
    "cluster": values.one_of(("auto", "never", "required")),
    "kube-context": values.string,
    "kubeconfig": values.string,
    "cluster-timeout": values.number,
    "namespace": values.string,
    "products": values.strings,
    "suppress": values.suppress,
    "report": values.string,
    "first": values.string,
    "diff": values.truth,
    "no-gate": values.truth,
    "no-relocate": values.truth,
    "pin-digests": values.truth,
    "verify-images": values.truth,
    "authfile": values.string,
    "ca-file": values.string,
    "http-registry": values.strings,
    "fail-on-leftover": values.truth,
}
_SECTIONS: dict[str, dict[str, Callable[[Node], object]]] = {
    "policy": {
        "fail-on": values.one_of(values.LEVELS),
        "on-unknown": values.on_unknown,
        "rules": values.rules,
    },
    "limits": {
        "max-bytes": values.number,
        "depth": values.number,
        "alias-nodes": values.number,
    },
}
