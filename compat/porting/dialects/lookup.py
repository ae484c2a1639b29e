"""Finding the row of a class, and the class of a target that says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import batch_norm, convolution, normalisation, others, pooling, transposed
from .words import VOLUMES

if TYPE_CHECKING:
    from torch import nn

    from .words import Row

TARGETS = ("torch", "torch.nn", "paddle", "fluid", "fluid_1_8", "megengine", "oneflow")
# Of several that fit, the first is taken.
ROWS = (*transposed.ROWS, *convolution.ROWS, *batch_norm.ROWS, *normalisation.ROWS, *others.ROWS, *pooling.ROWS)
BY_CLASS = {row.type: row for row in ROWS}


def nearest(module: nn.Module) -> Row | None:
    """Return the row of a module's class, or of the nearest of its bases that has one; None where none has.

    >>> from torch import nn
    >>> row = nearest(nn.Linear(1, 1))
    >>> row.type.__name__, nearest(nn.Conv2d(1, 1, 1))
    ('Linear', None)
    """
    return next((BY_CLASS[kind] for kind in type(module).__mro__ if kind in BY_CLASS), None)


def row_for(source: Row, target: str) -> Row | None:
    """Return the row of a target that takes the place of a source's class, or None.

    Its inputs may have all the numbers of axes that the source's may. Where there is no such class for a source that
    takes any number, the one for volumes takes its place.

    Args:
        source: a row of the same kind.
        target: one of `TARGETS`.
    """
    found = [row for row in ROWS if row.kind == source.kind and target in row.targets]
    general = next((row for row in found if row.axes >= source.axes), None)
    return general or next((row for row in found if row.axes == VOLUMES and row.axes <= source.axes), None)
