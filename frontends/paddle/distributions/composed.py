"""Mirrors the distributions of `paddle.distribution` that are made of others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ...tensor import plain
from .distribution import Distribution, served
from .transforms import ChainTransform, Transform, grown, summed

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Independent", "TransformedDistribution"]


class Independent(Distribution):
    """A distribution whose last axes of distributions count as one sample.

    Args:
        base: the distribution.
        reinterpreted_batch_rank: how many of its axes.

    Raises:
        TypeError: the base is no distribution.
        ValueError: there are no such axes.
    """

    def __init__(self, base: Distribution, reinterpreted_batch_rank: int) -> None:
        if not isinstance(base, Distribution):
            msg = f"Expected type of 'base' is Distribution, but got {type(base).__name__}."
            raise TypeError(msg)
        count = len(base.batch_shape)
        if not 0 < reinterpreted_batch_rank <= count:
            msg = f"Expected 0 < reinterpreted_batch_rank <= {count}, but got {reinterpreted_batch_rank}."
            raise ValueError(msg)
        self._base, self._reinterpreted_batch_rank = base, reinterpreted_batch_rank
        shape, first = (*base.batch_shape, *base.event_shape), count - reinterpreted_batch_rank
        super().__init__(shape[:first], shape[first:])

    @property
    def mean(self) -> Any:
        """The mean of each number."""
        return self._base.mean

    @property
    def variance(self) -> Any:
        """The variance of each number."""
        return self._base.variance

    def sample(self, shape: Any = ()) -> Any:
        """Draw so many samples."""
        return self._base.sample(shape)

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the density."""
        return served(summed(self._base.log_prob(value), self._reinterpreted_batch_rank))

    def entropy(self) -> Any:
        """Return the entropy."""
        return served(summed(self._base.entropy(), self._reinterpreted_batch_rank))


class TransformedDistribution(Distribution):
    """The distribution of what becomes of the samples of another.

    Args:
        base: the other.
        transforms: what they become, one after the other.

    Raises:
        TypeError: the base is no distribution, or something no transform.
        ValueError: samples of the base have too few axes.
    """

    def __init__(self, base: Distribution, transforms: Sequence[Transform]) -> None:
        if not isinstance(base, Distribution):
            msg = f"Expected type of 'base' is Distribution, but got {type(base).__name__}."
            raise TypeError(msg)
        self._base, self._transforms = base, transforms
        chain = self._chain = ChainTransform(transforms)
        shape = (*base.batch_shape, *base.event_shape)
        if len(shape) < chain.axes[0]:
            msg = f"'base' needs to have shape with size at least {chain.axes[0]}, but got {len(shape)}."
            raise ValueError(msg)
        after = chain.forward_shape(shape)
        axes = chain.axes[1] + max(len(base.event_shape) - chain.axes[0], 0)
        super().__init__(after[: len(after) - axes], after[len(after) - axes :])

    def sample(self, shape: Any = ()) -> Any:
        """Draw so many samples, without gradients."""
        with torch.no_grad():
            return self._chain.forward(self._base.sample(shape))

    def rsample(self, shape: Any = ()) -> Any:
        """Draw so many samples, with gradients."""
        return self._chain.forward(self._base.rsample(shape))

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the density."""
        total: Any = 0
        axes = len(self.event_shape)
        for each in reversed(self._chain.transforms):
            before = each.inverse(value)
            axes += each.axes[0] - each.axes[1]
            total = total - summed(grown(each, before), axes - each.axes[0])
            value = before
        return served(total + summed(plain(self._base.log_prob(value)), axes - len(self._base.event_shape)))
