"""Rows of GPUs, generators' states, flags, and small things that scripts begin with."""

from __future__ import annotations

import importlib
import itertools
import os
from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorTypeError
from ..generator import Generator
from ..names import NAMES
from ..place import CPUPlace, CUDAPlace, to_device

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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


# -- generators ------------------------------------------------------------------------------------------


def states(device: Any = None) -> list[torch.Tensor]:
    """Return the states of torch's generators: of the CPU, or of all GPUs."""
    kind = device or torch.get_default_device().type
    return [torch.get_rng_state()] if str(kind).startswith("cpu") else torch.cuda.get_rng_state_all()


def set_states(state_list: Any, device: Any = None) -> None:
    """Set the states of torch's generators.

    Raises:
        ValueError: there is not one for each.
    """
    cpu = str(device or torch.get_default_device().type).startswith("cpu")
    wanted = 1 if cpu else torch.cuda.device_count()
    if len(state_list) != wanted:
        msg = f"Length of {'cpu' if cpu else 'gpu'} state list should be equal to {wanted}, not {len(state_list)}."
        raise ValueError(msg)
    if cpu:
        torch.set_rng_state(state_list[0])
    else:
        torch.cuda.set_rng_state_all(state_list)


def set_gpu_states(state_list: Any) -> None:
    """Set the states of the GPUs' generators.

    Raises:
        ValueError: there is not one for each GPU.
    """
    if len(state_list) != torch.cuda.device_count():
        msg = f"Length of cuda state list should be equal to the number of GPUs, {torch.cuda.device_count()}."
        raise ValueError(msg)
    torch.cuda.set_rng_state_all(state_list)


def _generator(device: Any) -> torch.Generator:
    return Generator(device)  # type: ignore[return-value]  # whose __new__ gives torch's


fn("get_rng_state", states)
fn("set_rng_state", set_states)
fn("get_cuda_rng_state", lambda: torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [])
fn("set_cuda_rng_state", set_gpu_states)
fn("device.get_rng_state", lambda device=None: _generator(device).get_state())
fn("device.set_rng_state", lambda new_state, device=None: _generator(device).set_state(new_state) and None)
fn("device.manual_seed", lambda seed: (torch.manual_seed(int(seed)), None)[1])


# -- flags -----------------------------------------------------------------------------------------------

# Defaults of 3.3.1. All are about its allocators, threads, compilers and logs, which are torch's here: they are kept,
# and given back, and change nothing. Flags that change values are refused below.
FLAGS: dict[str, Any] = {
    "FLAGS_allocator_strategy": "auto_growth",
    "FLAGS_benchmark": False,
    "FLAGS_call_stack_level": 1,
    "FLAGS_check_nan_inf": False,
    "FLAGS_eager_delete_tensor_gb": 0.0,
    "FLAGS_einsum_opt": False,
    "FLAGS_enable_pir_api": True,
    "FLAGS_fast_eager_deletion_mode": True,
    "FLAGS_fraction_of_cpu_memory_to_use": 1.0,
    "FLAGS_fraction_of_gpu_memory_to_use": 0.9200000166893005,
    "FLAGS_init_allocated_mem": False,
    "FLAGS_initial_cpu_memory_in_mb": 500,
    "FLAGS_log_memory_stats": False,
    "FLAGS_low_precision_op_list": 0,
    "FLAGS_max_inplace_grad_add": 0,
    "FLAGS_memory_fraction_of_eager_deletion": 1.0,
    "FLAGS_paddle_num_threads": 1,
    "FLAGS_sort_sum_gradient": False,
    "FLAGS_use_autotune": False,
    "FLAGS_use_mkldnn": False,
    "FLAGS_use_pinned_memory": True,
}
MEANT = {"FLAGS_check_nan_inf": "no check follows each operator here; look for `paddle.isfinite` of what you suspect"}
# of builds for GPUs alone: torch's own switches
CUDNN = {"FLAGS_cudnn_deterministic": "deterministic", "FLAGS_cudnn_exhaustive_search": "benchmark"}


def get_flags(flags: Any) -> dict[str, Any]:
    """Return values of flags by name.

    Raises:
        TypeError: no names.
        ValueError: a flag that is not known.
    """
    if not isinstance(flags, (str, list, tuple)):
        msg = f"Flags in get_flags should be a list, tuple or string, not {flags!r}."
        raise TypeError(msg)
    return {name: _flag(name, "get") for name in ([flags] if isinstance(flags, str) else flags)}


def set_flags(flags: Any) -> None:
    """Set flags by name.

    Raises:
        TypeError: no dictionary.
        ValueError: a flag that is not known.
        NotImplementedError: a flag whose effect is not served.
    """
    if not isinstance(flags, dict):
        msg = f"flags in set_flags should be a dict, not {flags!r}."
        raise TypeError(msg)
    for name, value in flags.items():
        kind = type(_flag(name, "set"))
        if isinstance(value, str) and kind is not str:
            msg = f"Unable to cast {value!r}, the value of {name}, to {kind.__name__}."
            raise RuntimeError(msg)
        if name in MEANT and value:
            msg = f"{name}={value!r} is not served: {MEANT[name]}."
            raise NotImplementedError(msg)
        if name in CUDNN:
            setattr(torch.backends.cudnn, CUDNN[name], bool(value))
        else:
            FLAGS[name] = kind(value)


def _flag(name: str, verb: str) -> Any:
    if name in CUDNN and torch.cuda.is_available():
        return getattr(torch.backends.cudnn, CUDNN[name])
    if name not in FLAGS:
        msg = f"Flag {name} cannot {verb} its value through this function. Known here: {', '.join(FLAGS)}."
        raise ValueError(msg)
    return FLAGS[name]


fn("get_flags", get_flags)
fn("set_flags", set_flags)


# -- others ----------------------------------------------------------------------------------------------


def batch(reader: Callable[[], Any], batch_size: int, drop_last: bool = False) -> Callable[[], Iterator[list[Any]]]:
    """Return a reader of lists of what a reader gives."""
    if int(batch_size) <= 0:
        msg = f"batch_size should be a positive integer value, but got batch_size={batch_size}."
        raise ValueError(msg)

    def batched() -> Iterator[list[Any]]:
        samples = iter(reader())
        while found := list(itertools.islice(samples, int(batch_size))):
            if len(found) == batch_size or not drop_last:
                yield found

    return batched


def try_import(module_name: str, err_msg: str | None = None) -> Any:
    """Import a module.

    Raises:
        ImportError: there is none.
    """
    try:
        return importlib.import_module(module_name)
    except ImportError:
        msg = err_msg or f"Failed importing {module_name}: install what has it."
        raise ImportError(msg) from None


fn("static.cpu_places", cpu_places)
fn("static.cuda_places", cuda_places)
fn("batch", batch)
fn("utils.try_import", try_import)
