"""What stands beside the layer in fluid; numbers are in the recorded calls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends.paddle import fluid as package

fluid: Any = package
dygraph = fluid.dygraph


def test_both_fluids_have_the_same_neighbours() -> None:
    from fourfold.frontends.paddle import fluid_1_8

    assert set(fluid_1_8.dygraph.__all__) == set(dygraph.__all__)
    assert set(fluid_1_8.dygraph.nn.__all__) == set(dygraph.nn.__all__)


def test_an_optimizer_goes_on_where_another_was() -> None:
    def made() -> Any:
        layer = dygraph.Linear(1, 1, bias_attr=False)
        layer.weight.set_value(np.ones((1, 1), "float32"))
        decay = dygraph.ExponentialDecay(0.5, 1, 0.5)
        return layer, fluid.optimizer.Momentum(decay, 0.5, layer.parameters())

    def step(layer: Any, optimizer: Any) -> None:
        loss = fluid.layers.mean(layer(dygraph.to_variable(np.ones((1, 1), "float32"))))
        loss.backward()
        optimizer.minimize(loss)
        layer.clear_gradients()

    with dygraph.guard():
        layer, optimizer = made()
        step(layer, optimizer)
        live = optimizer.state_dict()
        state = {name: value.numpy().copy() if hasattr(value, "numpy") else value for name, value in live.items()}
    assert state["global_step"].tolist() == [1]
    assert state["LR_Scheduler"] == {"step_num": 1}
    with dygraph.guard():
        twin, resumed = made()
        twin.set_dict({"weight": layer.weight.numpy()})
        resumed.set_dict(state)
        step(twin, resumed)
    # 1 - 0.5 * 1, then less 0.25 * (0.5 * 1 + 1)
    assert twin.weight.numpy().item() == 0.125
    assert resumed.current_step_lr() == 0.25


def test_the_learning_rate_before_the_first_step_is_that_of_the_first() -> None:
    decay = dygraph.PolynomialDecay(0.5, 10)
    descent = fluid.optimizer.SGD(decay, dygraph.Linear(1, 1).parameters())
    assert (descent.current_step_lr(), decay.step_num) == (0.5, 0)


# Measured in Paddle 1.8.5: SAME sets the dilation to 1. The weight is ones, along the last axis.
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize(
    ("function", "size", "stride", "expected"),
    [
        pytest.param("conv2d", (1, 1, 1, 5), 1, [3, 6, 9, 12, 9], id="conv2d"),
        pytest.param("conv2d", (1, 1, 1, 5), 2, [3, 9, 9], id="conv2d-stride"),
        pytest.param("conv3d", (1, 1, 1, 1, 6), 1, [3, 6, 9, 12, 15, 11], id="conv3d"),
        pytest.param("conv3d", (1, 1, 1, 1, 6), 2, [6, 12, 11], id="conv3d-stride"),
        pytest.param("conv2d_transpose", (1, 1, 1, 5), 1, [3, 6, 9, 12, 9], id="transposed"),
        pytest.param("conv2d_transpose", (1, 1, 1, 5), 2, [1, 3, 2, 5, 3, 7, 4, 9, 5], id="transposed-stride"),
    ],
)
def test_same_padding_sets_the_dilation_of_a_convolution_to_1(
    function: str, size: tuple[int, ...], stride: int, expected: list[float], dilation: int
) -> None:
    x = dygraph.to_variable(np.arange(1, size[-1] + 1, dtype="float32").reshape(size))
    taps = [1] * (len(size) - 3) + [3]
    options = {"stride": stride, "dilation": dilation, "param_attr": fluid.initializer.Constant(1.0)}
    with fluid.program_guard(fluid.Program()):
        found = getattr(fluid.layers, function)(x, 1, filter_size=taps, padding="SAME", bias_attr=False, **options)
    assert found.numpy().ravel().tolist() == expected


def test_a_convolution_of_half_precision_is_rounded_once() -> None:
    taps = torch.tensor([4e4, 4e4, -4e4], dtype=torch.float16).reshape(1, 1, 1, 1, 3)
    layer = dygraph.Conv3D(1, 1, [1, 1, 3], bias_attr=False, dtype="float16")
    layer.weight.set_value(taps.numpy())
    assert layer(dygraph.to_variable(np.ones((1, 1, 1, 1, 3), "float16"))).numpy().item() == 40000


def test_dropout_in_a_function_follows_is_test() -> None:
    # as documented; 1.8.5 does so in dygraph only after eval()
    assert fluid.layers.dropout(torch.ones(4), 0.25, is_test=True).tolist() == [0.75] * 4


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        pytest.param(lambda: dygraph.Conv3D(4, 6, 3, groups=4), ValueError, "divisible by groups", id="groups"),
        pytest.param(lambda: dygraph.Conv3D(4, 6, 3, param_attr=False), AssertionError, "not be False", id="weight"),
        pytest.param(lambda: dygraph.BatchNorm(4, bias_attr=False), AssertionError, "not be False", id="bias"),
        pytest.param(lambda: dygraph.BatchNorm(4, data_layout="NCDHW"), ValueError, "'NCHW' and 'NHWC'", id="layout"),
        pytest.param(lambda: dygraph.InstanceNorm(4, bias_attr=False), AssertionError, "not be False", id="instance"),
        pytest.param(lambda: dygraph.PRelu("some"), ValueError, "all, channel, element", id="mode"),
        pytest.param(lambda: dygraph.PRelu("channel"), AssertionError, "channel argument is required", id="channel"),
        pytest.param(lambda: dygraph.PRelu("element"), AssertionError, "input_shape argument", id="element"),
        pytest.param(lambda: dygraph.Dropout(2.0), AssertionError, "p must be 0 to 1", id="p"),
        pytest.param(
            lambda: dygraph.Linear(1, 1, act="x")(torch.ones(1, 1)), fluid.core.EnforceNotMet, "registered", id="act"
        ),
        pytest.param(
            lambda: fluid.layers.pool3d(torch.ones(1, 1, 2, 2, 2)), ValueError, r"Attr\(pool_size\) must", id="size"
        ),
        pytest.param(
            lambda: fluid.layers.pool3d(torch.ones(1, 1, 2, 2, 2), 2, "sum"), ValueError, "'max' or 'avg'", id="type"
        ),
        pytest.param(lambda: fluid.clip.GradientClipByNorm(1.0, "w"), TypeError, "must be function", id="need_clip"),
        pytest.param(lambda: dygraph.StepDecay(1.0, 2, 1.5), ValueError, "should be < 1.0", id="decay_rate"),
        pytest.param(lambda: dygraph.StepDecay("1", 2), TypeError, "'float, int'", id="rate"),
        pytest.param(lambda: dygraph.MultiStepDecay(1.0, [2, 2]), ValueError, "must be incremented", id="milestones"),
        pytest.param(lambda: dygraph.LambdaDecay(1.0, 2), TypeError, "must be a 'function'", id="lambda"),
        pytest.param(lambda: dygraph.LinearLrWarmup(1.0, 2, 1.0, 1.0), AssertionError, "must be lower", id="warm"),
        pytest.param(lambda: dygraph.StepDecay(1.0, 2).set_dict({}), RuntimeError, "Can't find", id="state"),
        pytest.param(
            lambda: fluid.optimizer.SGD(dygraph.StepDecay(1.0, 2), [torch.ones(1)]).set_dict({}),
            KeyError,
            "LR_Scheduler",
            id="set",
        ),
    ],
)
def test_wrong_use_says_what_is_wrong(call: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call()
