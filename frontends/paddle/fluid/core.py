"""Mirrors the names of `paddle.fluid.core` that users' code meets."""

from ..place import CPUPlace, CUDAPlace
from .bindings import EnforceNotMet, VarDesc, is_compiled_with_cuda
from .tensor import VarBase

__all__ = ["CPUPlace", "CUDAPlace", "EnforceNotMet", "VarBase", "VarDesc", "is_compiled_with_cuda"]
