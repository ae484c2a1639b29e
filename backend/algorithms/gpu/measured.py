"""What competes with torch's operator on GPUs: measured there, never predicted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from ..fold import Fold
from ..gradients import NativeGradient
from ..subpixel import Subpixel
from ..taps import Taps
from ..voxel import Voxel
from .other_layout import OtherLayout, OtherLayoutGradient
from .tiles import Tiles

if TYPE_CHECKING:
    from .. import Algorithm, Gradient

ALGORITHMS: tuple[Algorithm, ...] = (
    OtherLayout(),
    Tiles(),
    Subpixel(torch.contiguous_format),
    Subpixel(torch.channels_last_3d),
    Taps(),
    Fold(),
    Voxel(),
)
GRADIENTS: tuple[Gradient, ...] = (NativeGradient(), OtherLayoutGradient())
