"""Rows of functions that join tensors and take them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError, OperatorTypeError
from ...names import reads
from ..names import NAMES, no_tensor
from .operands import check_alike, integers, number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

__all__ = ["listed"]

fn = NAMES.function
_split: Any = torch.split_with_sizes_copy
_broadcast: Any = torch.broadcast_tensors
_block_diag: Any = torch.block_diag


def listed(x: Any, name: str, argument: str = "x") -> Any:
    """Return the tensors that a function of several is given.

    Raises:
        OperatorTypeError: they are no list or tuple: a tensor's slices are not meant, and its next argument is a name.
    """
    if not isinstance(x, (list, tuple)):
        msg = (
            f"{name}(): argument '{argument}' (position 0) must be list of Tensors, but got {type(x).__name__}. "
            f"Give a list."
        )
        raise OperatorTypeError(msg)
    return x


def joined(function: Callable[..., Tensor], name: str) -> Callable[..., Tensor]:
    """Return `cat` or the like for a list or tuple of tensors of one dtype, which is all that Paddle takes."""

    def computed(x: Sequence[Tensor], axis: Any = 0) -> Tensor:
        for item in listed(x, name):
            if not isinstance(item, torch.Tensor) and not hasattr(type(item), "__torch_function__"):
                raise no_tensor(name, "x", 0, item)
        if all(isinstance(item, torch.Tensor) for item in x):
            check_alike(*x)
        return function(x, int(number(axis)))

    return computed


def each_of(x: Any) -> Any:
    """Return what is to be stacked: of one tensor its slices."""
    return list(torch.unbind(x)) if isinstance(x, torch.Tensor) else x


def pieces(x: Tensor, num_or_sections: Any, axis: Any = 0) -> list[Tensor]:
    """Take copies apart: a number of equal pieces, or pieces of these sizes, of which one may be -1."""
    axis = int(number(axis))
    length = x.shape[axis]
    if isinstance(num_or_sections, int):
        if num_or_sections < 1 or length % num_or_sections:
            msg = (
                f"The input's size along the split dimension must be evenly divisible by Attr(num_or_sections). But "
                f"received Attr(num_or_sections) = {num_or_sections}, the size along axis {axis} is {length}. Give "
                f"the sizes as a list."
            )
            raise OperatorError(msg)
        sizes = [length // num_or_sections] * num_or_sections
    elif isinstance(num_or_sections, (list, tuple)):
        sizes = integers(num_or_sections)
        if sizes.count(-1) > 1:
            msg = f"Only one dimension value of 'num_or_sections' in split can be -1. But received {sizes}."
            raise OperatorError(msg)
        if -1 in sizes:
            sizes[sizes.index(-1)] = length - sum(sizes) - 1
    else:
        msg = f"The type of 'num_or_sections' in split must be int, list or tuple, but received {num_or_sections!r}."
        raise TypeError(msg)
    return list(_split(x, sizes, axis))


def unbound(input: Tensor, axis: int = 0) -> list[Tensor]:
    """Take apart into slices without the axis."""
    return list(torch.unbind(input, axis))


def unstacked(x: Tensor, axis: int = 0, num: int | None = None) -> list[Tensor]:
    """Take apart into slices without the axis, in memory of their own; `num` must be their number."""
    if num is not None and num != x.shape[axis]:
        msg = f"The number of unstacked tensors should be {x.shape[axis]}, but num={num}. Leave num out."
        raise OperatorError(msg)
    return [torch.clone(each) for each in torch.unbind(x, axis)]


def tensor_split(x: Tensor, num_or_indices: Any, axis: int = 0) -> list[Tensor]:
    """Take copies apart at positions, or into pieces that may differ in size by one."""
    places = num_or_indices if isinstance(num_or_indices, int) else tuple(integers(num_or_indices))
    return [torch.clone(each) for each in torch.tensor_split(x, places, int(number(axis)))]


def along(axis: int, least: int) -> Callable[..., list[Tensor]]:
    """Return `hsplit` or the like, which needs `least` axes."""

    def computed(x: Tensor, num_or_indices: Any) -> list[Tensor]:
        if x.dim() < least:
            msg = f"The input tensor's dimension must be greater than {least - 1}, but got {x.dim()}."
            raise ValueError(msg)
        return tensor_split(x, num_or_indices, 0 if x.dim() == 1 else axis)

    return computed


def meshgrid(*args: Any, **kwargs: Any) -> list[Tensor]:
    """Return what varies along each axis alone, broadcast to the shape of all."""
    kwargs.pop("name", None)
    indexing = kwargs.pop("indexing", "ij")
    if kwargs:
        msg = f"paddle.meshgrid: {', '.join(kwargs)} is not served here; only indexing and name are."
        raise TypeError(msg)
    tensors = args[0] if len(args) == 1 and isinstance(args[0], (list, tuple)) else args
    return [
        torch.clone(each, memory_format=torch.contiguous_format) for each in torch.meshgrid(*tensors, indexing=indexing)
    ]


def broadcast(input: Sequence[Tensor]) -> list[Tensor]:
    """Broadcast tensors to one shape."""
    tensors = listed(input, "broadcast_tensors", "input")
    return [torch.clone(each, memory_format=torch.contiguous_format) for each in _broadcast(*tensors)]


fn("concat", joined(torch.cat, "concat"), x="")
fn("stack", joined(torch.stack, "stack"), x="")
for name in ("hstack", "vstack", "dstack", "column_stack", "row_stack"):
    fn(name, getattr(torch, name), x=reads(each_of, "tensors"))
fn("split", pieces)
fn("unbind", unbound)
fn("unstack", unstacked)
fn("chunk", lambda x, chunks, axis=0: pieces(x, chunks, axis))
fn("tensor_split", tensor_split)
fn("hsplit", along(1, 1))
fn("vsplit", along(0, 2))
fn("dsplit", along(2, 3))
fn("meshgrid", meshgrid)
fn("broadcast_tensors", broadcast, input="")
fn("block_diag", lambda inputs: _block_diag(*inputs))
fn("cartesian_prod", lambda x: torch.cartesian_prod(*listed(x, "cartesian_prod")), x="")
fn("combinations", torch.combinations)
