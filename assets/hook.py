"""A wheel ships the scripts of the pages: built here when they are not there yet."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Assets(BuildHookInterface):  # type: ignore[type-arg]  # of no use here
    """Runs before the wheel is put together; a wheel without them is not made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raises `SystemExit`, having said why, when they cannot be had."""
        build = runpy.run_path(str(Path(self.root) / "assets" / "build.py"))
        if build["main"]([]):
            raise SystemExit(1)
