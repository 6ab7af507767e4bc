"""How a refusal reaches the user of Helm 4: the document, and when it is printed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from command import ROOT

from helm_compat.refusal import is_helm4_plugin, refusal_document, without_plugin

OURS = (ROOT / "plugins" / "compat-render" / "plugin.yaml").read_text("utf-8")
COMMAND = (ROOT / "plugin.yaml").read_text("utf-8")
GETTER = OURS.replace("type: postrenderer/v1", "type: getter/v1")
FOREIGN = OURS.replace("name: compat-render", "name: other")


@pytest.mark.parametrize(
    ("name", "file", "expected"),
    [
        pytest.param("compat-render", OURS, True, id="ours"),
        pytest.param("compat-render", OURS.replace("\n", "\r\n"), True, id="with CRLF"),
        pytest.param(None, OURS, False, id="no name"),
        pytest.param("", OURS, False, id="empty name"),
        pytest.param("compat", OURS, False, id="our command's name"),
        pytest.param("secrets", OURS, False, id="another plugin's name"),
        pytest.param("Compat-Render", OURS, False, id="capitals"),
        pytest.param("compat-render", COMMAND, False, id="our command's file"),
        pytest.param("compat-render", GETTER, False, id="another type"),
        pytest.param("compat-render", FOREIGN, False, id="another plugin's file"),
        pytest.param("compat-render", "", False, id="empty file"),
        pytest.param("compat-render", None, False, id="no file"),
    ],
)
def test_helm_4_is_recognised(
    name: str | None, file: str | None, expected: bool, tmp_path: Path
) -> None:
    if file is not None:
        (tmp_path / "plugin.yaml").write_bytes(file.encode())
    environment = {"HELM_PLUGIN_DIR": str(tmp_path)}
    if name is not None:
        environment["HELM_PLUGIN_NAME"] = name
    assert is_helm4_plugin(environment) is expected


@pytest.mark.parametrize("folder", [None, "", "/nowhere"])
def test_helm_4_is_not_recognised_without_a_folder(
    folder: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An empty folder must not mean the working directory.
    (tmp_path / "plugin.yaml").write_text(OURS, "utf-8")
    monkeypatch.chdir(tmp_path)
    environment = {"HELM_PLUGIN_NAME": "compat-render"}
    if folder is not None:
        environment["HELM_PLUGIN_DIR"] = folder
    assert is_helm4_plugin(environment) is False


def test_children_are_no_plugin() -> None:
    environment = {
        "HELM_PLUGIN_NAME": "compat-render",
        "HELM_PLUGIN_DIR": "/plugins/compat-render",
        "HELM_PLUGINS": "/plugins",
        "HELM_NAMESPACE": "shop",
        "PATH": "/bin",
    }
    left = {"HELM_PLUGINS": "/plugins", "HELM_NAMESPACE": "shop", "PATH": "/bin"}
    assert without_plugin(environment) == left


def test_document() -> None:
    assert refusal_document("helm-compat refused this render:\nerror: no\n").decode() == (
        "apiVersion: [refused]\n"
        "kind: Refused\n"
        "metadata:\n"
        "  name: refused\n"
        "  annotations:\n"
        "    postrenderer.helm.sh/postrender-filename: |6\n"
        "\n"
        "          helm-compat refused this render:\n"
        "          error: no\n"
    )


def lines(count: int) -> str:
    return "\n".join(f"line {number}" for number in range(1, count + 1))


def cut(count: int, left_out: int) -> str:
    """The first twelve lines, how many are left out, and the last two."""
    return f"{lines(12)}\n… {left_out} more lines\nline {count - 1}\nline {count}"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        pytest.param("no", "no", id="one line"),
        pytest.param("no\n", "no", id="line end"),
        pytest.param("\n\nno\n\n", "no", id="empty lines around"),
        pytest.param("a\n\nb", "a\n\nb", id="empty line inside"),
        pytest.param("a\n  b\n      c", "a\n  b\n      c", id="indented lines"),
        pytest.param("   a\nb\n c", "   a\nb\n c", id="indented first line"),
        pytest.param("a   \nb\t", "a\nb\ufffd", id="spaces at the end"),
        pytest.param("'a' \"b\" `c` \\n \\", "'a' \"b\" `c` \\n \\", id="quotes and backslashes"),
        pytest.param("# a\na # b: c", "# a\na # b: c", id="comment signs"),
        pytest.param("---\na\n...\n", "---\na\n...", id="document markers"),
        pytest.param("- a\n? b\n: c\n%d\n&e *f !g", "- a\n? b\n: c\n%d\n&e *f !g", id="indicators"),
        pytest.param("{{ .Values }} [a] {b: c}", "{{ .Values }} [a] {b: c}", id="brackets"),
        pytest.param("é → ü … 日本 😀", "é → ü … 日本 😀", id="not ASCII"),
        pytest.param("a\x1b[31mb\x00c\x07\td\re", "a\ufffd[31mb\ufffdc\ufffd\ufffdd\ufffde", id="control characters"),
        pytest.param("a\x85b\u2028c\u2029d", "a\ufffdb\ufffdc\ufffdd", id="line ends of Unicode"),
        pytest.param("a\u202eb\u200bc\ufeffd", "a\ufffdb\ufffdc\ufffdd", id="invisible characters"),
        pytest.param("x" * 5000, "x" * 5000, id="long line"),
        pytest.param(lines(15), lines(15), id="15 lines"),
        pytest.param(lines(16), cut(16, 2), id="16 lines"),
        pytest.param(
            lines(1000), cut(1000, 986), id="1000 lines"
        ),
    ],
)  # fmt: skip
def test_message_survives(message: str, shown: str) -> None:
    """What a parser reads is the message, with an empty line before it."""
    document = yaml.load(refusal_document(message), yaml.CSafeLoader)
    assert document == {
        "apiVersion": ["refused"],
        "kind": "Refused",
        "metadata": {
            "name": "refused",
            "annotations": {"postrenderer.helm.sh/postrender-filename": f"\n{shown}\n"},
        },
    }
