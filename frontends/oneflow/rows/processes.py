"""Rows of processes and devices: there is one process here; what needs a GPU asks torch."""

from __future__ import annotations

from typing import Any

import torch

from ..names import NAMES

__all__: list[str] = []

fn = NAMES.function

fn("env.get_rank", lambda: 0)
fn("env.get_local_rank", lambda: 0)
fn("env.get_world_size", lambda: 1)
fn("env.get_node_size", lambda: 1)
fn("env.rdma_is_initialized", lambda: False)
fn("set_num_threads", torch.set_num_threads)

fn("is_autocast_enabled", lambda: torch.is_autocast_enabled("cuda"))
fn("is_autocast_cache_enabled", torch.is_autocast_cache_enabled)
fn("get_autocast_cpu_dtype", lambda: torch.get_autocast_dtype("cpu"))
fn("get_autocast_gpu_dtype", lambda: torch.get_autocast_dtype("cuda"))
fn("set_autocast_cpu_dtype", lambda dtype: torch.set_autocast_dtype("cpu", dtype), arg0="dtype")
fn("set_autocast_gpu_dtype", lambda dtype: torch.set_autocast_dtype("cuda", dtype), arg0="dtype")
fn("set_autocast_enabled", lambda enabled: torch.set_autocast_enabled("cuda", enabled), arg0="enabled")
fn("set_autocast_cache_enabled", torch.set_autocast_cache_enabled, arg0="enabled")
fn("clear_autocast_cache", torch.clear_autocast_cache)


def current_device() -> int:
    """Return the index of the GPU in use, 0 where there is none."""
    return torch.cuda.current_device() if torch.cuda.is_available() else 0


def set_device(device: Any) -> None:
    """Use a GPU: that of this process, which is the first.

    Raises:
        ValueError: it is another one.
    """
    index = device if isinstance(device, int) else torch.device(device).index or 0
    if index > 0:
        msg = f"device={device!r}: a process uses the GPU of its rank, 0 here. Start one process per GPU."
        raise ValueError(msg)


def synchronize(device: Any = None) -> None:
    """Wait for what a GPU computes, if there is one."""
    if torch.cuda.is_available():
        torch.cuda.synchronize(device)


fn("cuda.current_device", current_device)
fn("cuda.set_device", set_device)
fn("cuda.synchronize", synchronize)
# without a GPU torch says so, where the release's process ends
NAMES.functions(torch.cuda, "get_device_capability get_device_name get_device_properties", "cuda.")


def whole(
    module: Any, *, broadcast_buffers: bool = True, broadcast_parameters: bool = True, bucket_size: int = 10
) -> Any:
    """Return the module itself: it is not spread over processes."""
    return module


fn("nn.parallel.DistributedDataParallel", whole)
