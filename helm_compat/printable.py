"""Text that came from manifests, made harmless for a terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with every character that is not printable replaced, line breaks apart."""
    if text.isprintable():
        return text
    return "".join(c if c == "\n" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
