from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from fourfold.backend import autotune
from fourfold.backend.execution import shortcut

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def untuned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Keep choices and shortcuts from other tests, and the user's own file from these."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(shortcut, "remembered", {})
    deterministic = torch.are_deterministic_algorithms_enabled()
    autotune(False)
    yield
    autotune(False)
    torch.use_deterministic_algorithms(deterministic)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file that choices are kept in."""
    return tmp_path / "folder" / "tuning.json"
