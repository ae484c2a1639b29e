"""Norms of sharded volumes, whose statistics are over all shards, and what else learns a value per channel."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch.distributed.tensor import DTensor, Replicate, Shard

from .exchange import sum_of_gradients
from .layout import assembled, groups, local, mesh_of, placed, reduced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch.distributed.tensor.placement_types import Placement


def batch_norm(
    input: Any,
    running_mean: torch.Tensor | None,
    running_var: torch.Tensor | None,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> torch.Tensor:
    """Return what `torch.nn.functional.batch_norm` returns of the whole batch of whole volumes."""
    volume = reduced(input)
    part = local(volume, "input")
    channels = (1, -1, *[1] * (part.dim() - 2))
    if not training:
        assert running_mean is not None, "torch asks for them too"
        assert running_var is not None, "torch asks for them too"
        mean, variance = (_of_channels(each, volume) for each in (running_mean, running_var))
        normal = (part - mean.reshape(channels)) * torch.rsqrt(variance + eps).reshape(channels)
        return _scaled(normal.to(part.dtype), volume, weight, bias, input)
    dims = [0, *range(2, part.dim())]
    count = input.numel() // max(input.shape[1], 1)
    if count < 2:
        msg = f"Expected more than 1 value per channel when training, got input size {input.shape}"
        raise ValueError(msg)
    normal, mean, variance = _normalized(part, dims, count, eps, groups(volume.device_mesh, _sums(volume)))
    _update(running_mean, mean.flatten(), momentum, volume)
    _update(running_var, variance.flatten() * (count / (count - 1)), momentum, volume)
    return _scaled(normal, volume, weight, bias, input)


def instance_norm(
    input: Any,
    running_mean: torch.Tensor | None = None,
    running_var: torch.Tensor | None = None,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> torch.Tensor:
    """Return what `torch.nn.functional.instance_norm` returns of whole volumes."""
    if not use_input_stats:
        return batch_norm(input, running_mean, running_var, weight, bias, False, momentum, eps)
    volume = reduced(input)
    part, mesh = local(volume, "input"), volume.device_mesh
    count = math.prod(input.shape[2:])
    normal, mean, variance = _normalized(part, list(range(2, part.dim())), count, eps, groups(mesh, _space(volume)))
    if running_mean is not None or running_var is not None:
        of_batch = [index for index, each in enumerate(volume.placements) if each == Shard(0)]
        _update(running_mean, _mean_of_batch(mean, input.shape[0], groups(mesh, of_batch)), momentum, volume)
        unbiased = variance * (count / max(count - 1, 1))
        _update(running_var, _mean_of_batch(unbiased, input.shape[0], groups(mesh, of_batch)), momentum, volume)
    return _scaled(normal, volume, weight, bias, input)


def group_norm(
    input: Any,
    num_groups: int,
    weight: torch.Tensor | None = None,
    bias: torch.Tensor | None = None,
    eps: float = 1e-5,
) -> torch.Tensor:
    """Return what `torch.nn.functional.group_norm` returns of whole volumes."""
    if num_groups < 1 or input.shape[1] % num_groups:
        msg = f"num_groups={num_groups} does not divide the {input.shape[1]} channels. Choose a divisor."
        raise RuntimeError(msg)
    volume = _whole_channels(input)
    part = local(volume, "input")
    count = input.shape[1] // num_groups * math.prod(input.shape[2:])
    rows = part.reshape(part.size(0), num_groups, part.size(1) // num_groups, math.prod(part.shape[2:]))
    normal, _, _ = _normalized(rows, [2, 3], count, eps, groups(volume.device_mesh, _space(volume)))
    return _scaled(normal.reshape(part.shape), volume, weight, bias, input)


def prelu(input: Any, weight: torch.Tensor) -> torch.Tensor:
    """Return what `torch.nn.functional.prelu` returns; DTensor has no rule for its gradient."""
    volume = reduced(input)
    slope = _of_channels(weight, volume)
    output = torch.nn.functional.prelu(local(volume, "input"), slope)
    return assembled(output, volume.device_mesh, volume.placements, volume.shape, input)


def _whole_channels(input: Any) -> DTensor:
    """Return the volume with all channels in every process."""
    volume = reduced(input)
    wanted = [Replicate() if each == Shard(1) else each for each in volume.placements]
    return placed(volume, mesh_of(volume), wanted)


def _space(volume: DTensor) -> list[int]:
    return [index for index, each in enumerate(volume.placements) if isinstance(each, Shard) and each.dim > 1]


def _sums(volume: DTensor) -> list[int]:
    """Return the mesh dimensions over which what is learned per channel has a sum for its gradient."""
    return [index for index, each in enumerate(volume.placements) if isinstance(each, Shard) and each.dim != 1]


def _by_channels(volume: DTensor) -> list[Placement]:
    return [Shard(0) if each == Shard(1) else Replicate() for each in volume.placements]


def _of_channels(values: torch.Tensor, volume: DTensor) -> torch.Tensor:
    """Return the values, one per channel or one for all, of the channels of this process."""
    mesh = volume.device_mesh
    placements = _by_channels(volume) if values.numel() > 1 else [Replicate()] * mesh.ndim
    if values.numel() == 1 < volume.shape[1]:  # its gradient is summed over the channels too
        sums = [index for index, each in enumerate(volume.placements) if isinstance(each, Shard)]
    else:
        sums = _sums(volume)
    return sum_of_gradients(local(placed(values, mesh, placements), "weight"), groups(mesh, sums))


def _scaled(normal: torch.Tensor, volume: DTensor, weight: Any, bias: Any, like: Any) -> torch.Tensor:
    shape = (1, -1, *[1] * (normal.dim() - 2))
    if weight is not None:
        normal = normal * _of_channels(weight, volume).reshape(shape)
    if bias is not None:
        normal = normal + _of_channels(bias, volume).reshape(shape)
    return assembled(normal.to(volume.dtype), volume.device_mesh, volume.placements, volume.shape, like)


def _mean_of_batch(values: torch.Tensor, batch: int, over: Sequence[dist.ProcessGroup]) -> torch.Tensor:
    total = values.flatten(1).sum(0)
    for group in over:
        dist.all_reduce(total, group=group)
    return total / batch


def _update(running: torch.Tensor | None, value: torch.Tensor, momentum: float, volume: DTensor) -> None:
    if running is not None:
        placements = _by_channels(volume)
        shared = DTensor.from_local(value, volume.device_mesh, placements, shape=running.shape, stride=(1,))
        with torch.no_grad():
            running.mul_(1 - momentum).add_(shared.full_tensor().to(running.dtype), alpha=momentum)


def _normalized(
    part: torch.Tensor, dims: Sequence[int], count: int, eps: float, over: Sequence[dist.ProcessGroup]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return (x - mean) / sqrt(variance + eps), mean and variance over `dims` of all processes, `count` values each."""
    found: tuple[torch.Tensor, torch.Tensor, torch.Tensor] = _Normalized.apply(part, tuple(dims), count, eps, over)  # type: ignore[no-untyped-call]
    return found


