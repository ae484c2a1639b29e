"""What stands around the layer says what is wrong, and leaves plain tensors plain."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import fourfold.frontends.oneflow as flow
from fourfold.frontends.oneflow import nn, optim
from fourfold.frontends.oneflow.optim import lr_scheduler


def optimizer(*counts: int) -> optim.SGD:
    groups = [{"params": [nn.Parameter(flow.ones(1)) for _ in range(count)]} for count in counts or (1,)]
    return optim.SGD(groups, lr=1.0)


def two_rates() -> optim.SGD:
    made = optimizer(1, 1)
    made.param_groups[1]["lr"] = 0.5
    return made


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        pytest.param(lambda: nn.Conv3d(3, 4, 3, groups=2), AssertionError, "in_channels=3", id="groups"),
        pytest.param(lambda: nn.Conv3d(1, 1, 1, padding_mode="reflect"), AssertionError, "Only `zeros`", id="mode"),
        pytest.param(lambda: nn.Conv3d(1, 1, (3, 1, 1), padding="same"), NotImplementedError, "in reverse", id="same"),
        pytest.param(lambda: nn.BatchNorm3d(1, momentum=None), TypeError, "momentum=None", id="momentum"),
        pytest.param(lambda: nn.BatchNorm3d(1)(torch.ones(1, 1, 2, 2)), ValueError, "expected 5D input", id="rank"),
        pytest.param(lambda: nn.Dropout(generator=1), NotImplementedError, "generator=1 is not", id="generator"),
        pytest.param(lambda: nn.Dropout(2.0), ValueError, "between 0 and 1", id="probability"),
        pytest.param(lambda: nn.functional.leaky_relu(*[torch.ones(1)]), TypeError, "alpha", id="slope"),
        pytest.param(
            lambda: nn.functional.pad(torch.ones(1, 1, 2, 2, 2), (1,) * 6, "reflect"),
            NotImplementedError,
            "'constant' only",
            id="pad",
        ),
        pytest.param(
            lambda: nn.CrossEntropyLoss(label_smoothing=2.0), ValueError, "between 0.0 and 1.0", id="smoothing"
        ),
        pytest.param(lambda: nn.BCELoss(reduction="max"), AssertionError, "reduction='max'", id="reduction"),
        pytest.param(lambda: optim.SGD([flow.ones(1)], lr=-1), AssertionError, "Invalid learning rate: -1", id="lr"),
        pytest.param(lambda: optim.Adam([flow.ones(1)], betas=(0.9, 1)), AssertionError, "index 1: 1", id="beta"),
        pytest.param(
            lambda: optimizer().load_state_dict(optimizer(1, 1).state_dict()),
            ValueError,
            "2; the",
            id="groups of state",
        ),
        pytest.param(
            lambda: optimizer(2).load_state_dict(optimizer(1).state_dict()), ValueError, "match the size", id="size"
        ),
        pytest.param(lambda: lr_scheduler.StepLR(None, 1), TypeError, "NoneType is not an Optimizer", id="none"),
        pytest.param(lambda: lr_scheduler.StepLR(optimizer(), 0), AssertionError, "step_size must", id="step"),
        pytest.param(lambda: lr_scheduler.StepLR(optimizer(), 1, last_step=3), KeyError, "initial_lr", id="resuming"),
        pytest.param(
            lambda: lr_scheduler.MultiStepLR(optimizer(), [2, 2]), AssertionError, "increasing", id="milestones"
        ),
        pytest.param(lambda: lr_scheduler.ExponentialLR(optimizer(), 0), ValueError, "'gamma' must", id="gamma"),
        pytest.param(
            lambda: lr_scheduler.LinearLR(optimizer(), 2.0), ValueError, "Starting multiplicative", id="factor"
        ),
        pytest.param(
            lambda: lr_scheduler.LambdaLR(optimizer(), []), AssertionError, "Expected 1 lr_lambdas", id="lambda"
        ),
        pytest.param(
            lambda: lr_scheduler.WarmupLR(optimizer(), warmup_iters=0), ValueError, "warmup_iters", id="iters"
        ),
        pytest.param(
            lambda: lr_scheduler.WarmupLR(lr_scheduler.StepLR(two_rates(), 1)),
            ValueError,
            "different first",
            id="rates",
        ),
        pytest.param(
            lambda: lr_scheduler.SequentialLR(optimizer(), [], []), ValueError, "0 schedulers", id="schedulers"
        ),
    ],
)
def test_what_is_wrong_is_named(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()


def test_fused_and_maximize_warn_as_in_oneflow() -> None:
    with pytest.warns(UserWarning, match="Fused SGD only support cuda parameters"):
        optim.SGD([nn.Parameter(flow.ones(1))], fused=True)
    with pytest.warns(FutureWarning, match=r"Only Momentum > 0\.0"):
        optim.SGD([nn.Parameter(flow.ones(1))], maximize=True)
    with pytest.warns(UserWarning, match="To enable clip_grad"):
        optimizer().clip_grad()


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        pytest.param(nn.Conv3d(2, 2, 1), (1, 2, 2, 2, 2), id="Conv3d"),
        pytest.param(nn.Linear(2, 2), (1, 2), id="Linear"),
        pytest.param(nn.BatchNorm3d(2), (2, 2, 2, 2, 2), id="BatchNorm3d"),
        pytest.param(nn.InstanceNorm3d(2, affine=True), (1, 2, 2, 2, 2), id="InstanceNorm3d"),
        pytest.param(nn.GroupNorm(1, 2), (1, 2, 2), id="GroupNorm"),
        pytest.param(nn.MaxPool3d(2), (1, 2, 2, 2, 2), id="MaxPool3d"),
        pytest.param(nn.PReLU(), (2,), id="PReLU"),
    ],
)
def test_a_plain_tensor_stays_plain_and_oneflow_s_stays_oneflow_s(module: nn.Module, shape: tuple[int, ...]) -> None:
    assert type(module(torch.ones(shape))) is torch.Tensor
    assert type(module(flow.ones(shape))) is flow.Tensor


def test_tensors_of_layers_are_oneflow_s() -> None:
    norm = nn.BatchNorm3d(2)
    assert [type(value) for value in norm.state_dict().values()] == [nn.Parameter] * 2 + [flow.Tensor] * 3
    assert norm.weight.numpy().tolist() == [1.0, 1.0]


@pytest.mark.parametrize("loaded", [{}, {"num_batches_tracked": torch.tensor(5)}], ids=["without", "with"])
def test_the_count_of_batches_may_be_missing(loaded: dict[str, torch.Tensor]) -> None:
    norm = nn.BatchNorm3d(1)
    state = {name: torch.ones(1) for name in ("weight", "bias", "running_mean", "running_var")}
    norm.load_state_dict({**state, **loaded})
    assert norm.num_batches_tracked is not None
    assert norm.num_batches_tracked.item() == (5 if loaded else 0)


@pytest.mark.parametrize("num_features", [0, 2, 4, 8])
def test_instance_norm_counts_the_channels_of_its_input(num_features: int) -> None:
    x = flow.arange(64.0).reshape(2, 4, 2, 2, 2).square()
    first = nn.InstanceNorm3d(num_features)(x).flatten()[:3]
    # what OneFlow 0.9 prints, whatever num_features is
    assert first.tolist() == pytest.approx([-1.0491086, -0.9891595, -0.80931234], rel=1e-6)


def test_instance_norm_wants_volumes_in_batches() -> None:
    with pytest.raises(ValueError, match=r"expected 5D input \(got 4D input\)"):
        nn.InstanceNorm3d(4)(flow.ones(4, 2, 2, 2))
