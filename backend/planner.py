"""Which algorithm runs a case, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from . import costs
from .algorithms import ALGORITHMS, GRADIENTS, Algorithm, Gradient
from .case import Case, case_of
from .errors import OperatorError

if TYPE_CHECKING:
    from collections.abc import Sequence

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
def choose(case: Case, *, bounded: bool = False) -> Algorithm | None:
    """Return the algorithm with the least predicted time, None for torch's own; always the same for the same case.

    Torch's own takes what memory it wants: `bounded` leaves it out.

    Raises:
        OperatorError: `bounded`, and no other algorithm applies.
    """
    possible = [each for each in _candidates(case) if each.seconds is not None]
    if bounded:
        possible = [each for each in possible if each.name != "native"]
        _check_any(possible, case)
    best = min(possible, key=lambda each: each.seconds or 0.0)
    return next((algorithm for algorithm in ALGORITHMS if algorithm.name == best.name), None)


@lru_cache(maxsize=4096)
def choose_gradient(case: Case, *, bounded: bool = False) -> Gradient:
    """Return the algorithm with the least predicted time for the gradients."""
    possible = [each for each in GRADIENTS if each.refusal(case) is None and not (bounded and each.name == "native")]
    _check_any(possible, case)
    return min(possible, key=lambda each: each.cost(case))


def _check_any(possible: Sequence[object], case: Case) -> None:
    if not possible:
        msg = f"max_workspace cannot be kept for {case.dtype}: torch's own operator alone computes it. Leave it out."
        raise OperatorError(msg)


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
