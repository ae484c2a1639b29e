"""What is done to pictures that are tensors, (C, H, W) or (N, C, H, W)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ...tensor import like, plain
from ..names import NAMES
from .geometry import backwards, homography, size_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

__all__ = ["OPERATIONS"]


def resize(img: Any, size: Any, interpolation: str = "bilinear") -> Any:
    """Return a picture of another size."""
    rows, columns = size_for(size, *img.shape[-2:])
    if [rows, columns] == list(img.shape[-2:]):
        return img
    found = NAMES.get("nn.functional.interpolate")(_batch(img), [rows, columns], mode=interpolation)
    return found.reshape([*img.shape[:-2], rows, columns])


def _batch(img: Any) -> Any:
    return img if img.dim() == 4 else img.unsqueeze(0)


def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    """Return a part of a picture: along the second and third axis, of a batch too."""
    return img[:, top : top + height, left : left + width]


def pad(img: Any, sides: Sequence[int], fill: Any = 0, padding_mode: str = "constant") -> Any:
    """Return a picture with more on its left, top, right and bottom.

    Raises:
        ValueError: the mode is 'symmetric'.
    """
    if padding_mode == "symmetric":
        msg = "Do not support symmetric mode for tensors. Pad before the picture is one."
        raise ValueError(msg)
    left, top, right, bottom = sides
    modes = {"constant": "constant", "edge": "replicate", "reflect": "reflect"}
    options = {"value": float(fill)} if padding_mode == "constant" else {}
    found = F.pad(plain(_batch(img)), [left, right, top, bottom], modes[padding_mode], **options)
    return like(found.reshape([*img.shape[:-2], *found.shape[-2:]]), img)


def _sampled(img: Any, grid: Tensor, interpolation: str, fill: Any) -> Any:
    """Return the values at places (1, H_out, W_out, 2), -1 to 1 inside; `fill` where there are none.

    Raises:
        ValueError: there is no such interpolation here.
    """
    if interpolation not in ("nearest", "bilinear"):
        msg = f"The mode of grid sample function should be in ['bilinear', 'nearest'], but got: {interpolation}."
        raise ValueError(msg)
    batch = plain(_batch(img))
    known = torch.cat([batch, torch.ones_like(batch[:, :1])], 1)
    places = grid.to(batch.dtype).expand(batch.shape[0], -1, -1, -1)
    found = F.grid_sample(known, places, interpolation, "zeros", align_corners=False)
    values, inside = found[:, :-1], found[:, -1:]
    colours = torch.as_tensor(fill, dtype=batch.dtype).reshape(1, -1, 1, 1)
    if interpolation == "nearest":
        values = torch.where(inside < 0.5, colours, values)
    else:
        values = values * inside + (1 - inside) * colours
    return like(values.reshape([*img.shape[:-2], *values.shape[-2:]]), img)


def _grid(matrix: Sequence[float], size: Sequence[int], made: Sequence[int]) -> Tensor:
    """Return places from six numbers, which map pixels from the middle of what is made to the middle of the picture."""
    height, width = size
    rows, columns = made
    y = torch.linspace(-rows * 0.5 + 0.5, rows * 0.5 - 0.5, rows)
    x = torch.linspace(-columns * 0.5 + 0.5, columns * 0.5 - 0.5, columns)
    ys, xs = torch.meshgrid(y, x, indexing="ij")
    base = torch.stack([xs, ys, torch.ones_like(xs)], -1)
    scaled = torch.tensor(matrix).reshape(2, 3).T / torch.tensor([0.5 * width, 0.5 * height])
    return torch.matmul(base.reshape(1, -1, 3), scaled).reshape(1, rows, columns, 2)


def rotate(
    img: Any, angle: float, interpolation: str = "nearest", expand: bool = False, center: Any = None, fill: Any = 0
) -> Any:
    """Return a picture turned against the clock."""
    height, width = img.shape[-2:]
    x, y = (0.0, 0.0) if center is None else (center[0] - width * 0.5, center[1] - height * 0.5)
    turn = math.radians(-angle % 360)
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = [cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y]
    made = height, width
    if expand:
        corners = torch.tensor([[sx * width, sy * height, 1.0] for sx in (-0.5, 0.5) for sy in (-0.5, 0.5)])
        places = torch.matmul(corners, torch.tensor(matrix).reshape(2, 3).T)
        columns, rows = (places.amax(0).ceil() - places.amin(0).floor()).tolist()
        made = int(rows), int(columns)
    return _sampled(img, _grid(matrix, (height, width), made), interpolation, fill)


def affine(
    img: Any, angle: float, translate: Any, scale: float, shear: Any, interpolation: str, fill: Any, center: Any
) -> Any:
    """Return a picture turned, moved, scaled and sheared."""
    height, width = img.shape[-2:]
    middle = (0.0, 0.0) if center is None else (center[0] - width * 0.5, center[1] - height * 0.5)
    matrix = backwards(middle, angle, translate, scale, shear)
    return _sampled(img, _grid(matrix, (height, width), (height, width)), interpolation, fill)


def perspective(img: Any, startpoints: Any, endpoints: Any, interpolation: str = "nearest", fill: Any = 0) -> Any:
    """Return a picture in which four points lie elsewhere."""
    height, width = img.shape[-2:]
    a, b, c, d, e, f, g, h = homography(startpoints, endpoints)
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    below = g * x + h * y + 1
    places = [(a * x + b * y + c) / (0.5 * width * below) - 1, (d * x + e * y + f) / (0.5 * height * below) - 1]
    return _sampled(img, torch.stack(places, -1).unsqueeze(0), interpolation, fill)


def grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """Return the brightness of a picture: ITU-R 601-2."""
    red, green, blue = plain(img).unbind(-3)
    grey = (0.2989 * red + 0.587 * green + 0.114 * blue).to(img.dtype).unsqueeze(-3)
    return like(grey if num_output_channels == 1 else torch.cat([grey] * 3, -3), img)


def _blended(img: Any, other: Tensor, ratio: float) -> Any:
    most = 1.0 if img.dtype.is_floating_point else 255
    return like((ratio * plain(img) + (1 - ratio) * other).clamp(0, most).to(img.dtype), img)


def brightness(img: Any, factor: float) -> Any:
    """Multiply the values of a picture."""
    return _blended(img, torch.zeros_like(plain(img)), factor)


def contrast(img: Any, factor: float) -> Any:
    """Bring values nearer to their mean, or further away."""
    return _blended(img, plain(grayscale(img)).to(torch.float32).mean((-3, -2, -1), keepdim=True), factor)


def saturation(img: Any, factor: float) -> Any:
    """Bring colours nearer to grey, or further away."""
    return _blended(img, plain(grayscale(img)), factor)


def hue(img: Any, factor: float) -> Any:
    """Turn the colours of a picture by a part of the circle."""
    values = plain(img) if img.dtype.is_floating_point else plain(img).to(torch.float32) / 255
    red, green, blue = values.unbind(-3)
    most, least = values.amax(-3), values.amin(-3)
    spread = most - least
    flat = most == least
    share = spread / torch.where(flat, torch.ones_like(most), most)
    divisor = torch.where(flat, torch.ones_like(spread), spread)
    r, g, b = ((most - each) / divisor for each in (red, green, blue))
    shade = (most == red) * (b - g)
    shade = shade + ((most == green) & (most != red)) * (2.0 + r - b)
    shade = shade + ((most != green) & (most != red)) * (4.0 + g - r)
    shade = torch.remainder(torch.remainder(shade / 6.0 + 1.0, 1.0) + factor, 1.0)
    sector = torch.floor(shade * 6.0)
    rest = shade * 6.0 - sector
    p = (most * (1.0 - share)).clamp(0, 1)
    q = (most * (1.0 - share * rest)).clamp(0, 1)
    t = (most * (1.0 - share * (1.0 - rest))).clamp(0, 1)
    chosen = torch.remainder(sector, 6).to(torch.int64)
    channels = [(most, q, p, p, t, most), (t, most, most, q, p, p), (p, p, t, most, most, q)]
    found = torch.stack([torch.gather(torch.stack(each), 0, chosen.unsqueeze(0)).squeeze(0) for each in channels], -3)
    return like(found if img.dtype.is_floating_point else (found * 255).to(img.dtype), img)


def erase(img: Any, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Any:
    """Return a picture with other values in a part."""
    found = img if inplace else img.clone()
    found[..., i : i + h, j : j + w] = v
    return found


OPERATIONS: dict[str, Callable[..., Any]] = {
    "resize": resize,
    "crop": crop,
    "hflip": lambda img: like(plain(img).flip(-1), img),
    "vflip": lambda img: like(plain(img).flip(-2), img),
    "pad": pad,
    "rotate": rotate,
    "affine": affine,
    "perspective": perspective,
    "to_grayscale": grayscale,
    "adjust_brightness": brightness,
    "adjust_contrast": contrast,
    "adjust_saturation": saturation,
    "adjust_hue": hue,
    "erase": erase,
}
