"""The flat form of a slab, and the algorithms that multiply it: where voxels and zeros lie, blocks, special values."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.backend.forced import (
    CONFIGURATIONS,
    WHOLE,
    as_numpy,
    backward,
    defined,
    forward,
    known,
    make,
    size_of,
)
from tests.operands import operands
from tests.strategies import cases, effort

from fourfold.backend.algorithms import fold, taps
from fourfold.backend.algorithms.flat import flat, flatten, leading
from fourfold.backend.algorithms.gradients import TapsGradient
from fourfold.backend.execution.memory import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fourfold.backend import ConvTranspose3dSpec
    from fourfold.backend.algorithms import Algorithm

Triple = tuple[int, int, int]
LINE = 16  # elements: 64 bytes of float32, a line of a cache
ALGORITHMS: dict[str, Algorithm] = {"taps": taps.Taps(), "fold": fold.Fold()}
CONFIGURED = [(spec, size_of(spec)) for spec in (make(**options) for options in CONFIGURATIONS.values())]


class Links(NamedTuple):
    """Every (output, tap) of an axis that the formula links: position in its phase, shift, input (past it: a zero)."""

    position: torch.Tensor
    shift: torch.Tensor
    source: torch.Tensor


def links(spec: ConvTranspose3dSpec, size: Triple, axis: int) -> Links:
    """Solve `output + low = stride * source + dilation * tap`, for sources outside the input too."""
    stride, dilation, low = spec.stride[axis], spec.dilation[axis], spec.padding[axis][0]
    found = [
        (place // stride, (place + low - dilation * tap) // stride)
        for place in range(spec.output_size(size)[axis])
        for tap in range(spec.kernel_size[axis])
        if (place + low - dilation * tap) % stride == 0
    ]
    position, source = torch.tensor(found, dtype=torch.int64).reshape(-1, 2).unbind(1)
    outside = (source < 0) | (source >= size[axis])
    return Links(position, source - position, torch.where(outside, size[axis], source))


def spread(values: Iterable[torch.Tensor]) -> torch.Tensor:
    """Return the sums of one value along D, one along H and one along W, as (D, H, W)."""
    depth, height, width = values
    return depth[:, None, None] + height[:, None] + width


def spoiled(like: torch.Tensor) -> Scratch:
    """Return memory in which another slab left NaN."""
    scratch = Scratch()
    scratch.empty("input", (200_000,), like).fill_(math.nan)
    return scratch


any_case = given(case=cases() | st.sampled_from(CONFIGURED), batch=st.integers(1, 3))


@any_case
@effort
def test_every_tap_of_every_position_finds_its_voxel_or_a_zero(
    case: tuple[ConvTranspose3dSpec, Triple], batch: int
) -> None:
    spec, size = case
    form = flat(spec, batch, size)
    voxels = torch.arange(1.0, batch * spec.in_channels * math.prod(size) + 1)
    voxels = voxels.reshape(batch, spec.in_channels, *size)
    matrix = flatten(voxels, form, spec.groups, spoiled(voxels)).flatten(0, 1)
    axes = [links(spec, size, axis) for axis in range(3)]
    offsets = [(axis.shift + axis.position) * step for axis, step in zip(axes, form.strides[1:], strict=True)]
    place = form.origin + spread(offsets) + form.strides[0] * torch.arange(batch).reshape(-1, 1, 1, 1)
    depth, height, width = (axis.source for axis in axes)
    expected = torch.nn.functional.pad(voxels, (0, 1, 0, 1, 0, 1))  # beyond the input: zeros
    expected = expected[:, :, depth][:, :, :, height][..., width]
    assert torch.equal(matrix[:, place], expected.movedim(1, 0))


@any_case
@effort
def test_the_operand_of_every_shift_lies_inside_the_matrix(
    case: tuple[ConvTranspose3dSpec, Triple], batch: int
) -> None:
    spec, size = case
    form = flat(spec, batch, size)
    columns = flatten(torch.zeros(batch, spec.in_channels, *size), form, spec.groups, Scratch()).size(2)
    shifts = [links(spec, size, axis).shift * form.strides[axis + 1] for axis in range(3)]
    begins = form.origin + spread(shifts)
    assert ((begins >= 0) & (begins + form.length <= columns)).all()


@any_case
@effort
def test_the_length_reaches_the_last_position_in_whole_lines(
    case: tuple[ConvTranspose3dSpec, Triple], batch: int
) -> None:
    spec, size = case
    form = flat(spec, batch, size)
    number = [-(-out // stride) for out, stride in zip(spec.output_size(size), spec.stride, strict=True)]
    last = torch.arange(batch * form.positions).reshape(batch, *form.padded)[(-1, *(n - 1 for n in number))].item()
    assert form.number == tuple(number)
    assert form.length % LINE == 0
    assert last < form.length <= last + LINE


@pytest.mark.parametrize("ones", [False, True], ids=["", "ones"])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last_3d], ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize(
    "name", ["plain", "stride-2", "kernel-equals-stride", "groups-asymmetric", "negative", "depthwise", "one-voxel"]
)
def test_flatten_puts_zeros_around_the_voxels_and_a_row_of_ones_below(
    name: str, dtype: torch.dtype, layout: torch.memory_format, ones: bool
) -> None:
    spec = make(**CONFIGURATIONS[name])
    size = size_of(spec)
    form = flat(spec, 2, size)
    input = operands(spec, size, dtype=dtype).input.to(memory_format=layout)
    matrix = flatten(input, form, spec.groups, spoiled(input), ones=ones)
    depth = spec.in_channels // spec.groups
    rest = [
        amount
        for front, length, whole in list(zip(form.front, size, form.padded, strict=True))[::-1]
        for amount in (front, whole - front - length)
    ]
    boxes = torch.nn.functional.pad(input, rest).movedim(0, 1).reshape(spec.groups, depth, -1)
    expected = torch.nn.functional.pad(boxes, (0, matrix.size(2) - boxes.size(2)))
    assert torch.equal(matrix, torch.nn.functional.pad(expected, (0, 0, 0, int(ones)), value=1))
    assert matrix.dtype == dtype


@pytest.mark.parametrize("columns", [0, 1, 15, 16, 17, 1008, 1009, 1023, 1024, 1025, 2048, 65536 - 1])
def test_rows_lie_in_whole_lines_and_not_a_page_apart(columns: int) -> None:
    apart = leading(columns)
    assert columns <= apart <= columns + 2 * LINE
    assert apart % LINE == 0
    assert apart * torch.float32.itemsize % 4096 != 0


@pytest.fixture
def spoiled_memory() -> Iterator[None]:
    """Let torch fill what it allocates with NaN; the recycler's bytes become NaN too."""
    torch._C._set_deterministic_algorithms(True)  # the public function imports inductor
    try:
        assert torch.empty(3).isnan().all()
        yield
    finally:
        torch._C._set_deterministic_algorithms(False)


