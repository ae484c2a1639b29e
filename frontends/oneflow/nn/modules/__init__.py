"""Mirrors `oneflow.nn.modules`."""

from . import conv, module
from .conv import ConvTranspose3d
from .module import Module

__all__ = ["ConvTranspose3d", "Module", "conv", "module"]
