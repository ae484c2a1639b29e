"""Rows of `paddle.linalg`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError
from ..names import NAMES
from .operands import axes_of, integers

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["length"]

fn = NAMES.function


def norm(x: Tensor, p: Any = None, axis: Any = None, keepdim: bool = False) -> Tensor:
    """Return a norm: of vectors along one axis, of matrices along two, of the flattened where none is named."""
    axes = axes_of(axis)
    matrix = isinstance(axis, (list, tuple)) and len(axis) == 2
    p = 2 if matrix and p is None else p
    if p == "nuc" or (matrix and p in (1, -1, 2, -2, float("inf"), -float("inf"))):
        return torch.linalg.matrix_norm(x, p, axes or (-2, -1), keepdim)
    if isinstance(p, str) and p != "fro":
        msg = f"p={p!r}: the norm can be 'fro', 'nuc' or a number."
        raise ValueError(msg)
    order = 2.0 if p is None or p == "fro" else p
    if axes is None:
        values = length(torch.flatten(x), order, None)
        return torch.reshape(values, [1] * x.dim()) if keepdim else values
    return length(x, order, axes, keepdim)


def length(x: Tensor, p: Any, axes: Any, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """Return the norm of vectors; with infinity, every value that is the greatest takes the whole gradient."""
    found = torch.linalg.vector_norm(x, p, axes, keepdim, dtype=dtype)
    if abs(p) != float("inf") or not x.requires_grad or dtype is not None:
        return found
    kept = found if keepdim else torch.linalg.vector_norm(x, p, axes, True)
    signed = torch.where(torch.abs(x) == kept, torch.sign(x), 0.0).detach()
    # nothing is added but the gradient: infinity minus itself is no number
    return found.detach() + torch.sum(signed * torch.nan_to_num(x - x.detach()), axes, keepdim)


def vector_norm(x: Tensor, p: Any = 2.0, axis: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """Return the norm of vectors."""
    return length(x, p, axes_of(axis), keepdim, dtype)


def matrix_norm(x: Tensor, p: Any = "fro", axis: Any = (-2, -1), keepdim: bool = False) -> Tensor:
    """Return the norm of matrices."""
    return torch.linalg.matrix_norm(x, p, tuple(integers(axis)), keepdim)


def condition(x: Tensor, p: Any = None) -> Tensor:
    """Return how much the solution of equations can grow an error."""
    return torch.linalg.cond(x, p)


def factored(x: Tensor, mode: str = "reduced") -> Any:
    """Return Q and R; R alone in mode 'r'."""
    q, r = torch.linalg.qr(x, mode)
    return r if mode == "r" else (q, r)


def covariance(x: Tensor, rowvar: bool = True, ddof: bool = True, fweights: Any = None, aweights: Any = None) -> Tensor:
    """Return the covariance of rows, or of columns."""
    rows = x if rowvar or x.dim() < 2 else torch.transpose(x, 0, 1)
    return torch.cov(rows, correction=int(ddof), fweights=fweights, aweights=aweights)


def correlation(x: Tensor, rowvar: bool = True) -> Tensor:
    """Return the correlation of rows, or of columns."""
    return torch.corrcoef(x if rowvar or x.dim() < 2 else torch.transpose(x, 0, 1))


def sign_and_log(x: Tensor) -> Tensor:
    """Return the sign of the determinant and the logarithm of its size, in one tensor."""
    return torch.stack(list(torch.linalg.slogdet(x)))


def solved_by_factor(x: Tensor, y: Tensor, upper: bool = False) -> Tensor:
    """Return what `y @ y.T` times it is `x`; of `y` one triangle is read, and has gradients."""
    triangle = torch.triu(y) if upper else torch.tril(y)
    # the rest has none, and takes part in those of the triangle
    return torch.cholesky_solve(x, triangle + (y - triangle).detach(), upper)


def inverse_of_product(x: Tensor, upper: bool = False) -> Tensor:
    """Return the inverse of `x @ x.T`, of `x.T @ x` for an upper factor; all of `x` is read."""
    if x.dim() < 2 or x.shape[-1] != x.shape[-2]:
        msg = f"The input tensor must be square matrix; x is {list(x.shape)}."
        raise OperatorError(msg)
    turned = torch.transpose(x, -1, -2)
    return torch.linalg.inv(torch.matmul(turned, x) if upper else torch.matmul(x, turned))


def solved(x: Tensor, y: Tensor, left: bool = True) -> Tensor:
    """Return what `x` times it, or it times `x`, is `y`."""
    return torch.linalg.solve(x, y, left=left)


def triangular(
    x: Tensor, y: Tensor, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> Tensor:
    """Return what a triangular matrix times it is `y`."""
    matrix = torch.transpose(x, -1, -2) if transpose else x
    return torch.linalg.solve_triangular(matrix, y, upper=upper != transpose, unitriangular=unitriangular)


def least_squares(x: Tensor, y: Tensor, rcond: Any = None, driver: Any = None) -> Any:
    """Return what comes nearest to solving equations, with residuals, rank and singular values."""
    solution, residuals, rank, values = torch.linalg.lstsq(x, y, rcond=rcond, driver=driver)
    return solution, residuals, rank if driver == "gels" else torch.Tensor.to(rank, torch.int32), values


def rank(x: Tensor, tol: Any = None, hermitian: bool = False, atol: Any = None, rtol: Any = None) -> Tensor:
    """Return how many rows are independent."""
    if tol is not None:
        return torch.linalg.matrix_rank(x, tol=tol, hermitian=hermitian)
    return torch.linalg.matrix_rank(x, atol=atol, rtol=rtol, hermitian=hermitian)


def lower(x: Tensor, upper: bool = False) -> Tensor:
    """Return the triangular matrix whose product with its transpose is `x`."""
    if x.dim() < 2 or x.shape[-1] != x.shape[-2]:
        msg = f"Input(x) should be square matrices, but its shape is {list(x.shape)}."
        raise OperatorError(msg)
    return torch.linalg.cholesky(x, upper=upper)


def inverted(x: Tensor) -> Tensor:
    """Return the inverse of matrices."""
    return torch.linalg.inv(x)


def symmetric(x: Tensor, UPLO: str = "L") -> Any:  # noqa: N803, the release's word
    """Return eigenvalues and eigenvectors of symmetric matrices."""
    return tuple(torch.linalg.eigh(x, UPLO))


fn("linalg.norm", norm)
fn("linalg.vector_norm", vector_norm)
fn("linalg.matrix_norm", matrix_norm)
fn("linalg.cond", condition)
fn("linalg.qr", factored)
fn("linalg.cov", covariance)
fn("linalg.corrcoef", correlation)
fn("linalg.slogdet", sign_and_log)
fn("linalg.solve", solved)
fn("linalg.triangular_solve", triangular)
fn("linalg.lstsq", least_squares)
fn("linalg.matrix_rank", rank)
fn("linalg.cholesky", lower)
fn("linalg.inv", inverted)
fn("linalg.det", torch.linalg.det)
fn("linalg.matrix_power", torch.linalg.matrix_power)
fn("linalg.matrix_exp", torch.linalg.matrix_exp)
fn("linalg.multi_dot", lambda x: torch.linalg.multi_dot(list(x)), x="")
fn("linalg.pinv", lambda x, rcond=1e-15, hermitian=False: torch.linalg.pinv(x, rtol=rcond, hermitian=hermitian))
fn("linalg.svd", lambda x, full_matrices=False: tuple(torch.linalg.svd(x, full_matrices)))
fn("linalg.svdvals", torch.linalg.svdvals)
fn("linalg.eig", lambda x: tuple(torch.linalg.eig(x)))
fn("linalg.eigh", symmetric)
fn("linalg.eigvals", torch.linalg.eigvals)
fn("linalg.eigvalsh", torch.linalg.eigvalsh)
fn("linalg.cholesky_solve", solved_by_factor)
fn("linalg.cholesky_inverse", inverse_of_product)
fn("linalg.householder_product", torch.linalg.householder_product)
