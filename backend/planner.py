"""Which algorithm runs a case, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .algorithms import ALGORITHMS, Algorithm

if TYPE_CHECKING:
    import torch

    from .spec import ConvTranspose3dSpec


@dataclass(frozen=True, slots=True)
class Plan:
    """The algorithm chosen for a case, and why the others were not."""

    algorithm: str
    refused: tuple[tuple[str, str], ...]


def choose(spec: ConvTranspose3dSpec, input: torch.Tensor) -> Algorithm:
    """Return the first algorithm that applies; the same one for the same case in one process."""
    for algorithm in ALGORITHMS[:-1]:
        if algorithm.refusal(spec, input) is None:
            return algorithm
    return ALGORITHMS[-1]


def plan(spec: ConvTranspose3dSpec, input: torch.Tensor) -> Plan:
    """Explain which algorithm `conv_transpose3d` takes for `input` (a meta tensor will do).

    >>> import torch
    >>> from fourfold.backend import ConvTranspose3dSpec
    >>> spec = ConvTranspose3dSpec(in_channels=8, out_channels=4, kernel_size=2, stride=2)
    >>> plan(spec, torch.empty(1, 8, 16, 16, 16, device="meta")).algorithm
    'native'
    """
    refusals = ((algorithm.name, algorithm.refusal(spec, input)) for algorithm in ALGORITHMS)
    refused = tuple((name, reason) for name, reason in refusals if reason is not None)
    return Plan(choose(spec, input).name, refused)
