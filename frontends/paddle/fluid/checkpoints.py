"""Rows of fluid's own `save` and `load`: of layers, and of programs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from ...names import native
from ..tensor import Parameter, Tensor
from .names import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def set_program_state(program: Program, state_dict: Mapping[str, Any]) -> None:
    """Copy arrays into the parameters of their names; those of no parameter are left out with a warning."""
    known = program.state_dict()
    program.set_state_dict({name: value for name, value in state_dict.items() if name in known})
    unused = [name for name in state_dict if name not in known]
    if unused:
        warnings.warn(f"not set, because the program has no such parameters: {' '.join(unused)}", stacklevel=3)


def parameters(program: Program) -> list[Any]:
    """Return the parameters of a program."""
    return [each for each in program.list_vars() if isinstance(each, Parameter)]


def persistables(program: Program) -> list[Any]:
    """Return the parameters of a program, and what an optimizer keeps of them."""
    return [each for each in program.list_vars() if isinstance(each, Tensor)]


fn("io.set_program_state", set_program_state)
fn("io.get_program_parameter", parameters)
fn("io.get_program_persistable_vars", persistables)
