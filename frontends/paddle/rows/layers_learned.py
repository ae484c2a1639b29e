"""Rows of layers that learn: convolutions and normalisations along one axis and two, dropout, bilinear products."""

from __future__ import annotations

import functools
import math
from functools import partial
from typing import TYPE_CHECKING, Any

import torch.nn.functional as F

from ...names import Learned, kept
from ..attributes import ParamAttr, check_weight_attr
from ..dtype import dtype_name
from ..names import NAMES
from ..nn.initializer import Constant, Normal
from ..nn.mapped import mapped
from .basics import check_dropout
from .convolutions import convolved
from .layers_volumes import shows
from .norms import batch_norm, instance_norm
from .windows import FORMATS, channels_last, pads_along, several

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

layer: Any = NAMES.layer


# -- convolutions -----------------------------------------------------------------------------------------------


def taps(
    layer: Any, in_channels: int, out_channels: int, kernel_size: Any, groups: int, weight_attr: Any, *, axes: int
) -> None:
    """Make the weight of a convolution, which begins normal."""
    check_weight_attr(weight_attr)
    if groups < 1 or in_channels % groups or out_channels % groups:
        msg = (
            f"in_channels must be divisible by groups, and so must out_channels; they are {in_channels} and "
            f"{out_channels}, groups={groups}. Choose a divisor of both."
        )
        raise ValueError(msg)
    kernel = several(kernel_size, axes, "kernel_size")
    rule = Normal(0.0, math.sqrt(2 / (math.prod(kernel) * in_channels)))
    shape = [out_channels, in_channels // groups, *kernel]
    layer.add_parameter("weight", layer.create_parameter(shape, weight_attr, default_initializer=rule))


def offsets(layer: Any, out_channels: int, bias: bool, bias_attr: Any) -> None:
    """Make the bias of a convolution, or none."""
    attr = bias_attr if bias else False
    layer.add_parameter("bias", layer.create_parameter([out_channels], attr, is_bias=True))


def convolution(axes: int) -> Callable[..., Tensor]:
    """Return a convolution along so many axes, with what is added at the sides."""

    def computed(
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: Any,
        padding: Any,
        dilation: Any,
        groups: int,
        padding_mode: str,
        data_format: str,
    ) -> Tensor:
        if padding_mode != "zeros":
            last = channels_last(data_format, axes, f"conv{axes}d")
            around = [side for pair in reversed(pads_along(padding, axes, last=last)) for side in pair]
            x, padding = mapped(F.pad, x, around, channel_last=last, mode=padding_mode), 0
        return convolved(x, weight, bias, stride, padding, dilation, groups, data_format, count=axes)

    return computed


def convolution_shown(layer: Any) -> str:
    """Return the arguments of a convolution, those at their defaults left out."""
    ones = [1] * len(layer._kernel_size)
    options = [
        ("stride", layer._stride, ones),
        ("padding", layer._padding, 0),
        ("padding_mode", layer._padding_mode, "zeros"),
        ("dilation", layer._dilation, ones),
        ("groups", layer._groups, 1),
    ]
    shown = "".join(f", {name}={value}" for name, value, default in options if value != default)
    return (
        f"{layer._in_channels}, {layer._out_channels}, kernel_size={layer._kernel_size}{shown}, "
        f"data_format={layer._data_format}"
    )


def check_mode(layer: Any, padding: Any, padding_mode: str) -> None:
    """Refuse a padding that other modes than zeros do not take."""
    if padding_mode != "zeros" and not isinstance(padding, int):
        msg = f"with padding_mode={padding_mode!r}, type of padding must be int, but it is {type(padding).__name__}."
        raise TypeError(msg)


def mode_of_padding(value: Any) -> Any:
    """Return a padding mode that there is."""
    if value not in ("zeros", "reflect", "replicate", "circular"):
        msg = f"padding_mode must be one of 'zeros', 'reflect', 'replicate', 'circular', but got {value!r}."
        raise ValueError(msg)
    return value


for axes in (1, 2):
    layer(
        f"nn.Conv{axes}D",
        convolution(axes),
        shown=convolution_shown,
        learned=(
            Learned(
                "weight",
                partial(taps, axes=axes),
                ("in_channels", "out_channels", "kernel_size", "groups", "weight_attr"),
                role="weight",
            ),
            Learned("bias", offsets, ("out_channels", "bias", "bias_attr"), role="bias"),
            Learned("padding", check_mode, ("padding", "padding_mode"), means=None),
        ),
        in_channels=kept("_in_channels", means=None),
        out_channels=kept("_out_channels", means=None),
        kernel_size=kept("_kernel_size", means=None, read=partial(several, count=axes, name="kernel_size")),
        stride=kept("_stride", read=partial(several, count=axes, name="stride")),
        dilation=kept("_dilation", read=partial(several, count=axes, name="dilation")),
        padding_mode=kept("_padding_mode", read=mode_of_padding),
        bias=kept(None),
    )


# -- normalisations ---------------------------------------------------------------------------------------------


def factor(layer: Any, num_features: int, weight_attr: Any, *, name: str = "weight") -> None:
    """Make factors that begin at one."""
    made = layer.create_parameter([num_features], weight_attr, default_initializer=Constant(1.0))
    layer.add_parameter(name, made)


def shift(layer: Any, num_features: int, bias_attr: Any) -> None:
    """Make a bias that begins at zero."""
    layer.add_parameter("bias", layer.create_parameter([num_features], bias_attr, is_bias=True))


def statistic(layer: Any, num_features: int, *, name: str, value: float) -> None:
    """Make a running statistic: in Paddle a parameter that is not learned."""
    attr = ParamAttr(initializer=Constant(value), trainable=False)
    layer.add_parameter(name, layer.create_parameter([num_features], attr))


def of_axes(function: Callable[..., Tensor], legal: tuple[int, ...]) -> Callable[..., Tensor]:
    """Return a normalisation of tensors with so many axes."""

    @functools.wraps(function)
    def computed(input: Tensor, **options: Any) -> Tensor:
        if input.dim() not in legal:
            wanted = " or ".join(f"{count}D" for count in legal)
            msg = f"expected {wanted} input (got {input.dim()}D input). Reshape it."
            raise ValueError(msg)
        return function(input, **options)

    return computed


def format_of(legal: tuple[str, ...], value: Any) -> Any:
    """Return a data format that there is."""
    if value not in legal:
        msg = f"data_format={value!r}; expected one of {', '.join(legal)} input."
        raise ValueError(msg)
    return value


def batch_norm_shown(layer: Any) -> str:
    """Return the arguments of a batch normalisation."""
    shown = f"num_features={layer._num_features}, momentum={layer._momentum}, epsilon={layer._epsilon}"
    return shown if layer._data_format == "NCHW" else f"{shown}, data_format={layer._data_format}"


def both_or_none(layer: Any, weight_attr: Any, bias_attr: Any) -> None:
    """Refuse one attribute of False without the other."""
    if (weight_attr is False) != (bias_attr is False):
        msg = "weight_attr and bias_attr must be set to False at the same time in InstanceNorm. Set both, or none."
        raise AssertionError(msg)


for axes in (1, 2):
    formats = ("NC", *FORMATS[1]) if axes == 1 else FORMATS[axes]
    counts = (2, 3) if axes == 1 else (axes + 2,)
    layer(
        f"nn.BatchNorm{axes}D",
        of_axes(batch_norm, counts),
        shown=batch_norm_shown,
        extra={"training": "self.training"},
        learned=(
            Learned("weight", factor, ("num_features", "weight_attr"), role="scale"),
            Learned("bias", shift, ("num_features", "bias_attr"), role="shift"),
            Learned("_mean", partial(statistic, name="_mean", value=0.0), ("num_features",), "running_mean", "mean"),
            Learned(
                "_variance", partial(statistic, name="_variance", value=1.0), ("num_features",), "running_var", "var"
            ),
        ),
        num_features=kept("_num_features", means=None),
        momentum=kept("_momentum"),
        epsilon=kept("_epsilon"),
        use_global_stats=kept("_use_global_stats"),
        data_format=kept("_data_format", read=partial(format_of, formats)),
    )
    layer(
        f"nn.InstanceNorm{axes}D",
        of_axes(instance_norm, counts),
        shown=shows("num_features:_num_features epsilon:_epsilon"),
        learned=(
            Learned("both", both_or_none, ("weight_attr", "bias_attr"), means=None),
            Learned("scale", partial(factor, name="scale"), ("num_features", "weight_attr"), "weight", "scale"),
            Learned("bias", shift, ("num_features", "bias_attr"), role="shift"),
        ),
        num_features=kept("_num_features", means=None),
        epsilon=kept("_epsilon", means="eps"),
        momentum=kept("_momentum", means=None),
        data_format=kept("_data_format", means=None, read=partial(format_of, formats)),
    )


# -- dropout and products ---------------------------------------------------------------------------------------


def probability(p: Any) -> Any:
    """Return a probability that dropout can have."""
    check_dropout(p, "upscale_in_train")
    return p


TRAINING = {"training": "self.training"}
layer(
    "nn.Dropout2D",
    "nn.functional.dropout2d",
    shown=shows("p data_format"),
    extra=TRAINING,
    p=kept("p", read=probability),
    data_format=kept("data_format"),
)
layer("nn.AlphaDropout", "nn.functional.alpha_dropout", shown=shows("p"), extra=TRAINING, p=kept("p", read=probability))
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
