"""The layers that this folder's tests run, one per way that an engine may want to compute them; integer-valued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import torch
from tests.operands import integers

from fourfold.frontends.torch import nn

if TYPE_CHECKING:
    from collections.abc import Iterable


class Case(NamedTuple):
    """A layer of torch's arguments and the shape of its input."""

    options: dict[str, Any]
    shape: tuple[int, ...]


def _case(in_channels: int, out_channels: int, kernel_size: Any, *size: int, batch: int = 2, **options: Any) -> Case:
    arguments = {"in_channels": in_channels, "out_channels": out_channels, "kernel_size": kernel_size, **options}
    return Case(arguments, (batch, in_channels, *size))


CASES = {
    "kernel-is-stride": _case(8, 4, 2, 6, 5, 4, stride=2),
    "kernel-is-stride-past-the-end": _case(4, 3, (1, 2, 2), 3, 4, 5, stride=(1, 2, 2), output_padding=(0, 1, 0)),
    "kernel-below-stride": _case(4, 3, 2, 3, 4, 5, stride=3, output_padding=2),
    "pointwise": _case(8, 4, 1, 4, 5, 6),
    "pointwise-with-holes": _case(4, 3, 1, 4, 5, 6, stride=2, output_padding=1),
    "kernel-3-stride-2": _case(8, 4, 3, 5, 4, 6, stride=2, padding=1, output_padding=1),
    "kernel-4-stride-2": _case(4, 4, 4, 4, 5, 6, stride=2, padding=1),
    "stride-1": _case(4, 6, 3, 4, 5, 6, padding=1),
    "mixed-axes": _case(4, 3, (1, 3, 4), 3, 4, 5, stride=(1, 2, 2), padding=(0, 1, 1)),
    "dilated": _case(3, 4, 3, 4, 4, 4, stride=2, padding=1, dilation=2),
    "grouped": _case(8, 8, 2, 4, 4, 4, stride=2, groups=4),
    "depthwise": _case(6, 6, 3, 4, 5, 4, stride=2, padding=1, groups=6),
    "large-kernel": _case(2, 2, 7, 4, 4, 4, stride=4, padding=2, bias=False),
    "one-channel": _case(8, 1, 4, 5, 6, 7, stride=2, padding=1, batch=1),
}
# Outputs of 8 to 16 MiB: here an engine may use blocks, workspaces of its own, buffers that were used before.
LARGE = {
    "large-kernel-is-stride": _case(2, 2, 2, 64, 64, 64, stride=2, batch=1),
    "large-kernel-3-stride-2": _case(2, 4, 3, 40, 40, 40, stride=2, padding=1, output_padding=1, batch=1),
    "large-holes": _case(4, 4, 1, 40, 40, 40, stride=2, output_padding=1, batch=1),
    "large-depthwise": _case(4, 4, 2, 40, 40, 40, stride=2, groups=4, batch=1),
}


def parameters(cases: dict[str, Case], names: Iterable[str] | None = None) -> list[Any]:
    """Return the cases as arguments of `pytest.mark.parametrize`."""
    return [pytest.param(cases[name], id=name) for name in (cases if names is None else names)]


def make(case: Case, *, dtype: torch.dtype = torch.float32, seed: int = 0) -> nn.ConvTranspose3d:
    """Return the layer of a case, its parameters small integers."""
    layer = nn.ConvTranspose3d(**case.options, dtype=dtype)
    with torch.no_grad():
        for offset, parameter in enumerate(layer.parameters()):
            parameter.copy_(integers(tuple(parameter.shape), seed + offset, dtype))
    return layer


def volume(case: Case, *, dtype: torch.dtype = torch.float32, seed: int = 10) -> torch.Tensor:
    """Return an input of a case, small integers."""
    return integers(case.shape, seed, dtype)


def expected(layer: torch.nn.ConvTranspose3d, input: torch.Tensor) -> torch.Tensor:
    """Return what torch's own operator gives for the layer's present parameters."""
    return torch.nn.functional.conv_transpose3d(
        input,
        layer.weight,
        layer.bias,
        layer.stride,
        layer.padding,  # type: ignore[arg-type]  # three ints; its declaration allows a string
        layer.output_padding,
        layer.groups,
        layer.dilation,
    )


def run_with_gradients(run: Any, layer: torch.nn.ConvTranspose3d, input: torch.Tensor) -> list[torch.Tensor]:
    """Return the output of `run(input)` and the gradients of input and parameters, for an integer-valued gradient."""
    input = input.detach().requires_grad_()
    output = run(input)
    grad_output = integers(tuple(output.shape), 99, output.dtype)
    return [output.detach(), *torch.autograd.grad(output, [input, *layer.parameters()], grad_output)]


def assert_equal(got: list[torch.Tensor], wanted: list[torch.Tensor]) -> None:
    """Assert that tensors are equal bit for bit, one by one."""
    assert [(g.shape, g.dtype) for g in got] == [(w.shape, w.dtype) for w in wanted]
    assert [torch.equal(g, w) for g, w in zip(got, wanted, strict=True)] == [True] * len(wanted)
