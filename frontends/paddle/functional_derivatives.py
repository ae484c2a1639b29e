"""Mirrors `paddle.incubate.autograd`: derivatives of functions, at given tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...backend import OperatorTypeError
from ..tensor import plain
from .derivatives import Rows
from .tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Hessian", "Jacobian", "jvp", "vjp"]


def _listed(value: Any, name: str) -> list[torch.Tensor]:
    listed = list(value) if isinstance(value, (list, tuple)) else [value]
    if not all(isinstance(each, torch.Tensor) for each in listed):
        msg = f"Expected {name!r} is a Tensor|Sequence[Tensor], but got {type(value)}."
        raise OperatorTypeError(msg)
    return listed


def _apart(xs: Any) -> list[torch.Tensor]:
    """Return the tensors, cut off from what they were computed from: derivatives end there."""
    return [each.detach().as_subclass(Tensor).requires_grad_() for each in _listed(xs, "xs")]


def _flattened(values: list[torch.Tensor], batched: bool) -> torch.Tensor:
    parts = [plain(each).reshape(len(each), -1) if batched else plain(each).reshape(-1) for each in values]
    return torch.cat(parts, -1)


class Jacobian(Rows):
    """The derivatives of all outputs of a function by all inputs, computed where it is indexed.

    Args:
        func: a function of tensors, which returns one or several.
        xs: the tensors, one or several.
        is_batched: whether the first axis of all is a batch. Default: False.

    Attributes:
        shape: (outputs, inputs), after the size of a batch.

    Example:
        >>> from fourfold.frontends import paddle
        >>> Jacobian(lambda x: x * x, paddle.to_tensor([1.0, 2.0]))[:].numpy()
        array([[2., 0.],
               [0., 4.]], dtype=float32)
    """

    def __init__(self, func: Callable[..., Any], xs: Any, is_batched: bool = False) -> None:
        inputs = _apart(xs)
        outputs = _flattened(_listed(func(*inputs), "func(xs)"), is_batched)
        super().__init__(outputs, inputs, batched=is_batched)
        self._shape = self._whole


class Hessian(Rows):
    """The second derivatives of one number, or of one for each of a batch, by all inputs.

    Args:
        func: a function of tensors, which returns it.
        xs: the tensors, one or several.
        is_batched: whether the first axis of all is a batch. Default: False.

    Attributes:
        shape: (inputs, inputs), after the size of a batch.

    Raises:
        RuntimeError: where it is indexed: the function returns more.
    """

    def __init__(self, func: Callable[..., Any], xs: Any, is_batched: bool = False) -> None:
        inputs = _apart(xs)
        values = _flattened(_listed(func(*inputs), "func(xs)"), is_batched)
        if values.shape[-1] != 1:
            msg = (
                f"The function given to Hessian should return one number{' for each of the batch' * is_batched}; it "
                f"returned {values.shape[-1]}."
            )
            raise RuntimeError(msg)
        slopes = torch.autograd.grad(values.sum(), inputs, create_graph=True, allow_unused=True)
        known = [torch.zeros_like(one) if slope is None else slope for slope, one in zip(slopes, inputs, strict=True)]
        super().__init__(_flattened(known, is_batched), inputs, batched=is_batched)
        self._shape = self._whole


def _computed(func: Any, xs: Any) -> tuple[list[torch.Tensor], Any, list[torch.Tensor]]:
    if not callable(func):
        msg = f"Expected 'fun' is Callable, but got {type(func)}."
        raise OperatorTypeError(msg)
    inputs = _apart(xs)
    outputs = func(*inputs)
    return inputs, outputs, _listed(outputs, "func(xs)")


def _directions(v: Any, values: list[Any]) -> list[torch.Tensor]:
    if v is None:
        return [torch.ones_like(plain(each)) for each in values]
    given = _listed(v, "v")
    if len(given) != len(values):
        msg = f"The argument v is a tuple of invalid length: should be {len(values)} but got {len(given)}."
        raise RuntimeError(msg)
    for index, (each, value) in enumerate(zip(given, values, strict=True)):
        if tuple(each.shape) != tuple(value.shape):
            msg = f"The v[{index}] has invalid shape: should be {value.shape} but got {each.shape}."
            raise RuntimeError(msg)
    return [plain(each) for each in given]


def _given(found: list[Any], like: Any) -> Any:
    """Return tensors as a tuple, alone where the other was alone."""
    made = [each.as_subclass(Tensor) for each in found]
    return tuple(made) if isinstance(like, (list, tuple)) else made[0]


def _gradients(outputs: list[Any], inputs: list[Any], starts: list[torch.Tensor]) -> list[torch.Tensor]:
    pairs = [(plain(each), start) for each, start in zip(outputs, starts, strict=True) if each.requires_grad]
    if not pairs:
        return [torch.zeros_like(plain(each)) for each in inputs]
    results, directions = zip(*pairs, strict=True)
    found = torch.autograd.grad(results, inputs, directions, create_graph=True, allow_unused=True)
    return [torch.zeros_like(plain(one)) if each is None else each for each, one in zip(found, inputs, strict=True)]


def vjp(func: Callable[..., Any], xs: Any, v: Any = None) -> tuple[Any, Any]:
    """Return what a function gives, and the gradients of its inputs.

    Args:
        func: a function of tensors, which returns one or several.
        xs: the tensors, one or several.
        v: the gradients of the outputs. Default: None, ones.

    Raises:
        TypeError: the first is no function, or something is no tensor.
        RuntimeError: a gradient has not its output's shape.
    """
    inputs, outputs, listed = _computed(func, xs)
    found = _gradients(listed, inputs, _directions(v, listed))
    return outputs, _given(found, xs)


def jvp(func: Callable[..., Any], xs: Any, v: Any = None) -> tuple[Any, Any]:
    """Return what a function gives, and how fast it changes where its inputs change.

    Args:
        func: a function of tensors, which returns one or several.
        xs: the tensors, one or several.
        v: how they change. Default: None, ones.

    Raises:
        TypeError: the first is no function, or something is no tensor.
        RuntimeError: a change has not its input's shape.
    """
    inputs, outputs, listed = _computed(func, xs)
    changes = _directions(v, inputs)
    # the gradient by what the gradients of the outputs are: these come in linearly
    starts = [torch.zeros_like(plain(each)).requires_grad_() for each in listed]
    slopes = _gradients(listed, inputs, starts)
    return outputs, _given(_gradients(slopes, starts, changes), outputs)
