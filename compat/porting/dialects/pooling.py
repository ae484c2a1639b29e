"""Pools, and resizing, in each API."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import nn

from ....frontends.megengine import module as megengine
from ....frontends.oneflow import nn as oneflow
from ....frontends.paddle import nn as paddle
from ....frontends.paddle.nn.padding import pads_of
from ..errors import PortingError
from .paddles import CHANNELS, channels
from .words import MEGENGINE, ONEFLOW, PADDLE, PLANES, TORCH, VOLUMES, Meaning, Row, Says, same, says, tells

if TYPE_CHECKING:
    from collections.abc import Callable


def _sizes(axes: int) -> Callable[[Any], tuple[Any, ...]]:
    """Return what makes one size or several a tuple of as many as there are axes."""
    return lambda value: (value,) * axes if value is None or isinstance(value, (int, np.integer)) else tuple(value)


def _windows(axes: int) -> tuple[Says, ...]:
    return tuple(says(word, read=_sizes(axes)) for word in ("kernel_size", "stride", "padding"))


def _paddle_pads(layer: Any) -> tuple[int, ...]:
    pads = pads_of(layer.padding, layer.data_format)
    if pads is None or any(low != high for low, high in pads):
        msg = f"padding={layer.padding!r}: there, pads are equal on both sides, and known. Pad in your forward"
        raise PortingError(msg)
    if any(2 * low > size for (low, _), size in zip(pads, _sizes(3)(layer.ksize), strict=True)):
        msg = f"padding={layer.padding!r}: there, pads are half of kernel_size={layer.ksize!r} at most"
        raise PortingError(msg)
    return tuple(low for low, _ in pads)


OUTPUT = says("sizes", "output_size", read=_sizes(3))
AVERAGES = {False: "average_count_exclude_padding", True: "average"}


PADDLE_WINDOWS = (
    says("kernel_size", None, "ksize", read=_sizes(3)),
    tells(
        "stride",
        lambda layer: _sizes(3)(layer.ksize if layer.stride is None else layer.stride),
        "stride",
        attribute="stride",
    ),
    tells("padding", _paddle_pads, "padding", lambda meaning: list(meaning["padding"]), "padding"),
    says("ceil_mode"),
    channels("data_format"),
)
SPREAD = says(
    "window_dilation",
    "dilation",
    read=lambda dilation: None if np.all(np.asarray(dilation) == 1) else dilation,
    write=lambda dilation: 1 if dilation is None else dilation,
)


def _maximum(axes: int) -> tuple[Says, ...]:
    return (*_windows(axes), SPREAD, *same("return_indices", "ceil_mode"))


def _mean(axes: int, divisor: Says) -> tuple[Says, ...]:
    return (*_windows(axes), *same("ceil_mode", "count_include_pad"), divisor)


DIVISOR = says("divisor", "divisor_override")

POOLS = (
    Row("max pool", TORCH, nn.MaxPool2d, _maximum(2), PLANES),
    Row("max pool", TORCH, nn.MaxPool3d, _maximum(3), VOLUMES),
    Row("max pool", ONEFLOW, oneflow.MaxPool3d, _maximum(3), VOLUMES),
    Row("max pool", MEGENGINE, megengine.MaxPool2d, _windows(2), PLANES),
    Row("max pool", PADDLE, paddle.MaxPool3D, (*PADDLE_WINDOWS, says("return_mask")), VOLUMES),
    Row("mean pool", TORCH, nn.AvgPool2d, _mean(2, DIVISOR), PLANES),
    Row("mean pool", TORCH, nn.AvgPool3d, _mean(3, DIVISOR), VOLUMES),
    Row(
        "mean pool",
        ONEFLOW,
        oneflow.AvgPool3d,
        _mean(
            3,
            says(
                "divisor", "divisor_override", read=lambda divisor: divisor or None, write=lambda divisor: divisor or 0
            ),
        ),
        VOLUMES,
    ),
    Row(
        "mean pool",
        MEGENGINE,
        megengine.AvgPool2d,
        (
            *_windows(2),
            says("count_include_pad", "mode", read=lambda mode: mode == AVERAGES[True], write=AVERAGES.__getitem__),
        ),
        PLANES,
    ),
    Row(
        "mean pool",
        PADDLE,
        paddle.AvgPool3D,
        (
            *PADDLE_WINDOWS,
            says("count_include_pad", "exclusive", read=operator.not_, write=operator.not_),
            says("divisor", "divisor_override", "divisor"),
        ),
        VOLUMES,
    ),
    Row("adaptive mean pool", TORCH, nn.AdaptiveAvgPool3d, (OUTPUT,), VOLUMES),
    Row("adaptive mean pool", ONEFLOW, oneflow.AdaptiveAvgPool3d, (OUTPUT,), VOLUMES),
    Row(
        "adaptive mean pool",
        PADDLE,
        paddle.AdaptiveAvgPool3D,
        (says("sizes", "output_size", "_output_size", read=_sizes(3)), CHANNELS),
        VOLUMES,
    ),
    Row("adaptive max pool", TORCH, nn.AdaptiveMaxPool3d, (OUTPUT, says("return_indices")), VOLUMES),
    Row("adaptive max pool", ONEFLOW, oneflow.AdaptiveMaxPool3d, (OUTPUT, says("return_indices")), VOLUMES),
    Row(
        "adaptive max pool",
        PADDLE,
        paddle.AdaptiveMaxPool3D,
        (says("sizes", "output_size", "_output_size", read=_sizes(3)), says("return_mask", None, "_return_mask")),
        VOLUMES,
    ),
)


def _factors(scale_factor: Any) -> Any:
    if scale_factor is None or isinstance(scale_factor, (int, float, np.number)):
        return None if scale_factor is None else float(scale_factor)
    return tuple(map(float, scale_factor))


def _size(size: Any) -> Any:
    return size if size is None or isinstance(size, (int, np.integer)) else tuple(size)


def _of_volumes(mode: str) -> str:
    if mode not in ("nearest", "trilinear"):
        msg = "there, modes are 'nearest' and 'trilinear'"
        raise PortingError(msg)
    return mode


def _corners(layer: Any) -> bool:
    return bool(layer.align_corners) and layer.mode != "nearest"


def _corners_in_torch(meaning: Meaning) -> bool | None:
    return None if meaning["resize"] in ("nearest", "nearest-exact", "area") else meaning["align_corners"]


def _resizing(write: Callable[[str], str] | None, corners: Callable[[Meaning], bool | None] | None) -> tuple[Says, ...]:
    return (
        says("sizes", "size", read=_size),
        says("scale_factor", read=_factors),
        says("resize", "mode", write=write),
        tells("align_corners", _corners, "align_corners", corners, "align_corners"),
    )


ALIGNED = says("align_mode", read=lambda mode: mode or None, write=lambda mode: mode or 0)

RESIZES = (
    Row(
        "resize",
        TORCH,
        nn.Upsample,
        (*_resizing(None, _corners_in_torch), says("recompute_scale_factor", read=lambda recompute: recompute or None)),
    ),
    Row("resize", ONEFLOW, oneflow.Upsample, _resizing(_of_volumes, _corners_in_torch)),
    Row(
        "resize",
        PADDLE,
        paddle.Upsample,
        (*_resizing(None, None), ALIGNED, channels("data_format", formats=(None, "NDHWC"))),
    ),
)

ROWS = (*POOLS, *RESIZES)
