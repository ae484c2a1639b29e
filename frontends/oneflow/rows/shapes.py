"""Rows of functions that give values another shape, take a part of them, or write into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError
from ..names import NAMES
from .elementwise import operand

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function

NAMES.functions(torch, "reshape unsqueeze permute movedim roll narrow select tile")
NAMES.functions(torch, "tril triu diag diagonal as_strided t unbind chunk")
NAMES.functions(torch, "atleast_1d atleast_2d atleast_3d broadcast_tensors broadcast_shapes")
fn("view", torch.Tensor.view)
fn("expand", torch.Tensor.expand, sizes="size")
fn("broadcast_to", torch.broadcast_to, shape="size")
fn("swapaxes", torch.swapaxes, dim0="axis0", dim1="axis1")
fn("swapdims", torch.swapdims)
fn("squeeze", lambda x, dim=None: torch.squeeze(x) if dim is None else torch.squeeze(x, dim))
fn("flip", lambda x, dims: torch.flip(x, [dims] if isinstance(dims, int) else dims))


def copies(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that splits a tensor into parts of their own, where torch's are views."""

    def split(input: Tensor, indices_or_sections: Any, **options: Any) -> tuple[Tensor, ...]:
        return tuple(part.clone() for part in function(input, indices_or_sections, **options))

    return split


for name in ("hsplit", "vsplit", "tensor_split"):
    fn(name, copies(getattr(torch, name)))
fn("broadcast_like", lambda x, like: torch.broadcast_to(x, like.shape))
fn("split", torch.Tensor.split, split_size_or_sections="split_size")
fn("repeat", torch.Tensor.repeat, repeat_shape="repeats")
fn("contiguous", lambda x: x.clone(memory_format=torch.contiguous_format))  # a copy, unlike the method


def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Make one axis of several; a tensor without axes stays so."""
    return torch.flatten(input, start_dim, end_dim) if operand(input).dim() else input


fn("flatten", flatten)


def transpose(input: Tensor, dim0: Any = None, dim1: int | None = None, perm: Sequence[int] | None = None) -> Tensor:
    """Swap two axes, or put all into another order."""
    if dim1 is not None:
        return torch.transpose(input, dim0, dim1)
    return torch.permute(input, tuple(dim0 if perm is None else perm))


def repeat_interleave(input: Tensor, repeats: Any, dim: int | None = None, output_size: int | None = None) -> Tensor:
    """Repeat each element, or each part along an axis."""
    return torch.repeat_interleave(input, repeats, dim, output_size=output_size)


fn("transpose", transpose)
fn("repeat_interleave", repeat_interleave)


def sliced(input: Tensor, slice_tup_list: Any) -> Tensor:
    """Return a part: begin, end and step along each axis."""
    return input[tuple(slice(*each) for each in slice_tup_list)]


def update_slice(input: Tensor, update: Tensor, slice_tup_list: Any) -> Tensor:
    """Write into a part, in place."""
    input[tuple(slice(*each) for each in slice_tup_list)] = update
    return input


fn("slice", sliced)
fn("slice_update", update_slice)


def gather(input: Tensor, dim: int, index: Tensor, sparse_grad: bool = False) -> Tensor:
    """Pick along an axis, by indices of any kind of integers."""
    return torch.gather(input, dim, index.long(), sparse_grad=sparse_grad)


def scatter(input: Tensor, dim: int, index: Tensor, src: Any, reduce: str | None = None) -> Tensor:
    """Write along an axis, by indices; or add, or multiply."""
    if not reduce:
        return torch.scatter(input, dim, index, src)
    if not isinstance(src, torch.Tensor):
        return torch.scatter(input, dim, index, src, reduce=reduce)
    how = {"add": "sum", "multiply": "prod"}[reduce]
    return torch.scatter_reduce(input, dim, index, src, reduce=how)


def gather_nd(params: Tensor, indices: Tensor) -> Tensor:
    """Return what rows of indices point to; each has as many as axes are picked from."""
    return params[tuple(indices.long().unbind(-1))]


def scatter_nd(index: Tensor, update: Tensor, shape: Sequence[int]) -> Tensor:
    """Return zeros to which updates are added where rows of indices point."""
    zeros = torch.zeros_like(update, memory_format=torch.contiguous_format).new_zeros(tuple(shape))
    return torch.index_put(zeros, tuple(index.long().unbind(-1)), update, accumulate=True)


def update_nd(tensor: Tensor, indices: Tensor, updates: Tensor) -> Tensor:
    """Return a tensor with updates where rows of indices point."""
    return torch.index_put(tensor, tuple(indices.long().unbind(-1)), updates)


def batch_gather(input: Tensor, indices: Tensor) -> Tensor:
    """Pick along an axis, by indices `(..., n)` for each of what is before that axis.

    Raises:
        RuntimeError: the sizes before it differ (a ValueError too).
    """
    before = indices.dim() - 1
    if input.shape[:before] != indices.shape[:before]:
        msg = f"indices of shape {tuple(indices.shape)}: their sizes must match those of {tuple(input.shape)}."
        raise OperatorError(msg)
    if not before:
        return input[indices.long()]
    wanted = indices.reshape(*indices.shape, *[1] * (input.dim() - before - 1))
    return torch.gather(input, before, wanted.long().expand(*indices.shape, *input.shape[before + 1 :]))


fn("batch_gather", batch_gather)
fn("gather", gather)
fn("index_select", torch.index_select)
fn("index_add", torch.index_add)
fn("scatter", scatter)
fn("scatter_add", torch.scatter_add)
fn("gather_nd", gather_nd)
fn("index_add_", torch.Tensor.index_add_)
fn("scatter_nd", scatter_nd)
fn("tensor_scatter_nd_update", update_nd)
