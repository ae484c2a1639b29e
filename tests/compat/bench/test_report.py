from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tests.compat.bench.fakes import result, variant

from fourfold.compat.bench import Peaks, Result, peaks
from fourfold.compat.bench.plots import plot
from fourfold.compat.bench.report import as_json, conditions, notes, overhead, summary, table
from fourfold.compat.bench.summary import geometric_mean, groups, ratio, ratio_to_best
from fourfold.compat.cli.console import Row

if TYPE_CHECKING:
    from pathlib import Path

# the variant has 2 * 2 * 2 * 64 operations and (16 + 32 + 2 + 128) * 4 bytes
RATES = Peaks({"float32": 512e3, "float64": 256e3}, 712e3)
ONE = result(variant(), fourfold=0.002, torch=0.004, openvino=0.001)


def test_geometric_means_weigh_ratios_alike() -> None:
    assert geometric_mean([8.0, 0.125, 2.0, 2.0]) == pytest.approx(2**0.5, rel=1e-15)


@pytest.mark.parametrize(
    ("seconds", "to_torch", "to_best"),
    [
        ({"fourfold": 2.0, "torch": 4.0}, 2.0, None),
        ({"fourfold": 2.0, "torch": 4.0, "a": 1.0, "b": 8.0}, 2.0, 0.5),
        ({"fourfold": 2.0, "torch": 1.0, "a": 3.0}, 0.5, 0.5),
        ({"torch": 1.0, "a": 3.0}, None, None),
        ({"fourfold": 1.0}, None, None),
    ],
    ids=["torch alone", "peers", "torch is the best peer", "without ours", "ours alone"],
)
def test_ratios_say_how_many_times_faster_ours_is(
    seconds: dict[str, float], to_torch: float | None, to_best: float | None
) -> None:
    one = result(variant(), **seconds)
    assert (ratio(one), ratio_to_best(one)) == (to_torch, to_best)


def test_groups_are_by_mode_dtype_and_layout_and_small_shapes_apart() -> None:
    results = [
        result(variant("a"), fourfold=1, torch=4),
        result(variant("b", groups=2), fourfold=1, torch=1),
        result(variant("c", "backward"), fourfold=1, torch=3),
        result(variant("d", "forward", "float64"), fourfold=1, torch=5),
        result(variant("e", "forward", "float32", "small"), fourfold=2, torch=1),
        result(variant("f", layout="channels_last"), fourfold=1, torch=7),
    ]
    found = {group.name: (group.mean, group.least, group.where, group.count) for group in groups(results)}
    assert found == {
        "forward float32": (2, 1, "b", 2),
        "forward grouped": (1, 1, "b", 1),
        "backward float32": (pytest.approx(3, rel=1e-15), 3, "c", 1),
        "forward float64": (pytest.approx(5, rel=1e-15), 5, "d", 1),
        "forward small": (0.5, 0.5, "e", 1),
        "forward float32 channels_last": (pytest.approx(7, rel=1e-15), 7, "f", 1),
    }


def test_the_table_has_medians_ratios_and_shares() -> None:
    headers, rows = table([ONE], RATES, ["fourfold", "torch", "openvino"])
    cells = dict(zip(headers, rows[0].cells, strict=True))
    assert cells == {
        "workload": "one/k2s2",
        "of": "test",
        "mode": "forward",
        "dtype": "float32",
        "layout": "contiguous",
        "fourfold ms": "2.00",
        "torch ms": "4.00",
        "ratio": "2.00",
        "openvino ms": "1.00",
        "to best": "0.50",
        "GFLOP/s": "0.0",
        "of product": "50%",  # 512 operations in 2 ms
        "of copy": "50%",  # 712 bytes in 2 ms
        "of roofline": "50%",
    }


