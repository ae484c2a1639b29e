"""Paddle's API on the fourfold engine (mirrors Paddle 3.3.1).

`fourfold.frontends.paddle.fluid` and `.fluid_1_8` mirror the removed `paddle.fluid`; import them by name.
"""

from __future__ import annotations

import torch
from torch import (
    bfloat16,
    bool,
    complex64,
    complex128,
    float16,
    float32,
    float64,
    int8,
    int16,
    int32,
    int64,
    no_grad,
    uint8,
)

from . import nn, optimizer, regularizer, static, unique_name
from .dtype import get_default_dtype, set_default_dtype
from .framework import ParamAttr
from .math import (
    abs,
    add,
    concat,
    exp,
    is_tensor,
    matmul,
    mean,
    multiply,
    ones,
    ones_like,
    rand,
    randn,
    reshape,
    sqrt,
    square,
    stack,
    subtract,
    sum,
    transpose,
    uniform,
    zeros,
    zeros_like,
)
from .place import CPUPlace, CUDAPlace
from .static.mode import disable_static, enable_static, in_dynamic_mode
from .tensor import Tensor, to_tensor

__all__ = [
    "CPUPlace",
    "CUDAPlace",
    "ParamAttr",
    "Tensor",
    "abs",
    "add",
    "bfloat16",
    "bool",
    "complex64",
    "complex128",
    "concat",
    "disable_static",
    "enable_static",
    "exp",
    "float16",
    "float32",
    "float64",
    "get_default_dtype",
    "in_dynamic_mode",
    "int8",
    "int16",
    "int32",
    "int64",
    "is_tensor",
    "matmul",
    "mean",
    "multiply",
    "nn",
    "no_grad",
    "ones",
    "ones_like",
    "optimizer",
    "rand",
    "randn",
    "regularizer",
    "reshape",
    "seed",
    "set_default_dtype",
    "sqrt",
    "square",
    "stack",
    "static",
    "subtract",
    "sum",
    "to_tensor",
    "transpose",
    "uint8",
    "uniform",
    "unique_name",
    "zeros",
    "zeros_like",
]


def seed(seed: int) -> torch.Generator:
    """Seed torch's generators on every device, which the initializers draw from.

    >>> seed(0).initial_seed()
    0
    """
    return torch.manual_seed(int(seed))
