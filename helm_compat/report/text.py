"""The report of a run as text for a terminal, from the data that its file holds."""

from __future__ import annotations

from helm_compat.catalogue import GATE_RULES
from helm_compat.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# So many columns of an input line are shown.
WIDTH = 72

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
        lines += [*finding_lines(finding, colour=colour), *_suppressed(finding), ""]
    if data.get("diff"):
        lines += [data["diff"].rstrip("\n"), ""]
    return "\n".join([*lines, summary_line(data)]) + "\n"


def lint_text(data: dict[str, Any], *, colour: bool, verbose: bool) -> str:
    """The findings of a lint, the inputs that could not be checked, and the counts.

    What is only good to know is shown where it is asked for, or makes the lint fail.
    """
    lines: list[str] = []
    for finding in data["findings"]:
        if not finding.get("suppressed") and (verbose or finding["severity"] != "info"):
            lines += [*finding_lines(finding, colour=colour), ""]
    for entry in data["inputs"]:
        if not entry["checked"]:
            lines += [f"not checked: {printable(entry['reason'])}", ""]
    checked = sum(entry["checked"] for entry in data["inputs"])
    documents = sum(entry["documents"] for entry in data["inputs"])
    counts = count_line(data) or "no findings"
    where = f"in {_count(checked, 'input')}, {_count(documents, 'document')}"
    hidden = data["summary"]["info"] and not verbose
    counts = f"{counts} {where}{' (-v shows what is only to know)' if hidden else ''}"
    missing = data["summary"]["notChecked"]
    counts = f"{counts}; not checked: {missing}" if checked else "nothing was checked"
    return "\n".join([*lines, counts]) + "\n"


def finding_lines(finding: dict[str, Any], *, colour: bool, brief: int = 0) -> list[str]:
    """One finding as a good compiler writes it: what, where, why and what to do.

    Each step of `brief` leaves more out: 1 how to suppress it and all sources but one, 2 the line
    of the input and the sources, 3 all reasons but one, 4 the place and all reasons, 5 what to do.
    """
    head = f"{finding['severity']}[{finding['rule']}]"
    if colour:
        head = f"{_COLOURS[finding['severity']]}{head}\x1b[0m"
    lines = [f"{head}: {printable(finding['message'])}"]
    if brief > 4:
        return lines
    notes = [f"   = {printable(note)}" for note in finding.get("notes", ())]
    hint = [f"   = help: {printable(line)}" for line in finding["hint"].split("\n") if line]
    if brief < 4:
        lines += [*_where(finding, brief), *notes[: 1 if brief > 2 else None]]
    sources = [f"   = source: {e['source']} (read {e['read']})" for e in finding["evidence"]]
    sources = sources[: (len(sources), 1, 0)[min(brief, 2)]]
    return [*lines, *sources, *hint, *([] if brief else _suppress(finding))]


def _suppressed(finding: dict[str, Any]) -> list[str]:
    reason = finding.get("suppressed")
    return [f"   = suppressed: {printable(reason)}"] if reason else []


def fitted(findings: list[dict[str, Any]], room: int) -> list[str]:
    """Findings in as few words as it takes to fit into so many lines, the gravest first."""
    lines: list[str] = []
    for brief in range(6):
        lines = [line for f in findings for line in finding_lines(f, colour=False, brief=brief)]
        if len(lines) <= room:
            break
    return lines


def _where(finding: dict[str, Any], brief: int) -> list[str]:
    if "line" not in finding:
        return []
    lines = [f"  --> {printable(_place(finding))}"]
    if brief > 1:
        return lines
    owner = finding["document"]
    named = "/".join(filter(None, (owner["namespace"], owner["name"])))
    whose = " ".join(filter(None, (owner["kind"], named, finding["path"])))
    lines += [f"      {printable(whose)}"] if whose else []
    return [*lines, *_excerpt(finding)]


def _excerpt(finding: dict[str, Any]) -> list[str]:
    """The line of the input with carets under what is meant, cut to what is near it."""
    excerpt = finding.get("excerpt")
    if not excerpt or not excerpt["text"].strip():
        return []
    text, column, width = excerpt["text"].expandtabs(1), excerpt["column"], excerpt["width"]
    number = str(finding["line"])
    start = max(0, min(column - 1, column - 1 + width + 4 - WIDTH))
    cut = text[start : start + WIDTH]
    before = "…" if start or column != finding["column"] else ""
    marks = "^" * min(width, WIDTH - (column - 1 - start))
    margin = " " * len(number)
    return [
        f"{number} | {before}{printable(cut)}{'…' if len(text) > start + WIDTH else ''}",
        f"{margin} | {' ' * (column - 1 - start + len(before))}{marks}",
    ]


def _suppress(finding: dict[str, Any]) -> list[str]:
    """The entry of the configuration that would silence an error of the gate."""
    if finding["severity"] != "error" or finding["rule"] not in GATE_RULES:
        return []
    if "document" not in finding:
        return []
    owner = finding["document"]
    named = "/".join(filter(None, (owner[key] for key in ("kind", "namespace", "name"))))
    entry = f"rule: {finding['rule']}, resource: {named or '*'}, reason: …"
    return [f"   = suppress: {{{entry}}}"]


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
    parts += [f"{counts['info']} to know"] if counts["info"] else []
    parts += [f"{counts['suppressed']} suppressed"] if counts.get("suppressed") else []
    return ", ".join(parts)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _place(finding: dict[str, Any]) -> str:
    if finding.get("place") == "rendered":
        return f"{finding['file']} (line {finding['line']} as rendered)"
    place = f"{finding['file']}:{finding['line']}:{finding['column']}"
    # In a lint the file may be the template itself.
    template = finding.get("template", "").partition("/")[2]
    told = not template or f"/{finding['file']}".endswith(f"/{template}")
    return place if told else f"{place} ({finding['template']})"
