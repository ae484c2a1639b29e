"""Moving results between memory layouts, at the speed of memory where torch's copy alone is several times slower."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable

# Elements of one transposing copy: source and target together stay in a second-level cache of 1 MiB.
_TILE = 2**17


def is_channels_last_3d(tensor: torch.Tensor) -> bool:
    """Whether a tensor is stored as (N, D, H, W, C), like torch's channels_last_3d."""
    return tensor.dim() == 5 and tensor.size(1) > 1 and tensor.stride(1) == 1 and tensor.stride(4) == tensor.size(1)


def copy(target: torch.Tensor, source: torch.Tensor) -> None:
    """Copy (N, C, D, H, W) between any strides; a change of layout goes tile by tile."""
    if target.stride(1) == source.stride(1) or source.numel() <= _TILE or source.size(1) == 1:
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


def channels_last(tensor: torch.Tensor) -> torch.Tensor:
    """Return the tensor stored as (N, D, H, W, C)."""
    if tensor.is_contiguous(memory_format=torch.channels_last_3d):
        return tensor
    result = torch.empty(tensor.shape, dtype=tensor.dtype, memory_format=torch.channels_last_3d)
    copy(result, tensor)
    return result


def interleave(output: torch.Tensor, part: Callable[[int, int, int], torch.Tensor], stride: tuple[int, int, int]) -> None:
    """Write the phases of an output: `part(p, q, r)` is `output[:, :, p::sD, q::sH, r::sW]`, at least that large.

    Two neighbouring columns are written at once, as one complex number: that is what vectorises.
    """
    depth, height, width = output.shape[2:]
    step_d, step_h, step_w = stride
    for p, q in itertools.product(range(min(step_d, depth)), range(min(step_h, height))):
        rows = output[:, :, p::step_d, q::step_h]
        shape = rows.shape[:4]
        columns = [
            part(p, q, r)[:, :, : shape[2], : shape[3], : -(-(width - r) // step_w)] for r in range(min(step_w, width))
        ]
        if step_w == 1:
            rows.copy_(columns[0])
        elif step_w == 2 and width > 1 and columns[0].dtype in (torch.float32, torch.float64):
            _pair(rows, columns[0], columns[1])
        else:
            for r, column in enumerate(columns):
                rows[..., r::step_w].copy_(column)


def _pair(rows: torch.Tensor, even: torch.Tensor, odd: torch.Tensor) -> None:
    width = rows.size(-1)
    whole = odd.size(-1)
    fits = rows.dtype == even.dtype and not width % 2 and not rows.storage_offset() % 2 and rows.stride(-1) == 1
    if fits and not any(step % 2 for step in rows.stride()[:-1]):
        torch.complex(even, odd, out=torch.view_as_complex(rows.unflatten(-1, (whole, 2))))
        return
    pairs = torch.complex(even[..., :whole], odd)
    rows[..., : 2 * whole].copy_(torch.view_as_real(pairs).flatten(-2))
    if width % 2:
        rows[..., -1:].copy_(even[..., whole:])
