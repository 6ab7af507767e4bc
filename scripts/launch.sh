# Read by the launchers in bin/ with `self` set to the launcher's own file.
# Every Helm render waits for this: no process before Python in the usual case.

# Resolved by the kernel, because Helm 4 comes here through the link `compat-render`, and Python
# would drop `compat-render/..` from the path as text.
plugin=$(CDPATH= cd -P -- "${self%/*}/.." && pwd -P)
python=$plugin/.plugin-env/bin/python

if [ -x "$python" ] && [ -f "$plugin/.plugin-env/complete" ]; then
  # -I keeps PYTHON* variables and modules of the working directory out; -c starts 4 ms before -m.
  exec "$python" -I -c 'from helm_compat.cli import main; main()' "$@"
fi

# In the words of `helm plugin list`, so that the script finds the folder where it may have to link.
[ "${HELM_PLUGIN_NAME-}" != compat ] || plugin=${HELM_PLUGIN_DIR:-$plugin}
message="the plugin's Python environment is missing or incomplete, make it with: sh \"$plugin/scripts/install.sh\""

# Helm 4 throws a post-renderer's stderr away. It prints the file name of a document that it cannot
# read, so the message travels as a file name, and nothing is applied.
if [ "${HELM_PLUGIN_NAME-}" = compat-render ] &&
  grep -q '^type: postrenderer/v1$' "${HELM_PLUGIN_DIR-}/plugin.yaml" 2>/dev/null; then
  cat >/dev/null # Helm is still writing the manifests
  cat <<REFUSAL
apiVersion: [refused]
kind: Refused
metadata:
  name: refused
  annotations:
    postrenderer.helm.sh/postrender-filename: |-

      helm-compat refused this render:
        $message
REFUSAL
  exit 0
fi

printf 'helm-compat: %s\n' "$message" >&2
exit 3
