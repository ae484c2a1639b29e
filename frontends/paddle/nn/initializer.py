"""Mirrors `paddle.nn.initializer`: rules for the first values of a parameter.

Random ones draw from torch's generator (`seed` sets it): the distributions are Paddle's, the streams are not.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch

from ...tensor import plain

__all__ = [
    "Assign",
    "Bilinear",
    "Constant",
    "Dirac",
    "KaimingNormal",
    "KaimingUniform",
    "Normal",
    "Orthogonal",
    "TruncatedNormal",
    "Uniform",
    "XavierNormal",
    "XavierUniform",
    "calculate_gain",
    "set_global_initializer",
]


class Initializer:
    """Base class: call it on a parameter to fill the parameter in place."""

    def __call__(self, param: torch.Tensor, block: None = None) -> torch.Tensor:
        """Fill `param` and return it. `block` exists for Paddle's static graphs and must be None."""
        if block is not None:
            msg = f"block={block!r} belongs to a static program; front ends are eager. Leave it out."
            raise TypeError(msg)
        with torch.no_grad():
            self.fill(plain(param))
        return param

    def fill(self, values: torch.Tensor) -> None:
        """Write first values into a plain tensor."""
        raise NotImplementedError


class Constant(Initializer):
    """Every value is `value`. Default: 0.0."""

    def __init__(self, value: float = 0.0) -> None:
        if value is None:
            msg = "value must not be none; give a number."
            raise ValueError(msg)
        self.value = _number(value, "value")

    def fill(self, values: torch.Tensor) -> None:
        values.fill_(self.value)


class Normal(Initializer):
    """Normal distribution of mean `mean` (default: 0.0) and standard deviation `std` (default: 1.0)."""

    def __init__(self, mean: float = 0.0, std: float = 1.0, name: str | None = None) -> None:
        _no_name(name)
        self.mean, self.std = _number(mean, "mean"), _deviation(std)

    def fill(self, values: torch.Tensor) -> None:
        values.normal_(self.mean, self.std)


class TruncatedNormal(Initializer):
    """Normal distribution cut to [a, b], which are values, not multiples of `std`. Defaults: -2.0 and 2.0."""

    def __init__(
        self, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0, name: str | None = None
    ) -> None:
        _no_name(name)
        self.mean, self.std = _number(mean, "mean"), _deviation(std)
        self.a, self.b = _number(a, "a"), _number(b, "b")
        if self.a >= self.b:
            msg = f"a={a!r} and b={b!r} leave nothing between them; a must be less than b."
            raise ValueError(msg)

    def fill(self, values: torch.Tensor) -> None:
        torch.nn.init.trunc_normal_(values, self.mean, self.std, self.a, self.b)


class Uniform(Initializer):
    """Uniform distribution on [low, high). Defaults: -1.0 and 1.0."""

    def __init__(self, low: float = -1.0, high: float = 1.0, name: str | None = None) -> None:
        _no_name(name)
        self.low, self.high = _number(low, "low"), _number(high, "high")
        if self.high < self.low:
            msg = f"low={low!r} is above high={high!r}; high should greater or equal than low."
            raise AssertionError(msg)

    def fill(self, values: torch.Tensor) -> None:
        values.uniform_(self.low, self.high)


class _Xavier(Initializer):
    def __init__(
        self, fan_in: float | None = None, fan_out: float | None = None, gain: float = 1.0, name: str | None = None
    ) -> None:
        _no_name(name)
        self.fan_in = None if fan_in is None else _number(fan_in, "fan_in")
        self.fan_out = None if fan_out is None else _number(fan_out, "fan_out")
        self.gain = _number(gain, "gain")

    def std(self, values: torch.Tensor) -> float:
        own_in, own_out = fans(values.shape)
        fan_in = own_in if self.fan_in is None else self.fan_in
        fan_out = own_out if self.fan_out is None else self.fan_out
        total = fan_in + fan_out
        return self.gain * math.sqrt(2.0 / total) if total else 0.0


