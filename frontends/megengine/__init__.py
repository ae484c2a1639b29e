"""MegEngine's API on the fourfold engine (mirrors MegEngine 1.13 and its documentation).

import fourfold.frontends.megengine as megengine
import fourfold.frontends.megengine.functional as F
import fourfold.frontends.megengine.module as M
"""

from . import autodiff, functional, module, optimizer
from .tensor import Parameter, Tensor, tensor

__all__ = ["Parameter", "Tensor", "autodiff", "functional", "module", "optimizer", "tensor"]
