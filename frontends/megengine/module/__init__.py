"""Mirrors `megengine.module`."""

from . import conv
from .conv import ConvTranspose3d
from .module import Module

__all__ = ["ConvTranspose3d", "Module", "conv"]
