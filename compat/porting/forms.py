"""How the values of a tensor lie in a framework, beside how they lie in torch. Every form is a bijection."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from .kinds import Layer

Array = npt.NDArray[Any]
Shape = tuple[int, ...]
Values = TypeVar("Values", Array, torch.Tensor)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to lay a tensor out.

    Attributes:
        name: what is done to torch's tensor, as a report says it.
        shape: from torch's shape and the layer to the shape in the framework.
        torch_shape: back again; None where the framework's shape does not tell torch's.
        transposed: whether the two axes are swapped; otherwise the values lie in the same order.
    """

    name: str
    shape: Callable[[Shape, Layer], Shape]
    torch_shape: Callable[[Shape, Layer], Shape] | None
    transposed: bool = False

    def to_torch(self, values: Values, torch_shape: Shape) -> Values:
        """Lay an array or tensor of this form out as torch does; the result shares no memory with it.

        Args:
            values: of the shape that `shape` gives.
            torch_shape: the shape in torch.
        """
        return _copied(self._turned(values, torch_shape))

    def from_torch(self, values: Values, layer: Layer) -> Values:
        """Lay an array or tensor of torch's out in this form: the inverse of `to_torch`."""
        return _copied(self._turned(values, self.shape(tuple(values.shape), layer)))

    def to(self, other: Form, values: Values, torch_shape: Shape, layer: Layer) -> Values:
        """Lay an array or tensor of this form out in another, by one copy; the result shares no memory with it.

        Args:
            other: the other form.
            values: of the shape that `shape` gives.
            torch_shape: the shape in torch.
            layer: the layer that owns it.
        """
        return _copied(other._turned(self._turned(values, torch_shape), other.shape(torch_shape, layer)))

    def _turned(self, values: Values, shape: Shape) -> Values:
        return values.T if self.transposed else values.reshape(shape)


def _copied(values: Values) -> Values:
    if isinstance(values, torch.Tensor):
        return values.clone(memory_format=torch.contiguous_format)
    return np.array(values, order="C")


def _grouped(shape: Shape, layer: Layer) -> Shape:
    return shape if layer.groups == 1 else (layer.groups, shape[0] // layer.groups, *shape[1:])


def _ungrouped(shape: Shape, layer: Layer) -> Shape:
    return shape if layer.groups == 1 else (shape[0] * shape[1], *shape[2:])


SAME = Form("as is", lambda shape, layer: shape, lambda shape, layer: shape)
TRANSPOSED = Form("transposed", lambda shape, layer: shape[::-1], lambda shape, layer: shape[::-1], transposed=True)
# (C_in, ...) <-> (groups, C_in / groups, ...) where there are groups
GROUPED = Form("groups as an axis", _grouped, _ungrouped)
# (C) <-> (1, C, 1, 1, 1), with as many ones as the convolution has axes
CHANNEL_AXIS = Form("channel axis", lambda shape, layer: (1, *shape) + (1,) * layer.axes, lambda shape, _: shape[1:2])
# (C) <-> (1, C, 1, 1), whatever the number of axes
CHANNEL_OF_FOUR = Form("channel axis of four", lambda shape, _: (1, *shape, 1, 1), lambda shape, _: shape[1:2])
FLAT = Form("flattened", lambda shape, _: (math.prod(shape),), None)
