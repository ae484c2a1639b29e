"""What `amp.autocast` has set, and the operands in the dtypes that it asks for.

Measured in 1.13.0 on the CPU: inside, convolutions of lines and planes, products of matrices and normalisations over
the batch are computed in the shorter dtype, whatever their operands are; `exp`, `log`, `pow`, `div` and their kin, and
norms, take the shorter one as the longer; the others, convolutions of volumes among them, go by their operands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Precision", "shortened", "widened"]


class Precision:
    """The dtypes in use; `low` is None outside of `autocast`."""

    low: ClassVar[torch.dtype | None] = None
    high: ClassVar[torch.dtype] = torch.float32


def shortened(*values: Tensor) -> list[Tensor]:
    """Return operands of what is computed in the shorter dtype."""
    low = Precision.low
    return [each.to(low) if low is not None and each.is_floating_point() else each for each in values]


def widened(value: Tensor) -> Tensor:
    """Return an operand of what is computed in the longer dtype."""
    return value.to(Precision.high) if Precision.low is not None and value.dtype == Precision.low else value
