"""Rows of gradients, and of what is known about dtypes and recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...tensor import like
from ..dtype import to_torch_dtype
from ..names import NAMES

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def gradients(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool = False,
) -> list[Tensor | None]:
    """Return the gradients of inputs, which stay without."""
    results, leaves, starts = (_listed(each) for each in (outputs, inputs, grad_outputs))
    starts = [None] * len(results) if grad_outputs is None else starts
    starts = [torch.ones_like(one) if start is None else start for one, start in zip(results, starts, strict=True)]
    found = torch.autograd.grad(
        results, leaves, starts, retain_graph=retain_graph, create_graph=create_graph, allow_unused=allow_unused
    )
    pairs = zip(found, leaves, strict=True)
    return [None if gradient is None else like(gradient, leaf) for gradient, leaf in pairs]


def _listed(tensors: Any) -> list[Any]:
    return list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]


fn("grad", gradients)
fn("is_grad_enabled", torch.is_grad_enabled)
fn("finfo", lambda dtype: torch.finfo(to_torch_dtype(dtype)))
fn("iinfo", lambda dtype: torch.iinfo(to_torch_dtype(dtype)))
