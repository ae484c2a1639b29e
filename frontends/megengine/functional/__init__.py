"""Mirrors `megengine.functional`."""

from . import loss, nn
from .elemwise import abs, exp, gelu, leaky_relu, relu, relu6, sigmoid, silu, sqrt, square, tanh
from .nn import conv_transpose3d
from .tensor import concat, mean, ones, ones_like, reshape, stack, sum, transpose, zeros, zeros_like

__all__ = [
    "abs",
    "concat",
    "conv_transpose3d",
    "exp",
    "gelu",
    "leaky_relu",
    "loss",
    "mean",
    "nn",
    "ones",
    "ones_like",
    "relu",
    "relu6",
    "reshape",
    "sigmoid",
    "silu",
    "sqrt",
    "square",
    "stack",
    "sum",
    "tanh",
    "transpose",
    "zeros",
    "zeros_like",
]
