"""Every algorithm of the forward direction, forced, against the definition in tests/reference.py, bit for bit."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.backend.forced import (
    CONFIGURATIONS,
    SHARED,
    SHARING,
    WHOLE,
    as_numpy,
    defined,
    drawn,
    each_algorithm,
    forward,
    known,
    make,
    refuses,
    size_of,
)
from tests.operands import integers, operands
from tests.strategies import Case, cases, effort

from fourfold.backend import allow_fft
from fourfold.backend.algorithms import ALGORITHMS, Algorithm

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourfold.backend import ConvTranspose3dSpec

FEW = ["stride-2", "groups-asymmetric", "negative", "width-even", "one-voxel-cut"]
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
IN_EACH_DTYPE = [
    pytest.param(*case.values, dtype, id=f"{case.id}-{dtype}".replace("torch.", ""))
    for dtype in DTYPES
    for case in each_algorithm(FEW, dtype)
]
SLABS = [WHOLE, 1000, 1]
SMALL_EFFORT = settings(effort, max_examples=max(effort.max_examples // 4, 1))  # oneDNN compiles code for each shape
LAYOUTS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "channels-last": lambda x: x.to(memory_format=torch.channels_last_3d),
    "every-second": lambda x: torch.stack([x, -x], dim=-1)[..., 0],
    "inner-box": lambda x: torch.nn.functional.pad(x, (1, 2, 3, 4, 5, 6), value=7.0)[..., 5:-6, 3:-4, 1:-2],
    "depth-last": lambda x: x.movedim(2, 4).contiguous().movedim(4, 2),
    "negated-lazily": lambda x: torch._neg_view(-x),
}


def test_names_are_unique() -> None:
    names = [algorithm.name for algorithm in ALGORITHMS]
    assert len({"native", *names}) == len(names) + 1


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_every_algorithm_applies_to_something(algorithm: Algorithm) -> None:
    with allow_fft():
        applies = [not refuses(algorithm, make(**options)) for options in CONFIGURATIONS.values()]
    assert any(applies)


@pytest.mark.parametrize("slab", [WHOLE, 500])
@pytest.mark.parametrize(("algorithm", "spec"), each_algorithm(CONFIGURATIONS))
def test_output_equals_the_definition(algorithm: Algorithm, spec: ConvTranspose3dSpec, slab: int) -> None:
    case = known(spec)
    output = forward(algorithm, spec, case.given, slab)
    assert output.dtype == torch.float32
    assert output.is_contiguous()
    assert torch.equal(output, case.output)


@pytest.mark.parametrize(("slab", "with_bias"), [(WHOLE, False), (1, True)], ids=["whole-no-bias", "thin-bias"])
@pytest.mark.usefixtures("bfloat16_operands")
@pytest.mark.parametrize(("algorithm", "spec", "dtype"), IN_EACH_DTYPE)
def test_every_dtype_is_kept_and_rounded_once(
    algorithm: Algorithm, spec: ConvTranspose3dSpec, dtype: torch.dtype, slab: int, with_bias: bool
) -> None:
    case = known(spec, dtype, with_bias)
    output = forward(algorithm, spec, case.given, slab)
    assert output.dtype == dtype
    assert torch.equal(output, case.output)


@pytest.mark.parametrize(("algorithm", "_"), each_algorithm(["plain"]))
@given(
    case=cases(),
    dtype=st.sampled_from(DTYPES),
    layout=st.sampled_from(["contiguous", *LAYOUTS]),
    slab=st.sampled_from(SLABS),
    with_bias=st.booleans(),
    seed=st.integers(0, 2**16),
)
@SMALL_EFFORT
def test_any_legal_operator_equals_the_definition(
    algorithm: Algorithm, _: object, case: Case, dtype: torch.dtype, layout: str, slab: int, with_bias: bool, seed: int
) -> None:
    spec, size = case
    assume(not refuses(algorithm, spec, size, dtype))
    input, weight, bias = operands(spec, size, batch=1, dtype=dtype, seed=seed)
    expected = defined((input, weight, bias if with_bias else None), spec)
    input = LAYOUTS.get(layout, torch.clone)(input)
    output = forward(algorithm, spec, (input, weight, bias if with_bias else None), slab)
    np.testing.assert_array_equal(as_numpy(output), expected, strict=True)


@pytest.mark.parametrize("slab", [WHOLE, 200])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("algorithm", "spec"), each_algorithm(FEW))
def test_inputs_of_any_strides_are_read_right(
    algorithm: Algorithm, spec: ConvTranspose3dSpec, layout: str, slab: int
) -> None:
    case = known(spec)
    input = LAYOUTS[layout](case.given[0])
    assert torch.equal(input, case.given[0])
    output = forward(algorithm, spec, (input, *case.given[1:]), slab)
    assert torch.equal(output, case.output)
    expected = torch.channels_last_3d if layout == "channels-last" else torch.contiguous_format
    assert output.is_contiguous(memory_format=expected)


@pytest.mark.parametrize("slab", [WHOLE, 200])
@pytest.mark.parametrize(("algorithm", "spec"), each_algorithm(FEW))
def test_expanded_and_strided_operands_are_read_right(
    algorithm: Algorithm, spec: ConvTranspose3dSpec, slab: int
) -> None:
    input = torch.arange(3.0).reshape(3, 1, 1, 1, 1).expand(3, spec.in_channels, *size_of(spec))
    weight = torch.arange(float(math.prod(spec.kernel_size))).reshape(spec.kernel_size).flip(0).transpose(0, 2)
    weight = weight.contiguous().transpose(0, 2).expand(spec.weight_shape)
    bias = torch.ones(1).expand(spec.out_channels)
    output = forward(algorithm, spec, (input, weight, bias), slab)
    np.testing.assert_array_equal(as_numpy(output), defined((input, weight, bias), spec))


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last_3d], ids=str)
@pytest.mark.parametrize("batch", [0, 1, 3])
@pytest.mark.parametrize(("algorithm", "spec"), each_algorithm(["stride-2", "groups-asymmetric"]))
def test_each_sample_of_a_batch_is_computed_alone(
    algorithm: Algorithm, spec: ConvTranspose3dSpec, batch: int, layout: torch.memory_format
) -> None:
    input, weight, bias = operands(spec, (4, 3, 5), batch=batch)
    input = input.to(memory_format=layout)
    output = forward(algorithm, spec, (input, weight, bias))
    alone = [forward(algorithm, spec, (input[index : index + 1], weight, bias)) for index in range(batch)]
    assert output.shape == (batch, spec.out_channels, *spec.output_size((4, 3, 5)))
    assert output.is_contiguous(memory_format=layout)
    assert torch.equal(output, torch.cat([*alone, output[:0]]))


@pytest.mark.parametrize(("algorithm", "spec"), each_algorithm(["stride-2", "plain", "kernel-equals-stride"]))
def test_operands_are_left_as_they_were(algorithm: Algorithm, spec: ConvTranspose3dSpec) -> None:
    given_ = operands(spec, size_of(spec))
    before = [tensor.clone() for tensor in given_]
    forward(algorithm, spec, given_, 200).fill_(9)
    assert [torch.equal(tensor, copy) for tensor, copy in zip(given_, before, strict=True)] == [True] * 3


# An infinity times a zero is NaN: an algorithm that multiplies zeros by voxels would spread it.
@pytest.mark.parametrize("slab", [WHOLE, 200])
@pytest.mark.parametrize("value", [math.inf, math.nan], ids=str)
@pytest.mark.parametrize(
    ("algorithm", "spec"), each_algorithm(["stride-2", "groups-asymmetric", "padding-1", "one-channel", "depthwise"])
)
def test_a_special_voxel_spoils_what_it_reaches_and_nothing_else(
    algorithm: Algorithm, spec: ConvTranspose3dSpec, value: float, slab: int
) -> None:
    input, weight, bias = known(spec).given
    input = input.clone()
    input[0, 0, 0, 1, 1] = value
    input[-1, -1, -1, -1, -1] = -value
    expected = defined((input, weight, bias), spec)
    assert np.isfinite(expected).any()
    assert not np.isfinite(expected).all()
    np.testing.assert_array_equal(as_numpy(forward(algorithm, spec, (input, weight, bias), slab)), expected)


@pytest.mark.parametrize(("algorithm", "spec"), each_algorithm(FEW))
def test_a_special_bias_spoils_its_channel(algorithm: Algorithm, spec: ConvTranspose3dSpec) -> None:
    input, weight, bias = known(spec).given
    assert bias is not None
    bias = bias.clone()
    bias[-1] = math.nan
    output = forward(algorithm, spec, (input, weight, bias), 200)
    np.testing.assert_array_equal(as_numpy(output), defined((input, weight, bias), spec))


# Zeros around the volume are multiplied by the weight, here as in oneDNN: an infinite weight may spoil more than its
# own products, never less.
@pytest.mark.parametrize("value", [math.inf, math.nan], ids=str)
@pytest.mark.parametrize(("algorithm", "spec"), each_algorithm(FEW))
def test_a_special_weight_is_never_lost(algorithm: Algorithm, spec: ConvTranspose3dSpec, value: float) -> None:
    input, weight, bias = known(spec).given
    weight = weight.clone()
    weight[0, 0, 0, 1, 1] = value
    output = as_numpy(forward(algorithm, spec, (input, weight, bias)))
    expected = defined((input, weight, bias), spec)
    assert not np.isfinite(output[~np.isfinite(expected)]).any()
    np.testing.assert_array_equal(output[np.isfinite(output)], expected[np.isfinite(output)])


HALVES = make(in_channels=32, out_channels=8, stride=2, padding=1)


@functools.cache
def halves(dtype: torch.dtype) -> tuple[list[torch.Tensor], torch.Tensor]:
    """Return operands of HALVES, and its output in float32, which is exact: below 2**24."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(2, 32, 3, 4, 6), HALVES.weight_shape, (8,)]
    drawn = [torch.randint(-60, 61, shape, generator=generator).to(dtype) for shape in shapes]
    return drawn, torch.from_numpy(defined([each.float() for each in drawn], HALVES)).float()


