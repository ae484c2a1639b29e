"""Copies between layouts: the bits that a strided assignment would write, nothing else touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from fourfold.backend.layout import channels_last, copy, interleave, is_channels_last_3d

if TYPE_CHECKING:
    from collections.abc import Callable

INTEGERS = {2: torch.int16, 4: torch.int32, 8: torch.int64}
DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]
UNTOUCHED = 77


def bits(tensor: torch.Tensor) -> torch.Tensor:
    """Return the bit patterns as integers: NaN payloads and the sign of zero count."""
    return tensor.detach().contiguous().view(INTEGERS[tensor.dtype.itemsize])


def patterns(shape: tuple[int, ...], dtype: torch.dtype, seed: int = 0) -> torch.Tensor:
    """Return random bit patterns, NaN with payloads among them, and -0.0 in front."""
    integer = INTEGERS[dtype.itemsize]
    limits = torch.iinfo(integer)
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randint(limits.min, limits.max, shape, dtype=integer, generator=generator)
    nan = {torch.float16: 0x7E01, torch.bfloat16: 0x7FC1, torch.float32: 0x7FC00123, torch.float64: 0x7FF8000000000123}
    drawn.view(-1)[:2] = torch.tensor([limits.min, nan[dtype]], dtype=integer)
    # signalling NaN become quiet ones in any conversion; keep to quiet ones
    return torch.where(drawn.view(dtype).isnan(), torch.tensor(nan[dtype], dtype=integer), drawn).view(dtype)


def blank(shape: tuple[int, ...], dtype: torch.dtype, layout: str) -> torch.Tensor:
    """Return a target full of one value, in one of several layouts."""
    n, c, d, h, w = shape
    if layout == "contiguous":
        return torch.full(shape, UNTOUCHED, dtype=dtype)
    if layout == "channels-last":
        return torch.full((n, d, h, w, c), UNTOUCHED, dtype=dtype).permute(0, 4, 1, 2, 3)
    if layout == "odd-offset":  # a box of a larger volume: starts at an odd element, rows of odd length
        return torch.full((n, c, d + 1, h + 2, w + 3), UNTOUCHED, dtype=dtype)[:, :, 1:, 1:-1, 1 : w + 1]
    if layout == "even-box":  # starts at an even element, even rows
        return torch.full((n, c, d + 1, h, w + w % 2 + 2), UNTOUCHED, dtype=dtype)[:, :, 1:, :, 2 : w + 2]
    assert layout == "every-second"
    return torch.full((n, c, d, h, 2 * w), UNTOUCHED, dtype=dtype)[..., ::2]


LAYOUTS = ["contiguous", "channels-last", "odd-offset", "even-box", "every-second"]


def surroundings(target: torch.Tensor) -> int:
    """Count the elements of the whole block that still hold the first value."""
    base = target if target._base is None else target._base
    return int((base == UNTOUCHED).sum())


def assign(target: torch.Tensor, part: Callable[[int, int, int], torch.Tensor], stride: tuple[int, int, int]) -> None:
    """Write the phases by strided assignment, what `interleave` is a faster form of."""
    for p in range(stride[0]):
        for q in range(stride[1]):
            for r in range(stride[2]):
                rows = target[:, :, p :: stride[0], q :: stride[1], r :: stride[2]]
                if rows.numel():
                    rows.copy_(part(p, q, r)[tuple(slice(length) for length in rows.shape)])


STRIDES = [(1, 1, 1), (2, 2, 2), (1, 1, 2), (2, 3, 1), (1, 2, 3), (3, 1, 4)]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("width", [1, 2, 5, 8])
@pytest.mark.parametrize("stride", STRIDES, ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_interleave_writes_the_bits_that_strided_assignment_writes(
    layout: str, width: int, stride: tuple[int, int, int], dtype: torch.dtype
) -> None:
    shape = (2, 3, 3, 4, width)
    phase = (2, 3, *(-(-length // step) for length, step in zip(shape[2:], stride, strict=True)))
    drawn = {
        (p, q, r): patterns(phase, dtype, seed=100 * p + 10 * q + r)
        for p in range(stride[0])
        for q in range(stride[1])
        for r in range(stride[2])
    }
    target, expected = blank(shape, dtype, layout), blank(shape, dtype, layout)
    interleave(target, lambda *phase: drawn[phase], stride)
    assign(expected, lambda *phase: drawn[phase], stride)
    assert torch.equal(bits(target), bits(expected))
    assert surroundings(target) == surroundings(expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("width", [6, 7])
def test_interleave_rounds_sums_to_a_half_precision_once(dtype: torch.dtype, layout: str, width: int) -> None:
    generator = torch.Generator().manual_seed(0)
    sums = torch.randn(8, 1, 2, 2, 2, 4, generator=generator)
    target, expected = blank((1, 2, 3, 4, width), dtype, layout), blank((1, 2, 3, 4, width), dtype, layout)
    interleave(target, lambda p, q, r: sums[4 * p + 2 * q + r], (2, 2, 2))
    assign(expected, lambda p, q, r: sums[4 * p + 2 * q + r], (2, 2, 2))
    assert torch.equal(bits(target), bits(expected))


def test_interleave_reads_phases_that_are_views_and_larger_than_needed() -> None:
    block = patterns((2, 1, 2, 6, 5, 9), torch.float32)
    target, expected = torch.zeros(1, 2, 5, 4, 6), torch.zeros(1, 2, 5, 4, 6)

    def part(p: int, q: int, r: int) -> torch.Tensor:
        return block[r, :, :, p:, q:, 1::2]

    interleave(target, part, (2, 2, 2))
    assign(expected, part, (2, 2, 2))
    assert torch.equal(bits(target), bits(expected))


SHAPES = [
    pytest.param((1, 3, 4, 5, 6), id="small"),
    pytest.param((2, 1, 3, 50, 50), id="one-channel"),
    pytest.param((2, 16, 5, 30, 60), id="tiles-of-planes"),
    pytest.param((1, 32, 2, 70, 90), id="tiles-of-rows"),
    pytest.param((1, 3, 2, 3, 50000), id="a-row-above-a-tile"),
    pytest.param((0, 3, 4, 5, 6), id="no-sample"),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("source", "target"), [("contiguous", "channels-last"), ("channels-last", "odd-offset")])
def test_copy_writes_the_bits_of_the_source(shape: tuple[int, ...], source: str, target: str) -> None:
    drawn = blank(shape, torch.float32, source)
    drawn.copy_(patterns(shape, torch.float32) if drawn.numel() else drawn)
    copied = blank(shape, torch.float32, target)
    before = surroundings(copied)
    copy(copied, drawn)
    assert torch.equal(bits(copied), bits(drawn))
    assert before - surroundings(copied) == drawn.numel()


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_copy_keeps_every_bit_of_every_dtype(dtype: torch.dtype) -> None:
    drawn, copied = patterns((1, 16, 4, 50, 60), dtype), blank((1, 16, 4, 50, 60), dtype, "channels-last")
    copy(copied, drawn)
    assert torch.equal(bits(copied), bits(drawn))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_copy_rounds_as_torch_does(dtype: torch.dtype) -> None:
    sums = torch.randn(1, 16, 4, 50, 60, generator=torch.Generator().manual_seed(0))
    copied = blank((1, 16, 4, 50, 60), dtype, "channels-last")
    copy(copied, sums)
    assert torch.equal(bits(copied), bits(sums.to(dtype)))


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_channels_last_keeps_the_bits_and_stores_the_channels_last(shape: tuple[int, ...], layout: str) -> None:
    drawn = blank(shape, torch.float64, layout)
    drawn.copy_(patterns(shape, torch.float64) if drawn.numel() else drawn)
    result = channels_last(drawn)
    assert result.is_contiguous(memory_format=torch.channels_last_3d)
    assert torch.equal(bits(result), bits(drawn))


def test_channels_last_copies_nothing_that_is_already_there() -> None:
    drawn = torch.zeros(1, 3, 2, 2, 2).to(memory_format=torch.channels_last_3d)
    assert channels_last(drawn) is drawn


@pytest.mark.parametrize(
    ("tensor", "expected"),
    [
        pytest.param(torch.empty(2, 3, 4, 5, 6), False, id="contiguous"),
        pytest.param(torch.empty(2, 3, 4, 5, 6).to(memory_format=torch.channels_last_3d), True, id="channels-last"),
        pytest.param(torch.empty(2, 4, 5, 6, 3).permute(0, 4, 1, 2, 3), True, id="ndhwc-view"),
        pytest.param(
            torch.empty(2, 1, 4, 5, 6).to(memory_format=torch.channels_last_3d), False, id="one-channel-is-both"
        ),
        pytest.param(torch.empty(2, 3, 4, 5, 1), False, id="contiguous-width-1"),
        pytest.param(torch.empty(3, 4, 5, 6), False, id="unbatched"),
        pytest.param(torch.empty(1, 3, 1, 1, 1).expand(2, 3, 4, 5, 6), False, id="expanded"),
    ],
)
def test_what_is_channels_last(tensor: Any, expected: bool) -> None:
    assert is_channels_last_3d(tensor) is expected
