"""Floating-point formats as the comparison needs them: rounding, spacing, and distance in ULP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .data import round_bfloat16

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Format:
    """One dtype.

    Attributes:
        eps: distance from 1 to the next larger value; one rounding errs by at most eps / 2, relatively.
        smallest: the smallest positive value; one rounding below the normal numbers errs by at most half of it.
        storage: the NumPy type that holds it. bfloat16 is held in float32.
        component: the type of a real or imaginary part.
        bits: integer type as wide as a component.
        shift: low bits of the storage that the format does not use.
        wide: the type to subtract in, with more bits than the format where the machine has one.
    """

    eps: float
    smallest: float
    storage: type[Any]
    component: type[Any]
    bits: type[Any]
    shift: int
    wide: type[Any]

    def round(self, values: Array) -> Array:
        """Round to the format; what is too large becomes infinite."""
        with np.errstate(over="ignore"):
            rounded: Array = np.asarray(values).astype(self.storage)
        if self.shift:
            rounded = round_bfloat16(rounded)
        return rounded

    def parts(self, values: Array) -> Array:
        """View values of the format as components, with a last axis of 1 (real) or 2 (complex)."""
        flat = np.ascontiguousarray(values, dtype=self.storage)
        parts: Array = flat.view(self.component).reshape(*values.shape, 2 if np.iscomplexobj(flat) else 1)
        return parts

    def ulp_distance(self, left: Array, right: Array) -> Array:
        """Count the steps between neighbouring values from `left` to `right`, as uint64; both zeros are one value.

        Infinity is one step past the largest finite value. For NaN the count means nothing. For complex formats
        it is the greater count of the two parts.

        >>> import numpy as np
        >>> FORMATS["float32"].ulp_distance(np.float32([1, -0.0]), np.float32([1 + 2**-22, 1e-45]))
        array([2, 1], dtype=uint64)
        """
        first, second = self._ordered(left), self._ordered(right)
        distance: Array = (np.maximum(first, second) - np.minimum(first, second)).max(axis=-1)
        return distance

    def _ordered(self, values: Array) -> Array:
        """Map values to integers that count them in order: negative ones mirror the positive ones around zero."""
        bits = (self.parts(values).view(self.bits) >> self.shift).astype(np.int64)
        width = 8 * np.dtype(self.bits).itemsize - self.shift
        lowest = np.int64(-(2 ** (width - 1)))
        # adding 2**63 as unsigned keeps the order and lets float64 distances exceed int64
        ordered: Array = np.where(bits < 0, lowest - bits, bits).view(np.uint64)
        return ordered + np.uint64(2**63)


FORMATS = {
    "float16": Format(2.0**-10, 2.0**-24, np.float16, np.float16, np.int16, 0, np.float64),
    "bfloat16": Format(2.0**-7, 2.0**-133, np.float32, np.float32, np.int32, 16, np.float64),
    "float32": Format(2.0**-23, 2.0**-149, np.float32, np.float32, np.int32, 0, np.float64),
    "float64": Format(2.0**-52, 2.0**-1074, np.float64, np.float64, np.int64, 0, np.longdouble),
    "complex64": Format(2.0**-23, 2.0**-149, np.complex64, np.float32, np.int32, 0, np.complex128),
    "complex128": Format(2.0**-52, 2.0**-1074, np.complex128, np.float64, np.int64, 0, np.clongdouble),
}
