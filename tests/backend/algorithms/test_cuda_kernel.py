"""The Triton kernel, without a GPU: Triton's interpreter runs it on CPU tensors, against the definition.

The interpreter must be chosen before triton is imported:

    TRITON_INTERPRET=1 python -m pytest tests/backend/algorithms/test_cuda_kernel.py
"""

from __future__ import annotations

import importlib.util
import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.backend.algorithms.test_algorithms import LAYOUTS
from tests.backend.forced import CONFIGURATIONS, as_numpy, defined, known, make, size_of
from tests.backend.simulated import forward, on_gpu
from tests.operands import operands
from tests.strategies import effort

from fourfold.backend.algorithms.gpu import tiles
from fourfold.backend.algorithms.gpu.tiles import Tiles

if TYPE_CHECKING:
    from fourfold.backend import ConvTranspose3dSpec

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="triton is not installed"),
    pytest.mark.skipif(
        os.environ.get("TRITON_INTERPRET") != "1",
        reason="Triton interprets from its import on: set TRITON_INTERPRET=1 before pytest tests/backend/algorithms",
    ),
]
TILES = Tiles()
HALF = torch.float16  # and not bfloat16: the interpreter multiplies its bits


def within_stride(options: dict[str, Any]) -> bool:
    spec = make(**options)
    return TILES.refusal(on_gpu(spec, torch.empty(1, spec.in_channels, *size_of(spec)))) is None


OTHERS: dict[str, dict[str, Any]] = {
    "pairs": {"kernel_size": (1, 1, 2), "stride": (1, 1, 2)},
    "pairs-cut-between": {"kernel_size": 4, "stride": 4, "padding": ((1, 2), (0, 1), (1, 1))},
    "pairs-below-stride": {"kernel_size": 2, "stride": 3, "padding": ((0, 0), (0, 0), (1, 0))},
    "pairs-past-the-end": {"kernel_size": 2, "stride": 2, "padding": ((0, -1), (-1, 0), (-1, -3))},
    "odd": {"kernel_size": 3, "stride": 3, "padding": 1},
    "channels": {"in_channels": 2, "out_channels": 24, "kernel_size": 2, "stride": 2},
    "groups-and-pairs": {"in_channels": 6, "out_channels": 9, "groups": 3, "kernel_size": 2, "stride": 2},
    "groups-and-odd": {"in_channels": 6, "out_channels": 4, "groups": 2, "kernel_size": 1, "stride": (2, 1, 1)},
    "depthwise-pairs": {"in_channels": 3, "out_channels": 3, "groups": 3, "kernel_size": 2, "stride": 2},
    "dilated-taps-of-one": {"kernel_size": (1, 2, 2), "stride": (1, 2, 2), "dilation": (3, 1, 1)},
}
SPECS = [
    pytest.param(make(**options), id=name)
    for name, options in (CONFIGURATIONS | OTHERS).items()
    if within_stride(options)
]


@pytest.mark.parametrize("with_bias", [True, False], ids=["bias", "no-bias"])
@pytest.mark.parametrize("spec", SPECS)
def test_output_equals_the_definition(spec: ConvTranspose3dSpec, with_bias: bool) -> None:
    case = known(spec, with_bias=with_bias)
    output = forward(TILES, spec, case.given)
    assert output.is_contiguous()
    assert torch.equal(output, case.output)


@pytest.mark.parametrize("spec", SPECS)
def test_half_precision_is_kept_and_rounded_once(spec: ConvTranspose3dSpec) -> None:
    case = known(spec, HALF)
    output = forward(TILES, spec, case.given)
    assert output.dtype == HALF
    assert torch.equal(output, case.output)


def test_sums_beyond_half_precision_cancel_before_they_are_rounded() -> None:
    spec = make(in_channels=3, out_channels=1, kernel_size=1)
    input = torch.tensor([60000.0, 60000.0, -60000.0], dtype=HALF).reshape(1, 3, 1, 1, 1)
    weight = torch.tensor([2.0, 1.0, 3.0], dtype=HALF).reshape(spec.weight_shape)
    assert forward(TILES, spec, (input, weight, torch.ones(1, dtype=HALF))).item() == 1


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        pytest.param(make(kernel_size=2, stride=2), (4, 6, 6), id="two-blocks-of-voxels"),
        pytest.param(make(out_channels=9, kernel_size=2, stride=2), (2, 3, 2), id="two-blocks-of-rows-in-pairs"),
        pytest.param(make(out_channels=3, kernel_size=3, stride=3), (2, 3, 2), id="two-blocks-of-rows"),
        pytest.param(make(in_channels=33, kernel_size=2, stride=2), (2, 3, 2), id="two-blocks-of-terms"),
        pytest.param(make(in_channels=70, out_channels=70, groups=2, kernel_size=1), (5, 5, 6), id="all-and-groups"),
        pytest.param(
            make(in_channels=64, out_channels=8, kernel_size=(1, 2, 4), stride=(1, 2, 4)), (4, 4, 8), id="even"
        ),
    ],
)
def test_ragged_and_full_blocks_equal_the_definition(spec: ConvTranspose3dSpec, size: tuple[int, int, int]) -> None:
    given_ = operands(spec, size)
    expected = torch.nn.functional.conv_transpose3d(*given_, stride=spec.stride, groups=spec.groups)
    assert torch.equal(forward(TILES, spec, given_), expected)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "spec", [make(kernel_size=2, stride=2), make(kernel_size=(2, 1, 3), stride=(3, 1, 3), groups=2)]
)
def test_volumes_of_any_strides_are_read_right(spec: ConvTranspose3dSpec, layout: str) -> None:
    case = known(spec)
    output = forward(TILES, spec, (LAYOUTS[layout](case.given[0]), *case.given[1:]))
    assert torch.equal(output, case.output)
    expected = torch.channels_last_3d if layout == "channels-last" else torch.contiguous_format
    assert output.is_contiguous(memory_format=expected)


