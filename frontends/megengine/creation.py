"""Rows of functions that make tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...backend import OperatorError
from ..names import reads
from .arguments import sizes
from .names import NAMES
from .operands import tensor_of, with_an_axis
from .tensor import Tensor as MegEngineTensor
from .tensor import torch_dtype

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function
DTYPE = reads(lambda dtype: None if dtype is None else torch_dtype(dtype))


def made(make: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function of torch's that makes tensors of a shape, as MegEngine's: of its class."""

    def made_so(shape: Any, dtype: Any = torch.float32, device: Any = None) -> Tensor:
        return make(sizes(shape), dtype=dtype, device=device).as_subclass(MegEngineTensor)

    return made_so


def full(shape: Any, value: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """Return one value everywhere; without a dtype, float32, or int32 of an integer and bool of a bool."""
    if isinstance(value, torch.Tensor):
        msg = "value is a tensor; it must be a number. Use value.item()."
        raise OperatorError(msg)
    one = MegEngineTensor(value, dtype=dtype, device=device)
    return torch.clone(torch.broadcast_to(one, sizes(shape)), memory_format=torch.contiguous_format)


def full_like(input: Tensor, value: Any) -> Tensor:
    """Return one value everywhere, in the shape and dtype of a tensor."""
    given = tensor_of(input)
    return torch.full_like(given, value.item() if isinstance(value, torch.Tensor) else value)


def plain_number(value: Any) -> Any:
    """Return a number, which may be in a tensor of one element."""
    return value.item() if isinstance(value, torch.Tensor) else value


def arange(start: Any = 0, stop: Any = None, step: Any = 1, dtype: Any = torch.float32, device: Any = None) -> Tensor:
    """Return `arange(stop)`, `arange(start, stop)` or `arange(start, stop, step)`; the end is left out.

    >>> arange(3).tolist()
    [0.0, 1.0, 2.0]
    """
    first, end, by = map(plain_number, (0 if stop is None else start, start if stop is None else stop, step))
    values = torch.arange(first, end, by, dtype=torch.float32, device=device)
    return values.to(dtype).as_subclass(MegEngineTensor)


def linspace(start: Any, stop: Any, num: Any, dtype: Any = torch.float32, device: Any = None) -> Tensor:
    """Return `num` values at equal steps from `start` to `stop`, both included."""
    first, end, count = map(plain_number, (start, stop, num))
    return torch.linspace(first, end, int(count), device=device).to(dtype).as_subclass(MegEngineTensor)


def eye(N: Any, M: Any = None, dtype: Any = torch.float32, device: Any = None) -> Tensor:  # noqa: N803, the release's
    """Return ones on the diagonal of a matrix of `N` rows and `M` columns, as many unless given."""
    rows, columns = (N, M) if isinstance(N, int) else sizes(N)
    return torch.eye(rows, rows if columns is None else columns, dtype=dtype, device=device).as_subclass(
        MegEngineTensor
    )


def meshgrid(*inputs: Tensor, indexing: str = "xy") -> tuple[Tensor, ...]:
    """Return the coordinates of a grid, one tensor for each axis."""
    return tuple(torch.meshgrid(*map(tensor_of, inputs), indexing=indexing))


def copied(input: Tensor, device: Any = None) -> Tensor:
    """Return a copy, on a device if one is named."""
    return torch.clone(input if device is None else input.to(device))


fn("functional.zeros", made(torch.zeros), dtype=DTYPE)
fn("functional.ones", made(torch.ones), dtype=DTYPE)
fn("functional.full", full, dtype=DTYPE)
fn("functional.zeros_like", with_an_axis(torch.zeros_like))
fn("functional.ones_like", with_an_axis(torch.ones_like))
fn("functional.full_like", full_like)
fn("functional.arange", arange, dtype=DTYPE)
fn("functional.linspace", linspace, dtype=DTYPE)
fn("functional.eye", eye, dtype=DTYPE)
fn("functional.diag", torch.diag, k="diagonal")
fn("functional.meshgrid", meshgrid)
fn("functional.copy", with_an_axis(copied))
