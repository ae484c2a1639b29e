"""What `import fourfold` offers, and how its results show themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import nn

import fourfold
from fourfold.backend import ConvTranspose3dSpec, plan

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STATE = {f"{index}.weight": np.zeros((50, 60), np.float32) for index in range(40)}

SPEC = ConvTranspose3dSpec(in_channels=2, out_channels=2, kernel_size=2, stride=2)


def model() -> nn.Module:
    return nn.Sequential(*(nn.ConvTranspose3d(2, 2, 2) for _ in range(20)))


def checkpoint(folder: Path) -> fourfold.Checkpoint:
    fourfold.save_checkpoint(STATE, folder / "model.pkl", format="megengine")
    return fourfold.load_checkpoint(folder / "model.pkl")


def report(_: Path) -> Any:
    kinds = dict.fromkeys(map(str, range(40)), "linear")
    return fourfold.port_state(STATE, source="paddle", target="torch", module=kinds)[1]


RESULTS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "checkpoint": (checkpoint, "<Checkpoint: 40 tensors of 120,000 values; megengine, by "),
    "report": (report, "<PortReport: paddle to torch: 40 tensors: 40 transposed>"),
    "plan of a module": (
        lambda _: fourfold.plan_module(model(), target="megengine"),
        "<ModulePlan to megengine: 20 of 20 layers are rebuilt>",
    ),
    "acceleration": (
        lambda _: fourfold.accelerate(model()),
        "<Acceleration: 20 of 20 transposed convolutions swapped>",
    ),
    "plan": (
        lambda _: plan(SPEC, torch.ones(1, 2, 3, 3, 3)),
        "<Plan: ",
    ),
}


@pytest.mark.parametrize("name", [name for name in fourfold.__all__ if name != "__version__"])
def test_what_is_offered_is_there(name: str) -> None:
    assert getattr(fourfold, name).__name__.rpartition(".")[2] == name


@pytest.mark.parametrize(("make", "begins"), RESULTS.values(), ids=RESULTS)
def test_a_result_shows_itself_in_one_line(make: Callable[[Path], Any], begins: str, tmp_path: Path) -> None:
    shown = repr(make(tmp_path))
    assert shown.startswith(begins)
    assert len(shown) < 120
    assert "\n" not in shown
