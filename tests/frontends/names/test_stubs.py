"""Stubs say what rows serve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fourfold.frontends.names.stubs import FRONTENDS, stubs

if TYPE_CHECKING:
    from pathlib import Path

STUBS = stubs()


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(FRONTENDS))) for path in STUBS])
def test_a_stub_is_fresh(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == STUBS[path], "run python -m fourfold.frontends.names.stubs"


def test_no_stub_is_left_over() -> None:
    assert set(FRONTENDS.rglob("*.pyi")) == set(STUBS)
