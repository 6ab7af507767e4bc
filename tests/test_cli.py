"""The commands as users run them: what stands on which stream, and the exit status."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import shop
import yaml
from command import PYTHON, ROOT, Command, Said, make_command

from helm_compat import __version__
from helm_compat.cli.options import RENDER
from helm_compat.report.keep import KEPT, keep_report, kept_reports

HELP = ROOT / "testdata" / "help"
COMMANDS = (
    "check",
    "explain",
    "images",
    "inventory",
    "lint",
    "matrix",
    "mirror",
    "plan",
    "render",
    "report",
    "rules",
    "schema",
    "status",
    "verify",
    "version",
)
VERSION = f"helm-compat {__version__}\n".encode()

POD = b"""\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - {name: web, image: nginx:1.25} # pinned
"""
MOVED = POD.replace(b"nginx", b"r.io/library/nginx")
DONE = "helm-compat: 1 of 1 image relocated\n"
STAYED = "helm-compat: 0 of 1 image relocated\n"
NOTHING = b"# helm-compat: nothing was rendered\n"

TEMPLATED = POD.replace(b"nginx:1.25", b'"{{ .Values.image }}"')
WARNING = """\
warning[templated-reference]: '{{ .Values.image }}' is a template, not an image reference; it stays as it is
  --> <stdin>:6:25
      Pod web spec.containers[0].image
"""
COLOURED = WARNING.replace(
    "warning[templated-reference]", "\x1b[1;33mwarning[templated-reference]\x1b[0m"
)
WARNED = "helm-compat: 0 of 0 images relocated, 1 warning\n"

LEFT = POD.replace(b"nginx:1.25", b"q.io/a/web:1, args: [see q.io/a/web:2 there]")
LEFT_MOVED = LEFT.replace(b"image: q.io/a", b"image: r.io/a")
LEFTOVER = """\
{severity}[leftover-image]: q.io/a/web:2 stays: it is part of a text that is no single reference
  --> <stdin>:6:49
      Pod web spec.containers[0].args[0]
