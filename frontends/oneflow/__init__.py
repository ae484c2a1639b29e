"""OneFlow's API on the fourfold engine (mirrors OneFlow 0.9.0); OneFlow itself is never imported.

dtypes and devices are torch's own objects under OneFlow's names.

Example:
    >>> import fourfold.frontends.oneflow as flow
    >>> import fourfold.frontends.oneflow.nn as nn
    >>> m = nn.ConvTranspose3d(16, 33, (3, 5, 2), stride=(2, 1, 1), padding=(0, 4, 2))
    >>> m(flow.randn(2, 16, 10, 12, 14)).shape
    oneflow.Size([2, 33, 21, 8, 11])
"""

from ..names import add_modules
from . import nn, optim
from .framework import (
    autocast,
    cuda_kinds,
    data,
    distributions,
    function,
    gradient_modes,
    kinds,
    methods,
    placement,
    sbp,
    scaling,
    shared,
    values,
)
from .names import NAMES
from .nn import graph, packed, parameter, transposed, weight_norm
from .nn import utils as nn_utils
from .nn.modules import container, conv, module
from .optim import (  # noqa: F401, whose import makes the rows
    decays,
    optimizer,
    optimizers,
    plateau,
    sequential,
)
from .rows import (  # noqa: F401, whose import makes the rows
    activations,
    checkpoints,
    creation,
    detection,
    differentiation,
    elementwise,
    exchange,
    fused,
    global_tensors,
    initialisers,
    joining,
    layers,
    layers_learned,
    layers_norms,
    losses,
    norms,
    pools,
    processes,
    quantization,
    reductions,
    sequences,
    shapes,
    signals,
    volumes,
)

__all__ = ["nn", "optim"]


NAMES.by_hand("", autocast, gradient_modes, kinds, placement, shared, values)
NAMES.by_hand("amp", scaling)
NAMES.by_hand("autograd", function)
NAMES.by_hand("cuda", cuda_kinds)
NAMES.by_hand("distributions", distributions)
NAMES.by_hand("nn", container, conv, graph, module, parameter)
NAMES.by_hand("nn.functional", transposed)
NAMES.by_hand("nn.utils", nn_utils, weight_norm)
NAMES.by_hand("nn.utils.rnn", packed)
NAMES.by_hand("optim", optimizer)
NAMES.by_hand("sbp", sbp)
NAMES.by_hand("utils.data", data)
NAMES.by_hand("optim.lr_scheduler", decays, plateau, sequential)
methods.add_methods()
add_modules(NAMES)
