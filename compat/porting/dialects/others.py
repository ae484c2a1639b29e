"""Linear layers, embeddings, PReLU, activations and dropout in each API."""

from __future__ import annotations

from typing import Any

from torch import nn

from ....frontends.megengine import module as megengine
from ....frontends.oneflow import nn as oneflow
from ....frontends.paddle import nn as paddle
from ....frontends.paddle.fluid import dygraph as fluid
from ..errors import NoCounterpartError, PortingError
from ..kinds import Kind
from .paddles import BIAS, channels, is_last
from .words import FLUID, MEGENGINE, ONEFLOW, PADDLE, TORCH, Row, Says, has, is_frozen, same, says, shape_of, tells


def _shaped(names: tuple[str, str], words: tuple[str, str], first: int = 0) -> tuple[Says, Says]:
    """Return how two arguments are said by the weight; `first` is where the first stands in torch's shape of it."""
    return (
        tells(words[0], lambda layer: shape_of(layer)[first], names[0]),
        tells(words[1], lambda layer: shape_of(layer)[1 - first], names[1]),
    )


FEATURES = ("in_features", "out_features")
FEATURES_OF_TORCH = (*_shaped(FEATURES, FEATURES, first=1), tells("bias", has("bias"), "bias"))

LINEARS = (
    Row(Kind.LINEAR, TORCH, nn.Linear, FEATURES_OF_TORCH),
    Row(Kind.LINEAR, ONEFLOW, oneflow.Linear, FEATURES_OF_TORCH),
    Row(Kind.LINEAR, MEGENGINE, megengine.Linear, FEATURES_OF_TORCH),
    Row(Kind.LINEAR, PADDLE, paddle.Linear, (*_shaped(FEATURES, FEATURES, first=1), BIAS)),
    Row(
        Kind.LINEAR,
        FLUID,
        fluid.Linear,
        (*_shaped(("input_dim", "output_dim"), FEATURES, first=1), BIAS, says("act", None, "_act")),
    ),
)


def _no_norm_type(layer: Any) -> tuple[float, float] | None:
    return None if layer.max_norm is None else (layer.max_norm, layer.norm_type)


def _no_norm_type_in_paddle(layer: Any) -> tuple[float, float] | None:
    return None if layer._max_norm is None else (layer._max_norm, layer._norm_type)


ROWS_OF = ("num_embeddings", "embedding_dim")
TABLE = (*_shaped(ROWS_OF, ROWS_OF), tells("frozen", is_frozen))
TABLE_OF_TORCH = (
    *TABLE,
    *same("padding_idx", "scale_grad_by_freq", "sparse"),
    tells("max_norm", _no_norm_type, "max_norm", lambda meaning: (meaning["max_norm"] or (None,))[0], "max_norm"),
    tells("max_norm", _no_norm_type, "norm_type", lambda meaning: (meaning["max_norm"] or (0, 2.0))[1], "norm_type"),
)

TABLE_OF_PADDLE = (
    *TABLE,
    says("padding_idx", None, "_padding_idx"),
    says("scale_grad_by_freq", None, "_scale_grad_by_freq"),
    says("sparse", None, "_sparse"),
    TABLE_OF_TORCH[-2]._replace(read=_no_norm_type_in_paddle, raw=_no_norm_type_in_paddle),
    TABLE_OF_TORCH[-1]._replace(read=_no_norm_type_in_paddle, raw=_no_norm_type_in_paddle),
)

EMBEDDINGS = (
    Row(Kind.EMBEDDING, TORCH, nn.Embedding, TABLE_OF_TORCH),
    Row(Kind.EMBEDDING, ONEFLOW, oneflow.Embedding, TABLE_OF_TORCH),
    Row(Kind.EMBEDDING, MEGENGINE, megengine.Embedding, TABLE),
    Row(Kind.EMBEDDING, PADDLE, paddle.Embedding, TABLE_OF_PADDLE),
    Row(
        Kind.EMBEDDING,
        FLUID,
        fluid.Embedding,
        (
            TABLE[0]._replace(argument="size", write=lambda meaning: [meaning[word] for word in ROWS_OF]),
            TABLE[1]._replace(argument=None),
            TABLE[2],
        ),
    ),
)


def _one_slope(meaning: dict[str, Any]) -> int:
    if meaning["num_parameters"] > 1:
        msg = "slopes per channel are for planes alone there"
        raise NoCounterpartError(msg)
    return 1


SLOPES = tells("num_parameters", lambda layer: shape_of(layer)[0], "num_parameters")

PRELUS = (
    Row(Kind.PRELU, TORCH, nn.PReLU, (SLOPES,)),
    Row(Kind.PRELU, ONEFLOW, oneflow.PReLU, (SLOPES,)),
    Row(Kind.PRELU, MEGENGINE, megengine.PReLU, (SLOPES._replace(write=_one_slope),)),
    Row(
        Kind.PRELU,
        PADDLE,
        paddle.PReLU,
        (
            SLOPES,
            tells(
                "channels_last",
                # one slope is the same for any order
                lambda layer: is_last(layer._data_format) and shape_of(layer) != (1,),
                "data_format",
                lambda meaning: "NHWC" if meaning["channels_last"] else "NCHW",
                "_data_format",
            ),
        ),
    ),
    Row(
        Kind.PRELU,
        FLUID,
        fluid.PRelu,
        (
            SLOPES._replace(argument="channel"),
            SLOPES._replace(
                argument="mode", write=lambda meaning: "all" if meaning["num_parameters"] == 1 else "channel"
            ),
        ),
    ),
)


