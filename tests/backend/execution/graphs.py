"""What the tests of compiled graphs share: layers, their right results, and a backend that keeps the operators."""

from __future__ import annotations

from typing import Any

import torch
import torch._dynamo.testing
from tests.backend.forced import make
from tests.operands import integers, operands
from torch._dynamo.backends.common import aot_autograd
from torch._functorch._aot_autograd.utils import make_boxed_func

from fourfold.backend import ConvTranspose3dSpec, conv_transpose3d

OURS = "fourfold.conv_transpose3d.default"
FORWARD, BACKWARD = "fourfold.conv_transpose3d_forward.default", "fourfold.conv_transpose3d_backward.default"
SIZE = (4, 3, 5)
SPECS = {
    "plain": make(kernel_size=3, stride=2, padding=1),
    "output-padding": make(kernel_size=(3, 2, 4), stride=(2, 1, 3), padding=(1, 0, 2), output_padding=(1, 0, 2)),
    "groups": make(in_channels=4, out_channels=6, stride=2, groups=2),
    "groups-and-dilation": make(in_channels=4, out_channels=4, stride=2, padding=1, dilation=(1, 2, 3), groups=2),
    "padding-of-two-sides": make(kernel_size=3, stride=2, padding=((0, 1), (2, 0), (1, 1))),
    "padding-that-adds": make(padding=((-1, 1), (0, -2), (0, 0))),
}
FORMATS = {"contiguous": torch.contiguous_format, "channels-last": torch.channels_last_3d}
CHANNELS_LAST = torch.channels_last_3d


class Recorder:
    """A backend that keeps the operators of the graphs: dynamo's, and those that AOT autograd makes of it."""

    def __init__(self) -> None:
        self.dynamo: list[str] = []
        self.forward: list[str] = []
        self.backward: list[str] = []
        self.graphs = 0

    def __call__(self, module: torch.fx.GraphModule, examples: Any) -> Any:
        self.graphs += 1
        self.dynamo += _operators(module)
        return aot_autograd(fw_compiler=self._keep(self.forward), bw_compiler=self._keep(self.backward))(
            module, examples
        )

    def _keep(self, operators: list[str]) -> Any:
        def compile(module: torch.fx.GraphModule, examples: Any) -> Any:
            operators.extend(_operators(module))
            return make_boxed_func(module.forward)

        return compile


def _operators(module: torch.fx.GraphModule) -> list[str]:
    return [str(node.target) for node in module.graph.nodes if node.op == "call_function"]


class Layer(torch.nn.Module):
    """The operator in a module, integer-valued; dynamo takes its numbers for constants."""

    def __init__(self, spec: ConvTranspose3dSpec, dtype: torch.dtype = torch.float32, **options: Any) -> None:
        super().__init__()
        self.spec, self.options = spec, options
        _, weight, bias = operands(spec, (1, 1, 1), dtype=dtype)
        self.weight, self.bias = torch.nn.Parameter(weight), torch.nn.Parameter(bias)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return conv_transpose3d(input, self.weight, self.bias, self.spec, **self.options)


def right(input: torch.Tensor, layer: Layer) -> torch.Tensor:
    """Compute a layer by torch's operator on the whole result, cut or extended by padding it."""
    spec = layer.spec
    full = torch.nn.functional.conv_transpose3d(
        input, layer.weight, None, spec.stride, 0, 0, spec.groups, spec.dilation
    )
    sides = [
        amount
        for (low, high), extra in zip(reversed(spec.padding), reversed(spec.output_padding), strict=True)
        for amount in (-low, extra - high)
    ]
    return torch.nn.functional.pad(full, sides) + layer.bias.reshape(-1, 1, 1, 1)


def with_gradients(
    function: Any, layer: torch.nn.Module, input: torch.Tensor, drawn: torch.dtype | None = None
) -> list[torch.Tensor]:
    """Return output and gradients of integers, for a gradient of the integers that are drawn for a dtype."""
    input = input.detach().requires_grad_()
    output = function(input)
    upstream = integers(tuple(output.shape), 99, drawn or output.dtype).to(output.dtype)
    return [output.detach(), *torch.autograd.grad(output, [input, *layer.parameters()], upstream)]


def doubled(layer: Layer, input: torch.Tensor) -> list[torch.Tensor]:
    """Compute in float64, in which oneDNN has no part, what `with_gradients` does."""
    wide = Layer(layer.spec).double()
    wide.load_state_dict(layer.state_dict())
    found = with_gradients(lambda x: right(x, wide), wide, input.double(), input.dtype)
    return [each.to(input.dtype) for each in found]


def assert_equal(found: list[torch.Tensor], wanted: list[torch.Tensor]) -> None:
    assert [each.dtype for each in found] == [each.dtype for each in wanted]
    assert [torch.equal(*pair) for pair in zip(found, wanted, strict=True)] == [True] * len(wanted)


def volume(spec: ConvTranspose3dSpec, dtype: torch.dtype = torch.float32, **options: Any) -> torch.Tensor:
    return operands(spec, SIZE, dtype=dtype, seed=5, **options).input
