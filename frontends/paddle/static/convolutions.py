"""Convolutions of `static.nn`, which make their own parameters; that of volumes back again is in `nn.py`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ....backend import OperatorError
from ...deformable import deformed
from ...tensor import like, plain
from ..attributes import check_weight_attr
from ..nn.initializer import Normal
from ..rows.windows import check_sizes, pads_along, several
from .graph import recording
from .parameters import Parameters, channels_of, computed, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

__all__: list[str] = []


def spread(taps: Sequence[int], channels: int) -> Normal:
    """Return how weights of convolutions begin: with a variance of 2 by the values that go into one."""
    return Normal(0.0, math.sqrt(2 / (math.prod(taps) * channels)))


def convolution(axes: int) -> Callable[..., Any]:
    """Return the convolution of so many axes."""

    def convolved(
        input: Any,
        num_filters: int,
        filter_size: Any,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int | None = None,
        param_attr: Any = None,
        bias_attr: Any = None,
        use_cudnn: bool = True,
        act: Any = None,
        name: str | None = None,
        data_format: str = "NCHW",
    ) -> Any:
        check_weight_attr(param_attr, "param_attr", f"in conv{axes}d")
        check_cudnn(use_cudnn)
        taps, channels = several(filter_size, axes, "filter_size"), channels_of(input, data_format)
        check_groups(channels, num_filters, groups or 1)
        parameters = Parameters(f"conv{axes}d", name, input)
        shape = [num_filters, channels // (groups or 1), *taps]
        weight = parameters(shape, param_attr, initial=spread(taps, channels))
        bias = parameters([num_filters], bias_attr, is_bias=True)
        options: Any = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups or 1}
        return computed(f"conv{axes}d", input, weight, bias, act=act, data_format=data_format, **options)

    return convolved


def check_cudnn(use_cudnn: Any) -> None:
    """Raise ValueError for what says neither yes nor no."""
    if not isinstance(use_cudnn, bool):
        msg = f"Attr(use_cudnn) should be True or False. Received Attr(use_cudnn): {use_cudnn!r}."
        raise ValueError(msg)


def check_groups(channels: int, num_filters: int, groups: int) -> None:
    """Raise ValueError for groups that divide no channels."""
    if groups < 1 or channels % groups or num_filters % groups:
        msg = (
            f"groups={groups} must be a divisor of the channels of input, {channels}, and of num_filters, "
            f"{num_filters}."
        )
        raise ValueError(msg)


serve(convolution(2), "conv2d")
serve(convolution(3), "conv3d")


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
    use_cudnn: bool = True,
    act: Any = None,
    name: str | None = None,
    data_format: str = "NCHW",
) -> Any:
    """Apply a transposed convolution of planes; without a filter's size it is what gives `output_size`.

    Raises:
        ValueError: neither size is given.
    """
    check_weight_attr(param_attr, "param_attr", "in conv2d_transpose")
    check_cudnn(use_cudnn)
    last = data_format.endswith("C")
    channels, steps = channels_of(input, data_format), several(stride, 2, "stride")
    if filter_size is None:
        if output_size is None:
            msg = "output_size must be set when filter_size is None; give one of them."
            raise ValueError(msg)
        pads: Any = pads_along(padding, 2, last=last)
        sides = [(0, 0)] * 2 if isinstance(pads, str) else pads
        size = list(input.shape[1:3] if last else input.shape[2:])
        wanted, holes = several(output_size, 2, "output_size"), several(dilation, 2, "dilation")
        # D_out = (D - 1) * stride - low - high + dilation * (filter_size - 1) + 1
        filter_size = [
            (want - (have - 1) * step + low + high - 1) // hole + 1
            for want, have, step, (low, high), hole in zip(wanted, size, steps, sides, holes, strict=True)
        ]
    taps = several(filter_size, 2, "filter_size")
    check_sizes(filter_size=taps)
    parameters = Parameters("conv2d_transpose", name, input)
    weight = parameters([channels, num_filters // (groups or 1), *taps], param_attr)
    bias = parameters([num_filters], bias_attr, is_bias=True)
    options: Any = {"stride": steps, "padding": padding, "dilation": dilation, "groups": groups or 1}
    options |= {"output_size": output_size, "data_format": data_format}
    return computed("conv2d_transpose", input, weight, bias, act=act, **options)


serve(conv2d_transpose)


def deform_conv2d(
    x: Any,
    offset: Any,
    mask: Any,
    num_filters: int,
    filter_size: Any,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    deformable_groups: int = 1,
    im2col_step: int = 1,
    weight_attr: Any = None,
    bias_attr: Any = None,
    name: str | None = None,
) -> Any:
    """Apply a deformable convolution of planes; `im2col_step` is how many samples the release takes at once."""
    check_weight_attr(weight_attr, "weight_attr", "in deform_conv2d")
    taps, channels = several(filter_size, 2, "filter_size"), int(x.shape[1])
    check_groups(channels, num_filters, groups or 1)
    parameters = Parameters("deformable_conv", name, x)
    shape = [num_filters, channels // (groups or 1), *taps]
    weight = parameters(shape, weight_attr, initial=spread(taps, channels))
    bias = parameters([num_filters], bias_attr, is_bias=True)
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    sizes = {each: several(value, 2, each) for each, value in options.items()}
    return recording(deformably_convolved)(x, offset, mask, weight, bias, deformable_groups, **sizes)


def deformably_convolved(
    x: Tensor, offset: Tensor, mask: Tensor | None, weight: Tensor, bias: Tensor | None, groups: int, **sizes: Any
) -> Tensor:
    """Convolve with moved taps, and add a bias.

    Raises:
        OperatorError: the offsets are not of so many groups.
    """
    wanted = 2 * groups * math.prod(weight.shape[2:])
    if offset.shape[1] != wanted:
        msg = f"offset has {offset.shape[1]} channels; of deformable_groups={groups}, it must have {wanted}."
        raise OperatorError(msg)
    found = deformed(plain(x), plain(offset), plain(weight), None if mask is None else plain(mask), **sizes)
    return like(found if bias is None else found + plain(bias).reshape(-1, 1, 1), x)


serve(deform_conv2d, mask="")
