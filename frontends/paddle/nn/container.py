"""Mirrors the containers of `paddle.nn`."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import torch

from .layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["LayerList", "Sequential"]


def pairs_of(layers: tuple[Any, ...]) -> list[tuple[str, torch.nn.Module]]:
    """Return (name, layer) pairs of a Sequential's arguments: layers, pairs, or one OrderedDict."""
    if len(layers) == 1 and isinstance(layers[0], OrderedDict):
        layers = tuple(layers[0].items())
    return [
        (str(layer[0]), layer[1]) if isinstance(layer, (tuple, list)) else (str(index), layer)
        for index, layer in enumerate(layers)
    ]


class Sequential(Layer, torch.nn.Sequential):
    """Layers one after the other.

    Args:
        layers: layers, or (name, layer) pairs, or one OrderedDict of them.

    Raises:
        AssertionError: something is no layer.

    Example:
        >>> from fourfold.frontends import paddle
        >>> up = paddle.nn.Sequential(paddle.nn.Conv3DTranspose(4, 2, 2, stride=2), paddle.nn.ReLU())
        >>> list(up.state_dict()), len(up)
        (['0.weight', '0.bias'], 2)
    """

    def __init__(self, *layers: Any) -> None:
        super().__init__()
        for name, layer in pairs_of(layers):
            self.add_sublayer(name, layer)

    def __getitem__(self, name: Any) -> Any:
        """Return the layer of a name, of a number, or those of a slice."""
        return self._modules[name] if isinstance(name, str) else super().__getitem__(name)


class LayerList(Layer, torch.nn.ModuleList):
    """A list of layers, which are sublayers of what holds it.

    Args:
        sublayers: the layers. Default: None, no layers.
    """

    def __init__(self, sublayers: Iterable[torch.nn.Module] | None = None) -> None:
        super().__init__()
        self.extend(sublayers or ())