@pytest.mark.usefixtures("spoiled_memory")
@pytest.mark.parametrize(("slab", "with_bias"), [(WHOLE, False), (500, True)], ids=["whole", "thin-bias"])
@pytest.mark.parametrize("name", CONFIGURATIONS)
@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=ALGORITHMS)
def test_nothing_is_read_that_was_not_written(algorithm: Algorithm, name: str, slab: int, with_bias: bool) -> None:
    spec = make(**CONFIGURATIONS[name])
    case = known(spec, with_bias=with_bias)
    assert torch.equal(forward(algorithm, spec, case.given, slab), case.output)


@pytest.mark.usefixtures("spoiled_memory")
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_gradients_read_nothing_that_was_not_written(name: str) -> None:
    spec = make(**CONFIGURATIONS[name])
    case = known(spec)
    of_input, of_weight = backward(TapsGradient(), spec, (case.gradient, *case.given[:2]), slab=500)
    assert of_input is not None
    assert of_weight is not None
    assert torch.equal(of_input, case.of_input)
    assert torch.equal(of_weight, case.of_weight)


@pytest.mark.parametrize(("rows", "with_bias"), [(1, True), (6, False)], ids=["1-row-bias", "6-rows"])
@pytest.mark.parametrize("name", CONFIGURATIONS)
@pytest.mark.parametrize("algorithm", ["taps", "fold"])
def test_small_blocks_make_the_whole_output(
    algorithm: str, name: str, rows: int, with_bias: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr({"taps": taps, "fold": fold}[algorithm], "ROWS", rows)
    spec = make(**CONFIGURATIONS[name])
    case = known(spec, with_bias=with_bias)
    assert torch.equal(forward(ALGORITHMS[algorithm], spec, case.given), case.output)


# A block is a product of 512 rows: output channels times phases in taps, times taps of the kernel in fold.
WIDE: dict[str, dict[str, Any]] = {
    "planes-apart": {"out_channels": 100, "stride": 2, "kernel_size": 3},
    "two-planes-then-one": {"out_channels": 40, "stride": (3, 2, 3), "kernel_size": (4, 3, 3)},
    "two-lines-then-one": {"out_channels": 100, "stride": (2, 3, 2), "kernel_size": (2, 4, 3)},
    "channels-apart": {"out_channels": 300, "stride": (1, 1, 2)},
    "channels-apart-one-phase": {"out_channels": 600, "kernel_size": (1, 2, 2), "padding": (0, 1, 0)},
    "planes-apart-below-the-stride": {"out_channels": 100, "stride": 3, "kernel_size": 2},
    "channels-apart-below-the-stride": {"out_channels": 300, "stride": (2, 1, 3), "kernel_size": (1, 1, 2)},
    "one-tap-a-phase": {"out_channels": 90, "stride": (2, 3, 2), "kernel_size": (2, 3, 2)},
    "wide-groups": {"in_channels": 6, "out_channels": 200, "groups": 2, "stride": 2, "kernel_size": 3},
    "groups-together": {"in_channels": 7, "out_channels": 14, "groups": 7, "kernel_size": 5, "stride": 2, "padding": 2},
    "depthwise-in-blocks": {"in_channels": 40, "out_channels": 40, "groups": 40, "kernel_size": 3, "stride": 2},
    "more-taps-than-rows": {"in_channels": 2, "groups": 2, "kernel_size": (9, 8, 8), "stride": 4},
}


@pytest.mark.parametrize(("slab", "with_bias"), [(WHOLE, False), (2**16, True)], ids=["whole", "thin-bias"])
@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=ALGORITHMS)
def test_wide_operators_are_computed_block_by_block(
    algorithm: Algorithm, name: str, slab: int, with_bias: bool
) -> None:
    spec = make(**WIDE[name])
    input, weight, bias = operands(spec, (2, 3, 2))
    given_ = (input, weight, bias if with_bias else None)
    low = tuple(front for front, _ in spec.padding)
    expected = torch.nn.functional.conv_transpose3d(
        input.double(), weight.double(), bias.double() if with_bias else None, spec.stride, low, groups=spec.groups
    )
    assert torch.equal(forward(algorithm, spec, given_, slab).double(), expected)


