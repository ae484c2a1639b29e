"""Mirrors `oneflow.optim`: torch's optimizers with OneFlow's arguments and state."""

from . import lr_scheduler
from .optimizer import SGD, Adam, AdamW, Optimizer

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "lr_scheduler"]
