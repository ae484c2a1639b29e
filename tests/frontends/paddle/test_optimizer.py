"""Paddle's optimizers and schedulers: states and errors; steps are in tests/compat/activation."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends import paddle

lr: Any = paddle.optimizer.lr
AdamW: Any = paddle.optimizer.AdamW


def linear() -> Any:
    with paddle.unique_name.guard():
        layer: Any = paddle.nn.Linear(2, 1)
    layer.weight.set_value(np.ones((2, 1), "float32"))
    return layer


def step(layer: Any, optimizer: Any, times: int) -> None:
    for _ in range(times):
        layer(paddle.to_tensor([[1.0, -2.0]])).square().sum().backward()
        optimizer.step()
        optimizer.clear_grad()


MAKE: dict[str, Any] = {
    "Momentum": lambda p: paddle.optimizer.Momentum(0.125, 0.5, p),
    "Adam": lambda p: paddle.optimizer.Adam(lr.ExponentialDecay(0.125, 0.5), parameters=p),
    "AdamW": lambda p: paddle.optimizer.AdamW(0.125, parameters=p),
}


@pytest.mark.parametrize("name", MAKE)
@pytest.mark.parametrize("started", [False, True], ids=["before its first step", "after a step"])
def test_an_optimizer_goes_on_where_another_was(name: str, started: bool) -> None:
    layer = linear()
    with paddle.unique_name.guard():
        optimizer = MAKE[name](layer.parameters())
        step(layer, optimizer, 3)
    twin, state = linear(), copy.deepcopy(optimizer.state_dict())
    with paddle.unique_name.guard():
        resumed = MAKE[name](twin.parameters())
        if started:
            step(twin, resumed, 1)
        twin.set_state_dict(layer.state_dict())
        resumed.set_state_dict(state)
        step(layer, optimizer, 2)
        step(twin, resumed, 2)
    assert [torch.equal(a, b) for a, b in zip(layer.parameters(), twin.parameters(), strict=True)] == [True, True]
    assert list(resumed.state_dict()) == list(optimizer.state_dict())


def test_a_state_is_a_copy_that_later_steps_leave_alone() -> None:
    layer, twin = linear(), linear()
    with paddle.unique_name.guard():
        optimizer = MAKE["Momentum"](layer.parameters())
        step(layer, optimizer, 1)
        state = {name: value.clone() for name, value in optimizer.state_dict().items()}
    with paddle.unique_name.guard():
        resumed = MAKE["Momentum"](twin.parameters())
        resumed.set_state_dict(state)
        step(twin, resumed, 1)
    assert state["linear_0.b_0_velocity_0"].item() == optimizer.state_dict()["linear_0.b_0_velocity_0"].item()


def test_gradients_stay_as_they_are_when_they_are_clipped() -> None:
    layer = linear()
    descent = paddle.optimizer.SGD(1.0, layer.parameters(), grad_clip=paddle.nn.ClipGradByValue(0.5))
    layer(paddle.to_tensor([[4.0, 4.0]])).sum().backward()
    descent.step()
    assert layer.weight.grad.flatten().tolist() == [4.0, 4.0]
    assert layer.weight.flatten().tolist() == [0.5, 0.5]


def test_decay_comes_after_the_clip() -> None:
    layer = linear()
    descent = paddle.optimizer.SGD(
        1.0, [layer.weight], paddle.regularizer.L1Decay(0.25), paddle.nn.ClipGradByValue(0.5)
    )
    layer(paddle.to_tensor([[4.0, -4.0]])).sum().backward()
    descent.step()
    # 1 - (0.5 + 0.25) and 1 - (-0.5 + 0.25)
    assert layer.weight.flatten().tolist() == [0.25, 1.25]


def test_a_step_with_a_closure_returns_its_loss() -> None:
    weight = torch.nn.Parameter(torch.ones(1))
    descent = paddle.optimizer.SGD(0.5, [weight])

    def loss() -> Any:
        descent.clear_grad()
        value: Any = weight.sum()
        value.backward()
        return value

    assert descent.step(loss).item() == 1.0
    assert weight.item() == 0.5


def test_a_scheduler_is_read_at_every_step_and_sets_the_factor_of_a_parameter() -> None:
    attr = paddle.ParamAttr(learning_rate=0.5, initializer=paddle.nn.initializer.Constant(0.0))
    layer: Any = paddle.nn.Linear(1, 1, weight_attr=attr, bias_attr=False)
    schedule = lr.PiecewiseDecay([1], [1.0, 0.25])
    descent = paddle.optimizer.SGD(schedule, layer.parameters())
    for _ in range(2):
        layer(paddle.ones([1, 1])).sum().backward()
        descent.step()
        descent.clear_grad()
        schedule.step()
    assert layer.weight.item() == -0.5 * (1.0 + 0.25)
    assert descent.get_lr() == 0.25


def scheduled() -> Any:
    return paddle.optimizer.SGD(lr.StepDecay(0.5, 2), linear().parameters())


def stepped() -> Any:
    layer = linear()
    optimizer = MAKE["Momentum"](layer.parameters())
    step(layer, optimizer, 1)
    return optimizer


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        pytest.param(lambda: scheduled().set_lr(1.0), RuntimeError, "can't be LRScheduler", id="set_lr"),
        pytest.param(lambda: scheduled().set_lr_scheduler(1.0), TypeError, "must be LRScheduler", id="scheduler"),
        pytest.param(lambda: scheduled().set_state_dict({}), AssertionError, "LR_Scheduler state", id="no scheduler"),
        pytest.param(lambda: stepped().set_state_dict({"x": 1}), AssertionError, "_velocity_0 not found", id="missing"),
        pytest.param(
            lambda: lr.StepDecay(1.0, 2).set_state_dict({}), RuntimeError, r"Can't find \[ last_epoch \]", id="state"
        ),
        pytest.param(lambda: AdamW(0.1, parameters=[], weight_decay=None), TypeError, "should be float", id="AdamW"),
    ],
)
def test_wrong_use_says_what_is_wrong(call: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call()


def test_a_scheduler_s_state_for_a_plain_rate_is_warned_of() -> None:
    descent = paddle.optimizer.SGD(0.5, linear().parameters())
    with pytest.warns(UserWarning, match="LR_Scheduler is not used"):
        descent.set_state_dict({"LR_Scheduler": {"last_epoch": 1, "last_lr": 0.1}})


def test_a_schedule_says_which_argument_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"gamma=1.0 should be < 1.0"):
        lr.StepDecay(1.0, 2, 1.0)


def test_a_scheduler_says_its_rate_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    lr.StepDecay(0.5, 1, 0.5, verbose=True).step()
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 0: StepDecay set learning rate to 0.5.",
        "Epoch 1: StepDecay set learning rate to 0.25.",
    ]


def test_groups_of_parameters_have_factors_and_decays_of_their_own() -> None:
    layer = linear()
    groups: Any = [
        {"params": [layer.weight], "learning_rate": 0.5, "weight_decay": 0.5},
        {"params": [layer.bias]},
    ]
    step(layer, paddle.optimizer.SGD(0.25, parameters=groups), 1)
    # measured in paddle 3.3.1: the gradients of (w0 - 2 w1 + b)^2 at w = 1, b = 0 are -2, 4, -2; the decay adds w / 2
    assert layer.weight.flatten().tolist() == [1 - 0.125 * (-2 + 0.5), 1 - 0.125 * (4 + 0.5)]
    assert layer.bias.tolist() == [0.5]


def test_adamw_takes_a_decay_for_a_group() -> None:
    layer = linear()
    groups: Any = [{"params": [layer.weight], "weight_decay": 0.0}, {"params": [layer.bias], "weight_decay": 0.5}]
    optimizer = AdamW(0.125, parameters=groups)
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.0, 0.5]


def test_what_a_group_cannot_say_is_refused() -> None:
    groups: Any = [{"params": linear().parameters(), "beta1": 0.5}]
    with pytest.raises(NotImplementedError, match="says beta1; only learning_rate, weight_decay are served"):
        paddle.optimizer.SGD(0.25, parameters=groups)
