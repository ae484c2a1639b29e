"""Rows of layers that learn: convolutions, and what is joined to them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from ...backend.arguments import integer
from ..module import check_spectral_norm
from ..names import Learned, kept
from . import convolutions, pools
from .arguments import ArgumentError, numbers
from .module.conv import _ConvNd, check_channels
from .names import NAMES
from .tensor import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

ROOMS = (convolutions, pools)  # their rows are what the layers call
CHANNELS = ("in_channels", "out_channels", "groups")
LEAST = {"kernel_size": 1, "stride": 1, "padding": 0, "output_padding": -1, "dilation": 1}


def summands(layer: Any, in_channels: int, out_channels: int, groups: int, bias: Any) -> None:
    """Make the bias of a convolution, or None.

    Raises:
        AssertionError: the groups do not divide the channels (a ValueError and RuntimeError too).
    """
    check_channels(in_channels, groups, bias)
    if in_channels % groups or out_channels % groups:
        msg = (
            f"invalid config: in_channels={in_channels} out_channels={out_channels} group={groups}: in_channels must "
            f"be divisible by groups, and so must out_channels. Choose a common divisor."
        )
        raise ArgumentError(msg)
    layer.bias = (
        Parameter(torch.empty(1, out_channels, *[1] * len(kernel_of(layer)), dtype=torch.float32)) if bias else None
    )


def kernel_of(layer: Any) -> tuple[int, ...]:
    """Return the kernel's size, which is a number along one axis."""
    size = layer.kernel_size
    return (size,) if isinstance(size, int) else tuple(size)


def taps(layer: Any, in_channels: int, out_channels: int, groups: int) -> None:
    """Make the weight of a convolution, outputs before inputs, its groups in front."""
    grouped(layer, groups, out_channels // groups, in_channels // groups, *kernel_of(layer))


def transposed_taps(layer: Any, in_channels: int, out_channels: int, groups: int) -> None:
    """Make the weight of a transposed convolution, inputs before outputs, its groups in front."""
    grouped(layer, groups, in_channels // groups, out_channels // groups, *kernel_of(layer))


def grouped(layer: Any, groups: int, *sizes: int) -> None:
    """Make a weight of these sizes for each group."""
    layer.weight = Parameter(torch.empty(*([] if groups == 1 else [groups]), *sizes, dtype=torch.float32))


def mode_of_padding(value: Any) -> Any:
    """Return a padding mode that there is.

    Raises:
        AssertionError: there is none such (a ValueError and RuntimeError too).
    """
    if value not in ("zeros", "reflect", "replicate"):
        msg = f"padding_mode={value!r}; legal are 'zeros', 'reflect' and 'replicate'."
        raise ArgumentError(msg)
    return value


def sizes_along(rank: int, name: str, least: int) -> Callable[[Any], Any]:
    """Return what reads one size for each axis; of one axis it is a number."""

    def read(value: Any) -> Any:
        sizes = numbers(value, name, least, rank)
        return sizes if rank > 1 else sizes[0]

    return read


def applied(name: str, rank: int, after: Callable[[Tensor], Tensor] | None) -> Callable[..., Tensor]:
    """Return the convolution of a layer, which looks what was done to its weight and pads as asked."""
    compute, pad = NAMES.get(name), NAMES.get("functional.pad")
    layout = f"(groups, channels / groups, channels / groups, {convolutions.AXES[rank]})"

    def convolved(
        inp: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        groups: int,
        layer: Any,
        padding: Any,
        padding_mode: str = "zeros",
        **options: Any,
    ) -> Tensor:
        if groups != 1:
            check_spectral_norm(layer, None, layout)
        if padding_mode != "zeros":
            around = padding if rank > 1 else (padding,)
            inp, padding = pad(inp, ((0, 0), (0, 0), *((side, side) for side in around)), padding_mode), 0
        result: Tensor = compute(inp, weight, bias, padding=padding, groups=groups, **options)
        return result if after is None else after(result)

    return convolved


def convolution(
    name: str,
    function: str,
    rank: int,
    *,
    make: Callable[..., None] = taps,
    through: str = "",
    base: type = _ConvNd,
    after: Callable[[Tensor], Tensor] | None = None,
) -> None:
    """Serve a layer of a convolution along so many axes, and of what comes after it."""
    taken = NAMES.signatures.signature(f"module.{name}").parameters
    options: dict[str, Any] = {
        each: kept(each, None if each == "kernel_size" else "", sizes_along(rank, each, least))
        for each, least in LEAST.items()
        if each in taken
    }
    options |= {each: kept(each, None, partial(integer, name=each)) for each in CHANNELS[:2]}
    if "padding_mode" in taken:
        options["padding_mode"] = kept("padding_mode", read=mode_of_padding)
    NAMES.layer(
        f"module.{name}",
        applied(f"functional.{function}", rank, after),
        kind=None if after is None else "",
        base=base,
        through=through,
        learned=(
            Learned("bias", summands, (*CHANNELS, "bias"), role="bias"),
            Learned("weight", make, CHANNELS, role="weight"),
        ),
        extra={"layer": "self"},
        **options,
    )


def joined(first: str, function: str) -> None:
    """Serve a convolution of planes and `relu` of it, which is that convolution to whoever asks."""
    make = transposed_taps if "transpose" in function else taps
    convolution(f"{first}Relu2d", function, 2, make=make, base=NAMES.get(f"module.{first}2d"), after=torch.relu)


for axes in (1, 2, 3):
    convolution(f"Conv{axes}d", f"conv{axes}d", axes, through="calc_conv")
convolution("ConvTranspose2d", "conv_transpose2d", 2, make=transposed_taps, through="calc_conv_transpose2d")
joined("Conv", "conv2d")
joined("ConvTranspose", "conv_transpose2d")
