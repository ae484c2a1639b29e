"""Rows of functions that draw at random, from torch's generators."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from ....backend import OperatorError
from ...names import several
from ..dtype import default_dtype, to_torch_dtype
from ..names import NAMES
from ..place import to_device
from ..static.draws import drawing
from ..static.mode import in_dynamic_mode
from .creation import created, filled, sizes
from .operands import number

__all__: list[str] = []


def fn(name: str, draw: Any, **words: Any) -> None:
    """Serve a function that draws: at once, or at every run of the program that it is called in."""
    NAMES.function(name, drawing(draw, in_dynamic_mode), **words)


def uniform(shape: Any, dtype: Any = None, min: float = 0, max: float = 1.0) -> Tensor:
    """Return uniform values from [min, max), from torch's generator."""
    values = torch.empty(sizes(shape), dtype=default_dtype() if dtype is None else dtype)
    return created(values.uniform_(number(min), number(max)))


def normal(mean: Any = 0.0, std: Any = 1.0, shape: Any = None) -> Tensor:
    """Return normal values; mean and deviation may be tensors, whose shape and dtype the result has."""
    given = next((each for each in (mean, std) if isinstance(each, Tensor)), None)
    if given is not None:
        size, kind = list(given.shape), given.dtype
    else:
        size, kind = sizes([1] if shape is None else shape), default_dtype()
        kind = kind.to_complex() if isinstance(mean, complex) else kind
    if isinstance(std, Tensor):
        if std.numel() != math.prod(size):
            msg = f"mean has the shape {size}, std {list(std.shape)}; they must hold as many values. Expand std."
            raise OperatorError(msg)
        std = torch.Tensor.to(torch.reshape(std, size), kind)
    return created(torch.randn(size, dtype=kind) * std + mean)


def log_normal(mean: Any = 1.0, std: Any = 2.0, shape: Any = None) -> Tensor:
    """Return the exponentials of normal values."""
    return torch.exp(normal(mean, std, shape))


def standard_gamma(x: Tensor) -> Tensor:
    """Return one value of each Gamma distribution of these shapes, whose rate is 1."""
    return torch._standard_gamma(x.detach())


def whole(low: Any = 0, high: Any = None, shape: Any = (1,), dtype: Any = None) -> Tensor:
    """Return integers from [low, high), or from [0, low)."""
    if high is None:
        low, high = 0, low
    if high <= low:
        msg = f"randint's low must less then high, but received low = {low}, high = {high}."
        raise OperatorError(msg)
    kind = torch.int64 if dtype is None else to_torch_dtype(dtype)
    return created(torch.randint(low, high, sizes(shape), dtype=kind))


def whole_like(x: Tensor, low: Any = 0, high: Any = None, dtype: Any = None) -> Tensor:
    """Return integers from [low, high) of another tensor's shape."""
    kind = x.dtype if dtype is None else to_torch_dtype(dtype)
    return torch.Tensor.to(whole(low, high, list(x.shape)), kind)


def order(n: int, dtype: Any = "int64") -> Tensor:
    """Return the numbers below `n` in random order."""
    if n < 0:
        msg = f"The input n should not be below 0 in randperm op, but received n={n}."
        raise OperatorError(msg)
    return created(torch.Tensor.to(torch.randperm(n), to_torch_dtype(dtype)))


def like(make: Any) -> Any:
    """Return random values of another tensor's shape."""

    def computed(x: Tensor, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        kind = None if dtype is None else to_torch_dtype(dtype)
        return created(make(x, dtype=kind, device=to_device(device)), requires_grad)

    return computed


def chosen(x: Tensor, num_samples: Any = 1, replacement: bool = False) -> Tensor:
    """Draw indices by weights."""
    return torch.multinomial(x, int(number(num_samples)), replacement)


def seeded(seed: int) -> torch.Generator:
    """Seed torch's generators on every device, which the initializers draw from."""
    return torch.manual_seed(int(seed))


NAMES.function("seed", seeded)
fn("rand", filled(torch.rand), shape=several())
fn("randn", filled(torch.randn), shape=several())
fn("standard_normal", filled(torch.randn), shape="")
fn("uniform", uniform, shape="")
fn("normal", normal)
fn("randint", whole)
fn("randint_like", whole_like)
fn("randperm", order)
fn("rand_like", like(torch.rand_like))
fn("randn_like", like(torch.randn_like))
fn("multinomial", chosen)
fn("bernoulli", lambda x, p=None: torch.bernoulli(x) if p is None else torch.bernoulli(x, p))
fn("poisson", torch.poisson)
fn("binomial", lambda count, prob: torch.binomial(torch.Tensor.to(count, prob.dtype), prob).long())
fn("log_normal", log_normal)
fn("standard_gamma", standard_gamma, x="")
