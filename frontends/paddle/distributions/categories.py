"""`Categorical` and `Multinomial`, which Paddle has from weights, and the divergence of categories."""

from __future__ import annotations

import math
from typing import Any

import torch

from ...names import Derived
from ...tensor import plain
from ..names import NAMES
from .distribution import Distribution, given, kl_divergence, register_kl, served

__all__: list[str] = []


class Categories(Distribution):
    """Whole numbers from 0 to K - 1.

    What it is given, (..., K), means two things in the release, and here: samples, entropy and divergence go by its
    softmax, `probs` and `log_prob` by its shares of the sum.
    """

    def _begin(self, logits: Any) -> None:
        self.logits = served(given(logits))
        self.name = "Categorical"

    def _logs(self) -> torch.Tensor:
        return torch.log_softmax(plain(self.logits), -1)

    def sample(self, shape: Any = ()) -> Any:
        """Draw so many samples, by the softmax."""
        logs, count = self._logs(), [int(size) for size in shape]
        drawn = torch.multinomial(logs.exp().reshape(-1, logs.shape[-1]), max(math.prod(count), 1), replacement=True)
        return served(drawn.T.reshape([*count, *logs.shape[:-1]]))

    def entropy(self) -> Any:
        """Return the entropy of the softmax."""
        logs = self._logs()
        return served(-(logs.exp() * logs).sum(-1))

    def kl_divergence(self, other: Distribution) -> Any:
        """Return how far another one is from this one."""
        return kl_divergence(self, other)

    def probs(self, value: Any) -> Any:
        """Return the shares of categories: of one law any, else as many of each law as it says."""
        logits, places = plain(self.logits), plain(value)
        shares = logits / logits.sum(-1, keepdim=True)
        if shares.dim() == 1:
            return served(shares[places])
        if places.dim() == 1:
            places = places.expand(*shares.shape[:-1], -1)
        return served(torch.gather(shares, -1, places))

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of `probs`."""
        return torch.log(self.probs(value))


class Counts(Distribution):
    """How often each of K categories comes up in so many draws; `probs`, (..., K), are shares of their sum."""

    def _begin(self, total_count: Any, probs: Any) -> None:
        if not isinstance(total_count, int) or total_count < 1:
            msg = f"input parameter total_count must be int type and grater than zero; it is {total_count!r}."
            raise ValueError(msg)
        weights = given(probs)
        if weights.dim() < 1:
            msg = "probs parameter should not be none and over one dimension: a vector of weights at least."
            raise ValueError(msg)
        self.total_count, self._shares = total_count, weights / weights.sum(-1, keepdim=True)
        self.probs = served(self._shares)  # type: ignore[method-assign]
        super().__init__(weights.shape[:-1], weights.shape[-1:])

    @property
    def mean(self) -> Any:
        """The mean of each count."""
        return served(self._shares * self.total_count)

    @property
    def variance(self) -> Any:
        """The variance of each count."""
        return served(self.total_count * self._shares * (1 - self._shares))

    def sample(self, shape: Any = ()) -> Any:
        """Draw so many vectors of counts."""
        law: Any = torch.distributions.Multinomial(self.total_count, probs=self._shares.detach(), validate_args=False)
        return served(law.sample(torch.Size(int(size) for size in shape)))

    def log_prob(self, value: Any) -> Any:
        """Return the logarithm of the probability of counts."""
        counts = given(value)
        logs = torch.special.xlogy(counts, self._shares).sum(-1)
        return served(torch.lgamma(counts.sum(-1) + 1) - torch.lgamma(counts + 1).sum(-1) + logs)

    def entropy(self) -> Any:
        """Return the entropy, from the binomial law that each count has."""
        total = float(self.total_count)
        counts = torch.arange(1.0, total + 1, dtype=self._shares.dtype, device=self._shares.device)
        counts = counts.reshape(-1, *[1] * self._shares.dim())
        law: Any = torch.distributions.Binomial(self.total_count, probs=self._shares, validate_args=False)
        spread = (law.log_prob(counts).exp() * torch.lgamma(counts + 1)).sum((0, -1))
        logs = torch.special.xlogy(self._shares, self._shares).sum(-1)
        return served(spread - math.lgamma(total + 1) - total * logs)


def of_categories(p: Categories, q: Categories) -> Any:
    """Return the divergence of two softmaxes, along an axis of one element."""
    left, right = p._logs(), q._logs()
    return served((left.exp() * (left - right)).sum(-1, keepdim=True))


for _name, _base in (("Categorical", Categories), ("Multinomial", Counts)):
    _takes = frozenset(NAMES.signatures.signature(f"distribution.{_name}").parameters) - {"name"}
    NAMES.add(Derived(f"distribution.{_name}", _base, _takes, {"name": NAMES.words["name"]}))
register_kl(Categories, Categories)(of_categories)
