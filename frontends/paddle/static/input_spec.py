"""`InputSpec`: the shape and dtype of an input, which programs and exports are made for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ....backend import OperatorTypeError
from ..dtype import to_torch_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["InputSpec"]


class InputSpec:
    """What is known of an input before it is there.

    Args:
        shape: its sizes; None or a negative number for one that is free, which is kept as -1.
        dtype: a name or a dtype. Default: 'float32'.
        name: what it is called. Default: None.
        stop_gradient: whether gradients stop at it. Default: False.

    Raises:
        TypeError: the shape is no list or tuple.
        ValueError: a size is no integer.

    Example:
        >>> InputSpec([None, 3], "float32", "x").batch(4)
        InputSpec(shape=(4, -1, 3), dtype=paddle.float32, name=x, stop_gradient=False)
    """

    def __init__(
        self, shape: Sequence[int | None], dtype: Any = "float32", name: str | None = None, stop_gradient: bool = False
    ) -> None:
        if not isinstance(shape, (list, tuple)):
            msg = f"InputSpec: type of `shape` should be one of (tuple, list), but received {type(shape).__name__}."
            raise OperatorTypeError(msg)
        self.shape = _sizes(shape)
        self.dtype = to_torch_dtype(dtype)
        self.name = name
        self.stop_gradient = stop_gradient

    @classmethod
    def from_tensor(cls, tensor: torch.Tensor, name: str | None = None) -> InputSpec:
        """Return what a tensor is.

        Raises:
            ValueError: it is no tensor.
        """
        if not isinstance(tensor, torch.Tensor):
            msg = f"InputSpec: input `tensor` should be a Tensor, but received {type(tensor).__name__}."
            raise ValueError(msg)
        return cls(tuple(tensor.shape), tensor.dtype, name or getattr(tensor, "name", None))

    @classmethod
    def from_numpy(cls, ndarray: np.ndarray[Any, Any], name: str | None = None) -> InputSpec:
        """Return what an array is."""
        return cls(tuple(ndarray.shape), ndarray.dtype, name)

    def batch(self, batch_size: int | Sequence[int]) -> InputSpec:
        """Put the size of a batch in front.

        Args:
            batch_size: a number, or a list of one.

        Raises:
            ValueError: the list has another length.
            TypeError: it is no integer.
        """
        if isinstance(batch_size, (list, tuple)):
            if len(batch_size) != 1:
                msg = f"InputSpec: length of batch_size: {batch_size} shall be 1, but received {len(batch_size)}."
                raise ValueError(msg)
            batch_size = batch_size[0]
        if not isinstance(batch_size, (int, np.integer)):
            msg = f"InputSpec: type(batch_size) shall be `int`, but received {type(batch_size).__name__}."
            raise OperatorTypeError(msg)
        self.shape = (int(batch_size), *self.shape)
        return self

    def unbatch(self) -> InputSpec:
        """Take the first size away.

        Raises:
            ValueError: there is none.
        """
        if not self.shape:
            msg = "InputSpec: there is no size to unbatch: len(shape) == 0."
            raise ValueError(msg)
        self.shape = self.shape[1:]
        return self

    def _key(self) -> tuple[Any, ...]:
        return (self.shape, self.dtype, self.name, self.stop_gradient)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, InputSpec) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        dtype = str(self.dtype).replace("torch.", "paddle.")
        return f"InputSpec(shape={self.shape}, dtype={dtype}, name={self.name}, stop_gradient={self.stop_gradient})"


def _sizes(shape: Sequence[int | None]) -> tuple[int, ...]:
    for axis, size in enumerate(shape):
        if size is not None and not isinstance(size, (int, np.integer)):
            msg = f"InputSpec: shape[{axis}] should be an `int`, but received `{type(size).__name__}`:{size}."
            raise ValueError(msg)
    return tuple(-1 if size is None or size < 0 else int(size) for size in shape)
