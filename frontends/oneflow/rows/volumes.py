"""Rows of convolutions, paddings and resizing; the transposed convolution of volumes is written by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch.nn.functional as F

from ....backend import convolution
from ....backend.arguments import triple
from ...tensor import like, plain
from ..names import NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function

for axes in (1, 2):
    fn(f"nn.functional.conv{axes}d", getattr(F, f"conv{axes}d"))
for axes in (1, 2):
    fn(f"nn.functional.conv_transpose{axes}d", getattr(F, f"conv_transpose{axes}d"))


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """Apply a convolution of volumes, without torch's faults."""
    sizes = triple(stride, "stride"), triple(padding, "padding"), triple(dilation, "dilation")
    kept = None if bias is None else plain(bias)
    return like(convolution.conv3d(plain(input), plain(weight), kept, *sizes, groups), input)


fn("nn.functional.conv3d", conv3d)


def pad(x: Tensor, pad: Sequence[int], mode: str = "constant", value: float = 0) -> Tensor:
    """Add to the low and high side of the last axis, then of the one before, and so on.

    Raises:
        NotImplementedError: another mode than 'constant' for a volume, which OneFlow lacks too.
    """
    if len(pad) % 2:
        msg = f"pad={list(pad)} must have an even length: the low and the high side of each axis."
        raise AssertionError(msg)
    if mode == "constant":
        return F.pad(x, list(pad), mode, value)
    if x.dim() == 5 or mode not in ("reflect", "replicate"):
        msg = (
            f"mode={mode!r} of {x.dim()} axes: OneFlow 0.9 has 'constant' only, and 'reflect' and 'replicate' below 5."
        )
        raise NotImplementedError(msg)
    return F.pad(x, list(pad), mode)


fn("pad", pad)
fn("nn.functional.pad", pad)


MODES = ("nearest", "bilinear", "linear", "area", "bicubic", "trilinear")


def interpolate(
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
) -> Tensor:
    """Resize to a size or by a factor.

    Raises:
        ValueError: there is no such mode.
    """
    if mode not in MODES:
        msg = f"mode={mode!r}: interpolation must be one of {', '.join(map(repr, MODES))}."
        raise ValueError(msg)
    return F.interpolate(input, size, scale_factor, mode, align_corners, recompute_scale_factor)


fn("nn.functional.interpolate", interpolate)
NAMES.functions(F, "affine_grid grid_sample fold unfold", "nn.functional.")
