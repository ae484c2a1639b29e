"""Mirrors `paddle.fluid.layer_helper`, by which functions of users make parameters."""

from __future__ import annotations

from typing import Any, NoReturn

from ..attributes import to_param_attr
from ..dtype import to_torch_dtype
from ..static.graph import deferred
from ..static.program import Program, default_main_program, default_startup_program
from .activations import activation
from .parameters import Parameters

__all__ = ["LayerHelper"]


class LayerHelper:
    """Makes parameters for a function of `fluid.layers`, and applies a bias and an activation to what it computes.

    Args:
        layer_type: what the function is called; parameters are named after it.
        **kwargs: the function's arguments, of which `name`, `input`, `param_attr`, `bias_attr` and `act` are read.

    Example:
        >>> import numpy
        >>> from fourfold.frontends.paddle import fluid
        >>> from fourfold.frontends.paddle.fluid.layer_helper import LayerHelper
        >>> with fluid.unique_name.guard():
        ...     helper = LayerHelper("gain", act="relu")
        ...     gain = helper.create_parameter(helper.param_attr, [1], "float32")
        >>> gain.name
        'gain_0.w_0'
    """

    def __init__(self, layer_type: str, **kwargs: Any) -> None:
        self.kwargs, self.layer_type = kwargs, layer_type
        self._parameters = Parameters(layer_type, kwargs.get("name"), kwargs.get("input"))
        self.name = self._parameters.prefix

    @property
    def main_program(self) -> Program:
        """Where parameters go."""
        return default_main_program()

    @property
    def startup_program(self) -> Program:
        """What gives them their first values."""
        return default_startup_program()

    @property
    def param_attr(self) -> Any:
        """What the function was told of its weight."""
        return to_param_attr(self.kwargs.get("param_attr"))

    @property
    def bias_attr(self) -> Any:
        """What the function was told of its bias."""
        return to_param_attr(self.kwargs.get("bias_attr"))

    def input(self, input_param_name: str = "input") -> Any:
        """Return the one input."""
        (found,) = self.multiple_input(input_param_name)
        return found

    def multiple_input(self, input_param_name: str = "input") -> list[Any]:
        """Return the inputs, in a list."""
        given = self.kwargs.get(input_param_name, [])
        return list(given) if isinstance(given, (list, tuple)) else [given]

    def input_dtype(self, input_param_name: str = "input") -> Any:
        """Return the dtype of the inputs.

        Raises:
            ValueError: they have several.
        """
        found = {each.dtype for each in self.multiple_input(input_param_name)}
        if len(found) > 1:
            msg = f"Data Type mismatch: {', '.join(sorted(map(str, found)))}. Cast the inputs to one."
            raise ValueError(msg)
        return found.pop() if found else None

    def create_parameter(
        self,
        attr: Any,
        shape: Any,
        dtype: Any = None,
        is_bias: bool = False,
        default_initializer: Any = None,
        stop_gradient: bool = False,
        type: Any = None,
    ) -> Any:
        """Make a parameter; None for an attr of False.

        Args:
            attr: how it is named, initialised and learned.
            shape: its sizes.
            dtype: its data type. Default: None, that of the input.
            is_bias: whether it is zero at first.
            default_initializer: its first values, where `attr` does not say.
            stop_gradient: whether it takes no gradient.
            type: only what a tensor is.
        """
        kind = to_torch_dtype(self.input_dtype() if dtype is None else dtype)
        made = self._parameters.create_parameter(
            shape, attr, is_bias=is_bias, default_initializer=default_initializer, dtype=kind
        )
        if made is not None and stop_gradient:
            made.stop_gradient = True
        return made

    def append_activation(self, input_var: Any) -> Any:
        """Apply what the function's `act` names."""
        act = self.kwargs.get("act")
        apply = activation(act.get("type") if isinstance(act, dict) else act)
        return input_var if apply is None else deferred(apply, input_var)

    def append_op(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse: a program here is made of functions, not of operators by their names.

        Raises:
            NotImplementedError: always.
        """
        name = kwargs.get("type", args[0] if args else "?")
        msg = f"LayerHelper.append_op(type={name!r}) is not served here. Call a function of fluid.layers in its place."
        raise NotImplementedError(msg)

    create_variable_for_type_inference = append_op
