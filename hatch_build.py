"""Editable installs: link the top-level folders into src/fourfold, so that every tool sees one package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PARTS = ("backend", "frontends", "compat")


class LinkParts(BuildHookInterface):  # type: ignore[type-arg]
    """Make src/fourfold/{backend,frontends,compat} links to the folders at the top."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            return
        root = Path(self.root)
        for part in PARTS:
            link = root / "src" / "fourfold" / part
            if link.exists():
                continue
            if sys.platform == "win32":
                import _winapi

                _winapi.CreateJunction(str(root / part), str(link))
            else:
                link.symlink_to(Path("..", "..", part), target_is_directory=True)
