"""Mirrors what `paddle.fluid` itself holds: programs, places, data, and whether dygraph is on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..place import CPUPlace, CUDAPlace
from ..static import Executor, Program, default_main_program, default_startup_program, graph, program_guard
from .core import is_compiled_with_cuda
from .param_attr import ParamAttr
from .tensor import VarBase

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CPUPlace",
    "CUDAPlace",
    "Executor",
    "ParamAttr",
    "Program",
    "data",
    "default_main_program",
    "default_startup_program",
    "is_compiled_with_cuda",
    "program_guard",
]


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
