"""Mirrors the containers of `paddle.nn`."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import torch

from ..tensor import Parameter
from .layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["LayerDict", "LayerList", "Parameter", "ParameterDict", "ParameterList", "Sequential"]


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

    def __setitem__(self, name: Any, layer: torch.nn.Module) -> None:
        """Put a layer under a name or number, at the end if there is none of it."""
        check_layer(layer)
        self.add_sublayer(str(name), layer) if str(name) not in self._modules else setattr(self, str(name), layer)

    def __delitem__(self, name: Any) -> None:
        """Take away the layer of a name or number; the others keep theirs."""
        if str(name) not in self._modules:
            msg = f"there is no layer {name!r}; there are {', '.join(self._modules)}."
            raise AssertionError(msg)
        del self._modules[str(name)]


class LayerList(Layer, torch.nn.ModuleList):
    """A list of layers, which are sublayers of what holds it.

    Args:
        sublayers: the layers. Default: None, no layers.
    """

    def __init__(self, sublayers: Iterable[torch.nn.Module] | None = None) -> None:
        super().__init__()
        self.extend(sublayers or ())

    def __getitem__(self, index: Any) -> Any:
        """Return the layer of a number, of its name, or those of a slice."""
        return self._modules[index] if isinstance(index, str) else super().__getitem__(index)

    def insert(self, index: int, sublayer: torch.nn.Module) -> None:
        """Put a layer before that of a number, which may count from the end.

        Raises:
            AssertionError: there is none of that number.
        """
        if not -len(self) <= index <= len(self):
            msg = f"index={index} should be an integer in range [{-len(self)}, {len(self)}]."
            raise AssertionError(msg)
        super().insert(index % len(self) if index < 0 else index, sublayer)


class LayerDict(Layer, torch.nn.ModuleDict):
    """Layers by name, which are sublayers of what holds it.

    Args:
        sublayers: the layers: a mapping, or (name, layer) pairs. Default: None, no layers.
    """

    def __init__(self, sublayers: Any = None) -> None:
        super().__init__()
        if sublayers is not None:
            self.update(sublayers)

    def __setitem__(self, key: str, sublayer: torch.nn.Module) -> None:
        self.add_sublayer(key, sublayer)

    def update(self, sublayers: Any) -> None:
        """Add layers, in place of those of the same names."""
        for key, layer in named(sublayers, "sublayers"):
            self.add_sublayer(key, layer)


class ParameterDict(Layer):
    """Parameters by name, which are those of what holds it.

    Args:
        parameters: a mapping, or (name, parameter) pairs. Default: None, none.
    """

    def __init__(self, parameters: Any = None) -> None:
        super().__init__()
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        return self._parameters[key]

    def __setitem__(self, key: str, parameter: Any) -> None:
        check_parameter(parameter)
        setattr(self, key, parameter)

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def update(self, parameters: Any) -> None:
        """Add parameters, in place of those of the same names."""
        for key, parameter in named(parameters, "parameters"):
            self.add_parameter(key, parameter)


class ParameterList(Layer):
    """A list of parameters, which are those of what holds it.

    Args:
        parameters: the parameters. Default: None, none.
    """

    def __init__(self, parameters: Iterable[Any] | None = None) -> None:
        super().__init__()
        for parameter in () if parameters is None else parameters:
            check_parameter(parameter)
            self.append(parameter)

    def __getitem__(self, index: int) -> Any:
        return self._parameters[str(index)]

    def __setitem__(self, index: int, parameter: torch.Tensor) -> None:
        """Copy values into a parameter, which takes the shape of another parameter as well."""
        if not isinstance(parameter, torch.Tensor):
            msg = f"param should be 'Parameter' or 'Tensor', but received {type(parameter).__name__}."
            raise TypeError(msg)
        held = getattr(self, str(index))
        with torch.no_grad():
            if isinstance(parameter, torch.nn.Parameter):
                held.data = parameter.detach().clone()
            else:
                held.copy_(parameter)

    def __len__(self) -> int:
        return len(self._parameters)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._parameters.values())

    def append(self, parameter: Any) -> ParameterList:
        """Add a parameter at the end, and return the list."""
        self.add_parameter(str(len(self._parameters)), parameter)
        return self


def named(items: Any, what: str) -> list[tuple[str, Any]]:
    """Return (name, value) pairs of a mapping, a container by name, or pairs.

    Raises:
        AssertionError: it is none.
        ValueError: something in it is no pair.
    """
    if isinstance(items, ParameterDict):
        return [(key, items[key]) for key in items]
    if hasattr(items, "items"):
        return list(items.items())
    if not hasattr(items, "__iter__"):
        msg = f"The type of {what} is not iterable of key/value pairs, the type of it is {type(items).__name__}."
        raise AssertionError(msg)
    for index, pair in enumerate(items):
        if len(pair) != 2:
            msg = f"The length of the {index}'s element in {what} is {len(pair)}, which must be 2: (name, value)."
            raise ValueError(msg)
    return [(key, value) for key, value in items]


def check_layer(layer: Any) -> None:
    """Refuse what is no layer."""
    if not isinstance(layer, torch.nn.Module):
        msg = f"{layer!r} is a {type(layer).__name__}; it must be a Layer or a torch.nn.Module."
        raise AssertionError(msg)


def check_parameter(parameter: Any) -> None:
    """Refuse what is no parameter."""
    if not isinstance(parameter, torch.nn.Parameter):
        msg = f"{type(parameter).__name__} is no Parameter. Make one with create_parameter()."
        raise AssertionError(msg)
