"""Mirrors `megengine.module`."""

from . import batchnorm, conv, normalization
from .activation import GELU, Identity, LeakyReLU, PReLU, ReLU, Sigmoid, SiLU, Softmax
from .batchnorm import BatchNorm1d, BatchNorm2d
from .conv import Conv3d, ConvTranspose3d
from .linear import Embedding, Linear
from .module import Module
from .normalization import GroupNorm, InstanceNorm, LayerNorm
from .pooling import AvgPool2d, Dropout, MaxPool2d
from .sequential import Sequential

__all__ = [
    "GELU",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv3d",
    "ConvTranspose3d",
    "Dropout",
    "Embedding",
    "GroupNorm",
    "Identity",
    "InstanceNorm",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "Module",
    "PReLU",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "batchnorm",
    "conv",
    "normalization",
]
