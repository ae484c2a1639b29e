"""Rows of products of matrices and vectors, and of what linear algebra makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...backend import OperatorError
from ..names import nothing
from .arguments import ArgumentError
from .casting import shortened
from .names import NAMES
from .operands import promoted

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["COMPUTE", "matmul"]

fn = NAMES.function
COMPUTE = nothing("how wide the sums of float16 are is torch's choice")


def matmul(inp1: Tensor, inp2: Tensor, transpose_a: bool = False, transpose_b: bool = False) -> Tensor:
    """Return the matrix product, with the last two axes of either exchanged if asked for; int8 gives int32.

    Raises:
        TypeError: an operand is no tensor.
        AssertionError: an operand has no axes (a ValueError and RuntimeError too).
        RuntimeError: both are of integers other than int8 (a ValueError too).
    """
    left, right = shortened(*promoted([inp1, inp2]))
    if not (left.dim() and right.dim()):
        msg = "matmul takes tensors of one axis and more. Use mul, or reshape."
        raise ArgumentError(msg)
    if left.dtype == torch.int8:
        left, right = left.to(torch.int32), right.to(torch.int32)
    elif not left.is_floating_point():
        msg = f"matmul of {left.dtype}: MegEngine has none. Convert an operand with astype('float32')."
        raise OperatorError(msg)
    left = torch.transpose(left, -1, -2) if transpose_a and left.dim() > 1 else left
    right = torch.transpose(right, -1, -2) if transpose_b and right.dim() > 1 else right
    return torch.matmul(left, right)


def dot(inp1: Tensor, inp2: Tensor) -> Tensor:
    """Return the sum of the products of two vectors.

    Raises:
        AssertionError: one has more axes than one (a ValueError and RuntimeError too).
    """
    left, right = promoted([inp1, inp2])
    if left.dim() > 1 or right.dim() > 1:
        msg = f"Input tensors for dot must be 1-dimensional or scalar; they have {left.dim()} and {right.dim()} axes."
        raise ArgumentError(msg)
    return torch.sum(torch.mul(left, right))


def svd(input: Tensor, full_matrices: bool = False, compute_uv: bool = True) -> Any:
    """Return the matrices, and the singular values between them.

    The release cannot answer two calls that its signature allows, and neither is answered here.

    Raises:
        ValueError: the values alone are asked for (a RuntimeError too).
        RuntimeError: whole matrices are asked for (a ValueError too).
    """
    if not compute_uv:
        msg = "svd: compute_uv=False is not served: the release raises, too. Take svd(...)[1]."
        raise OperatorError(msg)
    if full_matrices:
        msg = "svd: full_matrices=True is not served: the release fails, on processors at least. Leave it out."
        raise OperatorError(msg)
    return tuple(torch.linalg.svd(input, full_matrices=False))


fn("functional.matmul", matmul, compute_mode=COMPUTE)
fn("functional.dot", dot)
fn("functional.matinv", torch.linalg.inv)
fn("functional.svd", svd)
