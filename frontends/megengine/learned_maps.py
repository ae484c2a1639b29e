"""Rows of layers that learn: linear maps, and tables whose rows are looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...backend import OperatorError
from ..names import Learned, kept
from . import activations, products
from .elementwise import added
from .module.linear import _Linear, _Table
from .names import NAMES
from .tensor import Parameter

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["FEATURES", "alone"]

ROOMS = (activations, products)  # their rows are what the layers call
layer: Any = NAMES.layer


def alone(*arguments: str) -> dict[str, Any]:
    """Keep arguments that the function does not take."""
    return {each: kept(each, None) for each in arguments}


def map_bias(layer: Any, in_features: int, out_features: int, bias: Any) -> None:
    """Make the bias of a linear map, or None."""
    if in_features == 0:
        msg = "in_features=0: division by zero; in_features must be 1 and above."
        raise ZeroDivisionError(msg)
    layer.bias = Parameter(torch.empty(out_features, dtype=torch.float32)) if bias else None


def map_weight(layer: Any, in_features: int, out_features: int) -> None:
    """Make the weight of a linear map."""
    layer.weight = Parameter(torch.empty(out_features, in_features, dtype=torch.float32))


FEATURES = ("in_features", "out_features")
MAP = (
    Learned("bias", map_bias, (*FEATURES, "bias"), role="bias"),
    Learned("weight", map_weight, FEATURES, role="weight"),
)
linear = NAMES.get("functional.linear")


def linear_relu(inp: Tensor, weight: Tensor, bias: Tensor | None, compute_mode: str) -> Tensor:
    """Return `relu` of a linear map."""
    return torch.relu(linear(inp, weight, bias, compute_mode))


def batch_bias(layer: Any, out_features: int, bias: Any) -> None:
    """Make the bias of the maps, which they share, or None."""
    layer.bias = Parameter(torch.empty(out_features, dtype=torch.float32)) if bias else None


def batch_weight(layer: Any, batch: int, in_features: int, out_features: int) -> None:
    """Make the weight of a map for each sample of a batch."""
    layer.weight = Parameter(torch.empty(batch, out_features, in_features, dtype=torch.float32))


def batch_product(x: Tensor, weight: Tensor, bias: Tensor | None, nonlinear_mode: str) -> Tensor:
    """Multiply each sample with a matrix of its own, and apply `relu` if that is asked for."""
    result = products.matmul(weight, x)
    result = result if bias is None else added(result, bias)
    return torch.relu(result) if nonlinear_mode == "relu" else result


def mode_of(value: Any) -> Any:
    """Return the name of what is applied afterwards, in small letters."""
    return value.lower()


layer("module.Linear", "functional.linear", base=_Linear, through="calc_linear", learned=MAP, **alone(*FEATURES))
layer("module.LinearRelu", linear_relu, kind="", base=NAMES.get("module.Linear"), learned=MAP, **alone(*FEATURES))
layer(
    "module.BatchMatMulActivation",
    batch_product,
    base=_Linear,
    learned=(
        Learned("bias", batch_bias, ("out_features", "bias")),
        Learned("weight", batch_weight, ("batch", *FEATURES)),
    ),
    nonlinear_mode=kept("nonlinear_mode", read=mode_of),
    shown=lambda layer: f"batch={layer.batch}, {layer._module_info_string()}",
    **alone("batch", *FEATURES),
)


def table(
    layer: Any,
    num_embeddings: int,
    embedding_dim: int,
    padding_idx: Any,
    max_norm: Any,
    norm_type: Any,
    initial_weight: Any,
) -> None:
    """Make the weight whose rows are looked up.

    Raises:
        ValueError: an argument that MegEngine does not support, or a weight of another shape (a RuntimeError too).
    """
    if (padding_idx, max_norm, norm_type) != (None, None, None):
        msg = "Not support padding index or weight normalize, as in MegEngine; legal is None. Leave them out."
        raise OperatorError(msg)
    shape = (num_embeddings, embedding_dim)
    if initial_weight is None:
        layer.weight = Parameter(torch.empty(shape, dtype=torch.float32))
        return
    if tuple(initial_weight.shape) != shape:
        msg = (
            f"The weight shape should match num_embeddings and embedding_dim, {shape}; it is "
            f"{tuple(initial_weight.shape)}. Transpose or slice it."
        )
        raise OperatorError(msg)
    layer.weight = Parameter(initial_weight.detach().clone())
    layer.__dict__["_is_given"] = True


embedding = NAMES.get("functional.embedding")


def looked_up(inputs: Any, weight: Tensor, freeze: bool) -> Tensor:
    """Return rows by index; a frozen weight gets no gradients."""
    result: Tensor = embedding(inputs, weight.detach() if freeze else weight)
    return result


NONE = ("padding_idx", "max_norm", "norm_type")
ROWS = ("num_embeddings", "embedding_dim")
layer(
    "module.Embedding",
    looked_up,
    base=_Table,
    learned=(Learned("weight", table, (*ROWS, *NONE, "initial_weight"), role="weight"),),
    **alone(*ROWS, *NONE),
)
