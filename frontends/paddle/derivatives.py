"""Mirrors what `paddle.autograd` has beside operations of one's own: matrices of derivatives, backward, hooks."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import torch

from ..tensor import plain
from .tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["backward", "hessian", "jacobian", "saved_tensors_hooks"]


class Rows:
    """A matrix of derivatives, whose rows are computed when they are asked for, once.

    Args:
        outputs: (M,), or (B, M) with a batch.
        inputs: of which the matrix has a column for each value, or each but for the batch.
        batched: whether the first axis of all is a batch, on which no other of the batch depends. Default: False.
        flat: whether there is one output, whose row is the whole. Default: False.
        single: whether there is one input, a number, so that a row is one. Default: False.
        shape: of the matrix as it is said. Default: None, as it is.
    """

    def __init__(
        self,
        outputs: torch.Tensor,
        inputs: Sequence[torch.Tensor],
        *,
        batched: bool = False,
        flat: bool = False,
        single: bool = False,
        shape: Any = None,
    ) -> None:
        self._outputs, self._inputs, self._batched, self._flat = outputs, list(inputs), batched, flat
        self._single = single
        self._known: dict[int, torch.Tensor] = {}
        start = 1 if batched else 0
        columns = sum(max(1, int(plain(each)[0].numel() if batched else plain(each).numel())) for each in self._inputs)
        rows = () if flat else (outputs.shape[-1],)
        self._whole = (*plain(outputs).shape[:start], *rows, *(() if single else (columns,)))
        self._shape = list(self._whole) if shape is None else shape

    @property
    def shape(self) -> Any:
        """The shape of the matrix."""
        return self._shape

    def row(self, index: int) -> torch.Tensor:
        """Return the derivatives of one output, by all inputs."""
        if index not in self._known:
            output = plain(self._outputs)
            found = self._gradient((output if self._flat else output[..., index]).sum())
            self._known[index] = found.reshape(()) if self._single else found
        return self._known[index]

    def _gradient(self, output: torch.Tensor) -> torch.Tensor:
        found: Sequence[torch.Tensor | None] = [None] * len(self._inputs)
        if output.requires_grad:
            found = torch.autograd.grad(output, self._inputs, create_graph=True, allow_unused=True)
        parts = []
        for gradient, each in zip(found, self._inputs, strict=True):
            values = torch.zeros_like(plain(each)) if gradient is None else plain(gradient)
            parts.append(values.reshape(len(values), -1) if self._batched else values.reshape(-1))
        return torch.cat(parts, -1)

    def __getitem__(self, index: Any) -> Tensor:
        asked = list(index) if isinstance(index, tuple) else [index]
        for each in asked:
            if each is Ellipsis:
                msg = "Ellipsis index currently is not supported. Give slices."
                raise IndexError(msg)
            if not isinstance(each, (int, slice)):
                msg = f"Not supported index type {each!r}; give integers and slices."
                raise TypeError(msg)
        if not self._whole:
            msg = "0-D tensor can not be indexed."
            raise IndexError(msg)
        asked += [slice(None)] * (len(self._whole) - len(asked))
        if self._flat:
            return self._indexed(self.row(0), asked)
        at = 1 if self._batched else 0
        wanted = range(self._whole[at])[asked[at]]
        if isinstance(wanted, int):
            rows = self.row(wanted)
            del asked[at]
        else:
            rows = torch.stack([self.row(each) for each in wanted], at)
            asked[at] = slice(None)
        return self._indexed(rows, asked)

    def _indexed(self, values: torch.Tensor, asked: list[Any]) -> Tensor:
        found: Tensor = values[tuple(asked)].as_subclass(Tensor)
        return found


class Jacobian(Rows):
    """A matrix of derivatives that computes as a tensor does."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self[:], name)

    __hash__ = object.__hash__


def _with(name: str) -> Callable[[Jacobian, Any], Any]:
    compute: Callable[..., Any] = getattr(operator, name)

    def computed(self: Jacobian, other: Any) -> Any:
        return compute(self[:], other[:] if isinstance(other, Jacobian) else other)

    return computed


for each in ("add sub mul truediv pow mod floordiv matmul", "eq ne lt le gt ge"):
    for name in each.split():
        setattr(Jacobian, f"__{name}__", _with(name))


class Hessian(Jacobian):
    """A matrix of second derivatives."""


def _check_axis(batch_axis: Any) -> None:
    if batch_axis is not None and (batch_axis != 0 or isinstance(batch_axis, bool)):
        msg = f"batch_axis should be None or 0, but got {batch_axis!r}."
        raise ValueError(msg)


def _matrix(output: torch.Tensor, input: torch.Tensor, batched: bool, kind: type[Jacobian] = Jacobian) -> Jacobian:
    least = 1 if batched else 0
    for name, each in (("xs", input), ("ys", output)):
        if not least <= len(each.shape) <= least + 1:
            msg = f"{name}.ndim should be {least} or {least + 1} when is_batched={batched} but got {len(each.shape)}."
            raise ValueError(msg)
    shape = [*output.shape, *input.shape[least:]]
    if batched:
        return kind(plain(output).reshape(len(output), -1), [input], batched=True, shape=shape)
    return kind(output, [input], flat=not output.shape, single=not input.shape, shape=shape)


