"""Functions of `fluid.layers` that make their own parameters: what a layer of dygraph computes, for one call.

The parameters are made when the function is called, and go to the main program; what is computed is recorded where the
input is what a program will compute.
"""

from __future__ import annotations

import copy
import inspect
import math
from typing import TYPE_CHECKING, Any

from ...names import Layer, kept_by
from ...names.generate import accepted
from ...tensor import like, plain
from ..attributes import to_param_attr
from ..nn.initializer import Constant
from ..static.graph import recording
from .activations import acting
from .convolutions import channels_by, size_back
from .dygraph import dense, rows
from .names import NAMES
from .norms import channels_of, embedded
from .parameters import Parameters
from .products import multiplied

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["fc", "learning"]

_ = (dense, rows)  # whose layers the functions stand for


def learning(
    name: str,
    layer: str,
    function: Callable[..., Any] | None = None,
    /,
    *,
    several: bool = False,
    **computed: Callable[..., Any],
) -> None:
    """Serve a function that makes what a layer learns and computes what the layer does.

    Args:
        name: below `fluid`.
        layer: the layer, below `fluid.dygraph`.
        function: in place of what the layer computes.
        several: whether that returns a list or tuple.
        **computed: arguments of the layer's constructor, or of what it computes, that the function does not have under
            the same name: functions of its arguments, of those that they name.
    """
    row = NAMES.rows[f"dygraph.{layer}"]
    assert isinstance(row, Layer)
    applied = function or row.function
    assert applied is not None
    options = accepted(applied)[0]
    constructor = NAMES.signatures.signature(row.name).parameters
    held = {each: kept_by(row, each, NAMES.attribute, NAMES.options) for each in constructor}
    parameters = [*NAMES.signatures.signature(name).parameters.values()]
    named = {each.name for each in parameters}
    asked = {
        each: [one for one in inspect.signature(compute).parameters if one in named]
        for each, compute in computed.items()
    }
    taken = {"name", *options, *(each for each, how in held.items() if how is not None)}
    taken.update(*(one.arguments for one in row.learned), *asked.values())
    inputs = [each.name for each in parameters[: len(NAMES.signatures.signature(f"{row.name}.forward").parameters)]]
    kind, recorded = name.rpartition(".")[2], recording(applied, several=several)

    def call(first: Any, **given: Any) -> Any:
        given = {inputs[0]: first, **given}
        given |= {each: compute(*[given[one] for one in asked[each]]) for each, compute in computed.items()}
        made = Parameters(kind, given.get("name"), first, given.get("dtype"))
        passed = {each: value for each, value in given.items() if each in options and each not in inputs}
        for argument, how in held.items():
            if how is None or how.attribute is None or argument not in given:
                continue
            value = given[argument] if how.read is None else how.read(given[argument])
            setattr(made, how.attribute, value)
            if how.means is not None:
                passed[how.means or argument] = value
        for one in row.learned:
            one.make(made, **{each: given[each] for each in one.arguments})
            if one.means is not None:
                passed[one.means or one.name] = getattr(made, one.name)
        return recorded(*[given[each] for each in inputs], **passed)

    call.__signature__ = inspect.Signature([parameters[0], *(each for each in parameters[1:] if each.name in taken)])  # type: ignore[attr-defined]
    NAMES.function(name, call, **({"name": "name"} if "name" in named else {}))


def shape_from(input: Any, begin_norm_axis: int) -> list[int]:
    """Return the sizes of the axes from one on."""
    return list(input.shape[begin_norm_axis:])


for _axes in (2, 3):
    learning(f"layers.conv{_axes}d", f"Conv{_axes}D", num_channels=channels_by)
learning("layers.conv2d_transpose", "Conv2DTranspose", num_channels=channels_by, filter_size=size_back)
learning(
    "layers.batch_norm",
    "BatchNorm",
    num_channels=channels_of,
    training=lambda is_test: not is_test,
)
learning("layers.instance_norm", "InstanceNorm", num_channels=channels_by)
learning("layers.group_norm", "GroupNorm", channels=channels_by)
learning(
    "layers.layer_norm",
    "LayerNorm",
    normalized_shape=shape_from,
)
learning("layers.spectral_norm", "SpectralNorm", weight_shape=lambda weight: list(weight.shape))
learning(
    "layers.bilinear_tensor_product",
    "BilinearTensorProduct",
    input1_dim=lambda x: int(x.shape[1]),
    input2_dim=lambda y: int(y.shape[1]),
    output_dim=lambda size: size,
)
learning("embedding", "Embedding")


def embedded_last(input: Tensor, weight: Tensor, padding_idx: int | None) -> Tensor:
    """Return the rows that integers name, in the place of their last axis, whose size must be 1.

    Raises:
        ValueError: it is not.
    """
    if input.shape[-1] != 1:
        msg = f"The last dimension of the 'Ids' tensor must be 1; its shape is {list(input.shape)}."
        raise ValueError(msg)
    return embedded(input.squeeze(-1), weight, padding_idx)


learning("layers.embedding", "Embedding", embedded_last)


def gentle(param_attr: Any) -> Any:
    """Return an attribute whose parameter is 0.25 at first, where it does not say otherwise."""
    attr = copy.copy(to_param_attr(param_attr))
    if attr is not None and attr.initializer is None:
        attr.initializer = Constant(0.25)
    return attr


learning(
    "layers.prelu",
    "PRelu",
    channel=lambda x: int(x.shape[1]),
    input_shape=lambda x: list(x.shape),
    param_attr=gentle,
)


@acting
def connected(inputs: list[Tensor], weights: list[Tensor], bias: Tensor | None, num_flatten_dims: int) -> Tensor:
    """Return the sum of products of what was flattened, and a bias."""
    total: Any = 0
    for x, weight in zip(inputs, weights, strict=True):
        total = total + multiplied(plain(x), plain(weight), num_flatten_dims)
    return like(total if bias is None else total + plain(bias), inputs[0])


def fc(
    input: Any,
    size: int,
    num_flatten_dims: int = 1,
    param_attr: Any = None,
    bias_attr: Any = None,
    act: Any = None,
    name: str | None = None,
) -> Any:
    """Apply a fully connected layer to one tensor, or to several whose results are added."""
    inputs = list(input) if isinstance(input, (list, tuple)) else [input]
    attrs = list(param_attr) if isinstance(param_attr, (list, tuple)) else [param_attr] * len(inputs)
    parameters = Parameters("fc", name, inputs[0])
    weights = []
    for x, attr in zip(inputs, attrs, strict=True):
        first = num_flatten_dims if num_flatten_dims >= 0 else len(x.shape) + num_flatten_dims
        weights.append(parameters.create_parameter([math.prod(x.shape[first:]), size], attr))
    bias = parameters.create_parameter([size], bias_attr, is_bias=True)
    return recording(connected)(inputs, weights, bias, first, act=act)


NAMES.function("layers.fc", fc, input="", name="name")
