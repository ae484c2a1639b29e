"""Rows of `megengine.random` and `megengine.module.init`: values drawn from torch's generators."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import torch

from ...backend import OperatorError, OperatorTypeError
from .arguments import ArgumentError, sizes
from .names import NAMES
from .rebinding import rebind
from .tensor import Tensor as MegEngineTensor
from .tensor import torch_dtype

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["fans", "gain_of"]

fn = NAMES.function


def shape_of(size: Any) -> list[int]:
    """Return the sizes of what is drawn; None is one value.

    Raises:
        TypeError: it is a number.
    """
    if isinstance(size, int):
        msg = f"size={size} is a number; it must be a tuple of sizes. Write ({size},)."
        raise OperatorTypeError(msg)
    return [1] if size is None else sizes(size)


def check_range(low: Any, high: Any) -> None:
    """Refuse [low, high) of nothing, as the release does.

    Raises:
        AssertionError: low is not below high (a ValueError and RuntimeError too).
    """
    if low >= high:
        msg = f"Uniform is not defined when low >= high; low={low}, high={high}. Swap them."
        raise ArgumentError(msg)


def uniform(low: Any = 0, high: Any = 1, size: Any = None, *, source: Any = None) -> Tensor:
    """Return uniform values from [low, high).

    Raises:
        AssertionError: that is empty (a ValueError and RuntimeError too).
    """
    check_range(low, high)
    return own(torch.empty(shape_of(size), device=place(source)).uniform_(float(low), float(high), generator=source))


def normal(mean: Any = 0, std: Any = 1, size: Any = None, *, source: Any = None) -> Tensor:
    """Return normal values; of a negative `std`, as of its size."""
    return own(
        torch.empty(shape_of(size), device=place(source)).normal_(float(mean), abs(float(std)), generator=source)
    )


def own(values: Tensor) -> Tensor:
    """Return values as MegEngine's tensor."""
    return values.as_subclass(MegEngineTensor)


def place(source: Any) -> Any:
    """Return the device of a generator, None for torch's default device."""
    return None if source is None else source.device


def repeated(parameters: list[Any], size: Any, source: Any) -> list[Tensor]:
    """Return parameters, each a number or a tensor, as plain tensors: one for each value that is drawn."""
    given = [torch.as_tensor(each, dtype=torch.float32, device=place(source)) for each in parameters]
    shape = torch.broadcast_shapes(*(tuple(each.shape) for each in given))  # type: ignore[no-untyped-call]
    whole = (*([] if size is None else shape_of(size)), *shape) or (1,)
    return [torch.broadcast_to(each.as_subclass(torch.Tensor), whole) for each in given]


def gamma(shape: Any, scale: Any = 1, size: Any = None, *, source: Any = None) -> Tensor:
    """Return values of the gamma distribution; one of the shape of its parameters for each place in `size`."""
    shapes, scales = repeated([shape, scale], size, source)
    return own(torch._standard_gamma(shapes, generator=source) * scales)


def beta(alpha: Any, beta: Any, size: Any = None, *, source: Any = None) -> Tensor:
    """Return values of the beta distribution; `size` as in `gamma`."""
    one, other = (torch._standard_gamma(each, generator=source) for each in repeated([alpha, beta], size, source))
    return own(one / (one + other))


def poisson(lam: Any, size: Any = None, *, source: Any = None) -> Tensor:
    """Return counts of the Poisson distribution, as float32; `size` as in `gamma`."""
    (rates,) = repeated([lam], size, source)
    return own(torch.poisson(rates, generator=source))


def permutation(n: Any, dtype: Any = torch.int32, *, source: Any = None) -> Tensor:
    """Return the integers below `n` in random order, or a tensor's rows."""
    if isinstance(n, torch.Tensor):
        order = torch.randperm(len(n), generator=source, device=place(source) or n.device)
        return torch.index_select(n, 0, order.to(n.device))
    return own(torch.randperm(int(n), generator=source, device=place(source)).to(torch_dtype(dtype)))


def shuffle(inp: Tensor, *, source: Any = None) -> None:
    """Bring the rows of a tensor into random order."""
    rebind(inp, permutation(inp, source=source))


def seed(seed: Any) -> None:
    """Seed torch's generators on every device."""
    torch.manual_seed(int(seed))


fn("random.uniform", uniform)
fn("random.normal", normal)
fn("random.gamma", gamma)
fn("random.beta", beta)
fn("random.poisson", poisson)
fn("random.permutation", permutation)
fn("random.shuffle", shuffle)
fn("random.seed", seed)


def filled(tensor: Tensor, val: Any) -> None:
    """Set all elements to one value."""
    with torch.no_grad():
        rebind(tensor, torch.full_like(tensor, val))