def _alike(kind: str, words: tuple[Says, ...], *classes: tuple[tuple[str, ...], type[nn.Module]]) -> tuple[Row, ...]:
    return tuple(Row(kind, targets, one, words) for targets, one in classes)


def _dim(dim: int | None) -> int:
    if dim is None:
        msg = "there, an axis must be named"
        raise PortingError(msg)
    return dim


INPLACE = same("inplace")
SLOPE = says("negative_slope")
AXIS = says("dim", "axis", "_axis", write=_dim)

ACTIVATIONS = (
    *_alike("ReLU", INPLACE, (TORCH, nn.ReLU), (ONEFLOW, oneflow.ReLU)),
    *_alike("ReLU", (), (PADDLE, paddle.ReLU), (MEGENGINE, megengine.ReLU)),
    *_alike("ReLU6", INPLACE, (TORCH, nn.ReLU6), (ONEFLOW, oneflow.ReLU6)),
    *_alike("LeakyReLU", (SLOPE, *INPLACE), (TORCH, nn.LeakyReLU), (ONEFLOW, oneflow.LeakyReLU)),
    *_alike("LeakyReLU", (says("negative_slope", None, "_negative_slope"),), (PADDLE, paddle.LeakyReLU)),
    *_alike("LeakyReLU", (SLOPE,), (MEGENGINE, megengine.LeakyReLU)),
    *_alike("ELU", (says("alpha"), *INPLACE), (TORCH, nn.ELU), (ONEFLOW, oneflow.ELU)),
    *_alike("ELU", (says("alpha", None, "_alpha"),), (PADDLE, paddle.ELU)),
    *_alike("GELU", same("approximate"), (TORCH, nn.GELU), (ONEFLOW, oneflow.GELU)),
    *_alike(
        "GELU",
        (
            says(
                "approximate",
                None,
                "_approximate",
                read=lambda how: "tanh" if how in (True, "tanh") else "none",
                write=lambda how: how == "tanh",
            ),
        ),
        (PADDLE, paddle.GELU),
    ),
    *_alike("GELU", (), (MEGENGINE, megengine.GELU)),
    *_alike("SiLU", INPLACE, (TORCH, nn.SiLU), (ONEFLOW, oneflow.SiLU)),
    *_alike("SiLU", (), (PADDLE, paddle.Silu), (MEGENGINE, megengine.SiLU)),
    *_alike("sigmoid", (), (TORCH, nn.Sigmoid), (ONEFLOW, oneflow.Sigmoid)),
    *_alike("sigmoid", (), (PADDLE, paddle.Sigmoid), (MEGENGINE, megengine.Sigmoid)),
    *_alike("tanh", (), (TORCH, nn.Tanh), (ONEFLOW, oneflow.Tanh), (PADDLE, paddle.Tanh)),
    *_alike("identity", (), (TORCH, nn.Identity), (ONEFLOW, oneflow.Identity)),
    *_alike("identity", (), (PADDLE, paddle.Identity), (MEGENGINE, megengine.Identity)),
    *_alike("softmax", same("dim"), (TORCH, nn.Softmax), (ONEFLOW, oneflow.Softmax)),
    *_alike("softmax", (AXIS,), (PADDLE, paddle.Softmax)),
    *_alike("softmax", (says("dim", "axis"),), (MEGENGINE, megengine.Softmax)),
)


def _in_fluid(mode: str) -> str:
    return mode.replace("downscale", "downgrade")


def _in_paddle(mode: str) -> str:
    return mode.replace("downgrade", "downscale")


def _below_one(p: float) -> float:
    if p == 1:
        msg = "there, drop_prob is below 1"
        raise PortingError(msg)
    return p


DROPOUTS = (
    *_alike("dropout", same("p", "inplace"), (TORCH, nn.Dropout), (ONEFLOW, oneflow.Dropout)),
    *_alike("dropout", same("p", "mode", "inplace", "axis"), (PADDLE, paddle.Dropout)),
    *_alike("dropout", (says("p", "drop_prob", write=_below_one),), (MEGENGINE, megengine.Dropout)),
    *_alike(
        "dropout",
        (
            says("p", None, "_dropout_prob"),
            says("mode", "dropout_implementation", "_dropout_implementation", read=_in_paddle, write=_in_fluid),
        ),
        (FLUID, fluid.Dropout),
    ),
    *_alike("dropout of channels", same("p", "inplace"), (TORCH, nn.Dropout3d)),
    *_alike("dropout of channels", (says("p"), channels("data_format")), (PADDLE, paddle.Dropout3D)),
)

FLATTENS = (
    *_alike("flatten", same("start_dim", "end_dim"), (TORCH, nn.Flatten), (ONEFLOW, oneflow.Flatten)),
    *_alike("flatten", (says("start_dim", "start_axis"), says("end_dim", "stop_axis")), (PADDLE, paddle.Flatten)),
)

ROWS = (*LINEARS, *EMBEDDINGS, *PRELUS, *ACTIVATIONS, *DROPOUTS, *FLATTENS)
