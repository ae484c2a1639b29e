"""Mirrors `paddle.autograd.PyLayer`: an operation with a gradient of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

import torch

from ...backend import OperatorError
from ..tensor import plain
from .tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PyLayer", "PyLayerContext"]

_KEPT = object()


class PyLayerContext:
    """What `forward` leaves to `backward`: tensors, and whatever is set on it."""

    def __init__(self) -> None:
        """Begin without anything."""
        self._saved: tuple[Any, ...] | None = None  # once forward has returned, `_KEPT` for what torch keeps
        self._kept: tuple[torch.Tensor, ...] = ()
        self._same: tuple[torch.Tensor, ...] = ()
        self._constant: tuple[torch.Tensor, ...] = ()
        self._materialize = True

    def save_for_backward(self, *tensors: Any) -> None:
        """Keep tensors for backward; the last call counts."""
        self._saved = tensors

    def saved_tensor(self) -> tuple[Any, ...] | None:
        """Return what was kept; None where nothing was."""
        kept = iter(self._kept)
        found = (next(kept).as_subclass(Tensor) if each is _KEPT else each for each in self._saved or ())
        return None if self._saved is None else tuple(found)

    def mark_not_inplace(self, *args: Any) -> None:
        """Say which inputs, returned as they are, become tensors of their own."""
        self._same = args

    def mark_non_differentiable(self, *args: Any) -> None:
        """Say which outputs take no gradients."""
        self._constant = args

    def set_materialize_grads(self, value: bool) -> None:
        """Say whether backward gets zeros, as by default, or None for outputs that nothing depends on."""
        self._materialize = value

    def set_grad_in_dtype_consistent(self, flag: bool) -> None:
        """Do nothing: a gradient has the dtype of its output in any case."""


class PyLayer:
    """An operation with a gradient of its own: `forward(ctx, ...)` and `backward(ctx, *gradients)`, both static.

    `backward` returns a gradient for each argument that is a tensor, and a list of them for one that is a list of
    tensors; None for one that stops gradients.

    Example:
        >>> class Double(PyLayer):
        ...     @staticmethod
        ...     def forward(ctx, x, times):
        ...         ctx.times = times
        ...         return x * times
        ...
        ...     @staticmethod
        ...     def backward(ctx, gradient):
        ...         return gradient * ctx.times
        >>> from fourfold.frontends import paddle
        >>> x = paddle.to_tensor([1.0], stop_gradient=False)
        >>> Double.apply(x, 2).backward()
        >>> x.grad.numpy()
        array([2.], dtype=float32)
    """

    @staticmethod
    def forward(ctx: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs: to be written by who derives a class."""
        msg = "You must implement the forward function for PyLayer."
        raise NotImplementedError(msg)

    @staticmethod
    def backward(ctx: Any, *args: Any) -> Any:
        """Compute the gradients by the inputs: to be written by who derives a class."""
        msg = "You must implement the backward function for PyLayer."
        raise NotImplementedError(msg)

    @classmethod
    def apply(cls, *args: Any, **kwargs: Any) -> Any:
        """Apply the operation.

        An input that `forward` returns is written in place: it is the result, and takes its gradients from here on.

        Raises:
            ValueError: no output is a tensor, or one is a leaf that takes gradients.
        RuntimeError: an input that is written in place has been used by another operation.
        """
        call = _Call(cls, args, kwargs)
        return call.result(_Operation.apply(call, *call.tensors))  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class _Slot:
    """An argument or an output that holds tensors.

    Attributes:
        listed: whether it is a list or tuple of them.
        shapes: theirs.
        learned: whether they take gradients.
    """

    listed: bool
    shapes: tuple[tuple[int, ...], ...]
    learned: tuple[bool, ...]


