"""Mirrors `paddle.nn`."""

from . import functional, initializer
from .activation import ELU, GELU, Identity, LeakyReLU, PReLU, ReLU, Sigmoid, Silu, Softmax, Tanh
from .clip import ClipGradByGlobalNorm, ClipGradByNorm, ClipGradByValue
from .common import Dropout, Dropout3D, Embedding, Flatten, Linear, Upsample
from .container import LayerList, Sequential
from .conv import Conv3DTranspose
from .convolution import Conv3D
from .layer import Layer
from .loss import BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss
from .norm import BatchNorm, BatchNorm3D, GroupNorm, InstanceNorm3D, LayerNorm
from .pooling import AdaptiveAvgPool3D, AdaptiveMaxPool3D, AvgPool3D, MaxPool3D

__all__ = [
    "ELU",
    "GELU",
    "AdaptiveAvgPool3D",
    "AdaptiveMaxPool3D",
    "AvgPool3D",
    "BCEWithLogitsLoss",
    "BatchNorm",
    "BatchNorm3D",
    "ClipGradByGlobalNorm",
    "ClipGradByNorm",
    "ClipGradByValue",
    "Conv3D",
    "Conv3DTranspose",
    "CrossEntropyLoss",
    "Dropout",
    "Dropout3D",
    "Embedding",
    "Flatten",
    "GroupNorm",
    "Identity",
    "InstanceNorm3D",
    "L1Loss",
    "Layer",
    "LayerList",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "MSELoss",
    "MaxPool3D",
    "PReLU",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Silu",
    "Softmax",
    "Tanh",
    "Upsample",
    "functional",
    "initializer",
]
