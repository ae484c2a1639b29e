"""Mirrors `oneflow.nn`."""

from . import functional, modules
from .modules import (
    ELU,
    GELU,
    ConvTranspose3d,
    Identity,
    L1Loss,
    LeakyReLU,
    Module,
    ModuleList,
    MSELoss,
    ReLU,
    ReLU6,
    Sequential,
    Sigmoid,
    SiLU,
    Tanh,
)
from .parameter import Parameter

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
    "Parameter",
    "ReLU",
    "ReLU6",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Tanh",
    "functional",
    "modules",
]
