"""The options of the commands as data: for click, for the environment and for the fast path.

`render` runs inside every `helm upgrade`, and importing click would take longer than its own
work. It reads its arguments here, by the same table that the help text comes from.
"""

from __future__ import annotations

from typing import NamedTuple

from helm_compat.errors import UsageError
from helm_compat.knowledge.words import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Given = dict[str, "str | bool | tuple[str, ...]"]

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off")


class Option(NamedTuple):
    """One option; without a metavar it is a switch, with `many` it may be given more than once.

    `bare` is the value of an option that may stand without one; a value is behind `=` then.
    """

    flag: str
    metavar: str
    help: str
    short: str = ""
    many: bool = False
    choices: tuple[str, ...] = ()
    bare: str = ""

    @property
    def key(self) -> str:
        """The option's name without dashes, as results are keyed."""
        return self.flag.removeprefix("--")

    @property
    def variable(self) -> str:
        """The environment variable that stands for the option."""
        return "HELM_COMPAT_" + self.key.upper().replace("-", "_")


CONFIG = Option("--config", "FILE", "Use this configuration file.", "-c")
QUIET = Option("--quiet", "", "Print nothing but errors.", "-q")
VERBOSE = Option("--verbose", "", "Print every image and what is only good to know.", "-v")
DEBUG = Option("--debug", "", "Print the traceback of an internal error.")
COLOR = Option(
    "--color", "WHEN", "Colour the text: auto, always, never.", choices=("auto", "always", "never")
)

RELOCATION = (
    Option("--registry", "HOST[:PORT][/PREFIX]", "Relocate every image to this registry."),
    Option(
        "--map",
        "SOURCE=DEST",
        "Relocate what stands under SOURCE to DEST; wins over --registry.",
        many=True,
    ),
    Option("--keep-domain", "", "Keep the source registry in the path: R/docker.io/library/nginx."),
)

NAMESPACE = Option(
    "--namespace", "NAMESPACE", "The release's namespace, for objects that name none.", "-n"
)
INSTALLED = Option(
    "--installed",
    "PRODUCT/COMPONENT=VERSION",
    "What is installed, where this render does not hold it.",
    many=True,
)
ON_UNKNOWN = Option(
    "--on-unknown",
    "POLICY",
    "What cannot be judged: error, warn (default), ignore.",
    choices=("error", "warn", "ignore"),
)
PRODUCTS = Option(
    "--products", "FILE|DIR", "Add product files of your own, or override ours.", many=True
)
FAIL_ON = Option(
    "--fail-on",
    "LEVEL",
    "Refuse at error (default), warning, info or never.",
    choices=("error", "warning", "info", "never"),
)

CLUSTER = Option(
    "--cluster",
    "[=MODE]",
    "Judge with what is in the cluster: required (without =MODE), auto, never (default).",
    choices=("auto", "required", "never"),
    bare="required",
)
# For a context: the current one of kubectl, or the cluster that kubectl runs in.
CURRENT = "."
KUBE_CONTEXT = Option(
    "--kube-context", "NAME", "The cluster's context in the kubeconfig; . is the current one."
)
KUBECONFIG = Option("--kubeconfig", "FILE", "The kubeconfig to use.")
CLUSTER_TIMEOUT = Option(
    "--cluster-timeout", "SECONDS", "Time limit for reading the cluster; default 30."
)
CONNECTION = (KUBE_CONTEXT, KUBECONFIG, CLUSTER_TIMEOUT)
# The cluster of a command that people run and say nothing of it.
OWN_CLUSTER: Given = {KUBE_CONTEXT.key: CURRENT}

REGISTRY_ACCESS = (
    Option(
        "--authfile", "FILE", "Credentials for registries; default: those of skopeo and docker."
    ),
    Option("--ca-file", "FILE", "Trust the certificate authorities of this PEM file too."),
    Option(
        "--http-registry", "HOST[:PORT]", "This registry speaks plain HTTP; repeatable.", many=True
    ),
)

