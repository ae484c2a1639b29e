"""Mirrors `paddle.fluid.initializer`: Paddle's rules under fluid's names, each with a seed of its own.

Random ones draw from torch's generator; the distributions are fluid's, the streams are not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..nn import initializer as rules
from ..nn.initializer import Bilinear, Initializer

__all__ = [
    "MSRA",
    "Bilinear",
    "BilinearInitializer",
    "Constant",
    "ConstantInitializer",
    "MSRAInitializer",
    "Normal",
    "NormalInitializer",
    "NumpyArrayInitializer",
    "TruncatedNormal",
    "TruncatedNormalInitializer",
    "Uniform",
    "UniformInitializer",
    "Xavier",
    "XavierInitializer",
]


class _Random(Initializer):
    def __init__(self, rule: Initializer, seed: int) -> None:
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
            msg = f"seed={seed!r} is a {type(seed).__name__}; it must be an int. Use 0 for torch's own generator."
            raise TypeError(msg)
        self._rule = rule
        self._seed = int(seed)

    def fill(self, values: torch.Tensor) -> None:
        if self._seed == 0:
            self._rule.fill(values)
            return
        with torch.random.fork_rng(devices=[values.device] if values.is_cuda else []):
            torch.manual_seed(self._seed)
            self._rule.fill(values)


class ConstantInitializer(rules.Constant):
    """Every value is `value`.

    Args:
        value: Default: 0.0.
        force_cpu: must be False; parameters are filled where they live. Default: False.
    """

    def __init__(self, value: float = 0.0, force_cpu: bool = False) -> None:
        if force_cpu is not False:
            msg = f"force_cpu={force_cpu!r} has no meaning here; leave it out, or build the layer in guard(CPUPlace())."
            raise ValueError(msg)
        super().__init__(value)


class UniformInitializer(_Random):
    """Uniform distribution on [low, high), with some values on a diagonal set afterwards.

    Args:
        low: Default: -1.0.
        high: Default: 1.0.
        seed: 0 for torch's own generator; else the same values each time. Default: 0.
        diag_num: how many values to set to `diag_val`. Default: 0.
        diag_step: they stand `diag_step + 1` apart in the flattened parameter. Default: 0.
        diag_val: Default: 1.0.
    """

    def __init__(
        self,
        low: float = -1.0,
        high: float = 1.0,
        seed: int = 0,
        diag_num: int = 0,
        diag_step: int = 0,
        diag_val: float = 1.0,
    ) -> None:
        super().__init__(rules.Uniform(low, high), seed)
        self._diag_num, self._diag_step, self._diag_val = diag_num, diag_step, diag_val

    def fill(self, values: torch.Tensor) -> None:
        super().fill(values)
        if self._diag_num:
            diagonal = values.view(-1)[:: self._diag_step + 1]
            if len(diagonal) < self._diag_num:
                msg = (
                    f"diag_num={self._diag_num} with diag_step={self._diag_step} does not fit a parameter of "
                    f"{values.numel()} values; {len(diagonal)} fit. Lower one of them."
                )
                raise ValueError(msg)
            diagonal[: self._diag_num] = self._diag_val


class NormalInitializer(_Random):
    """Normal distribution.

    Args:
        loc: mean. Default: 0.0.
        scale: standard deviation. Default: 1.0.
        seed: 0 for torch's own generator; else the same values each time. Default: 0.
    """

    def __init__(self, loc: float = 0.0, scale: float = 1.0, seed: int = 0) -> None:
        super().__init__(rules.Normal(loc, scale), seed)


class TruncatedNormalInitializer(_Random):
    """Normal distribution cut two standard deviations from its mean; args as in `NormalInitializer`."""

    def __init__(self, loc: float = 0.0, scale: float = 1.0, seed: int = 0) -> None:
        super().__init__(rules.TruncatedNormal(loc, scale, loc - 2.0 * scale, loc + 2.0 * scale), seed)


class XavierInitializer(_Random):
    """Variance `2 / (fan_in + fan_out)`; what weights get by default.

    Args:
        uniform: uniform rather than normal. Default: True.
        fan_in: in place of the parameter's own, `shape[1]` times the taps of the kernel. Default: None.
        fan_out: in place of the parameter's own, `shape[0]` times the taps. Default: None.
        seed: 0 for torch's own generator; else the same values each time. Default: 0.

    Example:
        >>> from fourfold.frontends.paddle import fluid
        >>> attr = fluid.ParamAttr(initializer=fluid.initializer.Xavier(seed=7))
        >>> first, second = (fluid.dygraph.Conv3DTranspose(4, 6, 3, param_attr=attr) for _ in range(2))
        >>> bool((first.weight == second.weight).all())
        True
    """

    def __init__(
        self, uniform: bool = True, fan_in: float | None = None, fan_out: float | None = None, seed: int = 0
    ) -> None:
        kind = rules.XavierUniform if uniform else rules.XavierNormal
        super().__init__(kind(fan_in, fan_out), seed)


class MSRAInitializer(_Random):
    """Variance `2 / fan_in` (He); args as in `XavierInitializer`."""

    def __init__(self, uniform: bool = True, fan_in: float | None = None, seed: int = 0) -> None:
        kind = rules.KaimingUniform if uniform else rules.KaimingNormal
        super().__init__(kind(fan_in), seed)


class NumpyArrayInitializer(rules.Assign):
    """Given values.

    Args:
        value: an array of the parameter's shape; it is cast to the parameter's dtype.

    Raises:
        AssertionError: `value` is no array.
    """

    def __init__(self, value: np.ndarray[Any, Any]) -> None:
        if not isinstance(value, np.ndarray):
            msg = f"value is a {type(value).__name__}; it must be a numpy.ndarray. Convert it with numpy.asarray()."
            raise AssertionError(msg)
        super().__init__(value)


Constant = ConstantInitializer
Uniform = UniformInitializer
Normal = NormalInitializer
TruncatedNormal = TruncatedNormalInitializer
Xavier = XavierInitializer
MSRA = MSRAInitializer
BilinearInitializer = Bilinear
