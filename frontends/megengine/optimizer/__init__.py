"""Mirrors `megengine.optimizer`: torch's optimizers with MegEngine's arguments, methods and state."""

from .clip_grad import clip_grad_norm, clip_grad_value
from .lr_scheduler import LRScheduler, MultiStepLR
from .optimizer import SGD, Adam, AdamW, Optimizer

__all__ = ["SGD", "Adam", "AdamW", "LRScheduler", "MultiStepLR", "Optimizer", "clip_grad_norm", "clip_grad_value"]
