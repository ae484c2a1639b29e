"""Stubs say what rows serve."""

from __future__ import annotations

from fourfold.frontends.names.stubs import FRONTENDS, stubs

STUBS = stubs()


def test_stubs_are_fresh() -> None:
    stale = [path for path, text in STUBS.items() if path.read_text(encoding="utf-8") != text]
    assert [str(path.relative_to(FRONTENDS)) for path in stale] == [], "run python -m fourfold.frontends.names.stubs"


def test_no_stub_is_left_over() -> None:
    assert set(FRONTENDS.rglob("*.pyi")) == set(STUBS)