class XavierNormal(_Xavier):
    """Normal distribution of variance `gain ** 2 * 2 / (fan_in + fan_out)`.

    Args:
        fan_in: in place of the weight's own. Default: None.
        fan_out: in place of the weight's own. Default: None.
        gain: factor on the standard deviation. Default: 1.0.
        name: must be None; initializers have no names here.
    """

    def fill(self, values: torch.Tensor) -> None:
        values.normal_(0.0, self.std(values))


class XavierUniform(_Xavier):
    """Uniform distribution of variance `gain ** 2 * 2 / (fan_in + fan_out)`; what layers use by default.

    Args as in `XavierNormal`.
    """

    def fill(self, values: torch.Tensor) -> None:
        limit = math.sqrt(3.0) * self.std(values)
        values.uniform_(-limit, limit)


class _Kaiming(Initializer):
    def __init__(
        self,
        fan_in: float | None = None,
        negative_slope: float = 0.0,
        nonlinearity: str = "relu",
        mode: str = "fan_in",
    ) -> None:
        self.fan_in = None if fan_in is None else _number(fan_in, "fan_in")
        self.gain = calculate_gain(nonlinearity, negative_slope)
        if mode not in ("fan_in", "fan_out"):
            msg = f"The mode of {type(self).__name__} should be 'fan_in' or 'fan_out', but received {mode!r}."
            raise ValueError(msg)
        self.mode = mode

    def std(self, values: torch.Tensor) -> float:
        fan = self.fan_in if self.fan_in is not None else fans(values.shape)[self.mode == "fan_out"]
        return self.gain / math.sqrt(max(fan, 1))


class KaimingNormal(_Kaiming):
    """Normal distribution of standard deviation `gain / sqrt(fan)`.

    Args:
        fan_in: in place of the weight's own. Default: None.
        negative_slope: of leaky_relu. Default: 0.0.
        nonlinearity: whose `calculate_gain` to use. Default: 'relu'.
        mode: which fan, 'fan_in' or 'fan_out'. Default: 'fan_in'.
    """

    def fill(self, values: torch.Tensor) -> None:
        values.normal_(0.0, self.std(values))


class KaimingUniform(_Kaiming):
    """Uniform distribution of standard deviation `gain / sqrt(fan)`; args as in `KaimingNormal`."""

    def fill(self, values: torch.Tensor) -> None:
        limit = math.sqrt(3.0) * self.std(values)
        values.uniform_(-limit, limit)


class Assign(Initializer):
    """Given values: an array, a tensor or nested sequences of the parameter's shape."""

    def __init__(self, value: Any, name: str | None = None) -> None:
        _no_name(name)
        self.value = plain(value).detach().clone() if isinstance(value, torch.Tensor) else _copied(value)

    def fill(self, values: torch.Tensor) -> None:
        if self.value.shape != values.shape:
            msg = (
                f"Assign holds values of shape {list(self.value.shape)} for a parameter of shape {list(values.shape)}; "
                f"they must be the same. Reshape the values."
            )
            raise ValueError(msg)
        values.copy_(self.value)


class Orthogonal(Initializer):
    """Orthonormal rows or columns, whichever are fewer, of the weight flattened to a matrix; times `gain`."""

    def __init__(self, gain: float = 1.0, name: str | None = None) -> None:
        _no_name(name)
        self.gain = _number(gain, "gain")

    def fill(self, values: torch.Tensor) -> None:
        torch.nn.init.orthogonal_(values, self.gain)


