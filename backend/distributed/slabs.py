"""Volumes that no process holds whole, from slabs of any thickness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.distributed as dist
from torch.distributed.tensor import Shard

from ..errors import OperatorError
from .halo import gathered
from .layout import assembled, check_member, sharded_axes
from .volume import Volume

if TYPE_CHECKING:
    from torch.distributed.device_mesh import DeviceMesh


def from_slabs(slab: torch.Tensor, mesh: DeviceMesh, dim: int = 2) -> Volume:
    """Return the volume whose slabs the processes hold, one after the other along `dim`, in DTensor's layout.

    Rows go to where that layout has them; nothing is ever whole.

    Args:
        slab: this process's part; its size along `dim` may differ from the others', and may be 0.
        mesh: of one dimension, in the order of the slabs.
        dim: the axis along which the volume is cut.

    Raises:
        ValueError: the mesh has more dimensions, or the slabs do not fit together (a RuntimeError too).
    """
    check_member(mesh)
    if mesh.ndim != 1:
        msg = f"the mesh has {mesh.ndim} dimensions, {mesh}; slabs lie along one. Give a mesh of one dimension."
        raise OperatorError(msg)
    shapes = torch.empty(mesh.size(), slab.dim(), dtype=torch.int64, device=slab.device)
    mine = torch.tensor(slab.shape, device=slab.device)
    dist.all_gather(list(shapes.unbind()), mine, group=mesh.get_group())
    sizes = shapes.tolist()
    if any([*each[:dim], *each[dim + 1 :]] != [*slab.shape[:dim], *slab.shape[dim + 1 :]] for each in sizes):
        msg = f"slabs have shapes {sizes}; they may differ along axis {dim} alone. Cut the volume along one axis."
        raise OperatorError(msg)
    ends = [sum(each[dim] for each in sizes[: index + 1]) for index in range(len(sizes))]
    held = [(end - each[dim], end) for end, each in zip(ends, sizes, strict=True)]
    placements = [Shard(dim)]
    axis = sharded_axes(mesh, placements)[0]
    part = gathered(slab, axis, held, axis.shards(ends[-1]))
    shape = [ends[-1] if index == dim else size for index, size in enumerate(slab.shape)]
    return Volume.of(assembled(part.contiguous(), mesh, placements, shape, slab))
