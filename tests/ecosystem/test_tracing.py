"""Compilers and exporters: no graph breaks, free sizes, and programs that run without us."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
import torch
import torch._dynamo.testing
from tests.ecosystem.cases import CASES, Case, assert_equal, expected, make, parameters, run_with_gradients, volume
from tests.operands import integers

import fourfold

if TYPE_CHECKING:
    from pathlib import Path

    from fourfold.frontends.torch import nn

pytestmark = pytest.mark.usefixtures("one_thread")
# Tracers see one operator whatever the layer; its arguments are what may get lost.
SOME = ["kernel-3-stride-2", "depthwise"]
ALL_ARGUMENTS = Case(
    {
        "in_channels": 4,
        "out_channels": 6,
        "kernel_size": (3, 2, 4),
        "stride": (2, 1, 3),
        "padding": (1, 0, 2),
        "output_padding": (1, 0, 2),
        "groups": 2,
        "dilation": (1, 2, 1),
    },
    (2, 4, 4, 5, 6),
)


@pytest.fixture(autouse=True)
def _fresh_compiler() -> None:
    torch._dynamo.reset()


def two_sizes(case: Case) -> list[torch.Tensor]:
    """Return inputs of two batches and volumes; no two lengths of the first are equal, or compilers would tie them."""
    channels = case.shape[1]
    return [integers(shape, 30) for shape in ((2, channels, 5, 7, 9), (3, channels, 6, 4, 10))]


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_compiled_training_equals_torch_s_without_graph_breaks(case: Case) -> None:
    layer, input = make(case), volume(case)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    assert_equal(
        run_with_gradients(compiled, layer, input), run_with_gradients(lambda x: expected(layer, x), layer, input)
    )


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_one_compiled_graph_serves_every_size(case: Case) -> None:
    layer = make(case)
    counter = torch._dynamo.testing.CompileCounterWithBackend("aot_eager")
    compiled = torch.compile(layer, fullgraph=True, dynamic=True, backend=counter)
    results = [compiled(input).detach() for input in two_sizes(case)]
    assert_equal(results, [expected(layer, input).detach() for input in two_sizes(case)])
    assert counter.frame_count == 1


def test_sizes_marked_dynamic_are_dynamic() -> None:
    layer, inputs = make(ALL_ARGUMENTS), two_sizes(ALL_ARGUMENTS)
    counter = torch._dynamo.testing.CompileCounterWithBackend("aot_eager")
    compiled = torch.compile(layer, fullgraph=True, backend=counter)
    torch._dynamo.mark_dynamic(inputs[0], [0, 2, 3, 4])  # raises if the code fixes one of them
    results = [compiled(input).detach() for input in inputs]
    assert_equal(results, [expected(layer, input).detach() for input in inputs])
    assert counter.frame_count == 1


def test_a_compiled_layer_follows_its_weights() -> None:
    case = CASES["kernel-is-stride"]
    layer, input = make(case).requires_grad_(False), volume(case)
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    layer(input)
    compiled(input)
    layer.weight.data.mul_(2)
    assert torch.equal(compiled(input), expected(layer, input))


FREE = {
    axis: torch.export.Dim(name, min=2, max=512)
    for axis, name in {0: "batch", 2: "depth", 3: "height", 4: "width"}.items()
}


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_an_exported_program_with_free_sizes_needs_torch_alone(case: Case) -> None:
    layer, (first, other) = make(case), two_sizes(case)
    program = torch.export.export(layer, (first,), dynamic_shapes=(FREE,))
    operators = {node.target.namespace for node in program.graph.nodes if hasattr(node.target, "namespace")}
    assert operators == {"aten"}
    buffer = io.BytesIO()
    torch.export.save(program, buffer)
    buffer.seek(0)
    loaded = torch.export.load(buffer).module()
    assert_equal([loaded(other)], [expected(layer, other)])


def test_an_accelerated_decoder_is_exported() -> None:
    model = torch.nn.Sequential(make(CASES["kernel-3-stride-2"]), torch.nn.ReLU())
    input = volume(CASES["kernel-3-stride-2"])
    with fourfold.accelerate(model):
        program = torch.export.export(model, (input,))
    assert torch.equal(program.module()(input), model(input))


def onnx_operators(path: Path) -> list[str]:
    onnx = pytest.importorskip("onnx", reason="needs the onnx extra")
    return [node.op_type for node in onnx.load(path).graph.node]


def run_onnx(path: Path, input: torch.Tensor) -> torch.Tensor:
    runtime = pytest.importorskip("onnxruntime", reason="needs the onnx extra")
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {session.get_inputs()[0].name: input.numpy()})
    return torch.from_numpy(output)


def export_onnx(layer: nn.ConvTranspose3d, input: torch.Tensor, path: Path, **options: Any) -> None:
    pytest.importorskip("onnxscript", reason="needs the onnx extra")
    torch.onnx.export(layer, (input,), path, verbose=False, **options)


# torch's exporter meets deprecations of its own
onnx = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")


@onnx
def test_an_onnx_model_with_free_sizes_is_one_operator_and_computes_the_same(tmp_path: Path) -> None:
    layer, path, (first, other) = make(ALL_ARGUMENTS).eval(), tmp_path / "layer.onnx", two_sizes(ALL_ARGUMENTS)
    export_onnx(layer, first, path, dynamo=True, dynamic_shapes=(FREE,))
    assert onnx_operators(path) == ["ConvTranspose"]
    assert torch.equal(run_onnx(path, other), expected(layer, other))


@onnx
@pytest.mark.filterwarnings("ignore:Converting a tensor to a Python boolean:torch.jit.TracerWarning")
def test_the_older_onnx_exporter_works_too(tmp_path: Path) -> None:
    layer, path, input = make(ALL_ARGUMENTS).eval(), tmp_path / "layer.onnx", volume(ALL_ARGUMENTS)
    export_onnx(layer, input, path, dynamo=False)
    assert onnx_operators(path) == ["ConvTranspose"]
    assert torch.equal(run_onnx(path, input), expected(layer, input))


@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_aot_functions_trace_the_layer_and_its_gradients(case: Case) -> None:
    from torch.fx.experimental.proxy_tensor import make_fx

    layer, input = make(case), volume(case)
    values = [parameter.detach() for parameter in layer.parameters()]

    def gradients(input: torch.Tensor, *values: torch.Tensor) -> Any:
        named = dict(zip((name for name, _ in layer.named_parameters()), values, strict=True))
        return torch.func.grad(lambda x: torch.func.functional_call(layer, named, (x,)).square().sum())(input)

    traced = make_fx(gradients)(input, *values)
    operators = {node.target.namespace for node in traced.graph.nodes if hasattr(node.target, "namespace")}
    assert operators == {"aten"}
    other = volume(case, seed=40)
    assert torch.equal(traced(other, *values), gradients(other, *values))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("case", parameters(CASES, SOME))
def test_a_cuda_graph_replays_the_layer(case: Case) -> None:
    layer, input = make(case).cuda().requires_grad_(False), volume(case).cuda()
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            layer(input)
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        output = layer(input)
    input.copy_(volume(case, seed=20))
    layer.weight.mul_(2)
    graph.replay()
    assert torch.equal(output, expected(layer, input))
