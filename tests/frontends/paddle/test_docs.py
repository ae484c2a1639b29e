from __future__ import annotations

import doctest
from pathlib import Path


def test_examples_of_the_page_give_the_output_shown() -> None:
    page = Path(__file__).parents[3] / "docs" / "frontends" / "paddle.md"
    result = doctest.testfile(str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 20
    assert result.failed == 0
