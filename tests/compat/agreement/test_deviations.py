from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from fourfold.compat.agreement.deviations import FRAMEWORKS, deviations, matching, page

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


def test_every_entry_has_an_anchor_of_its_own() -> None:
    anchors = [entry.anchor for framework in FRAMEWORKS for entry in deviations(framework)]
    assert len(set(anchors)) == len(anchors)


def test_words_of_any_case_find_the_entries_that_hold_all_of_them() -> None:
    found = matching(["ONEFLOW", "negatively strided"])
    assert [(entry.framework, entry.what) for entry in found] == [
        ("oneflow", "reading a negatively strided view (`x[::-1]`)")
    ]


def test_words_that_no_entry_holds_together_find_nothing() -> None:
    assert matching(["torch.jit.script", "oneflow"]) == []


def test_a_bar_is_escaped_in_the_table_alone() -> None:
    (entry,) = matching(["GradManager", "gm1"])
    assert r"gm1 \|" in entry.what
    assert "gm1 | gm2" in entry.section()
