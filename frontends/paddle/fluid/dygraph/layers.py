"""Mirrors `paddle.fluid.dygraph.Layer`: Paddle's layer with fluid's rules of loading."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import torch

from ...dtype import to_torch_dtype
from ...nn import layer
from ...values import fitting
from .. import modes
from ..tensor import ParamBase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from typing_extensions import Self

__all__ = ["Layer"]


# Name scopes that are not the class's name in snake_case.
SCOPES = {"PRelu": "prelu"}


class Layer(layer.Layer):
    """A `torch.nn.Module` with the methods of a fluid layer.

    Args:
        name_scope: its name is this and a number. Default: None, the class name in snake_case.
        dtype: of the parameters it creates. Default: 'float32'.

    Example:
        >>> from fourfold.frontends.paddle import fluid
        >>> class Net(fluid.dygraph.Layer):
        ...     def __init__(self) -> None:
        ...         super().__init__()
        ...         self.up = fluid.dygraph.Conv3DTranspose(4, 2, 2, stride=2)
        >>> list(Net().state_dict())
        ['up.weight', 'up.bias']
    """

    def __init__(self, name_scope: str | None = None, dtype: Any = "float32") -> None:
        super().__init__(SCOPES.get(type(self).__name__) if name_scope is None else name_scope)
        self._dtype = None if dtype is None else to_torch_dtype(dtype)

    def create_parameter(self, *args: Any, **kwargs: Any) -> Any:
        """Make a parameter as Paddle's layers do, of fluid's class; None if `attr` is False."""
        parameter = super().create_parameter(*args, **kwargs)
        if parameter is not None:
            parameter.__class__ = ParamBase
        return parameter

    def sublayers(self, include_sublayers: bool = True) -> list[torch.nn.Module]:
        """Return the layers below as a list, parents first; `include_sublayers=False` gives none, as in fluid."""
        return super().sublayers() if include_sublayers else []

    def named_sublayers(  # type: ignore[override]
        self,
        prefix: str = "",
        include_sublayers: bool = True,
        include_self: bool = False,
        layers_set: set[torch.nn.Module] | None = None,
    ) -> Iterator[tuple[str, torch.nn.Module]]:
        """Yield (name, layer) of this layer where `include_self`, and of those below unless told not to."""
        if include_sublayers:
            return super().named_sublayers(prefix, include_self, layers_set)
        return iter([(prefix, self)] if include_self else [])

    def _named_below(
        self, prefix: str, seen: set[torch.nn.Module], remove_duplicate: bool
    ) -> Iterator[tuple[str, torch.nn.Module]]:
        if not remove_duplicate:  # torch alone asks for it
            return layer.Layer.named_sublayers(self, prefix, True, seen, False)
        return self.named_sublayers(prefix=prefix, include_sublayers=True, include_self=True, layers_set=seen)

    def train(self, mode: bool = True) -> Self:
        """Begin training: here, in sublayers by their own `train`, and for `fluid.layers.dropout` everywhere.

        Args:
            mode: torch's; False is `eval()`. Default: True.
        """
        return self._in_mode(mode)

    def _in_mode(self, training: bool) -> Self:
        modes.set_training(training)
        self.training = training
        for each in self.sublayers():
            if training:
                each.train()
            else:
                each.eval()
        return self

    def _add_state(self, destination: Any, prefix: str, use_hook: bool, keep_vars: bool) -> None:
        if not (use_hook and keep_vars):
            super()._add_state(destination, prefix, use_hook, keep_vars)
            return
        # fluid calls a sublayer's own state_dict, where Paddle 3 does not
        state = self.state_dict(destination, True, prefix)
        if state is not destination:
            destination.update(state)

    def backward(self, *inputs: Any) -> Any:
        """Raise ValueError: a layer has no backward of its own."""
        msg = "Layer shouldn't implement backward; call backward() of what it returned."
        raise ValueError(msg)

    def set_dict(  # type: ignore[override]
        self, stat_dict: Mapping[str, Any], include_sublayers: bool = True, use_structured_name: bool = True
    ) -> None:
        """Copy values into every parameter of the layer; nothing is copied unless all of them fit.

        Args:
            stat_dict: arrays or tensors by key; those of no parameter are left out with a warning.
            include_sublayers: load those of sublayers too. Default: True.
            use_structured_name: keys are those of `state_dict()`; False: they are parameter names
                (`conv3d_transpose_0.w_0`). Default: True.

        Raises:
            RuntimeError: a parameter's key is absent.
            AssertionError: a shape or dtype differs (nothing is cast), or a value is no array.
        """
        for prefix, module in _below(self, include_sublayers):
            if isinstance(module, Layer):
                module._create_from(stat_dict, prefix, use_structured_name)
        copies: list[tuple[torch.Tensor, torch.Tensor]] = []
        used: set[str] = set()
        for key, target in self.state_dict(include_sublayers=include_sublayers).items():
            name = key if use_structured_name else getattr(target, "name", None) or key
            if name not in stat_dict:
                raise RuntimeError(_not_found(name, stat_dict, use_structured_name))
            used.add(name)
            copies.append((target, fitting(stat_dict[name], target, name)))
        with torch.no_grad():
            for target, value in copies:
                target.copy_(value)
        unused = [_shown(name) for name in stat_dict if name not in used]
        if unused:
            warnings.warn(
                f"Varibale [ {' '.join(unused)} ] are not used, because not included in layers state_dict",
                stacklevel=2,
            )

    load_dict = set_dict  # type: ignore[assignment]

    def _create_from(self, stat_dict: Mapping[str, Any], prefix: str, use_structured_name: bool) -> None:
        """Create parameters whose shapes only the values to be loaded tell; most layers have none."""

    # fluid's layers have no text of their own
    __repr__ = object.__repr__


def _below(layer: Layer, include_sublayers: bool) -> Iterator[tuple[str, torch.nn.Module]]:
    for path, module in layer.named_sublayers("", include_sublayers, True):
        yield (f"{path}." if path else ""), module


def _shown(name: object) -> str:
    """Return a name that may be a file's without what would steer a terminal."""
    return repr(str(name))[1:-1]


def _not_found(name: str, stat_dict: Mapping[str, Any], use_structured_name: bool) -> str:
    return (
        f"Parameter not found, Can't not find [ {_shown(name)} ] in stat_dict (use_structured_name is set to "
        f"[{use_structured_name}]); it has [ {' '.join(map(_shown, stat_dict))} ]."
    )