def test_what_was_not_measured_is_a_dash_and_what_is_wrong_says_so() -> None:
    one = Result(variant(), {}, {"torch": "too slow"}, {"fourfold": "output different"})
    headers, (row,) = table([one], RATES, ["fourfold", "torch"])
    cells = dict(zip(headers, row.cells, strict=True))
    assert (cells["fourfold ms"], cells["torch ms"], cells["ratio"], cells["of roofline"]) == ("wrong", "-", "-", "-")
    assert row.style == "bad"
    assert notes([one]) == [
        "one/k2s2 forward float32 contiguous: fourfold is wrong: output different",
        "torch not measured, too slow: one/k2s2 forward float32 contiguous",
    ]


@pytest.mark.parametrize(("ours", "style"), [(1.06, "bad"), (1.04, "")])
def test_a_row_that_is_slower_than_torch_stands_out(ours: float, style: str) -> None:
    _, (row,) = table([result(variant(), fourfold=ours, torch=1.0)], RATES, ["fourfold", "torch"])
    assert row.style == style


def test_memory_is_in_the_table_where_it_was_measured() -> None:
    one = Result(variant(), ONE.timings, memory={"fourfold": 1_500_000, "torch": 3_000_000})
    headers, (row,) = table([one], RATES, ["fourfold", "torch"])
    assert (headers[-2:], row.cells[-2:]) == (("MB fourfold", "MB torch"), ("1.5", "3.0"))


def test_small_shapes_are_told_in_microseconds() -> None:
    small = result(variant("s", "forward", "float32", "small"), fourfold=15e-6, torch=12e-6)
    _, rows = overhead([ONE, small])
    assert rows == [Row(("s", "forward", "15.0", "12.0", "+3.0", "+25%"))]


def test_the_summary_has_a_row_per_group_and_rival() -> None:
    _, rows = summary([ONE])
    assert [row.cells for row in rows] == [
        ("forward float32", "torch", "2.00", "2.00", "one/k2s2", "1"),
        ("forward float32", "best of all", "0.50", "0.50", "one/k2s2", "1"),
    ]


def test_json_holds_everything_and_the_case_can_be_made_again() -> None:
    found = json.loads(json.dumps(as_json([ONE], RATES, {"openvino": "1.0"})))
    assert found.keys() == {"version", "environment", "peers", "peaks", "beside", "results", "groups"}
    (described,) = found["results"]
    assert described["timings"]["torch"] == {"median": 0.004, "least": 0.004, "rounds": 5, "calls": 1}
    assert (described["flops"], described["bytes"], described["roofline"]) == (512, 712, 0.001)
    assert (described["ratio"], described["ratio_to_best"]) == (2.0, 0.5)
    assert described["case"] == json.loads(json.dumps(variant().case.to_json()))


def test_conditions_name_machine_versions_and_peaks() -> None:
    text = conditions(Peaks({"float32": 2e11}, 1.25e10), {"openvino": "2026.4.1"})
    assert "openvino 2026.4.1" in text
    assert "matrix product float32 200 GFLOP/s; copy 12.5 GB/s" in text


def test_two_pictures_are_drawn_per_kind(tmp_path: Path) -> None:
    backward = result(variant(mode="backward"), fourfold=1.0, torch=2.0)
    files = plot([ONE, backward, result(variant(), torch=1.0)], RATES, tmp_path / "new")
    assert sorted(file.name for file in files) == [
        "ratio-backward-float32-contiguous.svg",
        "ratio-forward-float32-contiguous.svg",
        "roofline-backward-float32-contiguous.svg",
        "roofline-forward-float32-contiguous.svg",
    ]
    texts = [file.read_text(encoding="utf-8") for file in files]
    assert all("prefers-color-scheme: dark" in text and "</svg>" in text for text in texts)


def test_peaks_are_rates_of_each_dtype_asked_for() -> None:
    found = peaks(["float32", "bfloat16"], size=32, megabytes=1)
    assert set(found.flops) == {"float32", "bfloat16"}
    assert min(found.bandwidth, *found.flops.values()) > 0
