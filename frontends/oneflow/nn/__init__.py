"""Mirrors `oneflow.nn`."""

from . import functional, modules
from .modules import ConvTranspose3d, Module
from .parameter import Parameter

__all__ = ["ConvTranspose3d", "Module", "Parameter", "functional", "modules"]
