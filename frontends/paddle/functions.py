"""Rows of functions that torch has, or nearly: elementwise, reductions, shapes, activations."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from ..names import reads
from .dtype import default_dtype
from .names import NAMES
from .nn.mapped import is_channel_last, mapped
from .tensor import Tensor as PaddleTensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

__all__: list[str] = []

fn = NAMES.function

NAMES.functions(torch, "abs add exp mul sqrt square sub tanh")
fn("concat", torch.cat, x="tensors")
fn("stack", torch.stack, x="tensors")
fn("sum", torch.sum)
fn("mean", torch.mean)
fn("ones_like", torch.ones_like)
fn("zeros_like", torch.zeros_like)


def permuted(x: Tensor, perm: Sequence[int]) -> Tensor:
    """Permute all axes."""
    return torch.permute(x, list(perm))


def reshaped(x: Tensor, shape: Sequence[int]) -> Tensor:
    """Return the values in another shape; -1 is what is left, and 0 the size that the axis had."""
    return torch.reshape(x, [x.shape[axis] if size == 0 else size for axis, size in enumerate(shape)])


def product(x: Tensor, y: Tensor, transpose_x: bool = False, transpose_y: bool = False, **options: Any) -> Tensor:
    """Multiply matrices, each with its last two axes swapped if asked for."""
    x, y = (each.mT if swapped and each.dim() > 1 else each for each, swapped in ((x, transpose_x), (y, transpose_y)))
    return torch.matmul(x, y, **options)


fn("matmul", product)
fn("reshape", reshaped)
fn("transpose", permuted)


def sizes(shape: Any) -> list[int]:
    """Return a shape, given as one number or several, as a list."""
    return [int(shape)] if isinstance(shape, int) else [int(size) for size in shape]


def made(make: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function of torch's that makes tensors of a shape, as Paddle's: of the default dtype, and its class."""

    @functools.wraps(make)
    def made_so(shape: Any, dtype: Any = None, **options: Any) -> Tensor:
        return make(sizes(shape), dtype=default_dtype() if dtype is None else dtype, **options).as_subclass(
            PaddleTensor
        )

    made_so.__signature__ = _MADE  # type: ignore[attr-defined]
    return made_so


_MADE = inspect.signature(lambda shape, dtype=None, requires_grad=False: None)


def uniform(shape: Any, dtype: Any = None, min: float = 0, max: float = 1.0) -> Tensor:
    """Return uniform values from [min, max), from torch's generator."""
    values = torch.empty(sizes(shape), dtype=default_dtype() if dtype is None else dtype)
    return values.uniform_(min, max).as_subclass(PaddleTensor)


def seeded(seed: int) -> torch.Generator:
    """Seed torch's generators on every device, which the initializers draw from."""
    return torch.manual_seed(int(seed))


fn("seed", seeded)
fn("is_tensor", lambda x: isinstance(x, torch.Tensor))
fn("ones", made(torch.ones))
fn("rand", made(torch.rand))
fn("randn", made(torch.randn))
fn("zeros", made(torch.zeros))
fn("uniform", uniform)

NAMES.functions(F, "leaky_relu elu sigmoid", "nn.functional.")
fn("nn.functional.relu", F.relu)
fn("nn.functional.silu", F.silu)
fn("nn.functional.softmax", F.softmax)
fn("nn.functional.gelu", F.gelu, approximate=reads(lambda how: "tanh" if how in (True, "tanh") else "none"))


def prelu(x: Tensor, weight: Tensor, data_format: str = "NCHW") -> Tensor:
    """Multiply what is below zero by `weight`: one number, or one per channel."""
    return mapped(F.prelu, x, weight, channel_last=is_channel_last(data_format, "prelu"))


fn("nn.functional.prelu", prelu)
