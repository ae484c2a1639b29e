"""Mirrors the containers of `paddle.fluid.dygraph`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...nn.container import pairs_of
from .layers import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...tensor import Parameter

__all__ = ["LayerList", "ParameterList", "Sequential"]


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

    def __getitem__(self, name: Any) -> Any:
        """Return the layer of a name, or of a number that is one: not from the end, and no slices, in 1.8.5."""
        return self._modules[str(name)]

    def __setitem__(self, name: Any, layer: Any) -> None:
        """Put a layer in the place of a name."""
        self.add_sublayer(str(name), layer)

    def __delitem__(self, name: Any) -> None:
        """Take the layer of a name out."""
        del self._modules[str(name)]


class ParameterList(Layer):
    """A list of parameters, which are those of what holds it.

    Args:
        parameters: the parameters. Default: None, none.
    """

    def __init__(self, parameters: Iterable[Parameter] | None = None) -> None:
        super().__init__()
        for parameter in parameters or ():
            self.append(parameter)

    def append(self, parameter: Parameter) -> ParameterList:
        """Add a parameter at the end, and return the list."""
        self.add_parameter(str(len(self._parameters)), parameter)
        return self

    def __len__(self) -> int:
        return len(self._parameters)

    def __getitem__(self, index: int) -> Any:
        return list(self._parameters.values())[index]

    def __setitem__(self, index: int, parameter: Parameter) -> None:
        self._parameters[str(range(len(self))[index])] = parameter

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parameters.values())


class LayerList(Layer, torch.nn.ModuleList):
    """A list of layers, which are sublayers of what holds it.

    Args:
        sublayers: the layers. Default: None, no layers.
    """

    def __init__(self, sublayers: Iterable[torch.nn.Module] | None = None) -> None:
        super().__init__()
        self.extend(sublayers or ())

    def insert(self, index: int, sublayer: torch.nn.Module) -> None:
        """Put a layer before that of a number.

        Raises:
            AssertionError: there is none of that number.
        """
        if not 0 <= index < len(self):
            msg = f"index={index} should be an integer in range [0, {len(self)})."
            raise AssertionError(msg)
        super().insert(index, sublayer)
