"""Mirrors Paddle's data types: its names are torch's dtypes here, and strings and NumPy dtypes are accepted too."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

__all__ = ["get_default_dtype", "set_default_dtype"]

BY_NAME = {
    "bool": torch.bool,
    "uint8": torch.uint8,
    "int8": torch.int8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "float16": torch.float16,
    "uint16": torch.bfloat16,  # NumPy has no bfloat16, whose bits Paddle keeps so; `paddle.uint16` is torch.uint16
    "bfloat16": torch.bfloat16,
    "float32": torch.float32,
    "float64": torch.float64,
    "complex64": torch.complex64,
    "complex128": torch.complex128,
}
NAMES = {dtype: name for name, dtype in BY_NAME.items()}
DEFAULTS = ("float16", "float32", "float64", "bfloat16")

_default = torch.float32


def to_torch_dtype(dtype: Any) -> torch.dtype:
    """Return the torch dtype that a string, a NumPy dtype or a torch dtype names.

    Raises:
        TypeError: Paddle has no such dtype.

    >>> to_torch_dtype("float64"), to_torch_dtype("paddle.int32")
    (torch.float64, torch.int32)
    """
    if isinstance(dtype, torch.dtype):
        return dtype
    if isinstance(dtype, str):
        name = dtype.removeprefix("paddle.")
    else:
        try:
            name = np.dtype(dtype).name
        except TypeError:
            name = ""
    # np.dtype(None) is float64: None is no dtype here
    if dtype is None or name not in BY_NAME:
        msg = f"dtype must be any of [{', '.join(BY_NAME)}], but received {dtype!r}. Give one of these names."
        raise TypeError(msg)
    return BY_NAME[name]


def dtype_name(dtype: torch.dtype) -> str:
    """Return Paddle's name of a dtype, without `paddle.`.

    >>> dtype_name(torch.bfloat16)
    'bfloat16'
    """
    return NAMES.get(dtype, str(dtype).removeprefix("torch."))


def default_dtype() -> torch.dtype:
    """Return the dtype of new parameters, as torch's."""
    return _default


def get_default_dtype() -> str:
    """Return the dtype of new parameters and of tensors made from Python floats.

    >>> get_default_dtype()
    'float32'
    """
    return dtype_name(_default)


def set_default_dtype(d: Any) -> None:
    """Set the dtype of new parameters and of tensors made from Python floats; torch's own default stays.

    Args:
        d: 'float16', 'bfloat16', 'float32' or 'float64', or that as a NumPy or torch dtype.

    Raises:
        TypeError: any other dtype.
    """
    global _default  # noqa: PLW0603
    try:
        dtype = to_torch_dtype(d)
    except TypeError:
        dtype = None
    if dtype is None or dtype_name(dtype) not in DEFAULTS:
        msg = (
            f"set_default_dtype only supports [{', '.join(DEFAULTS)}], but received {d!r}. "
            f"Give a floating-point dtype; other parameters take their dtype from create_parameter."
        )
        raise TypeError(msg)
    _default = dtype
