"""Rows of layers of everyday use: products with weights, tables, dropout, flattening."""

from __future__ import annotations

from typing import Any

import torch

from ....backend.arguments import integer
from ...names import Learned, kept
from ..dtype import dtype_name
from ..names import NAMES
from ..nn.mapped import is_channel_last
from . import shapes  # noqa: F401, whose rows the layers call
from .basics import check_dropout
from .layers_volumes import shows

__all__: list[str] = []

layer: Any = NAMES.layer


# -- dropout and flattening -------------------------------------------------------------------------------------


def probability(p: Any) -> Any:
    """Return a probability that dropout can have."""
    check_dropout(p, "upscale_in_train")
    return p


def dropout_mode(mode: Any) -> Any:
    """Return a mode that dropout can have."""
    check_dropout(0.5, mode)
    return mode


def dropout_format(data_format: Any) -> Any:
    """Return a data format that there is."""
    is_channel_last(data_format, "dropout")
    return data_format


TRAINING = {"training": "self.training"}
P = kept("p", read=probability)
layer(
    "nn.Dropout",
    "nn.functional.dropout",
    shown=shows("p axis mode inplace"),
    extra=TRAINING,
    p=P,
    axis=kept("axis"),
    inplace=kept("inplace"),
    mode=kept("mode", read=dropout_mode),
)
for axes in (2, 3):
    layer(
        f"nn.Dropout{axes}D",
        f"nn.functional.dropout{axes}d",
        shown=shows("p data_format"),
        extra=TRAINING,
        p=P,
        data_format=kept("data_format", read=dropout_format),
    )
layer("nn.AlphaDropout", "nn.functional.alpha_dropout", shown=shows("p"), extra=TRAINING, p=P)
layer(
    "nn.FeatureAlphaDropout",
    "nn.functional.feature_alpha_dropout",
    shown=shows("p"),
    extra=TRAINING,
    p=kept("p"),  # the release looks at it when it is called
)
layer("nn.Flatten", "flatten", start_axis=kept("start_axis"), stop_axis=kept("stop_axis"))


# -- products and tables ----------------------------------------------------------------------------------------


def linear_weight(layer: Any, in_features: int, out_features: int, weight_attr: Any) -> None:
    """Make the matrix of a product, the transpose of torch's."""
    sizes = [integer(in_features, "in_features"), integer(out_features, "out_features")]
    layer.add_parameter("weight", layer.create_parameter(sizes, weight_attr))


def linear_bias(layer: Any, out_features: int, bias_attr: Any) -> None:
    """Make the bias of a product."""
    layer.add_parameter("bias", layer.create_parameter([out_features], bias_attr, is_bias=True))


layer(
    "nn.Linear",
    "nn.functional.linear",
    shown=lambda layer: (
        f"in_features={layer.weight.shape[0]}, out_features={layer.weight.shape[1]}, "
        f"dtype={dtype_name(layer.weight.dtype)}"
    ),
    learned=(
        Learned("weight", linear_weight, ("in_features", "out_features", "weight_attr"), role="weight"),
        Learned("bias", linear_bias, ("out_features", "bias_attr"), role="bias"),
    ),
)


def bilinear_weight(layer: Any, in1_features: int, in2_features: int, out_features: int, weight_attr: Any) -> None:
    """Make the matrices of a bilinear product."""
    layer.add_parameter("weight", layer.create_parameter([out_features, in1_features, in2_features], weight_attr))


def bilinear_bias(layer: Any, out_features: int, bias_attr: Any) -> None:
    """Make the bias of a bilinear product, one row."""
    layer.add_parameter("bias", layer.create_parameter([1, out_features], bias_attr, is_bias=True))


layer(
    "nn.Bilinear",
    "nn.functional.bilinear",
    shown=lambda layer: (
        f"in1_features={layer._in1_features}, in2_features={layer._in2_features}, "
        f"out_features={layer._out_features}, dtype={dtype_name(layer.weight.dtype)}"
    ),
    learned=(
        Learned("weight", bilinear_weight, ("in1_features", "in2_features", "out_features", "weight_attr")),
        Learned("bias", bilinear_bias, ("out_features", "bias_attr")),
    ),
    in1_features=kept("_in1_features", means=None),
    in2_features=kept("_in2_features", means=None),
    out_features=kept("_out_features", means=None),
)


def table(
    layer: Any,
    num_embeddings: int,
    embedding_dim: int,
    padding_idx: int | None,
    weight_attr: Any,
    _weight: Any,
    _freeze: bool,
) -> None:
    """Make a table of vectors, of which that of `padding_idx` is zero."""
    sizes = [integer(num_embeddings, "num_embeddings"), integer(embedding_dim, "embedding_dim")]
    if min(sizes) < 1:
        msg = f"num_embeddings and embedding_dim must be gather than 0; they are {sizes}."
        raise ValueError(msg)
    if padding_idx is not None and not -sizes[0] <= padding_idx < sizes[0]:
        msg = f"padding_idx must be within [-{sizes[0]}, {sizes[0]}), but got {padding_idx}."
        raise ValueError(msg)
    if _weight is not None and list(_weight.shape) != sizes:
        msg = f"Shape of weight does not match num_embeddings and embedding_dim: {list(_weight.shape)} is not {sizes}."
        raise AssertionError(msg)
    weight: Any = layer.create_parameter(sizes, weight_attr)
    with torch.no_grad():
        if _weight is not None:
            weight.copy_(_weight)
        elif padding_idx is not None:
            weight[padding_idx] = 0.0
    layer.add_parameter("weight", weight)
    if _freeze:
        weight.stop_gradient = True


def table_shown(layer: Any) -> str:
    """Return sizes and options of a table."""
    count, size = layer.weight.shape
    padding = "" if layer._padding_idx is None else f", padding_idx={layer._padding_idx}"
    return f"{count}, {size}{padding}, sparse={layer._sparse}, scale_grad_by_freq={layer._scale_grad_by_freq}"


layer(
    "nn.Embedding",
    "nn.functional.embedding",
    shown=table_shown,
    learned=(
        Learned(
            "weight",
            table,
            ("num_embeddings", "embedding_dim", "padding_idx", "weight_attr", "_weight", "_freeze"),
            role="weight",
        ),
    ),
    num_embeddings=kept("_num_embeddings", None),
    embedding_dim=kept("_embedding_dim", None),
)


# -- distances --------------------------------------------------------------------------------------------------

layer(
    "nn.PairwiseDistance",
    "nn.functional.pairwise_distance",
    shown=lambda layer: (
        f"p={layer.p}"
        + (f", epsilon={layer.epsilon}" if layer.epsilon != 1e-06 else "")
        + (f", keepdim={layer.keepdim}" if layer.keepdim else "")
    ),
    **{each: kept(each) for each in ("p", "epsilon", "keepdim")},
)
