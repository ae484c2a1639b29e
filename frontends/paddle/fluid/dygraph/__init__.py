"""Mirrors `paddle.fluid.dygraph`."""

from . import base, layers, learning_rate_scheduler, nn
from .base import guard, no_grad, to_variable
from .container import LayerList, Sequential
from .layers import Layer
from .learning_rate_scheduler import (
    CosineDecay,
    ExponentialDecay,
    InverseTimeDecay,
    LambdaDecay,
    LinearLrWarmup,
    MultiStepDecay,
    NaturalExpDecay,
    NoamDecay,
    PiecewiseDecay,
    PolynomialDecay,
    StepDecay,
)
from .nn import BatchNorm, Conv3D, Conv3DTranspose, Dropout, Embedding, InstanceNorm, LayerNorm, Linear, PRelu

__all__ = [
    "BatchNorm",
    "Conv3D",
    "Conv3DTranspose",
    "CosineDecay",
    "Dropout",
    "Embedding",
    "ExponentialDecay",
    "InstanceNorm",
    "InverseTimeDecay",
    "LambdaDecay",
    "Layer",
    "LayerList",
    "LayerNorm",
    "Linear",
    "LinearLrWarmup",
    "MultiStepDecay",
    "NaturalExpDecay",
    "NoamDecay",
    "PRelu",
    "PiecewiseDecay",
    "PolynomialDecay",
    "Sequential",
    "StepDecay",
    "base",
    "guard",
    "layers",
    "learning_rate_scheduler",
    "nn",
    "no_grad",
    "to_variable",
]
