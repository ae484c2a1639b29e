"""MegEngine's API on the fourfold engine (mirrors MegEngine 1.13 and its documentation).

import fourfold.frontends.megengine as megengine
import fourfold.frontends.megengine.functional as F
import fourfold.frontends.megengine.module as M
"""

from ..names import add_modules
from . import (
    activations,
    autodiff,
    checkpoints,
    convolutions,
    creation,
    drawing,
    functional,
    joined,
    layers,
    losses,
    module,
    norms,
    operators,
    optimizer,
    pools,
)
from .functional import nn
from .module import conv, sequential
from .module import module as base
from .names import NAMES
from .tensor import Parameter, Tensor, tensor

__all__ = ["Parameter", "Tensor", "autodiff", "functional", "module", "optimizer", "tensor"]

ROOMS = (
    activations,
    checkpoints,
    convolutions,
    creation,
    drawing,
    joined,
    layers,
    losses,
    norms,
    operators,
    pools,
)  # imported for rows
NAMES.by_hand("functional", nn)
NAMES.by_hand("module", base, conv, sequential)
add_modules(NAMES)
