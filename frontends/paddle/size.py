"""What `Tensor.shape` and `Tensor.size` return: Paddle's values, which torch's own Python code can use too."""

from __future__ import annotations

import itertools
import math
import operator
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Size", "TensorSize"]


class Size(list[int]):
    """A shape: a list, equal to tuples and `torch.Size` with the same numbers.

    >>> Size([2, 3]) == (2, 3), Size([2, 3]) != torch.Size([2, 3]), (1,) + Size([2])
    (True, False, paddle.Size([1, 2]))
    """

    __hash__ = None

    def __init__(self, iterable: Iterable[Any] = (), /) -> None:
        super().__init__(iterable if type(iterable) is torch.Size else map(_whole, itertools.count(), iterable))

    def numel(self) -> int:
        """Return the number of elements that a tensor of this shape has.

        >>> Size([2, 3]).numel()
        6
        """
        return math.prod(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, (list, tuple)) and list(self) == list(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __add__(self, other: Any) -> Size:  # type: ignore[override]
        return Size([*self, *other])

    def __radd__(self, other: Any) -> Size:
        return Size([*other, *self])

    def __getitem__(self, index: Any) -> Any:
        item = super().__getitem__(index)
        return Size(item) if isinstance(item, list) else item

    def __repr__(self) -> str:
        return f"paddle.Size({list(self)})"


def _whole(index: int, item: Any) -> int:
    try:
        return operator.index(item)
    except TypeError:
        msg = f"paddle.Size() takes an iterable of 'int' (item {index} is {type(item).__name__!r})."
        raise TypeError(msg) from None


class TensorSize(int):
    """The number of elements of a tensor, which gives the shape when called as `torch.Tensor.size` is."""

    shape: torch.Size

    def __new__(cls, shape: torch.Size) -> TensorSize:
        size = super().__new__(cls, math.prod(shape))
        size.shape = shape
        return size

    def __call__(self, dim: int | None = None) -> Any:
        return Size(self.shape) if dim is None else self.shape[dim]
