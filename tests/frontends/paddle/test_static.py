"""`paddle.static.nn.conv3d_transpose`.

"Measured" means: in paddlepaddle 3.3.1, CPU, in a static program with FLAGS_enable_pir_api=0 (with the default, the
function refuses every input).
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch

from fourfold.frontends import paddle
from fourfold.frontends.paddle import static
from fourfold.frontends.paddle.nn.initializer import Constant
from fourfold.frontends.paddle.static.nn import conv3d_transpose

X = torch.ones(1, 2, 3, 4, 5)


def made() -> list[tuple[str, list[int]]]:
    return [(parameter.name, list(parameter.shape)) for parameter in static.default_main_program().all_parameters()]


# measured with inspect
def test_takes_paddles_arguments_in_its_order_with_its_defaults() -> None:
    parameters = inspect.signature(conv3d_transpose).parameters
    order = (
        "input num_filters output_size filter_size padding stride dilation groups param_attr bias_attr use_cudnn act "
        "name data_format"
    )
    assert list(parameters) == order.split()
    assert [parameter.default for parameter in parameters.values()][2:] == [
        *(None, None, 0, 1, 1, None, None, None, True, None, None, "NCDHW"),
    ]


# measured
@pytest.mark.parametrize(
    ("arguments", "shape", "filter_size"),
    [
        pytest.param({"filter_size": 3}, (1, 4, 5, 6, 7), [3, 3, 3], id="filter"),
        pytest.param({"output_size": [7, 9, 11], "stride": 2}, (1, 4, 7, 9, 11), [3, 3, 3], id="from-size"),
        pytest.param({"output_size": 8}, (1, 4, 8, 8, 8), [6, 5, 4], id="from-int"),
        pytest.param({"output_size": [7, 9, 11], "stride": 2, "padding": 1}, (1, 4, 7, 9, 11), [5, 5, 5], id="padded"),
        pytest.param(
            {"output_size": [7, 9, 11], "stride": 2, "padding": [1, 0, 1, 0, 1, 0]},
            (1, 4, 7, 9, 11),
            [4, 4, 4],
            id="six",
        ),
        pytest.param(
            {"output_size": [8, 10, 12], "filter_size": 3, "stride": 2}, (1, 4, 8, 10, 12), [3, 3, 3], id="both"
        ),
        pytest.param({"filter_size": 3, "stride": 2, "padding": "same"}, (1, 4, 5, 8, 9), [3, 3, 3], id="same"),
    ],
)
def test_shapes_are_those_measured(arguments: dict[str, Any], shape: tuple[int, ...], filter_size: list[int]) -> None:
    assert conv3d_transpose(X, 4, **arguments).shape == shape
    assert made()[0][1] == [2, 4, *filter_size]


def test_ndhwc_takes_channels_from_the_last_axis() -> None:
    assert conv3d_transpose(X, 4, filter_size=3, data_format="NDHWC").shape == (1, 4, 5, 6, 4)  # measured
    assert made()[0] == ("conv3d_transpose_0.w_0", [5, 4, 3, 3, 3])


# measured
@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        pytest.param({}, [f"conv3d_transpose_{n}.{p}_0" for n in (0, 1) for p in "wb"], id="new-each-call"),
        pytest.param({"name": "up"}, ["up.w_0", "up.b_0", "up.w_1", "up.b_1"], id="name-is-a-prefix"),
        pytest.param(
            {"param_attr": paddle.ParamAttr(name="w")},
            ["w", "conv3d_transpose_0.b_0", "conv3d_transpose_1.b_0"],
            id="named-is-shared",
        ),
        pytest.param({"param_attr": "w", "bias_attr": False}, ["w"], id="no-bias"),
    ],
)
def test_two_calls_make_the_parameters_measured(arguments: dict[str, Any], names: list[str]) -> None:
    conv3d_transpose(X, 4, filter_size=3, **arguments)
    conv3d_transpose(X, 4, filter_size=3, **arguments)
    assert [name for name, _ in made()] == names


def test_shared_parameter_of_another_shape_is_refused() -> None:
    conv3d_transpose(X, 4, filter_size=3, param_attr="w")
    with pytest.raises(ValueError, match=r"Variable 'w' has been created before. .* They are not matched"):
        conv3d_transpose(X, 4, filter_size=2, param_attr="w")


def test_named_parameters_train() -> None:
    def model() -> torch.Tensor:
        return conv3d_transpose(
            torch.ones(1, 1, 1, 1, 1),
            1,
            filter_size=1,
            param_attr=paddle.ParamAttr("w", Constant(1.0)),
            bias_attr=False,
        )

    loss: Any = model().sum()
    loss.backward()
    optimizer = torch.optim.SGD(static.default_main_program().all_parameters(), lr=0.25)
    optimizer.step()
    assert model().item() == 0.75


def test_a_program_loads_by_name() -> None:
    conv3d_transpose(X, 1, filter_size=1, param_attr="w", bias_attr=False)
    program = static.default_main_program()
    program.set_state_dict({"w": np.full((2, 1, 1, 1, 1), 3.0, "float32")})
    assert program.state_dict()["w"].flatten().tolist() == [3.0, 3.0]
    with pytest.raises(KeyError, match=r"v.* are no parameters of this program; it has .*w"):
        program.set_state_dict({"v": np.ones(1)})


def test_program_guard_keeps_parameters_apart_and_ends() -> None:
    outer, inner = static.default_main_program(), static.Program()
    with static.program_guard(inner, static.Program()):
        conv3d_transpose(X, 1, filter_size=1, param_attr="w")
    assert static.default_main_program() is outer
    assert (len(outer.all_parameters()), len(inner.all_parameters())) == (0, 2)
    with pytest.raises(TypeError, match=r"must be a static.Program"), static.program_guard(3):  # type: ignore[arg-type]
        pass


def test_parameters_take_the_inputs_dtype() -> None:
    conv3d_transpose(X.double(), 1, filter_size=1)
    assert [parameter.dtype for parameter in static.default_main_program().all_parameters()] == [torch.float64] * 2


# measured on these inputs, with a filter of one
@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("relu", [0.0, 0.0, 0.0, 0.2, 4.0]),
        ("leaky_relu", [-0.08, -0.012, 0.0, 0.2, 4.0]),
        ("hard_sigmoid", [0.0, 0.38, 0.5, 0.54, 1.0]),
        ("silu", [-0.07194484, -0.2126062, 0.0, 0.1099668, 3.928055]),
        ("celu", [-0.9816844, -0.4511884, 0.0, 0.2, 4.0]),
        ("sinh", [-27.28992, -0.6366537, 0.0, 0.201336, 27.28992]),
        ("assign", [-4.0, -0.6, 0.0, 0.2, 4.0]),
    ],
)
def test_activations_give_the_values_measured(act: str, expected: list[float]) -> None:
    x = torch.tensor([-4.0, -0.6, 0.0, 0.2, 4.0]).reshape(1, 1, 1, 1, 5)
    output = conv3d_transpose(x, 1, filter_size=1, param_attr=Constant(1.0), act=act).detach().flatten()
    # seven digits were printed
    assert [float(f"{value:.6g}") for value in output.tolist()] == [float(f"{value:.6g}") for value in expected]


# classes and phrases measured
@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        pytest.param(
            {"param_attr": False}, AssertionError, "param_attr should not be False in conv3d_transpose", id="w"
        ),
        pytest.param(
            {"filter_size": None}, ValueError, "output_size must be set when filter_size is None", id="no-size"
        ),
        pytest.param({"use_cudnn": 1}, ValueError, "use_cudnn should be True or False", id="cudnn"),
        pytest.param({"act": "foo"}, ValueError, "Operator 'foo' has not been registered", id="act"),
        pytest.param({"act": "soft_relu"}, ValueError, "has not been registered", id="act-of-fluid"),
        pytest.param({"act": 3}, TypeError, "3 should be unicode or str", id="act-int"),
        pytest.param({"data_format": "FOO"}, ValueError, "'NCDHW' or 'NDHWC'", id="format"),
        pytest.param({"groups": 0}, ValueError, "should be greater than 0. Received groups: 0", id="groups"),
        pytest.param({"num_filters": 3, "groups": 2}, ValueError, "divisible by groups", id="groups-out"),
        pytest.param({"num_filters": 4.0}, TypeError, "num_filters=4.0 is a float", id="filters"),
        pytest.param({"name": 3}, TypeError, "name=3 is a int", id="name"),
        pytest.param({"input": X.numpy()}, TypeError, "Input of conv3d_transpose must be Tensor", id="numpy"),
        pytest.param({"input": X[0]}, ValueError, "Input should be 5D tensor", id="4d"),
        pytest.param(
            {"output_size": [9, 10, 12], "stride": 2}, ValueError, "should be less than inferred size", id="size"
        ),
        pytest.param(
            {"filter_size": None, "output_size": [7, 9, 11], "stride": 2, "padding": "SAME"},
            ValueError,
            "should be less than inferred size",
            id="same-and-no-filter",
        ),
        pytest.param(
            {"filter_size": None, "output_size": [2, 3, 4], "stride": 2},
            ValueError,
            "Raise output_size",
            id="no-kernel",
        ),
    ],
)
def test_illegal_calls_are_refused(arguments: dict[str, Any], error: type[Exception], match: str) -> None:
    legal: dict[str, Any] = {"input": X, "num_filters": 4, "filter_size": 3}
    with pytest.raises(error, match=match):
        conv3d_transpose(**(legal | arguments))


def test_use_cudnn_false_leaves_the_result() -> None:
    arguments: dict[str, Any] = {"filter_size": 1, "param_attr": Constant(2.0)}
    assert torch.equal(conv3d_transpose(X, 1, use_cudnn=False, **arguments), conv3d_transpose(X, 1, **arguments))
