"""Rows of convolutions whose weights depend on the place: each pixel has its own, or only some regions meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ...backend import OperatorError
from ..names import Learned, kept
from ..tensor import like, plain
from .arguments import ArgumentError, numbers
from .convolutions import check_mode
from .module.conv import check_channels
from .names import NAMES
from .operands import tensor_of
from .products import COMPUTE
from .tensor import Parameter

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def patches(input: Tensor, kernel: tuple[int, ...], steps: Any, sides: Any, spread: Any, groups: int) -> Tensor:
    """Return what windows see: `(N, groups, channels / groups, taps, places)`."""
    found = F.unfold(input, kernel, dilation=spread, padding=sides, stride=steps)
    return found.reshape(len(input), groups, input.shape[1] // groups, kernel[0] * kernel[1], -1)


def local_conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    conv_mode: Any = "cross_correlation",
) -> Tensor:
    """Apply a convolution that has other weights at each place of its output.

    Args:
        input: `(N, C_in, H, W)`.
        weight: `(groups, H_out, W_out, C_in / groups, kH, kW, C_out / groups)`.
        bias: added, or None.
        stride: one number or two.
        padding: likewise.
        dilation: only 1, as in MegEngine.
        conv_mode: only 'cross_correlation'.

    Raises:
        RuntimeError: a dilation, or a weight of another shape (a ValueError too).
    """
    check_mode(conv_mode)
    if numbers(dilation, "dilation", 1, 2) != (1, 1):
        msg = f"dilation={dilation!r}: unsupported conv param for Local opr, in MegEngine too; legal is 1."
        raise OperatorError(msg)
    steps, sides = numbers(stride, "stride", 1, 2), numbers(padding, "padding", 0, 2)
    planes, taps = plain(input), plain(tensor_of(weight, "weight"))
    groups, height, width, channels, *kernel, _ = taps.shape
    out = tuple(
        (size + 2 * side - tap) // step + 1
        for size, side, tap, step in zip(planes.shape[2:], sides, kernel, steps, strict=True)
    )
    if out != (height, width) or planes.shape[1] != groups * channels:
        msg = (
            f"weight of shape {tuple(taps.shape)} is for {groups * channels} channels and an output of "
            f"{(height, width)}; inp of shape {tuple(planes.shape)} gives {out}. Make the two fit."
        )
        raise OperatorError(msg)
    seen = patches(planes, tuple(kernel), steps, sides, 1, groups)
    result = torch.einsum("ngctp,gpcto->ngop", seen, taps.reshape(groups, height * width, channels, -1, taps.shape[-1]))
    result = result.reshape(len(planes), -1, height, width)
    return like(result if bias is None else result + plain(bias), input)


def region_restricted_conv(
    input: Tensor,
    weight: Tensor,
    rin: Tensor,
    rout: Tensor,
    bias: Any = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
    conv_mode: Any = "cross_correlation",
) -> Tensor:
    """Apply a convolution in which a pixel reads only pixels of its own region.

    Args:
        input: `(N, C_in, H, W)`.
        weight: `(groups, C_out / groups, C_in / groups, kH, kW)`.
        rin: the region of each pixel of the input, `(N, H, W)`.
        rout: of each of the output, `(N, H_out, W_out)`.
        bias: added, or None.
        stride: one number or two.
        padding: likewise.
        dilation: likewise.
        groups: of channels.
        conv_mode: only 'cross_correlation'.
    """
    check_mode(conv_mode)
    planes, taps = plain(input), plain(tensor_of(weight, "weight"))
    options = (
        numbers(stride, "stride", 1, 2),
        numbers(padding, "padding", 0, 2),
        numbers(dilation, "dilation", 1, 2),
    )
    kernel = tuple(taps.shape[-2:])
    seen = patches(planes, kernel, *options, groups)
    regions = patches(plain(rin).float().unsqueeze(1), kernel, *options, 1)[:, 0, 0]
    same = regions == plain(rout).float().reshape(len(planes), 1, -1)
    result = torch.einsum("ngctp,ntp,goct->ngop", seen, same.to(seen.dtype), taps.flatten(3))
    result = result.reshape(len(planes), -1, *rout.shape[-2:])
    return like(result if bias is None else result + plain(bias), input)


fn("functional.local_conv2d", local_conv2d)
fn("functional.region_restricted_conv", region_restricted_conv, compute_mode=COMPUTE)


def own_taps(layer: Any, in_channels: int, out_channels: int, groups: int, input_height: int, input_width: int) -> None:
    """Make a weight for each place of the output."""
    check_channels(in_channels, groups, False)
    if in_channels % groups or out_channels % groups:
        msg = f"in_channels={in_channels}, out_channels={out_channels}: groups={groups} must divide both."
        raise ArgumentError(msg)
    layer.bias = None
    sizes = (input_height, input_width)
    kinds = (layer.padding, layer.kernel_size, layer.stride)
    out = [(size + 2 * side - tap) // step + 1 for size, side, tap, step in zip(sizes, *kinds, strict=True)]
    shape = (groups, *out, in_channels // groups, *layer.kernel_size, out_channels // groups)
    layer.weight = Parameter(torch.empty(shape, dtype=torch.float32))


def sizes(name: str, least: int) -> Any:
    """Keep two sizes."""
    return kept(name, "" if name != "kernel_size" else None, lambda value: numbers(value, name, least, 2))


CHANNELS = ("in_channels", "out_channels", "groups", "input_height", "input_width")
options: Any = {
    **{name: kept(name, None) for name in CHANNELS},
    **{name: sizes(name, name != "padding") for name in ("kernel_size", "stride", "padding", "dilation")},
}
NAMES.layer(
    "module.LocalConv2d",
    local_conv2d,
    kind="",
    base=NAMES.get("module.Conv2d"),
    learned=(Learned("weight", own_taps, CHANNELS),),
    **options,
)
