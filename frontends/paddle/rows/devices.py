"""Rows of GPUs and of places."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorTypeError
from ..names import NAMES
from ..place import CPUPlace, CUDAPlace, to_device

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

fn = NAMES.function


def on_gpu(name: str, target: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of torch's GPUs that says, where there is none, what the release's build for the CPU says."""

    def computed(device: Any = None) -> Any:
        if not torch.cuda.is_available():
            msg = f"The API paddle.{name} is not supported in CPU-only PaddlePaddle: torch finds no GPU here."
            raise ValueError(msg)
        return target(device)

    return computed


def synchronize(device: Any = None) -> None:
    """Wait for what a GPU computes."""
    if not torch.cuda.is_available():
        msg = "Paddle is not compiled with CUDA. Cannot visit device synchronize: torch finds no GPU here."
        raise RuntimeError(msg)
    torch.cuda.synchronize(device)


def synchronize_any(device: Any = None) -> None:
    """Wait for what a device computes, which has to be a GPU.

    Raises:
        TypeError: it is none.
    """
    found = to_device(device) or torch.get_default_device()
    if found.type != "cuda":
        msg = f"device={device!r} should be gpu; the CPU has computed when a call returns."
        raise OperatorTypeError(msg)
    torch.cuda.synchronize(found)


def capturing() -> bool:
    """Whether a graph of a GPU is being captured."""
    return torch.cuda.is_available() and torch.cuda.is_current_stream_capturing()


def cpu_places(device_count: int | None = None) -> list[CPUPlace]:
    """Return the place of the CPU so many times, which CPU_NUM says where nothing does."""
    return [CPUPlace()] * (int(os.environ.get("CPU_NUM", "1")) if device_count is None else device_count)


def cuda_places(device_ids: Any = None) -> list[CUDAPlace]:
    """Return the places of GPUs by their numbers, of all where there are none.

    Raises:
        AssertionError: there is no GPU.
    """
    if not torch.cuda.is_available():
        msg = "Not compiled with CUDA: torch finds no GPU here. Use cpu_places()."
        raise AssertionError(msg)
    return [CUDAPlace(int(each)) for each in (range(torch.cuda.device_count()) if device_ids is None else device_ids)]


MEMORY = (
    "max_memory_allocated max_memory_reserved memory_allocated memory_reserved get_device_name get_device_properties"
)
for each in f"{MEMORY} get_device_capability".split():
    fn(f"device.cuda.{each}", on_gpu(f"device.cuda.{each}", getattr(torch.cuda, each)))
for each in ("max_memory_allocated", "max_memory_reserved"):
    fn(f"device.{each}", on_gpu(f"device.{each}", getattr(torch.cuda, each)))
for each in ("get_device_name", "get_device_properties", "get_device_capability"):
    fn(f"device.{each}", on_gpu(f"device.{each}", getattr(torch.cuda, each)))
# torch begins both of its peaks anew at once
for each in ("max_memory_allocated", "max_memory_reserved"):
    for place in ("device.cuda", "device"):
        fn(f"{place}.reset_{each}", on_gpu(f"{place}.reset_{each}", torch.cuda.reset_peak_memory_stats))
fn("device.reset_peak_memory_stats", on_gpu("device.reset_peak_memory_stats", torch.cuda.reset_peak_memory_stats))
fn("device.cuda.memory_summary", on_gpu("device.cuda.memory_summary", torch.cuda.memory_summary))
fn("device.cuda.device_count", torch.cuda.device_count)
fn("device.cuda.empty_cache", torch.cuda.empty_cache)
fn("device.cuda.synchronize", synchronize)
fn("device.synchronize", synchronize_any)
fn("device.is_current_stream_capturing", capturing)
fn("static.cpu_places", cpu_places)
fn("static.cuda_places", cuda_places)
