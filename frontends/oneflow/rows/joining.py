"""Rows of functions of several tensors: joining them, products of matrices, distances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ..names import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function


def or_alone(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function that joins tensors, or takes one as if it were a list of it."""

    def join(tensors: Any) -> Tensor:
        return function([tensors] if isinstance(tensors, torch.Tensor) else tensors)

    return join


NAMES.functions(torch, "cat stack meshgrid")
NAMES.functions(torch, "mm mv baddbmm tensordot")
for name in ("hstack", "vstack", "row_stack", "dstack", "column_stack"):
    fn(name, or_alone(getattr(torch, name)))
fn("dot", torch.dot, other="tensor")


def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, alpha: float = 1, beta: float = 1) -> Tensor:
    """Return `beta * input + alpha * mat1 @ mat2`.

    Raises:
        ValueError: an operand has more than two axes.
    """
    if max(input.dim(), mat1.dim(), mat2.dim()) > 2:
        msg = f"input matrixes shape can not be greater than 2; they have {input.dim()}, {mat1.dim()}, {mat2.dim()}."
        raise ValueError(msg)
    return torch.addmm(input, mat1, mat2, beta=beta, alpha=alpha)


def einsum(equation: str, *operands: Any) -> Tensor:
    """Sum products as letters say."""
    return torch.einsum(equation, *operands)


fn("addmm", addmm)
fn("einsum", einsum)


def matmul(a: Tensor, b: Tensor, transpose_a: bool = False, transpose_b: bool = False, alpha: float = 1.0) -> Tensor:
    """Multiply matrices, each with its last two axes swapped if asked for, and by a number."""
    product = torch.matmul(a.mT if transpose_a else a, b.mT if transpose_b else b)
    return product if alpha == 1 else product * alpha


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Return `input` times the transposed weight `(out, in)`, plus the bias `(out,)`."""
    return F.linear(input, weight, bias)


fn("matmul", matmul, other="b")
fn("bmm", lambda a, b, **options: matmul(a, b, **options) if a.dim() == b.dim() == 3 else torch.bmm(a, b))
fn("nn.functional.linear", linear)


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """Return rows of the weight by index.

    Raises:
        AssertionError: `padding_idx` is no row, or `sparse` is asked for.
    """
    if sparse:
        msg = "Not support sparse=True yet! Leave it out."
        raise AssertionError(msg)
    rows = weight.shape[0]
    if padding_idx is not None and not -rows <= padding_idx < rows:
        msg = f"Padding_idx must be within num_embeddings; padding_idx={padding_idx}, and there are {rows}."
        raise AssertionError(msg)
    return F.embedding(input, weight, padding_idx, max_norm, norm_type, scale_grad_by_freq)


def one_hot(input: Tensor, num_classes: int = -1, on_value: float = 1, off_value: float = 0) -> Tensor:
    """Return a vector for each class: one value at its place and another elsewhere."""
    chosen = F.one_hot(input.long(), num_classes)
    if (on_value, off_value) == (1, 0) and isinstance(on_value, int) and isinstance(off_value, int):
        return chosen
    return torch.where(chosen.bool(), on_value, off_value)


fn("nn.functional.embedding", embedding)
fn("nn.functional.one_hot", one_hot)
fn("nn.functional.normalize", F.normalize)
fn("nn.functional.cosine_similarity", F.cosine_similarity, y="x2")
fn("nn.functional.pairwise_distance", F.pairwise_distance)
