"""What is done to Pillow's images, by Pillow; it is imported when it is first asked for."""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

from .geometry import backwards, homography, size_for

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

__all__ = ["OPERATIONS", "is_image", "opened", "part"]


@functools.cache
def part(name: str) -> ModuleType:
    """Return a module of Pillow.

    Raises:
        ImportError: it is not installed.
    """
    try:
        return importlib.import_module(f"PIL.{name}")
    except ImportError as error:
        msg = "images need Pillow, which is not installed: pip install pillow"
        raise ImportError(msg) from error


def is_image(value: Any) -> bool:
    """Return whether something is an image of Pillow's, which it cannot be where that is not installed."""
    return type(value).__module__.startswith("PIL.") or any(
        each.__module__ == "PIL.Image" for each in type(value).__mro__
    )


def opened(path: Any) -> Any:
    """Return the image of a file."""
    return part("Image").open(path)


def _resampling(name: str) -> Any:
    names = {each: each.upper() for each in ("nearest", "bilinear", "bicubic", "box", "lanczos", "hamming")}
    return part("Image").Resampling[names[name]]


def resize(img: Any, size: Any, interpolation: str = "bilinear") -> Any:
    """Return an image of another size."""
    width, height = img.size
    rows, columns = size_for(size, height, width)
    return img if (rows, columns) == (height, width) else img.resize((columns, rows), _resampling(interpolation))


def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    """Return a part of an image; black outside."""
    return img.crop((left, top, left + width, top + height))


def flipped(direction: str) -> Callable[[Any], Any]:
    """Return what turns an image over."""
    return lambda img: img.transpose(part("Image").Transpose[direction])


def pad(img: Any, sides: Sequence[int], fill: Any = 0, padding_mode: str = "constant") -> Any:
    """Return an image with more on its left, top, right and bottom."""
    if padding_mode == "constant":
        return part("ImageOps").expand(img, border=tuple(sides), fill=fill)
    left, top, right, bottom = sides
    array = np.asarray(img)
    widths = [(top, bottom), (left, right), *[(0, 0)] * (array.ndim - 2)]
    mode: Any = padding_mode
    return part("Image").fromarray(np.pad(array, widths, mode))


def rotate(
    img: Any, angle: float, interpolation: str = "nearest", expand: bool = False, center: Any = None, fill: Any = 0
) -> Any:
    """Return an image turned against the clock."""
    bands = len(img.getbands())
    colour = tuple([fill] * bands) if isinstance(fill, int) and bands > 1 else fill
    return img.rotate(angle, _resampling(interpolation), expand, center, fillcolor=colour)


def affine(
    img: Any, angle: float, translate: Any, scale: float, shear: Any, interpolation: str, fill: Any, center: Any
) -> Any:
    """Return an image turned, moved, scaled and sheared."""
    middle = [img.size[0] * 0.5, img.size[1] * 0.5] if center is None else center
    matrix = backwards(middle, angle, translate, scale, shear)
    image = part("Image")
    return img.transform(img.size, image.Transform.AFFINE, matrix, _resampling(interpolation), fillcolor=fill)


def perspective(img: Any, startpoints: Any, endpoints: Any, interpolation: str = "nearest", fill: Any = 0) -> Any:
    """Return an image in which four points lie elsewhere."""
    image, found = part("Image"), homography(startpoints, endpoints)
    return img.transform(img.size, image.Transform.PERSPECTIVE, found, _resampling(interpolation), fillcolor=fill)


def grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """Return the brightness of an image."""
    grey = img.convert("L")
    return grey if num_output_channels == 1 else part("Image").merge("RGB", (grey, grey, grey))


def enhanced(kind: str) -> Callable[[Any, float], Any]:
    """Return what changes brightness, contrast or colour by a factor."""
    return lambda img, factor: getattr(part("ImageEnhance"), kind)(img).enhance(factor)


def hue(img: Any, factor: float) -> Any:
    """Turn the colours of an image by a part of the circle."""
    if img.mode in ("L", "1", "I", "F"):
        return img
    shade, saturation, value = img.convert("HSV").split()
    # uint8 goes round by itself, as the circle does
    turned = np.array(shade, "uint8") + np.array(factor * 255).astype("int64").astype("uint8")
    image = part("Image")
    return image.merge("HSV", (image.fromarray(turned, "L"), saturation, value)).convert(img.mode)


def erase(img: Any, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Any:
    """Return an image with other values in a part."""
    array = np.array(img)
    array[i : i + h, j : j + w] = v
    return part("Image").fromarray(array)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "resize": resize,
    "crop": crop,
    "hflip": flipped("FLIP_LEFT_RIGHT"),
    "vflip": flipped("FLIP_TOP_BOTTOM"),
    "pad": pad,
    "rotate": rotate,
    "affine": affine,
    "perspective": perspective,
    "to_grayscale": grayscale,
    "adjust_brightness": enhanced("Brightness"),
    "adjust_contrast": enhanced("Contrast"),
    "adjust_saturation": enhanced("Color"),
    "adjust_hue": hue,
    "erase": erase,
}