@pytest.mark.usefixtures("bfloat16_operands")
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("slab", [WHOLE, 200])
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_half_precisions_are_float32_sums_rounded_once(algorithm: Algorithm, slab: int, dtype: torch.dtype) -> None:
    if refuses(algorithm, HALVES, (3, 4, 6), dtype):
        pytest.skip("the algorithm refuses this case")
    given, sums = halves(dtype)
    assert torch.equal(forward(algorithm, HALVES, given, slab), sums.to(dtype))


@pytest.mark.usefixtures("bfloat16_operands")
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_sums_beyond_a_half_precision_cancel_before_they_are_rounded(algorithm: Algorithm, dtype: torch.dtype) -> None:
    spec = make(in_channels=3, out_channels=1, kernel_size=1)
    if refuses(algorithm, spec, (1, 1, 1), dtype):
        pytest.skip("the algorithm refuses this case")
    input = torch.tensor([60000.0, 60000.0, -60000.0], dtype=dtype).reshape(1, 3, 1, 1, 1)
    weight = torch.tensor([2.0, 1.0, 3.0], dtype=dtype).reshape(spec.weight_shape)
    assert forward(algorithm, spec, (input, weight, torch.ones(1, dtype=dtype))).item() == 1


@pytest.mark.parametrize("operand", range(3), ids=["input", "weight", "bias"])
@pytest.mark.parametrize("shared", SHARED.values(), ids=SHARED)
@pytest.mark.parametrize(("algorithm", "spec"), each_algorithm(SHARING, thorough=SHARING[2:]))
def test_operands_may_share_memory_with_themselves(
    algorithm: Algorithm, spec: ConvTranspose3dSpec, shared: Callable[[torch.Tensor], torch.Tensor], operand: int
) -> None:
    operands = drawn(spec)[:3]
    operands[operand] = shared(operands[operand])
    right = torch.from_numpy(defined(operands, spec)).float()
    assert torch.equal(forward(algorithm, spec, operands), right)


