"""The activation functions that `act="name"` selects, with fluid's own constants.

In fluid a name was that of any operator with one input and one output. These are the elementwise ones and softmax;
constants and values at the kinks, gradients included, were measured in fluid 1.8.5.

fluid stores an operator's constants in float32 whatever the data, so that a float64 layer multiplies by
0.0199999996 for `leaky_relu`: the constants below are rounded likewise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F

from .core import EnforceNotMet

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ACTIVATIONS", "activation"]


LEAKY_RELU_SLOPE = float(np.float32(0.02))
HARD_SIGMOID_SLOPE = float(np.float32(0.2))
STANH_INNER, STANH_OUTER = float(np.float32(0.67)), float(np.float32(1.7159))
SELU_ALPHA, SELU_SCALE = float(np.float32(1.6732632423543772)), float(np.float32(1.0507009873554805))


def brelu(input: torch.Tensor) -> torch.Tensor:
    """Clip to [0, 24]."""
    return F.hardtanh(input, 0.0, 24.0)


def hard_sigmoid(input: torch.Tensor) -> torch.Tensor:
    """`0.2 * x + 0.5`, clipped to [0, 1]; torch's slope is 1/6."""
    return F.hardtanh(HARD_SIGMOID_SLOPE * input + 0.5, 0.0, 1.0)


def hard_swish(input: torch.Tensor) -> torch.Tensor:
    """`x * clip(x + 3, 0, 6) / 6`; the gradient of torch.nn.functional.hardswish at 3 is not fluid's."""
    return input * F.hardtanh(input + 3.0, 0.0, 6.0) / 6.0


def leaky_relu(input: torch.Tensor) -> torch.Tensor:
    """Slope 0.02 below zero; torch's default is 0.01."""
    return F.leaky_relu(input, LEAKY_RELU_SLOPE)


def identity(input: torch.Tensor) -> torch.Tensor:
    """`assign`, `scale` by 1 and `pow` to 1."""
    return input


def selu(input: torch.Tensor) -> torch.Tensor:
    """`1.0507 * x` above zero, `1.0507 * 1.6733 * (exp(x) - 1)` below."""
    return SELU_SCALE * F.elu(input, SELU_ALPHA)


def soft_relu(input: torch.Tensor) -> torch.Tensor:
    """`log(1 + exp(clip(x, -40, 40)))`."""
    return softplus(F.hardtanh(input, -40.0, 40.0))


def softmax(input: torch.Tensor) -> torch.Tensor:
    """Softmax along the last axis, whatever the data format."""
    return F.softmax(input, dim=-1)


def softplus(input: torch.Tensor) -> torch.Tensor:
    """`log(1 + exp(x))`."""
    # torch's default threshold, 20, drops a term of 2e-9, which float64 can represent
    return F.softplus(input, beta=1.0, threshold=50.0)


def stanh(input: torch.Tensor) -> torch.Tensor:
    """`1.7159 * tanh(0.67 * x)`."""
    return STANH_OUTER * torch.tanh(STANH_INNER * input)


def thresholded_relu(input: torch.Tensor) -> torch.Tensor:
    """`x` above 1, else 0."""
    return F.threshold(input, 1.0, 0.0)


ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "abs": torch.abs,
    "acos": torch.acos,
    "asin": torch.asin,
    "assign": identity,
    "atan": torch.atan,
    "brelu": brelu,
    "ceil": torch.ceil,
    "cos": torch.cos,
    "elu": F.elu,
    "erf": torch.erf,
    "exp": torch.exp,
    "floor": torch.floor,
    "gelu": F.gelu,
    "hard_shrink": F.hardshrink,
    "hard_sigmoid": hard_sigmoid,
    "hard_swish": hard_swish,
    "leaky_relu": leaky_relu,
    "log": torch.log,
    "log1p": torch.log1p,
    "logsigmoid": F.logsigmoid,
    "mish": F.mish,
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
    "softshrink": F.softshrink,
    "softsign": F.softsign,
    "sqrt": torch.sqrt,
    "square": torch.square,
    "stanh": stanh,
    "swish": F.silu,
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


def activation(act: Any) -> Callable[[torch.Tensor], torch.Tensor] | None:
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
