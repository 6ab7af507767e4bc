"""What is known to go wrong with values of the AIStor charts, though their keys and types fit.

Sources: renders of the charts of github.com/minio/helm with Helm 3 and 4; the templates of
aistor-objectstore 1.0.15 and of aistor-operator 5.6.4 to 5.10.0, as github.com/linuzctl/helm-charts
has them unpacked. A trap holds for the versions of the chart that were rendered or read.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from helm_compat.images.reference import MAX_TAG
from helm_compat.knowledge.ranges import parse_range
from helm_compat.lint.values_tree import Path, Value, Values
from helm_compat.nodes import Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from helm_compat.knowledge.versions import Version

_tag = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{MAX_TAG - 1}}}", re.ASCII)
_digits = re.compile(r"[0-9a-f]{64}", re.ASCII)

# The repositories that the charts 4.0.x bring, each with a path of its own.
_WITH_PREFIX = ("aistor", "minio")
# MinIO refuses a shorter one.
_LEAST_PASSWORD = 8
_WELL_KNOWN = {
    "minio",
    "minio123",
    "minioadmin",
    "miniosecret",
    "admin123",
    "administrator",
    "changeme",
    "password",
    "password123",
    "rootuserpassword",
    "console123",
}


class Trapped(NamedTuple):
    """A finding about one value, before its place in the file is worked out."""

    rule: str
    severity: str
    value: Value
    message: str
    hint: str = ""
    notes: tuple[str, ...] = ()


class Unread(NamedTuple):
    """A value that some versions of a chart do not read, or do not render with.

    `unless` is another path that, when it is set, makes up for it.
    """

    versions: str
    path: Path
    message: str
    hint: str = ""
    severity: str = "warning"
    unless: Path = ()


_OPERATORS_UNREAD = (
    Unread("4.0.0", ("operators", "*", "image"), "is not read by chart 4.0.0"),
    Unread(
        "<5.1.0",
        ("repositories", "aistor", "imagePullSecrets"),
        "does not reach the Deployments of the operators before chart 5.1.0",
        "Charts 4.1.1 to 5.0.2 take them from global.operator.imagePullSecrets.",
        unless=("global", "operator", "imagePullSecrets"),
    ),
    Unread(
        ">=4.0.0 <=4.1.0",
        ("global", "operator", "imagePullSecrets"),
        "makes charts 4.0.0 to 4.1.0 fail to render",
        "Give the secret to the service accounts of the operators, or take a later chart.",
        severity="error",
    ),
    Unread("<5.10.0", ("global", "fipsMode"), "is not read before chart 5.10.0"),
    Unread(
        "any",
        ("images", "firewall"),
        "is read by no chart",
        "Charts from 5.8.0 read images.minwall.",
    ),
    Unread("<5.8.0", ("images", "minwall"), "is not read before chart 5.8.0"),
    Unread(">=5.1.0", ("images", "inference"), "is not read since chart 5.1.0"),
    Unread(">=5.1.0", ("operators", "inference"), "is not read since chart 5.1.0"),
)
_STORE_UNREAD = (
    Unread(
        "<=1.0.16",
        ("objectStore", "image", "image"),
        "is not read up to chart 1.0.16, which fails to render without tag and digest",
        "Write the full name of the image as repository, and its tag as tag.",
    ),
    Unread(
        "<=1.0.16",
        ("objectStore", "sidecar"),
        "is not read up to chart 1.0.16",
        "The operator's chart says which sidecar runs: images.minio-sidecar.",
    ),
    Unread(
        "1.0.15",
        ("objectStore", "kes", "image", "pullPolicy"),
        "is not read by chart 1.0.15",
        "Set objectStore.kes.imagePullPolicy.",
    ),
    Unread(
        "1.0.15",
        ("objectStore", "scheduler", "name"),
        "is written beside the spec by chart 1.0.15, where nothing reads it",
    ),
    *(
        Unread("1.0.15", ("objectStore", *old), "makes chart 1.0.15 fail to render", hint, "error")
        for old, hint in (
            (("legacyAudience",), ""),
            (("features", "bucketDNS"), "Set the environment variable MINIO_DOMAIN."),
            (("features", "domains"), "Set MINIO_BROWSER_REDIRECT_URL in the environment."),
            (("features", "enableSFTP"), "Set objectStore.sftp."),
        )
    ),
)


def operator_traps(values: Values, version: Version | None) -> Iterator[Trapped]:
    """What goes wrong with values of an operator chart; `version` is None where it is unknown."""
    if version:
        yield from _unread(values, version, _OPERATORS_UNREAD)
    yield from _bypasses(values, version)
    yield from _hostnames(values, version)
    if not _holds("<5.5.0", version):
        for value in values.matching("repositories", "*", "pathPrefix"):
            if value.text and not value.text.endswith("/"):
                yield Trapped(
                    "malformed-reference",
                    "error",
                    value,
                    f"{value.text!r} has no slash at its end, so an image becomes"
                    f" {value.text + 'minio:TAG'!r}",
                    f"Write {value.text + '/'!r}.",
                )


def store_traps(values: Values, version: Version | None) -> Iterator[Trapped]:
    """What goes wrong with values of an object store chart; `version` is None where unknown."""
    if version:
        yield from _unread(values, version, _STORE_UNREAD)
    if _holds("<=1.0.16", version):
        for path in (("objectStore", "image"), ("objectStore", "kes", "image")):
            yield from _joined(values, path)
    yield from _credentials(values)


def _holds(versions: str, version: Version | None) -> bool:
    return version is not None and parse_range("semver", versions).holds(version)


def _unread(values: Values, version: Version, table: tuple[Unread, ...]) -> Iterator[Trapped]:
    for entry in table:
        if _holds(entry.versions, version) and not values.is_set(*entry.unless):
            for value in values.matching(*entry.path):
                if values.is_set(*value.path):
                    yield Trapped("ignored-value", entry.severity, value, entry.message, entry.hint)


def _bypasses(values: Values, version: Version | None) -> Iterator[Trapped]:
    """Full references, which stand where the chart would put one together."""
    old = _holds("4.0.0", version)
    notes = () if _holds("<5.5.0", version) else (_NO_SECRETS,)
    for value in values.matching("images", "*"):
        name = value.path[-1]
        if value.text and old:
            message = "is text, with which chart 4.0.0 fails to render"
            yield Trapped("bypassed-relocation", "error", value, message, _as_image(name))
        elif value.text:
            message = "is a full reference, which repositories do not relocate"
            yield Trapped("bypassed-relocation", "warning", value, message, _as_image(name), notes)
    for value in values.matching("operators", "*", "image"):
        if value.text and not old:
            message = "is a full reference, which repositories do not relocate"
            hint = f"Set images.operator instead. {_as_image('operator')}"
            yield Trapped("bypassed-relocation", "warning", value, message, hint)


_NO_SECRETS = "The pull secrets and the pull policy of the repository are not used for it either."


def _as_image(name: str) -> str:
    return f"Write {{repository: aistor, image: '{name}:TAG'}}."


def _hostnames(values: Values, version: Version | None) -> Iterator[Trapped]:
    """Hosts that no image can begin with, or that an old chart puts in front of the bare name."""
    for value in values.matching("repositories", "*", "hostname"):
        beside = (*value.path[:-1], "pathPrefix")
        if "://" in value.text or value.text.endswith("/"):
            yield Trapped(
                "malformed-reference",
                "error",
                value,
                f"{value.text!r} is no registry host, for an image begins with it and a slash",
                "Write the host and its port alone; the path belongs into pathPrefix.",
            )
        elif (
            value.text
            and value.path[1] in _WITH_PREFIX
            and _holds(">=4.0.0 <4.1.0", version)
            and not values.get(*beside)
        ):
            yield Trapped(
                "lost-path-prefix",
                "error",
                value,
                f"stands without pathPrefix, with which charts 4.0.x make '{value.text}/minio:TAG'",
                "Set pathPrefix too: the path below the host, with a slash at its end.",
            )


def _joined(values: Values, path: Path) -> Iterator[Trapped]:
    """An image that the chart puts together as `repository:digest` or `repository:tag`."""
    repository = values.get(*path, "repository")
    digest, tag = values.get(*path, "digest"), values.get(*path, "tag")
    last = digest if digest and digest.text else tag
    if not repository or not repository.text or not last or not last.text:
        return
    name, at, algorithm = repository.text.partition("@")
    if at:
        right = algorithm == "sha256" and bool(_digits.fullmatch(last.text))
    else:
        plain = ":" not in name.rpartition("/")[2] and not _digits.fullmatch(last.text)
        right = plain and bool(_tag.fullmatch(last.text))
    if not right:
        hint = "Write repository with the full name and tag with the tag."
        if digest is last:
            digits = last.text.removeprefix("sha256:")
            hint = f"Write repository: {name}@sha256 and digest: {digits}"
        yield Trapped(
            "malformed-reference",
            "error",
            last,
            f"the chart makes '{repository.text}:{last.text}' of it, which is not the image meant",
            hint,
        )


def _credentials(values: Values) -> Iterator[Trapped]:
    """A root user whose password is known or can be guessed; no password gets into a message."""
    user = values.get("secrets", "accessKey")
    if not values.is_set("secrets", "existingSecret"):
        for key, weak in (("accessKey", _weak_user), ("secretKey", _weak_password)):
            value = values.get("secrets", key)
            reason = weak(value, user) if value else ""
            if value and reason:
                yield _weak(value, reason)
    for entry in values.matching("objectStore", "env", "*"):
        name, value = values.get(*entry.path, "name"), values.get(*entry.path, "value")
        if name and value and name.text == "MINIO_ROOT_PASSWORD":
            reason = _weak_password(value, None)
            if reason:
                yield _weak(value, reason)


def _weak(value: Value, reason: str) -> Trapped:
    hint = (
        "Keep the root user in a secret that exists already: secrets.name, and"
        " secrets.existingSecret: true."
    )
    return Trapped("weak-credentials", "warning", value, reason, hint)


def _weak_user(value: Value, _user: Value | None) -> str:
    return "is empty" if _is_empty(value) else ""


def _weak_password(value: Value, user: Value | None) -> str:
    if _is_empty(value):
        return "is empty"
    if value.text.lower() in _WELL_KNOWN:
        return "is a well-known default"
    if re.fullmatch(r"<[^<>]*>", value.text):
        return "is a placeholder"
    if value.text and len(value.text) < _LEAST_PASSWORD:
        return f"is shorter than {_LEAST_PASSWORD} characters"
    return "is the same as the user's name" if user and value.text == user.text != "" else ""


def _is_empty(value: Value) -> bool:
    return isinstance(value.node, Scalar) and not value.node.value
