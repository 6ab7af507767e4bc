"""`helm-compat render`: manifests from standard input to standard output, relocated or refused."""

from __future__ import annotations

import contextlib
import os
import sys

from helm_compat.cli.options import RENDER, read_arguments
from helm_compat.cli.settings import Resolved, resolve_settings, use_colour, working_folder
from helm_compat.cli.streams import internal_error, is_terminal, read_stdin, say, write_stdout
from helm_compat.errors import CheckNotMade, CompatError, InputError, UsageError
from helm_compat.findings import Finding, at_least, rank, with_severity
from helm_compat.outcome import Outcome
from helm_compat.printable import printable
from helm_compat.refusal import MAX_LINES, is_helm4_plugin, refusal_document, without_plugin
from helm_compat.render import render
from helm_compat.report.data import findings_data, report_data
from helm_compat.report.keep import keep_report, reports_folder, write_report
from helm_compat.report.text import count_line, finding_lines, fitted, summary_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

STDIN = "<stdin>"
NOTHING = b"# helm-compat: nothing was rendered\n"


def run(arguments: Sequence[str]) -> int:
    """Render once; returns the exit status. Help is printed by the caller."""
    resolved = None
    try:
        given = read_arguments(RENDER, arguments)
        resolved = resolve_settings(RENDER, given, os.environ, working_folder(), gated=True)
        return _render(resolved)
    except CompatError as error:
        return _fail(error, resolved)
    except RecursionError:
        return _fail(InputError("the input is nested too deeply to be read"), resolved)
    except Exception as error:
        text = internal_error(error, debug="--debug" in arguments)
        if "--debug" in arguments:
            say(text)
            return CheckNotMade.exit_status
        return _refuse(text, CheckNotMade.exit_status)


def _render(resolved: Resolved) -> int:
    if is_terminal(sys.stdin):
        say("helm-compat: reading manifests from the terminal; Ctrl-D ends them\n")
    data = read_stdin()
    if resolved.text("first"):
        data = _run_first(resolved.text("first"), data)
    outcome = render(data, resolved.settings, file=STDIN)
    if resolved.on("verify-images"):
        # Few renders ask a registry.
        from helm_compat.cli.verify_render import missing_images

        missing = missing_images(outcome.images, resolved)
        outcome = outcome._replace(findings=[*outcome.findings, *missing])
    outcome = outcome._replace(findings=_judge(outcome, resolved, data))
    diff = _diff(resolved, data, outcome)
    report = report_data(outcome.images, outcome.findings, diff, outcome.components)
    kept = _keep(report, resolved)
    failing = at_least(outcome.findings, resolved.text("fail-on", "error"))
    if failing:
        # Helm 4 shows a few lines: the first and the last two are taken.
        room = MAX_LINES - 3 if is_helm4_plugin(os.environ) else sys.maxsize
        lines = fitted(findings_data(failing), room)
        return _refuse("\n".join([*lines, count_line(report), _where(kept)]), 1)
    _tell(report, resolved)
    write_stdout(outcome.output if data.strip() else data + NOTHING)
    return 0


def _fail(error: CompatError, resolved: Resolved | None) -> int:
    """Refuse for an expected failure, which is reported like a finding."""
    place = f"{error.place}: " if error.place else ""
    finding = Finding(error.rule, "error", place + error.message, hint=error.hint)
    # If the report cannot be written either: what failed first is what the user has to know.
    with contextlib.suppress(CompatError):
        _keep(report_data([], [finding], ""), resolved)
    return _refuse(f"error: {error}", error.exit_status)


def _keep(report: dict[str, Any], resolved: Resolved | None) -> str:
    kept = keep_report(reports_folder(os.environ), report)
    path = resolved.text("report") if resolved else ""
    if path:
        write_report(path, report)
    return path or kept


def _where(kept: str) -> str:
    return (
        f"The whole report: helm compat report {kept}" if kept else "The report could not be kept."
    )


def _judge(outcome: Outcome, resolved: Resolved, data: bytes) -> list[Finding]:
    """The findings with the severities that the user gives them, the gravest first."""
    findings = [*outcome.findings, *_unseen_hooks(data)]
    if resolved.suppressions:
        # Most configurations suppress nothing.
        import time

        from helm_compat.suppress import suppress

        findings = suppress(findings, resolved.suppressions, today=time.strftime("%Y-%m-%d"))
    severities = dict(resolved.rules)
    if resolved.on("fail-on-leftover"):
        severities["leftover-image"] = "error"
    return sorted((with_severity(finding, severities) for finding in findings), key=rank)


def _unseen_hooks(data: bytes) -> list[Finding]:
    helm3 = b"\n# Source: " in data and b"postrenderer.helm.sh/postrender-filename" not in data
    if not helm3 or b"helm.sh/hook" in data:
        return []
    message = "Helm 3 passes no hooks to a post-renderer: their images were neither seen nor moved"
    hint = "helm template renders hooks too: pipe it into helm-compat images to list their images."
    return [Finding("unseen-hooks", "info", message, hint=hint)]


def _run_first(command: str, data: bytes) -> bytes:
    import shlex
    import subprocess

    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--first {command!r}: {error}") from error
    if not words or not words[0]:
        raise UsageError("--first wants a command")
    try:
        done = subprocess.run(
            words, input=data, capture_output=True, check=False, env=without_plugin(os.environ)
        )
    except OSError as error:
        raise UsageError(
            f"--first: cannot run {words[0]!r}: {error.strerror}",
            hint="Give a program on PATH, or its path; there is no shell.",
        ) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().split("\n")[-5:]
        how = f"failed with exit status {done.returncode}"
        if done.returncode < 0:
            how = f"was killed by signal {-done.returncode}"
        raise CheckNotMade(f"--first: {words[0]!r} {how}", hint="\n  ".join(said))
    say(done.stderr.decode(errors="replace"))
    if data.strip() and not done.stdout.strip():
        raise CheckNotMade(
            f"--first: {words[0]!r} printed nothing",
            hint="An empty render would remove every object of the release.",
        )
    return done.stdout


def _diff(resolved: Resolved, data: bytes, outcome: Outcome) -> str:
    if not resolved.on("diff"):
        return ""
    from helm_compat.report.diff import diff_text

    return diff_text(data, outcome.edits, outcome.secrets)


def _tell(report: dict[str, Any], resolved: Resolved) -> None:
    """Say on stderr what a render that succeeds found; Helm shows it to nobody, a shell does."""
    if resolved.on("quiet"):
        return
    shown = [f for f in report["findings"] if resolved.on("verbose") or _is_loud(f)]
    colour = use_colour(resolved.text("color"), os.environ, terminal=is_terminal(sys.stderr))
    lines = [line for finding in shown for line in finding_lines(finding, colour=colour)]
    if resolved.on("verbose"):
        lines += [f"{i['normalized']} → {i['target']}" for i in report["images"] if i["target"]]
    if report.get("diff"):
        lines.append(report["diff"].rstrip("\n"))
    say("\n".join([*lines, f"helm-compat: {summary_line(report)}"]) + "\n")


def _is_loud(finding: dict[str, Any]) -> bool:
    return finding["severity"] != "info" and not finding.get("suppressed")


def _refuse(message: str, status: int) -> int:
    text = "helm-compat refused this render:\n" + printable(message.rstrip("\n")) + "\n"
    if is_helm4_plugin(os.environ):
        # Should stdout be gone, the exit status still says no.
        with contextlib.suppress(CompatError):
            write_stdout(refusal_document(text))
            return 0
    say(text)
    return status
