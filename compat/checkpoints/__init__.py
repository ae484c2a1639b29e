"""One reader and writer per checkpoint format; none needs its framework."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..deferred import deferred

if TYPE_CHECKING:
    from .checkpoint import Checkpoint, load_checkpoint, open_checkpoint
    from .errors import CheckpointError
    from .listing import Entry, Listing
    from .writing import save_checkpoint

__all__ = [
    "Checkpoint",
    "CheckpointError",
    "Entry",
    "Listing",
    "load_checkpoint",
    "open_checkpoint",
    "save_checkpoint",
]

# What is shown of a file, and how files are written, is needed without torch: `fourfold --help` answers at once.
_HOMES = {
    "checkpoint": ["Checkpoint", "load_checkpoint", "open_checkpoint"],
    "errors": ["CheckpointError"],
    "listing": ["Entry", "Listing"],
    "writing": ["save_checkpoint"],
}
__getattr__ = deferred(__name__, _HOMES)
