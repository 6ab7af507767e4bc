"""Where findings of a chart really stand: in a template, in a values file, or nowhere for sure."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_compat.errors import InputError
from helm_compat.findings import At, Excerpt, Finding
from helm_compat.images.found import Scope
from helm_compat.images.tree import NOBODY, Object
from helm_compat.knowledge.builtin import builtin_knowledge
from helm_compat.lint.inspect import State, Stream, inspect
from helm_compat.lint.places import Placed, place
from helm_compat.lint.template import Template
from helm_compat.nodes import Limits
from helm_compat.outcome import Settings
from helm_compat.sources.chart import Chart, Text, read_chart
from helm_compat.sources.files import Folder
from helm_compat.sources.helm import Options
from helm_compat.sources.inputs import Input, load

SETTINGS = Settings(Scope(builtin_knowledge(), {}, frozenset(), Limits()))
WEB = "shop/templates/web.yaml"
POD = "kind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n"
CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"


def make_chart(folder: Path, files: dict[str, str]) -> Chart:
    """A chart that the user knows as `shop`."""
    for name, text in {"Chart.yaml": CHART, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8", newline="")
    return read_chart(str(folder), shown="shop")


def state_of(chart: Chart | None, rendered: str) -> State:
    return inspect([Stream("shop", rendered.encode(), chart)], SETTINGS)


def image_findings(state: State) -> list[Finding]:
    """A finding for each image, as lint makes them."""
    return [
        Finding("downgrade", "error", f"{image.written} is bad", image.at, excerpt=image.excerpt)
        for image in state.images
    ]


def placed(state: State, *values: tuple[str, str]) -> list[Placed]:
    return [place(finding, state, values) for finding in image_findings(state)]


def shown(found: Iterable[Placed]) -> list[str]:
    """Each place as `KIND FILE:LINE:COLUMN`, and the text that it points at."""
    return [_shown(item) for item in found]


def _shown(item: Placed) -> str:
    at, excerpt = item.finding.at, item.finding.excerpt
    assert at
    text = excerpt.text[excerpt.column - 1 :][: excerpt.width] if excerpt else ""
    return f"{item.place} {at.file}:{at.line}:{at.column} {text}".rstrip()


def rendered(*lines: str, template: str = WEB) -> str:
    """What Helm makes of a template with a pod: the given lines begin on line 7."""
    return f"---\n# Source: {template}\n{POD}" + "".join(f"{line}\n" for line in lines)


# --- In a template ---


@pytest.mark.parametrize(
    ("template", "line", "expected"),
    [
        pytest.param("  - image: nginx:1", "  - image: nginx:1", "5:12", id="as it is"),
        pytest.param("  - image: 'nginx:1'", "  - image: 'nginx:1'", "5:13", id="quotes"),
        pytest.param("  - image: \"nginx:1\"", "  - image: nginx:1", "5:13", id="quotes lost"),
        pytest.param("  - image: nginx:1", "    - image: nginx:1", "5:12", id="indented anew"),
        pytest.param("  - image: nginx:1 # why\r", "  - image: nginx:1 # why\r", "5:12", id="CRLF"),
        pytest.param("# nginx:1\n  - image: nginx:1", "  - image: nginx:1", "6:12", id="comment"),
        pytest.param(
            "{{/* nginx:1 */}}\n  - image: nginx:1", "  - image: nginx:1", "6:12",
            id="comment of the template",
        ),
        pytest.param(
            "{{- /* not }} yet: nginx:1 */ -}}\n  - image: nginx:1", "  - image: nginx:1", "6:12",
            id="braces in a comment of the template",
        ),
        pytest.param(
            "  - name: x\n    image: nginx:1\n    oldimage: nginx:1", "  - image: nginx:1", "",
            id="other fields only",
        ),
        pytest.param(
            "  - image: nginx:1\n    args: [nginx:1]", "  - image: nginx:1", "5:12",
            id="another field too",
        ),
        pytest.param("  - image: nginx:12", "  - image: nginx:1", "", id="longer text"),
        pytest.param("  - image: my/nginx:1", "  - image: nginx:1", "", id="text before it"),
        pytest.param(
            "  - image: nginx:1\n  - image: nginx:1", "  - image: nginx:1", "", id="twice"
        ),
        pytest.param(
            "  - {{ .key }}: nginx:1", "  - image: nginx:1", "5:17", id="behind an action"
        ),
        pytest.param(
            "  {{- if .Values.x }}\n  - image: nginx:1\n  {{- end }}", "  - image: nginx:1",
            "6:12", id="between conditions",
        ),
        pytest.param(
            "  {{ if .x }}- image: nginx:1 {{- else }}- image: b{{ end }}", "  - image: nginx:1",
            "5:23", id="conditions on its line",
        ),
        pytest.param(
            "  - image: nginx:1\n    {{- include \"x\" (dict\n      \"a\" 1) | nindent 4 }}",
            "  - image: nginx:1", "5:12", id="action over lines",
        ),
        pytest.param(
            "  - image: {{ .Values.image | default \"nginx:1\" }}", "  - image: nginx:1", "5:40",
            id="default of an action",
        ),
        pytest.param(
            "{{- $image := `nginx:1` }}\n  - image: {{ $image }}", "  - image: nginx:1", "5:16",
            id="variable",
        ),
        pytest.param(
            "  - image: {{ .Values.image | default \"nginx:12\" }}", "  - image: nginx:1", "",
            id="longer text in an action",
        ),
        pytest.param(
            "  - name: {{ .Values.name | default \"nginx:1\" }}", "  - image: nginx:1", "",
            id="action of another field",
        ),
        pytest.param(
            "{{ if eq .Values.image \"nginx:1\" }}\n  - image: {{ .Values.image }}\n{{ end }}",
            "  - image: nginx:1", "", id="condition",
        ),
        pytest.param(
            "{{ if .a }}{{ else if eq .b \"nginx:1\" }}\n  - image: {{ .b }}\n{{ end }}",
            "  - image: nginx:1", "", id="second condition",
        ),
        pytest.param("  - image: {{ .Values.image }}", "  - image: nginx:1", "", id="values only"),
        pytest.param(
            "  - image: {{ \"}}\" }}nginx:1", "  - image: nginx:1", "5:22", id="braces in quotes"
        ),
        pytest.param("  - image: {{ x\n  - image: nginx:1", "  - image: nginx:1", "", id="no end"),
        pytest.param("  - image: [*nginx:1", "  - image: [?nginx:1", "", id="no patterns"),
    ],
)  # fmt: skip
def test_template(tmp_path: Path, template: str, line: str, expected: str) -> None:
    chart = make_chart(tmp_path, {"templates/web.yaml": f"{POD}{template}\n"})
    start = line.index("nginx:1")
    at = At("shop", WEB, 7, start + 1, "spec.containers[0].image", NOBODY)
    excerpt = Excerpt(line.rstrip("\r"), start + 1, len("nginx:1"))
    state = state_of(chart, rendered())
    found = place(Finding("downgrade", "error", "bad", at, excerpt=excerpt), state, ())
    where = f"template shop/templates/web.yaml:{expected}"
    other = f"rendered shop/templates/web.yaml:7:{start + 1}"
    assert shown([found]) == [f"{where if expected else other} nginx:1"]
    assert found.rendered == at
    assert found.finding.at
    assert found.finding.at[1::4] == at[1::4]


def test_images_of_a_state(tmp_path: Path) -> None:
    template = f"{POD}  - image: nginx:1\n  - image: {{{{ .Values.tool }}}}\n"
    chart = make_chart(tmp_path, {"templates/web.yaml": template, "values.yaml": "tool: tool:2\n"})
    state = state_of(chart, rendered("  - image: nginx:1", "  - image: tool:2"))
    assert shown(placed(state)) == [
        "template shop/templates/web.yaml:5:12 nginx:1",
        "values shop/values.yaml:1:7 tool:2",
    ]


def test_excerpt_of_the_template_is_shown(tmp_path: Path) -> None:
    template = f"{POD}  - {{{{ .key }}}}: nginx:1 # {{{{ .why }}}}\n"
    chart = make_chart(tmp_path, {"templates/web.yaml": template})
    state = state_of(chart, rendered("  - image: nginx:1 # because"))
    (found,) = placed(state)
    assert found.finding.excerpt == Excerpt("  - {{ .key }}: nginx:1 # {{ .why }}", 17, 7)


@pytest.mark.parametrize("file", ["charts/db/templates/web.yaml", "crds/web.yaml"])
def test_other_files(tmp_path: Path, file: str) -> None:
    chart = make_chart(tmp_path, {file: f"{POD}  - image: nginx:1\n    note: '{{{{'\n"})
    state = state_of(chart, rendered("  - image: nginx:1", template=f"shop/{file}"))
    assert shown(placed(state)) == [f"template shop/{file}:5:12 nginx:1"]


def test_byte_order_mark_is_no_column(tmp_path: Path) -> None:
    chart = make_chart(tmp_path, {"templates/web.yaml": "\ufeff{kind: Pod, x: a}\n"})
    at = At("shop", WEB, 3, 1, "", NOBODY)
    finding = Finding("downgrade", "error", "x", at, excerpt=Excerpt("{kind: Pod, x: a}", 1, 17))
    assert shown([place(finding, state_of(chart, ""), ())]) == [
        "template shop/templates/web.yaml:1:1 {kind: Pod, x: a}"
    ]


def test_long_lines_are_held_by_what_is_shown_of_them(tmp_path: Path) -> None:
    template = f"{POD}  - {{{{ .x }}}}{{name: {'a' * 300}, image: nginx:1, x: {'b' * 300}}}\n"
    chart = make_chart(tmp_path, {"templates/web.yaml": template})
    line = f"  - {{name: {'a' * 300}, image: nginx:1, x: {'b' * 300}}}"
    assert shown(placed(state_of(chart, rendered(line)))) == [
        "template shop/templates/web.yaml:5:329 nginx:1"
    ]


# --- In a values file ---


@pytest.mark.parametrize(
    ("own", "given", "expected"),
    [
        pytest.param("image: nginx:1\n", [], "values shop/values.yaml:1:8", id="own values"),
        pytest.param("image: 'nginx:1'\n", [], "values shop/values.yaml:1:9", id="quotes"),
        pytest.param("image: |-\n  nginx:1\n", [], "values shop/values.yaml:2:3", id="block"),
        pytest.param("a: [x, {b: nginx:1}]\n", [], "values shop/values.yaml:1:12", id="deeper"),
        pytest.param(
            "image: nginx:1\n", ["image: nginx:1\n"], "values mine0.yaml:1:8", id="the user's first"
        ),
        pytest.param(
            "", ["a: 1\nimage: nginx:1\n", "image: nginx:1\n", "b: 2\n"], "values mine1.yaml:1:8",
            id="the last that has it",
        ),
        pytest.param("a: nginx:1\nb: nginx:1\n", [], "", id="twice"),
        pytest.param("image: nginx:1\n", ["a: nginx:1\nb: nginx:1"], "", id="twice in the last"),
        pytest.param("a: &x nginx:1\nb: *x\n", [], "values shop/values.yaml:1:7", id="alias"),
        pytest.param("image: nginx:12\n", [], "", id="longer text"),
        pytest.param("image: my/nginx:1\n", [], "", id="part of a value"),
        pytest.param("nginx:1: x\n", [], "", id="key"),
        pytest.param("# nginx:1\n", [], "", id="comment"),
        pytest.param('image: "nginx\\x3a1"\n', [], "", id="written in another way"),
        pytest.param("image: nginx:1\nimage: b\n", [], "", id="file with a fault"),
        pytest.param("image: nginx:1\n", ["a: [\n"], "", id="the user's has a fault"),
        pytest.param("image: nginx:1\n", ["\ufeffa: b\n"], "values shop/values.yaml:1:8", id="BOM"),
        pytest.param("password: nginx:1\n", [], "", id="secret"),
        pytest.param("", [], "", id="nowhere"),
    ],
)  # fmt: skip
def test_values(tmp_path: Path, own: str, given: list[str], expected: str) -> None:
    template = f"{POD}  - image: {{{{ .Values.image }}}}\n"
    chart = make_chart(tmp_path, {"templates/web.yaml": template, "values.yaml": own})
    state = state_of(chart, rendered("  - image: nginx:1"))
    files = [(f"mine{number}.yaml", text) for number, text in enumerate(given)]
    expected = expected or "rendered shop/templates/web.yaml:7:12"
    (found,) = placed(state, *files)
    assert shown([found]) == [f"{expected} nginx:1"]
    assert found.finding.at
    assert found.finding.at.template == WEB


def test_template_and_values_are_two_places(tmp_path: Path) -> None:
    files = {"templates/web.yaml": f"{POD}  - image: nginx:1\n", "values.yaml": "image: nginx:1\n"}
    state = state_of(make_chart(tmp_path, files), rendered("  - image: nginx:1"))
    assert shown(placed(state)) == ["rendered shop/templates/web.yaml:7:12 nginx:1"]


def test_secrets_beside_a_value_are_not_shown(tmp_path: Path) -> None:
    state = state_of(make_chart(tmp_path, {}), rendered("  - image: nginx:1"))
    (found,) = placed(state, ("mine.yaml", "{image: nginx:1, password: hunter2}\n"))
    assert found.finding.excerpt == Excerpt("{image: nginx:1, password: *******}", 9, 7)


@pytest.mark.parametrize(
    ("values", "path", "text", "expected"),
    [
        pytest.param("a: true\n", "spec.privileged", "true", "", id="truth under another key"),
        pytest.param("a: 3\n", "spec.replicas", "3", "", id="number under another key"),
        pytest.param("x: {replicas: 3}\n", "spec.replicas", "3", "1:15", id="number"),
        pytest.param("x: {'a.b': 3}\n", "metadata.labels['a.b']", "3", "", id="key with a dot"),
        pytest.param("args: [3]\n", "spec.args[0]", "3", "", id="item"),
        pytest.param("tag: 1.27\n", "spec.image", "1.27", "1:6", id="release"),
        pytest.param("tag: yes\n", "spec.tag", "true", "", id="truth in another word"),
        pytest.param("pull: Always\n", "spec.imagePullPolicy", "Always", "1:7", id="word"),
    ],
)
def test_short_values(tmp_path: Path, values: str, path: str, text: str, expected: str) -> None:
    chart = make_chart(tmp_path, {"values.yaml": values})
    at = At("shop", WEB, 3, 4, path, NOBODY)
    finding = Finding(
        "risky-setting", "warning", "x", at, excerpt=Excerpt(f"x: {text}", 4, len(text))
    )
    where = f"values shop/values.yaml:{expected}"
    assert shown([place(finding, state_of(chart, ""), ())]) == [
        f"{where if expected else 'rendered shop/templates/web.yaml:3:4'} {text}"
    ]


@pytest.mark.parametrize(
    ("own", "sub", "given", "expected"),
    [
        pytest.param("", "image: nginx:1\n", "", "shop/charts/db/values.yaml:1:8", id="its own"),
        pytest.param("db: {image: nginx:1}\n", "", "", "shop/values.yaml:1:13", id="the chart's"),
        pytest.param(
            "db: {image: nginx:1}\n", "image: nginx:1\n", "", "shop/values.yaml:1:13", id="both"
        ),
        pytest.param("", "", "db: {image: nginx:1}\n", "mine.yaml:1:13", id="the user's"),
        pytest.param("", "", "global: {image: nginx:1}\n", "mine.yaml:1:17", id="global"),
        pytest.param("image: nginx:1\n", "", "", "", id="values that it does not get"),
        pytest.param(
            "image: nginx:1\n", "image: nginx:1\n", "web: {db: nginx:1}\n",
            "shop/charts/db/values.yaml:1:8", id="its own, beside others",
        ),
    ],
)  # fmt: skip
def test_values_of_a_chart_inside(
    tmp_path: Path, own: str, sub: str, given: str, expected: str
) -> None:
    files = {"values.yaml": own, "charts/db/values.yaml": sub}
    template = "shop/charts/db/templates/web.yaml"
    state = state_of(make_chart(tmp_path, files), rendered("  - image: nginx:1", template=template))
    where = f"values {expected}" if expected else f"rendered {template}:7:12"
    assert shown(placed(state, ("mine.yaml", given))) == [f"{where} nginx:1"]


REDIS = "docker.io/library/redis:latest"
WORKER = "quay.io/shop/worker:latest"
CACHE_AND_TAG = f"cache: {{image: {REDIS}}}\nworker: {{tag: latest}}\n"


@pytest.mark.parametrize(
    ("values", "image", "expected"),
    [
        pytest.param(CACHE_AND_TAG, REDIS, "1:40", id="the value around it"),
        pytest.param(CACHE_AND_TAG, WORKER, "2:15", id="the value alone"),
        pytest.param(f"a: {REDIS}\nb: {REDIS}\nc: latest\n", REDIS, "", id="two around it"),
        pytest.param("a: latest\nb: latest\n", WORKER, "", id="two alone"),
        pytest.param("a: redis:latest\nb: latest\n", WORKER, "2:4", id="another image's"),
    ],
)
def test_the_longest_value_of_the_line(
    tmp_path: Path, values: str, image: str, expected: str
) -> None:
    """A part of a whole image is never told to be that of another."""
    state = state_of(make_chart(tmp_path, {"values.yaml": values}), rendered(f"  - image: {image}"))
    start = 12 + image.index("latest")
    at = At("shop", WEB, 7, start, "spec.containers[0].image", NOBODY)
    finding = Finding(
        "floating-tag", "warning", "x", at, excerpt=Excerpt(f"  - image: {image}", start, 6)
    )
    where = f"values shop/values.yaml:{expected}"
    other = f"rendered {WEB}:7:{start}"
    assert shown([place(finding, state, ())]) == [f"{where if expected else other} latest"]


@pytest.mark.parametrize(
    ("own", "given", "image", "expected"),
    [
        pytest.param(
            f"cache: {{image: {REDIS}}}\n",
            "worker: {tag: latest}\n",
            REDIS,
            "shop/values.yaml:1:40",
            id="in another file than a part of it",
        ),
        pytest.param(
            "repo: quay.io/latest-app/web\ntag: latest\n",
            "",
            "quay.io/latest-app/web:latest",
            "shop/values.yaml:2:6",
            id="longer value beside it",
        ),
        pytest.param(
            "repo: bitnami/redis-edge\ntag: latest\n",
            "tag: latest\n",
            "bitnami/redis-edge:latest",
            "mine.yaml:1:6",
            id="the user's file counts more",
        ),
    ],
)
def test_the_value_that_the_text_stands_in(
    tmp_path: Path, own: str, given: str, image: str, expected: str
) -> None:
    state = state_of(make_chart(tmp_path, {"values.yaml": own}), rendered(f"  - image: {image}"))
    start = 12 + image.rindex("latest")
    at = At("shop", WEB, 7, start, "spec.containers[0].image", NOBODY)
    finding = Finding(
        "floating-tag", "warning", "x", at, excerpt=Excerpt(f"  - image: {image}", start, 6)
    )
    files = (("mine.yaml", given),) if given else ()
    assert shown([place(finding, state, files)]) == [f"values {expected} latest"]


# --- Elsewhere ---


def test_manifests_stay() -> None:
    state = state_of(None, rendered("  - image: nginx:1"))
    (found,) = placed(state, ("mine.yaml", "image: nginx:1\n"))
    assert shown([found]) == ["manifest shop:7:12 nginx:1"]
    assert found.finding == image_findings(state)[0]


def test_run_as_a_whole() -> None:
    finding = Finding("downgrade", "error", "x")
    assert place(finding, state_of(None, ""), ()) == Placed(finding, "")


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        pytest.param("mine.yaml", "values", id="values file"),
        pytest.param("shop/values.yaml", "values", id="the chart's own values"),
        pytest.param("shop/Chart.yaml", "chart", id="Chart.yaml"),
    ],
)
def test_files_that_are_no_stream(file: str, kind: str) -> None:
    finding = Finding("downgrade", "error", "x", At(file, "", 1, 1, "", NOBODY))
    assert place(finding, state_of(None, ""), ()) == Placed(finding, kind)


@pytest.mark.parametrize(
    ("template", "file"),
    [
        pytest.param("", "shop", id="none"),
        pytest.param("shop", "shop", id="the chart"),
        pytest.param("shop/../../etc/passwd", "shop", id="outside"),
        pytest.param("shop/templates/gone.yaml", "shop/templates/gone.yaml", id="no such file"),
        pytest.param("shop/templates", "shop/templates", id="folder"),
    ],
)
def test_templates_that_cannot_be_read(tmp_path: Path, template: str, file: str) -> None:
    (tmp_path / "templates").mkdir()
    at = At("shop", template, 3, 4, "", NOBODY)
    finding = Finding("downgrade", "error", "x", at, excerpt=Excerpt("x: nginx:1", 4, 7))
    state = state_of(make_chart(tmp_path, {}), "")
    assert shown([place(finding, state, ())]) == [f"rendered {file}:3:4 nginx:1"]


def test_what_is_not_shown_is_not_looked_for(tmp_path: Path) -> None:
    chart = make_chart(tmp_path, {"templates/web.yaml": "x: nginx:1\n"})
    finding = Finding("downgrade", "error", "nginx:1", At("shop", WEB, 3, 4, "", NOBODY))
    assert shown([place(finding, state_of(chart, ""), ())]) == [
        "rendered shop/templates/web.yaml:3:4"
    ]


class Unreadable(Folder):
    """A chart's files when the system says no."""

    __slots__ = ()

    def read(self, name: str) -> bytes | None:
        raise InputError(f"cannot be read: {name}")


