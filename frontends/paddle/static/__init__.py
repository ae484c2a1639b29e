"""Mirrors `paddle.static`, eagerly: programs are where the parameters of `static.nn` functions are kept."""

from . import nn
from .program import Program, default_main_program, program_guard

__all__ = ["Program", "default_main_program", "nn", "program_guard"]
