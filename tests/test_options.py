"""The options of a command line and their twins in the environment."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from helm_compat.cli.app import REPORT
from helm_compat.cli.ask import CHECK, EXPLAIN, MATRIX, RULES
from helm_compat.cli.images import IMAGES
from helm_compat.cli.inventory import INVENTORY, STATUS
from helm_compat.cli.lint import LINT
from helm_compat.cli.mirror import MIRROR
from helm_compat.cli.options import (
    RENDER,
    Given,
    Option,
    check_choice,
    read_arguments,
    read_environment,
)
from helm_compat.cli.plan import PLAN
from helm_compat.cli.verify import VERIFY
from helm_compat.errors import UsageError

OPTIONS = (
    Option("--registry", "HOST", "Registry."),
    Option("--map", "SOURCE=DEST", "Rule.", many=True),
    Option("--keep-domain", "", "Switch."),
    Option("--color", "WHEN", "Choice.", choices=("auto", "always", "never")),
    Option("--config", "FILE", "File.", "-c"),
    Option("--quiet", "", "Switch.", "-q"),
)


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("--registry r.io", {"registry": "r.io"}, id="value apart"),
        pytest.param("--registry=r.io", {"registry": "r.io"}, id="value with ="),
        pytest.param("--registry=a=b", {"registry": "a=b"}, id="value holds ="),
        pytest.param("--registry a=b", {"registry": "a=b"}, id="value apart holds ="),
        pytest.param("--registry a --registry=b", {"registry": "b"}, id="the last value counts"),
        pytest.param("--registry -x", {"registry": "-x"}, id="value with a dash"),
        pytest.param("--map a=b", {"map": ("a=b",)}, id="one of many"),
        pytest.param("--map a=b --map=c=d", {"map": ("a=b", "c=d")}, id="many"),
        pytest.param("--map a=b --map a=b", {"map": ("a=b", "a=b")}, id="many, the same"),
        pytest.param("--keep-domain", {"keep-domain": True}, id="switch"),
        pytest.param("--quiet -q", {"quiet": True}, id="switch twice"),
        pytest.param("-q", {"quiet": True}, id="short switch"),
        pytest.param("-c f", {"config": "f"}, id="short with value"),
        pytest.param("--config f -c g", {"config": "g"}, id="short and long are one"),
        pytest.param("--color never", {"color": "never"}, id="choice"),
        pytest.param("--color=auto", {"color": "auto"}, id="choice with ="),
        pytest.param(
            "-q --map a=b -c f --keep-domain --map c=d",
            {"quiet": True, "map": ("a=b", "c=d"), "config": "f", "keep-domain": True},
            id="all together",
        ),
    ],
)
def test_arguments(arguments: str, given: Given) -> None:
    assert read_arguments(OPTIONS, arguments.split()) == given


FLAGS = "--color, --config, --keep-domain, --map, --quiet, --registry, -c, -q"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--registry"], "--registry wants a value: --registry HOST", id="no value"),
        pytest.param(
            ["--registry", ""], "--registry wants a value: --registry HOST", id="empty value"
        ),
        # `--registry=$REGISTRY` with a variable that is not set must not leave every image.
        pytest.param(
            ["--registry="], "--registry wants a value: --registry HOST", id="empty value with ="
        ),
        pytest.param(["--map="], "--map wants a value: --map SOURCE=DEST", id="empty one of many"),
        pytest.param(["-c"], "-c wants a value: -c FILE", id="no value for a short one"),
        pytest.param(
            ["-q", "--map"], "--map wants a value: --map SOURCE=DEST", id="no value at the end"
        ),
        pytest.param(["--quiet=true"], "--quiet takes no value", id="switch with value"),
        pytest.param(["-q="], "-q takes no value", id="switch with empty value"),
        pytest.param(
            ["--color", "red"],
            "--color wants one of auto, always, never, not 'red'",
            id="no choice",
        ),
        pytest.param(
            ["--color=Never"],
            "--color wants one of auto, always, never, not 'Never'",
            id="choice in capitals",
        ),
        pytest.param(
            ["--registy", "r.io"],
            "there is no option --registy\n  Did you mean '--registry'?",
            id="unknown",
        ),
        pytest.param(
            ["--keep_domain"],
            "there is no option --keep_domain\n  Did you mean '--keep-domain'?",
            id="unknown switch",
        ),
        pytest.param(
            ["--registy=secret"],
            "there is no option --registy\n  Did you mean '--registry'?",
            id="unknown with value",
        ),
        pytest.param(["--zzzzzz"], f"there is no option --zzzzzz\n  Known: {FLAGS}.", id="far off"),
        pytest.param(["-x"], f"there is no option -x\n  Known: {FLAGS}.", id="unknown short one"),
        pytest.param(
            ["all.yaml"],
            "'all.yaml' is no option\n"
            "  render reads manifests from standard input and takes no file.",
            id="file",
        ),
        pytest.param(
            ["-q", "true"],
            "'true' is no option\n  render reads manifests from standard input and takes no file.",
            id="value after a switch",
        ),
    ],
)  # fmt: skip
def test_wrong_arguments(arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_arguments(OPTIONS, arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("environment", "given"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param({"HELM_COMPAT_REGISTRY": "r.io"}, {"registry": "r.io"}, id="value"),
        pytest.param({"HELM_COMPAT_REGISTRY": " r.io\n"}, {"registry": "r.io"}, id="spaces around"),
        pytest.param({"HELM_COMPAT_REGISTRY": "a,b"}, {"registry": "a,b"}, id="comma in a value"),
        pytest.param({"HELM_COMPAT_REGISTRY": ""}, {}, id="empty value"),
        pytest.param({"HELM_COMPAT_REGISTRY": " "}, {}, id="blank value"),
        pytest.param({"HELM_COMPAT_MAP": "a=b"}, {"map": ("a=b",)}, id="one of many"),
        pytest.param(
            {"HELM_COMPAT_MAP": "a=b, c=d"}, {"map": ("a=b", "c=d")}, id="many with commas"
        ),
        pytest.param(
            {"HELM_COMPAT_MAP": "a=b\nc=d\n"}, {"map": ("a=b", "c=d")}, id="many with lines"
        ),
        pytest.param({"HELM_COMPAT_MAP": ",,"}, {}, id="none of many"),
        pytest.param({"HELM_COMPAT_COLOR": "never"}, {"color": "never"}, id="choice"),
        pytest.param({"HELM_COMPAT_COLOR": ""}, {}, id="no choice"),
        *(
            pytest.param({"HELM_COMPAT_KEEP_DOMAIN": text}, {"keep-domain": True}, id=f"on: {text}")
            for text in ("1", "true", "TRUE", "yes", "on")
        ),
        *(
            pytest.param(
                {"HELM_COMPAT_KEEP_DOMAIN": text}, {"keep-domain": False}, id=f"off: {text}"
            )
            for text in ("0", "false", "False", "no", "off")
        ),
        pytest.param({"HELM_COMPAT_KEEP_DOMAIN": ""}, {}, id="empty switch"),
        pytest.param({"REGISTRY": "r.io"}, {}, id="without our name"),
        pytest.param({"HELM_COMPAT_REGISTY": "r.io"}, {}, id="variable of nobody"),
        pytest.param({"helm_compat_registry": "r.io"}, {}, id="lower case"),
        pytest.param({"HELM_COMPAT_C": "f"}, {}, id="short name"),
    ],
)
def test_environment(environment: dict[str, str], given: Given) -> None:
    assert read_environment(OPTIONS, environment) == given


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        pytest.param(
            {"HELM_COMPAT_COLOR": "red"},
            "HELM_COMPAT_COLOR wants one of auto, always, never, not 'red'",
            id="no choice",
        ),
        pytest.param(
            {"HELM_COMPAT_QUIET": "maybe"},
            "HELM_COMPAT_QUIET wants true or false, not 'maybe'",
            id="no truth",
        ),
        pytest.param(
            {"HELM_COMPAT_QUIET": "2"},
            "HELM_COMPAT_QUIET wants true or false, not '2'",
            id="number",
        ),
    ],
)
def test_wrong_environment(environment: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_environment(OPTIONS, environment)
    assert str(caught.value) == message


def test_choice() -> None:
    free = Option("--any", "TEXT", "Anything.")
    assert (check_choice(OPTIONS[3], "auto", "--color"), check_choice(free, "x", "--any")) == (
        "auto",
        "x",
    )


def test_options_of_render() -> None:
    names = [(option.flag, option.short, option.key, option.variable) for option in RENDER]
    assert names == [
        ("--registry", "", "registry", "HELM_COMPAT_REGISTRY"),
        ("--map", "", "map", "HELM_COMPAT_MAP"),
        ("--keep-domain", "", "keep-domain", "HELM_COMPAT_KEEP_DOMAIN"),
        ("--image-pull-secret", "", "image-pull-secret", "HELM_COMPAT_IMAGE_PULL_SECRET"),
        (
            "--image-pull-secret-service-accounts",
            "",
            "image-pull-secret-service-accounts",
            "HELM_COMPAT_IMAGE_PULL_SECRET_SERVICE_ACCOUNTS",
        ),
        ("--installed", "", "installed", "HELM_COMPAT_INSTALLED"),
        ("--cluster", "", "cluster", "HELM_COMPAT_CLUSTER"),
        ("--kube-context", "", "kube-context", "HELM_COMPAT_KUBE_CONTEXT"),
        ("--kubeconfig", "", "kubeconfig", "HELM_COMPAT_KUBECONFIG"),
        ("--cluster-timeout", "", "cluster-timeout", "HELM_COMPAT_CLUSTER_TIMEOUT"),
        ("--namespace", "-n", "namespace", "HELM_COMPAT_NAMESPACE"),
        ("--on-unknown", "", "on-unknown", "HELM_COMPAT_ON_UNKNOWN"),
        ("--products", "", "products", "HELM_COMPAT_PRODUCTS"),
        ("--no-gate", "", "no-gate", "HELM_COMPAT_NO_GATE"),
        ("--no-relocate", "", "no-relocate", "HELM_COMPAT_NO_RELOCATE"),
        ("--pin-digests", "", "pin-digests", "HELM_COMPAT_PIN_DIGESTS"),
        ("--verify-images", "", "verify-images", "HELM_COMPAT_VERIFY_IMAGES"),
        ("--authfile", "", "authfile", "HELM_COMPAT_AUTHFILE"),
        ("--ca-file", "", "ca-file", "HELM_COMPAT_CA_FILE"),
        ("--http-registry", "", "http-registry", "HELM_COMPAT_HTTP_REGISTRY"),
        ("--first", "", "first", "HELM_COMPAT_FIRST"),
        ("--report", "", "report", "HELM_COMPAT_REPORT"),
        ("--diff", "", "diff", "HELM_COMPAT_DIFF"),
        ("--fail-on", "", "fail-on", "HELM_COMPAT_FAIL_ON"),
        ("--fail-on-leftover", "", "fail-on-leftover", "HELM_COMPAT_FAIL_ON_LEFTOVER"),
        ("--max-bytes", "", "max-bytes", "HELM_COMPAT_MAX_BYTES"),
        ("--config", "-c", "config", "HELM_COMPAT_CONFIG"),
        ("--quiet", "-q", "quiet", "HELM_COMPAT_QUIET"),
        ("--verbose", "-v", "verbose", "HELM_COMPAT_VERBOSE"),
        ("--color", "", "color", "HELM_COMPAT_COLOR"),
        ("--debug", "", "debug", "HELM_COMPAT_DEBUG"),
    ]


def test_completion_knows_every_option() -> None:
    """Helm completes by a file of its own, which nothing else would keep true."""
    text = (Path(__file__).parents[1] / "completion.yaml").read_text(encoding="utf-8")
    commands = {c["name"]: set(c.get("flags", ())) for c in yaml.safe_load(text)["commands"]}

    def flags(options: tuple[Option, ...]) -> set[str]:
        names = {option.flag for option in options} | {option.short for option in options}
        return {name.lstrip("-") for name in names if name}

    assert commands == {
        "render": flags(RENDER),
        "images": flags(IMAGES),
        "lint": flags(LINT),
        "report": flags(REPORT) | {"list"},
        "check": flags(CHECK),
        "matrix": flags(MATRIX),
        "plan": flags(PLAN),
        "explain": flags(EXPLAIN),
        "rules": flags(RULES),
        "inventory": flags(INVENTORY),
        "status": flags(STATUS),
        "mirror": flags(MIRROR),
        "verify": flags(VERIFY),
        "schema": set(),
        "version": set(),
    }
