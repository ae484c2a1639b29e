"""fluid's names as Paddle 1.8.5 released them: those of `..fluid`, but for the transposed convolution."""

from __future__ import annotations

from .. import fluid
from ..fluid.names import NAMES as DOCUMENTED
from ..fluid.names import RELEASED
from . import convolution

__all__ = ["NAMES"]

assert fluid  # it serves what the names stand for
NAMES = DOCUMENTED.variant(__name__.rpartition(".")[0], RELEASED, ("dygraph", convolution))
