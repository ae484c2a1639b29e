"""Rows of layers without windows: products, tables, slopes, dropout and losses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .....backend.arguments import integer
from ....names import Learned, kept
from ...nn.initializer import Constant
from ...rows.spectral import spectrally_normalized, vector
from ..activations import acting
from ..losses import absolute_error, binary_cross_entropy, likelihood, squared_error
from ..norms import dropped, embedded, factored
from ..products import bilinear, multiplied
from .rows import added, count, layer

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []


@acting
def connected(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return the products along the last axis, and a bias."""
    found = multiplied(input, weight, input.dim() - 1)
    return found if bias is None else found + bias


def connections(layer: Any, input_dim: Any, output_dim: Any, param_attr: Any) -> None:
    """Make the weight of a fully connected layer."""
    sizes = [integer(input_dim, "input_dim"), integer(output_dim, "output_dim")]
    layer.add_parameter("weight", layer.create_parameter(sizes, param_attr))


def connected_bias(layer: Any, output_dim: Any, bias_attr: Any) -> None:
    """Make the bias of a fully connected layer."""
    layer.add_parameter("bias", layer.create_parameter([output_dim], bias_attr, is_bias=True))


layer(
    "dygraph.Linear",
    connected,
    learned=(
        Learned("weight", connections, ("input_dim", "output_dim", "param_attr"), role="weight"),
        Learned("bias", connected_bias, ("output_dim", "bias_attr"), role="bias"),
    ),
)


def table_size(size: Any) -> Any:
    """Return the size of an embedding.

    Raises:
        ValueError: it is not two sizes.
    """
    if len(size) != 2:
        msg = f"size={size!r} must be two sizes: how many vectors, and how long each is. Give [rows, columns]."
        raise ValueError(msg)
    return size


def table(layer: Any, param_attr: Any) -> None:
    """Make the table of an embedding."""
    layer.add_parameter("weight", layer.create_parameter(list(layer._size), param_attr))


layer(
    "dygraph.Embedding",
    embedded,
    learned=(Learned("weight", table, ("param_attr",), role="weight"),),
    size=kept("_size", None, table_size),
    is_sparse=kept("_is_sparse", None),
    is_distributed=kept("_is_distributed", None),
)


def mode_of(mode: Any) -> Any:
    """Return a mode of PRelu.

    Raises:
        ValueError: there is none of that name.
    """
    if mode not in ("all", "channel", "element"):
        msg = f"mode={mode!r} should be one of all, channel, element."
        raise ValueError(msg)
    return mode


def slopes(layer: Any, channel: Any, input_shape: Any, param_attr: Any) -> None:
    """Make the factors of PRelu.

    Raises:
        AssertionError: what the mode needs is missing.
    """
    if layer._mode == "channel" and not isinstance(channel, int):
        msg = f"channel={channel!r}: channel argument is required when mode is 'channel'. Give the channels."
        raise AssertionError(msg)
    if layer._mode == "element" and not isinstance(input_shape, (list, tuple)):
        msg = "input_shape argument is required when mode is 'element'. Give the shape of the input."
        raise AssertionError(msg)
    shape = {"all": [1], "channel": [1, channel, 1, 1], "element": [1, *(input_shape or [0])[1:]]}[layer._mode]
    added(layer, "weight", shape, param_attr, initial=Constant(1.0))


layer(
    "dygraph.PRelu",
    factored,
    learned=(Learned("weight", slopes, ("channel", "input_shape", "param_attr"), role="slope"),),
    mode=kept("_mode", None, mode_of),
)


def probability(p: Any) -> Any:
    """Return how likely values are set to zero.

    Raises:
        AssertionError: it is not 0 to 1.
    """
    if not isinstance(p, (int, float)) or not 0 <= p <= 1:
        msg = f"p={p!r}: p must be 0 to 1."
        raise AssertionError(msg)
    return p


def implementation(how: Any) -> Any:
    """Return one of the two ways of dropout.

    Raises:
        AssertionError: it is none.
    """
    if how not in ("downgrade_in_infer", "upscale_in_train"):
        msg = f"dropout_implementation={how!r} should be 'downgrade_in_infer' or 'upscale_in_train'."
        raise AssertionError(msg)
    return how


layer(
    "dygraph.Dropout",
    dropped,
    extra={"is_test": "not self.training"},
    p=kept("_dropout_prob", "dropout_prob", probability),
    seed=kept("_seed"),
    dropout_implementation=kept("_dropout_implementation", read=implementation),
    is_test=kept("_is_test", None),
)


def forms(layer: Any, input1_dim: Any, input2_dim: Any, param_attr: Any) -> None:
    """Make the weight of a bilinear product."""
    added(layer, "weight", [layer._output_dim, input1_dim, input2_dim], param_attr)


def form_bias(layer: Any, bias_attr: Any) -> None:
    """Make the bias of a bilinear product."""
    added(layer, "bias", [1, layer._output_dim], bias_attr, is_bias=True)


layer(
    "dygraph.BilinearTensorProduct",
    bilinear,
    learned=(
        Learned("weight", forms, ("input1_dim", "input2_dim", "param_attr"), role="weight"),
        Learned("bias", form_bias, ("bias_attr",), role="bias"),
    ),
    output_dim=count("output_dim"),
)


layer(
    "dygraph.SpectralNorm",
    spectrally_normalized,
    learned=(vector("weight_u", along=True), vector("weight_v", along=False)),
    weight_shape=kept("_weight_shape", None, list),
    dim=kept("_dim"),
)
# their results have one axis of one element, which no other framework's have
layer("dygraph.MSELoss", squared_error, kind="", reduction=kept("reduction"))
layer("dygraph.L1Loss", absolute_error, kind="", reduction=kept("reduction"))
layer("dygraph.BCELoss", binary_cross_entropy, kind="", weight=kept("weight"), reduction=kept("reduction"))
layer(
    "dygraph.NLLLoss",
    likelihood,
    kind="",
    weight=kept("_weight", "weight"),
    reduction=kept("_reduction", "reduction"),
    ignore_index=kept("_ignore_index", "ignore_index"),
)
