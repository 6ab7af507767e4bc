"""The command line: only here is anything printed, and only here does the program exit."""

from __future__ import annotations

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """`helm-compat COMMAND …`; exits."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["render"] and not {"--help", "-h"} & set(arguments):
        # A post-renderer runs on the way of every upgrade: no click, and no garbage collection,
        # since a render is short and keeps what it allocates.
        gc.disable()
        from helm_compat.cli.render import run

        status = run(arguments[1:])
        # Everything is written: tearing down what was parsed would only take time.
        os._exit(status)
    if arguments[:1] in (["inventory"], ["plan"], ["status"]):
        # They too are short, and keep what they read or find.
        gc.disable()
    from helm_compat.cli.app import run_app

    sys.exit(run_app(arguments))


def render_main() -> NoReturn:
    """`compat-render …`, the same as `helm-compat render …`; exits."""
    main(["render", *sys.argv[1:]])
