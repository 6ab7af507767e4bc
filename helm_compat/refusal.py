"""How a render that must fail tells the user why.

Helm 3 shows what a failing post-renderer writes to stderr. Helm 4 throws it away and shows only
what it cannot parse on stdout: so there the message is the file name of a document that no
cluster accepts, and Helm prints it in its own error. Seen with Helm 4.3.1; the code that drops
stderr is `runPostrenderer` in https://github.com/helm/helm, internal/plugin/runtime_subprocess.go.
"""

from __future__ import annotations

import os

from helm_compat.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PLUGIN = "compat-render"
MAX_LINES = 15


def is_helm4_plugin(environment: Mapping[str, str]) -> bool:
    """Whether Helm 4 runs us as its post-renderer.

    Both variables must be ours: Helm 3 sets neither for a post-renderer, and it would accept the
    document of a refusal.
    """
    folder = environment.get("HELM_PLUGIN_DIR")
    if environment.get("HELM_PLUGIN_NAME") != PLUGIN or not folder:
        return False
    try:
        with open(os.path.join(folder, "plugin.yaml"), "rb") as file:
            text = file.read()
    except OSError:
        return False
    return b"type: postrenderer/v1" in text and b"name: compat-render" in text


def without_plugin(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for a child, which must not take itself for Helm's plugin."""
    return {
        k: v for k, v in environment.items() if k not in ("HELM_PLUGIN_NAME", "HELM_PLUGIN_DIR")
    }


def refusal_document(message: str) -> bytes:
    """The document that makes Helm 4 print a message and apply nothing."""
    lines = message.strip("\n").split("\n")
    if len(lines) > MAX_LINES:
        # The last two lines say how much there is, and where the whole of it stands.
        first = MAX_LINES - 3
        lines = [*lines[:first], f"… {len(lines) - first - 2} more lines", *lines[-2:]]
    text = "\n".join(f"          {printable(line)}".rstrip() for line in lines)
    return f"""\
apiVersion: [refused]
kind: Refused
metadata:
  name: refused
  annotations:
    postrenderer.helm.sh/postrender-filename: |6

{text}
""".encode()
