from __future__ import annotations

from tests.compat.bench.fakes import result, variant

from fourfold.compat.bench import Peaks
from fourfold.compat.bench.page import as_page

RATES = Peaks({"float32": 1e9}, 1e9)
RESULTS = [
    result(variant("a"), fourfold=0.001, torch=0.004),
    result(variant("b"), fourfold=0.001, torch=0.001),
    result(variant("a", "backward"), fourfold=0.001, torch=0.003),
]


def test_there_is_a_section_per_mode_dtype_and_layout() -> None:
    lines = as_page(RESULTS, RATES, {}, ["fourfold", "torch"]).splitlines()
    titles = [line for line in lines if line.startswith("#")]
    assert titles == ["### forward, float32, contiguous", "### backward, float32, contiguous"]
    start = lines.index(titles[0])
    assert lines[start + 2].startswith("| workload | of | fourfold ms | torch ms | ratio |")
    assert lines[start + 4].startswith("| a | test | 1.00 | 4.00 | 4.00 |")
    assert lines[start + 5].startswith("| b | test | 1.00 | 1.00 | 1.00 |")


def test_the_summary_comes_first() -> None:
    page = as_page(RESULTS, RATES, {}, ["fourfold", "torch"])
    assert page.index("| forward float32 | torch | 2.00 | 1.00 | b | 2 |") < page.index("###")