def drawn_uniform(tensor: Tensor, a: float = 0.0, b: float = 1.0) -> None:
    """Draw all elements from [a, b).

    Raises:
        AssertionError: that is empty (a ValueError and RuntimeError too).
    """
    check_range(a, b)
    with torch.no_grad():
        rebind(tensor, torch.empty_like(tensor, dtype=torch.float32).uniform_(a, b).to(tensor.dtype))


def drawn_normal(tensor: Tensor, mean: float = 0.0, std: float = 1.0) -> None:
    """Draw all elements from the normal distribution; of a negative `std`, as from its size."""
    with torch.no_grad():
        rebind(tensor, torch.empty_like(tensor, dtype=torch.float32).normal_(mean, abs(std)).to(tensor.dtype))


GAINS = {"sigmoid": 1, "tanh": 5 / 3, "relu": math.sqrt(2)}
LINEAR = ("linear", *(f"conv{kind}{rank}d" for kind in ("", "_transpose") for rank in (1, 2, 3)))


def gain_of(nonlinearity: str, param: Any = None) -> float:
    """Return the factor by which a layer in front of a function should be wider spread.

    Raises:
        ValueError: there is no such function, or the slope of leaky_relu is no number (a RuntimeError too).
    """
    if nonlinearity in GAINS or nonlinearity in LINEAR:
        return GAINS.get(nonlinearity, 1)
    if nonlinearity != "leaky_relu":
        msg = f"Unsupported nonlinearity {nonlinearity!r}; legal are {', '.join([*LINEAR, *GAINS, 'leaky_relu'])}."
        raise OperatorError(msg)
    if isinstance(param, bool) or not isinstance(param, (int, float, type(None))):
        msg = f"negative_slope {param!r} not a valid number. Give one, or None for 0.01."
        raise OperatorError(msg)
    slope = 0.01 if param is None else param
    return math.sqrt(2 / (1 + slope**2))


def fans(tensor: Tensor) -> tuple[int, int]:
    """Return how many inputs an output has, and outputs an input; of five axes and more, the first are groups.

    Raises:
        ValueError: the tensor has fewer than two axes (a RuntimeError too).
    """
    shape = tuple(tensor.shape)
    if len(shape) < 2:
        msg = f"fan_in and fan_out can not be computed for tensor with fewer than 2 dimensions; shape {shape}."
        raise OperatorError(msg)
    outputs, inputs, *kernel = shape[1:] if len(shape) >= 5 else shape
    return inputs * math.prod(kernel), outputs * math.prod(kernel)


def fan_of(tensor: Tensor, mode: str) -> int:
    """Return one of the fans: 'fan_in' or 'fan_out'.

    Raises:
        ValueError: it is another word (a RuntimeError too).
    """
    if mode.lower() not in ("fan_in", "fan_out"):
        msg = f"Mode {mode!r} not supported, please use one of ['fan_in', 'fan_out']."
        raise OperatorError(msg)
    return fans(tensor)[mode.lower() == "fan_out"]


def xavier(draw: Any, spread: float, tensor: Tensor, gain: float = 1.0) -> None:
    """Draw by Glorot and Bengio: of variance `2 * gain**2 / (fan_in + fan_out)`."""
    std = gain * math.sqrt(2 / sum(fans(tensor)))
    draw(tensor, -spread * std if spread > 1 else 0.0, spread * std)


def msra(
    draw: Any, spread: float, tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu"
) -> None:
    """Draw by He and others: of variance `gain**2 / fan`."""
    std = gain_of(nonlinearity, a) / math.sqrt(fan_of(tensor, mode))
    draw(tensor, -spread * std if spread > 1 else 0.0, spread * std)


# uniform values of deviation 1 reach to sqrt(3)
UNIFORM, NORMAL = (drawn_uniform, math.sqrt(3)), (drawn_normal, 1)
fn("module.init.fill_", filled)
fn("module.init.zeros_", lambda tensor: filled(tensor, 0))
fn("module.init.ones_", lambda tensor: filled(tensor, 1))
fn("module.init.uniform_", drawn_uniform)
fn("module.init.normal_", drawn_normal)
fn("module.init.calculate_gain", gain_of)
fn("module.init.calculate_fan_in_and_fan_out", fans)
fn("module.init.calculate_correct_fan", fan_of)
for name, (draw, spread) in (("uniform_", UNIFORM), ("normal_", NORMAL)):
    fn(f"module.init.xavier_{name}", functools.partial(xavier, draw, spread))
    fn(f"module.init.msra_{name}", functools.partial(msra, draw, spread))
