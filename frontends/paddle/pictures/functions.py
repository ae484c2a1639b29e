"""Rows of the functions of `paddle.vision.transforms`: what each kind of picture has it done by."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...tensor import like, plain
from ..names import NAMES
from ..tensor import to_tensor
from . import pillow, tensors
from .geometry import sides_of

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["applied", "size_of"]


def _padded(img: Any, sides: Any, fill: Any = 0, padding_mode: str = "constant") -> Any:
    left, top, right, bottom = sides
    widths = [(top, bottom), (left, right), *[(0, 0)] * (img.ndim - 2)]
    if padding_mode == "constant":
        found = np.empty((img.shape[0] + top + bottom, img.shape[1] + left + right, *img.shape[2:]), img.dtype)
        found[...] = fill
        found[top : top + img.shape[0], left : left + img.shape[1]] = img
        return found
    mode: Any = padding_mode
    return np.pad(img, widths, mode)


def _erased(img: Any, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Any:
    found = img if inplace else img.copy()
    found[i : i + h, j : j + w] = v
    return found


# arrays have what no other library is needed for: the release leaves the rest to OpenCV
ARRAYS: dict[str, Callable[..., Any]] = {
    "crop": lambda img, top, left, height, width: img[top : top + height, left : left + width],
    "hflip": lambda img: np.ascontiguousarray(img[:, ::-1]),
    "vflip": lambda img: np.ascontiguousarray(img[::-1]),
    "pad": _padded,
    "erase": _erased,
}


def applied(operation: str, img: Any, *operands: Any, **options: Any) -> Any:
    """Do something to a picture of any kind.

    Raises:
        TypeError: it is no picture.
        ImportError: it is an array, and the release leaves this to OpenCV.
    """
    if pillow.is_image(img):
        return pillow.OPERATIONS[operation](img, *operands, **options)
    if isinstance(img, torch.Tensor):
        return tensors.OPERATIONS[operation](img, *operands, **options)
    if not isinstance(img, np.ndarray) or img.ndim not in (2, 3):
        msg = f"img should be PIL Image or Tensor Image or ndarray with dim=[2 or 3]. Got {type(img)}."
        raise TypeError(msg)
    if operation not in ARRAYS:
        msg = f"{operation} of an array is OpenCV's in Paddle, and not served here. Give it PIL.Image.fromarray(img)."
        raise ImportError(msg)
    return ARRAYS[operation](img, *operands, **options)


def size_of(img: Any) -> tuple[int, int]:
    """Return the height and the width of a picture.

    Raises:
        TypeError: it is none.
    """
    if pillow.is_image(img):
        return img.size[1], img.size[0]
    if isinstance(img, torch.Tensor):
        return int(img.shape[-2]), int(img.shape[-1])
    if isinstance(img, np.ndarray):
        return int(img.shape[0]), int(img.shape[1])
    msg = f"Unexpected type {type(img)}; a picture is a PIL Image, a Tensor or an ndarray."
    raise TypeError(msg)


def center_crop(img: Any, output_size: Any) -> Any:
    """Return the middle of a picture."""
    rows, columns = (output_size, output_size) if isinstance(output_size, int) else output_size
    height, width = size_of(img)
    return applied("crop", img, round((height - rows) / 2.0), round((width - columns) / 2.0), rows, columns)


def pad(img: Any, padding: Any, fill: Any = 0, padding_mode: str = "constant") -> Any:
    """Return a picture with more around it.

    Raises:
        AssertionError: there is no such mode.
    """
    if padding_mode not in ("constant", "edge", "reflect", "symmetric"):
        msg = f"Padding mode should be either constant, edge, reflect or symmetric; it is {padding_mode!r}."
        raise AssertionError(msg)
    return applied("pad", img, sides_of(padding), fill, padding_mode)


def affine(
    img: Any,
    angle: float,
    translate: Any,
    scale: float,
    shear: Any,
    interpolation: str = "nearest",
    fill: Any = 0,
    center: Any = None,
) -> Any:
    """Return a picture turned with the clock, moved, scaled and sheared.

    Raises:
        TypeError: an argument is of another type.
        ValueError: `scale` is not above 0, or there are not two of something.
    """
    if not isinstance(angle, (int, float)):
        msg = f"Argument angle should be int or float; it is {angle!r}."
        raise TypeError(msg)
    if len(translate) != 2:
        msg = f"Argument translate should be a sequence of length 2; it is {translate!r}."
        raise ValueError(msg)
    if scale <= 0:
        msg = f"Argument scale should be positive; it is {scale!r}."
        raise ValueError(msg)
    sheared = [shear, 0] if isinstance(shear, (int, float)) else list(shear) * (1 if len(shear) == 2 else 2)
    return applied("affine", img, angle, list(translate), scale, sheared, interpolation, fill, center)


def to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """Return the brightness of a picture.

    Raises:
        ValueError: it is to have neither 1 nor 3 channels.
    """
    if num_output_channels not in (1, 3) and not isinstance(img, np.ndarray):
        msg = f"num_output_channels should be either 1 or 3; it is {num_output_channels!r}."
        raise ValueError(msg)
    return applied("to_grayscale", img, num_output_channels)


def adjust_hue(img: Any, hue_factor: float) -> Any:
    """Turn the colours of a picture by a part of the circle, -0.5 to 0.5.

    Raises:
        ValueError: it is another part; an AssertionError for a tensor.
    """
    if not -0.5 <= hue_factor <= 0.5 and not isinstance(img, np.ndarray):
        msg = f"hue_factor:{hue_factor} is not in [-0.5, 0.5]."
        raise (AssertionError if isinstance(img, torch.Tensor) else ValueError)(msg)
    return applied("adjust_hue", img, hue_factor)


def to_picture(pic: Any, data_format: str = "CHW") -> Any:
    """Return a picture as a tensor, from 0 to 1 where it was of bytes.

    Raises:
        TypeError: it is no picture.
        ValueError: there is no such data format.
    """
    if data_format not in ("CHW", "HWC"):
        msg = f"data_format should be CHW or HWC. Got {data_format}."
        raise ValueError(msg)
    if isinstance(pic, torch.Tensor):
        return pic
    if pillow.is_image(pic):
        array = np.array(pic.convert("L") if pic.mode == "1" else pic)
    elif isinstance(pic, np.ndarray) and pic.ndim in (2, 3):
        array = pic
    else:
        msg = f"pic should be PIL Image or Tensor Image or ndarray with dim=[2 or 3]. Got {type(pic)}."
        raise TypeError(msg)
    values = torch.from_numpy(np.array(array if array.ndim == 3 else array[..., None]))
    if values.dtype == torch.uint8:
        values = values.to(torch.float32) / 255
    return to_tensor((values.permute(2, 0, 1) if data_format == "CHW" else values).contiguous())


def normalize(img: Any, mean: Any, std: Any, data_format: str = "CHW", to_rgb: bool = False) -> Any:
    """Subtract a mean from each channel, and divide by a deviation; an image becomes an array.

    Args:
        img: of any kind.
        mean: of each channel, or one of all.
        std: likewise.
        data_format: where the channels are.
        to_rgb: whether the channels of an array are turned around first.
    """
    first = data_format == "CHW"
    axes = [-1, 1, 1] if first else [-1]
    if isinstance(img, torch.Tensor):
        statistics = [torch.tensor(each, dtype=img.dtype).reshape(axes) for each in (mean, std)]
        return like((plain(img) - statistics[0]) / statistics[1], img)
    values = np.array(img, "float32")
    if to_rgb:
        values = values[::-1] if first else values[..., ::-1]
    middle, spread = (np.array(each, "float32").reshape(axes) for each in (mean, std))
    return (values - middle) / spread


fn = NAMES.function
for _name in ("resize", "crop", "hflip", "vflip", "rotate", "perspective", "erase"):
    fn(f"vision.transforms.{_name}", functools.partial(applied, _name))
for _name in ("brightness", "contrast"):
    _words = {f"{_name}_factor": "factor"}
    fn(f"vision.transforms.adjust_{_name}", functools.partial(applied, f"adjust_{_name}"), **_words)
for _function in (center_crop, pad, affine, to_grayscale, adjust_hue, normalize):
    fn(f"vision.transforms.{_function.__name__}", _function)
fn("vision.transforms.to_tensor", to_picture)
