"""Functions that make tensors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ...tensor import like, plain
from .. import unique_name
from ..attributes import ParamAttr, to_param_attr
from ..dtype import to_torch_dtype
from ..static.graph import Variable, recording
from ..static.program import default_main_program
from .names import NAMES, row
from .shapes import numbers_of
from .tensor import ParamBase, VarBase

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

__all__: list[str] = []


def number_of(value: Any) -> Any:
    """Return the number that a tensor of one holds; a number stays one."""
    return value.item() if isinstance(value, torch.Tensor) else value


@row("fill_constant", exact=True)
def fill_constant(shape: Any, dtype: Any, value: Any, out: Tensor | None = None) -> Tensor:
    """Return one value in every place."""
    made = torch.full(numbers_of(shape), number_of(value), dtype=to_torch_dtype(dtype)).as_subclass(VarBase)
    return made if out is None else out.copy_(made)


@row("zeros")
def zeros(shape: Any, dtype: Any) -> Tensor:
    """Return zeros."""
    return fill_constant(shape, dtype, 0)


@row("ones")
def ones(shape: Any, dtype: Any) -> Tensor:
    """Return ones."""
    return fill_constant(shape, dtype, 1)


@row("zeros_like")
def zeros_like(x: Tensor, out: Tensor | None = None) -> Tensor:
    """Return zeros of the shape and dtype of another."""
    return torch.zeros_like(x) if out is None else out.copy_(torch.zeros_like(x))


@row("ones_like")
def ones_like(x: Tensor, out: Tensor | None = None) -> Tensor:
    """Return ones of the shape and dtype of another."""
    return torch.ones_like(x) if out is None else out.copy_(torch.ones_like(x))


@row("fill_constant_batch_size_like")
def fill_constant_batch_size_like(
    input: Tensor, shape: Any, dtype: Any, value: Any, input_dim_idx: int = 0, output_dim_idx: int = 0
) -> Tensor:
    """Return one value in every place, with the size of an axis that another tensor has."""
    sizes = sized(input, shape, input_dim_idx, output_dim_idx)
    made = torch.full(sizes, number_of(value), dtype=to_torch_dtype(dtype), device=input.device)
    return made.as_subclass(VarBase)


def sized(input: Tensor, shape: Any, input_dim_idx: int, output_dim_idx: int) -> list[int]:
    """Return a shape with the size of an axis that a tensor has."""
    sizes = numbers_of(shape)
    sizes[output_dim_idx] = input.shape[input_dim_idx]
    return sizes


@row("full", exact=True)
def full(shape: Any, fill_value: Any, dtype: Any = None) -> Tensor:
    """Return one value in every place, of float32 where nothing is said."""
    return fill_constant(shape, dtype or "float32", fill_value)


@row("full_like")
def full_like(input: Tensor, fill_value: Any, dtype: Any = None) -> Tensor:
    """Return one value in the shape of another."""
    return torch.full_like(input, number_of(fill_value), dtype=None if dtype is None else to_torch_dtype(dtype))


@row("eye")
def eye(num_rows: int, num_columns: int | None = None, batch_shape: Any = None, dtype: Any = "float32") -> Tensor:
    """Return ones on the diagonal, for every place of a batch."""
    made = torch.eye(num_rows, num_columns or num_rows, dtype=to_torch_dtype(dtype))
    return made.repeat([*(batch_shape or ()), 1, 1]).as_subclass(VarBase) if batch_shape else made.as_subclass(VarBase)


@row("linspace", exact=True)
def linspace(start: Any, stop: Any, num: Any, dtype: Any = "float32") -> Tensor:
    """Return so many values at equal distances."""
    made = torch.linspace(number_of(start), number_of(stop), int(number_of(num)), dtype=to_torch_dtype(dtype))
    return made.as_subclass(VarBase)


@row("range", exact=True)
@row("arange", exact=True)
def steps(start: Any, end: Any, step: Any = 1, dtype: Any = None) -> Tensor:
    """Return values from `start` to `end`, which is not among them."""
    numbers = [number_of(each) for each in (start, end, step)]
    return torch.arange(*numbers, dtype=to_torch_dtype(dtype or "float32")).as_subclass(VarBase)


@row("assign", input="")
def assign(input: Any, output: Tensor | None = None) -> Tensor:
    """Return a copy of a tensor or array, or write it into another."""
    made = torch.from_numpy(np.array(input)).as_subclass(VarBase) if isinstance(input, np.ndarray) else input.clone()
    if output is None:
        return made
    with torch.no_grad():
        output.copy_(made)
    return output


@row("increment", recorded=False)
def increment(x: Tensor, value: float = 1.0, in_place: bool = True) -> Tensor:
    """Add a number to a tensor of one, in place unless told otherwise."""
    if math.prod(x.shape) != 1:
        msg = f"The number of elements in Input(X) should be 1; it is {math.prod(x.shape)}."
        raise ValueError(msg)
    if isinstance(x, Variable):
        made = x + value
        x.is_overwritten = in_place
        return made
    if not in_place:
        return x + value
    with torch.no_grad():
        plain(x).add_(value)
    return x


@row("uniform_random")
def uniform_random(
    shape: Any, dtype: Any = "float32", min: float = -1.0, max: float = 1.0, seed: int = 0, *, device: Any = None
) -> Tensor:
    """Return uniform values from [min, max)."""
    return drawn(lambda values, source: values.uniform_(min, max, generator=source), shape, dtype, seed, device)


@row("gaussian_random")
def gaussian_random(
    shape: Any, mean: float = 0.0, std: float = 1.0, seed: int = 0, dtype: Any = "float32", *, device: Any = None
) -> Tensor:
    """Return normal values."""
    return drawn(lambda values, source: values.normal_(mean, std, generator=source), shape, dtype, seed, device)


def drawn(draw: Callable[..., Tensor], shape: Any, dtype: Any, seed: int, device: Any = None) -> Tensor:
    """Return values from torch's generator, or from one with a seed of its own; 0 is none."""
    values = torch.empty(numbers_of(shape), dtype=to_torch_dtype(dtype), device=device)
    if values.is_meta:
        return values.as_subclass(VarBase)
    source = torch.Generator(values.device).manual_seed(int(seed)) if seed else None
    return draw(values, source).as_subclass(VarBase)


