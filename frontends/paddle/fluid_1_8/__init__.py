"""Mirrors `paddle.fluid` as Paddle 1.8.5 released it: padding before stride, no output_size, and its bias rule.

Everything but `dygraph.Conv3DTranspose` is the same as in `..fluid`.
"""

from ..fluid import (
    CPUPlace,
    CUDAPlace,
    Executor,
    ParamAttr,
    Program,
    clip,
    core,
    data,
    default_main_program,
    default_startup_program,
    initializer,
    is_compiled_with_cuda,
    layers,
    optimizer,
    param_attr,
    program_guard,
    regularizer,
)
from . import dygraph

__all__ = [
    "CPUPlace",
    "CUDAPlace",
    "Executor",
    "ParamAttr",
    "Program",
    "clip",
    "core",
    "data",
    "default_main_program",
    "default_startup_program",
    "dygraph",
    "initializer",
    "is_compiled_with_cuda",
    "layers",
    "optimizer",
    "param_attr",
    "program_guard",
    "regularizer",
]
