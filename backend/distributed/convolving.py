"""What a convolution on DTensors has in common with a transposed one: placements, channels, gradients, agreement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.distributed.tensor import DTensor, Replicate, Shard

from . import halo
from .agreement import agree
from .exchange import once_differentiable, sum_of_gradients, tie
from .intervals import shards
from .layout import assembled, coordinate, groups, is_simple, local, mesh_of, placed, sharded_axes
from .roles import roles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch.distributed.device_mesh import DeviceMesh
    from torch.distributed.tensor.placement_types import Placement

    from .halo import Linear
    from .roles import Channels, Roles

    MakeOperator = Callable[[Any, torch.Tensor, torch.Tensor | None, int], Linear]


def run(
    name: str, operator: MakeOperator, input: torch.Tensor, weight: torch.Tensor, bias: Any, channels: Channels
) -> torch.Tensor:
    """Compute a convolution of one kind or the other, batched or not.

    Args:
        name: what is called, for processes that call something else.
        operator: makes the operator of this process from the whole size of the volume, its parts of weight and bias,
            and its number of groups.
        input: of the whole batch.
        weight: in its layout.
        bias: one value per output channel, or None.
        channels: what the layout of the weight is.
    """
    mesh = mesh_of(input, weight, bias)
    if input.dim() == 4:
        batched = placed(input, mesh, _placements(input, mesh)).unsqueeze(0)
        output = run(name, operator, batched, weight, bias, channels)
        return output.squeeze(0)
    part = roles(mesh, _placements(input, mesh), _placements(weight, mesh), channels)
    agree(mesh, _description(name, input, weight, bias, part))
    volume = sum_of_gradients(_part(input, mesh, part.input, "input"), groups(mesh, part.input_sums))
    taps = sum_of_gradients(_part(weight, mesh, part.weight, "weight"), groups(mesh, part.weight_sums))
    shift = None if bias is None else _shift(bias, mesh, part)
    is_first = all(coordinate(mesh)[index] == 0 for index in part.partial)
    made = operator(tuple(input.shape[2:]), taps, shift if is_first else None, _groups(mesh, part, channels))
    axes = [axis for axis in sharded_axes(mesh, part.input) if axis.dim > 1]
    output = halo.apply(made, volume, axes, once=_rounds_twice(volume, taps))
    if shift is not None and not is_first:
        output = tie(output, shift)
    if part.partial:
        output = once_differentiable(output)
    shape = (input.shape[0], channels.outputs, *made.sizes[1])
    return assembled(output, mesh, part.output, shape, input)


def blank(shape: Sequence[int], input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """Return an output that no input reaches: the bias, or zeros; it has gradients to hand on as others have."""
    output = torch.zeros(tuple(shape), dtype=input.dtype, device=input.device)
    if bias is not None:
        output = output + bias.reshape(1, -1, 1, 1, 1)
    return tie(output, input, weight)


def _placements(operand: torch.Tensor, mesh: DeviceMesh) -> tuple[Any, ...]:
    if not isinstance(operand, DTensor):
        return (Replicate(),) * mesh.ndim
    return tuple(each if is_simple(each) else Replicate() for each in operand.placements)


def _shift(bias: torch.Tensor, mesh: DeviceMesh, part: Roles) -> torch.Tensor:
    """Return this process's part of the bias; of a sum over input channels, one process adds it."""
    sums = groups(mesh, (*part.weight_sums, *part.partial))
    return sum_of_gradients(_part(bias, mesh, part.bias, "bias"), sums)


def _part(operand: torch.Tensor, mesh: DeviceMesh, placements: Sequence[Placement], name: str) -> torch.Tensor:
    """Return this process's part of an operand, redistributed where it lies elsewhere."""
    part = local(placed(operand, mesh, placements), name)
    moved = isinstance(operand, DTensor) and tuple(operand.placements) != tuple(placements)
    return once_differentiable(part) if moved else part


def _groups(mesh: DeviceMesh, part: Roles, channels: Channels) -> int:
    for index in part.groups:
        start, stop = shards(channels.inputs, [mesh.size(index)])[coordinate(mesh)[index]]
        return max((stop - start) * channels.groups // channels.inputs, 1)
    return channels.groups


def _rounds_twice(*operands: torch.Tensor) -> bool:
    """Whether sums of two results lose more than one result: in half precisions, which are summed in float32."""
    device = operands[0].device.type
    return torch.is_autocast_enabled(device) or any(each.dtype.itemsize < 4 for each in operands)


def _description(name: str, input: torch.Tensor, weight: torch.Tensor, bias: Any, part: Roles) -> str:
    operands = [each for each in (input, weight, bias) if each is not None]
    facts = ", ".join(
        f"{str(each.dtype).removeprefix('torch.')}{list(each.shape)}{' with a gradient' * each.requires_grad}"
        for each in operands
    )
    placements = "".join(f"S({each.dim})" if isinstance(each, Shard) else "R" for each in part.input)
    recorded = torch.is_grad_enabled()
    return f"{name} on {facts}, input placed {placements}, {'' if recorded else 'not '}recording gradients"
