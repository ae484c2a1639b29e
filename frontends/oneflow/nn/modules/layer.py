"""Layers of torch's whose tensors are OneFlow's: rows say which, where its words are OneFlow's too."""

from __future__ import annotations

from typing import Any, ClassVar

import torch

from ....names import Derived, Limit, check
from ....tensor import like, plain
from ...framework.tensor import Tensor
from ...names import NAMES
from ..parameter import Parameter
from .module import Module

__all__ = ["Layer", "torchs"]


class Layer(Module):
    """Stands before a class of torch's: parameters and buffers become OneFlow's; a plain tensor gives a plain one."""

    limits: ClassVar[tuple[Limit, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super(Module, self).__init__(*args, **kwargs)
        for name, parameter in self._parameters.items():
            if parameter is not None:
                self._parameters[name] = Parameter(parameter)
        for name, buffer in self._buffers.items():
            if buffer is not None:
                self._buffers[name] = buffer.as_subclass(Tensor)

    def _begin(self, *args: Any, **given: Any) -> None:
        check(self.limits, given)
        Layer.__init__(self, *args, **given)

    def forward(self, x: torch.Tensor) -> Any:
        """Apply the layer."""
        result = super().forward(x)
        if isinstance(result, tuple):
            return tuple(like(plain(each), x) for each in result)
        return like(plain(result), x)


def torchs(names: str, base: type[Layer] = Layer, *limits: Limit) -> None:
    """Serve layers that torch has under the same names, with the same words.

    Args:
        names: of the classes, below `nn`, separated by spaces.
        base: stands before torch's classes, and has what OneFlow's do otherwise.
        *limits: what arguments of the constructors have to be.
    """
    for name in names.split():
        takes = frozenset(NAMES.signatures.signature(f"nn.{name}").parameters)
        NAMES.add(Derived(f"nn.{name}", base, takes, facts={"limits": limits}, further=(getattr(torch.nn, name),)))
