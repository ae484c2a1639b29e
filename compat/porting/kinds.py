"""What kind of layer a module is, by its class: never by a name or the shape of a tensor."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from torch import nn

from ...frontends.megengine.module import ConvTranspose3d as MegEngineConvTranspose3d
from ...frontends.oneflow.nn import ConvTranspose3d as OneFlowConvTranspose3d
from ...frontends.paddle.fluid.dygraph.convolution import TransposedConvolution3D as FluidConv3DTranspose
from ...frontends.paddle.nn import Conv3DTranspose as PaddleConv3DTranspose

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


# A subclass stands before its base.
_CLASSES = (
    _Class(MegEngineConvTranspose3d, Kind.CONV_TRANSPOSE, "megengine", 3),
    _Class(OneFlowConvTranspose3d, Kind.CONV_TRANSPOSE, "oneflow", 3),
    _Class(FluidConv3DTranspose, Kind.CONV_TRANSPOSE, "fluid", 3),
    _Class(PaddleConv3DTranspose, Kind.CONV_TRANSPOSE, "paddle", 3),
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