def test_expanded_strided_and_negated_operands_are_read_right() -> None:
    spec = make(kernel_size=2, stride=2)
    input = torch.arange(3.0).reshape(3, 1, 1, 1, 1).expand(3, spec.in_channels, 2, 3, 2)
    weight = torch._neg_view(torch.arange(8.0).reshape(2, 2, 2).flip(0).transpose(0, 2)).expand(spec.weight_shape)
    bias = torch._neg_view(torch.ones(1)).expand(spec.out_channels)
    output = forward(TILES, spec, (input, weight, bias))
    np.testing.assert_array_equal(as_numpy(output), defined((input, weight, bias), spec))


@pytest.mark.parametrize("value", [math.inf, math.nan], ids=str)
def test_a_special_voxel_spoils_what_it_reaches_and_nothing_else(value: float) -> None:
    spec = make(kernel_size=2, stride=2)
    input, weight, bias = known(spec).given
    input = input.clone()
    input[0, 0, 0, 1, 1] = value
    expected = defined((input, weight, bias), spec)
    assert np.isfinite(expected).any()
    assert not np.isfinite(expected).all()
    with np.errstate(invalid="ignore"):
        output = forward(TILES, spec, (input, weight, bias))
    np.testing.assert_array_equal(as_numpy(output), expected)


@pytest.mark.parametrize("batch", [0, 1, 3])
def test_batches_of_any_size(batch: int) -> None:
    spec = make(kernel_size=2, stride=2, groups=2)
    given_ = operands(spec, (2, 3, 2), batch=batch)
    expected = torch.nn.functional.conv_transpose3d(*given_, stride=2, groups=2)
    assert torch.equal(forward(TILES, spec, given_), expected)


# A storage of 2**31 elements whose pages are touched where it is written alone: 4 GiB of addresses, not of memory.
@pytest.mark.parametrize("part", ["output", "input"])
def test_places_beyond_32_bits_are_found(part: str) -> None:
    spec = make(in_channels=2, out_channels=2, kernel_size=2, stride=2)
    input, weight, bias = operands(spec, (1, 2, 1), batch=1, dtype=HALF)
    shape = (1, 2, *spec.output_size((1, 2, 1)))
    expected = torch.nn.functional.conv_transpose3d(input.double(), weight.double(), bias.double(), stride=2).to(HALF)
    far = torch.empty(2**31 + 64, dtype=HALF)
    output = torch.empty(shape, dtype=HALF)
    if part == "output":
        output = far.as_strided(shape, (1, 2**31, *output.stride()[2:]))
    else:
        input = far.as_strided(input.shape, (1, 2**31, *input.stride()[2:])).copy_(input)
    TILES.compute(input, TILES.prepare(weight, spec), bias, spec, output)
    assert torch.equal(output, expected)


@st.composite
def within(draw: Any) -> tuple[ConvTranspose3dSpec, tuple[int, int, int]]:
    """Draw an operator whose kernel is within its stride, and an input size that leaves at least one voxel."""
    strides = [draw(st.integers(1, 4)) for _ in range(3)]
    kernels = [draw(st.integers(1, stride)) for stride in strides]
    size = [draw(st.integers(1, 4)) for _ in range(3)]
    padding = []
    for stride, kernel, length in zip(strides, kernels, size, strict=True):
        full = (length - 1) * stride + kernel
        low = draw(st.integers(-2, full - 1))
        padding.append((low, draw(st.integers(-2, full - 1 - max(low, 0)))))
    groups = draw(st.integers(1, 2))
    spec = make(
        in_channels=groups * draw(st.integers(1, 3)),
        out_channels=groups * draw(st.integers(1, 3)),
        kernel_size=kernels,
        stride=strides,
        padding=padding,
        output_padding=[draw(st.integers(0, stride - 1)) for stride in strides],
        groups=groups,
    )
    return spec, (size[0], size[1], size[2])


@given(case=within(), seed=st.integers(0, 2**16), small=st.booleans())
@settings(effort, max_examples=effort.max_examples)
def test_any_operator_within_its_stride_equals_the_definition(
    case: tuple[ConvTranspose3dSpec, tuple[int, int, int]], seed: int, small: bool
) -> None:
    spec, size = case
    given_ = operands(spec, size, batch=1, seed=seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiles, "_VOXELS", 16 if small else 128)
        output = forward(TILES, spec, given_)
    np.testing.assert_array_equal(as_numpy(output), defined(given_, spec))
