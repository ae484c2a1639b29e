"""Where new tensors are made, for all front ends."""

from __future__ import annotations

import torch

__all__ = ["make_default"]


def make_default(device: torch.device | None) -> None:
    """Make new tensors on a device from here on; None stands for the CPU.

    The CPU is where torch makes them of itself. A default device that is set is a mode of torch's, which costs every
    call of torch's half as much again.
    """
    if device is not None and device.type != "cpu":
        torch.set_default_device(device)
    elif torch.get_default_device().type != "cpu":
        torch.set_default_device(None)
