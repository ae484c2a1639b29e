"""MegEngine's API on the fourfold engine (mirrors MegEngine 1.13 and its documentation).

import fourfold.frontends.megengine as megengine
import fourfold.frontends.megengine.functional as F
import fourfold.frontends.megengine.module as M
"""

from ..names import add_modules
from . import (
    activations,
    alignments,
    amp,
    attention,
    autodiff,
    checkpoints,
    complexes,
    convolutions,
    creation,
    devices,
    drawing,
    functional,
    hub,
    jit,
    joined,
    layers,
    logger,
    losses,
    module,
    norms,
    operators,
    optimizer,
    places,
    pools,
    processes,
    rng,
    warps,
    windows,
)
from .data import collator, colours, dataloader, dataset, sampler, transform
from .data import windows as crops
from .functional import nn
from .module import conv, multiheadattn, rnn, sequential
from .module import module as base
from .names import NAMES
from .optimizer import clip_grad, lr_scheduler, optimizers
from .optimizer import optimizer as optimization
from .tensor import Parameter, Tensor, tensor

__all__ = ["Parameter", "Tensor", "autodiff", "functional", "module", "optimizer", "tensor"]

ROOMS = (
    activations,
    alignments,
    attention,
    checkpoints,
    complexes,
    convolutions,
    creation,
    devices,
    drawing,
    joined,
    layers,
    losses,
    norms,
    operators,
    optimizers,
    places,
    pools,
    warps,
    windows,
)  # imported for rows
NAMES.by_hand("amp", amp)
NAMES.by_hand("autodiff", autodiff)
NAMES.by_hand("data", collator, dataloader, sampler)
NAMES.by_hand("data.dataset", dataset)
NAMES.by_hand("data.transform", colours, transform, crops)
NAMES.by_hand("distributed", processes)
NAMES.by_hand("functional", nn)
NAMES.by_hand("hub", hub)
NAMES.by_hand("jit", jit)
NAMES.by_hand("logger", logger)
NAMES.by_hand("random", rng)
NAMES.by_hand("module", base, conv, multiheadattn, rnn, sequential)
NAMES.by_hand("optimizer", clip_grad, lr_scheduler, optimization)
add_modules(NAMES)
