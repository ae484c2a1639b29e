"""Rows of pooling, padding, resampling of planes and windows of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ...backend import OperatorError
from .arguments import ArgumentError, numbers, sizes
from .casting import widened
from .names import NAMES
from .operands import tensor_of

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function
# whether padding counts in the average
AVERAGES = {"average": True, "average_count_exclude_padding": False}
PADDINGS = {"constant": "constant", "edge": "replicate", "replicate": "replicate", "reflect": "reflect"}


def image(input: Tensor) -> Tensor:
    """Return a floating tensor `(N, C, H, W)`.

    Raises:
        RuntimeError: it has another number of axes or dtype (a ValueError too).
    """
    if input.dim() != 4:
        msg = (
            f"pooling takes 4 axes, (N, C, H, W), as in MegEngine, which has none of volumes; inp has {input.dim()}, "
            f"shape {tuple(input.shape)}. Use a convolution of stride 2, or reshape."
        )
        raise OperatorError(msg)
    if not input.is_floating_point():
        msg = f"pooling of {input.dtype}: here there is none. Use astype('float32')."
        raise OperatorError(msg)
    return input


def windows(kernel_size: Any, stride: Any, padding: Any) -> tuple[tuple[int, ...], ...]:
    """Return the sizes of windows, their steps and the padding, two ints each."""
    kernel = numbers(kernel_size, "kernel_size", 1, 2)
    steps = kernel if stride is None else numbers(stride, "stride", 1, 2)
    return kernel, steps, numbers(padding, "padding", 0, 2)


def padded(input: Tensor, padding: tuple[int, ...], value: float) -> Tensor:
    """Pad planes; torch's pools take half a window at most."""
    height, width = padding
    return F.pad(input, [width, width, height, height], value=value) if height or width else input


