"""The operator on volumes that processes share: equal to one process, bit for bit, gradients included."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import cases
from tests.thorough import some_by_default

from fourfold.backend import ConvTranspose3dSpec

if TYPE_CHECKING:
    from tests.backend.distributed.group import Group

EQUAL = "tests.backend.distributed.operators:transposed"
effort = settings(max_examples=int(os.environ.get("FOURFOLD_EXAMPLES", "20")), deadline=None, derandomize=True)

# how a mesh dimension shards the input and the weight: an axis, or `r` for whole
SHARED = [("0", "r"), ("1", "r"), ("2", "r"), ("3", "r"), ("4", "r"), ("r", "0"), ("r", "1"), ("r", "r"), ("2", "1")]


def operator(**changes: Any) -> ConvTranspose3dSpec:
    usual: dict[str, Any] = {"in_channels": 4, "out_channels": 6, "kernel_size": 3, "stride": 2, "padding": 1}
    return ConvTranspose3dSpec(**usual | changes)


@st.composite
def placements(draw: Any, dims: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    of_input, of_weight = zip(*(draw(st.sampled_from(SHARED)) for _ in range(dims)), strict=True)
    return of_input, of_weight


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize("where", SHARED, ids="-".join)
def test_two_processes_equal_one(two: Group, where: tuple[str, str], groups: int) -> None:
    assert two.call(EQUAL, (2,), where, operator(groups=groups), (5, 4, 3), 3, 0) == [[], []]


@pytest.mark.parametrize(
    "where",
    [("23", "rr"), ("34", "rr"), ("22", "rr"), ("02", "rr"), ("2r", "r1"), ("12", "rr"), ("11", "rr")],
    ids="-".join,
)
def test_a_mesh_of_two_by_two_equals_one(four: Group, where: tuple[str, str]) -> None:
    assert four.call(EQUAL, (2, 2), where, operator(), (5, 4, 3), 2, 0) == [[]] * 4


@pytest.mark.parametrize(
    "spec",
    some_by_default(
        {
            "several-neighbours": operator(kernel_size=(9, 1, 1), dilation=(2, 1, 1), padding=(3, 0, 0)),
            "sums-are-fewer": operator(in_channels=16, out_channels=2),
            "gaps": operator(kernel_size=1, stride=3, padding=0, output_padding=2),
            "negative-padding": operator(padding=((-9, -9), (-1, 0), (0, 0))),
            "cut-from-both-sides": operator(padding=((5, 3), (0, 1), (0, 0))),
            "one-row-of-output": operator(padding=((5, 5), (0, 1), (0, 0))),
        },
        {"several-neighbours", "sums-are-fewer", "negative-padding", "one-row-of-output"},
    ),
)
@pytest.mark.parametrize("size", [(6, 2, 2), (5, 2, 2)], ids=["4-x-2-2-1-1", "one-is-empty"])
def test_a_shard_may_be_smaller_than_the_overlap(four: Group, spec: ConvTranspose3dSpec, size: Any) -> None:
    assert four.call(EQUAL, (4,), ("2", "r"), spec, size, 1, 0) == [[]] * 4


drawn = given(
    case=cases(longest=7),
    batch=st.sampled_from([1, 3]),
    has_bias=st.booleans(),
    seed=st.integers(0, 2**16),
    where=placements(1),
)
drawn_in_two = given(
    case=cases(longest=7), batch=st.just(2), has_bias=st.just(True), seed=st.integers(0, 2**16), where=placements(2)
)

# Eight processes on two cores take seconds for an operator.
few = settings(effort, max_examples=max(effort.max_examples // 8, 1))


@effort
@drawn
def test_any_operator_on_two(two: Group, case: Any, batch: int, has_bias: bool, seed: int, where: Any) -> None:
    assert two.call(EQUAL, (2,), where, *case, batch, seed, torch.float32, has_bias) == [[], []]


@effort
@drawn
def test_any_operator_on_four(four: Group, case: Any, batch: int, has_bias: bool, seed: int, where: Any) -> None:
    assert four.call(EQUAL, (4,), where, *case, batch, seed, torch.float32, has_bias) == [[]] * 4


@effort
@drawn_in_two
def test_any_operator_on_two_by_two(four: Group, case: Any, batch: int, has_bias: bool, seed: int, where: Any) -> None:
    assert four.call(EQUAL, (2, 2), where, *case, batch, seed, torch.float32, has_bias) == [[]] * 4


@pytest.mark.thorough
@few
@drawn_in_two
def test_any_operator_on_eight(eight: Group, case: Any, batch: int, has_bias: bool, seed: int, where: Any) -> None:
    assert eight.call(EQUAL, (4, 2), where, *case, batch, seed, torch.float32, has_bias) == [[]] * 8


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_dtypes(two: Group, dtype: torch.dtype) -> None:
    assert two.call(EQUAL, (2,), ("2", "r"), operator(), (5, 4, 3), 2, 0, dtype) == [[], []]


def test_an_unbatched_volume(two: Group) -> None:
    assert two.call(EQUAL, (2,), ("1", "r"), operator(), (5, 4, 3), None, 0) == [[], []]


SECOND = "tests.backend.distributed.operators:second_order"


@pytest.mark.parametrize(
    ("where", "spec"),
    [
        pytest.param(("0", "r"), operator(), id="batch"),
        pytest.param(("r", "1"), operator(), id="output-channels"),
        pytest.param(("2", "r"), operator(kernel_size=2, padding=0, output_padding=0), id="space-without-overlap"),
    ],
)
def test_gradients_of_gradients(two: Group, where: tuple[str, str], spec: ConvTranspose3dSpec) -> None:
    assert two.call(SECOND, (2,), where, spec, (6, 4, 3)) == [[], []]


@pytest.mark.parametrize("where", [("1", "r"), ("2", "r")], ids=["redistribution", "exchange"])
def test_other_gradients_of_gradients_are_refused(two: Group, where: tuple[str, str]) -> None:
    answers = two.answers(SECOND, (2,), where, operator(), (6, 4, 3))
    refused = [(succeeded, "NotImplementedError: gradients of gradients" in answer) for succeeded, answer in answers]
    assert refused == [(False, True)] * 2


@pytest.mark.parametrize(
    ("spec", "sent"),
    [
        pytest.param(operator(kernel_size=2, padding=0), [0, 0], id="no-overlap"),
        pytest.param(operator(), [0, 4 * 4 * 4 * 4], id="one-row-of-the-input"),
        pytest.param(operator(in_channels=16, out_channels=1), [0, 7 * 7 * 4], id="one-row-of-sums"),
    ],
)
def test_only_the_overlap_travels(two: Group, spec: ConvTranspose3dSpec, sent: list[int]) -> None:
    got = two.call("tests.backend.distributed.operators:bytes_sent", spec, (1, spec.in_channels, 6, 4, 4))
    assert got == sent


@pytest.mark.parametrize("channels", [(2, 2), (16, 1)], ids=["rows-of-the-input", "rows-of-sums"])
def test_rows_travel_while_the_others_are_computed(two: Group, channels: tuple[int, int]) -> None:
    spec = operator(in_channels=channels[0], out_channels=channels[1])
    orders = two.call("tests.backend.distributed.operators:order", spec, (1, spec.in_channels, 6, 4, 4))
    computed = [events.index("part", events.index("post")) for events in orders]
    assert [at < events.index("finish") for at, events in zip(computed, orders, strict=True)] == [True, True]
