"""Derivatives of every order and the machinery around them: torch.func, autocast, meta tensors, compile, export."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tests.operands import apply, operands
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd import forward_ad, gradcheck, gradgradcheck

from fourfold.backend import ConvTranspose3dSpec, conv_transpose3d

CONFIGURATIONS = [
    pytest.param({"stride": 2, "padding": 1, "output_padding": (1, 0, 1), "groups": 2}, id="direct"),
    pytest.param({"padding": ((0, 1), (1, 0), (0, 0)), "stride": (2, 1, 1)}, id="cropped"),
    pytest.param({"padding": ((-1, 1), (0, -1), (0, 0)), "dilation": (1, 2, 1)}, id="extended-and-cropped"),
]


def make(**options: Any) -> ConvTranspose3dSpec:
    return ConvTranspose3dSpec(**{"in_channels": 2, "out_channels": 2, "kernel_size": (2, 1, 2), **options})


def doubles(spec: ConvTranspose3dSpec, batch: int | None = 1) -> list[torch.Tensor]:
    drawn = operands(spec, (2, 2, 2), batch=batch, dtype=torch.float64)
    return [tensor.requires_grad_() for tensor in drawn]


@pytest.mark.parametrize("options", CONFIGURATIONS)
def test_first_derivatives_backward_and_forward(options: dict[str, Any]) -> None:
    spec = make(**options)
    assert gradcheck(lambda *given: apply(given, spec), doubles(spec), check_forward_ad=True)


@pytest.mark.parametrize("options", CONFIGURATIONS)
def test_second_derivatives(options: dict[str, Any]) -> None:
    spec = make(**options)
    assert gradgradcheck(lambda *given: apply(given, spec), doubles(spec), check_fwd_over_rev=True)


def test_second_derivatives_of_complex_operands() -> None:
    spec = make(stride=2)
    drawn = [t.requires_grad_() for t in operands(spec, (1, 2, 1), batch=1, dtype=torch.complex128)]
    assert gradgradcheck(lambda *given: apply(given, spec), drawn)


def test_forward_mode_is_linear_in_the_input() -> None:
    spec = make(stride=2)
    input, weight, bias = (tensor.detach() for tensor in doubles(spec))
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(input, torch.ones_like(input))  # type: ignore[no-untyped-call]
        output = conv_transpose3d(dual, weight, bias, spec)
        tangent = forward_ad.unpack_dual(output).tangent  # type: ignore[no-untyped-call]
    assert torch.equal(tangent, conv_transpose3d(torch.ones_like(input), weight, None, spec))


@pytest.mark.parametrize("options", CONFIGURATIONS)
def test_vmap_over_inputs_equals_one_call_each(options: dict[str, Any]) -> None:
    spec = make(**options)
    input, weight, bias = operands(spec, (2, 3, 2), batch=3)
    mapped = torch.vmap(lambda volume: conv_transpose3d(volume, weight, bias, spec))(input)
    assert torch.equal(mapped, conv_transpose3d(input, weight, bias, spec))


def test_vmap_over_channels_last_inputs_and_weights() -> None:
    spec = make(stride=2)
    input, weight, _ = operands(spec, (2, 3, 2), batch=3)
    volumes = input.to(memory_format=torch.channels_last_3d).unsqueeze(1)
    weights = torch.stack([weight, weight * 2, weight * 3])
    mapped = torch.vmap(lambda x, w: conv_transpose3d(x, w, None, spec))(volumes, weights)
    expected = [conv_transpose3d(volumes[i], weights[i], None, spec) for i in range(3)]
    assert torch.equal(mapped, torch.stack(expected))


def test_per_sample_gradients() -> None:
    spec = make(stride=2)
    input, weight, bias = operands(spec, (2, 2, 2), batch=3, dtype=torch.float64)

    def loss(w: torch.Tensor, volume: torch.Tensor) -> torch.Tensor:
        return conv_transpose3d(volume, w, bias, spec).square().sum()

    each = torch.vmap(torch.func.grad(loss), in_dims=(None, 0))(weight, input)
    assert torch.equal(each.sum(0), torch.func.grad(loss)(weight, input))


@pytest.mark.parametrize("options", CONFIGURATIONS)
def test_meta_tensors_give_shape_and_dtype_only(options: dict[str, Any]) -> None:
    spec = make(**options)
    on_meta = [tensor.to("meta") for tensor in operands(spec, (2, 3, 4), dtype=torch.bfloat16)]
    output = apply(on_meta, spec)
    assert (output.device.type, output.dtype) == ("meta", torch.bfloat16)
    assert output.shape == (2, 2, *spec.output_size((2, 3, 4)))


def test_fake_tensors_cost_no_memory() -> None:
    spec = make(stride=2)
    with FakeTensorMode():
        output = conv_transpose3d(torch.empty(64, 2, 512, 512, 512), torch.empty(2, 2, 2, 1, 2), None, spec)
    assert output.shape == (64, 2, 1024, 1023, 1024)


@pytest.mark.parametrize("options", CONFIGURATIONS)
def test_autocast_computes_in_bfloat16_and_gradients_keep_their_dtype(options: dict[str, Any]) -> None:
    spec = make(**options)
    given = [tensor.requires_grad_() for tensor in operands(spec, (2, 2, 2))]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output = apply(given, spec)
    assert output.dtype == torch.bfloat16
    gradients = torch.autograd.grad(output.float().sum(), given)
    assert [gradient.dtype for gradient in gradients] == [torch.float32] * 3


def test_autocast_accepts_mixed_dtypes() -> None:
    spec = make()
    input, weight, bias = operands(spec, (2, 2, 2))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert conv_transpose3d(input.bfloat16(), weight, bias, spec).dtype == torch.bfloat16


class Layer(torch.nn.Module):
    def __init__(self, spec: ConvTranspose3dSpec) -> None:
        super().__init__()
        self.spec = spec
        _, weight, bias = operands(spec, (1, 1, 1))
        self.weight, self.bias = torch.nn.Parameter(weight), torch.nn.Parameter(bias)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return conv_transpose3d(input, self.weight, self.bias, self.spec)


@pytest.mark.parametrize("options", CONFIGURATIONS)
def test_compile_without_graph_breaks(options: dict[str, Any]) -> None:
    layer = Layer(make(**options))
    input = torch.arange(24.0).reshape(1, 2, 2, 3, 2).requires_grad_()
    output, expected = torch.compile(layer, fullgraph=True, backend="aot_eager")(input), layer(input)
    assert torch.equal(output, expected)
    operands_ = [input, *layer.parameters()]
    compiled_gradients = torch.autograd.grad(output.square().sum(), operands_)
    gradients = torch.autograd.grad(expected.square().sum(), operands_)
    assert [gradient.tolist() for gradient in compiled_gradients] == [gradient.tolist() for gradient in gradients]


def test_compiled_code_serves_other_sizes_without_recompiling() -> None:
    layer = Layer(make(stride=2, padding=1))
    counter = torch._dynamo.testing.CompileCounter()
    compiled = torch.compile(layer, fullgraph=True, backend=counter)
    first = torch.ones(2, 2, 3, 4, 5)
    torch._dynamo.mark_dynamic(first, [0, 2, 3, 4])
    shapes = [compiled(volume).shape for volume in (first, torch.ones(4, 2, 6, 3, 7))]
    assert shapes == [(2, 2, 4, 5, 8), (4, 2, 10, 3, 12)]
    assert counter.frame_count == 1


@pytest.mark.parametrize("options", CONFIGURATIONS)
def test_export_with_a_free_batch_and_depth(options: dict[str, Any]) -> None:
    layer = Layer(make(**options))
    example, other = torch.ones(2, 2, 4, 3, 3), torch.ones(3, 2, 7, 3, 3)
    dynamic = {"input": {0: torch.export.Dim("batch", max=512), 2: torch.export.Dim("depth", min=2, max=512)}}
    program = torch.export.export(layer, (example,), dynamic_shapes=dynamic)
    assert torch.equal(program.module()(other), layer(other))


def test_deterministic_mode_gives_the_same_bits_twice() -> None:
    spec = make(stride=2, padding=((0, 1), (1, 0), (0, 0)))
    torch.manual_seed(0)
    given = [torch.randn(4, 2, 6, 6, 6), torch.randn(spec.weight_shape), torch.randn(2)]
    torch.use_deterministic_algorithms(True)
    try:
        assert torch.equal(apply(given, spec), apply(given, spec))
    finally:
        torch.use_deterministic_algorithms(False)
