"""Mirrors `paddle.fluid.average`."""

from __future__ import annotations

from typing import Any

from .metrics import check_number

__all__ = ["WeightedAverage"]


class WeightedAverage:
    """The weighted mean of numbers or arrays.

    >>> mean = WeightedAverage()
    >>> mean.add(2.0, 1)
    >>> mean.add(4.0, 3)
    >>> mean.eval()
    3.5
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget what was added."""
        self.numerator: Any = None
        self.denominator: Any = None

    def add(self, value: Any, weight: Any) -> None:
        """Add a value that counts as much as `weight` says.

        Raises:
            ValueError: one is no number.
        """
        check_number("value", value, arrays=True)
        check_number("weight", weight)
        first = self.numerator is None
        self.numerator = value * weight if first else self.numerator + value * weight
        self.denominator = weight if first else self.denominator + weight

    def eval(self) -> Any:
        """Return the mean.

        Raises:
            ValueError: nothing was added.
        """
        if self.numerator is None:
            msg = "There is no data to be averaged in WeightedAverage. Call add() first."
            raise ValueError(msg)
        return self.numerator / self.denominator
