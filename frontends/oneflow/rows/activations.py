"""Rows of activations and dropout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ..names import NAMES
from .elementwise import operand

if TYPE_CHECKING:
    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def relu(x: Tensor, inplace: bool = False) -> Tensor:
    """Return what is above 0, and 0; booleans as they are."""
    if operand(x).dtype == torch.bool:
        return x if inplace else x.clone()
    return F.relu(x, inplace)


fn("relu", relu)
for name in ("silu", "selu", "mish"):
    fn(name, getattr(F, name))
fn("softsign", lambda x: F.softsign(operand(x)))
for name in ("relu6", "hardswish", "hardsigmoid", "hardtanh", "hardshrink", "glu", "prelu", "elu", "celu"):
    words = {"alpha": "weight"} if name == "prelu" else {}
    fn(f"nn.functional.{name}", getattr(F, name), **words)
fn("nn.functional.logsigmoid", F.logsigmoid)
fn("nn.functional.leaky_relu", F.leaky_relu, alpha="negative_slope")
fn("softshrink", F.softshrink, alpha="lambd")
fn("softplus", F.softplus)
fn("threshold", F.threshold)
fn("quick_gelu", lambda x: x * torch.sigmoid(1.702 * x))  # Hendrycks and Gimpel, 2016, section 2


def usual_axis(x: Tensor) -> int:
    """Return the axis of a softmax for which none is given: 0 of 0, 1 or 3 axes, and 1 else."""
    return 0 if operand(x).dim() in (0, 1, 3) else 1


def softmax(x: Tensor, dim: int | None = None) -> Tensor:
    """Return exponentials that add up to 1 along an axis."""
    return torch.softmax(x, usual_axis(x) if dim is None else dim)


def log_softmax(x: Tensor, dim: int | None = None) -> Tensor:
    """Return the logarithm of `softmax`."""
    return torch.log_softmax(x, usual_axis(x) if dim is None else dim)


def gumbel_softmax(x: Tensor, tau: float = 1.0, dim: int | None = None, hard: bool = False) -> Tensor:
    """Return a softmax of values with noise, or one-hot vectors with its gradients."""
    return F.gumbel_softmax(x, tau, hard, dim=usual_axis(x) if dim is None else dim)


def gelu(x: Tensor, approximate: str = "none") -> Tensor:
    """Return `x * Phi(x)`, by the error function, or by tanh.

    Raises:
        NotImplementedError: there is no such approximation.
    """
    if approximate not in ("none", "tanh"):
        msg = f"approximate={approximate!r}; legal are 'none' and 'tanh'."
        raise NotImplementedError(msg)
    return F.gelu(x, approximate=approximate)


fn("gelu", gelu)
fn("softmax", softmax)
fn("log_softmax", log_softmax)
fn("nn.functional.gumbel_softmax", gumbel_softmax)


def dropout(
    input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False, addend: Tensor | None = None
) -> Any:
    """Set elements to zero with probability `p`, scale the others, and add `addend`."""
    result = F.dropout(input, p, training, inplace) if training and p > 0 else input
    return result if addend is None else result + addend


fn("nn.functional.dropout", dropout)
NAMES.functions(F, "dropout1d dropout2d dropout3d", "nn.functional.")