@row("uniform_random_batch_size_like")
def uniform_random_batch_size_like(
    input: Tensor,
    shape: Any,
    dtype: Any = "float32",
    input_dim_idx: int = 0,
    output_dim_idx: int = 0,
    min: float = -1.0,
    max: float = 1.0,
    seed: int = 0,
) -> Tensor:
    """Return uniform values, with the size of an axis that another tensor has."""
    sizes = sized(input, shape, input_dim_idx, output_dim_idx)
    return uniform_random(sizes, dtype, min, max, seed, device=input.device)


@row("gaussian_random_batch_size_like")
def gaussian_random_batch_size_like(
    input: Tensor,
    shape: Any,
    input_dim_idx: int = 0,
    output_dim_idx: int = 0,
    mean: float = 0.0,
    std: float = 1.0,
    seed: int = 0,
    dtype: Any = "float32",
) -> Tensor:
    """Return normal values, with the size of an axis that another tensor has."""
    sizes = sized(input, shape, input_dim_idx, output_dim_idx)
    return gaussian_random(sizes, mean, std, seed, dtype, device=input.device)


@row("randn")
def randn(shape: Any, dtype: Any = None) -> Tensor:
    """Return standard normal values."""
    return gaussian_random(shape, dtype=dtype or "float32")


@row("randint")
def randint(low: int, high: int | None = None, shape: Any = None, dtype: Any = None, seed: int = 0) -> Tensor:
    """Return integers from [low, high), or from [0, low)."""
    first, last = (0, low) if high is None else (low, high)
    return drawn(
        lambda values, source: values.random_(first, last, generator=source), shape or [1], dtype or "int64", seed
    )


@row("randperm")
def randperm(n: int, dtype: Any = "int64", seed: int = 0) -> Tensor:
    """Return the numbers below `n` in any order."""
    source = torch.Generator().manual_seed(int(seed)) if seed else None
    return torch.randperm(n, dtype=to_torch_dtype(dtype), generator=source).as_subclass(VarBase)


@row("one_hot")
def one_hot(input: Tensor, depth: Any, allow_out_of_range: bool = False) -> Tensor:
    """Return ones where the labels stand, which have a last axis of size 1; `fluid.one_hot` adds an axis."""
    if input.shape[-1] != 1:
        msg = f"Last dimension of Input(X) should be 1; the shape is {list(input.shape)}."
        raise ValueError(msg)
    return classes(input.squeeze(-1), int(depth), allow_out_of_range=allow_out_of_range)


def one_hot_v2(input: Tensor, depth: Any, allow_out_of_range: bool = False) -> Tensor:
    """Return ones where the labels stand, in a new last axis."""
    return classes(input, int(depth), allow_out_of_range=allow_out_of_range)


NAMES.function("one_hot", recording(one_hot_v2))


def classes(labels: Tensor, depth: int, *, allow_out_of_range: bool) -> Tensor:
    """Return ones where the labels stand.

    Raises:
        ValueError: a label is out of range, and that is not allowed.
    """
    if not allow_out_of_range and plain(labels).numel() and (int(labels.min()) < 0 or int(labels.max()) >= depth):
        msg = f"Illegal index value, Input(input) value should be at least 0 and less than depth={depth}."
        raise ValueError(msg)
    numbers = torch.arange(depth, device=labels.device)
    return like((plain(labels).unsqueeze(-1) == numbers).float(), labels)


@row("create_parameter", name="name")
def create_parameter(
    shape: Sequence[int],
    dtype: Any,
    name: str | None = None,
    attr: Any = None,
    is_bias: bool = False,
    default_initializer: Any = None,
) -> Any:
    """Return a parameter of the main program."""
    wanted = to_param_attr(attr) or ParamAttr()
    found: Any = default_main_program().parameter(
        tuple(shape),
        wanted,
        name or unique_name.generate("create_parameter"),
        torch.empty(0, dtype=to_torch_dtype(dtype)),
        is_bias=is_bias,
        default_initializer=default_initializer,
    )
    found.__class__ = ParamBase
    return found


@row("create_global_var")
def create_global_var(shape: Sequence[int], value: float, dtype: Any, persistable: bool = False) -> Any:
    """Return a variable with one value in every place."""
    return fill_constant(shape, dtype, value)