"""

TO = ("--registry", "r.io")


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return make_command(tmp_path)


def refused(message: str) -> str:
    """What a refusal says on stderr."""
    return f"helm-compat refused this render:\n{message}\n"


def newest(command: Command) -> Path:
    """The report of the last run."""
    return max(command.reports.iterdir())


# --- Help and version ---


@pytest.mark.parametrize("name", ["helm-compat", *COMMANDS])
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help(name: str, flag: str, command: Command) -> None:
    """A golden file: `COLUMNS=80 helm-compat NAME --help >testdata/help/NAME.txt` makes it."""
    words = [flag] if name == "helm-compat" else [name, flag]
    text = (HELP / f"{name}.txt").read_bytes()
    assert command.run(*words, variables={"COLUMNS": "80"}) == Said(0, text, "")


def test_help_has_a_file_for_every_command() -> None:
    text = (HELP / "helm-compat.txt").read_text("utf-8")
    listed = re.findall(r"^  ([a-z]+) ", text.partition("\nCommands:\n")[2], re.MULTILINE)
    completed = yaml.safe_load((ROOT / "completion.yaml").read_bytes())["commands"]
    assert sorted(file.stem for file in HELP.iterdir()) == sorted(["helm-compat", *COMMANDS])
    assert sorted(listed) == sorted(entry["name"] for entry in completed) == [*COMMANDS]


def test_help_is_80_columns_wide() -> None:
    lines = [line for file in HELP.iterdir() for line in file.read_text("utf-8").splitlines()]
    assert [line for line in lines if len(line) > 80] == []


def test_help_of_render_breaks_no_word() -> None:
    options = (HELP / "render.txt").read_text("utf-8").partition("\n  -h, --help")[0]
    words = set(options.split())
    names = {word for option in RENDER for word in option.help.split()}
    assert names - words == set()


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param("version", id="command"),
        pytest.param("--version", id="flag"),
        pytest.param("--color always version", id="colour"),
        pytest.param("--colour=never version", id="colour, as British people write it"),
        pytest.param("--qps 5 --burst-limit 10 --content-cache x version", id="globals of Helm 4"),
    ],
)
def test_version(arguments: str, command: Command) -> None:
    assert command.run(*arguments.split()) == Said(0, VERSION, "")


# --- Wrong command lines ---


def test_no_command_prints_the_help(command: Command) -> None:
    text = (HELP / "helm-compat.txt").read_text("utf-8")
    assert command.run(variables={"COLUMNS": "80"}) == Said(2, b"", text)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            "bogus",
            "error: No such command 'bogus'.\n  helm-compat --help shows what there is.\n",
            id="unknown command",
        ),
        pytest.param(
            "rendr",
            "error: No such command 'rendr'. Did you mean 'render'?\n"
            "  helm-compat --help shows what there is.\n",
            id="misspelt command",
        ),
        pytest.param(
            "images --registy r.io -",
            "error: No such option '--registy'. Did you mean '--registry'?\n"
            "  helm-compat images --help shows what there is.\n",
            id="misspelt option",
        ),
        pytest.param(
            "images",
            "error: Missing argument 'INPUT...'.\n"
            "  helm-compat images --help shows what there is.\n",
            id="no input",
        ),
        pytest.param(
            "--color red version",
            "error: Invalid value for '--color': 'red' is not one of 'auto', 'always', 'never'.\n"
            "  helm-compat --help shows what there is.\n",
            id="colour",
        ),
        pytest.param(
            "render --registy r.io",
            refused("error: there is no option --registy\n  Did you mean '--registry'?"),
            id="misspelt option of render",
        ),
        pytest.param(
            "render all.yaml",
            refused(
                "error: 'all.yaml' is no option\n"
                "  render reads manifests from standard input and takes no file."
            ),
            id="file for render",
        ),
        pytest.param(
            "render --registry=",
            refused("error: --registry wants a value: --registry HOST[:PORT][/PREFIX]"),
            id="empty registry",
        ),
        pytest.param(
            "render --registry https://r.io",
            refused(
                "error: --registry: 'https://r.io' is a URL, not a registry\n"
                "  Write 'r.io': image references have no scheme."
            ),
            id="impossible registry",
        ),
        pytest.param(
            "render --map quay.io",
            refused("error: --map quay.io: wants SOURCE=DEST"),
            id="half a rule",
        ),
        pytest.param(
            "render --max-bytes 1k",
            refused("error: --max-bytes wants a whole number above 0, not '1k'"),
            id="no number",
        ),
        pytest.param(
            "render --config none.yaml",
            refused("error: none.yaml: cannot read the configuration: No such file or directory"),
            id="no configuration",
        ),
    ],
)
def test_wrong_command_line(arguments: str, message: str, command: Command) -> None:
    assert command.run(*arguments.split(), stdin=POD) == Said(2, b"", message)


def test_wrong_configuration(command: Command) -> None:
    (command.work / ".helm-compat.yaml").write_text("registy: r.io\ndiff: 1\n", "utf-8")
    path = command.work / ".helm-compat.yaml"
    faults = (
        f"error: {path}:1:1: unknown key 'registy'\n  Did you mean 'registry'?\n"
        f"{path}:2:7: diff: wants true or false"
    )
    assert command.run("render", stdin=POD) == Said(2, b"", refused(faults))
    assert command.run("images", "-", stdin=POD) == Said(2, b"", f"{faults}\n")


# --- Render ---


@pytest.mark.parametrize(
    ("arguments", "stdin", "out", "err"),
    [
        pytest.param((), POD, POD, STAYED, id="nothing asked"),
        pytest.param(TO, POD, MOVED, DONE, id="relocated"),
        pytest.param(TO, MOVED, MOVED, STAYED, id="already there"),
        pytest.param((*TO, "--no-relocate"), POD, POD, STAYED, id="not relocated"),
        pytest.param(TO, b"a: b", b"a: b", "helm-compat: 0 of 0 images relocated\n", id="no image"),
        pytest.param(TO, b"", NOTHING, "helm-compat: 0 of 0 images relocated\n", id="nothing"),
        pytest.param(
            TO, b"\n\n", b"\n\n" + NOTHING, "helm-compat: 0 of 0 images relocated\n", id="lines"
        ),
        pytest.param((*TO, "-q"), POD, MOVED, "", id="quiet"),
        pytest.param((*TO, "-q"), TEMPLATED, TEMPLATED, "", id="quiet about a warning"),
        pytest.param((*TO, "--quiet", "--diff"), POD, MOVED, "", id="quiet about changes"),
        pytest.param(TO, TEMPLATED, TEMPLATED, WARNING + WARNED, id="warning"),
        pytest.param(
            (*TO, "-v"),
            POD,
            MOVED,
            "docker.io/library/nginx:1.25 → r.io/library/nginx:1.25\n" + DONE,
            id="verbose",
        ),
        pytest.param(
            (*TO, "-v", "--map", "a.io=r.io"),
            POD,
            MOVED,
            "info[unmatched-rule]: --map a.io=r.io: no image stands under a.io\n"
            "docker.io/library/nginx:1.25 → r.io/library/nginx:1.25\n"
            "helm-compat: 1 of 1 image relocated, 1 to know\n",
            id="verbose about what is to know",
        ),
        pytest.param(
            (*TO, "--map", "a.io=r.io"),
            POD,
            MOVED,
            "helm-compat: 1 of 1 image relocated, 1 to know\n",
            id="silent about what is to know",
        ),
        pytest.param(
            (*TO, "--diff"),
            POD,
            MOVED,
            "@@ -6 +6 @@\n"
            "-  - {name: web, image: nginx:1.25} # pinned\n"
            "+  - {name: web, image: r.io/library/nginx:1.25} # pinned\n" + DONE,
            id="diff",
        ),
        pytest.param((*TO, "--diff"), MOVED, MOVED, STAYED, id="empty diff"),
        pytest.param((*TO, "--color", "always"), TEMPLATED, TEMPLATED, COLOURED + WARNED, id="colour"),
        pytest.param((*TO, "--color", "never"), TEMPLATED, TEMPLATED, WARNING + WARNED, id="no colour"),
    ],
)  # fmt: skip
def test_render(
    arguments: tuple[str, ...], stdin: bytes, out: bytes, err: str, command: Command
) -> None:
    assert command.run("render", *arguments, stdin=stdin) == Said(0, out, err)


@pytest.mark.parametrize(
    ("variables", "err"),
    [
        pytest.param({"HELM_COMPAT_COLOR": "always"}, COLOURED, id="our variable"),
        pytest.param({"HELM_COLOR": "always"}, COLOURED, id="Helm's variable"),
        pytest.param(
            {"HELM_COLOR": "always", "HELM_COMPAT_COLOR": "never"}, WARNING, id="ours wins"
        ),
        pytest.param({"HELM_COLOR": "always", "NO_COLOR": "1"}, WARNING, id="NO_COLOR wins"),
        pytest.param(
            {"HELM_COMPAT_COLOR": "always", "NO_COLOR": ""}, COLOURED, id="empty NO_COLOR"
        ),
        pytest.param({"HELM_COLOR": "auto"}, WARNING, id="no terminal"),
    ],
)
def test_colour_of_the_environment(variables: dict[str, str], err: str, command: Command) -> None:
    said = command.run("render", *TO, stdin=TEMPLATED, variables=variables)
    assert said == Said(0, TEMPLATED, err + WARNED)


def test_settings_of_the_environment(command: Command) -> None:
    variables = {"HELM_COMPAT_REGISTRY": "r.io", "HELM_COMPAT_QUIET": "1"}
    assert command.run("render", stdin=POD, variables=variables) == Said(0, MOVED, "")


def test_settings_of_the_configuration(command: Command) -> None:
    (command.work.parent / ".helm-compat.yaml").write_text("registry: r.io\n", "utf-8")
    assert command.run("render", stdin=POD) == Said(0, MOVED, DONE)


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("render", "--color", "always", *TO), id="after the command"),
        pytest.param(("--color", "always", "render", *TO), id="before the command"),
        pytest.param(("--qps", "5", "render", *TO, "--color=always"), id="after another option"),
    ],
)
def test_colour_stands_anywhere(arguments: tuple[str, ...], command: Command) -> None:
    """With an option before it, `render` is read by another parser."""
    assert command.run(*arguments, stdin=TEMPLATED) == Said(0, TEMPLATED, COLOURED + WARNED)


def test_both_parsers_read_every_option(command: Command) -> None:
    (command.work / "config.yaml").write_text("keep-domain: false\n", "utf-8")
    shop.write(command.work / "shop.yaml")
    values = {
        "--registry": "r.io",
        "--map": "a.io=r.io/a",
        "--image-pull-secret": "regcred",
        "--installed": "shop/operator=1.2.0",
        "--authfile": "none",
        "--ca-file": "none",
        "--cluster-timeout": "5",
        "--http-registry": "r.io",
        "--kube-context": "prod",
        "--kubeconfig": "none",
        "--namespace": "shop",
        "--on-unknown": "ignore",
        "--products": "shop.yaml",
        "--first": "cat",
        "--report": "report.json",
        "--fail-on": "never",
        "--max-bytes": "1000",
        "--config": "config.yaml",
        "--color": "always",
    }
    # Those that ask a registry and read digests would refuse what is rendered here.
    apart = ("--quiet", "--debug", "--verify-images", "--pin-digests")
    switches = [o.flag for o in RENDER if not o.metavar and o.flag not in apart]
    options = [word for pair in values.items() for word in pair] + switches
    options += ["--map", "b.io=r.io/b", "--debug", "--cluster=never"]
    flags = {word.partition("=")[0] for word in options}
    assert {o.flag for o in RENDER} == flags & {o.flag for o in RENDER} | {*apart}

    stdin = POD + b"---\n" + TEMPLATED
    seen = []
    for words in (["render"], ["--burst-limit", "1", "render"]):
        said = command.run(*words, *options, stdin=stdin)
        seen.append((said, (command.work / "report.json").read_bytes()))
        (command.work / "report.json").unlink()
    assert seen[0][0].status == 0
    assert seen[0] == seen[1]


# --- Refusals ---


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param((), 0, id="default"),
        pytest.param(("--fail-on", "error"), 0, id="error"),
        pytest.param(("--fail-on", "warning"), 1, id="warning"),
        pytest.param(("--fail-on", "info"), 1, id="info"),
        pytest.param(("--fail-on", "never"), 0, id="never"),
    ],
)
def test_fail_level(arguments: tuple[str, ...], status: int, command: Command) -> None:
    said = command.run("render", *TO, *arguments, stdin=TEMPLATED)
    tail = f"1 warning\nThe whole report: helm compat report {newest(command)}"
    expected = (
        Said(1, b"", refused(WARNING + tail)) if status else Said(0, TEMPLATED, WARNING + WARNED)
    )
    assert said == expected


@pytest.mark.parametrize(
    ("severity", "arguments", "status"),
    [
        pytest.param("error", (), 1, id="raised to error"),
        pytest.param("error", ("--fail-on", "never"), 0, id="raised, never fails"),
        pytest.param("info", ("--fail-on", "warning"), 0, id="lowered"),
        pytest.param("info", ("--fail-on", "info"), 1, id="lowered, fails all the same"),
    ],
)
def test_severity_of_the_configuration(
    severity: str, arguments: tuple[str, ...], status: int, command: Command
) -> None:
    text = f"registry: r.io\npolicy: {{rules: {{templated-reference: {severity}}}}}\n"
    (command.work / ".helm-compat.yaml").write_text(text, "utf-8")
    said = command.run("render", "-q", *arguments, stdin=TEMPLATED)
    counted = {"error": "1 error", "info": "1 to know"}[severity]
    message = (
        f"{WARNING.replace('warning[', f'{severity}[')}"
        f"{counted}\n"
        f"The whole report: helm compat report {newest(command)}"
    )
    expected = Said(1, b"", refused(message)) if status else Said(0, TEMPLATED, "")
    assert said == expected


def test_only_what_fails_is_shown(command: Command) -> None:
    two = POD + b"---\n" + LEFT + b"---\n" + TEMPLATED
    said = command.run("render", "--map=q.io=r.io", "--fail-on-leftover", stdin=two)
    message = (
        LEFTOVER.format(severity="error").replace(":6:", ":13:")
        + "1 error, 1 warning\n"
        + f"The whole report: helm compat report {newest(command)}"
    )
    assert said == Said(1, b"", refused(message))


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        pytest.param((), 0, id="warning"),
        pytest.param(("--fail-on-leftover",), 1, id="fails"),
        pytest.param(("--fail-on-leftover", "--fail-on", "never"), 0, id="never"),
    ],
)
def test_leftover(arguments: tuple[str, ...], status: int, command: Command) -> None:
    said = command.run("render", *TO, *arguments, stdin=LEFT)
    severity = "error" if "--fail-on-leftover" in arguments else "warning"
    found = LEFTOVER.format(severity=severity)
    count = f"1 {severity}\n"
    tail = f"The whole report: helm compat report {newest(command)}"
    expected = (
        Said(1, b"", refused(found + count + tail))
        if status
        else Said(0, LEFT_MOVED, f"{found}helm-compat: 1 of 1 image relocated, {count}")
    )
    assert said == expected


def test_leftover_flag_without_leftover(command: Command) -> None:
    assert command.run("render", *TO, "--fail-on-leftover", stdin=POD) == Said(0, MOVED, DONE)


@pytest.mark.parametrize(
    ("stdin", "arguments", "message"),
    [
        pytest.param(
            b"# caf\xe9\n" + POD,
            (),
            "<stdin>:1:6: not UTF-8: byte 0xe9 (invalid continuation byte)\n"
            "  Kubernetes manifests are UTF-8; convert the file or chart that this comes from.",
            id="not UTF-8",
        ),
        pytest.param(
            POD + b"\tx: y\n",
            (),
            "<stdin>:7:1: a tab stands where YAML wants spaces",
            id="tab",
        ),
        pytest.param(
            POD.replace(b"nginx", b'"nginx'),
            (),
            "<stdin>:6:24: the quote that opens here is not closed",
            id="open quote",
        ),
        pytest.param(
            b"a: b\n---\n# Source: shop/templates/web.yaml\n" + POD.replace(b"nginx:1.25", b"*web"),
            (),
            "<stdin>:9:24 (shop/templates/web.yaml): the alias *web has no anchor &web before it",
            id="alias without anchor",
        ),
        pytest.param(
            POD,
            ("--max-bytes", "100"),
            f"<stdin>: the input has {len(POD)} bytes, more than the limit of 100\n"
            "  Raise the limit with --max-bytes or limits.max-bytes if this is intended.",
            id="too large",
        ),
        pytest.param(
            POD + b"extra: " + b"[" * 10_000 + b"]" * 10_000,
            (),
            "<stdin>:7:1007: nested more than 1000 levels deep",
            id="nested",
        ),
    ],
)
def test_input_that_cannot_be_read(
    stdin: bytes, arguments: tuple[str, ...], message: str, command: Command
) -> None:
    said = command.run("render", *TO, *arguments, stdin=stdin)
    assert said == Said(2, b"", refused(f"error: {message}"))


def test_wrong_text_in_a_document_without_image_passes(command: Command) -> None:
    text = b"a: 'b\n---\n" + POD
    said = command.run("render", *TO, stdin=text)
    assert said == Said(0, b"a: 'b\n---\n" + MOVED, DONE)


def test_internal_error(command: Command, tmp_path: Path) -> None:
    """A product file that is no product file: the package itself is damaged."""
    shutil.copytree(ROOT / "helm_compat", tmp_path / "damaged" / "helm_compat")
    (tmp_path / "damaged" / "helm_compat" / "products" / "broken.yaml").write_text(
        "a: b\n", "utf-8"
    )
    variables = {"PYTHONPATH": str(tmp_path / "damaged")}
    bug = r"internal error: [A-Za-z]+: .+\n  This is a bug of helm-compat; --debug prints where\.\n"

    said = command.run("render", *TO, stdin=POD, variables=variables)
    assert (said.status, said.out) == (3, b"")
    assert re.fullmatch(f"helm-compat refused this render:\n{bug}", said.err)

    said = command.run("images", "-", stdin=POD, variables=variables)
    assert (said.status, said.out) == (3, b"")
    assert re.fullmatch(bug, said.err)

    for words in (("render", "--debug"), ("images", "--debug", "-")):
        said = command.run(*words, stdin=POD, variables=variables)
        first = said.err.partition("\n")[0]
        # Not 1, which says that there are findings.
        assert (said.status, said.out, first) == (3, b"", "Traceback (most recent call last):")


# --- Another renderer first ---


def test_first_renders_our_input(command: Command) -> None:
    said = command.run(
        "render", *TO, "--first", "sed 's/nginx/apache httpd/;s/ httpd//'", stdin=POD
    )
    assert said == Said(0, MOVED.replace(b"nginx", b"apache"), DONE)


def test_first_says_something(command: Command) -> None:
    said = command.run("render", "--first", "sh -c 'cat; echo careful >&2'", *TO, stdin=POD)
    assert said == Said(0, MOVED, "careful\n" + DONE)


def test_first_reads_nothing(command: Command) -> None:
    """A program that leaves its input alone, which is larger than a pipe holds."""
    stdin = b"# long\n" * 100_000
    said = command.run("render", "--first", "echo 'a: b'", stdin=stdin)
    assert said == Said(0, b"a: b\n", "helm-compat: 0 of 0 images relocated\n")


def test_first_of_nothing_prints_nothing(command: Command) -> None:
    said = command.run("render", "--first", "cat", stdin=b"")
    assert said == Said(0, NOTHING, "helm-compat: 0 of 0 images relocated\n")


def test_first_is_no_plugin_of_helm(command: Command) -> None:
    variables = {
        "HELM_PLUGIN_NAME": "other",
        "HELM_PLUGIN_DIR": "/plugins/other",
        "HELM_NAMESPACE": "shop",
    }
    script = "sh -c 'echo \"a: ${HELM_PLUGIN_NAME-none} ${HELM_PLUGIN_DIR-none} $HELM_NAMESPACE\"'"
    said = command.run("render", "-q", "--first", script, stdin=POD, variables=variables)
    assert said == Said(0, b"a: none none shop\n", "")


@pytest.mark.parametrize(
    ("first", "status", "message"),
    [
        pytest.param(
            "sh -c 'echo a: b; echo one >&2; echo two >&2; exit 4'",
            3,
            "--first: 'sh' failed with exit status 4\n  one\n  two",
            id="fails and says why",
        ),
        pytest.param(
            "sh -c 'for i in 1 2 3 4 5 6 7; do echo $i >&2; done; exit 1'",
            3,
            "--first: 'sh' failed with exit status 1\n  3\n  4\n  5\n  6\n  7",
            id="says much",
        ),
        pytest.param("false", 3, "--first: 'false' failed with exit status 1", id="says nothing"),
        pytest.param(
            "sh -c 'kill -9 $$'", 3, "--first: 'sh' was killed by signal 9", id="is killed"
        ),
        pytest.param(
            "true",
            3,
            "--first: 'true' printed nothing\n"
            "  An empty render would remove every object of the release.",
            id="prints nothing",
        ),
        pytest.param(
            "echo",
            3,
            "--first: 'echo' printed nothing\n"
            "  An empty render would remove every object of the release.",
            id="prints a line end",
        ),
        pytest.param(
            "no-such-program --x",
            2,
            "--first: cannot run 'no-such-program': No such file or directory\n"
            "  Give a program on PATH, or its path; there is no shell.",
            id="is missing",
        ),
        pytest.param(
            "./data",
            2,
            "--first: cannot run './data': Permission denied\n"
            "  Give a program on PATH, or its path; there is no shell.",
            id="is no program",
        ),
        pytest.param(" ", 2, "--first wants a command", id="is blank"),
        pytest.param("''", 2, "--first wants a command", id="is an empty word"),
        pytest.param("cat 'x", 2, '--first "cat \'x": No closing quotation', id="open quote"),
        pytest.param(
            "sh -c 'printf \"a: \\377\"'",
            2,
            "<stdin>:1:4: not UTF-8: byte 0xff (invalid start byte)\n"
            "  Kubernetes manifests are UTF-8; convert the file or chart that this comes from.",
            id="prints what is no text",
        ),
    ],
)
def test_first_fails(first: str, status: int, message: str, command: Command) -> None:
    (command.work / "data").touch()
    said = command.run("render", *TO, "--first", first, stdin=POD)
    assert said == Said(status, b"", refused(f"error: {message}"))


# --- Streams that are gone ---

CLOSED = "error: standard output was closed before everything was written: "


def run_with(command: Command, redirect: str, *arguments: str, stdin: bytes = POD) -> Said:
    """Run with a shell's redirection; what it sends away is not seen."""
    script = ["/bin/sh", "-c", f'exec "$@" {redirect}', "sh", *PYTHON, *arguments]
    done = subprocess.run(
        script,
        input=stdin,
        capture_output=True,
        env=command.environment(),
        cwd=command.work,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr.decode())


