"""The rules that a finding can name, and the manual page of each in `helm_compat/rules/`.

A rule's name names the bad pattern and never changes: configurations hold it.
"""

from __future__ import annotations

import os

FOLDER = os.path.join(os.path.dirname(__file__), "rules")

RENDER_RULES = (
    "host-like-reference",
    "invalid-reference",
    "leftover-image",
    "relocation-hazard",
    "run-time-image",
    "taken-pull-secret",
    "templated-reference",
    "uneditable-image",
    "unmatched-rule",
    "unseen-hooks",
)
GATE_RULES = (
    "community-edition",
    "conflicting-fields",
    "crd-version-differs",
    "disruptive-change",
    "downgrade",
    "edition-switch",
    "expired-suppression",
    "incompatible-versions",
    "init-differs",
    "missing-operator",
    "missing-version",
    "mixed-flavours",
    "mixed-operator-releases",
    "outdated-operand",
    "rejected-field",
    "risky-setting",
    "skipped-stop",
    "transient-state",
    "unchecked-component",
    "unknown-version",
    "unreadable-version",
    "unrecommended-version",
    "unserved-api-version",
    "unstated-version",
    "unsupported-field",
    "unused-suppression",
)
LINT_RULES = (
    "bypassed-relocation",
    "floating-tag",
    "foreign-registry",
    "ignored-value",
    "image-list-differs",
    "lost-path-prefix",
    "malformed-reference",
    "missing-digest",
    "missing-pull-secret",
    "mixed-tags",
    "tag-and-digest",
    "unknown-field",
    "unknown-value",
    "weak-credentials",
    "wide-kube-version",
    "wrong-value-type",
)
REGISTRY_RULES = ("missing-image", "unpinned-image")
# Not in `policy.rules`: without a result there is nothing whose severity could be changed.
FAILURES = ("check-not-made", "impossible-setting", "unreadable-input")
RULES = tuple(sorted((*RENDER_RULES, *REGISTRY_RULES, *GATE_RULES, *LINT_RULES, *FAILURES)))


def read_page(rule: str) -> str:
    """The manual page of one of RULES: Markdown that also reads well in a terminal."""
    with open(os.path.join(FOLDER, f"{rule}.md"), encoding="utf-8") as file:
        return file.read()


def summary(page: str) -> str:
    """The sentence of a page that says what is wrong, which is its second paragraph."""
    return page.split("\n\n", 2)[1]


def severity(page: str) -> str:
    """How grave a finding is: error, warning or info; `by fact` where the product's data say."""
    return page.split("\n\n", 3)[2].removeprefix("Severity: ")
