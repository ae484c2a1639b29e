"""Rows of factorizations of matrices, and of approximate ones."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ..names import NAMES

__all__: list[str] = []

fn = NAMES.function


def lu(x: Tensor, pivot: bool = True, get_infos: bool = False) -> tuple[Tensor, ...]:
    """Return lower and upper factors in one matrix, and which rows were swapped, from 1 on."""
    factors, rows, infos = torch.linalg.lu_factor_ex(x, pivot=pivot)
    return (factors, rows, infos) if get_infos else (factors, rows)


def lu_unpack(
    x: Tensor, y: Tensor, unpack_ludata: bool = True, unpack_pivots: bool = True
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Return the permutation, the lower and the upper factor of what `lu` gave."""
    if x.dim() < 2 or y.dim() < 1:
        msg = f"The shape of x should be (*, M, N) and of Pivots (*, K), but received {list(x.shape)}, {list(y.shape)}."
        raise ValueError(msg)
    permutation, lower, upper = torch.lu_unpack(x, y, unpack_data=unpack_ludata, unpack_pivots=unpack_pivots)
    return (
        permutation if unpack_pivots else None,
        lower if unpack_ludata else None,
        upper if unpack_ludata else None,
    )


def lu_solve(b: Tensor, lu: Tensor, pivots: Tensor, trans: str = "N") -> Tensor:
    """Solve equations by what `lu` gave of their matrix, or with `trans` 'T' of its transpose."""
    square = lu.dim() >= 2 and lu.shape[-1] == lu.shape[-2]
    if b.dim() < 2 or pivots.dim() < 1 or not square or not b.shape[-2] == lu.shape[-1] == pivots.shape[-1]:
        msg = (
            f"the rows of `b` must be equal to the rows of `lu`, which is square, and to `pivots`: b is "
            f"{list(b.shape)}, lu {list(lu.shape)}, pivots {list(pivots.shape)}."
        )
        raise ValueError(msg)
    batch = torch.broadcast_shapes(b.shape[:-2], lu.shape[:-2], pivots.shape[:-1])  # type: ignore[no-untyped-call]
    b, lu = b.expand(*batch, *b.shape[-2:]), lu.expand(*batch, *lu.shape[-2:])
    pivots = pivots.expand(*batch, pivots.shape[-1])
    if trans == "N":
        return torch.linalg.lu_solve(lu, pivots, b)
    # of transposed equations: A^T = U^T L^T P^T
    permutation, lower, upper = torch.lu_unpack(lu, pivots)
    half = torch.linalg.solve_triangular(upper.mT, b, upper=False)
    return permutation @ torch.linalg.solve_triangular(lower.mT, half, upper=True, unitriangular=True)


def ormqr(x: Tensor, tau: Tensor, y: Tensor, left: bool = True, transpose: bool = False) -> Tensor:
    """Multiply by the matrix, as wide as `x`, that Householder vectors stand for."""
    if not x.dtype == tau.dtype == y.dtype:
        msg = f"The input tau and y must have the same dtype with the x; they are {x.dtype}, {tau.dtype}, {y.dtype}."
        raise AssertionError(msg)
    if x.dim() < 2 or x.dim() != y.dim() or tau.dim() != x.dim() - 1 or x.shape[-1] != tau.shape[-1]:
        msg = (
            f"x and y have as many axes, 2 or more, and tau one less and the last of x: x is {list(x.shape)}, tau "
            f"{list(tau.shape)}, y {list(y.shape)}."
        )
        raise AssertionError(msg)
    if x.shape[-2 if transpose else -1] != y.shape[-2 if left else -1]:
        msg = f"The dimensions of x {list(x.shape)} and y {list(y.shape)} should be the same where they are multiplied."
        raise AssertionError(msg)
    product = torch.linalg.householder_product(x, tau)
    product = product.transpose(-1, -2) if transpose else product
    return product @ y if left else y @ product


def svd_lowrank(x: Tensor, q: int | None = None, niter: int = 2, mean: Any = None) -> tuple[Tensor, ...]:
    """Return of `x` less `mean` about the greatest `q` singular values, with their vectors, found from random ones."""
    least = min(x.shape[-2:])
    q = min(6, least) if q is None else q
    if (least and not 0 <= q <= least) or niter < 0:
        msg = f"q(={q}) must be non-negative integer and not greater than min(m, n)={least}; niter(={niter}) 0 or above"
        raise ValueError(msg)
    return torch.svd_lowrank(x, q, niter, mean)


def pca_lowrank(x: Tensor, q: int | None = None, center: bool = True, niter: int = 2) -> tuple[Tensor, ...]:
    """Return about the greatest `q` principal components, as `svd_lowrank` finds them."""
    return svd_lowrank(x - x.mean(-2, keepdim=True) if center else x, q, niter)


WORDS: dict[str, Any] = {"x": "", "y": ""}
fn("linalg.lu", lu, x="")
fn("linalg.lu_unpack", lu_unpack, **WORDS)
fn("linalg.lu_solve", lu_solve)
fn("linalg.ormqr", ormqr, **WORDS)
fn("linalg.svd_lowrank", svd_lowrank, x="", M="mean")
fn("linalg.pca_lowrank", pca_lowrank, x="")
