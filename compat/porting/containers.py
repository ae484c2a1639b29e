"""Containers of layers, which every API has of its own."""

from __future__ import annotations

from torch import nn

from ...frontends.megengine import module as megengine
from ...frontends.oneflow import nn as oneflow
from ...frontends.paddle import nn as paddle
from ...frontends.paddle.fluid import dygraph as fluid

SEQUENCES = {
    "torch": nn.Sequential,
    "torch.nn": nn.Sequential,
    "paddle": paddle.Sequential,
    "fluid": fluid.Sequential,
    "fluid_1_8": fluid.Sequential,
    "megengine": megengine.Sequential,
    "oneflow": oneflow.Sequential,
}
# MegEngine takes Python's own lists
LISTS = {
    "torch": nn.ModuleList,
    "torch.nn": nn.ModuleList,
    "paddle": paddle.LayerList,
    "fluid": fluid.LayerList,
    "fluid_1_8": fluid.LayerList,
    "oneflow": oneflow.ModuleList,
}


def empty_container(old: nn.Module, target: str) -> nn.Module | None:
    """Return the target's container in place of one of another API, still empty; None where it stays.

    It stays where it is the target's already, of the user's own class or with something of its own in it, and where
    the target has none.

    >>> type(empty_container(paddle.Sequential(nn.ReLU()), "torch.nn"))
    <class 'torch.nn.modules.container.Sequential'>
    """
    for family in (SEQUENCES, LISTS):
        kind = family.get(target)
        if type(old) in family.values() and kind is not None and type(old) is not kind:
            if old.__dict__.keys() != type(old)().__dict__.keys() or old._parameters or old._buffers:
                return None
            new: nn.Module = kind()
            new.training = old.training
            return new
    return None
