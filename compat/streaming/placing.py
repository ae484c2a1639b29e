"""Where in the source the voxels of the target lie: 4 x 4 matrices on (depth, height, width, 1), in voxels."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from .stages import Stage

__all__ = ["centres", "lattice", "placement"]


def lattice(steps: Iterable[float], first: Iterable[float]) -> npt.NDArray[np.float64]:
    """Return the matrix of voxels that are `steps` apart, of which the first is at `first`."""
    matrix = np.diag([*steps, 1.0])
    matrix[:3, 3] = list(first)
    return matrix


def centres(kernel: Sequence[int], dilation: Sequence[int], pads: Sequence[tuple[int, int]]) -> list[float]:
    """Return where the centre of a convolution's kernel is when it begins in the low padding."""
    return [step * (size - 1) / 2 - low for size, step, (low, _) in zip(kernel, dilation, pads, strict=True)]


def placement(stages: Iterable[Stage]) -> npt.NDArray[np.float64]:
    """Return where in the input of the first layer the voxels that the last makes lie."""
    return reduce(np.matmul, (stage.placement() for stage in stages))
