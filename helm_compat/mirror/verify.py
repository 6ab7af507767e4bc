"""Whether the private registry has every image, and each by the digest that it should have."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from helm_compat.errors import CompatError
from helm_compat.images.reference import parse
from helm_compat.mirror.wanted import Wanted
from helm_compat.sources.registry import AT_ONCE, NotThere, Registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# What became of an image, the gravest first.
STATES = ("missing", "differs", "not-checked", "not-compared", "there")


class Verified(NamedTuple):
    """What was found of one image.

    `state` is one of STATES, `digest` that of the target, `expected` the one that it should have
    (empty where nobody says), `message` why it is not simply there.
    """

    wanted: Wanted
    state: str
    digest: str = ""
    expected: str = ""
    message: str = ""


def verify_images(
    images: Iterable[Wanted],
    registry: Registry,
    locked: Mapping[str, str],
    *,
    ask_sources: bool,
    tick: Callable[[], object] = lambda: None,
) -> list[Verified]:
    """Look for every target, many at once, in the order of the images.

    `locked` are digests by source reference. Where it has none, and the reference itself has
    none, the source is asked where `ask_sources` says so.
    """

    def verify(wanted: Wanted) -> Verified:
        try:
            return _verify(wanted, registry, locked, ask_sources=ask_sources)
        finally:
            tick()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(verify, images))


def _verify(
    wanted: Wanted, registry: Registry, locked: Mapping[str, str], *, ask_sources: bool
) -> Verified:
    target = parse(wanted.target or wanted.source)
    try:
        digest = registry.digest(target)
    except NotThere as error:
        message = _why(error, wanted)
        return Verified(wanted, "missing", message="" if message == "not there" else message)
    except CompatError as error:
        return Verified(wanted, "not-checked", message=_why(error, wanted))
    expected = target.digest or locked.get(wanted.source, "")
    if not expected and ask_sources and wanted.source and wanted.target:
        try:
            expected = registry.digest(parse(wanted.source))
        except CompatError as error:
            message = f"the source cannot be compared: {_why(error, wanted)}"
            return Verified(wanted, "not-compared", digest, message=message)
    if expected and expected != digest:
        message = f"it is {digest}, and should be {expected}"
        return Verified(wanted, "differs", digest, expected, message)
    return Verified(wanted, "there", digest, expected)


def _why(error: CompatError, wanted: Wanted) -> str:
    """The reason without the image, which stands beside it."""
    for name in (wanted.target, wanted.source):
        if name:
            error.message = error.message.removeprefix(f"{parse(name)}: ")
    return error.message
