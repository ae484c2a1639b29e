"""Mirrors `torch.nn`."""

from . import functional
from .conv import ConvTranspose3d, LazyConvTranspose3d

__all__ = ["ConvTranspose3d", "LazyConvTranspose3d", "functional"]