def test_files_that_may_not_be_read(tmp_path: Path) -> None:
    chart = make_chart(tmp_path, {})._replace(files=Unreadable(str(tmp_path)))
    state = state_of(chart, rendered("  - image: nginx:1"))
    assert shown(placed(state)) == ["rendered shop/templates/web.yaml:7:12 nginx:1"]


@pytest.mark.parametrize("major", [3, 4])
def test_real_helm(
    tmp_path: Path, major: int, request: pytest.FixtureRequest, bare_path: str
) -> None:
    helm = request.getfixturevalue(f"helm{major}")
    template = f"""\
{{{{- /* nginx:1 is old */ -}}}}
{POD}  {{{{- range $name, $image := .Values.images }}}}
  - {{name: {{{{ $name }}}}, image: "{{{{ $image }}}}"}}
  {{{{- end }}}}
  - name: own
    {{{{- if .Values.own }}}}
    image: nginx:1
    {{{{- end }}}}
  {{{{- with .Values.more }}}}
  {{{{- toYaml . | nindent 2 }}}}
  {{{{- end }}}}
"""
    values = "own: true\nimages: {a: tool:1, b: tool:2}\nmore:\n- {name: m, image: more:1}\n"
    make_chart(tmp_path / "shop", {"templates/web.yaml": template, "values.yaml": values})
    mine = "images:\n  b: 'tool:3'\n"
    (tmp_path / "mine.yaml").write_text(mine, "utf-8")
    path = str(tmp_path / "shop")
    loaded = load(
        Input(path, "chart", path),
        Options(values=(str(tmp_path / "mine.yaml"),)),
        {"HOME": str(tmp_path), "PATH": bare_path, "HELM_BIN": str(helm)},
    )
    assert loaded.chart
    state = inspect([Stream(loaded.name, loaded.data, loaded.chart)], SETTINGS)
    found = placed(state, ("mine.yaml", mine))
    assert [text.replace(path, "shop") for text in shown(found)] == [
        "values shop/values.yaml:2:13 tool:1",
        "values mine.yaml:2:7 tool:3",
        "template shop/templates/web.yaml:11:12 nginx:1",
        "values shop/values.yaml:4:20 more:1",
    ]


