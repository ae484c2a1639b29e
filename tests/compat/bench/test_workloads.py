from __future__ import annotations

import math
from collections import Counter

import pytest

from fourfold.compat.bench import Workload, WorkloadError, select, workloads

FAMILIES = [*(f"W{number}" for number in range(1, 19)), *(f"R{number}" for number in range(1, 14))]


def by_id(*, full: bool = False) -> dict[str, Workload]:
    return {workload.id: workload for workload in workloads(full=full)}


def test_ids_are_unique() -> None:
    assert max(Counter(workload.id for workload in workloads()).values()) == 1


@pytest.mark.parametrize("family", FAMILIES)
def test_every_published_and_surveyed_family_is_there(family: str) -> None:
    assert select([family], "float32")


@pytest.mark.parametrize(
    ("id", "input_shape", "output_shape"),
    [
        # shapes as the sources print them
        ("W1/64-32", (1, 64, 64, 80, 96), (1, 32, 128, 160, 192)),
        ("W14/32-16", (1, 32, 16, 64, 64), (1, 16, 32, 128, 128)),
        ("W13/64-32", (1, 64, 11, 13, 11), (1, 32, 22, 27, 22)),
        ("R9/k352-16-33", (4, 16, 10, 50, 100), (4, 33, 21, 46, 97)),
        ("R10/k12-3-12", (1, 3, 12, 32, 32), (1, 12, 23, 43, 43)),
        # KernelBench prints none: the inputs that its files draw, and what torch's layer makes of them
        ("K/58", (16, 32, 16, 32, 64), (16, 16, 18, 36, 70)),
        ("K/61", (8, 48, 64, 64, 64), (8, 48, 66, 66, 66)),
        ("K/70", (8, 48, 96, 96, 96), (8, 24, 98, 98, 98)),
        ("K/73", (4, 32, 32, 64, 128), (4, 32, 63, 127, 255)),
    ],
)
def test_shapes_are_the_sources(id: str, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> None:
    case = by_id()[id].case
    assert (case.input_shape, case.output_shape) == (input_shape, output_shape)


def test_a_reduced_volume_says_so_and_full_has_the_stated_one() -> None:
    reduced, full = by_id()["W17/8-1"], by_id(full=True)["W17/8-1"]
    assert (reduced.reduced, full.reduced) == (True, False)
    assert full.case.input_size == (128, 512, 512)
    assert reduced.case.input_size != full.case.input_size


def test_no_default_workload_has_a_result_of_more_than_a_gigabyte() -> None:
    assert max(math.prod(workload.case.output_shape) for workload in workloads()) <= 2**28


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_large_workloads_run_where_they_are_named_or_asked_for(dtype: str) -> None:
    large = ["K/58", "K/61", "K/68", "K/70", "K/73"]
    assert [workload.id for workload in select(["K"], dtype)] == large
    assert not {workload.id for workload in select([], dtype)} & set(large)
    assert {workload.id for workload in select([], dtype, large=True)} >= set(large)


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_other_dtypes_run_the_marked_subset(dtype: str) -> None:
    chosen = {workload.id for workload in select([], dtype)}
    assert {"R1/k2s2-256-128", "W11/k5"} <= chosen
    assert "W17/8-1" not in chosen


def test_a_pattern_wins_over_the_marks() -> None:
    assert [workload.id for workload in select(["W17"], "float64")] == ["W17/8-1"]


def test_a_pattern_without_a_match_lists_the_families() -> None:
    with pytest.raises(WorkloadError, match="no workload matches 's'; there are W1, W2"):
        select(["s"], "float32")


@pytest.mark.parametrize("pattern", ["S*", "S1", "S1/k2s2-1-1"])
def test_small_shapes_have_at_most_16_channels_and_4_cubed(pattern: str) -> None:
    sizes = {(case.case.in_channels <= 16, case.case.input_size) for case in select([pattern], "float32")}
    assert sizes == {(True, (4, 4, 4))}
