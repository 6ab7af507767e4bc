"""Findings as GitHub's Markdown, for a comment on a pull request."""

from __future__ import annotations

import html
import re

from helm_compat.printable import printable
from helm_compat.report.columns import columns_markdown, markdown
from helm_compat.report.concise import counts, one_line, owner_of, place_of, reasons, unchecked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Data = dict[str, Any]

# GitHub takes 65,536 characters: no part may take so many that the others are lost.
LIMIT = 65_536
_ROOM = 15_000

# Only what stands for itself in a link; the rest of an odd address is shown and not linked.
_link = re.compile(r"(https?://[\w.~/%?=+:,#-]*[\w/])", re.ASCII)
_mention = re.compile(r"[@#](?=\w)")
_APART = r"\g<0><!-- -->"
_block = re.compile(r"^(\d+(?=[.)])|(?=[-+#=>]))")


def markdown_text(data: Data) -> str:
    """The counts, what was not checked, a table, and the details of each finding, folded.

    What there is no room for in a comment is counted instead.
    """
    told = [finding for finding in data["findings"] if not finding.get("suppressed")]
    silent = [finding for finding in data["findings"] if finding.get("suppressed")]
    parts = [
        f"**{data['tool']['name']}**: {counts(data)}\n",
        _fitting([_not_checked(entry) for entry in unchecked(data)]),
        _table(told),
        _fitting([_details(finding) for finding in told], "\n"),
        _silent(silent),
    ]
    return "\n".join(filter(None, parts))


def _fitting(texts: list[str], between: str = "") -> str:
    """As many of the texts as there is room for, and how many are left out."""
    shown, room = 0, _ROOM
    while shown < len(texts) and (room := room - len(texts[shown]) - len(between)) >= 0:
        shown += 1
    left = len(texts) - shown
    return between.join(texts[:shown]) + (f"\n{left} more: no room here.\n" if left else "")


def _not_checked(entry: Data) -> str:
    return f"- **not checked:** {_code(entry['file'])}: {_shown(entry['message'])}\n"


def _table(findings: list[Data]) -> str:
    rows = [
        f"| {finding['severity']} | {finding['rule']} | {_code(place_of(finding))} "
        f"| {_shown(finding['message'])} |\n"
        for finding in findings
    ]
    head = columns_markdown(("severity", "rule", "place", "message"), [])
    return head + _fitting(rows) if rows else ""


def _details(finding: Data) -> str:
    title = f"{finding['severity']}[{finding['rule']}] {one_line(finding['message'])}"
    places = (place_of(finding), owner_of(finding), finding.get("path", ""))
    where = ", ".join(map(_code, filter(None, places)))
    lines = "".join(f"- {_shown(line)}\n" for line in reasons(finding))
    body = [f"{where}\n" if where else "", _excerpt(finding), lines]
    return _folded(title, "\n".join(filter(None, body)))


def _silent(findings: list[Data]) -> str:
    lines = [
        f"- {finding['rule']} {_code(place_of(finding))}: {_shown(finding['suppressed'])}\n"
        for finding in findings
    ]
    return _folded(f"{len(lines)} suppressed", _fitting(lines)) if lines else ""


def _folded(title: str, body: str) -> str:
    head = _mention.sub(_APART, html.escape(title, quote=False))
    return f"<details>\n<summary>{head}</summary>\n\n{body}\n</details>\n"


def _excerpt(finding: Data) -> str:
    """The line with carets below it, in a fence that no text in it can close."""
    excerpt = finding.get("excerpt")
    if not excerpt:
        return ""
    text = printable(excerpt["text"].expandtabs(1)).replace("\n", " ")
    fence = "`" * (1 + max(2, *map(len, re.findall("`+", text)), 0))
    carets = " " * (excerpt["column"] - 1) + "^" * excerpt["width"]
    return f"{fence}text\n{text}\n{carets}\n{fence}\n"


def _code(text: str) -> str:
    """Text in the type of code. A code span would end at its backticks."""
    return f"<code>{_shown(text)}</code>" if text else ""


def _shown(text: str) -> str:
    """Text as it is: no markup, no block, no mention of a user or an issue; addresses are links."""
    pieces = _link.split(text)
    pieces[::2] = map(_escaped, pieces[::2])
    pieces[1::2] = [f"<{address}>" for address in pieces[1::2]]
    return _block.sub(r"\1\\", "".join(pieces).strip())


def _escaped(text: str) -> str:
    # A space beside an address has to stay.
    before, after = (" " if text[at : at + 1 or None] == " " else "" for at in (0, -1))
    escaped = re.sub(r"[\[\]]", r"\\\g<0>", markdown(text))
    return before + _mention.sub(_APART, escaped) + after
