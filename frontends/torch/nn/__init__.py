"""Mirrors `torch.nn`."""

from . import functional
from .conv import ConvTranspose3d, LazyConvTranspose3d
from .network import Conv3d, InstanceNorm3d

__all__ = ["Conv3d", "ConvTranspose3d", "InstanceNorm3d", "LazyConvTranspose3d", "functional"]
