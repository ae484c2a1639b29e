"""Mirrors `paddle.device`: a CPU build of the release where torch finds no CUDA, else `gpu:0` is torch's `cuda:0`.

After `set_device("gpu")` new tensors lie there, those that torch's own functions make too.
"""

from __future__ import annotations

from typing import Any

import torch

from ..places import make_default
from .place import CPUPlace, Place, to_device

__all__ = [
    "device",
    "device_count",
    "device_guard",
    "get_all_custom_device_type",
    "get_all_device_type",
    "get_available_custom_device",
    "get_available_device",
    "get_cudnn_version",
    "get_device",
    "is_available",
    "is_bf16_supported",
    "is_compiled_with_cinn",
    "is_compiled_with_cuda",
    "is_compiled_with_custom_device",
    "is_compiled_with_distribute",
    "is_compiled_with_ipu",
    "is_compiled_with_rocm",
    "is_compiled_with_xpu",
    "set_device",
]


def set_device(device: Any) -> Place:
    """Make tensors on a device from now on: 'cpu', 'gpu', 'gpu:<number>' or a place.

    Raises:
        ValueError: it is no device, or a GPU where torch finds none.
    """
    if isinstance(device, int):
        if not torch.cuda.is_available() and device:
            msg = f"CPU device only supports index 0, got {device}."
            raise ValueError(msg)
        device = f"gpu:{device}" if torch.cuda.is_available() else "cpu"
    found = to_device(device)
    if found is None or found.type not in ("cpu", "cuda"):
        msg = f"The device must be a string which is like 'cpu', 'gpu', 'gpu:x', or a place, but received {device!r}."
        raise ValueError(msg)
    if found.type == "cpu":
        make_default(None)
        return CPUPlace()
    torch.cuda.set_device(found.index or 0)
    make_default(found)
    return Place(torch.device("cuda", found.index or 0))


class device_guard:  # noqa: N801, its name
    """Make tensors on a device inside a `with`.

    Args:
        device: 'cpu', 'gpu', 'gpu:<number>' or a place.

    Raises:
        ValueError: it is no device, or a GPU where torch finds none.
    """

    def __init__(self, device: Any) -> None:
        self._device, self._before = to_device(device), ""

    def __enter__(self) -> None:
        self._before = get_device()
        if self._device is not None:
            set_device(Place(self._device))

    def __exit__(self, *raised: Any) -> None:
        set_device(self._before)


class device(device_guard):  # noqa: N801, its name
    """Make tensors on a device inside a `with`: with a number on that GPU, with None on the same as outside."""

    def __init__(self, device: Any = None) -> None:
        if isinstance(device, int):
            device = f"gpu:{device}" if torch.cuda.is_available() else "cpu"
        super().__init__(device)


def get_device(input: Any = None) -> Any:
    """Return the device in use, as 'cpu' or 'gpu:0'; of a tensor the number of its GPU, -1 on the CPU."""
    if isinstance(input, torch.Tensor):
        return input.get_device()
    return Place(torch.get_default_device()).name


def device_count() -> int:
    """Return how many GPUs there are."""
    return torch.cuda.device_count()


def is_available() -> bool:
    """Whether there is a GPU."""
    return torch.cuda.is_available()


def get_all_device_type() -> list[str]:
    """Return the kinds of devices beside the CPU."""
    return ["cpu", "gpu"] if torch.cuda.is_available() else []


def get_available_device() -> list[str]:
    """Return the devices; none of a build for the CPU."""
    return ["cpu", *(f"gpu:{index}" for index in range(torch.cuda.device_count()))] if torch.cuda.is_available() else []


def get_all_custom_device_type() -> list[str]:
    """Return the kinds of plugged-in devices: none."""
    return []


def get_available_custom_device() -> list[str]:
    """Return the plugged-in devices: none."""
    return []


def get_cudnn_version() -> int | None:
    """Return cuDNN's version as a number; None where there is no GPU."""
    return torch.backends.cudnn.version() if torch.cuda.is_available() else None  # type: ignore[no-untyped-call]


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether the GPU computes in bfloat16."""
    return torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation)


def is_compiled_with_cuda() -> bool:
    """Whether torch finds CUDA here."""
    return torch.cuda.is_available()


def is_compiled_with_distribute() -> bool:
    """Whether processes can be joined: as in the release, whose wheel says so."""
    return True


def is_compiled_with_custom_device(device_type: str) -> bool:
    """Whether a kind of device is plugged in: none is.

    Raises:
        TypeError: the kind is no string.
    """
    if not isinstance(device_type, str):
        msg = f"is_compiled_with_custom_device(): device_type must be a string, but received {device_type!r}."
        raise TypeError(msg)
    return False


def is_compiled_with_cinn() -> bool:
    """Whether its compiler is there: no."""
    return False


def is_compiled_with_ipu() -> bool:
    """Whether IPUs are served: no."""
    return False


def is_compiled_with_rocm() -> bool:
    """Whether torch is built for ROCm."""
    return torch.version.hip is not None


def is_compiled_with_xpu() -> bool:
    """Whether XPUs are served: no."""
    return False
