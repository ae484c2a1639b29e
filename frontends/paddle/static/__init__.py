"""Mirrors `paddle.static`: programs keep the parameters of `static.nn`, and an executor runs what `data` begins."""

from . import nn
from .executor import Executor
from .mode import data
from .program import Program, default_main_program, default_startup_program, program_guard
from .variable import Variable

__all__ = [
    "Executor",
    "Program",
    "Variable",
    "data",
    "default_main_program",
    "default_startup_program",
    "nn",
    "program_guard",
]