# --- What holds of all of them ---

WORDS = st.text("abc:1-/.", min_size=1, max_size=6)
LITERALS = st.text("xyz :'\"*?[#-", max_size=8)
ACTIONS = st.sampled_from(
    [
        "{{ .x }}",
        "{{- .x }}",
        "{{ .x -}}",
        "{{/* c */}}",
        '{{ if "}}" }}',
        "{{- end -}}",
        "{{\n1 }}",
    ]
)
PIECES = st.lists(LITERALS | ACTIONS, max_size=4)
IN_A_LINE = st.characters(exclude_characters="\r\n")
OWNER = Object("v1", "Pod", "", "web")


@given(WORDS, PIECES, PIECES, st.lists(LITERALS | ACTIONS | st.just("\n"), max_size=6))
def test_literal_text_that_stands_once_is_found(
    word: str, before: list[str], after: list[str], above: list[str]
) -> None:
    left, right = "".join(before), "".join(after)
    text = f"{''.join(above)}\n{left}{word}{right}\n"
    template = Template(text)
    offset = text.index(word)
    if text.find(word, offset + 1) >= 0:
        return
    line = _evaluated(template)
    column = line.index(word) - (line.rfind("\n", 0, line.index(word)) + 1)
    row = line[line.index(word) - column :].partition("\n")[0]
    assert template.could_be(Excerpt(row, column + 1, len(word)), cut=False) == [offset]


