from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from fourfold.compat.agreement.deviations import FRAMEWORKS, deviations, page

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_entry_says_everything(framework: str) -> None:
    said = [(entry.what, name, text) for entry in deviations(framework) for name, text in asdict(entry).items()]
    assert [(what, name) for what, name, text in said if isinstance(text, str) and not text.strip()] == []


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_no_point_is_listed_twice(framework: str) -> None:
    points = [entry.what for entry in deviations(framework)]
    assert len(set(points)) == len(points)


def test_the_page_is_rendered_from_the_entries() -> None:
    # after a change: python -m fourfold.compat.agreement.deviations > docs/deviations.md
    assert (DOCS / "deviations.md").read_text(encoding="utf-8") == page()
