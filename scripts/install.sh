#!/bin/sh
# The plugin's install and update hook, also to be run by hand: makes the plugin's own Python
# environment and, for Helm 4, links the post-renderer plugin where that cannot break a Helm 3.
# Can be run again at any time.
#
#   HELM_COMPAT_PYTHON     the Python to use (3.10 or later)
#   HELM_COMPAT_WHEEL_DIR  install from the wheels in this folder, without network
#   HELM_COMPAT_LINK       1: link for Helm 4 even if a Helm 3 is found; 0: never link
set -eu

say() {
  printf 'helm-compat: %s\n' "$1"
}

fail() {
  say "$1" >&2
  exit 1
}

# --- The Python environment ---

find_python() {
  if [ -n "${HELM_COMPAT_PYTHON-}" ]; then
    set -- "$HELM_COMPAT_PYTHON"
  else
    set -- python3 python3.14 python3.13 python3.12 python3.11 python3.10
  fi
  without_venv=
  for candidate in "$@"; do
    "$candidate" -I -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || continue
    # Debian splits these two modules off into a package of their own.
    if "$candidate" -I -c 'import ensurepip, venv' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
    without_venv=${without_venv:-$candidate}
  done
  if [ -n "$without_venv" ]; then
    fail "$without_venv lacks the modules venv and ensurepip: install them (Debian, Ubuntu: apt-get install python3-venv), then run: $again"
  elif [ -n "${HELM_COMPAT_PYTHON-}" ]; then
    fail "HELM_COMPAT_PYTHON is no Python 3.10 or later: $HELM_COMPAT_PYTHON"
  else
    fail "no Python 3.10 or later found: install one or name it in HELM_COMPAT_PYTHON, then run: $again"
  fi
}

make_environment() {
  python=$(find_python)
  rm -f "$environment/complete"
  log=$("$python" -I -m venv --clear "$environment" 2>&1) ||
    fail "$python cannot make the environment $environment: $log"

  if [ -n "${HELM_COMPAT_WHEEL_DIR-}" ]; then
    # A wheel of our own of this version, or else the source, built with the wheels of the folder.
    what=$plugin
    for wheel in "$HELM_COMPAT_WHEEL_DIR/helm_compat-$version-"*.whl; do
      [ ! -f "$wheel" ] || what=$wheel
    done
    set -- --no-index --find-links "$HELM_COMPAT_WHEEL_DIR" "$what"
  else
    set -- "$plugin"
  fi
  PIP_USER=0 "$environment/bin/python" -I -m pip install \
    --quiet --no-input --disable-pip-version-check "$@" ||
    fail "pip could not install the plugin, see above; afterwards run: $again"

  # `python3` may be another minor version tomorrow, with which this environment would be empty.
  # A link to the exact version breaks instead, and the launcher says what to do.
  exact=$("$environment/bin/python" -I -c \
    'import sys; print("%s/bin/python%d.%d" % (sys.base_prefix, *sys.version_info[:2]))')
  [ ! -x "$exact" ] || ln -sf "$exact" "$environment/bin/python"

  printf '%s\n' "$version" >"$environment/complete"
  say "installed $version with $python"
}

# --- The link for Helm 4 ---
# A plugin file of Helm 4's format in a plugins folder of Helm 3 makes Helm 3 lose all plugins, and
# both majors use the same folder unless they are told otherwise.

is_helm4() {
  case $(HELM_NO_PLUGINS=1 "$1" version --short 2>/dev/null </dev/null) in
    v[4-9].* | v[1-9][0-9].*) ;;
    *) return 1 ;;
  esac
}

# The Helm that runs this hook. Helm 4 sets no variable that names it, but it is our parent.
find_running_helm() {
  parent=
  [ -n "$by_hand" ] || parent=$(readlink -f "/proc/$PPID/exe" 2>/dev/null) || parent=
  case ${parent##*/} in
    helm*) echo "$parent" ;;
    *) echo "${HELM_BIN:-$(command -v helm)}" ;;
  esac
}

