"""Mirrors `paddle.nn`."""

from . import functional, initializer
from .conv import Conv3DTranspose
from .layer import Layer

__all__ = ["Conv3DTranspose", "Layer", "functional", "initializer"]
