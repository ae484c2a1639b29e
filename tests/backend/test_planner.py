from __future__ import annotations

import pytest
import torch

from fourfold.backend import ConvTranspose3dSpec, Plan, plan, planner
from fourfold.backend.algorithms import ALGORITHMS
from fourfold.backend.algorithms.native import Native

SPEC = ConvTranspose3dSpec(in_channels=2, out_channels=2, kernel_size=2, stride=2)


class Cubes(Native):
    """An algorithm for cubes only."""

    def refusal(self, spec: ConvTranspose3dSpec, input: torch.Tensor) -> str | None:
        return None if len(set(input.shape[-3:])) == 1 else f"{tuple(input.shape[-3:])} is not a cube"


def test_names_are_unique() -> None:
    names = [algorithm.name for algorithm in ALGORITHMS]
    assert len(set(names)) == len(names)


def test_the_last_algorithm_applies_to_everything() -> None:
    assert ALGORITHMS[-1].refusal(SPEC, torch.empty(1, 2, 1, 2, 3)) is None


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param((2, 2, 2), Plan("cubes", ()), id="applies"),
        pytest.param((2, 2, 3), Plan("native", (("cubes", "(2, 2, 3) is not a cube"),)), id="refuses"),
    ],
)
def test_the_first_that_applies_is_chosen_and_refusals_are_told(
    size: tuple[int, int, int], expected: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planner, "ALGORITHMS", (Cubes("cubes"), Native()))
    assert plan(SPEC, torch.empty(1, 2, *size, device="meta")) == expected
