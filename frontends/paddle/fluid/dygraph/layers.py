"""Mirrors `paddle.fluid.dygraph.Layer`: Paddle's layer with fluid's rules of loading."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import torch

from ...nn import layer
from ...values import fitting
from ..tensor import ParamBase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
        super().__init__(SCOPES.get(type(self).__name__) if name_scope is None else name_scope, dtype)

    def create_parameter(self, *args: Any, **kwargs: Any) -> Any:
        """Make a parameter as Paddle's layers do, of fluid's class; None if `attr` is False."""
        parameter = super().create_parameter(*args, **kwargs)
        if parameter is not None:
            parameter.__class__ = ParamBase
        return parameter

    def sublayers(self, include_sublayers: bool = True) -> list[torch.nn.Module]:
        """Return the layers below as a list, parents first; `include_sublayers=False` gives none, as in fluid."""
        return super().sublayers() if include_sublayers else []

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
        for prefix, module in self._layers(include_sublayers):
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
        unused = [str(name) for name in stat_dict if name not in used]
        if unused:
            warnings.warn(
                f"Varibale [ {' '.join(unused)} ] are not used, because not included in layers state_dict",
                stacklevel=2,
            )

    load_dict = set_dict  # type: ignore[assignment]

    def _layers(self, include_sublayers: bool) -> Iterator[tuple[str, torch.nn.Module]]:
        for path, module in self.named_modules() if include_sublayers else [("", self)]:
            yield (f"{path}." if path else ""), module

    def _create_from(self, stat_dict: Mapping[str, Any], prefix: str, use_structured_name: bool) -> None:
        """Create parameters whose shapes only the values to be loaded tell; most layers have none."""

    # fluid's layers have no text of their own
    __repr__ = object.__repr__


def _not_found(name: str, stat_dict: Mapping[str, Any], use_structured_name: bool) -> str:
    return (
        f"Parameter not found, Can't not find [ {name} ] in stat_dict (use_structured_name is set to "
        f"[{use_structured_name}]); it has [ {' '.join(str(key) for key in stat_dict)} ]."
    )
