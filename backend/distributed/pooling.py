"""Pools and constant padding of sharded volumes: rows of neighbours are gathered, then torch's own functions run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import torch
from torch.distributed.tensor import Replicate, Shard
from torch.nn import functional

from ..arguments import triple
from .exchange import summed, tie
from .halo import gathered
from .intervals import NOTHING, Reach, length
from .layout import assembled, groups, local, mesh_of, reduced, sharded_axes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..arguments import IntOrTriple, Triple
    from .intervals import Interval


def max_pool3d(
    input: Any,
    kernel_size: IntOrTriple,
    stride: IntOrTriple | None = None,
    padding: IntOrTriple = 0,
    dilation: IntOrTriple = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> torch.Tensor:
    """Return what `torch.nn.functional.max_pool3d` returns, of a sharded volume.

    Raises:
        NotImplementedError: `return_indices`, which count voxels of the whole volume.
    """
    if return_indices:
        refuse_indices()
    sizes, steps, pads, holes = _window(kernel_size, stride, padding, dilation)
    shape = functional.max_pool3d(_meta(input), sizes, steps, pads, holes, ceil_mode).shape
    least = -torch.inf if input.dtype.is_floating_point else torch.iinfo(input.dtype).min

    def pool(part: torch.Tensor, outputs: Sequence[Interval]) -> torch.Tensor:
        return functional.max_pool3d(part, sizes, steps, 0, holes)

    return _pooled(input, tuple(shape[2:]), sizes, steps, pads, holes, least, pool)


def refuse_indices(*args: Any, **kwargs: Any) -> NoReturn:
    """Raise NotImplementedError: a shard knows no places in the whole volume."""
    msg = "return_indices=True is not supported for a sharded volume; leave it out, or use full_tensor() first."
    raise NotImplementedError(msg)


def avg_pool3d(
    input: Any,
    kernel_size: IntOrTriple,
    stride: IntOrTriple | None = None,
    padding: IntOrTriple = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> torch.Tensor:
    """Return what `torch.nn.functional.avg_pool3d` returns, of a sharded volume."""
    sizes, steps, pads, holes = _window(kernel_size, stride, padding, 1)
    shape = functional.avg_pool3d(_meta(input), sizes, steps, pads, ceil_mode).shape
    size = tuple(input.shape[2:])

    def pool(part: torch.Tensor, outputs: Sequence[Interval]) -> torch.Tensor:
        total = functional.avg_pool3d(part.to(_wide(part.dtype)), sizes, steps, 0, divisor_override=1)
        if divisor_override is not None:
            return (total / divisor_override).to(part.dtype)
        divisor = torch.ones((), dtype=total.dtype, device=part.device)
        for axis, (start, stop) in enumerate(outputs):
            first = torch.arange(start, stop, device=part.device) * steps[axis] - pads[axis]
            last = (first + sizes[axis]).clamp(max=size[axis] + pads[axis])
            if not count_include_pad:
                first, last = first.clamp(min=0), last.clamp(max=size[axis])
            counts = (last - first).to(total.dtype).reshape([-1 if axis == each else 1 for each in range(3)])
            divisor = divisor * counts
        return (total / divisor).to(part.dtype)

    return _pooled(input, tuple(shape[2:]), sizes, steps, pads, holes, 0.0, pool)


def pad(input: Any, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> torch.Tensor:
    """Return what `torch.nn.functional.pad` returns, of a sharded volume.

    Raises:
        NotImplementedError: another mode than "constant" along a sharded axis.
    """
    volume = reduced(input)
    low = {input.dim() - 1 - index // 2: (pad[index], pad[index + 1]) for index in range(0, len(pad), 2)}
    axes = sharded_axes(mesh_of(volume), volume.placements)
    touched = [axis for axis in axes if any(low.get(axis.dim, (0, 0)))]
    if mode != "constant" and touched:
        msg = f"mode={mode!r} is not supported along the sharded axis {touched[0].dim}; legal is 'constant'."
        raise NotImplementedError(msg)
    part = local(volume, "input")
    shape = [rows + sum(low.get(dim, (0, 0))) for dim, rows in enumerate(input.shape)]
    amounts = {dim: low.get(dim, (0, 0)) for dim in range(input.dim())}
    for axis in touched:
        rows, (front, _) = input.shape[axis.dim], amounts[axis.dim]
        due = axis.shards(shape[axis.dim])
        reach = Reach(1, 1, 1, -front, rows, shape[axis.dim])
        needed = [reach.coarse(each) for each in due]
        part = gathered(part, axis, axis.shards(rows), needed)
        mine, own = due[axis.place], needed[axis.place]
        before = min(max(front - mine[0], 0), length(mine)) if length(own) else length(mine)
        amounts[axis.dim] = (before, length(mine) - before - length(own))
    flat = [amount for dim in reversed(range(input.dim())) for amount in amounts[dim]]
    output = functional.pad(part, flat, mode, value) if any(flat) else part
    return assembled(output, volume.device_mesh, volume.placements, shape, input)


def adaptive_avg_pool3d(input: Any, output_size: Any) -> torch.Tensor:
    """Return what `torch.nn.functional.adaptive_avg_pool3d` returns, of a sharded volume."""
    return _adaptive(input, output_size, functional.adaptive_avg_pool3d, lambda rows, dim: rows.mean(dim, keepdim=True))


def adaptive_max_pool3d(input: Any, output_size: Any, return_indices: bool = False) -> torch.Tensor:
    """Return what `torch.nn.functional.adaptive_max_pool3d` returns, of a sharded volume.

    Of two voxels that are the greatest, the gradient may go to the other one.
    """
    if return_indices:
        refuse_indices()
    return _adaptive(
        input, output_size, functional.adaptive_max_pool3d, lambda rows, dim: rows.max(dim, keepdim=True).values
    )


def _adaptive(input: Any, output_size: Any, whole: Callable[..., Any], reduce: Callable[..., Any]) -> torch.Tensor:
    volume = reduced(input)
    sizes = [output_size] * 3 if isinstance(output_size, int) or output_size is None else list(output_size)
    shape = [rows if each is None else each for rows, each in zip(input.shape[2:], sizes, strict=True)]
    mesh, placements = volume.device_mesh, list(volume.placements)
    axes = [axis for axis in sharded_axes(mesh, placements) if axis.dim > 1]
    part = local(volume, "input")
    if whole is functional.adaptive_avg_pool3d and axes and all(shape[axis.dim - 2] == 1 for axis in axes):
        dims = [axis.dim for axis in axes]
        over = [index for index, each in enumerate(placements) if isinstance(each, Shard) and each.dim in dims]
        total = part.to(_wide(part.dtype)).sum(dims, keepdim=True)
        total = summed(total, groups(mesh, over))
        for dim in dims:
            total = total / input.shape[dim]
        part = total.to(part.dtype)
        placements = [Replicate() if index in over else each for index, each in enumerate(placements)]
        axes = []
        within = shape
    else:
        within = list(shape)
        for axis in axes:
            rows, count = input.shape[axis.dim], shape[axis.dim - 2]
            spans = [(index * rows // count, -(-(index + 1) * rows // count)) for index in range(count)]
            due = axis.shards(count)
            needed = [(spans[start][0], spans[stop - 1][1]) if start < stop else NOTHING for start, stop in due]
            part = gathered(part, axis, axis.shards(rows), needed)
            first = needed[axis.place][0]
            found = [
                reduce(part.narrow(axis.dim, a - first, b - a), axis.dim) for a, b in spans[slice(*due[axis.place])]
            ]
            part = torch.cat(found, axis.dim) if found else part.narrow(axis.dim, 0, 0)
            within[axis.dim - 2] = part.size(axis.dim)
    output = whole(part, within) if part.numel() else _blank(part, within)
    return assembled(output, mesh, placements, (*input.shape[:2], *shape), input)


def _pooled(
    input: Any,
    shape: Sequence[int],
    sizes: Triple,
    steps: Triple,
    pads: Triple,
    holes: Triple,
    fill: float,
    pool: Callable[[torch.Tensor, Sequence[Interval]], torch.Tensor],
) -> torch.Tensor:
    """Pool windows that lie wholly in what is gathered and filled up."""
    volume = reduced(input)
    part = local(volume, "input")
    size = tuple(input.shape[2:])
    axes = {axis.dim - 2: axis for axis in sharded_axes(mesh_of(volume), volume.placements) if axis.dim > 1}
    outputs: list[Interval] = [(0, each) for each in shape]
    ends = []
    for index in range(3):
        reach = Reach(sizes[index], steps[index], holes[index], pads[index], shape[index], size[index])
        own: Interval = (0, size[index])
        if index in axes:
            axis = axes[index]
            due = axis.shards(shape[index])
            needed = [reach.fine(each) for each in due]
            part = gathered(part, axis, axis.shards(size[index]), needed)
            outputs[index], own = due[axis.place], needed[axis.place]
        start, stop = outputs[index]
        span = holes[index] * (sizes[index] - 1)
        begin, end = start * steps[index] - pads[index], (stop - 1) * steps[index] - pads[index] + span + 1
        ends.append((own[0] - begin, end - own[1]))
    if part.numel() and all(map(length, outputs)):
        if any(amount for pair in ends for amount in pair):
            part = functional.pad(part, [amount for pair in reversed(ends) for amount in pair], value=fill)
        output = pool(part, outputs)
    else:
        output = _blank(part, [length(each) for each in outputs])
    return assembled(output, volume.device_mesh, volume.placements, (*input.shape[:2], *shape), input)


def _blank(part: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    return tie(part.new_zeros((*part.shape[:2], *size)), part)


def _window(
    kernel_size: IntOrTriple, stride: IntOrTriple | None, padding: IntOrTriple, dilation: IntOrTriple
) -> tuple[Triple, Triple, Triple, Triple]:
    sizes = triple(kernel_size, "kernel_size")
    steps = sizes if stride is None or stride == [] else triple(stride, "stride")
    return sizes, steps, triple(padding, "padding"), triple(dilation, "dilation")


def _meta(input: Any) -> torch.Tensor:
    return torch.empty((1, 1, *input.shape[2:]), device="meta")


def _wide(dtype: torch.dtype) -> torch.dtype:
    return torch.float32 if dtype.itemsize < 4 and dtype.is_floating_point else dtype
