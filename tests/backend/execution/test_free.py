"""Numbers that a traced graph leaves free: what counts as one, and the operator whose paddings are."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.operands import integers
from torch.fx.experimental.proxy_tensor import make_fx

from fourfold.backend import ConvTranspose3dSpec, OperatorError, conv_transpose3d
from fourfold.backend.arguments import integer, is_free
from fourfold.backend.caching import remembered
from fourfold.backend.spec import UnknownNumbersError

WEIGHT, BIAS = integers((2, 3, 3, 3, 3), 1), integers((3,), 2)
INPUT, OTHER = integers((1, 2, 4, 5, 6), 3), integers((1, 2, 7, 5, 6), 4)


def spec_of(**options: Any) -> ConvTranspose3dSpec:
    return ConvTranspose3dSpec(in_channels=2, out_channels=3, kernel_size=3, **options)


def traced(function: Any) -> Any:
    """Return the graph of a function of one volume, for sizes like INPUT's."""
    return make_fx(function, tracing_mode="symbolic", _allow_non_fake_inputs=True)(INPUT)


@pytest.mark.parametrize("number", [3, True, 2.0, "3", None, torch.tensor(3)], ids=repr)
def test_outside_graphs_nothing_is_free(number: Any) -> None:
    assert not is_free(number)


def test_sizes_of_a_symbolic_trace_are_free_and_stay_so() -> None:
    seen: list[Any] = []

    def function(input: torch.Tensor) -> torch.Tensor:
        seen.append(integer(input.shape[2], "size"))
        return input.clone()

    traced(function)
    assert [type(number) for number in seen] == [torch.SymInt]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_sizes_of_torch_jit_trace_are_free_and_stay_so() -> None:
    seen: list[Any] = []

    def function(input: torch.Tensor) -> torch.Tensor:
        seen.append(integer(input.shape[2], "size"))
        return input.clone()

    trace: Any = torch.jit.trace
    trace(function, INPUT, check_trace=False)
    assert [type(number) for number in seen] == [torch.Tensor]


def test_an_operator_with_free_numbers_is_not_remembered() -> None:
    calls = []

    @remembered
    def look(spec: ConvTranspose3dSpec) -> None:
        calls.append(spec)
        with pytest.raises(UnknownNumbersError, match="no hash"):
            hash(spec)

    def function(input: torch.Tensor) -> torch.Tensor:
        free = spec_of(padding=((0, input.shape[2] - 4), (0, 0), (0, 0)))
        look(free)
        look(free)
        return input.clone()

    traced(function)
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("options", "follow"),
    [
        pytest.param({"stride": 2, "padding": 1}, lambda n: {"output_padding": (n % 2, 0, 1)}, id="output-padding"),
        pytest.param({"stride": 2}, lambda n: {"padding": ((n % 3, n % 2), (1, 0), (0, 1))}, id="padding"),
        pytest.param({"stride": 2}, lambda n: {"padding": n % 2, "output_padding": n % 2}, id="both"),
        pytest.param({"stride": 1, "dilation": 3}, lambda n: {"output_padding": n % 3}, id="above-stride"),
    ],
)
@pytest.mark.parametrize("bias", [BIAS, None], ids=["bias", "no-bias"])
def test_paddings_follow_the_size_that_comes(options: Any, follow: Any, bias: torch.Tensor | None) -> None:
    def function(input: torch.Tensor) -> torch.Tensor:
        return conv_transpose3d(input, WEIGHT, bias, spec_of(**options, **follow(input.shape[2])))

    assert torch.equal(traced(function)(OTHER), function(OTHER))


def test_a_channels_last_volume_gives_one() -> None:
    def function(input: torch.Tensor) -> torch.Tensor:
        return conv_transpose3d(
            input, WEIGHT, BIAS, spec_of(stride=2), output_size=[2 * n + 1 for n in input.shape[2:]]
        )

    last, other = (each.contiguous(memory_format=torch.channels_last_3d) for each in (INPUT, OTHER))
    found = make_fx(function, tracing_mode="symbolic", _allow_non_fake_inputs=True)(last)(other)
    assert torch.equal(found, function(OTHER))
    assert found.is_contiguous(memory_format=torch.channels_last_3d)


def test_a_free_padding_that_adds_is_refused() -> None:
    def function(input: torch.Tensor) -> torch.Tensor:
        return conv_transpose3d(input, WEIGHT, BIAS, spec_of(padding=((0, 0), (3 - input.shape[2], 0), (0, 0))))

    with pytest.raises(OperatorError, match=r"negative along height.*legal values there are 0 and above"):
        traced(function)


def test_an_illegal_size_is_refused_while_tracing() -> None:
    def function(input: torch.Tensor) -> torch.Tensor:
        return conv_transpose3d(input, WEIGHT, BIAS, spec_of(stride=2), output_size=[3 * n for n in input.shape[2:]])

    with pytest.raises(OperatorError, match=r"is 3\*s\d+ along depth; legal values there are 2\*s\d+ \+ 1\.\."):
        traced(function)
