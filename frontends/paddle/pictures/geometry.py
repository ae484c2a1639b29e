"""Sizes and matrices of changes of pictures, for whatever makes them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["backwards", "homography", "sides_of", "size_for"]


def size_for(size: Any, height: int, width: int) -> tuple[int, int]:
    """Return the rows and columns that a size asks for: one number is that of the shorter side.

    >>> size_for(4, 5, 6), size_for((8, 9), 5, 6)
    ((4, 4), (8, 9))

    Raises:
        TypeError: it is neither one number nor two.
    """
    if isinstance(size, int):
        if width < height:
            return int(size * height / width), size
        return size, int(size * width / height)
    if not isinstance(size, (list, tuple)) or len(size) not in (1, 2):
        msg = f"size={size!r} must be an int, or rows and columns."
        raise TypeError(msg)
    return (int(size[0]), int(size[-1])) if len(size) == 2 else size_for(size[0], height, width)


def sides_of(padding: Any) -> tuple[int, int, int, int]:
    """Return what is added on the left, top, right and bottom.

    >>> sides_of(2), sides_of((1, 2)), sides_of([1, 2, 3, 4])
    ((2, 2, 2, 2), (1, 2, 1, 2), (1, 2, 3, 4))

    Raises:
        TypeError: it is no number, and no numbers.
        ValueError: there are neither 2 nor 4 of them.
    """
    if isinstance(padding, int):
        return (padding, padding, padding, padding)
    if not isinstance(padding, (list, tuple)):
        msg = f"Got inappropriate padding arg: {padding!r}. Give an int, or 2 or 4 of them."
        raise TypeError(msg)
    if len(padding) not in (2, 4):
        msg = f"Padding must be an int or a 2, or 4 element tuple, not a {len(padding)} element tuple."
        raise ValueError(msg)
    left, top = padding[:2]
    right, bottom = padding[-2:]
    return left, top, right, bottom


def backwards(
    center: Sequence[float], angle: float, translate: Sequence[float], scale: float, shear: Sequence[float]
) -> list[float]:
    """Return the six numbers that say from where each pixel (x, y) comes.

    Forwards, a place is moved by `translate` after it was turned around `center` by `angle`, sheared and scaled.

    Args:
        center: x, y.
        angle: in degrees, with the clock.
        translate: x, y.
        scale: above 0.
        shear: of x and of y, in degrees.
    """
    turn, across, down = (math.radians(each) for each in (angle, *shear))
    # turned and sheared: R(turn) * Sx(across) * Sy(down), of determinant 1
    a = math.cos(turn - down) / math.cos(down)
    b = -math.cos(turn - down) * math.tan(across) / math.cos(down) - math.sin(turn)
    c = math.sin(turn - down) / math.cos(down)
    d = -math.sin(turn - down) * math.tan(across) / math.cos(down) + math.cos(turn)
    x, y = -center[0] - translate[0], -center[1] - translate[1]
    inverse = [each / scale for each in (d, -b, -c, a)]
    return [
        *inverse[:2],
        inverse[0] * x + inverse[1] * y + center[0],
        *inverse[2:],
        inverse[2] * x + inverse[3] * y + center[1],
    ]


def homography(startpoints: Any, endpoints: Any) -> list[float]:
    """Return the eight numbers that say from where each pixel comes, where four points are to lie elsewhere.

    A place (x, y) comes from ((a x + b y + c) / (g x + h y + 1), (d x + e y + f) / (g x + h y + 1)).
    """
    rows, wanted = [], []
    for (x, y), (from_x, from_y) in zip(endpoints, startpoints, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -from_x * x, -from_x * y])
        rows.append([0, 0, 0, x, y, 1, -from_y * x, -from_y * y])
        wanted += [from_x, from_y]
    found = np.linalg.lstsq(np.array(rows, "float64"), np.array(wanted, "float64"), rcond=None)[0]
    return [float(each) for each in found]
