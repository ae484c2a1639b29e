"""Rows of distributions that torch has: their class there, and the words and methods that differ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NoReturn

import torch
from torch import distributions as laws
from torch.distributions.relaxed_bernoulli import LogitRelaxedBernoulli

from ...names import Derived
from ..names import NAMES
from .distribution import Distribution, ExponentialFamily, given, kl_divergence, of_torch, register_kl, served

if TYPE_CHECKING:
    from collections.abc import Callable

__all__: list[str] = []


class Law(Distribution):
    """A distribution that torch computes.

    Attributes:
        kind: torch's class.
        words: torch's names of the parameters, by Paddle's.
        spread: whether parameters are kept as they are broadcast together.
        widens: whether a number is a tensor with one axis, where it is one without in other laws.
    """

    kind: Any
    words: dict[str, str]
    spread: bool = True
    widens: bool = False

    def _begin(self, **parameters: Any) -> None:
        read = {name: each if name in KEPT else given(each) for name, each in parameters.items() if each is not None}
        for name, each in read.items():
            if self.widens and name not in KEPT and not isinstance(parameters[name], torch.Tensor) and not each.dim():
                read[name] = each.reshape(1)
        self.law = self.kind(**{self.words.get(name, name): each for name, each in read.items()}, validate_args=False)
        super().__init__(self.law.batch_shape, self.law.event_shape)
        for name, each in read.items():
            spread = each.expand(self._batch_shape) if self.spread and name not in KEPT else each
            setattr(self, name, served(spread) if isinstance(spread, torch.Tensor) else spread)


# parameters that are no tensors
KEPT = frozenset({"lims", "dim", "sample_method"})


class Family(Law, ExponentialFamily):
    """One of the exponential family."""


def _property(name: str) -> property:
    return property(lambda self: served(getattr(self.law, name)))


def _drawn(draw: str) -> Callable[..., Any]:
    def drawn(self: Any, shape: Any = (), seed: int = 0, name: Any = None) -> Any:
        if seed:
            msg = f"seed={seed}: a sample has no seed of its own here; only 0 is served. Call paddle.seed() before."
            raise NotImplementedError(msg)
        return served(getattr(self.law, draw)(torch.Size(int(size) for size in shape)))

    return drawn


def _of_value(function: Callable[[Any, torch.Tensor], torch.Tensor]) -> Callable[..., Any]:
    return lambda self, value: served(function(self.law, given(value)))


METHODS: dict[str, Any] = {
    "mean": _property("mean"),
    "variance": _property("variance"),
    "stddev": _property("stddev"),
    "sample": _drawn("sample"),
    "rsample": _drawn("rsample"),
    "entropy": lambda self: served(self.law.entropy()),
    **{name: _of_value(lambda law, value: law.log_prob(value)) for name in ("log_prob", "log_pmf")},
    **{name: _of_value(lambda law, value: law.log_prob(value).exp()) for name in ("prob", "probs", "pmf")},
    "cdf": _of_value(lambda law, value: law.cdf(value)),
    "icdf": _of_value(lambda law, value: law.icdf(value)),
    "kl_divergence": kl_divergence,
}


def law(
    name: str,
    kind: Callable[..., Any],
    /,
    *,
    base: type = Law,
    spread: bool = True,
    widens: bool = False,
    methods: dict[str, Any] | None = None,
    more: str = "",
    diverges: bool = True,
    **words: str,
) -> None:
    """Serve a distribution: the methods that the release lists, as torch's class computes them.

    Args:
        name: of the class.
        kind: torch's class, or what makes one.
        base: `Law`, `Family` or a served class.
        spread: as an attribute of `Law`.
        widens: as an attribute of `Law`.
        methods: what means something else.
        more: methods that it has from a base in the release.
        diverges: whether its divergence from its own kind is known.
        **words: torch's names of parameters.
    """
    full = f"distribution.{name}"
    listed = {each: METHODS[each] for each in METHODS if f"{full}.{each}" in NAMES.signatures or each in more.split()}
    facts = {
        "kind": staticmethod(kind),
        "words": words,
        "spread": spread,
        "widens": widens,
        **listed,
        **(methods or {}),
    }
    takes = frozenset(NAMES.signatures.signature(full).parameters) - {"name"}
    NAMES.add(Derived(full, base, takes, {"name": NAMES.words["name"]}, facts))
    if diverges:
        made = NAMES.get(full)
        register_kl(made, made)(of_torch)


def _positive(parameter: torch.Tensor, name: str) -> torch.Tensor:
    # torch's laws inside these ask only until torch.compile has run once in the process
    if not bool((torch.as_tensor(parameter) > 0).all()):
        msg = f"every element of {name} must be positive; it is {parameter.tolist()}."
        raise ValueError(msg)
    return parameter


def raises(what: str) -> property:
    """Return a property that there is not."""

    def none(self: Any) -> NoReturn:
        msg = f"{type(self).__name__} distribution has no {what}."
        raise ValueError(msg)

    return property(none)


def enumerated(law: Any, most: torch.Tensor) -> torch.Tensor:
    """Return the entropy of a law of counts from 0 to `most`."""
    counts = torch.arange(float(most.max()) + 1, dtype=law.mean.dtype, device=law.mean.device)
    logs = law.log_prob(counts.reshape(-1, *[1] * len(law.batch_shape)))
    return -torch.where(logs > -math.inf, logs.exp() * logs, torch.zeros_like(logs)).sum(0)


def entropy_of_counts(most: Callable[[Any], torch.Tensor]) -> Callable[..., Any]:
    """Return a method that sums over all counts that a law makes, up to where hardly any lie."""
    return lambda self: served(enumerated(self.law, most(self.law)))


def stepped(law: Any, value: torch.Tensor) -> torch.Tensor:
    """Return the probability of a Bernoulli law up to a value."""
    return torch.where(value < 0, 0.0, torch.where(value < 1, 1 - law.probs, torch.ones_like(law.probs)))


def relaxed(self: Any, shape: Any = (), temperature: float = 1.0) -> Any:
    """Draw with gradients: Maddison et al., 2017, before the sigmoid, as in the release."""
    law = LogitRelaxedBernoulli(torch.tensor(float(temperature)), probs=self.law.probs, validate_args=False)
    return served(law.rsample(torch.Size(int(size) for size in shape)))


def waited(self: Any, shape: Any = ()) -> Any:
    """Draw how many trials fail before one does not; whole numbers, whose gradients are zero."""
    size = self.law._extended_shape(torch.Size(int(size) for size in shape))
    drawn = torch.rand(size, dtype=self.law.probs.dtype, device=self.law.probs.device).clamp(min=1e-38)
    return served((drawn.log() / (-self.law.probs).log1p()).floor())


law("Normal", laws.Normal, spread=False)
law("Uniform", laws.Uniform, spread=False, diverges=False)
law("Bernoulli", laws.Bernoulli, base=Family, methods={"cdf": _of_value(stepped), "rsample": relaxed})
law("Beta", laws.Beta, base=Family, alpha="concentration1", beta="concentration0")
law("Binomial", laws.Binomial, methods={"entropy": entropy_of_counts(lambda law: law.total_count)})
law("Cauchy", laws.Cauchy, methods={each: raises(each) for each in ("mean", "variance", "stddev")})
law("ContinuousBernoulli", laws.ContinuousBernoulli, widens=True)
law("Dirichlet", laws.Dirichlet, base=Family, spread=False)
law("Exponential", laws.Exponential, base=Family)
law("Gamma", laws.Gamma, base=Family, spread=False)
law(
    "Chi2",
    laws.Chi2,
    base=NAMES.get("distribution.Gamma"),
    diverges=False,
    methods={
        "concentration": property(lambda self: served(self.law.concentration)),
        "rate": property(lambda self: served(self.law.rate)),
    },
)
law(
    "Geometric",
    laws.Geometric,
    diverges=False,
    methods={"cdf": _of_value(lambda law, k: 1 - (1 - law.probs) ** (k + 1)), "rsample": waited},
)


@register_kl(NAMES.get("distribution.Geometric"), NAMES.get("distribution.Geometric"))
def of_trials(p: Any, q: Any) -> Any:
    """Return what the release documents and computes: the divergence of one trial, not of the counts."""
    left, right = p.law.probs, q.law.probs
    return served(left * torch.log(left / right) + (1 - left) * torch.log((1 - left) / (1 - right)))


law("Gumbel", laws.Gumbel, diverges=False)
law("Laplace", laws.Laplace)
law("LogNormal", laws.LogNormal, spread=False, more="log_prob sample rsample")
law("MultivariateNormal", laws.MultivariateNormal, spread=False)
law(
    "Poisson",
    laws.Poisson,
    widens=True,
    methods={"entropy": entropy_of_counts(lambda law: law.rate + 30 * law.rate.sqrt() + 30)},
)
law(
    "StudentT",
    lambda df, loc, scale, **options: laws.StudentT(_positive(df, "df"), loc, scale, **options),
    diverges=False,
)


def correlations(dim: int, concentration: torch.Tensor, sample_method: str, **options: Any) -> Any:
    """Return a law of correlations, which both methods draw from.

    Raises:
        ValueError: there is no such method, or `dim` is below 2.
    """
    if sample_method not in ("onion", "cvine"):
        msg = f"sample_method={sample_method!r}: `method` should be one of 'cvine' or 'onion'."
        raise ValueError(msg)
    return laws.LKJCholesky(dim, _positive(concentration, "concentration"), **options)


law(
    "LKJCholesky",
    correlations,
    diverges=False,
    methods={"sample": lambda self, sample_shape=(): _drawn("sample")(self, sample_shape)},
)
