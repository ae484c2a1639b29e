"""Mirrors `paddle.fluid.dygraph`."""

from . import base, layers, nn
from .base import guard, no_grad, to_variable
from .container import LayerList, Sequential
from .layers import Layer
from .nn import Conv3DTranspose

__all__ = [
    "Conv3DTranspose",
    "Layer",
    "LayerList",
    "Sequential",
    "base",
    "guard",
    "layers",
    "nn",
    "no_grad",
    "to_variable",
]
