"""Mirrors `paddle.fluid` as the 1.x and 2.0 documentation describes it.

What Paddle 1.8.5 really released, with another argument order and another bias rule, is in `..fluid_1_8`.
"""

from ..static import Executor, Program, default_main_program, default_startup_program, program_guard
from ..static.graph import data
from . import clip, core, dygraph, initializer, layers, optimizer, param_attr, regularizer
from .core import CPUPlace, CUDAPlace, is_compiled_with_cuda
from .param_attr import ParamAttr

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
