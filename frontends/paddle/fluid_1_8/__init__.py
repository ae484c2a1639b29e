"""Mirrors `paddle.fluid` as Paddle 1.8.5 released it: padding before stride, no output_size, and its bias rule.

Everything but `dygraph.Conv3DTranspose` is the same as in `..fluid`.
"""

from ...names import add_modules
from ..fluid import core
from .names import NAMES

__all__ = ["core"]

add_modules(NAMES)