def max_pool2d(input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """Return the largest value of each window of `(N, C, H, W)`; padding is below all values."""
    kernel, steps, sides = windows(kernel_size, stride, padding)
    return F.max_pool2d(padded(image(input), sides, torch.finfo(input.dtype).min), kernel, steps)


def avg_pool2d(
    input: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, mode: str = "average_count_exclude_padding"
) -> Tensor:
    """Return the mean of each window of `(N, C, H, W)`.

    Args:
        input: `(N, C, H, W)`.
        kernel_size: one int or two.
        stride: one int or two. Default: `kernel_size`.
        padding: one int or two of zeros. Default: 0.
        mode: `'average'` counts the padding, `'average_count_exclude_padding'`, the default, does not; `'max'` takes
            the largest value.

    Raises:
        ValueError: there is no such mode (a RuntimeError too).
    """
    if mode == "max":
        return max_pool2d(input, kernel_size, stride, padding)
    if mode not in AVERAGES:
        msg = f"mode={mode!r}; legal are {', '.join(map(repr, AVERAGES))} and 'max'."
        raise OperatorError(msg)
    kernel, steps, sides = windows(kernel_size, stride, padding)
    means = F.avg_pool2d(padded(image(input), sides, 0.0), kernel, steps)
    if AVERAGES[mode] or sides == (0, 0):
        return means
    ones = torch.ones((1, 1, *tuple(input.shape)[2:]), dtype=input.dtype, device=input.device)
    parts = F.avg_pool2d(padded(ones, sides, 0.0), kernel, steps)
    # a window of nothing but padding is 0
    return torch.div(means, torch.where(parts > 0, parts, 1.0))


def adaptive(compute: Any) -> Any:
    """Return MegEngine's pool into a grid of `oshp`, one int or two.

    The windows are alike: in steps of the input's size by the grid's, rounded down, and as wide as the last one needs.
    """

    def pooled(input: Tensor, oshp: Any) -> Tensor:
        grid, plane = numbers(oshp, "oshp", 1, 2), tuple(image(input).shape)[2:]
        steps = [size // cells for size, cells in zip(plane, grid, strict=True)]
        kernel = [size - (cells - 1) * step for size, cells, step in zip(plane, grid, steps, strict=True)]
        return compute(input, kernel, steps)  # type: ignore[no-any-return]

    return pooled


def pad(src: Any, pad_width: Any, mode: str = "constant", constant_value: float = 0.0) -> Tensor:
    """Add to the low and high side of each axis.

    Args:
        src: a tensor.
        pad_width: `(low, high)` per axis, from the first one on.
        mode: `'constant'`; `'edge'` or `'replicate'`; `'reflect'`. The others pad up to the last three axes.
        constant_value: what is added in mode `'constant'`. Default: 0.0.

    Raises:
        AssertionError: there is no such mode (a ValueError and RuntimeError too).
        NotImplementedError: more axes than three, in another mode than 'constant'.

    Example:
        >>> pad(torch.ones(2), ((1, 0),)).tolist()
        [0.0, 1.0, 1.0]
    """
    given = tensor_of(src, "src")
    if mode.lower() not in PADDINGS:
        msg = f"mode={mode!r}; legal are {', '.join(map(repr, PADDINGS))}."
        raise ArgumentError(msg)
    widths = [*map(tuple, pad_width), *[(0, 0)] * (given.dim() - len(pad_width))]
    kind = PADDINGS[mode.lower()]
    if kind == "constant":
        return F.pad(given, [side for width in reversed(widths) for side in width], value=constant_value)
    axes = len(widths) - next((axis for axis, width in enumerate(widths) if width != (0, 0)), len(widths) - 1)
    if axes > 3:
        msg = (
            f"pad_width={pad_width!r} pads {axes} axes from the last one on; mode={mode!r} pads up to 3. "
            f"Use 'constant'."
        )
        raise NotImplementedError(msg)
    shape = tuple(given.shape)
    rows = torch.reshape(given, (1, -1, *shape[-axes:]))
    result = F.pad(rows, [side for width in reversed(widths[-axes:]) for side in width], mode=kind)
    return torch.reshape(result, (*shape[:-axes], *tuple(result.shape)[2:]))


def shuffled(input: Tensor, upscale_factor: int) -> Tensor:
    """Turn channels into pixels, `(*, C * r * r, H, W)` into `(*, C, H * r, W * r)`."""
    return F.pixel_shuffle(input, upscale_factor)


def windows_of(input: Tensor, kernel_size: Any, padding: Any = 0, stride: Any = 1, dilation: Any = 1) -> Tensor:
    """Return the windows of `(N, C, H, W)`: `(N, C, rows, columns, kH, kW)`."""
    kernel = numbers(kernel_size, "kernel_size", 1, 2)
    sides, steps = numbers(padding, "padding", 0, 2), numbers(stride, "stride", 1, 2)
    spread = numbers(dilation, "dilation", 1, 2)
    batch, channels, *plane = tuple(image(input).shape)
    rows, columns = (
        (size + 2 * side - spacing * (width - 1) - 1) // step + 1
        for size, side, spacing, width, step in zip(plane, sides, spread, kernel, steps, strict=True)
    )
    found = F.unfold(input, kernel, dilation=spread, padding=sides, stride=steps)
    return torch.permute(torch.reshape(found, (batch, channels, *kernel, rows, columns)), (0, 1, 4, 5, 2, 3))


def windows_added(
    input: Tensor, output_size: Any, kernel_size: Any, padding: Any = 0, stride: Any = 1, dilation: Any = 1
) -> Tensor:
    """Add windows `(N, C, rows, columns, kH, kW)` up to planes of a size: the transpose of `sliding_window`."""
    batch, channels, rows, columns, *kernel = tuple(input.shape)
    found = torch.reshape(
        torch.permute(input, (0, 1, 4, 5, 2, 3)), (batch, channels * kernel[0] * kernel[1], rows * columns)
    )
    return F.fold(
        found,
        tuple(sizes(output_size)),
        numbers(kernel_size, "kernel_size", 1, 2),
        dilation=numbers(dilation, "dilation", 1, 2),
        padding=numbers(padding, "padding", 0, 2),
        stride=numbers(stride, "stride", 1, 2),
    )


# by mode: the axes behind the channels, and what torch calls it
MODES = {
    "linear": (1, "linear"),
    "bilinear": (2, "bilinear"),
    "trilinear": (3, "trilinear"),
    "nearest": (2, "nearest"),
    "bicubic": (2, "bicubic"),
}


def interpolate(
    input: Tensor, size: Any = None, scale_factor: Any = None, mode: str = "bilinear", align_corners: Any = None
) -> Tensor:
    """Resize a line, a plane or a volume.

    Args:
        input: `(N, C, ...)` with 1 axis behind the channels for 'linear', 3 for 'trilinear', and 2 else.
        size: the new sizes. One int is the first of them, and the others are 1, as in MegEngine.
        scale_factor: one factor or one per axis; the new sizes are rounded down, and the step of the interpolation is
            old size by new size. Exactly one of `size` and this is given.
        mode: 'linear', 'bilinear', 'trilinear', 'nearest' or 'bicubic'. Default: 'bilinear'.
        align_corners: whether the outermost voxels stay where they are, in linear modes. Default: None, False.

    Raises:
        ValueError: both or neither of `size` and `scale_factor` are given, there is no such mode, or
            `align_corners` is given in another than a linear one (a RuntimeError too).
        AssertionError: the input's axes do not fit the mode (a ValueError and RuntimeError too).

    Example:
        >>> interpolate(torch.ones(1, 1, 2, 3, 4), scale_factor=2, mode="trilinear").shape
        torch.Size([1, 1, 4, 6, 8])
    """
    if mode.lower() not in MODES:
        msg = f"unsupported interpolate mode: {mode!r}; legal are {', '.join(map(repr, MODES))}."
        raise OperatorError(msg)
    axes, kind = MODES[mode.lower()]
    if align_corners is not None and "linear" not in kind:
        msg = f"align_corners option can only be set in the bilinear/linear interpolating mode, not in {mode!r}."
        raise OperatorError(msg)
    if input.dim() != axes + 2:
        msg = (
            f"shape of input tensor must correspond to the operartion mode: under {mode} mode, input tensor must have "
            f"{axes + 2} dimensions; it has {input.dim()}. Reshape it."
        )
        raise ArgumentError(msg)
    if (size is None) == (scale_factor is None):
        msg = (
            "scale_factor must be None when size is provided, and must not be None when it is not. Give one of the two."
        )
        raise OperatorError(msg)
    old = tuple(input.shape)[2:]
    if scale_factor is not None:
        factors = scale_factor if isinstance(scale_factor, Sequence) else [scale_factor] * axes
        new = [scaled(one, factor) for one, factor in zip(old, factors, strict=True)]
    else:
        new = [*sizes(size), *[1] * (axes - 1)] if isinstance(size, int) else sizes(size)
    corners = None if "linear" not in kind and kind != "bicubic" else bool(align_corners)
    return F.interpolate(widened(input) if corners is not None else input, size=new, mode=kind, align_corners=corners)


def scaled(size: int, factor: float) -> int:
    """Return `size * factor`, rounded down."""
    # int() would tie a graph to a size that it leaves free
    return size * int(factor) if float(factor).is_integer() else torch.sym_int(size * factor)  # type: ignore[no-untyped-call]


fn("functional.max_pool2d", max_pool2d)
fn("functional.avg_pool2d", avg_pool2d)
fn("functional.adaptive_avg_pool2d", adaptive(F.avg_pool2d))
fn("functional.adaptive_max_pool2d", adaptive(F.max_pool2d))
fn("functional.pad", pad)
fn("functional.pixel_shuffle", shuffled)
fn("functional.sliding_window", windows_of)
fn("functional.sliding_window_transpose", windows_added)
fn("functional.vision.interpolate", interpolate)