MANY = {
    f"{groups}-groups-stride-{stride}": make(
        in_channels=9, out_channels=groups, kernel_size=3, groups=groups, stride=stride
    )
    for groups in (1, 3, 9)
    for stride in (1, 2)
}


@pytest.mark.parametrize("spec", MANY.values(), ids=MANY)
@pytest.mark.parametrize(
    "algorithm",
    [each for each in ALGORITHMS if not refuses(each, MANY["3-groups-stride-2"])],
    ids=lambda each: each.name,
)
def test_an_overlapping_weight_of_nine_channels(algorithm: Algorithm, spec: ConvTranspose3dSpec) -> None:
    input, _, _ = operands(spec, (3, 2, 3), batch=1)
    weight = integers((400,), 5).as_strided(spec.weight_shape, (6, 5, 5, 3, 1))
    right = torch.from_numpy(defined((input, weight, None), spec)).float()
    assert torch.equal(forward(algorithm, spec, (input, weight, None)), right)


@pytest.mark.parametrize(("algorithm", "spec"), each_algorithm(CONFIGURATIONS))
def test_results_lie_in_storages_of_their_size(algorithm: Algorithm, spec: ConvTranspose3dSpec) -> None:
    output = forward(algorithm, spec, known(spec).given)
    assert output.untyped_storage().nbytes() == output.numel() * 4
