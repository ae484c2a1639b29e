"""Mirrors Paddle's places, which are torch's devices here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

__all__ = ["CPUPlace", "CUDAPlace", "Place"]


@dataclass(frozen=True, repr=False, eq=False)
class Place:
    """Where a tensor lives.

    >>> Place(torch.device("cpu")), Place(torch.device("cuda", 1))
    (Place(cpu), Place(gpu:1))
    """

    device: torch.device

    def is_cpu_place(self) -> bool:
        """Whether it is the CPU's memory."""
        return self.device.type == "cpu"

    def is_gpu_place(self) -> bool:
        """Whether it is a GPU's memory."""
        return self.device.type == "cuda"

    def gpu_device_id(self) -> int:
        """Number of the GPU."""
        return self.device.index or 0

    def __repr__(self) -> str:
        return f"Place({self.name})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and other.device == self.device

    def __hash__(self) -> int:
        return hash(self.device)

    @property
    def name(self) -> str:
        """Paddle's name of the device: `cpu`, `gpu:0`."""
        return f"gpu:{self.gpu_device_id()}" if self.is_gpu_place() else str(self.device)


class CPUPlace(Place):
    """The place of the CPU."""

    def __init__(self) -> None:
        super().__init__(torch.device("cpu"))


class CUDAPlace(Place):
    """The place of GPU number `id`."""

    def __init__(self, id: int = 0) -> None:
        super().__init__(torch.device("cuda", id))


def to_device(place: Any) -> torch.device | None:
    """Return the torch device of a place, of a name (`cpu`, `gpu`, `gpu:1`, `cuda:1`, `meta`) or of a device.

    Raises:
        ValueError: it names no device, or a GPU where there is none.

    >>> to_device("cpu"), to_device(CPUPlace()), to_device(None)
    (device(type='cpu'), device(type='cpu'), None)
    """
    if place is None or isinstance(place, torch.device):
        return place
    if isinstance(place, Place):
        return place.device
    if isinstance(place, str):
        name = place.lower().removeprefix("place(").removesuffix(")")
        kind, colon, index = name.partition(":")
        try:
            device = torch.device(("cuda" if kind == "gpu" else kind) + colon + index)
        except RuntimeError:
            pass  # reported below
        else:
            if device.type == "cuda" and not torch.cuda.is_available():
                msg = f"The device should not be {place!r}, since torch finds no CUDA device here. Use 'cpu'."
                raise ValueError(msg)
            return device
    msg = f"place={place!r} is no device: Paddle supports CPUPlace, CUDAPlace, 'cpu', 'gpu' and 'gpu:<number>'."
    raise ValueError(msg)
