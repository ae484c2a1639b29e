"""Rows of transposed convolutions along one axis and two; that of volumes is written by hand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch.nn.functional as F

from ....backend import OperatorError
from ....backend.arguments import integer
from ...names import Learned, kept
from ..attributes import check_weight_attr
from ..names import NAMES
from ..nn.mapped import mapped
from ..nn.padding import same_pads_of
from .layers_convolutions import checked_format, offsets
from .windows import along, channels_last, check_sizes, pads_along, several

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function
TRANSPOSED: dict[int, Callable[..., Tensor]] = {1: F.conv_transpose1d, 2: F.conv_transpose2d}


def transposed(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
    output_size: Any = None,
    data_format: str = "NCHW",
    *,
    count: int,
) -> Tensor:
    """Apply a transposed convolution; arguments as those of the one of volumes.

    Raises:
        ValueError: a value or shape is illegal.

    >>> import torch
    >>> transposed(torch.ones(1, 1, 2), torch.ones(1, 1, 3), stride=2, data_format="NCL", count=1).tolist()
    [[[1.0, 1.0, 2.0, 1.0, 1.0]]]
    """
    where = f"conv{count}d_transpose"
    last = channels_last(data_format, count, where)
    for name, value in (("x", x), ("weight", weight)):
        if value.dim() != count + 2:
            msg = f"Input {name} should be {count + 2}D tensor, but received one with the shape of {list(value.shape)}."
            raise OperatorError(msg)
    groups = integer(groups, "groups")
    channels, sizes = (x.shape[-1], x.shape[1:-1]) if last else (x.shape[1], x.shape[2:])
    if groups < 1 or channels % groups or channels != weight.shape[0]:
        msg = (
            f"the channel of input must be divisible by groups, and be that of weight: x has {channels}, weight "
            f"{weight.shape[0]}, groups={groups}."
        )
        raise OperatorError(msg)
    pads: Any = pads_along(padding, count, last=last)
    strides, dilations = several(stride, count, "stride"), several(dilation, count, "dilation")
    check_sizes(stride=strides, dilation=dilations)
    extra = several(output_padding, count, "output_padding")
    if pads == "SAME":
        pads, dilations = list(map(same_pads_of, sizes, weight.shape[2:], strides)), [1] * count
    elif pads == "VALID":
        pads = [(0, 0)] * count
    # full = (n - 1) * stride + dilation * (kernel_size - 1) + 1, of which `pads` are cut
    least = [
        (n - 1) * s + d * (k - 1) + 1 - low - high
        for n, s, d, k, (low, high) in zip(sizes, strides, dilations, weight.shape[2:], pads, strict=True)
    ]
    if output_size is not None:
        if any(extra):
            msg = "output_padding option is mutually exclusive with output_size. Leave one out."
            raise ValueError(msg)
        extra = wanted(output_size, least, strides)
    elif any(not 0 <= more < max(s, d) for more, s, d in zip(extra, strides, dilations, strict=True)):
        msg = f"output_padding={extra} should be 0 and above, and less than max(stride, dilation). Lower it."
        raise OperatorError(msg)

    def computed(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if all(low == high for low, high in pads):
            lows = [low for low, _ in pads]
            if all(more < max(s, d) for more, s, d in zip(extra, strides, dilations, strict=True)):
                return TRANSPOSED[count](x, weight, bias, strides, lows, extra, groups, dilations)
        found = TRANSPOSED[count](x, weight, None, strides, 0, 0, groups, dilations)
        cuts = [(-low, more - high) for (low, high), more in zip(pads, extra, strict=True)]
        found = F.pad(found, [side for pair in reversed(cuts) for side in pair])
        return found if bias is None else found + bias.reshape(-1, *[1] * count)

    return mapped(computed, x, weight, bias, channel_last=last)


def wanted(output_size: Any, least: list[int], strides: list[int]) -> list[int]:
    """Return what a size that is wanted has beyond the least.

    Raises:
        ValueError: it is below that, or a stride above it.
    """
    sizes = several(output_size, len(least), "output_size")
    extra = [size - low for size, low in zip(sizes, least, strict=True)]
    if any(not 0 <= more < stride for more, stride in zip(extra, strides, strict=True)):
        msg = (
            f"output_size={sizes} should not be less than the inferred output size {least}, and less than that and "
            f"stride {strides}. Choose one between."
        )
        raise OperatorError(msg)
    return extra


fn("nn.functional.conv1d_transpose", along(transposed, 1))
fn("nn.functional.conv2d_transpose", along(transposed, 2))


def taps(
    layer: Any, in_channels: int, out_channels: int, kernel_size: Any, groups: int, weight_attr: Any, *, axes: int
) -> None:
    """Make the weight of a transposed convolution."""
    check_weight_attr(weight_attr)
    kernel = several(kernel_size, axes, "kernel_size")
    check_sizes(kernel_size=kernel, groups=[integer(groups, "groups")])
    shape = [integer(in_channels, "in_channels"), integer(out_channels, "out_channels") // groups, *kernel]
    layer.add_parameter("weight", layer.create_parameter(shape, weight_attr))


def applied(axes: int) -> Callable[..., Tensor]:
    """Return the function of a layer along so many axes, which may be given the size that it should make."""

    def computed(
        x: Tensor,
        output_size: Any,
        weight: Tensor,
        bias: Tensor | None,
        stride: Any,
        padding: Any,
        output_padding: Any,
        dilation: Any,
        groups: int,
        data_format: str,
    ) -> Tensor:
        # along one axis both together are refused, along two the size takes the other's place
        extra = 0 if output_size is not None and axes == 2 else output_padding
        return transposed(
            x, weight, bias, stride, padding, extra, groups, dilation, output_size, data_format, count=axes
        )

    return computed


def shown(layer: Any) -> str:
    """Return the arguments of a transposed convolution, those at their defaults left out."""
    ones = [1] * len(layer._kernel_size)
    options = [
        ("stride", layer._stride, ones),
        ("padding", layer._padding, 0),
        ("output_padding", layer.output_padding, 0),
        ("dilation", layer._dilation, ones),
        ("groups", layer._groups, 1),
    ]
    text = "".join(f", {name}={value}" for name, value, default in options if value != default)
    return (
        f"{layer._in_channels}, {layer._out_channels}, kernel_size={layer._kernel_size}{text}, "
        f"data_format={layer._data_format}"
    )


for axes in TRANSPOSED:
    NAMES.layer(
        f"nn.Conv{axes}DTranspose",
        applied(axes),
        shown=shown,
        learned=(
            Learned(
                "weight",
                partial(taps, axes=axes),
                ("in_channels", "out_channels", "kernel_size", "groups", "weight_attr"),
                role="weight",
            ),
            Learned("bias", partial(offsets, bias=True), ("out_channels", "bias_attr"), role="bias"),
        ),
        in_channels=kept("_in_channels", means=None),
        out_channels=kept("_out_channels", means=None),
        kernel_size=kept("_kernel_size", means=None, read=partial(several, count=axes, name="kernel_size")),
        stride=kept("_stride", read=partial(several, count=axes, name="stride")),
        output_padding=kept("output_padding"),
        dilation=kept("_dilation", read=partial(several, count=axes, name="dilation")),
        data_format=kept("_data_format", read=partial(checked_format, axes=axes)),
    )
