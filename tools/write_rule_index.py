"""Write docs/rules.md, the index of all rules, from their manual pages."""

from pathlib import Path

from helm_compat.catalogue import (
    FAILURES,
    GATE_RULES,
    LINT_RULES,
    REGISTRY_RULES,
    RENDER_RULES,
    read_page,
    severity,
    summary,
)

INDEX = Path(__file__).parent.parent / "docs" / "rules.md"
HEAD = """\
<!-- Written by tools/write_rule_index.py; the pages are in helm_compat/rules. -->

# Rules

A finding names its rule in brackets: `warning[leftover-image]: …`. `helm compat explain RULE` prints the rule's page, `helm compat rules` lists them all.

An error refuses the render; `policy.fail-on` names another level. *By fact* means that the data of the product say how grave each fact is. In `.helm-compat.yaml` a rule gets another severity, and what you have looked at and accept is suppressed:

```yaml
policy:
  rules: {run-time-image: info}              # another severity, for every finding of the rule
suppress:                                    # no finding of the rule for these objects
  - rule: incompatible-versions
    resource: AerospikeCluster/prod/*        # kind, namespace, name; each may hold a *
    reason: vendor case 4711
    until: 2027-03-31                        # reported again after this day
```
"""
SECTIONS = {
    "Images": ("What the relocation of images found.", RENDER_RULES),
    "Registry": ("With `--verify-images` and `--pin-digests` only.", REGISTRY_RULES),
    "Versions": ("Whether what is installed fits together, before and after.", GATE_RULES),
    "Charts and values": ("What only `helm compat lint` looks at.", LINT_RULES),
    "Failures": ("There is no result then; their severity cannot be changed.", FAILURES),
}


def rule_index() -> str:
    """The whole text of the index."""
    parts = [HEAD]
    for title, (text, rules) in SECTIONS.items():
        rows = ["| rule | severity | what is wrong |", "|---|---|---|", *map(_row, rules)]
        parts.append(f"## {title}\n\n{text}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _row(rule: str) -> str:
    page = read_page(rule)
    link = f"[`{rule}`](../helm_compat/rules/{rule}.md)"
    return f"| {link} | {severity(page)} | {summary(page)} |"


if __name__ == "__main__":
    INDEX.write_bytes(rule_index().encode())
