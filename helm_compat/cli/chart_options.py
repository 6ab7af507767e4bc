"""The options with which charts are rendered, as `helm template` has them."""

from __future__ import annotations

from helm_compat.cli.options import Option, texts
from helm_compat.cli.settings import Resolved
from helm_compat.cli.streams import read_stdin
from helm_compat.errors import UsageError
from helm_compat.sources.helm import Options as HelmOptions
from helm_compat.sources.values import values_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

CHART = (
    Option("--values", "FILE", "Values for the charts, as in helm template.", "-f", many=True),
    Option("--set", "KEY=VALUE", "One value, as in helm template.", many=True),
    Option("--set-string", "KEY=VALUE", "One value that stays text.", many=True),
    Option("--set-file", "KEY=FILE", "One value from a file.", many=True),
    Option("--set-json", "KEY=JSON", "One value as JSON.", many=True),
    Option("--version", "VERSION", "Version of a chart from a repository or registry."),
    Option("--repo", "URL", "Chart repository for a bare chart name."),
    Option("--plain-http", "", "Fetch charts from a registry without TLS (Helm 4)."),
    Option("--kube-version", "VERSION", "Kubernetes to render for."),
    Option("--api-versions", "GROUP/VERSION", "API that the cluster has.", "-a", many=True),
    Option("--include-crds", "", "Render crds/ of the charts too."),
    Option("--release", "NAME", "Release name; the chart's own by default."),
    Option("--namespace", "NAMESPACE", "Namespace of the release.", "-n"),
    Option("--timeout", "SECONDS", "Time limit for each run of helm; default 300."),
)


def chart_options(resolved: Resolved, names: Sequence[str]) -> HelmOptions:
    """What helm is to be given for the inputs of these names; raises UsageError."""
    values = resolved.values
    files = texts(values, "values")
    readers = [name for name in (*names, *values_files(files)) if name == "-"]
    if len(readers) > 1:
        raise UsageError("standard input can be read once: either as an input or as values")
    seconds = resolved.text("timeout", "300")
    if not seconds.isdecimal() or not int(seconds):
        raise UsageError(f"--timeout wants a number of seconds, not {seconds!r}")
    return HelmOptions(
        values=files,
        set_values=texts(values, "set"),
        set_strings=texts(values, "set-string"),
        set_files=texts(values, "set-file"),
        set_json=texts(values, "set-json"),
        version=resolved.text("version"),
        repo=resolved.text("repo"),
        plain_http=resolved.on("plain-http"),
        kube_version=resolved.text("kube-version"),
        api_versions=texts(values, "api-versions"),
        include_crds=resolved.on("include-crds"),
        namespace=resolved.text("namespace"),
        release_name=resolved.text("release"),
        time_limit=float(seconds),
        stdin=read_stdin() if readers else b"",
    )
