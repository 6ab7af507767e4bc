"""Words for a name that is not known."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint with the known name nearest to a wrong one, or with all of them."""
    # Only a run that fails needs it.
    import difflib

    names = sorted(known)
    near = difflib.get_close_matches(name, names, 1)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(names)}."
