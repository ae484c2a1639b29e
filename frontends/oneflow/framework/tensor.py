"""Mirrors `oneflow.Tensor`."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch

from ...tensor import FrontendTensor, plain
from .operators import Operators
from .size import Size

__all__ = ["KINDS", "Tensor"]

LINE_WIDTH = 80
GRAD: Any = torch.Tensor.grad
KINDS = {
    torch.float32: "FloatTensor",
    torch.float64: "DoubleTensor",
    torch.float16: "HalfTensor",
    torch.bool: "BoolTensor",
    torch.uint8: "ByteTensor",
    torch.int8: "CharTensor",
    torch.int32: "IntTensor",
    torch.int64: "LongTensor",
}

# What torch appends to the values; OneFlow's own list replaces it.
SUFFIXES = re.compile(r"(,\s+(dtype=torch\.\w+|device='[^']*'|size=\([^)]*\)))*\)$")


class Tensor(Operators, FrontendTensor):
    """A torch tensor with OneFlow's habits; operations on it give tensors of this class.

    `numpy()` works while gradients are recorded and shares memory on the CPU; `shape` and `size()` give an
    `oneflow.Size`; it prints as OneFlow's does.

    Args:
        args: as for `torch.Tensor`: sizes, an `oneflow.Size`, or values (a sequence or NumPy array). The dtype is
            the default one, float32; a tensor's stays. Values are copied.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> x = flow.Tensor([1.0, 2.0]).requires_grad_()
        >>> x
        tensor([1., 2.], dtype=oneflow.float32, requires_grad=True)
        >>> x.numpy(), x.shape, flow.Tensor(2, 3).shape
        (array([1., 2.], dtype=float32), oneflow.Size([2]), oneflow.Size([2, 3]))
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Tensor:
        if len(args) == 1 and not isinstance(args[0], int) and not kwargs:
            (data,) = args
            if isinstance(data, Size):
                args = tuple(data)
            elif isinstance(data, torch.Tensor):
                return plain(data).clone().as_subclass(cls)
            else:
                # a copy, also of an array, whose memory torch's constructor would share
                return torch.tensor(np.asarray(data), dtype=torch.get_default_dtype()).as_subclass(cls)
        made: Tensor = super().__new__(cls, *args, **kwargs)
        return made

    @property
    def shape(self) -> Any:  # type: ignore[override]
        """The sizes, as an `oneflow.Size`."""
        return self.size()

    def size(self, idx: int | None = None) -> Any:
        """Return the shape, as an `oneflow.Size`, or the size along the axis `idx`."""
        if idx is not None:
            return torch.Tensor.size(self, idx)
        if torch.compiler.is_compiling():
            return torch.Tensor.size(self)  # traces hold symbolic sizes, in torch's own class
        return Size(torch.Tensor.size(self))

    def numpy(self, *, force: bool = False) -> Any:
        """Return the values as an array, which shares memory with a tensor on the CPU; bfloat16 becomes float32."""
        return super().numpy(force=force) if self.dtype != torch.bfloat16 else super().float().numpy()

    @property
    def grad(self) -> Any:
        """The gradient; the same object until another is set."""
        found = GRAD.__get__(self)
        if type(found) is torch.Tensor:
            found = found.as_subclass(Tensor)
            GRAD.__set__(self, found)
        return found

    @grad.setter
    def grad(self, value: torch.Tensor | None) -> None:
        GRAD.__set__(self, value)

    @grad.deleter
    def grad(self) -> None:
        GRAD.__delete__(self)

    def __format__(self, format_spec: str) -> str:
        return format(self.item(), format_spec) if self.dim() == 0 else object.__format__(self, format_spec)

    # NumPy computes with the values, and gives arrays
    __array_priority__ = -1

    def __array_wrap__(self, array: Any, *_: Any) -> Any:
        return array

    def __repr__(self) -> str:  # type: ignore[override]
        text = SUFFIXES.sub("", repr(plain(self).detach()))
        suffixes = [f"dtype={self.dtype}".replace("torch", "oneflow")]
        if self.is_meta or (self.numel() == 0 and self.dim() != 1):
            suffixes.insert(0, f"size={tuple(self.size())}")
        if self.device.type != "cpu":
            suffixes.insert(0, f"device='{self.device}'")
        if self.grad_fn is not None:
            suffixes.append(f"grad_fn=<{self.grad_fn.name()}>")
        elif self.requires_grad:
            suffixes.append("requires_grad=True")
        for suffix in suffixes:
            line = len(text) - text.rfind("\n") + 1
            text += (", " if line + len(suffix) + 2 <= LINE_WIDTH else ",\n       ") + suffix
        return f"{text})"


torch.serialization.add_safe_globals([Tensor, Size])
