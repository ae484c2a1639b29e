"""Mirrors `oneflow.nn.modules`."""

from . import conv, module
from .activation import ELU, GELU, Identity, LeakyReLU, ReLU, ReLU6, Sigmoid, SiLU, Tanh
from .container import ModuleList, Sequential
from .conv import ConvTranspose3d
from .loss import L1Loss, MSELoss
from .module import Module

__all__ = [
    "ELU",
    "GELU",
    "ConvTranspose3d",
    "Identity",
    "L1Loss",
    "LeakyReLU",
    "MSELoss",
    "Module",
    "ModuleList",
    "ReLU",
    "ReLU6",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Tanh",
    "conv",
    "module",
]
