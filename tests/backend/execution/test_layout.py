"""Copies between layouts: the bits that a strided assignment would write, nothing else touched."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import effort

from fourfold.backend.execution.layout import (
    channels_last,
    copy,
    copy_words,
    interleave,
    is_channels_last_3d,
    merge,
    scatter,
    split,
    transposed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

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


def assign(
    target: torch.Tensor,
    part: Callable[[int, int, int], torch.Tensor],
    stride: tuple[int, int, int],
    chosen: Sequence[Sequence[int]] | None = None,
) -> None:
    """Write the phases, all or those chosen along D, H and W, by strided assignment."""
    for p, q, r in itertools.product(*(chosen or map(range, stride))):
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


def counts(size: tuple[int, ...], stride: tuple[int, ...]) -> tuple[int, ...]:
    """Return how many phases each axis has."""
    return tuple(map(min, size, stride))


def longest(size: tuple[int, ...], stride: tuple[int, ...]) -> tuple[int, ...]:
    """Return the size of the first phase, the largest."""
    return tuple(-(-length // step) for length, step in zip(size, stride, strict=True))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "size",
    [
        pytest.param((6, 6, 12), id="whole"),
        pytest.param((5, 6, 8), id="depth-cut"),
        pytest.param((6, 7, 5), id="height-and-width-cut"),
        pytest.param((1, 2, 1), id="below-the-stride"),
    ],
)
@pytest.mark.parametrize("stride", [(1, 1, 1), (2, 2, 2), (2, 3, 1), (3, 2, 3), (3, 1, 4), (1, 2, 6)], ids=str)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_merge_writes_the_bits_that_strided_assignment_writes(
    layout: str, size: tuple[int, int, int], stride: tuple[int, int, int], dtype: torch.dtype
) -> None:
    shape = (2, 3, *size)
    drawn = patterns((*counts(size, stride), 2, 3, *longest(size, stride)), dtype)
    target, expected = blank(shape, dtype, layout), blank(shape, dtype, layout)
    merge(target, drawn, stride)
    assign(expected, lambda *phase: drawn[phase], stride, [range(n) for n in drawn.shape[:3]])
    assert torch.equal(bits(target), bits(expected))
    assert surroundings(target) == surroundings(expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("width", [6, 7])
def test_merge_rounds_sums_to_a_half_precision_once(dtype: torch.dtype, layout: str, width: int) -> None:
    sums = torch.randn(2, 2, 2, 1, 2, 2, 2, 4, generator=torch.Generator().manual_seed(0))
    target, expected = blank((1, 2, 3, 4, width), dtype, layout), blank((1, 2, 3, 4, width), dtype, layout)
    merge(target, sums, (2, 2, 2))
    assign(expected, lambda *phase: sums[phase], (2, 2, 2))
    assert torch.equal(bits(target), bits(expected))
    assert surroundings(target) == surroundings(expected)


@st.composite
def volumes(draw: Any) -> tuple[tuple[int, int, int], tuple[int, ...], torch.Tensor]:
    """Draw a stride, a shape (N, C, D, H, W), and all its phases, views that are larger than needed."""
    stride = tuple(draw(st.integers(1, 4)) for _ in range(3))
    size = tuple(draw(st.integers(1, 9)) for _ in range(3))
    depth, height, width = (length + draw(st.integers(0, 2)) for length in longest(size, stride))
    dtype = draw(st.sampled_from([torch.float32, torch.float64]))
    planes, lines, columns = counts(size, stride)
    block = patterns((columns, planes, lines, 2, 2 * depth, 3, height + 1, width), dtype)
    return stride, (2, 3, *size), block.permute(1, 2, 0, 3, 5, 4, 6, 7)[..., ::2, 1:, :]


def neighbours(number: int) -> st.SearchStrategy[range]:
    """Draw phases that are neighbours in a row."""
    ends = st.tuples(st.integers(0, number - 1), st.integers(1, number))
    return ends.map(lambda ends: range(min(ends[0], ends[1] - 1), max(ends[0] + 1, ends[1])))


def some(number: int) -> st.SearchStrategy[tuple[int, ...]]:
    """Draw some phases, in order."""
    return st.sets(st.integers(0, number - 1)).map(lambda found: tuple(sorted(found)))


@given(volume=volumes(), layout=st.sampled_from(LAYOUTS), data=st.data())
@effort
def test_merge_of_a_block_of_phases_keeps_the_others(volume: Any, layout: str, data: st.DataObject) -> None:
    stride, shape, drawn = volume
    planes, lines = (data.draw(neighbours(number)) for number in drawn.shape[:2])
    target, expected = blank(shape, drawn.dtype, layout), blank(shape, drawn.dtype, layout)
    merge(target, drawn[planes.start : planes.stop, lines.start : lines.stop], stride, planes, lines)
    assign(expected, lambda *phase: drawn[phase], stride, (planes, lines, range(drawn.size(2))))
    assert torch.equal(bits(target), bits(expected))
    assert surroundings(target) == surroundings(expected)


@given(volume=volumes(), layout=st.sampled_from(LAYOUTS), data=st.data())
@effort
def test_scatter_writes_the_chosen_phases_and_keeps_the_others(volume: Any, layout: str, data: st.DataObject) -> None:
    stride, shape, drawn = volume
    planes, lines, columns = (data.draw(some(number)) for number in drawn.shape[:3])
    target, expected = blank(shape, drawn.dtype, layout), blank(shape, drawn.dtype, layout)
    scatter(target, drawn[planes, :, :][:, lines, :][:, :, columns], stride, planes, lines, columns)
    assign(expected, lambda *phase: drawn[phase], stride, (planes, lines, columns))
    assert torch.equal(bits(target), bits(expected))
    assert surroundings(target) == surroundings(expected)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_scatter_rounds_sums_to_a_half_precision_once(dtype: torch.dtype) -> None:
    sums = torch.randn(1, 2, 1, 1, 2, 2, 2, 4, generator=torch.Generator().manual_seed(0))
    target, expected = blank((1, 2, 3, 4, 7), dtype, "even-box"), blank((1, 2, 3, 4, 7), dtype, "even-box")
    scatter(target, sums, (2, 3, 2), (1,), (0, 2), (1,))
    assign(expected, lambda p, q, r: sums[0, q // 2, 0], (2, 3, 2), ((1,), (0, 2), (1,)))
    assert torch.equal(bits(target), bits(expected))


@given(volume=volumes(), layout=st.sampled_from(LAYOUTS), data=st.data())
@effort
def test_split_reads_what_strided_slices_read_and_keeps_what_lies_beyond(
    volume: Any, layout: str, data: st.DataObject
) -> None:
    stride, shape, phases = volume
    chosen = [data.draw(some(number)) for number in phases.shape[:3]]
    output = blank(shape, phases.dtype, layout)
    output.copy_(patterns(shape, phases.dtype, seed=1))
    phases = phases[tuple(slice(len(some)) for some in chosen)].fill_(UNTOUCHED)
    expected = torch.full(phases.shape, UNTOUCHED, dtype=phases.dtype)
    for (a, p), (b, q), (c, r) in itertools.product(*map(enumerate, chosen)):
        read = output[:, :, p :: stride[0], q :: stride[1], r :: stride[2]]
        expected[a, b, c][tuple(map(slice, read.shape))] = read
    split(phases, output, stride, chosen)
    assert torch.equal(bits(phases), bits(expected))


@given(volume=volumes(), layout=st.sampled_from(LAYOUTS), data=st.data())
@effort
def test_scatter_puts_back_what_split_took(volume: Any, layout: str, data: st.DataObject) -> None:
    stride, shape, phases = volume
    chosen = [data.draw(some(number)) for number in phases.shape[:3]]
    drawn = patterns(shape, phases.dtype, seed=1)
    output = blank(shape, phases.dtype, layout)
    output.copy_(drawn)
    phases = phases[tuple(slice(len(some)) for some in chosen)]
    split(phases, output, stride, chosen)
    before = surroundings(output)
    assign(output, lambda *phase: torch.zeros(()).expand(shape), stride, chosen)
    scatter(output, phases, stride, *chosen)
    assert torch.equal(bits(output), bits(drawn))
    assert surroundings(output) == before


@pytest.mark.parametrize(
    "shape",
    [(1, 3, 4), (1, 1, 5), (2, 1, 1), (3, 1, 7), (3, 7, 1), (2, 2, 2), (5, 16, 27), (7, 33, 8), (64, 3, 5)],
    ids=str,
)
@pytest.mark.parametrize("layout", ["contiguous", "transposed", "every-second", "batch-last"])
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_transposed_moves_every_bit(shape: tuple[int, int, int], layout: str, dtype: torch.dtype) -> None:
    drawn = patterns(shape, dtype)
    made = {
        "contiguous": lambda: drawn,
        "transposed": lambda: drawn.transpose(1, 2).contiguous().transpose(1, 2),
        "every-second": lambda: torch.stack([drawn, drawn], -1)[..., 0],
        "batch-last": lambda: drawn.movedim(0, 2).contiguous().movedim(2, 0),
    }[layout]()
    assert torch.equal(bits(made), bits(drawn))
    result = transposed(made)
    assert result.is_contiguous()
    assert torch.equal(bits(result), bits(drawn.transpose(1, 2)))


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


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
@pytest.mark.parametrize("source", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("width", [1, 2, 3, 4, 6, 8])
@pytest.mark.parametrize("first", [0, 1, 2, 4], ids="from-{}".format)
def test_copying_words_is_copying(first: int, width: int, source: torch.dtype, dtype: torch.dtype) -> None:
    values = torch.arange(5 * 3 * 16, dtype=source).view(5, 3, 16)[:, :, first : first + width].transpose(0, 1)
    target = torch.full((3, 5, 14), -1, dtype=dtype)
    copy_words(target[..., first : first + width], values)
    expected = torch.full((3, 5, 14), -1, dtype=dtype)
    expected[..., first : first + width] = values.to(dtype)
    assert torch.equal(target, expected)


def test_copying_words_keeps_every_bit() -> None:
    bits = torch.tensor([0x7F800001, -1, 0x7FC00000, -0x80000000], dtype=torch.int32)  # NaNs with payloads, -0.0
    target = torch.zeros(1, 4)
    copy_words(target, bits.view(torch.float32).unsqueeze(0))
    assert torch.equal(target.view(torch.int32)[0], bits)
