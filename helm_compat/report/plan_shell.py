"""A plan as a runbook: a POSIX shell script of one function a step, which can be resumed."""

from __future__ import annotations

import re
import zlib
from shlex import quote

from helm_compat.images.reference import parse
from helm_compat.images.relocate import relocation
from helm_compat.knowledge.planning import API, Delivery
from helm_compat.knowledge.product import build
from helm_compat.report.plan_text import grouped, head

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from helm_compat.planner.plan import Change, Move, Plan

    Data = dict[str, Any]

# Stands for the registry while names are made, which is known when the script runs.
_STAND_IN = "registry.invalid"

_HEAD = r"""set -eu

STATE=${STATE:-compat-plan-@NAME@.state}   # which steps are done
REGISTRY=${REGISTRY:-@REGISTRY@}
HELM=${HELM:-helm}
KUBECTL=${KUBECTL:-kubectl}
SKOPEO=${SKOPEO:-skopeo}
COMPAT=${COMPAT:-helm-compat}
COPY_FLAGS=${COPY_FLAGS:---override-os linux --override-arch amd64}
TIMEOUT=${TIMEOUT:-15m}
"""

_TOOLS = r"""
say() { printf '%s\n' "$*" >&2; }
fail() { say "$0: $*"; exit 1; }
need() {
    eval "value=\${$1:-}"
    [ -n "$value" ] || fail "set $1: $2"
}
run() {
    say "+ $*"
    "$@" || fail "step $STEP failed: $1 ended with status $?; nothing after it was run"
}
copy() {
    # shellcheck disable=SC2086
    run "$SKOPEO" copy $COPY_FLAGS "docker://$1" "docker://$2"
}
chart_image() {
    # The image of a chart by its name: where it comes from and where it goes.
    "$HELM" template compat-plan "$1" --version "$2" | "$COMPAT" images --registry "$REGISTRY" - |
        awk -v name="$3:" 'index($1, name) == 1 { print $1, $2; exit }'
}
replace_crds() {
    say "+ $HELM show crds $1 --version $2 | $KUBECTL replace -f -"
    crds=$("$HELM" show crds "$1" --version "$2") || fail "step $STEP failed: no definitions of $1"
    [ -n "$crds" ] || fail "step $STEP failed: the chart $1 $2 has no definitions in crds/"
    # Those that are new are created first: replace takes only what is there.
    printf '%s\n' "$crds" | "$KUBECTL" create -f - >/dev/null 2>&1 || true
    printf '%s\n' "$crds" | "$KUBECTL" replace -f - || fail "step $STEP failed: kubectl replace"
}
upgrade() {
    release=$1 chart=$2 namespace=$3 values=$4
    shift 4
    if [ -n "$values" ]; then set -- --values "$values" "$@"; else set -- --reuse-values "$@"; fi
    run "$HELM" upgrade "$release" "$chart" --namespace "$namespace" --wait --timeout "$TIMEOUT" \
        --post-renderer compat-render \
        --post-renderer-args --registry --post-renderer-args "$REGISTRY" "$@"
}
check_image() {
    # $1 is a resource and maybe a name, $2 its namespace, $3 the image that has to be there.
    images=$("$KUBECTL" get $1 --namespace "$2" --output 'jsonpath={..image}') ||
        fail "step $STEP failed: cannot read $1 in $2"
    case " $images " in
        *" $3 "*) say "$1 in $2 has $3" ;;
        *) fail "step $STEP failed: $1 in $2 has not $3, but: $images" ;;
    esac
}
by_hand() {
    say "step $STEP is done by hand:"
    say "  $*"
    fail "when it is done: $0 --done $STEP"
}
is_done() { [ -f "$STATE" ] && grep -qx "$PLAN $1" "$STATE"; }
set_done() { printf '%s %s\n' "$PLAN" "$1" >>"$STATE"; }
run_step() {
    STEP=$1
    say "== step $STEP of $STEPS: $(title "$STEP")"
    "step_$STEP"
    is_done "$STEP" || set_done "$STEP"
}
"""

_MAIN = r"""
is_step() {
    case ${1:-} in
        '' | *[!0-9]*) fail "there is no step '${1:-}'; there are 1 to $STEPS" ;;
    esac
    [ "$1" -ge 1 ] && [ "$1" -le "$STEPS" ] || fail "there is no step '$1'; there are 1 to $STEPS"
}
case ${1:-} in
    --list)
        step=1
        while [ "$step" -le "$STEPS" ]; do
            if is_done "$step"; then mark=done; else mark=open; fi
            printf '%s %2s  %s\n' "$mark" "$step" "$(title "$step")"
            step=$((step + 1))
        done
        ;;
    --step)
        is_step "${2:-}"
        run_step "$2"
        ;;
    --done)
        is_step "${2:-}"
        is_done "$2" || set_done "$2"
        ;;
    '')
        step=1
        while [ "$step" -le "$STEPS" ]; do
            is_done "$step" || run_step "$step"
            step=$((step + 1))
        done
        say 'all steps are done'
        ;;
    *) fail "unknown option '$1': --list, --step N, --done N, or nothing" ;;
esac
"""


