"""Build hook: compile the translation catalogues (`*.po` to `*.mo`) into every wheel and editable install."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogueHook(BuildHookInterface[Any]):
    """Compiles before the files of a build are gathered."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        tool = Path(self.root) / "tools" / "translations.py"
        runpy.run_path(str(tool))["compile_all"]()
