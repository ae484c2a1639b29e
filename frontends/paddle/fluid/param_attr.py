"""Mirrors `paddle.fluid.param_attr`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import attributes

if TYPE_CHECKING:
    from ..nn.initializer import Initializer
    from ..regularizer import WeightDecayRegularizer

__all__ = ["ParamAttr"]


class ParamAttr(attributes.ParamAttr):
    """How to create a parameter: `paddle.ParamAttr` without `need_clip`, which fluid had not yet.

    Args:
        name: its name, unused so far. Default: None, one is generated.
        initializer: its first values. Default: None: Xavier for weights, zero for biases.
        learning_rate: factor on the optimizer's, kept as `parameter.optimize_attr`. Default: 1.0.
        regularizer: kept as `parameter.regularizer`. Default: None.
        trainable: whether it is learned. Default: True.
        do_model_average: kept on the parameter. Default: True.

    Raises:
        ValueError: the name is empty.
        TypeError: an argument is of the wrong type.

    Example:
        >>> from fourfold.frontends.paddle import fluid
        >>> attr = fluid.ParamAttr(name="up.weight", initializer=fluid.initializer.Constant(0.5))
        >>> with fluid.dygraph.guard():
        ...     fluid.dygraph.Conv3DTranspose(1, 1, 1, param_attr=attr).weight.name
        'up.weight'
    """

    def __init__(
        self,
        name: str | None = None,
        initializer: Initializer | None = None,
        learning_rate: float = 1.0,
        regularizer: WeightDecayRegularizer | None = None,
        trainable: bool = True,
        do_model_average: bool = True,
    ) -> None:
        super().__init__(name, initializer, learning_rate, regularizer, trainable, do_model_average)
