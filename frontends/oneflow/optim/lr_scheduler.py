"""Mirrors `oneflow.optim.lr_scheduler`."""

from .decays import (
    ConstantLR,
    CosineAnnealingLR,
    CosineDecayLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from .sequential import SequentialLR, WarmUpLR, WarmupLR

__all__ = [
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineDecayLR",
    "ExponentialLR",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "PolynomialLR",
    "SequentialLR",
    "StepLR",
    "WarmUpLR",
    "WarmupLR",
]