def run_into_closed_pipe(command: Command, *arguments: str) -> Said:
    """Run with a standard output that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*PYTHON, *arguments],
        input=POD,
        stdout=writer,
        stderr=subprocess.PIPE,
        env=command.environment(),
        cwd=command.work,
        check=False,
    )
    os.close(writer)
    return Said(done.returncode, b"", done.stderr.decode())


def test_render_into_a_closed_pipe(command: Command) -> None:
    said = run_into_closed_pipe(command, "render", "-q", *TO)
    assert said == Said(2, b"", refused(f"{CLOSED}Broken pipe"))


@pytest.mark.parametrize(
    ("redirect", "why"),
    [
        pytest.param(">&-", "Bad file descriptor", id="closed"),
        pytest.param(">/dev/full", "No space left on device", id="full"),
    ],
)
def test_stdout_cannot_be_written(redirect: str, why: str, command: Command) -> None:
    said = run_with(command, redirect, "render", "-q", *TO)
    assert said == Said(2, b"", refused(CLOSED + why))
    said = run_with(command, redirect, "images", "-")
    assert said == Said(2, b"", f"{CLOSED}{why}\n")


def test_stdin_is_closed(command: Command) -> None:
    why = "error: standard input cannot be read: Bad file descriptor"
    assert run_with(command, "<&-", "render", *TO) == Said(2, b"", refused(why))
    assert run_with(command, "<&-", "images", "-") == Said(2, b"", f"{why}\n")


def test_stderr_is_closed(command: Command) -> None:
    assert run_with(command, "2>&-", "render", *TO) == Said(0, MOVED, "")


def test_list_of_images_into_a_closed_pipe(command: Command) -> None:
    """`helm compat images … | head` is no failure."""
    assert run_into_closed_pipe(command, "images", "-") == Said(0, b"", "")


def test_working_directory_is_gone(command: Command) -> None:
    gone = command.work / "gone"
    gone.mkdir()
    script = 'cd gone && rmdir ../gone && exec "$@"'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", *PYTHON, "render", *TO],
        input=POD,
        capture_output=True,
        env=command.environment(),
        cwd=command.work,
        check=False,
    )
    said = Said(done.returncode, done.stdout, done.stderr.decode())
    assert said == Said(2, b"", refused("error: the working directory is gone"))


# --- Reports ---

IMAGE = {
    "reference": "nginx:1.25",
    "normalized": "docker.io/library/nginx:1.25",
    "target": "r.io/library/nginx:1.25",
    "site": "pod",
    "path": "spec.containers[0].image",
    "line": 6,
    "column": 24,
    "file": "<stdin>",
    "document": {"apiVersion": "v1", "kind": "Pod", "namespace": "", "name": "web"},
}
REPORT: dict[str, Any] = {
    "schemaVersion": 1,
    "tool": {"name": "helm-compat", "version": __version__},
    "summary": {"error": 0, "warning": 0, "info": 0, "suppressed": 0},
    "findings": [],
    "images": [IMAGE],
    "components": [],
}
REPORT_TEXT = b"""\
docker.io/library/nginx:1.25
  \xe2\x86\x92 r.io/library/nginx:1.25

