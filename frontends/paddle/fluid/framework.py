"""Mirrors what `paddle.fluid` itself holds: programs, places, data, and whether dygraph is on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import torch

from ...names import nothing
from ..place import CPUPlace, CUDAPlace
from ..static import Executor, Program, default_main_program, default_startup_program, graph, program_guard
from .bindings import is_compiled_with_cuda
from .dygraph.base import disable_dygraph, enable_dygraph, enabled
from .names import NAMES
from .param_attr import ParamAttr
from .tensor import VarBase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..place import Place

__all__ = [
    "CPUPlace",
    "CUDAPlace",
    "Executor",
    "ParamAttr",
    "Program",
    "cpu_places",
    "cuda_places",
    "data",
    "default_main_program",
    "default_startup_program",
    "disable_dygraph",
    "disable_imperative",
    "enable_dygraph",
    "enable_imperative",
    "in_dygraph_mode",
    "is_compiled_with_cuda",
    "program_guard",
]


enable_imperative, disable_imperative, in_dygraph_mode = enable_dygraph, disable_dygraph, enabled


def cpu_places(device_count: int | None = None) -> list[Place]:
    """Return as many CPUs as told, or as the variable CPU_NUM of the environment tells; 1 without it."""
    return [CPUPlace()] * int(device_count or os.environ.get("CPU_NUM", "1"))


def cuda_places(device_ids: Sequence[int] | None = None) -> list[Place]:
    """Return the GPUs of those numbers, or all that torch sees."""
    return [CUDAPlace(number) for number in (range(torch.cuda.device_count()) if device_ids is None else device_ids)]


def layers_data(
    name: str,
    shape: Sequence[int | None],
    append_batch_size: bool = True,
    dtype: Any = "float32",
    lod_level: int = 0,
    stop_gradient: bool = True,
) -> graph.Placeholder:
    """Return what `data` returns, with an axis for the batch in front unless a size is unknown already."""
    sizes = [-1 if size is None else int(size) for size in shape]
    return data(name, [-1, *sizes] if append_batch_size and min(sizes, default=0) >= 0 else sizes, dtype, lod_level)


NAMES.function(
    "layers.data", layers_data, name="name", stop_gradient=nothing("nothing that is fed is learned"), dtype="dtype"
)


def data(name: str, shape: Sequence[int | None], dtype: Any = "float32", lod_level: int = 0) -> graph.Placeholder:
    """Return what stands for an array that `Executor.run` will be fed.

    Args:
        name: the array's name in `feed`.
        shape: its sizes; -1 or None for those that the feed tells.
        dtype: its data type. Default: 'float32'.
        lod_level: must be 0: sequences of unlike lengths are not served.

    Raises:
        NotImplementedError: another `lod_level`.
    """
    if lod_level != 0:
        msg = f"fluid.data: lod_level={lod_level} is not served here; only 0 is. Pad the sequences."
        raise NotImplementedError(msg)
    return graph.data(name, shape, dtype, kind=VarBase)
