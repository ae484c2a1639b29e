"""Mirrors `oneflow.distributions`."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import torch

from .size import Size

__all__ = ["Categorical", "Distribution"]

EMPTY = Size()


class Distribution:
    """The base of distributions.

    Args:
        batch_shape: how many there are.
        event_shape: the shape of one sample of one of them.
        validate_args: only None.
    """

    has_rsample = False
    has_enumerate_support = False

    def __init__(self, batch_shape: Any = EMPTY, event_shape: Any = EMPTY, validate_args: Any = None) -> None:
        if validate_args is not None:
            msg = f"validate_args={validate_args!r}: only support validate_args=None for now."
            raise AssertionError(msg)
        self._batch_shape, self._event_shape = Size(batch_shape), Size(event_shape)

    @property
    def batch_shape(self) -> Any:
        """How many there are."""
        return self._batch_shape

    @property
    def event_shape(self) -> Any:
        """The shape of one sample of one of them."""
        return self._event_shape

    def sample(self, sample_shape: Any = EMPTY) -> Any:
        """Draw a sample, or so many."""
        with torch.no_grad():
            return self.rsample(sample_shape)

    def sample_n(self, n: int) -> Any:
        """Draw n samples."""
        return self.sample((n,))

    def rsample(self, sample_shape: Any = EMPTY) -> NoReturn:
        """Draw a sample that takes gradients: where a distribution has it."""
        raise NotImplementedError

    def log_prob(self, value: Any) -> NoReturn:
        """Return the logarithm of the density: where a distribution has it."""
        raise NotImplementedError

    def entropy(self) -> NoReturn:
        """Return the entropy: where a distribution has it."""
        raise NotImplementedError


class Categorical(Distribution):
    """Integers from 0 to K - 1, with the probabilities `(..., K)` or their logarithms; one of the two is given.

    Raises:
        ValueError: none or both are given, or without axes.
    """

    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: Any = None) -> None:
        if (probs is None) == (logits is None):
            msg = "Either `probs` or `logits` must be specified, but not both."
            raise ValueError(msg)
        given = logits if probs is None else probs
        if given.dim() < 1:
            msg = f"`{'logits' if probs is None else 'probs'}` parameter must be at least one-dimensional."
            raise ValueError(msg)
        if probs is None:
            self.logits = logits  # type: ignore[method-assign]  # as in the release
            self.probs = torch.softmax(logits, -1)
        else:
            self.probs = probs / probs.sum(-1, keepdim=True)
        super().__init__(tuple(given.shape[:-1]), validate_args=validate_args)

    def logits(self) -> Any:
        """Return the logarithms of the probabilities; an attribute, the tensor, where those were given."""
        eps = torch.finfo(self.probs.dtype).eps
        return torch.log(torch.clamp(self.probs, eps, 1 - eps))

    def sample(self, sample_shape: Any = EMPTY) -> Any:
        """Draw a sample of each, or so many."""
        shape = tuple(sample_shape)
        flat = self.probs.reshape(-1, self.probs.shape[-1])
        drawn = torch.multinomial(flat, math.prod(shape), replacement=True).T
        return drawn.reshape(*shape, *self._batch_shape)
