"""The grammar of image references and its normalisation.

Source: https://github.com/distribution/reference, `regexp.go`, `normalize.go` and `reference.go`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

DOCKER_HUB = "docker.io"

MAX_PATH = 255
MAX_TAG = 128
# No reference is longer than a domain of 255, a path, a tag and a sha512 digest: longer text is
# refused before any pattern runs over it.
MAX_LENGTH = 1024

_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_DOMAIN_COMPONENT = r"(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])"
_DOMAIN = rf"(?:{_DOMAIN_COMPONENT}(?:\.{_DOMAIN_COMPONENT})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?"
_domain = re.compile(_DOMAIN, re.ASCII)
_path = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*", re.ASCII)
_tag = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
_identifier = re.compile(r"[a-f0-9]{64}", re.ASCII)
_digest = re.compile(
    r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}", re.ASCII
)
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}


class InvalidReference(ValueError):
    """The text is no image reference; the message says why."""


class Reference(NamedTuple):
    """One normalised image reference.

    `domain` keeps the case it was written in and is `docker.io` where none was written; `path`
    has `library/` added where Docker Hub asks for it; `tag` and `digest` are empty where none was
    written. `name_length` is the number of code points of the *written* text before tag and
    digest, so that a rewriter can replace the name and leave the rest alone.
    """

    domain: str
    path: str
    tag: str
    digest: str
    name_length: int

    @property
    def name(self) -> str:
        """Domain and path, without tag and digest."""
        return f"{self.domain}/{self.path}" if self.path else self.domain

    @property
    def suffix(self) -> str:
        """Tag and digest with their separators, as they follow the name."""
        tag = f":{self.tag}" if self.tag else ""
        return f"{tag}@{self.digest}" if self.digest else tag

    def __str__(self) -> str:
        return self.name + self.suffix


def parse(text: str) -> Reference:
    """Read one reference and normalise its name.

        reference = name [ ":" tag ] [ "@" digest ]

    Raises InvalidReference. Nothing is trimmed: white space makes a reference invalid.
    """
    if not text:
        raise InvalidReference("empty")
    if len(text) > MAX_LENGTH:
        raise InvalidReference(f"longer than {MAX_LENGTH} characters")
    name, digest = _split_digest(text)
    name, tag = _split_tag(name, text)
    domain, path = split_name(name)
    _check_path(path)
    if domain == DOCKER_HUB and "/" not in path:
        path = f"library/{path}"
    if len(path) > MAX_PATH:
        raise InvalidReference(f"the repository name is longer than {MAX_PATH} characters")
    if name == "sha256" and _identifier.fullmatch(tag):
        raise InvalidReference("a bare digest names no image")
    return Reference(domain, path, tag, digest, len(name))


def parse_host(text: str) -> Reference | None:
    """Read a registry host that stands alone, where that is allowed; None for anything else."""
    if "/" in text or not ("." in text or ":" in text or text == "localhost"):
        return None
    return Reference(text, "", "", "", len(text)) if _domain.fullmatch(text) else None


def split_name(name: str) -> tuple[str, str]:
    """Divide a name into its domain (checked) and its path (as written, not checked).

    The first component is a domain when it is `localhost`, holds a dot or a colon, or an upper
    case letter; `index.docker.io` is `docker.io`. Source: `splitDockerDomain` in `normalize.go`.
    """
    first, slash, rest = name.partition("/")
    if not slash or not (
        first == "localhost" or "." in first or ":" in first or first != first.lower()
    ):
        return DOCKER_HUB, name
    if not _domain.fullmatch(first):
        raise InvalidReference(f"{first!r} is no valid registry host")
    return (DOCKER_HUB if first == "index.docker.io" else first), rest


def _split_digest(text: str) -> tuple[str, str]:
    name, at, digest = text.partition("@")
    if not at:
        return text, ""
    if not _digest.fullmatch(digest):
        raise InvalidReference(f"{digest!r} is no digest")
    algorithm, _, encoded = digest.partition(":")
    length = _DIGEST_LENGTHS.get(algorithm)
    if length is None:
        raise InvalidReference(f"digest algorithm {algorithm!r} is not supported")
    if len(encoded) != length:
        raise InvalidReference(f"a {algorithm} digest has {length} hex digits, not {len(encoded)}")
    if encoded != encoded.lower():
        raise InvalidReference("a digest is written in lower case")
    return name, digest


def _split_tag(name: str, text: str) -> tuple[str, str]:
    if "://" in name:
        raise InvalidReference(f"has the scheme {name.partition('://')[0]!r}")
    colon = name.rfind(":")
    if colon < 0 or "/" in name[colon:]:
        if _identifier.fullmatch(text):
            raise InvalidReference("64 hex digits are an identifier, not a name")
        return name, ""
    tag = name[colon + 1 :]
    if not tag:
        raise InvalidReference("nothing stands behind the colon")
    if not _tag.fullmatch(tag):
        raise InvalidReference(f"{tag!r} is no valid tag")
    if len(tag) > MAX_TAG:
        raise InvalidReference(f"the tag is longer than {MAX_TAG} characters")
    return name[:colon], tag


def _check_path(path: str) -> None:
    if not path:
        raise InvalidReference("no repository name")
    if path != path.lower():
        raise InvalidReference("a repository name must be lower case")
    if not _path.fullmatch(path):
        raise InvalidReference(f"{path!r} is no valid repository name")
