"""Who has which channels: placements of input, weight, bias and output of a convolution, by those it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch.distributed.tensor import Partial, Replicate, Shard

from .intervals import shards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch.distributed.device_mesh import DeviceMesh
    from torch.distributed.tensor.placement_types import Placement


@dataclass(frozen=True)
class Channels:
    """What the channels of an operator are, and where they lie in its weight.

    Attributes:
        inputs: channels of the input.
        outputs: channels of the output.
        groups: of channels.
        input_dim: axis of the weight that the input channels are along, in each group.
        output_dim: axis of the weight that the output channels are along, in each group.
    """

    inputs: int
    outputs: int
    groups: int
    input_dim: int
    output_dim: int


@dataclass(frozen=True)
class Roles:
    """Placements over the mesh, one per mesh dimension, and what follows from them.

    Attributes:
        input: of the input.
        weight: of the weight.
        bias: of the bias.
        output: of the output.
        weight_sums: mesh dimensions over which gradients of weight and bias are summed.
        input_sums: mesh dimensions over which gradients of the input are summed.
        groups: mesh dimensions over which the groups are shared.
        partial: mesh dimensions over which the output is a sum yet to be done.
    """

    input: tuple[Placement, ...]
    weight: tuple[Placement, ...]
    bias: tuple[Placement, ...]
    output: tuple[Placement, ...]
    weight_sums: tuple[int, ...]
    input_sums: tuple[int, ...]
    groups: tuple[int, ...]
    partial: tuple[int, ...]


def roles(mesh: DeviceMesh, input: Sequence[Placement], weight: Sequence[Placement], channels: Channels) -> Roles:
    """Choose placements that need the least redistribution of what is given.

    Per mesh dimension: a batch or an axis of space that is sharded stays so, with the weight whole. Input channels that
    are sharded, of input or weight, give partial sums, or output channels of their own where whole groups are together.
    Output channels of the weight that are sharded are the output's. Anything else is gathered.
    """
    kinds = [_kind(mesh, index, input, weight, channels) for index in range(mesh.ndim)]
    whole, sharded = Replicate(), Shard(1)
    table: dict[str, tuple[Placement, Placement, Placement, Placement]] = {
        "whole": (whole, whole, whole, whole),
        "groups": (sharded, Shard(0), Shard(0), sharded),
        "inputs": (sharded, Shard(channels.input_dim), whole, Partial()),
        "outputs": (whole, Shard(channels.output_dim), Shard(0), sharded),
    }
    rows = [
        (input[index], whole, whole, input[index]) if kind == "volume" else table[kind]
        for index, kind in enumerate(kinds)
    ]
    of_input, of_weight, of_bias, of_output = (tuple(each) for each in zip(*rows, strict=True))

    def among(*wanted: str) -> tuple[int, ...]:
        return tuple(index for index, kind in enumerate(kinds) if kind in wanted)

    return Roles(
        input=of_input,
        weight=of_weight,
        bias=of_bias,
        output=of_output,
        weight_sums=among("volume"),
        input_sums=among("outputs"),
        groups=among("groups"),
        partial=among("inputs"),
    )


def _kind(
    mesh: DeviceMesh, index: int, input: Sequence[Placement], weight: Sequence[Placement], channels: Channels
) -> str:
    of_input, of_weight = input[index], weight[index]
    if isinstance(of_input, Shard) and of_input.dim != 1:
        return "volume"
    of_channels = isinstance(of_input, Shard)
    if channels.groups > 1:
        shared = of_channels or of_weight == Shard(0)
        return "groups" if shared and _splits_groups(mesh, index, input, weight, channels) else "whole"
    if of_channels or of_weight == Shard(channels.input_dim):
        return "inputs"
    return "outputs" if of_weight == Shard(channels.output_dim) else "whole"


def _splits_groups(
    mesh: DeviceMesh, index: int, input: Sequence[Placement], weight: Sequence[Placement], channels: Channels
) -> bool:
    """Whether shards of both kinds of channels have the same whole groups each; one mesh dimension may do it."""
    if any(Shard(1) == input[other] or Shard(0) == weight[other] for other in range(index)):
        return False
    by_input, by_output = (
        [(start * channels.groups, stop * channels.groups) for start, stop in shards(count, [mesh.size(index)])]
        for count in (channels.inputs, channels.outputs)
    )
    return all(
        start % channels.inputs == 0 and (start // channels.inputs) * channels.outputs == of_output
        for (start, _), (of_output, _) in zip(by_input, by_output, strict=True)
    )
