"""Mirrors the containers of `oneflow.nn`."""

from __future__ import annotations

from typing import Any

import torch

from .module import Module

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]


class Sequential(Module, torch.nn.Sequential):
    """Modules one after the other, or one OrderedDict of them.

    >>> import fourfold.frontends.oneflow.nn as nn
    >>> list(nn.Sequential(nn.ConvTranspose3d(4, 2, 2, stride=2), nn.ReLU()).state_dict())
    ['0.weight', '0.bias']
    """


class ModuleList(Module, torch.nn.ModuleList):
    """A list of modules, which belong to the module that holds it."""


class ModuleDict(Module, torch.nn.ModuleDict):
    """Modules by name, which belong to the module that holds them."""


class ParameterList(Module, torch.nn.ParameterList):
    """A list of parameters, which belong to the module that holds it."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__(parameters)


class ParameterDict(Module, torch.nn.ParameterDict):
    """Parameters by name, which belong to the module that holds them."""
