"""How a tensor changes in MegEngine: the object gets other values, and memory that others read is never written.

So a tensor may share memory with what it was cut from. Only parameters are written where they are, by optimizers and
outside of `GradManager`; what is cut from them is a copy.
"""

from __future__ import annotations

import contextlib
from typing import Any, ClassVar, TypeVar
from weakref import WeakSet

import torch

from ...backend import OperatorError
from ..tensor import like, plain

__all__ = ["Recording", "leaf_again", "own", "rebind", "unrecorded"]

T = TypeVar("T", bound=torch.Tensor)


class Recording:
    """The gradient managers that record at present; one that nobody holds any more has stopped."""

    managers: ClassVar[WeakSet[Any]] = WeakSet()


def is_written(tensor: torch.Tensor) -> bool:
    """Whether updates write a tensor where it is: it is a parameter, or one by torch's own measure."""
    return tensor.is_leaf and tensor.requires_grad


def own(result: torch.Tensor, source: torch.Tensor) -> torch.Tensor:
    """Return what was cut from a tensor, copied where an update of the tensor would show in it."""
    if torch.compiler.is_compiling() or not is_written(source):
        return result
    return torch.clone(result)


def rebind(tensor: T, value: torch.Tensor) -> T:
    """Give a tensor other values, of any shape and dtype; whoever holds the tensor sees them.

    A parameter outside of `GradManager` stays a leaf, written in place if shape and dtype stay. While one records, it
    becomes what was computed, and gradients go through. Traced by `torch.compile`, the result is another tensor.
    """
    if tensor is value:
        return tensor
    if torch.compiler.is_compiling():
        return value  # type: ignore[return-value]
    if is_written(tensor) and not Recording.managers:
        with torch.no_grad():
            new = plain(value).detach()
            if new.shape == plain(tensor).shape and new.dtype == tensor.dtype:
                plain(tensor).copy_(new)
            else:
                tensor.data = new.clone()
        return tensor
    _become(tensor, value)
    return tensor


def unrecorded(tensor: torch.Tensor) -> None:
    """Cut a parameter off from what was computed of it before: while a manager records, that is constant.

    One that torch watches, as where it is compiled or has hooks, stays as it is.
    """
    # each attribute of a subclass would be dispatched, and this is done for every parameter in every step
    with torch._C.DisableTorchFunctionSubclass(), contextlib.suppress(RuntimeError):
        if is_written(tensor) and not tensor._backward_hooks:
            gradient = tensor.grad
            torch._C._swap_tensor_impl(tensor, torch.Tensor._make_subclass(type(tensor), tensor.detach(), True))
            tensor.grad = gradient


def leaf_again(tensor: torch.Tensor) -> None:
    """Cut a tensor off from what was recorded of it; a parameter goes on recording."""
    if not tensor.is_leaf:
        _become(tensor, plain(tensor).detach().clone(), isinstance(tensor, torch.nn.Parameter))


def _become(tensor: torch.Tensor, value: torch.Tensor, requires_grad: bool = False) -> None:
    if tensor.is_leaf and tensor.grad is not None:
        tensor.__dict__["_gradient"] = tensor.grad  # until it is a leaf again: torch's others have none
    # an object of its own, which is given up, so that `value` stays as it is
    other = like(torch.clone(plain(value)) if is_written(value) else torch.ops.aten.alias.default(plain(value)), tensor)
    if requires_grad:
        other = other.detach().requires_grad_()
    try:
        torch._C._swap_tensor_impl(tensor, other)
    except RuntimeError as error:  # torch has weak references to what is behind the tensor
        if tensor.requires_grad or other.requires_grad:
            msg = (
                f"a tensor that torch watches cannot change in place ({error}), as after retain_grad(). "
                f"Write x = x + y in place of x += y."
            )
            raise OperatorError(msg) from error
        tensor.data = other
    if tensor.is_leaf:
        gradient = tensor.__dict__.pop("_gradient", None)
        if gradient is not None and plain(gradient).shape == plain(tensor).shape:
            tensor.grad = gradient
