"""Gradients of what a program will compute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from ...tensor import plain
from .graph import Variable, listed

__all__ = ["Derivative", "gradients"]


def gradients(targets: Any, inputs: Any, target_gradients: Any = None, no_grad_set: Any = None) -> list[Any]:
    """Return what a program will compute as the gradients of the sum of targets; None for an input without influence.

    Raises:
        NotImplementedError: there is a `no_grad_set`.
    """
    if no_grad_set:
        msg = "gradients: no_grad_set is not served here. Detach what takes no gradient."
        raise NotImplementedError(msg)
    results = listed(targets)
    starts = listed(target_gradients) or [None] * len(results)
    return [
        Derivative(_gradient, each if isinstance(each, Variable) else _Leaf(each), results, starts)
        if any(result.needs(each) for result in results)
        else None
        for each in listed(inputs)
    ]


class Derivative(Variable):
    """A gradient of what others have computed."""

    differentiates: ClassVar[bool] = True


@dataclass(frozen=True)
class _Leaf:
    """A parameter that a gradient is taken of: itself, and not a plain view of it, which nothing is computed from."""

    tensor: Any


def _gradient(x: Any, results: list[torch.Tensor], starts: list[torch.Tensor | None]) -> torch.Tensor:
    """Return the gradient of the sum of results, which were computed of `x`."""
    x = x.tensor if isinstance(x, _Leaf) else x
    if results[0].is_meta:
        return torch.empty_like(plain(x), device="meta")
    weights = [torch.ones_like(y) if start is None else start for y, start in zip(results, starts, strict=True)]
    (found,) = torch.autograd.grad(results, [x], weights, create_graph=True, materialize_grads=True)
    return found
