"""Mirrors `paddle.optimizer`."""

from . import lr
from .optimizer import SGD, Adam, AdamW, Momentum, Optimizer

__all__ = ["SGD", "Adam", "AdamW", "Momentum", "Optimizer", "lr"]
