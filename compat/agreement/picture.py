"""Slices of two arrays that differ, kept for a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .data import Array


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """The plane of the last two axes in which two arrays differ most.

    Attributes:
        quantity: `output`, `grad_input`, `grad_weight` or `grad_bias`.
        place: the index of the plane, such as `[0, 2, 3, :, :]`.
        actual: the plane of the subject.
        expected: the plane of the reference.
    """

    quantity: str
    place: str
    actual: Array
    expected: Array


def picture(
    quantity: str, actual: Array | None, expected: Array | None, index: tuple[int, ...] | None
) -> Picture | None:
    """Cut the plane through an index; the middle one where there is none, and None where there is no plane.

    >>> import numpy as np
    >>> picture("output", np.zeros((1, 2, 3)), np.ones((1, 2, 3)), (0, 1, 2)).place
    '[0, :, :]'
    """
    if actual is None or expected is None or actual.size == 0 or expected.size == 0:
        return None
    if actual.ndim == 1 and expected.ndim == 1:
        return Picture(quantity, "[:]", _real(actual[None]), _real(expected[None]))
    if actual.ndim < 2 or actual.ndim != expected.ndim:
        return None
    least = np.minimum(actual.shape, expected.shape)[:-2]
    at = tuple(int(length) // 2 for length in least) if index is None else index[:-2]
    place = ", ".join([*map(str, at), ":", ":"])
    return Picture(quantity, f"[{place}]", _real(actual[at]), _real(expected[at]))


def _real(plane: Array) -> Array:
    """Copy a plane; of complex numbers the absolute values."""
    kept: Array = np.abs(plane) if np.iscomplexobj(plane) else np.array(plane)
    return kept.astype(np.float64)
