"""Windows, slabs and phases against the formula `o + low = stride * i + dilation * tap`, counted out."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests import reference
from tests.backend.forced import CONFIGURATIONS, SIZE, as_numpy, defined, definition, make
from tests.operands import operands
from tests.strategies import Case, cases, effort

from fourfold.backend.execution.geometry import phases, slabs, slabs_of_input, whole_strides, window

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourfold.backend import ConvTranspose3dSpec
    from fourfold.backend.execution.geometry import Slab, Window

    Windows = Callable[[ConvTranspose3dSpec, "Triple"], Window]

Triple = tuple[int, int, int]
windows = st.sampled_from([lambda spec, _: window(spec), whole_strides])
LIMITS = st.sampled_from([1, 2, 7, 30, 200, 10**6])


def links(spec: ConvTranspose3dSpec, size: Triple, axis: int) -> list[tuple[int, int, int]]:
    """Return every (output, tap, input) of one axis, straight from the formula."""
    low, out = spec.padding[axis][0], spec.output_size(size)[axis]
    return sorted(
        (place, tap, source)
        for source, tap in itertools.product(range(size[axis]), range(spec.kernel_size[axis]))
        if 0 <= (place := source * spec.stride[axis] + tap * spec.dilation[axis] - low) < out
    )


@given(case=cases())
@effort
@pytest.mark.parametrize("axis", [0, 1, 2], ids=["depth", "height", "width"])
def test_phases_hold_every_product_of_the_definition_once(axis: int, case: Case) -> None:
    spec, size = case
    stride, out = spec.stride[axis], spec.output_size(size)[axis]
    of_axis = phases(spec, size)[axis]
    found = [
        (start + stride * position, tap, position + shift)
        for start, phase in enumerate(of_axis)
        for position, (tap, shift) in itertools.product(range(phase.length), phase.taps)
        if 0 <= position + shift < size[axis]
    ]
    assert sorted(found) == links(spec, size, axis)
    assert sum(phase.length for phase in of_axis) == out
    assert of_axis[0].length == max(phase.length for phase in of_axis)


def boxes(
    parts: tuple[Slab, ...], which: str, shape: tuple[int, int, int]
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Count how often each (sample, plane, row) is covered."""
    covered = np.zeros(shape, dtype=np.int64)
    for part in parts:
        covered[tuple(slice(*ends) for ends in getattr(part, which))] += 1
    return covered


@given(case=cases(), batch=st.integers(1, 3), limit=LIMITS)
@effort
def test_slabs_cover_every_voxel_of_the_output_once(case: Case, batch: int, limit: int) -> None:
    spec, size = case
    depth, height, _ = spec.output_size(size)
    parts = slabs(spec, batch, size, limit)
    assert (boxes(parts, "output", (batch, depth, height)) == 1).all()
    assert all(
        0 <= first < last <= length
        for part in parts
        for (first, last), length in zip(part.input, (batch, *size), strict=False)
    )
    assert [part.input[0] for part in parts] == [part.output[0] for part in parts]


@given(case=cases(), batch=st.integers(1, 3), limit=LIMITS)
@effort
def test_slabs_are_no_larger_than_asked_but_for_one_stride(case: Case, batch: int, limit: int) -> None:
    spec, size = case
    width = spec.output_size(size)[2]
    for part in slabs(spec, batch, size, limit):
        samples, planes, rows = (last - first for first, last in part.output)
        thinnest = samples == 1 and planes <= spec.stride[0] and rows <= spec.stride[1]
        assert samples * planes * rows * width <= limit or thinnest


@given(case=cases(), limit=LIMITS, seed=st.integers(0, 2**16))
@effort
def test_the_operator_of_a_slab_makes_that_part_of_the_output(case: Case, limit: int, seed: int) -> None:
    spec, size = case
    input, weight, bias = (as_numpy(tensor) for tensor in operands(spec, size, batch=2, dtype=torch.float64, seed=seed))
    whole = reference.conv_transpose3d(input, weight, bias, **definition(spec))
    parts = slabs(spec, 2, size, limit)
    part = parts[seed % len(parts)]
    lot, planes, rows = (slice(*ends) for ends in part.input)
    made = reference.conv_transpose3d(input[lot, :, planes, rows], weight, bias, **definition(part.spec))
    lot, planes, rows = (slice(*ends) for ends in part.output)
    np.testing.assert_array_equal(made, whole[lot, :, planes, rows], strict=True)


@given(case=cases(), batch=st.integers(1, 3), limit=LIMITS)
@effort
def test_slabs_cover_every_voxel_of_the_input_once(case: Case, batch: int, limit: int) -> None:
    spec, size = case
    parts = slabs_of_input(spec, batch, size, limit)
    assert (boxes(parts, "input", (batch, *size[:2])) == 1).all()
    lengths = (batch, *spec.output_size(size))
    assert all(
        0 <= first < last <= length
        for part in parts
        for (first, last), length in zip(part.output, lengths, strict=False)
    )


@given(case=cases(), batch=st.integers(1, 3), limit=LIMITS)
@effort
def test_slabs_of_the_input_reach_no_more_than_asked_but_for_one_voxel_s(case: Case, batch: int, limit: int) -> None:
    spec, size = case
    width = spec.output_size(size)[2]
    for part in slabs_of_input(spec, batch, size, limit):
        thinnest = all(last - first == 1 for first, last in part.input)
        assert math.prod(last - first for first, last in part.output) * width <= limit or thinnest


