"""Rows of gradients, of the processes that take part, and of the GPUs that there are."""

from __future__ import annotations

from typing import Any

import torch

from ..framework.tensor import Tensor
from ..names import NAMES

__all__: list[str] = []


def grad(
    outputs: Any,
    inputs: Any,
    grad_outputs: Any = None,
    retain_graph: bool = False,
    create_graph: bool = False,
) -> tuple[Any, ...]:
    """Return the gradients of outputs by inputs."""
    found = torch.autograd.grad(outputs, inputs, grad_outputs, retain_graph or create_graph, create_graph)
    return tuple(each if each is None else each.as_subclass(Tensor) for each in found)


def backward(tensors: Any, grad_tensors: Any, retain_graph: bool = False, create_graph: bool = False) -> None:
    """Add the gradients of tensors to the leaves that they were computed from."""
    torch.autograd.backward(tensors, grad_tensors, retain_graph or create_graph, create_graph)


NAMES.function("autograd.grad", grad)
NAMES.function("autograd.backward", backward)
# the rest needs a GPU, and there is no recorded answer of one
NAMES.functions(torch.cuda, "is_available device_count empty_cache manual_seed manual_seed_all", "cuda.")
