"""Moving results between memory layouts, at the speed of memory where torch's copy alone is several times slower."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Elements of one transposing copy: source and target together stay in a second-level cache of 1 MiB.
_TILE = 2**17


def is_channels_last_3d(tensor: torch.Tensor) -> bool:
    """Whether a tensor is stored as (N, D, H, W, C), like torch's channels_last_3d."""
    return tensor.dim() == 5 and tensor.size(1) > 1 and tensor.stride(1) == 1 and tensor.stride(4) == tensor.size(1)


def moved(tensor: torch.Tensor, source: int, target: int) -> torch.Tensor:
    """Return what `tensor.movedim(source, target)` does; torch's older ONNX exporter writes that one wrong."""
    if not -tensor.dim() <= source < tensor.dim():
        return tensor.movedim(source, target)  # which says what is wrong
    axes = list(range(tensor.dim()))
    axes.insert(target % tensor.dim(), axes.pop(source))
    return tensor.permute(axes)


def copy(target: torch.Tensor, source: torch.Tensor) -> None:
    """Copy (N, C, D, H, W) between any strides; a change of layout goes tile by tile."""
    small = source.numel() <= _TILE or source.size(1) == 1
    if small or target.stride(1) == source.stride(1) or target.device.type != "cpu":
        target.copy_(source)
        return
    _, channels, _, height, width = source.shape
    rows = max(1, _TILE // (channels * width))
    if rows < height:
        for sample in range(source.size(0)):
            for plane in range(source.size(2)):
                for row in range(0, height, rows):
                    target[sample, :, plane, row : row + rows].copy_(source[sample, :, plane, row : row + rows])
        return
    planes = max(1, rows // height)
    for sample in range(source.size(0)):
        for plane in range(0, source.size(2), planes):
            target[sample, :, plane : plane + planes].copy_(source[sample, :, plane : plane + planes])


def fill(output: torch.Tensor, bias: torch.Tensor | None) -> None:
    """Write what no voxel of the input reaches: the bias of each channel of (N, C, D, H, W), or zeros."""
    output.zero_() if bias is None else output.copy_(bias.reshape(-1, 1, 1, 1))


def copy_words(target: torch.Tensor, source: torch.Tensor) -> None:
    """Copy between any strides; two neighbours along the last axis, or four, go as one number of 4, 8 or 16 bytes."""
    for word, dtype in ((16, torch.complex128), (8, torch.float64), (4, torch.float32)):
        count = word // source.element_size()
        if count > 1 and target.dtype == source.dtype and _holds(target, count) and _holds(source, count):
            target.view(dtype).copy_(source.view(dtype))
            return
    target.copy_(source)


def _holds(tensor: torch.Tensor, count: int) -> bool:
    """Whether the last axis is made of so many neighbours, each group at a multiple of its size."""
    if tensor.size(-1) % count or tensor.stride(-1) != 1:
        return False
    return not any(step % count for step in (tensor.storage_offset(), *tensor.stride()[:-1]))


def transposed(matrices: torch.Tensor) -> torch.Tensor:
    """Swap the last two axes of (number, rows, columns) in memory.

    torch's shuffle of channels does that for every pixel, with vector instructions in float32.
    """
    number, rows, columns = matrices.shape
    if matrices.dtype is not torch.float32 or matrices.device.type != "cpu" or number == 1:
        return matrices.transpose(1, 2).contiguous()
    pixels = matrices.contiguous().view(1, number, 1, rows * columns).permute(0, 3, 1, 2)
    return torch.channel_shuffle(pixels, rows).permute(0, 2, 3, 1).reshape(number, columns, rows)


def channels_last(tensor: torch.Tensor) -> torch.Tensor:
    """Return the tensor stored as (N, D, H, W, C)."""
    if tensor.is_contiguous(memory_format=torch.channels_last_3d):
        return tensor
    result = torch.empty(tensor.shape, dtype=tensor.dtype, device=tensor.device, memory_format=torch.channels_last_3d)
    copy(result, tensor)
    return result


def stored(tensor: torch.Tensor, last: bool) -> torch.Tensor:
    """Return the tensor stored with its channels last, or contiguous; nothing is copied that is so already."""
    return channels_last(tensor) if last else tensor.contiguous()


def interleave(
    output: torch.Tensor, part: Callable[[int, int, int], torch.Tensor], stride: tuple[int, int, int]
) -> None:
    """Write the phases of an output: `part(p, q, r)` is `output[:, :, p::sD, q::sH, r::sW]`, at least that large.

    Neighbouring columns are first joined, two and two, as complex numbers: that is what vectorises.
    """
    depth, height, width = output.shape[2:]
    step_d, step_h, step_w = stride
    for p, q in itertools.product(range(min(step_d, depth)), range(min(step_h, height))):
        rows = output[:, :, p::step_d, q::step_h]
        shape = rows.shape[:4]
        columns = [
            part(p, q, r)[:, :, : shape[2], : shape[3], : -(-(width - r) // step_w)] for r in range(min(step_w, width))
        ]
        _put(rows, columns, step_w)


def merge(
    output: torch.Tensor,
    phases: torch.Tensor,
    stride: tuple[int, int, int],
    planes: Sequence[int] = (),
    lines: Sequence[int] = (),
) -> None:
    """Write phases of an output, many at once: (p, q, r, N, C, D, H, W), each at least as large as needed.

    `planes` and `lines` are the phases p and q, neighbours in a row; default: all.
    """
    planes, lines = planes or range(phases.size(0)), lines or range(phases.size(1))
    width, step = output.size(4), stride[2]
    if step == 1:  # rows as they are: torch copies many of one phase faster than some of each
        scatter(output, phases, stride, planes, lines, (0,))
        return
    for of_planes, p, d in _pieces(output.size(2), stride[0], planes):
        for of_lines, q, h in _pieces(output.size(3), stride[1], lines):
            rows = torch.unflatten(output[:, :, of_planes, of_lines], 3, (h.stop - h.start, -1))
            rows = torch.unflatten(rows, 2, (d.stop - d.start, -1)).permute(3, 5, 0, 1, 2, 4, 6)[p, q]
            chosen = phases[: rows.size(0), : rows.size(1)]
            columns = [chosen[:, :, r, :, :, d, h, : -(-width // step)] for r in range(min(step, width))]
            _put(rows, columns, step)


def scatter(
    output: torch.Tensor,
    phases: torch.Tensor,
    stride: tuple[int, int, int],
    planes: Sequence[int],
    lines: Sequence[int],
    columns: Sequence[int],
) -> None:
    """Write some phases of an output one by one; the others keep what they hold."""
    for (a, p), (b, q), (c, r) in itertools.product(enumerate(planes), enumerate(lines), enumerate(columns)):
        target = output[:, :, p :: stride[0], q :: stride[1], r :: stride[2]]
        target.copy_(phases[a, b, c, :, :, : target.size(2), : target.size(3), : target.size(4)])


def split(
    phases: torch.Tensor, output: torch.Tensor, stride: tuple[int, int, int], chosen: Sequence[Sequence[int]]
) -> None:
    """Read phases of an output, the chosen ones along D, H and W; the reverse of `scatter`."""
    for (a, p), (b, q), (c, r) in itertools.product(*map(enumerate, chosen)):
        source = output[:, :, p :: stride[0], q :: stride[1], r :: stride[2]]
        phases[a, b, c, :, :, : source.size(2), : source.size(3), : source.size(4)].copy_(source)


def _pieces(length: int, step: int, phases: Sequence[int]) -> list[tuple[slice, slice, slice]]:
    """Split an axis into whole strides and the rest: its slice, the phases in a stride, and their positions."""
    whole, rest = divmod(length, step)
    pieces = []
    if whole:
        pieces.append((slice(0, whole * step), slice(phases[0], phases[-1] + 1), slice(0, whole)))
    if phases[0] < rest:
        part = slice(phases[0], min(phases[-1] + 1, rest))
        pieces.append((slice(whole * step, length), part, slice(whole, whole + 1)))
    return pieces


def _put(rows: torch.Tensor, columns: list[torch.Tensor], step: int) -> None:
    if step % 2 or rows.size(-1) % step or columns[0].dtype not in _PAIRS:
        _write(rows, columns, step)
    else:
        _join(rows, columns)


# Dtypes of which torch has complex numbers.
_PAIRS = (torch.float32, torch.float64)


def _join(rows: torch.Tensor, columns: list[torch.Tensor]) -> None:
    """Write as many columns as a stride has: two and two as complex numbers, pairs of float32 once more."""
    doubled = columns[0].dtype is torch.float32 and len(columns) % 4 == 0
    least = 4 if doubled else 2
    aligned = not any(step % least for step in (rows.storage_offset(), *rows.stride()[:-1]))
    if not aligned or rows.dtype != columns[0].dtype or rows.stride(-1) != 1:
        joined = torch.empty(rows.shape, dtype=columns[0].dtype, device=rows.device)
        _join(joined, columns)
        rows.copy_(joined)
        return
    if doubled:
        columns = [torch.complex(*pair).view(torch.float64) for pair in zip(columns[::2], columns[1::2], strict=True)]
        rows = rows.view(torch.float64)
    target = torch.view_as_complex(torch.unflatten(rows, -1, (-1, 2)))
    count = len(columns) // 2
    for index, pair in enumerate(zip(columns[::2], columns[1::2], strict=True)):
        torch.complex(*pair, out=target[..., index::count])


def _write(rows: torch.Tensor, columns: list[torch.Tensor], step: int) -> None:
    width = rows.size(-1)
    if step == 2 and len(columns) == 2 and columns[0].dtype in _PAIRS:
        shared = columns[1].size(-1)
        pairs = torch.view_as_real(torch.complex(columns[0][..., :shared], columns[1])).flatten(-2)
        rows[..., : 2 * shared].copy_(pairs[..., :width])
        if 2 * shared < width:
            rows[..., 2 * shared :].copy_(columns[0][..., shared:])
        return
    for start, column in enumerate(columns):
        target = rows[..., start::step]
        target.copy_(column[..., : target.size(-1)])