1 of 1 image relocated
"""


def pretty(data: dict[str, Any]) -> bytes:
    """A report as it is written."""
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def test_report_is_written_and_kept(command: Command) -> None:
    (command.work / "report.json").write_text("an older one, and longer" * 1000, "utf-8")
    said = command.run("render", *TO, "--report", "report.json", stdin=POD)
    assert said == Said(0, MOVED, DONE)
    assert (command.work / "report.json").read_bytes() == pretty(REPORT)
    assert [json.loads(file.read_bytes()) for file in command.reports.iterdir()] == [REPORT]
    assert [file.name for file in command.work.iterdir()] == ["report.json"]


def test_report_holds_the_diff(command: Command) -> None:
    command.run("render", *TO, "--diff", "--report", "report.json", stdin=POD)
    lines = (
        "@@ -6 +6 @@\n"
        "-  - {name: web, image: nginx:1.25} # pinned\n"
        "+  - {name: web, image: r.io/library/nginx:1.25} # pinned\n"
    )
    assert json.loads((command.work / "report.json").read_bytes()) == {**REPORT, "diff": lines}


def test_report_of_a_refusal(command: Command) -> None:
    words = ("render", *TO, "--report", "report.json", "--fail-on", "warning")
    said = command.run(*words, stdin=TEMPLATED)
    message = f"{WARNING}1 warning\n"
    tail = "The whole report: helm compat report report.json"
    assert said == Said(1, b"", refused(message + tail))
    place = {key: IMAGE[key] for key in ("path", "line", "file", "document")}
    finding = {
        "rule": "templated-reference",
        "severity": "warning",
        "message": WARNING.partition(": ")[2].partition("\n")[0],
        **place,
        "column": 25,
        "evidence": [],
        "hint": "",
        "notes": [],
    }
    summary = {**REPORT["summary"], "warning": 1}
    expected = {**REPORT, "summary": summary, "findings": [finding], "images": []}
    assert json.loads((command.work / "report.json").read_bytes()) == expected


@pytest.mark.parametrize(
    ("path", "why"),
    [
        pytest.param("none/report.json", "No such file or directory", id="no folder"),
        pytest.param("folder", "Is a directory", id="folder"),
        pytest.param("file/report.json", "Not a directory", id="file in place of a folder"),
    ],
)
def test_report_that_cannot_be_written(path: str, why: str, command: Command) -> None:
    (command.work / "folder").mkdir()
    (command.work / "file").write_text("kept", "utf-8")
    said = command.run("render", *TO, "--report", path, stdin=POD)
    assert said == Said(2, b"", refused(f"error: {path}: cannot write the report: {why}"))
    assert sorted(file.name for file in command.work.iterdir()) == ["file", "folder"]
    assert (command.work / "file").read_text("utf-8") == "kept"


def test_cache_that_cannot_be_written(command: Command) -> None:
    (command.folder / "cache").touch()
    assert command.run("render", *TO, stdin=POD) == Said(0, MOVED, DONE)
    said = command.run("render", *TO, "--fail-on", "warning", stdin=TEMPLATED)
    tail = "1 warning\nThe report could not be kept."
    assert said == Said(1, b"", refused(WARNING + tail))


def test_reports_of_parallel_renders(command: Command) -> None:
    runs = {}
    for number in range(25):
        words = [*PYTHON, "render", "-q", "--registry", f"r{number}.io"]
        (command.folder / f"in{number}").write_bytes(POD)
        with (command.folder / f"in{number}").open("rb") as stdin:
            runs[number] = subprocess.Popen(
                words,
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=command.environment(),
                cwd=command.work,
            )
    said = {number: (*run.communicate(), run.returncode) for number, run in runs.items()}
    assert said == {
        number: (POD.replace(b"nginx", f"r{number}.io/library/nginx".encode()), b"", 0)
        for number in runs
    }

    reports = [json.loads(file.read_bytes()) for file in command.reports.iterdir()]
    targets = sorted(report["images"][0].pop("target") for report in reports)
    assert targets == sorted(f"r{number}.io/library/nginx:1.25" for number in runs)
    image = {key: value for key, value in IMAGE.items() if key != "target"}
    assert all(report == {**REPORT, "images": [image]} for report in reports)


def test_newest_reports_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    written: list[Path] = []
    kept: list[str] = []
    for number in range(3 * KEPT):
        written.append(Path(keep_report(str(tmp_path), {"number": number})))
        kept = kept_reports(str(tmp_path))
        assert KEPT <= len(kept) <= 2 * KEPT or len(kept) == len(written) < KEPT
        assert kept == [path.name for path in written[-len(kept) :]]
    assert (tmp_path / "notes.txt").exists()
    assert [json.loads((tmp_path / name).read_bytes())["number"] for name in kept] == [
        *range(3 * KEPT - len(kept), 3 * KEPT)
    ]


def test_report_command_shows_the_newest(command: Command) -> None:
    command.run("render", stdin=POD)
    command.run("render", *TO, stdin=POD)
    assert command.run("report") == Said(0, REPORT_TEXT, "")
    assert command.run("report", "-o", "text") == Said(0, REPORT_TEXT, "")
    assert command.run("report", "-o", "json") == Said(0, pretty(REPORT), "")


def test_report_command_shows_a_file(command: Command) -> None:
    (command.work / "other.json").write_bytes(json.dumps(REPORT).encode())
    command.run("render", stdin=POD)
    assert command.run("report", "other.json") == Said(0, REPORT_TEXT, "")
    assert command.run("report", "--output=json", "other.json") == Said(0, pretty(REPORT), "")


def test_report_command_shows_findings_and_diff(command: Command) -> None:
    command.run("render", *TO, "--diff", stdin=LEFT + b"---\n" + LEFT)
    second = LEFTOVER.replace(":6:", ":13:")
    text = (
        f"q.io/a/web:1  (2 places)\n  → r.io/a/web:1\n\n{LEFTOVER}\n{second}\n".format(
            severity="warning"
        )
        + "@@ -6 +6 @@\n"
        "-  - {name: web, image: q.io/a/web:1, args: [see q.io/a/web:2 there]} # pinned\n"
        "+  - {name: web, image: r.io/a/web:1, args: [see q.io/a/web:2 there]} # pinned\n"
        "@@ -13 +13 @@\n"
        "-  - {name: web, image: q.io/a/web:1, args: [see q.io/a/web:2 there]} # pinned\n"
        "+  - {name: web, image: r.io/a/web:1, args: [see q.io/a/web:2 there]} # pinned\n"
        "\n2 of 2 images relocated, 2 warnings\n"
    )
    assert command.run("report") == Said(0, text.encode(), "")


def test_report_command_lists_the_newest_first(command: Command) -> None:
    assert command.run("report", "--list") == Said(0, b"", "")
    for _ in range(3):
        command.run("render", stdin=POD)
    files = sorted(command.reports.iterdir(), reverse=True)
    assert len(files) == 3
    listing = "".join(f"{file}\n" for file in files).encode()
    assert command.run("report", "--list") == Said(0, listing, "")


def test_report_command_without_a_report(command: Command) -> None:
    said = f"error: no render was reported yet\n  Reports are kept in {command.reports}.\n"
    assert command.run("report") == Said(2, b"", said)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{}", id="empty object"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"5", id="number"),
        pytest.param(b"null", id="null"),
        pytest.param(pretty(REPORT)[:-40], id="cut off"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(pretty({**REPORT, "images": 5}), id="images as number"),
        pytest.param(pretty({**REPORT, "images": [5]}), id="image as number"),
        pytest.param(pretty({**REPORT, "findings": [{}]}), id="empty finding"),
        pytest.param(pretty({**REPORT, "findings": ["a"]}), id="finding as text"),
        pytest.param(pretty({**REPORT, "summary": {}}), id="no sums"),
        pytest.param(pretty({**REPORT, "diff": 5}), id="diff as number"),
        pytest.param(b"[" * 100_000, id="nested"),
    ],
)
@pytest.mark.parametrize("output", ["text", "json"])
def test_report_command_with_a_damaged_file(text: bytes, output: str, command: Command) -> None:
    (command.work / "report.json").write_bytes(text)
    said = command.run("report", "-o", output, "report.json")
    assert said == Said(2, b"", "error: report.json: this is no report of helm-compat\n")


def test_report_command_with_a_file_that_is_not_there(command: Command) -> None:
    said = "error: none.json: cannot read the report: No such file or directory\n"
    assert command.run("report", "none.json") == Said(2, b"", said)


SHOWN = f"{WARNING}\n0 of 0 images relocated, 1 warning\n".encode()
SHOWN_COLOURED = f"{COLOURED}\n0 of 0 images relocated, 1 warning\n".encode()


@pytest.mark.parametrize(
    ("arguments", "variables", "out"),
    [
        pytest.param("report", {}, SHOWN, id="no terminal"),
        pytest.param("report --color always", {}, SHOWN_COLOURED, id="always"),
        pytest.param("--color always report", {}, SHOWN_COLOURED, id="always, before"),
        pytest.param("report --color never", {"HELM_COLOR": "always"}, SHOWN, id="never"),
        pytest.param("report", {"HELM_COLOR": "always"}, SHOWN_COLOURED, id="Helm's variable"),
        pytest.param("report", {"HELM_COMPAT_COLOR": "always"}, SHOWN_COLOURED, id="our variable"),
        pytest.param("report --color always", {"NO_COLOR": "1"}, SHOWN, id="NO_COLOR"),
    ],
)
def test_colour_of_a_report(
    arguments: str, variables: dict[str, str], out: bytes, command: Command
) -> None:
    command.run("render", *TO, stdin=TEMPLATED)
    assert command.run(*arguments.split(), variables=variables) == Said(0, out, "")


def test_output_of_the_environment(command: Command) -> None:
    """Every option has a variable."""
    command.run("render", *TO, stdin=POD)
    variables = {"HELM_COMPAT_OUTPUT": "json"}
    assert command.run("report", variables=variables) == Said(0, pretty(REPORT), "")
    image = {**IMAGE, "optional": False}
    listing = pretty({"schemaVersion": 1, "images": [image], "runTime": []})
    said = command.run("images", *TO, "-", stdin=POD, variables=variables)
    assert said == Said(0, listing, "")


# A short name is a reference only where a product says so.
FIELD = (
    "product: wiki\ntitle: Wiki\nsources: {page: {url: 'https://wiki.example.com', read: 2026-11-21}}\n"
    "image-sites:\n- {kind: Wiki, group: wiki.example.com, paths: [spec.base], source: page}\n"
)
WIKI = b"apiVersion: wiki.example.com/v1\nkind: Wiki\nspec: {base: wiki}\n"


@pytest.mark.parametrize(
    ("arguments", "variables", "listed"),
    [
        pytest.param((), {}, [], id="no product"),
        pytest.param(("--products", "wiki.yaml"), {}, ["docker.io/library/wiki"], id="flag"),
        pytest.param(
            (), {"HELM_COMPAT_PRODUCTS": "wiki.yaml"}, ["docker.io/library/wiki"], id="variable"
        ),
    ],
)
def test_images_of_a_product_of_ones_own(
    arguments: tuple[str, ...], variables: dict[str, str], listed: list[str], command: Command
) -> None:
    (command.work / "wiki.yaml").write_text(FIELD, "utf-8")
    said = command.run("images", "-o", "json", *arguments, "-", stdin=WIKI, variables=variables)
    assert (said.status, said.err) == (0, "")
    assert [image["normalized"] for image in json.loads(said.out)["images"]] == listed


def test_images_with_a_product_file_that_is_not_there(command: Command) -> None:
    said = command.run("images", "--products", "none.yaml", "-", stdin=WIKI)
    assert (said.status, said.out) == (2, b"")
    assert "none.yaml" in said.err
