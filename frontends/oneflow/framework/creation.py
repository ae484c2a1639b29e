"""Mirrors the functions of `oneflow` that make tensors.

Global tensors do not exist here: `placement` and `sbp` are not accepted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ...calls import explain_calls
from ...tensor import plain
from .tensor import Tensor

__all__ = [
    "arange",
    "empty",
    "from_numpy",
    "full",
    "ones",
    "ones_like",
    "rand",
    "randn",
    "tensor",
    "zeros",
    "zeros_like",
]


def tensor(
    data: Any,
    *,
    dtype: torch.dtype | None = None,
    device: Any = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> Tensor:
    """Copy numbers, a sequence, a NumPy array or a tensor into a new tensor.

    Args:
        data: the values. Python floats become float32, ints int64; an array or tensor keeps its dtype.
        dtype: of the result. Default: None, as stated for `data`.
        device: where the result lives. Default: None, the device of `data` or the CPU.
        requires_grad: whether to record gradients. Default: False.
        pin_memory: whether to keep the result in page-locked memory. Default: False.

    Example:
        >>> tensor([[1.0, 2.0]]), tensor([1, 2])
        (tensor([[1., 2.]], dtype=oneflow.float32), tensor([1, 2], dtype=oneflow.int64))
    """
    if isinstance(data, torch.Tensor):
        values = plain(data).detach().to(device=device, dtype=dtype, copy=True)
        made = (values.pin_memory() if pin_memory else values).as_subclass(Tensor)
    else:
        if isinstance(data, np.ndarray):
            data = np.array(data, order="C")  # torch refuses negative strides
        made = torch.tensor(data, dtype=dtype, device=device, pin_memory=pin_memory).as_subclass(Tensor)
    made.requires_grad_(requires_grad)
    return made


def from_numpy(ndarray: np.ndarray[Any, Any]) -> Tensor:
    """Return a tensor that shares the memory of a NumPy array.

    Raises:
        TypeError: the argument is not an array, or has a dtype that torch lacks.

    Example:
        >>> import numpy as np
        >>> from_numpy(np.arange(3.0))
        tensor([0., 1., 2.], dtype=oneflow.float64)
    """
    if not isinstance(ndarray, np.ndarray):
        msg = f"expected np.ndarray, but got {type(ndarray).__name__}. Use tensor() for other values."
        raise TypeError(msg)
    return torch.from_numpy(ndarray).as_subclass(Tensor)


def randn(*size: Any, **options: Any) -> Tensor:
    """Return standard normal values.

    Args:
        size: integers, or one sequence of them.
        options: `dtype`, `generator`, `device`, `requires_grad`, as for `torch.randn`.

    Example:
        >>> randn(2, 3).shape, randn([2, 3]).shape
        (oneflow.Size([2, 3]), oneflow.Size([2, 3]))
    """
    return _made(torch.randn, *size, **options)


def rand(*size: Any, **options: Any) -> Tensor:
    """Return uniform values from [0, 1); arguments as in `randn`.

    >>> rand(2).shape
    oneflow.Size([2])
    """
    return _made(torch.rand, *size, **options)


def zeros(*size: Any, **options: Any) -> Tensor:
    """Return zeros; arguments as in `randn`, without `generator`.

    >>> zeros(2)
    tensor([0., 0.], dtype=oneflow.float32)
    """
    return _made(torch.zeros, *size, **options)


def ones(*size: Any, **options: Any) -> Tensor:
    """Return ones; arguments as in `zeros`.

    >>> ones(2)
    tensor([1., 1.], dtype=oneflow.float32)
    """
    return _made(torch.ones, *size, **options)


def empty(*size: Any, **options: Any) -> Tensor:
    """Return memory as it is; arguments as in `zeros`, and `pin_memory`.

    >>> empty(2, 3).shape
    oneflow.Size([2, 3])
    """
    return _made(torch.empty, *size, **options)


def full(size: Any, fill_value: float, **options: Any) -> Tensor:
    """Return one value everywhere; options as in `zeros`.

    >>> full((2,), 3.5)
    tensor([3.5000, 3.5000], dtype=oneflow.float32)
    """
    return _made(torch.full, size, fill_value, **options)


def arange(*bounds: Any, **options: Any) -> Tensor:
    """Return `arange(end)`, `arange(start, end)` or `arange(start, end, step)`; the end is left out.

    >>> arange(3)
    tensor([0, 1, 2], dtype=oneflow.int64)
    """
    return _made(torch.arange, *bounds, **options)


def zeros_like(input: torch.Tensor, **options: Any) -> Tensor:
    """Return zeros of the shape, dtype and device of `input`; options replace those.

    >>> zeros_like(ones(2))
    tensor([0., 0.], dtype=oneflow.float32)
    """
    return _made(torch.zeros_like, plain(input), **options)


def ones_like(input: torch.Tensor, **options: Any) -> Tensor:
    """Return ones of the shape, dtype and device of `input`; options replace those.

    >>> ones_like(zeros(2))
    tensor([1., 1.], dtype=oneflow.float32)
    """
    return _made(torch.ones_like, plain(input), **options)


def _made(function: Any, *arguments: Any, **options: Any) -> Tensor:
    requires_grad = options.pop("requires_grad", False)  # after the cast, so that the result is a leaf
    made: Tensor = function(*arguments, **options).as_subclass(Tensor)
    made.requires_grad_(requires_grad)
    return made


explain_calls(globals())
