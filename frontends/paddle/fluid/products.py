"""Products of matrices and vectors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from .activations import acting
from .names import row

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["bilinear", "multiplied"]


@row("matmul")
def matmul(x: Tensor, y: Tensor, transpose_x: bool = False, transpose_y: bool = False, alpha: float = 1.0) -> Tensor:
    """Multiply matrices, each with its last two axes swapped if asked for; `alpha` times the product."""
    x, y = (
        torch.transpose(each, -1, -2) if swapped and each.dim() > 1 else each
        for each, swapped in ((x, transpose_x), (y, transpose_y))
    )
    found = torch.matmul(x, y)
    found = found.reshape(1) if found.dim() == 0 else found
    return found if alpha == 1 else found * alpha


@row("mul")
def multiplied(x: Tensor, y: Tensor, x_num_col_dims: int = 1, y_num_col_dims: int = 1) -> Tensor:
    """Multiply what becomes matrices: the first axes, so many of them, make the rows, the others the columns."""
    rows, columns = list(x.shape[:x_num_col_dims]), list(y.shape[y_num_col_dims:])
    left = x.reshape([math.prod(rows), -1])
    return torch.matmul(left, y.reshape([left.shape[1], -1])).reshape([*rows, *columns])


row("bmm", y="mat2")(torch.bmm)
row("kron")(torch.kron)


@row("dot")
def dot(x: Tensor, y: Tensor) -> Tensor:
    """Return the sum of products along the last axis, which stays."""
    return (x * y).sum(-1, keepdim=True)


@row("addmm", x="x", y="y")
def addmm(input: Tensor, x: Tensor, y: Tensor, alpha: float = 1.0, beta: float = 1.0) -> Tensor:
    """Return `beta * input + alpha * x @ y`."""
    return beta * input + alpha * torch.matmul(x, y)


@row("cross")
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """Return vector products along an axis of size 3, the first where none is named."""
    axis = next(each for each, size in enumerate(input.shape) if size == 3) if dim is None else dim
    found: Tensor = torch.linalg.cross(input, other, dim=axis)
    return found


@row("cos_sim", Y="y")
def cos_sim(x: Tensor, y: Tensor) -> Tensor:
    """Return the cosine between rows, of shape (N, 1)."""
    x, y = (torch.flatten(each, 1) if each.dim() > 2 else each for each in (x, y))
    of_x, of_y = (torch.sqrt(torch.sum(torch.square(each), dim=-1, keepdim=True)) for each in (x, y))
    return torch.sum(x * y, dim=-1, keepdim=True) / (of_x * of_y)


@acting
def bilinear(x: Tensor, y: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return `x @ w @ y` for each matrix `w` of a weight, and a bias."""
    found = torch.einsum("ni,oij,nj->no", x, weight, y)
    return found if bias is None else found + bias


@row("fsp_matrix")
def fsp_matrix(x: Tensor, y: Tensor) -> Tensor:
    """Return the products of the channels of two images, in the mean over the pixels."""
    pixels = x.shape[2] * x.shape[3]
    return torch.matmul(torch.flatten(x, 2), torch.transpose(torch.flatten(y, 2), -1, -2)) / pixels
