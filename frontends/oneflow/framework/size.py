"""Mirrors `oneflow.Size`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Size"]


class Size(tuple[int, ...]):
    """The shape of a tensor: a tuple that prints as OneFlow's and equals torch's.

    Args:
        iterable: integers, 0 and above. Default: none, the shape of a scalar.

    Raises:
        TypeError: an item is not an integer.

    Example:
        >>> Size((2, 3)), Size((2, 3)).numel(), Size((2, 3))[1:] + (4,)
        (oneflow.Size([2, 3]), 6, oneflow.Size([3, 4]))
    """

    def __new__(cls, iterable: Iterable[int] = (), /) -> Size:
        items = tuple(iterable)
        for position, item in enumerate(items):
            if not hasattr(item, "__index__"):
                msg = (
                    f"oneflow.Size() takes an iterable of 'int', but item '{position}' is '{type(item).__name__}': "
                    f"{item!r}. Convert it with int() first."
                )
                raise TypeError(msg)
        return super().__new__(cls, items)

    def numel(self) -> int:
        """Return how many elements a tensor of this shape has, 1 for a scalar."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"oneflow.Size([{', '.join(map(repr, self))}])"

    def __getitem__(self, index: Any) -> Any:
        item = super().__getitem__(index)
        return Size(item) if isinstance(index, slice) else item

    def __add__(self, other: tuple[Any, ...]) -> Any:
        return Size(super().__add__(other))

    def __mul__(self, count: Any) -> Any:
        return Size(super().__mul__(count))

    __rmul__ = __mul__
