from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.compat.bench.fakes import result, variant

from fourfold.compat.bench import Peaks
from fourfold.compat.bench.html import as_html

RATES = Peaks({"float32": 512e3}, 712e3)
FAST = result(variant("fast"), fourfold=0.002, torch=0.003)
SLOW = result(variant("slow"), fourfold=0.004, torch=0.002)
WRONG = replace(FAST, wrong={"fourfold": "<b>7</b> of 8 differ"}, missing={"openvino": "not installed"})


def page(*results: object) -> str:
    pytest.importorskip("jinja2")
    return as_html(list(results), RATES, {}, ["fourfold", "torch"], "fourfold bench --quick")  # type: ignore[arg-type]


def test_the_page_has_the_tables_of_the_command() -> None:
    found = page(FAST, SLOW)
    assert re.findall(r"<h2>([^<]+)</h2>", found) == ["Summary", "Workloads"]
    assert "2 measurements; all results agree" in found
    assert "<dd>fourfold bench --quick</dd>" in found


def test_ratios_have_bars_half_of_which_is_torch_s_time() -> None:
    bars = re.findall(r'<td[^>]*>([\d.]+) <span class="bar" style="width: ([\d.]+)em">', page(FAST, SLOW))
    assert bars == [("1.50", "3.75"), ("0.50", "1.25")]


def test_wrong_results_come_first_and_their_text_is_no_markup() -> None:
    found = page(FAST, WRONG)
    assert re.findall(r"<h2>([^<]+)</h2>", found) == ["Wrong results", "Summary", "Workloads", "Not measured"]
    assert "&lt;b&gt;7&lt;/b&gt; of 8 differ" in found
    assert "<b>7" not in found
