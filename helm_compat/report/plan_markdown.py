"""A plan as Markdown for a pull request, and as a Mermaid diagram, from its data."""

from __future__ import annotations

from helm_compat.report.columns import columns_markdown, markdown
from helm_compat.report.plan_text import counts, grouped, head, why

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Data = dict[str, Any]


def plan_markdown(data: Data) -> str:
    """A table of the steps, and the reasons of each, folded."""
    goal = ", ".join(f"{g['component']} {g['wants']}" for g in data["goal"])
    now = ", ".join(f"{s['component']} {s['version']}" for s in data["start"])
    parts = [f"### {markdown(data['title'])}: {markdown(goal)}\n", f"Now: {markdown(now)}.\n"]
    if data["blocked"]:
        parts += ["**No way leads there.**\n", *_blocked(data["blocked"])]
    elif not data["steps"]:
        parts.append("Nothing to do: the goal is what is there.\n")
    else:
        parts += [f"At your own risk: {markdown(r['text'])}.\n" for r in data["risks"]]
        parts += [f"**Plan:** {counts(data)}.\n", _table(data), *map(_details, grouped(data))]
    return "\n".join(parts)


def _table(data: Data) -> str:
    rows = []
    for entries in grouped(data):
        first = entries[0]
        before = [task["text"] for task in first["tasks"] if task["when"] == "before"]
        data_words = [f"data of {', '.join(first['movesData'])}"] if first["movesData"] else []
        rows.append(
            (
                str(first["step"]),
                head(entries),
                "\n".join(e["chart"] for e in entries if e["chart"]),
                "\n".join(before),
                "\n".join([*first["restarts"], *data_words]),
            )
        )
    return columns_markdown(("#", "change", "chart", "before", "restarts"), rows)


def _details(entries: list[Data]) -> str:
    first = entries[0]
    lines = [f"- {why(r)}: {markdown(r['text'])}{_links(r['evidence'])}" for r in first["why"]]
    lines += [
        f"- {task['when']}: {markdown(task['text'])}{_links(task['evidence'])}"
        for task in first["tasks"]
        if task["when"] != "with"
    ]
    lines += [
        f"- note: {markdown(task['text'])}{_links(task['evidence'])}"
        for task in first["tasks"]
        if task["when"] == "with"
    ]
    lines += [f"- warning: {markdown(w['text'])}{_links(w['evidence'])}" for w in first["warnings"]]
    title = f"{first['step']}. {markdown(head(entries))}"
    return f"<details><summary>{title}</summary>\n\n" + "\n".join(lines) + "\n\n</details>\n"


def _links(evidence: list[Data]) -> str:
    words = []
    for entry in evidence:
        source = entry["source"]
        linked = source.startswith("https://") and not set(source) & set(" ()<>[]")
        words.append(f"[source]({source})" if linked else f"({markdown(source)})")
    return f" {' '.join(words)}" if words else ""


def _blocked(blocked: Data) -> list[str]:
    lines = []
    for reason in blocked["reasons"]:
        because = markdown(" and ".join(reason["because"]))
        lines.append(
            f"- Because {because}{_links(reason['evidence'])}, **{markdown(reason['so'])}**."
        )
    parts = ["\n".join(lines) + "\n"]
    if blocked["relax"]:
        ways = [
            f"- {' and '.join(f'`{wish}`' for wish in entry['wishes'])} ({entry['steps']} steps)"
            for entry in blocked["relax"]
        ]
        parts.append("There is one with\n\n" + "\n".join(ways) + "\n")
    return parts


def plan_mermaid(data: Data) -> str:
    """The states from the start to the goal, with a step on each arrow."""
    state = {entry["component"]: entry["version"] for entry in data["start"]}
    lines = ["flowchart TD", f"  s0[{_box(state)}]"]
    if data["blocked"]:
        goal = {entry["component"]: entry["wants"] for entry in data["goal"]}
        so = "; ".join(reason["so"] for reason in data["blocked"]["reasons"])
        lines += [f"  goal[{_box(goal)}]", f"  s0 -. {_quoted(_plain(f'no way: {so}'))} .-x goal"]
    for number, entries in enumerate(grouped(data), 1):
        changed = {entry["component"]: entry["to"] for entry in entries}
        state |= {name: to for name, to in changed.items() if name in state}
        lines.append(f"  s{number}[{_box(state)}]")
        lines.append(
            f"  s{number - 1} -->|{_quoted(_plain(f'{number}. {head(entries)}'))}| s{number}"
        )
    return "\n".join(lines) + "\n"


def _box(state: dict[str, str]) -> str:
    return _quoted("<br/>".join(f"{_plain(name)} {_plain(text)}" for name, text in state.items()))


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _quoted(text: str) -> str:
    return '"' + text.replace('"', "&quot;").replace("\n", " ") + '"'
