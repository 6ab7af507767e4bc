"""What the user takes out of the findings of a lint: by comment, annotation, rule and severity."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_compat.config_values import ADJUSTABLE
from helm_compat.errors import Place, UsageError
from helm_compat.findings import At, Finding
from helm_compat.images.found import Scope
from helm_compat.images.tree import NOBODY, Object
from helm_compat.knowledge.builtin import builtin_knowledge
from helm_compat.lint.comments import apply_comments
from helm_compat.lint.control import read_rules, settle
from helm_compat.lint.ignore_words import Words, read_annotation, read_comment
from helm_compat.lint.inspect import State, Stream, inspect
from helm_compat.lint.places import Placed, place
from helm_compat.nodes import Limits
from helm_compat.outcome import Settings
from helm_compat.sources.chart import Chart, read_chart
from helm_compat.suppress import Suppression

SETTINGS = Settings(Scope(builtin_knowledge(), {}, frozenset(), Limits()))
TODAY = "2026-11-21"
KNOWN = f"Known: {', '.join(sorted(ADJUSTABLE))}."
FORM = "until=2026-12-31 reason=WHY"
REMOVE = "Remove it: what it was for is not found on its line."
AGAIN = "Look at the case again, then give it a new day or remove it."
IGNORE = "# helm-compat: ignore[downgrade] reason=why"
WEB = "shop/templates/web.yaml"

Values = list[tuple[str, str]]


def make_chart(folder: Path, **files: str) -> Chart:
    """A chart that the user knows as `shop`: `web` is a template of it, `values` its values."""
    texts = {"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n"}
    names = {"web": "templates/web.yaml", "values": "values.yaml", "chart": "Chart.yaml"}
    texts.update({names[key]: text for key, text in files.items()})
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return read_chart(str(folder), shown="shop")


def state_of(text: str, chart: Chart | None = None) -> State:
    name = "shop" if chart else "in.yaml"
    return inspect([Stream(name, text.encode(), chart)], SETTINGS)


def findings(state: State, rule: str = "downgrade") -> list[Finding]:
    """A finding for each image of a state."""
    return [
        Finding(rule, "error", f"{image.written} is bad", image.at, excerpt=image.excerpt)
        for image in state.images
    ]


def applied(
    state: State, values: Values | None = None, *more: Finding, today: str = TODAY
) -> list[Placed]:
    """What becomes of a finding for each image, and of some more."""
    placed = [place(finding, state, values or []) for finding in [*findings(state), *more]]
    return apply_comments(placed, state, values or [], today=today)


def told(placed: list[Placed]) -> list[str]:
    """Each finding as a line: the reason of what is suppressed, the place of what is not."""
    return [_told(item) for item in placed]


def _told(item: Placed) -> str:
    finding, at = item.finding, item.finding.at
    if finding.suppressed:
        return f"{finding.message}: {finding.suppressed}"
    where = f"{item.place} {at.file}:{at.line}:{at.column} " if at else ""
    return f"{where}{finding.severity}[{finding.rule}] {finding.message}"


def pod(*lines: str, kind: str = "Pod", name: str = "web") -> str:
    """A manifest whose containers begin on line 4."""
    return f"kind: {kind}\nmetadata: {{name: {name}}}\nspec: {{containers: [\n" + "".join(
        f"{line}\n" for line in [*lines, "]}"]
    )


IMAGE = "  {image: a:1},"
BAD = "error[downgrade] a:1 is bad"
UNUSED = "warning[unused-suppression] the suppression of downgrade was not needed"


# --- What a comment says ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ignore[downgrade] reason=why", Words(("downgrade",), "why"), id="one"),
        pytest.param(
            "ignore[downgrade, skipped-stop,downgrade] reason=why so",
            Words(("downgrade", "skipped-stop"), "why so"),
            id="two",
        ),
        pytest.param(
            "ignore[downgrade] until=2026-12-31 reason=case 4711, see #3",
            Words(("downgrade",), "case 4711, see #3", "2026-12-31"),
            id="day",
        ),
        pytest.param(
            "ignore[downgrade] reason=why so until=2026-12-31",
            Words(("downgrade",), "why so", "2026-12-31"),
            id="day behind the reason",
        ),
        pytest.param(
            "  ignore[ downgrade ]  reason='why'  ", Words(("downgrade",), "why"), id="white space"
        ),
        pytest.param(
            'ignore[downgrade] reason="until=x it is"',
            Words(("downgrade",), "until=x it is"),
            id="quotes",
        ),
        pytest.param(
            "ignore[downgrade] reason='tis reason='so'",
            Words(("downgrade",), "tis reason='so"),
            id="quotes that are no pair",
        ),
    ],
)
def test_comment(text: str, expected: Words) -> None:
    assert read_comment(text) == expected


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        pytest.param("", "this comment for helm-compat is not understood", "all", id="empty"),
        pytest.param(
            "ignore downgrade reason=x",
            "this comment for helm-compat is not understood",
            "all",
            id="no brackets",
        ),
        pytest.param(
            "ignored[downgrade] reason=x",
            "this comment for helm-compat is not understood",
            "all",
            id="other word",
        ),
        pytest.param(
            "ignore[downgrade]reason=x",
            "this comment for helm-compat is not understood",
            "all",
            id="no space",
        ),
        pytest.param("ignore[] reason=x", "this suppression names no rule", "", id="no rule"),
        pytest.param("ignore[ , ] reason=x", "this suppression names no rule", "", id="comma only"),
        pytest.param(
            "ignore[downgrade]",
            "the suppression of downgrade gives no reason, so it does not count",
            "",
            id="no reason",
        ),
        pytest.param(
            "ignore[downgrade, x] reason= ''",
            "the suppression of downgrade, x gives no reason, so it does not count",
            "",
            id="empty reason",
        ),
        pytest.param(
            "ignore[downgrade] because of it",
            "the suppression of downgrade gives no reason, so it does not count",
            "",
            id="reason without its name",
        ),
        pytest.param(
            "ignore[downgrade] untill=2026-12-31 reason=x",
            "'untill=2026-12-31' is not understood, so this suppression does not count",
            "",
            id="misspelt day",
        ),
        pytest.param(
            "ignore[downgrade] until=2026-12-31 reason=x until=2027-12-31",
            "'until=2027-12-31' is not understood, so this suppression does not count",
            "",
            id="two days",
        ),
        pytest.param(
            "ignore[downgrade] until=31.12.2026 reason=x",
            "'31.12.2026' is no day, so this suppression does not count",
            "Days are written as 2026-12-31.",
            id="no day",
        ),
        pytest.param(
            "ignore[downgrade] until= reason=x",
            "'' is no day, so this suppression does not count",
            "Days are written as 2026-12-31.",
            id="empty day",
        ),
        pytest.param(
            "ignore[downgrad] reason=x",
            "unknown rule 'downgrad'",
            "Did you mean 'downgrade'?",
            id="misspelt rule",
        ),
        pytest.param("ignore[xyz] reason=x", "unknown rule 'xyz'", KNOWN, id="unknown rule"),
        pytest.param(
            "ignore[check-not-made] reason=x", "unknown rule 'check-not-made'", KNOWN, id="failure"
        ),
    ],
)
def test_comment_that_does_not_count(text: str, message: str, hint: str) -> None:
    hint = {
        "": f"Write ignore[RULE] {FORM}.",
        "all": f"Write helm-compat: ignore[RULE] {FORM}.",
    }.get(hint, hint)
    found = read_comment(text)
    assert (found.rules, found.faults) == ((), ((message, hint),))


def test_known_rules_count_beside_unknown_ones() -> None:
    assert read_comment("ignore[downgrad, skipped-stop] reason=x") == Words(
        ("skipped-stop",),
        "x",
        faults=(("unknown rule 'downgrad'", "Did you mean 'downgrade'?"),),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("downgrade reason=why", Words(("downgrade",), "why"), id="one"),
        pytest.param(
            "downgrade, skipped-stop until=2026-12-31 reason=why so",
            Words(("downgrade", "skipped-stop"), "why so", "2026-12-31"),
            id="all of it",
        ),
        pytest.param(
            " downgrade skipped-stop\n reason=why\n so\n",
            Words(("downgrade", "skipped-stop"), "why\n so"),
            id="lines",
        ),
        pytest.param(
            "downgrade",
            Words(
                faults=(
                    (
                        "the suppression of downgrade gives no reason, so it does not count",
                        f"Write helm-compat/ignore: RULE {FORM}.",
                    ),
                )
            ),
            id="no reason",
        ),
        pytest.param(
            "",
            Words(
                faults=(
                    ("this suppression names no rule", f"Write helm-compat/ignore: RULE {FORM}."),
                )
            ),
            id="empty",
        ),
    ],
)
def test_annotation(text: str, expected: Words) -> None:
    assert read_annotation(text) == expected


# --- Comments of manifests ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(pod(f"{IMAGE} {IGNORE}"), ["a:1 is bad: why"], id="on the line"),
        pytest.param(pod(IGNORE, IMAGE), ["a:1 is bad: why"], id="above"),
        pytest.param(pod(f"   {IGNORE}", IMAGE), ["a:1 is bad: why"], id="above, indented"),
        pytest.param(
            pod(IGNORE, "", "# more", "# helm-compat: ignore[skipped-stop] reason=x", IMAGE),
            [
                "a:1 is bad: why",
                "manifest in.yaml:7:1 warning[unused-suppression] the suppression of skipped-stop"
                " was not needed",
            ],
            id="above other comments",
        ),
        pytest.param(
            pod(f"  {{name: x}}, {IGNORE}", IMAGE),
            [f"manifest in.yaml:5:11 {BAD}", f"manifest in.yaml:4:14 {UNUSED}"],
            id="behind something else above",
        ),
        pytest.param(
            pod(IGNORE, "  {name: x},", IMAGE),
            [f"manifest in.yaml:6:11 {BAD}", f"manifest in.yaml:4:1 {UNUSED}"],
            id="two lines above",
        ),
        pytest.param(
            pod(IMAGE, IGNORE),
            [f"manifest in.yaml:4:11 {BAD}", f"manifest in.yaml:5:1 {UNUSED}"],
            id="below",
        ),
        pytest.param(
            pod(f"{IMAGE} {IGNORE}", IMAGE),
            ["a:1 is bad: why", f"manifest in.yaml:5:11 {BAD}"],
            id="one of two",
        ),
        pytest.param(
            pod(IGNORE, f"  {{image: a:1}}, {IMAGE}"),
            ["a:1 is bad: why", "a:1 is bad: why"],
            id="two on a line",
        ),
        pytest.param(
            pod("# helm-compat: ignore[skipped-stop] reason=x", IMAGE),
            [
                f"manifest in.yaml:5:11 {BAD}",
                "manifest in.yaml:4:1 warning[unused-suppression] the suppression of skipped-stop"
                " was not needed",
            ],
            id="other rule",
        ),
        pytest.param(
            pod("# helm-compat: ignore[downgrade, skipped-stop] reason=x", IMAGE),
            [
                "a:1 is bad: x",
                "manifest in.yaml:4:1 warning[unused-suppression] the suppression of skipped-stop"
                " was not needed",
            ],
            id="one rule of two",
        ),
        pytest.param(
            pod(f"{IMAGE} # helm-compat: ignore[downgrade]"),
            [
                f"manifest in.yaml:4:11 {BAD}",
                "manifest in.yaml:4:17 warning[unused-suppression] the suppression of downgrade"
                " gives no reason, so it does not count",
            ],
            id="no reason",
        ),
        pytest.param(
            pod(f"{IMAGE} # helm-compat: ignore[downgrad] reason=x"),
            [
                f"manifest in.yaml:4:11 {BAD}",
                "manifest in.yaml:4:17 warning[unused-suppression] unknown rule 'downgrad'",
            ],
            id="unknown rule",
        ),
        pytest.param(
            pod(f"{IMAGE} # helm-compat: fine"),
            [
                f"manifest in.yaml:4:11 {BAD}",
                "manifest in.yaml:4:17 warning[unused-suppression] this comment for helm-compat is"
                " not understood",
            ],
            id="something else",
        ),
        pytest.param(
            pod(f"{IMAGE} # helm-compat: ignore[downgrade] until={TODAY} reason=x"),
            ["a:1 is bad: x"],
            id="last day",
        ),
        pytest.param(
            pod(f"{IMAGE} # helm-compat: ignore[downgrade] until=2026-11-20 reason=x"),
            [
                f"manifest in.yaml:4:11 {BAD}",
                "manifest in.yaml:4:17 warning[expired-suppression] the suppression of downgrade"
                " ended on 2026-11-20",
            ],
            id="day after",
        ),
        pytest.param(
            pod(f"{IMAGE} # see helm-compat: ignore[downgrade] reason=x"),
            [f"manifest in.yaml:4:11 {BAD}"],
            id="comment about it",
        ),
        pytest.param(
            pod(IMAGE) + "---\n" + IGNORE + "\n" + pod(IMAGE, name="b"),
            [
                f"manifest in.yaml:4:11 {BAD}",
                f"manifest in.yaml:11:11 {BAD}",
                f"manifest in.yaml:7:1 {UNUSED}",
            ],
            id="above a document",
        ),
        pytest.param(
            f"kind: ServiceAccount\n{IGNORE}\n", [f"manifest in.yaml:2:1 {UNUSED}"], id="no images"
        ),
    ],
)  # fmt: skip
def test_comments_of_manifests(text: str, expected: list[str]) -> None:
    assert told(applied(state_of(text))) == expected


def test_hints() -> None:
    found = applied(state_of(pod(f"{IMAGE} # helm-compat: ignore[skipped-stop] reason=x")))
    assert found[1].finding.hint == REMOVE
    old = "# helm-compat: ignore[skipped-stop] until=2020-01-01 reason=x"
    found = applied(state_of(pod(f"{IMAGE} {old}")))
    assert found[1].finding.hint == AGAIN


def test_what_is_said_of_suppressions_cannot_be_suppressed() -> None:
    line = f"{IMAGE} # helm-compat: ignore[unused-suppression, skipped-stop] reason=x"
    at = At("in.yaml", "", 4, 17, "", NOBODY)
    report = Finding("unused-suppression", "warning", "nobody needs it", at)
    assert told(applied(state_of(pod(line)), [], report))[1:] == [
        "manifest in.yaml:4:17 warning[unused-suppression] nobody needs it",
        "manifest in.yaml:4:17 warning[unused-suppression] the suppression of unused-suppression"
        " was not needed",
        "manifest in.yaml:4:17 warning[unused-suppression] the suppression of skipped-stop was not"
        " needed",
    ]


def test_secrets_are_not_shown() -> None:
    text = f"kind: Secret\nmetadata: {{name: a}}\nstringData:\n  p: hunter2 {IGNORE}\n"
    (found,) = applied(state_of(text))
    assert (found.finding.rule, found.finding.excerpt) == ("unused-suppression", None)


# --- Annotations ---


def annotated(value: str, *lines: str, name: str = "web", namespace: str = "") -> str:
    where = f", namespace: {namespace}" if namespace else ""
    return pod(*lines).replace(
        "metadata: {name: web}",
        f"metadata: {{name: {name}{where}, annotations: {{helm-compat/ignore: {value}}}}}",
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            annotated("downgrade reason=why", IMAGE, IMAGE),
            ["a:1 is bad: why", "a:1 is bad: why"],
            id="all of an object",
        ),
        pytest.param(
            annotated("downgrade reason=why", IMAGE) + "---\n" + pod(IMAGE, name="b"),
            ["a:1 is bad: why", f"manifest in.yaml:10:11 {BAD}"],
            id="another object",
        ),
        pytest.param(
            annotated("downgrade reason=why", IMAGE)
            + "---\n"
            + pod(IMAGE).replace("web", "web, namespace: b"),
            ["a:1 is bad: why", "a:1 is bad: why"],
            id="namespace that is not said",
        ),
        pytest.param(
            annotated("downgrade reason=why", IMAGE, namespace="a")
            + "---\n"
            + pod(IMAGE).replace("web", "web, namespace: b"),
            ["a:1 is bad: why", f"manifest in.yaml:10:11 {BAD}"],
            id="another namespace",
        ),
        pytest.param(
            annotated("'skipped-stop reason=x'", IMAGE),
            [
                f"manifest in.yaml:4:11 {BAD}",
                "manifest in.yaml:2:58 warning[unused-suppression] the suppression of skipped-stop"
                " was not needed",
            ],
            id="not needed",
        ),
        pytest.param(
            annotated("downgrade", IMAGE),
            [
                f"manifest in.yaml:4:11 {BAD}",
                "manifest in.yaml:2:57 warning[unused-suppression] the suppression of downgrade"
                " gives no reason, so it does not count",
            ],
            id="no reason",
        ),
        pytest.param(
            annotated("downgrade until=2020-01-01 reason=x", IMAGE),
            [
                f"manifest in.yaml:4:11 {BAD}",
                "manifest in.yaml:2:57 warning[expired-suppression] the suppression of downgrade"
                " ended on 2020-01-01",
            ],
            id="over",
        ),
        pytest.param(
            annotated("[downgrade]", IMAGE), [f"manifest in.yaml:4:11 {BAD}"], id="no text"
        ),
        pytest.param(
            annotated("downgrade reason=x", IMAGE, name="''"),
            [f"manifest in.yaml:4:11 {BAD}"],
            id="no name",
        ),
        pytest.param(
            "kind: List\nitems:\n- " + annotated("downgrade reason=x", IMAGE).replace("\n", "\n  "),
            ["a:1 is bad: x"],
            id="in a list",
        ),
    ],
)
def test_annotations(text: str, expected: list[str]) -> None:
    assert told(applied(state_of(text))) == expected


def test_place_and_hint_of_an_annotation() -> None:
    found = applied(state_of(annotated("skipped-stop reason=x", IMAGE)))[-1].finding
    assert found.at
    assert found.at.path == "metadata.annotations['helm-compat/ignore']"
    assert found.at.object == Object("", "Pod", "", "web")
    assert found.hint == "Remove it: what it was for is not found in this object."
    assert found.excerpt
    assert found.excerpt.text[56:][: found.excerpt.width] == "skipped-stop reason=x"


# --- Comments of charts ---


def rendered(text: str) -> str:
    """What Helm makes of the template: two lines above it."""
    return f"---\n# Source: {WEB}\n{text}"


BRACES = "{{/* helm-compat: ignore[downgrade] reason=why */}}"


@pytest.mark.parametrize(
    ("template", "result", "expected"),
    [
        pytest.param(
            pod(f"{IMAGE} {IGNORE}"), None, ["a:1 is bad: why"], id="comment that Helm writes"
        ),
        pytest.param(
            pod(f"{{{{ .x }}}} {IGNORE}"), pod(f"{IMAGE} {IGNORE}"), ["a:1 is bad: why"],
            id="behind an action",
        ),
        pytest.param(
            pod(f"{IMAGE} {IGNORE}"), pod(IMAGE), ["a:1 is bad: why"], id="comment that Helm loses"
        ),
        pytest.param(pod(BRACES, IMAGE), pod("", IMAGE), ["a:1 is bad: why"], id="braces above"),
        pytest.param(
            pod(BRACES, "{{- /* more */ -}}", "# more", IMAGE), pod("# more", IMAGE),
            ["a:1 is bad: why"], id="braces above other comments",
        ),
        pytest.param(
            pod("{{- /*\n# helm-compat: ignore[downgrade]\n reason=why\n*/ -}}", IMAGE), pod(IMAGE),
            ["a:1 is bad: why"], id="braces over lines",
        ),
        pytest.param(
            pod(f"{IMAGE} {BRACES}"), pod(IMAGE), ["a:1 is bad: why"], id="braces on the line"
        ),
        pytest.param(
            pod("  {{ x }}", BRACES, "  {name: {{ .y }}},", IMAGE), pod("  {name: n},", IMAGE),
            [
                f"template shop/templates/web.yaml:7:11 {BAD}",
                f"template shop/templates/web.yaml:5:1 {UNUSED}",
            ],
            id="braces that nothing needs",
        ),
        pytest.param(
            pod("{{ if x }}", BRACES, "  {image: b:2},", "{{ end }}", IMAGE), pod(IMAGE),
            [f"template shop/templates/web.yaml:8:11 {BAD}"], id="braces of what is not rendered",
        ),
        pytest.param(
            pod("{{ if x }}", IGNORE, "  {image: b:2},", "{{ end }}", IMAGE), pod(IMAGE),
            [f"template shop/templates/web.yaml:8:11 {BAD}"], id="comment that is not rendered",
        ),
        pytest.param(
            pod("{{ range x }}", "  {name: n},", IGNORE, "{{ end }}", IMAGE),
            pod("  {name: n},", IGNORE, "  {name: n},", IGNORE, IMAGE),
            ["a:1 is bad: why"], id="comment that is rendered twice",
        ),
        pytest.param(
            pod("{{ range x }}", IGNORE, "  {name: n},", "{{ end }}", IMAGE),
            pod(IGNORE, "  {name: n},", IGNORE, "  {name: n},", IMAGE),
            [
                f"template shop/templates/web.yaml:8:11 {BAD}",
                f"template shop/templates/web.yaml:5:1 {UNUSED}",
            ],
            id="comment that is rendered twice for nothing",
        ),
        pytest.param(
            pod("{{ include x }}", IMAGE), pod("  # helm-compat: ignore[downgrade]", IMAGE),
            [
                f"template shop/templates/web.yaml:5:11 {BAD}",
                "rendered shop/templates/web.yaml:6:3 warning[unused-suppression] the suppression"
                " of downgrade gives no reason, so it does not count",
            ],
            id="comment from elsewhere",
        ),
        pytest.param(
            pod("{{/* " + IGNORE.replace("helm-compat", "helm") + " */}}", IMAGE), pod("", IMAGE),
            [f"template shop/templates/web.yaml:5:11 {BAD}"], id="another comment",
        ),
        pytest.param(
            pod("{{/* so:", IGNORE, "*/}}", IMAGE), pod("", IMAGE),
            [f"template shop/templates/web.yaml:7:11 {BAD}"], id="comment in a comment",
        ),
    ],
)  # fmt: skip
def test_comments_of_templates(
    tmp_path: Path, template: str, result: str | None, expected: list[str]
) -> None:
    chart = make_chart(tmp_path, web=template)
    assert told(applied(state_of(rendered(result or template), chart))) == expected


def test_annotation_of_a_template(tmp_path: Path) -> None:
    text = annotated("skipped-stop reason=x", IMAGE)
    state = state_of(rendered(text), make_chart(tmp_path, web=text))
    assert told(applied(state))[1:] == [
        "template shop/templates/web.yaml:2:57 warning[unused-suppression] the suppression of"
        " skipped-stop was not needed"
    ]


@pytest.mark.parametrize(
    ("own", "mine", "expected"),
    [
        pytest.param(f"image: a:1 {IGNORE}\n", None, ["a:1 is bad: why"], id="own values"),
        pytest.param(f"{IGNORE}\nimage: a:1\n", None, ["a:1 is bad: why"], id="above"),
        pytest.param("", f"image: a:1 {IGNORE}\n", ["a:1 is bad: why"], id="the user's"),
        pytest.param("", f"\ufeffimage: a:1 {IGNORE}\n", ["a:1 is bad: why"], id="BOM"),
        pytest.param(
            f"x: 1 {IGNORE}\n", None,
            [f"rendered shop/templates/web.yaml:6:11 {BAD}", f"values shop/values.yaml:1:6 {UNUSED}"],
            id="own values that nothing needs",
        ),
        pytest.param(
            f"x: 1 {IGNORE}\n", "x: 2",
            [f"rendered shop/templates/web.yaml:6:11 {BAD}"], id="own values under the user's",
        ),
        pytest.param(
            "", f"x: 1 {IGNORE}\n",
            [f"rendered shop/templates/web.yaml:6:11 {BAD}", f"values mine.yaml:1:6 {UNUSED}"],
            id="the user's that nothing needs",
        ),
        pytest.param(
            "", f"x: [ {IGNORE}\n", [f"rendered shop/templates/web.yaml:6:11 {BAD}"],
            id="file with a fault",
        ),
    ],
)  # fmt: skip
def test_comments_of_values(
    tmp_path: Path, own: str, mine: str | None, expected: list[str]
) -> None:
    chart = make_chart(tmp_path, web=pod("  {image: {{ .x }}},"), values=own)
    values = [] if mine is None else [("mine.yaml", mine)]
    assert told(applied(state_of(rendered(pod(IMAGE)), chart), values)) == expected


def test_values_do_not_matter_to_manifests() -> None:
    state = state_of(pod(IMAGE))
    assert told(applied(state, [("mine.yaml", f"x: 1 {IGNORE}\n")])) == [
        f"manifest in.yaml:4:11 {BAD}"
    ]


def test_secrets_beside_a_comment_of_values_are_not_shown() -> None:
    chart_values = [("mine.yaml", f"password: hunter2 {IGNORE}\n")]
    chart = Path(__file__).parent.parent / "testdata" / "sources" / "shop"
    state = inspect([Stream("shop", b"", read_chart(str(chart), shown="shop"))], SETTINGS)
    (found,) = applied(state, chart_values)
    assert found.finding.excerpt
    assert found.finding.excerpt.text == f"password: ******* {IGNORE}"


def test_comments_of_the_chart(tmp_path: Path) -> None:
    chart = make_chart(
        tmp_path,
        chart=f"apiVersion: v2\nname: shop\nversion: 1.0.0 {IGNORE}\nkubeVersion: '*' {IGNORE} 2\n",
    )
    at = At("shop/Chart.yaml", "", 3, 10, "version", NOBODY)
    finding = Finding("downgrade", "error", "1.0.0 is bad", at)
    assert told(applied(state_of("", chart), [], finding)) == [
        "1.0.0 is bad: why",
        f"chart shop/Chart.yaml:4:18 {UNUSED}",
    ]


# --- What holds of all comments ---

LINES = st.lists(
    st.sampled_from(
        [
            IMAGE,
            f"{IMAGE} {IGNORE}",
            IGNORE,
            "",
            "  {name: x},",
            "# helm-compat: ignore[downgrade, skipped-stop] reason=y",
            "# helm-compat: ignore[downgrade] until=2020-01-01 reason=z",
            "# helm-compat: ignore[unused-suppression] reason=z",
            "# helm-compat: ignore[x]",
        ]
    ),
    max_size=8,
)


@given(LINES)
def test_twice_is_once(lines: list[str]) -> None:
    state = state_of(pod(*lines))
    once = applied(state)
    assert apply_comments(once, state, [], today=TODAY) == once


@given(LINES, st.sampled_from(["2019-12-31", "2020-01-01", TODAY]))
def test_findings_are_kept_and_each_comment_counts_or_is_told(lines: list[str], today: str) -> None:
    state = state_of(pod(*lines))
    found = applied(state, today=today)
    before = findings(state)
    assert [item.finding._replace(suppressed="") for item in found[: len(before)]] == before
    told_lines = {item.finding.at.line for item in found[len(before) :] if item.finding.at}
    quiet = {item.comment for item in found[: len(before)]}
    comments = {number + 4 for number, line in enumerate(lines) if "helm-compat:" in line}
    assert told_lines <= comments
    assert bool(quiet - {""}) == any(item.finding.suppressed for item in found)


@given(st.text(max_size=60))
def test_any_words_can_be_read(text: str) -> None:
    for words in (read_comment(text), read_annotation(text), read_comment(f"ignore[a] {text}")):
        assert bool(words.rules) <= bool(words.reason)
        assert words.rules or words.faults


# --- Which rules are asked for ---


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param([], set(), id="none"),
        pytest.param(["downgrade"], {"downgrade"}, id="name"),
        pytest.param(["downgrade", "downgrade", "skipped-stop"], {"downgrade", "skipped-stop"}, id="names"),
        pytest.param(
            ["crd", "skipped"], {"crd-version-differs", "skipped-stop"}, id="first words"
        ),
        pytest.param(["crd-version"], {"crd-version-differs"}, id="first two words"),
    ],
)  # fmt: skip
def test_rules(words: list[str], expected: set[str]) -> None:
    assert read_rules(words, "--select") == expected


def test_first_word_of_several() -> None:
    found = read_rules(["mixed"], "--select")
    assert found >= {"mixed-flavours", "mixed-operator-releases"}
    assert all(rule.startswith("mixed-") for rule in found)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        pytest.param(
            "downgrad", "--ignore: unknown rule 'downgrad'\n  Did you mean 'downgrade'?", id="near"
        ),
        pytest.param("xyz", f"--ignore: unknown rule 'xyz'\n  {KNOWN}", id="far"),
        pytest.param("", f"--ignore: unknown rule ''\n  {KNOWN}", id="empty"),
        pytest.param(
            "mixed-flavour",
            "--ignore: unknown rule 'mixed-flavour'\n  Did you mean 'mixed-flavours'?",
            id="part of a word",
        ),
        pytest.param(
            "check-not-made",
            "--ignore: check-not-made is no finding of lint but the end of it\n"
            "  Leave out the input that cannot be checked.",
            id="failure",
        ),
    ],
)
def test_no_rules(word: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_rules(["downgrade", word], "--ignore")
    assert str(caught.value) == message


def settled(
    placed: list[Placed],
    *,
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    severities: dict[str, str] | None = None,
    suppressions: tuple[Suppression, ...] = (),
    complete: bool = True,
) -> list[Placed]:
    return settle(
        placed,
        select=select,
        ignore=ignore,
        severities=severities or {},
        suppressions=suppressions,
        today=TODAY,
        complete=complete,
    )


FOUND = [
    Placed(Finding("downgrade", "error", "a"), ""),
    Placed(Finding("crd-version-differs", "warning", "b"), ""),
    Placed(Finding("mixed-flavours", "info", "c", suppressed="why"), ""),
]


@pytest.mark.parametrize(
    ("select", "ignore", "messages"),
    [
        pytest.param([], [], "abc", id="all"),
        pytest.param(["downgrade"], [], "a", id="one"),
        pytest.param(["downgrade", "mixed"], [], "ac", id="two"),
        pytest.param([], ["downgrade"], "bc", id="all but one"),
        pytest.param(["downgrade", "crd"], ["crd-version-differs"], "a", id="both"),
        pytest.param(["skipped-stop"], [], "", id="none"),
    ],
)
def test_select(select: list[str], ignore: list[str], messages: str) -> None:
    found = settled(FOUND, select=tuple(select), ignore=tuple(ignore))
    assert [item.finding.message for item in found] == list(messages)


def test_unknown_rules_are_refused_even_if_nothing_is_found() -> None:
    with pytest.raises(UsageError, match=r"^--select: unknown rule 'xyz'"):
        settled([], select=("xyz",))


def test_severities() -> None:
    leftovers = [Placed(Finding("leftover-image", level, "d"), "") for level in ("info", "warning")]
    found = settled(
        [*FOUND, *leftovers], severities={"downgrade": "info", "leftover-image": "error"}
    )
    levels = [item.finding.severity for item in found]
    assert levels == ["error", "warning", "info", "info", "info"]


def test_suppressions_of_the_configuration() -> None:
    entry = Suppression("downgrade", "*", "case 4711", "", Place(".helm-compat.yaml", 3, 5))
    unused = entry._replace(rule="skipped-stop")
    found = settled(FOUND, suppressions=(entry, unused), select=("downgrade", "unused"))
    assert told(found) == [
        "a: case 4711",
        "warning[unused-suppression] .helm-compat.yaml:3:5: the suppression of skipped-stop for *"
        " was not needed",
    ]


def test_no_suppression_is_unused_where_an_input_failed() -> None:
    entry = Suppression("skipped-stop", "*", "why", "", Place(".helm-compat.yaml", 3, 5))
    old = entry._replace(until="2020-01-31")
    assert settled(FOUND, suppressions=(entry,), complete=False) == FOUND
    rules = [f.finding.rule for f in settled(FOUND, suppressions=(old,), complete=False)]
    assert rules.count("expired-suppression") == 1


def test_the_gravest_come_first_then_by_place() -> None:
    places = [
        ("warning", "b.yaml", 1, 1),
        ("warning", "a.yaml", 10, 1),
        ("warning", "a.yaml", 9, 5),
        ("warning", "a.yaml", 9, 4),
        ("error", "c.yaml", 2, 1),
    ]
    found = [
        Placed(Finding("downgrade", level, "x", At(file, "", line, column, "", NOBODY)), "manifest")
        for level, file, line, column in places
    ]
    assert settled(found) == found[::-1]
    assert settled(found[::-1]) == found[::-1]


def test_what_is_not_selected_still_needs_its_suppression() -> None:
    entry = Suppression("downgrade", "*", "case 4711", "", Place(".helm-compat.yaml", 3, 5))
    assert settled(FOUND, suppressions=(entry,), ignore=("downgrade",)) == FOUND[1:]


def test_comment_that_one_chart_of_several_needs(tmp_path: Path) -> None:
    chart = make_chart(tmp_path, web=pod("  {image: {{ .x }}},"))
    values = [("mine.yaml", f"x: a:1 {IGNORE}\n")]
    needed = applied(state_of(rendered(pod(IMAGE)), chart), values)
    unneeded = applied(state_of("", chart), values)
    assert told(needed) == ["a:1 is bad: why"]
    assert told(unneeded) == [f"values mine.yaml:1:8 {UNUSED}"]
    assert settled([*unneeded, *needed, *unneeded]) == needed
    assert settled([*unneeded, *unneeded]) == unneeded
