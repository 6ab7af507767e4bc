"""`helm-compat lint`: charts and manifests in, findings out, in as many formats as are asked for."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from helm_compat.cli.chart_options import CHART, chart_options
from helm_compat.cli.glue import TWINS, given_on, options, progress, write
from helm_compat.cli.lint_output import FORMATS, render_output
from helm_compat.cli.lint_work import Work, inputs_data, run_work
from helm_compat.cli.options import (
    CLUSTER,
    COLOR,
    CONFIG,
    CONNECTION,
    DEBUG,
    FAIL_ON,
    INSTALLED,
    ON_UNKNOWN,
    OWN_CLUSTER,
    PRODUCTS,
    RELOCATION,
    VERBOSE,
    Option,
    read_environment,
    texts,
    with_context_of_helm,
)
from helm_compat.cli.outputs import Output, read_outputs
from helm_compat.cli.settings import Resolved, resolve_settings, use_colour, working_folder
from helm_compat.cli.streams import is_terminal, say
from helm_compat.errors import CompatError, UsageError
from helm_compat.findings import at_least
from helm_compat.gate.installed import PLATFORM, read_installed
from helm_compat.lint.baseline import read_baseline, write_baseline
from helm_compat.lint.checks import Options as CheckOptions
from helm_compat.lint.control import read_rules, settle
from helm_compat.lint.group import Values
from helm_compat.outcome import Settings
from helm_compat.printable import printable
from helm_compat.report.data import lint_data
from helm_compat.sources.files import read_file
from helm_compat.sources.helm import Options as HelmOptions
from helm_compat.sources.inputs import Input, expand
from helm_compat.sources.values import check_values, values_files
from helm_compat.writing import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from helm_compat.lint.places import Placed

_CONTROL = (
    Option("--select", "RULES", "Report these rules alone: names or prefixes.", many=True),
    Option("--ignore", "RULES", "Leave these rules out: names or prefixes.", many=True),
    Option("--baseline", "FILE", "Leave out what this file lists as known."),
    Option("--write-baseline", "FILE", "Write all findings to this file as known."),
    FAIL_ON._replace(help="Exit with 1 at error (default), warning, info or never."),
    Option("--exit-zero", "", "Exit with 0 in spite of findings."),
)
LINT = (
    *CHART,
    *RELOCATION,
    Option("--image-pull-secret", "NAME", "The registry needs this pull secret."),
    Option("--no-relocate", "", "Judge images where the charts put them."),
    INSTALLED,
    CLUSTER,
    *CONNECTION,
    ON_UNKNOWN,
    PRODUCTS,
    Option("--no-gate", "", "Do not judge whether the versions fit."),
    *_CONTROL,
    Option("--output", "FORMAT[=FILE]", f"{', '.join(FORMATS)}; repeatable.", "-o", many=True),
    Option("--jobs", "N", "Charts at a time; default: one a core.", "-j"),
    CONFIG,
    VERBOSE._replace(help="Show what is only good to know too, in text."),
    COLOR,
    DEBUG,
)


class Linted(NamedTuple):
    """The whole result as data, its findings, and why inputs could not be checked."""

    data: dict[str, Any]
    findings: list[Placed]
    errors: list[CompatError]


@click.command(epilog=TWINS)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@options(LINT)
@click.pass_obj
def lint(colour: str, /, inputs: tuple[str, ...], **values: Any) -> int:
    """Find what is wrong with charts, values and manifests.

    INPUT is a chart (folder, .tgz, oci://…, REPOSITORY/CHART), a manifest
    file, a folder of charts and manifests, or - for standard input. Inputs
    that are given together are one state: an operator's chart and that of what
    it manages are judged as a pair. Each chart that is found in a folder is
    judged for itself.
    """
    given = read_environment(LINT, os.environ)
    given |= ({"color": colour} if colour else {}) | given_on(values)
    namespace = os.environ.get("HELM_NAMESPACE", "default")
    if namespace != "default":
        # Helm takes -n out of the command line of a plugin.
        given.setdefault("namespace", namespace)
    resolved = resolve_settings(
        LINT,
        given,
        with_context_of_helm(os.environ),
        working_folder(),
        gated=True,
        defaults=OWN_CLUSTER,
    )
    outputs = read_outputs(texts(resolved.values, "output"), FORMATS, "sarif=lint.sarif")
    linted = lint_inputs(inputs, resolved)
    terminals = is_terminal(sys.stdout) and is_terminal(sys.stderr)
    if not (terminals and Output("text", "") in outputs):
        # Otherwise it stands in the text already.
        say("".join(printable(f"error: {error}\n") for error in linted.errors))
    target = resolved.text("write-baseline")
    if target:
        write_baseline(target, linted.findings)
    fail_on = "never" if target or resolved.on("exit-zero") else resolved.text("fail-on", "error")
    failing = at_least([placed.finding for placed in linted.findings], fail_on)
    errors = [*linted.errors, *_write_outputs(outputs, linted.data, resolved, fail_on)]
    return max((error.exit_status for error in errors), default=int(bool(failing)))


def lint_inputs(names: Sequence[str], resolved: Resolved) -> Linted:
    """Check every input; one that cannot be checked hides no other."""
    if "" in names:
        raise UsageError("an input is an empty text", hint="Is a variable of the caller not set?")
    helm = chart_options(resolved, names)
    select, ignore = _words(resolved, "select"), _words(resolved, "ignore")
    # What is wrong with the command line is told before the work.
    read_rules(select, "--select")
    read_rules(ignore, "--ignore")
    known = resolved.text("baseline") if not resolved.text("write-baseline") else ""
    baseline = read_baseline(known) if known else None
    faults = check_values(helm.values, helm.stdin)
    expanded = expand(names, repo=helm.repo)
    # Without its values a chart cannot be judged; manifests can.
    sources = [
        item
        for item in expanded
        if isinstance(item, Input) and not (faults and item.kind == "chart")
    ]
    work = _work(resolved, helm, () if faults else values_files(helm.values))
    with progress(len(sources), "linting") as tick:
        done = run_work(sources, work, _jobs(resolved), tick)
    for result in done:
        for name, note in result.notes:
            say(printable(f"helm says of {name}: {note}\n"))
    errors = [
        *faults,
        *(item for item in expanded if isinstance(item, CompatError)),
        *(failed.error for result in done for failed in result.failed),
    ]
    findings = settle(
        [placed for result in done if result.checked for placed in result.checked.findings],
        select=select,
        ignore=ignore,
        severities=resolved.rules,
        suppressions=resolved.suppressions,
        today=work.checks.today,
        complete=not errors,
    )
    if baseline:
        complete = not (errors or select or ignore)
        findings = baseline.applied(findings, complete=complete)
    images = [image for result in done if result.checked for image in result.checked.images]
    parts = [part for result in done if result.checked for part in result.checked.components]
    inputs = inputs_data(expanded, done, values_files(helm.values), faults)
    return Linted(lint_data(inputs, findings, images, parts), findings, errors)


def _write_outputs(
    outputs: Sequence[Output], data: dict[str, Any], resolved: Resolved, fail_on: str
) -> Iterator[CompatError]:
    """Write every output; one that cannot be written hides no other."""
    for output in outputs:
        terminal = is_terminal(sys.stdout) and not output.file
        text = render_output(
            output.format,
            data,
            colour=use_colour(resolved.text("color"), os.environ, terminal=terminal),
            fail_on=fail_on,
            verbose=resolved.on("verbose"),
        )
        if not output.file:
            write(text)
            continue
        try:
            write_whole(output.file, text)
        except CompatError as error:
            say(printable(f"error: {error}\n"))
            yield error


def _work(resolved: Resolved, helm: HelmOptions, values: Sequence[str]) -> Work:
    settings = _with_kubernetes(resolved)
    needs_secret = bool(settings.pull_secret) and settings.relocation is None
    checks = CheckOptions(
        registry=resolved.text("registry"),
        needs_secret=needs_secret,
        today=time.strftime("%Y-%m-%d"),
    )
    files = []
    for name in values:
        if "://" not in name:
            data = helm.stdin if name == "-" else read_file(name)
            shown = "<stdin>" if name == "-" else name
            files.append(Values(shown, data.decode("utf-8-sig", "replace")))
    return Work(settings, checks, helm, tuple(files))


def _with_kubernetes(resolved: Resolved) -> Settings:
    """What the gate is given, with the Kubernetes that charts are rendered for."""
    settings, version = resolved.settings, resolved.text("kube-version")
    if not settings.gate or not version:
        return settings
    origin = "--kube-version"
    found = read_installed(PLATFORM, version, f"{origin} {version}", settings.gate.products)
    others = [i for i in settings.gate.installed if i.component != PLATFORM]
    installed = (*others, *(instance._replace(origin=origin) for instance in found))
    return settings._replace(gate=settings.gate._replace(installed=installed))


def _words(resolved: Resolved, key: str) -> list[str]:
    """Names of rules, given one by one or with commas between."""
    return [word for text in texts(resolved.values, key) for word in text.split(",") if word]


def _jobs(resolved: Resolved) -> int:
    text = resolved.text("jobs")
    if not text:
        return os.cpu_count() or 1
    if not text.isdecimal() or not int(text):
        raise UsageError(f"--jobs wants a whole number above 0, not {text!r}")
    return int(text)
