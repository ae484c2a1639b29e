"""Rows of functions that make tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ....backend import OperatorError
from ...names import several
from .. import unique_name
from ..attributes import ParamAttr, to_param_attr
from ..creation import new_parameter
from ..dtype import default_dtype, to_torch_dtype
from ..names import NAMES
from ..place import to_device
from ..static.mode import of_program
from ..tensor import Tensor as PaddleTensor
from ..tensor import to_tensor
from .operands import integers, number

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["created", "sizes"]

fn = NAMES.function


def sizes(shape: Any) -> list[int]:
    """Return a shape, given as one number, several, or in tensors, as a list.

    Raises:
        TypeError: it is none.
    """
    try:
        return integers(shape)
    except (TypeError, ValueError):
        msg = f"shape={shape!r} is a {type(shape).__name__}; it must be an int, or a list, tuple or tensor of ints."
        raise TypeError(msg) from None


def created(values: Tensor, requires_grad: bool = False) -> PaddleTensor:
    """Return a tensor as one of Paddle's."""
    made = values.as_subclass(PaddleTensor)
    if requires_grad:
        made.requires_grad_()
    return made


def filled(make: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function of torch's that makes tensors of a shape, as Paddle's: of the default dtype, and its class."""

    def computed(shape: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        kind = default_dtype() if dtype is None else dtype
        return created(make(sizes(shape), dtype=kind, device=to_device(device)), requires_grad)

    return computed


def filled_like(make: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function of torch's that makes tensors of another's shape."""

    def computed(x: Tensor, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
        made = make(x, dtype=dtype, device=to_device(device))
        return made.requires_grad_(requires_grad) if requires_grad else made

    return computed


def full(shape: Any, fill_value: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of one value; without a dtype bool of a bool, complex of a complex one, else the default."""
    value = number(fill_value)
    if isinstance(value, str):
        value = float(value)
    if dtype is None:
        dtype = _kind_of(value)
    return created(torch.full(sizes(shape), value, dtype=dtype, device=to_device(device)), requires_grad)


def _kind_of(value: Any) -> torch.dtype:
    if isinstance(value, bool):
        return torch.bool
    return torch.complex128 if isinstance(value, complex) else default_dtype()


def full_like(x: Tensor, fill_value: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False) -> Tensor:
    """Return a tensor of one value, of the shape and dtype of another."""
    made = torch.full_like(x, number(fill_value), dtype=dtype, device=to_device(device))
    return made.requires_grad_(requires_grad) if requires_grad else made


def stepped(
    start: Any = 0, end: Any = None, step: Any = 1, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return numbers from `start`, `step` apart, below `end`; of integers int64, otherwise of the default dtype."""
    if end is None:
        start, end = 0, start
    if dtype is None:
        given = (start, end, step)
        tensors = [each.dtype for each in given if isinstance(each, torch.Tensor)]
        whole = all(isinstance(each, (int, torch.Tensor)) or hasattr(each, "__index__") for each in given)
        dtype = tensors[0] if tensors else torch.int64 if whole else default_dtype()
    start, end, step = number(start), number(end), number(step)
    if step == 0:
        msg = "step=0: the step of range op should not be 0."
        raise OperatorError(msg)
    if (end - start) * step <= 0:
        return created(torch.empty(0, dtype=dtype, device=to_device(device)), requires_grad)
    return created(torch.arange(start, end, step, dtype=dtype, device=to_device(device)), requires_grad)


def ranged(
    start: Any = 0, end: Any = None, step: Any = 1, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return numbers from `start`, `step` apart, up to `end`, which may be among them; as torch's, float by default."""
    if end is None:
        start, end = 0, start
    low, high, each = number(start), number(end), number(step)
    count = int((high - low) / each) + 1
    kind = default_dtype() if dtype is None else dtype
    return created(torch.arange(count, device=to_device(device)).to(kind) * each + low, requires_grad).to(kind)


def from_array(ndarray: Any) -> Tensor:
    """Return an array as a tensor."""
    return created(torch.from_numpy(ndarray))


def spaced(
    start: Any, stop: Any, num: Any, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return `num` numbers from `start` to `stop`, both among them."""
    count = int(number(num))
    if count < 0:
        msg = f"The num of linspace op should not be below 0, but received num is {count}."
        raise OperatorError(msg)
    kind = default_dtype() if dtype is None else dtype
    low, high = number(start), number(stop)
    if kind.is_floating_point:
        return created(torch.linspace(low, high, count, dtype=kind, device=to_device(device)), requires_grad)
    step = (high - low) / max(count - 1, 1)
    return created(torch.tensor([int(low + step * index) for index in range(count)], dtype=kind), requires_grad)


def spaced_powers(start: Any, stop: Any, num: Any, base: Any = 10.0, dtype: Any = None) -> Tensor:
    """Return `num` powers of a base, whose exponents go from `start` to `stop`."""
    kind = default_dtype() if dtype is None else dtype
    wide = torch.logspace(number(start), number(stop), int(number(num)), number(base), dtype=torch.float64)
    return created(torch.Tensor.to(wide, kind))


def eye(
    num_rows: int, num_columns: Any = None, dtype: Any = None, device: Any = None, requires_grad: bool = False
) -> Tensor:
    """Return ones on the diagonal and zeros elsewhere."""
    rows = int(number(num_rows))
    columns = rows if num_columns is None else int(number(num_columns))
    if rows < 0 or columns < 0:
        msg = f"num_rows={rows}, num_columns={columns}: they should be non-negative ints."
        raise TypeError(msg)
    kind = default_dtype() if dtype is None else dtype
    return created(torch.eye(rows, columns, dtype=kind, device=to_device(device)), requires_grad)


def assigned(x: Any, output: Any = None) -> Tensor:
    """Return a copy of a tensor, an array or numbers; `output` becomes it, shape and dtype included."""
    if isinstance(x, torch.Tensor):
        values = torch.clone(x)
    else:
        # what is no array becomes one first, with its dtype, and a number one with one value
        values = to_tensor(x if isinstance(x, np.ndarray) else np.atleast_1d(np.array(x)))
    if output is None:
        return values
    if output.dtype is values.dtype and output.shape == values.shape:
        return torch.Tensor.copy_(output, values)
    if torch.is_grad_enabled() and (values.requires_grad or output.requires_grad):
        msg = (
            f"output has the shape {list(output.shape)} and {output.dtype}, the values {list(values.shape)} and "
            f"{values.dtype}; where gradients are taken they must be alike. Leave output out."
        )
        raise OperatorError(msg)
    output.data = values
    return output


def triangle(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return the indices below or above a diagonal."""

    def computed(row: int, col: Any = None, offset: int = 0, dtype: Any = "int64") -> Tensor:
        return created(function(row, row if col is None else col, offset, dtype=to_torch_dtype(dtype)))

    return computed


for name in ("ones", "zeros", "empty"):
    fn(name, filled(getattr(torch, name)), shape=several())
    fn(f"{name}_like", filled_like(getattr(torch, f"{name}_like")))
fn("full", full, shape="")
fn("full_like", full_like)
fn("arange", stepped)
fn("range", ranged)
fn("from_numpy", from_array, ndarray="")
fn("linspace", spaced)
fn("logspace", spaced_powers)
fn("eye", eye)
fn("assign", assigned, x="")
fn("tril_indices", triangle(torch.tril_indices))
fn("triu_indices", triangle(torch.triu_indices))
fn("clone", torch.clone)
fn("complex", torch.complex, real="", imag="")
fn("polar", torch.polar, abs="")


def powers(x: Tensor, n: int | None = None, increasing: bool = False) -> Tensor:
    """Return the powers of each value, one a column."""
    exponents = range(len(x) if n is None else n)
    return torch.stack([torch.pow(x, each) for each in (exponents if increasing else reversed(exponents))], -1)


fn("vander", powers)
fn("is_tensor", lambda x: isinstance(x, torch.Tensor), x="")
fn("is_complex", lambda x: x.dtype.is_complex)
fn("is_floating_point", lambda x: x.dtype.is_floating_point)
fn("is_integer", lambda x: x.dtype in (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64))
fn("is_empty", lambda x: torch.tensor(torch.Tensor.numel(x) == 0).as_subclass(PaddleTensor))
fn("tolist", torch.Tensor.tolist)


def parameter(
    shape: Any,
    dtype: Any,
    name: str | None = None,
    attr: Any = None,
    is_bias: bool = False,
    default_initializer: Any = None,
) -> Tensor | None:
    """Return a parameter of no layer, or None where its attribute is False."""
    if not isinstance(shape, (list, tuple, np.ndarray)):
        msg = f"shape={shape!r} is a {type(shape).__name__}; it must be a list or tuple of ints."
        raise TypeError(msg)
    attr = to_param_attr(ParamAttr(name=name) if attr is None else attr)
    if attr is None:
        return None
    if attr.name is None:
        scope = unique_name.generate("create_parameter") if name is None else name
        own = unique_name.generate(f"{scope}.{'b' if is_bias else 'w'}")
    else:
        own = attr.name
        unique_name.claim(own)
    kind = to_torch_dtype(dtype)
    return of_program(new_parameter(shape, attr, own, kind, is_bias=is_bias, default_initializer=default_initializer))


fn("create_parameter", parameter, dtype="", name="")
