"""OneFlow's API on the fourfold engine (mirrors OneFlow 0.9.0); OneFlow itself is never imported.

dtypes, devices and gradient modes are torch's own objects under OneFlow's names.

Example:
    >>> import fourfold.frontends.oneflow as flow
    >>> import fourfold.frontends.oneflow.nn as nn
    >>> m = nn.ConvTranspose3d(16, 33, (3, 5, 2), stride=(2, 1, 1), padding=(0, 4, 2))
    >>> m(flow.randn(2, 16, 10, 12, 14)).shape
    oneflow.Size([2, 33, 21, 8, 11])
"""

from torch import (
    bfloat16,
    bool,
    device,
    double,
    dtype,
    enable_grad,
    float,
    float16,
    float32,
    float64,
    get_default_dtype,
    half,
    inference_mode,
    int,
    int8,
    int32,
    int64,
    is_grad_enabled,
    long,
    manual_seed,
    no_grad,
    set_default_dtype,
    set_grad_enabled,
    uint8,
)

from . import nn
from .framework import (
    Size,
    Tensor,
    arange,
    empty,
    from_numpy,
    full,
    is_tensor,
    ones,
    ones_like,
    rand,
    randn,
    tensor,
    zeros,
    zeros_like,
)

__all__ = [
    "Size",
    "Tensor",
    "arange",
    "bfloat16",
    "bool",
    "device",
    "double",
    "dtype",
    "empty",
    "enable_grad",
    "float",
    "float16",
    "float32",
    "float64",
    "from_numpy",
    "full",
    "get_default_dtype",
    "half",
    "inference_mode",
    "int",
    "int8",
    "int32",
    "int64",
    "is_grad_enabled",
    "is_tensor",
    "long",
    "manual_seed",
    "nn",
    "no_grad",
    "ones",
    "ones_like",
    "rand",
    "randn",
    "set_default_dtype",
    "set_grad_enabled",
    "tensor",
    "uint8",
    "zeros",
    "zeros_like",
]
