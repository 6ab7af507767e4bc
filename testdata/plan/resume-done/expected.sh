#!/bin/sh
# Aerospike: operator 4.4.x, backup-service 3.5.x.
# Made by helm-compat VERSION; 0 steps. Without options it runs
# what is left and stops at the first failure. --list shows the steps, --step N
# runs one alone, --done N marks one as done by hand.
set -eu

STATE=${STATE:-compat-plan-aerospike.state}   # which steps are done
REGISTRY=${REGISTRY:-}
HELM=${HELM:-helm}
KUBECTL=${KUBECTL:-kubectl}
SKOPEO=${SKOPEO:-skopeo}
COMPAT=${COMPAT:-helm-compat}
COPY_FLAGS=${COPY_FLAGS:---override-os linux --override-arch amd64}
TIMEOUT=${TIMEOUT:-15m}
PLAN=00000000
STEPS=0
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
title() {
    case $1 in
    esac
}
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
