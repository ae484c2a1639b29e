"""Mirrors what else of `megengine.functional.nn` a small network needs; torch computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ....backend import OperatorError, convolution
from ...calls import explain_calls
from ...tensor import like, plain
from ..arguments import ArgumentError, triple
from .math import logsumexp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from ..arguments import Size

__all__ = [
    "avg_pool2d",
    "conv3d",
    "dropout",
    "embedding",
    "linear",
    "logsoftmax",
    "max_pool2d",
    "one_hot",
    "pad",
    "prelu",
    "softmax",
]

# whether padding counts in the average
AVERAGES = {"average": True, "average_count_exclude_padding": False}
PADDINGS = {"constant": "constant", "edge": "replicate", "replicate": "replicate", "reflect": "reflect"}


def conv3d(
    inp: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """Apply a 3-D convolution, the cross-correlation of neural networks.

    Args:
        inp: the volume, `(N, C_in, D, H, W)`.
        weight: `(C_out, C_in, kD, kH, kW)`, or `(groups, C_out / groups, C_in / groups, kD, kH, kW)`.
        bias: `(1, C_out, 1, 1, 1)`, or None.
        stride: one number or three, 1 and above.
        padding: one number or three, 0 and above: zeros on both sides.
        dilation: one number or three, 1 and above.
        groups: a divisor of both channel counts.

    Raises:
        AssertionError: a size is illegal (a ValueError and RuntimeError too).
        RuntimeError: a shape does not fit (a ValueError too).

    Example:
        >>> conv3d(torch.ones(1, 4, 5, 5, 5), torch.ones(2, 3, 2, 3, 3, 3), stride=2, groups=2).shape
        torch.Size([1, 6, 2, 2, 2])
    """
    if inp.dim() != 5 or weight.dim() != (5 if groups == 1 else 6):
        msg = (
            f"inp has {inp.dim()} axes and weight {weight.dim()}; with groups={groups} they must have 5 and "
            f"{5 if groups == 1 else 6}: (N, C_in, D, H, W) and "
            f"{'' if groups == 1 else 'groups, '}C_out, C_in, kD, kH, kW. Reshape them."
        )
        raise OperatorError(msg)
    kernel = plain(weight) if groups == 1 else plain(weight).flatten(0, 1)
    sizes = triple(stride, "stride", 1), triple(padding, "padding", 0), triple(dilation, "dilation", 1)
    return like(
        convolution.conv3d(plain(inp), kernel, None if bias is None else plain(bias).flatten(), *sizes, groups), inp
    )


def linear(inp: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return `inp` times the transposed weight `(out, in)`, plus the bias `(out,)`."""
    return like(F.linear(plain(inp), plain(weight), None if bias is None else plain(bias)), inp)


def embedding(inp: Tensor, weight: Tensor) -> Tensor:
    """Return rows of the weight, by index."""
    return like(F.embedding(plain(inp), plain(weight)), weight)


def prelu(x: Tensor, y: Tensor) -> Tensor:
    """Multiply what is below zero by `y`, which broadcasts: `(1,)`, or `(1, C, 1, 1)` for `(N, C, H, W)`."""
    values = plain(x)
    return like(torch.where(values > 0, values, values * plain(y)), x)


def dropout(inp: Tensor, drop_prob: float, training: bool = True) -> Tensor:
    """Set elements to zero with probability `drop_prob`, 0 to below 1, and scale the others by `1 / (1 - drop_prob)`.

    Raises:
        AssertionError: the probability is out of range (a ValueError and RuntimeError too).
    """
    if not 0 <= drop_prob < 1:
        msg = f"drop_prob={drop_prob}; legal are 0 to below 1. Lower it."
        raise ArgumentError(msg)
    return F.dropout(inp, drop_prob, training)


def max_pool2d(inp: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """Return the largest value of each window of `(N, C, H, W)`; MegEngine has no 3-D pooling.

    Args:
        inp: `(N, C, H, W)`.
        kernel_size: one int or two.
        stride: one int or two. Default: `kernel_size`.
        padding: one int or two, which no window's maximum is taken from. Default: 0.
    """
    _check_image(inp)
    return F.max_pool2d(inp, kernel_size, stride, padding)


def avg_pool2d(
    inp: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, mode: str = "average_count_exclude_padding"
) -> Tensor:
    """Return the mean of each window of `(N, C, H, W)`.

    Args:
        inp: as in `max_pool2d`, and so the next three.
        kernel_size: one int or two.
        stride: one int or two. Default: `kernel_size`.
        padding: one int or two of zeros. Default: 0.
        mode: `'average'` counts the padding, `'average_count_exclude_padding'`, the default, does not.

    Raises:
        ValueError: there is no such mode (a RuntimeError too).
    """
    _check_image(inp)
    if mode not in AVERAGES:
        msg = f"mode={mode!r}; legal are {', '.join(map(repr, AVERAGES))}."
        raise OperatorError(msg)
    return F.avg_pool2d(inp, kernel_size, stride, padding, count_include_pad=AVERAGES[mode])


def softmax(inp: Tensor, axis: int | None = None) -> Tensor:
    """Return exponentials that add up to 1 along an axis; without one, axis 0 of 0, 1 or 3 axes, and axis 1 else."""
    if axis is None:
        axis = 0 if inp.dim() in (0, 1, 3) else 1
    return torch.softmax(inp, dim=axis)


def logsoftmax(inp: Tensor, axis: int | Sequence[int]) -> Tensor:
    """Return the logarithm of `softmax`, over one axis or several together."""
    return inp - logsumexp(inp, axis, keepdims=True)


def one_hot(inp: Tensor, num_classes: int) -> Tensor:
    """Return zeros, and a one at each index along a new last axis, in the dtype of `inp`."""
    return F.one_hot(inp.long(), num_classes).to(inp.dtype)


def pad(src: Tensor, pad_width: Sequence[Sequence[int]], mode: str = "constant", constant_value: float = 0.0) -> Tensor:
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
    if mode.lower() not in PADDINGS:
        msg = f"mode={mode!r}; legal are {', '.join(map(repr, PADDINGS))}."
        raise ArgumentError(msg)
    widths = [*map(tuple, pad_width), *[(0, 0)] * (src.dim() - len(pad_width))]
    kind = PADDINGS[mode.lower()]
    if kind == "constant":
        return F.pad(src, [side for width in reversed(widths) for side in width], value=constant_value)
    axes = len(widths) - next((axis for axis, width in enumerate(widths) if width != (0, 0)), len(widths) - 1)
    if axes > 3:
        msg = (
            f"pad_width={pad_width!r} pads {axes} axes from the last one on; mode={mode!r} pads up to 3. "
            f"Use 'constant'."
        )
        raise NotImplementedError(msg)
    rows = src.reshape(1, -1, *src.shape[-axes:])
    padded = F.pad(rows, [side for width in reversed(widths[-axes:]) for side in width], mode=kind)
    return padded.reshape(*src.shape[:-axes], *padded.shape[2:])


def _check_image(inp: Tensor) -> None:
    if inp.dim() != 4:
        msg = (
            f"pooling takes 4 axes, (N, C, H, W), as in MegEngine, which has none of volumes; inp has {inp.dim()}, "
            f"shape {tuple(inp.shape)}. Use a convolution of stride 2, or reshape."
        )
        raise OperatorError(msg)


explain_calls(globals())
