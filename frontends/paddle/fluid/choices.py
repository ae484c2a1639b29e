"""Functions that cut, mark and count values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...tensor import like, plain
from ..dtype import to_torch_dtype
from .names import row
from .shapes import numbers_of

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []


@row("crop_tensor")
@row("crop")
def crop(x: Tensor, shape: Any = None, offsets: Any = None) -> Tensor:
    """Take what begins at the offsets and has a shape; -1 is what is left."""
    starts = [0] * x.dim() if offsets is None else numbers_of(offsets)
    wanted = list(x.shape) if shape is None else numbers_of(shape)
    for axis, (start, size) in enumerate(zip(starts, wanted, strict=True)):
        x = torch.narrow(x, axis, start, x.shape[axis] - start if size == -1 else size)
    return like(plain(x).clone(), x)


@row("sequence_mask")
def sequence_mask(x: Tensor, maxlen: Any = None, dtype: Any = "int64") -> Tensor:
    """Return ones before the lengths, and zeros up to `maxlen`, or to the greatest length."""
    size = int(x.max()) if maxlen is None else int(maxlen)
    places = torch.arange(size, device=x.device)
    return (places < x.unsqueeze(-1)).to(to_torch_dtype(dtype))


@row("unique", several=True)
def unique(x: Tensor, dtype: Any = "int32") -> tuple[Tensor, Tensor]:
    """Return unlike values in the order in which they come, and which of them stands where."""
    values, places, _ = _unlike(x)
    return values, places.to(to_torch_dtype(dtype))


@row("unique_with_counts", several=True)
def unique_with_counts(x: Tensor, dtype: Any = "int32") -> tuple[Tensor, Tensor, Tensor]:
    """Return unlike values in the order in which they come, which of them stands where, and how often each comes."""
    values, places, counts = _unlike(x)
    return values, places.to(to_torch_dtype(dtype)), counts.to(to_torch_dtype(dtype))


def _unlike(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    values, places, counts = torch.unique(x, return_inverse=True, return_counts=True)
    # torch sorts them; fluid keeps the order of their first places
    order = torch.arange(len(x), device=x.device)
    first = torch.full_like(counts, len(x)).scatter_reduce(0, places, order, "amin")
    ranks = torch.argsort(first)
    return values[ranks], torch.argsort(ranks)[places], counts[ranks]


@row("shard_index")
def shard_index(input: Tensor, index_num: int, nshards: int, shard_id: int, ignore_value: int = -1) -> Tensor:
    """Return numbers within a shard, and `ignore_value` for those of other shards.

    Raises:
        ValueError: there is no such shard.
    """
    if not 0 <= shard_id < nshards:
        msg = f"The shard_id({shard_id}) should be in [0, {nshards})"
        raise ValueError(msg)
    size = (index_num + nshards - 1) // nshards
    return torch.where(torch.div(input, size, rounding_mode="floor") == shard_id, input % size, ignore_value)


@row("is_empty")
def is_empty(x: Tensor, cond: Tensor | None = None) -> Tensor:
    """Return whether there are no values, in shape (1,)."""
    found = like(torch.tensor([plain(x).numel() == 0]), x)
    return found if cond is None else cond.copy_(found)


@row("temporal_shift")
def temporal_shift(x: Tensor, seg_num: int, shift_ratio: float = 0.25) -> Tensor:
    """Move some channels to the next frame and as many to the one before, of `seg_num` frames each."""
    frames = torch.unflatten(x, 0, (-1, seg_num))
    first = int(x.shape[1] * shift_ratio)
    second = int(x.shape[1] * 2 * shift_ratio)
    edge = torch.zeros_like(frames[:, :1])
    from_before = torch.cat([edge, frames[:, :-1]], 1)[:, :, :first]
    from_after = torch.cat([frames[:, 1:], edge], 1)[:, :, first:second]
    return torch.cat([from_before, from_after, frames[:, :, second:]], 2).flatten(0, 1)
