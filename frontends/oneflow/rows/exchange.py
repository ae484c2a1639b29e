"""Rows that exchange tensors and dtypes with other libraries; both sides share memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch.utils import dlpack

from ....backend import OperatorError
from ...tensor import plain
from ..framework.tensor import KINDS, Tensor
from ..names import NAMES

__all__: list[str] = []

fn = NAMES.function


def from_dlpack(obj: Any) -> Tensor:
    """Return a tensor that shares the memory of a DLPack capsule."""
    return dlpack.from_dlpack(obj).as_subclass(Tensor)


def to_dlpack(tensor: Any) -> Any:
    """Return a DLPack capsule of the memory of a tensor."""
    return dlpack.to_dlpack(plain(tensor))  # type: ignore[attr-defined]


def from_torch(torch_tensor: Any) -> Tensor:
    """Return a tensor that shares the memory of torch's.

    Raises:
        AssertionError: it is none.
    """
    if not isinstance(torch_tensor, torch.Tensor):
        msg = f"torch_tensor is of {type(torch_tensor).__name__}; it must be a torch.Tensor."
        raise AssertionError(msg)
    return plain(torch_tensor).detach().as_subclass(Tensor)


def to_torch(flow_tensor: Any) -> torch.Tensor:
    """Return torch's tensor of the same memory.

    Raises:
        AssertionError: it is of another class than OneFlow's.
    """
    if not isinstance(flow_tensor, Tensor):
        msg = f"flow_tensor is of {type(flow_tensor).__name__}; it must be an oneflow.Tensor."
        raise AssertionError(msg)
    return plain(flow_tensor).detach()


def numpy_dtype(oneflow_dtype: torch.dtype) -> Any:
    """Return NumPy's type of a dtype.

    Raises:
        NotImplementedError: NumPy has none.
    """
    if oneflow_dtype not in KINDS:
        msg = f"{oneflow_dtype} has no dtype of NumPy's; {', '.join(map(str, KINDS))} have one."
        raise NotImplementedError(msg)
    return np.dtype(str(oneflow_dtype).removeprefix("torch.")).type


def default_type(tensor_type: Any) -> None:
    """Make floats of a kind, such as `oneflow.DoubleTensor` or its name, the default.

    Raises:
        RuntimeError: it is no kind of floats (a ValueError too).
    """
    names = {name: dtype for dtype, name in KINDS.items() if dtype.is_floating_point}
    name = tensor_type if isinstance(tensor_type, str) else getattr(tensor_type, "__name__", "")
    name = name.removeprefix("oneflow.")
    if name not in names:
        msg = f"tensor_type={tensor_type!r}: only floats can be the default, {', '.join(names)}."
        raise OperatorError(msg)
    torch.set_default_dtype(names[name])


fn("from_dlpack", from_dlpack)
fn("to_dlpack", to_dlpack, arg0="tensor")
fn("utils.tensor.from_torch", from_torch)
fn("utils.tensor.to_torch", to_torch)
fn("convert_oneflow_dtype_to_numpy_dtype", numpy_dtype)
fn("set_default_tensor_type", default_type)
