"""Mirrors `megengine.functional`."""

from . import nn
from .nn import conv_transpose3d

__all__ = ["conv_transpose3d", "nn"]