def jacobian(ys: Any, xs: Any, batch_axis: int | None = None) -> Any:
    """Return the derivatives of `ys` by `xs`, computed where the result is indexed.

    Args:
        ys: (M,) or a number; with a batch (B,) or (B, M). Several in a tuple or list.
        xs: what they were computed from, of such shapes. Several in a tuple or list.
        batch_axis: 0 where the first axis is a batch. Default: None.

    Returns:
        a matrix, which is indexed by integers and slices; for several `xs` a tuple of them, for several `ys` one of
        these.

    Raises:
        ValueError: an axis is not 0, or a tensor has too many.
    """
    _check_axis(batch_axis)
    if isinstance(ys, (list, tuple)):
        return tuple(jacobian(each, xs, batch_axis) for each in ys)
    if isinstance(xs, (list, tuple)):
        return tuple(jacobian(ys, each, batch_axis) for each in xs)
    return _matrix(ys, xs, batch_axis is not None)


def hessian(ys: Any, xs: Any, batch_axis: int | None = None) -> Any:
    """Return the second derivatives of one number, or one of each of a batch, by `xs`.

    Args:
        ys: the number; with a batch (B,) or (B, 1).
        xs: what it was computed from. Several in a tuple or list.
        batch_axis: 0 where the first axis is a batch. Default: None.

    Returns:
        for one `xs` a matrix, which is indexed by integers and slices; for several a tuple of tuples.

    Raises:
        ValueError: `ys` is more than one number, or as in `jacobian`.
    """
    _check_axis(batch_axis)
    numbers = ys.numel() if batch_axis is None else plain(ys)[0].numel()
    if int(numbers) != 1:
        each = "" if batch_axis is None else " for each of the batch"
        msg = f"ys holds {int(numbers)} numbers{each}; only one can be derived twice."
        raise ValueError(msg)
    listed = list(xs) if isinstance(xs, (list, tuple)) else [xs]
    total = plain(ys).sum()
    first = torch.autograd.grad(total, listed, create_graph=True, allow_unused=True) if total.requires_grad else listed
    slopes = [
        torch.zeros_like(plain(each)) if slope is None or not total.requires_grad else plain(slope)
        for each, slope in zip(listed, first, strict=True)
    ]
    made = tuple(tuple(_matrix(slope, each, batch_axis is not None, Hessian) for each in listed) for slope in slopes)
    return made if isinstance(xs, (list, tuple)) else made[0][0]


def backward(
    tensors: Any, grad_tensors: Any = None, retain_graph: bool = False, *, dump_backward_graph_path: str | None = None
) -> None:
    """Add gradients to the leaves that tensors were computed from.

    Args:
        tensors: a tensor, or several.
        grad_tensors: the gradients to start from, None for ones. Default: None, ones everywhere.
        retain_graph: whether the graph can be walked again. Default: False.
        dump_backward_graph_path: only None: nothing is written.

    Raises:
        AssertionError: something is no tensor, or given twice.
        NotImplementedError: a path is given.
    """
    if dump_backward_graph_path is not None:
        msg = f"dump_backward_graph_path={dump_backward_graph_path!r} is not served: no graph is written here."
        raise NotImplementedError(msg)
    outputs = list(tensors) if isinstance(tensors, (list, tuple)) else [tensors]
    _require(bool(outputs), "tensors cannot be empty")
    for each in outputs:
        _require(isinstance(each, torch.Tensor), f"tensors must be Tensor or list of Tensor, and not {each!r}")
    alike = len({id(each) for each in outputs}) == len(outputs)
    _require(alike, "The argument 'tensors' contains duplicate paddle.Tensor object")
    _require(isinstance(retain_graph, bool), f"retain_graph must be True or False, and not {retain_graph!r}")
    starts = list(grad_tensors) if isinstance(grad_tensors, (list, tuple)) else [grad_tensors]
    starts = [None] * len(outputs) if grad_tensors is None else starts
    _require(len(starts) == len(outputs), "The length of grad_tensors must be equal to tensors")
    for each in starts:
        kinds = (torch.Tensor, type(None))
        _require(isinstance(each, kinds), f"'grad_tensors' can be None, a Tensor or a list of them, and not {each!r}")
    ones = [
        torch.ones_like(plain(one)) if start is None else plain(start)
        for one, start in zip(outputs, starts, strict=True)
    ]
    torch.autograd.backward([plain(each) for each in outputs], ones, retain_graph)


def _require(held: bool, msg: str) -> None:
    if not held:
        raise AssertionError(msg)


class saved_tensors_hooks(torch.autograd.graph.saved_tensors_hooks):  # noqa: N801, its name
    """Give what operations inside a `with` keep for backward to a function, and what that returned to another.

    Which tensors an operation keeps is torch's choice.

    Args:
        pack_hook: takes a tensor, and returns what is kept in its place.
        unpack_hook: takes that, and returns the tensor.
    """

    def __init__(self, pack_hook: Callable[[Any], Any], unpack_hook: Callable[[Any], Any]) -> None:
        super().__init__(lambda tensor: pack_hook(tensor.as_subclass(Tensor)), lambda kept: plain(unpack_hook(kept)))
