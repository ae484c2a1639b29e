"""Mirrors `oneflow.nn.utils.rnn.PackedSequence`, and what makes and reads one."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.utils import rnn

from ...tensor import like, plain
from ..framework.tensor import Tensor

__all__ = [
    "PackedSequence",
    "bind",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "unpack_sequence",
]


def bind(optional: Any, fn: Any) -> Any:
    """Return what a function makes of a value, and None of None."""
    return None if optional is None else fn(optional)


def invert_permutation(permutation: Any) -> Any:
    """Return the permutation that undoes another, or None."""
    return None if permutation is None else torch.argsort(permutation).to(permutation.dtype)


class PackedSequence:
    """Sequences of several lengths, the longest first: their first elements, then the second ones, and so on.

    Args:
        data: the elements `(sum of lengths, ...)`, or a pair of those and `batch_sizes`.
        batch_sizes: how many sequences have a first element, a second one, and so on; int64.
        sorted_indices: where each sequence was before. Default: None, there.
        unsorted_indices: what undoes that. Default: None, computed.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> pack_sequence([flow.tensor([1, 2, 3]), flow.tensor([4, 5])]).data
        tensor([1, 4, 2, 5, 3], dtype=oneflow.int64)
    """

    def __init__(
        self, data: Any, batch_sizes: Any = None, sorted_indices: Any = None, unsorted_indices: Any = None
    ) -> None:
        if batch_sizes is None:
            if not isinstance(data, (list, tuple)) or len(data) != 2:
                msg = (
                    f"data is of {type(data).__name__}: without batch_sizes it must be a pair of data and batch_sizes."
                )
                raise AssertionError(msg)
            data, batch_sizes = data
        if batch_sizes.device.type != "cpu":
            msg = f"batch_sizes is on {batch_sizes.device}; it should always be on CPU."
            raise ValueError(msg)
        self.data, self.batch_sizes, self.sorted_indices = data, batch_sizes, sorted_indices
        self.unsorted_indices = invert_permutation(sorted_indices) if unsorted_indices is None else unsorted_indices

    def to(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Return it with `data.to(...)`, and indices on that device; itself where nothing changes."""
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        indices = (self.sorted_indices, self.unsorted_indices)
        return PackedSequence(data, self.batch_sizes, *(i if i is None else i.to(data.device) for i in indices))

    def cpu(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Return it on the CPU."""
        return self.to(*args, device="cpu", **kwargs)

    def cuda(self, *args: Any, **kwargs: Any) -> PackedSequence:
        """Return it on a GPU."""
        return self.to(*args, device="cuda", **kwargs)

    def double(self) -> PackedSequence:
        """Return it as float64."""
        return self.to(dtype=torch.float64)

    def float(self) -> PackedSequence:
        """Return it as float32."""
        return self.to(dtype=torch.float32)

    def half(self) -> PackedSequence:
        """Return it as float16."""
        return self.to(dtype=torch.float16)

    def long(self) -> PackedSequence:
        """Return it as int64."""
        return self.to(dtype=torch.int64)

    def int(self) -> PackedSequence:
        """Return it as int32."""
        return self.to(dtype=torch.int32)

    def char(self) -> PackedSequence:
        """Return it as int8."""
        return self.to(dtype=torch.int8)

    def byte(self) -> PackedSequence:
        """Return it as uint8."""
        return self.to(dtype=torch.uint8)

    @property
    def is_cuda(self) -> bool:
        """Whether the data is on a GPU."""
        return bool(self.data.is_cuda)

    def is_pinned(self) -> bool:
        """Whether the data is in page-locked memory."""
        return bool(self.data.is_pinned())

    def pin_memory(self) -> PackedSequence:
        """Return it in page-locked memory."""
        indices = (self.sorted_indices, self.unsorted_indices)
        pinned = (i if i is None else i.pin_memory() for i in indices)
        return PackedSequence(self.data.pin_memory(), self.batch_sizes, *pinned)


def pack_padded_sequence(
    input: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack sequences `(L, N, ...)` of several lengths, the longest first.

    Raises:
        AssertionError: `enforce_sorted` is false, which OneFlow 0.9 does not have.
        RuntimeError: the lengths increase, or one is not positive.
    """
    if not enforce_sorted:
        msg = "enforce_sorted=False: only support enforce_sorted == True. Sort the sequences, the longest first."
        raise AssertionError(msg)
    counts = torch.as_tensor(lengths, dtype=torch.int64)
    packed = rnn.pack_padded_sequence(plain(input), plain(counts), batch_first)
    return PackedSequence(like(packed.data, input), packed.batch_sizes.as_subclass(Tensor))


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Any, Any]:
    """Return what was packed, filled up, and the lengths, as floats.

    Raises:
        ValueError: `total_length` is less than the longest.
    """
    padded, lengths = rnn.pad_packed_sequence(torchs(sequence), batch_first, padding_value, total_length)
    return like(padded, sequence.data), lengths.to(torch.float32).as_subclass(Tensor)


def pack_sequence(sequences: Any, enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences `(L, ...)`, the longest first."""
    listed = list(sequences)
    lengths = [len(each) for each in listed]
    return pack_padded_sequence(rnn.pad_sequence(listed), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Any]:
    """Return the sequences that were packed."""
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return [each[: int(length)] for each, length in zip(padded, lengths, strict=True)]


def torchs(sequence: PackedSequence) -> rnn.PackedSequence:
    """Return torch's own, of plain tensors."""
    tensors = (sequence.data, sequence.batch_sizes, sequence.sorted_indices, sequence.unsorted_indices)
    return rnn.PackedSequence(*(None if each is None else plain(each) for each in tensors))  # type: ignore[arg-type]
