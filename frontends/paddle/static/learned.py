"""Functions of `static.nn` that make their own parameters, which go to the main program.

They are made when the function is called; what they compute, a function of `nn.functional` with them, is recorded
where the input is what a program will compute.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch

from ...tensor import like, plain
from ..activation import activation_of
from ..attributes import ParamAttr
from ..dtype import to_torch_dtype
from ..names import NAMES
from ..nn.initializer import Constant, Normal
from ..nn.mapped import mapped
from ..rows.spectral import spectrally_normalized
from .executor import is_tested
from .graph import deferred, recording
from .parameters import Parameters, channels_of, computed, serve

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []


def fc(
    x: Any,
    size: int,
    num_flatten_dims: int = 1,
    weight_attr: Any = None,
    bias_attr: Any = None,
    activation: Any = None,
    name: str | None = None,
) -> Any:
    """Apply a fully connected layer to one tensor, or to several whose results are added."""
    inputs = list(x) if isinstance(x, (list, tuple)) else [x]
    attrs = list(weight_attr) if isinstance(weight_attr, (list, tuple)) else [weight_attr] * len(inputs)
    parameters = Parameters("fc", name, inputs[0])
    weights, starts = [], []
    for each, attr in zip(inputs, attrs, strict=True):
        axes = len(each.shape)
        if not -axes <= num_flatten_dims < axes or not num_flatten_dims:
            msg = f"num_flatten_dims={num_flatten_dims} must be 1 to {axes - 1}, or -1, for an input of {axes} axes."
            raise ValueError(msg)
        starts.append(num_flatten_dims % axes)
        weights.append(parameters([math.prod(each.shape[starts[-1] :]), size], attr))
    bias = parameters([size], bias_attr, is_bias=True)
    found = recording(connected)(inputs, weights, bias, starts)
    return found if activation is None else deferred(activation_of(activation), found)


def connected(inputs: list[Tensor], weights: list[Tensor], bias: Tensor | None, starts: list[int]) -> Tensor:
    """Return the sum of products of what was flattened, and a bias."""
    total: Any = 0
    for x, weight, start in zip(inputs, weights, starts, strict=True):
        total = total + torch.matmul(plain(x).flatten(start), plain(weight))
    return like(total if bias is None else total + plain(bias), inputs[0])


serve(fc)


def batch_norm(
    input: Any,
    act: Any = None,
    is_test: bool = False,
    momentum: float = 0.9,
    epsilon: float = 1e-5,
    param_attr: Any = None,
    bias_attr: Any = None,
    data_layout: str = "NCHW",
    in_place: bool = False,
    name: str | None = None,
    moving_mean_name: str | None = None,
    moving_variance_name: str | None = None,
    do_model_average_for_mean_and_var: bool = True,
    use_global_stats: bool = False,
) -> Any:
    """Normalise every channel; mean and variance are parameters that are not learned.

    `in_place` changes no number here.

    Raises:
        AssertionError: `bias_attr` is False.
    """
    if bias_attr is False:
        msg = "bias_attr should not be False in batch_norm. Leave it out for the default bias."
        raise AssertionError(msg)
    size = [channels_of(input, data_layout)]
    parameters = Parameters("batch_norm", name, input)
    scale = parameters(size, param_attr, initial=Constant(1.0))
    shift = parameters(size, bias_attr, is_bias=True)
    kept = [
        parameters(
            size,
            ParamAttr(label, Constant(value), trainable=False, do_model_average=do_model_average_for_mean_and_var),
        )
        for label, value in ((moving_mean_name, 0.0), (moving_variance_name, 1.0))
    ]
    options: Any = {"momentum": momentum, "epsilon": epsilon, "data_format": data_layout}
    found = deferred(normalized, input, *kept, scale, shift, is_test, use_global_stats, **options)
    return found if act is None else deferred(activation_of(act), found)


def normalized(
    input: Tensor, mean: Tensor, variance: Tensor, scale: Any, shift: Any, is_test: bool, always: bool, **options: Any
) -> Any:
    """Normalise by the batch, unless this is a test."""
    by_batch = not (is_test or is_tested())
    function = NAMES.get("nn.functional.batch_norm")
    return function(input, mean, variance, scale, shift, by_batch, use_global_stats=always or None, **options)


serve(batch_norm)


def layer_norm(
    input: Any,
    scale: bool = True,
    shift: bool = True,
    begin_norm_axis: int = 1,
    epsilon: float = 1e-5,
    param_attr: Any = None,
    bias_attr: Any = None,
    act: Any = None,
    name: str | None = None,
) -> Any:
    """Normalise over the axes from `begin_norm_axis` on."""
    shape = list(input.shape[begin_norm_axis:])
    parameters = Parameters("layer_norm", name, input)
    size = [math.prod(shape)]
    weight = parameters(size, param_attr, initial=Constant(1.0)) if scale else None
    bias = parameters(size, bias_attr, is_bias=True) if shift else None
    return computed("layer_norm", input, shape, weight, bias, epsilon, act=act)


serve(layer_norm)


def group_norm(
    input: Any,
    groups: int,
    epsilon: float = 1e-5,
    param_attr: Any = None,
    bias_attr: Any = None,
    act: Any = None,
    data_layout: str = "NCHW",
    name: str | None = None,
) -> Any:
    """Normalise by groups of channels; factors and bias are learned where an attr says how alone."""
    parameters = Parameters("group_norm", name, input)
    size = [channels_of(input, data_layout)]
    weight = parameters(size, param_attr or False, initial=Constant(1.0))
    bias = parameters(size, bias_attr or False, is_bias=True)
    return computed("group_norm", input, groups, epsilon, weight, bias, data_format=data_layout, act=act)


serve(group_norm)


def instance_norm(
    input: Any, epsilon: float = 1e-5, param_attr: Any = None, bias_attr: Any = None, name: str | None = None
) -> Any:
    """Normalise every channel of every sample; factors and bias are learned where attrs say how of both alone.

    Raises:
        AssertionError: `param_attr` is False, and `bias_attr` not.
    """
    if param_attr is False and bias_attr is not False:
        msg = "param_attr and bias_attr must be set to False at the same time in instance_norm."
        raise AssertionError(msg)
    parameters = Parameters("instance_norm", name, input)
    size, both = [int(input.shape[1])], bool(param_attr and bias_attr)
    scale = parameters(size, param_attr if both else False, initial=Constant(1.0))
    shift = parameters(size, bias_attr if both else False, is_bias=True)
    return computed("instance_norm", input, weight=scale, bias=shift, eps=epsilon)


serve(instance_norm)


def embedding(
    input: Any,
    size: Any,
    is_sparse: bool = False,
    padding_idx: int | None = None,
    param_attr: Any = None,
    dtype: Any = "float32",
) -> Any:
    """Return the rows of a table that integers name."""
    parameters = Parameters("embedding", None, torch.empty(0, dtype=to_torch_dtype(dtype)))
    return computed("embedding", input, parameters(list(size), param_attr), padding_idx)


serve(embedding, dtype="")


def prelu(x: Any, mode: str, param_attr: Any = None, data_format: str = "NCHW", name: str | None = None) -> Any:
    """Multiply what is below zero by factors that are learned, 0.25 at first.

    Raises:
        ValueError: there is no such mode.
    """
    if mode not in ("all", "channel", "element"):
        msg = f"mode={mode!r} should be one of all, channel, element."
        raise ValueError(msg)
    last = data_format.endswith("C")
    channels = [1, 1, 1, int(x.shape[-1])] if last else [1, int(x.shape[1]), 1, 1]
    shape = {"all": [1], "channel": channels, "element": [1, *x.shape[1:]]}[mode]
    slopes = Parameters("prelu", name, x)(shape, param_attr, initial=Constant(0.25))
    if mode == "element":
        return recording(sloped)(x, slopes)
    return recording(sloped_along)(x, slopes, data_format)


def sloped(x: Tensor, slopes: Tensor) -> Tensor:
    """Multiply what is below zero, each value by a factor of its own."""
    return torch.where(x > 0, x, x * plain(slopes))


def sloped_along(x: Tensor, slopes: Tensor, data_format: str) -> Any:
    """Multiply what is below zero, by one factor or one for each channel."""
    return NAMES.get("nn.functional.prelu")(x, plain(slopes).flatten(), data_format=data_format)


serve(prelu)


def spectral_norm(weight: Any, dim: int = 0, power_iters: int = 1, eps: float = 1e-12, name: str | None = None) -> Any:
    """Divide by the greatest singular value, from where vectors that are not learned lead in so many steps."""
    parameters = Parameters("spectral_norm", name, weight)
    size = int(weight.shape[dim])
    vectors = [
        parameters([length], ParamAttr(initializer=Normal(0.0, 1.0), trainable=False))
        for length in (size, math.prod(weight.shape) // size)
    ]
    return recording(spectrally_normalized)(weight, *vectors, dim, power_iters, eps)


serve(spectral_norm)


def bilinear_tensor_product(
    x: Any, y: Any, size: int, act: Any = None, name: str | None = None, param_attr: Any = None, bias_attr: Any = None
) -> Any:
    """Return `x @ weight[k] @ y` for each k, and a bias."""
    parameters = Parameters("bilinear_tensor_product", name, x)
    weight = parameters([size, int(x.shape[1]), int(y.shape[1])], param_attr)
    bias = parameters([1, size], bias_attr, is_bias=True)
    found = recording(NAMES.get("nn.functional.bilinear"))(x, y, weight, bias)
    return found if act is None else deferred(activation_of(act), found)


serve(bilinear_tensor_product, y="")


def row_conv(input: Any, future_context_size: int, param_attr: Any = None, act: Any = None) -> Any:
    """Sum each time and so many after it, (N, T, D), each feature by weights of its own."""
    if len(input.shape) != 3:
        msg = f"input has {len(input.shape)} axes, and should be (N, T, D): sequences of one length, without a LoD."
        raise ValueError(msg)
    shape = [future_context_size + 1, int(input.shape[-1])]
    weight = Parameters("row_conv", None, input)(shape, param_attr)
    found = recording(looked_ahead)(input, weight)
    return found if act is None else deferred(activation_of(act), found)


def looked_ahead(input: Tensor, weight: Tensor) -> Tensor:
    """Sum each time and those after it, which are zero past the end."""

    def summed(x: Tensor, weight: Tensor) -> Tensor:
        padded = torch.nn.functional.pad(x, (0, 0, 0, weight.shape[0] - 1))
        return (padded.unfold(1, weight.shape[0], 1) * weight.T).sum(-1)

    return mapped(summed, input, weight)


serve(row_conv)
