"""Losses, sums, means and variances over sharded volumes, without making them whole."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch.distributed.tensor import DTensor, Replicate, Shard
from torch.nn import functional

from .exchange import summed
from .layout import alike, assembled, groups, local, mesh_of, placed, reduced

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch.distributed.device_mesh import DeviceMesh
    from torch.distributed.tensor.placement_types import Placement


def sum(input: Any, *args: Any, **kwargs: Any) -> Any:
    """Return what `torch.sum` returns, the same in every process."""
    return alike(reduced(torch.sum(input, *args, **kwargs)), input)  # type: ignore[arg-type]


def mean(input: Any, dim: Any = None, keepdim: bool = False, *, dtype: torch.dtype | None = None) -> Any:
    """Return what `torch.mean` returns, the same in every process."""
    dims = _dims(input, dim)
    total: Any = torch.sum(input, tuple(dims), keepdim=keepdim, dtype=dtype)
    return alike(reduced(total / math.prod(input.shape[each] for each in dims)), input)


def _dims(input: Any, dim: Any) -> Sequence[int]:
    return range(input.dim()) if dim is None or dim in ((), []) else [dim] if isinstance(dim, int) else dim


def var(
    input: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float = 1
) -> Any:
    """Return what `torch.var` returns, the same in every process."""
    return var_mean(input, dim, unbiased, keepdim, correction=correction)[0]


def var_mean(
    input: Any, dim: Any = None, unbiased: bool | None = None, keepdim: bool = False, *, correction: float = 1
) -> tuple[Any, Any]:
    """Return what `torch.var_mean` returns, the same in every process."""
    if isinstance(dim, bool):  # torch takes `unbiased` in its place
        dim, unbiased = None, dim
    dims = tuple(_dims(input, dim))
    centre = mean(input, dims, keepdim=True)
    count = math.prod(input.shape[each] for each in dims)
    divisor = count - (correction if unbiased is None else int(unbiased))
    total: Any = sum((input - centre).square(), dims, keepdim=keepdim)
    return total / divisor, centre if keepdim else centre.squeeze(dims)


def elementwise(loss: Callable[..., torch.Tensor]) -> Callable[..., Any]:
    """Return a loss of each voxel with its target, summed over all processes; with weights it is left to DTensor."""

    def of_shards(input: Any, target: Any, *args: Any, reduction: str = "mean", **kwargs: Any) -> Any:
        tensors = [each for each in (*args, *kwargs.values()) if isinstance(each, torch.Tensor)]
        if reduction == "none" or tensors or tuple(input.shape) != tuple(target.shape):
            whole = [Replicate()] * mesh_of(input, target).ndim
            return loss(
                placed(input, mesh_of(input, target), whole),
                placed(target, mesh_of(input, target), whole),
                *args,
                reduction=reduction,
                **kwargs,
            )
        mesh, placements = _common(input, target)
        ours, theirs = (local(placed(each, mesh, placements), "input") for each in (input, target))
        total = loss(ours, theirs, *args, reduction="sum", **kwargs)
        total = _over_shards(total, mesh, placements)
        return _scalar(total / math.prod(input.shape) if reduction == "mean" else total, mesh, input)

    return of_shards


def cross_entropy(
    input: Any,
    target: Any,
    weight: torch.Tensor | None = None,
    size_average: Any = None,
    ignore_index: int = -100,
    reduce: Any = None,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """Return what `torch.nn.functional.cross_entropy` returns of whole volumes.

    Raises:
        NotImplementedError: the arguments that torch has deprecated.
    """
    if size_average is not None or reduce is not None:
        msg = "size_average and reduce are not supported for a sharded volume; use reduction."
        raise NotImplementedError(msg)
    volume = reduced(input)
    mesh = mesh_of(volume, target)
    placements = [Replicate() if each == Shard(1) else each for each in volume.placements]
    has_labels = not target.is_floating_point()
    shifted: list[Placement] = [
        Shard(each.dim - 1) if has_labels and isinstance(each, Shard) and each.dim > 1 else each for each in placements
    ]
    logits = local(placed(volume, mesh, placements), "input")
    labels = local(placed(target, mesh, shifted), "target")
    weights = None if weight is None else local(placed(weight, mesh, [Replicate()] * mesh.ndim), "weight")
    options: dict[str, Any] = {"ignore_index": ignore_index, "label_smoothing": label_smoothing}
    if reduction == "none":
        losses = functional.cross_entropy(logits, labels, weights, reduction="none", **options)
        return assembled(losses, mesh, shifted, (input.shape[0], *input.shape[2:]), input)
    total = functional.cross_entropy(logits, labels, weights, reduction="sum", **options)
    total = _over_shards(total, mesh, placements)
    if reduction == "mean":
        total = total / _divisor(labels, weights, ignore_index, mesh, placements, input, has_labels)
    return _scalar(total, mesh, input)


def _divisor(
    labels: torch.Tensor,
    weights: torch.Tensor | None,
    ignore_index: int,
    mesh: DeviceMesh,
    placements: Sequence[Placement],
    input: Any,
    has_labels: bool,
) -> Any:
    """Return what torch divides by: the weights of the labels that count, or the number of voxels."""
    if not has_labels:
        return math.prod(input.shape) // input.shape[1]
    counted = labels[labels != ignore_index]
    total = torch.tensor(float(len(counted)), device=labels.device) if weights is None else weights[counted].sum()
    total = total.detach().clone()
    for group in _shard_groups(mesh, placements):
        dist.all_reduce(total, group=group)
    return total


def _common(input: Any, target: Any) -> tuple[DeviceMesh, list[Placement]]:
    mesh = mesh_of(input, target)
    leading = input if isinstance(input, DTensor) else target
    return mesh, list(reduced(leading).placements)


def _over_shards(total: torch.Tensor, mesh: DeviceMesh, placements: Sequence[Placement]) -> torch.Tensor:
    return summed(total, _shard_groups(mesh, placements))


def _shard_groups(mesh: DeviceMesh, placements: Sequence[Placement]) -> list[dist.ProcessGroup]:
    return groups(mesh, [index for index, each in enumerate(placements) if isinstance(each, Shard)])


def _scalar(value: torch.Tensor, mesh: DeviceMesh, like: Any) -> torch.Tensor:
    return alike(DTensor.from_local(value, mesh, [Replicate()] * mesh.ndim, run_check=False), like)  # type: ignore[no-any-return]
