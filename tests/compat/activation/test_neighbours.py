"""What stands around the layer has the frameworks' defaults, where those are not torch's, and their habits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends import megengine, oneflow, paddle
from fourfold.frontends.paddle import fluid


# Of a gradient of 1 with epsilon 1, by hand: 1 / (1 + 1), and sqrt(0.001) / (sqrt(0.001) + 1) where epsilon comes first
@pytest.mark.parametrize(
    ("make", "step"),
    [
        pytest.param(lambda p: paddle.optimizer.Adam(1.0, epsilon=1.0, parameters=p), 0.5, id="paddle"),
        # of fluid and OneFlow: 1 - 0.999 in float32 is 0.00099998713, and their kernels take betas so
        pytest.param(lambda p: fluid.optimizer.Adam(1.0, epsilon=1.0, parameter_list=p), 0.0306532, id="fluid"),
        pytest.param(lambda p: megengine.optimizer.Adam(p, 1.0, eps=1.0), 0.5, id="megengine"),
        pytest.param(lambda p: oneflow.optim.Adam(p, 1.0, eps=1.0), 0.5000017, id="oneflow"),
    ],
)
def test_adam_adds_epsilon_where_the_framework_does(make: Any, step: float) -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    weight.grad = torch.ones(1)
    make([weight]).step()
    assert weight.item() == pytest.approx(-step, abs=1e-7, rel=0)


def test_a_parameter_s_own_learning_rate_and_decay_are_followed() -> None:
    attr = paddle.ParamAttr(learning_rate=0.5, regularizer=paddle.regularizer.L2Decay(2.0))
    layer = paddle.nn.Conv3DTranspose(1, 1, 1, weight_attr=attr)
    layer.weight.set_value(np.ones((1, 1, 1, 1, 1), "float32"))
    optimizer = paddle.optimizer.SGD(0.25, parameters=layer.parameters())
    layer(paddle.ones([1, 1, 1, 1, 1])).sum().backward()
    optimizer.step()
    # 1 - 0.25 * 0.5 * (1 + 2 * 1), and 0 - 0.25 * 1
    assert [parameter.item() for parameter in layer.parameters()] == [0.625, -0.25]
    optimizer.set_lr(1.0)
    assert optimizer.get_lr() == 1.0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        pytest.param({}, AttributeError, "should not be None in dygraph mode", id="no parameters"),
        pytest.param({"parameters": torch.ones(1)}, TypeError, "type is Tensor", id="a tensor"),
        pytest.param({"parameters": [], "learning_rate": "1"}, TypeError, "learning rate should be float", id="rate"),
        pytest.param(
            {"parameters": [torch.ones(1)], "weight_decay": "0.1"},
            TypeError,
            "should be float or WeightDecayRegularizer",
            id="decay",
        ),
        pytest.param(
            {"parameters": [torch.ones(1)], "grad_clip": 0.1},
            TypeError,
            "'grad_clip' should be an instance of",
            id="clip",
        ),
    ],
)
def test_wrong_optimizers_say_what_is_wrong(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        paddle.optimizer.SGD(**arguments)


def test_clearing_gradients_is_the_framework_s() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    found = []
    for optimizer, clear in (
        (paddle.optimizer.SGD(1.0, [weight]), "clear_grad"),
        (oneflow.optim.SGD([weight]), "zero_grad"),
        (megengine.optimizer.SGD([weight], 1.0), "clear_grad"),
    ):
        weight.grad = torch.ones(1)
        getattr(optimizer, clear)()
        found.append(None if weight.grad is None else weight.grad.item())
    assert found == [0.0, 0.0, None]


def test_fluid_has_its_own_shapes_and_slope() -> None:
    x = torch.tensor([[-1.0, 3.0]])
    assert fluid.layers.mean(x).shape == fluid.layers.reduce_sum(x).shape == (1,)
    assert fluid.layers.leaky_relu(x).tolist() == [[pytest.approx(-0.02), 3.0]]


@pytest.mark.parametrize(("reduction", "loss"), [("mean", 2.5), ("sum", 5.0), ("none", [1.0, 4.0])])
@pytest.mark.parametrize(
    "loss_of",
    [
        pytest.param(paddle.nn.functional.mse_loss, id="paddle"),
        pytest.param(megengine.functional.loss.square_loss, id="megengine"),
        pytest.param(lambda a, b, kind: oneflow.nn.MSELoss(kind)(a, b), id="oneflow"),
    ],
)
def test_losses_reduce_as_asked(loss_of: Any, reduction: str, loss: Any) -> None:
    assert loss_of(torch.tensor([1.0, 3.0]), torch.tensor([2.0, 1.0]), reduction).tolist() == loss


def test_a_loss_that_records_gradients_is_a_number_without_a_warning() -> None:
    x = paddle.to_tensor([2.0], stop_gradient=False)
    assert float((x * x).sum()) == 4.0
