"""One value for every setting: flag over environment over configuration file over default."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from helm_compat.cli.options import Given, Option, read_environment
from helm_compat.cli.product_settings import product_data, suppressions
from helm_compat.config import NO_CONFIG, Config, find_config
from helm_compat.errors import Place, UsageError
from helm_compat.images.found import Scope
from helm_compat.images.relocate import relocation
from helm_compat.knowledge.paths import parse_path
from helm_compat.knowledge.product import ImageField, Kind, build
from helm_compat.nodes import Limits
from helm_compat.outcome import MAX_BYTES, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from helm_compat.suppress import Suppression

# https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
_secret_name = re.compile(
    r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII
)


class Resolved(NamedTuple):
    """All that a command is asked to do, from all sources."""

    settings: Settings
    values: Given
    rules: dict[str, str]
    config: str
    suppressions: Sequence[Suppression] = ()

    def text(self, key: str, default: str = "") -> str:
        """A setting that holds text."""
        value = self.values.get(key, default)
        return value if isinstance(value, str) else default

    def on(self, key: str) -> bool:
        """Whether a switch is on."""
        return self.values.get(key) is True


def resolve_settings(
    options: Sequence[Option],
    flags: Given,
    environment: Mapping[str, str],
    folder: str,
    *,
    gated: bool = False,
    defaults: Given | None = None,
) -> Resolved:
    """Join the sources and check what they say together; raises UsageError.

    `gated` says that versions are judged, unless the user wants none of it; `defaults` are values
    where no source has one.
    """
    given = read_environment(options, environment) | flags
    path = given.get("config") or find_config(folder)
    config = _read(str(path)) if path else NO_CONFIG
    known = {option.key for option in options}
    values: Given = dict(defaults or {})
    for key, value in config.values.items():
        name = key.removeprefix("policy.").removeprefix("limits.")
        if name in known and isinstance(value, (str, bool, int)):
            values[name] = value if isinstance(value, (str, bool)) else str(value)
    hosts = config.values.get("http-registry", [])
    assert isinstance(hosts, list)
    values |= {"http-registry": tuple(hosts)} if hosts else {}
    values |= given
    rules = config.values.get("policy.rules", {})
    assert isinstance(rules, dict)
    settings = _settings(values, given, config, folder, gated=gated)
    return Resolved(settings, values, rules, config.path, suppressions(config))


def _read(path: str) -> Config:
    # Most renders have no file, and the reader takes a while to import.
    from helm_compat.config_file import read_config

    return read_config(path)


def _settings(values: Given, given: Given, config: Config, folder: str, *, gated: bool) -> Settings:
    data = product_data(given, config)
    knowledge = build(data)
    registry = values.get("registry", "")
    assert isinstance(registry, str)
    maps = _maps(given, config)
    rules = None
    if (registry or maps) and not values.get("no-relocate"):
        rules = relocation(
            registry=registry,
            registry_origin=_origin("registry", given, config),
            maps=maps,
            keep_domain=values.get("keep-domain") is True,
            prefixes=knowledge.prefixes,
        )
    limits = Limits(
        _number(config.values.get("limits.depth"), Limits().depth),
        _number(config.values.get("limits.alias-nodes"), Limits().alias_nodes),
    )
    hosts = frozenset(rule.source.domain.lower() for rule in rules.rules) if rules else frozenset()
    secret = values.get("image-pull-secret", "")
    assert isinstance(secret, str)
    if secret and not (_secret_name.fullmatch(secret) and len(secret) <= 253):
        raise UsageError(
            f"{_origin('image-pull-secret', given, config)}: {secret!r} is no name of a Secret",
            hint="Names are lower case letters, digits, hyphens and dots.",
        )
    scope = Scope(knowledge, _image_paths(config), hosts, limits)
    gate = None
    if gated and not values.get("no-gate"):
        # A command that judges no versions needs none of it.
        from helm_compat.cli.gate_settings import gate_settings

        gate = gate_settings(data, given, values, config, folder, scope)
    pins = None
    if values.get("pin-digests"):
        # Few renders pin their images.
        from helm_compat.cli.pin_settings import locked_digests

        pins = locked_digests(os.path.dirname(config.path) if config.path else folder)
    return Settings(
        scope=scope,
        relocation=rules,
        pull_secret=secret,
        service_accounts=values.get("image-pull-secret-service-accounts") is True,
        gate=gate,
        max_bytes=_max_bytes(values),
        pins=pins,
    )


def _origin(key: str, given: Given, config: Config) -> str:
    """Who gave a setting, in words for a message."""
    return f"--{key}" if key in given else f"{config.places.get(key, config.path)}: {key}"


def _maps(given: Given, config: Config) -> list[tuple[str, str, str]]:
    """Source, destination and origin of every rule: those of the file, or the flags' instead."""
    flags = given.get("map")
    if isinstance(flags, tuple):
        maps = []
        for text in flags:
            source, equals, target = text.partition("=")
            if not equals:
                raise UsageError(f"--map {text}: wants SOURCE=DEST")
            maps.append((source, target, f"--map {text}"))
        return maps
    entries = config.values.get("map", [])
    assert isinstance(entries, list)
    where = config.places.get("map", Place(config.path))
    return [(source, to, f"{where}: map from {source}") for source, to in entries]


def _image_paths(config: Config) -> dict[Kind, tuple[ImageField, ...]]:
    fields: dict[Kind, tuple[ImageField, ...]] = {}
    entries = config.values.get("image-paths", [])
    assert isinstance(entries, list)
    for group, kind, path in entries:
        field = ImageField(parse_path(path), "")
        fields[group, kind] = (*fields.get((group, kind), ()), field)
    return fields


def _number(value: object, default: int) -> int:
    return value if isinstance(value, int) else default


def _max_bytes(values: Given) -> int:
    text = values.get("max-bytes")
    if text is None:
        return MAX_BYTES
    if not isinstance(text, str) or not re.fullmatch("[1-9][0-9]{0,17}", text, re.ASCII):
        raise UsageError(f"--max-bytes wants a whole number above 0, not {text!r}")
    return int(text)


def use_colour(when: str, environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether to colour: https://no-color.org wins, then the flag, then Helm's, then the terminal."""
    if environment.get("NO_COLOR"):
        return False
    when = when or environment.get("HELM_COLOR", "")
    if when in ("always", "never"):
        return when == "always"
    return terminal and environment.get("TERM") != "dumb"


def working_folder() -> str:
    """The working directory; an error for one that was removed."""
    try:
        return os.getcwd()
    except OSError as error:
        raise UsageError("the working directory is gone") from error
