"""Mirrors `oneflow.Tensor`."""

from __future__ import annotations

import re
from typing import Any

import torch

from ...tensor import FrontendTensor, plain
from .size import Size

__all__ = ["Tensor", "is_tensor"]

LINE_WIDTH = 80

# What torch appends to the values; OneFlow's own list replaces it.
SUFFIXES = re.compile(r"(,\s+(dtype=torch\.\w+|device='[^']*'|size=\([^)]*\)))*\)$")


class Tensor(FrontendTensor):
    """A torch tensor with OneFlow's habits; operations on it give tensors of this class.

    `numpy()` works while gradients are recorded and shares memory on the CPU; `shape` and `size()` give an
    `oneflow.Size`; it prints as OneFlow's does.

    Args:
        args: as for `torch.Tensor`: sizes, an `oneflow.Size`, or values (a sequence or NumPy array). The dtype is
            the default one, float32.

    Example:
        >>> import fourfold.frontends.oneflow as flow
        >>> x = flow.Tensor([1.0, 2.0]).requires_grad_()
        >>> x
        tensor([1., 2.], dtype=oneflow.float32, requires_grad=True)
        >>> x.numpy(), x.shape, flow.Tensor(2, 3).shape
        (array([1., 2.], dtype=float32), oneflow.Size([2]), oneflow.Size([2, 3]))
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Tensor:
        if len(args) == 1 and isinstance(args[0], Size):
            args = tuple(args[0])  # torch would take any other tuple than its own Size for values
        made: Tensor = super().__new__(cls, *args, **kwargs)
        return made

    @property
    def shape(self) -> Any:  # type: ignore[override]
        """The sizes, as an `oneflow.Size`."""
        return self.size()

    def size(self, dim: int | None = None) -> Any:
        """Return the shape, as an `oneflow.Size`, or the size along `dim`."""
        if dim is not None:
            return torch.Tensor.size(self, dim)
        if torch.compiler.is_compiling():
            return torch.Tensor.size(self)  # traces hold symbolic sizes, in torch's own class
        return Size(torch.Tensor.size(self))

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


def is_tensor(obj: Any) -> bool:
    """Return whether `obj` is a tensor, torch's own included.

    >>> is_tensor(Tensor(2)), is_tensor([1.0])
    (True, False)
    """
    return isinstance(obj, torch.Tensor)


torch.serialization.add_safe_globals([Tensor, Size])