def _evaluated(template: Template) -> str:
    """What Helm makes of a template whose actions all write a tilde."""
    result = ""
    last = 0
    trim = False
    for action in template.actions:
        piece = template.text[last : action.start]
        piece = piece.lstrip() if trim else piece
        source = template.text[action.start : action.end]
        result += (piece.rstrip() if source.startswith("{{- ") else piece) + "~"
        trim = source.endswith(" -}}")
        last = action.end
    rest = template.text[last:]
    return result + (rest.lstrip() if trim else rest)


@given(
    st.text("{}\"'`/*-ab: \n", max_size=40) | st.text(max_size=20),
    st.text("{}\"'ab: ", min_size=1, max_size=10) | st.text(IN_A_LINE, min_size=1, max_size=5),
    st.integers(0, 9),
    st.integers(1, 9),
    st.text("/.ab", max_size=12) | st.just("shop/charts/db/templates/x.yaml"),
    st.lists(st.text("ab: \n{}&*", max_size=12), max_size=2),
)
def test_placing_never_fails(
    text: str, line: str, start: int, width: int, template: str, values: list[str]
) -> None:
    start = min(start, len(line) - 1)
    nothing = Text("", None)  # type: ignore[arg-type]  # nobody looks at it
    chart = Chart("shop", Everywhere(text), nothing, nothing, nothing, nothing, nothing, {})
    at = At("shop", template, 1, start + 1, "spec.image", OWNER)
    excerpt = Excerpt(line, start + 1, min(width, len(line) - start))
    finding = Finding("downgrade", "error", "x", at, excerpt=excerpt)
    state = State(SETTINGS, (Stream("shop", b"", chart),), (), (), (), (), {})
    found = place(finding, state, [(f"{number}.yaml", v) for number, v in enumerate(values)])
    assert found.place in ("template", "values", "rendered")
    # What is meant stays the same text wherever it is found.
    assert meant(found) == meant(Placed(finding, ""))
    assert place(finding, state, [(f"{n}.yaml", v) for n, v in enumerate(values)]) == found


class Everywhere(Folder):
    """A chart whose files all have one text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        super().__init__("")
        self._text = text

    def read(self, name: str) -> bytes | None:
        return self._text.encode(errors="replace")


def meant(item: Placed) -> str:
    excerpt = item.finding.excerpt
    assert excerpt
    return excerpt.text[excerpt.column - 1 :][: excerpt.width]
