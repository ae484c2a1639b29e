"""Mirrors `paddle.Generator`, by which the release gives the generator of a device."""

from __future__ import annotations

from typing import Any

import torch

from .place import to_device

__all__ = ["Generator"]


class Generator:
    """Gives the generator that a device draws from, torch's here: a new one there is not, as in the release.

    Its numbers are torch's, whatever the seed.

    Args:
        device: 'cpu', 'gpu:0', a number of a GPU or a place. Default: None, the device in use.

    Example:
        >>> Generator("cpu").manual_seed(5).initial_seed(), Generator("cpu").initial_seed()
        (5, 5)
    """

    def __new__(cls, device: Any = None) -> Any:
        if isinstance(device, int):
            device = f"gpu:{device}" if torch.cuda.is_available() else "cpu"
        found = to_device(device) or torch.get_default_device()
        if found.type == "cpu":
            return torch.default_generator
        torch.cuda.init()  # type: ignore[no-untyped-call]
        return torch.cuda.default_generators[found.index or 0]

    def __init__(self, device: Any = None) -> None:
        """Take what `__new__` takes."""
