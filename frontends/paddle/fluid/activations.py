"""Activation functions of `fluid.layers`, and what `act="name"` selects there."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from .. import activation as named
from ..activation import ACTIVATIONS
from .bindings import EnforceNotMet
from .names import row, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["ACTIVATIONS", "acting", "activation"]

rows(torch, "abs acos asin atan ceil cos erf floor log reciprocal round rsqrt sigmoid sign sin sqrt square tanh")
rows(F, "relu softsign")
rows(
    named,
    "brelu elu gelu hard_shrink hard_sigmoid hard_swish leaky_relu mish relu6 selu softplus soft_relu softmax "
    "log_softmax softshrink stanh swish thresholded_relu maxout",
)
row("pow")(named.power)
row("exp")(named.exponential)
row("log1p")(torch.log1p)
row("logsigmoid")(F.logsigmoid)
row("tanh_shrink")(F.tanhshrink)

# What fluid 1.8.5 said of operators that exist but need more than an input.
INCOMPLETE = {
    "dropout": "can not find [Mask] in output",
    "maxout": "Attribute 'groups' is required!",
    "prelu": "No Input(Alpha) found for prelu operator.",
}


def activation(act: Any) -> Callable[[Tensor], Tensor] | None:
    """Return the function that an `act` argument names, or None for None.

    Args:
        act: a key of `ACTIVATIONS`, in exactly this spelling, or None.

    Raises:
        TypeError: `act` is neither a str nor None.
        EnforceNotMet: there is no such activation.

    Example:
        >>> import torch
        >>> activation("leaky_relu")(torch.tensor([-1.0, 1.0]))
        tensor([-0.0200,  1.0000])
    """
    if act is None:
        return None
    if not isinstance(act, str):
        msg = f"{act} should be unicode or str: act={act!r} is a {type(act).__name__}. Give a name, such as 'relu'."
        raise TypeError(msg)
    if act in ACTIVATIONS:
        return ACTIVATIONS[act]
    remedy = "Pass act=None and apply the function to the output"
    if act in INCOMPLETE:
        msg = f"{INCOMPLETE[act]} act={act!r} cannot say more than a name. {remedy}."
    else:
        msg = f"Operator {act} has not been registered as an activation; legal are {', '.join(ACTIVATIONS)}. {remedy}."
    raise EnforceNotMet(msg)


def acting(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return a function that takes `act` too, the name of an activation that it applies last."""

    @functools.wraps(function)
    def acted(*operands: Any, act: Any = None, **options: Any) -> Tensor:
        apply = activation(act)
        output = function(*operands, **options)
        return output if apply is None else apply(output)

    stated = inspect.signature(function)
    last = inspect.Parameter("act", inspect.Parameter.KEYWORD_ONLY, default=None)
    acted.__signature__ = stated.replace(parameters=[*stated.parameters.values(), last])  # type: ignore[attr-defined]
    return acted
