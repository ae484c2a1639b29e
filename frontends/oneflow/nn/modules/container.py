"""Mirrors the containers of `oneflow.nn`."""

from __future__ import annotations

import torch

from .module import Module

__all__ = ["ModuleList", "Sequential"]


class Sequential(Module, torch.nn.Sequential):
    """Modules one after the other, or one OrderedDict of them.

    >>> import fourfold.frontends.oneflow.nn as nn
    >>> list(nn.Sequential(nn.ConvTranspose3d(4, 2, 2, stride=2), nn.ReLU()).state_dict())
    ['0.weight', '0.bias']
    """


class ModuleList(Module, torch.nn.ModuleList):
    """A list of modules, which belong to the module that holds it."""
