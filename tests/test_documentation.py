"""The examples in README.md and docs/ run and print what they show."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
import torch._dynamo

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_examples_print_what_is_shown(page: Path) -> None:
    torch._dynamo.reset()  # as in a process of its own: sizes that differ from those compiled before would be free
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    result = doctest.testfile(str(page), module_relative=False, optionflags=options, encoding="utf-8")
    assert result.failed == 0


LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


def test_links_lead_somewhere() -> None:
    links = [(page, target) for page in PAGES for target in LINK.findall(page.read_text(encoding="utf-8"))]
    assert [(page.name, target) for page, target in links if not (page.parent / target).exists()] == []
