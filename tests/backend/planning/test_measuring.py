"""What is measured of a machine, on this one."""

from __future__ import annotations

import math

import torch

from fourfold.backend.planning import rates


def test_every_rate_is_a_positive_number() -> None:
    assert all(0 < rate < math.inf for rate in rates.measured())


def test_the_threads_of_torch_are_as_before() -> None:
    before = torch.get_num_threads()
    rates.measured()
    assert torch.get_num_threads() == before
