"""Optimizer states are refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tests.compat.porting.nets import model
from torch import nn

import fourfold
from fourfold.compat.porting import PortingError


def optimizer_states() -> dict[str, dict[str, Any]]:
    parameter = nn.Parameter(torch.ones(1))
    return {
        "torch": torch.optim.Adam([parameter]).state_dict(),
        # names as Paddle 3.3.1 and 1.8.5 write them
        "paddle": {"linear_0.w_0_moment1_0": np.zeros(3), "linear_0.w_0_beta1_pow_acc_0": np.zeros(1)},
        "momentum": {"linear_0.w_0_velocity_0": np.zeros(3)},
        "scheduler": {"LR_Scheduler": {"last_epoch": 3}},
    }


@pytest.mark.parametrize("name", optimizer_states())
def test_optimizer_states_are_out_of_scope_and_it_says_so(name: str) -> None:
    with pytest.raises(PortingError, match=r"it is an optimizer's\. Porting those is out of scope"):
        fourfold.port_state(optimizer_states()[name], source="paddle", target="torch", module=model())
