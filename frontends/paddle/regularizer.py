"""Mirrors `paddle.regularizer`: weight decay of an optimizer, or of a parameter by itself."""

from __future__ import annotations

__all__ = ["L1Decay", "L2Decay"]


class WeightDecayRegularizer:
    """Base of `L1Decay` and `L2Decay`.

    The optimizers of `paddle.optimizer` follow it, their `weight_decay` or a parameter's `regularizer`, which goes
    first. torch's own do not know it: they take `coeff` as `weight_decay` of a parameter group.

    Args:
        coeff: strength of the decay. Default: 0.0.

    Raises:
        TypeError: it is no number.
    """

    def __init__(self, coeff: float = 0.0) -> None:
        if isinstance(coeff, bool) or not isinstance(coeff, (int, float)):
            msg = f"coeff={coeff!r} is a {type(coeff).__name__}; it must be a number. Give the decay, such as 1e-4."
            raise TypeError(msg)
        self._coeff = float(coeff)

    @property
    def coeff(self) -> float:
        """Strength of the decay."""
        return self._coeff

    def __str__(self) -> str:
        return f"{type(self).__name__}, coeff={self._coeff:f}"

    __repr__ = __str__


class L1Decay(WeightDecayRegularizer):
    """Adds `coeff * sum(abs(weight))` to a loss: `coeff * sign(weight)` to the gradient.

    >>> L1Decay(0.1)
    L1Decay, coeff=0.100000
    """


class L2Decay(WeightDecayRegularizer):
    """Adds `0.5 * coeff * sum(weight ** 2)` to a loss: `coeff * weight` to the gradient, as torch's `weight_decay`.

    >>> L2Decay(1e-4).coeff
    0.0001
    """
