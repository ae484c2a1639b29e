"""Mirrors `megengine.functional.vision` for volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

from ....backend import OperatorError
from ...calls import explain_calls
from ..arguments import ArgumentError

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["interpolate"]


def interpolate(
    inp: Tensor,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "bilinear",
    align_corners: bool | None = None,
) -> Tensor:
    """Resize a volume, or an image, by linear interpolation.

    Args:
        inp: `(N, C, D, H, W)` for 'trilinear', `(N, C, H, W)` for 'bilinear'.
        size: the new sizes. One int is the first of them, and the others are 1, as in MegEngine.
        scale_factor: one factor or one per axis; the new sizes are rounded down, and the step of the interpolation is
            old size by new size. Exactly one of `size` and this is given.
        mode: 'bilinear' or 'trilinear'. Default: 'bilinear'.
        align_corners: whether the outermost voxels stay where they are. Default: None, False.

    Raises:
        ValueError: both or neither of `size` and `scale_factor` are given (a RuntimeError too).
        NotImplementedError: the mode is another one of MegEngine's.
        AssertionError: the input's axes do not fit the mode (a ValueError and RuntimeError too).

    Example:
        >>> import torch
        >>> interpolate(torch.ones(1, 1, 2, 3, 4), scale_factor=2, mode="trilinear").shape
        torch.Size([1, 1, 4, 6, 8])
    """
    axes = {"bilinear": 2, "trilinear": 3}.get(mode.lower())
    if axes is None:
        msg = f"mode={mode!r}; here are 'bilinear' and 'trilinear'."
        raise NotImplementedError(msg)
    if inp.dim() != axes + 2:
        msg = f"under {mode} mode, input tensor must have {axes + 2} dimensions; it has {inp.dim()}. Reshape it."
        raise ArgumentError(msg)
    if (size is None) == (scale_factor is None):
        msg = (
            "scale_factor must be None when size is provided, and must not be None when it is not. Give one of the two."
        )
        raise OperatorError(msg)
    if scale_factor is not None:
        factors = scale_factor if isinstance(scale_factor, Sequence) else [scale_factor] * axes
        size = [_scaled(old, factor) for old, factor in zip(inp.shape[2:], factors, strict=True)]
    elif isinstance(size, int):
        size = [size] + [1] * (axes - 1)
    return F.interpolate(inp, size=list(size or ()), mode=mode.lower(), align_corners=bool(align_corners))


def _scaled(size: int, factor: float) -> int:
    # int() would tie a graph to a size that it leaves free
    return size * int(factor) if float(factor).is_integer() else torch.sym_int(size * factor)  # type: ignore[no-untyped-call]


explain_calls(globals())
