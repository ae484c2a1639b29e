"""Which algorithm runs a case, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from . import costs
from .algorithms import ALGORITHMS, GRADIENTS, Algorithm, Gradient
from .case import Case, case_of

if TYPE_CHECKING:
    import torch

    from .spec import ConvTranspose3dSpec


@dataclass(frozen=True)
class Candidate:
    """One algorithm's predicted time in seconds, or why it does not apply."""

    name: str
    seconds: float | None
    refusal: str | None


@dataclass(frozen=True)
class Plan:
    """The algorithm chosen for a case, and what the others would have cost.

    `str()` of it is a table for people.
    """

    algorithm: str
    candidates: tuple[Candidate, ...]

    @property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """The algorithms that do not apply, with the reasons."""
        return tuple((each.name, each.refusal) for each in self.candidates if each.refusal is not None)

    def __str__(self) -> str:
        lines = []
        for each in self.candidates:
            mark = "*" if each.name == self.algorithm else " "
            told = each.refusal if each.seconds is None else f"{each.seconds * 1e3:10.3f} ms predicted"
            lines.append(f"{mark} {each.name:<14}{told}")
        return "\n".join(lines)


@lru_cache(maxsize=4096)
def _candidates(case: Case) -> tuple[Candidate, ...]:
    found = [Candidate("native", costs.native(case), None)]
    for algorithm in ALGORITHMS:
        reason = refusal(algorithm, case)
        found.append(Candidate(algorithm.name, None if reason else algorithm.cost(case), reason))
    return tuple(found)


def refusal(algorithm: Algorithm, case: Case) -> str | None:
    """Why an algorithm does not apply to a case, or None."""
    if case.device != "cpu":
        return f"it is written for the CPU, the operands are on {case.device}"
    return algorithm.refusal(case)


@lru_cache(maxsize=4096)
def choose(case: Case) -> Algorithm | None:
    """Return the algorithm with the least predicted time, None for torch's own; always the same for the same case."""
    best = min(_candidates(case), key=lambda each: float("inf") if each.seconds is None else each.seconds)
    return next((algorithm for algorithm in ALGORITHMS if algorithm.name == best.name), None)


@lru_cache(maxsize=4096)
def choose_gradient(case: Case) -> Gradient:
    """Return the algorithm with the least predicted time for the gradients."""
    possible = [each for each in GRADIENTS if each.refusal(case) is None]
    return min(possible, key=lambda each: each.cost(case))


def plan(spec: ConvTranspose3dSpec, input: torch.Tensor) -> Plan:
    """Explain which algorithm `conv_transpose3d` takes for `input` on the CPU (a meta tensor will do).

    Transforms, compilers, forward-mode AD and other devices take torch's own operator always.

    >>> import torch
    >>> from fourfold.backend import ConvTranspose3dSpec
    >>> spec = ConvTranspose3dSpec(in_channels=8, out_channels=4, kernel_size=2, stride=2)
    >>> plan(spec, torch.empty(1, 8, 2, 2, 2, device="meta")).algorithm
    'native'
    """
    batched = input if input.dim() == 5 else input.unsqueeze(0)
    case = case_of(spec, batched)
    if case.device == "meta":
        case = case._replace(device="cpu")
    algorithm = choose(case)
    return Plan(algorithm.name if algorithm else "native", _candidates(case))
