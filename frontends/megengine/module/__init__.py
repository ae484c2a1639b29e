"""Mirrors `megengine.module`."""

from . import conv
from .activation import GELU, Identity, LeakyReLU, ReLU, Sigmoid, SiLU
from .conv import ConvTranspose3d
from .module import Module
from .sequential import Sequential

__all__ = [
    "GELU",
    "ConvTranspose3d",
    "Identity",
    "LeakyReLU",
    "Module",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "conv",
]