class _Call:
    """One application of an operation; torch's graph keeps it, so that it keeps no tensor once that is done."""

    def __init__(self, operation: type[PyLayer], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.operation, self.args, self.kwargs = operation, args, kwargs
        self.context = PyLayerContext()
        self.tensors = _tensors((*args, *kwargs.values()))
        self.slots = _slots((*args, *kwargs.values()))
        self.in_place: dict[int, torch.Tensor] = {}

    def forward(self) -> list[torch.Tensor]:
        """Compute the outputs, and return their tensors."""
        self.outputs = self.operation.forward(self.context, *self.args, **self.kwargs)
        listed = self.outputs if isinstance(self.outputs, (list, tuple)) else [self.outputs]
        self.results, found = _slots(listed), _tensors(listed)
        if not found:
            msg = f"{self.operation.__name__}: at least one output of `PyLayer.forward` is a `Tensor`."
            raise OperatorError(msg)
        apart = {id(each) for each in self.context._same}
        given = {id(each) for each in self.tensors}
        for index, tensor in enumerate(found):
            if id(tensor) in given:
                found[index] = tensor.detach()
                if id(tensor) not in apart:
                    self._check_leaf(tensor)
                    self.in_place[index] = tensor
        return found

    def _check_leaf(self, tensor: torch.Tensor) -> None:
        if tensor.requires_grad and tensor.is_leaf:
            msg = (
                f"{self.operation.__name__}: Leaf Var ({getattr(tensor, 'name', 'tensor')}) that doesn't stop gradient "
                f"can't use inplace strategy. Return its clone(), or call ctx.mark_not_inplace() of it."
            )
            raise OperatorError(msg)

    def result(self, tensors: Any) -> Any:
        """Return the outputs with these tensors in their places, an input that is written in place as itself."""
        found = list(tensors)
        for index, tensor in self.in_place.items():
            try:
                torch.utils.swap_tensors(tensor, found[index])  # type: ignore[no-untyped-call]
            except RuntimeError as error:
                msg = (
                    f"{self.operation.__name__}.forward returns an input, which makes it the result, in place; another "
                    f"operation has used it already. Return its clone(), or call ctx.mark_not_inplace() of it."
                )
                raise RuntimeError(msg) from error
            found[index] = tensor
        outputs, left = self.outputs, iter(found)
        del self.args, self.kwargs, self.tensors, self.in_place, self.outputs
        if isinstance(outputs, (list, tuple)):
            return type(outputs)([_refilled(each, left) for each in outputs])
        return _refilled(outputs, left)

    def backward(self, gradients: tuple[Any, ...]) -> list[Any]:
        """Return the gradients of the tensors among the arguments."""
        left = iter(None if each is None else each.as_subclass(Tensor) for each in gradients)
        given = [[next(left) for _ in slot.shapes] if slot.listed else next(left) for slot in self.results]
        found = self.operation.backward(self.context, *given)
        found = list(found) if isinstance(found, tuple) else [found]
        if len(found) > len(self.slots):
            self._refuse(f"The number of outputs of `PyLayer.backward` should be {len(self.slots)}, not {len(found)}.")
        if any(any(slot.learned) for slot in self.slots[len(found) :]):
            self._refuse(f"backward returns {len(found)} gradients, where {len(self.slots)} inputs are tensors.")
        found += [[None] * len(slot.shapes) if slot.listed else None for slot in self.slots[len(found) :]]
        return [one for place, slot in enumerate(self.slots) for one in self._checked(place, slot, found[place])]

    def _checked(self, place: int, slot: _Slot, gradient: Any) -> list[Any]:
        if not slot.listed and gradient is not None and not slot.learned[0]:
            self._refuse(f"backward should return None at {place}: the input there stops gradients.")
        if slot.listed and not (isinstance(gradient, (list, tuple)) and len(gradient) == len(slot.shapes)):
            self._refuse(f"backward should return a list of {len(slot.shapes)} gradients at {place}, not {gradient!r}.")
        listed = gradient if slot.listed else [gradient]
        for one, shape in zip(listed, slot.shapes, strict=True):
            if one is not None and not isinstance(one, torch.Tensor):
                self._refuse(f"backward returns tensors and None, but got {one!r} at {place}.")
            if one is not None and tuple(one.shape) != shape:
                self._refuse(f"the gradient at {place} has shape {list(one.shape)}, its input {list(shape)}.")
        return [None if one is None else plain(one) for one in listed]

    def _refuse(self, said: str) -> NoReturn:
        msg = f"{self.operation.__name__}: {said}"
        raise OperatorError(msg)


class _Operation(torch.autograd.Function):
    """The operation that torch records."""

    @staticmethod
    def forward(ctx: Any, call: _Call, *tensors: torch.Tensor) -> tuple[torch.Tensor, ...]:
        found, context = call.forward(), call.context
        ctx.set_materialize_grads(context._materialize)
        ctx.mark_non_differentiable(*context._constant)
        if context._saved is not None:
            ctx.save_for_backward(*(each for each in context._saved if isinstance(each, torch.Tensor)))
            context._saved = tuple(_KEPT if isinstance(each, torch.Tensor) else each for each in context._saved)
        context._same = context._constant = ()
        ctx.call = call
        return tuple(found)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        context = ctx.call.context
        context._kept = ctx.saved_tensors
        try:
            return None, *ctx.call.backward(gradients)
        finally:
            context._kept = ()


def _held(value: Any) -> list[torch.Tensor]:
    """Return a tensor, or those in a list or tuple."""
    if isinstance(value, torch.Tensor):
        return [value]
    return [each for each in value if isinstance(each, torch.Tensor)] if isinstance(value, (list, tuple)) else []


def _tensors(values: Any) -> list[torch.Tensor]:
    return [tensor for value in values for tensor in _held(value)]


def _slots(values: Any) -> list[_Slot]:
    return [
        _Slot(
            not isinstance(value, torch.Tensor),
            tuple(tuple(each.shape) for each in _held(value)),
            tuple(each.requires_grad for each in _held(value)),
        )
        for value in values
        if _held(value)
    ]


def _refilled(value: Any, tensors: Iterator[torch.Tensor]) -> Any:
    if isinstance(value, torch.Tensor):
        return next(tensors)
    if not _held(value):
        return value
    return type(value)([next(tensors) if isinstance(each, torch.Tensor) else each for each in value])
