"""Rows of fluid's own `save` and `load`: of layers, and of programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...names import native
from ..static.checkpoints import persistables, set_program_state
from ..tensor import Parameter
from .names import NAMES

if TYPE_CHECKING:
    from ..static.program import Program

__all__: list[str] = []

fn = NAMES.function
for _name in ("save_dygraph", "load_dygraph"):
    fn(f"dygraph.{_name}", native("paddle", _name))
for _what in ("params", "persistables", "vars"):
    for _how in ("save", "load"):
        fn(f"io.{_how}_{_what}", native("fluid", f"{_how}_{_what}"))
for _name in ("save", "load"):
    fn(_name, native("fluid", _name))
fn("io.load_program_state", native("fluid", "load_program_state"))


def parameters(program: Program) -> list[Any]:
    """Return the parameters of a program."""
    return [each for each in program.list_vars() if isinstance(each, Parameter)]


fn("io.set_program_state", set_program_state)
fn("io.get_program_parameter", parameters)
fn("io.get_program_persistable_vars", persistables)
