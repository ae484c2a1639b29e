"""Pages fetch nothing, and texts of strangers are text."""

from __future__ import annotations

import importlib.util

import pytest
from tests.compat.hostile_names import NAMES, harm

from fourfold.compat.cli.table import Row
from fourfold.compat.pages.page import PageUnavailableError, across, facts, render, require
from fourfold.compat.pages.table import page_table

MARKUP = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "</style><b>", "a & b"]


def page(text: str) -> str:
    """A page whose every text is one."""
    pytest.importorskip("jinja2")
    rows = [Row((text, text), "bad")]
    return render(
        "verification.html",
        title=text,
        verdict=text,
        ok=False,
        command=text,
        divergence=[text, text],
        layers=page_table("layers", (text, text), rows, states=[text], bars={0: (1, 0.5)}),
        states=[text],
        ends=page_table("ends", (text, text), rows),
        loaded=page_table("loaded", (text, text), rows),
        notes=[text],
    )


@pytest.mark.parametrize("text", MARKUP)
def test_markup_of_strangers_is_text(text: str) -> None:
    found = page(text)
    assert found.count("<script") == page("x").count("<script")
    assert found.count("<img") == 0
    assert text not in found.replace("a & b", "") or text == "{{ 7 * 7 }}"
    assert "49" not in [cell.strip() for cell in found.split(">")]


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
def test_names_of_strangers_do_no_harm(name: str) -> None:
    assert harm(page(name)) == []


def test_tables_have_headers_for_columns_and_rows() -> None:
    found = page("x")
    assert '<th scope="col">x</th>' in found
    assert '<th scope="row" class="bad">x</th>' in found


def test_what_is_wider_than_the_page_can_be_scrolled_by_keyboard() -> None:
    found = page("x")
    reached = found.count('<div class="scroll" tabindex="0" role="region" aria-label=')
    assert reached == found.count('<div class="scroll"') == 3


def test_every_filter_belongs_to_a_table_and_has_a_label() -> None:
    found = page("x")
    tables = {part.split('"')[0] for part in found.split('data-table="')[1:]}
    assert tables == {"layers", "ends", "loaded"}
    assert [f'<table id="{name}">' in found for name in sorted(tables)] == [True] * 3
    assert found.count('<input type="search" aria-label=') == 3


def test_a_missing_package_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        PageUnavailableError, match=r"jinja2 and matplotlib cannot be imported\. .* pip install jinja2 matplotlib"
    ):
        require("jinja2", "matplotlib")


def test_facts_leave_out_what_is_not_known() -> None:
    assert "command" not in facts()


@pytest.mark.parametrize(("values", "text"), [((2, 2, 2), "2"), ((1, 2, 2), "1x2x2"), (((0, 1), 1, 1), "(0,1)x1x1")])
def test_sizes_are_told_once_where_they_are_equal(values: tuple[object, ...], text: str) -> None:
    assert across(values) == text
