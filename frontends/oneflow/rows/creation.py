"""Rows of functions that make tensors, and of the state around them."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import torch

from ..framework.placement import are_given, placed
from ..framework.tensor import Tensor
from ..names import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []

fn = NAMES.function


def made(function: Callable[..., torch.Tensor], *args: Any, requires_grad: bool = False, **options: Any) -> Tensor:
    """Return what a function of torch's makes as OneFlow's tensor, always a leaf; options may be None."""
    given = {name: value for name, value in options.items() if value is not None}
    tensor: Any = function(*args, **given).detach().as_subclass(Tensor)
    made_so: Tensor = tensor.requires_grad_(requires_grad)
    return made_so


def of_shape(function: Callable[..., torch.Tensor]) -> Callable[..., Tensor]:
    """Return a function of sizes, given one by one or as a sequence.

    Raises:
        AssertionError: there are none.
    """

    def of_sizes(
        *size: Any,
        dtype: Any = None,
        device: Any = None,
        requires_grad: bool = False,
        generator: Any = None,
        pin_memory: bool | None = None,
    ) -> Tensor:
        if not size:
            msg = "size of tensor doesn't exists: give one size or more, or a sequence of them."
            raise AssertionError(msg)
        options = {"dtype": dtype, "device": device, "generator": generator, "pin_memory": pin_memory}
        return made(function, *size, requires_grad=requires_grad, **options)

    return of_sizes


def like(function: Callable[..., torch.Tensor]) -> Callable[..., Tensor]:
    """Return a function that takes shape, dtype and device from a tensor, where they are not given."""

    def of_tensor(input: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        return made(function, input, dtype=dtype, device=device, requires_grad=requires_grad)

    return of_tensor


def new(function: Callable[..., torch.Tensor]) -> Callable[..., Tensor]:
    """Return a function of a shape that takes dtype and device from a tensor, where they are not given."""

    def beside(
        x: Any, *sizes: Any, size: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
    ) -> Tensor:
        given = sizes if size is None else size
        shape = given[0] if len(given) == 1 and not isinstance(given[0], int) else given or x.shape
        return made(function, shape, dtype=dtype or x.dtype, device=device or x.device, requires_grad=requires_grad)

    return beside


def anywhere(function: Callable[..., Any]) -> Callable[..., Tensor]:
    """Return a function that takes a placement and sbp, too: there is one process, and a global tensor is the tensor.

    Raises:
        AssertionError: one of them is missing or something else, or there is a device beside them.
    """

    @functools.wraps(function)
    def on_placement(*args: Any, placement: Any = None, sbp: Any = None, **options: Any) -> Tensor:
        if placement is None and sbp is None:
            made: Tensor = function(*args, **options)
            return made
        if not are_given(placement, sbp) or options.get("device") is not None:
            msg = (
                f"placement={placement!r}, sbp={sbp!r}, device={options.get('device')!r}: give an oneflow.placement "
                f"and what oneflow.sbp has, both, and no device."
            )
            raise AssertionError(msg)
        learned = options.pop("requires_grad", False)
        made = placed(function(*args, **options), placement, sbp)
        if learned:
            made.requires_grad_()
        return made

    stated = inspect.signature(function)
    more = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None) for name in ("placement", "sbp")]
    on_placement.__signature__ = stated.replace(  # type: ignore[attr-defined]
        parameters=[*stated.parameters.values(), *more]
    )
    return on_placement


def create(name: str, function: Callable[..., Any]) -> None:
    """Serve a function that makes tensors, which may be global ones."""
    fn(name, anywhere(function))


for name in ("zeros", "ones", "empty"):
    create(name, of_shape(getattr(torch, name)))
    create(f"{name}_like", like(getattr(torch, f"{name}_like")))
    create(f"new_{name}", new(getattr(torch, name)))
create("rand", of_shape(torch.rand))
create("randn", of_shape(torch.randn))
create("randn_like", like(torch.randn_like))


def scalar(value: Any) -> Any:
    """Return the number that a tensor of one element holds; what is no tensor stays."""
    return value.item() if isinstance(value, torch.Tensor) else value


def full(size: Any, fill_value: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return one value everywhere, of the dtype that a tensor of it has."""
    value = scalar(fill_value)
    return made(torch.full, tuple(size), value, dtype=dtype, device=device, requires_grad=requires_grad)


