"""The page of names says what is served."""

from __future__ import annotations

from fourfold.compat.agreement.names.page import PAGE, page


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m fourfold.compat.agreement.names"
