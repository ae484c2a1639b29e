"""Whose names and layouts a checkpoint has, as far as its file says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..checkpoints.listing import FRONT_END
from .kinds import APIS

if TYPE_CHECKING:
    from ..checkpoints import Checkpoint, Listing
    from ..literals import Api

__all__ = ["Origin", "origin_of"]

PADDLES: tuple[Api, ...] = ("paddle", "fluid")


@dataclass(frozen=True, slots=True)
class Origin:
    """The frameworks that a file can come from.

    Attributes:
        likely: the one that is taken where nobody says which; None where the file leaves it open.
        possible: those of `APIS` that do not contradict the file.
    """

    likely: Api | None
    possible: tuple[Api, ...] = APIS


def origin_of(found: Checkpoint | Listing) -> Origin:
    """Return which frameworks a checkpoint can come from.

    Formats that one framework alone writes say it. A file of torch.save is torch's, unless its tensors are of one of
    the front ends' classes. A pickle of a plain dictionary, or a safetensors file, can be anybody's.

    Args:
        found: what `load_checkpoint` or `open_checkpoint` returned.

    Example:
        >>> import os, tempfile, torch
        >>> from fourfold import load_checkpoint, save_checkpoint
        >>> file = os.path.join(tempfile.mkdtemp(), "model")
        >>> save_checkpoint({"weight": torch.zeros(2, 3)}, file, format="megengine")
        >>> origin_of(load_checkpoint(file))
        Origin(likely='megengine', possible=('megengine',))
    """
    says = found.format
    if says in ("torch", "torch-legacy"):
        says = found.metadata.get(FRONT_END, "torch")
    for api in APIS:
        if (says == api and says != "paddle") or api == found.metadata.get(FRONT_END):
            return Origin(api, (api,))
    if found.format.startswith("paddle-"):
        return Origin(None, PADDLES)
    if found.format == "paddle" and found.name_table:
        # fluid went on within Paddle 2, whose save() writes protocol 4
        return Origin(None if found.protocol == 2 else "paddle", PADDLES)
    if found.format == "safetensors" and found.metadata.get("format") == "pt":
        return Origin("torch", ("torch",))
    return Origin(None)
