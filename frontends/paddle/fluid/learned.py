"""Functions of `fluid.layers` that make their own parameters, which go to the main program.

They are made when the function is called; what they compute is recorded where the input is what a program will compute.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ...tensor import like, plain
from ..attributes import ParamAttr
from ..dtype import to_torch_dtype
from ..nn.initializer import Constant, Normal
from ..rows.spectral import spectrally_normalized
from ..rows.windows import check_sizes
from ..static.graph import deferred, recording
from .activations import acting
from .names import NAMES
from .norms import (
    batch_normalized,
    channels_of,
    embedded,
    factored,
    group_normalized,
    instance_normalized,
    layer_normalized,
)
from .parameters import Parameters
from .products import multiplied
from .windows import convolved, dilations_of, is_last, sides_of, sizes_of, with_channels_second

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["convolution", "convolution_of", "convolved_back", "spread", "table_size"]

fn = NAMES.function


def spread(taps: Any, channels: int) -> Normal:
    """Return how weights of convolutions begin: with a variance of 2 by the values that go into one."""
    return Normal(0.0, math.sqrt(2 / (math.prod(taps) * channels)))


convolution = acting(convolved)


def convolution_of(axes: int) -> Any:
    """Return the convolution of so many axes."""

    def made(
        input: Any,
        num_filters: int,
        filter_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int | None = None,
        param_attr: Any = None,
        bias_attr: Any = None,
        act: Any = None,
        name: str | None = None,
        data_format: str = "NCHW",
    ) -> Any:
        taps = sizes_of(filter_size, axes, "filter_size")
        channels = int(input.shape[-1] if is_last(data_format) else input.shape[1])
        check_sizes(filter_size=taps, num_channels=[channels])
        parameters = Parameters(f"conv{axes}d", name, input)
        shape = [num_filters, channels // (groups or 1), *taps]
        weight = parameters(shape, param_attr, initial=spread(taps, channels))
        bias = parameters([num_filters], bias_attr, is_bias=True)
        options: Any = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
        return deferred(convolution, input, weight, bias, act=act, data_format=data_format, **options)

    return made


for _axes in (2, 3):
    fn(f"layers.conv{_axes}d", convolution_of(_axes), name="name")


@acting
def convolved_back(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int | None = None,
    output_size: Any = None,
    data_format: str = "NCHW",
) -> Tensor:
    """Apply a 2-D transposed convolution with a weight `(C_in, C_out / groups, kH, kW)`."""
    strides, dilations = sizes_of(stride, 2, "stride"), dilations_of(dilation, 2, padding)

    def applied(x: Tensor) -> Tensor:
        sides = sides_of(padding, data_format, x.shape[2:], weight.shape[2:], strides)
        full = F.conv_transpose2d(
            x, plain(weight), None, strides, 0, [step - 1 for step in strides], groups or 1, dilations
        )
        # with the most that output_size may ask for, cut to what it does ask for
        found = full
        for axis, ((low, high), step) in enumerate(zip(sides, strides, strict=True)):
            least = full.shape[axis + 2] - (step - 1) - low - high
            want = least if output_size is None else sizes_of(output_size, 2, "output_size")[axis]
            if not least <= want < least + step:
                msg = f"output_size {want} of axis {axis} should be {least} to {least + step - 1}."
                raise ValueError(msg)
            found = found.narrow(axis + 2, low, want)
        return found if bias is None else found + plain(bias).reshape([-1, 1, 1])

    return with_channels_second(applied, input, data_format)


def conv2d_transpose(
    input: Any,
    num_filters: int,
    output_size: Any = None,
    filter_size: Any = None,
    padding: Any = 0,
    stride: Any = 1,
    dilation: Any = 1,
    groups: int | None = None,
    param_attr: Any = None,
    bias_attr: Any = None,
    act: Any = None,
    name: str | None = None,
    data_format: str = "NCHW",
) -> Any:
    """Apply a 2-D transposed convolution.

    Raises:
        ValueError: neither `filter_size` nor `output_size` is given.
    """
    channels = int(input.shape[-1] if is_last(data_format) else input.shape[1])
    if filter_size is None:
        if output_size is None:
            msg = "output_size must be set when filter_size is None"
            raise ValueError(msg)
        size = list(input.shape[1:3] if is_last(data_format) else input.shape[2:])
        wanted, steps = sizes_of(output_size, 2, "output_size"), sizes_of(stride, 2, "stride")
        sides, holes = sides_of(padding, data_format, size, [1, 1], steps), sizes_of(dilation, 2, "dilation")
        filter_size = [
            (want - (have - 1) * step + low + high - 1) // hole + 1
            for want, have, step, (low, high), hole in zip(wanted, size, steps, sides, holes, strict=True)
        ]
    parameters = Parameters("conv2d_transpose", name, input)
    taps = sizes_of(filter_size, 2, "filter_size")
    weight = parameters([channels, num_filters // (groups or 1), *taps], param_attr)
    bias = parameters([num_filters], bias_attr, is_bias=True)
    options: Any = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    options |= {"output_size": output_size, "data_format": data_format}
    return deferred(convolved_back, input, weight, bias, act=act, **options)


fn("layers.conv2d_transpose", conv2d_transpose, name="name")


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
        weights.append(parameters([math.prod(x.shape[first:]), size], attr))
    bias = parameters([size], bias_attr, is_bias=True)
    return recording(connected)(inputs, weights, bias, first, act=act)


fn("layers.fc", fc, input="", name="name")


def batch_norm(
    input: Any,
    act: Any = None,
    is_test: bool = False,
    momentum: float = 0.9,
    epsilon: float = 1e-05,
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
        parameters(size, ParamAttr(label, Constant(value), trainable=False))
        for label, value in ((moving_mean_name, 0.0), (moving_variance_name, 1.0))
    ]
    options: Any = {"momentum": momentum, "epsilon": epsilon, "data_layout": data_layout, "act": act}
    return deferred(
        batch_normalized, input, *kept, scale, shift, not is_test, use_global_stats=use_global_stats, **options
    )


fn("layers.batch_norm", batch_norm, name="name")


def layer_norm(
    input: Any,
    scale: bool = True,
    shift: bool = True,
    begin_norm_axis: int = 1,
    epsilon: float = 1e-05,
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
    return deferred(layer_normalized, input, shape, weight, bias, epsilon, act=act)


fn("layers.layer_norm", layer_norm, name="name")


def group_norm(
    input: Any,
    groups: int,
    epsilon: float = 1e-05,
    param_attr: Any = None,
    bias_attr: Any = None,
    act: Any = None,
    name: str | None = None,
) -> Any:
    """Normalise images by groups of channels; factors and bias are learned where an attr says how alone."""
    parameters = Parameters("group_norm", name, input)
    size = [int(input.shape[1])]
    weight = parameters(size, param_attr or False, initial=Constant(1.0))
    bias = parameters(size, bias_attr or False, is_bias=True)
    return deferred(group_normalized, input, groups, weight, bias, epsilon, act=act)


fn("layers.group_norm", group_norm, name="name")


def instance_norm(
    input: Any, epsilon: float = 1e-05, param_attr: Any = None, bias_attr: Any = None, name: str | None = None
) -> Any:
    """Normalise every channel of every sample.

    Raises:
        AssertionError: `bias_attr` is False.
    """
    if bias_attr is False:
        msg = "bias_attr should not be False in instance_norm. Leave it out for the default bias."
        raise AssertionError(msg)
    parameters = Parameters("instance_norm", name, input)
    size = [int(input.shape[1])]
    scale = parameters(size, param_attr, initial=Constant(1.0))
    return deferred(instance_normalized, input, scale, parameters(size, bias_attr, is_bias=True), epsilon)


fn("layers.instance_norm", instance_norm, name="name")


def embedding(
    input: Any,
    size: Any,
    is_sparse: bool = False,
    is_distributed: bool = False,
    padding_idx: int | None = None,
    param_attr: Any = None,
    dtype: Any = "float32",
) -> Any:
    """Return the rows of a table that integers name, whose last axis has size 1 and goes."""
    if input.shape[-1] != 1:
        msg = f"The last dimension of the 'Ids' tensor must be 1; its shape is {list(input.shape)}."
        raise ValueError(msg)
    return deferred(embedded_last, input, _table(size, param_attr, dtype), padding_idx)


def embedding_v2(
    input: Any,
    size: Any,
    is_sparse: bool = False,
    is_distributed: bool = False,
    padding_idx: int | None = None,
    param_attr: Any = None,
    dtype: Any = "float32",
) -> Any:
    """Return the rows of a table that integers name."""
    return deferred(embedded, input, _table(size, param_attr, dtype), padding_idx)


def embedded_last(input: Tensor, weight: Tensor, padding_idx: int | None) -> Tensor:
    """Return the rows that integers name, in the place of their last axis."""
    return embedded(input.squeeze(-1), weight, padding_idx)


def table_size(size: Any) -> Any:
    """Return the size of an embedding.

    Raises:
        ValueError: it is not two sizes.
    """
    if len(size) != 2:
        msg = f"size={size!r} must be two sizes: how many vectors, and how long each is. Give [rows, columns]."
        raise ValueError(msg)
    return size


def _table(size: Any, attr: Any, dtype: Any) -> Any:
    return Parameters("embedding", None, torch.empty(0, dtype=to_torch_dtype(dtype)))(list(table_size(size)), attr)


fn("layers.embedding", embedding)
fn("embedding", embedding_v2)


def spectral_norm(weight: Any, dim: int = 0, power_iters: int = 1, eps: float = 1e-12, name: str | None = None) -> Any:
    """Divide by the greatest singular value, from where vectors that are not learned lead in so many steps."""
    parameters = Parameters("spectral_norm", name, weight)
    size = int(weight.shape[dim])
    vectors = [
        parameters([length], ParamAttr(initializer=Normal(0.0, 1.0), trainable=False))
        for length in (size, math.prod(weight.shape) // size)
    ]
    return deferred(spectrally_normalized, weight, *vectors, dim, power_iters, eps)


fn("layers.spectral_norm", spectral_norm, name="name")


def prelu(x: Any, mode: str, param_attr: Any = None, name: str | None = None) -> Any:
    """Multiply what is below zero by factors that are learned, 0.25 at first.

    Raises:
        ValueError: there is no such mode.
    """
    if mode not in ("all", "channel", "element"):
        msg = f"mode={mode!r} should be one of all, channel, element."
        raise ValueError(msg)
    shape = {"all": [1], "channel": [1, int(x.shape[1]), 1, 1], "element": [1, *x.shape[1:]]}[mode]
    return deferred(factored, x, Parameters("prelu", name, x)(shape, param_attr, initial=Constant(0.25)))


fn("layers.prelu", prelu, name="name")
