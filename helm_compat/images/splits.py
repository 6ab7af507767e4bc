"""References that are divided over several scalars: put together, and divided again."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from helm_compat.knowledge.product import Split

# The parts of a map, as charts and custom resources name them.
MAP_KEYS = {
    "registry": ("registry", "imageRegistry"),
    "name": ("repository", "imageRepository", "imageName"),
    "tag": ("tag", "imageTag"),
    "digest": ("digest", "imageDigest"),
}


def is_map(values: dict[str, str], *, named: bool) -> bool:
    """Whether the parts of a map are those of an image: not a Git repository, not a catalogue.

    `named` says that the map stands under a key that is named for an image.
    """
    registry = values.get("registry", "")
    if "://" in registry:
        return False
    host = "." in registry or ":" in registry or registry == "localhost"
    pinned = "tag" in values or "digest" in values
    return "name" in values and (host or (pinned and named and "registry" not in values))


def map_suffix(values: dict[str, str]) -> str:
    """The tag and digest of a map as they follow the name of a reference."""
    tag, digest = values.get("tag"), values.get("digest")
    text = f":{tag}" if tag else ""
    if not digest:
        return text
    return f"{text}@{digest}" if ":" in digest else f"{text}@sha256:{digest}"


class CannotDivide(ValueError):
    """A reference cannot be written in the parts that are there; the message says why."""


class Divided(NamedTuple):
    """The written parts of one reference; None where the part does not stand there.

    `registry` may hold a path too where the parts that follow it are fixed. `defaults` are what
    the product puts in for registry, namespace and name. A map of `registry` and `repository`
    has no namespace part.
    """

    registry: str | None
    namespace: str | None
    name: str | None
    prefix: str | None
    defaults: tuple[str, str, str]

    def part(self, role: str) -> str | None:
        """The written part of a role."""
        parts = {"registry": self.registry, "namespace": self.namespace}
        return (parts | {"name": self.name, "prefix": self.prefix})[role]

    @property
    def text(self) -> str:
        """The whole reference as the product puts it together."""
        if self.prefix is not None:
            return self.prefix
        registry, namespace, name = self.defaults
        parts = (
            registry if self.registry is None else self.registry,
            namespace if self.namespace is None else self.namespace,
            name if self.name is None else self.name,
        )
        if self.namespace is None and not namespace:
            parts = (parts[0], parts[2], "")
            return "/".join(filter(None, parts))
        return "/".join(parts)


def gather(split: Split, values: dict[str, str]) -> Divided | None:
    """The parts of a product's split reference among named values, or None if none is there."""
    if split.prefix:
        prefix = values.get(split.prefix)
        return Divided(None, None, None, prefix, ("", "", "")) if prefix else None
    divided = Divided(
        values.get(split.registry) if split.registry else None,
        values.get(split.namespace) if split.namespace else None,
        values.get(split.name) if split.name else None,
        None,
        split.defaults,
    )
    return divided if any((divided.registry, divided.namespace, divided.name)) else None


def divide(divided: Divided, domain: str, path: str, suffix: str) -> dict[str, str]:
    """The new value of each part that must change so that the whole becomes `domain/path`.

    `suffix` is the tag and digest that the name part keeps. Raises CannotDivide.
    """
    if divided.prefix is not None:
        return {"prefix": f"{domain}/{path}"}
    new: dict[str, str] = {}
    rest = path
    if divided.name is not None and divided.namespace is None and not divided.defaults[1]:
        new["name"], rest = path + suffix, ""
    else:
        new |= _name(divided, path, suffix)
        rest = path.rpartition("/")[0]
        if divided.namespace is not None:
            if not rest:
                raise CannotDivide("the target has no namespace, and the field may not be empty")
            new["namespace"], rest = rest, ""
        else:
            rest = _without_default_namespace(divided, rest)
    host = f"{domain}/{rest}" if rest else domain
    if divided.registry is not None:
        new["registry"] = host
    elif "name" in new and divided.namespace is None and not divided.defaults[1]:
        new["name"] = f"{host}/{new['name']}"
    elif host != divided.defaults[0]:
        raise CannotDivide("its registry part is not set here")
    return new


def _name(divided: Divided, path: str, suffix: str) -> dict[str, str]:
    last = path.rpartition("/")[2]
    if divided.name is not None:
        return {"name": last + suffix}
    if last != divided.defaults[2]:
        raise CannotDivide(f"its name part is not set here and stays {divided.defaults[2]!r}")
    return {}


def _without_default_namespace(divided: Divided, rest: str) -> str:
    namespace = divided.defaults[1]
    if rest == namespace:
        return ""
    if not rest.endswith(f"/{namespace}"):
        raise CannotDivide(f"its namespace part is not set here and stays {namespace!r}")
    return rest.removesuffix(f"/{namespace}")
