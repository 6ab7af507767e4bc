"""A plan as text for a terminal of 80 columns, from its data."""

from __future__ import annotations

import textwrap

from helm_compat.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Data = dict[str, Any]

WIDTH = 80
_BOLD, _RED, _PLAIN = "\x1b[1m", "\x1b[1;31m", "\x1b[0m"
UNKNOWN = (
    "What is unknown here can be added with its source: --products FILE, see docs/product-files.md."
)
_WHEN = {"before": "before", "after": "after", "with": "note"}
_KINDS = {"goal": "goal", "stop": "stop", "passing": "passing", "mark": "leaves", "order": "order"}


def plan_text(data: Data, *, colour: bool) -> str:
    """Goal, now, and the steps with their reasons; or why there is no way."""
    paper = _Paper(colour)
    paper.pairs("Goal", [f"{g['component']} {g['wants']}" for g in data["goal"]])
    now = [
        f"{s['component']} {s['version']}{' (not told, the oldest served)' if s['guessed'] else ''}"
        for s in data["start"]
    ]
    paper.pairs("Now", now)
    paper.line("")
    if data["blocked"]:
        paper.blocked(data["blocked"])
    elif not data["steps"]:
        paper.line("Nothing to do: the goal is what is there.")
    else:
        paper.plan(data)
    return paper.text()


def counts(data: Data) -> str:
    """How many steps, restarts and movements of data a plan has."""
    summary = data["summary"]
    words = {"steps": "step", "restarts": "restart", "dataMovements": "movement of data"}
    parts = [_count(summary[key], word) for key, word in words.items()]
    return ", ".join(parts)


def _count(number: int, word: str) -> str:
    plural = word.replace("movement", "movements") if "movement" in word else f"{word}s"
    return f"{number} {word if number == 1 else plural}"


def grouped(data: Data) -> list[list[Data]]:
    """The entries of a plan by step."""
    found: dict[int, list[Data]] = {}
    for entry in data["steps"]:
        found.setdefault(entry["step"], []).append(entry)
    return list(found.values())


def why(reason: Data) -> str:
    """What a reason says of the place of its step, in a word or two."""
    if reason["step"]:
        return f"{'for' if reason['kind'] == 'needed' else 'after'} {reason['step']}"
    return _KINDS.get(reason["kind"], "why")


def head(entries: Iterable[Data]) -> str:
    """What changes in one step."""
    return ", ".join(f"{e['component']} {e['from']} → {e['to']}" for e in entries)


class _Paper:
    def __init__(self, colour: bool) -> None:
        self._lines: list[str] = []
        self._colour = colour
        self._sources: dict[tuple[str, str], int] = {}

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def line(self, text: str) -> None:
        self._lines.append(printable(text))

    def wrapped(self, text: str, first: str, indent: str) -> None:
        """Lines of the terminal's width; words stay whole."""
        self._lines += textwrap.wrap(
            printable(text),
            WIDTH,
            initial_indent=first,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def title(self, text: str, style: str = _BOLD) -> None:
        self._lines.append(f"{style}{text}{_PLAIN}" if self._colour else text)

    def pairs(self, name: str, words: list[str]) -> None:
        """A list of components behind its name; each stays in one piece."""
        joined = "\0".join(word.replace(" ", "\1") for word in words).replace("\0", "   ")
        wrapped = textwrap.wrap(
            joined, WIDTH, initial_indent=f"{name:<6}", subsequent_indent="      ",
            break_long_words=False, break_on_hyphens=False,
        )  # fmt: skip
        self._lines += [printable(line.replace("\1", " ")) for line in wrapped]

    def cited(self, evidence: Iterable[Data]) -> str:
        keys = [(e["source"], e["read"]) for e in evidence]
        numbers = [self._sources.setdefault(key, len(self._sources) + 1) for key in keys]
        return "".join(f" [{number}]" for number in sorted(set(numbers)))

    def plan(self, data: Data) -> None:
        """All steps, and the sources behind them."""
        for risk in data["risks"]:
            self.wrapped(
                f"At your own risk: {risk['text']}{self.cited(risk['evidence'])}", "", "  "
            )
        if data["risks"]:
            self.line("")
        if data["notDirectly"]:
            self.title("Why not directly")
            for reason in data["notDirectly"]:
                self.wrapped(f"{reason['text']}{self.cited(reason['evidence'])}", "  ", "    ")
            self.line("")
        self.title(f"Plan: {counts(data)}")
        for entries in grouped(data):
            self.line("")
            self.step(entries)
        self.sources()

    def step(self, entries: list[Data]) -> None:
        """One step: what, why, what comes first, what restarts."""
        first = entries[0]
        self.title(f"{first['step']:>3}  {head(entries)}")
        for entry in entries:
            if entry["chart"]:
                self.labelled("chart", entry["chart"])
        for reason in first["why"]:
            self.labelled(why(reason), f"{reason['text']}{self.cited(reason['evidence'])}")
        for task in sorted(first["tasks"], key=lambda task: list(_WHEN).index(task["when"])):
            hint = f" {task['hint']}" if task["hint"] else ""
            text = f"{task['text']}{self.cited(task['evidence'])}{hint}"
            self.labelled(_WHEN[task["when"]], text)
        for warning in first["warnings"]:
            self.labelled("warning", f"{warning['text']}{self.cited(warning['evidence'])}")
        if first["movesData"]:
            self.labelled("data", f"of {', '.join(first['movesData'])} are moved or wiped")
        if first["restarts"]:
            self.labelled("restarts", ", ".join(first["restarts"]))

    def labelled(self, label: str, text: str) -> None:
        self.wrapped(text, f"     {label:<10}", " " * 15)

    def blocked(self, blocked: Data) -> None:
        """The derivation, and what to relax."""
        self.title("No way leads there.", _RED)
        for number, reason in enumerate(blocked["reasons"]):
            because = " and ".join(reason["because"])
            word = "And because" if number and blocked["kind"] == "path" else "Because"
            text = f"{word} {because}{self.cited(reason['evidence'])}, {reason['so']}."
            self.line("")
            self.wrapped(text if because else f"{reason['so']}.", "  ", "  ")
        self.line("")
        if blocked["relax"]:
            self.line("There is one with")
            for entry in blocked["relax"]:
                self.wrapped(
                    f"{' and '.join(entry['wishes'])}  (then {_count(entry['steps'], 'step')})",
                    "  - ",
                    "    ",
                )
        else:
            self.line("None of the wishes, given up, makes one.")
        if blocked["kind"] == "unknown":
            self.wrapped(UNKNOWN, "", "")
        self.sources()

    def sources(self) -> None:
        """The sources that were cited, by their numbers."""
        if self._sources:
            self.line("")
            self.title("Sources")
            for (where, read), number in self._sources.items():
                self.wrapped(f"{where} (read {read})", f"{f'[{number}]':>5} ", " " * 6)
