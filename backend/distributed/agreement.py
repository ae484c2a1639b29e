"""Processes that call different operators are told so, the first time, instead of waiting for each other."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist

from ..errors import OperatorError
from .layout import groups

if TYPE_CHECKING:
    from torch.distributed.device_mesh import DeviceMesh

_agreed: set[tuple[int, str]] = set()
_MOST = 65536


def agree(mesh: DeviceMesh, call: str) -> None:
    """Compare what is called with the other processes of the mesh; each call is compared once.

    Raises:
        ValueError: another process calls something else (a RuntimeError too), in all of them.
    """
    key = (hash(mesh), call)
    if key in _agreed:
        return
    if not _is_common(mesh, hashlib.blake2b(call.encode(), digest_size=7)):
        msg = (
            f"process {dist.get_rank()} calls {call}, and another process of the mesh calls something else. Give all "
            f"processes the same operator, and operands of the same shape, dtype and placements."
        )
        raise OperatorError(msg)
    if len(_agreed) >= _MOST:
        _agreed.clear()
    _agreed.add(key)


def is_common(mesh: DeviceMesh, *tensors: torch.Tensor) -> bool:
    """Return whether tensors are the same in all processes of the mesh, bit for bit."""
    digest = hashlib.blake2b(digest_size=7)
    for tensor in tensors:
        values = tensor.detach().as_subclass(torch.Tensor).cpu().contiguous()
        digest.update(f"{values.dtype} {tuple(values.shape)}".encode())
        digest.update(values.flatten().view(torch.uint8).numpy().data)
    return _is_common(mesh, digest)


def _is_common(mesh: DeviceMesh, digest: hashlib.blake2b) -> bool:
    number = int.from_bytes(digest.digest(), "big")
    extremes = torch.tensor([number, -number], device=mesh.device_type)
    for group in groups(mesh, range(mesh.ndim)):
        dist.all_reduce(extremes, dist.ReduceOp.MIN, group=group)
    least, greatest = extremes.tolist()
    return bool(least == -greatest)