# The first program on PATH that is named like a Helm and is not known to be Helm 4 or later; or the
# Helm 3 that once ran this hook for this plugins folder, if it is still there.
find_helm3() (
  IFS=:
  for folder in $PATH; do
    for program in "${folder:-.}"/helm*; do
      case ${program##*/} in
        helm | helm[0-9]* | helmv[0-9]* | helm[-_.][0-9]* | helm[-_.]v[0-9]*) ;;
        *) continue ;;
      esac
      if [ -f "$program" ] && [ -x "$program" ] && ! is_helm4 "$program"; then
        echo "$program"
        return
      fi
    done
  done
  known=$(cat "$record" 2>/dev/null) || return 0
  if [ -x "$known" ] && ! is_helm4 "$known"; then
    echo "$known"
  fi
)

is_our_link() {
  case $(readlink "$link") in
    /*) return 1 ;; # Helm's own links are absolute
    */plugins/compat-render) ;;
    *) return 1 ;;
  esac
}

remove_link() {
  if is_our_link; then
    rm -f "$link"
    say "removed $link, which is not safe or wanted any more"
  fi
}

make_link() {
  if is_our_link; then
    rm -f "$link"
  elif [ -e "$link" ] || [ -h "$link" ]; then
    say "left $link as it is, it is not ours"
    return
  fi
  ln -s "${plugin##*/}/plugins/compat-render" "$link"
  say "linked $link; use it with: helm upgrade … --post-renderer compat-render"
  say "if a Helm 3 comes to share this folder, it loads no plugin until you run: $again"
}

explain_own_folder() {
  cat <<EXPLANATION
helm-compat: the post-renderer plugin of Helm 4 was not linked, because it would break this Helm 3:
  $1
Give Helm 4 a plugins folder of its own for it:
  mkdir -p "$plugins-helm4"
  ln -sfn "$plugin/plugins/compat-render" "$plugins-helm4/compat-render"
and name both folders when Helm 4, and only Helm 4, is called:
  HELM_PLUGINS="$plugins:$plugins-helm4" helm upgrade … --post-renderer compat-render
If $plugins belongs to Helm 4 alone, run:
  HELM_BIN="$helm" HELM_COMPAT_LINK=1 $again
EXPLANATION
}

# --- What is to be done ---

if [ "${HELM_PLUGIN_NAME-}" = compat ] && [ -n "${HELM_PLUGIN_DIR-}" ]; then
  by_hand=
  plugin=$HELM_PLUGIN_DIR
else
  by_hand=yes
  plugin=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
fi
unset PYTHONHOME PYTHONPATH

version=$(sed -n 's/^version: *//p' "$plugin/plugin.yaml")
environment=$plugin/.plugin-env
again="sh \"$plugin/scripts/install.sh\""
# The plugin folder may be a link itself: the place is beside the link, where Helm looks.
plugins=${plugin%/*}
link=$plugins/compat-render
# Not in the plugin's folder: `helm plugin update` removes from there what git does not know.
record=$plugins/.compat-helm3

helm=$(find_running_helm) || helm=
helm3=
linking=no
if [ -z "$helm" ]; then
  linking=unknown
elif [ -n "$by_hand" ] && ! "$helm" env HELM_PLUGINS | tr : '\n' | grep -qxF "$plugins"; then
  linking=unknown # a folder that is no plugins folder is not ours to link in
elif is_helm4 "$helm" && [ "${HELM_COMPAT_LINK-}" != 0 ]; then
  helm3=$(find_helm3)
  if [ -z "$helm3" ] || [ "${HELM_COMPAT_LINK-}" = 1 ]; then
    linking=yes
  fi
elif ! is_helm4 "$helm"; then
  command -v "$helm" >"$record"
fi

# First of all, so that Helm 3 works again even if the rest fails.
[ "$linking" != no ] || remove_link
make_environment
[ "$linking" != yes ] || make_link
[ "$linking" != no ] || [ -z "$helm3" ] || explain_own_folder "$helm3"
