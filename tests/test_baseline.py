"""Baselines: what is written, what it suppresses later, and what is said of files with faults."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helm_compat.errors import CompatError, Place, UsageError
from helm_compat.findings import At, Excerpt, Finding
from helm_compat.images.tree import NOBODY, Object
from helm_compat.lint.baseline import Baseline, read_baseline, write_baseline
from helm_compat.lint.places import Placed

HINT = "helm compat lint --write-baseline writes this file."
AGAIN = "Write it anew with --write-baseline, so that they are told if they come back."
WEB = Object("apps/v1", "Deployment", "prod", "web")
MARK = "0" * 64


def found(
    rule: str = "downgrade",
    text: str = "nginx:1",
    *,
    message: str = "it goes back",
    line: int = 7,
    suppressed: str = "",
) -> Placed:
    """A finding of a template; one without text has no excerpt."""
    at = At("shop/templates/web.yaml", "shop/templates/web.yaml", line, 3, "spec.image", WEB)
    excerpt = Excerpt(f"  {text}", 3, len(text)) if text else None
    finding = Finding(rule, "error", message, at, excerpt=excerpt, suppressed=suppressed)
    return Placed(finding, "template", at)


def marks(*placed: Placed, folder: Path) -> list[str]:
    """Whether each finding is written."""
    path = str(folder / "known.json")
    write_baseline(path, placed)
    return [item.finding.suppressed for item in read_baseline(path).applied(placed)]


# --- Written ---


def test_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    whole = Placed(Finding("mixed-flavours", "warning", "both, größer\x1b[1m\nby far"), "")
    at = At("in.yaml", "", 3, 4, "", NOBODY)
    other = Placed(Finding("downgrade", "error", "at the top", at), "manifest", at)
    write_baseline(str(path), [whole, found(), other])
    data = json.loads(path.read_bytes())
    prints = [entry.pop("fingerprint") for entry in data["findings"]]
    assert data == {
        "version": 1,
        "findings": [
            {
                "rule": "downgrade",
                "object": "",
                "path": "",
                "file": "in.yaml",
                "message": "at the top",
            },
            {
                "rule": "downgrade",
                "object": "Deployment/prod/web",
                "path": "spec.image",
                "file": "shop/templates/web.yaml",
                "message": "it goes back",
            },
            {
                "rule": "mixed-flavours",
                "object": "",
                "path": "",
                "file": "",
                "message": "both, größer\N{REPLACEMENT CHARACTER}[1m\nby far",
            },
        ],
    }
    assert len(set(prints)) == 3
    text = path.read_text("utf-8")
    first = '{\n  "version": 1,\n  "findings": [\n    {\n      "fingerprint": "'
    assert text.startswith(first + prints[0])
    assert text.endswith("}\n")
    assert "größer" in text


def test_nothing_found(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    write_baseline(str(path), [])
    assert path.read_text() == '{\n  "version": 1,\n  "findings": []\n}\n'
    assert read_baseline(str(path)) == Baseline(str(path), {})


def test_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    path.write_text("old")
    write_baseline(str(path), [found()])
    assert len(read_baseline(str(path)).entries) == 1
    assert os.listdir(tmp_path) == ["known.json"]


def test_file_that_cannot_be_written(tmp_path: Path) -> None:
    path = str(tmp_path / "gone" / "known.json")
    with pytest.raises(CompatError) as caught:
        write_baseline(path, [found()])
    assert str(caught.value) == f"{path}: cannot write the baseline: No such file or directory"


def test_folder_in_its_place(tmp_path: Path) -> None:
    folder = tmp_path / "known.json"
    folder.mkdir()
    with pytest.raises(CompatError, match="cannot write the baseline: Is a directory"):
        write_baseline(str(folder), [])
    assert os.listdir(tmp_path) == ["known.json"]


def test_what_is_suppressed_by_other_means_is_not_written(tmp_path: Path) -> None:
    known = found("skipped-stop", suppressed="in the baseline")
    why = found("edition-switch", suppressed="vendor case")
    assert marks(found(), known, why, folder=tmp_path) == [
        "in the baseline",
        "in the baseline",
        "vendor case",
    ]
    assert len(read_baseline(str(tmp_path / "known.json")).entries) == 2


def test_what_is_said_of_suppressions_is_never_known(tmp_path: Path) -> None:
    placed = [found("unused-suppression"), found("expired-suppression")]
    assert marks(*placed, folder=tmp_path) == ["", ""]


# --- Applied ---


@pytest.mark.parametrize(
    ("now", "known"),
    [
        pytest.param(found(line=70), True, id="other line"),
        pytest.param(found(message="it goes back again"), True, id="other words"),
        pytest.param(found(text="nginx:2"), False, id="other text"),
        pytest.param(found("skipped-stop"), False, id="other rule"),
        pytest.param(found(text=""), False, id="no text"),
    ],
)
def test_known(tmp_path: Path, now: Placed, known: bool) -> None:
    path = str(tmp_path / "known.json")
    write_baseline(path, [found()])
    (result, *more) = read_baseline(path).applied([now])
    assert result.finding.suppressed == ("in the baseline" if known else "")
    assert [item.finding.message for item in more] == (
        [] if known else [f"{path}: one entry is no longer found"]
    )


@pytest.mark.parametrize(
    ("message", "known"), [("it goes back", True), ("it goes back again", False)]
)
def test_message_counts_where_no_text_is_meant(tmp_path: Path, message: str, known: bool) -> None:
    path = str(tmp_path / "known.json")
    write_baseline(path, [found(text="")])
    result = read_baseline(path).applied([found(text="", message=message)])
    assert bool(result[0].finding.suppressed) == known


def test_second_of_two_that_look_alike_is_new(tmp_path: Path) -> None:
    path = str(tmp_path / "known.json")
    write_baseline(path, [found()])
    result = read_baseline(path).applied([found(), found(line=8)])
    assert [item.finding.suppressed for item in result] == ["in the baseline", ""]


def test_other_reasons_are_kept(tmp_path: Path) -> None:
    path = str(tmp_path / "known.json")
    write_baseline(path, [found()])
    (result,) = read_baseline(path).applied([found(suppressed="vendor case")])
    assert result.finding.suppressed == "vendor case"


def entries(count: int) -> dict[str, str]:
    return {f"{number:064}": f"downgrade in Pod/web: {number}" for number in range(count)}


@pytest.mark.parametrize(
    ("count", "message", "notes"),
    [
        pytest.param(
            1, "known.json: one entry is no longer found", ["downgrade in Pod/web: 0"], id="one"
        ),
        pytest.param(
            2, "known.json: 2 of 2 entries are no longer found",
            ["downgrade in Pod/web: 0", "downgrade in Pod/web: 1"], id="two",
        ),
        pytest.param(
            12, "known.json: 12 of 12 entries are no longer found",
            [*(f"downgrade in Pod/web: {number}" for number in range(10)), "and 2 more"], id="many",
        ),
    ],
)  # fmt: skip
def test_entries_that_are_gone(count: int, message: str, notes: list[str]) -> None:
    baseline = Baseline("known.json", entries(count))
    report = Finding("unused-suppression", "info", message, hint=AGAIN, notes=tuple(notes))
    assert baseline.applied([]) == [Placed(report, "")]
    assert baseline.applied([], complete=False) == []


def test_some_are_gone(tmp_path: Path) -> None:
    path = str(tmp_path / "known.json")
    write_baseline(path, [found(), found("skipped-stop"), found("edition-switch")])
    result = read_baseline(path).applied([found()])
    assert [item.finding.message for item in result] == [
        "it goes back",
        f"{path}: 2 of 3 entries are no longer found",
    ]
    assert result[1].finding.notes == (
        "edition-switch in Deployment/prod/web: it goes back",
        "skipped-stop in Deployment/prod/web: it goes back",
    )


# --- Read ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("version: 1\nfindings: []\n", {}, id="YAML"),
        pytest.param(
            f"version: 1\nfindings:\n- {{fingerprint: '{MARK}', rule: a, object: b, message: c}}\n",
            {MARK: "a in b: c"}, id="all words",
        ),
        pytest.param(
            f"version: 1\nfindings:\n- {{fingerprint: '{MARK}', rule: a, message: c}}\n",
            {MARK: "a c"}, id="no object",
        ),
        pytest.param(
            f"version: 1\nfindings:\n- {{fingerprint: '{MARK}'}}\n", {MARK: ""}, id="mark alone"
        ),
        pytest.param(
            f"version: 1\nfindings: [{{fingerprint: '{MARK}'}}, {{fingerprint: '{MARK}'}}]\n",
            {MARK: ""}, id="twice",
        ),
        pytest.param('\ufeff{"version": 1, "findings": []}', {}, id="BOM"),
    ],
)  # fmt: skip
def test_read(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    path = tmp_path / "known.json"
    path.write_text(text, "utf-8")
    assert read_baseline(str(path)).entries == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "1:1: the baseline is empty", id="empty"),
        pytest.param("- a\n", "1:1: a baseline is a mapping of version, findings", id="list"),
        pytest.param("a\n", "1:1: a baseline is a mapping of version, findings", id="text"),
        pytest.param("{", "1:2: did not find expected node content while parsing a flow node", id="no end"),
        pytest.param("{}", "1:1: this release reads baselines of version 1", id="no version"),
        pytest.param(
            "version: 2\nfindings: []\n", "1:10: this release reads baselines of version 1",
            id="other version",
        ),
        pytest.param("version: 1\n", "1:1: findings is a list", id="no findings"),
        pytest.param("version: 1\nfindings: a\n", "2:11: findings is a list", id="no list"),
        pytest.param(
            "version: 1\nfinding: []\n",
            "2:1: unknown key 'finding' in a baseline. Did you mean 'findings'?", id="misspelt key",
        ),
        pytest.param(
            "version: 1\nversion: 1\n", "2:1: the key 'version' stands twice", id="key twice"
        ),
        pytest.param(
            "version: 1\nfindings: [a]\n",
            "2:12: an entry is a mapping of fingerprint, rule, object, path, file, message",
            id="entry that is none",
        ),
        pytest.param(
            "version: 1\nfindings: [{rule: a}]\n",
            "2:12: fingerprint wants 64 hexadecimal digits", id="no fingerprint",
        ),
        pytest.param(
            "version: 1\nfindings: [{fingerprint: abc}]\n",
            "2:26: fingerprint wants 64 hexadecimal digits", id="short fingerprint",
        ),
    ],
)  # fmt: skip
def test_faults(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "known.json"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError) as caught:
        read_baseline(str(path))
    assert str(caught.value) == f"{path}:{message}\n  {HINT}"


def test_second_document(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    path.write_text("version: 1\n---\nversion: 1\n", "utf-8")
    with pytest.raises(UsageError) as caught:
        read_baseline(str(path))
    assert str(caught.value) == f"{path}:3:1: a second document\n  {HINT}"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    with pytest.raises(UsageError) as caught:
        read_baseline(str(path))
    assert caught.value.place == Place(str(path))
    assert caught.value.message == "cannot read the baseline: No such file or directory"
    assert caught.value.hint == HINT
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="cannot read the baseline: it is not UTF-8"):
        read_baseline(str(path))


# --- What holds of all of them ---

TEXTS = st.text(max_size=12) | st.sampled_from(["", "a", "nginx:1", "\udcff", "\x85", "- {"])
FINDINGS = st.lists(
    st.builds(
        found,
        st.sampled_from(["downgrade", "skipped-stop", "leftover-image"]),
        st.sampled_from(["", "nginx:1", "b"]),
        message=TEXTS,
        line=st.integers(1, 3),
        suppressed=st.sampled_from(["", "", "why"]),
    ),
    max_size=6,
)


@given(FINDINGS, FINDINGS)
def test_suppresses_what_it_was_written_from(placed: list[Placed], more: list[Placed]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "known.json")
        write_baseline(path, placed)
        baseline = read_baseline(path)
    result = baseline.applied(placed)
    assert [item.finding._replace(suppressed="") for item in result] == [
        item.finding._replace(suppressed="") for item in placed
    ]
    assert all(item.finding.suppressed for item in result)
    assert baseline.applied(result) == result
    # What comes later changes nothing for those that were there.
    assert baseline.applied([*placed, *more])[: len(placed)] == result


@given(FINDINGS)
def test_suppresses_nothing_that_changed(placed: list[Placed]) -> None:
    placed = [item for item in placed if not item.finding.suppressed]
    changed = [_changed(item) for item in placed]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "known.json")
        write_baseline(path, placed)
        result = read_baseline(path).applied(changed)
    assert result[: len(placed)] == changed
    assert [item.finding.severity for item in result[len(placed) :]] == ["info"] * bool(placed)


def _changed(item: Placed) -> Placed:
    """The finding with another text, or another message where no text is meant."""
    finding = item.finding
    if not finding.excerpt:
        return item._replace(finding=finding._replace(message=finding.message + " and so on"))
    excerpt = Excerpt(f"{finding.excerpt.text}.9", 3, finding.excerpt.width + 2)
    return item._replace(finding=finding._replace(excerpt=excerpt))
