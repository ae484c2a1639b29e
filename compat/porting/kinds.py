"""What kind of layer a module is, by its class: never by a name or the shape of a tensor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from torch import nn

from ...frontends.megengine import module as megengine
from ...frontends.oneflow import nn as oneflow
from ...frontends.paddle import nn as paddle
from ...frontends.paddle.fluid import dygraph as fluid
from ...frontends.paddle.fluid.dygraph.convolution import TransposedConvolution3D

APIS = ("torch", "paddle", "fluid", "megengine", "oneflow")


class Kind(str, Enum):
    """A layer whose tensors all frameworks have, whatever they call it."""

    CONV_TRANSPOSE = "transposed convolution"
    CONV = "convolution"
    LINEAR = "linear"
    BATCH_NORM = "batch normalisation"
    INSTANCE_NORM = "instance normalisation"
    GROUP_NORM = "group normalisation"
    LAYER_NORM = "layer normalisation"
    PRELU = "PReLU"
    EMBEDDING = "embedding"


@dataclass(frozen=True, slots=True)
class Layer:
    """What the layout rules need to know of one layer.

    Attributes:
        kind: what it computes.
        api: whose layout its own tensors have: one of `APIS`.
        axes: spatial axes of a convolution, 1 to 3; 0 for the other kinds.
        groups: groups of a convolution, 1 and above; 1 for the other kinds.
    """

    kind: Kind
    api: str = "torch"
    axes: int = 0
    groups: int = 1


@dataclass(frozen=True, slots=True)
class _Class:
    type: type[nn.Module]
    kind: Kind
    api: str = "torch"
    axes: int = 0


# A subclass stands before its base. OneFlow's other layers are torch's, by class and by layout.
_CLASSES = (
    _Class(paddle.Conv3DTranspose, Kind.CONV_TRANSPOSE, "paddle", 3),
    _Class(paddle.Conv3D, Kind.CONV, "paddle", 3),
    _Class(paddle.Linear, Kind.LINEAR, "paddle"),
    _Class(paddle.BatchNorm3D, Kind.BATCH_NORM, "paddle"),
    _Class(paddle.BatchNorm, Kind.BATCH_NORM, "paddle"),
    _Class(paddle.InstanceNorm3D, Kind.INSTANCE_NORM, "paddle"),
    _Class(paddle.GroupNorm, Kind.GROUP_NORM, "paddle"),
    _Class(paddle.LayerNorm, Kind.LAYER_NORM, "paddle"),
    _Class(paddle.PReLU, Kind.PRELU, "paddle"),
    _Class(paddle.Embedding, Kind.EMBEDDING, "paddle"),
    _Class(TransposedConvolution3D, Kind.CONV_TRANSPOSE, "fluid", 3),
    _Class(fluid.Conv3D, Kind.CONV, "fluid", 3),
    _Class(fluid.Linear, Kind.LINEAR, "fluid"),
    _Class(fluid.BatchNorm, Kind.BATCH_NORM, "fluid"),
    _Class(fluid.InstanceNorm, Kind.INSTANCE_NORM, "fluid"),
    _Class(fluid.LayerNorm, Kind.LAYER_NORM, "fluid"),
    _Class(fluid.PRelu, Kind.PRELU, "fluid"),
    _Class(fluid.Embedding, Kind.EMBEDDING, "fluid"),
    _Class(megengine.ConvTranspose3d, Kind.CONV_TRANSPOSE, "megengine", 3),
    _Class(megengine.Conv3d, Kind.CONV, "megengine", 3),
    _Class(megengine.Linear, Kind.LINEAR, "megengine"),
    _Class(megengine.BatchNorm1d, Kind.BATCH_NORM, "megengine"),
    _Class(megengine.BatchNorm2d, Kind.BATCH_NORM, "megengine"),
    _Class(megengine.InstanceNorm, Kind.INSTANCE_NORM, "megengine"),
    _Class(megengine.GroupNorm, Kind.GROUP_NORM, "megengine"),
    _Class(megengine.LayerNorm, Kind.LAYER_NORM, "megengine"),
    _Class(megengine.PReLU, Kind.PRELU, "megengine"),
    _Class(megengine.Embedding, Kind.EMBEDDING, "megengine"),
    _Class(oneflow.ConvTranspose3d, Kind.CONV_TRANSPOSE, "oneflow", 3),
    _Class(nn.ConvTranspose1d, Kind.CONV_TRANSPOSE, axes=1),
    _Class(nn.ConvTranspose2d, Kind.CONV_TRANSPOSE, axes=2),
    _Class(nn.ConvTranspose3d, Kind.CONV_TRANSPOSE, axes=3),
    _Class(nn.Conv1d, Kind.CONV, axes=1),
    _Class(nn.Conv2d, Kind.CONV, axes=2),
    _Class(nn.Conv3d, Kind.CONV, axes=3),
    _Class(nn.Linear, Kind.LINEAR),
    _Class(nn.modules.instancenorm._InstanceNorm, Kind.INSTANCE_NORM),
    _Class(nn.modules.batchnorm._BatchNorm, Kind.BATCH_NORM),
    _Class(nn.GroupNorm, Kind.GROUP_NORM),
    _Class(nn.LayerNorm, Kind.LAYER_NORM),
    _Class(nn.PReLU, Kind.PRELU),
    _Class(nn.Embedding, Kind.EMBEDDING),
)


def layer_of(module: nn.Module) -> Layer | None:
    """Return what the layout rules need to know of a module, or None where there is no rule for its class.

    Args:
        module: a torch layer or one of a front end; subclasses count as their base.

    Example:
        >>> layer_of(nn.Conv3d(4, 6, 3, groups=2))
        Layer(kind=<Kind.CONV: 'convolution'>, api='torch', axes=3, groups=2)
        >>> layer_of(nn.ReLU()) is None
        True
    """
    for row in _CLASSES:
        if isinstance(module, row.type):
            return Layer(row.kind, row.api, row.axes, _groups(module) if row.axes else 1)
    return None


def _groups(module: Any) -> int:
    """Return the groups of a convolution; Paddle keeps them under a private name."""
    return int(module.groups if hasattr(module, "groups") else module._groups)


def normalized_shape(module: Any) -> tuple[int, ...]:
    """Return the sizes that a layer normalisation of any API normalises over, which flat parameters do not tell.

    >>> normalized_shape(paddle.LayerNorm([3, 4]))
    (3, 4)
    """
    names = ("normalized_shape", "_normalized_shape", "_shape")
    return tuple(next(getattr(module, name) for name in names if hasattr(module, name)))