def full_like(
    input: Any, fill_value: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return one value everywhere, in the shape of a tensor."""
    return full(input.shape, fill_value, dtype or input.dtype, device or input.device, requires_grad)


def new_full(
    x: Any, size: Any, fill_value: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return one value everywhere, of the dtype of a tensor unless another is given."""
    return full(size, fill_value, dtype or x.dtype, device or x.device, requires_grad)


create("full", full)
create("full_like", full_like)
create("new_full", new_full)


def arange(
    start: Any = None,
    end: Any = None,
    step: Any = 1,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return `arange(end)`, `arange(start, end)` or `arange(start, end, step)`; the end is left out."""
    first, last = (0, start) if end is None else (0 if start is None else start, end)
    bounds = scalar(first), scalar(last), step
    return made(torch.arange, *bounds, dtype=dtype, device=device, requires_grad=requires_grad)


def linspace(
    start: Any, end: Any, steps: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return numbers at equal distances, both ends among them."""
    bounds = scalar(start), scalar(end), scalar(steps)
    return made(torch.linspace, *bounds, dtype=dtype, device=device, requires_grad=requires_grad)


def logspace(
    start: Any,
    end: Any,
    steps: Any,
    base: float = 10.0,
    dtype: Any = None,
    device: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return powers of a base whose exponents are at equal distances."""
    bounds = scalar(start), scalar(end), scalar(steps), base
    return made(torch.logspace, *bounds, dtype=dtype, device=device, requires_grad=requires_grad)


def eye(n: int, m: int | None = None, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return ones on the diagonal of a matrix of n rows."""
    sizes = (n,) if m is None else (n, m)
    return made(torch.eye, *sizes, dtype=dtype, device=device, requires_grad=requires_grad)


create("arange", arange)
create("linspace", linspace)
create("logspace", logspace)
create("eye", eye)


def hann_window(
    window_length: int, periodic: bool = True, device: Any = None, dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return a window for spectra."""
    return made(torch.hann_window, window_length, periodic, dtype=dtype, device=device, requires_grad=requires_grad)


def randint(
    low: Any = None,
    high: Any = None,
    size: Any = None,
    dtype: Any = None,
    device: Any = None,
    generator: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return integers of `range(low, high)`: `randint(high, size)` or `randint(low, high, size)`."""
    if size is None:
        low, high, size = None, low, high
    options = {"dtype": dtype, "device": device, "generator": generator}
    return made(torch.randint, low or 0, high, tuple(size), requires_grad=requires_grad, **options)


def randint_like(
    x: Any,
    low: int,
    high: int | None = None,
    dtype: Any = None,
    device: Any = None,
    generator: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return integers of `range(low, high)`, or below `low` alone, in the shape of a tensor."""
    bounds = (0, low) if high is None else (low, high)
    return randint(*bounds, x.shape, dtype, device or x.device, generator, requires_grad)


def randperm(
    n: int, generator: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return the integers below n in random order."""
    options = {"dtype": dtype, "device": device, "generator": generator}
    return made(torch.randperm, n, requires_grad=requires_grad, **options)


def normal(
    mean: float,
    std: float,
    size: Any,
    dtype: Any = None,
    device: Any = None,
    generator: Any = None,
    requires_grad: bool = False,
) -> Tensor:
    """Return normal values of a mean and a standard deviation."""
    options = {"dtype": dtype, "device": device, "generator": generator}
    shape = (size,) if isinstance(size, int) else tuple(size)
    return made(torch.normal, float(mean), float(std), shape, requires_grad=requires_grad, **options)


def bernoulli(input: Any, p: float | None = None, dtype: Any = None, generator: Any = None) -> Any:
    """Return ones with the probability that each element states, or with `p`, and zeros else."""
    probability = input if p is None else torch.full_like(input, p)
    return torch.bernoulli(probability, generator=generator).to(dtype)


create("hann_window", hann_window)
create("randint", randint)
create("randint_like", randint_like)
create("randperm", randperm)
create("normal", normal)
fn("bernoulli", bernoulli)
fn("multinomial", torch.multinomial)
fn("cast", lambda x, dtype: x.to(dtype))


def as_tensor(data: Any, dtype: Any = None, device: Any = None) -> Any:
    """Return data as a tensor; a tensor itself, or one that shares an array's memory, where dtype and device fit."""
    if isinstance(data, torch.Tensor):
        return data.to(device=device, dtype=dtype)
    return torch.as_tensor(data, dtype=dtype, device=device).as_subclass(Tensor)


fn("as_tensor", as_tensor)


def seeded(seed: int) -> torch.Generator:
    """Seed torch's generators on every device."""
    return torch.manual_seed(int(seed))


fn("manual_seed", seeded)
fn("Generator", lambda device=None: torch.Generator("cpu" if device is None else device))
fn("zero_", torch.Tensor.zero_)
NAMES.functions(torch, "set_printoptions")
NAMES.functions(torch, "initial_seed seed get_rng_state set_rng_state get_default_dtype is_grad_enabled")


def set_default_dtype(dtype: Any) -> None:
    """Set the dtype of what is made of Python's floats."""
    torch.set_default_dtype(dtype)


fn("set_default_dtype", set_default_dtype)
