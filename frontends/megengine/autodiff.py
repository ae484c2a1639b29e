"""Mirrors `megengine.autodiff`: `GradManager`, MegEngine's way to gradients, and `Function`, on torch's autograd."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from torch.utils.weak import WeakIdKeyDictionary

from .arguments import ArgumentError
from .rebinding import Recording, leaf_again, unrecorded
from .tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from typing_extensions import Self

    Callback: TypeAlias = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

__all__ = ["Function", "GradManager"]


class Function:
    """An operation with a gradient of its own: `forward(*inputs)`, and `backward(*output_grads)` of the same object.

    An object is called once.

    Example:
        >>> from fourfold.frontends.megengine import Parameter
        >>> class Doubled(Function):
        ...     def forward(self, x):
        ...         return x * 2
        ...
        ...     def backward(self, dy):
        ...         return dy * 2
        >>> weight = Parameter([1.0, 2.0])
        >>> with GradManager().attach(weight) as manager:
        ...     manager.backward(Doubled()(weight).sum())
        >>> weight.grad.tolist()
        [2.0, 2.0]
    """

    def __call__(self, *args: Any) -> Any:
        for each in args:
            if not isinstance(each, torch.Tensor):
                msg = f"op Function expect type Tensor as inputs, got {type(each)}. Use megengine.tensor()."
                raise TypeError(msg)
        found = _Applied.apply(self, *args)  # type: ignore[no-untyped-call]
        return list(found) if isinstance(found, tuple) else found

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Return what is computed, a tensor or a tuple of tensors: to be written by who derives a class."""
        raise NotImplementedError

    def backward(self, *output_grads: Any) -> Any:
        """Return the gradients by the inputs, or None for one: to be written by who derives a class."""
        raise NotImplementedError


class _Applied(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, function: Function, *args: Any) -> Any:
        ctx.function = function
        ctx.set_materialize_grads(False)
        found = function.forward(*args)
        return found if isinstance(found, torch.Tensor) else tuple(found)

    @staticmethod
    def backward(ctx: Any, *output_grads: Any) -> Any:
        found = ctx.function.backward(*(each if each is None else each.as_subclass(Tensor) for each in output_grads))
        return (None, found) if found is None or isinstance(found, torch.Tensor) else (None, *found)


