"""Mirrors the functions of `oneflow` that make tensors of values.

Global tensors do not exist here: `placement` and `sbp` are not accepted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ...tensor import plain
from .size import Size
from .tensor import Tensor

__all__ = ["Size", "Tensor", "from_numpy", "tensor"]


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


def from_numpy(obj: np.ndarray[Any, Any]) -> Tensor:
    """Return a tensor that shares the memory of a NumPy array.

    Raises:
        TypeError: the argument is not an array, or has a dtype that torch lacks.

    Example:
        >>> import numpy as np
        >>> from_numpy(np.arange(3.0))
        tensor([0., 1., 2.], dtype=oneflow.float64)
    """
    if not isinstance(obj, np.ndarray):
        msg = f"expected np.ndarray, but got {type(obj).__name__}. Use tensor() for other values."
        raise TypeError(msg)
    return torch.from_numpy(obj).as_subclass(Tensor)
