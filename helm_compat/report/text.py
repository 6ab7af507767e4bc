"""The report of a run as text for a terminal, from the data that its file holds."""

from __future__ import annotations

from helm_compat.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "info": "\x1b[1;36m"}


def report_text(data: dict[str, Any], *, colour: bool) -> str:
    """The images that moved, the findings, and a summary."""
    moved: dict[tuple[str, str], int] = {}
    for image in data["images"]:
        key = image["normalized"], image["target"] or image["normalized"]
        moved[key] = moved.get(key, 0) + 1
    lines = []
    for (source, target), count in moved.items():
        times = f"  ({count} places)" if count > 1 else ""
        lines.append(f"{source}{times}")
        lines.append(f"  → {target}" if target != source else "  stays")
    if lines:
        lines.append("")
    for finding in data["findings"]:
        lines += [*finding_lines(finding, colour=colour), ""]
    if data.get("diff"):
        lines += [data["diff"].rstrip("\n"), ""]
    return "\n".join([*lines, summary_line(data)]) + "\n"


def finding_lines(finding: dict[str, Any], *, colour: bool) -> list[str]:
    """One finding as a good compiler writes it: what, where, why and what to do."""
    head = f"{finding['severity']}[{finding['rule']}]"
    if colour:
        head = f"{_COLOURS[finding['severity']]}{head}\x1b[0m"
    lines = [f"{head}: {printable(finding['message'])}"]
    if "line" in finding:
        lines.append(f"  --> {printable(_place(finding))}")
        owner = finding["document"]
        named = "/".join(filter(None, (owner["namespace"], owner["name"])))
        whose = " ".join(filter(None, (owner["kind"], named, finding["path"])))
        lines += [f"      {printable(whose)}"] if whose else []
    lines += [f"   = help: {printable(finding['hint'])}"] if finding["hint"] else []
    lines += [f"   = source: {e['source']} (read {e['read']})" for e in finding["evidence"]]
    return lines


def summary_line(data: dict[str, Any]) -> str:
    """How many images moved, and how many findings of each severity there are."""
    images = data["images"]
    moved = sum(image["target"] not in (None, image["normalized"]) for image in images)
    line = f"{moved} of {_count(len(images), 'image')} relocated"
    return ", ".join(filter(None, (line, count_line(data))))


def count_line(data: dict[str, Any]) -> str:
    """How many findings of each severity there are; empty when there is none."""
    counts = data["summary"]
    parts = [_count(counts[word], word) for word in ("error", "warning") if counts[word]]
    return ", ".join([*parts, *([f"{counts['info']} to know"] if counts["info"] else [])])


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _place(finding: dict[str, Any]) -> str:
    place = f"{finding['file']}:{finding['line']}:{finding['column']}"
    return f"{place} ({finding['template']})" if "template" in finding else place
