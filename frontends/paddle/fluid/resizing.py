"""Other sizes of images and volumes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from .creation import number_of
from .names import row
from .shapes import numbers_of
from .windows import with_channels_second

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

AXES = {"BILINEAR": 2, "NEAREST": 2, "TRILINEAR": 3}


@row("image_resize")
@row("interpolate")
def image_resize(
    input: Tensor,
    out_shape: Any = None,
    scale: Any = None,
    resample: str = "BILINEAR",
    align_corners: bool = True,
    align_mode: int = 1,
    data_format: str = "NCHW",
) -> Tensor:
    """Return images or volumes of another size.

    Args:
        input: the images.
        out_shape: the size wanted, one number per axis.
        scale: or by how much it grows.
        resample: 'BILINEAR', 'NEAREST' or 'TRILINEAR'.
        align_corners: whether the first and the last values stay where they are.
        align_mode: where pixels lie otherwise: 0 for their middle, 1 for their front.
        data_format: such as 'NCHW'.

    Raises:
        ValueError: an argument is illegal.
    """
    if resample not in AXES:
        msg = (
            f"The 'resample' of image_resize can only be 'BILINEAR', 'TRILINEAR' or 'NEAREST' currently: {resample!r}."
        )
        raise ValueError(msg)
    if out_shape is None and scale is None:
        msg = "One of out_shape and scale must not be None."
        raise ValueError(msg)
    if input.dim() != AXES[resample] + 2:
        msg = f"'{resample}' only support {AXES[resample] + 2}-D tensor; the input has {input.dim()} axes."
        raise ValueError(msg)

    def applied(x: Tensor) -> Tensor:
        sizes = list(x.shape[2:])
        wanted = numbers_of(out_shape) if out_shape is not None else [int(size * number_of(scale)) for size in sizes]
        for axis, (size, want) in enumerate(zip(sizes, wanted, strict=True)):
            x = resized(x, axis + 2, size, want, resample == "NEAREST", align_corners, align_mode)
        return x

    return with_channels_second(applied, input, data_format)


def resized(x: Tensor, axis: int, size: int, want: int, nearest: bool, align_corners: bool, align_mode: int) -> Tensor:
    """Return another size along one axis."""
    places = torch.arange(want, dtype=torch.float32, device=x.device)
    if align_corners:
        places = places * ((size - 1) / (want - 1) if want > 1 else 0.0)
        places = torch.floor(places + 0.5) if nearest else places
    elif nearest or align_mode == 1:
        places = places * (size / want)
    else:
        places = ((places + 0.5) * (size / want) - 0.5).clamp(min=0)
    low = places.floor().clamp(max=size - 1)
    first = torch.index_select(x, axis, low.long())
    if nearest:
        return first
    rest = (places - low).to(x.dtype).reshape([-1, *[1] * (x.dim() - axis - 1)])
    second = torch.index_select(x, axis, (low + 1).clamp(max=size - 1).long())
    return first * (1 - rest) + second * rest


@row("resize_bilinear")
def resize_bilinear(
    input: Tensor,
    out_shape: Any = None,
    scale: Any = None,
    align_corners: bool = True,
    align_mode: int = 1,
    data_format: str = "NCHW",
) -> Tensor:
    """Return images of another size, between the pixels linearly."""
    return image_resize(input, out_shape, scale, "BILINEAR", align_corners, align_mode, data_format)


@row("resize_trilinear")
def resize_trilinear(
    input: Tensor,
    out_shape: Any = None,
    scale: Any = None,
    align_corners: bool = True,
    align_mode: int = 1,
    data_format: str = "NCDHW",
) -> Tensor:
    """Return volumes of another size, between the voxels linearly."""
    return image_resize(input, out_shape, scale, "TRILINEAR", align_corners, align_mode, data_format)


@row("resize_nearest")
def resize_nearest(
    input: Tensor, out_shape: Any = None, scale: Any = None, align_corners: bool = True, data_format: str = "NCHW"
) -> Tensor:
    """Return images of another size, with the nearest pixels' values."""
    return image_resize(input, out_shape, scale, "NEAREST", align_corners, 1, data_format)


@row("image_resize_short")
def image_resize_short(input: Tensor, out_short_len: int, resample: str = "BILINEAR") -> Tensor:
    """Return images whose shorter side has a size, and whose sides go together as before."""
    sides = list(input.shape[2:4])
    short = min(sides)
    return image_resize(input, [int(side * out_short_len / short + 0.5) for side in sides], resample=resample)


@row("grid_sampler")
def grid_sampler(x: Tensor, grid: Tensor) -> Tensor:
    """Return values at places of a grid, from -1 to 1; those outside are zero."""
    return F.grid_sample(x, grid, align_corners=True)


@row("affine_grid")
def affine_grid(theta: Tensor, out_shape: Any) -> Tensor:
    """Return the places that an affine map gives to the pixels of an image."""
    # of as many images as there are maps, whatever out_shape says
    return F.affine_grid(theta, [len(theta), *numbers_of(out_shape)[1:]], align_corners=True)
