"""How Paddle reads operands: what promotes to what, one number for several, numbers in tensors."""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

import torch

from ....backend import OperatorError, OperatorTypeError
from ...names import reads
from ..dtype import default_dtype, dtype_name
from ..names import no_tensor
from ..values import single

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = [
    "SINGLE",
    "alike",
    "axes_of",
    "check_alike",
    "constant",
    "floating",
    "integers",
    "is_whole",
    "number",
    "promoted",
    "quiet",
]

# what is asked about a tensor in it costs a fifth of what it costs where the class is looked at
quiet = torch._C.DisableTorchFunctionSubclass


# many of the release's kernels keep their constants in float32
SINGLE = reads(single)


def promoted(function: Callable[..., Any], *, scalars: bool = False) -> Callable[..., Any]:
    """Return an elementwise function of two tensors that refuses the dtypes that Paddle does not promote.

    Only floating-point and complex numbers promote to each other.

    Args:
        function: of torch's, or like one.
        scalars: whether a tensor without axes is no more than a number, which takes the other's dtype if it can.
    """

    @functools.wraps(function)
    def computed(input: Any, other: Any, **options: Any) -> Any:
        if not isinstance(other, torch.Tensor):
            # a number, of an operator or in place
            return function(input, other, **options)
        with quiet():
            mixed = input.dtype is not other.dtype
        if mixed and not (scalars and (input.dim() == 0 or other.dim() == 0)):
            input, other = _promoted(input, other)
        return function(input, other, **options)

    return computed


def _promoted(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    one, two = x.dtype, y.dtype
    if not (one.is_complex or two.is_complex or (one.is_floating_point and two.is_floating_point)):
        msg = (
            f"Type promotion only support calculations between floating-point numbers and between complex and real "
            f"numbers. But got different data type x: {dtype_name(one)}, y: {dtype_name(two)}. Use astype()."
        )
        raise OperatorTypeError(msg)
    common = torch.promote_types(one, two)
    return torch.Tensor.to(x, common), torch.Tensor.to(y, common)


def alike(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of two tensors that refuses different dtypes."""

    @functools.wraps(function)
    def computed(input: Any, other: Any, **options: Any) -> Any:
        if not isinstance(other, torch.Tensor):
            raise no_tensor(function.__name__, "y", 1, other)
        check_alike(input, other)
        return function(input, other, **options)

    return computed


def check_alike(*tensors: Any) -> None:
    """Raise ValueError unless the tensors have one dtype."""
    with quiet():
        kinds = {tensor.dtype for tensor in tensors}
    if len(kinds) > 1:
        names = ", ".join(sorted(dtype_name(kind) for kind in kinds))
        msg = f"The type of data we are trying to retrieve does not match: the tensors are {names}. Use astype()."
        raise OperatorError(msg)


def number(value: Any) -> Any:
    """Return a number, given as one or in a tensor with one value."""
    return value.item() if isinstance(value, torch.Tensor) else value


def integers(values: Any) -> list[int]:
    """Return integers given as one, several, or in tensors, as a list."""
    if isinstance(values, str):
        msg = f"{values!r} is a string; give an int, or a list of ints."
        raise OperatorTypeError(msg)
    if isinstance(values, torch.Tensor):
        return [int(value) for value in torch.Tensor.tolist(torch.flatten(values))]
    if isinstance(values, int) or hasattr(values, "__index__"):
        return [operator.index(values)]
    # what a graph is traced with stays a symbol
    return [value if isinstance(value, torch.SymInt) else operator.index(value) for value in values]  # type: ignore[misc]


def axes_of(axis: Any, tensor: Tensor | None = None) -> tuple[int, ...] | None:
    """Return axes, given as one, several, in a tensor, or as None or an empty list for all."""
    if axis is None:
        return None
    axes = tuple(integers(axis))
    return axes or None


def floating(tensor: Tensor) -> Tensor:
    """Return a tensor of integers as floating-point numbers of the default dtype; others as they are."""
    kind = tensor.dtype
    return tensor if kind.is_floating_point or kind.is_complex else torch.Tensor.to(tensor, default_dtype())


def is_whole(tensor: Tensor) -> bool:
    """Return whether the values are integers or bools."""
    with quiet():
        kind = tensor.dtype
    return not (kind.is_floating_point or kind.is_complex)


def constant(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function whose result takes no gradients."""

    @functools.wraps(function)
    def computed(input: Any, *others: Any, **options: Any) -> Any:
        with torch.no_grad():
            return function(input, *others, **options)

    return computed
