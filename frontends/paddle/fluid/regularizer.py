"""Mirrors `paddle.fluid.regularizer`: weight decay kept on a parameter."""

from __future__ import annotations

from .. import regularizer

__all__ = ["L1Decay", "L1DecayRegularizer", "L2Decay", "L2DecayRegularizer"]


class L1DecayRegularizer(regularizer.L1Decay):
    """Adds `regularization_coeff * sum(abs(weight))` to a loss.

    The optimizers of `fluid.optimizer` follow it; torch's own do not know it.
    """

    def __init__(self, regularization_coeff: float = 0.0) -> None:
        super().__init__(regularization_coeff)

    @property
    def _regularization_coeff(self) -> float:
        return self.coeff

    def __str__(self) -> str:
        return f"L1Decay, regularization_coeff={self.coeff:f}"

    __repr__ = __str__


class L2DecayRegularizer(regularizer.L2Decay):
    """Adds `0.5 * regularization_coeff * sum(weight ** 2)` to a loss.

    >>> L2DecayRegularizer(regularization_coeff=0.1)
    L2Decay, regularization_coeff=0.100000
    """

    def __init__(self, regularization_coeff: float = 0.0) -> None:
        super().__init__(regularization_coeff)

    @property
    def _regularization_coeff(self) -> float:
        return self.coeff

    def __str__(self) -> str:
        return f"L2Decay, regularization_coeff={self.coeff:f}"

    __repr__ = __str__


L1Decay = L1DecayRegularizer
L2Decay = L2DecayRegularizer