def plan_shell(plan: Plan, data: Data, product_file: Data, registry: str) -> str:
    """The runbook of a plan; one without a way says so and fails."""
    return _Script(plan, data, product_file, registry).text()


def variable(text: str) -> str:
    """A name as an environment variable."""
    return re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")


class _Script:
    def __init__(self, plan: Plan, data: Data, product_file: Data, registry: str) -> None:
        self._plan = plan
        self._data = data
        self._registry = registry
        prefixes = build([product_file]).prefixes
        self._rules = relocation(
            registry=_STAND_IN,
            registry_origin="--registry",
            maps=[],
            keep_domain=False,
            prefixes=prefixes,
        )
        self._settings: dict[str, str] = {}

    def text(self) -> str:
        data = self._data
        goal = ", ".join(f"{g['component']} {g['wants']}" for g in data["goal"])
        steps = grouped(data)
        lines = [
            "#!/bin/sh",
            f"# {data['title']}: {goal}.",
            f"# Made by helm-compat {data['tool']['version']}; {len(steps)} steps. Without options it runs",
            "# what is left and stops at the first failure. --list shows the steps, --step N",
            "# runs one alone, --done N marks one as done by hand.",
        ]
        if data["blocked"]:
            reasons = "; ".join(reason["so"] for reason in data["blocked"]["reasons"])
            lines += [f"printf '%s\\n' {quote(f'there is no way: {reasons}')} >&2", "exit 1"]
            return "\n".join(lines) + "\n"
        bodies = [
            line
            for number, move in enumerate(self._plan.moves, 1)
            for line in self._step(number, move)
        ]
        heads = [head(entries) for entries in steps]
        check = zlib.crc32("\n".join(heads).encode())
        setup = _HEAD.replace("@NAME@", data["product"]).replace("@REGISTRY@", self._registry)
        lines += [setup.rstrip("\n")]
        self._settings.pop("REGISTRY", None)
        lines += [f"{name}=${{{name}:-}}   # {words}" for name, words in self._settings.items()]
        lines += [
            f"PLAN={check:08x}",
            f"STEPS={len(steps)}",
            _TOOLS.strip("\n"),
            "title() {",
            "    case $1 in",
        ]
        lines += [f"        {n}) echo {quote(text)} ;;" for n, text in enumerate(heads, 1)]
        lines += ["    esac", "}", *bodies, _MAIN.strip("\n")]
        return "\n".join(lines) + "\n"

    def _need(self, name: str, words: str) -> str:
        self._settings.setdefault(name, words)
        return f"    need {name} {quote(words)}"

    def _step(self, number: int, move: Move) -> Iterator[str]:
        yield ""
        yield f"step_{number}() {{"
        body = list(self._body(number, move))
        # What is missing is told before anything is done.
        needs = [line for line in body if line.startswith("    need ")]
        yield from dict.fromkeys(needs)
        yield from (line for line in body if not line.startswith("    need "))
        yield "}"

    def _body(self, number: int, move: Move) -> Iterator[str]:
        tasks = [
            task for task in move.tasks if task.when == "before" and task.id != "operator-crds"
        ]
        for task in tasks:
            yield f"    say {quote(f'before: {task.text}')}"
        kinds = {change.component for change in move.changes}
        deliveries = self._plan.problem.planning.deliveries
        if kinds <= deliveries.keys():
            yield self._need("REGISTRY", "the private registry, as HOST[:PORT][/PREFIX]")
            yield from self._delivered(number, move, deliveries)
        else:
            yield f"    by_hand {quote(self._by_hand(move))}"
        for task in move.tasks:
            if task.when == "after":
                yield f"    say {quote(f'now: {task.text}')}"

    def _by_hand(self, move: Move) -> str:
        change = move.changes[0]
        if change.component == API:
            written = self._plan.problem.planning.written_as
            title = written.title if written else "objects"
            return f"write all {title}, in charts and in the cluster, as {change.after}"
        if change.component == "kubernetes":
            return f"upgrade Kubernetes from {change.before} to {change.after}"
        hints = [task.hint or task.text for task in move.tasks]
        return " ".join(hints) or f"upgrade {change.name} from {change.before} to {change.after}"

    def _delivered(self, number: int, move: Move, deliveries: dict[str, Delivery]) -> Iterator[str]:
        """The commands of a step: images, definitions, charts or objects, and what they made."""
        objects: list[tuple[Change, Delivery, str]] = []
        for change in move.changes:
            delivery = deliveries[change.component]
            version = quote(change.after.removeprefix("v"))
            if change.is_line:
                name = f"{variable(change.name)}_VERSION_{number}"
                yield self._need(name, f"step {number}: a release of {change.after}")
                pattern = change.after.removesuffix("x") + "*"
                yield f"    case ${name} in {pattern}) ;; *) fail {quote(f'{name} is no release of {change.after}')} ;; esac"
                version = f'"${name}"'
            images = [image.replace("{version}", "\0") for image in delivery.images]
            for image in images:
                source, target = (
                    self._filled(text, version) for text in (image, self._moved(image))
                )
                yield f"    copy {source} {target}"
            tag = delivery.tags.get(change.after)
            if tag:
                beside = f"{delivery.beside}:{tag}"
                yield f"    copy {quote(beside)} {self._filled(self._moved(beside), version)}"
            for image in delivery.chart_images:
                yield from self._chart_image(number, image)
            if delivery.chart or delivery.charts:
                yield from self._chart(change, delivery, version, images)
            else:
                objects.append((change, delivery, version))
        yield from self._patched(objects)

    def _chart_image(self, number: int, image: str) -> Iterator[str]:
        """An image with the tag that the operator's chart names, as it is at that step."""
        problem = self._plan.problem
        operator = problem.variables[problem.tables.main]
        release = next(s["version"] for s in self._data["start"] if s["component"] == operator.name)
        for move in self._plan.moves[:number]:
            release = next((c.after for c in move.changes if c.name == operator.name), release)
        delivery = problem.planning.deliveries[operator.component]
        chart = delivery.charts.get(release, f"{delivery.chart} {release}")
        name = f"{variable(operator.component)}_CHART"
        yield self._need(name, f"the chart {chart.split(' ')[0]}, as REPOSITORY/NAME or a path")
        yield f'    pair=$(chart_image "${name}" {quote(chart.split(" ")[-1])} {quote(image)})'
        yield f'    [ -n "$pair" ] || fail "step $STEP failed: the chart names no {image}"'
        yield '    copy "${pair% *}" "${pair#* }"'

    def _chart(
        self, change: Change, delivery: Delivery, version: str, images: list[str]
    ) -> Iterator[str]:
        prefix = variable(change.name)
        chart = delivery.charts.get(change.after, delivery.chart)
        name, _, release = chart.partition(" ")
        words = f"the chart {name}, as REPOSITORY/NAME or a path"
        yield self._need(f"{prefix}_CHART", words)
        yield self._need(f"{prefix}_RELEASE", f"the Helm release of {change.name}")
        yield self._need(f"{prefix}_NAMESPACE", f"the namespace of {change.name}")
        self._settings.setdefault(
            f"{prefix}_VALUES",
            f"the values file of {change.name}, or empty: the values that it has",
        )
        number = quote(release) if release else version
        if delivery.crds:
            yield f'    replace_crds "${prefix}_CHART" {number}'
        more = "" if delivery.keeps_chart else f" --version {number}"
        for path, to in delivery.settings:
            value = to.replace("{registry}", "$REGISTRY").replace("{version}", self._bare(version))
            more += f' \\\n        --set-string "{path}={value}"'
        yield (
            f'    upgrade "${prefix}_RELEASE" "${prefix}_CHART" "${prefix}_NAMESPACE"'
            f' "${prefix}_VALUES"{more}'
        )
        yield f'    run "$KUBECTL" get all --namespace "${prefix}_NAMESPACE"'
        place = delivery.object
        resource = f"{place[1]}.{place[0]}" if place and delivery.keeps_chart else "deployments"
        target = self._filled(self._moved(images[0]), version)
        yield f'    check_image {resource} "${prefix}_NAMESPACE" {target}'

    def _patched(self, objects: list[tuple[Change, Delivery, str]]) -> Iterator[str]:
        """One change of an object for all of its components that are upgraded together."""
        if not objects:
            return
        change, delivery, _ = objects[0]
        assert delivery.object, "what has no chart is a field of an object"
        group, kind, _ = delivery.object
        prefix = variable(change.name)
        yield self._need(f"{prefix}_OBJECT", f"the name of the {kind}")
        yield self._need(f"{prefix}_NAMESPACE", f"the namespace of the {kind}")
        patch = ""
        for _, other, version in objects:
            assert other.object, "what has no chart is a field of an object"
            field = other.object[2].removeprefix("spec.")
            image = other.images[0].replace("{version}", "\0")
            target = self._filled(self._moved(image), version)
            patch += f'{"," if patch else ""}"{field}":"\'{target}\'"'
        resource = f"{kind}.{group}"
        yield (
            f'    run "$KUBECTL" patch {resource} "${prefix}_OBJECT" --namespace "${prefix}_NAMESPACE"'
            f" --type merge \\\n        --patch '{{\"spec\":{{{patch}}}}}'"
        )
        yield f'    run "$KUBECTL" get all --namespace "${prefix}_NAMESPACE"'

    def _moved(self, image: str) -> str:
        """An image in the private registry; \\0 stands for the version."""
        name, _, tag = image.rpartition(":")
        target = self._rules.target(parse(f"{name}:0"))
        return f"{str(target or name).replace(_STAND_IN, chr(1))}:{tag}"

    def _filled(self, text: str, version: str) -> str:
        """A reference as one word of the shell."""
        registry, bare = chr(1) in text, self._bare(version)
        filled = text.replace(chr(1), "$REGISTRY").replace("\0", bare)
        return f'"{filled}"' if registry or "$" in bare else filled

    def _bare(self, version: str) -> str:
        """A version inside double quotes."""
        return version.strip("\"'")
