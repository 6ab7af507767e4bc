"""What a look at the private registry found, for people as lines, for programs as plain data."""

from __future__ import annotations

from helm_compat.mirror.verify import STATES, Verified
from helm_compat.printable import printable
from helm_compat.report.data import SCHEMA_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

_WORDS = {
    "missing": "missing",
    "differs": "another image",
    "not-checked": "not checked",
    "not-compared": "not compared",
    "there": "there",
}


def verified_data(verified: Sequence[Verified], left_out: int) -> dict[str, Any]:
    """The result in the shape of `schemas/verify.schema.json`."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "images": [
            {
                "source": each.wanted.source or None,
                "target": each.wanted.target or each.wanted.source,
                "state": each.state,
                "digest": each.digest or None,
                "expected": each.expected or None,
                "message": each.message,
                "by": each.wanted.by or None,
                "optional": each.wanted.optional,
            }
            for each in verified
        ],
        "summary": {state: sum(v.state == state for v in verified) for state in STATES},
        "optionalLeftOut": left_out,
    }


def verified_text(verified: Sequence[Verified], left_out: int, *, verbose: bool) -> str:
    """A line or two for each image that is not simply there, all with `verbose`; then a summary."""
    return "".join(f"{printable(line)}\n" for line in _lines(verified, left_out, verbose=verbose))


def _lines(verified: Sequence[Verified], left_out: int, *, verbose: bool) -> Iterator[str]:
    told = [each for each in verified if verbose or each.state != "there"]
    alike: dict[tuple[str, str], list[Verified]] = {}
    for each in sorted(told, key=lambda v: (STATES.index(v.state), v.wanted.name)):
        alike.setdefault((each.state, each.message), []).append(each)
    for (state, message), images in alike.items():
        yield f"{_WORDS[state]}: {message}" if message else f"{_WORDS[state]}:"
        for each in images:
            by = f" (pulled by {each.wanted.by} itself)" if each.wanted.by else ""
            yield f"  {each.wanted.target or each.wanted.source}{by}"
        yield ""
    counts = [(sum(v.state == state for v in verified), _WORDS[state]) for state in STATES]
    words = ", ".join(f"{count} {word}" for count, word in reversed(counts) if count)
    many = len(verified)
    yield f"{many} image{'s' * (many != 1)}: {words}" if verified else "no images"
    if left_out:
        yield f"{left_out} optional image{'s' * (left_out != 1)} left out; --optional adds them"
