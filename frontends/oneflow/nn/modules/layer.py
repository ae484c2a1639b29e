"""Layers of torch's whose tensors are OneFlow's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ....tensor import like, plain
from ...framework.tensor import Tensor
from ..parameter import Parameter
from .module import Module

if TYPE_CHECKING:
    import torch

__all__ = ["Layer"]


class Layer(Module):
    """Stands before a class of torch's: parameters and buffers become OneFlow's; a plain tensor gives a plain one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super(Module, self).__init__(*args, **kwargs)
        for name, parameter in self._parameters.items():
            if parameter is not None:
                self._parameters[name] = Parameter(parameter)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = buffer.as_subclass(Tensor)

    def forward(self, x: torch.Tensor) -> Any:
        """Apply the layer."""
        result = super().forward(x)
        if isinstance(result, tuple):
            return tuple(like(plain(each), x) for each in result)
        return like(plain(result), x)
