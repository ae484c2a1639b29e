"""MegEngine's API on the fourfold engine (mirrors MegEngine 1.13 and its documentation).

import fourfold.frontends.megengine as megengine
import fourfold.frontends.megengine.functional as F
import fourfold.frontends.megengine.module as M
"""

from . import activations, convolutions, creation, drawing, losses, norms, operators, pools
from . import autodiff, functional, layers, module, optimizer
from .functional import nn
from .module import batchnorm, conv, convolution, linear, normalization, sequential
from .module import module as base
from .names import NAMES
from .tensor import Parameter, Tensor, tensor

__all__ = ["Parameter", "Tensor", "autodiff", "functional", "module", "optimizer", "tensor"]

assert activations and convolutions and creation and drawing and layers  # rows
assert losses and norms and operators and pools
NAMES.by_hand("functional", nn)
NAMES.by_hand("module", base, batchnorm, conv, convolution, linear, normalization, sequential)
NAMES.add_modules()
