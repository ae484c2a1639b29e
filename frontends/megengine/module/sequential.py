"""Mirrors `megengine.module.Sequential`."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch

from .module import Module

__all__ = ["Sequential"]


class Sequential(Module, torch.nn.Sequential):
    """Modules one after the other.

    Args:
        args: modules, or one OrderedDict of them.
        kwargs: `name`, kept as `.name`.

    Example:
        >>> import fourfold.frontends.megengine.module as M
        >>> list(M.Sequential(M.ConvTranspose3d(4, 2, 2, stride=2), M.ReLU()).state_dict())
        ['0.bias', '0.weight']
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        members = args[0] if len(args) == 1 and isinstance(args[0], OrderedDict) else enumerate(args)
        for key, module in dict(members).items():
            self.add_module(str(key), module)

    def __delitem__(self, index: Any) -> None:
        # the others keep their names
        keys = list(self._modules)
        for key in keys[index] if isinstance(index, slice) else [keys[index]]:
            delattr(self, key)

    @property
    def layer_values(self) -> list[torch.nn.Module]:
        """The modules, in order."""
        return list(self)
