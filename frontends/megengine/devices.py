"""Rows of devices: which there are, and where tensors are made."""

from __future__ import annotations

import os
from typing import Any, ClassVar

import torch

from ...backend import OperatorError
from ..places import make_default
from .arguments import ArgumentError, device_of
from .names import NAMES

__all__: list[str] = []

fn = NAMES.function


def device_count(device_type: str) -> int:
    """Return how many devices of a kind there are: 'gpu', or 'cpu' and 'xpu', of which each core is one.

    Raises:
        AssertionError: it is another kind (a ValueError and RuntimeError too).
    """
    if device_type not in ("cpu", "gpu", "xpu"):
        msg = f"device_type={device_type!r}; legal are 'cpu', 'gpu' and 'xpu'."
        raise ArgumentError(msg)
    return torch.cuda.device_count() if device_type == "gpu" else os.cpu_count() or 1


class Default:
    """The name of the device where tensors are made."""

    name: ClassVar[str] = "xpux"


def set_default_device(device: str = "xpux") -> None:
    """Make tensors on a device: MegEngine's name of it, 'xpux' for a GPU where there is one.

    Raises:
        AssertionError: it is no name of one (a ValueError and RuntimeError too).
        RuntimeError: there is no such GPU.
    """
    try:
        found = device_of(device)
    except OperatorError as error:
        msg = f"Invalid device name {device!r}. {error}"
        raise ArgumentError(msg) from error
    if device.startswith("xpu"):
        found = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if found is not None and found.type == "cuda" and (found.index or 0) >= torch.cuda.device_count():
        msg = f"device={device!r}: there are {torch.cuda.device_count()} GPUs here. Use 'cpu0', or 'xpux'."
        raise OperatorError(msg)
    make_default(found)
    Default.name = device


def of_gpu(ask: Any) -> Any:
    """Return a function that asks torch about a GPU: without a name, the one in use, or 0 where there is none.

    Raises:
        RuntimeError: there is no such GPU (a ValueError too).
    """

    def asked(device: Any = None) -> int:
        index = 0 if device is None else device.index or 0
        if device is not None and device.type == "cuda" and index >= torch.cuda.device_count():
            msg = f"device={device}: there are {torch.cuda.device_count()} GPUs here."
            raise OperatorError(msg)
        return ask(device) if torch.cuda.is_available() else 0

    return asked


def compute_capability(device: Any, device_type: Any = None) -> int:
    """Return the version of a GPU's instruction set as one number: 90 for 9.0.

    Raises:
        RuntimeError: there is no such GPU.
    """
    if not 0 <= int(device) < torch.cuda.device_count():
        msg = f"device={device}: there are {torch.cuda.device_count()} GPUs here."
        raise OperatorError(msg)
    major, minor = torch.cuda.get_device_capability(int(device))
    return major * 10 + minor


def of_cuda(device: Any, device_type: Any = None) -> Any:
    """Return what torch says of a GPU: its name, `total_memory`, `major` and `minor`.

    Raises:
        RuntimeError: there is no such GPU (a ValueError too).
    """
    compute_capability(device)
    return torch.cuda.get_device_properties(int(device))


def memory(device: Any = None) -> tuple[int, int]:
    """Return how many bytes of memory there are where tensors are made, or on a device, and how many of them are free.

    Raises:
        RuntimeError: there is no such GPU (a ValueError too).
        NotImplementedError: the system does not say it.
    """
    found = torch.get_default_device() if device is None else device
    if found.type == "cuda":
        compute_capability(found.index or 0)
        free, total = torch.cuda.mem_get_info(found)
        return total, free
    if not hasattr(os, "sysconf"):
        msg = "get_mem_status_bytes() of a CPU: this system has no sysconf(), which says it."
        raise NotImplementedError(msg)
    page = os.sysconf("SC_PAGE_SIZE")
    return page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")


def driver_version() -> int:
    """Return the version of the GPU's driver, as CUDA numbers it; 0 where there is no GPU."""
    asked: Any = torch._C
    return int(asked._cuda_getDriverVersion()) if torch.cuda.is_available() else 0


def release_memory() -> None:
    """Give back the GPU's memory that nothing uses."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def never() -> bool:
    """Say that there are none of MegEngine's other accelerators."""
    return False


fn("is_cuda_available", torch.cuda.is_available)
fn("get_device_count", device_count)
fn("get_default_device", lambda: Default.name)
fn("set_default_device", set_default_device, device="device")
fn("get_cuda_compute_capability", compute_capability)
fn("get_cuda_device_property", of_cuda)
fn("get_cuda_driver_version", driver_version)
# what the release was compiled with, which scripts ask for to tell what it can
fn("get_cuda_version", lambda: 10010)
fn("get_cudnn_version", lambda: 7603)
fn("get_mem_status_bytes", memory)
fn("coalesce_free_memory", release_memory)
fn("get_allocated_memory", of_gpu(torch.cuda.memory_allocated))
fn("get_reserved_memory", of_gpu(torch.cuda.memory_reserved))
fn("get_max_allocated_memory", of_gpu(torch.cuda.max_memory_allocated))
fn("get_max_reserved_memory", of_gpu(torch.cuda.max_memory_reserved))
fn("reset_max_memory_stats", lambda device=None: of_gpu(torch.cuda.reset_peak_memory_stats)(device) or None)
for name in ("rocm", "atlas", "cambricon"):
    fn(f"is_{name}_available", never)
