"""How a DTensor lies over its mesh: which processes share an axis, and which rows each of them has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
import torch.distributed as dist
from torch.distributed.tensor import DTensor, Replicate, Shard

from ..errors import OperatorError
from ..execution.layout import is_channels_last_3d
from .intervals import Interval, length, shards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch.distributed.device_mesh import DeviceMesh
    from torch.distributed.tensor.placement_types import Placement


@dataclass(frozen=True)
class Axis:
    """An axis of a tensor as processes share it.

    Attributes:
        dim: the axis.
        ranks: the processes that share it, in the order of their rows.
        place: of this process among them.
        parts: sizes of the mesh dimensions that shard it.
    """

    dim: int
    ranks: tuple[int, ...]
    place: int
    parts: tuple[int, ...]

    def shards(self, rows: int) -> tuple[Interval, ...]:
        """Return the rows of each process, of so many in all."""
        return shards(rows, self.parts)

    def shard(self, rows: int) -> Interval:
        """Return the rows of this process."""
        return self.shards(rows)[self.place]


def sharded_axes(mesh: DeviceMesh, placements: Sequence[Placement]) -> tuple[Axis, ...]:
    """Return the axes that are sharded, first axes first."""
    dims = sorted({placement.dim for placement in placements if isinstance(placement, Shard)})
    return tuple(_axis(mesh, placements, dim) for dim in dims)


def _axis(mesh: DeviceMesh, placements: Sequence[Placement], dim: int) -> Axis:
    along = [index for index, each in enumerate(placements) if isinstance(each, Shard) and each.dim == dim]
    own = coordinate(mesh)
    where = tuple(slice(None) if index in along else own[index] for index in range(mesh.ndim))
    ranks = tuple(int(rank) for rank in mesh.mesh[where].flatten())
    return Axis(dim, ranks, ranks.index(dist.get_rank()), tuple(mesh.size(index) for index in along))


def coordinate(mesh: DeviceMesh) -> tuple[int, ...]:
    """Return where this process is in the mesh."""
    found = mesh.get_coordinate()
    assert found is not None, "checked by `check_member`"
    return tuple(found)


def check_member(mesh: DeviceMesh) -> None:
    """Raise where this process is none of the mesh's."""
    if mesh.get_coordinate() is None:
        msg = (
            f"process {dist.get_rank()} is not in the mesh {mesh.mesh.tolist()}; only its processes can call what is "
            f"sharded over it. Leave the call out in the others, or make the mesh of all."
        )
        raise OperatorError(msg)


def groups(mesh: DeviceMesh, dims: Sequence[int]) -> list[dist.ProcessGroup]:
    """Return the process groups of mesh dimensions, those of one process left out."""
    return [mesh.get_group(dim) for dim in dims if mesh.size(dim) > 1]


def mesh_of(*operands: Any) -> DeviceMesh:
    """Return the mesh of the DTensors among operands.

    Raises:
        ValueError: they lie on different meshes (a RuntimeError too).
    """
    found = [operand.device_mesh for operand in operands if isinstance(operand, DTensor)]
    for mesh in found[1:]:
        if mesh != found[0]:
            msg = (
                f"operands lie on different meshes, {found[0]} and {mesh}; they must be on one. Make them with the "
                f"same mesh, or redistribute them by way of full_tensor()."
            )
            raise OperatorError(msg)
    check_member(found[0])
    return found[0]


def placed(operand: torch.Tensor, mesh: DeviceMesh, placements: Sequence[Placement]) -> DTensor:
    """Return an operand on the mesh as wanted; a plain tensor counts as whole and the same in every process."""
    if not isinstance(operand, DTensor):
        whole = [Replicate()] * mesh.ndim
        operand = DTensor.from_local(operand, mesh, whole, run_check=False)
    if tuple(operand.placements) != tuple(placements):
        operand = operand.redistribute(placements=placements)
    return operand


def local(tensor: DTensor, name: str) -> torch.Tensor:
    """Return the part of this process, checked to be what DTensor would give it.

    Raises:
        ValueError: it is of another size (a RuntimeError too).
    """
    part = tensor.to_local()
    for axis in sharded_axes(tensor.device_mesh, tensor.placements):
        rows = tensor.shape[axis.dim]
        due = length(axis.shard(rows))
        if part.size(axis.dim) != due:
            msg = (
                f"{name} has {part.size(axis.dim)} of {rows} rows along axis {axis.dim} in process {dist.get_rank()}; "
                f"DTensor's layout gives it {due}. Make {name} with fourfold.backend.distributed.from_slabs()."
            )
            raise OperatorError(msg)
    return part


def assembled(
    part: torch.Tensor, mesh: DeviceMesh, placements: Sequence[Placement], shape: Sequence[int], like: Any
) -> torch.Tensor:
    """Return the DTensor of `shape` of which this process has `part`.

    `like` is another tensor: if it is of a subclass of DTensor the result is too, and it has the same memory format,
    which all processes have to agree about.
    """
    layout = torch.contiguous_format
    if part.dim() == 5:
        layout = torch.channels_last_3d if is_channels_last_3d(like) else layout
        part = part.contiguous(memory_format=layout)
    size = torch.Size(shape)
    stride = torch.empty(size, device="meta", memory_format=layout).stride()
    result: DTensor = alike(DTensor.from_local(part, mesh, placements, shape=size, stride=stride), like)
    return result


def alike(result: Any, like: Any) -> Any:
    """Give a DTensor the subclass that another one is of."""
    if isinstance(like, DTensor) and type(like) is not DTensor and type(result) is DTensor:
        result.__class__ = type(like)
    return result


def is_simple(placement: Placement) -> bool:
    """Whether a placement is one that this package computes with: whole, or DTensor's plain chunks."""
    return type(placement) is Shard or isinstance(placement, Replicate)


def reduced(tensor: DTensor) -> DTensor:
    """Return a DTensor without partial sums or placements of other kinds: those become whole."""
    wanted = [each if is_simple(each) else Replicate() for each in tensor.placements]
    return placed(tensor, tensor.device_mesh, wanted)
