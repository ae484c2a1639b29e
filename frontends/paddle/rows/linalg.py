"""Rows of products of matrices and vectors, and what is computed with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError
from ..names import NAMES
from ..values import single
from .matrices import length
from .operands import SINGLE, alike, check_alike

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["product"]

fn = NAMES.function


def product(x: Tensor, y: Tensor, transpose_x: bool = False, transpose_y: bool = False, **options: Any) -> Tensor:
    """Multiply matrices, each with its last two axes swapped if asked for."""
    x, y = (
        torch.transpose(each, -1, -2) if swapped and each.dim() > 1 else each
        for each, swapped in ((x, transpose_x), (y, transpose_y))
    )
    if x.dtype is not y.dtype:
        kinds = (x.dtype.is_floating_point, y.dtype.is_floating_point)
        if all(kinds):
            check_alike(x, y)
        x, y = (
            each if floats else torch.Tensor.to(each, other.dtype)
            for each, other, floats in ((x, y, kinds[0]), (y, x, kinds[1]))
        )
    return torch.matmul(x, y, **options)


def contracted(x: Tensor, y: Tensor, axes: Any = 2) -> Tensor:
    """Sum products over axes: the last of `x` and first of `y`, the same of both, or those of each."""
    if isinstance(axes, torch.Tensor):
        axes = torch.Tensor.tolist(axes)
    if isinstance(axes, int):
        return torch.tensordot(x, y, axes)
    first, *rest = axes
    if isinstance(first, int):
        return torch.tensordot(x, y, (list(axes), list(axes)))
    second = rest[0] if rest else first
    first, second = list(first), list(second)
    longer = first if len(first) > len(second) else second
    first, second = first + longer[len(first) :], second + longer[len(second) :]
    return torch.tensordot(x, y, (first, second))


def distance(x: Tensor, y: Tensor, p: float = 2) -> Tensor:
    """Return the `p`-norm of the difference."""
    return length(x - y, p, None)


def crossed(x: Tensor, y: Tensor, axis: int = 9) -> Tensor:
    """Return the cross product along an axis; 9 is the first of size 3."""
    if axis == 9:
        sizes = list(x.shape)
        if 3 not in sizes:
            msg = f"There must be at least one dimension 'd' so that Input(X/Y).dims()[d] is equal to 3; x is {sizes}."
            raise OperatorError(msg)
        axis = sizes.index(3)
    return torch.linalg.cross(x, y, dim=axis)


def dotted(input: Tensor, other: Tensor) -> Tensor:
    """Sum the products of two vectors, or of the rows of two matrices."""
    if input.shape != other.shape or input.dim() > 2 or input.dim() == 0:
        msg = f"The shape of input tensor Y: {list(other.shape)} should match with input tensor X: {list(input.shape)}."
        raise OperatorError(msg)
    return torch.sum(input * other, -1)


def batched(input: Tensor, other: Tensor) -> Tensor:
    """Multiply stacks of matrices."""
    return torch.bmm(input, other)


def outer(input: Tensor, other: Tensor) -> Tensor:
    """Return the products of all pairs of the flattened values."""
    return torch.flatten(input)[:, None] * torch.flatten(other)[None]


def added_product(input: Tensor, x: Tensor, y: Tensor, beta: float = 1.0, alpha: float = 1.0) -> Tensor:
    """Return `beta * input + alpha * x @ y`."""
    return torch.addmm(input, x, y, beta=beta, alpha=alpha)


def added_products(input: Tensor, x: Tensor, y: Tensor, beta: float = 1.0, alpha: float = 1.0) -> Tensor:
    """Return `beta * input + alpha * x @ y`, for stacks of matrices."""
    return torch.baddbmm(input, x, y, beta=beta, alpha=alpha)


def summed(equation: str, *operands: Tensor) -> Tensor:
    """Return sums of products, as an equation of letters says."""
    return torch.einsum(equation, *operands)


def renormed(x: Tensor, p: float, axis: int, max_norm: float) -> Tensor:
    """Scale slices whose norm is above a limit down to it."""
    others = [each for each in range(x.dim()) if each != axis % x.dim()]
    lengths = torch.linalg.vector_norm(x, p, others, keepdim=True)
    # not torch.renorm, which adds 1e-7 to the lengths
    longer, one = lengths > max_norm, torch.ones_like(lengths)
    return x * torch.where(longer, max_norm / torch.where(longer, lengths, one), one)


def distances(x: Tensor, p: float = 2.0) -> Tensor:
    """Return the distances of all pairs of rows."""
    if x.dim() == 2 and x.shape[0] < 2:  # torch's gradient ends the process there
        return torch.flatten(x)[:0]
    return torch.nn.functional.pdist(x, p)


def vecdot(x: Tensor, y: Tensor, axis: int = -1) -> Tensor:
    """Sum products along an axis."""
    return torch.linalg.vecdot(x, y, dim=axis)


def summed_to(x: Tensor, target: Tensor) -> Tensor:
    """Sum over what was broadcast, to the shape of another tensor."""
    return torch.Tensor.sum_to_size(x, list(target.shape))


fn("matmul", product)
fn("mm", product, mat2="y")
fn("bmm", alike(batched))
fn("mv", torch.mv)
fn("dot", alike(dotted))
fn("inner", torch.inner)
fn("outer", outer)
fn("kron", alike(torch.kron))
fn("cross", crossed)
fn("einsum", summed)
fn("tensordot", contracted)
fn("dist", distance)
fn("addmm", added_product, x="", y="", alpha=SINGLE, beta=SINGLE)
fn("baddbmm", added_products, x="", y="", alpha=SINGLE, beta=SINGLE)
fn("renorm", renormed, p=SINGLE, max_norm=SINGLE)
fn("vecdot", vecdot)
fn("reduce_as", summed_to)
fn("cdist", torch.cdist, x="x1", y="x2")
fn("pdist", distances)
fn("diff", torch.diff)
fn(
    "trapezoid",
    lambda y, x=None, dx=None, axis=-1: (
        torch.trapezoid(y, x, dim=axis)
        if x is not None
        else torch.trapezoid(y, dx=1.0 if dx is None else single(dx), dim=axis)
    ),
)
fn(
    "cumulative_trapezoid",
    lambda y, x=None, dx=None, axis=-1: (
        torch.cumulative_trapezoid(y, x, dim=axis)
        if x is not None
        else torch.cumulative_trapezoid(y, dx=1.0 if dx is None else single(dx), dim=axis)
    ),
)
