"""Every algorithm of the backward direction, forced, against the definition in tests/reference.py, bit for bit."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests import reference
from tests.backend.forced import (
    CONFIGURATIONS,
    SHARED,
    SHARING,
    SIZE,
    WHOLE,
    as_numpy,
    backward,
    definition,
    drawn,
    each_gradient,
    known,
    make,
    refuses,
)
from tests.operands import integers, operands
from tests.strategies import Case, cases, effort

from fourfold.backend.algorithms import GRADIENTS, Gradient

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourfold.backend import ConvTranspose3dSpec

FEW = ["stride-2", "groups-asymmetric", "negative", "width-even"]
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
IN_EACH_DTYPE = [
    pytest.param(*case.values, dtype, id=f"{case.id}-{dtype}".replace("torch.", ""))
    for dtype in DTYPES
    for case in each_gradient(FEW, dtype)
]
SMALL_EFFORT = settings(effort, max_examples=max(effort.max_examples // 2, 1))  # oneDNN compiles code for each shape
SLABS = [WHOLE, 500, 1]


def test_names_are_unique() -> None:
    names = [gradient.name for gradient in GRADIENTS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("slab", [WHOLE, 500])
@pytest.mark.parametrize(("algorithm", "spec"), each_gradient(CONFIGURATIONS))
def test_gradients_equal_the_definition(algorithm: Gradient, spec: ConvTranspose3dSpec, slab: int) -> None:
    case = known(spec)
    of_input, of_weight = backward(algorithm, spec, (case.gradient, *case.given[:2]), slab=slab)
    assert of_input is not None
    assert of_weight is not None
    assert torch.equal(of_input, case.of_input)
    assert torch.equal(of_weight, case.of_weight)


@pytest.mark.parametrize("slab", [WHOLE, 1])
@pytest.mark.usefixtures("bfloat16_operands")
@pytest.mark.parametrize(("algorithm", "spec", "dtype"), IN_EACH_DTYPE)
def test_every_dtype_is_kept_and_rounded_once(
    algorithm: Gradient, spec: ConvTranspose3dSpec, dtype: torch.dtype, slab: int
) -> None:
    case = known(spec, dtype)
    of_input, of_weight = backward(algorithm, spec, (case.gradient, *case.given[:2]), slab=slab)
    assert of_input is not None
    assert of_weight is not None
    assert (of_input.dtype, of_weight.dtype) == (dtype, dtype)
    assert torch.equal(of_input, case.of_input)
    assert torch.equal(of_weight, case.of_weight)


@pytest.mark.parametrize("slab", [WHOLE, 200])
@pytest.mark.parametrize("wanted", [(True, False), (False, True)], ids=["input", "weight"])
@pytest.mark.parametrize(("algorithm", "spec"), each_gradient(FEW))
def test_only_what_is_wanted_is_computed(
    algorithm: Gradient, spec: ConvTranspose3dSpec, wanted: tuple[bool, bool], slab: int
) -> None:
    case = known(spec)
    found = backward(algorithm, spec, (case.gradient, *case.given[:2]), wanted, slab)
    assert tuple(each is not None for each in found) == wanted
    expected = (case.of_input, case.of_weight)
    assert [torch.equal(each, right) for each, right in zip(found, expected, strict=True) if each is not None] == [True]


@pytest.mark.parametrize(("algorithm", "_"), each_gradient(["plain"]))
@given(
    case=cases(),
    dtype=st.sampled_from(DTYPES),
    channels_last=st.booleans(),
    slab=st.sampled_from(SLABS),
    seed=st.integers(0, 2**16),
)
@SMALL_EFFORT
def test_any_legal_operator_equals_the_definition(
    algorithm: Gradient, _: object, case: Case, dtype: torch.dtype, channels_last: bool, slab: int, seed: int
) -> None:
    spec, size = case
    assume(not refuses(algorithm, spec, size, dtype))
    input, weight, _ = operands(spec, size, batch=1, dtype=dtype, seed=seed)
    gradient = integers((1, spec.out_channels, *spec.output_size(size)), seed + 3, dtype)
    expected = reference.gradients(*map(as_numpy, (gradient, input, weight)), **definition(spec))
    if channels_last:
        input = input.to(memory_format=torch.channels_last_3d)
    of_input, of_weight = backward(algorithm, spec, (gradient, input, weight), slab=slab)
    assert of_input is not None
    assert of_weight is not None
    assert torch.equal(of_input, torch.from_numpy(expected.input).to(dtype))
    assert torch.equal(of_weight, torch.from_numpy(expected.weight).to(dtype))


def _gradient_of_a_sum(shape: torch.Size) -> torch.Tensor:
    return torch.ones(1).expand(shape)


def _gradient_of_a_weighted_sum_over_depth(shape: torch.Size) -> torch.Tensor:
    return torch.arange(float(shape[4])).expand(shape)


def _transposed(shape: torch.Size) -> torch.Tensor:
    return integers(tuple(shape[index] for index in (4, 2, 0, 3, 1)), 5).permute(2, 4, 1, 3, 0)


@pytest.mark.parametrize("slab", [WHOLE, 200])
@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(_gradient_of_a_sum, id="expanded"),
        pytest.param(_gradient_of_a_weighted_sum_over_depth, id="expanded-but-for-the-width"),
        pytest.param(_transposed, id="transposed"),
    ],
)
@pytest.mark.parametrize(("algorithm", "spec"), each_gradient(FEW))
def test_gradients_of_the_output_in_any_strides_are_read_right(
    algorithm: Gradient, spec: ConvTranspose3dSpec, draw: object, slab: int
) -> None:
    assert callable(draw)
    case = known(spec)
    gradient = draw(case.output.shape)
    input, weight, _ = case.given
    expected = reference.gradients(*map(as_numpy, (gradient, input, weight)), **definition(spec))
    of_input, of_weight = backward(algorithm, spec, (gradient, input, weight), slab=slab)
    assert of_input is not None
    assert of_weight is not None
    np.testing.assert_array_equal(as_numpy(of_input), expected.input)
    np.testing.assert_array_equal(as_numpy(of_weight), expected.weight)


@pytest.mark.parametrize("slab", [WHOLE, 200])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last_3d], ids=str)
@pytest.mark.parametrize(("algorithm", "spec"), each_gradient(["stride-2", "negative"]))
def test_the_gradient_of_the_input_is_stored_as_the_input(
    algorithm: Gradient, spec: ConvTranspose3dSpec, layout: torch.memory_format, slab: int
) -> None:
    case = known(spec)
    input = case.given[0].to(memory_format=layout)
    of_input, _ = backward(algorithm, spec, (case.gradient, input, case.given[1]), slab=slab)
    assert of_input is not None
    assert of_input.is_contiguous(memory_format=layout)
    assert of_input.untyped_storage().nbytes() == of_input.numel() * of_input.itemsize  # holds no workspace alive
    assert torch.equal(of_input, case.of_input)


@pytest.mark.parametrize("slab", [WHOLE, 200])
@pytest.mark.parametrize(("algorithm", "spec"), each_gradient(["stride-2", "kernel-1-stride-1"]))
def test_gradients_are_no_views_and_share_no_memory_with_the_operands(
    algorithm: Gradient, spec: ConvTranspose3dSpec, slab: int
) -> None:
    case = known(spec)
    given_ = [tensor.clone() for tensor in (case.gradient, *case.given[:2])]
    found = backward(algorithm, spec, given_, slab=slab)
    assert [each is not None and each._is_view() for each in found] == [False, False]
    for each in found:
        assert each is not None
        each.fill_(9)
    assert [torch.equal(*pair) for pair in zip(given_, (case.gradient, *case.given[:2]), strict=True)] == [True] * 3


@pytest.mark.parametrize(("algorithm", "spec"), each_gradient(["stride-2", "groups-asymmetric"]))
def test_an_empty_batch_gives_an_empty_gradient_and_zeros(algorithm: Gradient, spec: ConvTranspose3dSpec) -> None:
    given_ = (torch.zeros(0, 2, *spec.output_size(SIZE)), torch.zeros(0, spec.in_channels, *SIZE))
    of_input, of_weight = backward(algorithm, spec, (*given_, torch.ones(spec.weight_shape)))
    assert of_input is not None
    assert of_input.shape == given_[1].shape
    assert of_weight is not None
    assert torch.equal(of_weight, torch.zeros(spec.weight_shape))


HALVES = make(in_channels=8, out_channels=4, stride=2, padding=1)


@functools.cache
def halves(dtype: torch.dtype) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """Return operands of the gradients of HALVES, and these in float32, which are exact: below 2**24."""
    generator = torch.Generator().manual_seed(0)
    shapes = [(2, 4, *HALVES.output_size((3, 4, 6))), (2, 8, 3, 4, 6), HALVES.weight_shape]
    drawn = [torch.randint(-60, 61, shape, generator=generator).to(dtype) for shape in shapes]
    exact = reference.gradients(*map(as_numpy, drawn), **definition(HALVES))
    return drawn, [torch.from_numpy(each).float() for each in exact[:2]]


@pytest.mark.usefixtures("bfloat16_operands")
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("slab", [WHOLE, 50000])
@pytest.mark.parametrize("algorithm", GRADIENTS, ids=lambda algorithm: algorithm.name)
def test_half_precisions_are_float32_sums_rounded_once(algorithm: Gradient, slab: int, dtype: torch.dtype) -> None:
    if refuses(algorithm, HALVES, (3, 4, 6), dtype):
        pytest.skip("the algorithm refuses this dtype")
    given, exact = halves(dtype)
    found = backward(algorithm, HALVES, given, slab=slab)
    assert [each is not None and torch.equal(each, due.to(dtype)) for each, due in zip(found, exact, strict=True)] == [
        True,
        True,
    ]


@pytest.mark.parametrize("operand", range(3), ids=["input", "weight", "gradient"])
@pytest.mark.parametrize("shared", SHARED.values(), ids=SHARED)
@pytest.mark.parametrize(("algorithm", "spec"), each_gradient(SHARING, thorough=SHARING[2:]))
def test_operands_may_share_memory_with_themselves(
    algorithm: Gradient, spec: ConvTranspose3dSpec, shared: Callable[[torch.Tensor], torch.Tensor], operand: int
) -> None:
    input, weight, _, gradient = drawn(spec)
    given = [input, weight, gradient]
    given[operand] = shared(given[operand])
    right = reference.gradients(*map(as_numpy, (given[2], *given[:2])), **definition(spec))
    of_input, of_weight = backward(algorithm, spec, (given[2], *given[:2]))
    assert of_input is not None
    assert of_weight is not None
    assert torch.equal(of_input.double(), torch.from_numpy(right.input))
    assert torch.equal(of_weight.double(), torch.from_numpy(right.weight))


@pytest.mark.parametrize("slab", [WHOLE, 500])
@pytest.mark.parametrize(("algorithm", "spec"), each_gradient(CONFIGURATIONS))
def test_gradients_lie_in_storages_of_their_size(algorithm: Gradient, spec: ConvTranspose3dSpec, slab: int) -> None:
    case = known(spec)
    found = backward(algorithm, spec, (case.gradient, *case.given[:2]), slab=slab)
    sizes = [(each.untyped_storage().nbytes(), each.numel() * 4) for each in found if each is not None]
    assert [held == needed for held, needed in sizes] == [True, True]


@pytest.mark.parametrize(
    "algorithm", [each for each in GRADIENTS if each.name not in ("rows", "voxel")], ids=lambda each: each.name
)
@pytest.mark.parametrize("size", [(1, 1, 4), (1, 3, 1)], ids=str)
def test_so_do_those_of_a_line_of_voxels(size: tuple[int, int, int], algorithm: Gradient) -> None:
    spec = make(in_channels=1, out_channels=3, kernel_size=2, stride=2)
    input, weight, _ = operands(spec, size, batch=1)
    gradient = integers((1, 3, *spec.output_size(size)), 9)
    found = backward(algorithm, spec, (gradient, input, weight))
    sizes = [(each.untyped_storage().nbytes(), each.numel() * 4) for each in found if each is not None]
    assert [held == needed for held, needed in sizes] == [True, True]
