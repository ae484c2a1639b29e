"""Mirrors `paddle.fluid.dygraph` of Paddle 1.8.5."""

from ...fluid.dygraph import Layer, LayerList, Sequential, base, guard, layers, no_grad, to_variable
from . import nn
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
