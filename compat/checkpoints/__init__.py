"""One reader and writer per checkpoint format; none needs its framework."""

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
