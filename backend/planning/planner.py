"""Which algorithm runs a case, and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..algorithms import ALGORITHMS, GRADIENTS, Algorithm, Gradient
from ..algorithms.gpu import measured as gpu
from ..errors import OperatorError
from ..notebook import html_table
from . import costs, tuning
from .case import Case, case_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

    from ..spec import ConvTranspose3dSpec
    from .rates import Rates


# Of torch's own time, another's must be predicted to take at most so much; and to save so many seconds.
_TRUSTED, _TRUSTED_GRADIENT, _LEAST = 0.9, 0.85, 5e-5


@dataclass(frozen=True)
class Candidate:
    """One algorithm's predicted time in seconds, or why it does not apply; neither where nothing is predicted."""

    name: str
    seconds: float | None
    refusal: str | None


@dataclass(frozen=True, repr=False)
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

    def __repr__(self) -> str:
        return f"<Plan: {self.algorithm}, of {len(self.candidates) - len(self.refused)} that apply>"

    def __str__(self) -> str:
        lines = []
        width = max(14, *(len(each.name) + 1 for each in self.candidates))
        for each in self.candidates:
            mark = "*" if each.name == self.algorithm else " "
            told = each.refusal or "not predicted on cuda: autotune() measures it"
            if each.seconds is not None:
                told = f"{each.seconds * 1e3:10.3f} ms predicted"
            lines.append(f"{mark} {each.name:<{width}}{told}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = [
            (
                f"{each.name} (chosen)" if each.name == self.algorithm else each.name,
                "" if each.seconds is None else f"{each.seconds * 1e3:.3f}",
                each.refusal or "",
            )
            for each in self.candidates
        ]
        return html_table(repr(self)[1:-1], ("algorithm", "predicted, ms", "why not"), rows, len(rows))


def _candidates(case: Case) -> tuple[Candidate, ...]:
    return _predicted(case, costs.rates_of(case))


@lru_cache(maxsize=4096)
def _predicted(case: Case, _: Rates) -> tuple[Candidate, ...]:
    predicted = case.device != "cuda"
    found = [Candidate("native", costs.predicted(costs.native(case)) if predicted else None, None)]
    for algorithm in gpu.ALGORITHMS if case.device == "cuda" else ALGORITHMS:
        reason = refusal(algorithm, case)
        found.append(
            Candidate(algorithm.name, costs.seconds(algorithm, case) if predicted and not reason else None, reason)
        )
    return tuple(found)


def refusal(algorithm: Algorithm, case: Case) -> str | None:
    """Why an algorithm does not apply to a case, or None."""
    if case.device not in ("cpu", "cuda"):
        return f"it is written for CPUs and CUDA, the operands are on {case.device}"
    return algorithm.refusal(case)


def possible(case: Case) -> list[Algorithm]:
    """Return the algorithms that apply to a case, beside torch's own."""
    every = gpu.ALGORITHMS if case.device == "cuda" else ALGORITHMS
    return [algorithm for algorithm in every if refusal(algorithm, case) is None]


def possible_gradients(case: Case) -> list[Gradient]:
    """Return what can compute the gradients of a case."""
    every = gpu.GRADIENTS if case.device == "cuda" else GRADIENTS
    return [algorithm for algorithm in every if algorithm.refusal(case) is None]


def choose(case: Case, *, bounded: bool = False) -> Algorithm | None:
    """Return the algorithm with the least predicted time, None for torch's own.

    It is always the same for the same case on the same machine (`rates`).

    Torch's own is kept where no other is predicted to save a tenth and 50 microseconds: predictions are no better
    than that. On CUDA nothing is predicted: torch's own. `bounded` leaves out what does not keep to its workspace:
    torch's own, and the Fourier transform, whose spectra of the weight are large, and made anew for each slab.

    Raises:
        OperatorError: `bounded`, and no other algorithm applies.
    """
    return _chosen(case, bounded, costs.rates_of(case))


@lru_cache(maxsize=4096)
def _chosen(case: Case, bounded: bool, _: Rates) -> Algorithm | None:
    found = [each for each in _candidates(case) if each.seconds is not None]
    if bounded:
        found = [each for each in found if each.name not in ("native", "fft")]
        _check_any(found, case)
    best = min(found, key=lambda each: _doubted(each.name, each.seconds or 0.0, _TRUSTED), default=None)
    if best is None:
        return None
    return next((algorithm for algorithm in ALGORITHMS if algorithm.name == best.name), None)


def _doubted(name: str, seconds: float, trusted: float) -> float:
    return trusted * seconds - _LEAST if name == "native" else seconds


def choose_gradient(case: Case, *, bounded: bool = False) -> Gradient:
    """Return the algorithm with the least predicted time for the gradients; torch's own on CUDA."""
    return _chosen_gradient(case, bounded, costs.rates_of(case))


@lru_cache(maxsize=4096)
def _chosen_gradient(case: Case, bounded: bool, _: Rates) -> Gradient:
    found = [each for each in possible_gradients(case) if not (bounded and each.name == "native")]
    _check_any(found, case)
    return (
        found[0]
        if case.device == "cuda"
        else min(found, key=lambda each: _doubted(each.name, costs.seconds(each, case), _TRUSTED_GRADIENT))
    )


def _check_any(found: Sequence[object], case: Case) -> None:
    if not found:
        msg = f"max_workspace cannot be kept for {case.dtype}: torch's own operator alone computes it. Leave it out."
        raise OperatorError(msg)


def plan(spec: ConvTranspose3dSpec, input: torch.Tensor) -> Plan:
    """Explain which algorithm `conv_transpose3d` takes for `input`; a meta tensor stands for one on the CPU.

    After `autotune()` it is the one that was measured to be the fastest, once the case has been. Transforms,
    exporters, forward-mode AD and devices other than CPUs and CUDA take torch's own operator always.

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
    tuner = tuning.active()
    measured = None if tuner is None else tuner.known(f"forward {case}")
    algorithm, candidates = choose(case), _candidates(case)
    if measured not in {each.name for each in candidates if each.refusal is None}:  # what a file says may be gone
        measured = algorithm.name if algorithm else "native"
    return Plan(measured, candidates)
