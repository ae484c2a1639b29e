"""Activation functions, as functions of `fluid.layers` and as what `act="name"` selects, with fluid's own constants.

In fluid a name was that of any operator with one input and one output; `act` selects it with its defaults.
Constants and values at the kinks, gradients included, were measured in fluid 1.8.5, which stores an operator's
constants in float32 whatever the data, so that a float64 layer multiplies by 0.0199999996 for `leaky_relu`: see
`single`.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F

from .core import EnforceNotMet
from .names import row, rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["ACTIVATIONS", "acting", "activation", "single"]


def single(value: float) -> float:
    """Return a constant as fluid stores it, in float32."""
    return float(np.float32(value))


rows(torch, "abs acos asin atan ceil cos erf exp floor log reciprocal round rsqrt sigmoid sign sin sqrt square tanh")
rows(F, "relu softsign")
row("log1p")(torch.log1p)
row("logsigmoid")(F.logsigmoid)
row("tanh_shrink")(F.tanhshrink)


@row("brelu")
def brelu(x: Tensor, t_min: float = 0.0, t_max: float = 24.0) -> Tensor:
    """Clip to [t_min, t_max]."""
    return F.hardtanh(x, t_min, t_max)


@row("elu")
def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """`x` above zero, `alpha * (exp(x) - 1)` below."""
    return F.elu(x, single(alpha))


@row("gelu")
def gelu(x: Tensor, approximate: bool = False) -> Tensor:
    """`x` times the normal distribution's cumulative function."""
    return F.gelu(x, approximate="tanh" if approximate else "none")


@row("hard_shrink")
def hard_shrink(x: Tensor, threshold: float | None = None) -> Tensor:
    """`x` where it is further than `threshold` from zero, else 0."""
    return F.hardshrink(x, 0.5 if threshold is None else single(threshold))


@row("hard_sigmoid")
def hard_sigmoid(x: Tensor, slope: float = 0.2, offset: float = 0.5) -> Tensor:
    """`slope * x + offset`, clipped to [0, 1]; torch's slope is 1/6."""
    return F.hardtanh(single(slope) * x + single(offset), 0.0, 1.0)


@row("hard_swish")
def hard_swish(x: Tensor, threshold: float = 6.0, scale: float = 6.0, offset: float = 3.0) -> Tensor:
    """`x * clip(x + offset, 0, threshold) / scale`; torch's hardswish has another gradient at 3."""
    return x * F.hardtanh(x + single(offset), 0.0, single(threshold)) / single(scale)


@row("leaky_relu")
def leaky_relu(x: Tensor, alpha: float = 0.02) -> Tensor:
    """Slope `alpha` below zero; torch's default is 0.01."""
    return F.leaky_relu(x, single(alpha))


@row("mish")
def mish(x: Tensor, threshold: float = 20) -> Tensor:
    """`x * tanh(softplus(x))`; what is far from zero is not affected by `threshold`."""
    return F.mish(x)


@row("pow")
def power(x: Tensor, factor: Any = 1.0) -> Tensor:
    """Raise to a power, a number or a tensor of one."""
    return torch.pow(x, factor) if isinstance(factor, torch.Tensor) else x**factor


@row("relu6")
def relu6(x: Tensor, threshold: float = 6.0) -> Tensor:
    """Clip to [0, threshold]."""
    return F.hardtanh(x, 0.0, single(threshold))


@row("selu")
def selu(x: Tensor, scale: float | None = None, alpha: float | None = None) -> Tensor:
    """`scale * x` above zero, `scale * alpha * (exp(x) - 1)` below."""
    scale = single(1.0507009873554805 if scale is None else scale)
    return scale * F.elu(x, single(1.6732632423543772 if alpha is None else alpha))


@row("softplus")
def softplus(x: Tensor) -> Tensor:
    """`log(1 + exp(x))`."""
    # torch's default threshold, 20, drops a term of 2e-9, which float64 can represent
    return F.softplus(x, beta=1.0, threshold=50.0)


@row("soft_relu")
def soft_relu(x: Tensor, threshold: float = 40.0) -> Tensor:
    """`log(1 + exp(clip(x, -threshold, threshold)))`."""
    return softplus(F.hardtanh(x, -single(threshold), single(threshold)))


@row("softmax")
def softmax(input: Tensor, axis: int = -1) -> Tensor:
    """Softmax along an axis."""
    return F.softmax(input, dim=axis)


@row("log_softmax")
def log_softmax(input: Tensor, axis: int | None = None, dtype: torch.dtype | None = None) -> Tensor:
    """Logarithm of the softmax along an axis, the last where none is named."""
    return F.log_softmax(input if dtype is None else input.to(dtype), dim=-1 if axis is None else axis)


@row("softshrink")
def softshrink(x: Tensor, alpha: float | None = None) -> Tensor:
    """Move `x` by `alpha` towards zero, and stop there."""
    return F.softshrink(x, 0.5 if alpha is None else single(alpha))


@row("stanh")
def stanh(x: Tensor, scale_a: float = 0.67, scale_b: float = 1.7159) -> Tensor:
    """`scale_b * tanh(scale_a * x)`."""
    return single(scale_b) * torch.tanh(single(scale_a) * x)


@row("swish")
def swish(x: Tensor, beta: float = 1.0) -> Tensor:
    """`x * sigmoid(beta * x)`."""
    return F.silu(x) if beta == 1 else x * torch.sigmoid(single(beta) * x)


@row("thresholded_relu")
def thresholded_relu(x: Tensor, threshold: float | None = None) -> Tensor:
    """`x` above `threshold`, else 0."""
    return F.threshold(x, 1.0 if threshold is None else single(threshold), 0.0)


@row("maxout")
def maxout(x: Tensor, groups: int, axis: int = 1) -> Tensor:
    """Return the greatest of every `groups` channels that follow each other."""
    return torch.amax(torch.unflatten(x, axis, (-1, groups)), dim=axis % x.dim() + 1)


def identity(x: Tensor) -> Tensor:
    """`assign`, `scale` by 1 and `pow` to 1."""
    return x


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "abs": torch.abs,
    "acos": torch.acos,
    "asin": torch.asin,
    "assign": identity,
    "atan": torch.atan,
    "brelu": brelu,
    "ceil": torch.ceil,
    "cos": torch.cos,
    "elu": elu,
    "erf": torch.erf,
    "exp": torch.exp,
    "floor": torch.floor,
    "gelu": gelu,
    "hard_shrink": hard_shrink,
    "hard_sigmoid": hard_sigmoid,
    "hard_swish": hard_swish,
    "leaky_relu": leaky_relu,
    "log": torch.log,
    "log1p": torch.log1p,
    "logsigmoid": F.logsigmoid,
    "mish": mish,
    "pow": identity,
    "reciprocal": torch.reciprocal,
    "relu": F.relu,
    "relu6": F.relu6,
    "round": torch.round,
    "rsqrt": torch.rsqrt,
    "scale": identity,
    "selu": selu,
    "sigmoid": torch.sigmoid,
    "sign": torch.sign,
    "sin": torch.sin,
    "soft_relu": soft_relu,
    "softmax": softmax,
    "softplus": softplus,
    "softshrink": softshrink,
    "softsign": F.softsign,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "stanh": stanh,
    "swish": swish,
    "tanh": torch.tanh,
    "tanh_shrink": F.tanhshrink,
    "thresholded_relu": thresholded_relu,
}

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
