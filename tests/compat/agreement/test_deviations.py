from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from fourfold.compat.agreement.deviations import FRAMEWORKS, Deviation, deviations, page

DOCS = Path(__file__).parents[3] / "docs"
ENTRIES = [
    pytest.param(entry, id=f"{framework}-{entry.what}") for framework in FRAMEWORKS for entry in deviations(framework)
]


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_says_everything(entry: Deviation) -> None:
    assert [name for name, text in asdict(entry).items() if isinstance(text, str) and not text.strip()] == []


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_no_point_is_listed_twice(framework: str) -> None:
    points = [entry.what for entry in deviations(framework)]
    assert len(set(points)) == len(points)


def test_the_page_is_rendered_from_the_entries() -> None:
    # after a change: python -m fourfold.compat.agreement.deviations > docs/deviations.md
    assert (DOCS / "deviations.md").read_text(encoding="utf-8") == page()
