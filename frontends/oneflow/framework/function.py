"""Mirrors `oneflow.autograd.Function`."""

from __future__ import annotations

import functools
from typing import Any, NoReturn

import torch

__all__ = ["Function"]


class Function:
    """An operation with a gradient of its own: `forward(ctx, *inputs)` and `backward(ctx, *out_grads)`, both static.

    It is applied by `apply`, or by calling an object of the class.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> class Double(Function):
        ...     @staticmethod
        ...     def forward(ctx, x):
        ...         return 2 * x
        ...
        ...     @staticmethod
        ...     def backward(ctx, grad):
        ...         return 2 * grad
        >>> x = flow.ones(2, requires_grad=True)
        >>> Double.apply(x).sum().backward()
        >>> x.grad
        tensor([2., 2.], dtype=oneflow.float32)
    """

    def __init__(self) -> None:
        """Take nothing."""

    def __call__(self, *inputs: Any) -> Any:
        return self.apply(*inputs)

    @classmethod
    def apply(cls, *inputs: Any) -> Any:
        """Apply the operation."""
        return _operation(cls).apply(*inputs)  # type: ignore[no-untyped-call, arg-type]

    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> NoReturn:
        """Compute the outputs: to be written by who derives a class."""
        msg = "You must implement the forward function for custom autograd.Function."
        raise NotImplementedError(msg)

    @staticmethod
    def backward(ctx: Any, *out_grads: Any) -> NoReturn:
        """Compute the gradients by the inputs: to be written by who derives a class."""
        msg = "You must implement the backward function for custom autograd.Function."
        raise NotImplementedError(msg)


@functools.cache
def _operation(kind: type[Function]) -> type[torch.autograd.Function]:
    """Return torch's class of an operation."""
    both = {"forward": staticmethod(kind.forward), "backward": staticmethod(kind.backward)}
    return type(kind.__name__, (torch.autograd.Function,), both)