@given(case=cases(), limit=LIMITS, seed=st.integers(0, 2**16))
@effort
def test_what_slabs_of_the_input_make_adds_up_to_the_output(case: Case, limit: int, seed: int) -> None:
    spec, size = case
    input, weight, _ = (as_numpy(tensor) for tensor in operands(spec, size, batch=2, dtype=torch.float64, seed=seed))
    whole = reference.conv_transpose3d(input, weight, None, **definition(spec))
    added = np.zeros_like(whole)
    for part in slabs_of_input(spec, 2, size, limit):
        (lot, d_in, h_in), (_, d_out, h_out) = ([slice(*ends) for ends in box] for box in part[:2])
        made = reference.conv_transpose3d(input[lot, :, d_in, h_in], weight, None, **definition(part.spec))
        added[lot, :, d_out, h_out] += made
    np.testing.assert_array_equal(added, whole)


@pytest.mark.parametrize("split", [slabs, slabs_of_input])
def test_an_empty_batch_has_no_slabs(split: Callable[..., tuple[Slab, ...]]) -> None:
    assert split(make(), 0, SIZE, 100) == ()


@pytest.mark.parametrize(
    ("limit", "extents"),
    [
        pytest.param(10**6, (3, 8, 6), id="everything"),
        pytest.param(2 * 8 * 6 * 4, (2, 8, 6), id="samples"),
        pytest.param(8 * 6 * 4 - 1, (1, 4, 6), id="planes-evenly"),
        pytest.param(2 * 6 * 4, (1, 2, 6), id="one-stride-of-planes"),
        pytest.param(2 * 4 * 4 + 1, (1, 2, 4), id="rows"),
        pytest.param(1, (1, 2, 2), id="one-stride-of-rows"),
    ],
)
def test_samples_are_split_first_then_planes_then_rows(limit: int, extents: Triple) -> None:
    spec = make(kernel_size=2, stride=2)
    first = slabs(spec, 3, (4, 3, 2), limit)[0]
    assert tuple(last - start for start, last in first.output) == extents


@given(case=cases(), windows=windows)
@effort
def test_windows_are_legal_for_the_operators_they_are_made_for(case: Case, windows: Windows) -> None:
    spec, size = case
    plan = windows(spec, size)
    assert min(plan.padding) >= 0
    for extra, stride, dilation in zip(plan.output_padding, spec.stride, spec.dilation, strict=True):
        assert 0 <= extra < (max(stride, dilation) if windows is not whole_strides else stride)
    native = [
        full - 2 * pad + extra
        for full, pad, extra in zip(spec.full_size(size), plan.padding, plan.output_padding, strict=True)
    ]
    assert min(native) >= 1
    for amounts in (plan.extend or (0,) * 6, plan.crop or (0,) * 6):
        native = [length + amounts[4 - 2 * axis] + amounts[5 - 2 * axis] for axis, length in enumerate(native)]
    assert tuple(native) == spec.output_size(size)


@given(case=cases())
@effort
def test_windows_of_onednn_are_whole_strides_and_hardly_more_than_is_wanted(case: Case) -> None:
    spec, size = case
    plan = whole_strides(spec, size)
    given = [
        full - 2 * pad + extra
        for full, pad, extra in zip(spec.full_size(size), plan.padding, plan.output_padding, strict=True)
    ]
    assert [length % stride for length, stride in zip(given, spec.stride, strict=True)] == [0, 0, 0]
    for front, back in zip(plan.crop[::2], plan.crop[1::2], strict=True):
        assert -front - back < 3 * max(spec.stride) + max(abs(low - high) for low, high in spec.padding)


@given(case=cases(), windows=windows, seed=st.integers(0, 2**16))
@effort
def test_a_window_of_torch_s_operator_equals_the_definition(case: Case, windows: Windows, seed: int) -> None:
    spec, size = case
    input, weight, _ = operands(spec, size, batch=1, dtype=torch.float64, seed=seed)
    plan = windows(spec, size)
    output = torch.nn.functional.conv_transpose3d(
        input, weight, None, spec.stride, plan.padding, plan.output_padding, spec.groups, spec.dilation
    )
    for amounts in (plan.extend, plan.crop):
        output = torch.nn.functional.pad(output, amounts)
    np.testing.assert_array_equal(as_numpy(output), defined((input, weight, None), spec), strict=True)


@pytest.mark.parametrize("name", ["plain", "stride-2", "padding-1", "output-padding", "groups"])
def test_what_torch_can_say_needs_neither_zeros_nor_a_crop(name: str) -> None:
    plan = window(make(**CONFIGURATIONS[name]))
    assert (plan.extend, plan.crop) == ((), ())


@pytest.mark.parametrize("size", [(1, 1, 1), (2, 3, 4)], ids=str)
def test_a_kernel_equal_to_the_stride_has_one_tap_per_phase_and_no_shift(size: Triple) -> None:
    axes = phases(make(kernel_size=(2, 3, 4), stride=(2, 3, 4)), size)
    assert [[phase.taps for phase in axis] for axis in axes] == [
        [((tap, 0),) for tap in range(stride)] for stride in (2, 3, 4)
    ]
    assert math.prod(len(axis) for axis in axes) == 24
