"""Rows of functions of signals, pictures and volumes: resampling, padding, and axes that are taken apart."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend import OperatorError
from ..names import NAMES
from ..nn.mapped import is_channel_last, mapped
from .operands import integers, number
from .windows import FORMATS, several

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["interpolate", "padded"]

fn = NAMES.function
MODES = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}


def interpolate(
    x: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool = False,
    align_mode: int = 0,
    data_format: str | None = None,
) -> Tensor:
    """Resample to another size.

    Args:
        x: `(N, C, ...)`, or the channels last, with one to three axes more.
        size: one int for each axis, or one. Default: None, from `scale_factor`.
        scale_factor: a number, or one for each axis. Default: None, from `size`.
        mode: 'nearest', 'area', or 'linear', 'bilinear', 'bicubic' and 'trilinear' for so many axes.
        align_corners: whether the corners' centres are kept. Default: False.
        align_mode: 0: centres lie at `(i + 0.5) * ratio - 0.5`; 1: at `i * ratio`, of linear modes. Default: 0.
        data_format: order of the axes. Default: None, the channels second.

    Raises:
        ValueError: an argument is illegal.

    >>> interpolate(torch.ones(1, 1, 2, 3, 4), scale_factor=2, mode="trilinear").shape
    torch.Size([1, 1, 4, 6, 8])
    """
    count = x.dim() - 2
    kind = mode.lower()
    if kind not in ("nearest", "area", *MODES):
        msg = f"mode={mode!r}; legal are 'nearest', 'area', {', '.join(map(repr, MODES))}."
        raise ValueError(msg)
    if count not in FORMATS:
        msg = f"The x should be 3-D, 4-D or 5-D tensor. Received {x.dim()}-D."
        raise ValueError(msg)
    if kind == "nearest" and count == 1:
        msg = "'NEAREST' only support 4-D or 5-D tensor. Add an axis of size 1."
        raise ValueError(msg)
    if MODES.get(kind, count) != count:
        msg = f"'{kind}' only support {MODES[kind] + 2}-D tensor; x has {x.dim()} axes."
        raise ValueError(msg)
    if data_format is None:
        data_format = FORMATS[count][0] if count > 1 else "NCW"
    if data_format.replace("W", "L" if count == 1 else "W") not in FORMATS[count]:
        legal = " or ".join(FORMATS[count])
        msg = f"data_format={data_format!r} is wrong: only {legal} supported for {count + 2}-D input."
        raise ValueError(msg)
    if align_corners and kind == "nearest":
        msg = (
            "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
        )
        raise ValueError(msg)
    if (size is None) == (scale_factor is None):
        msg = "One of size and scale_factor must be given, and not both."
        raise ValueError(msg)
    if align_mode not in (0, 1):
        msg = f"align_mode={align_mode!r} can only be 0 or 1."
        raise ValueError(msg)
    last = data_format[-1] == "C"
    own = list(x.shape)[1 if last else 2 :][:count]
    sizes, ratios = _sizes(size, scale_factor, own)
    if any(each < 1 for each in sizes):
        msg = f"size={sizes}: every size should be greater than 0."
        raise OperatorError(msg)

    def resampled(x: Tensor) -> Tensor:
        if kind == "area":
            return F.interpolate(x, sizes, mode=kind)
        if kind == "nearest":
            for axis, (length, ratio) in enumerate(zip(sizes, ratios, strict=True)):
                x = torch.index_select(x, axis + 2, _nearest(own[axis], length, ratio).to(x.device))
            return x
        if align_mode == 0 or align_corners or kind == "bicubic":
            given = {"size": sizes} if scale_factor is None or align_corners else {"scale_factor": _inverse(ratios)}
            return F.interpolate(x, **given, mode=kind, align_corners=align_corners)
        for axis, (length, ratio) in enumerate(zip(sizes, ratios, strict=True)):
            x = _linear(x, axis + 2, length, ratio)
        return x

    return mapped(resampled, x, channel_last=last)


def _sizes(size: Any, scale_factor: Any, own: list[int]) -> tuple[list[int], list[float]]:
    """Return the sizes, and how many old steps a new one is."""
    count = len(own)
    if size is not None:
        sizes = [operator.index(size)] * count if hasattr(size, "__index__") else integers(size)
        if len(sizes) != count:
            msg = f"size length should be {count} for input {count + 2}-D tensor; it is {size!r}."
            raise ValueError(msg)
        return sizes, [n / length if length else 0.0 for n, length in zip(own, sizes, strict=True)]
    given = torch.Tensor.tolist(scale_factor) if isinstance(scale_factor, torch.Tensor) else scale_factor
    scales = [float(number(each)) for each in given] if isinstance(given, (list, tuple)) else [float(given)] * count
    scales = scales * count if len(scales) == 1 else scales
    if len(scales) != count:
        msg = f"scale_factor length should be {count} for input {count + 2}-D tensor; it is {scale_factor!r}."
        raise ValueError(msg)
    if any(scale <= 0 for scale in scales):
        msg = f"scale_factor={scale_factor!r}: every factor should be greater than zero."
        raise ValueError(msg)
    return [int(n * scale) for n, scale in zip(own, scales, strict=True)], [1 / scale for scale in scales]


def _inverse(ratios: list[float]) -> list[float]:
    return [1 / ratio for ratio in ratios]


def _nearest(length: int, wanted: int, ratio: float) -> Tensor:
    places = torch.arange(wanted, dtype=torch.float32) * torch.tensor(ratio, dtype=torch.float32)
    return places.long().clamp(0, length - 1)


def _linear(x: Tensor, axis: int, wanted: int, ratio: float) -> Tensor:
    """Resample one axis between neighbours; centres lie at `i * ratio`."""
    places = torch.arange(wanted, dtype=x.dtype, device=x.device) * ratio
    low = places.long().clamp(max=x.shape[axis] - 1)
    high = (low + 1).clamp(max=x.shape[axis] - 1)
    share = (places - low).reshape([-1] + [1] * (x.dim() - axis - 1))
    return torch.index_select(x, axis, low) * (1 - share) + torch.index_select(x, axis, high) * share


def padded(
    x: Tensor,
    pad: Any,
    mode: str = "constant",
    value: Any = 0.0,
    data_format: str | None = None,
    pad_from_left_axis: bool = True,
) -> Tensor:
    """Add values at the sides.

    Args:
        x: the values.
        pad: (low, high) of axes. As many as there are beside batch and channels, last first; with `mode='constant'`
            other numbers: of all axes, first first, or of the last ones, last first.
        mode: 'constant', 'reflect', 'replicate' or 'circular'. Default: 'constant'.
        value: what is added in 'constant'. Default: 0.0.
        data_format: order of the axes. Default: None, the channels second.
        pad_from_left_axis: whether pads of all axes begin with the first. Default: True.
    """
    if mode not in ("reflect", "replicate", "constant", "circular"):
        msg = f"mode should be one of constant, reflect, replicate, circular, but got {mode}."
        raise AssertionError(msg)
    count = x.dim() - 2
    pads = (
        [int(pad)] * (2 * count) if hasattr(pad, "__index__") and not isinstance(pad, torch.Tensor) else integers(pad)
    )
    fill = float(number(value))
    if mode == "constant" and len(pads) != 2 * count:
        if len(pads) == 2 * x.dim() and pad_from_left_axis:
            pads = [side for low in range(2 * x.dim() - 2, -1, -2) for side in pads[low : low + 2]]
        return mapped(F.pad, x, pads, value=fill)
    if count not in FORMATS:
        msg = f"input tensor dimension must be in [3, 4, 5] but got {x.dim()}"
        raise AssertionError(msg)
    layout = FORMATS[count][0] if data_format is None else data_format.upper()
    if layout not in FORMATS[count]:
        msg = f"input tensor dimension is {x.dim()}; data_format should be in {list(FORMATS[count])}, but got {layout}"
        raise AssertionError(msg)
    options = {"value": fill} if mode == "constant" else {"mode": mode}
    return mapped(F.pad, x, pads, channel_last=layout == FORMATS[count][1], **options)


def zero_padded(x: Tensor, padding: Any, data_format: str = "NCHW") -> Tensor:
    """Add zeros at the sides of pictures."""
    return padded(x, padding, data_format=data_format)


def shuffled(x: Tensor, upscale_factor: int, data_format: str = "NCHW") -> Tensor:
    """Make of channels a finer picture."""
    if not isinstance(upscale_factor, int):
        msg = "upscale factor must be int type"
        raise TypeError(msg)
    return mapped(F.pixel_shuffle, x, upscale_factor, channel_last=is_channel_last(data_format, "pixel_shuffle"))


def unshuffled(x: Tensor, downscale_factor: int, data_format: str = "NCHW") -> Tensor:
    """Make of a picture channels of a coarser one."""
    if not isinstance(downscale_factor, int):
        msg = "Downscale factor must be int type"
        raise TypeError(msg)
    return mapped(F.pixel_unshuffle, x, downscale_factor, channel_last=is_channel_last(data_format, "pixel_unshuffle"))


def channels_shuffled(x: Tensor, groups: int, data_format: str = "NCHW") -> Tensor:
    """Take channels from each group in turn."""
    return mapped(F.channel_shuffle, x, groups, channel_last=is_channel_last(data_format, "channel_shuffle"))


def unfolded(x: Tensor, kernel_sizes: Any, strides: Any = 1, paddings: Any = 0, dilations: Any = 1) -> Tensor:
    """Return the blocks of pictures as columns."""
    pads = integers(paddings)
    sides = [pads[0]] * 4 if len(pads) == 1 else [pads[0], pads[1], pads[0], pads[1]] if len(pads) == 2 else pads
    top, left, bottom, right = sides
    kernel, dilation, step = (
        tuple(several(value, 2, name))
        for value, name in ((kernel_sizes, "kernel_sizes"), (dilations, "dilations"), (strides, "strides"))
    )

    def computed(x: Tensor) -> Tensor:
        return F.unfold(F.pad(x, [left, right, top, bottom]), kernel, dilation, 0, step)

    return mapped(computed, x)


def folded(
    x: Tensor, output_sizes: Any, kernel_sizes: Any, strides: Any = 1, paddings: Any = 0, dilations: Any = 1
) -> Tensor:
    """Add columns up to pictures, as blocks."""
    pads = integers(paddings)
    sides = [pads[0]] * 4 if len(pads) == 1 else [pads[0], pads[1], pads[0], pads[1]] if len(pads) == 2 else pads
    top, left, bottom, right = sides
    height, width = several(output_sizes, 2, "output_sizes")
    kernel, dilation, step = (
        tuple(several(value, 2, name))
        for value, name in ((kernel_sizes, "kernel_sizes"), (dilations, "dilations"), (strides, "strides"))
    )

    def computed(x: Tensor) -> Tensor:
        whole = (height + top + bottom, width + left + right)
        found = F.fold(x, whole, kernel, dilation, 0, step)
        return found[:, :, top : top + height, left : left + width]

    return mapped(computed, x)


def affine_grid(theta: Tensor, out_shape: Any, align_corners: bool = True) -> Tensor:
    """Return where an affine map takes each place."""
    return mapped(F.affine_grid, theta, integers(out_shape), align_corners=align_corners)


def sampled(
    x: Tensor, grid: Tensor, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool = True
) -> Tensor:
    """Return values at places of a grid, from -1 to 1 along each axis."""
    padding = {"reflection": "reflection", "border": "border", "zeros": "zeros"}.get(padding_mode)
    if padding is None or mode not in ("bilinear", "nearest"):
        msg = (
            f"mode={mode!r}, padding_mode={padding_mode!r}: legal are 'bilinear' and 'nearest', and 'zeros', "
            f"'reflection' and 'border'."
        )
        raise ValueError(msg)
    return mapped(F.grid_sample, x, grid, mode, padding, align_corners)


def shifted_in_time(x: Tensor, seg_num: int, shift_ratio: float = 0.25, data_format: str = "NCHW") -> Tensor:
    """Shift a share of the channels of frames forward in time, and another backward."""

    def computed(x: Tensor) -> Tensor:
        frames = x.reshape([-1, seg_num, *x.shape[1:]])
        share = math.floor(x.shape[1] * shift_ratio)
        both = math.floor(x.shape[1] * 2 * shift_ratio)
        found = frames.clone()
        found[:, 1:, :share], found[:, :1, :share] = frames[:, :-1, :share], 0
        found[:, :-1, share:both], found[:, -1:, share:both] = frames[:, 1:, share:both], 0
        return found.reshape(x.shape)

    return mapped(computed, x, channel_last=is_channel_last(data_format, "temporal_shift"))


fn("nn.functional.interpolate", interpolate)
fn("nn.functional.upsample", interpolate)
fn("nn.functional.pad", padded, value="")
fn("nn.functional.zeropad2d", zero_padded)
fn("nn.functional.pixel_shuffle", shuffled)
fn("nn.functional.pixel_unshuffle", unshuffled)
fn("nn.functional.channel_shuffle", channels_shuffled)
fn("nn.functional.unfold", unfolded)
fn("nn.functional.fold", folded)
fn("nn.functional.affine_grid", affine_grid)
fn("nn.functional.grid_sample", sampled)
fn("nn.functional.temporal_shift", shifted_in_time)
