"""Rows of how programs are saved and loaded, and of how their values are set."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import torch

from ...names import native
from ...tensor import plain
from ..names import NAMES
from ..tensor import Tensor
from ..values import fitting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .program import Program

__all__ = ["persistables", "set_program_state"]


def persistables(program: Program) -> list[Any]:
    """Return the parameters of a program, and what an optimizer keeps of them."""
    return [each for each in program.list_vars() if isinstance(each, Tensor)]


def set_program_state(program: Program, state_dict: Mapping[str, Any]) -> None:
    """Copy arrays into what has their names, the state of an optimizer too; others are left out with a warning.

    Raises:
        AssertionError: a shape or dtype differs. Nothing is copied then.
    """
    known = {each.name: each for each in persistables(program)}
    values = {name: fitting(value, known[name], name) for name, value in state_dict.items() if name in known}
    with torch.no_grad():
        for name, value in values.items():
            plain(known[name]).copy_(value)
    unused = [name for name in state_dict if name not in known]
    if unused:
        msg = f"This list is not set, because the program has no such parameters: {' '.join(unused)}"
        warnings.warn(msg, stacklevel=3)


NAMES.function("static.set_program_state", set_program_state)
for _name in ["save", "load", "load_program_state", "serialize_persistables", "deserialize_persistables"]:
    NAMES.function(f"static.{_name}", native("static", _name))
for _name in ("save_to_file", "load_from_file"):
    NAMES.function(f"static.{_name}", native("static", _name))
