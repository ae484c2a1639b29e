"""The site has every page, and its links lead to where their targets stand on it."""

from __future__ import annotations

import doctest
import importlib
import re
from pathlib import Path

import pytest
from docs.site import pages

import fourfold
import fourfold.backend

ROOT = Path(__file__).parents[3]
WRITTEN = [*pages.MOVED, *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md")))]
LAYERS = [path for paths in pages.LAYERS.values() for path in paths]


def test_its_examples_hold() -> None:
    result = doctest.testmod(pages)
    assert result.failed == 0
    assert result.attempted >= 4


@pytest.mark.parametrize("page", dict.fromkeys(WRITTEN))
def test_a_page_is_in_the_navigation(page: str) -> None:
    navigation = (ROOT / "docs/site/mkdocs.yml").read_text(encoding="utf-8")
    assert f": {pages.place(page)}\n" in navigation


@pytest.mark.parametrize("page", dict.fromkeys(WRITTEN))
def test_links_lead_to_pages_figures_and_sources_of_the_site(page: str) -> None:
    written = set(map(pages.place, WRITTEN))
    listed = set(map(pages.place, pages.sources(WRITTEN)))
    figures = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs/figures").iterdir()}
    text = pages.relinked((ROOT / page).read_text(encoding="utf-8"), page)
    assert set(pages.linked(text, pages.place(page))) <= written | listed | figures | {pages.place(page)}


def test_what_looks_like_a_link_in_code_is_none() -> None:
    text = "`[a](b.md)`\n\n```python\n[a](b.md)\n```\n\n  ```sh\n[a](b.md)\n  ```\n[a](https://example.org) [a](#b)"
    assert pages.linked(text, "README.md") == []
    assert pages.relinked(text, "README.md") == text


def test_code_without_prompts_stays_as_it_is() -> None:
    text = "```python\nprint(1)\n```\n\n```sh\nls\n```\n\n```python\n# twice\n```"
    assert pages.with_prompts(text) == text


def test_the_reference_has_all_that_is_public() -> None:
    described = re.findall(r"^::: (\S+)$", "\n".join(pages.api().values()), re.MULTILINE)
    names = set(fourfold.__all__) - {"__version__", "backend", "compat", "frontends"}
    public = {f"fourfold.{name}" for name in names} | {f"fourfold.backend.{name}" for name in fourfold.backend.__all__}
    assert {path for path in described if not path.startswith("fourfold.frontends.")} == public


@pytest.mark.parametrize("path", LAYERS)
def test_a_layer_of_the_reference_is_there(path: str) -> None:
    module, _, name = path.rpartition(".")
    assert hasattr(importlib.import_module(f"fourfold.frontends.{module}"), name)


def test_a_module_without_all_is_named(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"module\.py has no __all__"):
        pages.public(module)


@pytest.mark.parametrize("figure", [path.name for path in sorted((ROOT / "docs/figures").glob("*.svg"))])
def test_a_figure_follows_dark_pages(figure: str) -> None:
    assert "@media (prefers-color-scheme: dark)" in (ROOT / "docs/figures" / figure).read_text(encoding="utf-8")