class Bilinear(Initializer):
    """Weights of bilinear upsampling, for 2-D kernels only, as in Paddle: a 5-D weight raises a ValueError."""

    def fill(self, values: torch.Tensor) -> None:
        shape = tuple(values.shape)
        if len(shape) != 4:
            msg = (
                f"Bilinear: the length of shape must be 4. The parameter has shape {shape}; for a 5-D weight give "
                f"the values with Assign."
            )
            raise ValueError(msg)
        if shape[2] != shape[3]:
            msg = f"Bilinear: shape[2] must be equal to shape[3]. The parameter has shape {shape}; use a square kernel."
            raise ValueError(msg)
        half = -(-shape[3] // 2)
        centre = (2 * half - 1 - half % 2) / (2 * half)
        steps = torch.arange(shape[3], dtype=torch.float64) / half
        # Paddle divides by the size without rounding: the row weight changes within a row, too
        rows = torch.arange(values.numel(), dtype=torch.float64) / shape[3] % shape[3] / half
        columns = 1.0 - (steps - centre).abs()
        weights = columns.repeat(values.numel() // shape[3]) * (1.0 - (rows - centre).abs())
        values.copy_(weights.reshape(shape))


class Dirac(Initializer):
    """One at the centre of each kernel that joins equal channels, zero elsewhere, per group of the first axis."""

    def __init__(self, groups: int = 1, name: str | None = None) -> None:
        _no_name(name)
        self.groups = groups

    def fill(self, values: torch.Tensor) -> None:
        torch.nn.init.dirac_(values, self.groups)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the recommended factor on a standard deviation before a nonlinearity.

    Args:
        nonlinearity: 'sigmoid', 'linear', 'conv1d' ... 'conv3d_transpose', 'tanh', 'relu', 'leaky_relu' or 'selu'.
        param: the slope of leaky_relu. Default: None, 0.01.

    Raises:
        ValueError: any other nonlinearity.

    >>> calculate_gain("tanh")
    1.6666666666666667
    """
    slope = 0.01 if param is None else float(param)
    names = ["sigmoid", "linear", *(f"conv{n}d{suffix}" for n in (1, 2, 3) for suffix in ("", "_transpose"))]
    gains = dict.fromkeys(names, 1.0)
    gains |= {
        "tanh": 5.0 / 3.0,
        "relu": math.sqrt(2.0),
        "leaky_relu": math.sqrt(2.0 / (1.0 + slope**2)),
        "selu": 3.0 / 4.0,
    }
    if nonlinearity not in gains:
        msg = f"nonlinearity function {nonlinearity} is not supported now; legal are {', '.join(gains)}."
        raise ValueError(msg)
    return gains[nonlinearity]


_global: dict[bool, Initializer | None] = {False: None, True: None}


def set_global_initializer(weight_init: Initializer | None, bias_init: Initializer | None = None) -> None:
    """Set what parameters get instead of their layer's choice; a `ParamAttr` still comes first.

    Args:
        weight_init: for weights; None for the layer's choice.
        bias_init: for biases, likewise. Default: None.
    """
    for name, value in (("weight_init", weight_init), ("bias_init", bias_init)):
        if not isinstance(value, (Initializer, type(None))):
            msg = f"{name}={value!r} is a {type(value).__name__}; it must be an initializer or None."
            raise TypeError(msg)
    _global[False], _global[True] = weight_init, bias_init


def choose_initializer(is_bias: bool, own: Initializer | None = None) -> Initializer:
    """Return what a parameter gets when its ParamAttr says nothing: global, the layer's `own`, or Paddle's default."""
    return _global[is_bias] or own or (Constant(0.0) if is_bias else XavierUniform())


def fans(shape: Any) -> tuple[int, int]:
    """Return (fan_in, fan_out) as Paddle reads them off a shape: of kernels, axes 1 and 0; of matrices, 0 and 1.

    >>> fans((4, 6, 3, 3, 3)), fans((10, 20)), fans((5,))
    ((162, 108), (10, 20), (5, 5))
    """
    sizes = list(shape)
    if len(sizes) < 2:
        return (sizes[0], sizes[0]) if sizes else (1, 1)
    if len(sizes) == 2:
        return (sizes[0], sizes[1])
    taps = math.prod(sizes[2:])
    return (sizes[1] * taps, sizes[0] * taps)


def _copied(value: Any) -> torch.Tensor:
    array = np.array(value)
    if array.dtype.kind not in "biufc":
        msg = f"Assign cannot hold a {type(value).__name__} of dtype {array.dtype}; give an array of numbers."
        raise TypeError(msg)
    return torch.from_numpy(array)


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
        msg = f"{name}={value!r} is a {type(value).__name__}; it must be a number. Give a float."
        raise TypeError(msg)
    return float(value)


def _deviation(std: Any) -> float:
    number = _number(std, "std")
    if number < 0:
        msg = f"std={std!r} is negative; a standard deviation is 0 and above."
        raise ValueError(msg)
    return number


def _no_name(name: Any) -> None:
    if name is not None:
        msg = f"name={name!r} of an initializer has no meaning here; leave it out, and name the parameter instead."
        raise TypeError(msg)