class GradManager:
    """Accumulates gradients of what is computed inside `with manager:` into `.grad` of the attached tensors.

    Attached tensors are held weakly. Parameters record gradients outside of `with` too, as everywhere in torch; what
    was computed there, or while another recording went on, is constant to this one.

    Example:
        >>> from fourfold.frontends.megengine import Parameter
        >>> weight = Parameter([2.0, 3.0])
        >>> with GradManager().attach(weight) as manager:
        ...     manager.backward((weight * weight).sum())
        >>> weight.grad.tolist()
        [4.0, 6.0]
    """

    def __init__(self) -> None:
        # by object, not by what torch has behind it, which in-place operators exchange
        self._callbacks: Any = WeakIdKeyDictionary()
        self._switched: list[torch.Tensor] = []
        # where gradients come together, from the beginning of the recording: later the tensor may be something else
        self._edges: Any = WeakIdKeyDictionary()
        self._recording = False

    def attached_tensors(self) -> list[torch.Tensor]:
        """Return the attached tensors that are still alive."""
        return list(self._callbacks.keys())

    def attach(
        self,
        tensors: torch.Tensor | Iterable[torch.Tensor],
        callbacks: Callback | Iterable[Callback] | None = None,
    ) -> Self:
        """Ask for gradients of tensors, each passed through `callbacks` `(tensor, grad) -> grad` in turn.

        Raises:
            AssertionError: an object is not a tensor, or not of floating dtype (ValueError, RuntimeError too).
        """
        new = [callbacks] if callable(callbacks) else list(callbacks or ())
        wanted = [tensors] if isinstance(tensors, torch.Tensor) else list(tensors)
        for tensor in wanted:
            if not isinstance(tensor, torch.Tensor):
                msg = f"Object to be attached should be Tensor, got {type(tensor).__name__}. Use megengine.tensor()."
                raise ArgumentError(msg)
            if not (tensor.is_floating_point() or tensor.is_complex()):
                msg = (
                    f"Only tensors of floating point dtype can be attached to get gradients, "
                    f"get tensor dtype: {tensor.dtype} and shape: {tuple(tensor.shape)}. Use astype('float32')."
                )
                raise ArgumentError(msg)
        for tensor in wanted:
            self._callbacks.setdefault(tensor, []).extend(new)
            if self._recording:
                self._record(tensor)
        return self

    def record(self) -> None:
        """Start to record; `with manager:` does so, and releases at its end."""
        if self._recording:
            msg = "already recording; call backward() or release() first."
            raise RuntimeError(msg)
        self._recording = True
        Recording.managers.add(self)
        others = [manager for manager in Recording.managers if manager is not self]
        for tensor in self.attached_tensors():
            if not any(tensor in manager._edges for manager in others):
                unrecorded(tensor)
            self._record(tensor)

    def backward(self, y: Any = None, dy: Any = None) -> None:
        """Add the gradients of `y`, weighted by `dy`, to `.grad` of the attached tensors, and stop recording.

        Args:
            y: a tensor or a list of them; None has no gradients.
            dy: weights of the shapes of `y`. Default: ones.

        Raises:
            RuntimeError: nothing is being recorded.
        """
        if not self._recording:
            msg = "no computation history. did you forget record() or call a method that clears the history?"
            raise RuntimeError(msg)
        try:
            outputs = [output for output in _listed(y) if output.requires_grad]
            weights = [torch.ones_like(output) for output in _listed(y)] if dy is None else _listed(dy)
            if len(weights) != len(_listed(y)):
                msg = f"dy has {len(weights)} tensors and y has {len(_listed(y))}. Give one weight per output."
                raise ArgumentError(msg)
            weights = [weight for weight, output in zip(weights, _listed(y), strict=True) if output.requires_grad]
            tensors = list(self._edges.keys()) if outputs else []
            edges = [self._edges[tensor] for tensor in tensors]
            grads = torch.autograd.grad(outputs, edges, weights, allow_unused=True) if edges else ()
        finally:
            self.release()
        for tensor, grad in zip(tensors, grads, strict=True):
            if grad is not None:
                self._accumulate(tensor, grad)

    def release(self) -> None:
        """Stop recording; tensors that recorded gradients only for this manager no longer do."""
        Recording.managers.discard(self)
        self._recording = False
        for tensor, edge in self._edges.items():
            if hasattr(edge.node, "variable"):  # it was a leaf
                leaf_again(tensor)
        self._edges.clear()
        while self._switched:
            self._switched.pop().requires_grad_(False)

    def __enter__(self) -> Self:
        self.record()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def __or__(self, other: Any) -> Group:
        return Group((self,)).__or__(other)

    __ror__ = __or__

    def _record(self, tensor: torch.Tensor) -> None:
        if not tensor.requires_grad:
            tensor.requires_grad_(True)
            self._switched.append(tensor)
        if tensor not in self._edges and tensor.requires_grad:
            with torch._C.DisableTorchFunctionSubclass():
                self._edges[tensor] = torch.autograd.graph.get_gradient_edge(tensor)

    def _accumulate(self, tensor: torch.Tensor, grad: torch.Tensor) -> None:
        for callback in self._callbacks[tensor]:
            grad = callback(tensor, grad)
        if not tensor.is_leaf:
            tensor.retain_grad()  # torch warns about .grad of other tensors
        tensor.grad = grad if tensor.grad is None else tensor.grad + grad


class Group:
    """Several managers, which record together: `with first | second:`."""

    def __init__(self, managers: Iterable[GradManager]) -> None:
        self._managers = tuple(managers)

    def __or__(self, other: Any) -> Group:
        if not isinstance(other, (GradManager, Group)):
            return NotImplemented
        return Group((*self._managers, *((other,) if isinstance(other, GradManager) else other._managers)))

    __ror__ = __or__

    def __enter__(self) -> None:
        for manager in self._managers:
            manager.record()

    def __exit__(self, *_: object) -> None:
        for manager in reversed(self._managers):
            manager.release()


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
