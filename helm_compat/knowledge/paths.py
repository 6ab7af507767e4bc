"""Field paths as product files and configurations write them: `spec.pools[].image`."""

from __future__ import annotations

import re
from typing import NamedTuple

_segment = re.compile(
    r"(?:(\*\*)|\['([^']+)'\]|([^.\[\]{}*']+))((?:\[\]|\{\})*)(?:\.(?=.)|(?=\[')|\Z)"
)


class InvalidPath(ValueError):
    """The text is no field path; the message says why."""


class Segment(NamedTuple):
    """One step down: a key, then `[]` (every item) and `{}` (every value) in `each`.

    The key `**` stands for any number of levels, none included.
    """

    key: str
    each: str


Path = tuple[Segment, ...]


def parse_path(text: str) -> Path:
    """Read a path such as `spec.services{}.image`, `**.image` or `metadata.annotations['a.b/c']`.

    Raises InvalidPath.
    """
    segments = []
    position = 0
    while position < len(text):
        found = _segment.match(text, position)
        if not found:
            raise InvalidPath(f"{text!r} is no field path: cannot read {text[position:]!r}")
        any_levels, quoted, key, each = found.groups()
        segments.append(Segment(any_levels or quoted or key, each))
        position = found.end()
    if not segments:
        raise InvalidPath("a field path is empty")
    if segments[-1].key == "**":
        raise InvalidPath(f"{text!r} must end in a field, not in **")
    return tuple(segments)