@pytest.mark.parametrize(("slab", "with_bias"), [(WHOLE, False), (1, True)], ids=["whole", "thin-bias"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64], ids=str)
@pytest.mark.parametrize(
    "name",
    [
        "kernel-below-stride",
        "kernel-1-past-the-end",
        "kernel-equals-stride-per-axis",
        "kernel-above-the-input",
        "dilation-and-stride-share-a-factor",
        "outside-the-full-result",
        "depthwise",
    ],
)
@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=ALGORITHMS)
def test_every_dtype_is_rounded_once(
    algorithm: Algorithm, name: str, dtype: torch.dtype, slab: int, with_bias: bool
) -> None:
    spec = make(**CONFIGURATIONS[name])
    case = known(spec, dtype, with_bias)
    assert torch.equal(forward(algorithm, spec, case.given, slab), case.output)


@lru_cache(maxsize=32)
def one_nan_each(spec: ConvTranspose3dSpec) -> tuple[tuple[torch.Tensor, ...], Any]:
    """Return a batch with a NaN at another voxel of each sample, in either channel, and its output."""
    voxels = math.prod(size_of(spec))
    input, weight, bias = operands(spec, size_of(spec), batch=voxels)
    sample = torch.arange(voxels)
    input.flatten(2)[sample, sample % spec.in_channels, sample] = math.nan
    return (input, weight, bias), defined((input, weight, bias), spec)


@pytest.mark.parametrize("slab", [WHOLE, 1])
@pytest.mark.parametrize(
    "name",
    [
        "padding-1",
        "stride-2",
        "kernel-below-stride",
        "kernel-equals-stride",
        "output-padding-past-the-end",
        "groups-asymmetric",
        "negative",
        "asymmetric-far-out",
        "dilation-and-stride-share-a-factor",
    ],
)
@pytest.mark.parametrize("algorithm", ALGORITHMS.values(), ids=ALGORITHMS)
def test_each_nan_reaches_what_its_taps_reach_and_nothing_else(algorithm: Algorithm, name: str, slab: int) -> None:
    spec = make(**{**CONFIGURATIONS[name], "in_channels": 2})
    given_, expected = one_nan_each(spec)
    assert np.isfinite(expected).any()
    assert not np.isfinite(expected).all()
    np.testing.assert_array_equal(as_numpy(forward(algorithm, spec, given_, slab)), expected)
