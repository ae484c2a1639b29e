"""The parameters that tensors are views of: what a program records is the parameter, which changes as it is trained."""

from __future__ import annotations

from typing import Any

import torch

from ..tensor import Parameter

__all__ = ["viewed"]


def viewed(operand: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the parameter that a tensor is a view of, and which of it unless all; what is no such view as it is.

    Raises:
        NotImplementedError: it was computed of a parameter, so that it would not change with that.
    """
    if not isinstance(operand, torch.Tensor) or operand.grad_fn is None:
        return operand, ()
    found: dict[int, Parameter] = {}
    waiting: list[Any] = [operand.grad_fn]
    while waiting:
        node = waiting.pop()
        variable = getattr(node, "variable", None)
        if isinstance(variable, Parameter):
            found[id(variable)] = variable
        waiting += [each for each, _ in getattr(node, "next_functions", ())]
    if not found:
        return operand, ()
    leaf = next(iter(found.values()))
    places = {each.untyped_storage().data_ptr() for each in (operand, *found.values())}
    if len(found) > 1 or len(places) > 1:
        names = ", ".join(each.name for each in found.values())
        msg = (
            f"a tensor that was computed at once of {names} meets what a program will compute, and would not change "
            f"when that is trained. Compute it in the program: with static.nn, or of the program's own variables."
        )
        raise NotImplementedError(msg)
    geometry, whole = ((each.shape, each.stride(), each.storage_offset()) for each in (operand, leaf))
    return leaf, () if geometry == whole else geometry
