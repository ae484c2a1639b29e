from __future__ import annotations

import inspect
from typing import Any

import pytest

from fourfold.frontends.paddle import ParamAttr, nn, regularizer
from fourfold.frontends.paddle.attributes import to_param_attr


# measured in paddlepaddle 3.3.1
def test_takes_paddles_arguments_in_its_order_with_its_defaults() -> None:
    parameters = inspect.signature(ParamAttr).parameters
    assert {name: parameter.default for name, parameter in parameters.items()} == {
        "name": None,
        "initializer": None,
        "learning_rate": 1.0,
        "regularizer": None,
        "trainable": True,
        "do_model_average": True,
        "need_clip": True,
    }
    assert list(parameters) == list(vars(ParamAttr()))


@pytest.mark.parametrize(
    ("arguments", "error", "match"),
    [
        pytest.param({"name": ""}, ValueError, "name of ParamAttr can not be empty str", id="empty-name"),
        pytest.param({"name": 3}, TypeError, r"ParamAttr\(name=3\) is a int", id="name"),
        pytest.param({"initializer": 3.0}, TypeError, "initializer=3.0", id="initializer"),
        pytest.param({"learning_rate": "x"}, TypeError, "learning_rate='x'", id="learning_rate"),
        pytest.param({"regularizer": 0.1}, TypeError, "regularizer=0.1", id="regularizer"),
        pytest.param({"trainable": 1}, TypeError, "trainable=1", id="trainable"),
        pytest.param({"need_clip": None}, TypeError, "need_clip=None", id="need_clip"),
        pytest.param({"do_model_average": 0}, TypeError, "do_model_average=0", id="do_model_average"),
    ],
)
def test_arguments_of_another_type_are_refused(arguments: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        ParamAttr(**arguments)


CONSTANT, DECAY = nn.initializer.Constant(1.0), regularizer.L2Decay(0.5)


@pytest.mark.parametrize(
    ("value", "attribute", "expected"),
    [("w", "name", "w"), ("", "name", None), (CONSTANT, "initializer", CONSTANT), (DECAY, "regularizer", DECAY)],
    ids=["name", "empty-name", "initializer", "regularizer"],
)
def test_short_forms_fill_one_attribute(value: Any, attribute: str, expected: Any) -> None:
    attr = to_param_attr(value)
    assert vars(attr) == vars(ParamAttr()) | {attribute: expected}


def test_false_means_no_parameter() -> None:
    assert to_param_attr(False) is None


# measured: str(L2Decay(0.1))
@pytest.mark.parametrize(("kind", "name"), [(regularizer.L1Decay, "L1Decay"), (regularizer.L2Decay, "L2Decay")])
def test_decay_shows_its_coefficient(kind: Any, name: str) -> None:
    assert str(kind(0.1)) == f"{name}, coeff=0.100000"
    assert kind(0.1).coeff == 0.1
    assert kind().coeff == 0.0


def test_decay_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="coeff='x' is a str"):
        regularizer.L2Decay("x")  # type: ignore[arg-type]