RENDER = (
    *RELOCATION,
    Option("--image-pull-secret", "NAME", "Add this pull secret to every pod spec and field that takes one."),
    Option("--image-pull-secret-service-accounts", "", "Add it to every ServiceAccount too."),
    INSTALLED,
    CLUSTER,
    *CONNECTION,
    NAMESPACE,
    ON_UNKNOWN,
    PRODUCTS,
    Option("--no-gate", "", "Do not judge whether the versions fit."),
    Option("--no-relocate", "", "Leave every image where it is."),
    Option("--pin-digests", "", "Put the digest of compat.lock.yaml behind every tag."),
    Option("--verify-images", "", "Refuse when the registry does not have every image."),
    *REGISTRY_ACCESS,
    Option("--first", "COMMAND", "Run another renderer first; its output is our input. No shell."),
    Option("--report", "FILE", "Write the report, as JSON, to this file."),
    Option("--diff", "", "Show the changed lines, on stderr and in the report."),
    FAIL_ON,
    Option("--fail-on-leftover", "", "Refuse when something still names a relocated registry."),
    Option("--max-bytes", "N", "Refuse a larger input; default 268435456."),
    CONFIG,
    QUIET,
    VERBOSE,
    COLOR,
    DEBUG,
)  # fmt: skip


def read_arguments(options: Sequence[Option], arguments: Sequence[str]) -> Given:
    """Read a command line that has options only; raises UsageError.

    `--x VALUE` and `--x=VALUE`, `-c VALUE`; a later value wins, and options with `many` add up.
    """
    names = {option.flag: option for option in options}
    names |= {option.short: option for option in options if option.short}
    given: Given = {}
    rest = iter(arguments)
    for argument in rest:
        name, equals, value = argument.partition("=")
        option = names.get(name)
        if not option:
            raise _unknown(argument, names)
        if not option.metavar:
            if equals:
                raise UsageError(f"{name} takes no value")
            given[option.key] = True
            continue
        if not equals:
            value = option.bare or next(rest, "")
        if not value:
            raise UsageError(f"{name} wants a value: {name} {option.metavar}")
        _put(given, option, check_choice(option, value, name))
    return given


def read_environment(options: Sequence[Option], environment: Mapping[str, str]) -> Given:
    """Read the environment's twins of the options; several values are divided by commas."""
    given: Given = {}
    for option in options:
        text = environment.get(option.variable)
        if not text:
            continue
        if option.metavar:
            for value in text.replace(",", "\n").split("\n") if option.many else [text]:
                if value.strip():
                    _put(given, option, check_choice(option, value.strip(), option.variable))
        elif text.lower() in (*_TRUE, *_FALSE):
            given[option.key] = text.lower() in _TRUE
        else:
            raise UsageError(f"{option.variable} wants true or false, not {text!r}")
    return given


def with_context_of_helm(environment: Mapping[str, str]) -> Mapping[str, str]:
    """The variables of a command that people run: `helm --kube-context` stands for our own flag."""
    context = environment.get("HELM_KUBECONTEXT")
    if not context:
        return environment
    return {KUBE_CONTEXT.variable: context, **environment}


def texts(given: Given, key: str) -> tuple[str, ...]:
    """The values of an option that may be given more than once."""
    value = given.get(key, ())
    return value if isinstance(value, tuple) else ()


def check_choice(option: Option, value: str, name: str) -> str:
    """The value, which must be one of the option's choices where it has any."""
    if option.choices and value not in option.choices:
        raise UsageError(f"{name} wants one of {', '.join(option.choices)}, not {value!r}")
    return value


def _put(given: Given, option: Option, value: str) -> None:
    before = given.get(option.key, ())
    given[option.key] = (*before, value) if option.many and isinstance(before, tuple) else value


def _unknown(argument: str, names: dict[str, Option]) -> UsageError:
    if not argument.startswith("-"):
        return UsageError(
            f"{argument!r} is no option",
            hint="render reads manifests from standard input and takes no file.",
        )
    name = argument.partition("=")[0]
    return UsageError(f"there is no option {name}", hint=did_you_mean(name, list(names)))
