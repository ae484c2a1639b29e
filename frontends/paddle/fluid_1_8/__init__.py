"""Mirrors `paddle.fluid` as Paddle 1.8.5 released it: padding before stride, no output_size, and its bias rule.

Everything but `dygraph.Conv3DTranspose` is the same as in `..fluid`.
"""

from ..fluid import (
    CPUPlace,
    CUDAPlace,
    ParamAttr,
    Program,
    clip,
    core,
    default_main_program,
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
    "ParamAttr",
    "Program",
    "clip",
    "core",
    "default_main_program",
    "dygraph",
    "initializer",
    "is_compiled_with_cuda",
    "layers",
    "optimizer",
    "param_attr",
    "program_guard",
    "regularizer",
]
