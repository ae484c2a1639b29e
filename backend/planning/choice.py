"""Which algorithms run a call of the engine's own path: those that are predicted, or were measured, as the fastest."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch

from ..algorithms.native import native, native_gradients
from ..execution import slabwise
from ..execution.shortcut import MOST
from . import cuda, tuning
from .case import records
from .planner import choose, choose_gradient, possible, possible_gradients

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..algorithms import Algorithm, Gradient
    from .case import Case
    from .tuning import Tuner

Choice = tuple["Algorithm | None", "Gradient"]  # for the output, None being torch's own operator, and for gradients


def chosen(
    case: Case, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None, *, bounded: bool
) -> Choice:
    """Return what computes the output and the gradients of a batched call; `bounded` by a workspace or not."""
    if bounded:
        return choose(case, bounded=True), choose_gradient(case, bounded=True)
    tuner = tuning.active()
    if tuner is None:
        return choose(case), choose_gradient(case)
    return _tuned(tuner, case, input, weight, bias)


def is_final(case: Case, records: bool) -> bool:
    """Whether the choice for a case stays: not what a graph is captured with, unmeasured."""
    tuner = tuning.active()
    return tuner is None or (case, records) in tuner.plans


def _tuned(tuner: Tuner, case: Case, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> Choice:
    """Return what was measured to be the fastest for a case, now or before."""
    recorded = records(input, weight, bias)
    plan: Choice | None = tuner.plans.get((case, recorded))
    if plan is None:
        if case.gpu is not None and cuda.capturing():
            return None, choose_gradient(case)
        with torch.no_grad():
            gradient = _tuned_gradient(tuner, case, input, weight) if recorded else choose_gradient(case)
            plan = _tuned_forward(tuner, case, input, weight, bias), gradient
        _keep(tuner, (case, recorded), plan)
    return plan


def _keep(tuner: Tuner, key: Any, plan: Any) -> None:
    if len(tuner.plans) >= MOST:
        tuner.plans.clear()
    tuner.plans[key] = plan


def _tuned_forward(
    tuner: Tuner, case: Case, input: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None
) -> Algorithm | None:
    named: dict[str, Algorithm | None] = {"native": None, **{each.name: each for each in possible(case)}}
    calls = {name: partial(slabwise.compute, each, case, input, weight, bias) for name, each in named.items()}

    def magnitude() -> tuple[torch.Tensor, ...]:
        return (native(input.abs(), weight.abs(), None if bias is None else bias.abs(), case.spec),)

    return named[tuner.choose(f"forward {case}", calls, _fastest(case, input.device, magnitude))]


def _tuned_gradient(tuner: Tuner, case: Case, input: torch.Tensor, weight: torch.Tensor) -> Gradient:
    named = {each.name: each for each in possible_gradients(case)}
    shape = (case.batch, case.spec.out_channels, *case.spec.output_size(case.size))
    gradient = torch.ones(shape, dtype=case.dtype, device=input.device)
    wanted = (True, True)
    calls = {
        name: partial(slabwise.backward, each, case, gradient, input, weight, wanted) for name, each in named.items()
    }

    def magnitude() -> tuple[torch.Tensor | None, ...]:
        return native_gradients(gradient, input.abs(), weight.abs(), case.spec, wanted)

    return named[tuner.choose(f"backward {case}", calls, _fastest(case, input.device, magnitude))]


def gradient_of(case: Case, input: torch.Tensor, weight: torch.Tensor, slab: int | None) -> Gradient:
    """Return what computes the gradients of a case, where its output was planned apart from them."""
    tuner = tuning.active()
    if slab is not None or tuner is None:
        return choose_gradient(case) if slab is None else choose_gradient(case, bounded=True)
    plan: Gradient | None = tuner.plans.get(case)
    if plan is None:
        with torch.no_grad():
            plan = _tuned_gradient(tuner, case, input, weight)
        _keep(tuner, case, plan)
    return plan


def _fastest(case: Case, device: torch.device, magnitude: Callable[[], cuda.Results]) -> Any:
    """Return what picks the fastest of candidates; None for the way of the CPU."""
    return None if case.gpu is None else partial(cuda.fastest, magnitude=magnitude, dtype=case.dtype, device=device)
