"""Compile the product files when the package is built or installed in place."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileProducts(BuildHookInterface):  # type: ignore[misc]  # hatchling has no types
    """Writes `helm_compat/products/compiled.json` and puts it into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Run the package's own compiler on the sources; `version` is the kind of build."""
        sys.path.insert(0, self.root)
        from helm_compat.knowledge.builtin import COMPILED, FOLDER, compile_products

        compile_products()
        compiled = Path(FOLDER, COMPILED).relative_to(self.root)
        build_data["artifacts"].append(f"/{compiled.as_posix()}")
