"""Mirrors the containers of `paddle.fluid.dygraph`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...nn.container import pairs_of
from .layers import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LayerList", "Sequential"]


class Sequential(Layer, torch.nn.Sequential):
    """Layers one after the other.

    Args:
        layers: layers, or (name, layer) pairs.

    Raises:
        AssertionError: something is no layer.

    Example:
        >>> from fourfold.frontends.paddle import fluid
        >>> up = fluid.dygraph.Conv3DTranspose(4, 2, 2, stride=2)
        >>> list(fluid.dygraph.Sequential(("up", up)).state_dict())
        ['up.weight', 'up.bias']
    """

    def __init__(self, *layers: Any) -> None:
        super().__init__()
        for name, layer in pairs_of(layers):
            self.add_sublayer(name, layer)


class LayerList(Layer, torch.nn.ModuleList):
    """A list of layers, which are sublayers of what holds it.

    Args:
        sublayers: the layers. Default: None, no layers.
    """

    def __init__(self, sublayers: Iterable[torch.nn.Module] | None = None) -> None:
        super().__init__()
        self.extend(sublayers or ())