def _sum(tensor: torch.Tensor, dims: Sequence[int], over: Sequence[dist.ProcessGroup]) -> torch.Tensor:
    total = tensor.sum(tuple(dims), keepdim=True)
    for group in over:
        dist.all_reduce(total, group=group)
    return total


class _Normalized(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, part: torch.Tensor, dims: tuple[int, ...], count: int, eps: float, over: Any) -> Any:
        values = part.to(torch.float32) if part.dtype.itemsize < 4 else part
        mean = _sum(values, dims, over) / count
        centred = values - mean
        variance = _sum(centred * centred, dims, over) / count
        scale = torch.rsqrt(variance + eps)
        normal = centred.mul_(scale)
        ctx.save_for_backward(normal, scale)
        ctx.dims, ctx.count, ctx.over, ctx.dtype = dims, count, over, part.dtype
        ctx.mark_non_differentiable(mean, variance)
        return normal.to(part.dtype) if part.dtype is not normal.dtype else normal, mean, variance

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor, *_: Any) -> Any:
        if torch.is_grad_enabled():
            msg = "gradients of gradients are not recorded through a norm of a sharded volume; use full_tensor() first."
            raise NotImplementedError(msg)
        normal, scale = ctx.saved_tensors
        gradient = gradient.to(normal.dtype)
        sums = torch.stack([gradient.sum(ctx.dims, keepdim=True), (gradient * normal).sum(ctx.dims, keepdim=True)])
        for group in ctx.over:
            dist.all_reduce(sums, group=group)
        mean, slope = (sums / ctx.count).unbind()
        return ((gradient - mean - normal * slope) * scale).to(ctx.dtype), None, None, None, None
