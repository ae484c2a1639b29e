"""Mirrors `paddle.nn`."""

from . import functional, initializer
from .activation import ELU, GELU, Identity, LeakyReLU, ReLU, Sigmoid, Silu, Softmax, Tanh
from .container import LayerList, Sequential
from .conv import Conv3DTranspose
from .layer import Layer
from .loss import L1Loss, MSELoss

__all__ = [
    "ELU",
    "GELU",
    "Conv3DTranspose",
    "Identity",
    "L1Loss",
    "Layer",
    "LayerList",
    "LeakyReLU",
    "MSELoss",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Silu",
    "Softmax",
    "Tanh",
    "functional",
    "initializer",
]
