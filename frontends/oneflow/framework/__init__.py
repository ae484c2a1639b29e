"""Tensors and what makes them; `oneflow` re-exports these names."""

from .creation import arange, empty, from_numpy, full, ones, ones_like, rand, randn, tensor, zeros, zeros_like
from .pieces import split
from .size import Size
from .tensor import Tensor, is_tensor

__all__ = [
    "Size",
    "Tensor",
    "arange",
    "empty",
    "from_numpy",
    "full",
    "is_tensor",
    "ones",
    "ones_like",
    "rand",
    "randn",
    "split",
    "tensor",
    "zeros",
    "zeros_like",
]
