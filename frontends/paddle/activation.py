"""Activations that an `act` argument names, with the constants of Paddle's operators of those names.

A name was that of any operator with one input and one output; `act` selects it with its defaults.
Constants and values at the kinks, gradients included, were measured in fluid 1.8.5, which stores an operator's
constants in float32 whatever the data, so that a float64 layer multiplies by 0.0199999996 for `leaky_relu`: see
`values.single`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F

from .values import single

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["ACTIVATIONS", "activation_of"]


def brelu(x: Tensor, t_min: float = 0.0, t_max: float = 24.0) -> Tensor:
    """Clip to [t_min, t_max]."""
    return F.hardtanh(x, t_min, t_max)


def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """`x` above zero, `alpha * (exp(x) - 1)` below."""
    return F.elu(x, single(alpha))


def gelu(x: Tensor, approximate: bool = False) -> Tensor:
    """`x` times the normal distribution's cumulative function."""
    return F.gelu(x, approximate="tanh" if approximate else "none")


def hard_shrink(x: Tensor, threshold: float | None = None) -> Tensor:
    """`x` where it is further than `threshold` from zero, else 0."""
    return F.hardshrink(x, 0.5 if threshold is None else single(threshold))


def hard_sigmoid(x: Tensor, slope: float = 0.2, offset: float = 0.5) -> Tensor:
    """`slope * x + offset`, clipped to [0, 1]; torch's slope is 1/6."""
    return F.hardtanh(single(slope) * x + single(offset), 0.0, 1.0)


def hard_swish(x: Tensor, threshold: float = 6.0, scale: float = 6.0, offset: float = 3.0) -> Tensor:
    """`x * clip(x + offset, 0, threshold) / scale`; torch's hardswish has another gradient at 3."""
    return torch.div(x * F.hardtanh(x + single(offset), 0.0, single(threshold)), single(scale))


def leaky_relu(x: Tensor, alpha: float = 0.02) -> Tensor:
    """Slope `alpha` below zero; torch's default is 0.01."""
    return F.leaky_relu(x, single(alpha))


def mish(x: Tensor, threshold: float = 20) -> Tensor:
    """`x * tanh(softplus(x))`; what is far from zero is not affected by `threshold`."""
    return F.mish(x)


def power(x: Tensor, factor: Any = 1.0) -> Tensor:
    """Raise to a power, a number or a tensor of one."""
    return torch.pow(x, factor) if isinstance(factor, torch.Tensor) else x**factor


def relu6(x: Tensor, threshold: float = 6.0) -> Tensor:
    """Clip to [0, threshold]."""
    return F.hardtanh(x, 0.0, single(threshold))


def selu(x: Tensor, scale: float | None = None, alpha: float | None = None) -> Tensor:
    """`scale * x` above zero, `scale * alpha * (exp(x) - 1)` below."""
    scale = single(1.0507009873554805 if scale is None else scale)
    return scale * F.elu(x, single(1.6732632423543772 if alpha is None else alpha))


def exponential(x: Tensor) -> Tensor:
    """Return the exponential; of integers its whole part, as an integer."""
    if x.is_floating_point():
        return torch.exp(x)
    return torch.exp(x.double()).to(x.dtype)


def softplus(x: Tensor) -> Tensor:
    """`log(1 + exp(x))`."""
    # torch's default threshold, 20, drops a term of 2e-9, which float64 can represent
    return F.softplus(x, beta=1.0, threshold=50.0)


def soft_relu(x: Tensor, threshold: float = 40.0) -> Tensor:
    """`log(1 + exp(clip(x, -threshold, threshold)))`; the release's gradient ends where that reaches the threshold."""
    limit = single(threshold)
    found = softplus(x + (torch.clamp(x, -limit, limit) - x).detach())
    return torch.where(torch.abs(found) < limit, found, found.detach())


def softmax(input: Tensor, axis: int = -1) -> Tensor:
    """Softmax along an axis."""
    return F.softmax(input, dim=axis)


def log_softmax(input: Tensor, axis: int | None = None, dtype: torch.dtype | None = None) -> Tensor:
    """Logarithm of the softmax along an axis, the last where none is named."""
    return F.log_softmax(input if dtype is None else input.to(dtype), dim=-1 if axis is None else axis)


def softshrink(x: Tensor, alpha: float | None = None) -> Tensor:
    """Move `x` by `alpha` towards zero, and stop there."""
    return F.softshrink(x, 0.5 if alpha is None else single(alpha))


def stanh(x: Tensor, scale_a: float = 0.67, scale_b: float = 1.7159) -> Tensor:
    """`scale_b * tanh(scale_a * x)`."""
    return torch.mul(torch.tanh(single(scale_a) * x), single(scale_b))


def swish(x: Tensor, beta: float = 1.0) -> Tensor:
    """`x * sigmoid(beta * x)`."""
    return F.silu(x) if beta == 1 else x * torch.sigmoid(single(beta) * x)


def thresholded_relu(x: Tensor, threshold: float | None = None) -> Tensor:
    """`x` above `threshold`, else 0."""
    return F.threshold(x, 1.0 if threshold is None else single(threshold), 0.0)


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
    "exp": exponential,
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


def activation_of(act: Any) -> Callable[[Tensor], Tensor]:
    """Return the function that `act` names; None: what is given.

    Raises:
        TypeError: it is not a str.
        ValueError: there is no such activation.
    """
    if act is None:
        return lambda output: output
    if not isinstance(act, str):
        msg = f"{act!r} should be unicode or str; act takes the name of an activation, such as 'relu'."
        raise TypeError(msg)
    # 3.3.1 dropped one name and added others; the rest are unchanged since fluid
    table = {name: function for name, function in ACTIVATIONS.items() if name != "soft_relu"} | ADDED
    if act not in table:
        msg = f"Operator {act!r} has not been registered as an activation; legal are {', '.join(sorted(table))}."
        raise ValueError(msg)
    return table[act]


ADDED: dict[str, Callable[[Tensor], Tensor]] = {
    "celu": F.celu,
    "cosh": torch.cosh,
    "expm1": torch.expm1,
    "log2": torch.log2,
    "log_softmax": log_softmax,
    "silu": F.silu,
    "sinh": torch.sinh,
    "tan": torch.tan,
}
