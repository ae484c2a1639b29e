"""Mirrors the containers of `oneflow.nn`."""

from __future__ import annotations

from typing import Any

import torch

from .module import Module

__all__ = ["ModuleDict", "ModuleList", "ParameterDict", "ParameterList", "Sequential"]


class Sequential(torch.nn.Sequential, Module):
    """Modules one after the other, or one OrderedDict of them.

    >>> import fourfold.frontends.oneflow.nn as nn
    >>> list(nn.Sequential(nn.ConvTranspose3d(4, 2, 2, stride=2), nn.ReLU()).state_dict())
    ['0.weight', '0.bias']
    """


class ModuleList(torch.nn.ModuleList, Module):
    """A list of modules, which belong to the module that holds it."""


class ModuleDict(torch.nn.ModuleDict, Module):
    """Modules by name, which belong to the module that holds them."""


class ParameterList(torch.nn.ParameterList, Module):
    """A list of parameters, which belong to the module that holds it."""

    def __init__(self, parameters: Any = None) -> None:
        super().__init__(parameters)


class ParameterDict(torch.nn.ParameterDict, Module):
    """Parameters by name, which belong to the module that holds them."""
