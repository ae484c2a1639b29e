"""Derivatives of every order of the operators in compiled graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch
import torch._dynamo.testing
from tests.backend.execution.graphs import BACKWARD, FORMATS, FORWARD, OURS, SIZE, SPECS, Layer, volume
from tests.backend.forced import make
from tests.operands import integers, operands
from torch.autograd import gradcheck, gradgradcheck

from fourfold.backend.execution import compiled

if TYPE_CHECKING:
    from fourfold.backend import ConvTranspose3dSpec


@pytest.fixture(autouse=True)
def _fresh_compiler() -> None:
    torch._dynamo.reset()


def engine(spec: ConvTranspose3dSpec, channels_last: bool) -> Any:
    """Return the operator as AOT autograd differentiates it."""
    options = (*_numbers(spec), channels_last, None)
    return lambda *given: compiled._ConvTranspose3d.apply(*given, *options)  # type: ignore[no-untyped-call]


def _numbers(spec: ConvTranspose3dSpec) -> tuple[Any, ...]:
    padding = [pad for pads in spec.padding for pad in pads]
    return (list(spec.stride), padding, list(spec.output_padding), list(spec.dilation), spec.groups)


TWICE = make(in_channels=2, out_channels=2, kernel_size=(2, 1, 2), stride=2, padding=((0, 1), (0, 0), (1, 0)), groups=2)


@pytest.mark.parametrize("channels_last", [False, True], ids=FORMATS)
@pytest.mark.parametrize("check", [gradcheck, gradgradcheck], ids=["first", "second"])
def test_derivatives_are_those_of_differences(check: Any, channels_last: bool) -> None:
    leaves = [each.requires_grad_() for each in operands(TWICE, (2, 2, 1), batch=1, dtype=torch.float64)]
    assert check(engine(TWICE, channels_last), leaves)


@pytest.mark.parametrize("alone", [0, 1], ids=["input", "weight"])
def test_second_derivatives_where_one_operand_is_constant(alone: int) -> None:
    given = [*operands(TWICE, (2, 2, 1), batch=1, dtype=torch.float64)[:2], None]
    leaf = given[alone]
    assert leaf is not None

    def function(moving: torch.Tensor) -> Any:
        return engine(TWICE, False)(*(moving if index == alone else each for index, each in enumerate(given)))

    assert gradgradcheck(function, (leaf.requires_grad_(),))


def test_a_graph_that_runs_eagerly_is_differentiated_twice() -> None:
    layer = Layer(TWICE, torch.float64)
    run = torch.compile(layer, fullgraph=True, backend="eager")
    assert gradgradcheck(run, (volume(TWICE, torch.float64)[:1, :, :2, :2, :2].requires_grad_(),))


OPERATORS = {"whole": OURS, "forward": FORWARD, "backward": BACKWARD}


@pytest.mark.parametrize(
    ("name", "channels_last"), [("whole", False), ("forward", True), ("backward", False), ("backward", True)]
)
def test_torch_finds_nothing_wrong_with_the_operators(name: str, channels_last: bool) -> None:
    spec = SPECS["padding-of-two-sides"]
    input, weight, bias = operands(spec, SIZE)
    options = (*_numbers(spec), channels_last, None)
    packet = getattr(torch.ops.fourfold, OPERATORS[name].split(".")[1])
    given: tuple[Any, ...] = (input, weight, bias, *options)
    if name == "backward":
        given = (integers((2, spec.out_channels, *spec.output_size(SIZE)), 9), input, weight, *options, True, True)
    if name == "whole":
        for each in given[:3]:
            each.requires_grad_()
    report = torch.library.opcheck(packet.default, given)
    assert set(report.values()) == {"SUCCESS"}
