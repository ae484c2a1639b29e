"""Mirrors `paddle.ParamAttr`: how a parameter is named, initialised and trained."""

from __future__ import annotations

from typing import Any

from .nn.initializer import Initializer
from .regularizer import WeightDecayRegularizer

__all__ = ["ParamAttr"]


class ParamAttr:
    """How to create a parameter.

    Args:
        name: its name, unused so far. Default: None, one is generated.
        initializer: its first values, an `nn.initializer`. Default: None, the layer's choice.
        learning_rate: factor on the optimizer's learning rate, kept as `parameter.optimize_attr`. Default: 1.0.
        regularizer: an `L1Decay` or `L2Decay`, kept as `parameter.regularizer`. Default: None.
        trainable: whether it is learned; False sets `stop_gradient`. Default: True.
        do_model_average: kept on the parameter. Default: True.
        need_clip: whether gradient clipping includes it; kept on the parameter. Default: True.

    Raises:
        ValueError: the name is empty.
        TypeError: an argument is of the wrong type.

    Example:
        >>> from fourfold.frontends.paddle import ParamAttr, nn
        >>> attr = ParamAttr(initializer=nn.initializer.Constant(0.5), learning_rate=0.1)
        >>> nn.Conv3DTranspose(1, 1, 1, weight_attr=attr).weight.optimize_attr
        {'learning_rate': 0.1}
    """

    def __init__(
        self,
        name: str | None = None,
        initializer: Initializer | None = None,
        learning_rate: float = 1.0,
        regularizer: WeightDecayRegularizer | None = None,
        trainable: bool = True,
        do_model_average: bool = True,
        need_clip: bool = True,
    ) -> None:
        if name == "":
            msg = "name of ParamAttr can not be empty str; leave it out to have one generated."
            raise ValueError(msg)
        kinds: tuple[tuple[str, Any, Any], ...] = (
            ("name", name, str | None),
            ("initializer", initializer, Initializer | None),
            ("learning_rate", learning_rate, float | int),
            ("regularizer", regularizer, WeightDecayRegularizer | None),
            ("trainable", trainable, bool),
            ("do_model_average", do_model_average, bool),
            ("need_clip", need_clip, bool),
        )
        for argument, value, kind in kinds:
            if not isinstance(value, kind):
                legal = getattr(kind, "__name__", str(kind))
                msg = f"ParamAttr({argument}={value!r}) is a {type(value).__name__}; it must be {legal}."
                raise TypeError(msg)
            setattr(self, argument, value)

    name: str | None
    initializer: Initializer | None
    learning_rate: float
    regularizer: WeightDecayRegularizer | None
    trainable: bool
    do_model_average: bool
    need_clip: bool


def to_param_attr(attr: Any) -> ParamAttr | None:
    """Return the ParamAttr that `weight_attr` or `bias_attr` stands for; None stands for no parameter (False).

    Raises:
        TypeError: nothing that Paddle turns into a ParamAttr.
        AssertionError: a list, which stands for several parameters, where there is one.

    >>> to_param_attr("w").name, to_param_attr(False), to_param_attr(None).trainable
    ('w', None, True)
    """
    if isinstance(attr, (list, tuple)):
        for item in attr:
            if not isinstance(item, (list, tuple)):  # which may hold itself
                to_param_attr(item)
        msg = f"{attr!r} holds {len(attr)} attributes for one parameter; give a single ParamAttr, not a list."
        raise AssertionError(msg)
    if isinstance(attr, ParamAttr):
        return attr
    if isinstance(attr, bool) or attr is None:
        return None if attr is False else ParamAttr()
    if isinstance(attr, str):
        return ParamAttr(name=attr or None)
    if isinstance(attr, Initializer):
        return ParamAttr(initializer=attr)
    if isinstance(attr, WeightDecayRegularizer):
        return ParamAttr(regularizer=attr)
    msg = (
        f"{type(attr)} cast to ParamAttr is impossible (given: {attr!r}); give a ParamAttr, an initializer, a "
        f"regularizer, a name, True or None."
    )
    raise TypeError(msg)


def check_weight_attr(attr: Any, argument: str = "weight_attr", where: str = "in Conv") -> None:
    """Raise AssertionError where it is False: a convolution always has a weight."""
    if attr is False:
        msg = f"{argument} should not be False {where}. Leave it out for the default weight."
        raise AssertionError(msg)
