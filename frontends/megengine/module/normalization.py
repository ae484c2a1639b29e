"""Mirrors `megengine.module.normalization`: what its classes share; rows make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from .module import Module

if TYPE_CHECKING:
    from ..tensor import Parameter

__all__: list[str] = []


class _Norm(Module):
    """What the normalisations share: factors and summands, of one axis in `state_dict`."""

    _state_is_flat = True

    if TYPE_CHECKING:
        weight: Parameter | None
        bias: Parameter | None

    def reset_parameters(self) -> None:
        """Set factors to ones and summands to zeros."""
        if self.weight is not None and self.bias is not None:
            torch.nn.init.ones_(self.weight)
            torch.nn.init.zeros_(self.bias)


class _GeneralNorm(_Norm):
    """Of any axes, whose states keep their shape."""

    _state_is_flat = False
