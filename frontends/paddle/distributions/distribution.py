"""The base classes of `paddle.distribution`, and the divergence of pairs of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import distributions

from ...tensor import plain
from ..dtype import default_dtype
from ..tensor import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Distribution", "ExponentialFamily", "kl_divergence", "register_kl"]


class Distribution:
    """The base of distributions: a user's own gives what it has.

    Args:
        batch_shape: how many there are. Default: (), one.
        event_shape: the shape of one sample of one of them. Default: (), a number.
    """

    def __init__(self, batch_shape: Any = (), event_shape: Any = ()) -> None:
        self._batch_shape, self._event_shape = tuple(batch_shape), tuple(event_shape)

    @property
    def batch_shape(self) -> Any:
        """How many there are."""
        return self._batch_shape

    @property
    def event_shape(self) -> Any:
        """The shape of one sample of one of them."""
        return self._event_shape

    @property
    def mean(self) -> Any:
        """The mean, where a distribution has it."""
        raise NotImplementedError

    @property
    def variance(self) -> Any:
        """The variance, likewise."""
        raise NotImplementedError

    def sample(self, shape: Any = ()) -> Any:
        """Draw so many samples, without gradients: where a distribution can."""
        raise NotImplementedError

    def rsample(self, shape: Any = ()) -> Any:
        """Draw so many samples, with gradients: where a distribution can."""
        raise NotImplementedError

    def entropy(self) -> Any:
        """Return the entropy, where a distribution has it."""
        raise NotImplementedError

    def kl_divergence(self, other: Distribution) -> Any:
        """Return how far another one is from this one: where a distribution has it as a method."""
        raise NotImplementedError

    def prob(self, value: Any) -> Any:
        """Return the density, or the probability."""
        return torch.exp(self.log_prob(value))

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the density: where a distribution has it."""
        raise NotImplementedError

    def probs(self, value: Any) -> Any:
        """Return the density, under another name."""
        raise NotImplementedError

    def _extend_shape(self, sample_shape: Any) -> Any:
        return (*sample_shape, *self._batch_shape, *self._event_shape)


class ExponentialFamily(Distribution):
    """Those whose density is the exponential of a product of their parameters and of statistics."""


def given(value: Any) -> torch.Tensor:
    """Return a parameter, or a value, as a plain tensor: numbers and arrays of the default dtype.

    Raises:
        TypeError: it is none of these.
    """
    if isinstance(value, torch.Tensor):
        return plain(value)
    try:
        found = torch.as_tensor(value)
    except (TypeError, ValueError, RuntimeError) as error:
        msg = f"{value!r} is a {type(value).__name__}; it must be a number, a list, an array or a tensor."
        raise TypeError(msg) from error
    own = found.dtype.is_floating_point and not isinstance(value, (float, list, tuple))
    return found if own else found.to(default_dtype())


def served(value: torch.Tensor) -> Any:
    """Return a result as a tensor of Paddle's."""
    return value.as_subclass(Tensor)


_divergences: dict[tuple[type, type], Callable[[Any, Any], Any]] = {}


def register_kl(cls_p: type[Distribution], cls_q: type[Distribution]) -> Callable[..., Any]:
    """Return what makes a function the divergence of pairs of two classes, and of what derives from them.

    Raises:
        TypeError: a class is no distribution.
    """
    for each in (cls_p, cls_q):
        if not (isinstance(each, type) and issubclass(each, Distribution)):
            msg = f"cls_p and cls_q must be subclass of Distribution; {each!r} is not."
            raise TypeError(msg)

    def registered(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        _divergences[cls_p, cls_q] = function
        return function

    return registered


def kl_divergence(p: Any, q: Any) -> Any:
    """Return the Kullback-Leibler divergence: the mean of log p / q under p.

    Raises:
        NotImplementedError: it is known of no classes that they derive from.
    """
    for left in type(p).__mro__:
        for right in type(q).__mro__:
            if (left, right) in _divergences:
                return _divergences[left, right](p, q)
    msg = f"No KL divergence of {type(p).__name__} and {type(q).__name__} is known; register_kl() one."
    raise NotImplementedError(msg)


def of_torch(p: Any, q: Any) -> Any:
    """Return the divergence of two of torch's."""
    return served(distributions.kl_divergence(p.law, q.law))
