"""What stands around the layer says what is wrong, and leaves plain tensors plain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import fourfold.frontends.megengine as mge
import fourfold.frontends.megengine.functional as F
import fourfold.frontends.megengine.module as M
import fourfold.frontends.megengine.optimizer as optim


def optimizer(**options: Any) -> optim.SGD:
    return optim.SGD([mge.Parameter([1.0])], lr=1.0, **options)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        pytest.param(lambda: M.Conv3d(3, 4, 3, groups=2), AssertionError, "in_channels=3 out_channels=4", id="groups"),
        pytest.param(lambda: M.Conv3d(0, 4, 3), ZeroDivisionError, "in_channels=0", id="channels"),
        pytest.param(lambda: M.Conv3d(1, 1, 1)(torch.ones(1, 2, 2, 2)), RuntimeError, "inp has 4 axes", id="rank"),
        pytest.param(lambda: M.BatchNorm2d(1)(torch.ones(1, 1, 2, 2, 2)), ValueError, "expected 4D input", id="volume"),
        pytest.param(
            lambda: M.BatchNorm2d(1, track_running_stats=False, freeze=True), AssertionError, "if freeze", id="freeze"
        ),
        pytest.param(lambda: F.batch_norm(torch.ones(1, 1, 1, 1)), AssertionError, "running_mean", id="inference"),
        pytest.param(lambda: M.GroupNorm(2, 3), AssertionError, "num_channels=3 is not divisible", id="group norm"),
        pytest.param(lambda: M.GroupNorm(1, 1)(torch.ones(1, 1, 1, 1, 1)), RuntimeError, "takes 4 axes", id="planes"),
        pytest.param(lambda: F.layer_norm(torch.ones(2), 2, True), AssertionError, "must be provided", id="affine"),
        pytest.param(lambda: M.MaxPool2d(2)(torch.ones(1, 1, 2, 2, 2)), RuntimeError, "pooling takes 4", id="pooling"),
        pytest.param(lambda: M.AvgPool2d(2, mode="sum")(torch.ones(1, 1, 2, 2)), ValueError, "mode='sum'", id="mode"),
        pytest.param(lambda: F.dropout(torch.ones(1), 1.0), AssertionError, "0 to below 1", id="dropout"),
        pytest.param(lambda: M.Embedding(2, 2, padding_idx=0), ValueError, "Not support padding index", id="padding"),
        pytest.param(lambda: F.clip(torch.ones(1)), AssertionError, "At least one", id="clip"),
        pytest.param(lambda: F.pad(torch.ones(1), ((1, 1),), "wrap"), AssertionError, "mode='wrap'", id="pad"),
        pytest.param(
            lambda: F.where(torch.ones(1), torch.ones(1), torch.ones(1)), ValueError, "must be bool", id="where"
        ),
        pytest.param(lambda: F.vision.interpolate(torch.ones(1, 1, 2, 2)), ValueError, "scale_factor", id="size"),
        pytest.param(lambda: F.vision.interpolate(torch.ones(1, 1, 2), 2), AssertionError, "must have 4", id="image"),
        pytest.param(
            lambda: F.vision.interpolate(torch.ones(1, 1, 2, 2), 2, mode="area"),
            ValueError,
            "unsupported interpolate mode",
            id="resizing",
        ),
        pytest.param(
            lambda: F.loss.cross_entropy(torch.ones(1, 2), torch.ones(1, 2)), AssertionError, "one less", id="label"
        ),
        pytest.param(
            lambda: optim.MultiStepLR(optimizer(), [3, 1]), ValueError, "increasing integers", id="milestones"
        ),
        pytest.param(lambda: optim.MultiStepLR(None, [1]), TypeError, "should be Optimizer", id="scheduler"),
        pytest.param(
            lambda: optim.MultiStepLR(optimizer(), [1], current_epoch=2), KeyError, "initial_lr", id="resuming"
        ),
        pytest.param(
            lambda: optimizer().load_state_dict(optimizer(momentum=0.5).state_dict()),
            ValueError,
            "a different set of states",
            id="state",
        ),
        pytest.param(
            lambda: optim.MultiStepLR(optimizer(), [1]).load_state_dict({"gamma": 1}), KeyError, "milestones", id="keys"
        ),
    ],
)
def test_what_is_wrong_is_named(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        pytest.param(M.Conv3d(2, 2, 1), (1, 2, 2, 2, 2), id="Conv3d"),
        pytest.param(M.Linear(2, 2), (1, 2), id="Linear"),
        pytest.param(M.BatchNorm2d(2), (2, 2, 2, 2), id="BatchNorm2d"),
        pytest.param(M.GroupNorm(1, 2), (1, 2, 2, 2), id="GroupNorm"),
        pytest.param(M.LayerNorm(2), (1, 2), id="LayerNorm"),
        pytest.param(M.PReLU(), (2,), id="PReLU"),
    ],
)
def test_a_plain_tensor_stays_plain_and_megengine_s_stays_megengine_s(module: M.Module, shape: tuple[int, ...]) -> None:
    assert type(module(torch.ones(shape))) is torch.Tensor
    assert type(module(mge.tensor(np.ones(shape)))) is mge.Tensor


@pytest.mark.parametrize("shape", [(1, 3, 1, 1), (3,)], ids=["as it lies", "flat"])
def test_a_normalisation_loads_one_axis_or_four(shape: tuple[int, ...]) -> None:
    norm = M.BatchNorm2d(3)
    state = {name: np.arange(3, dtype="float32").reshape(shape) for name in norm.state_dict()}
    norm.load_state_dict(state)
    assert norm.running_var is not None
    assert norm.running_var.reshape(-1).tolist() == norm.weight.reshape(-1).tolist() == [0.0, 1.0, 2.0]  # type: ignore[union-attr]
    assert norm.weight.shape == (1, 3, 1, 1)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        pytest.param((3,), [0, 1, 2], id="end"),
        pytest.param((1, 4), [1, 2, 3], id="start"),
        pytest.param((1, 8, 3), [1, 4, 7], id="step"),
    ],
)
def test_arange_is_the_documented_one(arguments: tuple[int, ...], numbers: list[int]) -> None:
    # MegEngine's own gives wrong numbers now and then, such as [0, 2, 4] for (1, 4)
    assert F.arange(*arguments, dtype="int32").tolist() == numbers
