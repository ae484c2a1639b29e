from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.operands import integers

from fourfold.frontends.torch.nn import functional

INPUT, WEIGHT = integers((1, 4, 3, 3, 3), seed=0), integers((4, 3, 2, 2, 2), seed=1)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({}, id="plain"),
        pytest.param({"stride": [1, 2, 3], "padding": [1, 0, 1]}, id="lists"),
        pytest.param({"bias": integers((6,), seed=2), "groups": 2, "dilation": 2}, id="groups-bias"),
        pytest.param({"stride": torch.Size([2, 2, 2]), "output_padding": 1}, id="size"),
        pytest.param({"stride": (2,), "padding": [1], "output_padding": (1,), "dilation": torch.Size([2])}, id="ones"),
    ],
)
def test_the_function_gives_torch_s_bits(options: dict[str, Any]) -> None:
    expected = torch.nn.functional.conv_transpose3d(INPUT, WEIGHT, **options)
    assert torch.equal(functional.conv_transpose3d(INPUT, WEIGHT, **options), expected)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        pytest.param((INPUT, [1.0]), TypeError, "weight is a list; it must be a tensor", id="weight-list"),
        pytest.param((INPUT, WEIGHT[0]), RuntimeError, "weight has 4 dimensions.*it must have 5", id="weight-4d"),
        pytest.param(([1.0], WEIGHT), TypeError, "input is a list", id="input-list"),
        pytest.param((INPUT, WEIGHT, None, 0), RuntimeError, "stride=.* is 0 along depth", id="stride-0"),
        pytest.param((INPUT, WEIGHT, None, 1, -1), RuntimeError, "negative padding is not supported", id="negative"),
        pytest.param((INPUT, WEIGHT, None, 1, 0, 1), RuntimeError, "output_padding=.* is 1 along depth", id="extra"),
        pytest.param((INPUT, WEIGHT, None, 1, 0, 0, 3), RuntimeError, "in_channels must be divisible", id="groups"),
        pytest.param((INPUT, WEIGHT, None, 1, 0, 0, 0), RuntimeError, "^groups=0 is not legal", id="groups-0"),
        pytest.param((INPUT, WEIGHT, None, ()), RuntimeError, "stride=.* has 0 elements", id="stride-empty"),
        pytest.param((INPUT, WEIGHT, None, 2.0), TypeError, "stride=2.0 is a float", id="stride-float"),
        pytest.param((INPUT, WEIGHT, None, (2.0, 2, 2)), TypeError, "stride=2.0 is a float", id="stride-float-inside"),
    ],
)
def test_bad_calls_raise_torch_s_classes(arguments: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        functional.conv_transpose3d(*arguments)


def test_a_float_is_refused_although_an_equal_integer_was_remembered() -> None:
    functional.conv_transpose3d(INPUT, WEIGHT, None, (2, 2, 2))
    with pytest.raises(TypeError, match="is a float"):
        functional.conv_transpose3d(INPUT, WEIGHT, None, (2, 2, 2.0))  # type: ignore[arg-type]


def test_a_list_is_read_anew_in_every_call() -> None:
    stride = [1, 1, 1]
    functional.conv_transpose3d(INPUT, WEIGHT, None, stride)
    stride[0] = 2
    assert functional.conv_transpose3d(INPUT, WEIGHT, None, stride).shape == (1, 3, 6, 4, 4)


def test_numbers_that_follow_each_other_in_one_place_are_told_apart() -> None:
    # a tuple made for a call is gone after it, and the next one may lie where it lay
    sizes = [functional.conv_transpose3d(INPUT, WEIGHT, None, tuple([step] * 3)).shape[2] for step in (1, 2, 3)]
    assert sizes == [4, 6, 8]


def test_tensor_subclasses_see_one_call() -> None:
    class Recorder(torch.Tensor):
        calls: list[Any] = []  # noqa: RUF012

        @classmethod
        def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            cls.calls.append(func)
            return super().__torch_function__(func, types, args, kwargs)  # type: ignore[no-untyped-call]

    output = functional.conv_transpose3d(INPUT.as_subclass(Recorder), WEIGHT)
    assert Recorder.calls[0] is functional.conv_transpose3d
    assert type(output) is Recorder
