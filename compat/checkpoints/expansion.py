"""What tensors that share memory become where each is written by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import CheckpointError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import torch

# Tied layers have a few names for one tensor. Files of a few kilobytes have thousands, or one number for millions.
TIMES = 16
FREE = 1 << 24


def check_expansion(tensors: Iterable[torch.Tensor]) -> None:
    """Raise if tensors share so much memory that copies of all would be far larger.

    Raises:
        CheckpointError: copies take over 16 times the bytes that the tensors hold, and 16 MiB more.
    """
    stored: dict[int, int] = {}
    dense = 0
    for tensor in tensors:
        storage = tensor.untyped_storage()
        stored[storage.data_ptr()] = storage.nbytes()
        dense += tensor.numel() * tensor.itemsize
    held = sum(stored.values())
    if dense > TIMES * held + FREE:
        msg = (
            f"the tensors share or expand {held} bytes, which would become {dense}: a copy for each name. Leave out "
            "names of the same tensor, or clone() the tensors that are meant to be so large."
        )
        raise CheckpointError(msg)
