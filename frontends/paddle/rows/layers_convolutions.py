"""Rows of layers that convolve along one axis, two or three; transposed convolutions are written by hand."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import torch.nn.functional as F

from ....backend.arguments import integer
from ...names import Learned, kept
from ..attributes import check_weight_attr
from ..names import NAMES
from ..nn.initializer import Normal
from ..nn.mapped import mapped
from .convolutions import convolved
from .windows import FORMATS, channels_last, check_sizes, pads_along, several

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

layer: Any = NAMES.layer


def taps(
    layer: Any, in_channels: int, out_channels: int, kernel_size: Any, groups: int, weight_attr: Any, *, axes: int
) -> None:
    """Make the weight of a convolution, which begins normal."""
    check_weight_attr(weight_attr)
    groups = integer(groups, "groups")
    if groups < 1 or in_channels % groups or out_channels % groups:
        msg = (
            f"in_channels must be divisible by groups, and so must out_channels; they are {in_channels} and "
            f"{out_channels}, groups={groups}. Choose a divisor of both."
        )
        raise ValueError(msg)
    kernel = several(kernel_size, axes, "kernel_size")
    check_sizes(kernel_size=kernel, in_channels=[integer(in_channels, "in_channels")])
    rule = Normal(0.0, math.sqrt(2 / (math.prod(kernel) * in_channels)))
    shape = [integer(out_channels, "out_channels"), in_channels // groups, *kernel]
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


def check_padding(layer: Any, padding: Any, padding_mode: str, *, axes: int) -> None:
    """Refuse a padding that there is not, or that other modes than zeros do not take."""
    pads_along(padding, axes, last=layer._data_format == FORMATS[axes][1])
    if padding_mode != "zeros" and not isinstance(padding, int):
        msg = f"with padding_mode={padding_mode!r}, type of padding must be int, but it is {type(padding).__name__}."
        raise TypeError(msg)


def mode_of_padding(value: Any) -> Any:
    """Return a padding mode that there is."""
    if value not in ("zeros", "reflect", "replicate", "circular"):
        msg = f"padding_mode must be one of 'zeros', 'reflect', 'replicate', 'circular', but got {value!r}."
        raise ValueError(msg)
    return value


def checked_format(value: Any, axes: int) -> Any:
    """Return a data format that there is."""
    channels_last(value, axes, f"conv{axes}d")
    return value


for axes in FORMATS:
    layer(
        f"nn.Conv{axes}D",
        convolution(axes),
        shown=convolution_shown,
        learned=(
            Learned("padding", partial(check_padding, axes=axes), ("padding", "padding_mode"), means=None),
            Learned(
                "weight",
                partial(taps, axes=axes),
                ("in_channels", "out_channels", "kernel_size", "groups", "weight_attr"),
                role="weight",
            ),
            Learned("bias", offsets, ("out_channels", "bias", "bias_attr"), role="bias"),
        ),
        in_channels=kept("_in_channels", means=None),
        out_channels=kept("_out_channels", means=None),
        kernel_size=kept("_kernel_size", means=None, read=partial(several, count=axes, name="kernel_size")),
        stride=kept("_stride", read=partial(several, count=axes, name="stride")),
        dilation=kept("_dilation", read=partial(several, count=axes, name="dilation")),
        data_format=kept("_data_format", read=partial(checked_format, axes=axes)),
        padding_mode=kept("_padding_mode", read=mode_of_padding),
        bias=kept(None),
    )
