"""The kinds of layers with tensors that have layout rules, and which one a module is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, get_args

from ...frontends.kinds import kind_of, owner_of
from ..literals import Api

if TYPE_CHECKING:
    from torch import nn

APIS: tuple[Api, ...] = get_args(Api)


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
    RECURRENT_CELL = "recurrent cell"
    RECURRENT = "recurrent layers"


LAID_OUT = {
    "ConvTransposeNd": Kind.CONV_TRANSPOSE,
    "ConvNd": Kind.CONV,
    "Linear": Kind.LINEAR,
    "BatchNormNd": Kind.BATCH_NORM,
    "InstanceNormNd": Kind.INSTANCE_NORM,
    "GroupNorm": Kind.GROUP_NORM,
    "LayerNorm": Kind.LAYER_NORM,
    "PReLU": Kind.PRELU,
    "Embedding": Kind.EMBEDDING,
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), Kind.RECURRENT_CELL),
    **dict.fromkeys(("RNN", "LSTM", "GRU"), Kind.RECURRENT),
}


@dataclass(frozen=True, slots=True)
class Layer:
    """What the layout rules need to know of one layer.

    Attributes:
        kind: what it computes.
        api: whose layout its own tensors have: one of `APIS`.
        axes: spatial axes of a convolution, 1 to 3; 0 for the other kinds.
        groups: groups of a convolution, 1 and above; 1 for the other kinds.
        layers: how many recurrent layers lie on each other; 1 for the other kinds.
        directions: 2 where each of them runs backwards too; 1 otherwise.
    """

    kind: Kind
    api: str = "torch"
    axes: int = 0
    groups: int = 1
    layers: int = 1
    directions: int = 1


def layer_of(module: nn.Module) -> Layer | None:
    """Return what the layout rules need to know of a module, or None where there is no rule for its class.

    Args:
        module: a torch layer or one of a front end; subclasses count as their base.

    Example:
        >>> from torch import nn
        >>> found = layer_of(nn.Conv3d(4, 6, 3, groups=2))
        >>> found.kind, found.api, found.axes, found.groups
        (<Kind.CONV: 'convolution'>, 'torch', 3, 2)
        >>> layer_of(nn.ReLU()) is None
        True
    """
    owner, found = owner_of(module), kind_of(module)
    if owner is None or found is None or found.name not in LAID_OUT:
        return None
    kind, api = LAID_OUT[found.name], api_of(owner)
    if kind is Kind.RECURRENT:
        return Layer(kind, api, layers=module.num_layers, directions=directions_of(module))  # type: ignore[arg-type]
    if kind not in (Kind.CONV, Kind.CONV_TRANSPOSE):
        return Layer(kind, api)
    return Layer(kind, api, next(iter(found.axes)), _groups(module))


def api_of(owner: type[nn.Module]) -> str:
    """Return which of `APIS` a class of torch or of a front end belongs to.

    >>> from fourfold.frontends.paddle.fluid import dygraph
    >>> api_of(dygraph.Linear)
    'fluid'
    """
    names = owner.__module__.split(".")
    if "fluid" in names or "fluid_1_8" in names:
        return "fluid"
    return next((name for name in names if name in APIS), "torch")


def directions_of(module: Any) -> int:
    """Return in how many directions recurrent layers run; Paddle counts them, others say whether there are both."""
    return int(getattr(module, "num_directions", 0) or 1 + bool(module.bidirectional))


def _groups(module: Any) -> int:
    """Return the groups of a convolution; Paddle keeps them under a private name."""
    return int(module.groups if hasattr(module, "groups") else module._groups)


def normalized_shape(module: Any) -> tuple[int, ...]:
    """Return the sizes that a layer normalisation of any API normalises over, which flat parameters do not tell.

    >>> from fourfold.frontends import paddle
    >>> normalized_shape(paddle.nn.LayerNorm([3, 4]))
    (3, 4)
    """
    names = ("normalized_shape", "_normalized_shape", "_shape")
    return tuple(next(getattr(module, name) for name in names if hasattr(module, name)))
