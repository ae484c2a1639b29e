"""Interpolation of sharded volumes, axis by axis: two rows make one, by the weights that torch gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch.nn import functional

from .exchange import tie
from .halo import gathered
from .intervals import NOTHING
from .layout import assembled, local, mesh_of, reduced, sharded_axes
from .pooling import adaptive_avg_pool3d

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .layout import Axis

_MODES = ("nearest", "nearest-exact", "trilinear", "area")


class _Rows(NamedTuple):
    """Per row of the output: the rows of the input that make it, and the weight of the second."""

    first: torch.Tensor
    second: torch.Tensor
    weight: torch.Tensor | None


def interpolate(
    input: Any,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> torch.Tensor:
    """Return what `torch.nn.functional.interpolate` returns, of a sharded volume.

    Raises:
        NotImplementedError: a mode that torch has not for volumes.
    """
    if mode not in _MODES or antialias:
        msg = f"mode={mode!r}, antialias={antialias} is not supported for a sharded volume; legal are {_MODES}."
        raise NotImplementedError(msg)
    options: dict[str, Any] = {
        "mode": mode,
        "align_corners": align_corners,
        "recompute_scale_factor": recompute_scale_factor,
    }
    meta = torch.empty((1, 1, *input.shape[2:]), device="meta")
    shape = tuple(functional.interpolate(meta, size, scale_factor, **options).shape[2:])
    if mode == "area":
        return adaptive_avg_pool3d(input, shape)
    factors: Sequence[float | None] = (None,) * 3
    if scale_factor is not None and not recompute_scale_factor:
        factors = [scale_factor] * 3 if isinstance(scale_factor, (int, float)) else list(scale_factor)
    volume = reduced(input)
    part = local(volume, "input")
    axes = [axis for axis in sharded_axes(mesh_of(volume), volume.placements) if axis.dim > 1]
    for axis in axes:
        index = axis.dim - 2
        rows = _rows(input.shape[axis.dim], shape[index], factors[index], mode, bool(align_corners), part.dtype)
        part = _along(part, axis, input.shape[axis.dim], rows)
    part = _others(part, axes, shape, factors, mode, align_corners)
    return assembled(part, volume.device_mesh, volume.placements, (*input.shape[:2], *shape), input)


def _rows(count: int, wanted: int, factor: float | None, mode: str, align_corners: bool, dtype: torch.dtype) -> _Rows:
    wide = torch.float64 if dtype is torch.float64 else torch.float32
    if mode != "trilinear":
        line = torch.arange(count, dtype=torch.float32).reshape(1, 1, -1)
        size, scale = (wanted, None) if factor is None else (None, factor)
        places = functional.interpolate(line, size, scale, mode=mode).flatten().long()
        return _Rows(places, places, None)
    target = torch.arange(wanted, dtype=wide)
    # as torch's area_pixel_compute_source_index does
    if align_corners:
        source = target * torch.tensor((count - 1) / (wanted - 1) if wanted > 1 else 0.0, dtype=wide)
    else:
        step = torch.tensor(count / wanted if factor is None else 1 / factor, dtype=wide)
        source = (step * (target + 0.5) - 0.5).clamp(min=0)
    first = source.long().clamp(max=count - 1)
    return _Rows(first, (first + 1).clamp(max=count - 1), source - first)


def _along(part: torch.Tensor, axis: Axis, count: int, rows: _Rows) -> torch.Tensor:
    """Interpolate along a sharded axis."""
    dim, due = axis.dim, axis.shards(len(rows.first))
    needed = [
        (int(rows.first[start]), int(rows.second[stop - 1]) + 1) if start < stop else NOTHING for start, stop in due
    ]
    part = gathered(part, axis, axis.shards(count), needed)
    mine = slice(*due[axis.place])
    start = needed[axis.place][0]
    first = part.index_select(dim, (rows.first[mine] - start).to(part.device))
    if rows.weight is None:
        return first
    second = part.index_select(dim, (rows.second[mine] - start).to(part.device))
    weight = rows.weight[mine].to(part.device).reshape([-1 if each == dim else 1 for each in range(part.dim())])
    return (first * (1 - weight) + second * weight).to(part.dtype)


def _others(
    part: torch.Tensor,
    axes: Sequence[Axis],
    shape: Sequence[int],
    factors: Sequence[float | None],
    mode: str,
    align_corners: bool | None,
) -> torch.Tensor:
    """Interpolate along the axes that are whole, by torch: along the others a step of 1 leaves the rows as they are."""
    done = {axis.dim - 2 for axis in axes}
    size = [part.size(2 + index) if index in done else rows for index, rows in enumerate(shape)]
    if not part.numel():
        return tie(part.new_zeros((*part.shape[:2], *size)), part)
    if list(part.shape[2:]) == size and len(done) == 3:
        return part
    if any(factor is None for factor in factors):
        return functional.interpolate(part, size, mode=mode, align_corners=align_corners)
    scales = [1.0 if index in done else float(factor or 1) for index, factor in enumerate(factors)]
    return functional.interpolate(part, scale_factor=scales, mode=mode, align_corners=align_corners)
